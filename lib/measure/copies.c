#include "measure/copies.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "measure/numbers.h"
#include "measure/provenance.h"
#include "measure/result.h"
#include "measure/search.h"

enum { BLOCK_BYTES = 1 << 26 }; /* of samples that are searched for at once */

typedef struct {
    const CopiesWant *want;
    Copies *found;
    RowFile sample, reference;
    size_t n, k;
    uint32_t *row;                  /* [n,k] the neighbours */
    double *distance;               /* [n,k] */
    double *spacing;                /* [n], unless both are one */
    uint32_t *order;                /* [n] in which samples are written */
    ptrdiff_t picture[2], label[2]; /* columns of both streams; -1: none */
} Task;

/* ---- what is compared ---- */

/* Two names of one file; standard input that is a file has its name. */
static bool one_file(const RowFile *a, const RowFile *b) {
    struct stat x, y;
    return !fstat(a->index.fd, &x) && !fstat(b->index.fd, &y) && x.st_dev == y.st_dev &&
           x.st_ino == y.st_ino;
}

static bool same_row(const Column *a, const Column *b) {
    return a->rank == b->rank && (a->rank < 2 || !memcmp(a->shape + 1, b->shape + 1,
                                                         (size_t)(a->rank - 1) * sizeof *a->shape));
}

static const char *column_text(const Column *c, char *buf, size_t size) {
    char shape[200];
    shape_text(c->rank - 1, c->shape + 1, shape, sizeof shape);
    snprintf(buf, size, "%s [N,%s", dtype_name(c->dtype), c->rank > 1 ? shape + 1 : "]");
    return buf;
}

static int provenance_of(const RowFile *f, Provenance *from, Error *err) {
    Frame none = {0}; /* of no samples, with the stream's metadata */
    int bad = layout_frame(&f->index.layout, 0, &none, err);
    if (!bad) provenance_read(&none, from);
    frame_free(&none);
    return bad;
}

/* Rows of one kind: of one shape, in one range, seen through one network. */
static int compare_kinds(const Task *t, Error *err) {
    const RowFile *a = &t->sample, *b = &t->reference;
    char left[240], right[240];
    Provenance from[2];
    if (!same_row(a->column, b->column))
        return fail(err, "'%s' is %s in %s, and %s in %s", t->want->tensor,
                    column_text(a->column, left, sizeof left), a->index.name,
                    column_text(b->column, right, sizeof right), b->index.name);
    if (a->column->dtype != b->column->dtype && !t->want->range.text)
        return fail(
            err, "'%s' is %s in %s, and %s in %s: --range LO,HI maps floats to [0,1], as bytes are",
            t->want->tensor, dtype_name(a->column->dtype), a->index.name,
            dtype_name(b->column->dtype), b->index.name);
    if (provenance_of(a, &from[0], err) || provenance_of(b, &from[1], err)) return -1;
    return provenance_same(a->index.name, &from[0], b->index.name, &from[1], err);
}

static ptrdiff_t find_column(const RowFile *f, const char *name) {
    for (size_t i = 0; i < f->index.layout.count; i++)
        if (!strcmp(f->index.layout.columns[i].name, name)) return (ptrdiff_t)i;
    return -1;
}

/* The columns of that name, if they are of one kind; else why not. */
static bool find_columns(const Task *t, const char *name, ptrdiff_t at[2], char *why, size_t size) {
    const RowFile *f[2] = {&t->sample, &t->reference};
    const Column *c[2];
    char text[2][240];
    for (int i = 0; i < 2; i++) {
        at[i] = find_column(f[i], name);
        if (at[i] < 0) {
            snprintf(why, size, "%.200s has no '%.60s'", f[i]->index.name, name);
            return at[0] = -1, false;
        }
        c[i] = &f[i]->index.layout.columns[at[i]];
        column_text(c[i], text[i], sizeof text[i]);
    }
    if (c[0]->dtype == c[1]->dtype && same_row(c[0], c[1])) return true;
    snprintf(why, size, "'%.60s' is %.80s and %.80s", name, text[0], text[1]);
    return at[0] = -1, false;
}

