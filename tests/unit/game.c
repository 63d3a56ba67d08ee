/* Games: steps against PyTorch's (tests/golden/golden-step.py), optimizers against loops in double
 * precision, actions, averages, schedules, streams that end, threads. Run from the repository's
 * root. */
#include "game/game.h"

#include <omp.h>

#include "pages.h"

/* ---- streams of frames made here ---- */

typedef struct {
    FILE *file;
    Reader *reader;
} Pipe;

/* A frame of one tensor x [n, k]: page_datum by the frame's number. */
static void pipe_frame(Pipe *p, int number, size_t n, size_t k) {
    Frame f = {0};
    Error err;
    size_t shape[2] = {n, k};
    if (!p->file) p->file = tmpfile();
    bool good =
        p->file && frame_add(&f, "x", DT_F32, 2, shape, &err) >= 0 && !frame_allocate(&f, &err);
    for (size_t i = 0; good && i < n * k; i++)
        ((float *)frame_find(&f, "x")->data)[i] = page_datum(number, i);
    if (!good || frame_write(&f, p->file, "frames", &err)) abort();
    frame_free(&f);
}

static Reader *pipe_start(Pipe *p) {
    Error err;
    rewind(p->file);
    lseek(fileno(p->file), 0, SEEK_SET);
    return p->reader = reader_fd(dup(fileno(p->file)), "frames", &err);
}

static void pipe_end(Pipe *p) {
    reader_close(p->reader);
    fclose(p->file);
}

static Game *start(Model *m, const char *page, size_t batch) {
    Error err;
    Game *g = page_model(m, page, batch, NULL, &err) ? game_new(m, &err) : NULL;
    if (!g) {
        ok(0, "%s", err.text);
        exit(1);
    }
    return g;
}

static void stop(Model *m, Game *g) {
    game_free(g);
    model_free(m);
}

static float *values(const Model *m, const char *name) {
    Entry *e = store_find(m->store, name);
    return e ? e->state.data : NULL;
}

/* ---- PyTorch's steps ---- */

/* Largest difference of a tensor from the expected one, relative to its largest element. */
static double distance(const Model *m, const Tensor *want) {
    Entry *e = store_find(m->store, want->name);
    Frame f = {0};
    Error err;
    double far = INFINITY;
    if (e && !store_declare(m->store, &f, &err) && !frame_allocate(&f, &err)) {
        const Tensor *t = frame_find(&f, want->name);
        if (t && t->count == want->count) /* in the layout of files */
            far = max_rel(store_give(m->store, t, t->data), want->data, want->count);
    }
    frame_free(&f);
    return far;
}

/* text holds the costs of all updates, those of one step behind those of another; of each step the
 * last ones are what the game reports. */
static void check_costs(const char *name, const double *costs, int steps, int reported, int updates,
                        const char *text) {
    double far = 0;
    char *end = (char *)(uintptr_t)text;
    for (int s = 0; s < steps; s++)
        for (int u = 0; u < updates; u++) {
            double want = strtod(text, &end);
            text = end;
            int i = u - (updates - reported);
            if (i < 0) continue;
            far = fmax(far, fabs(costs[s * reported + i] - want) / fmax(1, fabs(want)));
        }
    ok(reported > 0 && far < 1e-5 && !*end, "%s: costs of %d updates", name, steps * reported);
    if (!(far < 1e-5)) diag("off by %g", far);
}

