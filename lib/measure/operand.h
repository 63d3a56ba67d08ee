/* operand.h: a stream that a metric is given, and what is seen of it while it is read. */
#ifndef GAN_OPERAND_H
#define GAN_OPERAND_H

#include "maths/classes.h"
#include "stream/stream.h"

#include <sys/types.h>

/* What two streams are compared by, beside the figure itself. Zero-initialise; release with
 * facts_free. All is of the rows that were read, the last time that the stream was. */
typedef struct {
    char tensor[96];               /* that the rows are */
    DType type;                    /* of the tensor as the stream holds it, before any network; */
    int rank;                      /* of statistics kept in its place the rank is 0 */
    size_t shape[TENSOR_RANK_MAX]; /* but for shape[0] */
    size_t rows;
    bool cut;         /* the stream has more */
    double low, high; /* of the numbers as they are taken */
    bool is_input;    /* a network was given floats: */
    double input_low, input_high;
    ClassCounts labels; /* of tensor `label`, or the one that the metric reads; none: n is 0 */
    size_t changes;     /* neighbours with different labels */
    uint64_t sequence;  /* a checksum of the labels in their order */
    bool unlabelled;    /* a row had no label, or there are too many kinds of them */
    char *names;        /* metadata gan.classes, or NULL */
    bool is_file;       /* then: */
    dev_t device;
    ino_t file;
} Facts;

/* Forgets what was seen. */
void facts_free(Facts *f);
/* What the path says. */
void facts_start(Facts *f, const char *path);
void facts_label(Facts *f, int64_t label);
/* The name of a class: that of metadata gan.classes where it has one, else the number. buf is
 * returned. */
const char *facts_class(const Facts *f, int64_t label, char *buf, size_t size);

/* How many classes metadata gan.classes names; 0 without it. */
size_t facts_classes(const Facts *f);

struct Extractor;
struct Subset;

typedef struct {
    const char *path;            /* "-" is standard input; NULL when the operand was left out */
    struct Extractor *extractor; /* its images are seen through this network; NULL: as they are */
    const struct Subset *only;   /* rows that are read; NULL: all */
    Facts *facts;                /* where what is seen of it is noted; NULL: nowhere */
} Operand;

/* An error naming both unless the rows of two operands, whose streams were opened, have as many
 * numbers, and in pictures at the same places. */
MUST_CHECK int operands_match(const Operand *a, size_t width_a, const Operand *b, size_t width_b,
                              Error *err);

#endif
