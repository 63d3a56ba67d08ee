/* The kernels of warping and resampling beside plain loops in double precision, for each
 * instruction set and channels that fill vectors or not; at one and two threads. */
#include <math.h>
#include <omp.h>

#include "isas.h"
#include "tensor/resample.h"
#include "tensor/warping.h"

enum { N = 2, H = 5, W = 41 };
static const size_t channels[] = {1, 3, 5, 16, 70, 130};
static const char *isa_of;

/* ---- warp ---- */

static double corner(double at, long p, bool slope) {
    double low = floor(at);
    if ((double)p != low && (double)p != low + 1) return 0;
    return slope ? ((double)p == low ? -1 : 1) : 1 - fabs(at - (double)p);
}
static long kept(long i, long n) { return i < 0 ? 0 : i < n ? i : n - 1; }

/* y of x, or dx of dy: adds up over all pairs of pixels that meet. */
static void naive_warp(const WarpShape *s, unsigned slope, const float *flow, const float *from,
                       double *to, bool back) {
    for (size_t pixel = 0; pixel < s->n * s->h * s->w; pixel++) {
        double u = (double)(pixel % s->w) + (double)flow[2 * pixel];
        double v = (double)(pixel / s->w % s->h) + (double)flow[2 * pixel + 1];
        for (long p = (long)floor(v); p < floor(v) + 2; p++)
            for (long q = (long)floor(u); q < floor(u) + 2; q++) {
                long i = kept(p, (long)s->h), j = kept(q, (long)s->w);
                if (s->zero && (i != p || j != q)) continue;
                double weight = corner(v, p, slope & WARP_V) * corner(u, q, slope & WARP_U);
                size_t n = pixel / s->w / s->h;
                size_t other = (n * s->h + (size_t)i) * s->w + (size_t)j;
                for (size_t c = 0; c < s->c; c++)
                    to[(back ? other : pixel) * s->c + c] +=
                        weight * from[(back ? pixel : other) * s->c + c];
            }
    }
}

static bool near(const float *found, const double *want, size_t n, double bound) {
    for (size_t i = 0; i < n; i++)
        if (!(fabs(found[i] - want[i]) <= bound)) return false;
    return true;
}

static void check_warp(size_t c, bool zero) {
    WarpShape s = {N, H, W, c, zero};
    size_t pixels = N * H * W, count = pixels * c;
    float *x = isas_values(count, 1), *dy = isas_values(count, 2),
          *flow = isas_values(2 * pixels, 3);
    for (size_t i = 0; i < 2 * pixels; i++) flow[i] *= i % 7 ? 3 : 1e4F;
    double *want = malloc(count * sizeof *want), *part = malloc(count * sizeof *part);
    float *to[2] = {isas_blank(count * sizeof(float)), isas_blank(count * sizeof(float))};
    bool good = want && part, same = true, slopes = true;
    for (unsigned slope = 0; good && slope < 4; slope++)
        for (int back = 0; good && back < 2; back++) {
            memset(want, 0, count * sizeof *want);
            naive_warp(&s, slope, flow, back ? dy : x, want, back);
            for (int t = 0; t < 2; t++) {
                omp_set_num_threads(t + 1);
                if (back)
                    warp_spread(&s, slope, flow, dy, to[t]);
                else
                    warp_sample(&s, slope, x, flow, to[t]);
            }
            good = near(to[0], want, count, 2e-5) && isas_intact(to[0], count * sizeof(float));
            same = same && !memcmp(to[0], to[1], count * sizeof(float));
        }
    ok(good, "%s: warp of %zu channels, %s beyond", isa_of, c, zero ? "zero" : "the edge");
    float *d[2] = {isas_blank(2 * pixels * sizeof(float)), isas_blank(2 * pixels * sizeof(float))};
    for (int t = 0; t < 2; t++) {
        omp_set_num_threads(t + 1);
        warp_slopes(&s, x, flow, dy, d[t]);
    }
    for (int k = 0; part && k < 2; k++) {
        memset(part, 0, count * sizeof *part);
        naive_warp(&s, k ? WARP_V : WARP_U, flow, x, part, false);
        for (size_t i = 0; i < pixels; i++) {
            double sum = 0;
            for (size_t e = 0; e < c; e++) sum += part[i * c + e] * dy[i * c + e];
            slopes = slopes && fabs(sum - d[0][2 * i + (size_t)k]) < 1e-5 * (double)(c + 1);
        }
    }
    slopes = slopes && isas_intact(d[0], 2 * pixels * sizeof(float));
    ok(slopes, "%s: its gradient in the flow", isa_of);
    ok(same && !memcmp(d[0], d[1], 2 * pixels * sizeof(float)), "%s: the same bits at two threads",
       isa_of);
    free(x), free(dy), free(flow), free(want), free(part);
    for (int t = 0; t < 2; t++) free(to[t]), free(d[t]);
}

