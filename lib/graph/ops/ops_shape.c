/* Operations that move values without computing: broadcast, reshape, permute, slice, place, concat.
 */
#include "graph/ops.h"

#include <string.h>

#include "stream/stream.h"

static bool shape_is(const Node *a, int rank, const size_t *shape) {
    return a->rank == rank && (!rank || !memcmp(a->shape, shape, (size_t)rank * sizeof *shape));
}

static void strides_of(int rank, const size_t *shape, size_t *stride) {
    size_t s = 1;
    for (int i = rank - 1; i >= 0; i--) {
        stride[i] = s;
        s *= shape[i];
    }
}

/* ---- broadcast ---- */

void broadcast_source(const Node *n, size_t *aligned) {
    const Node *a = n->input[0];
    for (int i = 0; i < n->rank; i++) {
        int k = i - (n->rank - a->rank);
        aligned[i] = k < 0 ? 1 : a->shape[k];
    }
}

static Node *broadcast_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    size_t source[RANK_MAX];
    broadcast_source(self, source);
    unsigned axes = 0;
    for (int i = 0; i < self->rank; i++)
        if (source[i] == 1 && self->shape[i] != 1) axes |= 1u << i;
    Node *s = n_sum(g, dy, axes);
    return n_reshape(g, s, self->input[0]->rank, self->input[0]->shape);
}

const OpDef op_broadcast = {.name = "broadcast", .class = CLASS_BROADCAST, .grad = broadcast_grad};

/* Whether a, aligned at the right, fits a shape: its extents are the same or 1. */
static bool spreads(const Node *a, int rank, const size_t *shape) {
    for (int k = 0; k < a->rank; k++) {
        int i = k + rank - a->rank;
        if (a->shape[k] != 1 && (i < 0 || a->shape[k] != shape[i])) return false;
    }
    return true;
}

Node *n_broadcast(Graph *g, Node *a, int rank, const size_t *shape) {
    if (shape_is(a, rank, shape)) return a;
    if (a->op == &op_const) return n_const(g, a->attr.value, rank, shape);
    if (!spreads(a, rank, shape)) {
        char p[200], q[200];
        graph_fail(g, "%s cannot be spread over %s", node_shape_text(a, p, sizeof p),
                   shape_text(rank, shape, q, sizeof q));
    }
    size_t count;
    if (size_product(shape, rank, &count) && count == a->count) return n_reshape(g, a, rank, shape);
    if (is_plain(a, &op_broadcast)) a = a->input[0];
    return graph_node(g, &op_broadcast, rank, shape, 1, &a, NULL);
}

/* ---- reshape ---- */

static Node *reshape_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    return n_reshape(g, dy, self->input[0]->rank, self->input[0]->shape);
}

const OpDef op_reshape = {.name = "reshape", .class = CLASS_VIEW, .grad = reshape_grad};

Node *n_reshape(Graph *g, Node *a, int rank, const size_t *shape) {
    if (shape_is(a, rank, shape)) return a;
    size_t count = 0;
    if (!size_product(shape, rank, &count) || count != a->count) {
        char p[200];
        graph_fail(g, "%s has %zu elements, the new shape %zu", node_shape_text(a, p, sizeof p),
                   a->count, count);
    }
    if (a->op == &op_const) return n_const(g, a->attr.value, rank, shape);
    if (is_plain(a, &op_reshape)) return n_reshape(g, a->input[0], rank, shape);
    return graph_node(g, &op_reshape, rank, shape, 1, &a, NULL);
}

/* ---- permute ---- */

static Node *permute_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    int inverse[RANK_MAX];
    for (int i = 0; i < self->rank; i++) inverse[self->attr.a[i]] = i;
    return n_permute(g, dy, inverse);
}

