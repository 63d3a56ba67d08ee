/* npy_array.h: an array of a .npy file or an .npz archive, sample by sample: its first axis counts
 * them. */
#ifndef GAN_NPY_ARRAY_H
#define GAN_NPY_ARRAY_H

#include "media/sources/npy.h"
#include "media/sources/source.h"

typedef struct {
    Source *source;
    Npy npy;              /* as the file has it */
    size_t each, bytes;   /* elements and bytes of a sample */
    size_t *from;         /* [each]: which element of the file's sample, counted as the file lies,
                           * each element of ours is; NULL: the same */
    void *raw;            /* samples as they lie in the file, when they have to be rearranged */
    size_t room;          /* samples that raw holds */
    size_t first, filled; /* Fortran order: the samples in raw */
    uint64_t at;          /* samples read */
    int fd;               /* Fortran order: the file, and where the array begins in it */
    uint64_t start;
} NpyArray;

/* Whether the file begins as a zip archive does; "-" never is one. */
bool npz_is(const char *path);
/* Whether the file is an array or an archive of some, plain or gzip; "-" is taken for one. */
bool npy_is(const char *path);
/* Whether the archive has this array. */
bool npz_has(const char *path, const char *member);
/* Opens an array with samples. Of an archive takes `member`, or when that is NULL the only array
 * but `not_this` (may be NULL); several are an error that lists them. Release with
 * npy_array_close, also after a failure. */
MUST_CHECK int npy_array_open(NpyArray *a, const char *path, const char *member,
                              const char *not_this, Error *err);
void npy_array_close(NpyArray *a);
/* The samples in C order of this shape, which has as many elements; [C,..] moves to [..,C] with
 * channels_first. Call once before npy_array_read unless samples are wanted as they are in C
 * order; shape is changed accordingly. */
MUST_CHECK int npy_array_arrange(NpyArray *a, int rank, size_t *shape, bool channels_first,
                                 Error *err);
/* The next n samples, elements in the machine's byte order. */
MUST_CHECK int npy_array_read(NpyArray *a, size_t n, void *to, Error *err);
/* An error unless the file ends behind the samples; verifies checksums. */
MUST_CHECK int npy_array_end(NpyArray *a, Error *err);

#endif
