/* What compiling a page takes, and what comes of it. Time is in proportion to what is compiled:
 * four times the layers take at most 2.6 * 2.6 times as long, where time in their square would take
 * 16 times. It is that of the processor; the least of several tries counts, taken in turn, and
 * tries go on while others on the machine spoil them. Of a cell both sizes are beyond the caches,
 * whose step would count as well. */
#include <time.h>

#include "pages.h"
#include "tap.h"

enum { TRIES_MAX = 12 };
static const double MOST = 2.6 * 2.6;

static double cpu_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Compiles the updates of all players with n, and returns how long that took; -1: not at all. */
static double compile_seconds(const char *text, const char *n) {
    Model m;
    Error err;
    const char *names[] = {"n"}, *values[] = {n};
    Settings settings = {.names = names, .values = values, .count = 1, .limits = limits_times(100)};
    double start = cpu_seconds();
    bool good = page_model(&m, text, 8, &settings, &err);
    for (int i = 0; good && i < m.page.count; i++) {
        const Statement *s = &m.page.statements[i];
        Arena *arena = arena_new(NULL);
        PlayPart part = {PART_UPDATE, s, NULL, NULL};
        good = s->kind != ST_PLAYER || program_part(arena, &m, &part, m.batch, &err);
        arena_free(arena);
    }
    double seconds = cpu_seconds() - start;
    if (!good) diag("%s", err.text);
    model_free(&m);
    return good ? seconds : -1;
}

static void check(const char *what, const char *text, const char *n, const char *four) {
    double least[2] = {1e9, 1e9}, ratio = 1e9;
    for (int i = 0; i < TRIES_MAX && (i < 2 || ratio > MOST); i++) {
        for (int k = 0; k < 2; k++) {
            double t = compile_seconds(text, k ? four : n);
            if (t < least[k]) least[k] = t;
        }
        ratio = least[1] / least[0];
    }
    ok(least[0] > 0 && least[1] > 0 && ratio <= MOST, "%s: %s take %.2f times as long as %s", what,
       four, ratio, n);
    diag("%.3f s and %.3f s", least[0], least[1]);
}

#define GAME                                                                                \
    "player D: adam(2e-4, 0.5) minimizes mean(softplus(-D(x))) + mean(softplus(D(G(z))))\n" \
    "player G: adam(2e-4, 0.5) minimizes mean(softplus(-D(G(z))))\n"

/* Bytes of values of the first player's update. */
static double value_bytes(const char *text) {
    Model m;
    Error err;
    Arena *arena = arena_new(NULL);
    double bytes = INFINITY;
    if (page_model(&m, text, 4, NULL, &err)) {
        const Statement *s = m.page.statements;
        while (s->kind != ST_PLAYER) s++;
        PlayPart part = {PART_UPDATE, s, NULL, NULL};
        const Program *p = program_part(arena, &m, &part, m.batch, &err);
        if (p) bytes = (double)plan_cost(program_plan(p)).value_bytes;
    }
    if (isinf(bytes)) diag("%s", err.text);
    model_free(&m);
    arena_free(arena);
    return bytes;
}

static void check_shared_weight(void) {
    double bytes = value_bytes(
        "noise z: normal[128]\n"
        "block cell(h) = h | linear(128, bias=0) | tanh\n"
        "net R(z) = (scan h = z for i in 1..40: cell(h, name=\"cell\"))[-1] | linear(1)\n"
        "player R: sgd(1e-3) minimizes mean((R(z) - 1)^2)\n");
    double weight = 128 * 128 * sizeof(float);
    ok(bytes < 8 * weight, "40 gradients of a weight are summed as they come: %.1f are kept",
       bytes / weight);
}

int main(void) {
    cpu_start(1);
    check_shared_weight();
    check("linear layers",
          "option n = 1\n"
          "data x: point[4]\n"
          "noise z: normal[4]\n"
          "net G(z) = z | for i in 1..n ( linear(4) ) | linear(4)\n"
          "net D(x) = x | for i in 1..n ( linear(4) ) | linear(1)\n" GAME,
          "200", "800");
    check("layers with batch norm, and an average",
          "option n = 1\n"
          "data x: point[4]\n"
          "noise z: normal[4]\n"
          "net G(z) = z | for i in 1..n ( linear(4) | batchnorm | relu ) | linear(4)\n"
          "net D(x) = x | for i in 1..n ( linear(4) | batchnorm | relu ) | linear(1)\n"
          "average A of G: 0.99\n" GAME,
          "100", "400");
    check("residual blocks, and a gradient's norm",
          "option n = 1\n"
          "data x: point[4]\n"
          "noise z: normal[4]\n"
          "block res(x) = x + (x | layernorm | relu | linear(4))\n"
          "net G(z) = z | for i in 1..n ( res ) | linear(4)\n"
          "net D(x) = x | for i in 1..n ( res ) | linear(1)\n"
          "let gp = mean(grad(D(x), x)^2)\n"
          "player D: adam(2e-4, 0.5) minimizes mean(D(x)) - mean(D(G(z))) + gp\n"
          "player G: adam(2e-4, 0.5) minimizes mean(D(G(z)))\n",
          "40", "160");
    check("steps of a cell",
          "option n = 1\n"
          "data x: point[4]\n"
          "noise z: normal[4]\n"
          "block cell(x, h) = (1 - u) * c + u * h\n"
          "    where u = sigmoid(concat([x, h]) | linear(4, name=\"u\")),\n"
          "          c = tanh(concat([x, u * h]) | linear(4, name=\"c\"))\n"
          "net D(z) = (scan h = z for i in 1..n: cell(z, h, name=\"cell\"))[-1] | linear(1)\n"
          "player D: adam(1e-3) minimizes mean((D(z) - 1)^2)\n",
          "1600", "6400");
    return done();
}
