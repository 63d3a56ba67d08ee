#include "media/views/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CURVES_MAX = 8, COLUMNS_MAX = 4096 };
static const size_t file_max = (size_t)1 << 30;

/* Tab-separated numbers under a line of names. */
typedef struct {
    char *text;
    const char **names; /* [columns] */
    double *cells;      /* [rows, columns]; NAN where a cell is empty or no number */
    size_t columns, rows;
} Table;

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
} Plot;

/* ---- the table ---- */

static int take_names(Table *t, char *line, Error *err) {
    t->names = calloc(COLUMNS_MAX, sizeof *t->names);
    if (!t->names) return fail(err, "out of memory");
    for (char *cell; (cell = strsep(&line, "\t"));) {
        if (t->columns == COLUMNS_MAX) return fail(err, "more than %d columns", COLUMNS_MAX);
        t->names[t->columns++] = cell;
    }
    return 0;
}

static int take_row(Table *t, char *line, double *to, size_t number, Error *err) {
    size_t n = 0;
    for (char *cell; (cell = strsep(&line, "\t")); n++)
        if (n < t->columns && (!parse_double(cell, &to[n]) || !isfinite(to[n]))) to[n] = NAN;
    if (n != t->columns)
        return fail(err, "line %zu: %zu cells, expected %zu", number, n, t->columns);
    t->rows++;
    return 0;
}

static int parse(Table *t, size_t lines, Error *err) {
    char *at = t->text;
    size_t number = 0, cells;
    while (at && *at) {
        char *line = strsep(&at, "\n");
        size_t length = strlen(line);
        if (length && line[length - 1] == '\r') line[length - 1] = 0;
        number++;
        if (*line == '#') continue;
        if (!t->columns) {
            if (take_names(t, line, err)) return -1;
            if (size_mul(lines, t->columns, &cells)) t->cells = calloc(cells, sizeof *t->cells);
            if (!t->cells) return fail(err, "out of memory for %zu lines", lines);
        } else if (*line && take_row(t, line, t->cells + t->rows * t->columns, number, err)) {
            return -1;
        }
    }
    return t->rows ? 0 : fail(err, "line %zu: ends, expected a line of names and rows", number + 1);
}

static int table_read(const char *path, Table *t, Error *err) {
    size_t length = 0, lines = 1;
    if (read_file(path, file_max, "a table", &t->text, &length, err)) return -1;
    for (size_t i = 0; i < length; i++) lines += t->text[i] == '\n';
    return parse(t, lines, err) ? fail_in(err, "%s", path) : 0;
}

/* ---- its columns ---- */

static long find_column(const Plot *s, const char *name, size_t n, Error *err) {
    for (size_t i = 0; i < s->table.columns; i++)
        if (!strncmp(s->table.names[i], name, n) && !s->table.names[i][n]) return (long)i;
    Str known = {0};
    for (size_t i = 0; i < s->table.columns && known.length < 300; i++)
        str_printf(&known, "%s%s", i ? ", " : "", s->table.names[i]);
    fail(err, "no column '%.*s', the columns are %s", (int)n, name, known.text);
    str_free(&known);
    return -1;
}

static int named_columns(Plot *s, Error *err) {
    for (const char *at = s->want->columns; at;) {
        size_t n = strcspn(at, ",");
        long c = find_column(s, at, n, err);
        if (c < 0) return -1;
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
    s->x = find_column(s, s->want->x, strlen(s->want->x), err);
    if (s->x < 0) return -1;
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

/* ---- the script ---- */

static double *curve(const Plot *s, size_t c) { return s->y + c * s->table.rows; }

/* The curve's points, with an empty line for each gap; false when it has none. */
static bool write_curve(const Plot *s, size_t c, Str *script) {
    bool some = false;
    str_printf(script, "$curve%zu << END\n", c);
    for (size_t i = 0; i < s->table.rows; i++) {
        double y = curve(s, c)[i], x = s->table.cells[i * s->table.columns + (size_t)s->x];
        if (isnan(x) || isnan(y)) {
            str_append(script, "\n", 1);
            continue;
        }
        str_printf(script, "%.9g %.9g\n", x, s->want->logarithmic ? pow(10, y) : y);
        some = true;
    }
    str_printf(script, "END\n");
    return some;
}

static void write_axes(const Plot *s, Str *script) {
    Range up = s->up;
    if (s->want->logarithmic) {
        up = (Range){pow(10, up.low), pow(10, up.high)};
        str_printf(script, "set logscale y\n");
    }
    if (s->want->look.format != GRAPH_TEXT)
        str_printf(script, "set grid lt 1 lw 0.5 lc rgb '#d0d0d0'\n");
    str_printf(script,
               "set tics nomirror\nset format x '%%.6g'\n"
               "set format y '%%.6g'\nset key above left horizontal samplen 2\n"
               "set xrange [%.17g:%.17g]\nset yrange [%.17g:%.17g]\nset xlabel ",
               s->across.low, s->across.high, up.low, up.high);
    gnuplot_quote(script, s->want->x);
    str_append(script, "\n", 1);
}

/* A point of its own, between two gaps, is seen too. In text each curve has a letter. */
static void write_plot(const Plot *s, const bool *some, Str *script) {
    for (size_t c = 0; c < s->curve_count; c++) {
        str_printf(script, c ? ", " : "plot ");
        if (some[c])
            str_printf(script, "$curve%zu", c);
        else
            str_printf(script, "keyentry");
        if (s->want->look.format == GRAPH_TEXT)
            str_printf(script, " with points pt %zu title ", c + 1);
        else
            str_printf(script, " with linespoints lw 2 pt 7 ps %g lc rgb '#%06x' title ",
                       gnuplot_point(s->want->look.format, 1), graph_colour(c));
        gnuplot_quote(script, s->table.names[s->curves[c]]);
    }
    str_append(script, "\n", 1);
}

static int draw(Plot *s, Str *script, Error *err) {
    bool some[CURVES_MAX];
    if (choose_columns(s, err) || smooth(s, err) || find_ranges(s, err)) return -1;
    gnuplot_begin(script, &s->want->look);
    write_axes(s, script);
    for (size_t c = 0; c < s->curve_count; c++) some[c] = write_curve(s, c, script);
    write_plot(s, some, script);
    return 0;
}

int plot_script(const char *path, const PlotWant *want, Str *script, Error *err) {
    Plot s = {.want = want};
    int bad = table_read(path, &s.table, err);
    if (!bad && draw(&s, script, err)) bad = fail_in(err, "%s", path);
    free(s.table.text);
    free(s.table.names);
    free(s.table.cells);
    free(s.y);
    return bad;
}
