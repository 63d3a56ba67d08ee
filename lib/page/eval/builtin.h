/* builtin.h: what the evaluator knows of layers and functions; the tables are page/builtins/. */
#ifndef GAN_BUILTIN_H
#define GAN_BUILTIN_H

#include "page/eval/value.h"

typedef Value (*BuiltinRun)(Build *b, const Expr *at, Value **arg);
typedef struct {
    const char *name;
    /* "x, channels, stride=1, padding?, dims...": with its default, the number that stands there
     * when it is left out; ? optional, NULL then; ... the rest as a list, and =... one of arguments
     * that have any names */
    const char *signature;
    BuiltinRun run;
    const char *help; /* one line */
} Builtin;
typedef enum {
    BUILTIN_LAYERS,
    BUILTIN_FUNCTIONS,
    BUILTIN_OPS, /* functions that have an operation of their own, in builtins/ops/ */
    BUILTIN_SHAPES,
    BUILTIN_POOLING,
    BUILTIN_RESAMPLING,
    BUILTIN_PICKS,
    BUILTIN_PAIRS,
    BUILTIN_PROBABILITY,
    BUILTIN_SOLVERS,
    BUILTIN_GRAPHS,
    BUILTIN_RANDOM,
    BUILTIN_OPTIMIZERS,
    BUILTIN_TABLES
} BuiltinTable;
/* Entry i of a table, NULL at its end. */
const Builtin *builtin_get(BuiltinTable table, int i);
const Builtin *builtin_find(const char *name);

#endif
