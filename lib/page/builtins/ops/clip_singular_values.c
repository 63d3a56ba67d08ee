/* clip_singular_values(weight, most): the weight, as a matrix, with no singular value above `most`,
 * or with its first ones alone clamped, see maths/gram.h. It is a value without a gradient, and a
 * weight that has nothing to lower stays as it is, bit by bit. */
#include "maths/gram.h"
#include "page/eval/build.h"

#include <limits.h>
#include <math.h>
#include <string.h>

typedef struct {
    double most;
    uint64_t first, relative; /* no holes: equal parameters are equal bytes */
} Clip;

static MatrixSize matrix_of(const Node *node) {
    size_t columns = node->shape[node->rank - 1];
    return (MatrixSize){node->count / columns, columns};
}

static const void *clip_plan(const Node *node, Arena *arena) {
    MatrixSize *s = arena_alloc(arena, sizeof *s);
    *s = matrix_of(node);
    return s;
}

/* The weight in double precision stands first. */
static size_t clip_scratch(const void *plan) {
    const MatrixSize *s = plan;
    return s->rows * s->columns * sizeof(double) + gram_scratch(*s);
}

static void clip_run(const OpRun *r) {
    const Node *node = r->node;
    const Clip *clip = node->params;
    SingularBound bound = {clip->most, (size_t)clip->first, clip->relative != 0};
    double *w = r->scratch;
    size_t lowered;
    for (size_t i = 0; i < node->count; i++) w[i] = (double)r->in[0][i];
    int bad = gram_lower(w, *(const MatrixSize *)r->plan, &bound, &lowered, w + node->count);
    for (size_t i = 0; i < node->count; i++)
        r->out[i] = bad ? NAN : lowered ? (float)w[i] : r->in[0][i];
}

static double clip_flops(const Node *node) {
    MatrixSize s = matrix_of(node);
    double n = (double)(s.rows < s.columns ? s.rows : s.columns);
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
    w = graph_node(b->g, &op_clip, w->rank, w->shape, 1, &w, &(Clip){most, first, relative});
    return value_tensor(w, false);
}

const Builtin builtin_clip_singular_values = {
    "clip_singular_values", "weight, most, first=0, relative=0", clip,
    "a weight, as a matrix, whose singular values above `most` are lowered to it; `first`: so many "
    "of them at most; `relative`: to `most` times the next"};
