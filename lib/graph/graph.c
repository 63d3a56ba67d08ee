#include "graph/graph.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "graph/ops.h"
#include "stream/stream.h"
#include "tensor/rng_bulk.h"

Graph *graph_new(Arena *arena, Trap *trap) {
    Graph *g = arena_alloc(arena, sizeof *g);
    g->arena = arena;
    g->trap = trap;
    g->where = "";
    return g;
}

void graph_fail(Graph *g, const char *format, ...) {
    char text[800];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    trap_fail(g->trap, "%s%s", g->where, text);
}

char *node_shape_text(const Node *n, char *buf, size_t size) {
    shape_text(n->rank, n->shape, buf, size);
    return buf;
}

static uint64_t mix(uint64_t h, const void *bytes, size_t n) {
    const unsigned char *p = bytes;
    for (; n >= 8; n -= 8, p += 8) {
        uint64_t v;
        memcpy(&v, p, 8);
        h = (h ^ v) * 0x9e3779b97f4a7c15u;
        h ^= h >> 29;
    }
    for (; n; n--) h = (h ^ *p++) * 0x100000001b3u;
    return h;
}

static uint64_t node_hash(const OpDef *op, int rank, const size_t *shape, int n, Node *const *input,
                          const Attr *attr) {
    uint64_t h = mix(1469598103934665603u, &op, sizeof op);
    h = mix(h, shape, (size_t)rank * sizeof *shape);
    for (int i = 0; i < n; i++) h = mix(h, &input[i]->id, sizeof input[i]->id);
    return mix(h, attr, sizeof *attr);
}

static bool node_same(const Node *m, const OpDef *op, int rank, const size_t *shape, int n,
                      Node *const *input, const Attr *attr) {
    return m->op == op && m->rank == rank && m->input_count == n &&
           (!rank || !memcmp(m->shape, shape, (size_t)rank * sizeof *shape)) &&
           (!n || !memcmp(m->input, input, (size_t)n * sizeof(Node *))) &&
           !memcmp(&m->attr, attr, sizeof *attr);
}

/* Doubles the table of hashes when it is more than half full. */
static void table_grow(Graph *g) {
    int size = g->table_size ? 2 * g->table_size : 1024;
    g->table = arena_new_array(g->arena, int, (size_t)size);
    g->table_size = size;
    for (int i = 0; i < g->count; i++) {
        Node *m = g->nodes[i];
        uint64_t h = node_hash(m->op, m->rank, m->shape, m->input_count, m->input, &m->attr);
        size_t k = h % (size_t)size;
        while (g->table[k]) k = (k + 1) % (size_t)size;
        g->table[k] = i + 1;
    }
}

static Node *node_append(Graph *g) {
    if (g->limit && (size_t)g->count >= g->limit)
        graph_fail(g, "this makes more than %zu operations; --limit raises this", g->limit);
    if (g->count == g->capacity) {
        int capacity = g->capacity ? 2 * g->capacity : 512;
        Node **nodes = arena_new_array(g->arena, Node *, (size_t)capacity);
        if (g->count) memcpy(nodes, g->nodes, (size_t)g->count * sizeof *nodes);
        g->nodes = nodes;
        g->capacity = capacity;
    }
    Node *n = arena_alloc(g->arena, sizeof *n);
    n->id = g->count;
    n->phase = g->phase;
    g->nodes[g->count++] = n;
    return n;
}

Node *graph_node(Graph *g, const OpDef *op, int rank, const size_t *shape, int input_count,
                 Node *const *input, const Attr *attr) {
    Attr zero;
    if (!attr) {
        memset(&zero, 0, sizeof zero);
        attr = &zero;
    }
    if (2 * (g->count + 1) > g->table_size) table_grow(g);
    uint64_t h = node_hash(op, rank, shape, input_count, input, attr);
    size_t k = h % (size_t)g->table_size;
    for (; g->table[k]; k = (k + 1) % (size_t)g->table_size) {
        Node *m = g->nodes[g->table[k] - 1];
        if (node_same(m, op, rank, shape, input_count, input, attr)) return m;
    }
    Node *n = node_append(g);
    g->table[k] = g->count;
    n->op = op;
    n->rank = rank;
    if (rank) memcpy(n->shape, shape, (size_t)rank * sizeof *shape);
    if (!size_product(shape, rank, &n->count) || n->count > SIZE_MAX / 16)
        graph_fail(g, "a tensor of this shape is too large");
    if (!n->count) graph_fail(g, "a tensor of this shape is empty");
    n->input_count = input_count;
    n->input = arena_new_array(g->arena, Node *, (size_t)input_count + 1);
    if (input_count) memcpy(n->input, input, (size_t)input_count * sizeof *input);
    memcpy(&n->attr, attr, sizeof *attr);
    return n;
}

/* ---- leaves ---- */

static void random_run(const Node *n, const float *const *in, float *out, void *scratch,
                       const RunContext *rc) {
    (void)in, (void)scratch;
    RngKey key = {rc->seed, n->attr.use, rc->draw};
    size_t per = n->rank && n->shape[0] ? n->count / n->shape[0] : 1;
    uint64_t first = n->attr.flag[0] ? rc->sample * per : 0;
    (n->attr.kind == RANDOM_NORMAL ? rng_bulk_normal : rng_bulk_uniform)(key, first, n->count, out);
}

static void iota_run(const Node *n, const float *const *in, float *out, void *scratch,
                     const RunContext *rc) {
    (void)in, (void)scratch, (void)rc;
    for (size_t i = 0; i < n->count; i++) out[i] = (float)i;
}

const OpDef op_const = {.name = "const", .class = CLASS_CONST};
const OpDef op_input = {.name = "input", .class = CLASS_LEAF};
const OpDef op_state = {.name = "state", .class = CLASS_LEAF};
const OpDef op_random = {.name = "random", .class = CLASS_KERNEL, .run = random_run};
const OpDef op_iota = {.name = "iota", .class = CLASS_KERNEL, .run = iota_run};

Node *n_const(Graph *g, float value, int rank, const size_t *shape) {
    Attr at;
    memset(&at, 0, sizeof at);
    at.value = value == 0 ? 0 : value; /* one zero, so that equal constants are one node */
    return graph_node(g, &op_const, rank, shape, 0, NULL, &at);
}

Node *n_number(Graph *g, float value) { return n_const(g, value, 0, NULL); }

bool n_is_const(const Node *n, float *value) {
    if (n->op != &op_const) return false;
    *value = n->attr.value;
    return true;
}

Node *n_input(Graph *g, const Input *in) {
    Attr at;
    memset(&at, 0, sizeof at);
    at.ref = in;
    return graph_node(g, &op_input, in->rank, in->shape, 0, NULL, &at);
}

Node *n_state(Graph *g, const State *s) {
    Attr at;
    memset(&at, 0, sizeof at);
    at.ref = s;
    return graph_node(g, &op_state, s->rank, s->shape, 0, NULL, &at);
}

Node *n_random(Graph *g, RandomKind kind, unsigned use, bool batched, int rank,
               const size_t *shape) {
    Attr at;
    memset(&at, 0, sizeof at);
    at.kind = kind;
    at.use = use;
    at.flag[0] = batched;
    return graph_node(g, &op_random, rank, shape, 0, NULL, &at);
}

Node *n_iota(Graph *g, size_t n) { return graph_node(g, &op_iota, 1, &n, 0, NULL, NULL); }
