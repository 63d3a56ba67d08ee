/* Recursive descent over the tokens. A token in the first column begins a statement; everything
 * else continues it, so line breaks mean nothing inside a statement. */
#include "page/syntax/lexer.h"
#include "page/syntax/page.h"

#include <string.h>

enum { DEPTH_MAX = 200, PLAYERS_MAX = 100 };

typedef struct {
    Lexer lexer;
    Token t; /* the token to be looked at */
    Arena *arena;
    int depth;
    bool started; /* the current token begins the statement being parsed */
    bool single;  /* one expression: the first column means nothing */
    bool header;  /* of stages: a blank before '(' ends the expression */
} Parser;

static void advance(Parser *p) {
    p->t = lexer_next(&p->lexer);
    p->started = false;
}

/* At the end of the statement: end of page, or a token in the first column. */
static bool at_end(const Parser *p) {
    return p->t.kind == T_END || (p->t.column == 1 && !p->started && !p->single);
}

static bool is_punct(const Parser *p, int op) {
    return !at_end(p) && p->t.kind == T_PUNCT && p->t.op == op;
}

static bool is_word(const Parser *p, const char *word) {
    return !at_end(p) && p->t.kind == T_NAME && !strcmp(p->t.text, word);
}

static _Noreturn void expected(Parser *p, const char *what) {
    bool end = at_end(p) && p->t.kind != T_END;
    lexer_fail(&p->lexer, p->t.line, p->t.column, "expected %s, found %s", what,
               end ? "the next statement" : token_text(&p->lexer, p->t));
}

static bool accept(Parser *p, int op) {
    if (!is_punct(p, op)) return false;
    advance(p);
    return true;
}

static bool accept_word(Parser *p, const char *word) {
    if (!is_word(p, word)) return false;
    advance(p);
    return true;
}

static void expect(Parser *p, int op, const char *what) {
    if (!accept(p, op)) expected(p, what);
}

static void expect_word(Parser *p, const char *word, const char *what) {
    if (!accept_word(p, word)) expected(p, what);
}

static const char *const reserved[] = {"if",    "then", "else",      "for",       "in",
                                       "where", "scan", "minimizes", "maximizes", NULL};

static bool is_reserved(const char *word) {
    for (int i = 0; reserved[i]; i++)
        if (!strcmp(reserved[i], word)) return true;
    return false;
}

static const char *name(Parser *p, const char *what) {
    if (at_end(p) || p->t.kind != T_NAME || is_reserved(p->t.text)) expected(p, what);
    const char *text = p->t.text;
    advance(p);
    return text;
}

static Expr *make(Parser *p, ExprKind kind, Token at) {
    Expr *e = arena_alloc(p->arena, sizeof *e);
    e->kind = kind;
    e->file = p->lexer.file;
    e->line = at.line;
    e->column = at.column;
    return e;
}

static void push(Parser *p, Expr ***items, int *count, Expr *e) {
    /* capacity is the next power of two */
    if ((*count & (*count - 1)) == 0) {
        Expr **more = arena_new_array(p->arena, Expr *, (size_t)(*count ? 2 * *count : 1));
        if (*count) memcpy(more, *items, (size_t)*count * sizeof *more);
        *items = more;
    }
    (*items)[(*count)++] = e;
}

static Expr *expression(Parser *p);
static void stages(Parser *p, Expr ***items, int *count);

/* "(" already taken: arguments up to ")" */
static void arguments(Parser *p, Expr *call) {
    int capacity = 0;
    while (!accept(p, ')')) {
        if (call->count) expect(p, ',', "',' or ')'");
        const char *keyword = NULL;
        Expr *value = expression(p);
        if (value->kind == E_NAME && accept(p, '=')) {
            keyword = value->text;
            value = expression(p);
        }
        if (call->count == capacity) {
            capacity = capacity ? 2 * capacity : 4;
            const char **names = arena_new_array(p->arena, const char *, (size_t)capacity);
            if (call->count) memcpy(names, call->names, (size_t)call->count * sizeof *names);
            call->names = names;
        }
        if (!keyword && call->count && call->names[call->count - 1])
            lexer_fail(&p->lexer, value->line, value->column,
                       "an argument without a name follows one with a name");
        call->names[call->count] = keyword;
        push(p, &call->items, &call->count, value);
    }
}

