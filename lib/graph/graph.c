#include "graph/graph.h"

#include <stdio.h>
#include <string.h>

#include "graph/ops.h"
#include "graph/shards.h"
#include "stream/stream.h"

Graph *graph_new(Arena *arena, Trap *trap) {
    Graph *g = arena_alloc(arena, sizeof *g);
    g->arena = arena;
    g->trap = trap;
    return g;
}

void graph_fail(Graph *g, const char *format, ...) {
    char text[800];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    if (!g->at.file) trap_fail(g->trap, "%s", text);
    const NodeCall *c = g->call;
    if (!c) trap_fail(g->trap, "%s:%d:%d: %s", g->at.file, g->at.line, g->at.column, text);
    trap_fail(g->trap, "%s:%d:%d: %s (in %s, called at %s:%d:%d)", g->at.file, g->at.line,
              g->at.column, text, c->net, c->at.file, c->at.line, c->at.column);
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
                          const void *params) {
    uint64_t h = mix(1469598103934665603u, &op, sizeof op);
    h = mix(h, shape, (size_t)rank * sizeof *shape);
    for (int i = 0; i < n; i++) h = mix(h, &input[i]->id, sizeof input[i]->id);
    return mix(h, params, op->params);
}

static bool node_same(const Node *m, const OpDef *op, int rank, const size_t *shape, int n,
                      Node *const *input, const void *params) {
    return m->op == op && m->input_count == n && node_has_shape(m, rank, shape) &&
           (!n || !memcmp(m->input, input, (size_t)n * sizeof(Node *))) &&
           (!op->params || !memcmp(m->params, params, op->params));
}

/* Doubles the table of hashes when it is more than half full. */
static void table_grow(Graph *g) {
    int size = g->table_size ? 2 * g->table_size : 1024;
    g->table = arena_new_array(g->arena, int, (size_t)size);
    g->table_size = size;
    for (int i = 0; i < g->count; i++) {
        Node *m = g->nodes[i];
        uint64_t h = node_hash(m->op, m->rank, m->shape, m->input_count, m->input, m->params);
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
    n->origin = g->of ? g->of->origin : g->at;
    n->order = g->of ? g->of->order + 1 : 0;
    g->nodes[g->count++] = n;
    return n;
}

/* The inputs as a shard has them. */
static Node **each_spread(Graph *g, int count, Node *const *input) {
    Node **own = arena_new_array(g->arena, Node *, (size_t)count + 1);
    for (int i = 0; i < count; i++) own[i] = n_spread(g, input[i]);
    return own;
}

/* Whether each shard has a value of its own of what is made so. */
static bool is_split(const OpDef *op, int input_count, Node *const *input) {
    bool split = op->cuts;
    for (int i = 0; i < input_count; i++) split |= input[i]->split;
    return split && op->class != CLASS_COLLECT;
}

static _Noreturn void fail_empty(Graph *g, const Node *n) {
    char shape[200];
    graph_fail(g, "a tensor %s is empty", node_shape_text(n, shape, sizeof shape));
}

Node *graph_node(Graph *g, const OpDef *op, int rank, const size_t *shape, int input_count,
                 Node *const *input, const void *params) {
    bool split = is_split(op, input_count, input);
    if (split && !op->cuts) input = each_spread(g, input_count, input);
    if (2 * (g->count + 1) > g->table_size) table_grow(g);
    uint64_t h = node_hash(op, rank, shape, input_count, input, params);
    size_t k = h % (size_t)g->table_size;
    for (; g->table[k]; k = (k + 1) % (size_t)g->table_size) {
        Node *m = g->nodes[g->table[k] - 1];
        if (node_same(m, op, rank, shape, input_count, input, params)) return m;
    }
    Node *n = node_append(g);
    g->table[k] = g->count;
    n->op = op;
    n->split = split;
    n->steady = g->steady;
    n->rank = rank;
    if (rank) memcpy(n->shape, shape, (size_t)rank * sizeof *shape);
    if (!size_product(shape, rank, &n->count) || n->count > SIZE_MAX / 16)
        graph_fail(g, "a tensor of this shape is too large");
    if (!n->count) fail_empty(g, n);
    n->input_count = input_count;
    n->input = arena_new_array(g->arena, Node *, (size_t)input_count + 1);
    if (input_count) memcpy(n->input, input, (size_t)input_count * sizeof *input);
    if (op->params) {
        void *own = arena_alloc(g->arena, op->params);
        memcpy(own, params, op->params);
        n->params = own;
    }
    return n;
}

void shape_strides(int rank, const size_t *shape, size_t *stride) {
    size_t s = 1;
    for (int i = rank - 1; i >= 0; i--) {
        stride[i] = s;
        s *= shape[i];
    }
}

bool node_has_shape(const Node *n, int rank, const size_t *shape) {
    return n->rank == rank && (!rank || !memcmp(n->shape, shape, (size_t)rank * sizeof *shape));
}
