#include "media/views/gnuplot.h"

#include "base/child.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { PICTURE_MAX = 1 << 28, SECONDS_MAX = 300, CELL_WIDTH = 10, CELL_HEIGHT = 20 };

static bool ends(const char *path, const char *with) {
    size_t n = strlen(path), m = strlen(with);
    return n > m && !strcasecmp(path + n - m, with);
}

int graph_format(const char *name, const char *path) {
    static const char *const names[] = {"png", "svg", "text"};
    for (int i = 0; name && i < 3; i++)
        if (!strcmp(name, names[i])) return i;
    if (name) return -1;
    if (!path || !strcmp(path, "-")) return isatty(STDOUT_FILENO) ? GRAPH_TEXT : GRAPH_PNG;
    return ends(path, ".svg") ? GRAPH_SVG : ends(path, ".txt") ? GRAPH_TEXT : GRAPH_PNG;
}

/* The first are told apart also by those who see few colours (Okabe and Ito); then hues follow that
 * are far from one another. */
unsigned graph_colour(size_t i) {
    static const unsigned sure[] = {0x0072b2, 0xd55e00, 0x009e73, 0xcc79a7, 0xe69f00,
                                    0x56b4e9, 0x000000, 0x966e3c, 0x8c8c8c, 0x733caa};
    if (i < sizeof sure / sizeof *sure) return sure[i];
    double hue = fmod((double)i * 0.61803398874989485, 1) * 6;
    unsigned colour = 0;
    for (int c = 0; c < 3; c++) {
        double away = fabs(fmod(hue - 2 * c + 9, 6) - 3); /* from the channel's own hue */
        colour = colour << 8 | (unsigned)(200 * fmin(fmax(2 - away, 0), 1) + 20);
    }
    return colour;
}

void gnuplot_begin(Str *script, const GraphLook *look) {
    if (look->format == GRAPH_TEXT)
        str_printf(script, "set terminal dumb noenhanced size %zu,%zu\n", look->width / CELL_WIDTH,
                   look->height / CELL_HEIGHT);
    else
        str_printf(
            script,
            "set terminal %s noenhanced size %zu,%zu font 'sans,%d' background rgb 'white'\n",
            look->format == GRAPH_SVG ? "svg" : "pngcairo", look->width, look->height,
            look->width >= 640 ? 12 : 9);
    str_printf(script, "set encoding utf8\nset border back lc rgb '#282828'\n");
}

void gnuplot_quote(Str *script, const char *text) {
    char plain[512];
    text_escape(plain, sizeof plain, text);
    str_append(script, "'", 1);
    for (const char *p = plain; *p; p++)
        str_append(script, *p == '\'' ? "''" : p, *p == '\'' ? 2 : 1);
    str_append(script, "'", 1);
}

double gnuplot_point(GraphFormat format, double pixels) {
    return pixels / (format == GRAPH_SVG ? 9 : 6);
}

int gnuplot_run(const Str *script, FILE *out, const char *name, Error *err) {
    static const char *const argv[] = {"gnuplot", "-d", NULL};
    Child child;
    if (child_run(argv, script->text, script->length, PICTURE_MAX, SECONDS_MAX, &child, err))
        return fail_in(err, "cannot draw");
    int bad = 0;
    size_t feed = child.n && child.out[0] == '\f'; /* in front of text */
    if (child.status || !child.n) {
        char said[200];
        text_escape(said, sizeof said, child.said + strspn(child.said, "\n "));
        bad = fail(err, "cannot draw: gnuplot says %s", *said ? said : "nothing");
    } else if (errno = 0, fwrite(child.out + feed, 1, child.n - feed, out) != child.n - feed) {
        bad = fail(err, "%s: cannot write: %s", name, strerror(errno ? errno : EIO));
    }
    free(child.out);
    return bad;
}
