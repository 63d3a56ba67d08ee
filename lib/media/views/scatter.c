#include "media/views/scatter.h"

#include "media/sources/paths.h"
#include "stream/stream.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 16, LINE = 20 }; /* pixels a line of the legend takes */

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
} Scatter;

/* False when it is no label. */
static bool label_of(const Tensor *t, size_t i, int64_t *label) {
    size_t n = t->rank == 2 ? t->shape[1] : 1;
    double v = n == 1 ? tensor_get(t, i) : (double)tensor_largest(t, i * n, n);
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
    if (array_room(&s->points, &s->room, s->n + n, sizeof *s->points, "points", err)) return -1;
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
    if (!x) return fail(err, "no tensor %s", s->want->name);
    if (first) s->labelled = label;
    if (s->labelled && !label) return fail(err, "no tensor %s", s->want->label);
    if (first) s->classes = classes_known(frame_meta(f, "gan.classes"), s->arena);
    return read_points(s, x, s->labelled ? label : NULL, err);
}

static int read_stream(Scatter *s, Error *err) {
    Reader *r = reader_open(s->path, err);
    Frame f = {0};
    int more = 1;
    while (more > 0 && (more = reader_next(r, &f, err)) > 0)
        if (read_frame(s, &f, reader_frames(r) == 1, err)) more = reader_fail_in(r, err);
    if (!more && !s->n) more = fail(err, "%s: no points", s->path);
    frame_free(&f);
    reader_close(r);
    return more;
}

static int find_kinds(Scatter *s, Error *err) {
    s->kinds = data_alloc(s->n * sizeof *s->kinds, err);
    if (!s->kinds) return -1;
    for (size_t i = 0; i < s->n; i++) s->kinds[i] = s->points[i].label;
    s->kind_count = labels_distinct(s->kinds, s->n);
    return 0;
}

/* A margin around all points; one for them that are all at one place. */
static void write_ranges(const Scatter *s, Str *script) {
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < s->n; i++)
        for (int c = 0; c < 2; c++) {
            low[c] = fmin(low[c], s->points[i].at[c]);
            high[c] = fmax(high[c], s->points[i].at[c]);
        }
    double pad = 0.04 * fmax(high[0] - low[0], high[1] - low[1]);
    if (!(pad > 0)) pad = fmax(0.1 * fmax(fabs(low[0]), fabs(low[1])), 1e-6);
    str_printf(script, "set size ratio -1\nset xrange [%.17g:%.17g]\nset yrange [%.17g:%.17g]\n",
               low[0] - pad, high[0] + pad, low[1] - pad, high[1] + pad);
}

/* Kinds that have no place in the legend are left out. */
static void write_legend(const Scatter *s, Str *script) {
    char text[TEXT_MAX + 1], number[24];
    size_t fits = s->want->look.height / LINE;
    for (size_t k = 0; s->labelled && k < s->kind_count && k < fits; k++) {
        const char *name = class_name(&s->classes, s->kinds[k]);
        if (!name) snprintf(number, sizeof number, "%" PRId64, s->kinds[k]);
        snprintf(text, sizeof text, "%.*s", TEXT_MAX, name ? name : number);
        str_printf(script, ", keyentry with points pt %zu ps %g lc rgb '#%06x' title ",
                   s->want->look.format == GRAPH_TEXT ? k % 26 + 1 : 7,
                   gnuplot_point(s->want->look.format, 12), graph_colour(k));
        gnuplot_quote(script, text);
    }
    str_append(script, "\n", 1);
}

static void write_script(const Scatter *s, Str *script) {
    bool text = s->want->look.format == GRAPH_TEXT;
    gnuplot_begin(script, &s->want->look);
    str_printf(script,
               "set border back lc rgb '#d0d0d0'\nset tics nomirror textcolor rgb '#606060'\n"
               "set key outside right top Left reverse samplen 1\n$points << END\n");
    for (size_t i = 0; i < s->n; i++) {
        size_t kind = label_place(s->kinds, s->kind_count, s->points[i].label);
        str_printf(script, "%.9g %.9g %u %zu\n", s->points[i].at[0], s->points[i].at[1],
                   graph_colour(kind), kind % 26 + 1);
    }
    str_printf(script, "END\n");
    write_ranges(s, script);
    if (text)
        str_printf(script, "plot $points using 1:2:4 with points pt variable notitle");
    else
        str_printf(script,
                   "plot $points using 1:2:3 with points pt 7 ps %g lc rgb variable notitle",
                   gnuplot_point(s->want->look.format, s->want->dot));
    write_legend(s, script);
}

int scatter_script(const char *path, const ScatterWant *want, Str *script, Error *err) {
    Scatter s = {.want = want, .path = path, .arena = arena_new(NULL)};
    int bad = read_stream(&s, err);
    if (!bad) bad = find_kinds(&s, err);
    if (!bad) write_script(&s, script);
    free(s.points);
    free(s.kinds);
    arena_free(s.arena);
    return bad;
}
