/* scope.h: names and what they are bound to, for the evaluator.
 *
 * A page's outermost scope belongs to a world (see build.h): the same `let` or param has another
 * value after an update. */
#ifndef GAN_SCOPE_H
#define GAN_SCOPE_H

#include "page/eval/build.h"
#include "page/graphs/joint.h"

typedef struct Binding {
    const char *name;
    Value value;
    const Expr *expr; /* not yet evaluated when not NULL */
    Scope *scope;
    const char *prefix; /* of layers inside expr */
    const Define *define;
    const NodeCall *call; /* in which it was bound */
    Entry *entry;         /* of a param or state of a net or block */
    Joint *joint;         /* whose variable it is, in a rule, or NULL */
    int variable;
    bool fixed; /* the same in every world: options, and what the caller bound */
    bool running;
    bool kept; /* value_keep_name has seen it */
    struct Binding *next;
} Binding;

struct Scope {
    Scope *up;
    Binding *first;
};

Scope *scope_new(Build *b, Scope *up);
/* One for the arguments of a net or block. */
Scope *scope_of_call(Build *b);
Binding *scope_bind(Build *b, Scope *s, const char *name, Value v);
/* A name of a where-clause or let: evaluated when first asked for. */
void scope_bind_later(Build *b, Scope *s, const Define *d, const char *prefix);
/* A name of a rule of a graph: the variable of that number. */
void scope_bind_variable(Build *b, Scope *s, const char *name, Joint *j, int variable);
/* The variable of a graph that a name stands for, if it does. */
bool scope_variable(Build *b, Scope *s, const Expr *name, Joint **j, int *variable);
/* The page's outermost scope once more, with nothing evaluated yet. */
Scope *scope_again(Build *b, const Scope *root);
/* What a name of a scope or of the page stands for; false if it is neither. */
bool scope_value(Build *b, Scope *s, const Expr *at, const char *name, Value *v);

/* The state of a net or block that a name of its scope stands for, or NULL. */
Entry *scope_state(Build *b, Scope *s, const Expr *at, const char *name);

/* Whoever uses a value by a name, or a stage of a pipe that tap() can reach, may later ask for the
 * gradient in it; call before anything is computed from it. */
void value_keep_name(Build *b, const Value *v);

/* The statement of the page that gives a name its meaning, or NULL. */
const Statement *statement_named(Build *b, const char *name);
/* An expression of a statement, and the extents of one that has some; their number is returned. */
Value statement_eval(Build *b, const Expr *e);
int statement_shape(Build *b, const Statement *s, size_t *shape);

/* Of the evaluator: evaluates with layers under a fresh path. */
Value eval_under(Build *b, Scope *s, const Expr *e, const char *prefix);

#endif
