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
#define TENSOR_CRCS_KEY "gan.crc32.tensors"
/* Largest integer in a header, as the published schema says. */
#define EXTENT_MAX ((UINT64_C(1) << 48) - 1)

/* 1: *out is the type called name; 0: the format has it but this library does not; -1: unknown. */
int dtype_parse(const char *name, DType *out);

/* What is wrong with a tensor's name or a metadata key, or NULL. The text must be UTF-8. */
const char *name_problem(const char *name);
/* Elements and bytes of a tensor; -1 when a product overflows or an extent is out of range. */
MUST_CHECK int tensor_measure(Tensor *t, size_t *bytes, Error *err);
/* The order of the reference writer: descending type, then name. For qsort over Tensor. */
int tensor_order(const void *a, const void *b);
bool frame_in_order(const Frame *f);

/* Room for bytes of data, keeping the first `keep`. */
MUST_CHECK int frame_reserve_data(Frame *f, size_t bytes, size_t keep, Error *err);
/* Points every tensor at its data. */
void frame_bind(Frame *f);
/* A copy of text, to live as long as the frame's table; NULL without memory. */
char *frame_text(Frame *f, const char *text);

/* The checksums in a frame's metadata, as text; NULL where it has none. */
typedef struct {
    const char *frame;
    const char *tensors; /* of each in the order of their data: 8 digits and a blank */
} Sums;
/* The frame's tensors must stand in the order of their data. Fails on text that is none. */
MUST_CHECK int sums_read(Sums *s, const Frame *f, Error *err);
/* Fail with a bare message when the checksum is not the one expected of tensor i or of all data;
 * what has no checksum is taken as it is. */
MUST_CHECK int sums_check_tensor(const Sums *s, const Frame *f, size_t i, unsigned long crc,
                                 Error *err);
MUST_CHECK int sums_check_frame(const Sums *s, unsigned long crc, Error *err);
/* Takes the checksums of the tensors, in that order, and sets the metadata; room as for
 * tensor_data. */
void sums_set(Frame *f, const Tensor *tensors, void *room);
/* A tensor's data, or what the frame's source gives for it; room has the size of its largest. */
const void *tensor_data(const Frame *f, const Tensor *t, void *room);

/* The one frame of a file that must hold no more. With data_at the data are not read, as in
 * reader_next_header. */
MUST_CHECK int reader_only_frame(Reader *r, Frame *f, uint64_t *data_at, Error *err);
const char *reader_name(const Reader *r);
/* The descriptor of a file that can be read at any place, or -1. */
int reader_file(const Reader *r);

/* Fills an emptied frame from a header, which begins with a brace: names, types, shapes, offsets,
 * metadata and f->bytes; data pointers are NULL. On failure err holds a bare message and *where its
 * byte in the header. */
MUST_CHECK int header_parse(const char *json, size_t n, Frame *f, size_t *where, Error *err);

#endif
