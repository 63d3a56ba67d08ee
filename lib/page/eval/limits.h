/* limits.h: how evaluating a page fails, what it warns of, and what it may take. */
#ifndef GAN_LIMITS_H
#define GAN_LIMITS_H

#include "page/syntax/page.h"

typedef struct Build Build;

/* What evaluating a page may take, lest a stranger's page take all there is; zeros: the defaults.
 */
typedef struct {
    size_t steps; /* of evaluation, for each player's update and each expression */
    size_t nodes; /* operations of its graph */
    size_t bytes; /* of memory for all graphs together; tensors do not count */
} Limits;
/* So many times the defaults. */
Limits limits_times(uint64_t n);

/* What is being evaluated, and what evaluation has taken. */
typedef struct {
    const Expr *at;    /* for messages */
    int nesting;       /* of expressions */
    size_t spent;      /* steps of evaluation so far */
    uintptr_t stack;   /* where it is at the start, */
    size_t stack_room; /* and how far it may grow */
} Watch;

_Noreturn void build_fail(Build *b, const Expr *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A line of warning about the expression that is evaluated, once, to whoever wants warnings. */
void build_warn(Build *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What is being evaluated, for the messages of whatever fails next. */
void build_at(Build *b, const Expr *at);
/* Takes the limits from the settings; of build_start. */
void build_limit(Build *b);
/* A step of evaluation, which may also have looked through `looked` names or nodes: an error where
 * the page has taken more than its limits. */
void build_spend(Build *b, const Expr *at, size_t looked);
/* The same where a recursion begins, whose depth watch.nesting is limited too; the caller counts it
 * down again. */
void build_enter(Build *b, const Expr *at);

#endif
