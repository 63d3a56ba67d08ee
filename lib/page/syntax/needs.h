/* needs.h: the statements of a page that some names need. */
#ifndef GAN_NEEDS_H
#define GAN_NEEDS_H

#include "page/syntax/page.h"

/* A statement and its text. */
typedef struct PagePiece {
    Statement s;
    const char *from, *to;
    bool wanted;
    struct PagePiece *next; /* pieces_pick's */
} PagePiece;

/* Marks as wanted what defines these names, and what that mentions in turn: nets, blocks, lets,
 * options, params and states. -1, or which of the names none of the pieces defines. */
int pieces_pick(Arena *arena, PagePiece *piece, size_t count, const char *const *names, int n);

#endif