/* "[" already taken: a list, or [expr for x in range] */
static Expr *list(Parser *p, Token at) {
    Expr *e = make(p, E_LIST, at);
    while (!accept(p, ']')) {
        if (e->count) expect(p, ',', "',' or ']'");
        Expr *item = expression(p);
        if (e->count == 0 && accept_word(p, "for")) {
            e->kind = E_EACH;
            e->a = item;
            e->text = name(p, "a name after 'for'");
            expect_word(p, "in", "'in'");
            e->b = expression(p);
            expect(p, ']', "']'");
            return e;
        }
        push(p, &e->items, &e->count, item);
    }
    return e;
}

static Expr *scan(Parser *p, Token at) {
    Expr *e = make(p, E_SCAN, at);
    e->text = name(p, "a name after 'scan'");
    expect(p, '=', "'='");
    e->a = expression(p);
    expect_word(p, "for", "'for'");
    e->names = arena_new_array(p->arena, const char *, 1);
    e->names[0] = name(p, "a name after 'for'");
    expect_word(p, "in", "'in'");
    e->b = expression(p);
    expect(p, ':', "':'");
    e->c = expression(p);
    return e;
}

static Expr *primary(Parser *p) {
    Token t = p->t;
    if (at_end(p)) expected(p, "an expression");
    if (t.kind == T_NUMBER || t.kind == T_TEXT) {
        advance(p);
        Expr *e = make(p, t.kind == T_NUMBER ? E_NUMBER : E_TEXT, t);
        e->number = t.number;
        e->text = t.text;
        return e;
    }
    if (accept(p, '(')) {
        Expr *e = expression(p);
        expect(p, ')', "')'");
        return e;
    }
    if (accept(p, '[')) return list(p, t);
    if (accept_word(p, "scan")) return scan(p, t);
    if (t.kind != T_NAME || is_reserved(t.text)) expected(p, "an expression");
    advance(p);
    Expr *e = make(p, E_NAME, t);
    e->text = t.text;
    return e;
}

/* `1..n (conv(..))`: the stages to repeat, not a call of n */
static bool opens_stages(const Parser *p, const Expr *name) {
    int end = name->column + (int)strlen(name->text);
    return p->header && (p->t.line != name->line || p->t.column != end);
}

static Expr *postfix(Parser *p) {
    Expr *e = primary(p);
    for (;;) {
        Token t = p->t;
        if (e->kind == E_NAME && !opens_stages(p, e) && accept(p, '(')) {
            e->kind = E_CALL;
            arguments(p, e);
        } else if ((e->kind == E_CALL || e->kind == E_INDEX) && !p->header && accept(p, '(')) {
            Expr *call = make(p, E_CALL, t); /* of a net that an expression gives */
            call->a = e;
            arguments(p, call);
            e = call;
        } else if (accept(p, '[')) {
            Expr *index = make(p, E_INDEX, t);
            index->a = e;
            while (!accept(p, ']')) {
                if (index->count) expect(p, ',', "',' or ']'");
                push(p, &index->items, &index->count, expression(p));
            }
            e = index;
        } else {
            return e;
        }
    }
}

static Expr *binary(Parser *p, Token at, int op, Expr *a, Expr *b) {
    Expr *e = make(p, E_BINARY, at);
    e->op = op;
    e->a = a;
    e->b = b;
    return e;
}

static Expr *unary(Parser *p) {
    Token t = p->t;
    if (++p->depth > DEPTH_MAX) lexer_fail(&p->lexer, t.line, t.column, "nested too deeply");
    Expr *e;
    if (accept(p, '-')) {
        e = make(p, E_UNARY, t);
        e->op = '-';
        e->a = unary(p);
    } else {
        e = postfix(p);
        t = p->t;
        if (accept(p, '^')) e = binary(p, t, '^', e, unary(p));
    }
    p->depth--;
    return e;
}

