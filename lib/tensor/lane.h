/* lane.h: the part of the scratch that one thread works in, and how B is packed; private to
 * products and convolutions. */
#ifndef GAN_LANE_H
#define GAN_LANE_H

#include <omp.h>

#include "base/base.h"
#include "tensor/conv/conv_patches.h"
#include "tensor/gemm/micro.h"

/* Fewer multiplications than this are done before another thread has woken up. */
enum { PARALLEL_MIN = 1 << 18 };

enum { PANEL_ROWS = 128, PANEL_COLUMNS = 256 };

typedef struct {
    float *tile;  /* [TILE_FLOATS] */
    float *panel; /* [PANEL_ROWS * PANEL_COLUMNS] */
    PatchPlace *place;
    size_t *at; /* both [TILE_ROWS] */
} Lane;

typedef struct {
    _Alignas(64) float tile[TILE_FLOATS];
    _Alignas(64) float panel[PANEL_ROWS * PANEL_COLUMNS];
    _Alignas(64) PatchPlace place[TILE_ROWS];
    size_t at[TILE_ROWS];
} LaneMemory;

/* One thread where a caller has already shared out the work. */
static inline int lanes_count(void) { return omp_in_parallel() ? 1 : omp_get_max_threads(); }
static inline size_t lanes_bytes(int count) { return (size_t)count * sizeof(LaneMemory); }
/* What follows the lanes. */
static inline void *lanes_end(void *scratch, int count) {
    return (char *)scratch + lanes_bytes(count);
}

static inline Lane lane_of(void *scratch, size_t i) {
    LaneMemory *l = (LaneMemory *)scratch + i;
    return (Lane){.tile = l->tile, .panel = l->panel, .place = l->place, .at = l->at};
}

/* Packed B: panels of `panel` columns, each holding its rows one after another. These pack k rows
 * and n <= panel columns, the rest zero, from b[kk*ld + j], or, turned, from b[j*ld + kk]. */
void pack_panel(const float *b, size_t ld, size_t k, size_t n, float *to, size_t panel);
void pack_turned(const float *b, size_t ld, size_t k, size_t n, float *to, size_t panel);

/* sum[e] = parts[e] + parts[e + step] + ... for i <= e < i + n, in this order */
void lane_add_parts(float *sum, const float *parts, size_t count, size_t step, size_t i, size_t n);
enum { ADD_CHUNK = 1024 }; /* floats worth a turn of a parallel loop */

static inline size_t round_up(size_t a, size_t b) { return (a + b - 1) / b * b; }
static inline size_t blocks_of(size_t a, size_t b) { return (a + b - 1) / b; }
static inline size_t least(size_t a, size_t b) { return a < b ? a : b; }

#endif
