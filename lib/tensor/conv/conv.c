/* Convolution as matrix products whose left side is never built: the patches of an image are
 * gathered, a tile that fits the second-level cache at a time, straight to where the micro-kernels
 * read them. */
#include "tensor/conv/conv.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/conv/conv_depthwise.h"
#include "tensor/conv/conv_groups.h"
#include "tensor/conv/conv_job.h"
#include "tensor/conv/conv_pairs.h"
#include "tensor/gemm/gemm.h"
#include "tensor/winograd/winograd.h"

/* Where the result of each patch goes. */
static void place_results(const Product *p, size_t n, size_t row, size_t m, size_t *at) {
    GridPoint point = patches_point(p->patches.grid, row);
    for (size_t i = 0; i < m; i++, patches_next(p->patches.grid, &point))
        at[i] = product_place(p, &point, n);
}

/* Rows [0, m) of the tile, of depth k, times a panel: columns c and on. */
static void multiply_panel(const ConvJob *j, size_t m, size_t c, size_t k, const float *b, bool add,
                           const Lane *lane) {
    size_t panel = least(j->panel, j->width - c), width = least(panel, j->n - c);
    size_t rows = j->micro->rows, vectors = panel / j->micro->lanes;
    for (size_t i = 0; i < m; i += rows) {
        MicroKernel *kernel = j->micro->across[least(rows, m - i) - 1][vectors - 1];
        kernel(k, lane->tile + i * TILE_LD, b, j->out + c, lane->at + i, width, add);
    }
}

/* Rows [0, m) of the tile, which holds depth [k0, k0 + k) of a product, times columns [n0, n0 + n),
 * at most LOCAL_COLUMNS. */
static void multiply_columns(const ConvJob *j, const Product *p, size_t m, size_t k0, size_t k,
                             size_t n0, size_t n, const Lane *lane) {
    if (j->local) conv_job_pack_rows(j, p, k0, k, n0, n, lane->panel);
    for (size_t c = n0; c < n0 + n; c += j->panel) {
        const float *b = lane->panel + (c - n0) * k;
        if (!j->local) b = j->packed + p->packed + c * p->k + k0 * least(j->panel, j->width - c);
        multiply_panel(j, m, c, k, b, k0 > 0, lane);
    }
}

/* Rows [0, m) of the tile, columns [n0, end) of one product. */
static void multiply(const ConvJob *j, const Product *p, size_t m, size_t n0, size_t end,
                     const Lane *lane) {
    size_t steps = blocks_of(p->k, TILE_WIDTH), kc = round_up(blocks_of(p->k, steps), 8);
    for (size_t k0 = 0; k0 < p->k; k0 += kc) {
        size_t k = least(kc, p->k - k0);
        patches_gather(&p->patches, lane->place, m, k0, k, lane->tile, TILE_LD);
        for (size_t c = n0; c < end; c += LOCAL_COLUMNS)
            multiply_columns(j, p, m, k0, k, c, least(LOCAL_COLUMNS, end - c), lane);
    }
}

static void wide_task(const ConvJob *j, size_t task, const Lane *lane) {
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
    multiply(j, &p, m, n0, n0 + n, lane);
}

static void job_run(const ConvJob *plan, const float *image, const float *w, float *out,
                    void *scratch) {
    if (!plan->tasks) return;
    ConvJob own = *plan, *j = &own;
    double macs = (double)j->rows * (double)(j->f.taps * j->k * j->n);
    j->image = image, j->w = w, j->out = out;
    j->packed = lanes_end(scratch, lanes_count());
#pragma omp parallel num_threads(lanes_count()) if (macs > PARALLEL_MIN)
    {
        Lane lane = lane_of(scratch, (size_t)omp_get_thread_num());
#pragma omp for schedule(static)
        for (size_t i = 0; i < (j->local ? 0 : j->f.taps * j->panels); i++) conv_job_pack(j, i);
#pragma omp for schedule(dynamic)
        for (size_t i = 0; i < j->tasks; i++) {
            if (j->narrow)
                conv_narrow_task(j, i, &lane);
            else
                wide_task(j, i, &lane);
        }
    }
}

