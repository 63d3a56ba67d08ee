#include "page/syntax/parser.h"

#include <string.h>

enum { DEPTH_MAX = 200 };

Parser parser_of(Arena *arena, Trap *trap, const char *file, const char *text) {
    Lexer lexer = {.file = file, .at = text, .line = 1, .line_start = text};
    lexer.arena = arena, lexer.trap = trap;
    return (Parser){.lexer = lexer, .arena = arena};
}

void parser_advance(Parser *p) {
    p->t = lexer_next(&p->lexer);
    p->started = false;
}

bool parser_at_end(const Parser *p) {
    return p->t.kind == T_END || (p->t.column == 1 && !p->started && !p->single);
}

bool parser_is(const Parser *p, int op) {
    return !parser_at_end(p) && p->t.kind == T_PUNCT && p->t.op == op;
}

bool parser_is_word(const Parser *p, const char *word) {
    return !parser_at_end(p) && p->t.kind == T_NAME && !strcmp(p->t.text, word);
}

_Noreturn void parser_expected(Parser *p, const char *what) {
    bool end = parser_at_end(p) && p->t.kind != T_END;
    lexer_fail(&p->lexer, p->t.line, p->t.column, "expected %s, found %s", what,
               end ? "the next statement" : token_text(&p->lexer, p->t));
}

bool parser_accept(Parser *p, int op) {
    if (!parser_is(p, op)) return false;
    parser_advance(p);
    return true;
}

bool parser_accept_word(Parser *p, const char *word) {
    if (!parser_is_word(p, word)) return false;
    parser_advance(p);
    return true;
}

void parser_expect(Parser *p, int op, const char *what) {
    if (!parser_accept(p, op)) parser_expected(p, what);
}

void parser_expect_word(Parser *p, const char *word, const char *what) {
    if (!parser_accept_word(p, word)) parser_expected(p, what);
}

static const char *const reserved[] = {"if",    "then", "else",      "for",       "in",
                                       "where", "scan", "minimizes", "maximizes", "and",
                                       "or",    "not",  NULL};

static bool is_reserved(const char *word) {
    for (int i = 0; reserved[i]; i++)
        if (!strcmp(reserved[i], word)) return true;
    return false;
}

const char *parser_name(Parser *p, const char *what) {
    if (parser_at_end(p) || p->t.kind != T_NAME || is_reserved(p->t.text)) parser_expected(p, what);
    const char *text = p->t.text;
    parser_advance(p);
    return text;
}

Expr *parser_make(Parser *p, ExprKind kind, Token at) {
    Expr *e = arena_alloc(p->arena, sizeof *e);
    e->kind = kind;
    e->file = p->lexer.file;
    e->line = at.line;
    e->column = at.column;
    return e;
}

void *parser_room(Parser *p, void *items, int count, size_t size) {
    if (count & (count - 1)) return items; /* capacity is the next power of two */
    void *more = arena_alloc(p->arena, (size_t)(count ? 2 * count : 1) * size);
    if (count) memcpy(more, items, (size_t)count * size);
    return more;
}

void parser_push(Parser *p, Expr ***items, int *count, Expr *e) {
    *items = parser_room(p, *items, *count, sizeof e);
    (*items)[(*count)++] = e;
}

void parser_list(Parser *p, Expr ***items, int *count) {
    while (!parser_accept(p, ']')) {
        if (*count) parser_expect(p, ',', "',' or ']'");
        parser_push(p, items, count, parser_expression(p));
    }
}

static void stages(Parser *p, Expr ***items, int *count);

/* "(" already taken: arguments up to ")" */
static void arguments(Parser *p, Expr *call) {
    while (!parser_accept(p, ')')) {
        if (call->count) parser_expect(p, ',', "',' or ')'");
        const char *keyword = NULL;
        Expr *value = parser_expression(p);
        if (value->kind == E_NAME && parser_accept(p, '=')) {
            keyword = value->text;
            value = parser_expression(p);
        }
        call->names = parser_room(p, call->names, call->count, sizeof keyword);
        if (!keyword && call->count && call->names[call->count - 1])
            lexer_fail(&p->lexer, value->line, value->column,
                       "an argument without a name follows one with a name");
        call->names[call->count] = keyword;
        parser_push(p, &call->items, &call->count, value);
    }
}

