/* plot.c: curves are drawn on a canvas of twice the size, whose pixels are then averaged, which
 * smooths their edges; frame and text go on the small picture, where dots stay sharp. */
#include "media/views/plot.h"

#include "media/views/font.h"
#include "media/views/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CURVES_MAX = 8, TICKS_MAX = 12, SUPER = 2, LINE_DOTS = FONT_HEIGHT + 3 };

typedef unsigned char Colour[3];
static const Colour ink = {40, 40, 40}, pale = {225, 225, 225};
/* told apart also by those who see few colours (Okabe and Ito) */
static const Colour palette[CURVES_MAX] = {
    {0, 114, 178}, {213, 94, 0},   {0, 158, 115}, {204, 121, 167},
    {230, 159, 0}, {86, 180, 233}, {0, 0, 0},     {150, 110, 60},
};

typedef struct {
    double low, high;
} Range;

typedef struct {
    const PlotWant *want;
    Table table;
    long x, curves[CURVES_MAX];
    size_t curve_count;
    double *y; /* [curves, rows]: smoothed, and its logarithm if so wanted */
    Range across, up;
    size_t left, right, top, bottom; /* the frame, in pixels of the picture */
    size_t dot;                      /* pixels a dot of the font */
    Picture canvas;                  /* the frame's inside, SUPER times as large */
} Plot;

static void fill(Picture *p, long y, long x, long height, long width, const Colour c) {
    for (long i = y < 0 ? 0 : y; i < y + height && i < (long)p->height; i++)
        for (long k = x < 0 ? 0 : x; k < x + width && k < (long)p->width; k++)
            memcpy(p->pixels + ((size_t)i * p->width + (size_t)k) * 3, c, 3);
}

static void write_text(const Plot *s, Picture *p, long y, long x, const char *text,
                       const Colour c) {
    long d = (long)s->dot;
    for (; *text; text++, x += FONT_STEP * d)
        for (int row = 0; row < FONT_HEIGHT; row++)
            for (int col = 0; col < FONT_WIDTH; col++)
                if (font_dot(*text, row, col)) fill(p, y + row * d, x + col * d, d, d, c);
}

static long text_width(const Plot *s, const char *text) {
    return (long)(strlen(text) * FONT_STEP * s->dot);
}

/* ---- choosing columns and ranges --------------------------------------------------------------
 */

static int no_column(const Plot *s, const char *name, Error *err) {
    Str known = {0};
    for (size_t i = 0; i < s->table.columns && known.length < 300; i++)
        str_printf(&known, "%s%s", i ? ", " : "", s->table.names[i]);
    fail(err, "no column '%s', the columns are %s", name, known.text);
    str_free(&known);
    return -1;
}

static int named_columns(Plot *s, Error *err) {
    char name[256];
    for (const char *at = s->want->columns; at;) {
        size_t n = strcspn(at, ",");
        if (n >= sizeof name) return fail(err, "a column's name is too long");
        memcpy(name, at, n);
        name[n] = 0;
        long c = table_column(&s->table, name);
        if (c < 0) return no_column(s, name, err);
        if (s->curve_count == CURVES_MAX) return fail(err, "more than %d columns", CURVES_MAX);
        s->curves[s->curve_count++] = c;
        at = at[n] ? at + n + 1 : NULL;
    }
    return 0;
}

static bool is_clock(const char *name) {
    return !strcmp(name, "seconds") || !strcmp(name, "time") || !strcmp(name, "elapsed");
}

static int choose_columns(Plot *s, Error *err) {
    s->x = table_column(&s->table, s->want->x);
    if (s->x < 0) return no_column(s, s->want->x, err);
    if (s->want->columns) return named_columns(s, err);
    for (size_t i = 0; i < s->table.columns && s->curve_count < CURVES_MAX; i++)
        if ((long)i != s->x && !is_clock(s->table.names[i])) s->curves[s->curve_count++] = (long)i;
    return s->curve_count ? 0 : fail(err, "no column to draw");
}

/* Mean over the last rows that have a value; a row without one stays a gap. */
static int smooth(Plot *s, Error *err) {
    size_t rows = s->table.rows, window = s->want->smooth;
    s->y = calloc(rows * s->curve_count, sizeof *s->y);
    if (!s->y) return fail(err, "out of memory for %zu rows", rows);
    for (size_t c = 0; c < s->curve_count; c++) {
        const double *from = s->table.cells + s->curves[c];
        double sum = 0;
        size_t n = 0;
        for (size_t i = 0; i < rows; i++) {
            double v = from[i * s->table.columns];
            double gone = i >= window ? from[(i - window) * s->table.columns] : NAN;
            if (!isnan(v)) sum += v, n++;
            if (!isnan(gone)) sum -= gone, n--;
            double mean = window == 1 || !n ? v : sum / (double)n;
            if (isnan(v)) mean = NAN;
            if (s->want->logarithmic) mean = mean > 0 ? log10(mean) : NAN;
            s->y[c * rows + i] = mean;
        }
    }
    return 0;
}

