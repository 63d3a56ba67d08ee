/* lexer.h: tokens of the page language. */
#ifndef GAN_LEXER_H
#define GAN_LEXER_H

#include "base/base.h"

typedef enum { T_END, T_NUMBER, T_TEXT, T_NAME, T_PUNCT } TokenKind;

typedef struct {
    TokenKind kind;
    int op; /* T_PUNCT: the character; 'l' <=, 'g' >=, '=' assignment, 'q' ==, '!' !=, 'r' .. */
    double number;
    const char *text; /* T_NAME, T_TEXT */
    int line, column;
} Token;

typedef struct {
    const char *file, *at;
    int line;
    const char *line_start;
    Arena *arena;
    Trap *trap;
} Lexer;

/* The next token; comments run from # to the end of the line. */
Token lexer_next(Lexer *l);
_Noreturn void lexer_fail(const Lexer *l, int line, int column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* How a token reads in a message. */
const char *token_text(const Lexer *l, Token t);

#endif
