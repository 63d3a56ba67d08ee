#include "measure/subset.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "measure/label.h"
#include "media/index.h"

enum { FRAME_BYTES = 1 << 24, FRAME_ROWS = 1024 };

struct Subset {
    const Index *index;
    const uint32_t *row;
    size_t n;
};

struct Division {
    Index index;
    ClassCounts classes;
    int64_t *label; /* [rows] */
    uint32_t *row;  /* [rows], class by class */
    size_t *first;  /* [classes + 1] in row */
    Subset part;
};

size_t subset_rows(const Subset *s) { return s->n; }

uint64_t subset_row(const Subset *s, size_t i) { return s->row[i]; }

ptrdiff_t subset_frame(const Subset *s, size_t at, Frame *f, Error *err) {
    size_t bytes = s->index->layout.sample_bytes, n = s->n - at;
    size_t most = bytes && FRAME_BYTES / bytes < FRAME_ROWS ? FRAME_BYTES / bytes : FRAME_ROWS;
    if (n > most) n = most ? most : 1;
    return index_frame(s->index, s->row + at, n, f, err) ? -1 : (ptrdiff_t)n;
}

void division_close(Division *d) {
    if (!d) return;
    index_free(&d->index);
    classes_free(&d->classes);
    free(d->label);
    free(d->row);
    free(d->first);
    free(d);
}

const ClassCounts *division_classes(const Division *d) { return &d->classes; }

const char *division_meta(const Division *d, const char *key) {
    return layout_meta(&d->index.layout, key);
}

static size_t rows(const Division *d) { return (size_t)index_samples(&d->index); }

static const Column *find_column(const Division *d, const char *name, size_t *at) {
    for (*at = 0; *at < d->index.layout.count; ++*at)
        if (!strcmp(d->index.layout.columns[*at].name, name)) return &d->index.layout.columns[*at];
    return NULL;
}

/* Reads the labels, block by block. */
static int read_labels(Division *d, size_t column, Error *err) {
    const Column *c = &d->index.layout.columns[column];
    Tensor t = {.name = c->name, .dtype = c->dtype, .rank = c->rank};
    memcpy(t.shape, c->shape, sizeof t.shape);
    uint32_t row[FRAME_ROWS];
    t.data = data_alloc(FRAME_ROWS * (c->bytes ? c->bytes : 1), err);
    int bad = t.data ? 0 : -1;
    for (size_t at = 0; at < rows(d) && !bad; at += t.shape[0]) {
        t.shape[0] = rows(d) - at < FRAME_ROWS ? rows(d) - at : FRAME_ROWS;
        for (size_t i = 0; i < t.shape[0]; i++) row[i] = (uint32_t)(at + i);
        bad = index_column(&d->index, column, row, t.shape[0], t.data, err);
        for (size_t i = 0; i < t.shape[0] && !bad; i++)
            if (label_of(&t, label_width(&t), i, &d->label[at + i], err) < 0)
                bad = fail_in(err, "%s: row %zu", d->index.name, at + i);
    }
    free(t.data);
    return bad ? -1 : classes_add(&d->classes, d->label, rows(d), err);
}

/* Puts the rows of each class together. */
static int sort_rows(Division *d, Error *err) {
    size_t at = 0;
    d->row = data_alloc(rows(d) * sizeof *d->row, err);
    d->first = data_alloc((d->classes.n + 1) * sizeof *d->first, err);
    size_t *next = data_alloc(d->classes.n * sizeof *next, err);
    int bad = d->row && d->first && next ? 0 : -1;
    for (size_t c = 0; c < d->classes.n && !bad; c++) {
        d->first[c] = next[c] = at;
        at += d->classes.count[c];
    }
    if (!bad) d->first[d->classes.n] = at;
    for (size_t i = 0; i < rows(d) && !bad; i++)
        d->row[next[classes_find(&d->classes, d->label[i])]++] = (uint32_t)i;
    free(next);
    return bad;
}

static int divide(Division *d, const char *label, bool optional, Error *err) {
    size_t at;
    const Column *c = find_column(d, label, &at);
    d->label = data_alloc(rows(d) * sizeof *d->label, err);
    if (!d->label) return -1;
    if (!c && optional) return 0;
    if (!c) return fail(err, "%s: no label tensor '%s'", d->index.name, label);
    if (c->rank > 2 || (c->rank == 2 && !c->shape[1]))
        return fail(err, "%s: '%s' is not one label a row", d->index.name, label);
    return read_labels(d, at, err) ? -1 : sort_rows(d, err);
}

Division *division_open(const char *path, const char *label, bool optional, Error *err) {
    Division *d = calloc(1, sizeof *d);
    if (!d) return fail(err, "out of memory"), NULL;
    if (!index_open(&d->index, path, false, err) && !divide(d, label, optional, err)) return d;
    division_close(d);
    return NULL;
}

int division_follow(Division *d, const Division *other, Error *err) {
    const char *a = other->index.name, *b = d->index.name;
    if (rows(d) != rows(other))
        return fail(err, "%s has more rows than %s", rows(d) > rows(other) ? b : a,
                    rows(d) > rows(other) ? a : b);
    for (size_t i = 0; i < rows(d) && d->classes.n; i++)
        if (d->label[i] != other->label[i])
            return fail(err, "row %zu is of class %" PRId64 " in %s, and %" PRId64 " in %s", i,
                        other->label[i], a, d->label[i], b);
    if (d->classes.n) return 0;
    memcpy(d->label, other->label, rows(d) * sizeof *d->label);
    return classes_add(&d->classes, d->label, rows(d), err) ? -1 : sort_rows(d, err);
}

const Subset *division_part(Division *d, int64_t label) {
    ptrdiff_t c = classes_find(&d->classes, label);
    if (c < 0) return NULL;
    d->part = (Subset){&d->index, d->row + d->first[c], d->classes.count[c]};
    return &d->part;
}
