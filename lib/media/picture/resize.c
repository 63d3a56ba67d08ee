#include "media/picture/resize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double box(double x) { return x > -0.5 && x <= 0.5; }
static double triangle(double x) { return fabs(x) < 1 ? 1 - fabs(x) : 0; }
static double bicubic(double x) { /* Keys, a = -1/2 */
    x = fabs(x);
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}
static double sinc(double x) { return x == 0 ? 1 : sin(M_PI * x) / (M_PI * x); }
static double lanczos(double x) { return fabs(x) < 3 ? sinc(x) * sinc(x / 3) : 0; }

static const struct {
    const char *name;
    double (*at)(double);
    double support;
} filters[FILTER_COUNT] = {
    [FILTER_NEAREST] = {"nearest", NULL, 0},       [FILTER_BOX] = {"box", box, 0.5},
    [FILTER_TRIANGLE] = {"triangle", triangle, 1}, [FILTER_BICUBIC] = {"bicubic", bicubic, 2},
    [FILTER_LANCZOS] = {"lanczos", lanczos, 3},
};

bool filter_named(const char *name, ResizeFilter *out) {
    for (int f = 0; f < FILTER_COUNT; f++) {
        if (strcmp(name, filters[f].name)) continue;
        *out = (ResizeFilter)f;
        return true;
    }
    return false;
}

double filter_at(ResizeFilter f, double x) { return filters[f].at(x); }
double filter_support(ResizeFilter f) { return filters[f].support; }

Box box_of_aspect(const Picture *p, size_t height, size_t width) {
    size_t h = p->height, w = p->width;
    if (w * height > h * width)
        w = (h * width + height / 2) / height;
    else
        h = (w * height + width / 2) / width;
    return box_of_size(p, h ? h : 1, w ? w : 1);
}

Box box_of_size(const Picture *p, size_t height, size_t width) {
    size_t h = height < p->height ? height : p->height, w = width < p->width ? width : p->width;
    return (Box){(p->height - h) / 2, (p->width - w) / 2, h, w};
}

static void axis_free(Axis *a) {
    free(a->first);
    free(a->weight);
    *a = (Axis){0};
}

void resizer_free(Resizer *r) {
    axis_free(&r->rows);
    axis_free(&r->columns);
    free(r->line);
    *r = (Resizer){0};
}

/* The weights of one output position, normalised to sum to one. */
static void fill_taps(Axis *a, size_t i, double scale, double support) {
    double shrink = scale > 1 ? scale : 1, centre = ((double)i + 0.5) * scale, sum = 0;
    double low = floor(centre - support + 0.5), high = floor(centre + support + 0.5);
    size_t from = low > 0 ? (size_t)low : 0, to = high < (double)a->in ? (size_t)high : a->in;
    if (from + a->taps > a->in) from = a->in - a->taps; /* taps outside the filter weigh nothing */
    if (to > from + a->taps) to = from + a->taps;
    float *w = a->weight + i * a->taps;
    a->first[i] = from;
    for (size_t k = from; k < to; k++)
        sum += filters[a->filter].at(((double)k + 0.5 - centre) / shrink);
    for (size_t k = from; k < to; k++)
        w[k - from] = (float)(filters[a->filter].at(((double)k + 0.5 - centre) / shrink) / sum);
}

static int axis_prepare(Axis *a, size_t in, size_t out, ResizeFilter filter, Error *err) {
    if (a->weight && a->in == in && a->out == out && a->filter == filter) return 0;
    axis_free(a);
    double scale = (double)in / (double)out, support = filters[filter].support;
    support *= scale > 1 ? scale : 1;
    size_t taps = filter == FILTER_NEAREST
                      ? 1
                      : (size_t)ceil(2 * support); /* centres in an open interval of that length */
    *a = (Axis){.in = in, .out = out, .filter = filter, .taps = taps < in ? taps : in};
    size_t count;
    if (size_mul(out, a->taps, &count)) {
        a->first = calloc(out, sizeof *a->first);
        a->weight = calloc(count, sizeof *a->weight);
    }
    if (!a->first || !a->weight) {
        axis_free(a);
        return fail(err, "out of memory resizing %zu to %zu", in, out);
    }
    for (size_t i = 0; i < out; i++) {
        if (filter == FILTER_NEAREST) {
            a->first[i] = (2 * i + 1) * in / (2 * out);
            a->weight[i] = 1;
        } else {
            fill_taps(a, i, scale, support);
        }
    }
    return 0;
}

