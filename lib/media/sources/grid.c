/* grid.c: a table's file, and what format it is in. */
#include "media/sources/grid.h"
#include "media/sources/archive.h"
#include "media/sources/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t file_max = (size_t)1 << 30;

int grid_fail(const Grid *g, size_t line, Error *err, const char *format, ...) {
    va_list ap;
    va_start(ap, format);
    vfail(err, format, ap);
    va_end(ap);
    return fail_in(err, g->entries ? "%s: entry %zu" : "%s:%zu", g->path, line);
}

void grid_free(Grid *g) {
    free(g->text);
    free(g->cell);
    free(g->line);
    arena_free(g->arena);
    *g = (Grid){0};
}

Cell *grid_row(Grid *g, size_t line, Error *err) {
    size_t room = g->capacity, n = g->rows + 1; /* capacity is that of both */
    if (array_room(&g->cell, &room, n, g->columns * sizeof *g->cell, "rows", err) ||
        array_room(&g->line, &g->capacity, n, sizeof *g->line, "rows", err)) {
        fail_in(err, "%s", g->path);
        return NULL;
    }
    g->line[g->rows] = line;
    Cell *row = g->cell + g->rows++ * g->columns;
    memset(row, 0, g->columns * sizeof *row);
    return row;
}

bool cell_number(const Grid *g, const Cell *c, double *value, bool *whole) {
    if (c->kind == CELL_NUMBER) {
        *value = c->number;
        *whole = c->whole;
        return true;
    }
    /* nothing else that strtod would take: hexadecimal digits, infinity */
    if (c->kind != CELL_TEXT || !g->bare || c->text[strspn(c->text, "+-.0123456789eE")])
        return false;
    *whole = !c->text[strcspn(c->text, ".eE")];
    return parse_double(c->text, value);
}

/* A path that leads into an archive is no file's. */
static Source *open_table(const char *path, Error *err) {
    char archive[4096];
    for (const char *end = path; (end = strchr(end + 1, '/'));) {
        size_t n = (size_t)(end - path);
        if (n >= sizeof archive) break;
        memcpy(archive, path, n);
        archive[n] = 0;
        if (archive_is(archive)) return source_in_archive(archive, end + 1, err);
    }
    return source_open(path, err);
}

static int parse(Grid *g, size_t n, Error *err) {
    char *text = g->text;
    const char *zero = memchr(text, 0, n);
    if (zero)
        return fail(err, "%s: byte %zu: not a text, expected CSV, TSV or JSON lines", g->path,
                    (size_t)(zero - text));
    const char *first = text + strspn(text, " \t\r\n");
    bool json = *first == '{' || *first == '[';
    g->bare = !json;
    if (json ? grid_json(g, text, strlen(text), err) : grid_csv(g, text, err)) return -1;
    return g->rows ? 0 : fail(err, "%s: no rows", g->path);
}

int grid_read(Grid *g, const char *path, Error *err) {
    size_t n = 0;
    *g = (Grid){.path = input_name(path), .arena = arena_new(NULL)};
    Source *s = open_table(path, err);
    int bad = s ? source_refuse(s, KIND_PLAIN_TEXT, "CSV, TSV or JSON lines", err) : -1;
    if (!bad) bad = source_skip_mark(s, err);
    if (!bad) bad = source_text(s, file_max, &g->text, &n, err);
    source_close(s);
    return bad ? -1 : parse(g, n, err);
}
