/* paths.h: the files under folders and in archives, in an order that does not depend on the
 * machine. */
#ifndef GAN_PATHS_H
#define GAN_PATHS_H

#include "base/base.h"

typedef struct {
    const char *path;    /* as it is shown and opened; a member's begins with its archive's */
    const char *below;   /* the part of path below the operand; the whole path for a file operand */
    const char *reason;  /* why there is nothing to read, or NULL */
    const char *archive; /* the zip file it is a member of, or NULL */
    uint64_t member;     /* its number there */
    size_t row;          /* 1 + that of the companion table, or 0 */
} FilePath;

/* Zero-initialise; release with paths_free. */
typedef struct {
    FilePath *items;
    size_t count, capacity;
    Arena *arena;
    const char *operand; /* the first that was added */
} Paths;

/* Appends what is below path, at any depth: regular files, links followed, names that begin with a
 * dot passed over. What cannot be read (a link to nothing, or back to a folder it lies in; a folder
 * that does not open; pipes, sockets and devices, which are never opened) is appended with the
 * reason. A path that is itself a file is appended as it is; a zip archive, or a folder in one, is
 * read as a folder. */
MUST_CHECK int paths_add(Paths *p, const char *path, Error *err);
/* Appends a copy of the item; its texts must live as long as the list (in its arena). */
MUST_CHECK int paths_append(Paths *p, const FilePath *item, Error *err);
/* Appends what is below a folder. */
MUST_CHECK int folder_add(Paths *p, const char *path, Error *err);
/* Orders bytewise by path. */
void paths_sort(Paths *p);
/* Leaves out the first `skip`, then keeps at most `first` (0: all). */
void paths_limit(Paths *p, uint64_t skip, uint64_t first);
void paths_free(Paths *p);
/* An error that names the operand where there are no files. */
MUST_CHECK int paths_some(const Paths *p, Error *err);

/* open(2) for reading, of a path of any length: the system itself takes 4095 bytes at once. */
int path_open(const char *path, int flags);

/* Class names: the sorted names of the first folder below the operands. */
typedef struct {
    const char **names;
    size_t count;
} Classes;
MUST_CHECK int classes_take(Classes *c, Paths *p, Error *err);
/* The index of the class a file belongs to, -1 when it lies in no sub-folder. */
int64_t class_of(const Classes *c, const FilePath *p);
/* Whether the classes look like an operand that is a folder too high, or folders that are none of
 * classes: all files are of one, or folders lie below those of the classes. Then a line about it.
 */
bool classes_doubt(const Classes *c, const Paths *p, char *text, size_t size);
/* How many of the classes the files are of. */
size_t classes_held(const Classes *c, const Paths *p);
/* The names as a JSON array, in memory to be freed; NULL when one is not UTF-8, and a message that
 * says what they are names of. */
MUST_CHECK char *classes_json(const Classes *c, const char *what, Error *err);
/* Reads such an array; names live in the arena. */
MUST_CHECK int classes_parse(Classes *c, const char *json, Arena *arena, Error *err);
/* The same, but none where json is NULL or not such an array. */
Classes classes_known(const char *json, Arena *arena);
/* The place of the name that is these n bytes among count sorted ones, which are the first member
 * of items of `size` bytes; NULL when it is none. */
const void *name_find(const char *text, size_t n, const void *items, size_t count, size_t size);
/* Sorts n names and moves the distinct ones to the front; returns how many they are. */
size_t names_distinct(const char **names, size_t n);
/* Their order: for bsearch. */
int by_name(const void *a, const void *b);
/* Sorts n labels and moves the distinct ones to the front; returns how many they are. */
size_t labels_distinct(int64_t *labels, size_t n);
/* The place of a label among n of those, or SIZE_MAX. */
size_t label_place(const int64_t *labels, size_t n, int64_t label);
/* The name of that class, or NULL. */
const char *class_name(const Classes *c, int64_t class);

#endif
