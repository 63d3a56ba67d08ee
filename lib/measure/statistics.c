#include "measure/statistics.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/kind.h"
#include "measure/npz.h"
#include "media/sources/npy_array.h"

/* ---- from rows ---- */

static int add_rows(Rows *r, Gaussian *g, Error *err) {
    double *x = data_alloc(FRECHET_BLOCK * rows_width(r) * sizeof *x, err);
    ssize_t n = x ? gaussian_start(g, rows_width(r), err) : -1;
    if (!n)
        while ((n = rows_read(r, FRECHET_BLOCK, x, NULL, err)) > 0) gaussian_add(g, x, (size_t)n);
    free(x);
    return (int)n;
}

/* ---- from statistics ---- */

static const double *find(const Frame *f, const char *name, int rank, size_t d, Error *err) {
    char found[200], expected[200];
    const size_t want[2] = {d, d};
    const Tensor *t = frame_find(f, name);
    bool fits = t && t->dtype == DT_F64 && t->rank == rank;
    for (int i = 0; fits && i < rank; i++) fits = t->shape[i] == d;
    if (fits) return t->data;
    shape_text(rank, want, expected, sizeof expected);
    if (t)
        fail(err, "statistics have %s %s %s, expected F64 %s", name, dtype_name(t->dtype),
             shape_text(t->rank, t->shape, found, sizeof found), expected);
    else
        fail(err, "statistics have no %s F64 %s", name, expected);
    return NULL;
}

static int check_means(const double *x, size_t d, const char *name, Error *err) {
    for (size_t j = 0; j < d; j++)
        if (!(fabs(x[j]) <= NUMBER_LARGEST))
            return fail(err, "%s holds %g (element %zu), expected finite numbers up to %g", name,
                        x[j], j, NUMBER_LARGEST);
    return 0;
}

/* An error unless these are sums of n rows: their squares are at most n times those of squares. */
static int check_sums(const double *sum, const double *outer, size_t d, double n, Error *err) {
    for (size_t j = 0; j < d; j++)
        if (!(sum[j] * sum[j] / n <= outer[j * d + j] * (1 + 1e-9)))
            return fail(err, "sum holds %g (element %zu), too much for %g rows with squares of %g",
                        sum[j], j, n, outer[j * d + j]);
    return 0;
}

/* A frame of statistics as sums whose pointers are the frame's. */
static int view(const Frame *f, Gaussian *g, Error *err) {
    const Tensor *count = frame_find(f, "count"), *sums = frame_find(f, "sum");
    if (!count || count->dtype != DT_I64 || count->count != 1)
        return fail(err, "statistics have no count I64 [1]");
    double n = tensor_get(count, 0);
    if (!(n >= 1 && n <= 0x1p53)) return fail(err, "statistics of %g rows", n);
    size_t d = sums && sums->rank ? sums->shape[0] : 0;
    if (!d) return fail(err, "statistics have no sum F64 [d]");
    const double *pivot = find(f, "pivot", 1, d, err);
    const double *sum = pivot ? find(f, "sum", 1, d, err) : NULL;
    const double *outer = sum ? find(f, "outer", 2, d, err) : NULL;
    if (!outer || check_means(pivot, d, "pivot", err)) return -1;
    if (covariance_check(outer, d, err)) return fail_in(err, "outer");
    if (check_sums(sum, outer, d, n, err)) return -1;
    *g = (Gaussian){.n = (size_t)n,
                    .d = d,
                    .pivot = (double *)(uintptr_t)pivot,
                    .sum = (double *)(uintptr_t)sum,
                    .outer = (double *)(uintptr_t)outer};
    return 0;
}

static bool are_statistics(const Frame *f) {
    const char *kind = frame_meta(f, "gan.kind");
    return kind && !strcmp(kind, "statistics");
}

/* What was noted of the rows when the statistics were made. */
static void note(const Frame *f, size_t n, Facts *facts) {
    Error ignored;
    const Tensor *label = frame_find(f, "label"), *count = frame_find(f, "label_count");
    const char *tensor = frame_meta(f, "gan.tensor"), *names = frame_meta(f, "gan.classes");
    if (!facts) return;
    if (tensor) snprintf(facts->tensor, sizeof facts->tensor, "%s", tensor);
    if (names && !facts->names) facts->names = strdup(names);
    facts->rows += n;
    bool good = label && count && label->dtype == DT_I64 && count->dtype == DT_I64 &&
                label->rank == 1 && count->rank == 1 && label->count == count->count;
    for (size_t i = 0; good && i < label->count; i++) {
        double times = tensor_get(count, i);
        good = times >= 0 && times <= (double)n &&
               !classes_count(&facts->labels, ((int64_t *)label->data)[i], (size_t)times, &ignored);
    }
    if (!good) facts->unlabelled = true;
}

/* Adds up this frame and all that follow. */
static int add_frames(Reader *r, Frame *f, const Operand *of, Gaussian *g, Provenance *from,
                      Error *err) {
    int got = 1;
    const char *path = of->path;
    if (of->facts) facts_start(of->facts, path);
    provenance_read(f, from);
    for (; got > 0; got = reader_next(r, f, err)) {
        Gaussian other;
        Provenance also;
        provenance_read(f, &also);
        if (!are_statistics(f)) return fail(err, "%s: rows after statistics", path);
        if (provenance_same(path, from, path, &also, err)) return -1;
        if (view(f, &other, err)) return fail_in(err, "%s: frame %" PRIu64, path, reader_frames(r));
        if (!g->d && gaussian_start(g, other.d, err)) return -1;
        if (same_width(path, g->d, path, other.d, err)) return -1;
        gaussian_merge(g, &other);
        note(f, other.n, of->facts);
    }
    return got;
}

