/* store.h: the named tensors of a model: parameters, buffers, states, moments, averages.
 *
 * Evaluating a page declares them, with their kinds, layouts and shapes; only then are they filled,
 * drawn or read from a checkpoint. So what a name means does not depend on who asks first.
 *
 * In memory they have the engine's layout; in files PyTorch's: a convolution's weight is
 * [kernel.., in, out] here and [out, in, kernel..] there. A transposed convolution is the adjoint
 * of the convolution with the same weight, so one rule serves both. */
#ifndef GAN_STORE_H
#define GAN_STORE_H

#include "graph/graph.h"
#include "stream/stream.h"

typedef enum {
    ENTRY_PARAM,     /* trained */
    ENTRY_BUFFER,    /* running statistics of a layer */
    ENTRY_STATE,     /* a page's own state */
    ENTRY_OPTIMIZER, /* moments */
    ENTRY_AVERAGE,   /* moving average of a parameter or buffer */
} EntryKind;

typedef enum { LAYOUT_PLAIN, LAYOUT_CONV } EntryLayout;

typedef enum {
    INIT_CONSTANT,  /* a */
    INIT_NORMAL,    /* of mean a and deviation b */
    INIT_UNIFORM,   /* from a to b */
    INIT_TRUNCATED, /* normal of mean 0 and deviation b, none beyond a deviations */
    INIT_ORTHOGONAL /* the file's matrix [out, rest]: a times one of orthonormal rows or columns */
} InitKind;
typedef struct {
    InitKind kind;
    double a, b;
    size_t repeat; /* rows of the file's matrix that follow each other and are equal; 0: 1 */
} Init;

typedef struct Entry {
    State state; /* first: a State * of the store is an Entry *; no data until it is filled */
    EntryKind kind;
    EntryLayout layout;
    Init init;
    const char *place;   /* in the page, where it was declared first: "page.gan:3:5" */
    const char *outside; /* the net it is of, where its weights lie in another file; or NULL */
    struct Entry *of;    /* what an average or a moment belongs to; NULL: not known, or nothing */
    int index;           /* in the store */
    bool fresh;          /* made now, not read from a checkpoint */
    bool stale;          /* an average that has yet to start at what it follows */
} Entry;

/* Weights in other files: which net of those a name belongs to, or NULL; and its tensor there, to
 * be read from *file, NULL on error. Such entries are not written to checkpoints. */
typedef struct {
    const char *(*net)(void *context, const char *name);
    const Tensor *(*tensor)(void *context, const char *net, const char *name,
                            const FrameFile **file, const char **path, Error *err);
    void (*close)(void *context); /* of store_free */
    void *context;
} Outside;

typedef struct {
    Entry **entries;
    size_t count, capacity;
    uint32_t *slots; /* by hash of the name: an entry's number plus one, or 0 */
    size_t slot_count;
    uint64_t seed;
    Arena *arena;
    size_t most_bytes;     /* of all tensors together; 0: what the machine has */
    Frame *source;         /* tensors to take values from, or NULL */
    const FrameFile *file; /* where those of source that are not in memory are read */
    Outside outside;       /* nothing when its functions are NULL */
    bool fixed;            /* a tensor missing from source is an error */
    bool undrawn;          /* nobody will see the values: none are drawn */
    Entry **views;         /* tensors of source that were looked at, whoever declares them */
    size_t view_count, view_capacity;
    /* Tensors of source that no layer asked for, kept to be written back unchanged. */
    Frame rest;
} Store;

Store *store_new(Arena *arena, uint64_t seed);
void store_free(Store *s); /* data only; the rest is the arena's */
Entry *store_find(const Store *s, const char *name);
/* The entry of that name, declared if need be. Another kind, layout or shape than it was declared
 * with, or than source has, is an error; place is where in the page this is. NULL on error. */
MUST_CHECK Entry *store_get(Store *s, const char *name, EntryKind kind, EntryLayout layout,
                            int rank, const size_t *shape, Init init, const char *place,
                            Error *err);
/* Says what an average or a moment belongs to. An average that is made now starts there. */
void store_belongs(Entry *e, Entry *of);
/* A tensor of source to be looked at only, beside whatever entry has the name. NULL if there is
 * none. */
MUST_CHECK Entry *store_view(Store *s, const char *name, Error *err);
/* Gives what has been declared its values: drawn, or taken from source. */
MUST_CHECK int store_fill(Store *s, Error *err);
/* Takes back the declarations after the first `count` entries, of an evaluation that failed. */
void store_forget(Store *s, size_t count);
/* Whether a tensor of a checkpoint is a page's own param or state, or a moment of one: files hold
 * those as the page has them, [.., in, out], where layers are stored as PyTorch's. */
bool store_own_layout(const char *name);
/* Takes values for entries from the tensors of a frame with the same name and shape. */
MUST_CHECK int store_take(Store *s, const Frame *f, Error *err);
/* Gives a moment its initial value again, as if it had not been taken. */
void store_renew(Entry *e);
/* Starts averages anew at the values of what they follow, but those that were taken themselves. */
void store_follow(Store *s);
/* Moves what is left of source into rest and forgets source and file. */
MUST_CHECK int store_settle(Store *s, Error *err);
/* Adds all entries and rest to a frame that is being built; store_give, with the store as context,
 * supplies their data in the layout of files. */
MUST_CHECK int store_declare(const Store *s, Frame *f, Error *err);
const void *store_give(void *store, const Tensor *t, void *room);

/* Shape of an entry in files, and whether a file's tensor has it. */
void entry_file_shape(const Entry *e, size_t *shape);
bool entry_fits(const Entry *e, const Tensor *t);

#endif
