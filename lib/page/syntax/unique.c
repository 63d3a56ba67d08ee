/* The names of a page: each is defined once. */
#include "page/syntax/parser.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name, *file;
    int line, column;
    size_t order;               /* in the page */
    const Statement *statement; /* NULL: a let's */
} Named;

static int by_name(const void *x, const void *y) {
    const Named *a = x, *b = y;
    int order = strcmp(a->name, b->name);
    return order ? order : (a->order > b->order) - (a->order < b->order);
}

/* Players, inits, stops and the sample name nothing that an expression could mean. */
static bool names_nothing(const Statement *s) {
    return s->kind == ST_INIT || s->kind == ST_PLAYER || s->kind == ST_SAMPLE ||
           s->kind == ST_STOP || s->kind == ST_FROZEN;
}

static int names_of(const Statement *s, Named *to) {
    int n = 0;
    if (names_nothing(s)) return 0;
    if (s->kind != ST_LET) {
        if (to) *to = (Named){s->name, s->file, s->line, s->column, 0, s};
        return 1;
    }
    for (int i = 0; i < s->let.count; i++) {
        const Define *d = &s->let.list[i];
        for (int k = 0; k < d->name_count; k++, n++)
            if (to) to[n] = (Named){d->names[k], d->file, d->line, d->column, 0, NULL};
    }
    return n;
}

bool statement_defines(const Statement *s, const char *name) {
    for (int i = 0; s->kind == ST_LET && i < s->let.count; i++)
        for (int k = 0; k < s->let.list[i].name_count; k++)
            if (!strcmp(s->let.list[i].names[k], name)) return true;
    return s->kind != ST_LET && !names_nothing(s) && !strcmp(s->name, name);
}

static int twice(const Named *first, const Named *again, Error *err) {
    bool elsewhere = strcmp(first->file, again->file) != 0;
    return fail(err, "%s:%d:%d: %s is already defined in %s%s%d", again->file, again->line,
                again->column, again->name, elsewhere ? first->file : "line ", elsewhere ? ":" : "",
                first->line);
}

int page_unique(Page *page, Error *err) {
    size_t count = 0;
    for (int i = 0; i < page->count; i++) count += (size_t)names_of(&page->statements[i], NULL);
    Named *named = arena_new_array(page->arena, Named, count + 1);
    const Named *first = NULL, *again = NULL; /* again is the foremost of those defined before */
    size_t n = 0;
    for (int i = 0; i < page->count; i++) n += (size_t)names_of(&page->statements[i], named + n);
    for (size_t i = 0; i < n; i++) named[i].order = i;
    qsort(named, n, sizeof *named, by_name);
    for (size_t i = 1, start = 0; i < n; i++) {
        if (strcmp(named[i].name, named[i - 1].name)) {
            start = i;
        } else if (!again || named[i].order < again->order) {
            again = &named[i];
            first = &named[start];
        }
    }
    if (again) return twice(first, again, err);
    page->named = arena_new_array(page->arena, const Statement *, count + 1);
    for (size_t i = 0; i < n; i++)
        if (named[i].statement) page->named[page->named_count++] = named[i].statement;
    return 0;
}

static int compare_name(const void *name, const void *statement) {
    return strcmp(name, (*(const Statement *const *)statement)->name);
}

const Statement *page_statement(const Page *page, const char *name) {
    const Statement **s = bsearch(name, page->named, page->named_count, sizeof *s, compare_name);
    return s ? *s : NULL;
}
