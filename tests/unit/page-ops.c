/* The operations of builtins/ops/: values, derivatives of first and second order, and bits at one
 * and two threads, against a plain loop in double precision and its finite differences. */
#include "pages.h"

#include <ctype.h>
#include <omp.h>

enum { N = 5, ROWS = 3, COLUMNS = 4, COUNT = N * ROWS * COLUMNS };

static const char page[] = "data x: x[3,4]\n"
                           "data v: v[3,4]\n"
                           "data large: large[300,70]\n"
                           "data maps: maps[60,30,12]\n";

static void naive_sum(const double *x, double *y) {
    for (size_t i = 0; i < COUNT; i++) {
        if (i % COLUMNS == 0) y[i / COLUMNS] = 0;
        y[i / COLUMNS] += x[i];
    }
}

/* along the axis whose neighbours are `inner` apart */
static void sums_so_far(const double *x, double *y, size_t length, size_t inner) {
    for (size_t i = 0; i < COUNT; i++) y[i] = x[i] + (i / inner % length ? y[i - inner] : 0);
}
static void naive_cumsum0(const double *x, double *y) { sums_so_far(x, y, ROWS, COLUMNS); }
static void naive_cumsum1(const double *x, double *y) { sums_so_far(x, y, COLUMNS, 1); }

/* Of x as a matrix X of 4 columns: g becomes diagonal, the squares of its singular values, and the
 * columns of v the eigenvectors of X^T X, by Jacobi's rotations. */
enum { D = COLUMNS };
static void decompose(const double *x, double g[D][D], double v[D][D]) {
    memset(g, 0, D * D * sizeof **g);
    memset(v, 0, D * D * sizeof **v);
    for (size_t i = 0; i < COUNT; i += D)
        for (int j = 0; j < D; j++)
            for (int k = 0; k < D; k++) g[j][k] += x[i + (size_t)j] * x[i + (size_t)k];
    for (int j = 0; j < D; j++) v[j][j] = 1;
    for (int turn = 0; turn < 600; turn++) {
        int p = turn % D, q = (turn / D) % D;
        if (p == q || g[p][q] == 0) continue;
        double angle = 0.5 * atan2(2 * g[p][q], g[q][q] - g[p][p]), c = cos(angle), s = sin(angle);
        for (int k = 0; k < D; k++) {
            double a = g[k][p], b = g[k][q], e = v[k][p], f = v[k][q];
            g[k][p] = c * a - s * b, g[k][q] = s * a + c * b;
            v[k][p] = c * e - s * f, v[k][q] = s * e + c * f;
        }
        for (int k = 0; k < D; k++) {
            double a = g[p][k], b = g[q][k];
            g[p][k] = c * a - s * b, g[q][k] = s * a + c * b;
        }
    }
}

static void naive_values(const double *x, double *y) {
    double g[D][D], v[D][D];
    decompose(x, g, v);
    for (int i = 0; i < D; i++) {
        int above = 0;
        for (int k = 0; k < D; k++) above += g[k][k] > g[i][i];
        if (above < 3) y[above] = sqrt(g[i][i]);
    }
}

/* X V min(1, most/s) V^T, of the `first` singular values that are above `most`. A negative number
 * is times that singular value which follows the first. */
static void clipped(const double *x, double *y, double most, int first) {
    double g[D][D], v[D][D], m[D][D] = {{0}};
    decompose(x, g, v);
    for (int j = 0; j < D; j++)
        for (int k = 0; k < D; k++)
            for (int r = 0; r < D; r++) {
                int above = 0;
                double next = 0, limit;
                for (int i = 0; i < D; i++) above += g[i][i] > g[r][r];
                for (int i = 0; i < D; i++) {
                    int larger = 0;
                    for (int o = 0; o < D; o++) larger += g[o][o] > g[i][i];
                    if (larger == first) next = sqrt(g[i][i]);
                }
                limit = most < 0 ? -most * next : most;
                m[j][k] += v[j][r] * (above < first ? fmin(1, limit / sqrt(g[r][r])) : 1) * v[k][r];
            }
    for (size_t i = 0; i < COUNT; i++) {
        y[i] = 0;
        for (size_t k = 0; k < D; k++) y[i] += x[i / D * D + k] * m[k][i % D];
    }
}
static void naive_clip(const double *x, double *y) { clipped(x, y, 1, COLUMNS); }
static void naive_clamp(const double *x, double *y) { clipped(x, y, 1, 1); }
static void naive_ratio(const double *x, double *y) { clipped(x, y, -1.05, 1); }
static void naive_ratio_two(const double *x, double *y) { clipped(x, y, -1, 2); }
static void naive_same(const double *x, double *y) {
    for (size_t i = 0; i < COUNT; i++) y[i] = x[i];
}