/* Frames: initial tensors and page, minibatches, expected tensors and costs. */
static void check_golden(const char *name, size_t batch, int steps, int seen_updates) {
    char path[100];
    Error err = {{0}};
    Frame first = {0}, last = {0};
    double costs[16], worst = 0;
    int count = 0;
    snprintf(path, sizeof path, "tests/golden/%s.st", name);
    Reader *r = reader_open(path, &err);
    if (!ok(r && reader_next(r, &first, &err) == 1, "%s: read", path)) {
        diag("%s", err.text);
        return;
    }
    Model m;
    page_model(&m, frame_meta(&first, "page"), batch, NULL, &err);
    m.store->source = &first;
    Game *g = game_new(&m, &err);
    for (int s = 0; g && s < steps; s++) {
        if (game_step(g, r, &err) != PLAY_DONE) break;
        /* the last update of each player is what is reported */
        for (int i = 0; i < game_figures(g); i++) costs[count++] = (double)game_figure(g, i);
    }
    ok(g && (int)m.step == steps && (int)m.updates == seen_updates, "%s: %d steps", name, steps);
    if (err.text[0]) diag("%s", err.text);
    ok(reader_next(r, &last, &err) == 1 && last.tensor_count == first.tensor_count,
       "%s: expected tensors", name);
    for (size_t i = 0; i < last.tensor_count; i++) {
        double far = distance(&m, &last.tensors[i]);
        if (!(far < 1e-5)) diag("%s is off by %g", last.tensors[i].name, far);
        worst = fmax(worst, far);
    }
    ok(worst < 1e-5, "%s: all %zu tensors after %d steps are PyTorch's", name, last.tensor_count,
       steps);
    diag("largest relative difference %.2g", worst);
    /* training moved every one of them by far more than that */
    double least = INFINITY;
    for (size_t i = 0; i < first.tensor_count; i++) {
        const Tensor *was = &first.tensors[i], *is = frame_find(&last, was->name);
        least = fmin(least, max_rel(was->data, is->data, was->count));
    }
    ok(least > 5e-4, "%s: every tensor has moved", name);
    check_costs(name, costs, steps, count / steps, seen_updates / steps,
                frame_meta(&last, "costs"));
    frame_free(&first), frame_free(&last);
    reader_close(r);
    game_free(g);
    model_free(&m);
}

/* ---- looking ahead ---- */

/* Plays some steps of a page that reads x [n, 2] and compares what it leaves under a name with what
 * another page leaves: the same bits? */
static bool same_end(const char *page, const char *other, const char *name, int steps) {
    Error err;
    Store *stores[2];
    Model m[2];
    Game *g[2];
    bool same = true;
    for (int k = 0; k < 2; k++) {
        Pipe p = {0};
        for (int i = 0; i < 2 * steps; i++) pipe_frame(&p, i, 6, 2);
        g[k] = start(&m[k], k ? other : page, 6);
        Reader *r = pipe_start(&p);
        for (int i = 0; i < steps; i++) same = same && game_step(g[k], r, &err) == PLAY_DONE;
        pipe_end(&p);
        stores[k] = m[k].store;
    }
    size_t compared = 0;
    for (size_t i = 0; i < stores[0]->count; i++) {
        const Entry *a = stores[0]->entries[i], *b = store_find(stores[1], a->state.name);
        if (!entry_belongs(a, name)) continue;
        compared++;
        same = same && b && !memcmp(a->state.data, b->state.data, a->state.count * sizeof(float));
    }
    for (int k = 0; k < 2; k++) stop(&m[k], g[k]);
    return same && compared;
}

#define UNROLLED                                                                      \
    "data x: x[2]\nnoise z: normal[3]\nnet G(z) = z | linear(8) | relu | linear(2)\n" \
    "net D(x) = x | linear(8) | batchnorm | relu | linear(1)\n"                       \
    "net L(D) = mean(softplus(-D(x))) + mean(softplus(D(G(z))))\n"
#define PLAYER_D "player D: adam(0.01, beta1=0.5) minimizes L(D)\n"
#define PLAYER_G "player G: adam(0.01, beta1=0.5) maximizes "

