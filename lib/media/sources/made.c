#include "media/sources/made.h"

#include "base/random.h"
#include "media/sources/movers.h"
#include "media/sources/paint.h"
#include "stream/stream.h"

#include <math.h>
#include <string.h>

enum {
    PARTS = 3, /* tensors of a sample beside its label, at most */
    MODES_MAX = 1 << 16,
    SIDE_MAX = 1 << 12,
    SOLID_SIDE_MAX = 512,
    PALETTES_MAX = 12,
    CLIP_MAX = 1 << 30 /* bytes */
};

static int64_t make_ring(const MadeWant *w, uint64_t i, void *const to[PARTS]) {
    Random r = random_at(w->seed, USE_POINTS, i);
    uint32_t mode = random_below(&r, (uint32_t)w->modes);
    double angle = 2 * M_PI * mode / (double)w->modes;
    float point[2] = {(float)(w->radius * cos(angle) + w->sigma * random_normal(&r)),
                      (float)(w->radius * sin(angle) + w->sigma * random_normal(&r))};
    memcpy(to[0], point, sizeof point);
    return mode;
}

static int64_t make_grid(const MadeWant *w, uint64_t i, void *const to[PARTS]) {
    Random r = random_at(w->seed, USE_POINTS, i);
    uint32_t side = (uint32_t)w->modes, mode = random_below(&r, side * side);
    double middle = (side - 1) / 2.0;
    float point[2] = {(float)(w->spacing * (mode % side - middle) + w->sigma * random_normal(&r)),
                      (float)(w->spacing * (mode / side - middle) + w->sigma * random_normal(&r))};
    memcpy(to[0], point, sizeof point);
    return mode;
}

/* Shapes are signed distances (negative inside) from a point of the plane; all are about 1 in
 * radius. */
static double circle(double x, double y) { return hypot(x, y) - 0.9; }
static double square(double x, double y) { return fmax(fabs(x), fabs(y)) - 0.75; }
static double triangle(double x, double y) {
    double slope = sqrt(3) / 2;
    return fmax(-y - 0.5, fmax(slope * x + 0.5 * y, -slope * x + 0.5 * y) - 0.5);
}
static double cross(double x, double y) {
    double a = fmax(fabs(x) - 0.3, fabs(y) - 1), b = fmax(fabs(x) - 1, fabs(y) - 0.3);
    return fmin(a, b);
}
static double ring(double x, double y) { return fabs(hypot(x, y) - 0.7) - 0.22; }

static double (*const shapes[])(double, double) = {circle, square, triangle, cross, ring};
enum { SHAPE_COUNT = sizeof shapes / sizeof *shapes };
static const char *const shape_names[] = {"circle", "square", "triangle", "cross", "ring"};
/* Of the share of the hues that is a palette's, so that palettes are told apart. */
static const double PALETTE_WIDTH = 0.6;

/* A class for each shape in each palette. */
static void name_shapes(const MadeWant *w, Frame *f) {
    Str s = {0};
    for (size_t i = 0; i < SHAPE_COUNT * w->palettes; i++) {
        str_printf(&s, "%s\"%s", i ? "," : "[", shape_names[i / w->palettes]);
        if (w->palettes > 1) str_printf(&s, "-%zu", i % w->palettes);
        str_printf(&s, "\"");
    }
    str_printf(&s, "]");
    frame_set_meta(f, "gan.classes", s.text);
    str_free(&s);
}

