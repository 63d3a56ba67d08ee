/* All layers and functions: the tables, and the operations of builtins/ops/, a file each, which
 * make lists in builtin_ops.inc. */
#include "page/builtins/builtins.h"

#include <string.h>

static const Builtin *const tables[] = {
    [BUILTIN_LAYERS] = builtin_layers,         [BUILTIN_FUNCTIONS] = builtin_functions,
    [BUILTIN_SHAPES] = builtin_shapes,         [BUILTIN_POOLING] = builtin_pooling,
    [BUILTIN_RESAMPLING] = builtin_resampling, [BUILTIN_PICKS] = builtin_picks,
    [BUILTIN_PAIRS] = builtin_pairs,           [BUILTIN_PROBABILITY] = builtin_probability,
    [BUILTIN_RANDOM] = builtin_random,         [BUILTIN_OPTIMIZERS] = builtin_optimizers,
    [BUILTIN_SOLVERS] = builtin_solvers,       [BUILTIN_GRAPHS] = builtin_graphs,
};

#define OP(name) extern const Builtin builtin_##name;
#include "builtin_ops.inc"
#undef OP
static const Builtin *const ops[] = {
#define OP(name) &builtin_##name,
#include "builtin_ops.inc"
#undef OP
    NULL};

const Builtin *builtin_get(BuiltinTable table, int i) {
    if (table == BUILTIN_OPS) return ops[i];
    return tables[table][i].name ? &tables[table][i] : NULL;
}

const Builtin *builtin_find(const char *name) {
    const Builtin *f;
    for (int t = 0; t < BUILTIN_TABLES; t++)
        for (int i = 0; (f = builtin_get((BuiltinTable)t, i)); i++)
            if (!strcmp(f->name, name)) return f;
    return NULL;
}
