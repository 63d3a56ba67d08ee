#include "media/arrange/choose.h"
#include "media/regroup.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The different sign patterns seen so far, a bit a number of the code, and a table of their places
 * by hash: 0 is free, otherwise 1 + the pattern's number. */
typedef struct {
    unsigned char *pattern;
    size_t bytes, count, capacity;
    size_t *slot, slots;
} Seen;

static uint64_t hash(const unsigned char *p, size_t n) {
    uint64_t h = 14695981039346656037u; /* FNV-1a, then mixed down for the low bits */
    for (size_t i = 0; i < n; i++) h = (h ^ p[i]) * 1099511628211u;
    return h ^ h >> 32;
}

/* The slot that holds this pattern, or the free one where it belongs. */
static size_t *find(const Seen *s, const unsigned char *pattern) {
    size_t i = hash(pattern, s->bytes) & (s->slots - 1);
    while (s->slot[i] && memcmp(s->pattern + (s->slot[i] - 1) * s->bytes, pattern, s->bytes))
        i = (i + 1) & (s->slots - 1);
    return &s->slot[i];
}

/* Room for another pattern; at most half of the slots are taken. */
static int grow(Seen *s, Error *err) {
    if (array_room(&s->pattern, &s->capacity, s->count + 1, s->bytes, "codes", err)) return -1;
    if (s->slots == 2 * s->capacity) return 0;
    free(s->slot);
    s->slots = 2 * s->capacity;
    s->slot = calloc(s->slots, sizeof *s->slot);
    if (!s->slot) return fail(err, "out of memory for %zu codes", s->capacity);
    for (size_t i = 0; i < s->count; i++) *find(s, s->pattern + i * s->bytes) = i + 1;
    return 0;
}

/* 1: new, and noted; 0: seen before; -1: error. */
static int note(Seen *s, const unsigned char *pattern, Error *err) {
    if (grow(s, err)) return -1;
    size_t *slot = find(s, pattern);
    if (*slot) return 0;
    memcpy(s->pattern + s->count * s->bytes, pattern, s->bytes);
    *slot = ++s->count;
    return 1;
}

/* The stream of codes, row by row. */
typedef struct {
    const char *path, *tensor;
    Reader *reader;
    Frame frame;
    const Tensor *t;
    size_t at, rows, width;
    uint64_t done;
    unsigned char *pattern;
} Codes;

static int take_frame(Codes *c, Error *err) {
    char text[200];
    c->t = frame_find(&c->frame, c->tensor);
    if (!c->t) return fail(err, "%s: no tensor %s", c->path, c->tensor);
    size_t width;
    if (c->t->rank < 2 || !size_product(c->t->shape + 1, c->t->rank - 1, &width) || !width ||
        (c->width && width != c->width))
        return fail(err, "%s: tensor %s is %s, expected a row of %s a sample", c->path, c->tensor,
                    shape_text(c->t->rank, c->t->shape, text, sizeof text),
                    c->width ? "as many numbers as before" : "numbers");
    if (!c->width) {
        c->pattern = data_alloc((width + 7) / 8, err);
        if (!c->pattern) return -1;
    }
    c->width = width;
    c->rows = c->t->shape[0];
    c->at = 0;
    return 0;
}

/* 1: c->pattern holds the next row's signs; 0: the end; -1: error. */
static int next_code(Codes *c, Error *err) {
    while (c->at == c->rows) {
        int got = reader_next(c->reader, &c->frame, err);
        if (got <= 0) return got;
        if (c->frame.tensor_count && take_frame(c, err)) return -1;
    }
    memset(c->pattern, 0, (c->width + 7) / 8);
    for (size_t j = 0; j < c->width; j++) {
        double v = tensor_get(c->t, c->at * c->width + j);
        if (isnan(v)) return fail(err, "%s: row %" PRIu64 " holds nan", c->path, c->done);
        if (v > 0) c->pattern[j / 8] |= (unsigned char)(1 << j % 8);
    }
    c->at++;
    c->done++;
    return 1;
}

/* The samples of one frame. */
static int filter(const Frame *f, Codes *c, Seen *s, Regroup *g, uint64_t *dropped, Error *err) {
    size_t n = f->tensor_count && f->tensors[0].rank ? f->tensors[0].shape[0] : 0;
    for (size_t i = 0; i < n; i++) {
        int got = next_code(c, err);
        if (!got)
            return fail(err, "%s: ends after %" PRIu64 " codes, the samples go on", c->path,
                        c->done);
        if (got < 0) return -1;
        s->bytes = (c->width + 7) / 8;
        int new = note(s, c->pattern, err);
        if (new < 0 || (new &&regroup_add(g, f, i, 1, err))) return -1;
        *dropped += !new;
    }
    return 0;
}

static int run(const char *path, Codes *c, Seen *s, Regroup *g, uint64_t *dropped, Error *err) {
    Frame f = {0};
    Reader *r = reader_open(path, err);
    int more = 1;
    while (more > 0 && (more = reader_next(r, &f, err)) > 0)
        if (filter(&f, c, s, g, dropped, err)) more = -1;
    uint64_t samples = c->done;
    int left = more ? -1 : next_code(c, err);
    if (left > 0)
        left =
            fail(err, "%s: more codes than the %" PRIu64 " samples of %s", c->path, samples, path);
    reader_close(r);
    frame_free(&f);
    return left;
}

int dedup_write(const char *path, const DedupWant *want, FILE *out, const char *name,
                uint64_t *samples, uint64_t *dropped, Error *err) {
    Codes c = {.path = want->codes, .tensor = want->tensor};
    Seen s = {0};
    Regroup g;
    *dropped = 0;
    regroup_start(&g, want->per_frame, out, name);
    c.reader = reader_open(c.path, err);
    int bad = c.reader ? run(path, &c, &s, &g, dropped, err) : -1;
    *samples = c.done;
    bad = regroup_end(&g, bad, err);
    reader_close(c.reader);
    frame_free(&c.frame);
    free(c.pattern);
    free(s.pattern);
    free(s.slot);
    return bad;
}
