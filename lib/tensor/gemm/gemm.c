/* Three ways to multiply. Most products use the micro-kernels on tiles of A and a packed B, as the
 * convolutions do. A result of a few columns is made of dot products, which need no packing. BLIS
 * takes what is thin in other ways, and everything on machines for which there are no micro-kernels
 * of their own. Whatever the way, the work is cut by the problem alone. */
#include "tensor/gemm/gemm.h"

#include <blis.h>
#include <cblas.h>
#include <omp.h>
#include <string.h>

#include "tensor/cpu.h"
#include "tensor/gemm/micro.h"
#include "tensor/lane.h"

enum {
    ROWS_TARGET = 196, /* as for convolutions: a tile leaves room in the second-level cache */
    COLUMNS_TARGET = 512,
    TASKS_TARGET = 16,
    BLIS_BLOCK = 128,  /* the least rows and columns of a block worth cutting for BLIS */
    PART_DEPTH = 1024, /* the least depth worth a part of its own */
    DOT_ROWS = 64,     /* rows of a task of dot products */
    THIN = 8,          /* fewer rows than this don't pay for packing B */
    FEW_BLOCKS =
        2, /* of rows: they pack what they read of B themselves, in the first-level cache */
    PACKED_TARGET = 4 << 20, /* floats of B that are packed at once, at the least a tile's depth */
};

const Micro *micro_kernels(void) {
    static const Micro *const sets[ISA_COUNT] = EACH_ISA(&micro_);
    return sets[cpu_isa()];
}

typedef enum { BY_BLOCKS, BY_DOTS, BY_BLIS } Way;

struct GemmPlan {
    GemmShape s;
    bool swapped; /* A and B have changed places */
    Way way;
    const Micro *micro;
    size_t width, panel, panels; /* of packed B */
    size_t mc, nc, kc;           /* extents of a task */
    size_t mblocks, nblocks, kparts, tasks;
    size_t matrices; /* of B, */
    size_t group;    /* and of those packed at once, */
    size_t depth;    /* so many rows of them */
    bool local;      /* tasks pack B, each a panel of a tile's depth at a time */
    bool mirrored;   /* A is B, turned: what is below the diagonal is copied from above */
    size_t packed_floats, parts_floats;
    int lanes;
    const float *a, *b;
    float *c, *packed, *parts;
    void *scratch;
};
typedef GemmPlan Job;

/* ---- plans ---- */

static Way way_of(const GemmShape *s, const Micro *set) {
    if (!s->ta && s->n <= set->narrow) return BY_DOTS;
    if (s->steady) return BY_BLOCKS; /* BLIS has other kernels for few rows */
    if (cpu_isa() == ISA_PORTABLE || s->m < THIN || s->n <= set->narrow) return BY_BLIS;
    return BY_BLOCKS;
}

static void count_tasks(Job *j) {
    j->mblocks = blocks_of(j->s.m, j->mc), j->nblocks = blocks_of(j->s.n, j->nc);
    j->tasks = j->s.batch * j->mblocks * j->nblocks;
}

/* As many matrices as are packed at once, of so many floats each. */
static void count_packed(Job *j, size_t each) {
    j->group = least(j->matrices, each < PACKED_TARGET ? PACKED_TARGET / each : 1);
    j->depth = j->s.k;
    j->packed_floats = j->group * each;
}

/* Rows of B that a tile takes, of a sum over so many. */
static size_t tile_depth(size_t k) { return round_up(blocks_of(k, blocks_of(k, TILE_WIDTH)), 8); }

/* Part of the depth of a matrix that is large, so many rows of whole tiles. */
static void cut_packed(Job *j) {
    size_t tile = tile_depth(j->s.k), tiles = PACKED_TARGET / (tile * j->width);
    if (j->packed_floats <= PACKED_TARGET || j->group > 1 || j->kparts > 1) return;
    j->depth = least(j->s.k, tile * (tiles ? tiles : 1));
    j->packed_floats = j->depth * j->width;
}

/* Halves the longer side of blocks until there are enough of them. */
static void cut_result(Job *j, size_t mstep, size_t nstep, size_t mleast, size_t nleast) {
    for (count_tasks(j); j->tasks < TASKS_TARGET; count_tasks(j)) {
        if (j->nc >= j->mc && j->nc >= 2 * nleast)
            j->nc = round_up(j->nc / 2, nstep);
        else if (j->mc >= 2 * mleast)
            j->mc = round_up(j->mc / 2, mstep);
        else if (j->nc >= 2 * nleast)
            j->nc = round_up(j->nc / 2, nstep);
        else
            return;
    }
}