/* One copy, rows of the output in parallel; the innermost loop walks the output. */
static void permute_run(const Node *n, const float *const *in, float *out, void *scratch,
                        const RunContext *rc) {
    (void)scratch, (void)rc;
    const Node *a = n->input[0];
    size_t source[RANK_MAX], step[RANK_MAX];
    strides_of(a->rank, a->shape, source);
    for (int i = 0; i < n->rank; i++) step[i] = source[n->attr.a[i]];
    size_t inner = n->shape[n->rank - 1], rows = n->count / inner, s = step[n->rank - 1];
#pragma omp parallel for schedule(static) if (n->count > 65536)
    for (size_t r = 0; r < rows; r++) {
        size_t rest = r, offset = 0;
        for (int i = n->rank - 2; i >= 0; i--) {
            offset += rest % n->shape[i] * step[i];
            rest /= n->shape[i];
        }
        const float *x = in[0] + offset;
        float *y = out + r * inner;
        if (s == 1)
            memcpy(y, x, inner * sizeof *y);
        else
            for (size_t j = 0; j < inner; j++) y[j] = x[j * s];
    }
}

const OpDef op_permute = {
    .name = "permute", .class = CLASS_KERNEL, .grad = permute_grad, .run = permute_run};

Node *n_permute(Graph *g, Node *a, const int *order) {
    Attr at;
    memset(&at, 0, sizeof at);
    size_t shape[RANK_MAX];
    int last = -1;
    bool moves = false; /* an axis longer than 1 changes its place among the others */
    for (int i = 0; i < a->rank; i++) {
        at.a[i] = (size_t)order[i];
        shape[i] = a->shape[order[i]];
        if (shape[i] == 1) continue;
        moves |= order[i] < last;
        last = order[i];
    }
    if (!moves) return n_reshape(g, a, a->rank, shape);
    if (a->op == &op_const) return n_const(g, a->attr.value, a->rank, shape);
    return graph_node(g, &op_permute, a->rank, shape, 1, &a, &at);
}

/* ---- slice and place ---- */

static Node *slice_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    return n_place(g, dy, self->attr.a, self->input[0]->shape, self->attr.b);
}

static Node *place_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)which;
    return n_slice(g, dy, self->attr.a, self->input[0]->shape, self->attr.b);
}

/* Where the small tensor's elements lie in the big one: count[i] of them, stride[i] apart, along
 * each of rank axes, the last being the innermost. Axes that together are one progression are one,
 * but the first stays alone, for threads to share. */
typedef struct {
    int rank;
    size_t first, count[RANK_MAX], stride[RANK_MAX];
} Walk;

static Walk walk_of(int rank, const size_t *small, const size_t *big, const size_t *begin,
                    const size_t *step) {
    size_t stride[RANK_MAX];
    strides_of(rank, big, stride);
    Walk w = {.rank = 1, .count = {1}, .stride = {1}};
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
    return w;
}

static void strided_rows(int rank, const size_t *small, const size_t *big, const size_t *begin,
                         const size_t *step, const float *from, float *to, bool into_big) {
    Walk w = walk_of(rank, small, big, begin, step);
    if (w.rank == 1) w.count[1] = w.stride[1] = 1, w.rank = 2;
    size_t inner = w.count[w.rank - 1], s = w.stride[w.rank - 1], rows = 1;
    for (int i = 0; i < w.rank - 1; i++) rows *= w.count[i];
#pragma omp parallel for schedule(static) if (rows * inner > 65536)
    for (size_t r = 0; r < rows; r++) {
        size_t rest = r, offset = w.first;
        for (int i = w.rank - 2; i >= 0; i--) {
            offset += rest % w.count[i] * w.stride[i];
            rest /= w.count[i];
        }
        const float *x = into_big ? from + r * inner : from + offset;
        float *y = into_big ? to + offset : to + r * inner;
        if (s == 1)
            memcpy(y, x, inner * sizeof *y);
        else if (into_big)
            for (size_t j = 0; j < inner; j++) y[j * s] = x[j];
        else
            for (size_t j = 0; j < inner; j++) y[j] = x[j * s];
    }
}

static void slice_run(const Node *n, const float *const *in, float *out, void *scratch,
                      const RunContext *rc) {
    (void)scratch, (void)rc;
    strided_rows(n->rank, n->shape, n->input[0]->shape, n->attr.a, n->attr.b, in[0], out, false);
}

static void place_run(const Node *n, const float *const *in, float *out, void *scratch,
                      const RunContext *rc) {
    (void)scratch, (void)rc;
    memset(out, 0, n->count * sizeof *out);
    strided_rows(n->rank, n->input[0]->shape, n->shape, n->attr.a, n->attr.b, in[0], out, true);
}

const OpDef op_slice = {
    .name = "slice", .class = CLASS_KERNEL, .grad = slice_grad, .run = slice_run};
