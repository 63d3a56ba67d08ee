#include "media/choose.h"
#include "media/index.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t *row;
    size_t count, capacity;
} List;

static const size_t file_max = (size_t)1 << 30;

static int list_add(List *l, uint32_t row, Error *err) {
    if (l->count == l->capacity) {
        size_t capacity = l->capacity ? 2 * l->capacity : 256;
        uint32_t *grown = realloc(l->row, capacity * sizeof *grown);
        if (!grown) return fail(err, "out of memory for %zu rows", capacity);
        l->row = grown;
        l->capacity = capacity;
    }
    l->row[l->count++] = row;
    return 0;
}

/* "3", "10-19" and mixtures, with commas or white space between. */
static int parse_rows(const char *text, uint64_t samples, List *l, Error *err) {
    static const char between[] = ", \t\r\n";
    for (const char *at = text + strspn(text, between); *at; at += strspn(at, between)) {
        uint64_t first, last;
        const char *word = at;
        bool good = parse_digits(&at, &first);
        last = first;
        if (good && *at == '-') good = parse_digits((at++, &at), &last) && first <= last;
        if (!good || (*at && !strchr(between, *at)))
            return fail(err, "expected numbers such as 3 or 10-19, found '%.20s'", word);
        if (last >= samples)
            return fail(err, "row %" PRIu64 ": the stream holds %" PRIu64 " samples, from 0 on",
                        last, samples);
        for (; first <= last; first++)
            if (list_add(l, (uint32_t)first, err)) return -1;
    }
    return l->count ? 0 : fail(err, "no row is named");
}

static int read_rows(const char *rows, uint64_t samples, List *l, Error *err) {
    if (isdigit((unsigned char)*rows))
        return parse_rows(rows, samples, l, err) ? fail_in(err, "--rows") : 0;
    char *text = NULL;
    size_t length;
    int bad = read_file(rows, file_max, &text, &length, err);
    if (!bad && parse_rows(text, samples, l, err)) bad = fail_in(err, "%s", rows);
    free(text);
    return bad;
}

static int write_rows(const Index *x, const List *l, const PickWant *w, FILE *out, const char *name,
                      Error *err) {
    uint64_t all;
    if (!size_mul(l->count, (size_t)w->repeat, &all)) return fail(err, "--repeat is too large");
    size_t most = w->per_frame < all ? w->per_frame : (size_t)all;
    uint32_t *samples = data_alloc(most * sizeof *samples, err);
    Frame f = {0};
    int bad = samples ? 0 : -1;
    for (uint64_t at = 0; !bad && at < all;) {
        size_t n = all - at < most ? (size_t)(all - at) : most;
        for (size_t i = 0; i < n; i++) samples[i] = l->row[(at + i) / w->repeat];
        bad = index_frame(x, samples, n, &f, err) || frame_write(&f, out, name, err);
        at += n;
    }
    free(samples);
    frame_free(&f);
    return bad ? -1 : 0;
}

int pick_write(const char *path, const PickWant *want, FILE *out, const char *name, Error *err) {
    Index x;
    List l = {0};
    int bad = index_open(&x, path, false, err) ||
              read_rows(want->rows, index_samples(&x), &l, err) ||
              write_rows(&x, &l, want, out, name, err);
    index_free(&x);
    free(l.row);
    return bad ? -1 : 0;
}
