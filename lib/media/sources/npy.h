/* npy.h: NumPy's arrays: .npy files, plain or gzip, versions 1 to 3, and the members of .npz
 * archives. Headers are read by a small strict parser, never evaluated; arrays of Python objects,
 * records, strings and complex numbers are refused. */
#ifndef GAN_NPY_H
#define GAN_NPY_H

#include "stream/stream.h"

typedef struct {
    DType dtype;
    bool big_endian;
    bool fortran; /* the first axis runs fastest */
    int rank;
    size_t shape[TENSOR_RANK_MAX];
} Npy;

/* Parses the text of a header, the part after its length. */
MUST_CHECK int npy_parse(const char *text, size_t n, Npy *out, Error *err);
/* Kind and bytes of a type as a header has them, such as "f4"; NULL for BF16. */
const char *npy_code(DType dtype);

typedef struct {
    const char *name;              /* of the tensor made */
    const char *member;            /* of an .npz archive, or NULL: the only one */
    const char *labels;            /* a member of it, or a file: an array or a table; or NULL */
    bool to_float;                 /* convert to F32 */
    bool channels_first;           /* samples [C,..] become [..,C] */
    bool packed;                   /* a sample is the bits of its bytes, each a U8 of 0 or 255, of
                                    * the shape, which must be given; see numpy.packbits */
    int rank;                      /* of shape; 0 keeps the array's own */
    size_t shape[TENSOR_RANK_MAX]; /* of a sample, as many elements as the array has */
    size_t per_frame;
} NpyWant;

/* path as a stream; its first axis counts the samples. Labels, one a sample, become `label`: I64
 * [N], or F32 when they are no whole numbers; [N,K] stays. Memory holds one frame; of an array in
 * Fortran order 64 MiB besides, and unless it is a plain file it is copied to a temporary one. */
MUST_CHECK int npy_read(const char *path, const NpyWant *want, FILE *out, const char *name,
                        Error *err);

/* One tensor of the stream at path ("-": standard input), its frames joined along the first axis.
 * tensor NULL: the only one, or `image`. BF16 becomes F32, which NumPy can hold. */
MUST_CHECK int npy_write(const char *path, const char *tensor, FILE *out, const char *name,
                         Error *err);

#endif
