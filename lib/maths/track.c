#include "maths/track.h"

#include <math.h>
#include <stdlib.h>

/* LineSums over the first places: of t, t^2, x, x^2 and tx, both counted from their middles, which
 * keeps what is cancelled small. */
typedef struct {
    double t, tt, x, xx, tx;
} LineSums;

/* Of the line through places i to j-1. */
static double line_error(const LineSums *s, size_t i, size_t j) {
    double n = (double)(j - i), t = s[j].t - s[i].t, x = s[j].x - s[i].x;
    double tt = s[j].tt - s[i].tt - t * t / n, tx = s[j].tx - s[i].tx - t * x / n;
    double xx = s[j].xx - s[i].xx - x * x / n;
    return n < 3 ? 0 : fmax(0, xx - tx * tx / tt);
}

/* least[j]: of the first j places by so many pieces, from that by one piece less. */
static void one_more(const LineSums *s, size_t n, double *least) {
    for (size_t j = n; j > 0; j--)
        for (size_t i = 0; i < j; i++) least[j] = fmin(least[j], least[i] + line_error(s, i, j));
}

int straight_pieces(const double *x, size_t n, size_t bends, double *out, Error *err) {
    LineSums *s = data_alloc((n + 1) * sizeof *s, err);
    double *least = data_alloc((n + 1) * sizeof *least, err);
    if (s && least) {
        double middle = 0;
        for (size_t i = 0; i < n; i++) middle += x[i] / (double)n;
        s[0] = (LineSums){0};
        for (size_t i = 0; i < n; i++) {
            double t = (double)i - (double)(n - 1) / 2, v = x[i] - middle;
            s[i + 1] = (LineSums){s[i].t + t, s[i].tt + t * t, s[i].x + v, s[i].xx + v * v,
                                  s[i].tx + t * v};
        }
        least[0] = 0;
        for (size_t j = 1; j <= n; j++) least[j] = line_error(s, 0, j);
        for (size_t k = 0; k < bends && k + 1 < n; k++) one_more(s, n, least);
        *out = least[n];
    }
    free(s);
    free(least);
    return s && least ? 0 : -1;
}

void pairs_add(Pairs *p, double x, double y) {
    p->n++;
    p->x += x, p->y += y;
    p->xx += x * x, p->yy += y * y, p->xy += x * y;
}

double pairs_correlation(const Pairs *p) {
    double xx = p->xx - p->x * p->x / p->n, yy = p->yy - p->y * p->y / p->n;
    double least = 1e-12; /* of what was summed up: rounding alone */
    if (!(xx > least * p->xx) || !(yy > least * p->yy)) return NAN;
    return (p->xy - p->x * p->y / p->n) / sqrt(xx * yy);
}