static size_t place(double at, size_t length) {
    return at < 1 ? 0 : at < (double)length ? (size_t)at : length - 1;
}
/* Row k of each sample of y is row at[k] of x's. */
static void rows_of(const double *x, double *y, const size_t *at, size_t count) {
    for (size_t n = 0; n < N; n++)
        for (size_t k = 0; k < count; k++)
            for (size_t c = 0; c < COLUMNS; c++)
                y[(n * count + k) * COLUMNS + c] = x[(n * ROWS + at[k]) * COLUMNS + c];
}
static void naive_ends(const double *x, double *y) { rows_of(x, y, (size_t[]){0, 2}, 2); }
static void naive_twice(const double *x, double *y) { rows_of(x, y, (size_t[]){2, 1, 2}, 3); }
static void naive_own(const double *x, double *y) {
    for (size_t n = 0; n < N; n++) {
        size_t k = place(2 + 3 * page_datum(1, n * ROWS * COLUMNS), ROWS);
        for (size_t c = 0; c < COLUMNS; c++) y[n * COLUMNS + c] = x[(n * ROWS + k) * COLUMNS + c];
    }
}
static void naive_column(const double *x, double *y) {
    for (size_t n = 0; n < N; n++)
        for (size_t k = 0; k < 2; k++) y[n * 2 + k] = x[(n * ROWS + 1 + k) * COLUMNS + 3];
}
static void naive_samples(const double *x, double *y) {
    for (size_t k = 0; k < 3; k++) memcpy(y + k * 12, x + (4 - k) * 12, 12 * sizeof *x);
}
static void naive_put(const double *x, double *y) {
    naive_same(x, y);
    for (size_t i = 0; i < 24; i++) y[12 + i] = x[36 + i];
}

/* ---- x as 5 maps of 3x2 pixels of 2 channels ---- */

enum { H = 3, W = 2, C = 2 };
#define MAP "view(x, 3, 2, 2)"

/* Where result i of a map [.., h,w,C] is. */
typedef struct {
    long n, y, x, c;
} Pixel;
static Pixel place_of(size_t i, long h, long w, long c) {
    long k = (long)i;
    return (Pixel){k / (h * w * c), k / (w * c) % h, k / c % w, k % c};
}
static long kept(long i, long n) { return i < 0 ? 0 : i < n ? i : n - 1; }
static double pixel(const double *m, long n, long y, long x, long c) {
    return m[((n * H + y) * W + x) * C + c];
}

