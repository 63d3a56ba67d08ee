#include "measure/metrics/parzen.h"

#include "maths/dense.h"
#include "measure/metric.h"

#include <float.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>

enum { TILE = 64, CHUNK = 512, BLOCK = 1024, SIGMAS_MAX = 256 };

/* A running log-sum-exp of one row for several sigmas: sum[s] counts terms relative to the nearest
 * centre so far, at squared distance `nearest`. */
static void add_terms(const double *dist, size_t n, const double *sigma, size_t ns, double *nearest,
                      double *sum) {
    double low = dist[0];
    for (size_t j = 1; j < n; j++) low = dist[j] < low ? dist[j] : low;
    double before = *nearest;
    if (low > before) low = before;
    *nearest = low;
    for (size_t s = 0; s < ns; s++) {
        double scale = 0.5 / (sigma[s] * sigma[s]), reach = low + 60 / scale, added = 0;
        if (sum[s] > 0) sum[s] *= exp((low - before) * scale);
        for (size_t j = 0; j < n; j++)
            if (dist[j] <= reach) added += exp((low - dist[j]) * scale);
        sum[s] += added;
    }
}

/* One tile of rows against all centres, in chunks; dist is [TILE,CHUNK]. */
static void tile_density(const Centres *c, const double *x, size_t nx, const double *sigma,
                         size_t ns, double *dist, double *out) {
    double xx[TILE], nearest[TILE];
    squared_norms(x, nx, c->d, xx);
    for (size_t i = 0; i < nx; i++) nearest[i] = DBL_MAX;
    for (size_t i = 0; i < nx * ns; i++) out[i] = 0;
    for (size_t j = 0; j < c->n; j += CHUNK) {
        size_t n = c->n - j < CHUNK ? c->n - j : CHUNK;
        squared_distances(x, xx, nx, c->x + j * c->d, c->xx + j, n, c->d, dist);
        for (size_t i = 0; i < nx; i++)
            add_terms(dist + i * n, n, sigma, ns, &nearest[i], out + i * ns);
    }
    for (size_t i = 0; i < nx; i++)
        for (size_t s = 0; s < ns; s++)
            out[i * ns + s] = log(out[i * ns + s]) - nearest[i] / (2 * sigma[s] * sigma[s]) -
                              log((double)c->n) - (double)c->d * log(sigma[s] * sqrt(2 * M_PI));
}

int parzen_log_density(const Centres *c, const double *x, size_t nx, const double *sigma, size_t ns,
                       double *out, Error *err) {
    int threads = omp_get_max_threads();
    double *dist = data_alloc((size_t)threads * TILE * CHUNK * sizeof *dist, err);
    if (!dist) return -1;
#pragma omp parallel for schedule(dynamic) num_threads(threads)
    for (size_t i = 0; i < nx; i += TILE)
        tile_density(c, x + i * c->d, nx - i < TILE ? nx - i : TILE, sigma, ns,
                     dist + (size_t)omp_get_thread_num() * TILE * CHUNK, out + i * ns);
    free(dist);
    return 0;
}

/* The metric. */
typedef struct {
    const char *validation, *tensor, *sigmas;
    double sigma;
    uint64_t validation_rows;
    ValueRange range;
    double grid[SIGMAS_MAX];
    int count;
} Options;

/* Mean and standard deviation (divisor n) of the log densities of a stream's rows, for every
 * sigma. */
typedef struct {
    size_t n;
    double sum[SIGMAS_MAX], sum2[SIGMAS_MAX];
} Score;

static double score_mean(const Score *s, int i) { return s->sum[i] / (double)s->n; }

/* Values are taken relative to the first row, so that the squares do not cancel. */
static void score_add(Score *s, double *first, const double *ll, size_t n, size_t ns) {
    for (size_t k = 0; k < ns; k++) {
        if (!s->n) first[k] = ll[k];
        for (size_t i = 0; i < n; i++) {
            double v = ll[i * ns + k] - first[k];
            s->sum[k] += v;
            s->sum2[k] += v * v;
        }
    }
    s->n += n;
}

static int score_blocks(Rows *r, const Centres *c, const double *sigma, size_t ns, size_t most,
                        double *x, double *ll, Score *s, Error *err) {
    double first[SIGMAS_MAX] = {0};
    for (;;) {
        size_t want = most && most - s->n < BLOCK ? most - s->n : BLOCK;
        ssize_t n = rows_read(r, want, x, NULL, err);
        if (n < 0 || (n && parzen_log_density(c, x, (size_t)n, sigma, ns, ll, err) < 0)) return -1;
        if (n) score_add(s, first, ll, (size_t)n, ns);
        if ((size_t)n < want || s->n == most) break;
    }
    for (size_t k = 0; k < ns && s->n; k++) {
        double n = (double)s->n, mean = s->sum[k] / n;
        s->sum2[k] = fmax(s->sum2[k] / n - mean * mean, 0); /* now the variance */
        s->sum[k] = (mean + first[k]) * n;
    }
    return 0;
}

