/* singular_values(weight, count): the largest of a weight, taken as the matrix [.., last axis],
 * descending. They are values without a gradient. */
#include "maths/gram.h"
#include "page/eval/build.h"

#include <limits.h>
#include <math.h>

static MatrixSize matrix_of(const Node *weight) {
    size_t columns = weight->shape[weight->rank - 1];
    return (MatrixSize){weight->count / columns, columns};
}

static size_t most_of(MatrixSize s) { return s.rows < s.columns ? s.rows : s.columns; }

static const void *values_plan(const Node *node, Arena *arena) {
    MatrixSize *s = arena_alloc(arena, sizeof *s);
    *s = matrix_of(node->input[0]);
    return s;
}

/* The weight in double precision, its values, and what these are found with. */
static size_t values_scratch(const void *plan) {
    const MatrixSize *s = plan;
    return (s->rows * s->columns + most_of(*s)) * sizeof(double) + gram_scratch(*s);
}

static void values_run(const OpRun *r) {
    const MatrixSize *s = r->plan;
    size_t n = s->rows * s->columns, most = most_of(*s);
    double *w = r->scratch, *value = w + n;
    for (size_t i = 0; i < n; i++) w[i] = (double)r->in[0][i];
    int bad = gram_values(w, *s, value, value + most);
    for (size_t i = 0; i < r->node->count; i++) r->out[i] = bad ? NAN : (float)value[i];
}

static double values_flops(const Node *node) {
    MatrixSize s = matrix_of(node->input[0]);
    double n = (double)most_of(s);
    return n * ((double)node->input[0]->count + 2 * n * n);
}

static const OpDef op_singular_values = {.name = "singular_values",
                                         .class = CLASS_KERNEL,
                                         .plan = values_plan,
                                         .scratch = values_scratch,
                                         .run = values_run,
                                         .flops = values_flops};

static Value values(Build *b, const Expr *at, Value **arg) {
    Node *w = as_node(b, at, arg[0], "singular_values");
    size_t count = as_size(b, at, arg[1], "count");
    if (w->rank < 2 || arg[0]->batched || w->count > INT_MAX)
        build_fail(b, at, "singular_values takes a weight [.., in, out]");
    size_t most = most_of(matrix_of(w));
    if (!count || count > most)
        build_fail(b, at, "count: expected 1 to %zu, found %zu", most, count);
    Node *y = graph_node(b->g, &op_singular_values, 1, &count, 1, &w, NULL);
    return value_tensor(y, false);
}

const Builtin builtin_singular_values = {"singular_values", "weight, count=1", values,
                                         "the largest of a weight as a matrix, descending"};
