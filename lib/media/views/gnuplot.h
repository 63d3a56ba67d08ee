/* gnuplot.h: pictures that gnuplot draws. */
#ifndef GAN_GNUPLOT_H
#define GAN_GNUPLOT_H

#include "base/base.h"

#include <stdio.h>

typedef enum { GRAPH_PNG, GRAPH_SVG, GRAPH_TEXT } GraphFormat;

typedef struct {
    GraphFormat format;
    size_t height, width; /* in pixels */
} GraphLook;

/* What a picture is written as: by its name, "png", "svg" or "text"; for NULL by the ending of the
 * file it goes to, .svg or .txt, and text on a terminal; PNG otherwise. -1: no such name. */
int graph_format(const char *name, const char *path);

/* A colour of its own for each of many things, as 0xRRGGBB. */
unsigned graph_colour(size_t i);

/* The first commands for a picture; of text, a character is 10 pixels wide and 20 high.
 * The caller appends to the script, and ends it with a plot. */
void gnuplot_begin(Str *script, const GraphLook *look);
/* Appends a text in quotes, in which nothing has a meaning. */
void gnuplot_quote(Str *script, const char *text);
/* pointsize of a point of so many pixels */
double gnuplot_point(GraphFormat format, double pixels);
/* Draws. */
MUST_CHECK int gnuplot_run(const Str *script, FILE *out, const char *name, Error *err);

#endif
