#include "media/film/steady.h"

#include "media/ffmpeg.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LINE_MAX_BYTES = 1 << 22,
    FIELDS_MAX = 1 << 14,
    FIELDS_LEAST = 4, /* that must agree, and half of all */
    ROUNDS = 8,
    SIDE_LEAST = 128, /* of a film: of smaller ones vidstabdetect reads beyond the edges */
};
static const double NEAR = 5; /* pixels within which a field agrees */

typedef double _Complex Spot;

void steady_free(Steady *s) {
    free(s->frames);
    str_free(&s->line);
    *s = (Steady){0};
}

/* ---- the motion of a frame ---- */

/* Fields, and where they were before. */
typedef struct {
    Spot *now, *then;
    size_t count;
} Fields;

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, size_t n) {
    qsort(v, n, sizeof *v, by_value);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* The best turn and shift of those fields that agree with the last ones; their number. */
static size_t refine(const Fields *f, Spot *turn, Spot *shift) {
    Spot now = 0, then = 0, product = 0;
    double square = 0;
    size_t n = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < f->count; i++) {
            if (cabs(*turn * f->now[i] + *shift - f->then[i]) > NEAR) continue;
            if (!pass) {
                now += f->now[i], then += f->then[i], n++;
                continue;
            }
            Spot p = f->now[i] - now, q = f->then[i] - then;
            product += conj(p) * q;
            square += creal(conj(p) * p);
        }
        if (!n) return 0;
        if (!pass) now /= (double)n, then /= (double)n;
    }
    *turn = square > 1 ? product / square : 1;
    *shift = then - *turn * now;
    return n;
}

static Motion motion_of(const Fields *f, double *room) {
    Spot turn = 1, shift;
    Motion m = {.turn = {1, 0}, .unsure = true};
    if (f->count < FIELDS_LEAST) return m;
    for (size_t i = 0; i < f->count; i++) room[i] = creal(f->then[i] - f->now[i]);
    double x = median(room, f->count);
    for (size_t i = 0; i < f->count; i++) room[i] = cimag(f->then[i] - f->now[i]);
    shift = x + I * median(room, f->count);
    size_t agree = 0;
    for (int k = 0; k < ROUNDS; k++) agree = refine(f, &turn, &shift);
    double zoom = cabs(turn);
    if (agree < FIELDS_LEAST || 2 * agree < f->count || !(zoom > 0.5 && zoom < 2)) return m;
    return (Motion){{creal(turn), cimag(turn)}, {creal(shift), cimag(shift)}, false};
}

/* ---- what vidstabdetect writes ---- */

/* A whole number behind blanks. */
static bool number(const char **text, double *out) {
    while (**text == ' ') ++*text;
    bool minus = **text == '-';
    uint64_t v;
    if (minus) ++*text;
    if (!parse_digits(text, &v) || v > 1 << 20) return false;
    *out = minus ? -(double)v : (double)v;
    return true;
}

static bool word(const char **text, const char *w) {
    size_t n = strlen(w);
    if (strncmp(*text, w, n) != 0) return false;
    *text += n;
    return true;
}

/* "(LM vx vy x y size contrast match)": the field at (x, y) was at (x + vx, y + vy). */
static bool take_field(const char **text, Fields *f) {
    double v[5];
    if (!word(text, "(LM")) return false;
    for (int i = 0; i < 5; i++)
        if (!number(text, &v[i])) return false;
    const char *close = strchr(*text, ')');
    if (!close) return false;
    *text = close + 1;
    f->now[f->count] = v[2] + I * v[3];
    f->then[f->count++] = v[2] + v[0] + I * (v[3] + v[1]);
    return true;
}

/* "Frame 2 (List 1 [(LM ...)])", frames counted from 1: up to the bracket; *n fields follow. */
static bool take_head(const char **text, size_t frame, size_t *n) {
    double at, count;
    if (!word(text, "Frame") || !number(text, &at) || at != (double)frame) return false;
    if (!word(text, " (List") || !number(text, &count) || !word(text, " [")) return false;
    *n = count >= 0 && count <= FIELDS_MAX ? (size_t)count : SIZE_MAX;
    return *n != SIZE_MAX;
}