static void widen(Range *r, double v) {
    if (isnan(v)) return;
    r->low = fmin(r->low, v);
    r->high = fmax(r->high, v);
}

static int find_ranges(Plot *s, Error *err) {
    s->across = s->up = (Range){INFINITY, -INFINITY};
    for (size_t c = 0; c < s->curve_count; c++)
        for (size_t i = 0; i < s->table.rows; i++) {
            double y = s->y[c * s->table.rows + i];
            if (isnan(y)) continue;
            widen(&s->up, y);
            widen(&s->across, s->table.cells[i * s->table.columns + (size_t)s->x]);
        }
    if (!(s->up.low <= s->up.high) || !(s->across.low <= s->across.high))
        return fail(err, "the columns hold no numbers to draw");
    double pad = 0.04 * (s->up.high - s->up.low);
    if (!(pad > 0)) pad = fabs(s->up.low) > 0 ? 0.1 * fabs(s->up.low) : 1; /* a level line */
    s->up = (Range){s->up.low - pad, s->up.high + pad};
    if (!(s->across.low < s->across.high))
        s->across = (Range){s->across.low - 1, s->across.high + 1};
    if (!isfinite(s->up.high - s->up.low) || !isfinite(s->across.high - s->across.low))
        return fail(err, "the values are too large to draw");
    return 0;
}

/* ---- axes -------------------------------------------------------------------------------------*/

/* Multiples of 1, 2 or 5 times a power of ten; returns how many lie in the range. */
static int find_ticks(Range r, int most, double *ticks) {
    double rough = (r.high - r.low) / most, unit = pow(10, floor(log10(rough))), step = 10 * unit;
    static const double nice[] = {1, 2, 5};
    for (int i = 2; i >= 0; i--)
        if (nice[i] * unit >= rough) step = nice[i] * unit;
    int n = 0;
    for (double k = ceil(r.low / step); k * step <= r.high && n < TICKS_MAX; k++)
        ticks[n++] = k == 0 ? 0 : k * step;
    return n;
}

/* 1, 2 and 5 times each power of ten while these are few, powers of ten alone otherwise. */
static int find_log_ticks(Range r, int most, double *ticks) {
    int n = 0;
    if (r.high - r.low > most / 2.0) return find_ticks(r, most, ticks);
    for (double k = floor(r.low); k <= r.high; k++)
        for (int i = 0; i < 3; i++) {
            static const double within[] = {0, 0.30103, 0.69897};
            double v = k + within[i];
            if (v >= r.low && v <= r.high && n < TICKS_MAX) ticks[n++] = v;
        }
    return n > 1 ? n : find_ticks(r, most, ticks);
}

static int up_ticks(const Plot *s, double *ticks) {
    return s->want->logarithmic ? find_log_ticks(s->up, 6, ticks) : find_ticks(s->up, 6, ticks);
}

static void tick_text(double v, bool logarithmic, char *text, size_t size) {
    if (logarithmic)
        snprintf(text, size, "%.3g", pow(10, v));
    else
        snprintf(text, size, "%.6g", v);
}

static size_t margin(const Plot *s) {
    double ticks[TICKS_MAX];
    char text[32];
    long widest = 0;
    for (int i = up_ticks(s, ticks) - 1; i >= 0; i--) {
        tick_text(ticks[i], s->want->logarithmic, text, sizeof text);
        if (text_width(s, text) > widest) widest = text_width(s, text);
    }
    return (size_t)widest + 8;
}

/* Names and colours in lines above the frame; p NULL only counts the lines. */
static size_t draw_legend(const Plot *s, Picture *p) {
    long d = (long)s->dot, left = (long)s->left, x = left, y = 6, lines = 1;
    for (size_t c = 0; c < s->curve_count; c++) {
        const char *name = s->table.names[s->curves[c]];
        long width = text_width(s, name) + 22 * d;
        if (x > left && x + width > (long)s->want->width) {
            x = left;
            y += LINE_DOTS * d;
            lines++;
        }
        if (p) fill(p, y + 3 * d, x, d, 9 * d, palette[c]);
        if (p) write_text(s, p, y, x + 12 * d, name, ink);
        x += width;
    }
    return (size_t)lines;
}

static void lay_out(Plot *s) {
    s->dot = s->want->width >= 640 ? 2 : 1;
    size_t line = LINE_DOTS * s->dot;
    s->left = margin(s);
    if (s->left > s->want->width / 2) s->left = s->want->width / 2;
    s->right = s->want->width - 12;
    s->top = 8 + line * draw_legend(s, NULL);
    if (s->top > s->want->height / 2) s->top = s->want->height / 2;
    s->bottom = s->want->height - 2 * line - 8;
}

