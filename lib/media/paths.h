/* paths.h: the files under folders, in an order that does not depend on the machine. */
#ifndef GAN_PATHS_H
#define GAN_PATHS_H

#include "base/base.h"

typedef struct {
    const char *path;  /* as it is opened */
    const char *below; /* the part of path below the operand; the whole path for a file operand */
} Path;

/* Zero-initialise; release with paths_free. */
typedef struct {
    Path *items;
    size_t count, capacity;
    Arena *arena;
} Paths;

/* Appends what is below path, recursively: regular files, links followed, names that begin with a
 * dot passed over. A path that is itself a file is appended as it is. */
int paths_add(Paths *p, const char *path, Error *err);
/* Orders bytewise by path. */
void paths_sort(Paths *p);
/* Leaves out the first `skip`, then keeps at most `first` (0: all). */
void paths_limit(Paths *p, uint64_t skip, uint64_t first);
void paths_free(Paths *p);

/* Class names: the sorted names of the first folder below the operands. */
typedef struct {
    const char **names;
    size_t count;
} Classes;
int classes_take(Classes *c, Paths *p, Error *err);
/* The index of the class a file belongs to, -1 when it lies in no sub-folder. */
int64_t class_of(const Classes *c, const Path *p);
/* The names as a JSON array, in memory to be freed; NULL when one is not UTF-8. */
char *classes_json(const Classes *c, Error *err);
/* Reads such an array; names live in the arena. */
int classes_parse(Classes *c, const char *json, Arena *arena, Error *err);

#endif
