#include "maths/nearest.h"

#include <omp.h>
#include <stdlib.h>

enum { TILE = 128 };

void nearest_free(Nearest *s) {
    free(s->best);
    free(s->xx);
    free(s->key);
    free(s->dist);
    free(s->yy);
    free(s->item);
    *s = (Nearest){0};
}

int nearest_start(Nearest *s, const double *x, size_t n, size_t d, size_t k, Error *err) {
    size_t slots, bytes, tiles = (size_t)omp_get_max_threads();
    *s = (Nearest){.x = x, .n = n, .d = d, .k = k};
    if (!size_mul(n, k, &slots) || !size_mul(slots, sizeof *s->key, &bytes))
        return fail(err, "%zu neighbours are too many", k);
    s->best = data_alloc(n * sizeof *s->best, err);
    s->xx = data_alloc(n * sizeof *s->xx, err);
    s->key = data_alloc(bytes, err);
    s->item = data_alloc(slots * sizeof *s->item, err);
    s->dist = data_alloc(tiles * TILE * NEAREST_BLOCK * sizeof *s->dist, err);
    s->yy = data_alloc(NEAREST_BLOCK * sizeof *s->yy, err);
    if (!s->best || !s->xx || !s->key || !s->item || !s->dist || !s->yy) {
        nearest_free(s);
        return -1;
    }
    squared_norms(x, n, d, s->xx);
    for (size_t i = 0; i < n; i++) s->best[i] = (Best){s->key + i * k, s->item + i * k, k, 0};
    return 0;
}

/* Offers a block of the list to rows [from, from+n). */
static void offer_tile(Nearest *s, size_t from, size_t n, const double *y, size_t ny,
                       double *dist) {
    squared_distances(s->x + from * s->d, s->xx + from, n, y, s->yy, ny, s->d, dist);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < ny; j++)
            best_offer(&s->best[from + i], dist[i * ny + j], s->seen + j);
}

void nearest_offer(Nearest *s, const double *y, size_t ny) {
    squared_norms(y, ny, s->d, s->yy);
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < s->n; i += TILE)
        offer_tile(s, i, s->n - i < TILE ? s->n - i : TILE, y, ny,
                   s->dist + (size_t)omp_get_thread_num() * TILE * NEAREST_BLOCK);
    s->seen += ny;
}