/* Between neighbours at (i + 1/2)*in/out - 1/2, along both axes. */
static void resized(const double *m, double *y, long h, long w) {
    for (size_t i = 0; i < (size_t)(N * h * w * C); i++) {
        Pixel p = place_of(i, h, w, C);
        double v = fmin(fmax(((double)p.y + 0.5) * H / (double)h - 0.5, 0), H - 1);
        double u = fmin(fmax(((double)p.x + 0.5) * W / (double)w - 0.5, 0), W - 1);
        long y0 = (long)v, x0 = (long)u, y1 = kept(y0 + 1, H), x1 = kept(x0 + 1, W);
        double t = v - (double)y0, s = u - (double)x0;
        y[i] = (1 - t) * (1 - s) * pixel(m, p.n, y0, x0, p.c) +
               (1 - t) * s * pixel(m, p.n, y0, x1, p.c) + t * (1 - s) * pixel(m, p.n, y1, x0, p.c) +
               t * s * pixel(m, p.n, y1, x1, p.c);
    }
}
static void naive_grown(const double *m, double *y) { resized(m, y, 5, 7); }
static void naive_shrunk(const double *m, double *y) { resized(m, y, 2, 1); }
static void naive_taller(const double *m, double *y) { resized(m, y, 6, 2); }
static void naive_nearest(const double *m, double *y) {
    for (size_t i = 0; i < N * 7 * 3 * C; i++) {
        Pixel p = place_of(i, 7, 3, C);
        y[i] = pixel(m, p.n, p.y * H / 7, p.x * W / 3, p.c);
    }
}
/* x as a line of 12 pixels of one channel, to 5, and as a box 3x2x2 of one channel, to 2x3x5 */
static void naive_line(const double *m, double *y) {
    for (size_t i = 0; i < N * 5; i++) {
        double v = ((double)(i % 5) + 0.5) * 12 / 5 - 0.5;
        size_t a = (size_t)v, at = i / 5 * 12 + a;
        y[i] = m[at] + (v - (double)a) * (m[at + 1] - m[at]);
    }
}
static void naive_box(const double *m, double *y) {
    for (size_t i = 0; i < N * 2 * 3 * 5; i++) {
        Pixel p = place_of(i, 2, 3, 5);
        double at[] = {fmax(((double)p.y + 0.5) * 3 / 2 - 0.5, 0),
                       fmax(((double)p.x + 0.5) * 2 / 3 - 0.5, 0),
                       fmax(((double)p.c + 0.5) * 2 / 5 - 0.5, 0)};
        const long in[] = {3, 2, 2};
        y[i] = 0;
        for (int corner = 0; corner < 8; corner++) {
            double weight = 1;
            long index = p.n;
            for (int d = 0; d < 3; d++) {
                long low = kept((long)at[d], in[d]), high = kept(low + 1, in[d]);
                double t = fmin(at[d] - (double)low, 1);
                weight *= corner >> d & 1 ? t : 1 - t;
                index = index * in[d] + (corner >> d & 1 ? high : low);
            }
            y[i] += weight * m[index];
        }
    }
}

static void naive_zero(const double *m, double *y) { /* [[1, 0], 2] */
    for (size_t i = 0; i < N * 4 * 6 * C; i++) {
        Pixel p = place_of(i, 4, 6, C);
        bool inside = p.y >= 1 && p.x >= 2 && p.x < 4;
        y[i] = inside ? pixel(m, p.n, p.y - 1, p.x - 2, p.c) : 0;
    }
}
static void naive_edge(const double *m, double *y) { /* [[0, 3], 2] */
    for (size_t i = 0; i < N * 6 * 6 * C; i++) {
        Pixel p = place_of(i, 6, 6, C);
        y[i] = pixel(m, p.n, kept(p.y, H), kept(p.x - 2, W), p.c);
    }
}
static void naive_reflect(const double *m, double *y) { /* [[2, 1], 1] */
    const long rows_read[] = {2, 1, 0, 1, 2, 1}, columns[] = {1, 0, 1, 0};
    for (size_t i = 0; i < N * 6 * 4 * C; i++) {
        Pixel p = place_of(i, 6, 4, C);
        y[i] = pixel(m, p.n, rows_read[p.y], columns[p.x], p.c);
    }
}

static void naive_roll(const double *x, double *y) { /* by -5, which is 1 of 3 */
    for (long i = 0; i < COUNT; i++) y[(i / 12 * 3 + (i / 4 + 1) % 3) * 4 + i % 4] = x[i];
}
static void naive_roll_batch(const double *x, double *y) {
    for (size_t i = 0; i < COUNT; i++) y[(i + 24) % COUNT] = x[i];
}
static void naive_flip(const double *x, double *y) {
    for (size_t i = 0; i < COUNT; i++) y[i / 4 * 4 + 3 - i % 4] = x[i];
}
static void naive_upsample(const double *x, double *y) { /* by 2 and 3 */
    for (size_t i = 0; i < N * 6 * 6 * C; i++) {
        Pixel p = place_of(i, 6, 6, C);
        y[i] = pixel(x, p.n, p.y / 2, p.x / 3, p.c);
    }
}
/* x as one pixel of 12 channels, in blocks of 3x2: channel (c*3 + i)*2 + j */
static void naive_depth(const double *x, double *y) {
    for (size_t i = 0; i < COUNT; i++) {
        Pixel p = place_of(i, 3, 2, 2);
        y[i] = x[((p.n * 2 + p.c) * 3 + p.y) * 2 + p.x];
    }
}
static void naive_space(const double *x, double *y) {
    for (size_t i = 0; i < COUNT; i++) {
        Pixel p = place_of(i, 3, 2, 2);
        y[((p.n * 2 + p.c) * 3 + p.y) * 2 + p.x] = x[i];
    }
}

