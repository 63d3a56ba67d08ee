/* build.h: evaluates a page's expressions into a graph.
 *
 * A Build belongs to one graph: one player's update, or one expression to be sampled. Names of the
 * page are bound lazily, each once a build, so a noise or a `let` used twice in a cost is the same
 * draw. */
#ifndef GAN_BUILD_H
#define GAN_BUILD_H

#include "page/eval/value.h"
#include "page/store.h"

/* What evaluating a page may take, lest a stranger's page take all there is; zeros: the defaults.
 */
typedef struct {
    size_t steps; /* of evaluation, for each player's update and each expression */
    size_t nodes; /* operations of its graph */
    size_t bytes; /* of memory for all graphs together; tensors do not count */
} Limits;
/* So many times the defaults. */
Limits limits_times(uint64_t n);

/* -D NAME=VALUE of the command line, kept in the checkpoint; the limits are not. */
typedef struct {
    const char **names, **values;
    int count;
    Limits limits;
} Settings;

/* One `data` of the page: where the game puts the minibatch. */
typedef struct {
    const char *name;   /* in the page */
    const char *tensor; /* in the stream */
    double low, high;   /* what U8 0..255 becomes */
    size_t classes;     /* label[K]: integers become one-hot of K; 0 otherwise */
    Input input;
} DataInput;

typedef struct Scope Scope;
typedef struct Build Build;

/* Where layers made now keep their parameters: prefix.0, prefix.1, ... */
typedef struct {
    const char *prefix;
    int next;
} Path;

/* Where a call stands among the layers: its parameters, the layers of its block and its result as a
 * stage are called by it. */
typedef struct {
    int index;        /* of the pipe's stage; -1 outside a pipe, until it takes the next number */
    const char *name; /* given instead of a number, or NULL; "" leaves the component out */
    const Expr *at;   /* the call */
} Place;

/* The paths that calls have taken, within one call of a net; by hash. */
typedef struct Claim {
    const char *path;
    Place by;
    struct Claim *next;
} Claim;
typedef struct {
    Claim **chain;
    size_t chains, count;
} Claims;

/* A state's value at the end of the update being built. */
typedef struct {
    State *state;
    Node *value;
    const Node *cause; /* what it was computed from: the same cause counts once */
} Pending;

/* What states are worth. The lowest world is the update being built, whose assignments are made
 * when it is played; worlds above it are imagined: the game after updates of a player, or one
 * without gradients in its states. What a world does not assign has the value of the world below.
 */
typedef struct World {
    struct World *up; /* what it started as; NULL for the lowest */
    Scope *root;      /* the page's names */
    Pending *pending;
    int pending_count, pending_capacity;
    bool own_noise; /* the page's noise is drawn anew */
    bool stopped;   /* states have no gradient */
} World;

typedef struct Ahead Ahead;

/* The result of a stage of a pipe, by the path its layer's parameters have ("D.3", "D.score"). */
typedef struct Tap {
    const char *path;
    Value value;
    struct Tap *next;
} Tap;

/* Feature maps of a stage multiplied by a mask of zeros and ones. */
typedef struct {
    const char *path;
    Input mask;     /* [channels]; the data may be longer */
    size_t highest; /* last map dropped */
    bool used;
} Drop;

struct Build {
    const Page *page;
    Settings settings;
    Store *store;
    Graph *g;
    Arena *arena;
    Trap *trap;
    size_t batch;
    bool training;    /* batch statistics, dropout */
    bool playing;     /* an update: parameters change */
    Input step;       /* the game's step, a number */
    Input statistics; /* weight of this batch in running statistics; used when collecting */
    bool collecting;  /* running statistics are plain averages over a stream */
    DataInput *data;
    int data_count;
    World *world;
    const Ahead *ahead;
    Path *path;
    Place *place;   /* of the layer or function being run */
    Claims claims;  /* of the net being called */
    const Expr *at; /* for messages */
    char where[256];
    unsigned next_use;  /* of anonymous draws */
    int depth, nesting; /* of calls of nets; of expressions */
    size_t spent;       /* steps of evaluation so far */
    uintptr_t stack;    /* where it is at the start, */
    size_t stack_room;  /* and how far it may grow */
    Tap *taps;          /* latest first */
    Drop *drops;        /* set by the caller after build_start */
    int drop_count;
    bool guided; /* rectifiers pass only positive gradients (guided backpropagation) */
};

/* Prepares a build: options, data and names of the page. The trap must be set by the caller. */
void build_start(Build *b, const Page *page, const Settings *settings, Store *store, Graph *g,
                 size_t batch, bool training);
