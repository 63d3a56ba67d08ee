/* parser.h: recursive descent over the tokens of a page, in three parts: what every rule is made of
 * and expressions (parser.c), statements (statements.c), and the page with what it uses (page.c).
 * A token in the first column begins a statement; everything else continues it, so line breaks mean
 * nothing inside a statement. Errors end in a jump, lexer_fail; strings live in the arena. */
#ifndef GAN_PARSER_H
#define GAN_PARSER_H

#include "page/syntax/lexer.h"
#include "page/syntax/page.h"

typedef struct {
    Lexer lexer;
    Token t; /* the token to be looked at */
    Arena *arena;
    int depth;
    bool started; /* the current token begins the statement being parsed */
    bool single;  /* one expression: the first column means nothing */
    bool header;  /* of stages: a blank before '(' ends the expression */
} Parser;

/* Before the first token of a text. */
Parser parser_of(Arena *arena, Trap *trap, const char *file, const char *text);
void parser_advance(Parser *p);
/* At the end of the statement: end of page, or a token in the first column. */
bool parser_at_end(const Parser *p);
/* Whether the current token, of this statement, is this character or word. */
bool parser_is(const Parser *p, int op);
bool parser_is_word(const Parser *p, const char *word);
/* Fails: `what` was expected, and what stands there instead. */
_Noreturn void parser_expected(Parser *p, const char *what);
/* Takes the token if it is this one. */
bool parser_accept(Parser *p, int op);
bool parser_accept_word(Parser *p, const char *word);
/* Takes the token, which must be this one. */
void parser_expect(Parser *p, int op, const char *what);
void parser_expect_word(Parser *p, const char *word, const char *what);
/* Takes a name that is no reserved word. */
const char *parser_name(Parser *p, const char *what);
/* The array, moved where need be, with room for one item of `size` bytes behind its first `count`.
 */
void *parser_room(Parser *p, void *items, int count, size_t size);
void parser_push(Parser *p, Expr ***items, int *count, Expr *e);
/* "[" already taken: expressions up to "]". */
void parser_list(Parser *p, Expr ***items, int *count);
Expr *parser_make(Parser *p, ExprKind kind, Token at);

Expr *parser_expression(Parser *p);
/* Operators alone, but for ranges. */
Expr *parser_logic(Parser *p);
/* expression [ "where" definitions ] */
Expr *parser_defined_expression(Parser *p);

/* One statement; the current token stands in the first column. */
Statement parser_statement(Parser *p);

/* Whether expressions can mean what a statement defines by this name. */
bool statement_defines(const Statement *s, const char *name);
/* Gives every name in an expression that is not one of its own, an argument's or a field's. */
void expr_names(const Expr *e, void (*to)(void *context, const char *name), void *context);

#endif