static int64_t make_shape(const MadeWant *w, uint64_t i, void *const to[PARTS]) {
    Random r = random_at(w->seed, USE_SHAPES, i);
    uint32_t palettes = (uint32_t)w->palettes, class = random_below(&r, SHAPE_COUNT * palettes);
    uint32_t shape = class / palettes, palette = class % palettes;
    double side = (double)w->size, radius = side * random_uniform(&r, 0.18, 0.36);
    double room = fmax(side / 2 - radius * 1.05, 0);
    double cx = side / 2 + random_uniform(&r, -room, room);
    double cy = side / 2 + random_uniform(&r, -room, room);
    /* less than a whole turn is about the upright */
    double turn = w->rotate, about = turn < M_PI ? turn : 0;
    double angle = random_uniform(&r, 0, 2 * turn) - about, co = cos(angle), si = sin(angle);
    double width = palettes > 1 ? PALETTE_WIDTH : 1;
    double front[3], back[3], hue = (palette + random_uniform(&r, 0, width)) / palettes;
    paint_hsv(hue, random_uniform(&r, 0.6, 1), random_uniform(&r, 0.75, 1), front);
    paint_hsv(hue + random_uniform(&r, 0.25, 0.75), random_uniform(&r, 0.3, 0.9),
              random_uniform(&r, 0.15, 0.45), back);
    unsigned char *p = to[0];
    for (size_t y = 0; y < w->size; y++)
        for (size_t x = 0; x < w->size; x++) {
            double dx = ((double)x + 0.5 - cx) / radius, dy = ((double)y + 0.5 - cy) / radius;
            double d = shapes[shape](co * dx + si * dy, co * dy - si * dx);
            double cover = clamp01(0.5 - d * radius); /* one pixel of soft edge */
            for (int c = 0; c < 3; c++) *p++ = paint_byte(back[c] + cover * (front[c] - back[c]));
        }
    return class;
}

enum { FONT_WIDTH = 5, FONT_HEIGHT = 7 };

/* Whether a dot of a digit is set; false outside the cell. */
static bool font_dot(char digit, int row, int column) {
    /* of 0 to 9, seven rows of five dots each */
    static const char *const digits[] = {
        " ### #   ##  ### # ###  ##   # ### ", "  #   ##    #    #    #    #   ### ",
        " ### #   #    #   #   #   #   #####", " ### #   #    #  ##     ##   # ### ",
        "   #   ##  # # #  # #####   #    # ", "######    ####     #    ##   # ### ",
        "  ##  #   #    #### #   ##   # ### ", "#####    #   #   #   #    #    #   ",
        " ### #   ##   # ### #   ##   # ### ", " ### #   ##   # ####    #   #  ##  ",
    };

    if (row < 0 || row >= FONT_HEIGHT || column < 0 || column >= FONT_WIDTH) return false;
    return digits[digit - '0'][row * FONT_WIDTH + column] == '#';
}

/* Ink at (u, v), in dots from the glyph's corner: dots are spread bilinearly, then hardened, which
 * rounds corners and joins diagonals as a pen would. */
static double ink(char digit, double u, double v, double soft) {
    double fu = floor(u - 0.5), fv = floor(v - 0.5), a = u - 0.5 - fu, b = v - 0.5 - fv, sum = 0;
    if (fu < -1 || fv < -1 || fu > FONT_WIDTH || fv > FONT_HEIGHT) return 0;
    for (int dy = 0; dy < 2; dy++)
        for (int dx = 0; dx < 2; dx++)
            if (font_dot(digit, (int)fv + dy, (int)fu + dx))
                sum += (dx ? a : 1 - a) * (dy ? b : 1 - b);
    double t = clamp01((sum - 0.42) / soft + 0.5);
    return t * t * (3 - 2 * t);
}

static int64_t make_digit(const MadeWant *w, uint64_t i, void *const to[PARTS]) {
    Random r = random_at(w->seed, USE_DIGITS, i);
    uint32_t digit = random_below(&r, 10);
    double side = (double)w->size, unit = side / 28; /* laid out for 28x28 */
    double dot = unit * 20 / FONT_HEIGHT * random_uniform(&r, 1 - w->zoom, 1 + w->zoom);
    double angle = random_uniform(&r, -w->rotate, w->rotate), co = cos(angle), si = sin(angle);
    double cx = side / 2 + unit * random_uniform(&r, -w->move, w->move);
    double cy = side / 2 + unit * random_uniform(&r, -w->move, w->move);
    double strength = random_uniform(&r, 0.7, 1), soft = random_uniform(&r, 0.25, 0.6);
    unsigned char *p = to[0];
    for (size_t y = 0; y < w->size; y++)
        for (size_t x = 0; x < w->size; x++) {
            double sum = 0;
            for (int s = 0; s < 4; s++) { /* four points a pixel */
                double dx = ((double)x + (s & 1 ? 0.75 : 0.25) - cx) / dot;
                double dy = ((double)y + (s & 2 ? 0.75 : 0.25) - cy) / dot;
                sum += ink((char)('0' + digit), co * dx + si * dy + FONT_WIDTH / 2.0,
                           co * dy - si * dx + FONT_HEIGHT / 2.0, soft);
            }
            double noise = w->sigma > 0 ? w->sigma * random_normal(&r) : 0;
            *p++ = paint_byte(strength * sum / 4 + noise);
        }
    return digit;
}

