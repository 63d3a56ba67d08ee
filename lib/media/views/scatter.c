#include "media/views/scatter.h"

#include "media/sources/paths.h"
#include "media/views/font.h"
#include "stream/stream.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MARGIN = 12, DOT_MAX = 2, LINE = DOT_MAX * (FONT_HEIGHT + 3), TEXT_MAX = 16, SURE = 10 };

typedef unsigned char Colour[3];
static const Colour ink = {40, 40, 40}, pale = {225, 225, 225};

typedef struct {
    double at[2];
    int64_t label;
} Point;

typedef struct {
    const ScatterWant *want;
    const char *path;
    Point *points;
    size_t n, room;
    bool labelled;
    int64_t *kinds; /* the labels there are, ascending */
    size_t kind_count;
    Arena *arena;
    Classes classes; /* names of labels, or none */
    size_t right;    /* of the part for points, in pixels */
} Scatter;

/* ---- reading --------------------------------------------------------------------------------- */

/* False when it is no label. */
static bool label_of(const Tensor *t, size_t i, int64_t *label) {
    size_t n = t->rank == 2 ? t->shape[1] : 1, best = 0;
    for (size_t c = 1; c < n; c++)
        if (tensor_get(t, i * n + c) > tensor_get(t, i * n + best)) best = c;
    double v = n == 1 ? tensor_get(t, i) : (double)best;
    if (v != floor(v) || !(fabs(v) < 9e15)) return false;
    *label = (int64_t)v;
    return true;
}

static int read_points(Scatter *s, const Tensor *x, const Tensor *label, Error *err) {
    char text[200];
    if (x->rank != 2 || x->shape[1] < 2)
        return fail(err, "tensor %s is %s, expected [N,2]", x->name,
                    shape_text(x->rank, x->shape, text, sizeof text));
    size_t n = x->shape[0], d = x->shape[1];
    if (label && (label->rank < 1 || label->rank > 2 || label->shape[0] != n ||
                  (label->rank == 2 && !label->shape[1])))
        return fail(err, "tensor %s is %s, expected [%zu]: one a point", label->name,
                    shape_text(label->rank, label->shape, text, sizeof text), n);
    if (s->n + n > s->room) {
        s->room = 2 * s->room > s->n + n ? 2 * s->room : s->n + n;
        size_t bytes;
        Point *p = size_mul(s->room, sizeof *p, &bytes) ? realloc(s->points, bytes) : NULL;
        if (!p) return fail(err, "out of memory for %zu points", s->room);
        s->points = p;
    }
    for (size_t i = 0; i < n; i++) {
        Point p = {{tensor_get(x, i * d), tensor_get(x, i * d + 1)}, 0};
        if (!isfinite(p.at[0]) || !isfinite(p.at[1]))
            return fail(err, "point %zu has a number that is not finite", s->n);
        if (label && !label_of(label, i, &p.label))
            return fail(err, "the label of point %zu is no whole number", s->n);
        s->points[s->n++] = p;
    }
    return 0;
}

/* The first frame says whether there are labels, and their names. */
static int read_frame(Scatter *s, const Frame *f, bool first, Error *err) {
    const Tensor *x = frame_find(f, s->want->name), *label = frame_find(f, s->want->label);
    const char *names = frame_meta(f, "gan.classes");
    Error ignored;
    if (!x) return fail(err, "no tensor %s", s->want->name);
    if (first) s->labelled = label;
    if (s->labelled && !label) return fail(err, "no tensor %s", s->want->label);
    if (first && names && classes_parse(&s->classes, names, s->arena, &ignored))
        s->classes = (Classes){0};
    return read_points(s, x, s->labelled ? label : NULL, err);
}

static int read_stream(Scatter *s, Error *err) {
    Reader *r = reader_open(s->path, err);
    Frame f = {0};
    int more = r ? 1 : -1;
    while (more > 0) {
        more = reader_next(r, &f, err);
        if (more > 0 && read_frame(s, &f, reader_frames(r) == 1, err))
            more = fail_in(err, "%s: frame %" PRIu64, s->path, reader_frames(r) - 1);
    }
    if (!more && !s->n) more = fail(err, "%s: no points", s->path);
    frame_free(&f);
    if (r) reader_close(r);
    return more;
}

