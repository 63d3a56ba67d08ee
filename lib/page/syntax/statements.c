/* The kinds of statements, and what stands in them beside expressions. */
#include "page/syntax/parser.h"

#include <string.h>

static void add_define(Parser *p, Defines *d, Define def) {
    d->list = parser_room(p, d->list, d->count, sizeof def);
    d->list[d->count++] = def;
}

/* state name[extents] and param name[extents], if another name follows the word. */
static bool declaration(Parser *p, Define *d) {
    d->kind = !strcmp(d->names[0], "state")   ? DEFINE_STATE
              : !strcmp(d->names[0], "param") ? DEFINE_PARAM
                                              : DEFINE_VALUE;
    if (d->kind == DEFINE_VALUE || p->t.kind != T_NAME || parser_at_end(p)) {
        d->kind = DEFINE_VALUE;
        return false;
    }
    d->names[0] = parser_name(p, "a name");
    if (parser_accept(p, '[')) parser_list(p, &d->dims, &d->dim_count);
    return true;
}

/* a = expr, or [a, b] = expr */
static Define define(Parser *p) {
    Define d = {.file = p->lexer.file, .line = p->t.line, .column = p->t.column};
    bool several = parser_accept(p, '[');
    int capacity = 8;
    d.names = arena_new_array(p->arena, const char *, (size_t)capacity);
    do {
        if (d.name_count == capacity) parser_expected(p, "at most 8 names");
        d.names[d.name_count++] = parser_name(p, "a name");
        if (!several && declaration(p, &d)) break;
    } while (several && parser_accept(p, ','));
    if (several) parser_expect(p, ']', "']'");
    parser_expect(p, '=', "'='");
    d.expr = parser_expression(p);
    return d;
}

/* Those of nets and blocks, `own`, may have params and states. */
static void defines(Parser *p, Defines *list, bool own) {
    do {
        Define d = define(p);
        if (d.kind != DEFINE_VALUE && !own)
            lexer_fail(&p->lexer, d.line, d.column,
                       "a param or state here is one of a net or block; those of the page are "
                       "statements");
        add_define(p, list, d);
    } while (parser_accept(p, ','));
}

Expr *parser_defined_expression(Parser *p) {
    Token t = p->t;
    Expr *e = parser_expression(p);
    if (!parser_accept_word(p, "where")) return e;
    Expr *all = parser_make(p, E_WHERE, t);
    all->a = e;
    all->let = arena_new_array(p->arena, Defines, 1);
    defines(p, all->let, false);
    return all;
}

/* After 'then': name = expr, or a call such as clip(D, 0.01). */
static void actions(Parser *p, Defines *list) {
    do {
        Define d = {.file = p->lexer.file, .line = p->t.line, .column = p->t.column};
        Expr *e = parser_expression(p);
        if (e->kind == E_NAME && parser_accept(p, '=')) {
            d.names = arena_new_array(p->arena, const char *, 1);
            d.names[0] = e->text;
            d.name_count = 1;
            e = parser_expression(p);
        } else if (e->kind != E_CALL || e->a) {
            lexer_fail(&p->lexer, d.line, d.column, "expected an action: name = value, or a call");
        }
        d.expr = e;
        if (parser_accept_word(p, "every")) d.every = parser_logic(p);
        add_define(p, list, d);
    } while (parser_accept(p, ','));
}

/* After 'regularizes': terms that are computed in some steps only. */
static void terms(Parser *p, Defines *list) {
    do {
        Define d = {.file = p->lexer.file, .line = p->t.line, .column = p->t.column};
        d.expr = parser_expression(p);
        parser_expect_word(p, "every", "'every' and a number of steps");
        d.every = parser_logic(p);
        add_define(p, list, d);
    } while (parser_accept(p, ','));
}

/* After 'log': what is logged, in some steps only if it says so. */
static void logs(Parser *p, Defines *list) {
    do {
        Define d = define(p);
        if (d.kind != DEFINE_VALUE || d.name_count != 1)
            lexer_fail(&p->lexer, d.line, d.column, "expected name = number, or a list of numbers");
        if (parser_accept_word(p, "every")) d.every = parser_logic(p);
        add_define(p, list, d);
    } while (parser_accept(p, ','));
}

/* names with optional defaults, up to ")" */
static void parameters(Parser *p, Statement *s) {
    enum { MAX = 16 };
    s->params = arena_new_array(p->arena, const char *, MAX);
    s->defaults = arena_new_array(p->arena, Expr *, MAX);
    while (!parser_accept(p, ')')) {
        if (s->param_count) parser_expect(p, ',', "',' or ')'");
        if (s->param_count == MAX) parser_expected(p, "at most 16 parameters");
        s->params[s->param_count] = parser_name(p, "a parameter's name");
        if (parser_accept(p, '=')) s->defaults[s->param_count] = parser_expression(p);
        s->param_count++;
    }
}

