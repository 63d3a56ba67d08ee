/* plot.h: a line chart of a tab-separated log. */
#ifndef GAN_PLOT_H
#define GAN_PLOT_H

#include "media/picture/picture.h"

typedef struct {
    const char *columns; /* names joined by commas; NULL: all but the abscissa and clocks */
    const char *x;       /* name of the abscissa */
    size_t smooth;       /* mean over so many rows; 1: none */
    bool logarithmic;    /* ordinate */
    size_t height, width;
} PlotWant;

/* path ("-": standard input) has a line of names first; lines that begin with # are comments.
 * Cells that are empty or no finite number make a gap in their curve. */
MUST_CHECK int plot_draw(const char *path, const PlotWant *want, Picture *out, Error *err);

#endif