/* Shapes about a point of the plane, turned and scaled, white on black, after dSprites (Matthey et
 * al. 2017): each factor is drawn by itself. */
enum { FACTORS = 5, SPRITES = 3, SPRITE_FINE = 4 };
static const int64_t factor_values[FACTORS] = {SPRITES, 6, 40, 32, 32};
static const char sprite_names[] = "[\"square\",\"ellipse\",\"heart\"]";

static bool in_sprite(int64_t shape, double x, double y) {
    if (shape == 0) return fabs(x) < 0.8 && fabs(y) < 0.8;
    if (shape == 1) return x * x + 4 * y * y < 1;
    double u = 1.2 * x, v = 0.15 - 1.2 * y, a = u * u + v * v - 1;
    return a * a * a < u * u * v * v * v;
}

static int64_t make_sprite(const MadeWant *w, uint64_t i, void *const to[PARTS]) {
    Random r = random_at(w->seed, USE_SPRITES, i);
    int64_t *factor = to[1];
    for (int k = 0; k < FACTORS; k++) factor[k] = random_below(&r, (uint32_t)factor_values[k]);
    double side = (double)w->size, most = 0.22 * side;
    double radius = most * (0.5 + 0.1 * (double)factor[1]), room = side - 2.3 * most;
    double angle = 2 * M_PI * (double)factor[2] / 40, co = cos(angle), si = sin(angle);
    double cx = 1.15 * most + room * (double)factor[3] / 31;
    double cy = 1.15 * most + room * (double)factor[4] / 31;
    unsigned char *p = to[0];
    for (size_t y = 0; y < w->size; y++)
        for (size_t x = 0; x < w->size; x++, p++) {
            int inside = 0;
            if (fmax(fabs((double)x + 0.5 - cx), fabs((double)y + 0.5 - cy)) < 1.15 * radius + 1)
                for (int s = 0; s < SPRITE_FINE * SPRITE_FINE; s++) {
                    double fx = (s % SPRITE_FINE + 0.5) / SPRITE_FINE;
                    double fy = (int)(s / SPRITE_FINE) + 0.5;
                    double dx = ((double)x + fx - cx) / radius;
                    double dy = ((double)y + fy / SPRITE_FINE - cy) / radius;
                    inside += in_sprite(factor[0], co * dx + si * dy, co * dy - si * dx);
                }
            *p = paint_byte((double)inside / (SPRITE_FINE * SPRITE_FINE));
        }
    return factor[0];
}

/* A word of the vocabulary: a random direction. */
static void word_vector(const MadeWant *w, uint64_t word, float *to) {
    Random r = random_at(w->seed, USE_WORDS, word), again = r;
    double square = 0;
    for (size_t j = 0; j < w->size; j++) square += pow(random_normal(&r), 2);
    for (size_t j = 0; j < w->size; j++) to[j] = (float)(random_normal(&again) / sqrt(square));
}

/* Topics take turns; the first words of the vocabulary are their tags, topic by topic. */
static int64_t make_tag(const MadeWant *w, uint64_t i, void *const to[PARTS]) {
    Random r = random_at(w->seed, USE_TAGS, i);
    uint64_t topic = i % w->topics, tag = random_below(&r, (uint32_t)w->tags);
    Random centre = random_at(w->seed, USE_TOPICS, topic);
    float *feature = to[1];
    word_vector(w, topic * w->tags + tag, to[0]);
    for (size_t j = 0; j < w->features; j++)
        feature[j] = (float)(random_normal(&centre) + w->sigma * random_normal(&r));
    return (int64_t)topic;
}