static int take_line(Steady *s, Error *err) {
    const char *text = s->line.text;
    size_t n;
    if (!s->count && (*text == '#' || !strncmp(text, "VID.STAB", 8))) return 0;
    if (array_room(&s->frames, &s->room, s->count + 1, sizeof *s->frames, "frames", err)) return -1;
    bool good = take_head(&text, s->count + 1, &n);
    Spot *room = good ? data_alloc((3 * n + 1) * sizeof *room, err) : NULL;
    if (good && !room) return -1;
    Fields f = {room, good ? room + n : NULL, 0};
    while (good && f.count < n) good = (!f.count || word(&text, ",")) && take_field(&text, &f);
    good = good && word(&text, "])") && !*text;
    if (good) s->frames[s->count++] = motion_of(&f, (double *)(room + 2 * n));
    free(room);
    return good ? 0 : fail(err, "ffmpeg gives no motions of frame %zu", s->count + 1);
}

int steady_take(Steady *s, const char *bytes, size_t n, Error *err) {
    while (n) {
        const char *end = memchr(bytes, '\n', n);
        size_t part = end ? (size_t)(end - bytes) : n;
        if (memchr(bytes, 0, part) || s->line.length + part > LINE_MAX_BYTES)
            return fail(err, "ffmpeg gives no motions of frame %zu", s->count + 1);
        str_append(&s->line, bytes, part);
        if (!end) return 0;
        if (take_line(s, err)) return -1;
        s->line.length = 0;
        bytes += part + 1;
        n -= part + 1;
    }
    return 0;
}

static int watch(Steady *s, Film *film, const FilmWant *want, const FilePath *path,
                 const char *filter, bool *packed, Error *err) {
    char block[1 << 14];
    s->count = 0;
    s->line.length = 0;
    if (film_filter(film, path, want, filter, err)) return -1;
    Process *p = &film->ffmpeg;
    int bad = 0;
    for (ptrdiff_t k = film->running; !bad && k > 0 && !*packed;) {
        k = process_read(p, block, sizeof block, err);
        *packed = k > 3 && !memcmp(block, "TRF", 3);
        bad = k < 0 || (!*packed && steady_take(s, block, (size_t)k, err)) ? -1 : 0;
    }
    if (film->running && !*packed) {
        Error other; /* what FFmpeg says tells more */
        int ended = process_end(p, &other);
        if (!ended) ended = ffmpeg_judge(p->said, p->status, !s->count && !bad, "motions", &other);
        if (ended) *err = other;
        if (ended) bad = -1;
    }
    film_close(film);
    return bad;
}

/* How many times as large it is watched, by its first frame. */
static int enlargement(Film *film, const FilmWant *want, const FilePath *path, size_t *times,
                       Error *err) {
    Box frame = {0};
    *times = 1;
    if (film_open(film, path, want, err)) return -1;
    int more = film->count ? 0 : film_next(film, &frame, err);
    film_close(film);
    size_t side = frame.height < frame.width ? frame.height : frame.width;
    if (side && side < SIDE_LEAST) *times = (SIDE_LEAST + side - 1) / side;
    return more < 0 ? -1 : 0;
}

/* Pixel x has its middle at times*x + (times - 1)/2 in what was watched. */
static void reduce(Steady *s, size_t times) {
    double middle = (double)(times - 1) / 2;
    for (size_t i = 0; i < s->count; i++) {
        Motion *m = &s->frames[i];
        Spot turn = m->turn[0] + I * m->turn[1], shift = m->shift[0] + I * m->shift[1];
        shift = (shift + (turn - 1) * (middle + I * middle)) / (double)times;
        m->shift[0] = creal(shift), m->shift[1] = cimag(shift);
    }
}

