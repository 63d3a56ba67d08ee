#include "media/arrange/landmarks.h"

#include "media/regroup.h"
#include "media/sources/paint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LANDMARKS = 68 };

/* The parts of a face: points from one to another, joined in turn, and to the first where the part
 * is closed. */
static const struct {
    int first, last;
    bool closed;
    unsigned char rgb[3];
} parts[] = {
    {0, 16, false, {0, 255, 0}},     /* jaw */
    {17, 21, false, {255, 128, 0}},  /* brows */
    {22, 26, false, {255, 128, 0}},  /*  */
    {27, 30, false, {0, 0, 255}},    /* ridge of the nose */
    {31, 35, false, {0, 255, 255}},  /* nostrils */
    {36, 41, true, {255, 0, 255}},   /* eyes */
    {42, 47, true, {255, 0, 255}},   /*  */
    {48, 59, true, {255, 0, 0}},     /* lips, outside */
    {60, 67, true, {255, 255, 255}}, /* and inside */
};

/* Of n pixels those from *first to *last are within `far` of a stretch. */
static bool reach(double a, double b, double far, size_t n, size_t *first, size_t *last) {
    double low = floor((a < b ? a : b) - far), high = floor((a < b ? b : a) + far);
    if (!(high >= 0) || !(low < (double)n)) return false;
    *first = low > 0 ? (size_t)low : 0;
    *last = high < (double)n ? (size_t)high : n - 1;
    return true;
}

/* Covers pixels by a line from a to b. Sums, products, quotients and roots alone, which every
 * machine rounds alike. */
static void stroke(const double a[2], const double b[2], double line, size_t height, size_t width,
                   float *cover) {
    double dx = b[0] - a[0], dy = b[1] - a[1], length = dx * dx + dy * dy, far = line / 2 + 1;
    size_t left, right, top, bottom;
    if (!reach(a[0], b[0], far, width, &left, &right) ||
        !reach(a[1], b[1], far, height, &top, &bottom))
        return;
    for (size_t y = top; y <= bottom; y++)
        for (size_t x = left; x <= right; x++) {
            double px = (double)x + 0.5 - a[0], py = (double)y + 0.5 - a[1];
            double t = length > 0 ? clamp01((px * dx + py * dy) / length) : 0;
            double ex = px - t * dx, ey = py - t * dy;
            float c = (float)clamp01(0.5 + line / 2 - sqrt(ex * ex + ey * ey));
            if (c > cover[y * width + x]) cover[y * width + x] = c;
        }
}

/* Draws one face on rgb [height,width,3], which is black before; `cover` is room for its pixels. */
static void draw(const double point[LANDMARKS][2], double line, size_t height, size_t width,
                 float *cover, unsigned char *rgb) {
    size_t pixels = height * width;
    for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
        memset(cover, 0, pixels * sizeof *cover);
        for (int k = parts[p].first; k < parts[p].last; k++)
            stroke(point[k], point[k + 1], line, height, width, cover);
        if (parts[p].closed)
            stroke(point[parts[p].last], point[parts[p].first], line, height, width, cover);
        for (size_t i = 0; i < pixels; i++)
            for (int c = 0; c < 3 && cover[i] > 0; c++) {
                double below = rgb[3 * i + (size_t)c];
                rgb[3 * i + (size_t)c] =
                    (unsigned char)(below + (double)cover[i] * (parts[p].rgb[c] - below) + 0.5);
            }
    }
}

/* ---- streams ---- */

typedef struct {
    const LandmarksWant *want;
    float *cover;
    Frame frame;
    Regroup out;
} Landmarks;

static int check(const Tensor *t, Error *err) {
    char buf[200];
    bool pairs = t->rank == 3 && t->shape[1] == LANDMARKS && t->shape[2] == 2;
    if (pairs || (t->rank == 2 && t->shape[1] == 2 * LANDMARKS)) return 0;
    return fail(err, "tensor %s is %s: expected [N,%d,2] or [N,%d], x before y", t->name,
                shape_text(t->rank, t->shape, buf, sizeof buf), LANDMARKS, 2 * LANDMARKS);
}