const OpDef op_place = {
    .name = "place", .class = CLASS_KERNEL, .grad = place_grad, .run = place_run};

/* The last index touched must lie inside the big tensor. */
static void check_inside(Graph *g, int rank, const size_t *begin, const size_t *small,
                         const size_t *step, const size_t *big) {
    for (int i = 0; i < rank; i++)
        if (small[i] == 0 || begin[i] + (small[i] - 1) * step[i] >= big[i])
            graph_fail(g, "slice of %zu from %zu in steps of %zu leaves an axis of %zu", small[i],
                       begin[i], step[i], big[i]);
}

Node *n_slice(Graph *g, Node *a, const size_t *begin, const size_t *shape, const size_t *step) {
    if (shape_is(a, a->rank, shape)) return a;
    check_inside(g, a->rank, begin, shape, step, a->shape);
    if (a->op == &op_const) return n_const(g, a->attr.value, a->rank, shape);
    Attr at;
    memset(&at, 0, sizeof at);
    memcpy(at.a, begin, (size_t)a->rank * sizeof *begin);
    memcpy(at.b, step, (size_t)a->rank * sizeof *step);
    return graph_node(g, &op_slice, a->rank, shape, 1, &a, &at);
}

Node *n_place(Graph *g, Node *a, const size_t *begin, const size_t *shape, const size_t *step) {
    if (shape_is(a, a->rank, shape)) return a;
    check_inside(g, a->rank, begin, a->shape, step, shape);
    float v;
    if (n_is_const(a, &v) && v == 0) return n_const(g, 0, a->rank, shape);
    Attr at;
    memset(&at, 0, sizeof at);
    memcpy(at.a, begin, (size_t)a->rank * sizeof *begin);
    memcpy(at.b, step, (size_t)a->rank * sizeof *step);
    return graph_node(g, &op_place, a->rank, shape, 1, &a, &at);
}

/* ---- concat ---- */

static Node *concat_grad(Graph *g, Node *self, Node *dy, int which) {
    size_t begin[RANK_MAX] = {0}, step[RANK_MAX];
    size_t axis = self->attr.a[0];
    for (int i = 0; i < RANK_MAX; i++) step[i] = 1;
    for (int i = 0; i < which; i++) begin[axis] += self->input[i]->shape[axis];
    return n_slice(g, dy, begin, self->input[which]->shape, step);
}

static void concat_run(const Node *n, const float *const *in, float *out, void *scratch,
                       const RunContext *rc) {
    (void)scratch, (void)rc;
    size_t inner = 1, axis = n->attr.a[0], outer = 1;
    for (int i = (int)axis + 1; i < n->rank; i++) inner *= n->shape[i];
    for (size_t i = 0; i < axis; i++) outer *= n->shape[i];
    size_t row = n->shape[axis] * inner;
#pragma omp parallel for schedule(static) if (n->count > 65536)
    for (size_t o = 0; o < outer; o++) {
        float *y = out + o * row;
        for (int k = 0; k < n->input_count; k++) {
            size_t len = n->input[k]->shape[axis] * inner;
            memcpy(y, in[k] + o * len, len * sizeof *y);
            y += len;
        }
    }
}

const OpDef op_concat = {
    .name = "concat", .class = CLASS_KERNEL, .grad = concat_grad, .run = concat_run};

Node *n_concat(Graph *g, int axis, int n, Node *const *parts) {
    if (n == 1) return parts[0];
    size_t shape[RANK_MAX];
    memcpy(shape, parts[0]->shape, sizeof shape);
    for (int k = 1; k < n; k++) {
        bool fits = parts[k]->rank == parts[0]->rank;
        for (int i = 0; fits && i < parts[0]->rank; i++)
            fits = i == axis || parts[k]->shape[i] == shape[i];
        if (!fits) {
            char p[200], q[200];
            graph_fail(g, "cannot join %s and %s along axis %d",
                       node_shape_text(parts[0], p, sizeof p),
                       node_shape_text(parts[k], q, sizeof q), axis);
        }
        shape[axis] += parts[k]->shape[axis];
    }
    Attr at;
    memset(&at, 0, sizeof at);
    at.a[0] = (size_t)axis;
    return graph_node(g, &op_concat, parts[0]->rank, shape, n, parts, &at);
}
