/* prdc: precision and recall (Kynkaanniemi et al. 2019), density and coverage (Naeem et al. 2020)
 * of generated features beside real ones. */
#include "maths/nearest.h"
#include "measure/metric.h"
#include "measure/metrics/neighbours.h"
#include "measure/sets.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

enum { TILE = 128, CHUNK = 1024 };

/* One of the two sets: its rows, their squared norms and the squared radii of their balls. */
typedef struct {
    const Matrix *m;
    double *xx, *radius;
    unsigned char *met, *holds; /* the row lies in a ball of the other set; its ball holds one */
} Set;

/* The largest of the k+1 least distances within the set, the row's own 0 among them, from
 * differences, so that it can be compared exactly with other such. */
static int find_radii(Set *s, size_t k, Error *err) {
    const Matrix *m = s->m;
    Nearest near;
    if (nearest_start(&near, m->x, m->n, m->d, k + 1, err) < 0) return -1;
    for (size_t i = 0; i < m->n; i += NEAREST_BLOCK)
        nearest_offer(&near, m->x + i * m->d, m->n - i < NEAREST_BLOCK ? m->n - i : NEAREST_BLOCK);
    for (size_t i = 0; i < m->n; i++) {
        s->xx[i] = near.xx[i];
        s->radius[i] = 0;
        for (size_t j = 0; j <= k; j++) {
            size_t other = near.best[i].item[j];
            s->radius[i] =
                fmax(s->radius[i], squared_distance(m->x + i * m->d, m->x + other * m->d, m->d));
        }
    }
    nearest_free(&near);
    return 0;
}

static int set_start(Set *s, const Matrix *m, size_t k, Error *err) {
    *s = (Set){.m = m};
    if (m->n <= k) return fail(err, "k = %zu needs more than %zu rows, there are %zu", k, k, m->n);
    s->xx = data_alloc(m->n * sizeof *s->xx, err);
    s->radius = data_alloc(m->n * sizeof *s->radius, err);
    s->met = calloc(m->n, 1);
    s->holds = calloc(m->n, 1);
    if (!s->xx || !s->radius || !s->met || !s->holds)
        return fail(err, "out of memory: %zu rows", m->n);
    return find_radii(s, k, err);
}

static void set_free(Set *s) {
    free(s->xx);
    free(s->radius);
    free(s->met);
    free(s->holds);
}

/* Whether row j of b lies in the ball of row i of a. The distance at hand came from a product and
 * decides unless it is at the surface. */
static bool inside(const Set *a, size_t i, const Set *b, size_t j, double distance) {
    double gap = distance - a->radius[i];
    if (fabs(gap) > 1e-9 * (a->xx[i] + b->xx[j])) return gap < 0;
    size_t d = a->m->d;
    return squared_distance(a->m->x + i * d, b->m->x + j * d, d) <= a->radius[i];
}

/* Rows [i,i+n) of real against [j,j+m) of fake; returns how often one of fake lies in the ball of
 * one of real. Other threads have other rows of real. */
static size_t compare_block(Set *real, size_t i, size_t n, Set *fake, size_t j, size_t m,
                            double *dist) {
    size_t d = real->m->d, pairs = 0;
    squared_distances(real->m->x + i * d, real->xx + i, n, fake->m->x + j * d, fake->xx + j, m, d,
                      dist);
    for (size_t a = i; a < i + n; a++) {
        for (size_t b = j; b < j + m; b++) {
            double v = dist[(a - i) * m + (b - j)];
            if (!real->met[a] && inside(fake, b, real, a, v)) real->met[a] = 1;
            if (!inside(real, a, fake, b, v)) continue;
            pairs++;
            real->holds[a] = 1;
#pragma omp atomic write
            fake->met[b] = 1;
        }
    }
    return pairs;
}

