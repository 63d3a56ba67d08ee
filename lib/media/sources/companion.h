/* companion.h: tables that say more of samples, a row each: classes, attributes, landmarks. A
 * column of words becomes the numbers of the sorted words, which are kept in metadata as the names
 * of folders are. */
#ifndef GAN_COMPANION_H
#define GAN_COMPANION_H

#include "base/cli.h"
#include "media/sources/grid.h"
#include "media/sources/paths.h"
#include "stream/stream.h"

typedef struct {
    const char *path; /* what grid_read takes */
    bool files;       /* each row belongs to a file, which one column names */
    const char *key;  /* that column; NULL: the one called file_name, filename, file, path, image,
                       * name or image_id, or else the first */
    bool parts;       /* a file may have several rows, each of a part of it: from the number in the
                       * column `start` to that in `end`, which need not be there */
    bool whole;       /* these are whole numbers */
    TextList columns; /* "A,B" a tensor each, "NAME=A,C..E" one of several columns; none: all */
} CompanionWant;

/* A tensor: [N], or [N,width] of several columns or of lists. */
typedef struct {
    const char *name;
    size_t width;
    bool vector, whole; /* [N,width]; I64, otherwise F32 */
    double *value;      /* [rows, width] */
    char *classes;      /* the words that the numbers stand for, a JSON array; or NULL */
} Series;

typedef struct {
    const char *file; /* less "./" in front */
    size_t row;
} CompanionRow;

/* Release with companion_free, also after a failure. */
typedef struct {
    Grid grid;
    size_t first, rows; /* the grid's first row that is none of names, and how many follow */
    const char **names; /* [columns] */
    bool named;         /* by the file; otherwise they are 1, 2, ... */
    size_t key;         /* the column that names files, or SIZE_MAX */
    size_t start, end;  /* those of parts, or SIZE_MAX */
    double *from, *to;  /* [rows] of parts: 0 and INFINITY where a row says nothing */
    Series *series;
    size_t count, capacity;
    CompanionRow *by_file; /* [rows]: sorted by the names of files; NULL when there are none */
    bool *used;            /* [rows]: a file was found */
    bool several;          /* by_file has names several times, their rows in order */
} Companion;

/* Everything wrong in the file itself is an error that names the line: rows of different lengths,
 * empty cells, words among numbers, a file named twice. Without names in the file a single column
 * besides the key becomes `label`, and so do several as one; with names a single one becomes
 * `label`, and each of several a tensor of its name, those without a name passed over. A first line
 * is one of names when none of its cells is a number, has the ending that the cell below has (.png)
 * or comes again in its column. */
MUST_CHECK int companion_read(Companion *c, const CompanionWant *want, Error *err);
void companion_free(Companion *c);

/* The rows that name the same file as this one, in their order, and *n, how many they are. */
const CompanionRow *companion_same(const Companion *c, size_t row, size_t *n);
/* Sets `row` of each file that a row names, to the first of several: by its path below the operand,
 * by any longer or shorter end of its path, by the same without what follows the last dot; the
 * first of these that there is. A row that fits two files equally well, and no match at all, are
 * errors. The table itself leaves the list, if it is there. */
MUST_CHECK int companion_match(Companion *c, Paths *p, Error *err);

/* The next row from *row on whose file was not found; *row moves behind it. NULL at the end. */
const char *companion_unused(const Companion *c, size_t *row, size_t *line);

/* Whether the table has no column of a name that the stream has a tensor of already: `own`, and
 * with `labels` label. */
MUST_CHECK int companion_clash(const Companion *c, const char *own, bool labels, Error *err);
/* NULL when no tensor has that name. */
const Series *companion_find(const Companion *c, const char *name);
/* Adds the tensors for n samples, and names of classes, to a frame that is being built; */
MUST_CHECK int companion_declare(const Companion *c, size_t n, Frame *f, Error *err);
/* fills them in from these rows; NULL: from those that begin with row `first`. */
void companion_fill(const Companion *c, const size_t *rows, size_t first, size_t n, Frame *f);
/* All rows in their order as a stream. */
MUST_CHECK int companion_write(const Companion *c, size_t per_frame, FILE *out, const char *name,
                               Error *err);

#endif