/* Compiled for wider vectors as well, where the loader can choose; the sums are the same bits. */
#if defined __x86_64__ && defined __GLIBC__
#define WIDE __attribute__((target_clones("avx2", "default")))
#else
#define WIDE
#endif

/* line = the weighted sum of source rows. Vertical first: it runs along whole rows, which the
 * compiler turns into vector code, and leaves fewer rows for the horizontal pass. */
WIDE static void blend_rows(const Axis *a, size_t i, const unsigned char *src, size_t stride,
                            size_t n, float *restrict line) {
    const unsigned char *row = src + a->first[i] * stride;
    const float *w = a->weight + i * a->taps;
    size_t k = 0;
    memset(line, 0, n * sizeof *line);
    for (; k + 4 <= a->taps; k += 4, row += 4 * stride) { /* four at a time: a quarter the stores */
        const unsigned char *r0 = row, *r1 = r0 + stride, *r2 = r1 + stride, *r3 = r2 + stride;
        float w0 = w[k], w1 = w[k + 1], w2 = w[k + 2], w3 = w[k + 3];
#pragma omp simd
        for (size_t x = 0; x < n; x++)
            line[x] = line[x] + w0 * (float)r0[x] + w1 * (float)r1[x] + w2 * (float)r2[x] +
                      w3 * (float)r3[x];
    }
    for (; k < a->taps; k++, row += stride) {
        float w0 = w[k];
#pragma omp simd
        for (size_t x = 0; x < n; x++) line[x] += w0 * (float)row[x];
    }
}

static unsigned char to_byte(float v) {
    return (unsigned char)(v <= 0 ? 0 : v >= 255 ? 255 : v + 0.5f);
}

/* Floats behind a line that blend_columns may read. */
enum { LINE_END = 3 };

/* Those of `kept`. A pixel is summed as four floats, whatever its channels: the line ends in room
 * for reading that far. channels is a constant in each call. */
static inline __attribute__((always_inline)) void
blend_columns(const Axis *a, const Box *kept, const float *line, int channels, unsigned char *out) {
    typedef float Pixel __attribute__((vector_size(16)));
    const float *w = a->weight + kept->x * a->taps;
    for (size_t x = kept->x; x < kept->x + kept->width; x++, w += a->taps, out += channels) {
        const float *from = line + a->first[x] * (size_t)channels;
        Pixel sum = {0}, p;
        for (size_t k = 0; k < a->taps; k++, from += channels) {
            memcpy(&p, from, sizeof p);
            sum += w[k] * p;
        }
        for (int c = 0; c < channels; c++) out[c] = to_byte(sum[c]);
    }
}

static void blend_line(const Axis *a, const Box *kept, const float *line, int channels,
                       unsigned char *out) {
    switch (channels) {
    case 1: blend_columns(a, kept, line, 1, out); break;
    case 2: blend_columns(a, kept, line, 2, out); break;
    case 3: blend_columns(a, kept, line, 3, out); break;
    default: blend_columns(a, kept, line, 4, out); break;
    }
}

Scaling scaling_of(Box box, size_t height, size_t width) {
    return (Scaling){box, height, width, {0, 0, height, width}};
}

int picture_resize(Resizer *r, const Picture *p, const Scaling *s, ResizeFilter filter,
                   unsigned char *out, Error *err) {
    size_t c = (size_t)p->channels, stride = p->width * c, n = s->box.width * c;
    const unsigned char *src = p->pixels + s->box.y * stride + s->box.x * c;
    const Box *kept = &s->kept;
    size_t line = kept->width * c;
    if (s->box.height == s->height && s->box.width == s->width) {
        src += kept->y * stride + kept->x * c;
        for (size_t y = 0; y < kept->height; y++) memcpy(out + y * line, src + y * stride, line);
        return 0;
    }
    if (axis_prepare(&r->rows, s->box.height, s->height, filter, err) ||
        axis_prepare(&r->columns, s->box.width, s->width, filter, err))
        return -1;
    if (r->line_size < n) {
        free(r->line);
        r->line_size = 0;
        r->line = data_alloc((n + LINE_END) * sizeof *r->line, err);
        if (!r->line) return -1;
        memset(r->line + n, 0, LINE_END * sizeof *r->line);
        r->line_size = n;
    }
    for (size_t y = 0; y < kept->height; y++) {
        blend_rows(&r->rows, kept->y + y, src, stride, n, r->line);
        blend_line(&r->columns, kept, r->line, p->channels, out + y * line);
    }
    return 0;
}