static int declare(Landmarks *l, const Frame *from, size_t n, Error *err) {
    frame_clear(&l->frame);
    for (size_t i = 0; i < from->tensor_count; i++) {
        const Tensor *t = &from->tensors[i];
        if (!strcmp(t->name, "landmarks"))
            return fail(err, "the stream has a tensor landmarks already");
        if (frame_add(&l->frame, t->name, t->dtype, t->rank, t->shape, err) < 0) return -1;
    }
    size_t shape[] = {n, l->want->height, l->want->width, 3};
    if (frame_add(&l->frame, "landmarks", DT_U8, 4, shape, err) < 0) return -1;
    for (size_t i = 0; i < from->meta_count; i++)
        if (strncmp(from->meta[i].key, "gan.crc32", 9) != 0)
            frame_set_meta(&l->frame, from->meta[i].key, from->meta[i].value);
    return frame_allocate(&l->frame, err);
}

/* Points of face i of the tensor in pixels of the drawing. */
static int take_points(const LandmarksWant *w, const Tensor *t, size_t i,
                       double point[LANDMARKS][2], Error *err) {
    double of[2] = {(double)(w->of_width ? w->of_width : w->width),
                    (double)(w->of_height ? w->of_height : w->height)};
    double side[2] = {(double)w->width, (double)w->height};
    double ratio[2] = {of[0] / side[0], of[1] / side[1]},
           scale = ratio[0] < ratio[1] ? ratio[0] : ratio[1];
    for (size_t k = 0; k < 2 * LANDMARKS; k++) {
        double v = tensor_get(t, 2 * LANDMARKS * i + k),
               cut = (of[k % 2] - scale * side[k % 2]) / 2;
        if (!(v > -1e6 && v < 1e6))
            return fail(err, "tensor %s: face %zu, point %zu: %g, expected pixels", t->name, i,
                        k / 2, v);
        point[k / 2][k % 2] = (v - cut) / scale;
    }
    return 0;
}

static int draw_frame(Landmarks *l, const Frame *from, Error *err) {
    const LandmarksWant *w = l->want;
    const Tensor *t = frame_find(from, w->tensor);
    if (!t) return fail(err, "no tensor %s", w->tensor);
    if (check(t, err) || declare(l, from, t->shape[0], err)) return -1;
    for (size_t i = 0; i < from->tensor_count; i++) {
        const Tensor *s = &from->tensors[i], *to = frame_find(&l->frame, s->name);
        if (s->count) memcpy(to->data, s->data, s->count * dtype_size(s->dtype));
    }
    unsigned char *to = frame_find(&l->frame, "landmarks")->data;
    size_t bytes = 3 * w->height * w->width;
    memset(to, 0, t->shape[0] * bytes);
    for (size_t i = 0; i < t->shape[0]; i++) {
        double point[LANDMARKS][2];
        if (take_points(w, t, i, point, err)) return -1;
        draw((const double(*)[2])point, w->line, w->height, w->width, l->cover, to + i * bytes);
    }
    return regroup_add(&l->out, &l->frame, 0, UINT64_MAX, err);
}

int landmarks_write(const char *path, const LandmarksWant *want, FILE *out, const char *name,
                    Error *err) {
    Landmarks l = {.want = want};
    Frame f = {0};
    l.cover = data_alloc(want->height * want->width * sizeof *l.cover, err);
    Reader *r = l.cover ? reader_open(path, err) : NULL;
    int more = r ? 1 : -1;
    regroup_start(&l.out, 0, out, name);
    while (more > 0 && (more = reader_next(r, &f, err)) > 0)
        if (f.tensor_count && draw_frame(&l, &f, err)) more = reader_fail_in(r, err);
    more = regroup_end(&l.out, more < 0, err);
    reader_close(r);
    frame_free(&f);
    frame_free(&l.frame);
    free(l.cover);
    return more;
}