/* Solids stand upright. What is inside is told by how far a voxel is from the middle along each
 * axis, in half sizes, the third from the bottom, at -1, to the top. */
static bool in_box(const double p[3]) {
    return fabs(p[0]) <= 1 && fabs(p[1]) <= 1 && fabs(p[2]) <= 1;
}
static bool in_ellipsoid(const double p[3]) { return p[0] * p[0] + p[1] * p[1] + p[2] * p[2] <= 1; }
static bool in_cylinder(const double p[3]) {
    return fabs(p[2]) <= 1 && p[0] * p[0] + p[1] * p[1] <= 1;
}
static bool in_cone(const double p[3]) {
    double radius = (1 - p[2]) / 2;
    return fabs(p[2]) <= 1 && p[0] * p[0] + p[1] * p[1] <= radius * radius;
}

static bool (*const solids[])(const double[3]) = {in_box, in_ellipsoid, in_cylinder, in_cone};
enum { SOLID_COUNT = sizeof solids / sizeof *solids };
static const char solid_names[] = "[\"box\",\"ellipsoid\",\"cylinder\",\"cone\"]";

/* In the middle; half sizes are 3.5 to 7 of a side of 16. */
static int64_t make_solid(const MadeWant *w, uint64_t i, void *const to[PARTS]) {
    Random r = random_at(w->seed, USE_SOLIDS, i);
    uint32_t class = random_below(&r, SOLID_COUNT);
    double side = (double)w->size, half[3];
    for (int a = 0; a < 3; a++) half[a] = side / 16 * random_uniform(&r, 3.5, 7);
    unsigned char *out = to[0];
    for (size_t x = 0; x < w->size; x++)
        for (size_t y = 0; y < w->size; y++)
            for (size_t z = 0; z < w->size; z++) {
                double p[3] = {((double)x + 0.5 - side / 2) / half[0],
                               ((double)y + 0.5 - side / 2) / half[1],
                               ((double)z + 0.5 - side / 2) / half[2]};
                *out++ = solids[class](p) ? 255 : 0;
            }
    return class;
}

enum {
    RING,
    GRID,
    SHAPES,
    DIGITS,
    TAGS,
    VOCABULARY,
    SOLIDS,
    FACTORED,
    MOVERS, /* from here on those of movers.h, in the order of its styles */
    HUES,
    SCENES,
    CURVES
};

#define TOPICS \
    { .size = 32, .sigma = 0.3, .words = 200, .topics = 20, .tags = 5, .features = 64 }
#define MOVING(side, ways) \
    { .size = side, .frames = 16, .directions = ways }
const MadeKind made_kinds[] = {
    [RING] = {"ring", "a ring of 2-D Gaussians", {.modes = 8, .radius = 2, .sigma = 0.02}},
    [GRID] = {"grid", "a square grid of 2-D Gaussians", {.modes = 5, .spacing = 2, .sigma = 0.05}},
    [SHAPES] = {"shapes",
                "coloured shapes on coloured ground, 5 classes",
                {.size = 32, .palettes = 1, .rotate = M_PI}},
    [DIGITS] = {"digits",
                "grey digits, 10 classes",
                {.size = 28, .rotate = 0.1, .zoom = 0.1, .move = 1},
                .noise = true},
    [TAGS] = {"tags", "pairs of a word vector and the features of its topic", TOPICS},
    [VOCABULARY] = {"vocabulary", "the words of tags of the same seed", TOPICS},
    [SOLIDS] = {"solids", "volumes of solids, 4 classes", {.size = 32}},
    [FACTORED] = {"sprites", "white shapes of five known factors", {.size = 64}},
    [MOVERS] = {"movers", "clips of white shapes that move, 8 classes", MOVING(16, 4)},
    [HUES] = {"hues", "clips of coloured shapes that move, 4 classes", MOVING(16, 4)},
    [SCENES] = {"scenes", "clips of small movers on coloured ground, 4 classes", MOVING(16, 4)},
    [CURVES] = {"curves", "clips of shapes along Bezier curves, 2 classes", MOVING(64, 2)},
    {0},
};