static int open_both(Task *t, const char *samples, const char *reference, Error *err) {
    const CopiesWant *w = t->want;
    char ignored[300];
    if (rowfile_open(&t->sample, samples, w->tensor, &w->range, err) ||
        rowfile_open(&t->reference, reference, w->tensor, &w->range, err) || compare_kinds(t, err))
        return -1;
    t->n = t->sample.n, t->k = (size_t)w->k;
    t->found->samples = t->n, t->found->reference = t->reference.n;
    t->found->one = one_file(&t->sample, &t->reference);
    find_columns(t, w->show, t->picture, t->found->hidden, sizeof t->found->hidden);
    find_columns(t, "label", t->label, ignored, sizeof ignored);
    return 0;
}

/* ---- the search ---- */

/* What block by block of the rows is done: x are rows [at,at+n) of the list. */
typedef int Visit(Task *t, const double *x, const uint32_t *row, size_t at, size_t n, Error *err);

/* The rows of these numbers, block by block. */
static int visit_rows(Task *t, RowFile *f, const uint32_t *row, size_t count, Visit *visit,
                      Error *err) {
    size_t block = BLOCK_BYTES / (f->d * sizeof(double));
    if (block < 1) block = 1;
    if (block > count) block = count;
    double *x = data_alloc(block * f->d * sizeof *x, err);
    int bad = x ? 0 : -1;
    for (size_t at = 0, n; at < count && !bad; at += n) {
        n = count - at < block ? count - at : block;
        bad = rowfile_read(f, row + at, n, x, err) || visit(t, x, row + at, at, n, err);
    }
    free(x);
    return bad ? -1 : 0;
}

static int find_neighbours(Task *t, const double *x, const uint32_t *row, size_t at, size_t n,
                           Error *err) {
    return search_nearest(&t->reference, x, n, t->k, t->found->one ? row : NULL, t->row + at * t->k,
                          t->distance + at * t->k, err);
}

