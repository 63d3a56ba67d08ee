/* companion_match.c: which row of a table tells of which file. */
#include "media/sources/companion.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* How a name fits a path, the best first. */
typedef enum {
    EXACT,   /* what is below the operand */
    LONGER,  /* the operand's own folders in front */
    SHORTER, /* fewer folders */
    LOOSE,   /* added to one of these: but for the ending */
    NO_FIT = 2 * LOOSE
} Fit;

typedef struct {
    const CompanionRow *row;
    unsigned fit;
} Found;

/* The first of its rows. */
static const CompanionRow *row_named(const Companion *c, const char *text, size_t n) {
    const CompanionRow *r = name_find(text, n, c->by_file, c->rows, sizeof *c->by_file);
    while (r && r > c->by_file && !strcmp(r[-1].file, r->file)) r--;
    return r;
}

const CompanionRow *companion_same(const Companion *c, size_t row, size_t *n) {
    const char *text = c->grid.cell[(c->first + row) * c->grid.columns + c->key].text;
    text += strncmp(text, "./", 2) ? 0 : 2;
    const CompanionRow *r = row_named(c, text, strlen(text)), *end = c->by_file + c->rows;
    for (*n = 1; r + *n < end && !strcmp(r[*n].file, r->file);) ++*n;
    return r;
}

/* The row that names the first n bytes of the path, or an end of them. */
static Found find_end(const Companion *c, const FilePath *p, size_t n, unsigned fit) {
    const char *end = p->path + n;
    const CompanionRow *r = row_named(c, p->below, (size_t)(end - p->below));
    if (r) return (Found){r, fit + EXACT};
    for (const char *at = p->path; at < p->below; at = strchr(at, '/') + 1)
        if ((r = row_named(c, at, (size_t)(end - at)))) return (Found){r, fit + LONGER};
    for (const char *at = p->below; (at = memchr(at, '/', (size_t)(end - at)));) {
        at++;
        if ((r = row_named(c, at, (size_t)(end - at)))) return (Found){r, fit + SHORTER};
    }
    return (Found){NULL, NO_FIT};
}

static Found find_row(const Companion *c, const FilePath *p) {
    size_t n = strlen(p->path);
    Found found = find_end(c, p, n, 0);
    const char *slash = strrchr(p->path, '/'), *base = slash ? slash + 1 : p->path;
    const char *dot = strrchr(base, '.');
    if (!found.row && dot && dot > base && dot > p->below)
        found = find_end(c, p, (size_t)(dot - p->path), LOOSE);
    return found;
}

/* The table often lies among the pictures, or in their archive. */
static void drop_table(const Companion *c, Paths *p) {
    struct stat table, file;
    const char *path = c->grid.path, *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    bool known = !stat(path, &table);
    size_t kept = 0;
    for (size_t i = 0; i < p->count; i++) {
        const char *other = p->items[i].path, *end = strrchr(other, '/');
        bool same = !strcmp(other, path);
        if (!same && known && !strcmp(end ? end + 1 : other, name) && !stat(other, &file))
            same = file.st_dev == table.st_dev && file.st_ino == table.st_ino;
        if (!same) p->items[kept++] = p->items[i];
    }
    p->count = kept;
}

/* Of several files that fit a row, the one that fits best has it. */
static int settle(Companion *c, Paths *p, const Found *found, Error *err) {
    size_t *of_row = calloc(c->rows, sizeof *of_row), matches = 0; /* 1 + the best file's number */
    int bad = of_row ? 0 : fail(err, "out of memory for %zu rows", c->rows);
    for (size_t i = 0; !bad && i < p->count; i++) {
        if (!found[i].row) continue;
        size_t *best = &of_row[found[i].row->row];
        if (!*best || found[i].fit < found[*best - 1].fit) *best = i + 1;
    }
    for (size_t i = 0; !bad && i < p->count; i++) {
        if (!found[i].row) continue;
        size_t row = found[i].row->row, best = of_row[row] - 1;
        if (found[i].fit != found[best].fit) continue;
        if (best != i)
            bad = grid_fail(&c->grid, c->grid.line[c->first + row], err,
                            "'%s' may be %s or %s, expected more of its path", found[i].row->file,
                            p->items[best].path, p->items[i].path);
        p->items[i].row = row + 1;
        matches++;
        size_t n;
        const CompanionRow *same = companion_same(c, row, &n);
        for (size_t k = 0; k < n; k++) c->used[same[k].row] = true;
    }
    free(of_row);
    if (bad || matches || !p->count) return bad;
    return fail(err, "%s: none of %zu files is in it; it names '%s', the first file is %s",
                c->grid.path, p->count, c->by_file[0].file, p->items[0].path);
}

int companion_match(Companion *c, Paths *p, Error *err) {
    drop_table(c, p);
    size_t bytes;
    Found *found = size_mul(p->count, sizeof *found, &bytes) ? data_alloc(bytes, err) : NULL;
    if (!found) return -1;
    for (size_t i = 0; i < p->count; i++) found[i] = find_row(c, &p->items[i]);
    int bad = settle(c, p, found, err);
    free(found);
    return bad;
}

const char *companion_unused(const Companion *c, size_t *row, size_t *line) {
    while (*row < c->rows && c->used[*row]) ++*row;
    if (*row == c->rows) return NULL;
    size_t at = c->first + (*row)++;
    *line = c->grid.line[at];
    return c->grid.cell[at * c->grid.columns + c->key].text;
}