static int64_t (*const makers[])(const MadeWant *, uint64_t, void *const[PARTS]) = {
    [RING] = make_ring, [GRID] = make_grid,    [SHAPES] = make_shape,    [DIGITS] = make_digit,
    [TAGS] = make_tag,  [SOLIDS] = make_solid, [FACTORED] = make_sprite,
};

static MoverWant mover(int kind, const MadeWant *w) {
    return (MoverWant){(MoverStyle)(kind - MOVERS), w->seed, w->size, w->frames, w->directions};
}

static int64_t make_sample(int kind, const MadeWant *w, uint64_t i, void *const to[PARTS]) {
    if (kind < MOVERS) return makers[kind](w, i, to);
    MoverWant m = mover(kind, w);
    return mover_make(&m, i, to[0], to[1], to[2]);
}

/* The tensors of a sample, less its label; a rank of 0 behind the last. */
typedef struct {
    const char *name;
    DType dtype;
    int rank; /* with the axis of samples */
    size_t shape[5], bytes;
} Part;

static void layout_clip(int kind, const MadeWant *w, Part part[PARTS]) {
    size_t t = w->frames, side = w->size, c = mover_channels((MoverStyle)(kind - MOVERS));
    part[0] = (Part){"video", DT_U8, 5, {0, t, side, side, c}, t * side * side * c};
    part[1] = (Part){"path", DT_F32, 3, {0, t, 2}, t * 2 * sizeof(float)};
    part[2] = (Part){"factor", DT_F32, 2, {0, MOVER_FACTORS}, MOVER_FACTORS * sizeof(float)};
}

static void layout(int kind, const MadeWant *w, Part part[PARTS]) {
    memset(part, 0, PARTS * sizeof *part);
    if (kind >= MOVERS) {
        layout_clip(kind, w, part);
        return;
    }
    if (kind == TAGS) {
        part[0] = (Part){"word", DT_F32, 2, {0, w->size}, w->size * sizeof(float)};
        part[1] = (Part){"feature", DT_F32, 2, {0, w->features}, w->features * sizeof(float)};
    } else if (kind == SOLIDS) {
        size_t n = w->size;
        part[0] = (Part){"voxels", DT_U8, 5, {0, n, n, n, 1}, n * n * n};
    } else if (kind == RING || kind == GRID) {
        part[0] = (Part){"point", DT_F32, 2, {0, 2}, 2 * sizeof(float)};
    } else {
        size_t c = kind == SHAPES ? 3 : 1;
        part[0] = (Part){"image", DT_U8, 4, {0, w->size, w->size, c}, w->size * w->size * c};
        if (kind == FACTORED)
            part[1] = (Part){"factor", DT_I64, 2, {0, FACTORS}, FACTORS * sizeof(int64_t)};
    }
}

static int check_tags(const MadeWant *w, Error *err) {
    size_t used;
    if (!w->size || w->size > SIDE_MAX || !w->features || w->features > MODES_MAX)
        return fail(err, "vectors of %zu and %zu numbers, expected 1 to %d and 1 to %d", w->size,
                    w->features, SIDE_MAX, MODES_MAX);
    if (!w->topics || !w->tags || w->words > MODES_MAX || !size_mul(w->topics, w->tags, &used) ||
        used > w->words)
        return fail(err,
                    "%zu topics of %zu tags, expected as many as there are words: %zu, at most %d",
                    w->topics, w->tags, w->words, MODES_MAX);
    return 0;
}

int made_check(const MadeKind *made, const MadeWant *w, Error *err) {
    int kind = (int)(made - made_kinds);
    bool points = kind == RING || kind == GRID;
    size_t most = kind == GRID ? 256 : MODES_MAX;
    if (kind == TAGS || kind == VOCABULARY) return check_tags(w, err);
    if (points && (w->modes < 1 || w->modes > most))
        return fail(err, "%zu modes, expected 1 to %zu", w->modes, most);
    if (kind == SHAPES && (w->palettes < 1 || w->palettes > PALETTES_MAX))
        return fail(err, "%zu palettes, expected 1 to %d", w->palettes, PALETTES_MAX);
    int side = kind == SOLIDS ? SOLID_SIDE_MAX : SIDE_MAX;
    if (!points && (w->size < 8 || w->size > (size_t)side))
        return fail(err, "%s of side %zu, expected 8 to %d", kind == SOLIDS ? "volumes" : "images",
                    w->size, side);
    if (kind >= MOVERS && w->frames > CLIP_MAX / (3 * w->size * w->size))
        return fail(err, "clips of %zu frames of %zux%zu are too large", w->frames, w->size,
                    w->size);
    return 0;
}