/* With 0.71 times the map's own two channels and 0.3 as the flow. */
#define WARP "warp(" MAP ", 0.71*" MAP "[0..-1, 0..-1, 0..1] + 0.3"
static void warped(const double *m, double *y, bool zero) {
    for (size_t i = 0; i < COUNT; i++) {
        Pixel p = place_of(i, H, W, C);
        double v = 0.71 * pixel(m, p.n, p.y, p.x, 1) + 0.3 + (double)p.y;
        double u = 0.71 * pixel(m, p.n, p.y, p.x, 0) + 0.3 + (double)p.x;
        y[i] = 0;
        for (long q = (long)floor(v); q < floor(v) + 2; q++)
            for (long r = (long)floor(u); r < floor(u) + 2; r++) {
                if (zero && (q != kept(q, H) || r != kept(r, W))) continue;
                double weight = (1 - fabs(v - (double)q)) * (1 - fabs(u - (double)r));
                y[i] += weight * pixel(m, p.n, kept(q, H), kept(r, W), p.c);
            }
    }
}
static void naive_none(const double *m, double *y) {
    for (size_t i = 0; i < COUNT; i++) y[i] = 0 * m[i];
}
static void naive_warp(const double *m, double *y) { warped(m, y, false); }
static void naive_warp_zero(const double *m, double *y) { warped(m, y, true); }

static void naive_argmax(const double *x, double *y) {
    memset(y, 0, N * ROWS * sizeof *y);
    for (size_t i = 0; i < N * ROWS; i++)
        for (size_t k = 0; k < COLUMNS; k++)
            if (x[i * COLUMNS + k] > x[i * COLUMNS + (size_t)y[i]]) y[i] = (double)k;
}
static void naive_argmax0(const double *x, double *y) {
    for (size_t i = 0; i < N * COLUMNS; i++) {
        const double *v = x + i / COLUMNS * 12 + i % COLUMNS;
        y[i] = v[0] >= v[4] && v[0] >= v[8] ? 0 : v[4] >= v[8] ? 1 : 2;
    }
}
static void naive_argmax_floor(const double *x, double *y) { /* has equals: the first */
    double whole[COUNT];
    for (size_t i = 0; i < COUNT; i++) whole[i] = floor(x[i]);
    naive_argmax0(whole, y);
}

static void naive_scatter(const double *x, double *y) { /* samples 0..4 to rows 1, 0, 1, 0, 1 */
    for (size_t i = 0; i < 3 * 12; i++) y[i] = 0;
    for (size_t n = 0; n < N; n++)
        for (size_t i = 0; i < 12; i++) y[(1 - n % 2) * 12 + i] += x[n * 12 + i];
}

/* One row for each way to call an operation with x. */
typedef struct {
    const char *expr, *shape; /* the result's; or a part of the message when it is refused */
    void (*naive)(const double *x, double *y); /* all of x and of the result; NULL: refused */
    bool level;                                /* it has no gradient */
} Row;