/* "[" already taken: a list, or [expr for x in range] */
static Expr *list(Parser *p, Token at) {
    Expr *e = parser_make(p, E_LIST, at);
    while (!parser_accept(p, ']')) {
        if (e->count) parser_expect(p, ',', "',' or ']'");
        Expr *item = parser_expression(p);
        if (e->count == 0 && parser_accept_word(p, "for")) {
            e->kind = E_EACH;
            e->a = item;
            e->text = parser_name(p, "a name after 'for'");
            parser_expect_word(p, "in", "'in'");
            e->b = parser_expression(p);
            parser_expect(p, ']', "']'");
            return e;
        }
        parser_push(p, &e->items, &e->count, item);
    }
    return e;
}

static Expr *scan(Parser *p, Token at) {
    Expr *e = parser_make(p, E_SCAN, at);
    e->text = parser_name(p, "a name after 'scan'");
    parser_expect(p, '=', "'='");
    e->a = parser_expression(p);
    parser_expect_word(p, "for", "'for'");
    e->names = arena_new_array(p->arena, const char *, 1);
    e->names[0] = parser_name(p, "a name after 'for'");
    parser_expect_word(p, "in", "'in'");
    e->b = parser_expression(p);
    parser_expect(p, ':', "':'");
    e->c = parser_expression(p);
    return e;
}

static Expr *primary(Parser *p) {
    Token t = p->t;
    if (parser_at_end(p)) parser_expected(p, "an expression");
    if (t.kind == T_NUMBER || t.kind == T_TEXT) {
        parser_advance(p);
        Expr *e = parser_make(p, t.kind == T_NUMBER ? E_NUMBER : E_TEXT, t);
        e->number = t.number;
        e->text = t.text;
        return e;
    }
    if (parser_accept(p, '(')) {
        Expr *e = parser_expression(p);
        parser_expect(p, ')', "')'");
        return e;
    }
    if (parser_accept(p, '[')) return list(p, t);
    if (parser_accept_word(p, "scan")) return scan(p, t);
    if (t.kind != T_NAME || is_reserved(t.text)) parser_expected(p, "an expression");
    parser_advance(p);
    Expr *e = parser_make(p, E_NAME, t);
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
        if (e->kind == E_NAME && !opens_stages(p, e) && parser_accept(p, '(')) {
            e->kind = E_CALL;
            arguments(p, e);
        } else if ((e->kind == E_CALL || e->kind == E_INDEX) && !p->header &&
                   parser_accept(p, '(')) {
            Expr *call = parser_make(p, E_CALL, t); /* of a net that an expression gives */
            call->a = e;
            arguments(p, call);
            e = call;
        } else if (parser_accept(p, '.')) {
            Expr *field = parser_make(p, E_FIELD, t);
            field->a = e;
            field->text = parser_name(p, "a variable's name after '.'");
            e = field;
        } else if (parser_accept(p, '[')) {
            Expr *index = parser_make(p, E_INDEX, t);
            index->a = e;
            parser_list(p, &index->items, &index->count);
            e = index;
        } else {
            return e;
        }
    }
}

static Expr *binary(Parser *p, Token at, int op, Expr *a, Expr *b) {
    Expr *e = parser_make(p, E_BINARY, at);
    e->op = op;
    e->a = a;
    e->b = b;
    return e;
}

static Expr *unary(Parser *p) {
    Token t = p->t;
    if (++p->depth > DEPTH_MAX) lexer_fail(&p->lexer, t.line, t.column, "nested too deeply");
    Expr *e;
    if (parser_accept(p, '-')) {
        e = parser_make(p, E_UNARY, t);
        e->op = '-';
        e->a = unary(p);
    } else {
        e = postfix(p);
        t = p->t;
        if (parser_accept(p, '^')) e = binary(p, t, '^', e, unary(p));
    }
    p->depth--;
    return e;
}

/* Left-associative operators, loosest first. */
static const char *const levels[] = {"<>lgq!", "+-", "*/@%"};
enum { LEVELS = sizeof levels / sizeof *levels };

