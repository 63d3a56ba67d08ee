/* Convolution as matrix products whose left side is never built: the patches of an image are
 * gathered, a tile that fits the second-level cache at a time, straight to where the micro-kernels
 * read them. */
#include "tensor/conv/conv.h"

#include <omp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/conv/conv_job.h"
#include "tensor/winograd/winograd.h"

/* Where the result of each patch goes. */
static void place_results(const Product *p, size_t n, size_t row, size_t m, size_t *at) {
    GridPoint point = patches_point(p->patches.grid, row);
    for (size_t i = 0; i < m; i++, patches_next(p->patches.grid, &point))
        at[i] = product_place(p, &point, n);
}

/* Rows [0, m) of the tile, columns [n0, n0 + n) of one product. */
static void multiply(const Job *j, const Product *p, size_t m, size_t n0, size_t n,
                     const Lane *lane) {
    size_t steps = blocks_of(p->k, TILE_WIDTH), kc = round_up(blocks_of(p->k, steps), 8);
    size_t rows = j->micro->rows;
    for (size_t k0 = 0; k0 < p->k; k0 += kc) {
        size_t k = least(kc, p->k - k0);
        patches_gather(&p->patches, lane->place, m, k0, k, lane->tile, TILE_LD);
        for (size_t c = n0; c < n0 + n; c += j->panel) {
            size_t panel = least(j->panel, j->width - c), width = least(panel, j->n - c);
            size_t vectors = panel / j->micro->lanes;
            const float *b = j->packed + p->packed + c * p->k + k0 * panel;
            for (size_t i = 0; i < m; i += rows) {
                MicroKernel *kernel = j->micro->across[least(rows, m - i) - 1][vectors - 1];
                kernel(k, lane->tile + i * TILE_LD, b, j->out + c, lane->at + i, width, k0 > 0);
            }
        }
    }
}

static void wide_task(const Job *j, size_t task, const Lane *lane) {
    size_t nb = task % j->nblocks, mb = task / j->nblocks % j->mblocks;
    Product p = conv_job_product(j, task / j->nblocks / j->mblocks);
    size_t m0 = mb * j->mc, n0 = nb * j->nc;
    if (m0 >= p.m) return;
    size_t m = least(j->mc, p.m - m0), n = least(j->nc, j->n - n0);
    place_results(&p, j->n, m0, m, lane->at);
    for (size_t i = 0; i < m && !p.k; i++) /* no tap meets this phase */
        memset(j->out + lane->at[i] + n0, 0, n * sizeof(float));
    if (!p.k) return;
    patches_place(&p.patches, m0, m, lane->place);
    multiply(j, &p, m, n0, n, lane);
}

static void job_run(Job *j, const float *image, const float *w, float *out, void *scratch) {
    if (!j->tasks) return;
    double macs = (double)j->rows * (double)(j->f.taps * j->k * j->n);
    j->image = image, j->w = w, j->out = out;
    j->packed = lanes_end(scratch, lanes_count());
#pragma omp parallel num_threads(lanes_count()) if (macs > PARALLEL_MIN)
    {
        Lane lane = lane_of(scratch, (size_t)omp_get_thread_num());
#pragma omp for schedule(static)
        for (size_t i = 0; i < j->f.taps * j->panels; i++) conv_job_pack(j, i);
#pragma omp for schedule(dynamic)
        for (size_t i = 0; i < j->tasks; i++) {
            if (j->narrow)
                conv_narrow_task(j, i, &lane);
            else
                wide_task(j, i, &lane);
        }
    }
}

/* ---- the choice ---- */

static atomic_int wished = -1;

void conv_wish(ConvAlgorithm algorithm) { atomic_store(&wished, (int)algorithm); }

static ConvAlgorithm wish(void) {
    int w = atomic_load_explicit(&wished, memory_order_relaxed);
    if (w < 0) {
        const char *name = getenv("GAN_CONV");
        w = CONV_FASTEST;
        if (name && !strcmp(name, "direct")) w = CONV_DIRECT;
        if (name && !strcmp(name, "winograd")) w = CONV_WINOGRAD;
        atomic_store_explicit(&wished, w, memory_order_relaxed);
    }
    return (ConvAlgorithm)w;
}

static bool by_winograd(const ConvShape *s, ConvKind kind, Wino *j) {
    ConvAlgorithm w = wish();
    return w != CONV_DIRECT && wino_plan(s, kind, j) && (w == CONV_WINOGRAD || wino_pays(j));
}

ConvAlgorithm conv_algorithm(const ConvShape *s, ConvKind kind) {
    Wino j;
    return by_winograd(s, kind, &j) ? CONV_WINOGRAD : CONV_DIRECT;
}

/* ---- the three kinds ---- */

static void apply(const ConvShape *s, bool data, const float *image, const float *w, float *out,
                  void *scratch) {
    Wino wino;
    if (by_winograd(s, data ? CONV_DATA : CONV_FORWARD, &wino)) {
        wino_apply(&wino, image, w, out, scratch);
        return;
    }
    Job j = conv_job_plan(s, data);
    job_run(&j, image, w, out, scratch);
}

void conv_forward(const ConvShape *s, const float *x, const float *w, float *y, void *scratch) {
    apply(s, false, x, w, y, scratch);
}

void conv_data(const ConvShape *s, const float *dy, const float *w, float *dx, void *scratch) {
    apply(s, true, dy, w, dx, scratch);
}

void conv_weight(const ConvShape *s, const float *x, const float *dy, float *dw, void *scratch) {
    Wino wino;
    if (by_winograd(s, CONV_WEIGHT, &wino))
        wino_weight(&wino, x, dy, dw, scratch);
    else
        conv_weight_direct(s, x, dy, dw, scratch);
}

size_t conv_scratch(const ConvShape *s, ConvKind kind) {
    Wino wino;
    if (by_winograd(s, kind, &wino)) return wino_scratch(&wino);
    size_t lanes = lanes_bytes(omp_get_max_threads());
    if (kind == CONV_WEIGHT) return lanes + conv_weight_scratch(s);
    return lanes + conv_job_plan(s, kind == CONV_DATA).packed_floats * sizeof(float);
}
