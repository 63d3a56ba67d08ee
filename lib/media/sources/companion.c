/* companion.c: from a table's cells to tensors. */
#include "media/sources/companion.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CLASSES_MAX = 1 << 16, ROWS_MAX = INT32_MAX };

void companion_free(Companion *c) {
    for (size_t i = 0; i < c->count; i++) {
        free(c->series[i].value);
        free(c->series[i].classes);
    }
    free(c->series);
    free(c->by_file);
    free(c->used);
    free(c->from);
    free(c->to);
    grid_free(&c->grid);
    *c = (Companion){0};
}

static Cell *cell_at(const Companion *c, size_t row, size_t column) {
    return &c->grid.cell[(c->first + row) * c->grid.columns + column];
}

static size_t line_of(const Companion *c, size_t row) { return c->grid.line[c->first + row]; }

/* ---- names ---- */

static const char *ending(const char *text) {
    const char *dot = strrchr(text, '.');
    return dot && dot != text && !strchr(dot, '/') ? dot : NULL;
}

static bool is_name(const Grid *g, size_t column) {
    const Cell *top = &g->cell[column], *below = &g->cell[g->columns + column];
    double ignored;
    bool whole;
    if (top->kind == CELL_EMPTY) return true;
    if (cell_number(g, top, &ignored, &whole)) return false;
    const char *a = ending(top->text), *b = below->kind == CELL_TEXT ? ending(below->text) : NULL;
    if (a && b && !strcasecmp(a, b)) return false;
    for (size_t i = 1; i < g->rows; i++, below += g->columns)
        if (below->kind == CELL_TEXT && !strcmp(top->text, below->text)) return false;
    return true;
}

static void find_names(Companion *c) {
    Grid *g = &c->grid;
    c->named = g->name || (g->bare && g->rows > 1);
    for (size_t i = 0; c->named && !g->name && i < g->columns; i++) c->named = is_name(g, i);
    c->first = c->named && !g->name;
    c->rows = g->rows - c->first;
    c->names = arena_new_array(g->arena, const char *, g->columns);
    for (size_t i = 0; i < g->columns; i++)
        c->names[i] = g->name    ? g->name[i]
                      : c->first ? g->cell[i].kind == CELL_TEXT ? g->cell[i].text : ""
                                 : arena_printf(g->arena, "%zu", i + 1);
}

static int no_column(const Companion *c, const char *text, size_t n, Error *err) {
    Str list = {0};
    for (size_t i = 0; i < c->grid.columns && list.length < 400; i++)
        str_printf(&list, "%s%s", i ? ", " : "", c->names[i]);
    fail(err, "%s: no column '%.*s'; they are %s%s", c->grid.path, (int)n, text, list.text,
         list.length < 400 ? "" : ", ...");
    str_free(&list);
    return -1;
}

static long find_column(const Companion *c, const char *text, size_t n) {
    for (size_t i = 0; i < c->grid.columns; i++)
        if (strlen(c->names[i]) == n && !memcmp(c->names[i], text, n)) return (long)i;
    return -1;
}

static int find_key(Companion *c, const CompanionWant *w, Error *err) {
    static const char *const usual[] = {"file_name", "filename", "file",    "path",
                                        "image",     "name",     "image_id"};
    c->key = SIZE_MAX;
    if (!w->files) return 0;
    if (w->key) {
        long found = find_column(c, w->key, strlen(w->key));
        c->key = (size_t)found;
        return found < 0 ? no_column(c, w->key, strlen(w->key), err) : 0;
    }
    for (size_t k = 0; c->named && c->key == SIZE_MAX && k < sizeof usual / sizeof *usual; k++)
        for (size_t i = 0; c->key == SIZE_MAX && i < c->grid.columns; i++)
            if (!strcasecmp(c->names[i], usual[k])) c->key = i;
    if (c->key == SIZE_MAX) c->key = 0;
    return 0;
}

/* ---- words ---- */

static int take_words(Companion *c, Series *s, size_t column, Error *err) {
    const char **word = malloc(c->rows * sizeof *word);
    if (!word) return fail(err, "out of memory for %zu words", c->rows);
    for (size_t i = 0; i < c->rows; i++) word[i] = cell_at(c, i, column)->text;
    size_t n = names_distinct(word, c->rows);
    int bad = 0;
    if (n > CLASSES_MAX)
        bad = fail(err, "%s: column '%s' holds %zu different words, at most %d can be classes",
                   c->grid.path, c->names[column], n, CLASSES_MAX);
    for (size_t i = 0; !bad && i < c->rows; i++) {
        const char **at = bsearch(&cell_at(c, i, column)->text, word, n, sizeof *word, by_name);
        s->value[i] = (double)(at - word);
    }
    if (!bad && !(s->classes = classes_json(&(Classes){word, n}, "class", err)))
        bad = fail_in(err, "%s", c->grid.path);
    free(word);
    return bad;
}

