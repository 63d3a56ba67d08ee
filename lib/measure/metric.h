/* metric.h: the table of metrics. A metric is an entry: its operands, its options as offsets into a
 * struct of its own, and two functions. gan-eval builds its command line, help and checks from the
 * table, so a new metric is one file: make finds its `const Metric metric_NAME` in metrics/. */
#ifndef GAN_METRIC_H
#define GAN_METRIC_H

#include "base/cli.h"
#include "measure/extract.h"
#include "measure/result.h"
#include "measure/rows.h"

/* What an option names: a stream that is read, which counts against the one use of standard input,
 * or a file that is written, which standard output cannot be: that has the figures. */
typedef enum { FILE_NONE, FILE_READ, FILE_WRITTEN } MetricFile;

/* One option; `at` is the offset of its variable, of the type named by `type` in base/cli.h, in
 * the metric's struct of options. The table of options ends with a NULL name. */
typedef struct {
    const char *name;
    char letter;
    OptType type;
    double low, high; /* of numbers */
    const char *arg;
    size_t at;
    const char *help;
    MetricFile file;
} MetricOption;

/* A line of a table of options whose struct is named Options, and of one that names a file. */
#define OPTION(field, name, letter, type, arg, help) \
    { name, letter, type, arg, offsetof(Options, field), help, FILE_NONE }
#define OPTION_READ(field, name, letter, type, arg, help) \
    { name, letter, type, arg, offsetof(Options, field), help, FILE_READ }
#define OPTION_WRITTEN(field, name, letter, type, arg, help) \
    { name, letter, type, arg, offsetof(Options, field), help, FILE_WRITTEN }

/* What the first two streams are to each other. */
typedef enum {
    COMPARES_NOTHING,
    COMPARES_SETS,    /* samples of two distributions */
    COMPARES_PAIRS,   /* row i of one belongs to row i of the other */
    COMPARES_TRAINED, /* what was learned from one is tried on the other */
} Compares;

typedef struct {
    const char *name, *operands, *summary;
    int inputs;           /* streams named as operands; NULL for one in [] that is left out */
    size_t size;          /* of the struct of options */
    const void *defaults; /* a struct of options */
    const MetricOption *options;
    /* Checks and completes the options; an error is wrong usage. May be NULL. */
    int (*check)(void *options, Error *err);
    /* Reads the inputs and writes lines to out. */
    int (*run)(const void *options, const Operand *inputs, Results *out, Error *err);
    /* Of a metric of two sets (measure/sets.h), instead: the sets are read, and given to it. */
    int (*measure)(const void *options, const Matrix sets[2], Results *out, Error *err);
    /* What is looked at of a network, unless --feature says it: the metric has --net then. NULL: it
     * takes streams as they are. */
    const char *feature;
    Compares compares;
    bool any_range; /* its figures do not depend on the range of numbers */
    bool by;        /* its figures make sense of the rows of one class alone: it has --by */
} Metric;

/* The options of a metric whose struct is Options. */
#define METRIC_OPTIONS .size = sizeof(Options), .defaults = &defaults, .options = options

enum { METRIC_INPUTS_MAX = 4 };
/* All of them, by name; ends with NULL. */
extern const Metric *const metrics[];
/* NULL when there is none of that name. */
const Metric *metric_find(const char *name);

/* What is asked of any metric. */
typedef struct {
    NetOptions net; /* the network through which all streams are seen, if any */
    const char
        *by; /* a tensor of labels: figures of each class, and their mean; NULL: of all rows */
} MetricWant;
/* Its figures of inputs that are open to it. */
MUST_CHECK int metric_figures(const Metric *m, const void *options, const Operand *inputs,
                              Results *out, Error *err);
/* A metric of the streams at these paths, as many as m->inputs; NULL for one left out. */
MUST_CHECK int metric_run(const Metric *m, const void *options, const MetricWant *want,
                          const char *const *paths, Results *out, Error *err);

/* "A,B,..." of numbers above 0, at most `room`; the count is returned, or -1. */
MUST_CHECK int parse_list(const char *text, double *out, int room, Error *err);
/* Item k of a list with commas between, or k itself where there is no list, or none so long; buf is
 * returned. */
const char *list_item(const char *list, size_t k, char *buf, size_t size);
/* Whether --names, NULL or a list, has so many names, none empty and none twice. */
MUST_CHECK int list_check(const char *list, size_t count, Error *err);
/* "LO:HI:N": N values from LO to HI, evenly spaced in the logarithm; the count, or -1. */
MUST_CHECK int parse_log_range(const char *text, double *out, int room, Error *err);

/* The text of --tensor and --range in options tables. */
#define HELP_TENSOR "the tensor that holds the rows"
#define HELP_RANGE "map floats from LO,HI to 0,1 (images in [-1,1])"
#define HELP_SEED "seed of random choices"

#endif
