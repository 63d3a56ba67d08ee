/* build.h: evaluates a page's expressions into a graph.
 *
 * A Build belongs to one graph: one player's update, or one expression to be sampled. Names of the
 * page are bound lazily, each once a build, so a noise or a `let` used twice in a cost is the same
 * draw. */
#ifndef GAN_BUILD_H
#define GAN_BUILD_H

#include "page/eval/builtin.h"
#include "page/eval/params.h"
#include "page/eval/path.h"
#include "page/eval/world.h"

/* -D NAME=VALUE of the command line, kept in the checkpoint; the rest is not. */
typedef struct {
    const char **names, **values;
    int count;
    Limits limits;
    Str *warnings; /* a line for each place that may be meant otherwise, or NULL */
} Settings;

/* One `data` of the page: where the game puts the minibatch. */
typedef struct {
    const char *name;   /* in the page */
    const char *tensor; /* in the stream */
    double low, high;   /* what U8 0..255 becomes */
    size_t classes;     /* label[K]: integers become one-hot of K; 0 otherwise */
    size_t labels;      /* `of K`: all are whole numbers from 0 to K-1; 0 otherwise */
    bool whole;         /* without a minibatch: the tensor is as it is in the frame */
    size_t parts;       /* into which the frame's tensor is cut along its first axis, */
    Input input;        /* of which this is one */
} DataInput;

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
    size_t minibatch; /* samples */
    size_t batch;     /* the same, or, in a rule of a graph that is taken together, those of all its
                         elements */
    bool training;    /* batch statistics, dropout */
    bool playing;     /* an update: parameters change */
    Input step;       /* the game's step, a number */
    Input statistics; /* weight of this batch in running statistics; used when collecting */
    bool collecting;  /* running statistics are plain averages over a stream */
    DataInput *data;
    int data_count;
    InitRule *rules; /* the page's last of each role */
    int rule_count;
    World *world;
    Scope *renewed; /* while a param is assigned: names that nets and blocks see first */
    const Ahead *ahead;
    Path *path;
    Place *place;  /* of the layer or function being run */
    Claims claims; /* of the net being called */
    Watch watch;
    unsigned next_use;            /* of anonymous draws */
    int depth;                    /* of calls of nets */
    Tap *taps;                    /* latest first */
    struct Structure *structures; /* of graphs, so far as they are known */
    struct Joint *noted;          /* the sample whose rules' reading is being noted, or NULL */
    Drop *drops;                  /* set by the caller after build_start */
    int drop_count;
    bool guided; /* rectifiers pass only positive gradients (guided backpropagation) */
};

/* Prepares a build: options, data and names of the page. The trap must be set by the caller. */
void build_start(Build *b, const Page *page, const Settings *settings, Store *store, Graph *g,
                 size_t batch, bool training);
/* Evaluates in the page's outermost scope, or in a scope made by build_where. */
Value build_eval(Build *b, Scope *scope, const Expr *e);
/* What a net gives of so many arguments, at least one. A block's params and states have names below
 * `path`. */
Value net_apply(Build *b, const Expr *at, const Value *f, int count, const Value *arg,
                const char *path);
/* A scope below the page's with the bindings of a where-clause. */
Scope *build_where(Build *b, const Defines *where);
/* Binds a name in the outermost scope, hiding the page's. */
void build_bind(Build *b, const char *name, Value v);

#endif