static void st_option(Parser *p, Statement *s) {
    s->name = parser_name(p, "the option's name");
    parser_expect(p, '=', "'='");
    s->expr = parser_expression(p);
    if (parser_accept_word(p, "in")) {
        s->choices = parser_expression(p);
        return;
    }
    s->above = parser_accept_word(p, "above");
    if (s->above || parser_accept_word(p, "from")) s->low = parser_expression(p);
    if (s->low && parser_accept_word(p, "to")) s->high = parser_expression(p);
    if (s->low && !s->above && parser_accept_word(p, "by")) s->by = parser_expression(p);
}

static void st_data(Parser *p, Statement *s) {
    s->name = parser_name(p, "the data's name");
    parser_expect(p, ':', "':' and the tensor's name in the stream");
    s->params = arena_new_array(p->arena, const char *, 1);
    s->params[0] = parser_name(p, "the tensor's name in the stream");
    parser_expect(p, '[', "'[' and the shape of one sample");
    parser_list(p, &s->dims, &s->dim_count);
    s->whole = parser_accept_word(p, "whole");
    if (parser_accept_word(p, "of"))
        s->low = parser_expression(p);
    else if (parser_accept_word(p, "in")) {
        parser_expect(p, '[', "'[' and a range");
        s->low = parser_expression(p);
        parser_expect(p, ',', "','");
        s->high = parser_expression(p);
        parser_expect(p, ']', "']'");
    }
}

static void st_noise(Parser *p, Statement *s) {
    s->name = parser_name(p, "the noise's name");
    parser_expect(p, ':', "':' and a distribution");
    s->expr = parser_expression(p);
}

static void st_param(Parser *p, Statement *s) {
    s->name = parser_name(p, "the parameter's name");
    if (parser_accept(p, '[')) parser_list(p, &s->dims, &s->dim_count);
    parser_expect(p, '=', "'=' and its initial value or distribution");
    s->expr = parser_expression(p);
}

static void st_init(Parser *p, Statement *s) {
    s->name = "weight";
    if (p->t.kind == T_NAME && !parser_at_end(p)) {
        const char *w = p->t.text;
        if (!strcmp(w, "weight") || !strcmp(w, "bias") || !strcmp(w, "gain") ||
            !strcmp(w, "shift")) {
            s->name = w;
            parser_advance(p);
            parser_expect(p, '=', "'='");
        }
    }
    s->expr = parser_expression(p);
}

static void st_net(Parser *p, Statement *s) {
    s->name = parser_name(p, "a name");
    parser_expect(p, '(', "'('");
    parameters(p, s);
    parser_expect(p, '=', "'='");
    s->expr = parser_expression(p);
    if (parser_accept_word(p, "where")) defines(p, &s->let, true);
    if (!parser_accept_word(p, "then")) return;
    actions(p, &s->then);
    for (int i = 0; i < s->then.count; i++) {
        const Define *d = &s->then.list[i];
        if (!d->name_count || d->every)
            lexer_fail(&p->lexer, d->line, d->column,
                       "expected name = value alone, the name being a state of the %s's",
                       s->kind == ST_NET ? "net" : "block");
    }
}

static void st_let(Parser *p, Statement *s) {
    defines(p, &s->let, false);
    s->name = s->let.list[0].names[0];
}

static void st_average(Parser *p, Statement *s) {
    s->name = parser_name(p, "the average's name");
    parser_expect_word(p, "of", "'of' and the net that is averaged");
    s->params = arena_new_array(p->arena, const char *, 1);
    s->params[0] = parser_name(p, "the net's name");
    parser_expect(p, ':', "':' and the decay");
    s->expr = parser_expression(p);
}

static void player_clauses(Parser *p, Statement *s) {
    for (;;) {
        if (parser_accept_word(p, "where"))
            defines(p, &s->let, false);
        else if (parser_accept_word(p, "then"))
            actions(p, &s->then);
        else if (parser_accept_word(p, "regularizes"))
            terms(p, &s->lazy);
        else if (parser_accept_word(p, "log"))
            logs(p, &s->log);
        else
            return;
    }
}

static void st_player(Parser *p, Statement *s) {
    enum { MAX = 16 };
    s->name = parser_name(p, "the player's name");
    s->params = arena_new_array(p->arena, const char *, MAX);
    s->params[s->param_count++] = s->name;
    if (parser_accept_word(p, "of")) {
        s->param_count = 0;
        do {
            if (s->param_count == MAX) parser_expected(p, "at most 16 names");
            s->params[s->param_count++] = parser_name(p, "a net or parameter");
        } while (parser_accept(p, ','));
    }
    if (parser_accept_word(p, "with"))
        s->with = parser_name(p, "the player whose updates it shares");
    while (!s->with) {
        Expr **clause = parser_accept_word(p, "repeat")  ? &s->repeat
                        : parser_accept_word(p, "every") ? &s->every
                        : parser_accept_word(p, "when")  ? &s->when
                                                         : NULL;
        if (!clause) break;
        *clause = parser_logic(p);
    }
    parser_expect(p, ':', "':' and an optimizer");
    s->optimizer = parser_expression(p);
    if (parser_accept_word(p, "maximizes"))
        s->maximizes = true;
    else
        parser_expect_word(p, "minimizes", "'minimizes' or 'maximizes'");
    s->expr = parser_expression(p);
    player_clauses(p, s);
}

