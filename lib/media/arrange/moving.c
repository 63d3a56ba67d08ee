#include "media/arrange/moving.h"

#include "base/random.h"
#include "media/index.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const MovingWant *want;
    Index index;
    size_t image;                   /* columns of the stream */
    int label;                      /* or -1 */
    size_t height, width, channels; /* of pictures that move */
    size_t stored;                  /* bytes of one in the stream */
    size_t clip;                    /* bytes */
    uint32_t *picks;                /* [clips a frame, pictures] */
    unsigned char *dots; /* [clips a frame, pictures, stored]; of each the first height x width x
                          * channels bytes count */
    int64_t *labels;     /* [clips a frame, pictures] */
    Frame frame;
} Moving;

/* A flight in the unit square: where it begins and what it moves in a frame. */
typedef struct {
    double x, y, dx, dy;
} Flight;

/* Where a straight way of that length ends between two mirrors at 0 and 1. */
static double reflected(double way) {
    double u = fmod(fabs(way), 2);
    return u > 1 ? 2 - u : u;
}

static Flight flight_of(const MovingWant *w, Random *r) {
    Flight f;
    f.x = random_uniform(r, 0, 1);
    f.y = random_uniform(r, 0, 1);
    double angle = random_uniform(r, 0, 2 * M_PI);
    double step = w->step_to > w->step ? random_uniform(r, w->step, w->step_to) : w->step;
    f.dx = step * cos(angle);
    f.dy = step * sin(angle);
    return f;
}

/* Lays a picture with its corner at (left, top) over a frame. */
static void lay(const Moving *m, const unsigned char *picture, size_t left, size_t top,
                unsigned char *frame) {
    size_t line = m->width * m->channels, stride = (size_t)m->want->size * m->channels;
    for (size_t y = 0; y < m->height; y++) {
        unsigned char *to = frame + (top + y) * stride + left * m->channels;
        for (size_t k = 0; k < line; k++, picture++)
            if (*picture > to[k]) to[k] = *picture;
    }
}

/* Clip `i` of the frame, which is clip `number` of all. */
static void fill(const Moving *m, uint64_t number, size_t i, unsigned char *image, float *path) {
    const MovingWant *w = m->want;
    size_t pictures = (size_t)w->pictures, frames = (size_t)w->frames, size = (size_t)w->size;
    size_t frame = m->clip / frames;
    double across = (double)(size - m->width), down = (double)(size - m->height);
    Random r = random_at(w->seed, USE_MOVING, number);
    for (size_t j = 0; j < pictures; j++) random_u32(&r); /* those that picked the pictures */
    memset(image, 0, m->clip);
    for (size_t j = 0; j < pictures; j++) {
        Flight f = flight_of(w, &r);
        const unsigned char *dots = m->dots + (i * pictures + j) * m->stored;
        for (size_t t = 0; t < frames; t++) {
            double x = floor(across * reflected(f.x + (double)t * f.dx) + 0.5);
            double y = floor(down * reflected(f.y + (double)t * f.dy) + 0.5);
            lay(m, dots, (size_t)x, (size_t)y, image + t * frame);
            float *at = path + (t * pictures + j) * 2;
            at[0] = (float)(x + (double)m->width / 2);
            at[1] = (float)(y + (double)m->height / 2);
        }
    }
}

static int declare(Moving *m, size_t n, Error *err) {
    const MovingWant *w = m->want;
    size_t frames = (size_t)w->frames, size = (size_t)w->size, pictures = (size_t)w->pictures;
    size_t image[] = {n, frames, size, size, m->channels}, still[] = {n, size, size, m->channels};
    bool clip = frames > 1;
    size_t path[4] = {n}, label[] = {n, pictures};
    int rank = 1;
    if (clip) path[rank++] = frames;
    if (pictures > 1) path[rank++] = pictures;
    path[rank++] = 2;
    Frame *f = &m->frame;
    frame_clear(f);
    if (frame_add(f, w->tensor, DT_U8, clip ? 5 : 4, clip ? image : still, err) < 0 ||
        frame_add(f, "path", DT_F32, rank, path, err) < 0)
        return -1;
    if (m->label >= 0 && frame_add(f, "label", DT_I64, pictures > 1 ? 2 : 1, label, err) < 0)
        return -1;
    for (size_t i = 0; i < m->index.layout.facts.meta_count; i++) {
        const Meta *meta = &m->index.layout.facts.meta[i];
        frame_set_meta(f, meta->key, meta->value);
    }
    return frame_allocate(f, err);
}

