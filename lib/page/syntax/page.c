/* A page and the files it uses, read into one list of statements and one text. */
#include "page/syntax/needs.h"
#include "page/syntax/parser.h"

#include <string.h>

enum { PLAYERS_MAX = 100, USES_MAX = 100 };

/* A page and all it uses, while they are read. */
typedef struct {
    Page *page;
    PageUse *use;
    int of_kind[ST_KINDS];      /* statements so far */
    const char *used[USES_MAX]; /* paths, in the order in which they were met */
    bool closed[USES_MAX];      /* read to the end */
    int use_count;
    Str text; /* all in one, so far as it has been read; empty where nothing is used */
    Trap *trap;
} Reading;

/* One file of those. */
typedef struct {
    Parser parser;
    const PageFile *file;
    const char *copied; /* of its text, up to here */
    bool picked;        /* from which statements are picked, each with its text */
} Part;

/* use NAME, NAME from "FILE"; without names all of it */
typedef struct {
    Token file;
    const char **names;
    int count;
} Use;

static void add(Reading *r, Part *part, Statement s) {
    Page *page = r->page;
    page->statements = parser_room(&part->parser, page->statements, page->count, sizeof s);
    s.number = r->of_kind[s.kind]++;
    page->statements[page->count++] = s;
    if (r->of_kind[ST_PLAYER] > PLAYERS_MAX)
        lexer_fail(&part->parser.lexer, s.line, s.column, "more than %d players", PLAYERS_MAX);
}

/* Appends to the text in one, in whole lines. */
static void copy(Reading *r, const char *from, const char *to) {
    str_append(&r->text, from, (size_t)(to - from));
    if (r->text.length && r->text.text[r->text.length - 1] != '\n') str_append(&r->text, "\n", 1);
}

/* The number of a path among those used, which it joins; a file that is not read to the end yet is
 * met again in a circle. */
static int number_of(Reading *r, Part *part, Token at, const char *path) {
    for (int i = 0; i < r->use_count; i++) {
        if (strcmp(r->used[i], path)) continue;
        if (!r->closed[i])
            lexer_fail(&part->parser.lexer, at.line, at.column,
                       "the use of %s goes round in a circle", at.text);
        return i;
    }
    if (r->use_count == USES_MAX)
        lexer_fail(&part->parser.lexer, at.line, at.column, "more than %d files in use",
                   USES_MAX - 1);
    r->used[r->use_count] = path;
    return r->use_count++;
}

static Use use_statement(Parser *p) {
    enum { MAX = 16 };
    Use u = {.names = arena_new_array(p->arena, const char *, MAX)};
    p->started = true;
    parser_advance(p);
    if (!parser_at_end(p) && p->t.kind == T_NAME) {
        do {
            if (u.count == MAX) parser_expected(p, "at most 16 names");
            u.names[u.count++] = parser_name(p, "a name");
        } while (parser_accept(p, ','));
        parser_expect_word(p, "from", "',' or 'from'");
    }
    u.file = p->t;
    if (parser_at_end(p) || u.file.kind != T_TEXT)
        parser_expected(p, u.count ? "the name of a file in quotes"
                                   : "the name of a file in quotes, or names and 'from'");
    return u;
}

static void read_part(Reading *r, const PageFile *file, bool used);
static void pick_part(Reading *r, Part *user, const PageFile *file, const Use *u);

/* The text of the file follows the line, which becomes a comment. */
static void use(Reading *r, Part *part) {
    Parser *p = &part->parser;
    const char *line = p->lexer.line_start;
    Use u = use_statement(p);
    Token t = u.file;
    const char *behind = p->lexer.at, *end = behind + strcspn(behind, "\n");
    parser_advance(p);
    if (!parser_at_end(p)) parser_expected(p, "the end of the statement");
    PageFile file;
    if (!r->use)
        lexer_fail(&p->lexer, t.line, t.column, "use \"%s\": only a page in a file of its own can",
                   t.text);
    if (r->use(r->page->arena, t.text, part->file, &file, r->trap->err))
        lexer_fail(&p->lexer, t.line, t.column, "%s",
                   arena_strdup(r->page->arena, r->trap->err->text));
    if (!part->picked) copy(r, part->copied, line);
    str_printf(&r->text, "# use ");
    for (int i = 0; i < u.count; i++)
        str_printf(&r->text, "%s%s", u.names[i], i + 1 < u.count ? ", " : " from ");
    str_printf(&r->text, "\"%s\"", t.text);
    copy(r, behind, end);
    part->copied = *end ? end + 1 : end;
    int known = r->use_count, number = number_of(r, part, t, file.path);
    if (number < known && !u.count) return;
    r->closed[number] = false;
    if (u.count)
        pick_part(r, part, &file, &u);
    else
        read_part(r, &file, true);
    r->closed[number] = true;
    str_printf(&r->text, "# end of \"%s\"\n", t.text);
    if (r->text.length > PAGE_MAX)
        lexer_fail(&p->lexer, t.line, t.column,
                   "with what it uses the page is larger than %d bytes", PAGE_MAX);
}