static void check_ahead(void) {
    const char *plain = UNROLLED PLAYER_D PLAYER_G "L(D)\n";
    ok(same_end(plain, UNROLLED PLAYER_D PLAYER_G "L(after(D, 0))\n", "G", 5) &&
           same_end(plain, UNROLLED PLAYER_D PLAYER_G "L(after(D, 0))\n", "D", 5) &&
           same_end(plain, UNROLLED PLAYER_D PLAYER_G "L(after(D, 0))\n", "optimizer", 5),
       "after no updates: the plain game to the bit");
    const char *ahead = UNROLLED PLAYER_D PLAYER_G "L(after(D, 3))\n";
    ok(same_end(plain, ahead, "D.0", 1) && same_end(plain, ahead, "D.3", 1) &&
           same_end(plain, ahead, "optimizer.D", 1) && !same_end(plain, ahead, "G", 1),
       "looking ahead leaves D's update as it is, and changes G's");
    ok(!same_end(plain, ahead, "D.1", 1) &&
           same_end(ahead, UNROLLED PLAYER_D PLAYER_G "L(after(D, 1))\n", "D.1", 1),
       "D after updates moves no running statistics of D");
    const char *kept = UNROLLED PLAYER_D PLAYER_G "L(after(D, 3, fresh=0))\n";
    ok(!same_end(kept, ahead, "G", 1) &&
           same_end(kept, UNROLLED PLAYER_D PLAYER_G "L(after(after(D, 2, fresh=0), 1, fresh=0))\n",
                    "G", 3),
       "updates add up; fresh noise is other noise");
}

/* ---- optimizers ---- */

enum { SGD, ADAM, RMSPROP };

typedef struct {
    const char *text;
    int kind;
    double rate, a, b, eps, decay, momentum; /* a, b: momentum; beta1, beta2; rho */
} Optimizer;

static const Optimizer optimizers[] = {
    {"sgd(0.1)", SGD, 0.1, 0, 0, 0, 0, 0},
    {"sgd(0.1, momentum=0.9)", SGD, 0.1, 0, 0, 0, 0, 0.9},
    {"sgd(0.05, 0.5, 0.1)", SGD, 0.05, 0, 0, 0, 0.1, 0.5},
    {"sgd()", SGD, 0.01, 0, 0, 0, 0, 0},
    {"adam()", ADAM, 1e-3, 0.9, 0.999, 1e-8, 0, 0},
    {"adam(0.01, beta1=0.5)", ADAM, 0.01, 0.5, 0.999, 1e-8, 0, 0},
    {"adam(0.02, 0, 0.9, 0.01, 0.1)", ADAM, 0.02, 0, 0.9, 0.01, 0.1, 0},
    {"rmsprop()", RMSPROP, 0.01, 0.99, 0, 1e-8, 0, 0},
    {"rmsprop(0.002, rho=0.9, eps=0.001)", RMSPROP, 0.002, 0.9, 0, 0.001, 0, 0},
    {"rmsprop(0.01, 0.9, momentum=0.5, decay=0.2)", RMSPROP, 0.01, 0.9, 0, 1e-8, 0.2, 0.5},
};

static void optimizer_step(const Optimizer *o, double *w, double d, double *m, double *v, int t) {
    d += o->decay * *w;
    if (o->kind == SGD) {
        *m = o->momentum * *m + d;
        *w -= o->rate * *m;
    } else if (o->kind == ADAM) {
        *m = o->a * *m + (1 - o->a) * d;
        *v = o->b * *v + (1 - o->b) * d * d;
        *w -= o->rate * (*m / (1 - pow(o->a, t))) / (sqrt(*v / (1 - pow(o->b, t))) + o->eps);
    } else {
        *v = o->a * *v + (1 - o->a) * d * d;
        *m = o->momentum * *m + d / (sqrt(*v) + o->eps);
        *w -= o->rate * *m;
    }
}

/* The mean of (w.x - 1)^2 over a minibatch, and its gradient. */
static double square_cost(const double *w, int number, size_t n, size_t k, double *d) {
    double cost = 0;
    for (size_t i = 0; i < k; i++) d[i] = 0;
    for (size_t i = 0; i < n; i++) {
        double y = -1;
        for (size_t j = 0; j < k; j++) y += w[j] * page_datum(number, i * k + j);
        cost += y * y / (double)n;
        for (size_t j = 0; j < k; j++) d[j] += 2 * y * page_datum(number, i * k + j) / (double)n;
    }
    return cost;
}

enum { STEPS = 12, WIDE = 5 };

