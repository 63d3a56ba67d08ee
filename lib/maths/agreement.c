#include "maths/agreement.h"

#include "maths/assign.h"
#include "maths/classes.h"

#include <math.h>
#include <stdlib.h>

/* count[i*classes.n + j]: samples of cluster i and class j. */
typedef struct {
    ClassCounts clusters, classes;
    uint64_t *count, *of_cluster, *of_class;
} Contingency;

static int table_make(Contingency *t, const int64_t *cluster, const int64_t *class, size_t n,
                      Error *err) {
    if (classes_add(&t->clusters, cluster, n, err) < 0 ||
        classes_add(&t->classes, class, n, err) < 0)
        return -1;
    size_t rows = t->clusters.n, columns = t->classes.n;
    if (rows > AGREEMENT_MAX || columns > AGREEMENT_MAX)
        return fail(err, "%zu clusters and %zu classes, expected at most %d", rows, columns,
                    AGREEMENT_MAX);
    t->count = calloc(rows * columns, sizeof *t->count);
    t->of_cluster = calloc(rows, sizeof *t->of_cluster);
    t->of_class = calloc(columns, sizeof *t->of_class);
    if (!t->count || !t->of_cluster || !t->of_class) return fail(err, "out of memory");
    for (size_t k = 0; k < n; k++) {
        size_t i = (size_t)classes_find(&t->clusters, cluster[k]);
        size_t j = (size_t)classes_find(&t->classes, class[k]);
        t->count[i * columns + j]++;
        t->of_cluster[i]++;
        t->of_class[j]++;
    }
    return 0;
}

static void table_free(Contingency *t) {
    classes_free(&t->clusters);
    classes_free(&t->classes);
    free(t->count);
    free(t->of_cluster);
    free(t->of_class);
}

static double majority(const Contingency *t, double n) {
    uint64_t sum = 0;
    for (size_t i = 0; i < t->clusters.n; i++) {
        uint64_t most = 0;
        for (size_t j = 0; j < t->classes.n; j++)
            if (t->count[i * t->classes.n + j] > most) most = t->count[i * t->classes.n + j];
        sum += most;
    }
    return (double)sum / n;
}

/* What is missing to a square counts 0. */
static double cost(const void *context, size_t i, size_t j) {
    const Contingency *t = context;
    bool within = i < t->clusters.n && j < t->classes.n;
    return within ? -(double)t->count[i * t->classes.n + j] : 0;
}

static int assigned(const Contingency *t, double n, double *out, Error *err) {
    size_t side = t->clusters.n > t->classes.n ? t->clusters.n : t->classes.n;
    size_t *row_of = data_alloc((side + 1) * sizeof *row_of, err);
    int bad = row_of ? assign_least(side, cost, t, row_of, err) : -1;
    *out = 0;
    for (size_t j = 0; j < side && !bad; j++) *out -= cost(t, row_of[j], j) / n;
    free(row_of);
    return bad;
}

static double entropy(const uint64_t *count, size_t n, double total) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum -= (double)count[i] / total * log((double)count[i] / total);
    return sum;
}

static double mutual(const Contingency *t, double n) {
    double sum = 0;
    for (size_t i = 0; i < t->clusters.n; i++)
        for (size_t j = 0; j < t->classes.n; j++) {
            double both = (double)t->count[i * t->classes.n + j];
            if (both > 0)
                sum +=
                    both / n * log(n * both / ((double)t->of_cluster[i] * (double)t->of_class[j]));
        }
    return fmax(sum, 0);
}

static double pairs(const uint64_t *count, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)count[i] * ((double)count[i] - 1) / 2;
    return sum;
}

int agreement_measure(const int64_t *cluster, const int64_t *class, size_t n, Agreement *out,
                      Error *err) {
    Contingency t = {0};
    double total = (double)n, best = 0;
    int bad = table_make(&t, cluster, class, n, err);
    if (!bad) bad = assigned(&t, total, &best, err);
    if (!bad) {
        double entropies =
            entropy(t.of_cluster, t.clusters.n, total) + entropy(t.of_class, t.classes.n, total);
        double all = total * (total - 1) / 2, a = pairs(t.of_cluster, t.clusters.n),
               b = pairs(t.of_class, t.classes.n);
        double chance = all > 0 ? a * b / all : 0, most = (a + b) / 2;
        double both = pairs(t.count, t.clusters.n * t.classes.n);
        *out = (Agreement){t.clusters.n,
                           t.classes.n,
                           majority(&t, total),
                           best,
                           entropies > 0 ? 2 * mutual(&t, total) / entropies : 1,
                           most > chance ? (both - chance) / (most - chance) : 1};
    }
    table_free(&t);
    return bad;
}
