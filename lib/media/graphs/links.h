/* links.h: the links of a graph in three: those that are shown, and those to choose and to test by.
 */
#ifndef GAN_MEDIA_LINKS_H
#define GAN_MEDIA_LINKS_H

#include "base/base.h"

#include <stdio.h>

typedef struct {
    double valid, test; /* parts of the links */
    uint64_t seed;
} LinksWant;

typedef struct {
    FILE *file;
    const char *name;
} LinksOut;

/* Reads a graph as edges_read writes it from path, "-" being standard input, and writes
 *   shown: its frame, with the links that are shown alone. Beside them are, of A = D^(-1/2) (links
 *     + I) D^(-1/2), D the row sums of links + I, the entries that are not 0: adjacency I64 [E,2],
 *     their rows and columns, and weights F32 [E], E being nodes + 2 links; and pairs to choose by:
 *     valid I64 [2n,2], n links that are held out and as many pairs that are no link, drawn at
 *     random, and linked I64 [2n], 1 and 0;
 *   test: another n links and pairs, pair I64 [2n,2] and label I64 [2n].
 * No pair is drawn twice. */
MUST_CHECK int links_split(const char *path, const LinksWant *want, LinksOut shown, LinksOut test,
                           Error *err);

#endif