static double place(Range r, double v) { return (v - r.low) / (r.high - r.low); }

static void draw_axes(const Plot *s, Picture *p) {
    double ticks[TICKS_MAX];
    char text[32];
    long l = (long)s->left, r = (long)s->right, t = (long)s->top, b = (long)s->bottom;
    long line = (long)(LINE_DOTS * s->dot), half = (long)(FONT_HEIGHT * s->dot / 2);
    for (int i = up_ticks(s, ticks) - 1; i >= 0; i--) {
        long y = b - lround(place(s->up, ticks[i]) * (double)(b - t));
        tick_text(ticks[i], s->want->logarithmic, text, sizeof text);
        fill(p, y, l, 1, r - l, pale);
        write_text(s, p, y - half, l - 5 - text_width(s, text) + (long)s->dot, text, ink);
    }
    for (int i = find_ticks(s->across, 8, ticks) - 1; i >= 0; i--) {
        long x = l + lround(place(s->across, ticks[i]) * (double)(r - l));
        tick_text(ticks[i], false, text, sizeof text);
        fill(p, t, x, b - t, 1, pale);
        long at = x - text_width(s, text) / 2, most = (long)p->width - text_width(s, text);
        write_text(s, p, b + 6, at < most ? at : most, text, ink);
    }
    fill(p, t, l, 1, r - l, ink);
    fill(p, b, l, 1, r - l + 1, ink);
    fill(p, t, l, b - t, 1, ink);
    fill(p, t, r, b - t, 1, ink);
    write_text(s, p, b + 6 + line, (l + r - text_width(s, s->want->x)) / 2, s->want->x, ink);
}

/* ---- curves -----------------------------------------------------------------------------------*/

static void segment(Picture *p, double y0, double x0, double y1, double x1, const Colour c) {
    double steps = fmax(ceil(fmax(fabs(y1 - y0), fabs(x1 - x0))), 1);
    for (double i = 0; i <= steps; i++)
        fill(p, lround(y0 + (y1 - y0) * i / steps) - 1, lround(x0 + (x1 - x0) * i / steps) - 1, 3,
             3, c);
}

static void draw_curve(Plot *s, size_t c) {
    double y0 = 0, x0 = 0, high = (double)s->canvas.height - 1, wide = (double)s->canvas.width - 1;
    bool drawing = false;
    for (size_t i = 0; i < s->table.rows; i++) {
        double v = s->y[c * s->table.rows + i];
        double at = s->table.cells[i * s->table.columns + (size_t)s->x];
        if (isnan(v) || isnan(at)) {
            drawing = false;
            continue;
        }
        double y = (1 - place(s->up, v)) * high, x = place(s->across, at) * wide;
        segment(&s->canvas, drawing ? y0 : y, drawing ? x0 : x, y, x, palette[c]);
        y0 = y;
        x0 = x;
        drawing = true;
    }
}

/* The frame's inside goes up to the canvas (with its grid), and comes back averaged. */
static void canvas_copy(Plot *s, Picture *p, bool back) {
    for (size_t y = 0; y < s->canvas.height / SUPER; y++)
        for (size_t x = 0; x < s->canvas.width / SUPER; x++) {
            unsigned char *small = p->pixels + ((s->top + y) * p->width + s->left + x) * 3;
            unsigned sum[3] = {0};
            for (size_t k = 0; k < SUPER * SUPER; k++) {
                size_t row = y * SUPER + k / SUPER, col = x * SUPER + k % SUPER;
                unsigned char *large = s->canvas.pixels + (row * s->canvas.width + col) * 3;
                if (!back) memcpy(large, small, 3);
                for (int c = 0; c < 3; c++) sum[c] += large[c];
            }
            for (int c = 0; back && c < 3; c++)
                small[c] = (unsigned char)(sum[c] / (SUPER * SUPER));
        }
}

static int draw(Plot *s, Picture *out, Error *err) {
    if (choose_columns(s, err) || smooth(s, err) || find_ranges(s, err)) return -1;
    lay_out(s);
    if (picture_shape(out, s->want->height, s->want->width, 3, err) ||
        picture_shape(&s->canvas, SUPER * (s->bottom - s->top), SUPER * (s->right - s->left), 3,
                      err))
        return -1;
    memset(out->pixels, 255, out->height * out->width * 3);
    draw_axes(s, out);
    canvas_copy(s, out, false);
    for (size_t c = 0; c < s->curve_count; c++) draw_curve(s, c);
    canvas_copy(s, out, true);
    draw_legend(s, out);
    return 0;
}

int plot_draw(const char *path, const PlotWant *want, Picture *out, Error *err) {
    Plot s = {.want = want};
    if (table_read(path, &s.table, err)) return -1;
    int bad = draw(&s, out, err);
    if (bad) fail_in(err, "%s", path);
    table_free(&s.table);
    picture_free(&s.canvas);
    free(s.y);
    return bad;
}