/* Left-associative operators, loosest first. */
static const char *const levels[] = {"r", "<>lgq!", "+-", "*/@%"};
enum { LEVELS = sizeof levels / sizeof *levels };

static Expr *level(Parser *p, int l) {
    if (l == LEVELS) return unary(p);
    Expr *e = level(p, l + 1);
    while (!at_end(p) && p->t.kind == T_PUNCT && strchr(levels[l], p->t.op)) {
        Token t = p->t;
        advance(p);
        Expr *b = level(p, l + 1);
        e = binary(p, t, t.op, e, b);
        if (t.op == 'r') e->kind = E_RANGE;
    }
    return e;
}

/* The range or condition in front of stages. */
static Expr *header(Parser *p) {
    bool outer = p->header;
    p->header = true;
    Expr *e = level(p, 0);
    p->header = outer;
    return e;
}

static Expr *stage(Parser *p) {
    Token t = p->t;
    if (accept_word(p, "for")) {
        Expr *e = make(p, S_FOR, t);
        e->text = name(p, "a name after 'for'");
        expect_word(p, "in", "'in'");
        e->a = header(p);
        expect(p, '(', "'(' around the stages to repeat");
        stages(p, &e->items, &e->count);
        expect(p, ')', "')'");
        return e;
    }
    if (accept_word(p, "if")) {
        Expr *e = make(p, S_IF, t);
        e->a = header(p);
        expect(p, '(', "'(' around the stages");
        stages(p, &e->items, &e->count);
        expect(p, ')', "')'");
        if (accept_word(p, "else")) {
            expect(p, '(', "'(' around the stages");
            stages(p, &e->more, &e->more_count);
            expect(p, ')', "')'");
        }
        return e;
    }
    Expr *e = make(p, E_NAME, t);
    e->text = name(p, "a layer or function after '|'");
    if (accept(p, '(')) {
        e->kind = E_CALL;
        arguments(p, e);
    }
    return e;
}

static void stages(Parser *p, Expr ***items, int *count) {
    if (++p->depth > DEPTH_MAX) lexer_fail(&p->lexer, p->t.line, p->t.column, "nested too deeply");
    do push(p, items, count, stage(p));
    while (accept(p, '|'));
    p->depth--;
}

static Expr *expression(Parser *p) {
    Token t = p->t;
    if (++p->depth > DEPTH_MAX) lexer_fail(&p->lexer, t.line, t.column, "nested too deeply");
    Expr *e;
    if (accept_word(p, "if")) {
        e = make(p, E_IF, t);
        e->a = expression(p);
        expect_word(p, "then", "'then'");
        e->b = expression(p);
        expect_word(p, "else", "'else'");
        e->c = expression(p);
    } else {
        e = level(p, 0);
        if (is_punct(p, '|')) {
            Expr *pipe = make(p, E_PIPE, t);
            pipe->a = e;
            advance(p);
            stages(p, &pipe->items, &pipe->count);
            e = pipe;
        }
    }
    p->depth--;
    return e;
}

/* ---- statements ---- */

static void add_define(Parser *p, Defines *d, Define def) {
    if ((d->count & (d->count - 1)) == 0) {
        Define *more = arena_new_array(p->arena, Define, (size_t)(d->count ? 2 * d->count : 1));
        if (d->count) memcpy(more, d->list, (size_t)d->count * sizeof *more);
        d->list = more;
    }
    d->list[d->count++] = def;
}

/* a = expr, or a b = expr with names apart by blanks is not allowed: several names stand in [ ]. */
static Define define(Parser *p) {
    Define d = {.line = p->t.line, .column = p->t.column};
    bool several = accept(p, '[');
    int capacity = 8;
    d.names = arena_new_array(p->arena, const char *, (size_t)capacity);
    do {
        if (d.name_count == capacity) expected(p, "at most 8 names");
        d.names[d.name_count++] = name(p, "a name");
    } while (several && accept(p, ','));
    if (several) expect(p, ']', "']'");
    expect(p, '=', "'='");
    d.expr = expression(p);
    return d;
}

static void defines(Parser *p, Defines *list) {
    do add_define(p, list, define(p));
    while (accept(p, ','));
}