/* ---- numbers ---- */

static bool is_word(const Grid *g, const Cell *cell) {
    double value;
    bool whole;
    return cell->kind == CELL_TEXT && !cell_number(g, cell, &value, &whole);
}

/* A cell that is not what the column's first one is. */
static int unlike(const Companion *c, size_t row, size_t column, Error *err) {
    static const char *const kinds[] = {"empty", "a number", "a number", "a list"};
    const Cell *cell = cell_at(c, row, column), *first = cell_at(c, 0, column);
    const char *name = c->names[column];
    const char *unit = c->grid.entries ? "entry" : "line";
    size_t line = line_of(c, row), as = line_of(c, 0);
    if (cell->kind == CELL_EMPTY)
        return grid_fail(&c->grid, line, err, "column '%s' is empty", name);
    if (is_word(&c->grid, cell))
        return grid_fail(&c->grid, line, err, "column '%s' is '%.40s', expected %s as in %s %zu",
                         name, cell->text, kinds[first->kind], unit, as);
    if (is_word(&c->grid, first))
        return grid_fail(&c->grid, line, err, "column '%s' is %s, expected a word as in %s %zu",
                         name, kinds[cell->kind], unit, as);
    return grid_fail(&c->grid, line, err, "column '%s' holds %u numbers, expected %u as in %s %zu",
                     name, cell->width, first->width, unit, as);
}

static int check_number(const Companion *c, size_t row, size_t column, double v, bool whole,
                        Error *err) {
    if (whole ? fabs(v) < 0x1p53 : fabs(v) <= FLT_MAX) return 0;
    return grid_fail(&c->grid, line_of(c, row), err,
                     "column '%s' is %.16g, expected numbers of a size of at most %s",
                     c->names[column], v, whole ? "2^53 - 1" : "3.4e38");
}

/* One column's numbers into the tensor's, from `at` on. */
static int take_numbers(Companion *c, Series *s, size_t column, size_t at, Error *err) {
    unsigned width = cell_at(c, 0, column)->width;
    for (size_t i = 0; i < c->rows; i++) {
        const Cell *cell = cell_at(c, i, column);
        double *to = s->value + i * s->width + at;
        bool whole = cell->whole, list = cell->kind == CELL_NUMBERS;
        if (cell->width != width || (!list && !cell_number(&c->grid, cell, to, &whole)) ||
            list != (cell_at(c, 0, column)->kind == CELL_NUMBERS))
            return unlike(c, i, column, err);
        if (list) memcpy(to, cell->numbers, width * sizeof *to);
        s->whole &= whole;
        for (unsigned k = 0; k < width; k++)
            if (check_number(c, i, column, to[k], whole, err)) return -1;
    }
    return 0;
}

/* ---- tensors ---- */

static int add_series(Companion *c, const char *name, const size_t *columns, size_t n, Error *err) {
    if (companion_find(c, name))
        return fail(err, "%s: two columns make a tensor '%s'", c->grid.path, name);
    if (array_room(&c->series, &c->capacity, c->count + 1, sizeof *c->series, "columns", err))
        return -1;
    Series *s = &c->series[c->count];
    *s = (Series){.name = name, .whole = true};
    size_t bytes;
    for (size_t i = 0; i < n; i++) {
        const Cell *first = cell_at(c, 0, columns[i]);
        if (first->kind == CELL_EMPTY) return unlike(c, 0, columns[i], err);
        s->width += first->width;
        s->vector |= n > 1 || first->kind == CELL_NUMBERS;
        if (n > 1 && is_word(&c->grid, first))
            return grid_fail(&c->grid, line_of(c, 0), err,
                             "column '%s' is '%.40s', expected a number, one of those of '%s'",
                             c->names[columns[i]], first->text, name);
    }
    if (!size_mul(c->rows, s->width, &bytes) || !size_mul(bytes, sizeof(double), &bytes))
        return fail(err, "%s: too many numbers", c->grid.path);
    s->value = data_alloc(bytes, err);
    if (!s->value) return -1;
    c->count++;
    bool words = is_word(&c->grid, cell_at(c, 0, columns[0]));
    for (size_t i = 0; words && i < c->rows; i++)
        if (!is_word(&c->grid, cell_at(c, i, columns[0]))) return unlike(c, i, columns[0], err);
    if (words) return take_words(c, s, columns[0], err);
    for (size_t i = 0, at = 0; i < n; at += cell_at(c, 0, columns[i++])->width)
        if (take_numbers(c, s, columns[i], at, err)) return -1;
    return 0;
}