/* Cuts the sums too when a small result leaves too few tasks. */
static void cut_depth(Job *j) {
    size_t wish = least(blocks_of(TASKS_TARGET, j->tasks), j->s.k / PART_DEPTH);
    if (j->s.steady || wish < 2 || j->tasks >= TASKS_TARGET / 2) return;
    j->kc = round_up(blocks_of(j->s.k, wish), TILE_WIDTH);
    j->kparts = blocks_of(j->s.k, j->kc);
    j->tasks *= j->kparts;
    if (j->kparts > 1) j->parts_floats = j->kparts * j->s.batch * j->s.m * j->s.n;
}

static void plan_blocks(Job *j) {
    const GemmShape *s = &j->s;
    size_t step = j->micro->rows, limit = (s->ta ? TILE_WIDTH : ROWS_TARGET) / step * step;
    j->panel = 2 * j->micro->lanes;
    j->width = round_up(s->n, j->micro->lanes);
    j->panels = blocks_of(j->width, j->panel);
    j->mc = round_up(blocks_of(s->m, blocks_of(s->m, limit)), step);
    j->nc = round_up(blocks_of(s->n, blocks_of(s->n, COLUMNS_TARGET)), j->panel);
    cut_result(j, step, j->panel, 4 * step, 2 * j->panel);
    cut_depth(j);
    j->local = j->mblocks <= FEW_BLOCKS;
    if (j->local) return;
    count_packed(j, s->k * j->width);
    cut_packed(j);
}

/* B has to be turned for dot products unless it is, or it is one column. */
static void plan_dots(Job *j) {
    j->mc = DOT_ROWS;
    count_tasks(j);
    if (!j->s.tb && j->s.n > 1) count_packed(j, j->s.k * j->s.n);
}

static void plan_blis(Job *j) {
    cut_result(j, 32, 32, BLIS_BLOCK, BLIS_BLOCK);
    cut_depth(j);
}

/* A row times turned B is B times a column. */
static void set_upright(Job *j) {
    GemmShape s = j->s;
    j->swapped = s.m == 1 && s.tb && !s.steady;
    if (!j->swapped) return;
    j->s = (GemmShape){.m = s.n,
                       .n = 1,
                       .k = s.k,
                       .batch = s.batch,
                       .stride_a = s.stride_b,
                       .stride_b = s.stride_a};
}

const GemmPlan *gemm_plan(Arena *arena, const GemmShape *s) {
    Job *j = arena_alloc(arena, sizeof *j);
    j->s = *s;
    if (!s->m || !s->n || !s->k || !s->batch) return j; /* nothing to multiply */
    j->micro = micro_kernels();
    j->kparts = 1;
    set_upright(j);
    j->mc = j->s.m, j->nc = j->s.n, j->kc = j->s.k;
    j->matrices = j->s.stride_b ? j->s.batch : 1;
    j->way = way_of(&j->s, j->micro);
    if (j->way == BY_BLOCKS) plan_blocks(j);
    if (j->way == BY_DOTS) plan_dots(j);
    if (j->way == BY_BLIS) plan_blis(j);
    return j;
}

/* Of packed B: all of it, or a block a lane. */
static size_t packed_floats(const Job *j, int lanes) {
    return j->local ? (size_t)lanes * TILE_WIDTH * j->panel : j->packed_floats;
}

size_t gemm_scratch(const GemmPlan *p) {
    int threads = omp_get_max_threads();
    size_t lanes = p->tasks && p->way == BY_BLOCKS ? lanes_bytes(threads) : 0;
    return lanes + (packed_floats(p, threads) + p->parts_floats) * sizeof(float);
}

/* ---- tasks ---- */

typedef struct {
    size_t batch, m0, m, n0, n, k0, k;
    float *c; /* the whole result, or part of the sum, of this matrix */
} Block;

static Block block_of(const Job *j, size_t task) {
    const GemmShape *s = &j->s;
    Block b = {0};
    b.n0 = task % j->nblocks * j->nc, task /= j->nblocks;
    b.m0 = task % j->mblocks * j->mc, task /= j->mblocks;
    b.k0 = task % j->kparts * j->kc;
    b.batch = task / j->kparts;
    size_t matrix = j->kparts > 1 ? task % j->kparts * s->batch + b.batch : b.batch;
    b.c = (j->kparts > 1 ? j->parts : j->c) + matrix * s->m * s->n;
    b.m = least(j->mc, s->m - b.m0), b.n = least(j->nc, s->n - b.n0);
    b.k = least(j->kc, s->k - b.k0);
    return b;
}

