/* How a convolution by Winograd is cut into tasks, and whether it pays. Both depend on the problem
 * alone. */
#include "tensor/winograd/winograd.h"

/* Measured on a Xeon with AVX-512 and 2 MiB of second-level cache. */
enum {
    TILES = 112, /* of a task: so many rows share a kernel that it transforms for itself ... */
    TILES_SHARED = 56,       /* ... and so many suffice when it only has to read it */
    SHARED_FLOATS = 4 << 20, /* the most for kernels that are kept */
    COLUMNS = 64,            /* in work at a time, a group, ... */
    COLUMNS_DEEP = 128, /* ... where points sum over so many sources that of few channels ... */
    DEEP = 256,         /* ... in work at a time most is to read and write sums */
    GROUPS = 4,         /* of a task: these share transformed pixels */
    KERNEL_FLOATS = 128 << 10, /* in work at a time, of a transformed kernel: a part of the cache */
    KERNEL_WHOLE = 150 << 10,  /* the same of one that is not cut: sums are not read again */
    TASKS = 16,
    WEIGHT_TASKS = 8,
    PART_TILES = 32,        /* of a part of the sum, at least but for rounding */
    PARTS_FLOATS = 4 << 20, /* the most that all parts of a sum may take */
};

/* A block of the weight gradient. With one source all of it stays in the second-level cache; with
 * several the sums do not, and are read and written for more tiles at a time. */
typedef struct {
    size_t channels, columns, tiles;
} WeightBlock;
static const WeightBlock ONE_SOURCE = {32, 128, 32}, MORE_SOURCES = {64, 256, 64};

/* Pieces of at most `limit`, of equal size but for rounding. */
static size_t even(size_t whole, size_t limit, size_t unit) {
    return round_up(blocks_of(whole, blocks_of(whole, limit)), unit);
}

/* Sums of depths: of the deepest target, and of all. */
static void target_depths(const Wino *j, size_t *deepest, size_t *all) {
    *deepest = *all = 0;
    for (size_t t = 0; t < j->ntargets; t++) {
        size_t sum = 0;
        for (size_t p = 0; p < WINO_POINTS; p++) sum += wino_depth(j, &j->target[t], p);
        *all += sum;
        if (sum > *deepest) *deepest = sum;
    }
}

/* Fewer tiles or fewer groups to a task, until there are enough tasks. */
static void cut_tasks(Wino *j, size_t groups) {
    for (;;) {
        j->tblocks = blocks_of(j->tiles, j->tc), j->gblocks = blocks_of(groups, j->gc);
        size_t tasks = j->tblocks * j->gblocks;
        if (tasks >= TASKS) return;
        if (j->tc >= TILES && j->tc > j->together)
            j->tc = round_up(blocks_of(j->tc, 2), j->together);
        else if (j->gc > 2 || (tasks < TASKS / 2 && j->gc > 1))
            j->gc = blocks_of(j->gc, 2);
        else if (tasks < TASKS / 4 && j->tc > 2 * j->micro->rows && j->tc > j->together)
            j->tc = round_up(blocks_of(j->tc, 2), j->together);
        else
            return;
    }
}

static void plan_apply(Wino *j) {
    size_t deepest, all, k = round_up(j->k, WINO_CHUNK), n = round_up(j->n, j->micro->lanes);
    target_depths(j, &deepest, &all);
    j->nc = least(n, deepest < DEEP ? COLUMNS : COLUMNS_DEEP);
    size_t limit = KERNEL_FLOATS / (deepest * j->nc) / WINO_CHUNK * WINO_CHUNK;
    limit = least(limit ? limit : WINO_CHUNK, WINO_KC);
    bool whole = k <= WINO_KC && k * deepest * j->nc <= KERNEL_WHOLE;
    j->kc = whole ? k : least(k, even(k, limit, WINO_CHUNK));
    j->shared = j->tiles >= 2 * TILES && all * k * n <= SHARED_FLOATS;
    j->tc = even(j->tiles, j->shared ? TILES_SHARED : TILES, j->together);
    j->groups = blocks_of(j->n, j->nc);
    j->gc = least(GROUPS, j->ntargets * j->groups);
    cut_tasks(j, j->ntargets * j->groups);
    j->pixels_floats = j->tc * j->depths * j->kc;
    size_t apart = WINO_POINTS * WINO_APART;
    j->kernel_floats = j->shared ? 0 : deepest * j->kc * j->nc + apart;
    j->points_floats = WINO_POINTS * j->tc * j->nc * (j->kc >= j->k ? 1 : j->gc);
    j->lane_floats = j->pixels_floats + j->kernel_floats + j->points_floats;
    j->lane_floats += j->taps * j->taps * j->kc * j->micro->lanes + j->nc;
    apart *= j->ntargets * j->groups * blocks_of(k, j->kc);
    j->shared_floats = j->shared ? all * k * n + apart : 0;
}

