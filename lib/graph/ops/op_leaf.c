/* What a graph begins with: numbers, inputs, states. */
#include "graph/ops.h"

const OpDef op_const = {.name = "const", .class = CLASS_CONST, .params = sizeof(float)};
const OpDef op_input = {.name = "input", .class = CLASS_LEAF, .params = sizeof(void *)};
const OpDef op_state = {.name = "state", .class = CLASS_LEAF, .params = sizeof(void *)};

Node *n_const(Graph *g, float value, int rank, const size_t *shape) {
    if (value == 0) value = 0; /* one zero, so that equal constants are one node */
    return graph_node(g, &op_const, rank, shape, 0, NULL, &value);
}

Node *n_number(Graph *g, float value) { return n_const(g, value, 0, NULL); }

bool n_is_const(const Node *n, float *value) {
    if (n->op != &op_const) return false;
    *value = *(const float *)n->params;
    return true;
}

bool n_is_number(const Node *n, float value) {
    float v;
    return n_is_const(n, &v) && v == value;
}

Node *n_input(Graph *g, const Input *in) {
    Node *n = graph_node(g, &op_input, in->rank, in->shape, 0, NULL, &in);
    n->split = in->split;
    return n;
}

Node *n_state(Graph *g, const State *s) {
    return graph_node(g, &op_state, s->rank, s->shape, 0, NULL, &s);
}

const Input *leaf_input(const Node *n) {
    return n->op == &op_input ? *(const Input *const *)n->params : NULL;
}

const State *leaf_state(const Node *n) {
    return n->op == &op_state ? *(const State *const *)n->params : NULL;
}