static const Row rows[] = {
    {"sum(x, 1)", "N[5,3]", naive_sum, false}, /* one that is known */
    {"cumsum(x, 0)", "N[5,3,4]", naive_cumsum0, false},
    {"cumsum(x, -1)", "N[5,3,4]", naive_cumsum1, false},
    {"gather(x, range(2, 0, 2))", "N[5,2,4]", naive_ends, false},
    {"x[0..2 step 2]", "N[5,2,4]", naive_ends, false},
    {"gather(x, stack([2, 1, 5]))", "N[5,3,4]", naive_twice, false},
    {"gather(x, 2 + 3*v[0, 0])", "N[5,4]", naive_own, false},
    {"x[2 + 3*v[0, 0]]", "N[5,4]", naive_own, false},
    {"x[range(2, 1), 3]", "N[5,2]", naive_column, false},
    {"gather(unbatch(x), range(3, 4, -1))", "[3,3,4]", naive_samples, false},
    {"samples(unbatch(x))", "N[5,3,4]", naive_same, false},
    {"fold(x)", "N[15,4]", naive_same, false},
    {"unfold(fold(x), 3)", "N[5,3,4]", naive_same, false},
    {"put(unbatch(x), range(2, 1), rows(x, 3, 2))", "[5,3,4]", naive_put, true},
    {"scatter(unbatch(x), 1 - range(5) % 2, 3)", "[3,3,4]", naive_scatter, false},
    {"scatter(x, range(2), 3)", "scatter: 2 positions take as many first extents", NULL, false},
    {"unfold(x, 2)", "unfold: a minibatch of 5 is no multiple of 2", NULL, false},
    {"gather(unbatch(x), v[0, 0], 1)", "positions of each sample pick along the first", NULL,
     false},
    {"x[v[0, 0], v[0, 0]]", "one position may be a tensor, not two", NULL, false},
    {"put(unbatch(x), range(2), v)", "put: 2 positions take as many", NULL, false},
    {"range(0)", "range: expected a count from 1 on, found 0", NULL, false},
    {"clip_singular_values(x, 1)", "clip_singular_values takes a weight [.., in, out]", NULL,
     false},
    {"clip_singular_values(unbatch(x), 1)", "[5,3,4]", naive_clip, true},
    {"clip_singular_values(unbatch(x), 1000)", "[5,3,4]", naive_same, true},
    {"clip_singular_values(unbatch(x), 1, first=1)", "[5,3,4]", naive_clamp, true},
    {"clip_singular_values(unbatch(x), 1.05, first=1, relative=1)", "[5,3,4]", naive_ratio, true},
    {"clip_singular_values(unbatch(x), 1, first=2, relative=1)", "[5,3,4]", naive_ratio_two, true},
    {"clip_singular_values(unbatch(x), 1, first=4, relative=1)", "[5,3,4]", naive_same, true},
    {"clip_singular_values(unbatch(x), 1, relative=1)", "relative to which? it needs first", NULL,
     false},
    {"singular_values(unbatch(x), 3)", "[3]", naive_values, true},
    {"singular_values(unbatch(x), 5)", "count: expected 1 to 4, found 5", NULL, false},
    {"singular_values(x)", "singular_values takes a weight [.., in, out]", NULL, false},
    {"resize(" MAP ", [5, 7], \"bilinear\")", "N[5,5,7,2]", naive_grown, false},
    {"resize(" MAP ", [2, 1], \"bilinear\")", "N[5,2,1,2]", naive_shrunk, false},
    {"resize(" MAP ", [6, 2], \"bilinear\")", "N[5,6,2,2]", naive_taller, false},
    {"resize(" MAP ", [7, 3], \"nearest\")", "N[5,7,3,2]", naive_nearest, false},
    {"resize(view(x, 12, 1), 5, \"bilinear\")", "N[5,5,1]", naive_line, false},
    {"resize(view(x, 3, 2, 2, 1), [2, 3, 5], \"bilinear\")", "N[5,2,3,5,1]", naive_box, false},
    {"resize(x, 2, \"linear\")", "expected \"nearest\" or \"bilinear\", found \"linear\"", NULL,
     false},
    {"resize(" MAP ", [2, 0], \"nearest\")", "size must be at least 1", NULL, false},
    {"resize(" MAP ", [2, 2, 2], \"nearest\")", "size: 2 axes, found a list of 3", NULL, false},
    {"pad(" MAP ", [[1, 0], 2])", "N[5,4,6,2]", naive_zero, false},
    {"pad(" MAP ", [[1, 0], 2], \"zero\")", "N[5,4,6,2]", naive_zero, false},
    {"pad(" MAP ", [[0, 3], 2], \"edge\")", "N[5,6,6,2]", naive_edge, false},
    {"pad(" MAP ", [[2, 1], 1], \"reflect\")", "N[5,6,4,2]", naive_reflect, false},
    {"pad(" MAP ", [1, 2], \"reflect\")", "an axis of 2 has no 2 pixels to reflect", NULL, false},
    {"pad(" MAP ", 1, \"wrap\")", "\"zero\", \"edge\" or \"reflect\", found \"wrap\"", NULL, false},
    {"pad(" MAP ", [1, 2, 3])", "pad: 2 axes, found widths for 3", NULL, false},
    {"pad(" MAP ", [1, [2]])", "expected [before, after], found a list of 1", NULL, false},
    {"roll(x, -5, 0)", "N[5,3,4]", naive_roll, false},
    {"roll(x, 2, \"batch\")", "N[5,3,4]", naive_roll_batch, false},
    {"roll(x, 0.5, 0)", "roll: expected a whole number, found 0.5", NULL, false},
    {"roll(x, 1, 2)", "no axis 2: a sample has 2", NULL, false},
    {"flip(x, -1)", "N[5,3,4]", naive_flip, false},
    {"flip(flip(x, 1), 1)", "N[5,3,4]", naive_same, false},
    {"upsample(" MAP ", [2, 3])", "N[5,6,6,2]", naive_upsample, false},
    {"upsample(" MAP ", [2, 0])", "upsample: factor must be at least 1", NULL, false},
    {"upsample(" MAP ", [2])", "factor: 2 axes, found a list of 1", NULL, false},
    {"depth_to_space(view(x, 1, 1, 12), [3, 2])", "N[5,3,2,2]", naive_depth, false},
    {"space_to_depth(" MAP ", [3, 2])", "N[5,1,1,12]", naive_space, false},
    {"depth_to_space(view(x, 2, 2, 3), 2)", "blocks of 4 do not divide 3 channels", NULL, false},
    {"space_to_depth(" MAP ", 2)", "blocks of 2 do not divide an axis of 3", NULL, false},
    {WARP ")", "N[5,3,2,2]", naive_warp, false},
    {WARP ", \"edge\")", "N[5,3,2,2]", naive_warp, false},
    {WARP ", \"zero\")", "N[5,3,2,2]", naive_warp_zero, false},
    {"warp(" MAP ", 0*" MAP "[0..-1, 0..-1, 0..1] + 1e30*(1 - 2*v[0, 0]^2), \"zero\")",
     "N[5,3,2,2]", naive_none, false},
    {WARP ", \"reflect\")", "warp: expected \"edge\" or \"zero\", found \"reflect\"", NULL, false},
    {"warp(" MAP ", x)", "these are [5,3,2,2] and [5,3,4]", NULL, false},
    {"argmax(x)", "N[5,3]", naive_argmax, true},
    {"argmax(x, 1)", "N[5,3]", naive_argmax, true},
    {"argmax(floor(x), 0)", "N[5,4]", naive_argmax_floor, true},
    {"argmax(x, 0)", "N[5,4]", naive_argmax0, true},
    {"argmax(x, -3)", "no axis -1: a sample has 2", NULL, false},
    {"cumsum(x, 2)", "no axis 2: a sample has 2", NULL, false},
    {"sum(x, 2)", "no axis 2: a sample has 2", NULL, false},
};
enum { ROW_COUNT = sizeof rows / sizeof *rows };