static void plan_weight(Wino *j) {
    size_t k = round_up(j->k, WINO_CHUNK), n = round_up(j->n, j->micro->lanes);
    size_t size = j->f.taps * j->k * j->n,
           limit = TILE_WIDTH / j->nsources / WINO_CHUNK * WINO_CHUNK;
    const WeightBlock *most = j->nsources > 1 ? &MORE_SOURCES : &ONE_SOURCE;
    j->kc = even(k, least(limit, most->channels), WINO_CHUNK);
    j->nc = least(n, most->columns);
    j->tc = least(j->tiles, most->tiles);
    j->groups = blocks_of(j->n, j->nc);
    size_t blocks = j->groups * blocks_of(j->k, j->kc);
    j->parts = least(blocks_of(WEIGHT_TASKS, blocks), blocks_of(j->tiles, PART_TILES));
    j->parts = least(j->parts, PARTS_FLOATS / size);
    if (!j->parts) j->parts = 1;
    j->part_tiles = blocks_of(j->tiles, j->parts);
    j->parts = blocks_of(j->tiles, j->part_tiles);
    j->tc = even(j->part_tiles, j->tc, 1);
    j->pixels_floats = WINO_POINTS * j->tc * TILE_LD;
    size_t apart = WINO_POINTS * WINO_APART;
    j->points_floats = WINO_POINTS * j->tc * j->nc + apart;
    j->lane_floats = j->pixels_floats + j->points_floats + j->depths * j->kc * j->nc + apart;
    j->shared_floats = j->parts > 1 ? j->parts * size : 0;
}

bool wino_plan(const ConvShape *s, ConvKind kind, Wino *j) {
    if (!wino_sides(s, kind, j)) return false;
    if (kind == CONV_WEIGHT)
        plan_weight(j);
    else
        plan_apply(j);
    j->lane_floats = round_up(j->lane_floats, 16); /* lanes begin at cache lines */
    return true;
}

size_t wino_scratch(const Wino *j) {
    return ((size_t)omp_get_max_threads() * j->lane_floats + j->shared_floats) * sizeof(float);
}

/* ---- the choice ---- */

/* Costs in multiplications of vectors. A transformed kernel is written to more memory than the
 * first-level cache holds. */
static const double PRODUCT_COST = 1.1, DOTS_COST = 1.5;
static const double PIXEL_COST = 8, KERNEL_COST = 16, POINT_COST = 10;
/* What the estimate must promise, with vectors of 16 and of fewer lanes. Of 46 layers measured, all
 * kinds of each (tests/bench/conv_layers.c has most), none that it gives this gain was slower than
 * direct; those given least gained a tenth. */
static const double GAIN_LEAST = 1.3, GAIN_LEAST_NARROW = 1.12;

static double vectors(size_t n) { return (double)blocks_of(n, WINO_CHUNK); }

/* Few columns go by dot products, whose work is what there is; else columns fill up vectors. */
static double direct_cost(const Wino *j) {
    const ConvFull *f = &j->f;
    double macs = (double)(f->n * f->out[0] * f->out[1] * f->out[2] * f->taps * j->k);
    return macs * (j->n <= MICRO_NARROW ? DOTS_COST * (double)j->n / WINO_CHUNK : vectors(j->n));
}

double wino_cost(const Wino *j) {
    size_t deepest, all;
    target_depths(j, &deepest, &all);
    double k = vectors(j->k), n = vectors(j->n), tiles = (double)j->tiles;
    double kernel = (double)all * k * WINO_CHUNK * n, pixels = tiles * (double)j->depths * k;
    double points = tiles * WINO_POINTS * n, cost = PRODUCT_COST * tiles * kernel;
    if (j->kind == CONV_WEIGHT) {
        cost += PIXEL_COST * pixels * (double)j->groups;
        cost += POINT_COST * points * (double)blocks_of(j->k, j->kc);
        return cost + KERNEL_COST * kernel * (double)j->parts;
    }
    cost += PIXEL_COST * pixels * (double)j->gblocks;
    cost += POINT_COST * points * (double)j->ntargets;
    return cost + KERNEL_COST * kernel * (j->shared ? 1 : (double)j->tblocks);
}

bool wino_pays(const Wino *j) {
    double gain = j->micro->lanes < WINO_CHUNK ? GAIN_LEAST_NARROW : GAIN_LEAST;
    return direct_cost(j) > gain * wino_cost(j);
}