static int make_frame(int kind, const MadeWant *w, uint64_t first, size_t n, Frame *f, Error *err) {
    Part part[PARTS];
    layout(kind, w, part);
    frame_clear(f);
    for (int k = 0; k < PARTS && part[k].rank; k++) {
        part[k].shape[0] = n;
        if (frame_add(f, part[k].name, part[k].dtype, part[k].rank, part[k].shape, err) < 0)
            return -1;
    }
    if (frame_add(f, "label", DT_I64, 1, &n, err) < 0) return -1;
    if (kind == SHAPES) name_shapes(w, f);
    if (kind == SOLIDS) frame_set_meta(f, "gan.classes", solid_names);
    if (kind == FACTORED) frame_set_meta(f, "gan.classes", sprite_names);
    if (kind >= MOVERS) {
        char text[256];
        MoverWant m = mover(kind, w);
        frame_set_meta(f, "gan.classes", mover_classes(&m, text, sizeof text));
    }
    if (frame_allocate(f, err)) return -1;
    unsigned char *data[PARTS] = {NULL};
    for (int k = 0; k < PARTS && part[k].rank; k++) data[k] = frame_find(f, part[k].name)->data;
    int64_t *label = frame_find(f, "label")->data;
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < n; i++) {
        void *to[PARTS] = {NULL};
        for (int k = 0; k < PARTS && data[k]; k++) to[k] = data[k] + i * part[k].bytes;
        label[i] = make_sample(kind, w, first + i, to);
    }
    return 0;
}

/* The tags of each topic in turn, then words that are nobody's. */
static void name_words(const MadeWant *w, Frame *f) {
    Str s = {0};
    size_t used = w->topics * w->tags;
    for (size_t i = 0; i < used; i++) str_printf(&s, "topic%zu-%zu\n", i / w->tags, i % w->tags);
    for (size_t i = used; i < w->words; i++) str_printf(&s, "other-%zu\n", i - used);
    frame_set_meta(f, "gan.words", s.text);
    str_free(&s);
}

static int write_vocabulary(const MadeWant *w, FILE *out, const char *name, Error *err) {
    Frame f = {0};
    size_t word[] = {w->words, w->size}, truth[] = {w->topics, w->tags};
    int bad = frame_add(&f, "word", DT_F32, 2, word, err) < 0 ||
              frame_add(&f, "truth", DT_I64, 2, truth, err) < 0 || frame_allocate(&f, err);
    if (!bad) {
        float *x = frame_find(&f, "word")->data;
        int64_t *t = frame_find(&f, "truth")->data;
        for (size_t i = 0; i < w->words; i++) word_vector(w, i, x + i * w->size);
        for (size_t i = 0; i < w->topics * w->tags; i++) t[i] = (int64_t)i;
        name_words(w, &f);
        bad = frame_write(&f, out, name, err);
    }
    frame_free(&f);
    return bad ? -1 : 0;
}

int made_write(const MadeKind *kind, const MadeWant *want, FILE *out, const char *name,
               Error *err) {
    int k = (int)(kind - made_kinds);
    if (made_check(kind, want, err)) return -1;
    if (k == VOCABULARY) return write_vocabulary(want, out, name, err);
    Part part[PARTS];
    layout(k, want, part);
    size_t each = 0;
    for (int p = 0; p < PARTS; p++) each += part[p].bytes;
    size_t most = frame_samples(each, want->per_frame, want->count);
    Frame f = {0};
    int bad = 0;
    for (uint64_t at = 0; !bad && at < want->count;) {
        size_t n = want->count - at < most ? (size_t)(want->count - at) : most;
        bad = make_frame(k, want, at, n, &f, err) || frame_write(&f, out, name, err);
        at += n;
    }
    frame_free(&f);
    return bad ? -1 : 0;
}