/* With an average and a clip where asked for. */
static void check_optimizer(const Optimizer *o, const char *then, double clip) {
    char page[400];
    Model m;
    Pipe pipe = {0};
    Error err = {{0}};
    double w[WIDE], e[WIDE], a[WIDE] = {0}, b[WIDE] = {0}, d[WIDE], far = 0;
    snprintf(page, sizeof page,
             "data x: x[5]\nnet D(x) = x | linear(1, bias=0)\naverage E of D: 0.75\n"
             "player D: %s minimizes mean((D(x) - 1)^2)%s\n",
             o->text, then);
    for (int s = 0; s < STEPS; s++)
        pipe_frame(&pipe, s, 4 + (size_t)s % 3, WIDE); /* of several sizes */
    Game *g = start(&m, page, 4);
    Reader *r = pipe_start(&pipe);
    const float *now = values(&m, "D.0.weight"), *average = values(&m, "E.0.weight");
    for (int i = 0; i < WIDE; i++)
        w[i] = now[i], e[i] = average[i], far = fmax(far, fabs(w[i] - e[i]));
    ok(far == 0, "%s%s: the average starts as its net", o->text, then);
    for (int s = 0; s < STEPS; s++) {
        double cost = square_cost(w, s, 4 + (size_t)s % 3, WIDE, d);
        if (game_step(g, r, &err) != PLAY_DONE) far = INFINITY;
        far = fmax(far, fabs((double)game_figure(g, 0) - cost) / fmax(cost, 1));
        for (int i = 0; i < WIDE; i++) {
            optimizer_step(o, &w[i], d[i], &a[i], &b[i], s + 1);
            w[i] = fmin(fmax(w[i], -clip), clip);
            e[i] += 0.25 * (w[i] - e[i]);
            far = fmax(far, fmax(fabs(now[i] - w[i]), fabs(average[i] - e[i])));
        }
    }
    ok(far < 2e-5, "%s%s: %d steps", o->text, then, STEPS);
    if (!(far < 2e-5)) diag("off by %g %s", far, err.text);
    stop(&m, g);
    pipe_end(&pipe);
}

/* ---- schedules and actions ---- */

/* a is multiplied by 0.8 at each update */
static const struct {
    const char *page;
    int steps;
    double a;
} schedules[] = {
    {"player P of a: sgd(0.1) minimizes a^2\n", 7, 7},
    {"player a repeat 2: sgd(0.1) minimizes a^2\n", 7, 14},
    {"player a every 3: sgd(0.1) minimizes a^2\n", 7, 3},
    {"player a when step >= 2: sgd(0.1) minimizes a^2\n", 7, 5},
    {"player a repeat 1 + step % 2: sgd(0.1) minimizes a^2\n", 7, 10},
    {"option k = 3\nplayer a repeat k every 2 when step > 0: sgd(0.1) minimizes a^2\n", 7, 9},
    {"player a repeat 0: sgd(0.1) minimizes a^2\n", 3, 0},
    {"player a: sgd(0.1) maximizes -a^2\n", 4, 4},
    {"player a: sgd(if step < 2 then 0.1 else 0) minimizes a^2\n", 5, NAN}, /* no such condition */
    {"player a: sgd(0.1*(step < 2)) minimizes a^2\n", 5, 2},
    {"player P of a: sgd(0.1) minimizes a^2\nplayer Q of a: sgd(0.1) minimizes a^2\n", 3, 6},
};

static void check_schedules(void) {
    for (size_t i = 0; i < sizeof schedules / sizeof *schedules; i++) {
        char page[300];
        Model m;
        Error err;
        snprintf(page, sizeof page, "param a = 1\n%s", schedules[i].page);
        page_model(&m, page, 1, NULL, &err);
        Game *g = game_new(&m, &err);
        for (int s = 0; g && s < schedules[i].steps; s++)
            if (game_step(g, NULL, &err) != PLAY_DONE) break;
        double want = pow(0.8, schedules[i].a);
        bool good = isnan(want) ? !g
                                : g && (int)m.step == schedules[i].steps &&
                                      fabs(*values(&m, "a") - want) < 1e-5;
        ok(good, "%.*s", (int)strcspn(schedules[i].page, "\n"), schedules[i].page);
        if (!good) diag("%g, not %g", g ? (double)*values(&m, "a") : NAN, want);
        game_free(g);
        model_free(&m);
    }
}