static int compare_labels(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int find_kinds(Scatter *s, Error *err) {
    s->kinds = data_alloc(s->n * sizeof *s->kinds, err);
    if (!s->kinds) return -1;
    for (size_t i = 0; i < s->n; i++) s->kinds[i] = s->points[i].label;
    qsort(s->kinds, s->n, sizeof *s->kinds, compare_labels);
    for (size_t i = 0; i < s->n; i++)
        if (!i || s->kinds[i] != s->kinds[i - 1]) s->kinds[s->kind_count++] = s->kinds[i];
    return 0;
}

static size_t kind_of(const Scatter *s, int64_t label) {
    const int64_t *at = bsearch(&label, s->kinds, s->kind_count, sizeof *s->kinds, compare_labels);
    return (size_t)(at - s->kinds);
}

/* ---- drawing --------------------------------------------------------------------------------- */

/* The first are told apart also by those who see few colours (Okabe and Ito); after SURE ones hues
 * follow that are far from one another. */
static void colour_of(size_t kind, Colour out) {
    static const Colour sure[SURE] = {
        {0, 114, 178},  {213, 94, 0}, {0, 158, 115},  {204, 121, 167}, {230, 159, 0},
        {86, 180, 233}, {0, 0, 0},    {150, 110, 60}, {140, 140, 140}, {115, 60, 170},
    };
    if (kind < SURE) {
        memcpy(out, sure[kind], sizeof(Colour));
        return;
    }
    double hue = fmod((double)kind * 0.61803398874989485, 1) * 6;
    for (int c = 0; c < 3; c++) {
        double away = fabs(fmod(hue - 2 * c + 9, 6) - 3); /* from the channel's own hue */
        out[c] = (unsigned char)(200 * fmin(fmax(2 - away, 0), 1) + 20);
    }
}

static void blend(Picture *p, long y, long x, const Colour c, double share) {
    if (y < 0 || x < 0 || y >= (long)p->height || x >= (long)p->width) return;
    unsigned char *to = p->pixels + ((size_t)y * p->width + (size_t)x) * 3;
    for (int k = 0; k < 3; k++) to[k] = (unsigned char)lround(to[k] + share * (c[k] - to[k]));
}

/* A disc whose edge is as wide as a pixel. */
static void draw_disc(Picture *p, double y, double x, double radius, const Colour c) {
    long reach = lround(ceil(radius + 1));
    for (long i = lround(y) - reach; i <= lround(y) + reach; i++)
        for (long j = lround(x) - reach; j <= lround(x) + reach; j++) {
            double share = radius + 0.5 - hypot((double)i - y, (double)j - x);
            if (share > 0) blend(p, i, j, c, fmin(share, 1));
        }
}

static void write_text(Picture *p, long y, long x, const char *text) {
    for (; *text; text++, x += FONT_STEP * DOT_MAX)
        for (int i = 0; i < FONT_HEIGHT * DOT_MAX; i++)
            for (int j = 0; j < FONT_WIDTH * DOT_MAX; j++)
                if (font_dot(*text, i / DOT_MAX, j / DOT_MAX)) blend(p, y + i, x + j, ink, 1);
}

static void kind_text(const Scatter *s, size_t kind, char text[TEXT_MAX + 1]) {
    int64_t label = s->kinds[kind];
    if (label >= 0 && (uint64_t)label < s->classes.count)
        snprintf(text, TEXT_MAX + 1, "%s", s->classes.names[label]);
    else
        snprintf(text, TEXT_MAX + 1, "%" PRId64, label);
}

/* The legend takes as many columns as its longest text; kinds that have no place are left out. */
static void draw_legend(Scatter *s, Picture *p) {
    char text[TEXT_MAX + 1];
    size_t most = 0, fits = (p->height - 2 * MARGIN) / LINE;
    size_t shown = s->kind_count < fits ? s->kind_count : fits;
    for (size_t k = 0; k < shown; k++) {
        kind_text(s, k, text);
        if (strlen(text) > most) most = strlen(text);
    }
    size_t wide = LINE + most * FONT_STEP * DOT_MAX;
    if (!s->labelled || wide + 2 * MARGIN > p->width / 2) return;
    s->right = p->width - MARGIN - wide;
    for (size_t k = 0; k < shown; k++) {
        Colour c;
        long y = (long)(MARGIN + k * LINE);
        double half = FONT_HEIGHT * DOT_MAX / 2;
        colour_of(k, c);
        kind_text(s, k, text);
        draw_disc(p, (double)y + half, (double)s->right + half, half, c);
        write_text(p, y, (long)(s->right + LINE), text);
    }
    s->right -= MARGIN;
}

static void draw_frame(const Scatter *s, Picture *p) {
    for (long x = MARGIN / 2; x < (long)s->right; x++)
        blend(p, MARGIN / 2, x, pale, 1), blend(p, (long)p->height - MARGIN / 2 - 1, x, pale, 1);
    for (long y = MARGIN / 2; y < (long)p->height - MARGIN / 2; y++)
        blend(p, y, MARGIN / 2, pale, 1), blend(p, y, (long)s->right, pale, 1);
}

static void draw_points(const Scatter *s, Picture *p) {
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < s->n; i++)
        for (int c = 0; c < 2; c++) {
            low[c] = fmin(low[c], s->points[i].at[c]);
            high[c] = fmax(high[c], s->points[i].at[c]);
        }
    double edge = MARGIN + s->want->dot;
    double wide = (double)s->right - 2 * edge, tall = (double)p->height - 2 * edge;
    double scale = fmin(wide / (high[0] - low[0]), tall / (high[1] - low[1]));
    if (!isfinite(scale)) scale = 1; /* all points are at one place */
    for (size_t i = 0; i < s->n; i++) {
        const Point *q = &s->points[i];
        Colour c;
        colour_of(kind_of(s, q->label), c);
        double x = (double)s->right / 2 + scale * (q->at[0] - low[0] / 2 - high[0] / 2);
        double y = (double)p->height / 2 - scale * (q->at[1] - low[1] / 2 - high[1] / 2);
        draw_disc(p, y, x, s->want->dot / 2, c);
    }
}

static int draw(Scatter *s, Picture *out, Error *err) {
    if (read_stream(s, err) || find_kinds(s, err) ||
        picture_shape(out, s->want->height, s->want->width, 3, err))
        return -1;
    memset(out->pixels, 255, out->height * out->width * 3);
    s->right = out->width - MARGIN / 2 - 1;
    draw_legend(s, out);
    draw_frame(s, out);
    draw_points(s, out);
    return 0;
}

int scatter_draw(const char *path, const ScatterWant *want, Picture *out, Error *err) {
    Scatter s = {.want = want, .path = path, .arena = arena_new(NULL)};
    int bad = draw(&s, out, err);
    free(s.points);
    free(s.kinds);
    arena_free(s.arena);
    return bad;
}
