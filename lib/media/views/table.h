/* table.h: tab-separated numbers under a line of names. */
#ifndef GAN_TABLE_H
#define GAN_TABLE_H

#include "base/base.h"

typedef struct {
    char *text;
    const char **names; /* [columns] */
    double *cells;      /* [rows, columns]; NAN where a cell is empty or no number */
    size_t columns, rows;
} Table;

/* path "-" is standard input. Lines that begin with # are comments; a line with another number of
 * cells than there are names is an error. */
MUST_CHECK int table_read(const char *path, Table *t, Error *err);
void table_free(Table *t);
/* The column whose name is these n bytes, or -1. */
long table_column(const Table *t, const char *name, size_t n);

#endif