/* Actions see the values of before, also when a page is compiled again for another minibatch. */
static void check_old_values(void) {
    Model m;
    Pipe pipe = {0};
    Error err;
    for (int i = 0; i < 3; i++) pipe_frame(&pipe, i, 2 + (size_t)i, 2);
    Game *g = start(&m,
                    "data x: x[2]\nstate k = 1\nstate l = 0\nnet D(x) = x | linear(1)\n"
                    "player D: sgd(0.1) minimizes mean(D(x)^2) then k = 2*step + 2, l = k\n",
                    1);
    Reader *r = pipe_start(&pipe);
    double want = 1;
    int bad = 0;
    for (int s = 0; s < 3; s++) {
        bad += game_step(g, r, &err) != PLAY_DONE || *values(&m, "l") != (float)want;
        want = 2 * s + 2;
        bad += *values(&m, "k") != (float)want;
    }
    ok(!bad, "actions see the values of before");
    stop(&m, g);
    pipe_end(&pipe);
}

static void check_actions(void) {
    Model m;
    Error err;
    /* k is BEGAN's kind of state; old shows that actions come in order, after the update */
    Game *g = start(&m,
                    "param a = 1\nstate k = 0.5\nstate n = 0\nstate old = -1\n"
                    "player a: sgd(0.1) minimizes k*a^2\n"
                    "    then old = k, k = clamp(k + 0.3*c, 0, 0.9), n = n + 1\n"
                    "    where c = a^2\n"
                    "    log state = k, square = c\n",
                    1);
    double a = 1, k = 0.5, far = 0;
    for (int s = 0; s < 4; s++) {
        if (game_step(g, NULL, &err) != PLAY_DONE) far = INFINITY;
        far = fmax(far, fabs((double)game_figure(g, 0) - k * a * a));
        far = fmax(far, fabs((double)game_figure(g, 1) - k)); /* figures are of before the update */
        far = fmax(far, fabs((double)game_figure(g, 2) - a * a));
        double was = k, square = a * a;
        a -= 0.1 * 2 * k * a;
        k = fmin(k + 0.3 * square, 0.9);
        far = fmax(far, fabs(*values(&m, "a") - a) + fabs(*values(&m, "k") - k));
        far = fmax(far, fabs(*values(&m, "old") - was) + fabs(*values(&m, "n") - (double)(s + 1)));
    }
    ok(far < 1e-6, "states and their updates");
    if (!(far < 1e-6)) diag("off by %g", far);
    ok(game_figures(g) == 3 && !strcmp(game_figure_name(g, 0), "a") &&
           !strcmp(game_figure_name(g, 1), "state"),
       "figures and their names");
    stop(&m, g);
    g = start(&m,
              "param a[3] = normal(0, 1)\nplayer a: sgd(0.01) minimizes mean(a) then clip(a, "
              "-0.25, 0.5)\n",
              1);
    must(game_step(g, NULL, &err) == PLAY_DONE ? 0 : -1);
    float low = 9, high = -9;
    for (int i = 0; i < 3; i++)
        low = fminf(low, values(&m, "a")[i]), high = fmaxf(high, values(&m, "a")[i]);
    ok(low >= -0.25f && high <= 0.5f && (low == -0.25f || high == 0.5f), "clip to a range");
    stop(&m, g);
}

/* Lists, and what is logged now and then: of after the update, and without a trace in what follows.
 */
