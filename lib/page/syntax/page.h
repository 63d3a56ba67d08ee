/* page.h: the page language, text to syntax tree (the grammar is in gan-page(5)). */
#ifndef GAN_PAGE_H
#define GAN_PAGE_H

#include "base/base.h"

typedef enum {
    E_NUMBER,
    E_TEXT,
    E_NAME,
    E_CALL,   /* text(items; names), or a(items; names) */
    E_INDEX,  /* a[items] */
    E_FIELD,  /* a.text */
    E_LIST,   /* [items] */
    E_EACH,   /* [a for text in b], b a range or list */
    E_SCAN,   /* scan text = a for names[0] in b: c */
    E_UNARY,  /* op a */
    E_BINARY, /* a op b */
    E_RANGE,  /* a..b step c, both ends included; c NULL: 1 */
    E_IF,     /* if a then b else c */
    E_PIPE,   /* a | items[0] | items[1] ..., items are stages */
    E_WHERE,  /* a where let; only as a whole sample or command line */
    /* stages */
    S_FOR, /* for text in a (items) */
    S_IF,  /* if a (items) else (more) */
} ExprKind;

typedef struct Expr Expr;
typedef struct Defines Defines;
struct Expr {
    ExprKind kind;
    const char *file; /* page, or what page_parse_expr was told */
    int line, column;
    double number;
    const char *text;
    int op; /* character of the operator; 'l' <=, 'g' >=, 'q' ==, '!' !=, & and, | or, n not */
    Expr *a, *b, *c;
    Expr **items;
    const char **names; /* of keyword arguments, NULL where positional */
    int count;
    Expr **more;
    int more_count;
    Defines *let;
};

typedef enum {
    DEFINE_VALUE,
    DEFINE_PARAM, /* param name[dims] = expr: of the net or the use of the block */
    DEFINE_STATE  /* state name[dims] = expr: the same, changed by actions alone */
} DefineKind;

/* name = expr; several names take a list apart */
typedef struct {
    DefineKind kind;
    const char **names;
    int name_count;
    Expr *expr;
    Expr **dims; /* of a param or state */
    int dim_count;
    Expr *every; /* of an action or what is logged, NULL: at each update; of what a player
                  * regularizes */
    const char *file;
    int line, column;
} Define;

struct Defines {
    Define *list;
    int count;
};

/* How a variable of a graph is drawn: name: expr, name[index]: expr, or, for each value of `loop`
 * in `range`, name[loop]: expr */
typedef struct {
    const char *name;
    Expr *index;      /* NULL: of a variable that has none, or of a loop */
    const char *loop; /* or NULL */
    Expr *range;
    bool together; /* as one minibatch for all values of the loop */
    Expr *expr;
    const char *file;
    int line, column;
} GraphRule;

typedef enum {
    ST_OPTION,
    ST_DATA,
    ST_NOISE,
    ST_PARAM,
    ST_STATE,
    ST_INIT,
    ST_NET,
    ST_BLOCK,
    ST_LET,
    ST_PLAYER,
    ST_AVERAGE,
    ST_SAMPLE,
    ST_STOP,
    ST_FROZEN, /* the net in params[0], the file in expr */
    ST_GRAPH,  /* of the graph in params[0], if any, by expr */
    ST_KINDS
} StatementKind;

typedef struct {
    StatementKind kind;
    const char *file; /* as that of an Expr */
    int line, column;
    int number; /* among those of its kind, from 0 on */
    const char *name;
    const char **params; /* of nets and blocks; names a player trains; kind word of data */
    Expr **defaults;     /* of parameters, NULL where required */
    int param_count;
    Expr *expr;  /* value, body, distribution, cost */
    Expr **dims; /* of data and params */
    int dim_count;
    bool whole;       /* of data: without a minibatch */
    Expr *low, *high; /* of data the range, or in low how many labels; of an option the least value
                       * and, or NULL, the largest */
    bool above;       /* of an option: low itself is too small */
    Expr *by;         /* of an option: what its values are apart, from low on, or NULL */
    Expr *choices;    /* of an option, or NULL */
    Expr *optimizer, *repeat, *every, *when; /* players */
    const char *with;                        /* the player whose updates this one shares, or NULL */
    bool maximizes;
    Defines lazy;     /* what a player regularizes */
    Defines let;      /* bindings of let, where-clauses of nets and players */
    Defines then;     /* actions: name = expr, or a call (no name); of nets and blocks the former */
    Defines log;      /* numbers and lists of numbers */
    GraphRule *rules; /* of a graph */
    int rule_count;
} Statement;

typedef struct {
    const char *file; /* for messages */
    const char *text; /* that of the files it uses stands in the place of each use */
    Statement *statements;
    int count;
    const Statement **named; /* those whose names mean something in expressions, by name */
    size_t named_count;
    Arena *arena;
} Page;

enum { PAGE_MAX = 1 << 20 }; /* bytes of a page with all it uses */

typedef struct {
    const char *path; /* the same for the same file; NULL: nothing can use it */
    const char *name; /* for messages */
    const char *text;
} PageFile;
/* Finds and reads the file that `from` uses as `name`; all of `used` lives in the arena. -1 and a
 * message that names no place in the page. */
typedef int PageUse(Arena *arena, const char *name, const PageFile *from, PageFile *used,
                    Error *err);

/* Parses a page and what it uses; every string of the tree lives in arena, or is file's. On error
 * -1, with "file:line:column: ". */
MUST_CHECK int page_parse_file(Arena *arena, const PageFile *file, PageUse *use, Page *page,
                               Error *err);
/* The same of a text that uses nothing. */
MUST_CHECK int page_parse(Arena *arena, const char *file, const char *text, Page *page, Error *err);
/* Of page_parse_file: lists the names; an error where one is defined twice. */
MUST_CHECK int page_unique(Page *page, Error *err);
/* The option, data, noise, param, state, net, block, average or graph of that name, or NULL. */
const Statement *page_statement(const Page *page, const char *name);
/* The same: an error where players and averages name what is not there. */
MUST_CHECK int page_references(const Page *page, Error *err);
/* One expression, as on a command line; a where-clause may follow. */
MUST_CHECK int page_parse_expr(Arena *arena, const char *file, const char *text, Expr **expr,
                               Error *err);

/* Whether a name is used in an expression. */
bool expr_mentions(const Expr *e, const char *name);
/* Whether a statement is this player, or one that makes its updates with it. */
bool player_joins(const Statement *s, const Statement *player);

#endif