/* The means of its blocks, in the place of the picture. */
static void shrink(const Moving *m, unsigned char *picture) {
    size_t by = (size_t)m->want->shrink, area = by * by, line = m->width * by * m->channels;
    unsigned char *to = picture;
    for (size_t y = 0; y < m->height; y++)
        for (size_t x = 0; x < m->width; x++)
            for (size_t c = 0; c < m->channels; c++, to++) {
                const unsigned char *from = picture + y * by * line + x * by * m->channels + c;
                size_t sum = area / 2;
                for (size_t k = 0; k < area; k++) sum += from[k / by * line + k % by * m->channels];
                *to = (unsigned char)(sum / area);
            }
}

static int write_frame(Moving *m, uint64_t first, size_t n, FILE *out, const char *name,
                       Error *err) {
    const MovingWant *w = m->want;
    size_t pictures = (size_t)w->pictures, all = n * pictures;
    for (size_t i = 0; i < n; i++) {
        Random r = random_at(w->seed, USE_MOVING, first + i);
        for (size_t j = 0; j < pictures; j++)
            m->picks[i * pictures + j] = random_below(&r, (uint32_t)index_samples(&m->index));
    }
    if (index_column(&m->index, m->image, m->picks, all, m->dots, err) ||
        (m->label >= 0 &&
         index_column(&m->index, (size_t)m->label, m->picks, all, m->labels, err)) ||
        declare(m, n, err))
        return -1;
    for (size_t i = 0; i < all && w->shrink > 1; i++) shrink(m, m->dots + i * m->stored);
    unsigned char *image = frame_find(&m->frame, w->tensor)->data;
    float *path = frame_find(&m->frame, "path")->data;
    size_t way = (size_t)w->frames * pictures * 2;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < n; i++) fill(m, first + i, i, image + i * m->clip, path + i * way);
    if (m->label >= 0)
        memcpy(frame_find(&m->frame, "label")->data, m->labels, all * sizeof *m->labels);
    return frame_write(&m->frame, out, name, err);
}

static int look(Moving *m, Error *err) {
    const MovingWant *w = m->want;
    const Layout *l = &m->index.layout;
    const Column *image = layout_column(l, "image"), *label = layout_column(l, "label");
    char text[200];
    if (!image) return fail(err, "%s: no tensor image", m->index.name);
    if (image->dtype != DT_U8 || image->rank != 4)
        return fail(err, "%s: tensor image is %s %s, expected U8 [N,H,W,C]", m->index.name,
                    dtype_name(image->dtype),
                    shape_text(image->rank, image->shape, text, sizeof text));
    m->height = image->shape[1], m->width = image->shape[2], m->channels = image->shape[3];
    m->stored = m->height * m->width * m->channels;
    if (m->height % w->shrink || m->width % w->shrink)
        return fail(err, "%s: pictures of %zux%zu are no multiple of %" PRIu64 "x%" PRIu64,
                    m->index.name, m->width, m->height, w->shrink, w->shrink);
    m->height /= w->shrink, m->width /= w->shrink;
    if (m->height > w->size || m->width > w->size)
        return fail(err, "%s: pictures of %zux%zu do not fit frames of %" PRIu64, m->index.name,
                    m->width, m->height, w->size);
    m->image = (size_t)(image - l->columns);
    m->label = label && label->dtype == DT_I64 && label->rank == 1 ? (int)(label - l->columns) : -1;
    size_t clip[] = {(size_t)w->frames, (size_t)w->size, (size_t)w->size, m->channels};
    if (!size_product(clip, 4, &m->clip) || m->clip > (size_t)1 << 32)
        return fail(err, "clips of %" PRIu64 " frames of %" PRIu64 "x%" PRIu64 " are too large",
                    w->frames, w->size, w->size);
    return 0;
}

static int write_all(Moving *m, FILE *out, const char *name, Error *err) {
    const MovingWant *w = m->want;
    if (look(m, err)) return -1;
    size_t most = frame_samples(m->clip, w->per_frame, w->count), all, bytes;
    if (!size_mul(most, (size_t)w->pictures, &all) || !size_mul(all, m->stored, &bytes))
        return fail(err, "%" PRIu64 " pictures a clip are too many", w->pictures);
    m->picks = data_alloc(all * sizeof *m->picks, err);
    m->dots = data_alloc(bytes, err);
    m->labels = data_alloc(all * sizeof *m->labels, err);
    if (!m->picks || !m->dots || !m->labels) return -1;
    for (uint64_t at = 0; at < w->count;) {
        size_t n = w->count - at < most ? (size_t)(w->count - at) : most;
        if (write_frame(m, w->skip + at, n, out, name, err)) return -1;
        at += n;
    }
    return 0;
}

int moving_write(const char *path, const MovingWant *want, FILE *out, const char *name,
                 Error *err) {
    Moving m = {.want = want};
    int bad = index_open(&m.index, path, false, err) || write_all(&m, out, name, err);
    index_free(&m.index);
    free(m.picks);
    free(m.dots);
    free(m.labels);
    frame_free(&m.frame);
    return bad ? -1 : 0;
}