static Expr *level(Parser *p, int l) {
    if (l == LEVELS) return unary(p);
    Expr *e = level(p, l + 1);
    while (!parser_at_end(p) && p->t.kind == T_PUNCT && strchr(levels[l], p->t.op)) {
        Token t = p->t;
        parser_advance(p);
        e = binary(p, t, t.op, e, level(p, l + 1));
    }
    return e;
}

static Expr *negation(Parser *p) {
    Token t = p->t;
    if (!parser_accept_word(p, "not")) return level(p, 0);
    if (++p->depth > DEPTH_MAX) lexer_fail(&p->lexer, t.line, t.column, "nested too deeply");
    Expr *e = parser_make(p, E_UNARY, t);
    e->op = 'n';
    e->a = negation(p);
    p->depth--;
    return e;
}

static Expr *conjunction(Parser *p) {
    Expr *e = negation(p);
    for (Token t = p->t; parser_accept_word(p, "and"); t = p->t)
        e = binary(p, t, '&', e, negation(p));
    return e;
}

Expr *parser_logic(Parser *p) {
    Expr *e = conjunction(p);
    for (Token t = p->t; parser_accept_word(p, "or"); t = p->t)
        e = binary(p, t, '|', e, conjunction(p));
    return e;
}

/* a..b, or a..b step c */
static Expr *range(Parser *p) {
    Expr *e = parser_logic(p);
    Token t = p->t;
    if (!parser_accept(p, 'r')) return e;
    e = binary(p, t, 'r', e, parser_logic(p));
    e->kind = E_RANGE;
    if (parser_accept_word(p, "step")) e->c = parser_logic(p);
    return e;
}

/* The range or condition in front of stages. */
static Expr *header(Parser *p) {
    bool outer = p->header;
    p->header = true;
    Expr *e = range(p);
    p->header = outer;
    return e;
}

/* "(" stages ")" */
static void group(Parser *p, const char *open, Expr ***items, int *count) {
    parser_expect(p, '(', open);
    stages(p, items, count);
    parser_expect(p, ')', "')'");
}

static Expr *stage(Parser *p) {
    Token t = p->t;
    if (parser_accept_word(p, "for")) {
        Expr *e = parser_make(p, S_FOR, t);
        e->text = parser_name(p, "a name after 'for'");
        parser_expect_word(p, "in", "'in'");
        e->a = header(p);
        group(p, "'(' around the stages to repeat", &e->items, &e->count);
        return e;
    }
    if (parser_accept_word(p, "if")) {
        Expr *e = parser_make(p, S_IF, t);
        e->a = header(p);
        group(p, "'(' around the stages", &e->items, &e->count);
        if (parser_accept_word(p, "else"))
            group(p, "'(' around the stages", &e->more, &e->more_count);
        return e;
    }
    Expr *e = parser_make(p, E_NAME, t);
    e->text = parser_name(p, "a layer or function after '|'");
    if (parser_accept(p, '(')) {
        e->kind = E_CALL;
        arguments(p, e);
    }
    return e;
}

static void stages(Parser *p, Expr ***items, int *count) {
    if (++p->depth > DEPTH_MAX) lexer_fail(&p->lexer, p->t.line, p->t.column, "nested too deeply");
    do parser_push(p, items, count, stage(p));
    while (parser_accept(p, '|'));
    p->depth--;
}

Expr *parser_expression(Parser *p) {
    Token t = p->t;
    if (++p->depth > DEPTH_MAX) lexer_fail(&p->lexer, t.line, t.column, "nested too deeply");
    Expr *e;
    if (parser_accept_word(p, "if")) {
        e = parser_make(p, E_IF, t);
        e->a = parser_expression(p);
        parser_expect_word(p, "then", "'then'");
        e->b = parser_expression(p);
        parser_expect_word(p, "else", "'else'");
        e->c = parser_expression(p);
    } else {
        e = range(p);
        if (parser_is(p, '|')) {
            Expr *pipe = parser_make(p, E_PIPE, t);
            pipe->a = e;
            parser_advance(p);
            stages(p, &pipe->items, &pipe->count);
            e = pipe;
        }
    }
    p->depth--;
    return e;
}