/* "A", or "A..B": appends to columns. */
static int parse_item(const Companion *c, const char *text, size_t n, size_t *columns,
                      size_t *count, Error *err) {
    long first = find_column(c, text, n), last = first;
    for (size_t i = 1; first < 0 && i + 2 < n; i++)
        if (!memcmp(text + i, "..", 2)) {
            first = find_column(c, text, i);
            last = find_column(c, text + i + 2, n - i - 2);
            if (last < first) first = -1;
        }
    if (first < 0) return no_column(c, text, n, err);
    for (; first <= last; first++) {
        if (*count == c->grid.columns)
            return fail(err, "--column: more columns than the table has");
        columns[(*count)++] = (size_t)first;
    }
    return 0;
}

/* A tensor for each column, of its name. */
static int add_each(Companion *c, const size_t *columns, size_t n, Error *err) {
    for (size_t i = 0; i < n; i++)
        if (add_series(c, c->names[columns[i]], &columns[i], 1, err)) return -1;
    return 0;
}

/* "A,B" or "NAME=A,B". */
static int take_spec(Companion *c, const char *spec, size_t *columns, Error *err) {
    size_t n = strcspn(spec, "="), count = 0;
    bool one = spec[n];
    const char *name = one ? arena_strndup(c->grid.arena, spec, n) : NULL;
    if (one && !n) return fail(err, "--column: expected NAME=COLUMN, found '%s'", spec);
    for (const char *at = one ? spec + n + 1 : spec; at; at = *at ? at + 1 : NULL) {
        size_t length = strcspn(at, ",");
        if (parse_item(c, at, length, columns, &count, err)) return -1;
        at += length;
    }
    return one ? add_series(c, name, columns, count, err) : add_each(c, columns, count, err);
}

static int take_all(Companion *c, size_t *columns, Error *err) {
    size_t n = 0;
    for (size_t i = 0; i < c->grid.columns; i++)
        if (i != c->key && i != c->start && i != c->end && *c->names[i]) columns[n++] = i;
    if (!n && c->several) return 0;
    if (!n)
        return grid_fail(&c->grid, c->grid.line[0], err,
                         "one field, expected the file's name and a class or numbers");
    if (n == 1 || !c->named) return add_series(c, "label", columns, n, err);
    return add_each(c, columns, n, err);
}

/* ---- parts of files ---- */

static int take_bound(Companion *c, const CompanionWant *w, size_t column, double usual,
                      double **to, Error *err) {
    double *v = *to = malloc(c->rows * sizeof *v);
    if (!v) return fail(err, "out of memory for %zu rows", c->rows);
    for (size_t i = 0; i < c->rows; i++) {
        const Cell *cell = column == SIZE_MAX ? NULL : cell_at(c, i, column);
        const char *wanted = w->whole ? "a whole number from 0 on" : "a number from 0 on";
        bool whole;
        v[i] = usual;
        if (!cell || cell->kind == CELL_EMPTY) continue;
        if (!cell_number(&c->grid, cell, &v[i], &whole))
            return grid_fail(&c->grid, line_of(c, i), err, "column '%s' is %s%.40s%s, expected %s",
                             c->names[column], cell->kind == CELL_TEXT ? "'" : "",
                             cell->kind == CELL_TEXT ? cell->text : "a list",
                             cell->kind == CELL_TEXT ? "'" : "", wanted);
        if (!(v[i] >= 0 && v[i] < 0x1p53) || (w->whole && v[i] != floor(v[i])))
            return grid_fail(&c->grid, line_of(c, i), err, "column '%s' is %.16g, expected %s",
                             c->names[column], v[i], wanted);
    }
    return 0;
}

static int take_parts(Companion *c, const CompanionWant *w, Error *err) {
    long start = c->named ? find_column(c, "start", 5) : -1;
    long end = c->named ? find_column(c, "end", 3) : -1;
    c->start = (size_t)start, c->end = (size_t)end; /* -1 is SIZE_MAX */
    if (take_bound(c, w, c->start, 0, &c->from, err) ||
        take_bound(c, w, c->end, INFINITY, &c->to, err))
        return -1;
    for (size_t i = 0; i < c->rows; i++)
        if (c->from[i] >= c->to[i])
            return grid_fail(&c->grid, line_of(c, i), err, "starts at %.16g and ends at %.16g",
                             c->from[i], c->to[i]);
    return 0;
}

/* ---- names of files ---- */

static int by_file(const void *a, const void *b) {
    const CompanionRow *x = a, *y = b;
    int order = strcmp(x->file, y->file);
    return order ? order : (x->row > y->row) - (x->row < y->row);
}

