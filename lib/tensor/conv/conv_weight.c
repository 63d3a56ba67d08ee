/* The weight gradient: patches transposed times dy. Its result is small and its sum long, so the
 * pixels are cut too where the result alone gives too few tasks; the parts are added in order.
 *
 * Where dy has so few channels that vectors along them would be mostly empty, as in the last layer
 * of a generator, the patches are dy's and vectors go along the channels of x: with stride 1,
 *
 *   dw[t, c, k] = sum over n, i of x[n, i, c] * dy[n, i - t*dilation + pad, k]
 *
 * is a weight gradient, too, with the taps in reverse. */
#include <omp.h>
#include <string.h>

#include "tensor/conv/conv_job.h"
#include "tensor/transpose.h"

enum {
    TASKS_TARGET = 24,
    PART_PIXELS = 512,       /* the fewest pixels worth a part of their own */
    PARTS_FLOATS = 16 << 20, /* the most that all parts together may take */
    TURNED_ROWS = 8,         /* the fewest of a product whose patches are dy's ... */
    TURNED_PIXELS = 2,       /* ... and the most pixels of x for one of dy */
};

/* Whether the other way is faster, and its shape. */
static bool turn(ConvFull *f, const Micro *micro) {
    ConvFull t = *f;
    double pixels = 1, patches = 1;
    for (int d = 0; d < 3; d++) {
        size_t reach = f->dilation[d] * (f->kernel[d] - 1);
        if (f->stride[d] > 1 || f->pad[d] > reach) return false;
        t.in[d] = f->out[d], t.out[d] = f->in[d], t.pad[d] = reach - f->pad[d];
        pixels *= (double)f->in[d], patches *= (double)f->out[d];
    }
    t.cin = f->cout, t.cout = f->cin;
    if (f->cout > micro->narrow || f->cin < micro->lanes || f->taps * f->cout < TURNED_ROWS ||
        pixels > TURNED_PIXELS * patches)
        return false;
    *f = t;
    return true;
}

ConvWeight conv_weight_plan(const ConvShape *s) {
    ConvWeight j = {.f = conv_full(s), .micro = micro_kernels()};
    const ConvFull *f = &j.f;
    j.turned = turn(&j.f, j.micro);
    j.m = f->taps * f->cin, j.n = f->cout;
    j.k = f->n * f->out[0] * f->out[1] * f->out[2];
    if (!j.m || !j.n) return j;
    j.narrow = j.n <= j.micro->narrow;
    size_t step = j.narrow ? 1 : j.micro->rows, panel = 2 * j.micro->lanes;
    size_t limit = TILE_WIDTH / step * step;
    j.mc = round_up(blocks_of(j.m, blocks_of(j.m, limit)), step);
    j.nc = j.narrow ? j.n : round_up(blocks_of(j.n, blocks_of(j.n, PANEL_COLUMNS)), panel);
    j.mblocks = blocks_of(j.m, j.mc), j.nblocks = blocks_of(j.n, j.nc);
    j.kparts = blocks_of(TASKS_TARGET, j.mblocks * j.nblocks);
    j.kparts = least(j.kparts, blocks_of(j.k, PART_PIXELS));
    j.kparts = least(j.kparts, PARTS_FLOATS / (j.m * j.n));
    if (!j.kparts) j.kparts = 1;
    j.kc = round_up(blocks_of(j.k, j.kparts), PANEL_ROWS);
    j.kparts = j.kc ? blocks_of(j.k, j.kc) : 1;
    return j;
}

size_t conv_weight_scratch(const ConvWeight *j) {
    size_t parts = j->kparts > 1 ? j->kparts : 0;
    return (parts + j->turned) * j->m * j->n * sizeof(float);
}