static void check_logs(void) {
    const char *page = "param a = 1\nnoise z: normal[1]\n"
                       "player a: sgd(0.1) minimizes a^2 + mean(a*z) then a = a/2 every 2\n"
                       "    log pair = [a, a^2]%s\n";
    Model m[2];
    Game *g[2];
    Error err;
    for (int i = 0; i < 2; i++) {
        char text[400];
        snprintf(text, sizeof text, page,
                 i ? ", seen = a every 2, z = mean(z) every 1, never = a every 0" : "");
        g[i] = start(&m[i], text, 2);
    }
    ok(game_figures(g[0]) == 3 && game_figures(g[1]) == 5 &&
           !strcmp(game_figure_name(g[1], 2), "pair2") &&
           !strcmp(game_figure_name(g[1], 3), "seen"),
       "a list's numbers are figures of their own, and what is never logged is none");
    game_times(g[1]);
    int bad = 0;
    for (int s = 0; s < 5; s++) {
        float was = game_figure(g[1], 3), before = *values(&m[1], "a");
        for (int i = 0; i < 2; i++) bad += game_step(g[i], NULL, &err) != PLAY_DONE;
        float now = *values(&m[1], "a"), seen = game_figure(g[1], 3), z = game_figure(g[1], 4);
        bad += game_figure(g[1], 1) != before || game_figure(g[1], 2) != before * before;
        bad += seen != (s % 2 ? was : 2 * now);
        float after = before - 0.1f * (2 * before + z);
        bad += fabsf((s % 2 ? now : 2 * now) - after) > 1e-6f;
        bad += now != *values(&m[0], "a");
    }
    ok(!bad, "a log with a schedule sees what the actions will, with the update's noise");
    float all = 0;
    for (int i = 5; i < game_figures(g[1]); i++) all += game_figure(g[1], i);
    ok(game_figures(g[1]) == 10 && !strcmp(game_figure_name(g[1], 5), "time_a") &&
           !strcmp(game_figure_name(g[1], 8), "time_a_a") && fabsf(all - 1) < 1e-5f,
       "shares of the time");
    for (int i = 0; i < 2; i++) stop(&m[i], g[i]);
}

/* ---- streams that end, costs that are not finite ---- */

static void check_ends(void) {
    const char *page =
        "data x: x[2]\nnet D(x) = x | linear(1)\nnet G(x) = x | linear(1)\n"
        "player D: sgd(0.1) minimizes mean(D(x))\nplayer G: sgd(0.1) minimizes mean(G(x)^2)\n";
    Model m;
    Pipe pipe = {0};
    Error err = {{0}};
    for (int i = 0; i < 5; i++) pipe_frame(&pipe, i, 3, 2);
    Game *g = start(&m, page, 8);
    Reader *r = pipe_start(&pipe);
    PlayResult one = game_step(g, r, &err), two = game_step(g, r, &err);
    float w = values(&m, "D.0.weight")[0];
    ok(one == PLAY_DONE && two == PLAY_DONE && m.frames == 4 && m.step == 2 && m.batch == 3,
       "two steps of two frames");
    ok(game_step(g, r, &err) == PLAY_NO_DATA && m.frames == 4 && m.step == 2 &&
           values(&m, "D.0.weight")[0] == w,
       "half a step is not played");
    ok(game_reads_data(g) && game_step(g, NULL, &err) == PLAY_NO_DATA, "no stream at all");
    stop(&m, g);
    pipe_end(&pipe);
    pipe = (Pipe){0};
    pipe_frame(&pipe, 0, 3, 4);
    pipe_frame(&pipe, 0, 3, 4);
    g = start(&m, page, 8);
    ok(game_step(g, pipe_start(&pipe), &err) == PLAY_BAD_DATA && m.updates == 0 &&
           strstr(err.text, "frame 1: tensor x has shape [3,4], the page wants [3,2]"),
       "frames of another shape");
    stop(&m, g);
    pipe_end(&pipe);
    g = start(&m, "param a = 1\nplayer a: sgd(1) minimizes exp(100*a)\n", 1);
    ok(game_step(g, NULL, &err) == PLAY_DIVERGED &&
           strstr(err.text, "the cost of player a is inf at step 1"),
       "a cost that is not finite");
    stop(&m, g);
    ok(page_model(&m, "param a = 1\n", 1, NULL, &err) && !game_new(&m, &err) &&
           strstr(err.text, "the page has no player"),
       "no player");
    model_free(&m);
}

/* ---- threads ---- */