static size_t results; /* of the row in work */

/* The cost whose derivatives are looked at: of third order, so that all of them count. */
static double cost(const Row *row, const double *x) {
    double y[6 * COUNT], sum = 0;
    row->naive(x, y);
    for (size_t i = 0; i < results; i++) sum += y[i] * y[i] * y[i] / 3;
    return sum;
}

/* The cost at x moved by a along v and by b in element k. */
static double moved(const Row *row, double a, size_t k, double b) {
    double x[COUNT];
    for (size_t i = 0; i < COUNT; i++) x[i] = page_datum(0, i) + a * page_datum(1, i);
    x[k] += b;
    return cost(row, x);
}

static double farthest(const float *found, const double *want, size_t n) {
    double size = 1, far = 0;
    for (size_t i = 0; i < n; i++) size = fmax(size, fabs(want[i]));
    for (size_t i = 0; i < n; i++)
        far = fmax(far, isfinite(found[i]) ? fabs(found[i] - want[i]) : INFINITY);
    return far / size;
}

static void check_result(const char *what, const char *expr, const Result *r, const double *want,
                         double bound) {
    double far = r->v ? farthest(r->v, want, r->count) : INFINITY;
    ok(far < bound, "%s: %s", expr, what);
    if (!(far < bound)) diag("off by %g%s", far, r->v ? "" : r->err.text);
}