static int compare(Set *real, Set *fake, size_t *pairs, Error *err) {
    size_t n = real->m->n, m = fake->m->n, threads = (size_t)omp_get_max_threads(), sum = 0;
    double *dist = data_alloc(threads * TILE * CHUNK * sizeof *dist, err);
    if (!dist) return -1;
#pragma omp parallel for schedule(dynamic) reduction(+ : sum)
    for (size_t i = 0; i < n; i += TILE)
        for (size_t j = 0; j < m; j += CHUNK)
            sum += compare_block(real, i, n - i < TILE ? n - i : TILE, fake, j,
                                 m - j < CHUNK ? m - j : CHUNK,
                                 dist + (size_t)omp_get_thread_num() * TILE * CHUNK);
    free(dist);
    *pairs = sum;
    return 0;
}

static double share(const unsigned char *set, size_t n) {
    size_t sum = 0;
    for (size_t i = 0; i < n; i++) sum += set[i];
    return (double)sum / (double)n;
}

static size_t count_points(const Set *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->m->n; i++) n += s->radius[i] == 0;
    return n;
}

int prdc_measure(const Matrix *real, const Matrix *fake, size_t k, Prdc *out, Error *err) {
    Set a = {0}, b = {0};
    size_t pairs = 0;
    int bad = set_start(&a, real, k, err) < 0 || set_start(&b, fake, k, err) < 0 ||
              compare(&a, &b, &pairs, err) < 0;
    if (!bad)
        *out = (Prdc){share(b.met, fake->n),
                      share(a.met, real->n),
                      (double)pairs / ((double)k * (double)fake->n),
                      share(a.holds, real->n),
                      {count_points(&a), count_points(&b)}};
    set_free(&a);
    set_free(&b);
    return bad ? -1 : 0;
}

/* The metric. */
typedef struct {
    Sets sets;
    uint64_t k;
} Options;

/* What makes balls smaller, or larger, than those of the other set. */
static void warn(const Options *o, const Matrix m[2], const Prdc *p, Results *out) {
    const char *const name[] = {"REAL", "FAKE"};
    size_t few = m[0].n < m[1].n ? m[0].n : m[1].n;
    for (int i = 0; i < 2; i++)
        if (p->points[i])
            result_warn(out,
                        "%zu of %zu rows of %s are equal to %zu others: their balls are points",
                        p->points[i], m[i].n, name[i], (size_t)o->k);
    if (m[0].n >= 2 * few || m[1].n >= 2 * few)
        result_warn(
            out,
            "REAL has %zu rows, FAKE %zu: balls shrink with their number; -n %zu takes as many",
            m[0].n, m[1].n, few);
}

static int measure(const void *options, const Matrix m[2], Results *out, Error *err) {
    const Options *o = options;
    Prdc p;
    if (prdc_measure(&m[0], &m[1], (size_t)o->k, &p, err) < 0) return -1;
    warn(o, m, &p, out);
    const char *name[] = {"prdc.precision", "prdc.recall", "prdc.density", "prdc.coverage"};
    const double value[] = {p.precision, p.recall, p.density, p.coverage};
    for (int i = 0; i < 4; i++) {
        result_begin(out, name[i], value[i]);
        result_int(out, "k", (int64_t)o->k);
        sets_describe(&o->sets, m, out);
        result_end(out);
    }
    return 0;
}

static const Options defaults = {.sets = {.tensor = "feature"}, .k = 3};

static const MetricOption options[] = {
    OPTION(k, "neighbours", 'k', OPT_U64(1, UINT32_MAX), "K",
           "balls reach to the K-th nearest other row (3)"),
    OPTION(sets.rows, "rows", 'n', OPT_U64(1, UINT64_MAX), "N", "use the first N of each (all)"),
    SETS_LINES,
    {0},
};

const Metric metric_prdc = {
    .name = "prdc",
    .operands = "REAL FAKE",
    .summary = "Precision, recall, density and coverage of features beside real ones.",
    METRIC_OF_SETS,
};
