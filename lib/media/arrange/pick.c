/* pick.c: samples by number. */
#include "media/arrange/choose.h"
#include "media/arrange/select.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const size_t file_max = (size_t)1 << 30;

int rows_add(RowList *l, uint32_t row, Error *err) {
    if (array_room(&l->row, &l->capacity, l->count + 1, sizeof *l->row, "rows", err)) return -1;
    l->row[l->count++] = row;
    return 0;
}

/* "3", "10-19" and mixtures, with commas or white space between. */
static int parse_rows(const char *text, uint64_t samples, RowList *l, Error *err) {
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
            if (rows_add(l, (uint32_t)first, err)) return -1;
    }
    return l->count ? 0 : fail(err, "no row is named");
}

static int read_rows(const char *rows, uint64_t samples, RowList *l, Error *err) {
    if (isdigit((unsigned char)*rows))
        return parse_rows(rows, samples, l, err) ? fail_in(err, "--rows") : 0;
    char *text = NULL;
    size_t length;
    int bad = read_file(rows, file_max, "a list of rows", &text, &length, err);
    if (!bad && parse_rows(text, samples, l, err)) bad = fail_in(err, "%s", rows);
    free(text);
    return bad;
}

int pick_write(const char *path, const PickWant *want, FILE *out, const char *name,
               PickReport *report, Error *err) {
    Index x;
    RowList l = {0};
    *report = (PickReport){0};
    int bad = index_open(&x, path, false, err);
    if (!bad)
        bad = want->rows ? read_rows(want->rows, index_samples(&x), &l, err)
                         : select_rows(&x, want, &l, report, err);
    report->samples = l.count;
    if (!bad) bad = index_write(&x, l.row, l.count, want->repeat, want->per_frame, out, name, err);
    index_free(&x);
    free(l.row);
    return bad ? -1 : 0;
}
