/* grid_json.c: rows of JSON: a value a line, or one document that holds them all. A row is an
 * object, whose keys are the names of the columns, or a list, as [name, class]; the first row says
 * how many cells all have. */
#include "media/sources/grid.h"

#include <jansson.h>
#include <string.h>

static const char *kind_name(const json_t *v) {
    static const char *const names[] = {"an object", "a list", "a text", "a whole number",
                                        "a number",  "true",   "false",  "null"};
    return names[json_typeof(v)];
}

static bool number(const json_t *v, double *to, bool *whole) {
    *whole = !json_is_real(v);
    *to = json_is_boolean(v) ? json_is_true(v) : json_number_value(v);
    return json_is_number(v) || json_is_boolean(v);
}

static int take_numbers(Grid *g, const json_t *list, Cell *to, size_t line, Error *err) {
    size_t n = json_array_size(list);
    if (!n || n > UINT32_MAX) return grid_fail(g, line, err, "a list of %zu numbers", n);
    double *numbers = arena_new_array(g->arena, double, n);
    *to = (Cell){.kind = CELL_NUMBERS, .whole = true, .width = (uint32_t)n, .numbers = numbers};
    for (size_t i = 0; i < n; i++) {
        bool whole;
        const json_t *v = json_array_get(list, i);
        if (!number(v, &numbers[i], &whole))
            return grid_fail(g, line, err, "%s in a list, expected numbers", kind_name(v));
        to->whole &= whole;
    }
    return 0;
}

static int take_cell(Grid *g, const json_t *v, Cell *to, size_t line, Error *err) {
    bool whole;
    double value;
    if (json_is_string(v)) {
        const char *text = json_string_value(v);
        if (strlen(text) != json_string_length(v))
            return grid_fail(g, line, err, "a text that holds a zero byte");
        if (*text)
            *to = (Cell){.kind = CELL_TEXT, .width = 1, .text = arena_strdup(g->arena, text)};
        return 0;
    }
    if (json_is_array(v)) return take_numbers(g, v, to, line, err);
    if (number(v, &value, &whole))
        *to = (Cell){.kind = CELL_NUMBER, .whole = whole, .width = 1, .number = value};
    else if (!json_is_null(v))
        return grid_fail(g, line, err, "%s, expected a text, a number or a list of numbers",
                         kind_name(v));
    return 0;
}

/* The first row's keys are the columns. */
static void take_names(Grid *g, json_t *row) {
    const char *key;
    json_t *value;
    size_t i = 0;
    g->columns = json_is_array(row) ? json_array_size(row) : json_object_size(row);
    if (!json_is_object(row)) return;
    g->name = arena_new_array(g->arena, const char *, g->columns);
    json_object_foreach(row, key, value) g->name[i++] = arena_strdup(g->arena, key);
}

static int take_row(Grid *g, json_t *row, size_t line, Error *err) {
    size_t n = json_is_array(row) ? json_array_size(row) : json_object_size(row);
    if (!json_is_array(row) && !json_is_object(row))
        return grid_fail(g, line, err, "%s, expected an object or a list", kind_name(row));
    if (!g->rows) take_names(g, row);
    if (!n) return grid_fail(g, line, err, "a row without cells");
    if (json_is_object(row) != (g->name != NULL))
        return grid_fail(g, line, err, "%s, unlike the first row", kind_name(row));
    Cell *to = grid_row(g, line, err);
    if (!to) return -1;
    for (size_t i = 0; i < g->columns && i < n; i++) {
        const json_t *v = g->name ? json_object_get(row, g->name[i]) : json_array_get(row, i);
        if (!v) return grid_fail(g, line, err, "no '%s', which the first row has", g->name[i]);
        if (take_cell(g, v, &to[i], line, err)) return -1;
    }
    if (n == g->columns) return 0;
    return grid_fail(g, line, err, "%zu cells, expected %zu as in the first row", n, g->columns);
}

static int read_lines(Grid *g, const char *text, Error *err) {
    size_t line = 1;
    for (const char *at = text, *end; *at; at = *end ? end + 1 : end, line++) {
        json_error_t why;
        end = at + strcspn(at, "\n");
        if (strspn(at, " \t\r") >= (size_t)(end - at)) continue;
        json_t *row = json_loadb(at, (size_t)(end - at), JSON_REJECT_DUPLICATES, &why);
        int bad =
            row ? take_row(g, row, line, err) : grid_fail(g, line, err, "no JSON: %s", why.text);
        json_decref(row);
        if (bad) return -1;
    }
    return 0;
}

static int read_entries(Grid *g, const json_t *rows, Error *err) {
    g->entries = true;
    for (size_t i = 0; i < json_array_size(rows); i++)
        if (take_row(g, json_array_get(rows, i), i + 1, err)) return -1;
    return 0;
}

/* The rows of a document, or NULL when each line is one. */
static const json_t *rows_of(const json_t *whole) {
    const json_t *rows = json_is_object(whole) ? json_object_get(whole, "labels") : whole;
    const json_t *first = json_array_get(rows, 0);
    bool none = json_is_array(rows) && !first;
    return none || json_is_array(first) || (rows == whole && json_is_object(first)) ? rows : NULL;
}

/* Whether the first line alone is a value, so that others may follow it. */
static bool is_lines(const char *text) {
    text += strspn(text, " \t\r\n");
    json_t *row = json_loadb(text, strcspn(text, "\n"), 0, NULL);
    json_decref(row);
    return row != NULL;
}

int grid_json(Grid *g, const char *text, size_t n, Error *err) {
    json_error_t why;
    json_t *whole = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);
    const json_t *rows = rows_of(whole);
    int bad = 0;
    if (!whole && !is_lines(text))
        bad = grid_fail(g, (size_t)why.line, err, "no JSON: %s", why.text);
    else if (json_is_object(whole) && json_is_null(json_object_get(whole, "labels")))
        bad = fail(err, "%s: \"labels\" is null: it has none", g->path);
    else
        bad = rows ? read_entries(g, rows, err) : read_lines(g, text, err);
    json_decref(whole);
    return bad;
}
