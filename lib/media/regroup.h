/* regroup.h: a stream seen as a table of samples. Every tensor of a frame has the samples on its
 * first axis; every frame of the stream has the same tensors, but for that axis. */
#ifndef GAN_REGROUP_H
#define GAN_REGROUP_H

#include "stream/stream.h"

typedef struct {
    char *name;
    DType dtype;
    int rank;
    size_t shape[TENSOR_RANK_MAX]; /* shape[0] is not used */
    size_t bytes;                  /* of one sample */
} Column;

/* Zero-initialise; release with layout_free. Also keeps the metadata of the frame it was taken
 * from, less what it says of that frame alone, for the frames that will be made. */
typedef struct {
    Column *columns;
    size_t count;
    Frame facts;         /* metadata of the samples, and no tensors */
    size_t sample_bytes; /* all columns */
    Arena *arena;
} Layout;

/* Takes the layout of f, which must hold at least one tensor, each with the same first extent. */
MUST_CHECK int layout_take(Layout *l, const Frame *f, Error *err);
/* The number of samples in f, whose tensors must be those of l. */
MUST_CHECK int layout_match(const Layout *l, const Frame *f, size_t *samples, Error *err);
/* Empties f and allocates it for so many samples (zeroed), with the metadata of l. */
MUST_CHECK int layout_frame(const Layout *l, size_t samples, Frame *f, Error *err);
/* The column of that name, or NULL. */
const Column *layout_column(const Layout *l, const char *name);
/* Whether the tensor has this type and this shape, but for the first extent. */
bool same_but_first(const Tensor *t, DType dtype, int rank, const size_t *shape);
/* Adds the column for so many samples, under this name, to a frame that is being built; */
MUST_CHECK int column_add(const Column *c, size_t samples, const char *name, Frame *f, Error *err);
/* copies `count` samples from the frame that has the column to that one. */
void column_copy(const Column *c, const Frame *from, size_t first, size_t count, const Frame *to,
                 const char *name, size_t at);
/* Metadata of the frame it was taken from, or NULL. */
const char *layout_meta(const Layout *l, const char *key);
void layout_free(Layout *l);

/* Regroups samples into frames of a fixed number and writes them; memory stays at one frame. */
typedef struct {
    size_t size; /* samples a frame; 0 keeps the frames as they come */
    FILE *out;
    const char *name;
    /* Adds metadata to a frame that is about to be written, unless NULL; `number` counts from 1. A
     * frame is then held back until it is known whether it is the last. */
    void (*describe)(void *context, Frame *f, uint64_t number, bool last);
    void *context;
    Layout layout;
    Frame frame;
    size_t filled;
    uint64_t samples, frames; /* written */
} Regroup;
void regroup_start(Regroup *g, size_t size, FILE *out, const char *name);
/* Adds samples first .. first + count - 1 of f, or all that follow when there are fewer. */
MUST_CHECK int regroup_add(Regroup *g, const Frame *f, size_t first, uint64_t count, Error *err);
/* Writes what is left, and releases the memory (also after an error: then pass bad = true). No
 * samples at all are an error. */
MUST_CHECK int regroup_end(Regroup *g, bool bad, Error *err);

/* Adds the samples of the stream at path until *left of them are taken (UINT64_MAX: all). */
MUST_CHECK int regroup_stream(const char *path, Regroup *g, uint64_t *left, Error *err);
/* Copies the frames of path, of whatever kind, verifying them; their number is added to *frames. */
MUST_CHECK int stream_copy(const char *path, FILE *out, const char *name, uint64_t *frames,
                           Error *err);

/* A descriptor of a regular file with the bytes of path ("-": standard input): the file itself,
 * or for pipes a copy in an unlinked temporary file ($TMPDIR or /tmp). -1 on failure. */
MUST_CHECK int seekable_fd(const char *path, Error *err);
/* Reads n bytes of such a file, called name, from `at` on. */
MUST_CHECK int read_stretch(int fd, const char *name, void *to, size_t n, uint64_t at, Error *err);
/* A descriptor of an unlinked temporary file in $TMPDIR or /tmp; -1 on failure. */
MUST_CHECK int temporary_fd(Error *err);
/* Whether path (or standard input) is a regular file. */
bool is_seekable(const char *path);

#endif
