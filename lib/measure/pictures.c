#include "measure/pictures.h"

#include "measure/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static Pictures shape_of(const Tensor *t) {
    Pictures p = {1, 1, 1, 1, t->rank > 1 ? t->shape[1] : 1, t->dtype};
    const size_t *s = t->shape;
    if (t->rank == 2) p.width = s[1];
    if (t->rank == 3) p.height = s[1], p.width = s[2];
    if (t->rank < 4) return p;
    p.height = s[t->rank - 3], p.width = s[t->rank - 2], p.channels = s[t->rank - 1];
    for (int i = 1; i < t->rank - 3; i++) p.frames *= s[i];
    return p;
}

Rows *pictures_open(const RowsSpec *spec, Pictures *p, Error *err) {
    Rows *r = rows_open(spec, err);
    if (r) *p = shape_of(rows_first(r));
    return r;
}

size_t pictures_size(const Pictures *p) { return p->height * p->width * p->channels; }

bool pictures_integer(DType type, double x, int64_t *out) {
    double scale = type == DT_U8 ? 255 : 1, whole = round(x * scale);
    if (fabs(whole - x * scale) > 1e-9 || fabs(whole) > 9e15) return false;
    *out = (int64_t)whole;
    return true;
}

int pictures_same(const char *path_a, const Pictures *a, const char *path_b, const Pictures *b,
                  Error *err) {
    if (a->frames == b->frames && a->height == b->height && a->width == b->width &&
        a->channels == b->channels)
        return 0;
    return fail(err, "pictures differ: %zu of %zux%zux%zu in a row of %s, %zu of %zux%zux%zu in %s",
                a->frames, a->height, a->width, a->channels, path_a, b->frames, b->height, b->width,
                b->channels, path_b);
}

int pictures_unit(const double *x, size_t rows, size_t width, size_t first, const char *path,
                  Error *err) {
    for (size_t i = 0; i < rows * width; i++)
        if (x[i] < 0 || x[i] > 1)
            return fail(err,
                        "%s: row %zu: %g is outside [0,1]; tell the data's range by --range LO,HI",
                        path, first + i / width, x[i]);
    return 0;
}

/* ---- pairs ---- */

enum { BLOCK_NUMBERS = 1 << 22 };

const Paired paired_defaults = {.tensor = "image,video"};
const MetricOption paired_options[] = {PAIRED_LINES(0), {0}};

typedef struct {
    Rows *rows[2];
    double *x[2];
    size_t block; /* rows read at a time */
    bool ranged;
} Pair;

/* The figures of as many pictures as there are in n rows. */
static int figures(const Pair *pair, size_t n, PairedFigure *figure, PairedValues *v, Error *err) {
    size_t size = pictures_size(&v->shape), count = n * v->shape.frames;
    if (array_room(&v->value, &v->room, v->n + count, sizeof *v->value, "pictures", err)) return -1;
    int bad = 0;
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < count; i++) {
        Error own;
        if (figure(&v->shape, pair->x[0] + i * size, pair->x[1] + i * size, &v->value[v->n + i],
                   &own) < 0)
#pragma omp critical
            *err = own, bad = -1;
    }
    v->n += count;
    return bad;
}

static int read_pairs(Pair *pair, const Operand *inputs, PairedFigure *figure, PairedValues *v,
                      Error *err) {
    for (;;) {
        ssize_t n[2];
        for (int i = 0; i < 2; i++) {
            n[i] = rows_read(pair->rows[i], pair->block, pair->x[i], NULL, err);
            if (n[i] < 0) return -1;
            if (!pair->ranged && pictures_unit(pair->x[i], (size_t)n[i], rows_width(pair->rows[i]),
                                               v->n / v->shape.frames, inputs[i].path, err) < 0)
                return -1;
        }
        if (n[0] != n[1])
            return fail(err, "%s has more rows than %s", inputs[n[0] < n[1]].path,
                        inputs[n[0] > n[1]].path);
        if (!n[0]) return v->n ? 0 : fail(err, "%s: no rows", inputs[0].path);
        if (figures(pair, (size_t)n[0], figure, v, err) < 0) return -1;
    }
}

static int open_pair(const Paired *p, const Operand *inputs, size_t least, Pair *pair,
                     PairedValues *v, Error *err) {
    Pictures shape[2];
    for (int i = 0; i < 2; i++) {
        RowsSpec spec = {.of = &inputs[i], .tensor = p->tensor, .range = p->range};
        if (!(pair->rows[i] = pictures_open(&spec, &shape[i], err))) return -1;
    }
    if (pictures_same(inputs[0].path, &shape[0], inputs[1].path, &shape[1], err) < 0) return -1;
    if (shape[0].height < least || shape[0].width < least)
        return fail(err, "%s: pictures of %zux%zu, expected at least %zux%zu", inputs[0].path,
                    shape[0].height, shape[0].width, least, least);
    size_t width = rows_width(pair->rows[0]);
    pair->block = width < BLOCK_NUMBERS ? BLOCK_NUMBERS / width : 1;
    for (int i = 0; i < 2; i++)
        if (!(pair->x[i] = data_alloc(pair->block * width * sizeof(double), err))) return -1;
    v->shape = shape[0];
    snprintf(v->tensor, sizeof v->tensor, "%s", rows_tensor(pair->rows[0]));
    return 0;
}

int paired_values(const Paired *p, const Operand *inputs, size_t least, PairedFigure *figure,
                  PairedValues *values, Error *err) {
    Pair pair = {.ranged = p->range.text};
    *values = (PairedValues){0};
    int bad = open_pair(p, inputs, least, &pair, values, err);
    if (!bad) bad = read_pairs(&pair, inputs, figure, values, err);
    for (int i = 0; i < 2; i++) {
        rows_close(pair.rows[i]);
        free(pair.x[i]);
    }
    if (bad) free(values->value), values->value = NULL;
    return bad;
}

void paired_describe(const Paired *p, const PairedValues *v, Results *out) {
    char shape[100];
    snprintf(shape, sizeof shape, "%zux%zux%zu", v->shape.height, v->shape.width,
             v->shape.channels);
    result_int(out, "n", (int64_t)v->n);
    result_text(out, "shape", shape);
    result_text(out, "tensor", v->tensor);
    result_int(out, "data_range", 1);
    result_range(out, &p->range);
}

int paired_run(const Paired *p, const Operand *inputs, size_t least, PairedFigure *figure,
               const char *name, const char *protocol, Results *out, Error *err) {
    PairedValues v;
    if (paired_values(p, inputs, least, figure, &v, err) < 0) return -1;
    summary_begin(out, name, summary_of(v.value, v.n));
    if (protocol) result_text(out, "protocol", protocol);
    paired_describe(p, &v, out);
    result_end(out);
    free(v.value);
    return 0;
}