/* ---- plans ---- */

struct ConvPlan {
    ConvKind kind;
    size_t before, behind; /* numbers of w that no result needs, in front and at the end */
    size_t kept;           /* between them */
    ConvAlgorithm algorithm;
    const ConvGroups *groups;   /* NULL: one, or each channel ... */
    const Depthwise *depthwise; /* ... is one, else NULL */
    const ConvPairs *pairs;     /* or NULL */
    const GemmPlan *product;    /* or NULL */
    union {
        Wino wino;
        ConvJob job;       /* direct: forward and data */
        ConvWeight weight; /* direct */
    } by;
};

ConvAlgorithm conv_wish(void) {
    const char *name = getenv("GAN_CONV");
    if (name && !strcmp(name, "direct")) return CONV_DIRECT;
    if (name && !strcmp(name, "winograd")) return CONV_WINOGRAD;
    return CONV_FASTEST;
}

void conv_shape_copy(ConvShape *to, const ConvShape *s) {
    memset(to, 0, sizeof *to);
    to->dims = s->dims;
    to->n = s->n, to->cin = s->cin, to->cout = s->cout;
    for (int i = 0; i < s->dims; i++) {
        to->in[i] = s->in[i], to->out[i] = s->out[i];
        to->kernel[i] = s->kernel[i], to->stride[i] = s->stride[i], to->pad[i] = s->pad[i];
        to->dilation[i] = s->dilation[i] ? s->dilation[i] : 1;
    }
    to->groups = s->groups ? s->groups : 1;
}

/* Data of one result a sample that reads the whole image, as in the first layer of many generators:
 * dx [n, taps*cin] = dy [n, cout] * w [taps*cin, cout]^T. Direct kernels take it for one column
 * each of as many phases as there are taps, at a hundredth of the speed. It is steady, since of
 * what decides about bits only the algorithm may depend on the number of samples. */
static const GemmPlan *whole_image(Arena *arena, const ConvShape *s) {
    size_t taps = 1;
    for (int d = 0; d < s->dims; d++) {
        if (s->out[d] != 1 || s->pad[d] || s->in[d] != s->kernel[d] || s->dilation[d] > 1)
            return NULL;
        taps *= s->kernel[d];
    }
    return gemm_plan(
        arena,
        &(GemmShape){
            .tb = true, .m = s->n, .n = taps * s->cin, .k = s->cout, .batch = 1, .steady = true});
}

/* Leaves out the taps of the first dimension that meet padding alone, whatever the result: two of
 * three where a kernel of 3 is laid over a single frame. The first one is returned. */
static size_t trim_taps(ConvShape *s) {
    size_t dilation = s->dilation[0] ? s->dilation[0] : 1, pad = s->pad[0];
    size_t last = (s->out[0] - 1) * s->stride[0]; /* where the last result begins, behind -pad */
    size_t from = 0, to = s->kernel[0];
    while (from + 1 < to && last + from * dilation < pad && (from + 1) * dilation <= pad) from++;
    while (to - 1 > from && (to - 1) * dilation >= pad + s->in[0]) to--;
    s->kernel[0] = to - from;
    s->pad[0] = pad - from * dilation;
    return from;
}

/* Winograd's method, by pairs of results or not, where that is wished and possible, or pays. */
static bool filtered(ConvPlan *p, Arena *arena, const ConvShape *s, ConvAlgorithm wish) {
    Wino *wino = &p->by.wino;
    bool any = wish == CONV_FASTEST;
    if (wish == CONV_DIRECT || !wino_plan(s, p->kind, wino)) return false;
    if (any && !wino_pays(wino)) return false;
    const ConvPairs *pairs = wish == CONV_WINOGRAD ? NULL : conv_pairs_plan(arena, s, p->kind);
    if (pairs && (!any || conv_pairs_cost(pairs) < wino_cost(wino))) p->pairs = pairs;
    p->algorithm = p->pairs ? CONV_PAIRS : CONV_WINOGRAD;
    return true;
}