/* The distance of each row of the reference to the row nearest to it. */
static int find_spacing(Task *t, const double *x, const uint32_t *row, size_t at, size_t n,
                        Error *err) {
    uint32_t *other = data_alloc(n * sizeof *other, err);
    int bad = other ? search_nearest(&t->reference, x, n, 1, row, other, t->spacing + at, err) : -1;
    free(other);
    return bad;
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The spacing of each sample's nearest neighbour, each row of the reference looked for once. */
static int space_neighbours(Task *t, Error *err) {
    size_t kinds = 0;
    uint32_t *list = data_alloc(t->n * sizeof *list, err);
    double *spacing = data_alloc(t->n * sizeof *spacing, err);
    if (!list || !spacing || t->reference.n < 2) {
        free(list);
        free(spacing);
        return t->reference.n < 2
                   ? fail(err, "%s: a single row has no spacing", t->reference.index.name)
                   : -1;
    }
    for (size_t i = 0; i < t->n; i++) list[i] = t->row[i * t->k];
    qsort(list, t->n, sizeof *list, ascending);
    for (size_t i = 0; i < t->n; i++)
        if (!i || list[i] != list[i - 1]) list[kinds++] = list[i];
    int bad = visit_rows(t, &t->reference, list, kinds, find_spacing, err);
    for (size_t i = 0; i < t->n && !bad; i++) {
        const uint32_t *at = bsearch(&t->row[i * t->k], list, kinds, sizeof *list, ascending);
        spacing[i] = t->spacing[at - list];
    }
    free(list);
    free(t->spacing);
    t->spacing = spacing;
    return bad;
}

static void count_copies(Task *t) {
    for (size_t i = 0; i < t->n; i++) {
        double d = t->distance[i * t->k];
        t->found->equal += d == 0;
        t->found->closer += t->spacing && d < t->spacing[i];
    }
}

static int search(Task *t, Error *err) {
    size_t count;
    if (!size_mul(t->n, t->k, &count) || count > SIZE_MAX / sizeof *t->distance)
        return fail(err, "%zu neighbours of %zu samples are too many", t->k, t->n);
    t->row = data_alloc(count * sizeof *t->row, err);
    t->distance = data_alloc(count * sizeof *t->distance, err);
    t->order = data_alloc(t->n * sizeof *t->order, err);
    t->spacing = t->found->one ? NULL : data_alloc(t->n * sizeof *t->spacing, err);
    if (!t->row || !t->distance || !t->order || (!t->spacing && !t->found->one)) return -1;
    for (size_t i = 0; i < t->n; i++) t->order[i] = (uint32_t)i;
    if (visit_rows(t, &t->sample, t->order, t->n, find_neighbours, err)) return -1;
    if (!t->found->one && space_neighbours(t, err)) return -1;
    count_copies(t);
    return 0;
}

/* ---- the order ---- */

typedef struct {
    double likeness; /* the smaller, the more like a copy */
    uint32_t sample;
} Suspect;

static int more_suspect(const void *a, const void *b) {
    const Suspect *x = a, *y = b;
    if (x->likeness != y->likeness) return x->likeness < y->likeness ? -1 : 1;
    return (x->sample > y->sample) - (x->sample < y->sample);
}

/* By the nearest distance, measured by its neighbour's spacing. */
static int sort_samples(Task *t, Error *err) {
    Suspect *s = data_alloc(t->n * sizeof *s, err);
    for (size_t i = 0; i < t->n && s; i++) {
        double d = t->distance[i * t->k];
        s[i] = (Suspect){d == 0 || !t->spacing ? d : d / t->spacing[i], (uint32_t)i};
    }
    if (s) qsort(s, t->n, sizeof *s, more_suspect);
    for (size_t i = 0; i < t->n && s; i++) t->order[i] = s[i].sample;
    free(s);
    return s ? 0 : -1;
}

/* ---- what is written ---- */

static double spacing_of(const Task *t, size_t sample, size_t rank) {
    return t->spacing && rank == 1 ? t->spacing[sample] : 0;
}

static void write_table(const Task *t, FILE *out) {
    char buf[40];
    fprintf(out, "sample\trank\tindex\tdistance%s\n", t->spacing ? "\tspacing" : "");
    for (size_t i = 0; i < t->n; i++)
        for (size_t j = 0; j < t->k; j++) {
            size_t s = t->order[i], at = s * t->k + j;
            fprintf(out, "%zu\t%zu\t%" PRIu32 "\t%s", s, j + 1, t->row[at],
                    real_text(t->distance[at], buf, sizeof buf));
            if (t->spacing)
                fprintf(out, "\t%s", real_text(spacing_of(t, s, j + 1), buf, sizeof buf));
            fputc('\n', out);
        }
}

/* Adds a tensor of the kind of a column to a frame of n rows. */
static int add_column(const RowFile *f, ptrdiff_t at, size_t n, Frame *out, Error *err) {
    const Column *c = &f->index.layout.columns[at];
    size_t shape[TENSOR_RANK_MAX];
    memcpy(shape, c->shape, sizeof shape);
    shape[0] = n;
    return frame_add(out, c->name, c->dtype, c->rank, shape, err) < 0 ? -1 : 0;
}

static int declare(const Task *t, size_t n, Frame *f, Error *err) {
    const char *names[] = {layout_meta(&t->sample.index.layout, "gan.classes"),
                           layout_meta(&t->reference.index.layout, "gan.classes")};
    frame_clear(f);
    if (t->label[0] >= 0 && names[1] && (!names[0] || !strcmp(names[0], names[1])))
        frame_set_meta(f, "gan.classes", names[1]);
    if (frame_add(f, "sample", DT_I64, 1, &n, err) < 0 ||
        frame_add(f, "rank", DT_I64, 1, &n, err) < 0 ||
        frame_add(f, "index", DT_I64, 1, &n, err) < 0 ||
        frame_add(f, "distance", DT_F64, 1, &n, err) < 0 ||
        (t->spacing && frame_add(f, "spacing", DT_F64, 1, &n, err) < 0) ||
        (t->picture[0] >= 0 && add_column(&t->sample, t->picture[0], n, f, err)) ||
        (t->label[0] >= 0 && add_column(&t->sample, t->label[0], n, f, err)))
        return -1;
    return frame_allocate(f, err);
}

/* The rows of one column, of a sample and of its neighbours, into row `first` and following. */
static int fetch(const Task *t, const ptrdiff_t at[2], size_t sample, size_t first, Frame *f,
                 Error *err) {
    if (at[0] < 0) return 0;
    const Column *c = &t->sample.index.layout.columns[at[0]];
    unsigned char *to = (unsigned char *)frame_find(f, c->name)->data + first * c->bytes;
    uint32_t own = (uint32_t)sample;
    return index_column(&t->sample.index, (size_t)at[0], &own, 1, to, err) ||
           index_column(&t->reference.index, (size_t)at[1], t->row + sample * t->k, t->k,
                        to + c->bytes, err);
}

/* A sample and its neighbours as rows `first` and following. */
static int fill_group(const Task *t, size_t sample, size_t first, Frame *f, Error *err) {
    int64_t *number = frame_find(f, "sample")->data, *rank = frame_find(f, "rank")->data;
    int64_t *index = frame_find(f, "index")->data;
    double *distance = frame_find(f, "distance")->data;
    Tensor *spacing = frame_find(f, "spacing");
    for (size_t j = 0; j <= t->k; j++) {
        size_t at = sample * t->k + j - (j > 0), row = first + j;
        number[row] = (int64_t)sample;
        rank[row] = (int64_t)j;
        index[row] = j ? t->row[at] : (int64_t)sample;
        distance[row] = j ? t->distance[at] : 0;
        if (spacing) ((double *)spacing->data)[row] = spacing_of(t, sample, j);
    }
    return fetch(t, t->picture, sample, first, f, err) || fetch(t, t->label, sample, first, f, err);
}

static int write_stream(const Task *t, FILE *out, const char *name, Error *err) {
    size_t groups = t->want->per_frame / (t->k + 1);
    Frame f = {0};
    int bad = 0;
    if (groups < 1) groups = 1;
    for (size_t at = 0, n; at < t->n && !bad; at += n) {
        n = t->n - at < groups ? t->n - at : groups;
        bad = declare(t, n * (t->k + 1), &f, err);
        for (size_t i = 0; i < n && !bad; i++)
            bad = fill_group(t, t->order[at + i], i * (t->k + 1), &f, err);
        if (!bad) bad = frame_write(&f, out, name, err);
    }
    frame_free(&f);
    return bad ? -1 : 0;
}

int copies_write(const char *samples, const char *reference, const CopiesWant *want, FILE *out,
                 const char *name, Copies *found, Error *err) {
    Task t = {.want = want, .found = found};
    *found = (Copies){0};
    t.sample.index.fd = t.reference.index.fd = -1;
    int bad = open_both(&t, samples, reference, err);
    if (!bad) bad = search(&t, err);
    if (!bad && want->sort) bad = sort_samples(&t, err);
    if (!bad && want->table)
        write_table(&t, out);
    else if (!bad)
        bad = write_stream(&t, out, name, err);
    rowfile_free(&t.sample);
    rowfile_free(&t.reference);
    free(t.row);
    free(t.distance);
    free(t.spacing);
    free(t.order);
    return bad;
}