/* What is no number must not be lost. */
static void check_nan(void) {
    WarpShape s = {1, 1, 2, 1, true};
    const float x[] = {1, 1};
    const float flow[] = {NAN, 0, 0, INFINITY};
    float y[2];
    warp_sample(&s, 0, x, flow, y);
    ok(isnan(y[0]) && isnan(y[1]), "%s: a flow that is no number gives none", isa_of);
}

/* ---- resampling ---- */

/* The weight with which result o reads i. */
static double weight_of(const ResampleFilter *f, const ResampleAxis *a, size_t o, size_t i) {
    long at = (long)o - a->before, n = (long)a->in, k = (long)i;
    switch (a->rule) {
    case RESAMPLE_KEEP: return o == i;
    case RESAMPLE_NEAREST: return o * a->in / a->out == i;
    case RESAMPLE_EDGE: return kept(at, n) == k;
    case RESAMPLE_REFLECT: return (at < 0 ? -at : at < n ? at : 2 * n - 2 - at) == k;
    case RESAMPLE_ROLL: return (at + n) % n == k;
    case RESAMPLE_FLIP: return n - 1 - (long)o == k;
    case RESAMPLE_FILTER: {
        long tap = (long)(i * f->up) - (long)(o * f->down) + a->before;
        return tap >= 0 && tap < f->count ? (double)f->taps[tap] : 0;
    }
    case RESAMPLE_LINEAR: break;
    }
    double place = ((double)o + 0.5) * (double)n / (double)a->out - 0.5;
    return fmax(0, 1 - fabs(fmin(fmax(place, 0), (double)n - 1) - (double)k));
}

static void naive_resample(const Resampling *r, size_t inner, const float *from, double *to) {
    size_t in[3] = {1, 1, 1}, out[3] = {1, 1, 1};
    ResampleAxis a[3] = {
        {RESAMPLE_KEEP, 1, 1, 0}, {RESAMPLE_KEEP, 1, 1, 0}, {RESAMPLE_KEEP, 1, 1, 0}};
    for (int i = 0; i < r->count; i++) a[i] = r->along[i], in[i] = a[i].in, out[i] = a[i].out;
    size_t ni = in[0] * in[1] * in[2], no = out[0] * out[1] * out[2];
    for (size_t n = 0; n < N; n++)
        for (size_t o = 0; o < no; o++)
            for (size_t i = 0; i < ni; i++) {
                double weight =
                    weight_of(&r->filter, &a[1], o / out[2] % out[1], i / in[2] % in[1]);
                if (weight == 0) continue;
                weight *= weight_of(&r->filter, &a[0], o / out[2] / out[1], i / in[2] / in[1]) *
                          weight_of(&r->filter, &a[2], o % out[2], i % in[2]);
                for (size_t c = 0; c < inner && weight != 0; c++)
                    to[(n * (r->adjoint ? ni : no) + (r->adjoint ? i : o)) * inner + c] +=
                        weight *
                        from[(n * (r->adjoint ? no : ni) + (r->adjoint ? o : i)) * inner + c];
            }
}

