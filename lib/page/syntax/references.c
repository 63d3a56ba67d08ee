/* What players and averages name is there: nets and params that are trained, nets that are
 * averaged, players whose updates are shared. */
#include "page/syntax/parser.h"

#include <string.h>

static const Statement *named(const Page *page, StatementKind kind, const char *name) {
    for (int i = 0; i < page->count; i++)
        if (page->statements[i].kind == kind && !strcmp(page->statements[i].name, name))
            return &page->statements[i];
    return NULL;
}

static bool defines(const Page *page, const char *name) {
    for (int i = 0; i < page->count; i++)
        if (page->statements[i].kind == ST_LET && statement_defines(&page->statements[i], name))
            return true;
    return false;
}

static int strange(const Statement *s, const char *does, const char *name, const char *wanted,
                   Error *err) {
    return fail(err, "%s:%d:%d: %s %s %s, which is no %s", s->file, s->line, s->column, s->name,
                does, name, wanted);
}

/* What is trained: a net, a param, or the layers of a value of let, or those of other expressions,
 * which are the page's own. */
static int check_trained(const Page *page, const Statement *s, Error *err) {
    for (int i = 0; i < s->param_count; i++) {
        const char *name = s->params[i];
        if (named(page, ST_NET, name) || named(page, ST_PARAM, name) ||
            named(page, ST_GRAPH, name) || defines(page, name) || !strcmp(name, "page"))
            continue;
        return strange(s, "trains", name, "net, param, graph or let of the page", err);
    }
    return 0;
}

/* The updates that are shared are those of a player that has its own. */
static int check_with(const Page *page, const Statement *s, Error *err) {
    const Statement *leader = named(page, ST_PLAYER, s->with);
    if (!leader || leader == s) return strange(s, "plays with", s->with, "other player", err);
    if (leader->with)
        return strange(s, "plays with", s->with, "player with updates of its own", err);
    return 0;
}

/* A graph that says how the variables of another are recognised: that one says how all are drawn.
 */
static int check_graph(const Page *page, const Statement *s, Error *err) {
    if (!s->param_count) return 0;
    const Statement *of = named(page, ST_GRAPH, s->params[0]);
    if (!of || of->param_count)
        return strange(s, "is of", s->params[0], "graph of variables of its own", err);
    return 0;
}

static const Statement *frozen(const Page *page, const char *net) {
    for (int i = 0; i < page->count; i++)
        if (page->statements[i].kind == ST_FROZEN && !strcmp(page->statements[i].params[0], net))
            return &page->statements[i];
    return NULL;
}

/* A net whose weights lie in another file: a net of the page that nobody trains, said once. */
static int check_frozen(const Page *page, const Statement *s, Error *err) {
    const char *net = s->params[0];
    if (!named(page, ST_NET, net))
        return fail(err, "%s:%d:%d: frozen %s, which is no net of the page", s->file, s->line,
                    s->column, net);
    if (frozen(page, net) != s)
        return fail(err, "%s:%d:%d: %s is frozen in line %d already", s->file, s->line, s->column,
                    net, frozen(page, net)->line);
    for (int i = 0; i < page->count; i++)
        for (int k = 0;
             page->statements[i].kind == ST_PLAYER && k < page->statements[i].param_count; k++)
            if (!strcmp(page->statements[i].params[k], net))
                return fail(err, "%s:%d:%d: player %s trains %s, which is frozen",
                            page->statements[i].file, page->statements[i].line,
                            page->statements[i].column, page->statements[i].name, net);
    return 0;
}

int page_references(const Page *page, Error *err) {
    for (int i = 0; i < page->count; i++) {
        const Statement *s = &page->statements[i];
        if (s->kind == ST_AVERAGE && !named(page, ST_NET, s->params[0]))
            return strange(s, "averages", s->params[0], "net of the page", err);
        if (s->kind == ST_GRAPH && check_graph(page, s, err)) return -1;
        if (s->kind == ST_FROZEN && check_frozen(page, s, err)) return -1;
        if (s->kind == ST_PLAYER && check_trained(page, s, err)) return -1;
        if (s->kind == ST_PLAYER && s->with && check_with(page, s, err)) return -1;
    }
    return 0;
}

void expr_names(const Expr *e, void (*to)(void *, const char *), void *context) {
    if (!e) return;
    if ((e->kind == E_NAME || e->kind == E_CALL) && e->text) to(context, e->text);
    for (int i = 0; e->let && i < e->let->count; i++) expr_names(e->let->list[i].expr, to, context);
    const Expr *const parts[] = {e->a, e->b, e->c};
    for (int i = 0; i < 3; i++) expr_names(parts[i], to, context);
    for (int i = 0; i < e->count; i++) expr_names(e->items[i], to, context);
    for (int i = 0; i < e->more_count; i++) expr_names(e->more[i], to, context);
}

typedef struct {
    const char *name;
    bool found;
} Sought;

static void compare(void *sought, const char *name) {
    Sought *s = sought;
    s->found = s->found || !strcmp(name, s->name);
}

bool expr_mentions(const Expr *e, const char *name) {
    Sought s = {name, false};
    expr_names(e, compare, &s);
    return s.found;
}

bool player_joins(const Statement *s, const Statement *player) {
    return s->kind == ST_PLAYER && (s == player || (s->with && !strcmp(s->with, player->name)));
}
