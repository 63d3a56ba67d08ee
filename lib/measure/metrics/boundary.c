/* boundary: directions of a space of latents along which scores grow, as the normals of linear
 * support vector machines between the latents of the highest and of the lowest scores (Shen, Gu,
 * Tang and Zhou 2020). */
#include "base/random.h"
#include "maths/dense.h"
#include "maths/hinge.h"
#include "measure/metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *latents, *scores, *names, *output, *invalid;
    double share, split, c, tolerance;
    uint64_t most, seed, sweeps;
    double missing; /* the score that --invalid names; NAN without */
} Options;

/* Accuracies of one attribute. */
typedef struct {
    size_t valid, each, train, validation, rest; /* rows: with a score; of a class chosen; .. */
    double on_train, on_validation, on_rest, on_rest_median, midrange, median;
    double violation, norm, intercept; /* of the unit direction */
} Fit;

typedef struct {
    const Options *o;
    Matrix latents, scores;
    size_t m;          /* attributes */
    double *direction; /* [m,d] unit rows */
    Fit *fit;          /* [m] */
} Task;

/* A row and its score. */
typedef struct {
    double score;
    size_t row;
} Ranked;

/* Falling scores, then rising rows. */
static int by_score(const void *a, const void *b) {
    const Ranked *p = a, *q = b;
    if (p->score != q->score) return p->score < q->score ? 1 : -1;
    return (p->row > q->row) - (p->row < q->row);
}

static double score_of(const Task *t, size_t row, size_t k) { return t->scores.x[row * t->m + k]; }

/* Rows that have the score, the highest first; in memory to be freed. */
static Ranked *rank(const Task *t, size_t k, size_t *n, Error *err) {
    Ranked *r = data_alloc(t->scores.n * sizeof *r, err);
    *n = 0;
    for (size_t i = 0; r && i < t->scores.n; i++)
        if (score_of(t, i, k) != t->o->missing) r[(*n)++] = (Ranked){score_of(t, i, k), i};
    if (r) qsort(r, *n, sizeof *r, by_score);
    return r;
}

static double distance(const Task *t, size_t row, const double *w) {
    const float *x = t->latents.xf + row * t->latents.d;
    double s = 0;
    for (size_t j = 0; j < t->latents.d; j++) s += (double)x[j] * w[j];
    return s;
}

/* ---- one attribute ---- */

/* The rows of both ends, those to train on in front: of each class a random share. */
typedef struct {
    const Ranked *ranked;
    size_t n, each, train; /* ranked; of a class; of these to train on */
    size_t *order[2];      /* [each] of the lowest and of the highest: numbers from the end */
} Ends;

static size_t row_at(const Ends *e, int high, size_t i) {
    size_t at = e->order[high][i];
    return e->ranked[high ? at : e->n - 1 - at].row;
}

static int choose(const Task *t, size_t k, Ends *e, Error *err) {
    const Options *o = t->o;
    e->each = o->most ? (size_t)o->most : (size_t)(o->share * (double)e->n);
    if (2 * e->each > e->n)
        return fail(err, "score %zu: %zu at each end, but only %zu rows have it", k, e->each, e->n);
    e->train = (size_t)(o->split * (double)e->each + 0.5);
    if (e->each < 2 || !e->train)
        return fail(err, "score %zu: %zu rows at each end, %zu to train on, expected at least 2", k,
                    e->each, e->train);
    if (e->ranked[0].score == e->ranked[e->n - 1].score)
        return fail(err, "score %zu: all rows have the same", k);
    for (int high = 0; high < 2; high++) {
        if (!(e->order[high] = data_alloc(e->each * sizeof *e->order[high], err))) return -1;
        for (size_t i = 0; i < e->each; i++) e->order[high][i] = i;
        draw_choose(o->seed, 2 * k + (size_t)high, e->order[high], e->each, e->train);
    }
    return 0;
}

static int train(const Task *t, size_t k, const Ends *e, Error *err) {
    size_t n = 2 * e->train, d = t->latents.d;
    float *x = data_alloc(n * d * sizeof *x, err);
    signed char *y = data_alloc(n, err);
    double *w = t->direction + k * d;
    Fit *f = &t->fit[k];
    int bad = x && y ? 0 : -1;
    for (size_t i = 0; i < n && !bad; i++) {
        y[i] = i % 2 ? 1 : -1;
        memcpy(x + i * d, t->latents.xf + row_at(e, i % 2, i / 2) * d, d * sizeof *x);
    }
    HingeParams p = {t->o->c, t->o->tolerance, (size_t)t->o->sweeps, t->o->seed};
    if (!bad) bad = hinge_solve(x, y, n, d, &p, w, &f->intercept, &f->violation, err);
    if (!bad && !((f->norm = scale_to_one(w, d)) > 0))
        bad = fail(err, "score %zu: the latents of both ends are not apart", k);
    if (!bad) f->intercept /= f->norm;
    free(x);
    free(y);
    return bad;
}

