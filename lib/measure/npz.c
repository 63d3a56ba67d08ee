#include "measure/npz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "media/sources/npy_array.h"

static const size_t most = (size_t)1 << 30;

static int check_array(const NpyArray *f, int rank, size_t d, Error *err) {
    const Npy *a = &f->npy;
    const char *name = source_name(f->source);
    if (a->dtype != DT_F32 && a->dtype != DT_F64)
        return fail(err, "%s: its numbers are %s, expected F32 or F64", name, dtype_name(a->dtype));
    bool fits = a->rank == rank;
    for (int i = 0; fits && i < rank; i++) fits = a->shape[i] == (d ? d : a->shape[0]);
    char shape[200], want[200];
    if (!fits)
        return fail(err, "%s: its shape is %s, expected %s", name,
                    shape_text(a->rank, a->shape, shape, sizeof shape),
                    d           ? shape_text(rank, (const size_t[]){d, d}, want, sizeof want)
                    : rank == 1 ? "[d]"
                                : "[d,d]");
    if (a->shape[0] <= most / f->bytes) return 0;
    return fail(err, "%s: %zu rows of %zu bytes are too large", name, a->shape[0], f->bytes);
}

static int take_array(NpyArray *a, int rank, size_t *d, double **out, Error *err) {
    if (check_array(a, rank, *d, err)) return -1;
    size_t n = a->npy.shape[0], count = n * a->each;
    double *to = data_alloc(count * sizeof *to, err);
    void *raw = to ? data_alloc(n * a->bytes, err) : NULL;
    int bad = raw ? npy_array_read(a, n, raw, err) || npy_array_end(a, err) : -1;
    Tensor t = {.dtype = a->npy.dtype, .rank = 1, .shape = {count}, .count = count, .data = raw};
    for (size_t i = 0; !bad && i < count; i++) {
        to[i] = tensor_get(&t, i);
        if (!isfinite(to[i]))
            bad = fail(err, "%s: element %zu is %g, expected finite numbers",
                       source_name(a->source), i, to[i]);
    }
    free(raw);
    if (bad) {
        free(to);
        return -1;
    }
    *out = to;
    *d = n;
    return 0;
}

int npz_array(const char *path, const char *name, int rank, size_t *d, double **out, Error *err) {
    NpyArray a;
    *out = NULL;
    int bad = npy_array_open(&a, path, name, NULL, err) || take_array(&a, rank, d, out, err);
    npy_array_close(&a);
    return bad ? -1 : 0;
}