int steady_watch(Steady *s, Film *film, const FilmWant *want, const FilePath *path, Error *err) {
/* Of RGB the filter offers to take what it then fails on; what else it takes stays as it is. */
#define PLANAR "format=yuv420p|yuv422p|yuv444p|yuv410p|yuv411p|yuv440p|gray,"
/* Nor does it take odd sides. */
#define EVEN "crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0,"
#define DETECT PLANAR EVEN "vidstabdetect=result=/dev/stdout"
    char large[64] = "", filter[256];
    size_t times;
    if (enlargement(film, want, path, &times, err)) return -1;
    if (times > 1) snprintf(large, sizeof large, "scale=iw*%zu:ih*%zu,", times, times);
    snprintf(filter, sizeof filter, "%s" DETECT, large);
    bool packed = false; /* newer ones write numbers in binary unless they are told */
    if (watch(s, film, want, path, filter, &packed, err)) return -1;
    if (packed) {
        packed = false;
        snprintf(filter, sizeof filter, "%s" DETECT ":fileformat=ascii", large);
        if (watch(s, film, want, path, filter, &packed, err)) return -1;
    }
    if (packed) return fail(err, "ffmpeg gives motions that are not text");
    reduce(s, times);
    return 0;
}

bool steady_sure(const Steady *s, size_t first, size_t last) {
    for (size_t i = first + 1; i <= last && i < s->count; i++)
        if (s->frames[i].unsure) return false;
    return true;
}

/* ---- holding it still ---- */

/* Between the pixels around (x, y), which lies in the picture. */
static void sample(const View *v, const unsigned char *picture, double x, double y,
                   unsigned char *to) {
    size_t height = v->scaling.kept.height, width = v->scaling.kept.width;
    size_t c = v->channels, x0 = (size_t)x, y0 = (size_t)y;
    size_t right = x0 + 1 < width ? c : 0, down = y0 + 1 < height ? width * c : 0;
    double a = x - (double)x0, b = y - (double)y0;
    const unsigned char *p = picture + (y0 * width + x0) * c;
    for (size_t k = 0; k < c; k++, p++) {
        double above = p[0] + a * (p[right] - p[0]);
        double below = p[down] + a * (p[down + right] - p[down]);
        to[k] = (unsigned char)(above + b * (below - above) + 0.5);
    }
}

void steady_draw(const Steady *s, size_t first, size_t at, const View *v,
                 const unsigned char *picture, const unsigned char *before, unsigned char *out) {
    Spot turn = 1, shift = 0; /* from frame `at` to frame `first` */
    for (size_t i = at; i > first; i--) {
        const Motion *m = &s->frames[i];
        Spot t = m->turn[0] + I * m->turn[1];
        shift = t * shift + m->shift[0] + I * m->shift[1];
        turn *= t;
    }
    const Scaling *to = &v->scaling;
    double sx = (double)to->width / (double)to->box.width;
    double sy = (double)to->height / (double)to->box.height;
    /* where the picture begins in the film */
    double left = (double)to->box.x + (double)to->kept.x / sx - 0.5;
    double top = (double)to->box.y + (double)to->kept.y / sy - 0.5;
    size_t height = to->kept.height, width = to->kept.width;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++) {
            Spot z = ((double)x + 0.5) / sx + left + I * (((double)y + 0.5) / sy + top);
            z = (z - shift) / turn;
            double px = (creal(z) - left) * sx - 0.5, py = (cimag(z) - top) * sy - 0.5;
            size_t pixel = (y * width + x) * v->channels;
            if (px >= -0.5 && py >= -0.5 && px <= (double)width - 0.5 && py <= (double)height - 0.5)
                sample(v, picture, fmin(fmax(px, 0), (double)width - 1),
                       fmin(fmax(py, 0), (double)height - 1), out + pixel);
            else
                memcpy(out + pixel, before + pixel, v->channels);
        }
}
