#include "page/builtins/adjoint.h"

/* ---- parts of the graph that are made again from other values ---- */

typedef struct {
    int leaves, count, outs;
    Node **node;  /* what depends on the leaves, in order */
    int **source; /* of each input: a leaf, or leaves + a node, or -1: it stays */
    Node **out;
    int *out_source;
} Piece;

/* index[id]: as source; what the results need of it */
static void find_nodes(Graph *g, Piece *p, int limit, int *index) {
    bool *needed = arena_new_array(g->arena, bool, (size_t)limit);
    for (int i = 0; i < p->outs; i++) needed[p->out[i]->id] = true;
    for (int i = limit - 1; i >= 0; i--)
        for (int k = 0; needed[i] && index[i] < 0 && k < g->nodes[i]->input_count; k++)
            needed[g->nodes[i]->input[k]->id] = true;
    p->node = arena_new_array(g->arena, Node *, (size_t)limit);
    for (int i = 0; i < limit; i++) {
        bool depends = false;
        if (!needed[i] || index[i] >= 0) continue;
        for (int k = 0; k < g->nodes[i]->input_count; k++)
            depends |= index[g->nodes[i]->input[k]->id] >= 0;
        if (!depends) continue;
        index[i] = p->leaves + p->count;
        p->node[p->count++] = g->nodes[i];
    }
}

static Piece *piece_new(Graph *g, int leaves, Node *const *leaf, int outs, Node **out) {
    Piece *p = arena_alloc(g->arena, sizeof *p);
    *p = (Piece){.leaves = leaves, .outs = outs, .out = out};
    int limit = 0;
    for (int i = 0; i < outs; i++) limit = out[i]->id >= limit ? out[i]->id + 1 : limit;
    for (int i = 0; i < leaves; i++) limit = leaf[i]->id >= limit ? leaf[i]->id + 1 : limit;
    int *index = arena_new_array(g->arena, int, (size_t)limit);
    for (int i = 0; i < limit; i++) index[i] = -1;
    for (int i = 0; i < leaves; i++) index[leaf[i]->id] = i;
    find_nodes(g, p, limit, index);
    p->source = arena_new_array(g->arena, int *, (size_t)p->count);
    for (int i = 0; i < p->count; i++) {
        Node *n = p->node[i];
        p->source[i] = arena_new_array(g->arena, int, (size_t)n->input_count);
        for (int k = 0; k < n->input_count; k++) p->source[i][k] = index[n->input[k]->id];
    }
    p->out_source = arena_new_array(g->arena, int, (size_t)outs);
    for (int i = 0; i < outs; i++) p->out_source[i] = index[out[i]->id];
    return p;
}

/* Its results for other leaves of the same shapes. */
static void piece_at(Graph *g, const Piece *p, Node *const *leaf, Node **result) {
    Node **v = arena_new_array(g->arena, Node *, (size_t)(p->leaves + p->count));
    for (int i = 0; i < p->leaves; i++) v[i] = leaf[i];
    for (int i = 0; i < p->count; i++) {
        const Node *n = p->node[i];
        Node **in = arena_new_array(g->arena, Node *, (size_t)n->input_count);
        for (int k = 0; k < n->input_count; k++)
            in[k] = p->source[i][k] < 0 ? n->input[k] : v[p->source[i][k]];
        v[p->leaves + i] = graph_node(g, n->op, n->rank, n->shape, n->input_count, in, n->params);
    }
    for (int i = 0; i < p->outs; i++)
        result[i] = p->out_source[i] < 0 ? p->out[i] : v[p->out_source[i]];
}

/* What the nodes read besides, constants left out. */
static int piece_outside(Graph *g, const Piece *p, Node ***outside) {
    int count = 0, limit = 0, most = 0;
    for (int i = 0; i < p->count; i++) {
        most += p->node[i]->input_count;
        if (p->node[i]->id >= limit) limit = p->node[i]->id + 1;
    }
    bool *seen = arena_new_array(g->arena, bool, (size_t)limit + 1);
    *outside = arena_new_array(g->arena, Node *, (size_t)most + 1);
    for (int i = 0; i < p->count; i++)
        for (int k = 0; k < p->node[i]->input_count; k++) {
            Node *n = p->node[i]->input[k];
            if (p->source[i][k] >= 0 || seen[n->id] || n->op->class == CLASS_CONST) continue;
            seen[n->id] = true;
            (*outside)[count++] = n;
        }
    return count;
}

/* ---- stand-ins ---- */

typedef struct {
    int id; /* no two are the same node */
} Leaf;

static Node *leaf_grad(Graph *g, Node *self, Node *dy, int which) {
    (void)g, (void)self, (void)which;
    return dy;
}

static const OpDef op_stand_in = {
    .name = "stand_in", .class = CLASS_VIEW, .params = sizeof(Leaf), .grad = leaf_grad};

Node *adjoint_leaf(Graph *g, Node *n) {
    return graph_node(g, &op_stand_in, n->rank, n->shape, 1, &n, &(Leaf){g->count});
}

/* ---- the equation backwards ---- */

struct Adjoint {
    const Method *method;
    Piece *slope; /* of y, t: f */
    /* of y, t, a and what f reads besides: f, and the gradients of a.f in y and that */
    Piece *slopes;
    int count; /* of what f reads besides */
    Node **besides;
};

/* One interval, and the gradients last asked for. */
typedef struct {
    const Adjoint *adjoint;
    int count;
    const AdjointStep *step;
    Node *self, *dy, **gradient;
} Interval;
typedef struct {
    Interval *interval;
} IntervalOf;

