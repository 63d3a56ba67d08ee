/* clip_singular_values(weight, most): the weight, as a matrix, with no singular value above `most`
 * (Saito, Matsumoto & Saito 2017, section 3.3), or with its first ones alone clamped, to `most` or
 * to so many times the next (Brock, Donahue and Simonyan 2019, appendix F). It is a value without a
 * gradient.
 *
 * With A the smaller Gram matrix of W [m,n], say W^T W, and v_i, s_i^2 its eigenvectors and values,
 * W becomes W - sum_i max(0, 1 - most/s_i) (W v_i) v_i^T. That needs no singular vectors of the
 * longer side, and leaves a weight that has none above as it is, bit by bit. */
#include "page/eval/build.h"

#include <cblas.h>
#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <string.h>

typedef struct {
    double most; /* times the next singular value, where relative */
    int first;   /* so many at most are lowered */
    int relative;
} Clip;

/* W [rows,columns]; n: of the smaller Gram matrix */
typedef struct {
    size_t rows, columns, n;
} Sizes;

/* W and what is needed for it, in the scratch. */
typedef struct {
    int rows, columns, n;
    double *w, *gram, *s, *part, *work;
    lapack_int *whole, work_count, whole_count;
} Spectral;

static Sizes sizes_of(const Node *node) {
    size_t columns = node->shape[node->rank - 1], rows = node->count / columns;
    return (Sizes){rows, columns, rows < columns ? rows : columns};
}

static const void *clip_plan(const Node *node, Arena *arena) {
    Sizes *s = arena_alloc(arena, sizeof *s);
    *s = sizes_of(node);
    return s;
}

/* The places in the scratch, whose size is returned. */
static size_t lay_out(const Sizes *of, char *scratch, Spectral *p) {
    size_t n = of->n, count = of->rows * of->columns, at = 0;
    *p = (Spectral){.rows = (int)of->rows, .columns = (int)of->columns, .n = (int)n};
    p->work_count = (lapack_int)(1 + 6 * n + 2 * n * n);
    p->whole_count = (lapack_int)(3 + 5 * n);
    const size_t counts[] = {count, n * n, n, count / n * n, (size_t)p->work_count};
    double **to[] = {&p->w, &p->gram, &p->s, &p->part, &p->work};
    for (size_t i = 0; i < 5; i++) {
        *to[i] = scratch ? (double *)(void *)(scratch + at) : NULL;
        at += counts[i] * sizeof(double);
    }
    p->whole = scratch ? (lapack_int *)(void *)(scratch + at) : NULL;
    return at + (size_t)p->whole_count * sizeof(lapack_int);
}

static size_t clip_scratch(const void *plan) {
    Spectral p;
    return lay_out(plan, NULL, &p);
}

/* Subtracts what is above from W: `high` eigenvectors, the last of gram's columns. */
static void subtract(const Spectral *p, int high, double most) {
    bool across = p->columns <= p->rows; /* the vectors are those of W's rows */
    int m = p->rows, n = p->columns, first = p->n - high;
    const double *v = p->gram + (size_t)first * (size_t)p->n; /* by columns: [n,high] */
    if (across)
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, high, n, 1, p->w, n, v, n, 0,
                    p->part, high);
    else
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, high, n, m, 1, v, m, p->w, n, 0,
                    p->part, n);
    for (int r = 0; r < high; r++) {
        double share = 1 - most / sqrt(p->s[first + r]);
        if (across)
            cblas_dscal(m, share, p->part + r, high);
        else
            cblas_dscal(n, share, p->part + (size_t)r * (size_t)n, 1);
    }
    if (across)
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m, n, high, -1, p->part, high, v, n,
                    1, p->w, n);
    else
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, m, n, high, -1, v, m, p->part, n, 1,
                    p->w, n);
}

static void clip_run(const OpRun *r) {
    const Node *node = r->node;
    const Clip *clip = node->params;
    Spectral p;
    lay_out(r->plan, r->scratch, &p);
    for (size_t i = 0; i < node->count; i++) p.w[i] = (double)r->in[0][i];
    bool across = p.columns <= p.rows;
    cblas_dsyrk(CblasRowMajor, CblasUpper, across ? CblasTrans : CblasNoTrans, p.n,
                across ? p.rows : p.columns, 1, p.w, p.columns, 0, p.gram, p.n);
    /* the upper triangle by rows is the lower one by columns */
    lapack_int info = LAPACKE_dsyevd_work(LAPACK_COL_MAJOR, 'V', 'L', p.n, p.gram, p.n, p.s, p.work,
                                          p.work_count, p.whole, p.whole_count);
    int high = 0, first = clip->first < p.n ? clip->first : p.n;
    double most = clip->most;
    if (clip->relative) most *= first < p.n ? sqrt(fmax(p.s[p.n - 1 - first], 0)) : INFINITY;
    while (!info && high < first && p.s[p.n - 1 - high] > most * most) high++;
    if (high) subtract(&p, high, most);
    for (size_t i = 0; i < node->count; i++)
        r->out[i] = info ? NAN : high ? (float)p.w[i] : r->in[0][i];
}

static double clip_flops(const Node *node) {
    double n = (double)sizes_of(node).n;
    return n * (2 * (double)node->count + 9 * n * n);
}

static const OpDef op_clip = {.name = "clip_singular_values",
                              .class = CLASS_KERNEL,
                              .params = sizeof(Clip),
                              .plan = clip_plan,
                              .scratch = clip_scratch,
                              .run = clip_run,
                              .flops = clip_flops};

static Value clip(Build *b, const Expr *at, Value **arg) {
    Node *w = as_node(b, at, arg[0], "clip_singular_values");
    double most = as_number(b, at, arg[1], "most");
    if (w->rank < 2 || arg[0]->batched || w->count > INT_MAX)
        build_fail(b, at, "clip_singular_values takes a weight [.., in, out]");
    if (!(most >= 0)) build_fail(b, at, "most: expected a number from 0 on, found %g", most);
    size_t first = as_size(b, at, arg[2], "first");
    bool relative = as_bool(b, at, arg[3], "relative");
    if (relative && !first) build_fail(b, at, "relative to which? it needs first");
    if (!first || first > INT_MAX) first = INT_MAX;
    w = graph_node(b->g, &op_clip, w->rank, w->shape, 1, &w,
                   &(Clip){most, (int)first, (int)relative});
    return value_tensor(w, false);
}

const Builtin builtin_clip_singular_values = {
    "clip_singular_values", "weight, most, first=0, relative=0", clip,
    "a weight, as a matrix, whose singular values above `most` are lowered to it; with `first` "
    "only "
    "so many of the largest, and with `relative` to `most` times the next"};