static const struct {
    const char *name;
    Resampling r;
} maps[] = {
    {"twice", {.count = 2, .along = {{RESAMPLE_LINEAR, 5, 10, 0}, {RESAMPLE_LINEAR, 7, 14, 0}}}},
    {"by thirteen",
     {.count = 2, .along = {{RESAMPLE_LINEAR, 2, 26, 0}, {RESAMPLE_LINEAR, 3, 39, 0}}}},
    {"smaller", {.count = 2, .along = {{RESAMPLE_LINEAR, 11, 4, 0}, {RESAMPLE_LINEAR, 9, 5, 0}}}},
    {"one axis", {.count = 2, .along = {{RESAMPLE_LINEAR, 11, 4, 0}, {RESAMPLE_KEEP, 9, 9, 0}}}},
    {"a line", {.count = 1, .along = {{RESAMPLE_LINEAR, 11, 25, 0}}}},
    {"a box",
     {.count = 3,
      .along = {{RESAMPLE_LINEAR, 3, 5, 0},
                {RESAMPLE_LINEAR, 4, 3, 0},
                {RESAMPLE_LINEAR, 5, 9, 0}}}},
    {"to one", {.count = 2, .along = {{RESAMPLE_LINEAR, 5, 1, 0}, {RESAMPLE_LINEAR, 4, 1, 0}}}},
    {"of one", {.count = 2, .along = {{RESAMPLE_LINEAR, 1, 5, 0}, {RESAMPLE_NEAREST, 1, 4, 0}}}},
    {"nearest",
     {.count = 3,
      .along = {{RESAMPLE_NEAREST, 3, 7, 0},
                {RESAMPLE_NEAREST, 7, 3, 0},
                {RESAMPLE_NEAREST, 4, 8, 0}}}},
    {"edge", {.count = 2, .along = {{RESAMPLE_EDGE, 3, 10, 5}, {RESAMPLE_EDGE, 2, 40, 1}}}},
    {"reflect", {.count = 2, .along = {{RESAMPLE_REFLECT, 4, 10, 3}, {RESAMPLE_KEEP, 6, 6, 0}}}},
    {"roll", {.count = 1, .along = {{RESAMPLE_ROLL, 9, 9, 4}}}},
    {"flip", {.count = 1, .along = {{RESAMPLE_FLIP, 9, 9, 0}}}},
    {"filter",
     {.count = 2,
      .along = {{RESAMPLE_FILTER, 7, 8, 2}, {RESAMPLE_FILTER, 5, 6, 2}},
      .filter = {4, 1, 1, {1, 3, 3, 1}}}},
    {"filter up",
     {.count = 2,
      .along = {{RESAMPLE_FILTER, 3, 6, 2}, {RESAMPLE_FILTER, 4, 8, 1}},
      .filter = {4, 2, 1, {1, 2, 3, 4}}}},
    {"filter down",
     {.count = 2,
      .along = {{RESAMPLE_FILTER, 9, 4, 1}, {RESAMPLE_KEEP, 4, 4, 0}},
      .filter = {3, 1, 2, {1, -2, 4}}}},
    {"filter a line",
     {.count = 1, .along = {{RESAMPLE_FILTER, 6, 9, -2}}, .filter = {5, 3, 2, {1, .5F, -1, 2, 3}}}},
    {"filter a box",
     {.count = 3,
      .along = {{RESAMPLE_FILTER, 5, 8, 3},
                {RESAMPLE_FILTER, 6, 5, -1},
                {RESAMPLE_FILTER, 4, 7, 0}},
      .filter = {6, 1, 1, {.1F, .2F, .3F, -.4F, .5F, .6F}}}},
    {"halves",
     {.count = 2,
      .along = {{RESAMPLE_FILTER, 8, 4, 0}, {RESAMPLE_FILTER, 6, 3, 0}},
      .filter = {2, 1, 2, {.5F, .5F}}}},
    {"filter, large",
     {.count = 2,
      .along = {{RESAMPLE_KEEP, 32, 32, 0}, {RESAMPLE_FILTER, 64, 128, 2}},
      .filter = {4, 2, 1, {1, 3, 3, 1}}}},
    {"filter, large",
     {.count = 2,
      .along = {{RESAMPLE_KEEP, 32, 32, 0}, {RESAMPLE_FILTER, 64, 128, 2}},
      .filter = {4, 2, 1, {1, 3, 3, 1}}}},
    {"filter all zeros",
     {.count = 1, .along = {{RESAMPLE_FILTER, 4, 3, 40}}, .filter = {2, 1, 1, {1, 1}}}},
};

static void check_resample(size_t k, size_t c, bool adjoint) {
    Arena *arena = arena_new(NULL);
    Resampling r = maps[k].r;
    r.adjoint = adjoint;
    size_t from = N * c, to = N * c;
    for (int i = 0; i < r.count; i++) {
        from *= adjoint ? r.along[i].out : r.along[i].in;
        to *= adjoint ? r.along[i].in : r.along[i].out;
    }
    float *x = isas_values(from, 4), *y[2];
    double *want = calloc(to, sizeof *want);
    if (!want) abort();
    naive_resample(&r, c, x, want);
    bool intact = true;
    for (int t = 0; t < 2; t++) {
        omp_set_num_threads(t + 1);
        const ResamplePlan *p = resample_plan(arena, &r, N, c);
        size_t bytes = resample_scratch(p);
        void *scratch = isas_blank(bytes);
        y[t] = isas_blank(to * sizeof(float));
        resample_run(p, x, y[t], scratch);
        intact = intact && isas_intact(scratch, bytes) && isas_intact(y[t], to * sizeof(float));
        free(scratch);
    }
    ok(intact && near(y[0], want, to, 1e-5) && !memcmp(y[0], y[1], to * sizeof(float)),
       "%s: %s%s of %zu channels", isa_of, maps[k].name, adjoint ? ", adjoint" : "", c);
    free(x), free(want), free(y[0]), free(y[1]);
    arena_free(arena);
}

static void checks(const char *isa) {
    isa_of = isa;
    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++) {
        check_warp(channels[i], false);
        check_warp(channels[i], true);
        for (size_t k = 0; k < sizeof maps / sizeof *maps; k++) {
            check_resample(k, channels[i], false);
            check_resample(k, channels[i], true);
        }
    }
    check_nan();
}

int main(void) { return isas_run(checks); }