_Noreturn void build_fail(Build *b, const Expr *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What is being evaluated, for the messages of whatever fails next. */
void build_at(Build *b, const Expr *at);
/* Takes the limits from the settings; of build_start. */
void build_limit(Build *b);
/* A step of evaluation, which may also have looked through `looked` names or nodes: an error where
 * the page has taken more than its limits. */
void build_spend(Build *b, const Expr *at, size_t looked);
/* The same where a recursion begins, whose depth b->nesting is limited too; the caller counts it
 * down again. */
void build_enter(Build *b, const Expr *at);
/* Evaluates in the page's outermost scope, or in a scope made by build_where. */
Value build_eval(Build *b, Scope *scope, const Expr *e);
/* A scope below the page's with the bindings of a where-clause. */
Scope *build_where(Build *b, const Defines *where);
/* Binds a name in the outermost scope, hiding the page's. */
void build_bind(Build *b, const char *name, Value v);

/* ---- for layers and functions ---- */
Value value_number(double x);
Value value_tensor(Node *n, bool batched);
Value value_list(Value *items, int count);
const char *value_kind(const Value *v); /* "a number", "a tensor", ... */
/* The value as a tensor; numbers become constants. */
Node *as_node(Build *b, const Expr *at, const Value *v, const char *what);
double as_number(Build *b, const Expr *at, const Value *v, const char *what);
size_t as_size(Build *b, const Expr *at, const Value *v, const char *what);
/* Which axis of the tensor an argument `axis` names: axes of a sample count from 0, or from -1
 * backwards. */
int as_axis(Build *b, const Expr *at, const Value *tensor, const Value *axis);
bool as_bool(Build *b, const Expr *at, const Value *v, const char *what);
const char *as_text(Build *b, const Expr *at, const Value *v, const char *what);
/* Aligns the axes of two tensors by the rules of gan-page(5): minibatch with minibatch, the rest at
 * the right; returns whether the result has a minibatch axis. */
bool align(Build *b, Value *x, Value *y);
Value value_binary(Build *b, const Expr *at, int op, Value x, Value y);
Value value_pointwise(Build *b, PwCode c, Value x, Value y);
/* A draw of shape [N, dims..] or, unbatched, [dims..]. */
Value draw(Build *b, const Expr *at, const Value *dist, int rank, const size_t *dims, bool batched,
           unsigned use);

/* The store's entry of that name, see store_get; an error of the page when it is declared
 * otherwise. It has no data yet. */
Entry *build_entry(Build *b, const Expr *at, const char *name, EntryKind kind, EntryLayout layout,
                   int rank, const size_t *shape, Init init);
/* The entry of an average, of the name given, that follows a tensor of its net. */
Entry *average_entry(Build *b, const Expr *at, const char *name, Entry *source);
/* Parameter `path.suffix`; fans are for the default initialisation. */
Node *layer_param(Build *b, const Expr *at, const char *layer, const char *suffix,
                  EntryLayout layout, int rank, const size_t *shape, const char *role,
                  const Value *init, size_t fan_in, size_t fan_out);
/* The path of the layer being run. */
const char *layer_path(Build *b);
/* The path of a call; an error when another call of the page has taken it within the same call of a
 * net and one of the two was given its name. */
const char *place_path(Build *b, Place *p);
/* The value of an argument `name`. */
const char *place_name(Build *b, const Expr *at, const Value *v);
/* A world that starts as another is. */
World *world_above(Build *b, World *base);
/* A state's value within this update, before it, and its replacement at the end. */
Node *state_value(Build *b, const State *s);
Node *state_before(Build *b, const State *s);
void state_assign(Build *b, State *s, Node *value, const Node *cause);
/* Whether it has been assigned for this cause. */
bool state_assigned(const Build *b, const State *s, const Node *cause);
/* The net with constant parameters. */
Value net_stopped(Build *b, const Value *net);
/* A buffer of a layer (running statistics). */
State *layer_buffer(Build *b, const Expr *at, const char *layer, const char *suffix, int rank,
                    const size_t *shape, double initial);
/* The initialiser a distribution or number stands for. */
Init init_from(Build *b, const Expr *at, const Value *v, size_t fan_in, size_t fan_out);
/* The parameters of a net or of a param statement: all entries under that name. */
bool entry_belongs(const Entry *e, const char *name);

/* ---- the table of functions and layers ---- */
typedef Value (*BuiltinRun)(Build *b, const Expr *at, Value **arg);
typedef struct {
    const char *name;
    /* "x, channels, stride=1, padding?, dims...": with its default, the number that stands there
     * when it is left out; ? optional, NULL then; ... the rest as a list */
    const char *signature;
    BuiltinRun run;
    const char *help; /* one line */
} Builtin;
typedef enum {
    BUILTIN_LAYERS,
    BUILTIN_FUNCTIONS,
    BUILTIN_OPS, /* functions that have an operation of their own, in builtins/ops/ */
    BUILTIN_SHAPES,
    BUILTIN_LOSSES,
    BUILTIN_RANDOM,
    BUILTIN_OPTIMIZERS,
    BUILTIN_TABLES
} BuiltinTable;
/* Entry i of a table, NULL at its end. */
const Builtin *builtin_get(BuiltinTable table, int i);
const Builtin *builtin_find(const char *name);

#endif
