/* json_memory.h: jansson when memory ends.
 *
 * The library goes on after some failed allocations: texts are cut short, keys left out, good JSON
 * is called bad. So its allocations are ours: one that fails ends in memory_exhausted(), except
 * between json_try and json_tried, for those who can tell their caller. */
#ifndef GAN_JSON_MEMORY_H
#define GAN_JSON_MEMORY_H

#include "base/base.h"

void json_try(void);
/* 0, or -1 and "out of memory" when an allocation has failed in this thread since json_try: then
 * nothing the library gave is of any use, but to be released. */
MUST_CHECK int json_tried(Error *err);

#endif
