#include "maths/embedding.h"

#include "base/rng.h"
#include "maths/dense.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 64, HALVINGS = 200 };

/* ---- similarities ---- */

/* Turns squared distances [n] into weights exp(-beta (d - least)), its own 0; returns their
 * entropy. */
static double weigh(const double *d, size_t n, size_t self, double least, double beta, double *w) {
    double sum = 0, moment = 0;
    for (size_t j = 0; j < n; j++) {
        double v = j == self ? 0 : exp(-beta * (d[j] - least));
        w[j] = v;
        sum += v;
        moment += v * (d[j] - least);
    }
    for (size_t j = 0; j < n; j++) w[j] /= sum;
    return log(sum) + beta * moment / sum;
}

/* The precision beta whose entropy is the perplexity's logarithm, by bisection. Where so many rows
 * are equally near that none has it, beta grows as far as bisection goes. */
static void find_weights(const double *d, size_t n, size_t self, double perplexity, double *w) {
    double least = INFINITY, mean = 0, low = 0, high = INFINITY, wanted = log(perplexity);
    for (size_t j = 0; j < n; j++) {
        if (j != self && d[j] < least) least = d[j];
        mean += d[j] / (double)(n - 1);
    }
    double beta = mean > least ? 1 / (mean - least) : 1;
    for (int i = 0; i < HALVINGS; i++) {
        double entropy = weigh(d, n, self, least, beta, w);
        if (fabs(entropy - wanted) < 1e-10) return;
        if (entropy > wanted)
            low = beta;
        else
            high = beta;
        beta = isinf(high) ? 2 * beta : (low + high) / 2;
        if (isinf(beta)) return;
    }
}

/* p[i,j] and p[j,i] become their mean, divided by n. */
static void symmetrise(double *p, size_t n) {
#pragma omp parallel for schedule(dynamic, 16)
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            p[i * n + j] = p[j * n + i] = (p[i * n + j] + p[j * n + i]) / (2 * (double)n);
}

int embedding_similarities(const double *x, size_t n, size_t d, double perplexity, double *p,
                           Error *err) {
    if (!(perplexity >= 1) || !(perplexity < (double)n - 1))
        return fail(err, "a perplexity of %g needs more than %g rows, there are %zu", perplexity,
                    perplexity + 1, n);
    double *xx = data_alloc(n * sizeof *xx, err);
    double *room = data_alloc((size_t)omp_get_max_threads() * BLOCK * n * sizeof *room, err);
    int bad = xx && room ? 0 : -1;
    if (!bad) squared_norms(x, n, d, xx);
#pragma omp parallel for schedule(dynamic) if (!bad)
    for (size_t i = 0; i < n; i += BLOCK) {
        size_t rows = n - i < BLOCK ? n - i : BLOCK;
        if (bad) continue;
        double *dist = room + (size_t)omp_get_thread_num() * BLOCK * n;
        squared_distances(x + i * d, xx + i, rows, x, xx, n, d, dist);
        for (size_t k = 0; k < rows; k++)
            find_weights(dist + k * n, n, i + k, perplexity, p + (i + k) * n);
    }
    if (!bad) symmetrise(p, n);
    free(xx);
    free(room);
    return bad;
}

/* ---- descent ---- */

/* What row i adds: the pull and the push on it, the sum of its weights, and of p log(p / w). */
typedef struct {
    double pull[2], push[2], weights, divergence;
} Force;

static Force force_on(const double *p, size_t n, const double *y, size_t i, bool divergence) {
    Force f = {0};
    const double *row = p + i * n, y0 = y[2 * i], y1 = y[2 * i + 1];
    for (size_t j = 0; j < n; j++) {
        double a = y0 - y[2 * j], b = y1 - y[2 * j + 1], w = 1 / (1 + a * a + b * b);
        double pull = row[j] * w, push = w * w;
        f.pull[0] += pull * a;
        f.pull[1] += pull * b;
        f.push[0] += push * a;
        f.push[1] += push * b;
        f.weights += w;
    }
    f.weights -= 1; /* its own */
    for (size_t j = 0; j < n && divergence; j++) {
        double a = y0 - y[2 * j], b = y1 - y[2 * j + 1];
        if (row[j] > 0) f.divergence += row[j] * log(row[j] * (1 + a * a + b * b));
    }
    return f;
}