static void check_values(Model *m, const Row *row) {
    double x[COUNT], want[6 * COUNT];
    char text[240];
    for (size_t i = 0; i < COUNT; i++) x[i] = page_datum(0, i);
    Result r = page_value(m, row->expr, NULL, 0);
    results = r.count;
    row->naive(x, want);
    check_result("values", row->expr, &r, want, 1e-6);
    ok(r.v && !strcmp(result_shape(&r, text, sizeof text), row->shape), "%s: shape", row->expr);
    free(r.v);
}

static void check_derivatives(Model *m, const Row *row) {
    const double h = 1e-4, t = 1e-3;
    double first[COUNT], second[COUNT];
    char slope[300], curve[400];
    for (size_t k = 0; k < COUNT; k++) {
        first[k] = (moved(row, 0, k, h) - moved(row, 0, k, -h)) / (2 * h);
        second[k] = (moved(row, t, k, t) - moved(row, t, k, -t) - moved(row, -t, k, t) +
                     moved(row, -t, k, -t)) /
                    (4 * t * t);
    }
    snprintf(slope, sizeof slope, "grad(sum((%s)^3)/3, x)", row->expr);
    snprintf(curve, sizeof curve, "grad(sum(%s*v), x)", slope);
    Result a = page_value(m, slope, NULL, 0), b = page_value(m, curve, NULL, 0);
    check_result("the gradient", row->expr, &a, first, 2e-5);
    check_result("the gradient's slope", row->expr, &b, second, 1e-3);
    free(a.v), free(b.v);
}

/* x in the expression becomes a tensor that is worth two threads: x[300,70], or a map of 12
 * channels of as many axes. */
static const char *enlarged(const char *expr, char *to, size_t size) {
    static const char *const maps[] = {"maps", "view(maps, 1800, 12)", "maps",
                                       "view(maps, 12, 5, 30, 12)"};
    const char *name = "large", *start = expr;
    *to = 0;
    while (*expr) {
        bool alone = *expr == 'x' && !isalpha(expr[1]) && (expr == start || !isalpha(expr[-1]));
        if (!strncmp(expr, "view(x,", 7)) {
            int axes = -1;
            for (; *expr != ')'; expr++) axes += *expr == ',';
            strncat(to, maps[axes], size - strlen(to) - 1);
            name = "maps";
        } else {
            strncat(to, alone ? "large" : (char[]){*expr, 0}, size - strlen(to) - 1);
        }
        expr++;
    }
    return name;
}

static void check_threads(Model *m, const Row *row) {
    char expr[400], slope[500];
    const char *name = enlarged(row->expr, expr, sizeof expr);
    snprintf(slope, sizeof slope, "grad(sum((%s)^3), %s)", expr, name);
    for (int g = 0; g < 2 - row->level; g++) {
        Result r[2];
        for (int k = 0; k < 2; k++) {
            omp_set_num_threads(k + 1);
            r[k] = page_value(m, g ? slope : expr, NULL, 0);
        }
        omp_set_num_threads(1);
        ok(r[0].v && r[1].v && !memcmp(r[0].v, r[1].v, r[0].count * sizeof(float)),
           "%s: the same bits with 1 and 2 threads", g ? slope : expr);
        if (!r[0].v) diag("%s", r[0].err.text);
        free(r[0].v), free(r[1].v);
    }
}

static void check_complete(void) {
    const Builtin *f;
    for (int t = 0; t < 2; t++)
        for (int k = 0; (f = builtin_get(t ? BUILTIN_PICKS : BUILTIN_OPS, k)); k++) {
            bool seen = !strcmp(f->name, "once"); /* a draw: tests/zoo/language.t */
            for (size_t i = 0; i < ROW_COUNT; i++)
                seen |= rows[i].naive && strstr(rows[i].expr, f->name);
            ok(seen, "%s is tested", f->name);
        }
}

int main(void) {
    cpu_start(1);
    Model m;
    Error err;
    if (!ok(page_model(&m, page, N, NULL, &err), "the page")) diag("%s", err.text);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (!rows[i].naive) {
            Result r = page_value(&m, rows[i].expr, NULL, 0);
            ok(!r.v && strstr(r.err.text, rows[i].shape), "%s: %s", rows[i].expr, rows[i].shape);
            free(r.v);
            continue;
        }
        check_values(&m, &rows[i]);
        if (!rows[i].level) check_derivatives(&m, &rows[i]);
        check_threads(&m, &rows[i]);
    }
    check_complete();
    model_free(&m);
    return done();
}