static int take_files(Companion *c, Error *err) {
    c->by_file = calloc(c->rows, sizeof *c->by_file);
    c->used = calloc(c->rows, sizeof *c->used);
    if (!c->by_file || !c->used) return fail(err, "out of memory for %zu rows", c->rows);
    for (size_t i = 0; i < c->rows; i++) {
        const Cell *cell = cell_at(c, i, c->key);
        if (cell->kind != CELL_TEXT)
            return grid_fail(&c->grid, line_of(c, i), err, "column '%s' %s, expected a file's name",
                             c->names[c->key],
                             cell->kind == CELL_EMPTY ? "is empty" : "is a number");
        c->by_file[i] = (CompanionRow){cell->text + (strncmp(cell->text, "./", 2) ? 0 : 2), i};
    }
    qsort(c->by_file, c->rows, sizeof *c->by_file, by_file);
    for (size_t i = 1; i < c->rows && !c->several; i++) {
        const CompanionRow *one = &c->by_file[i - 1], *two = &c->by_file[i];
        if (strcmp(one->file, two->file)) continue;
        return grid_fail(&c->grid, line_of(c, two->row), err, "'%s' is there already, in %s %zu",
                         two->file, c->grid.entries ? "entry" : "line", line_of(c, one->row));
    }
    return 0;
}

int companion_read(Companion *c, const CompanionWant *want, Error *err) {
    *c = (Companion){0};
    if (grid_read(&c->grid, want->path, err)) return -1;
    if (c->grid.rows > ROWS_MAX)
        return fail(err, "%s: %zu rows, at most %d are read", want->path, c->grid.rows, ROWS_MAX);
    find_names(c);
    c->start = c->end = SIZE_MAX;
    c->several = want->parts;
    size_t *columns = arena_new_array(c->grid.arena, size_t, c->grid.columns);
    if (find_key(c, want, err) || (want->files && take_files(c, err)) ||
        (want->parts && take_parts(c, want, err)))
        return -1;
    if (!want->columns.count) return take_all(c, columns, err);
    for (size_t i = 0; i < want->columns.count; i++)
        if (take_spec(c, want->columns.items[i], columns, err)) return -1;
    return 0;
}

/* ---- into frames ---- */

const Series *companion_find(const Companion *c, const char *name) {
    for (size_t i = 0; i < c->count; i++)
        if (!strcmp(c->series[i].name, name)) return &c->series[i];
    return NULL;
}

int companion_clash(const Companion *c, const char *own, bool labels, Error *err) {
    const char *clash = companion_find(c, own)                 ? own
                        : labels && companion_find(c, "label") ? "label"
                                                               : NULL;
    if (!clash) return 0;
    return fail(err, "%s: a column makes a second tensor %s: --column NAME=COLUMN renames it",
                c->grid.path, clash);
}

int companion_declare(const Companion *c, size_t n, Frame *f, Error *err) {
    for (size_t i = 0; i < c->count; i++) {
        const Series *s = &c->series[i];
        size_t shape[] = {n, s->width};
        char key[1100] = "gan.classes";
        if (strcmp(s->name, "label")) snprintf(key, sizeof key, "gan.classes.%.1024s", s->name);
        if (frame_add(f, s->name, s->whole ? DT_I64 : DT_F32, s->vector ? 2 : 1, shape, err) < 0)
            return fail_in(err, "%s", c->grid.path);
        if (s->classes) frame_set_meta(f, key, s->classes);
    }
    return 0;
}

void companion_fill(const Companion *c, const size_t *rows, size_t first, size_t n, Frame *f) {
    for (size_t k = 0; k < c->count; k++) {
        const Series *s = &c->series[k];
        void *to = frame_find(f, s->name)->data;
        for (size_t i = 0; i < n * s->width; i++) {
            size_t row = rows ? rows[i / s->width] : first + i / s->width;
            double v = s->value[row * s->width + i % s->width];
            if (s->whole)
                ((int64_t *)to)[i] = (int64_t)v;
            else
                ((float *)to)[i] = (float)v;
        }
    }
}

int companion_write(const Companion *c, size_t per_frame, FILE *out, const char *name, Error *err) {
    int bad = 0;
    Frame f = {0};
    for (size_t at = 0, n; !bad && at < c->rows; at += n) {
        n = c->rows - at < per_frame ? c->rows - at : per_frame;
        frame_clear(&f);
        bad = companion_declare(c, n, &f, err) || frame_allocate(&f, err);
        if (bad) break;
        companion_fill(c, NULL, at, n, &f);
        bad = frame_write(&f, out, name, err);
    }
    frame_free(&f);
    return bad ? -1 : 0;
}
