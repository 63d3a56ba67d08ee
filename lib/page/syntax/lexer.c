#include "page/syntax/lexer.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lexer_fail(const Lexer *l, int line, int column, const char *format, ...) {
    char text[700];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    trap_fail(l->trap, "%s:%d:%d: %s", l->file, line, column, text);
}

static void skip_blank(Lexer *l) {
    for (;; l->at++) {
        if (*l->at == '#')
            while (*l->at && *l->at != '\n') l->at++;
        if (*l->at == '\n') {
            l->line++;
            l->line_start = l->at + 1;
        } else if (*l->at != ' ' && *l->at != '\t' && *l->at != '\r') {
            return;
        }
    }
}

static Token number(Lexer *l, Token t) {
    static const char digits[] = "0123456789";
    const char *p = l->at + strspn(l->at, digits);
    if (*p == '.' && p[1] != '.') p += 1 + strspn(p + 1, digits);
    if (*p == 'e' || *p == 'E') {
        const char *q = p + 1 + (p[1] == '-' || p[1] == '+');
        if (strspn(q, digits)) p = q + strspn(q, digits);
    }
    if (p - l->at > 60) lexer_fail(l, t.line, t.column, "number too long");
    char buf[64];
    snprintf(buf, sizeof buf, "%.*s", (int)(p - l->at), l->at);
    t.kind = T_NUMBER;
    t.number = strtod(buf, NULL);
    if (!isfinite(t.number)) lexer_fail(l, t.line, t.column, "number out of range");
    if (isalpha((unsigned char)*p) || *p == '_')
        lexer_fail(l, t.line, t.column, "a number is followed by '%c'", *p);
    l->at = p;
    return t;
}

static Token quoted(Lexer *l, Token t) {
    const char *start = ++l->at;
    while (*l->at && *l->at != '"' && *l->at != '\n') l->at++;
    if (*l->at != '"') lexer_fail(l, t.line, t.column, "a string has no closing quote");
    t.kind = T_TEXT;
    t.text = arena_strndup(l->arena, start, (size_t)(l->at - start));
    l->at++;
    return t;
}

/* Operators of two characters. */
static const struct {
    const char *text;
    int op;
} two[] = {{"<=", 'l'}, {">=", 'g'}, {"==", 'q'}, {"!=", '!'}, {"..", 'r'}};
enum { TWO = sizeof two / sizeof *two };

Token lexer_next(Lexer *l) {
    skip_blank(l);
    Token t = {.kind = T_END, .line = l->line, .column = (int)(l->at - l->line_start) + 1};
    unsigned char c = (unsigned char)*l->at;
    if (!c) return t;
    if (isdigit(c) || (c == '.' && isdigit((unsigned char)l->at[1]))) return number(l, t);
    if (c == '"') return quoted(l, t);
    if (isalpha(c) || c == '_') {
        const char *start = l->at;
        while (isalnum((unsigned char)*l->at) || *l->at == '_') l->at++;
        t.kind = T_NAME;
        t.text = arena_strndup(l->arena, start, (size_t)(l->at - start));
        return t;
    }
    t.kind = T_PUNCT;
    for (int i = 0; i < TWO; i++)
        if (!strncmp(l->at, two[i].text, 2)) {
            t.op = two[i].op;
            l->at += 2;
            return t;
        }
    bool field = c == '.' && isalpha((unsigned char)l->at[1]);
    if (!field && !strchr("+-*/@%^<>=()[],:|", c)) {
        if (isprint(c)) lexer_fail(l, t.line, t.column, "unexpected character '%c'", c);
        lexer_fail(l, t.line, t.column, "unexpected byte 0x%02x", c);
    }
    t.op = c;
    l->at++;
    return t;
}

const char *token_text(const Lexer *l, Token t) {
    switch (t.kind) {
    case T_END: return "the end";
    case T_NUMBER: return arena_printf(l->arena, "%g", t.number);
    case T_TEXT: return arena_printf(l->arena, "\"%s\"", t.text);
    case T_NAME: return arena_printf(l->arena, "'%s'", t.text);
    case T_PUNCT: break;
    }
    for (int i = 0; i < TWO; i++)
        if (t.op == two[i].op) return arena_printf(l->arena, "'%s'", two[i].text);
    return arena_printf(l->arena, "'%c'", t.op);
}
