#include "media/views/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 4096 };
static const size_t file_max = (size_t)1 << 30;

void table_free(Table *t) {
    free(t->text);
    free(t->names);
    free(t->cells);
    *t = (Table){0};
}

long table_column(const Table *t, const char *name, size_t n) {
    for (size_t i = 0; i < t->columns; i++)
        if (!strncmp(t->names[i], name, n) && !t->names[i][n]) return (long)i;
    return -1;
}

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

int table_read(const char *path, Table *t, Error *err) {
    size_t length = 0, lines = 1;
    *t = (Table){0};
    if (read_file(path, file_max, "a table", &t->text, &length, err)) return -1;
    for (size_t i = 0; i < length; i++) lines += t->text[i] == '\n';
    if (!parse(t, lines, err)) return 0;
    table_free(t);
    return fail_in(err, "%s", path);
}
