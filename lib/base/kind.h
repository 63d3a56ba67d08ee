/* kind.h: what a file is, by how it begins, for whoever is given another kind than was wanted. The
 * table of kinds, with what can be done about each, is in kind.c. */
#ifndef GAN_KIND_H
#define GAN_KIND_H

#include "base/base.h"

/* As many bytes as matter; a file that is longer should be judged by so many. */
enum { KIND_HEAD = 4096 };

/* Which text is welcome where something is wanted. */
typedef enum {
    KIND_NO_TEXT,
    KIND_PLAIN_TEXT, /* pages and tables, but neither HTML nor SVG */
    KIND_ANY_TEXT,
} KindText;

/* Fails with `NAME: this is a ..., expected WANTED; what to do` when n bytes at head are the
 * beginning of a known kind of file, or all of an empty one. 0, and err as it was: nothing is known
 * of them, or they are welcome. name NULL: the message does not name the file. */
int kind_refuse(const void *head, size_t n, KindText welcome, const char *name, const char *wanted,
                Error *err);
/* The same of the file at path; 0 also when it cannot be read. */
int kind_refuse_file(const char *path, KindText welcome, const char *wanted, Error *err);
/* The same for what turned out to be a folder; always -1. */
int kind_refuse_folder(const char *name, const char *wanted, Error *err);
/* Whether the bytes begin a zip archive of no special kind. */
bool kind_is_zip(const void *head, size_t n);
/* Whether the bytes begin a picture or a video of a kind that is known here. */
bool kind_is_seen(const void *head, size_t n);
/* Whether what is marked as ISO media is a picture: AVIF or HEIF. */
bool kind_is_heif(const unsigned char *head, size_t n);

#endif
