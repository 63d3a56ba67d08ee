/* grid.h: the rows and cells of a table, whatever it is written in: CSV (RFC 4180; tabs or
 * semicolons instead of commas too), JSON lines, or one JSON document, a list of rows or
 * StyleGAN's {"labels": [[name, class], ...]}. */
#ifndef GAN_GRID_H
#define GAN_GRID_H

#include "base/base.h"

typedef enum {
    CELL_EMPTY,
    CELL_TEXT,    /* text; a number too when it reads as one, where texts are not told apart */
    CELL_NUMBER,  /* number */
    CELL_NUMBERS, /* `width` numbers */
} CellKind;

typedef struct {
    uint8_t kind;
    bool whole;     /* numbers without a point or an exponent */
    uint32_t width; /* of numbers; 1 otherwise */
    union {
        const char *text;
        double number;
        const double *numbers;
    };
} Cell;

/* Zero-initialise; release with grid_free. */
typedef struct {
    const char *path; /* for messages */
    char *text;       /* the file; cells point into it */
    Cell *cell;       /* [rows, columns] */
    size_t *line;     /* [rows]: where each begins in the file, from 1 on */
    size_t rows, columns, capacity;
    const char **name; /* [columns]: keys of JSON objects, else NULL */
    bool entries;      /* `line` counts the rows of a JSON document */
    bool bare;         /* texts stand for numbers as well: not JSON */
    Arena *arena;
} Grid;

/* path "-" is standard input; plain or gzip, or a member of a zip archive: ARCHIVE/NAME. Every row
 * has as many cells as the first. No rows are an error. */
MUST_CHECK int grid_read(Grid *g, const char *path, Error *err);
void grid_free(Grid *g);
/* Fails with `FILE:LINE: ...`. */
int grid_fail(const Grid *g, size_t line, Error *err, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* What the cell says as a number: 1, or 0 when it does not. */
bool cell_number(const Grid *g, const Cell *c, double *value, bool *whole);

/* The readers of one format each; text is changed. */
MUST_CHECK int grid_csv(Grid *g, char *text, Error *err);
MUST_CHECK int grid_json(Grid *g, const char *text, size_t n, Error *err);
/* Appends a row of empty cells; NULL and a message when there is no memory. */
MUST_CHECK Cell *grid_row(Grid *g, size_t line, Error *err);

#endif