/* Rows [m0, m0 + m) of op(A) for k0 <= kk < k0 + k, as rows, or as columns when A is turned. */
static void fill_tile(const Job *j, const Block *b, size_t k0, size_t k, float *tile) {
    const GemmShape *s = &j->s;
    const float *a = j->a + b->batch * s->stride_a;
    size_t rows = s->ta ? k : b->m, columns = s->ta ? b->m : k, ld = s->ta ? s->m : s->k;
    a += s->ta ? k0 * ld + b->m0 : b->m0 * ld + k0;
    for (size_t i = 0; i < rows; i++)
        memcpy(tile + i * TILE_LD, a + i * ld, columns * sizeof *tile);
}

/* Rows [k0, k0 + k) of a panel of B, whose columns begin at c. */
static void pack_part(const Job *j, size_t matrix, size_t c, size_t k0, size_t k, float *to) {
    const GemmShape *s = &j->s;
    size_t panel = least(j->panel, j->width - c), n = least(panel, s->n - c);
    const float *from = j->b + matrix * s->stride_b + (s->tb ? c * s->k + k0 : k0 * s->n + c);
    if (s->tb)
        pack_turned(from, s->k, k, n, to, panel);
    else
        pack_panel(from, s->n, k, n, to, panel);
}

/* Rows of B that are packed together with row k0. */
static size_t depth_at(const Job *j, size_t k0) {
    return least(j->depth, j->s.k - k0 / j->depth * j->depth);
}

/* The same where it is packed already, or is packed now. */
static const float *panel_part(const Job *j, const Block *b, size_t c, size_t k0, size_t k) {
    const GemmShape *s = &j->s;
    size_t matrix = s->stride_b ? b->batch : 0, panel = least(j->panel, j->width - c);
    if (!j->local)
        return j->packed + matrix % j->group * j->depth * j->width + c * depth_at(j, k0) +
               k0 % j->depth * panel;
    float *to = j->packed + (size_t)omp_get_thread_num() * TILE_WIDTH * j->panel;
    pack_part(j, matrix, c, k0, k, to);
    return to;
}

/* What a block sums over rows `from` to `to` of B. */
static void blocks_task(const Job *j, size_t task, size_t from, size_t to, const Lane *lane) {
    const GemmShape *s = &j->s;
    const Block b = block_of(j, task);
    size_t rows = j->micro->rows, kc = tile_depth(b.k);
    size_t begin = from > b.k0 ? from : b.k0, end = least(to, b.k0 + b.k);
    if (j->mirrored && b.m0 >= b.n0 + b.n) return;
    for (size_t i = 0; i < b.m; i++) lane->at[i] = (b.m0 + i) * s->n;
    for (size_t k0 = begin; k0 < end; k0 += kc) {
        size_t k = least(kc, end - k0);
        fill_tile(j, &b, k0, k, lane->tile);
        for (size_t c = b.n0; c < b.n0 + b.n; c += j->panel) {
            size_t panel = least(j->panel, j->width - c), width = least(panel, s->n - c);
            size_t vectors = panel / j->micro->lanes - 1;
            if (j->mirrored && b.m0 >= c + panel) continue;
            const float *packed = panel_part(j, &b, c, k0, k);
            size_t m = j->mirrored ? least(b.m, c + panel - b.m0) : b.m;
            for (size_t i = 0; i < m; i += rows) {
                size_t last = least(rows, b.m - i) - 1;
                MicroKernel *kernel =
                    s->ta ? j->micro->down[last][vectors] : j->micro->across[last][vectors];
                kernel(k, lane->tile + i * (s->ta ? 1 : TILE_LD), packed, b.c + c, lane->at + i,
                       width, k0 > b.k0);
            }
        }
    }
}

/* One panel of one matrix B, from row `from` on. */
static void pack(const Job *j, size_t unit, size_t from) {
    size_t matrix = unit / j->panels, c = unit % j->panels * j->panel;
    size_t depth = depth_at(j, from);
    pack_part(j, matrix, c, from, depth,
              j->packed + matrix % j->group * j->depth * j->width + c * depth);
}

static void dots_task(const Job *j, size_t task) {
    const GemmShape *s = &j->s;
    static const size_t start = 0;
    size_t batch = task / j->mblocks, m0 = task % j->mblocks * j->mc;
    const float *b = j->b + batch * s->stride_b;
    if (j->packed_floats) b = j->packed + (s->stride_b ? batch % j->group * s->k * s->n : 0);
    MicroDots dots = {.runs = 1,
                      .length = s->k,
                      .lda = s->k,
                      .ldb = s->k,
                      .run = &start,
                      .a = j->a + batch * s->stride_a + m0 * s->k,
                      .b = b};
    j->micro->dots[s->n - 1](least(j->mc, s->m - m0), &dots, j->c + (batch * s->m + m0) * s->n,
                             s->n);
}