Adjoint *adjoint_new(Graph *g, const Method *method, Node *y, Node *t, Node *slope) {
    enum { Y, T, A, BESIDES };
    Adjoint *a = arena_alloc(g->arena, sizeof *a);
    Node **out = arena_alloc(g->arena, sizeof *out);
    *a = (Adjoint){.method = method};
    *out = slope;
    a->slope = piece_new(g, 2, (Node *[]){y, t}, 1, out);
    a->count = piece_outside(g, a->slope, &a->besides);
    size_t n = (size_t)a->count + BESIDES;
    Node **leaf = arena_new_array(g->arena, Node *, n),
         **same = arena_new_array(g->arena, Node *, n);
    Node **d = arena_new_array(g->arena, Node *, n), *f;
    leaf[Y] = y, leaf[T] = t;
    same[0] = y, same[1] = t;
    for (int i = 0; i < a->count; i++) {
        leaf[BESIDES + i] = adjoint_leaf(g, a->besides[i]);
        same[2 + i] = a->besides[i];
    }
    /* f with stand-ins for all that it reads */
    Piece *whole = piece_new(g, 2 + a->count, same, 1, out);
    for (int i = 0; i < a->count; i++) same[2 + i] = leaf[BESIDES + i];
    piece_at(g, whole, same, &f);
    leaf[A] = adjoint_leaf(g, n_const(g, 0, y->rank, y->shape));
    Node **of = arena_new_array(g->arena, Node *, n);
    of[0] = y;
    for (int i = 0; i < a->count; i++) of[1 + i] = leaf[BESIDES + i];
    graph_gradients(g, n_sum_all(g, n_mul(g, f, leaf[A])), 1 + a->count, of, d + 1);
    d[0] = f;
    a->slopes = piece_new(g, BESIDES + a->count, leaf, 2 + a->count, d);
    return a;
}

Node *adjoint_slope(Graph *g, const Adjoint *a, Node *y, Node *t) {
    Node *f;
    piece_at(g, a->slope, (Node *[]){y, t}, &f);
    return f;
}

/* v + sign sum_i weight_i k_i[which] */
static Node *along(Graph *g, Node *v, double sign, const double *weight, Node ***k, int n,
                   int which) {
    for (int i = 0; i < n; i++)
        if (weight[i] != 0) v = n_add(g, v, n_scale(g, k[i][which], sign * weight[i]));
    return v;
}

/* With a the gradient of the cost in y: dy/dt = f, da/dt = -a df/dy, and -a df/dp adds up to the
 * gradient in what else f is computed from, all from the end to the start. The length of a step,
 * which may be each sample's own, is multiplied by a, in which these are linear. */
static void solve_back(Graph *g, Interval *v, Node *self, Node *dy) {
    const Adjoint *a = v->adjoint;
    const Method *m = a->method;
    int all = a->count + 1;
    int stages = m->stages - (m->error[0] != 0); /* the last estimates the error and no more */
    Node *y = self, **k[STAGES_MAX], **leaf = arena_new_array(g->arena, Node *, (size_t)all + 2);
    v->self = self, v->dy = dy;
    v->gradient = arena_new_array(g->arena, Node *, (size_t)all);
    v->gradient[0] = dy;
    for (int i = 0; i < a->count; i++) {
        leaf[3 + i] = a->besides[i];
        v->gradient[1 + i] = n_const(g, 0, leaf[3 + i]->rank, leaf[3 + i]->shape);
    }
    for (const AdjointStep *s = v->step + v->count; s-- > v->step;) {
        for (int i = 0; i < stages; i++) {
            leaf[0] = along(g, y, -1, m->a[i], k, i, 0);
            leaf[1] = n_add(g, s->t, n_scale(g, s->length, 1 - m->c[i]));
            leaf[2] = n_mul(g, s->h, along(g, v->gradient[0], 1, m->a[i], k, i, 1));
            k[i] = arena_new_array(g->arena, Node *, (size_t)all + 1);
            piece_at(g, a->slopes, leaf, k[i]);
            k[i][0] = n_mul(g, s->h, k[i][0]);
        }
        y = along(g, y, -1, m->b, k, stages, 0);
        for (int i = 0; i < all; i++)
            v->gradient[i] = along(g, v->gradient[i], 1, m->b, k, stages, 1 + i);
    }
}

static Node *interval_grad(Graph *g, Node *self, Node *dy, int which) {
    Interval *v = ((const IntervalOf *)self->params)->interval;
    if (!which) return NULL;
    if (v->self != self || v->dy != dy) solve_back(g, v, self, dy);
    return v->gradient[which - 1];
}

static const OpDef op_interval = {
    .name = "adjoint", .class = CLASS_VIEW, .params = sizeof(IntervalOf), .grad = interval_grad};

Node *adjoint_interval(Graph *g, const Adjoint *a, int count, const AdjointStep *step, Node *start,
                       Node *end) {
    Interval *v = arena_alloc(g->arena, sizeof *v);
    Node **in = arena_new_array(g->arena, Node *, (size_t)a->count + 2);
    *v = (Interval){.adjoint = a, .count = count, .step = step};
    in[0] = n_stop(g, end);
    in[1] = start;
    for (int i = 0; i < a->count; i++) in[2 + i] = a->besides[i];
    return graph_node(g, &op_interval, end->rank, end->shape, a->count + 2, in, &(IntervalOf){v});
}
