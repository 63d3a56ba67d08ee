/* stream.h: tensor streams, a concatenation of safetensors frames (gan-stream(5)).
 *
 * A frame is 8 bytes of little-endian header length, a JSON header, and the tensors' data. One
 * frame alone is a valid .safetensors file; `cat` joins streams. */
#ifndef GAN_STREAM_H
#define GAN_STREAM_H

#include "base/base.h"
#include "base/output.h"

#include <stdio.h>

enum { TENSOR_RANK_MAX = 8 };

/* The element types of the published format, in the order its writer sorts by. Sub-byte types are
 * recognised by the reader as valid but refused with a message. */
typedef enum {
    DT_BOOL,
    DT_U8,
    DT_I8,
    DT_I16,
    DT_U16,
    DT_F16,
    DT_BF16,
    DT_I32,
    DT_U32,
    DT_F32,
    DT_F64,
    DT_I64,
    DT_U64,
    DT_COUNT
} DType;

const char *dtype_name(DType t); /* "U8", "F32", ... */
size_t dtype_size(DType t);      /* bytes an element */
bool dtype_is_real(DType t);     /* not of whole numbers alone */

typedef struct {
    char *name;
    DType dtype;
    int rank;
    size_t shape[TENSOR_RANK_MAX];
    size_t count;  /* elements */
    size_t offset; /* bytes from the start of the frame's data */
    void *data;    /* inside the frame's data; aligned for its type, whatever the file did */
} Tensor;

/* An entry of the metadata. */
typedef struct {
    char *key, *value;
} Meta;

/* Supplies a tensor's data while a frame is written: fills room, which has the tensor's size, and
 * returns it, or returns where the data are. */
typedef const void *TensorGive(void *context, const Tensor *t, void *room);

/* A frame owns its names, metadata and data. Zero-initialise; a frame may be read or built again
 * and again and keeps its memory; frame_free releases it. */
typedef struct {
    Tensor *tensors;
    size_t tensor_count;
    Meta *meta; /* in the order of their keys */
    size_t meta_count;
    unsigned char *data;
    size_t bytes;    /* of data */
    size_t capacity; /* allocated for data */
    Arena *arena;    /* names and metadata */
    size_t tensor_capacity, meta_capacity;
    bool incomplete;  /* metadata were set for which there was no memory: it cannot be written */
    TensorGive *give; /* for tensors without data, in frame_write and frame_save; may be NULL */
    void *give_context;
} Frame;

void frame_free(Frame *f);
/* Empties a frame so that it can be built anew. */
void frame_clear(Frame *f);
/* Appends a tensor of the given shape to the frame being built; its data is zeroed by
 * frame_allocate. Returns its index (indices change when frame_allocate sorts: look tensors up by
 * name afterwards), or -1. */
MUST_CHECK int frame_add(Frame *f, const char *name, DType t, int rank, const size_t *shape,
                         Error *err);
/* Orders the tensors as the format's reference writer does (descending type, then name), lays out
 * and zeroes the data. Call after the last frame_add and before writing into the tensors. */
MUST_CHECK int frame_allocate(Frame *f, Error *err);
/* The same without data: all tensors' data pointers stay NULL. */
MUST_CHECK int frame_arrange(Frame *f, Error *err);
/* How many samples of `each` bytes a frame is made of: at most per_frame, no more than there are,
 * and 64 MiB unless one is larger than that. */
size_t frame_samples(size_t each, size_t per_frame, uint64_t all);
/* NULL when absent. */
Tensor *frame_find(const Frame *f, const char *name);
const char *frame_meta(const Frame *f, const char *key);
/* Setting metadata cannot fail at once: where there is no memory for it, or value is NULL (the
 * caller had none for it), writing the frame does. */