/* The share of the rows [from, each) of both ends that are on their side. */
static double right_of_ends(const Task *t, size_t k, const Ends *e, size_t from, size_t to) {
    size_t right = 0;
    const double *w = t->direction + k * t->latents.d;
    for (int high = 0; high < 2; high++)
        for (size_t i = from; i < to; i++)
            right += (distance(t, row_at(e, high, i), w) + t->fit[k].intercept > 0) == high;
    return (double)right / (double)(2 * (to - from));
}

/* All between the ends: labels by the middle of the range of scores, and by their median. */
static void judge_rest(const Task *t, size_t k, const Ends *e) {
    Fit *f = &t->fit[k];
    size_t middle = 0, half = 0, first = e->each, last = e->n - e->each;
    f->rest = last - first;
    f->midrange = (e->ranked[0].score + e->ranked[e->n - 1].score) / 2;
    f->median = f->rest ? e->ranked[first + f->rest / 2].score : NAN;
    for (size_t i = first; i < last; i++) {
        const Ranked *r = &e->ranked[i];
        bool above = distance(t, r->row, t->direction + k * t->latents.d) + f->intercept > 0;
        middle += above == (r->score >= f->midrange);
        half += above == (r->score >= f->median);
    }
    f->on_rest = (double)middle / (double)f->rest;
    f->on_rest_median = (double)half / (double)f->rest;
}

static int fit(const Task *t, size_t k, Error *err) {
    Ends e = {0};
    Ranked *ranked = rank(t, k, &e.n, err);
    e.ranked = ranked;
    int bad = ranked ? 0 : -1;
    if (!bad && e.n < 4) bad = fail(err, "score %zu: only %zu rows have it", k, e.n);
    if (!bad) bad = choose(t, k, &e, err);
    if (!bad) bad = train(t, k, &e, err);
    if (!bad) {
        Fit *f = &t->fit[k];
        f->valid = e.n, f->each = e.each;
        f->train = 2 * e.train, f->validation = 2 * (e.each - e.train);
        f->on_train = right_of_ends(t, k, &e, 0, e.train);
        f->on_validation = right_of_ends(t, k, &e, e.train, e.each);
        judge_rest(t, k, &e);
    }
    free(ranked);
    free(e.order[0]);
    free(e.order[1]);
    return bad;
}

/* ---- what comes of it ---- */

static void line(const Task *t, size_t k, const char *metric, double value, size_t n,
                 Results *out) {
    const Fit *f = &t->fit[k];
    char name[100];
    result_begin(out, metric, value);
    result_text(out, "score", list_item(t->o->names, k, name, sizeof name));
    result_int(out, "n", (int64_t)n);
    result_int(out, "each", (int64_t)f->each);
    result_real(out, "c", t->o->c);
    result_int(out, "dim", (int64_t)t->latents.d);
    result_int(out, "seed", (int64_t)t->o->seed);
    result_real(out, "violation", f->violation);
    result_end(out);
}

/* Of the scores i and j of all rows that have both. */
static double correlation(const Task *t, size_t i, size_t j) {
    double n = 0, mi = 0, mj = 0, ii = 0, jj = 0, ij = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t r = 0; r < t->scores.n; r++) {
            double a = score_of(t, r, i), b = score_of(t, r, j);
            if (a == t->o->missing || b == t->o->missing) continue;
            if (!pass)
                n++, mi += a, mj += b;
            else
                a -= mi / n, b -= mj / n, ii += a * a, jj += b * b, ij += a * b;
        }
    return ij / sqrt(ii * jj);
}

static double cosine(const Task *t, size_t i, size_t j) {
    double s = 0;
    size_t d = t->latents.d;
    for (size_t k = 0; k < d; k++) s += t->direction[i * d + k] * t->direction[j * d + k];
    return s;
}

static void pair(const Task *t, size_t i, size_t j, const char *metric, double value,
                 Results *out) {
    char a[100], b[100];
    result_begin(out, metric, value);
    result_text(out, "score", list_item(t->o->names, i, a, sizeof a));
    result_text(out, "other", list_item(t->o->names, j, b, sizeof b));
    result_int(out, "n", (int64_t)t->scores.n);
    result_end(out);
}

static void report(const Task *t, Results *out) {
    for (size_t k = 0; k < t->m; k++) {
        const Fit *f = &t->fit[k];
        line(t, k, "boundary.train", f->on_train, f->train, out);
        line(t, k, "boundary.validation", f->on_validation, f->validation, out);
        line(t, k, "boundary.rest", f->on_rest, f->rest, out);
        line(t, k, "boundary.rest-median", f->on_rest_median, f->rest, out);
    }
    for (size_t i = 0; i < t->m; i++)
        for (size_t j = i + 1; j < t->m; j++)
            pair(t, i, j, "boundary.cosine", cosine(t, i, j), out);
    for (size_t i = 0; i < t->m; i++)
        for (size_t j = i + 1; j < t->m; j++)
            pair(t, i, j, "boundary.correlation", correlation(t, i, j), out);
}

