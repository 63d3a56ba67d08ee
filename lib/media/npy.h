/* npy.h: NumPy's .npy files, plain or gzip, versions 1 to 3. Headers are read by a small strict
 * parser, never evaluated; arrays of Python objects, records, strings and complex numbers are
 * refused, as are arrays in Fortran order. */
#ifndef GAN_NPY_H
#define GAN_NPY_H

#include "stream/stream.h"

typedef struct {
    DType dtype;
    bool big_endian;
    int rank;
    size_t shape[TENSOR_RANK_MAX];
} Npy;

/* Parses the text of a header, the part after its length. */
int npy_parse(const char *text, size_t n, Npy *out, Error *err);

typedef struct {
    const char *name;              /* of the tensor made */
    bool to_float;                 /* convert to F32 */
    int rank;                      /* of shape; 0 keeps the array's own */
    size_t shape[TENSOR_RANK_MAX]; /* of a sample, as many elements as the array has */
    size_t per_frame;
} NpyWant;

/* path as a stream; its first axis counts the samples. Memory holds one frame. */
int npy_read(const char *path, const NpyWant *want, FILE *out, const char *name, Error *err);

/* One tensor of the stream at path ("-": standard input), its frames joined along the first axis.
 * tensor NULL: the only one, or `image`. BF16 becomes F32, which NumPy can hold. */
int npy_write(const char *path, const char *tensor, FILE *out, const char *name, Error *err);

#endif
