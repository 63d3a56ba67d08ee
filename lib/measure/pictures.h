/* pictures.h: rows that are pictures, for metrics that need their shape. */
#ifndef GAN_PICTURES_H
#define GAN_PICTURES_H

#include "measure/metric.h"

/* A row [T,H,W,C], or with more axes before H, is `frames` pictures [H,W,C]; of [H,W] C is 1, and a
 * row of numbers [d] is one picture of one line. */
typedef struct {
    size_t frames, height, width, channels;
    size_t length; /* of the stream's second axis: the time of features [N,T,...] */
    DType type;    /* of the stream's numbers */
} Pictures;

/* rows_open of a stream whose shape is wanted. The spec has no extractor. */
MUST_CHECK Rows *pictures_open(const RowsSpec *spec, Pictures *p, Error *err);
/* Numbers of one picture. */
size_t pictures_size(const Pictures *p);
/* The whole number that x was in a stream of this type, bytes having been divided by 255; false
 * when it was none. */
bool pictures_integer(DType type, double x, int64_t *out);
/* An error naming both paths when the pictures of two streams differ in shape. */
MUST_CHECK int pictures_same(const char *path_a, const Pictures *a, const char *path_b,
                             const Pictures *b, Error *err);

/* Floats in an unknown range would give a figure without meaning: an error when a number of x
 * [rows,width], which are the rows from `first` on, is outside [0,1]. */
MUST_CHECK int pictures_unit(const double *x, size_t rows, size_t width, size_t first,
                             const char *path, Error *err);

/* What the options of a metric of two streams, whose pictures are compared one with one, say. */
typedef struct {
    const char *tensor;
    ValueRange range;
} Paired;
/* Their lines in a table of options; the Paired is `at` in the struct. */
#define PAIRED_LINES(at)                                                                          \
    {"tensor", 't', OPT_TEXT, "NAME", (at) + offsetof(Paired, tensor), HELP_TENSOR, FILE_NONE}, { \
        "range", 0, OPT_RANGE, "LO,HI", (at) + offsetof(Paired, range), HELP_RANGE, FILE_NONE     \
    }

/* What a metric that has no others has in the table of metrics. */
#define METRIC_OF_PAIRS                                                                           \
    .inputs = 2, .size = sizeof(Paired), .defaults = &paired_defaults, .options = paired_options, \
    .compares = COMPARES_PAIRS, .by = true
extern const Paired paired_defaults;
extern const MetricOption paired_options[];

/* The pairs of all pictures, and what they were. */
typedef struct {
    Pictures shape;
    size_t n, room; /* pictures of each stream; items there is room for */
    double *value;  /* [n] */
    char tensor[96];
} PairedValues;

/* A figure of two pictures of numbers. Called by several threads at once. */
typedef int PairedFigure(const Pictures *shape, const double *a, const double *b, double *out,
                         Error *err);

/* The figure of each picture of one stream and the one at its place in the other. It is an error
 * when one has more, when there are none, and, without a range, when a number is outside [0,1].
 * `least` is the smallest height and width that will do. values->value is to be freed. */
MUST_CHECK int paired_values(const Paired *p, const Operand *inputs, size_t least,
                             PairedFigure *figure, PairedValues *values, Error *err);
/* The fields n, shape, tensor, data_range and range of a line. */
void paired_describe(const Paired *p, const PairedValues *v, Results *out);
/* A whole metric: the line `name` of the mean of paired_values; protocol may be NULL. */
MUST_CHECK int paired_run(const Paired *p, const Operand *inputs, size_t least,
                          PairedFigure *figure, const char *name, const char *protocol,
                          Results *out, Error *err);

#endif