static void st_sample(Parser *p, Statement *s) {
    s->name = "sample";
    s->expr = parser_defined_expression(p);
}

static void st_stop(Parser *p, Statement *s) {
    s->name = "stop";
    parser_expect_word(p, "when", "'when' and a condition");
    s->expr = parser_expression(p);
}

static void st_frozen(Parser *p, Statement *s) {
    s->name = "frozen";
    s->params = arena_new_array(p->arena, const char *, 1);
    s->params[0] = parser_name(p, "the net's name");
    parser_expect_word(p, "from", "'from' and the file that holds its weights");
    s->expr = parser_expression(p);
    if (s->expr->kind != E_TEXT && s->expr->kind != E_NAME)
        lexer_fail(&p->lexer, s->expr->line, s->expr->column,
                   "expected a file's name in quotes, or an option that is one");
}

/* name, name[expr], or name[loop] for loop in range, then the rule */
static GraphRule rule(Parser *p) {
    GraphRule r = {.file = p->lexer.file, .line = p->t.line, .column = p->t.column};
    r.name = parser_name(p, "a variable's name");
    if (parser_accept(p, '[')) {
        r.index = parser_expression(p);
        parser_expect(p, ']', "']'");
    }
    Expr *index = r.index;
    if (index && parser_accept_word(p, "for")) {
        r.loop = parser_name(p, "a name after 'for'");
        if (index->kind != E_NAME || strcmp(index->text, r.loop))
            lexer_fail(&p->lexer, index->line, index->column, "expected %s[%s] for %s in ..",
                       r.name, r.loop, r.loop);
        r.index = NULL;
        parser_expect_word(p, "in", "'in'");
        r.range = parser_expression(p);
        r.together = parser_accept_word(p, "together");
    }
    parser_expect(p, ':', "':' and how the variable is drawn");
    r.expr = parser_expression(p);
    return r;
}

static void st_graph(Parser *p, Statement *s) {
    s->name = parser_name(p, "the graph's name");
    if (parser_accept_word(p, "of")) {
        s->params = arena_new_array(p->arena, const char *, 1);
        s->params[s->param_count++] = parser_name(p, "the graph whose variables these are");
        if (parser_accept_word(p, "by")) s->expr = parser_expression(p);
    }
    parser_expect(p, '=', "'=' and the variables");
    do {
        GraphRule r = rule(p);
        s->rules = parser_room(p, s->rules, s->rule_count, sizeof r);
        s->rules[s->rule_count++] = r;
    } while (parser_accept(p, ','));
}

static const struct {
    const char *word;
    StatementKind kind;
    void (*parse)(Parser *, Statement *);
} statements[] = {
    {"option", ST_OPTION, st_option},
    {"data", ST_DATA, st_data},
    {"noise", ST_NOISE, st_noise},
    {"param", ST_PARAM, st_param},
    {"state", ST_STATE, st_param},
    {"init", ST_INIT, st_init},
    {"net", ST_NET, st_net},
    {"block", ST_BLOCK, st_net},
    {"let", ST_LET, st_let},
    {"player", ST_PLAYER, st_player},
    {"average", ST_AVERAGE, st_average},
    {"sample", ST_SAMPLE, st_sample},
    {"stop", ST_STOP, st_stop},
    {"frozen", ST_FROZEN, st_frozen},
    {"graph", ST_GRAPH, st_graph},
};
enum { STATEMENTS = sizeof statements / sizeof *statements };

Statement parser_statement(Parser *p) {
    Statement s = {.file = p->lexer.file, .line = p->t.line, .column = p->t.column};
    if (p->t.column != 1)
        lexer_fail(&p->lexer, s.line, s.column, "a statement must begin in the first column");
    p->started = true;
    for (int i = 0; i < STATEMENTS; i++) {
        if (!parser_is_word(p, statements[i].word)) continue;
        s.kind = statements[i].kind;
        parser_advance(p);
        statements[i].parse(p, &s);
        if (!parser_at_end(p)) parser_expected(p, "the end of the statement");
        return s;
    }
    parser_expected(p, "option, data, noise, param, state, init, net, block, let, player, average, "
                       "sample, stop, frozen, graph or use");
}
