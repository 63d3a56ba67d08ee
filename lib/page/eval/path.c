#include "page/eval/path.h"

#include <ctype.h>
#include <string.h>

#include "page/eval/build.h"

enum { NAME_MAX_LENGTH = 200 };

const char *place_name(Build *b, const Expr *at, const Value *v) {
    const char *name = as_text(b, at, v, "name");
    if (strlen(name) > NAME_MAX_LENGTH)
        build_fail(b, at, "name: longer than %d characters", NAME_MAX_LENGTH);
    for (const char *p = name; *p; p++) {
        bool dot = *p == '.', alone = p == name || !p[1] || p[1] == '.';
        if (dot ? alone : !isalnum((unsigned char)*p) && *p != '_' && *p != '-')
            build_fail(b, at,
                       "name: expected letters, digits, _ and - with single dots between them, "
                       "found \"%s\"",
                       name);
    }
    return name;
}

static size_t chain_of(const Claims *c, const char *path) {
    size_t h = 5381;
    for (; *path; path++) h = h * 33 + (unsigned char)*path;
    return h % c->chains;
}

static void put_claim(Claims *c, Claim *claim) {
    Claim **chain = &c->chain[chain_of(c, claim->path)];
    claim->next = *chain;
    *chain = claim;
}

static void grow_claims(Build *b) {
    Claims *c = &b->claims, old = *c;
    c->chains = old.chains ? 4 * old.chains : 32;
    c->chain = arena_new_array(b->arena, Claim *, c->chains);
    for (size_t i = 0; i < old.chains; i++)
        for (Claim *p = old.chain[i], *next; p; p = next) {
            next = p->next;
            put_claim(c, p);
        }
}

/* The same call may come by again, as a cell does at each step of time; any other shares nothing.
 */
static void claim(Build *b, const char *path, const Place *p) {
    if (b->claims.count == b->claims.chains) grow_claims(b);
    for (const Claim *c = b->claims.chain[chain_of(&b->claims, path)]; c; c = c->next) {
        if (strcmp(c->path, path)) continue;
        if (c->by.at == p->at || (!c->by.name && !p->name)) return;
        build_fail(b, p->at, "the name %s is already taken in line %d, column %d", path,
                   c->by.at->line, c->by.at->column);
    }
    Claim *c = arena_alloc(b->arena, sizeof *c);
    *c = (Claim){path, *p, NULL};
    put_claim(&b->claims, c);
    b->claims.count++;
}

const char *place_path(Build *b, Place *p) {
    const char *prefix = b->path->prefix, *path = prefix;
    if (!p->name) {
        if (p->index < 0) p->index = b->path->next++;
        path = arena_printf(b->arena, "%s.%d", prefix, p->index);
    } else if (*p->name) {
        path = arena_printf(b->arena, "%s.%s", prefix, p->name);
    } else {
        return path; /* its tensors stand beside others: each is claimed */
    }
    claim(b, path, p);
    return path;
}

void layer_claim(Build *b, const char *tensor) {
    if (b->place && b->place->name && !*b->place->name) claim(b, tensor, b->place);
}

const char *layer_path(Build *b) { return place_path(b, b->place); }
