#include "maths/kmeans.h"

#include "base/random.h"
#include "maths/dense.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 };

/* A row with a chance in proportion to its share; any row when all are 0. */
static size_t draw_row(const double *share, size_t n, double u) {
    double sum = 0, at = 0;
    for (size_t i = 0; i < n; i++) sum += share[i];
    if (!(sum > 0)) return (size_t)(u * (double)n);
    size_t last = 0;
    for (size_t i = 0; i < n; i++) {
        at += share[i];
        if (share[i] > 0) last = i;
        if (at > u * sum) break;
    }
    return last;
}

static void choose_centres(const double *x, size_t n, size_t d, size_t k, uint64_t seed,
                           double *centre, double *reach) {
    for (size_t i = 0; i < n; i++) reach[i] = 0;
    for (size_t c = 0; c < k; c++) {
        size_t row = draw_row(reach, n, draw_uniform(seed, 0, c));
        memcpy(centre + c * d, x + row * d, d * sizeof *x);
#pragma omp parallel for
        for (size_t i = 0; i < n; i++) {
            double v = squared_distance(x + i * d, centre + c * d, d);
            if (!c || v < reach[i]) reach[i] = v;
        }
    }
}

typedef struct {
    const double *x;
    size_t n, d, k;
    double *centre, *squares, *room; /* [k,d]; [k]; [BLOCK,k] for each thread */
    size_t *cluster;                 /* [n] */
} Task;

/* Rows i to i+n-1; dist [n,k] and norm [n] are scratch. True when one has changed its centre. */
static bool assign_block(const Task *t, size_t i, size_t n, double *dist, double *norm) {
    bool changed = false;
    squared_norms(t->x + i * t->d, n, t->d, norm);
    squared_distances(t->x + i * t->d, norm, n, t->centre, t->squares, t->k, t->d, dist);
    for (size_t r = 0; r < n; r++) {
        size_t best = 0;
        for (size_t c = 1; c < t->k; c++)
            if (dist[r * t->k + c] < dist[r * t->k + best]) best = c;
        changed = changed || t->cluster[i + r] != best;
        t->cluster[i + r] = best;
    }
    return changed;
}

/* Whether any row has changed its centre. */
static bool assign_rows(const Task *t) {
    bool changed = false;
    squared_norms(t->centre, t->k, t->d, t->squares);
#pragma omp parallel for schedule(dynamic) reduction(| : changed)
    for (size_t i = 0; i < t->n; i += BLOCK) {
        double norm[BLOCK], *dist = t->room + (size_t)omp_get_thread_num() * BLOCK * t->k;
        changed |= assign_block(t, i, t->n - i < BLOCK ? t->n - i : BLOCK, dist, norm);
    }
    return changed;
}

/* A centre without rows stays where it is. */
static void move_centres(Task *t) {
#pragma omp parallel for schedule(dynamic)
    for (size_t c = 0; c < t->k; c++) {
        double *to = t->centre + c * t->d;
        size_t count = 0;
        for (size_t i = 0; i < t->n; i++) {
            if (t->cluster[i] != c) continue;
            if (!count++) memset(to, 0, t->d * sizeof *to);
            for (size_t j = 0; j < t->d; j++) to[j] += t->x[i * t->d + j];
        }
        for (size_t j = 0; j < t->d && count; j++) to[j] /= (double)count;
    }
}

int kmeans(const double *x, size_t n, size_t d, size_t k, uint64_t seed, size_t iterations,
           double *centre, size_t *cluster, Error *err) {
    double *reach = data_alloc(n * sizeof *reach, err);
    double *squares = data_alloc(k * sizeof *squares, err);
    double *room = data_alloc((size_t)omp_get_max_threads() * BLOCK * k * sizeof *room, err);
    Task t = {x, n, d, k, centre, squares, room, cluster};
    bool more = reach && squares && room;
    int bad = more ? 0 : -1;
    if (more) choose_centres(x, n, d, k, seed, centre, reach);
    for (size_t i = 0; i < n; i++) cluster[i] = k;
    for (size_t s = 0; more && s <= iterations; s++) {
        if (s) move_centres(&t);
        more = assign_rows(&t);
    }
    free(reach);
    free(squares);
    free(room);
    return bad;
}
