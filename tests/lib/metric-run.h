/* metric-run.h: streams of made-up numbers, and metrics run on them, for tests in C. */
#ifndef METRIC_RUN_H
#define METRIC_RUN_H

#include "measure/metric.h"
#include "stream/stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A folder for streams, and the path of one in it; four such stay valid. */
static char stream_folder[] = "/tmp/metric-XXXXXX";
static inline const char *stream_path(const char *name) {
    static char path[4][200];
    static int next;
    next = (next + 1) % 4;
    snprintf(path[next], sizeof path[next], "%s/%s", stream_folder, name);
    return path[next];
}

/* A stream of one frame with tensor `name` of the numbers x, and labels of its rows unless NULL. */
static inline void write_stream(const char *path, const char *name, DType type, int rank,
                                const size_t *shape, const double *x, const int64_t *label) {
    Frame f = {0};
    Error err;
    if (frame_add(&f, name, type, rank, shape, &err) < 0 ||
        (label && frame_add(&f, "label", DT_I64, 1, shape, &err) < 0) ||
        frame_allocate(&f, &err) < 0)
        abort();
    Tensor *t = frame_find(&f, name), *l = frame_find(&f, "label");
    for (size_t i = 0; i < t->count; i++) {
        if (type == DT_U8) ((unsigned char *)t->data)[i] = (unsigned char)x[i];
        if (type == DT_F32) ((float *)t->data)[i] = (float)x[i];
        if (type == DT_F64) ((double *)t->data)[i] = x[i];
        if (type == DT_I64) ((int64_t *)t->data)[i] = (int64_t)x[i];
    }
    if (label) memcpy(l->data, label, shape[0] * sizeof *label);
    if (frame_save(&f, path, &err) < 0) abort();
    frame_free(&f);
}

/* Sets an option of a metric by its name. */
static inline void metric_set(const Metric *m, char *values, const char *name, const char *text) {
    for (const MetricOption *o = m->options; o->name; o++) {
        if (strcmp(o->name, name)) continue;
        void *to = values + o->at;
        if (o->type == TAKES_TEXT) memcpy(to, &text, sizeof text);
        if (o->type == TAKES_NOTHING) *(bool *)to = true;
        if (o->type == TAKES_REAL && !parse_double(text, to)) abort();
        if (o->type == TAKES_U64 && !parse_u64(text, to)) abort();
        return;
    }
    fprintf(stderr, "%s has no option %s\n", m->name, name);
    abort();
}

/* The lines a metric writes for inputs a and b (which may be NULL), with options as NAME, VALUE,
 * ..., NULL; to be freed. An error is their text. */
static inline char *metric_lines(const char *name, const char *a, const char *b,
                                 const char *const *options) {
    const Metric *m = metric_find(name);
    const char *inputs[3] = {a, b, NULL};
    char *values = malloc(m->size), *text = NULL;
    size_t size;
    Error err = {""};
    memcpy(values, m->defaults, m->size);
    for (; options && *options; options += 2) metric_set(m, values, options[0], options[1]);
    FILE *file = open_memstream(&text, &size);
    Results *out = results_new(file, false);
    if ((m->check && m->check(values, &err) < 0) ||
        metric_run(m, values, &(MetricWant){0}, inputs, out, &err) < 0)
        fprintf(file, "%s\n", err.text);
    if (results_free(out, true, "memory", &err) < 0) abort();
    fclose(file);
    free(values);
    return text;
}

/* The number on the `count`th line (from 0) of that name; NaN when there is none. */
static inline double metric_number(const char *lines, const char *line, int count) {
    size_t n = strlen(line);
    for (const char *at = lines; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
        if (!strncmp(at, line, n) && at[n] == '\t' && !count--) return strtod(at + n, NULL);
    return NAN;
}

#endif