/* dy[k0.., n0..] into panels as wide as the kernels. */
static void pack(const ConvWeight *j, size_t k0, size_t k, size_t n0, size_t n, float *to) {
    size_t lanes = j->micro->lanes, wide = 2 * lanes;
    for (size_t c = 0; c < n; c += wide) {
        size_t width = least(wide, n - c), panel = round_up(width, lanes);
        pack_panel(j->dy + k0 * j->n + n0 + c, j->n, k, width, to, panel);
        to += k * panel;
    }
}

/* c[m, n] (+)= tile transposed times panel, in rows of j->n floats */
static void multiply(const ConvWeight *j, size_t m, size_t n, size_t k, const Lane *lane, float *c,
                     bool add) {
    size_t lanes = j->micro->lanes, wide = 2 * lanes, rows = j->micro->rows;
    const float *b = lane->panel;
    for (size_t i = 0; i < rows; i++) lane->at[i] = i * j->n;
    for (size_t at = 0; at < n; at += wide) {
        size_t width = least(wide, n - at), panel = round_up(width, lanes);
        for (size_t i = 0; i < m; i += rows) {
            MicroKernel *kernel = j->micro->down[least(rows, m - i) - 1][panel / lanes - 1];
            kernel(k, lane->tile + i, b, c + i * j->n + at, lane->at, width, add);
        }
        b += k * panel;
    }
}

static void task(const ConvWeight *j, size_t index, const Lane *lane) {
    size_t mb = index % j->mblocks, nb = index / j->mblocks % j->nblocks;
    size_t part = index / j->mblocks / j->nblocks;
    size_t m0 = mb * j->mc, m = least(j->mc, j->m - m0);
    size_t n0 = nb * j->nc, n = least(j->nc, j->n - n0);
    size_t first = part * j->kc, end = least(first + j->kc, j->k);
    float *c = (j->kparts > 1 ? j->parts + part * j->m * j->n : j->dw) + m0 * j->n + n0;
    for (size_t k0 = first; k0 < end; k0 += PANEL_ROWS) {
        size_t k = least(PANEL_ROWS, end - k0);
        patches_place(&j->patches, k0, k, lane->place);
        patches_gather(&j->patches, lane->place, k, m0, m, lane->tile, TILE_LD);
        if (j->narrow) {
            j->micro->flat[n - 1](k, j->dy + k0 * n, lane->tile, c, m, k0 > first);
            continue;
        }
        pack(j, k0, k, n0, n, lane->panel);
        multiply(j, m, n, k, lane, c, k0 > first);
    }
}

/* [taps, k, c] of what was found the other way to [taps in reverse, c, k] */
static void turn_back(const ConvFull *f, const float *from, float *to) {
    for (size_t t = f->taps; t-- > 0; from += f->cin * f->cout)
        transpose(f->cin, f->cout, from, f->cout, to + t * f->cin * f->cout, f->cin);
}

void conv_weight_run(const ConvWeight *plan, const float *x, const float *dy, float *dw,
                     void *scratch) {
    ConvWeight j = *plan;
    size_t tasks = j.mblocks * j.nblocks * j.kparts, size = j.m * j.n;
    if (!size) return;
    if (!j.k) {
        memset(dw, 0, size * sizeof *dw);
        return;
    }
    float *turned = lanes_end(scratch, lanes_count());
    j.patches = patches_forward(&j.f, j.turned ? dy : x);
    j.dy = j.turned ? x : dy, j.dw = j.turned ? turned : dw;
    j.parts = turned + (j.turned ? size : 0);
#pragma omp parallel num_threads(lanes_count()) if ((double)size * (double)j.k > PARALLEL_MIN)
    {
        Lane lane = lane_of(scratch, (size_t)omp_get_thread_num());
#pragma omp for schedule(dynamic)
        for (size_t i = 0; i < tasks; i++) task(&j, i, &lane);
        if (j.kparts > 1) {
#pragma omp for schedule(static)
            for (size_t i = 0; i < size; i += ADD_CHUNK)
                lane_add_parts(j.dw, j.parts, j.kparts, size, i, least(ADD_CHUNK, size - i));
        }
    }
    if (j.turned) turn_back(&j.f, turned, dw);
}