static void choose(ConvPlan *p, Arena *arena, const ConvShape *s, ConvAlgorithm wish) {
    ConvKind kind = p->kind;
    if (s->groups > 1 && conv_is_depthwise(s)) {
        p->depthwise = conv_depthwise_plan(arena, s, kind);
    } else if (s->groups > 1) {
        p->groups = conv_groups_plan(arena, s, kind, wish);
        p->algorithm = conv_groups_algorithm(p->groups);
    } else if (filtered(p, arena, s, wish)) {
        return;
    } else if (kind == CONV_DATA && (p->product = whole_image(arena, s))) {
        return;
    } else if (kind == CONV_WEIGHT) {
        p->by.weight = conv_weight_plan(s);
    } else {
        p->by.job = conv_job_plan(s, kind == CONV_DATA);
    }
}

const ConvPlan *conv_plan(Arena *arena, const ConvShape *s, ConvKind kind, ConvAlgorithm wish) {
    ConvPlan *p = arena_alloc(arena, sizeof *p);
    *p = (ConvPlan){.kind = kind, .algorithm = CONV_DIRECT};
    ConvShape need = *s;
    size_t first = trim_taps(&need), tap = s->cin / (s->groups ? s->groups : 1) * s->cout;
    for (int d = 1; d < s->dims; d++) tap *= s->kernel[d];
    p->before = first * tap;
    p->kept = need.kernel[0] * tap;
    p->behind = (s->kernel[0] - first) * tap - p->kept;
    choose(p, arena, &need, wish);
    return p;
}

/* Of what decides about bits only the algorithm depends on the number of samples. */
const ConvPlan *conv_plan_many(Arena *arena, const ConvShape *s, size_t times, ConvKind kind,
                               ConvAlgorithm wish) {
    if (kind == CONV_WEIGHT || s->groups > 1) return NULL;
    const ConvPlan *one = conv_plan(arena, s, kind, wish);
    if (one->product) return NULL;
    ConvShape many = *s;
    many.n *= times;
    return conv_plan(arena, &many, kind, one->algorithm);
}

ConvAlgorithm conv_algorithm(const ConvPlan *p) { return p->algorithm; }

double conv_cost(const ConvPlan *p) { return wino_cost(&p->by.wino); }

size_t conv_scratch(const ConvPlan *p) {
    if (p->depthwise) return conv_depthwise_scratch(p->depthwise);
    if (p->groups) return conv_groups_scratch(p->groups);
    if (p->pairs) return conv_pairs_scratch(p->pairs);
    if (p->algorithm == CONV_WINOGRAD) return wino_scratch(&p->by.wino);
    if (p->product) return gemm_scratch(p->product);
    size_t lanes = lanes_bytes(omp_get_max_threads());
    if (p->kind == CONV_WEIGHT) return lanes + conv_weight_scratch(&p->by.weight);
    return lanes + p->by.job.packed_floats * sizeof(float);
}

void conv_run(const ConvPlan *p, const float *a, const float *b, float *out, void *scratch) {
    bool weight = p->kind == CONV_WEIGHT;
    if (weight) {
        memset(out, 0, p->before * sizeof *out);
        out += p->before;
        memset(out + p->kept, 0, p->behind * sizeof *out);
    } else {
        b += p->before;
    }
    if (p->depthwise)
        conv_depthwise_run(p->depthwise, a, b, out, scratch);
    else if (p->groups)
        conv_groups_run(p->groups, a, b, out, scratch);
    else if (p->pairs)
        conv_pairs_run(p->pairs, a, b, out, scratch);
    else if (p->algorithm == CONV_WINOGRAD)
        (weight ? wino_weight : wino_apply)(&p->by.wino, a, b, out, scratch);
    else if (p->product)
        gemm_run(p->product, a, b, out, scratch);
    else if (weight)
        conv_weight_run(&p->by.weight, a, b, out, scratch);
    else
        job_run(&p->by.job, a, b, out, scratch);
}

double conv_macs(const ConvShape *s) {
    double macs = (double)s->n * (double)s->cin * (double)s->cout;
    if (s->groups) macs /= (double)s->groups;
    for (int d = 0; d < s->dims; d++) macs *= (double)s->out[d] * (double)s->kernel[d];
    return macs;
}