static const char large_page[] =
    "data x: x[16,16,3]\nnoise z: normal(0, 1)[24]\n"
    "net G(z) = z | linear(4*4*32) | reshape(4, 4, 32) | batchnorm | relu | deconv(16, 5, "
    "stride=2) | batchnorm\n"
    "             | relu | deconv(3, 5, stride=2) | tanh\n"
    "net D(x) = x | conv(16, 5, stride=2) | lrelu | dropout(0.3) | conv(32, 5, stride=2) | "
    "batchnorm | lrelu\n"
    "             | flatten | linear(1)\n"
    "average H of G: 0.9\n"
    "player D: adam(0.001) minimizes mean(softplus(-D(x))) + mean(softplus(D(G(z))))\n"
    "             + 0.1*mean((norm(grad(sum(D(x)), x)) - 1)^2)\n"
    "player G: rmsprop(0.001) minimizes mean(softplus(-D(G(z)))) then clip(G, 0.5)\n";

/* All values after two steps. */
static Str large_game(int threads, uint64_t seed) {
    Model m;
    Error err = {{0}};
    Str all = {0};
    Frame f = {0};
    omp_set_num_threads(threads);
    page_model(&m, large_page, 16, NULL, &err);
    m.seed = m.store->seed = seed;
    FILE *file = tmpfile();
    size_t shape[] = {16, 16, 16, 3};
    for (int i = 0; i < 4 && file; i++) {
        frame_clear(&f);
        if (frame_add(&f, "x", DT_U8, 4, shape, &err) < 0 || frame_allocate(&f, &err)) abort();
        unsigned char *to = frame_find(&f, "x")->data;
        for (size_t k = 0; k < 16 * 16 * 16 * 3; k++)
            to[k] = (unsigned char)(100 * page_datum(i, k) + 100);
        if (frame_write(&f, file, "frames", &err)) abort();
    }
    Pipe p = {.file = file};
    Game *g = game_new(&m, &err);
    for (int s = 0; g && s < 2; s++) {
        if (!s) pipe_start(&p);
        if (game_step(g, p.reader, &err) != PLAY_DONE) {
            diag("%s", err.text);
            break;
        }
        for (int i = 0; i < game_figures(g); i++) {
            float v = game_figure(g, i);
            str_append(&all, (const char *)&v, sizeof v);
        }
    }
    for (size_t i = 0; i < m.store->count; i++) {
        const State *s = &m.store->entries[i]->state;
        str_append(&all, (const char *)s->data, s->count * sizeof *s->data);
    }
    if (!g || m.step != 2) all.length = (size_t)threads;
    pipe_end(&p);
    frame_free(&f);
    game_free(g);
    model_free(&m);
    omp_set_num_threads(1);
    return all;
}

static void check_threads(void) {
    Str one = large_game(1, 1), again = large_game(1, 1), two = large_game(2, 1),
        three = large_game(3, 1);
    Str other = large_game(1, 2);
    ok(one.length > 100000 && one.length == again.length &&
           !memcmp(one.text, again.text, one.length),
       "the same game twice has the same bits");
    ok(one.length == two.length && !memcmp(one.text, two.text, one.length), "and with 2 threads");
    ok(one.length == three.length && !memcmp(one.text, three.text, one.length), "and with 3");
    ok(one.length == other.length && memcmp(one.text, other.text, one.length),
       "another seed is another game");
    str_free(&one), str_free(&again), str_free(&two), str_free(&three), str_free(&other);
}

int main(void) {
    cpu_start(1);
    check_golden("dcgan", 6, 3, 6);
    check_golden("wgan-gp", 5, 2, 6);
    static const char *const unrolled[] = {"sgd-0",  "sgd-1",  "sgd-3",   "adam-0",
                                           "adam-1", "adam-3", "stopped", "other"};
    for (size_t i = 0; i < sizeof unrolled / sizeof *unrolled; i++) {
        char name[40];
        snprintf(name, sizeof name, "unrolled-%s", unrolled[i]);
        check_golden(name, 6, 3, 6);
    }
    check_ahead();
    for (size_t i = 0; i < sizeof optimizers / sizeof *optimizers; i++)
        check_optimizer(&optimizers[i], "", INFINITY);
    check_optimizer(&optimizers[1], " then clip(D, 0.25)", 0.25);
    check_optimizer(&optimizers[4], " then clip(D, -0.3, 0.3)", 0.3);
    check_schedules();
    check_actions();
    check_logs();
    check_old_values();
    check_ends();
    check_threads();
    return done();
}