static void read_part(Reading *r, const PageFile *file, bool used) {
    Part part = {.file = file, .copied = file->text};
    Parser *p = &part.parser;
    *p = parser_of(r->page->arena, r->trap, file->name, file->text);
    parser_advance(p);
    while (p->t.kind != T_END) {
        if (p->t.column == 1 && p->t.kind == T_NAME && !strcmp(p->t.text, "use")) {
            use(r, &part);
            continue;
        }
        Token at = p->t;
        Statement s = parser_statement(p);
        if (used && s.kind != ST_NET && s.kind != ST_BLOCK && s.kind != ST_LET)
            lexer_fail(&p->lexer, at.line, at.column,
                       "%s in a file that is used, which holds nets, blocks and lets alone; "
                       "use NAME from a page takes parts of it",
                       at.text);
        add(r, &part, s);
    }
    if (used || r->text.length) copy(r, part.copied, part.copied + strlen(part.copied));
}

/* ---- picking from a page ---- */

/* The end of a statement's text: what comments there are above the next one belong to that. */
static const char *end_of(const char *from, const char *next) {
    while (next > from) {
        const char *line = next - 1;
        while (line > from && line[-1] != '\n') line--;
        const char *first = line + strspn(line, " \t");
        if (*first != '#' && *first != '\n') break;
        next = line;
    }
    return next;
}

/* Whether the page has it already: from a use before, or an option that it sets itself. */
static bool there(const Page *page, const Statement *s) {
    for (int i = 0; i < page->count; i++) {
        const Statement *o = &page->statements[i];
        if (o->line == s->line && !strcmp(o->file, s->file)) return true;
        if (s->kind == ST_OPTION && statement_defines(o, s->name)) return true;
    }
    return false;
}

/* Brings in the statements that define these names, and what they need. */
static void pick_part(Reading *r, Part *user, const PageFile *file, const Use *u) {
    Part part = {.file = file, .copied = file->text, .picked = true};
    Parser *p = &part.parser;
    PagePiece *piece = NULL;
    int count = 0;
    *p = parser_of(r->page->arena, r->trap, file->name, file->text);
    parser_advance(p);
    while (p->t.kind != T_END) {
        if (p->t.column == 1 && p->t.kind == T_NAME && !strcmp(p->t.text, "use")) {
            use(r, &part);
            continue;
        }
        piece = parser_room(p, piece, count, sizeof *piece);
        PagePiece *new = &piece[count++];
        *new = (PagePiece){.s = parser_statement(p), .from = part.copied};
        new->to = part.copied =
            end_of(new->from, p->t.kind == T_END ? p->lexer.at : p->lexer.line_start);
    }
    int missing = pieces_pick(p->arena, piece, (size_t)count, u->names, u->count);
    if (missing >= 0)
        lexer_fail(&user->parser.lexer, u->file.line, u->file.column,
                   "%s has no net, block, let, option, param or state %s", u->file.text,
                   u->names[missing]);
    for (int i = 0; i < count; i++) {
        if (!piece[i].wanted || there(r->page, &piece[i].s)) continue;
        copy(r, piece[i].from, piece[i].to);
        add(r, &part, piece[i].s);
    }
}

static int read_all(Reading *r, const PageFile *file, Error *err) {
    Trap trap = {.err = err};
    if (setjmp(trap.env)) return -1;
    r->trap = &trap;
    if (file->path) r->used[r->use_count++] = file->path;
    read_part(r, file, false);
    return page_unique(r->page, err) || page_references(r->page, err) ? -1 : 0;
}

int page_parse_file(Arena *arena, const PageFile *file, PageUse *use_file, Page *page, Error *err) {
    *page = (Page){.file = file->name, .text = file->text, .arena = arena};
    Reading r = {.page = page, .use = use_file};
    int bad = read_all(&r, file, err);
    if (!bad && r.text.length) page->text = arena_strndup(arena, r.text.text, r.text.length);
    str_free(&r.text);
    return bad;
}

int page_parse(Arena *arena, const char *file, const char *text, Page *page, Error *err) {
    return page_parse_file(arena, &(PageFile){.name = file, .text = text}, NULL, page, err);
}

int page_parse_expr(Arena *arena, const char *file, const char *text, Expr **expr, Error *err) {
    Trap trap = {.err = err};
    Parser p = parser_of(arena, &trap, file, text);
    p.single = true;
    if (setjmp(trap.env)) return -1;
    parser_advance(&p);
    *expr = parser_defined_expression(&p);
    if (p.t.kind != T_END) parser_expected(&p, "the end of the expression");
    return 0;
}
