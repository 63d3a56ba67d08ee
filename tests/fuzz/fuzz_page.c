/* fuzz_page.c: libFuzzer target for the page language: a text as a page and as one expression.
 *
 * Whatever happens, memory lies in the arena, messages begin with the place, and every node of the
 * tree has a place of its own inside the text. */
#include "page/syntax/page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int lines;

static void check(bool good) {
    if (!good) abort();
}

static void walk(const Expr *e, int depth);
static void walk_defines(const Defines *d, int depth);

static void walk_all(Expr *const *list, int count, int depth) {
    for (int i = 0; i < count; i++) walk(list[i], depth);
}

/* Long chains of operators hang to the left and may be deep. */
static void walk(const Expr *e, int depth) {
    for (; e; e = e->a) {
        check(e->line >= 1 && e->line <= lines && e->column >= 1);
        check(e->kind >= E_NUMBER && e->kind <= S_IF && depth < 2000);
        if (e->kind == E_NAME || e->kind == E_TEXT) check(e->text != NULL);
        if (e->kind == E_CALL) check(e->text || e->a);
        if (e->kind == E_WHERE) walk_defines(e->let, depth + 1);
        walk(e->b, depth + 1);
        walk(e->c, depth + 1);
        walk_all(e->items, e->count, depth + 1);
        walk_all(e->more, e->more_count, depth + 1);
    }
}

static void walk_defines(const Defines *d, int depth) {
    for (int i = 0; i < d->count; i++) walk(d->list[i].expr, depth);
}

static void walk_page(const Page *p) {
    for (int i = 0; i < p->count; i++) {
        const Statement *s = &p->statements[i];
        const Expr *one[] = {s->expr, s->low, s->high, s->optimizer, s->repeat, s->every, s->when};
        check(s->name && s->column == 1 && s->line >= 1 && s->line <= lines);
        for (size_t k = 0; k < sizeof one / sizeof *one; k++) walk(one[k], 0);
        walk_all(s->dims, s->dim_count, 0);
        if (s->defaults) walk_all(s->defaults, s->param_count, 0);
        walk_defines(&s->let, 0), walk_defines(&s->then, 0), walk_defines(&s->log, 0);
    }
}

static void check_message(const Error *err, const char *file) {
    int line = 0, column = 0;
    size_t n = strlen(file);
    check(!strncmp(err->text, file, n) && sscanf(err->text + n, ":%d:%d: ", &line, &column) == 2);
    check(line >= 1 && line <= lines && column >= 1);
}

/* A page and the files that it may use, "1" to "9", parted by form feeds. */
enum { PARTS = 10 };
static const char *parts[PARTS];

static int use_part(Arena *arena, const char *name, const PageFile *from, PageFile *used,
                    Error *err) {
    check(from->text != NULL);
    int n = name[0] >= '1' && name[0] <= '9' && !name[1] ? name[0] - '0' : 0;
    if (!n || !parts[n]) return fail(err, "no part %.50s", name);
    *used = (PageFile){arena_strdup(arena, name), "page.gan", parts[n]};
    return 0;
}

static void split(char *text) {
    memset(parts, 0, sizeof parts);
    for (int i = 0; i < PARTS && text; i++) {
        parts[i] = text;
        text = strchr(text, '\f');
        if (text) *text++ = 0;
    }
}

/* What a page uses and itself, in one text, are the same page. */
static void check_flat(const Page *page, Arena *arena) {
    Page flat;
    Error err;
    check(!page_parse(arena, "page.gan", page->text, &flat, &err));
    check(flat.count == page->count && flat.text == page->text);
    for (int i = 0; i < flat.count; i++)
        check(flat.statements[i].kind == page->statements[i].kind &&
              !strcmp(flat.statements[i].name, page->statements[i].name));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char *text = malloc(n + 1);
    Error err;
    Page page;
    Expr *e;
    check(text != NULL);
    memcpy(text, bytes, n);
    text[n] = 0;
    lines = 1;
    for (const char *p = text; *p; p++) lines += *p == '\n';
    Arena *arena = arena_new(NULL);
    split(text);
    if (page_parse_file(arena, &(PageFile){"0", "page.gan", text}, use_part, &page, &err)) {
        check_message(&err, "page.gan");
    } else {
        walk_page(&page);
        check_flat(&page, arena);
    }
    if (page_parse_expr(arena, "EXPR", text, &e, &err))
        check_message(&err, "EXPR");
    else
        walk(e, 0);
    arena_free(arena);
    free(text);
    return 0;
}
