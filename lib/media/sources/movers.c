#include "media/sources/movers.h"

#include "base/random.h"
#include "media/sources/paint.h"

#include <math.h>
#include <stdio.h>

enum { SQUARE, DISC, SHAPES };
static const char *const shape_names[SHAPES] = {"square", "disc"};
static const char *const direction_names[] = {"right", "down", "left", "up"};

/* least and most: the radius, of the side. */
static const struct {
    bool colour, ground, bent, by_shape;
    double least, most;
} styles[] = {
    [MOVER_WHITE] = {.by_shape = true, .least = 2.0 / 16, .most = 3.0 / 16},
    [MOVER_HUE] = {.colour = true, .least = 2.0 / 16, .most = 3.0 / 16},
    [MOVER_SCENE] = {.colour = true, .ground = true, .least = 1.5 / 16, .most = 2.0 / 16},
    [MOVER_CURVE] = {.colour = true, .bent = true, .least = 0.08, .most = 0.2},
};

size_t mover_channels(MoverStyle style) { return styles[style].colour ? 3 : 1; }

const char *mover_classes(const MoverWant *w, char *text, size_t size) {
    size_t shapes = styles[w->style].by_shape ? SHAPES : 1, n = 0;
    for (size_t k = 0; k < shapes * w->directions; k++) {
        const char *shape = shapes > 1 ? shape_names[k / w->directions] : "";
        n += (size_t)snprintf(text + n, size - n, "%s\"%s%s%s\"", k ? "," : "[", shape,
                              *shape ? " " : "", direction_names[k % w->directions]);
    }
    snprintf(text + n, size - n, "]");
    return text;
}

/* What a clip shows. Colours are of 0..1. */
typedef struct {
    int shape, direction;
    double radius;
    double front[3], back[2][3]; /* of the shape, and of the ground from end to end, */
    double turn;                 /* which lies in that direction */
    double along[4], across[4];  /* a cubic curve's points, in pixels; a straight one's, too */
} Mover;

/* Along the way the shape goes from one side towards the other, across it keeps inside as well. */
static void draw_way(const MoverWant *w, Mover *m, Random *r) {
    double room = (double)w->size - 2 * m->radius, from = m->radius;
    bool bent = styles[w->style].bent;
    double way = bent ? room : room * random_uniform(r, 0.5, 1);
    double begin = from + random_uniform(r, 0, room - way);
    if (m->direction >= 2) begin += way, way = -way;
    double across = from + random_uniform(r, 0, room);
    for (int k = 0; k < 4; k++) {
        m->along[k] = begin + way * k / 3;
        m->across[k] = bent && k ? from + random_uniform(r, 0, room) : across;
    }
}

static Mover draw(const MoverWant *w, uint64_t i) {
    Random r = random_at(w->seed, USE_MOVERS, i);
    Mover m = {.front = {1, 1, 1}};
    m.shape = (int)random_below(&r, SHAPES);
    m.direction = (int)random_below(&r, (uint32_t)w->directions);
    m.radius = (double)w->size * random_uniform(&r, styles[w->style].least, styles[w->style].most);
    draw_way(w, &m, &r);
    double hue = random_uniform(&r, 0, 1);
    double full = random_uniform(&r, 0.6, 1), bright = random_uniform(&r, 0.75, 1);
    if (styles[w->style].colour) paint_hsv(hue, full, bright, m.front);
    if (styles[w->style].ground) {
        for (int k = 0; k < 2; k++)
            for (int c = 0; c < 3; c++) m.back[k][c] = random_uniform(&r, 0, 0.6);
        m.turn = random_uniform(&r, 0, 2 * M_PI);
    }
    return m;
}

/* The point of a cubic Bezier curve at t of 0..1. */
static double bezier(const double p[4], double t) {
    double s = 1 - t;
    return s * s * s * p[0] + 3 * s * s * t * p[1] + 3 * s * t * t * p[2] + t * t * t * p[3];
}

/* How much of the pixel at (dx, dy) from the middle the shape covers: one pixel of soft edge. */
static double cover(const Mover *m, double dx, double dy) {
    const double half = 0.88622692545275801; /* of a square as large as the disc of radius 1 */
    double d =
        m->shape == DISC ? hypot(dx, dy) - m->radius : fmax(fabs(dx), fabs(dy)) - half * m->radius;
    return clamp01(0.5 - d);
}

static void paint_frame(const MoverWant *w, const Mover *m, double at_x, double at_y,
                        unsigned char *to) {
    size_t channels = mover_channels(w->style);
    double side = (double)w->size, co = cos(m->turn), si = sin(m->turn);
    for (size_t y = 0; y < w->size; y++)
        for (size_t x = 0; x < w->size; x++) {
            double px = (double)x + 0.5, py = (double)y + 0.5;
            double a = cover(m, px - at_x, py - at_y);
            double end = 0.5 + (co * (px / side - 0.5) + si * (py / side - 0.5)) / M_SQRT2;
            for (size_t c = 0; c < channels; c++) {
                double ground = m->back[0][c] + end * (m->back[1][c] - m->back[0][c]);
                *to++ = paint_byte(ground + a * (m->front[c] - ground));
            }
        }
}

int64_t mover_make(const MoverWant *w, uint64_t i, unsigned char *video, float *path,
                   float factor[MOVER_FACTORS]) {
    Mover m = draw(w, i);
    size_t bytes = w->size * w->size * mover_channels(w->style);
    bool upright = m.direction % 2;
    for (size_t t = 0; t < w->frames; t++, video += bytes, path += 2) {
        double part = w->frames > 1 ? (double)t / (double)(w->frames - 1) : 0;
        double along = bezier(m.along, part), across = bezier(m.across, part);
        double x = upright ? across : along, y = upright ? along : across;
        paint_frame(w, &m, x, y, video);
        path[0] = (float)x;
        path[1] = (float)y;
    }
    factor[0] = (float)m.shape;
    factor[1] = (float)m.radius;
    for (int c = 0; c < 3; c++) factor[2 + c] = paint_byte(m.front[c]);
    return m.direction + (styles[w->style].by_shape ? m.shape * (int64_t)w->directions : 0);
}