void frame_set_meta(Frame *f, const char *key, const char *value);
void frame_set_metaf(Frame *f, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Sets all metadata that `from` has. */
void frame_copy_meta(Frame *f, const Frame *from);
/* "[64,32,32,3]" for messages; buf of at least 200 bytes is returned. */
const char *shape_text(int rank, const size_t *shape, char *buf, size_t size);

/* A frame's place in a stream whose writer numbers its frames, so that one that broke off between
 * two of them is told from one that ended: metadata `gan.frame`, "7/20", "7/endless", or "7/?"
 * where the number is known with the last frame only. */
typedef struct {
    uint64_t number; /* from 1; 0: the frame says nothing */
    uint64_t total;  /* 0: not known, or endless */
    bool endless;
    bool last; /* nothing has to follow */
} FramePlace;
#define FRAME_KEY "gan.frame"
/* Metadata of minibatches: how they were made, and of what (media/arrange/batch.h). */
#define BATCHES_KEY "gan.batches"
/* Reads the metadata; an error when they are no such text. */
MUST_CHECK int frame_place(const Frame *f, FramePlace *out, Error *err);
void frame_set_place(Frame *f, const FramePlace *place);

/* Reading. A reader trusts nothing: every error names the source, the frame and the byte. Of a
 * reader that could not be opened, NULL, there is no frame: reading fails, and err is as it was. */
typedef struct Reader Reader;
/* path "-" is standard input. */
MUST_CHECK Reader *reader_open(const char *path, Error *err);
MUST_CHECK Reader *reader_fd(int fd, const char *name, Error *err); /* takes over fd */
void reader_close(Reader *r);
/* Largest data section accepted in one frame; default 16 GiB. */
void reader_limit(Reader *r, size_t bytes);
/* A wait for data fails once this file descriptor can be read, so that a program can be called away
 * from a stream that stands still. */
void reader_wake(Reader *r, int fd);
/* 1: f holds the next frame; 0: clean end between two frames; -1: error. Checks the checksums in
 * its metadata where present. An end after a frame that says that others follow is an error. */
MUST_CHECK int reader_next(Reader *r, Frame *f, Error *err);
/* Like reader_next but skips the data (seeking where possible); tensors' data pointers are NULL.
 * data_at receives the byte offset of the data section in the file (may be NULL). */
MUST_CHECK int reader_next_header(Reader *r, Frame *f, uint64_t *data_at, Error *err);
/* Frames delivered so far. */
uint64_t reader_frames(const Reader *r);
/* Puts the source's name and the number of the last of them in front of err; returns -1. */
int reader_fail_in(const Reader *r, Error *err);
/* Whether the last of them says that it is the last. */
bool reader_complete(const Reader *r);
/* One frame from a file that must hold exactly one (checkpoints, weights): trailing bytes are an
 * error. */
MUST_CHECK int frame_load(const char *path, Frame *f, Error *err);

/* A file of one frame, as for frame_load, whose tensors are read one by one when they are wanted.
 * f gets the header, and no data (NULL) unless path is a pipe or the like, which is read whole. A
 * frame whose tensors have no checksums of their own is checked here. f must stay as it is until
 * frame_close. */
typedef struct FrameFile FrameFile;
MUST_CHECK FrameFile *frame_open(const char *path, Frame *f, Error *err);
void frame_close(FrameFile *f);
/* Receives part of a tensor: piece has its type and name, and `count` elements from `first` on. */
typedef void TensorTake(void *context, const Tensor *piece, size_t first);
/* Hands on tensor t of the frame in pieces of whole units of elements, in any order and from
 * several threads at once, and then fails when its checksum is not the one expected. A tensor that
 * has its data is handed on as it is; f may then be NULL. */
MUST_CHECK int frame_read(const FrameFile *f, const Tensor *t, size_t unit, TensorTake *take,
                          void *context, Error *err);
/* Parses one frame from memory; used by tests and fuzzing. Returns bytes consumed, 0 when n == 0,
 * or -1. */
MUST_CHECK ptrdiff_t frame_parse(const unsigned char *bytes, size_t n, Frame *f, Error *err);

/* Writing. The header is padded so that data starts at a multiple of 64 bytes, keys are sorted,
 * and `gan.crc32` (zlib's CRC-32 of the data section, 8 hex digits) and `gan.crc32.tensors` (that
 * of each tensor) are added. The same frame always gives the same bytes. Flushes out; the checksums
 * are set in f's metadata too. */
MUST_CHECK int frame_write(Frame *f, FILE *out, const char *name, Error *err);
/* Writes f as the output path (base/output.h): a file is replaced as a whole, or is what it was.
 * "-" writes to standard output, and leaves it open. */
MUST_CHECK int frame_save(Frame *f, const char *path, Error *err);
/* With a file that this process holds: see output_close_held. */
MUST_CHECK int frame_save_held(Frame *f, const char *path, int *hold, Error *err);

/* Element i of a tensor as double, whatever its type. */
double tensor_get(const Tensor *t, size_t i);
/* Of n elements from `first` on, n > 0, the number of the largest, or of the first such. */
size_t tensor_largest(const Tensor *t, size_t first, size_t n);
/* Converts count elements starting at `first` into floats (no scaling). */
void tensor_to_float(const Tensor *t, size_t first, size_t count, float *out);

#endif