/* Sums of the rows; r is closed. */
static int take_rows(Rows *r, const char *path, Gaussian *g, Provenance *from, char *tensor,
                     Error *err) {
    if (!r) return -1;
    int bad = add_rows(r, g, err);
    if (!bad && !g->n) bad = fail(err, "%s: '%s' has no rows", path, rows_tensor(r));
    snprintf(tensor, 96, "%s", rows_tensor(r));
    *from = *rows_provenance(r);
    rows_close(r);
    return bad;
}

/* What the stream is, its first frame tells. */
static int read_stream(const RowsSpec *spec, Gaussian *g, Provenance *from, char *tensor,
                       Error *err) {
    Frame first = {0};
    const char *path = spec->of->path;
    Reader *reader = reader_open(path, err);
    int got = reader ? reader_next(reader, &first, err) : -1, bad = -1;
    if (!got) kind_refuse("", 0, KIND_NO_TEXT, path, "a tensor stream", err);
    if (got > 0 && are_statistics(&first)) {
        snprintf(tensor, 96, "statistics");
        bad = add_frames(reader, &first, spec->of, g, from, err);
    } else if (got > 0) {
        bad = take_rows(rows_take(spec, reader, &first, err), path, g, from, tensor, err);
        reader = NULL;
    }
    if (reader) reader_close(reader);
    frame_free(&first);
    return bad;
}

int gaussian_read(const RowsSpec *spec, Gaussian *g, Provenance *from, char *tensor, Error *err) {
    *g = (Gaussian){0};
    int bad = spec->of->only ? take_rows(rows_open(spec, err), spec->of->path, g, from, tensor, err)
                             : read_stream(spec, g, from, tensor, err);
    if (bad) gaussian_free(g);
    return bad;
}

/* ---- saving ---- */

/* The frame, of which the numbers are still to be set. */
static int declare(const Gaussian *g, const Provenance *from, const Facts *facts, Frame *f,
                   Error *err) {
    size_t one = 1, square[] = {g->d, g->d}, kinds = facts->unlabelled ? 0 : facts->labels.n;
    provenance_write(from, f);
    frame_set_meta(f, "gan.kind", "statistics");
    if (*facts->tensor) frame_set_meta(f, "gan.tensor", facts->tensor);
    if (facts->names) frame_set_meta(f, "gan.classes", facts->names);
    if (frame_add(f, "count", DT_I64, 1, &one, err) < 0 ||
        frame_add(f, "pivot", DT_F64, 1, &g->d, err) < 0 ||
        frame_add(f, "sum", DT_F64, 1, &g->d, err) < 0 ||
        frame_add(f, "outer", DT_F64, 2, square, err) < 0)
        return -1;
    if (kinds && (frame_add(f, "label", DT_I64, 1, &kinds, err) < 0 ||
                  frame_add(f, "label_count", DT_I64, 1, &kinds, err) < 0))
        return -1;
    return frame_allocate(f, err);
}

static void fill(const Gaussian *g, const Facts *facts, Frame *f) {
    double *outer = frame_find(f, "outer")->data;
    Tensor *label = frame_find(f, "label"), *count = frame_find(f, "label_count");
    *(int64_t *)frame_find(f, "count")->data = (int64_t)g->n;
    memcpy(frame_find(f, "pivot")->data, g->pivot, g->d * sizeof *g->pivot);
    memcpy(frame_find(f, "sum")->data, g->sum, g->d * sizeof *g->sum);
    for (size_t i = 0; i < g->d; i++)
        for (size_t j = 0; j <= i; j++)
            outer[i * g->d + j] = outer[j * g->d + i] = g->outer[i * g->d + j];
    for (size_t i = 0; label && i < label->count; i++) {
        ((int64_t *)label->data)[i] = facts->labels.id[i];
        ((int64_t *)count->data)[i] = (int64_t)facts->labels.count[i];
    }
}

int gaussian_save(const Gaussian *g, const Provenance *from, const Facts *facts, const char *path,
                  Error *err) {
    Frame f = {0};
    int bad = declare(g, from, facts, &f, err);
    if (!bad) fill(g, facts, &f);
    if (!bad) bad = frame_save(&f, path, err);
    frame_free(&f);
    return bad ? -1 : 0;
}

/* ---- moments ---- */

static int read_npz(const char *path, Moments *out, Error *err) {
    *out = (Moments){0};
    if (npz_array(path, "mu", 1, &out->d, &out->mean, err)) return -1;
    int bad = check_means(out->mean, out->d, "array mu", err) ? fail_in(err, "%s", path) : 0;
    if (!bad) bad = npz_array(path, "sigma", 2, &out->d, &out->covariance, err);
    if (!bad && covariance_check(out->covariance, out->d, err))
        bad = fail_in(err, "%s: array sigma", path);
    if (bad) moments_free(out);
    return bad;
}

int moments_read(const RowsSpec *spec, size_t ddof, Moments *out, Provenance *from, char *tensor,
                 Error *err) {
    *out = (Moments){0};
    if (npz_is(spec->of->path)) {
        *from = (Provenance){0};
        snprintf(tensor, 96, "npz");
        if (spec->of->facts) facts_start(spec->of->facts, spec->of->path);
        return read_npz(spec->of->path, out, err);
    }
    Gaussian g;
    if (gaussian_read(spec, &g, from, tensor, err)) return -1;
    return gaussian_finish(&g, ddof, out, err) ? fail_in(err, "%s", spec->of->path) : 0;
}