static int score_stream(const Options *o, const Operand *in, const Centres *c,
                        const Operand *samples, const double *sigma, size_t ns, size_t most,
                        Score *s, Error *err) {
    *s = (Score){0};
    Rows *r = rows_open(&(RowsSpec){.of = in, .tensor = o->tensor, .range = o->range}, err);
    if (!r) return -1;
    double *x = data_alloc(BLOCK * rows_width(r) * sizeof *x, err);
    double *ll = data_alloc(BLOCK * ns * sizeof *ll, err);
    int bad = x && ll ? operands_match(in, rows_width(r), samples, c->d, err) : -1;
    if (!bad) bad = score_blocks(r, c, sigma, ns, most, x, ll, s, err);
    if (!bad && !s->n) bad = fail(err, "%s: no rows", in->path);
    free(x);
    free(ll);
    rows_close(r);
    return bad;
}

static int check(void *options, Error *err) {
    Options *o = options;
    if (!o->sigma && !o->validation)
        return fail(err, "needs --validation STREAM to choose sigma, or --sigma");
    o->count = parse_log_range(o->sigmas, o->grid, SIGMAS_MAX, err);
    if (o->count < 0) return fail_in(err, "--sigmas");
    return 0;
}

static double smallest(const Matrix *m) {
    double low = m->x[0];
    for (size_t i = 1; i < m->n * m->d; i++) low = fmin(low, m->x[i]);
    return low;
}

static void report(const Options *o, const Score *test, size_t n_validation, double sigma,
                   bool edge, const Matrix *m, Results *out) {
    result_begin(out, "parzen", score_mean(test, 0));
    result_real(out, "error", sqrt(test->sum2[0] / (double)test->n));
    result_real(out, "sigma", sigma);
    result_text(out, "sigmas", o->sigma ? "given" : o->sigmas);
    result_int(out, "n_test", (int64_t)test->n);
    result_int(out, "n_samples", (int64_t)m->n);
    result_int(out, "n_validation", (int64_t)n_validation);
    result_int(out, "dim", (int64_t)m->d);
    result_text(out, "tensor", m->tensor);
    result_range(out, &o->range);
    if (edge)
        result_text(out, "note", "sigma is at the edge of the grid");
    else if (!o->range.text && smallest(m) < -0.05)
        result_text(out, "note", "samples below 0: --range?");
    result_end(out);
}

static int choose(const Options *o, const Centres *c, const Operand *samples, double *sigma,
                  size_t *rows, bool *edge, Error *err) {
    Score s;
    if (score_stream(o, &(Operand){.path = o->validation}, c, samples, o->grid, (size_t)o->count,
                     (size_t)o->validation_rows, &s, err) < 0)
        return -1;
    int best = 0;
    for (int i = 1; i < o->count; i++)
        if (score_mean(&s, i) > score_mean(&s, best)) best = i;
    *sigma = o->grid[best];
    *rows = s.n;
    *edge = o->count > 1 && (best == 0 || best == o->count - 1);
    return 0;
}

static int run(const void *options, const Operand *inputs, Results *out, Error *err) {
    const Options *o = options;
    Matrix m;
    RowsSpec spec = {.of = &inputs[1], .tensor = o->tensor, .range = o->range};
    if (matrix_load(&spec, AS_DOUBLE, 0, &m, err) < 0) return -1;
    double *xx = data_alloc(m.n * sizeof *xx, err), sigma = o->sigma;
    size_t n_validation = 0;
    bool edge = false;
    Centres c = {m.n, m.d, m.x, xx};
    Score test;
    int bad = xx ? 0 : -1;
    if (!bad) squared_norms(m.x, m.n, m.d, xx);
    if (!bad && !sigma) bad = choose(o, &c, &inputs[1], &sigma, &n_validation, &edge, err);
    if (!bad) bad = score_stream(o, &inputs[0], &c, &inputs[1], &sigma, 1, 0, &test, err);
    if (!bad) report(o, &test, n_validation, sigma, edge, &m, out);
    free(xx);
    matrix_free(&m);
    return bad;
}

static const Options defaults = {
    .tensor = "image,feature", .sigmas = "0.1:1:10", .validation_rows = 1000};

static const MetricOption options[] = {
    OPTION_READ(validation, "validation", 0, OPT_TEXT, "STREAM", "held-out rows that choose sigma"),
    OPTION(validation_rows, "validation-rows", 0, OPT_U64(0, UINT64_MAX), "N",
           "use the first N of them (1000; 0: all)"),
    OPTION(sigma, "sigma", 's', OPT_REAL(1e-30, 1e30), "S", "the standard deviation, not chosen"),
    OPTION(sigmas, "sigmas", 0, OPT_TEXT, "LO:HI:N", "log-spaced candidates (0.1:1:10)"),
    OPTION(tensor, "tensor", 't', OPT_TEXT, "NAME", HELP_TENSOR),
    OPTION(range, "range", 0, OPT_RANGE, "LO,HI", HELP_RANGE),
    {0},
};

const Metric metric_parzen = {
    .name = "parzen",
    .operands = "TEST SAMPLES",
    .summary = "Log-likelihood of TEST under a Gaussian Parzen window on SAMPLES.",
    .inputs = 2,
    METRIC_OPTIONS,
    .check = check,
    .run = run,
    .compares = COMPARES_TRAINED,
    .by = true,
};
