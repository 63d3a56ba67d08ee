/* find.h: where pages, and the files that pages use, are looked for. */
#ifndef GAN_FIND_H
#define GAN_FIND_H

#include "base/base.h"

/* The path, in the arena, of a page named on a command line: `name` itself when it is there, else
 * that of one that comes with the tools: in the folder of the families of pages (installed or in
 * the source), as FAMILY/NAME, or as NAME in any family. `name` where there is none. */
const char *find_page(Arena *arena, const char *name);
/* The same of a file that the page `from`, a path, uses: beside the page, then in the folder above
 * that, for pages that lie in a family, then where the pages of the tools are looked for. NULL
 * where there is none, and for names that lead anywhere else: absolute ones, and those with "..".
 */
const char *find_used(Arena *arena, const char *name, const char *from);

#endif
