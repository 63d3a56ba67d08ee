/* A part of a tensor, and its adjoint: a tensor placed among zeros. */
#include "graph/ops.h"

#include <string.h>

typedef struct {
    size_t begin[RANK_MAX], step[RANK_MAX];
} Range;

static Node *slice_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    const Range *p = self->params;
    return n_place(g, dy, p->begin, self->input[0]->shape, p->step);
}

static Node *place_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    const Range *p = self->params;
    return n_slice(g, dy, p->begin, self->input[0]->shape, p->step);
}

/* Where the small tensor's elements lie in the big one. Axes that together are one progression are
 * one, but the first stays alone, for threads to share. */
static Strided strided_of(int rank, const size_t *small, const size_t *big, const size_t *begin,
                          const size_t *step) {
    size_t stride[RANK_MAX];
    shape_strides(rank, big, stride);
    Strided w = {.rank = 1, .count = {1}, .stride = {1}};
    for (int i = 0; i < rank; i++) {
        w.first += begin[i] * stride[i];
        if (small[i] == 1 && i) continue;
        size_t apart = step[i] * stride[i], last = (size_t)w.rank - 1;
        bool joins = last && w.stride[last] == small[i] * apart;
        if (joins)
            w.count[last] *= small[i];
        else
            w.count[last = i ? (size_t)w.rank++ : 0] = small[i];
        w.stride[last] = apart;
    }
    if (w.rank == 1) w.count[1] = w.stride[1] = 1, w.rank = 2;
    return w;
}

void strided_copy(const Strided *w, const float *from, float *to, bool back) {
    size_t inner = w->count[w->rank - 1], s = w->stride[w->rank - 1], rows = 1;
    for (int i = 0; i < w->rank - 1; i++) rows *= w->count[i];
#pragma omp parallel for schedule(static) if (rows * inner > 65536)
    for (size_t r = 0; r < rows; r++) {
        size_t rest = r, offset = w->first;
        for (int i = w->rank - 2; i >= 0; i--) {
            offset += rest % w->count[i] * w->stride[i];
            rest /= w->count[i];
        }
        const float *x = back ? from + r * inner : from + offset;
        float *y = back ? to + offset : to + r * inner;
        if (s == 1)
            memcpy(y, x, inner * sizeof *y);
        else if (back)
            for (size_t j = 0; j < inner; j++) y[j * s] = x[j];
        else
            for (size_t j = 0; j < inner; j++) y[j] = x[j * s];
    }
}

static void slice_run(const OpRun *r) {
    const Node *n = r->node;
    const Range *p = n->params;
    Strided w = strided_of(n->rank, n->shape, n->input[0]->shape, p->begin, p->step);
    strided_copy(&w, r->in[0], r->out, false);
}

static void place_run(const OpRun *r) {
    const Node *n = r->node;
    const Range *p = n->params;
    Strided w = strided_of(n->rank, n->input[0]->shape, n->shape, p->begin, p->step);
    memset(r->out, 0, n->count * sizeof *r->out);
    strided_copy(&w, r->in[0], r->out, true);
}

const OpDef op_slice = {.name = "slice",
                        .class = CLASS_KERNEL,
                        .params = sizeof(Range),
                        .grad = slice_grad,
                        .run = slice_run,
                        .picks = true};
const OpDef op_place = {.name = "place",
                        .class = CLASS_KERNEL,
                        .params = sizeof(Range),
                        .grad = place_grad,
                        .run = place_run};

static Range range_of(int rank, const size_t *begin, const size_t *step) {
    Range p = {{0}, {0}};
    for (int i = 0; i < rank; i++) p.begin[i] = begin[i], p.step[i] = step ? step[i] : 1;
    return p;
}

/* The last index touched must lie inside the big tensor. */
static void check_inside(Graph *g, int rank, const Range *p, const size_t *small,
                         const size_t *big) {
    for (int i = 0; i < rank; i++)
        if (small[i] == 0 || p->begin[i] + (small[i] - 1) * p->step[i] >= big[i])
            graph_fail(g, "slice of %zu from %zu in steps of %zu leaves an axis of %zu", small[i],
                       p->begin[i], p->step[i], big[i]);
}

Node *n_slice(Graph *g, Node *a, const size_t *begin, const size_t *shape, const size_t *step) {
    if (node_has_shape(a, a->rank, shape)) return a;
    Range p = range_of(a->rank, begin, step);
    check_inside(g, a->rank, &p, shape, a->shape);
    float v;
    if (n_is_const(a, &v)) return n_const(g, v, a->rank, shape);
    return graph_node(g, &op_slice, a->rank, shape, 1, &a, &p);
}

Node *n_place(Graph *g, Node *a, const size_t *begin, const size_t *shape, const size_t *step) {
    if (node_has_shape(a, a->rank, shape)) return a;
    Range p = range_of(a->rank, begin, step);
    check_inside(g, a->rank, &p, a->shape, shape);
    if (n_is_number(a, 0)) return n_const(g, 0, a->rank, shape);
    return graph_node(g, &op_place, a->rank, shape, 1, &a, &p);
}