/* expression [ "where" definitions ] */
static Expr *defined_expression(Parser *p) {
    Token t = p->t;
    Expr *e = expression(p);
    if (!accept_word(p, "where")) return e;
    Expr *all = make(p, E_WHERE, t);
    all->a = e;
    all->let = arena_new_array(p->arena, Defines, 1);
    defines(p, all->let);
    return all;
}

/* After 'then': name = expr, or a call such as clip(D, 0.01). */
static void actions(Parser *p, Defines *list) {
    do {
        Define d = {.line = p->t.line, .column = p->t.column};
        Expr *e = expression(p);
        if (e->kind == E_NAME && accept(p, '=')) {
            d.names = arena_new_array(p->arena, const char *, 1);
            d.names[0] = e->text;
            d.name_count = 1;
            e = expression(p);
        } else if (e->kind != E_CALL || e->a) {
            lexer_fail(&p->lexer, d.line, d.column, "expected an action: name = value, or a call");
        }
        d.expr = e;
        add_define(p, list, d);
    } while (accept(p, ','));
}

static void dims(Parser *p, Statement *s) {
    while (!accept(p, ']')) {
        if (s->dim_count) expect(p, ',', "',' or ']'");
        push(p, &s->dims, &s->dim_count, expression(p));
    }
}

/* names with optional defaults, up to ")" */
static void parameters(Parser *p, Statement *s) {
    enum { MAX = 16 };
    s->params = arena_new_array(p->arena, const char *, MAX);
    s->defaults = arena_new_array(p->arena, Expr *, MAX);
    while (!accept(p, ')')) {
        if (s->param_count) expect(p, ',', "',' or ')'");
        if (s->param_count == MAX) expected(p, "at most 16 parameters");
        s->params[s->param_count] = name(p, "a parameter's name");
        if (accept(p, '=')) s->defaults[s->param_count] = expression(p);
        s->param_count++;
    }
}

static void st_option(Parser *p, Statement *s) {
    s->name = name(p, "the option's name");
    expect(p, '=', "'='");
    s->expr = expression(p);
    if (accept_word(p, "in")) s->low = expression(p);
}

static void st_data(Parser *p, Statement *s) {
    s->name = name(p, "the data's name");
    expect(p, ':', "':' and the tensor's name in the stream");
    s->params = arena_new_array(p->arena, const char *, 1);
    s->params[0] = name(p, "the tensor's name in the stream");
    expect(p, '[', "'[' and the shape of one sample");
    dims(p, s);
    if (accept_word(p, "in")) {
        expect(p, '[', "'[' and a range");
        s->low = expression(p);
        expect(p, ',', "','");
        s->high = expression(p);
        expect(p, ']', "']'");
    }
}

static void st_noise(Parser *p, Statement *s) {
    s->name = name(p, "the noise's name");
    expect(p, ':', "':' and a distribution");
    s->expr = expression(p);
}

static void st_param(Parser *p, Statement *s) {
    s->name = name(p, "the parameter's name");
    if (accept(p, '[')) dims(p, s);
    expect(p, '=', "'=' and its initial value or distribution");
    s->expr = expression(p);
}

static void st_init(Parser *p, Statement *s) {
    s->name = "weight";
    if (p->t.kind == T_NAME && !at_end(p)) {
        const char *w = p->t.text;
        if (!strcmp(w, "weight") || !strcmp(w, "bias") || !strcmp(w, "gain") ||
            !strcmp(w, "shift")) {
            s->name = w;
            advance(p);
            expect(p, '=', "'='");
        }
    }
    s->expr = expression(p);
}

static void st_net(Parser *p, Statement *s) {
    s->name = name(p, "a name");
    expect(p, '(', "'('");
    parameters(p, s);
    expect(p, '=', "'='");
    s->expr = expression(p);
    if (accept_word(p, "where")) defines(p, &s->let);
}

static void st_let(Parser *p, Statement *s) {
    defines(p, &s->let);
    s->name = s->let.list[0].names[0];
}

