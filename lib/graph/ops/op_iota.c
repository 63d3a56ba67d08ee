/* 0, 1, 2, .. */
#include "graph/ops.h"

static void iota_run(const OpRun *r) {
    for (size_t i = 0; i < r->node->count; i++) r->out[i] = (float)i;
}

const OpDef op_iota = {.name = "iota", .class = CLASS_KERNEL, .run = iota_run};

Node *n_iota(Graph *g, size_t n) { return graph_node(g, &op_iota, 1, &n, 0, NULL, NULL); }
