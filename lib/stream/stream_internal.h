/* stream_internal.h: what the files of this layer share and nobody else needs. */
#ifndef GAN_STREAM_INTERNAL_H
#define GAN_STREAM_INTERNAL_H

#include "stream/stream.h"

/* The published limit of a header is 100 MB; ours is lower, since a header is parsed in memory. */
enum { HEADER_MAX = 16 << 20 };
/* Bytes of a tensor's name or of a metadata key. */
enum { NAME_MAX_BYTES = 1024 };
/* JSON values in a header: bounds what the JSON library may allocate for 16 MiB of text. */
enum { VALUES_MAX = 1 << 20 };
/* The data of a frame starts at a multiple of this. */
enum { DATA_ALIGN = 64 };

#define METADATA_KEY "__metadata__"
#define CRC_KEY "gan.crc32"
/* Largest integer in a header, as the published schema says. */
#define EXTENT_MAX ((UINT64_C(1) << 48) - 1)

/* 1: *out is the type called name; 0: the format has it but this library does not; -1: unknown. */
int dtype_parse(const char *name, DType *out);

/* What is wrong with a tensor's name or a metadata key, or NULL. The text must be UTF-8. */
const char *name_problem(const char *name);
/* Elements and bytes of a tensor; -1 when a product overflows or an extent is out of range. */
int tensor_measure(Tensor *t, size_t *bytes, Error *err);
/* The order of the reference writer: descending type, then name. For qsort over Tensor. */
int tensor_order(const void *a, const void *b);
bool frame_in_order(const Frame *f);

/* Room for n tensors or n metadata entries. */
int frame_reserve_tensors(Frame *f, size_t n, Error *err);
int frame_reserve_meta(Frame *f, size_t n, Error *err);
/* Room for bytes of data, keeping the first `keep`. */
int frame_reserve_data(Frame *f, size_t bytes, size_t keep, Error *err);
/* Points every tensor at its data. */
void frame_bind(Frame *f);
Arena *frame_arena(Frame *f);
/* "%08x" of the data section's CRC-32. */
void crc_text(unsigned long crc, char out[9]);

/* Fills an emptied frame from a header: names, types, shapes, offsets, metadata and f->bytes; data
 * pointers are NULL. On failure err holds a bare message and *where its byte in the header. */
int header_parse(const char *json, size_t n, Frame *f, size_t *where, Error *err);

#endif
