#include "measure/paired.h"

#include <stdlib.h>

int series_add(PairFigures *s, double v, Error *err) {
    if (array_room(&s->v, &s->room, s->n + 1, sizeof *s->v, "figures", err)) return -1;
    s->v[s->n++] = v;
    return 0;
}

static int walk(Rows *a, Rows *b, const Operand *of_a, const Operand *of_b, PairFigure *figure,
                PairFigures *out, Error *err) {
    size_t d = rows_width(a), pairs = 0;
    if (operands_match(of_a, d, of_b, rows_width(b), err)) return -1;
    if (provenance_same(of_a->path, rows_provenance(a), of_b->path, rows_provenance(b), err))
        return -1;
    double *x = data_alloc(2 * d * sizeof *x, err);
    int bad = x ? 0 : -1;
    for (; !bad; pairs++) {
        ssize_t n = rows_read(a, 1, x, NULL, err);
        ssize_t m = n < 0 ? n : rows_read(b, 1, x + d, NULL, err);
        if (m < 0)
            bad = -1;
        else if (n != m)
            bad = fail(err, "%s ends after %zu rows, %s does not: rows come in pairs",
                       (n ? of_b : of_a)->path, pairs, (n ? of_a : of_b)->path);
        else if (!n)
            break;
        else
            bad = series_add(out, figure(x, x + d, d), err);
    }
    free(x);
    return bad;
}

int paired_rows(const RowsSpec *a, const RowsSpec *b, PairFigure *figure, PairFigures *out,
                Provenance *from, Error *err) {
    Rows *x = rows_open(a, err), *y = x ? rows_open(b, err) : NULL;
    int bad = y ? walk(x, y, a->of, b->of, figure, out, err) : -1;
    if (!bad) *from = *rows_provenance(x);
    rows_close(x);
    rows_close(y);
    return bad;
}
