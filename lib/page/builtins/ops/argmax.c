/* argmax(x, axis): where the largest element along an axis of a sample is; it has no gradient. */
#include "page/eval/build.h"

#include <string.h>

typedef struct {
    int axis;
} Argmax;

/* The first of equals; what is no number counts as largest, as in PyTorch. As many neighbouring
 * columns at a time as share a line of the cache. */
static void argmax_run(const OpRun *r) {
    enum { COLUMNS = 16 };
    const Node *x = r->node->input[0];
    int axis = ((const Argmax *)r->node->params)->axis;
    size_t length = x->shape[axis], inner = 1, count = x->count;
    for (int i = axis + 1; i < x->rank; i++) inner *= x->shape[i];
    size_t blocks = (inner + COLUMNS - 1) / COLUMNS, tasks = count / length / inner * blocks;
#pragma omp parallel for schedule(static) if (count > 65536)
    for (size_t t = 0; t < tasks; t++) {
        size_t first = t % blocks * COLUMNS, left = inner - first;
        size_t width = left < COLUMNS ? left : COLUMNS;
        const float *from = r->in[0] + t / blocks * length * inner + first;
        float *to = r->out + t / blocks * inner + first, top[COLUMNS];
        for (size_t c = 0; c < width; c++) top[c] = from[c], to[c] = 0;
        for (size_t k = 1; k < length; k++)
            for (size_t c = 0; c < width; c++) {
                float v = from[k * inner + c];
                if (v <= top[c] || top[c] != top[c]) continue;
                top[c] = v, to[c] = (float)k;
            }
    }
}

static double argmax_flops(const Node *n) { return (double)n->input[0]->count; }

static const OpDef op_argmax = {.name = "argmax",
                                .class = CLASS_KERNEL,
                                .params = sizeof(Argmax),
                                .run = argmax_run,
                                .flops = argmax_flops};

static Value argmax(Build *b, const Expr *at, Value **arg) {
    Value x = as_tensor(b, at, arg[0], "argmax");
    int axis = as_axis(b, at, &x, arg[1]);
    size_t thin[RANK_MAX], shape[RANK_MAX];
    memcpy(thin, x.node->shape, sizeof thin);
    thin[axis] = 1;
    for (int i = 0, rank = 0; i < x.node->rank; i++)
        if (i != axis) shape[rank++] = x.node->shape[i];
    Node *y = graph_node(b->g, &op_argmax, x.node->rank, thin, 1, &x.node, &(Argmax){axis});
    return value_tensor(n_reshape(b->g, y, x.node->rank - 1, shape), x.batched);
}

const Builtin builtin_argmax = {"argmax", "x, axis=-1", argmax,
                                "position of the largest element along an axis of a sample"};