static int save(const Task *t, Error *err) {
    size_t d = t->latents.d, shape[2] = {t->m, d};
    Frame f = {0};
    int bad = frame_add(&f, "direction", DT_F32, 2, shape, err) < 0 ||
              frame_add(&f, "intercept", DT_F32, 1, shape, err) < 0 || frame_allocate(&f, err) < 0;
    Str names = {0}, rates = {0};
    for (size_t k = 0; k < t->m && !bad; k++) {
        char name[100], number[40];
        float *row = (float *)frame_find(&f, "direction")->data + k * d;
        for (size_t j = 0; j < d; j++) row[j] = (float)t->direction[k * d + j];
        ((float *)frame_find(&f, "intercept")->data)[k] = (float)t->fit[k].intercept;
        str_printf(&names, "%s%s", k ? "," : "", list_item(t->o->names, k, name, sizeof name));
        str_printf(&rates, "%s%s", k ? "," : "",
                   real_text(t->fit[k].on_validation, number, sizeof number));
    }
    if (!bad) {
        frame_set_meta(&f, "gan.scores", names.text);
        frame_set_meta(&f, "gan.validation", rates.text);
        frame_set_meta(&f, "gan.latents", t->latents.tensor);
        bad = frame_save(&f, t->o->output, err) < 0;
    }
    str_free(&names);
    str_free(&rates);
    frame_free(&f);
    return bad ? -1 : 0;
}

/* Attributes do not depend on each other, so each has a thread. */
static int fit_all(Task *t, const char *path, Error *err) {
    t->m = t->scores.d;
    size_t bytes;
    if (!size_mul(t->m * sizeof(double), t->latents.d, &bytes)) return fail(err, "too many scores");
    t->direction = data_alloc(bytes, err);
    t->fit = calloc(t->m, sizeof *t->fit);
    if (!t->direction || !t->fit) return fail(err, "out of memory");
    size_t first = t->m; /* that failed */
#pragma omp parallel for schedule(dynamic)
    for (size_t k = 0; k < t->m; k++) {
        Error own;
        if (fit(t, k, &own))
#pragma omp critical
            if (k < first) *err = own, first = k;
    }
    return first < t->m ? fail_in(err, "%s", path) : 0;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    Task t = {.o = options};
    const char *a = inputs[0].path, *b = inputs[1].path;
    int bad = matrix_load(&(RowsSpec){.of = &inputs[0], .tensor = t.o->latents}, AS_FLOAT, 0,
                          &t.latents, err);
    if (!bad)
        bad = matrix_load(&(RowsSpec){.of = &inputs[1], .tensor = t.o->scores}, AS_DOUBLE, 0,
                          &t.scores, err);
    if (!bad && t.latents.n != t.scores.n)
        bad = fail(err, "%s has %zu rows, %s has %zu", a, t.latents.n, b, t.scores.n);
    if (!bad) bad = list_check(t.o->names, t.scores.d, err);
    if (!bad) bad = fit_all(&t, b, err);
    if (!bad) report(&t, out);
    if (!bad && t.o->output) bad = save(&t, err);
    matrix_free(&t.latents);
    matrix_free(&t.scores);
    free(t.direction);
    free(t.fit);
    return bad;
}

static int check(void *options, Error *err) {
    Options *o = options;
    o->missing = NAN;
    if (o->invalid && !parse_double(o->invalid, &o->missing))
        return fail(err, "--invalid: expected a number, found '%s'", o->invalid);
    return 0;
}

static const Options defaults = {.latents = "z",
                                 .scores = "scores",
                                 .share = 0.02,
                                 .split = 0.7,
                                 .c = 1,
                                 .tolerance = 1e-3,
                                 .sweeps = 100000};

static const MetricOption options[] = {
    OPTION(share, "part", 'p', OPT_REAL(0, 0.5), "P", "of rows that each end is (0.02)"),
    OPTION(most, "most", 'n', OPT_U64(0, UINT32_MAX), "N", "or so many rows at each end"),
    OPTION(split, "split", 0, OPT_REAL(0, 1), "P", "of these to train on (0.7)"),
    OPTION(c, "c", 'c', OPT_REAL(1e-12, 1e12), "C", "weight of the loss (1)"),
    OPTION(seed, "seed", 0, OPT_U64(0, UINT64_MAX), "N", HELP_SEED " (0)"),
    OPTION(invalid, "invalid", 0, OPT_TEXT, "V", "a score that means that there is none"),
    OPTION(names, "names", 0, OPT_TEXT, "LIST", "what the scores are called"),
    OPTION(tolerance, "tolerance", 0, OPT_REAL(1e-12, 1), "T", "of the solution (1e-3)"),
    OPTION(sweeps, "iterations", 0, OPT_U64(1, 1e9), "N", "sweeps through the rows (100000)"),
    OPTION_WRITTEN(output, "output", 'o', OPT_TEXT, "FILE", "save the directions here"),
    OPTION(latents, "tensor", 't', OPT_TEXT, "NAME", "the latents (z)"),
    OPTION(scores, "scores", 0, OPT_TEXT, "NAME", "the scores [N,M] (scores)"),
    {0},
};

const Metric metric_boundary = {
    .name = "boundary",
    .operands = "LATENTS SCORES",
    .summary = "Directions of latents along which scores grow: linear SVMs of both ends.",
    .inputs = 2,
    METRIC_OPTIONS,
    .check = check,
    .run = run,
};
