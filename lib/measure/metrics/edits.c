/* edits: what walks of latents along a direction do to scores of what is made of them. */
#include "measure/metric.h"
#include "measure/summary.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    const char *scores, *names;
    uint64_t steps;
} Options;

/* Mean and deviation of each column. */
static int deviations(const Matrix *m, double *out, const char *path, Error *err) {
    for (size_t j = 0; j < m->d; j++) {
        double mean = 0, square = 0, n = (double)m->n;
        for (size_t i = 0; i < m->n; i++) mean += m->x[i * m->d + j] / n;
        for (size_t i = 0; i < m->n; i++) square += pow(m->x[i * m->d + j] - mean, 2);
        out[j] = sqrt(square / n);
        if (!(out[j] > 0)) return fail(err, "%s: score %zu is the same in all rows", path, j);
    }
    return 0;
}

/* Of score j: how far walks take it, by its deviation, and how many of them never back. */
static void report(const Options *o, const Matrix *m, size_t j, double deviation, double *by,
                   Results *out) {
    size_t steps = (size_t)o->steps, walks = m->n / steps, rising = 0, moved = 0;
    char name[100];
    for (size_t w = 0; w < walks; w++) {
        const double *x = m->x + w * steps * m->d + j;
        double whole = x[(steps - 1) * m->d] - x[0];
        bool up = true;
        for (size_t s = 1; s < steps; s++) up &= x[s * m->d] > x[(s - 1) * m->d];
        by[w] = whole / deviation;
        rising += up;
        moved += whole > 0;
    }
    for (int line = 0; line < 3; line++) {
        if (!line)
            summary_begin(out, "edits.response", summary_of(by, walks));
        else
            result_begin(out, line == 1 ? "edits.rising" : "edits.up",
                         (double)(line == 1 ? rising : moved) / (double)walks);
        result_text(out, "score", list_item(o->names, j, name, sizeof name));
        result_int(out, "walks", (int64_t)walks);
        result_int(out, "steps", (int64_t)steps);
        result_real(out, "deviation", deviation);
        result_end(out);
    }
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    Matrix m[2] = {{0}};
    int bad = 0;
    for (int i = 0; i < 2 && !bad; i++)
        bad = matrix_load(&(RowsSpec){.of = &inputs[i], .tensor = o->scores}, AS_DOUBLE, 0, &m[i],
                          err);
    if (!bad) bad = same_width(inputs[0].path, m[0].d, inputs[1].path, m[1].d, err);
    if (!bad && m[0].n % o->steps)
        bad = fail(err, "%s: %zu rows are no walks of %zu steps", inputs[0].path, m[0].n,
                   (size_t)o->steps);
    if (!bad) bad = list_check(o->names, m[0].d, err);
    double *room = bad ? NULL : data_alloc((m[0].d + m[0].n) * sizeof *room, err);
    if (!room) bad = -1;
    if (!bad) bad = deviations(&m[1], room, inputs[1].path, err);
    for (size_t j = 0; !bad && j < m[0].d; j++) report(o, &m[0], j, room[j], room + m[0].d, out);
    free(room);
    matrix_free(&m[0]);
    matrix_free(&m[1]);
    return bad;
}

static const Options defaults = {.scores = "scores", .steps = 10};

static const MetricOption options[] = {
    OPTION(steps, "steps", 'n', OPT_U64(2, 1 << 20), "N", "rows of a walk (10)"),
    OPTION(names, "names", 0, OPT_TEXT, "LIST", "what the scores are called"),
    OPTION(scores, "tensor", 't', OPT_TEXT, "NAME", "the scores [N,M] (scores)"),
    {0},
};

const Metric metric_edits = {
    .name = "edits",
    .operands = "WALKS REFERENCE",
    .summary = "How far walks of latents take scores, and how steadily.",
    .inputs = 2,
    METRIC_OPTIONS,
    .run = run,
};
