/* grid_csv.c: comma-separated values by RFC 4180: fields in quotes hold commas, line ends and, as
 * two, quotes. Lines end in LF, CR LF or CR; blank ones are passed over; blanks around a field that
 * is not quoted are no part of it. */
#include "media/sources/grid.h"

#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 1 << 16 };

typedef struct {
    Grid *g;
    char *at;
    size_t line;
    char between;       /* the fields */
    const char **field; /* [room]: of the row being read */
    size_t room;
} Csv;

static bool ends(const Csv *c, char x) { return !x || x == '\n' || x == '\r' || x == c->between; }

/* Tabs go before commas, and commas before semicolons; names may hold either. */
static char separator(const char *text) {
    static const char kinds[] = "\t,;";
    size_t count[3] = {0};
    bool quoted = false, begins = true;
    for (; *text && (quoted || (*text != '\n' && *text != '\r')); text++) {
        const char *kind = strchr(kinds, *text);
        if (*text == '"' && (quoted || begins)) quoted = !quoted;
        if (kind && !quoted) count[kind - kinds]++;
        if (*text != ' ') begins = kind != NULL;
    }
    return count[0] ? '\t' : count[1] || !count[2] ? ',' : ';';
}

static void line_end(Csv *c) {
    if (*c->at != '\n' && *c->at != '\r') return;
    c->at += c->at[0] == '\r' && c->at[1] == '\n' ? 2 : 1;
    c->line++;
}

static void blank_lines(Csv *c) {
    for (;; line_end(c)) {
        char *end = c->at + strspn(c->at, " ");
        if (*end ? *end != '\n' && *end != '\r' : end == c->at) return;
        c->at = end;
    }
}

static void blanks(Csv *c) {
    while (*c->at == ' ' || (*c->at == '\t' && c->between != '\t')) c->at++;
}

/* The field behind a quote; c->at is left at what ends it. */
static int quoted(Csv *c, char **field, char **end, Error *err) {
    size_t first = c->line;
    char *to = *field = c->at;
    for (;; *to++ = *c->at++) {
        if (!*c->at) return grid_fail(c->g, first, err, "a quote begins here and does not end");
        if (*c->at == '"' && *++c->at != '"') break;
        c->line += *c->at == '\n' || (*c->at == '\r' && c->at[1] != '\n');
    }
    *end = to;
    blanks(c);
    if (ends(c, *c->at)) return 0;
    size_t n = strcspn(c->at, "\r\n");
    return grid_fail(c->g, c->line, err, "'%.*s' behind a quoted field", (int)(n < 20 ? n : 20),
                     c->at);
}

static void plain(Csv *c, char **field, char **end) {
    *field = c->at;
    while (!ends(c, *c->at)) c->at++;
    *end = c->at;
    while (*end > *field && ((*end)[-1] == ' ' || (*end)[-1] == '\t')) --*end;
}

/* The next field; *last when its line or the text ends behind it. */
static int next_field(Csv *c, const char **field, bool *last, Error *err) {
    char *from = c->at, *end = c->at;
    blanks(c);
    if (*c->at == '"') {
        c->at++;
        if (quoted(c, &from, &end, err)) return -1;
    } else {
        plain(c, &from, &end);
    }
    *last = *c->at != c->between;
    if (*last)
        line_end(c); /* before the end of the field is written over it */
    else
        c->at++;
    *end = 0;
    *field = from;
    return 0;
}

/* The first row says how many fields all have. */
static int read_row(Csv *c, Error *err) {
    Grid *g = c->g;
    const char *beyond; /* fields that the first row does not have are only counted */
    size_t line = c->line, n = 0;
    for (bool last = false; !last; n++) {
        if (!g->columns && n == FIELDS_MAX)
            return grid_fail(g, line, err, "more than %zu fields", n);
        if (!g->columns && array_room(&c->field, &c->room, n + 1, sizeof *c->field, "fields", err))
            return grid_fail(g, line, err, "out of memory");
        if (next_field(c, !g->columns || n < g->columns ? &c->field[n] : &beyond, &last, err))
            return -1;
    }
    if (!g->columns) g->columns = n;
    Cell *row = grid_row(g, line, err);
    if (!row) return -1;
    for (size_t i = 0; i < n && i < g->columns; i++)
        if (*c->field[i]) row[i] = (Cell){.kind = CELL_TEXT, .width = 1, .text = c->field[i]};
    if (n == g->columns) return 0;
    return grid_fail(g, line, err, "%zu field%s, expected %zu as in line %zu", n, n == 1 ? "" : "s",
                     g->columns, g->line[0]);
}

int grid_csv(Grid *g, char *text, Error *err) {
    Csv c = {.g = g, .at = text, .line = 1};
    int bad = 0;
    blank_lines(&c);
    c.between = separator(c.at);
    for (; !bad && *c.at; blank_lines(&c)) bad = read_row(&c, err);
    free(c.field);
    return bad;
}
