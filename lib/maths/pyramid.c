#include "maths/pyramid.h"

#include <stdlib.h>
#include <string.h>

enum { TAPS = 5 };

static const double binomial[TAPS] = {0.0625, 0.25, 0.375, 0.25, 0.0625};

/* Index i - 2 of n mirrored into 0 .. n-1, n > 2. */
static size_t mirrored(size_t i, size_t n) {
    if (i < 2) return 2 - i;
    return i - 2 < n ? i - 2 : 2 * (n - 1) - (i - 2);
}

/* Works on `count` runs of `n` vectors of `size` numbers each, or half as many where they are few.
 * Down: smooths, and keeps every second vector, from the first on. Up: the vectors with zeros
 * between them, smoothed and doubled; to n of them. */
static void resize(bool up, const double *in, size_t count, size_t n, size_t size, double *out) {
    size_t half = (n + 1) / 2, have = up ? half : n, want = up ? n : half;
    memset(out, 0, count * want * size * sizeof *out);
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < want; i++)
            for (size_t t = 0; t < TAPS; t++) {
                size_t at = mirrored((up ? i : 2 * i) + t, n);
                if (up && at % 2) continue;
                const double *from = in + (r * have + (up ? at / 2 : at)) * size;
                double *to = out + (r * want + i) * size, weight = (up ? 2 : 1) * binomial[t];
                for (size_t j = 0; j < size; j++) to[j] += weight * from[j];
            }
}

int pyramid_new(Pyramid *p, size_t height, size_t width, size_t channels, size_t least,
                Error *err) {
    *p = (Pyramid){0};
    if (height < least || width < least)
        return fail(err, "pictures of %zux%zu, expected at least %zux%zu", height, width, least,
                    least);
    p->scratch = data_alloc(2 * height * width * channels * sizeof *p->scratch, err);
    if (!p->scratch) return -1;
    while (height >= least && width >= least && p->levels < PYRAMID_LEVELS_MAX) {
        double *x = data_alloc(height * width * channels * sizeof *x, err);
        if (!x) {
            pyramid_free(p);
            return -1;
        }
        p->level[p->levels++] = (Plane){height, width, channels, x};
        height = (height + 1) / 2, width = (width + 1) / 2;
    }
    return 0;
}

void pyramid_free(Pyramid *p) {
    for (int i = 0; i < p->levels; i++) free(p->level[i].x);
    free(p->scratch);
    *p = (Pyramid){0};
}

void pyramid_fill(Pyramid *p, const double *picture) {
    const Plane *first = &p->level[0];
    size_t c = first->channels, whole = first->height * first->width * c;
    double *across = p->scratch, *both = p->scratch + whole;
    memcpy(first->x, picture, whole * sizeof *picture);
    for (int i = 1; i < p->levels; i++) {
        const Plane *a = &p->level[i - 1], *b = &p->level[i];
        resize(false, a->x, a->height, a->width, c, across);
        resize(false, across, 1, a->height, b->width * c, b->x);
        resize(true, b->x, b->height, a->width, c, across);
        resize(true, across, 1, a->height, a->width * c, both);
        for (size_t k = 0; k < a->height * a->width * c; k++) a->x[k] -= both[k];
    }
}
