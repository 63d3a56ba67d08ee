#include "page/syntax/needs.h"

#include "page/syntax/parser.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *name;
    PagePiece *piece;
} Known;

typedef struct {
    Known *known; /* by name */
    size_t count;
    PagePiece *open;     /* those wanted whose own needs nobody has looked at */
    const Statement *at; /* whose needs are looked at */
} Pick;

static bool can_be_used(const Statement *s) {
    return s->kind == ST_NET || s->kind == ST_BLOCK || s->kind == ST_LET || s->kind == ST_OPTION ||
           s->kind == ST_PARAM || s->kind == ST_STATE;
}

/* How many names a piece defines; they go to *to unless that is NULL. */
static size_t names_of(PagePiece *piece, Known *to) {
    const Statement *s = &piece->s;
    size_t n = 0;
    if (!can_be_used(s)) return 0;
    if (s->kind != ST_LET) {
        if (to) *to = (Known){s->name, piece};
        return 1;
    }
    for (int i = 0; i < s->let.count; i++)
        for (int k = 0; k < s->let.list[i].name_count; k++, n++)
            if (to) to[n] = (Known){s->let.list[i].names[k], piece};
    return n;
}

static int by_name(const void *x, const void *y) {
    const Known *a = x, *b = y;
    return strcmp(a->name, b->name);
}

static bool want(Pick *k, const char *name) {
    const Known sought = {.name = name};
    const Known *found = bsearch(&sought, k->known, k->count, sizeof sought, by_name);
    if (!found) return false;
    PagePiece *p = found->piece;
    if (!p->wanted) {
        p->wanted = true;
        p->next = k->open;
        k->open = p;
    }
    return true;
}

/* Whether it is one of a net's or block's own. */
static bool own(const Statement *s, const char *name) {
    for (int i = 0; i < s->param_count; i++)
        if (!strcmp(s->params[i], name)) return true;
    for (int i = 0; i < s->let.count; i++)
        for (int k = 0; k < s->let.list[i].name_count; k++)
            if (!strcmp(s->let.list[i].names[k], name)) return true;
    return false;
}

static void mentioned(void *pick, const char *name) {
    Pick *k = pick;
    if (!own(k->at, name)) want(k, name);
}

static void look_at(Pick *k, const Statement *s) {
    const Defines *const lists[] = {&s->let, &s->then};
    k->at = s;
    expr_names(s->expr, mentioned, k);
    Expr *const bounds[] = {s->low, s->high, s->by, s->choices};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) expr_names(bounds[i], mentioned, k);
    for (int i = 0; i < s->dim_count; i++) expr_names(s->dims[i], mentioned, k);
    for (int i = 0; i < s->param_count; i++) expr_names(s->defaults[i], mentioned, k);
    for (int l = 0; l < 2; l++)
        for (int i = 0; i < lists[l]->count; i++) {
            const Define *d = &lists[l]->list[i];
            expr_names(d->expr, mentioned, k);
            for (int j = 0; j < d->dim_count; j++) expr_names(d->dims[j], mentioned, k);
        }
}

int pieces_pick(Arena *arena, PagePiece *piece, size_t count, const char *const *names, int n) {
    Pick k = {0};
    size_t total = 0;
    for (size_t i = 0; i < count; i++) total += names_of(&piece[i], NULL);
    k.known = arena_new_array(arena, Known, total + 1);
    for (size_t i = 0; i < count; i++) k.count += names_of(&piece[i], k.known + k.count);
    qsort(k.known, k.count, sizeof *k.known, by_name);
    for (int i = 0; i < n; i++)
        if (!want(&k, names[i])) return i;
    while (k.open) {
        const Statement *s = &k.open->s;
        k.open = k.open->next;
        look_at(&k, s);
    }
    return -1;
}