static void st_average(Parser *p, Statement *s) {
    s->name = name(p, "the average's name");
    expect_word(p, "of", "'of' and the net that is averaged");
    s->params = arena_new_array(p->arena, const char *, 1);
    s->params[0] = name(p, "the net's name");
    expect(p, ':', "':' and the decay");
    s->expr = expression(p);
}

static void player_clauses(Parser *p, Statement *s) {
    for (;;) {
        if (accept_word(p, "where"))
            defines(p, &s->let);
        else if (accept_word(p, "then"))
            actions(p, &s->then);
        else if (accept_word(p, "log"))
            defines(p, &s->log);
        else
            return;
    }
}

static void st_player(Parser *p, Statement *s) {
    enum { MAX = 16 };
    s->name = name(p, "the player's name");
    s->params = arena_new_array(p->arena, const char *, MAX);
    s->params[s->param_count++] = s->name;
    if (accept_word(p, "of")) {
        s->param_count = 0;
        do {
            if (s->param_count == MAX) expected(p, "at most 16 names");
            s->params[s->param_count++] = name(p, "a net or parameter");
        } while (accept(p, ','));
    }
    for (;;) {
        if (accept_word(p, "repeat"))
            s->repeat = level(p, 1);
        else if (accept_word(p, "every"))
            s->every = level(p, 1);
        else if (accept_word(p, "when"))
            s->when = level(p, 1);
        else
            break;
    }
    expect(p, ':', "':' and an optimizer");
    s->optimizer = expression(p);
    if (accept_word(p, "maximizes"))
        s->maximizes = true;
    else
        expect_word(p, "minimizes", "'minimizes' or 'maximizes'");
    s->expr = expression(p);
    player_clauses(p, s);
}

static void st_sample(Parser *p, Statement *s) {
    s->name = "sample";
    s->expr = defined_expression(p);
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
};
enum { STATEMENTS = sizeof statements / sizeof *statements };

static Statement statement(Parser *p) {
    Statement s = {.line = p->t.line, .column = p->t.column};
    if (p->t.column != 1)
        lexer_fail(&p->lexer, s.line, s.column, "a statement must begin in the first column");
    p->started = true;
    for (int i = 0; i < STATEMENTS; i++) {
        if (!is_word(p, statements[i].word)) continue;
        s.kind = statements[i].kind;
        advance(p);
        statements[i].parse(p, &s);
        if (!at_end(p)) expected(p, "the end of the statement");
        return s;
    }
    expected(p, "option, data, noise, param, state, init, net, block, let, player, average or "
                "sample");
}

int page_parse(Arena *arena, const char *file, const char *text, Page *page, Error *err) {
    Trap trap = {.err = err};
    Parser p = {.arena = arena,
                .lexer = {.file = file, .at = text, .line = 1, .line_start = text, .arena = arena}};
    if (setjmp(trap.env)) return -1;
    p.lexer.trap = &trap;
    *page = (Page){.file = file, .text = text, .arena = arena};
    advance(&p);
    int capacity = 0, players = 0;
    while (p.t.kind != T_END) {
        if (page->count == capacity) {
            capacity = capacity ? 2 * capacity : 32;
            Statement *more = arena_new_array(arena, Statement, (size_t)capacity);
            if (page->count) memcpy(more, page->statements, (size_t)page->count * sizeof *more);
            page->statements = more;
        }
        const Statement *s = &page->statements[page->count];
        page->statements[page->count++] = statement(&p);
        players += s->kind == ST_PLAYER;
        if (players > PLAYERS_MAX)
            lexer_fail(&p.lexer, s->line, s->column, "more than %d players", PLAYERS_MAX);
    }
    return page_unique(page, err);
}

int page_parse_expr(Arena *arena, const char *file, const char *text, Expr **expr, Error *err) {
    Trap trap = {.err = err};
    Parser p = {.arena = arena,
                .single = true,
                .lexer = {.file = file, .at = text, .line = 1, .line_start = text, .arena = arena}};
    if (setjmp(trap.env)) return -1;
    p.lexer.trap = &trap;
    advance(&p);
    *expr = defined_expression(&p);
    if (p.t.kind != T_END) expected(&p, "the end of the expression");
    return 0;
}