/* One column of one B becomes a row. */
static void turn(const Job *j, size_t unit) {
    const GemmShape *s = &j->s;
    const float *from = j->b + unit / s->n * s->stride_b + unit % s->n;
    float *to = j->packed + unit % (j->group * s->n) * s->k;
    for (size_t k = 0; k < s->k; k++) to[k] = from[k * s->n];
}

static void blis_task(const Job *j, size_t task) {
    const GemmShape *s = &j->s;
    const Block b = block_of(j, task);
    size_t lda = s->ta ? s->m : s->k, ldb = s->tb ? s->k : s->n;
    const float *a = j->a + b.batch * s->stride_a + (s->ta ? b.k0 * lda + b.m0 : b.m0 * lda + b.k0);
    const float *from = j->b + b.batch * s->stride_b;
    from += s->tb ? b.n0 * ldb + b.k0 : b.k0 * ldb + b.n0;
    cblas_sgemm(CblasRowMajor, s->ta ? CblasTrans : CblasNoTrans, s->tb ? CblasTrans : CblasNoTrans,
                (f77_int)b.m, (f77_int)b.n, (f77_int)b.k, 1.0F, a, (f77_int)lda, from, (f77_int)ldb,
                0.0F, b.c + b.m0 * s->n + b.n0, (f77_int)s->n);
}

static void job_task(const Job *j, size_t task, size_t from, const Lane *lane) {
    size_t to = j->group ? from + j->depth : j->s.k;
    if (j->way == BY_BLOCKS) blocks_task(j, task, from, to, lane);
    if (j->way == BY_DOTS) dots_task(j, task);
    if (j->way == BY_BLIS) blis_task(j, task);
}

/* B, from row `from` on, of the matrices that are packed as the g-th. */
static void pack_group(const Job *j, size_t g, size_t from) {
    size_t each = j->way == BY_DOTS ? j->s.n : j->panels, units = j->group * each;
    size_t end = least((g + 1) * units, j->matrices * each);
#pragma omp for schedule(static)
    for (size_t i = g * units; i < end; i++) {
        if (j->way == BY_BLOCKS)
            pack(j, i, from);
        else
            turn(j, i);
    }
}

/* Elements below the diagonal are the same sums as those above, bit for bit. */
static void mirror(const Job *j, size_t row) {
    size_t n = j->s.n;
    float *c = j->c + row / n * n * n;
    for (size_t i = row % n, q = 0; q < i; q++) c[i * n + q] = c[q * n + i];
}

static void job_run(const Job *j) {
    size_t size = j->s.batch * j->s.m * j->s.n;
    size_t groups = j->group ? blocks_of(j->matrices, j->group) : 1;
    size_t depth = j->group ? j->depth : j->s.k;
    size_t tasks = groups > 1 ? j->group * (j->tasks / j->matrices) : j->tasks;
#pragma omp parallel num_threads(lanes_count()) if ((double)size * (double)j->s.k > PARALLEL_MIN)
    {
        Lane lane = {0};
        if (j->lanes) lane = lane_of(j->scratch, (size_t)omp_get_thread_num());
        for (size_t g = 0; g < groups; g++)
            for (size_t from = 0; from < j->s.k; from += depth) {
                size_t end = least((g + 1) * tasks, j->tasks);
                pack_group(j, g, from);
#pragma omp for schedule(dynamic)
                for (size_t i = g * tasks; i < end; i++) job_task(j, i, from, &lane);
            }
        if (j->kparts > 1) {
#pragma omp for schedule(static)
            for (size_t i = 0; i < size; i += ADD_CHUNK)
                lane_add_parts(j->c, j->parts, j->kparts, size, i, least(ADD_CHUNK, size - i));
        }
        if (j->mirrored) {
#pragma omp for schedule(static)
            for (size_t i = 0; i < j->s.batch * j->s.n; i++) mirror(j, i);
        }
    }
}

void gemm_run(const GemmPlan *p, const float *a, const float *b, float *c, void *scratch) {
    if (!p->tasks) {
        memset(c, 0, p->s.batch * p->s.m * p->s.n * sizeof *c);
        return;
    }
    Job j = *p;
    j.a = p->swapped ? b : a, j.b = p->swapped ? a : b, j.c = c;
    j.scratch = scratch;
    j.lanes = j.way == BY_BLOCKS ? lanes_count() : 0;
    j.mirrored = j.way == BY_BLOCKS && a == b && p->s.ta != p->s.tb && p->s.m == p->s.n &&
                 p->s.stride_a == p->s.stride_b;
    if (scratch) {
        j.packed = lanes_end(scratch, j.lanes);
        j.parts = j.packed + packed_floats(p, j.lanes);
    }
    job_run(&j);
}