/* force [n] is scratch. divergence may be NULL, for it costs logarithms. */
static void descend(const double *p, size_t n, const double *y, double times, Force *force,
                    double *gradient, double *divergence) {
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < n; i++) force[i] = force_on(p, n, y, i, divergence);
    double sum = 0, kl = 0;
    for (size_t i = 0; i < n; i++) sum += force[i].weights;
    for (size_t i = 0; i < n; i++) kl += force[i].divergence;
    if (divergence) *divergence = kl + log(sum); /* the sum of p is 1 */
    for (size_t i = 0; i < n && gradient; i++)
        for (int c = 0; c < 2; c++)
            gradient[2 * i + (size_t)c] = 4 * (times * force[i].pull[c] - force[i].push[c] / sum);
}

int embedding_divergence(const double *p, size_t n, const double *y, double times, double *gradient,
                         double *divergence, Error *err) {
    Force *force = data_alloc(n * sizeof *force, err);
    if (force) descend(p, n, y, times, force, gradient, divergence);
    free(force);
    return force ? 0 : -1;
}

typedef struct {
    double *y, *gradient, *step, *gain; /* [n,2] */
    size_t n;
} Descent;

/* The gain of a number grows while its gradient goes on against its last step (Jacobs 1988). */
static void take_step(Descent *s, double rate, double momentum) {
    double mean[2] = {0, 0};
    for (size_t i = 0; i < 2 * s->n; i++) {
        bool onwards = s->gradient[i] * s->step[i] < 0;
        s->gain[i] = fmax(onwards ? s->gain[i] + 0.2 : s->gain[i] * 0.8, 0.01);
        s->step[i] = momentum * s->step[i] - rate * s->gain[i] * s->gradient[i];
        s->y[i] += s->step[i];
        mean[i % 2] += s->y[i] / (double)s->n;
    }
    for (size_t i = 0; i < 2 * s->n; i++) s->y[i] -= mean[i % 2];
}

static int start(Descent *s, uint64_t seed, Error *err) {
    float *normal = data_alloc(2 * s->n * sizeof *normal, err);
    if (!normal) return -1;
    rng_normal((RngKey){.seed = seed}, 0, 2 * s->n, normal);
    for (size_t i = 0; i < 2 * s->n; i++) {
        s->y[i] = 1e-4 * (double)normal[i];
        s->step[i] = 0;
        s->gain[i] = 1;
    }
    free(normal);
    return 0;
}

static int find(const EmbeddingWant *want, Descent *s, const double *p, double *divergence,
                Error *err) {
    double rate = want->rate > 0 ? want->rate : fmax((double)s->n / want->exaggeration / 4, 50);
    Force *force = data_alloc(s->n * sizeof *force, err);
    if (!force || start(s, want->seed, err) < 0) {
        free(force);
        return -1;
    }
    for (size_t t = 0; t < want->iterations; t++) {
        bool early = t < want->early;
        descend(p, s->n, s->y, early ? want->exaggeration : 1, force, s->gradient, NULL);
        take_step(s, rate, early ? 0.5 : 0.8);
    }
    descend(p, s->n, s->y, 1, force, NULL, divergence);
    free(force);
    return isfinite(*divergence) ? 0 : fail(err, "the points flew apart: lower --rate");
}

int embedding_find(const EmbeddingWant *want, const double *x, size_t n, size_t d, double *y,
                   double *divergence, Error *err) {
    size_t bytes;
    if (!size_mul(n, n, &bytes) || !size_mul(bytes, sizeof(double), &bytes))
        return fail(err, "%zu rows are too many", n);
    double *p = data_alloc(bytes, err), *room = data_alloc(6 * n * sizeof *room, err);
    Descent s = {y, room, room ? room + 2 * n : NULL, room ? room + 4 * n : NULL, n};
    int bad = p && room ? embedding_similarities(x, n, d, want->perplexity, p, err) : -1;
    if (!bad) bad = find(want, &s, p, divergence, err);
    free(p);
    free(room);
    return bad;
}
