/* Axes in another order. */
#include "graph/ops.h"
#include "tensor/transpose.h"

/* result axis i is axis order[i] */
typedef struct {
    int order[RANK_MAX];
} Permutation;

static Node *permute_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    const Permutation *p = self->params;
    int inverse[RANK_MAX];
    for (int i = 0; i < self->rank; i++) inverse[p->order[i]] = i;
    return n_permute(g, dy, inverse);
}

/* Where the result's elements, of which there are some, lie in the source. Axes that together are
 * one progression are one; at least two are left, or nothing would have moved. */
static Strided source_of(const Node *n) {
    const Permutation *p = n->params;
    size_t stride[RANK_MAX];
    Strided w = {0};
    shape_strides(n->rank, n->input[0]->shape, stride);
    for (int i = 0; i < n->rank; i++) {
        size_t count = n->shape[i], apart = stride[p->order[i]];
        if (count == 1) continue;
        if (w.rank && w.stride[w.rank - 1] == count * apart)
            w.count[w.rank - 1] *= count, w.stride[w.rank - 1] = apart;
        else
            w.count[w.rank] = count, w.stride[w.rank++] = apart;
    }
    return w;
}

enum { PIECE = 64 }; /* columns of a matrix that a thread turns at a time */

/* The last two axes are a matrix whose rows and columns are exchanged. */
static void turn_matrices(const Strided *w, const float *from, float *to) {
    size_t rows = w->count[w->rank - 1], columns = w->count[w->rank - 2], matrices = 1;
    size_t apart = w->stride[w->rank - 1], pieces = (columns + PIECE - 1) / PIECE;
    for (int i = 0; i < w->rank - 2; i++) matrices *= w->count[i];
#pragma omp parallel for schedule(static) if (matrices * rows * columns > 65536)
    for (size_t t = 0; t < matrices * pieces; t++) {
        size_t rest = t / pieces, first = t % pieces * PIECE, offset = first;
        float *y = to + (rest * columns + first) * rows;
        for (int i = w->rank - 3; i >= 0; i--) {
            offset += rest % w->count[i] * w->stride[i];
            rest /= w->count[i];
        }
        transpose(rows, columns - first < PIECE ? columns - first : PIECE, from + offset, apart, y,
                  rows);
    }
}

static void permute_run(const OpRun *r) {
    if (!r->node->count) return;
    Strided w = source_of(r->node);
    if (w.stride[w.rank - 1] != 1 && w.stride[w.rank - 2] == 1)
        turn_matrices(&w, r->in[0], r->out);
    else
        strided_copy(&w, r->in[0], r->out, false);
}

const OpDef op_permute = {.name = "permute",
                          .class = CLASS_KERNEL,
                          .params = sizeof(Permutation),
                          .grad = permute_grad,
                          .run = permute_run};

bool permute_turns(const Node *n) {
    if (!is_plain(n, &op_permute)) return false;
    const Permutation *p = n->params;
    for (int i = 0; i < n->rank; i++)
        if (p->order[i] != (i < n->rank - 2 ? i : 2 * n->rank - 3 - i)) return false;
    return true;
}

Node *n_permute(Graph *g, Node *a, const int *order) {
    Permutation p = {{0}};
    size_t shape[RANK_MAX];
    int last = -1;
    bool moves = false; /* an axis longer than 1 changes its place among the others */
    for (int i = 0; i < a->rank; i++) {
        p.order[i] = order[i];
        shape[i] = a->shape[order[i]];
        if (shape[i] == 1) continue;
        moves |= order[i] < last;
        last = order[i];
    }
    if (!moves) return n_reshape(g, a, a->rank, shape);
    float v;
    if (n_is_const(a, &v)) return n_const(g, v, a->rank, shape);
    return graph_node(g, &op_permute, a->rank, shape, 1, &a, &p);
}
