/* rows.h: the rows of one named tensor of a stream, as numbers; every metric reads through it.
 *
 * A tensor of shape [N, ...] is N rows of the product of the other extents; its type and the other
 * extents are the same in all frames. Rows arrive in blocks of the size asked for, whatever the
 * frames' sizes, so results do not depend on how a stream was cut into frames. U8 becomes [0,1] by
 * /255; other integers and floats are taken as they are, floats optionally mapped linearly from a
 * stated range to [0,1]. Every value is checked to be finite and at most NUMBER_LARGEST in size, so
 * that it is a float, and squares and cubes and their sums are finite too. Messages count rows from
 * 0, frames from 1. */
#ifndef GAN_MEASURE_ROWS_H
#define GAN_MEASURE_ROWS_H

#include "measure/numbers.h"
#include "measure/operand.h"
#include "measure/provenance.h"

typedef struct {
    const Operand *of;
    const char *tensor; /* one name, or several with commas: the first that is present is taken,
                         * and when none is, the only tensor besides the labels */
    const char *label;  /* name of the label tensor; NULL: labels are not read */
    bool label_needed;  /* an error when it is absent */
    ValueRange range;   /* of floats that is mapped to [0,1]; {0}: as they are */
    bool positions;     /* [N, ..., C] is N * ... rows of C numbers, with a label each */
} RowsSpec;

typedef struct Rows Rows;

/* Opens the stream and looks at its first frame. NULL on error: no frame, no such tensor. The
 * operand and the texts of the spec must outlive the Rows. */
MUST_CHECK Rows *rows_open(const RowsSpec *spec, Error *err);
void rows_close(Rows *r); /* NULL allowed */
/* The same of a reader and its first frame, both of which are taken over even on error. */
MUST_CHECK Rows *rows_take(const RowsSpec *spec, Reader *reader, Frame *first, Error *err);
/* Numbers in a row. */
size_t rows_width(const Rows *r);
/* The name of the tensor taken. */
const char *rows_tensor(const Rows *r);
/* Where the rows came from: the operand's network, or what the stream says. */
const Provenance *rows_provenance(const Rows *r);
/* Whether the first frame holds labels; then every frame must. */
bool rows_labelled(const Rows *r);
/* The tensor taken and metadata of the first frame; only valid before the first read. */
const Tensor *rows_first(const Rows *r);
const char *rows_meta(const Rows *r, const char *key);
/* Reads up to max rows into x [max, width], and their labels unless label is NULL or there are
 * none. Returns the rows read, less than max only at the end, or -1. Labels are integers [N] or
 * [N,1]; a tensor [N,C] with C > 1 (one-hot, logits) gives the index of the largest, the first of
 * equals. */
MUST_CHECK ssize_t rows_read(Rows *r, size_t max, double *x, int64_t *label, Error *err);

/* All rows of a stream in memory. */
typedef struct {
    size_t n, d;
    double *x;      /* [n,d], or NULL */
    float *xf;      /* [n,d], or NULL */
    int64_t *label; /* [n], or NULL when unlabelled */
    char tensor[96];
    Provenance from;
} Matrix;

typedef enum { AS_DOUBLE, AS_FLOAT } MatrixType;

/* Reads a whole stream; at most `most` rows when most > 0. No rows at all is an error. */
MUST_CHECK int matrix_load(const RowsSpec *spec, MatrixType type, size_t most, Matrix *m,
                           Error *err);
/* The same from a stream just opened, which stays open. */
MUST_CHECK int matrix_take(Rows *r, MatrixType type, size_t most, Matrix *m, Error *err);
void matrix_free(Matrix *m);
/* An error naming both paths when the rows of two inputs differ in width. */
MUST_CHECK int same_width(const char *path_a, size_t a, const char *path_b, size_t b, Error *err);

#endif
