/* plot.h: a line chart of a tab-separated log. */
#ifndef GAN_PLOT_H
#define GAN_PLOT_H

#include "media/views/gnuplot.h"

typedef struct {
    const char *columns; /* names joined by commas; NULL: all but the abscissa and clocks */
    const char *x;       /* name of the abscissa */
    size_t smooth;       /* mean over so many rows; 1: none */
    bool logarithmic;    /* ordinate */
    GraphLook look;
} PlotWant;

/* Appends to `script` what gnuplot draws of a log: path ("-": standard input) has a line of names
 * first; lines that begin with # are comments. Cells that are empty or no finite number make a gap
 * in their curve. */
MUST_CHECK int plot_script(const char *path, const PlotWant *want, Str *script, Error *err);

#endif
