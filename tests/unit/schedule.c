/* Schedules: the numbers of a player's clauses and of learning rates from step to step, what is
 * evaluated once and what each time, and what is refused. */
#include "game/schedule.h"

#include "pages.h"

static const char page[] = "option k = 3\n"
                           "option rate = 0.5\n"
                           "param w[2] = 1\n"
                           "noise z: normal[2]\n"
                           "let half = k / 2, slow = floor(step / 2)\n"
                           "block decayed(r, n) = r * 0.5^(step / n)\n"
                           "player P of w repeat 1 + step % 2 every k when step >= 2 * k:\n"
                           "    sgd(decayed(rate, 4)) minimizes sum(w^2)\n";

static Model model_of(const Settings *settings) {
    Model m;
    Error err = {{0}};
    if (!page_model(&m, page, 1, settings, &err)) printf("Bail out! %s\n", err.text), exit(1);
    return m;
}

static Expr *parsed(const Model *m, const char *text) {
    Expr *e = NULL;
    Error err = {{0}};
    if (page_parse_expr(m->arena, "EXPR", text, &e, &err))
        printf("Bail out! %s\n", err.text), exit(1);
    return e;
}

/* NAN where there is none. */
static double at(Schedule *s, uint64_t step) {
    double v = NAN;
    Error err = {{0}};
    if (!s || schedule_number(s, step, &v, &err)) {
        diag("%s", err.text);
        return NAN;
    }
    return v;
}

/* ---- numbers ---- */

enum { ASKED = 5 };
static const uint64_t asked[ASKED] = {0, 1, 7, 2, 1000000}; /* not only forwards */

static const struct {
    const char *text;
    double want[ASKED];
} numbers[] = {
    {"3", {3, 3, 3, 3, 3}},
    {"step", {0, 1, 7, 2, 1000000}},
    {"1 + step % 3", {1, 2, 2, 3, 2}},
    {"step >= 2", {0, 0, 1, 1, 1}},
    {"step % 2 == 0", {1, 0, 0, 1, 1}},
    {"k", {3, 3, 3, 3, 3}},
    {"half", {1.5, 1.5, 1.5, 1.5, 1.5}},
    {"slow", {0, 0, 3, 1, 500000}},
    {"k + slow", {3, 3, 6, 4, 500003}},
    {"rate", {0.5, 0.5, 0.5, 0.5, 0.5}},
    {"decayed(rate, 1)", {0.5, 0.25, 0.00390625, 0.125, 0}},
    {"rate * select(step < 2, 1, 0.1)", {0.5, 0.5, 0.05, 0.05, 0.05}},
    {"clamp(rate - 0.1 * step, 0.1, 1)", {0.5, 0.4, 0.1, 0.3, 0.1}},
    {"rate * (1 - clamp(step / 10, 0, 1))", {0.5, 0.45, 0.15, 0.4, 0}},
};

static void test_numbers(void) {
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        Model m = model_of(NULL);
        Error err = {{0}};
        Schedule *s = schedule_new(&m, parsed(&m, numbers[i].text), &err);
        double far = 0;
        for (int k = 0; k < ASKED; k++) {
            double v = at(s, asked[k]);
            if (!(fabs(v - numbers[i].want[k]) <= 1e-7)) { /* in single precision at times */
                diag("step %d: %g, not %g", (int)asked[k], v, numbers[i].want[k]);
                far = 1;
            }
        }
        ok(s && !far, "%s", numbers[i].text);
        schedule_free(s);
        model_free(&m);
    }
}

/* ---- clauses: updates in each of the first steps ---- */

static void test_clauses(void) {
    Model m = model_of(NULL);
    Error err = {{0}};
    const Statement *p = NULL;
    for (int i = 0; i < m.page.count; i++)
        if (m.page.statements[i].kind == ST_PLAYER) p = &m.page.statements[i];
    Schedule *every = schedule_new(&m, p->every, &err), *when = schedule_new(&m, p->when, &err),
             *repeat = schedule_new(&m, p->repeat, &err);
    static const int want[14] = {0, 0, 0, 0, 0, 0, 1, 0, 0, 2, 0, 0, 1, 0};
    int bad = 0;
    for (int step = 0; step < 14; step++) {
        double e = at(every, (uint64_t)step), w = at(when, (uint64_t)step),
               r = at(repeat, (uint64_t)step);
        bad += (w != 0 && step % (int)e == 0 ? (int)r : 0) != want[step];
    }
    ok(!bad, "every, when and repeat of one player");
    schedule_free(every), schedule_free(when), schedule_free(repeat);
    model_free(&m);
}

/* ---- what is evaluated when ---- */

/* The number at step 1 once another expression has taken the place of the one asked at step 0. */
static double replaced(const char *text, const char *other) {
    Model m = model_of(NULL);
    Error err = {{0}};
    Expr *e = parsed(&m, text);
    Schedule *s = schedule_new(&m, e, &err);
    at(s, 0);
    *e = *parsed(&m, other);
    double v = at(s, 1);
    schedule_free(s);
    model_free(&m);
    return v;
}

static void test_evaluation(void) {
    ok(replaced("k", "4") == 3, "one that has not asked for the step is evaluated once");
    ok(replaced("half + 1", "4") == 2.5, "whatever it names");
    ok(replaced("step", "4") == 4, "one that has asked is evaluated again");
    ok(replaced("slow", "4") == 4, "also where a name of the page asked");

    const char *names[] = {"k"}, *values[] = {"5"};
    Settings settings = {names, values, 1, {0}, false};
    Model m = model_of(&settings);
    Error err = {{0}};
    Schedule *s = schedule_new(&m, parsed(&m, "half * step"), &err);
    size_t entries = m.store->count;
    ok(at(s, 2) == 5, "an option has the value of the command line");
    for (uint64_t step = 0; step < 100; step++) at(s, step);
    ok(m.store->count == entries, "the store is left as it is");
    schedule_free(s);
    model_free(&m);
}

/* ---- states ---- */

static void test_states(void) {
    Model m = model_of(NULL);
    Error err = {{0}};
    Schedule *s = schedule_new(&m, parsed(&m, "sum(w) + step"), &err);
    Entry *w = store_find(m.store, "w");
    if (!ok(s && w && w->state.data, "one that depends on a param is made")) {
        diag("%s", err.text);
        return;
    }
    for (size_t i = 0; i < w->state.count; i++) w->state.data[i] = 2;
    ok(at(s, 5) == 2 * (double)w->state.count + 5, "with the values that it has now");
    w->state.data[0] = 10;
    ok(at(s, 5) == 2 * (double)w->state.count + 13, "and then");
    schedule_free(s);
    model_free(&m);
}

/* Each is 0 in steps 0 and 1, whatever w is, and then says whether sum(w) > 3. */
static const char *const hidden[] = {
    "step > 1 and sum(w) > 3",
    "not (step < 2 or sum(w) <= 3)",
    "(step > 1) * (sum(w) > 3)",
    "select(step > 1, sum(w) > 3, 0)",
};

static void test_hidden_states(void) {
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++) {
        Model m = model_of(NULL);
        Error err = {{0}};
        Schedule *s = schedule_new(&m, parsed(&m, hidden[i]), &err);
        Entry *w = store_find(m.store, "w");
        bool good = s && w && w->state.data;
        if (!good) diag("%s", err.text);
        for (int large = 0; large < 2 && good; large++) {
            w->state.data[0] = large ? 4 : 1;
            for (uint64_t step = 0; step < 4; step++)
                good = good && at(s, step) == (step > 1 && large);
        }
        ok(good, "a state that matters in later steps: %s", hidden[i]);
        schedule_free(s);
        model_free(&m);
    }
    Model m = model_of(NULL);
    Error err = {{0}};
    double v;
    Schedule *s = schedule_new(&m, parsed(&m, "if step > 1 then sum(w) else 0"), &err);
    ok(at(s, 1) == 0 && schedule_number(s, 2, &v, &err) && strstr(err.text, "select, not by if"),
       "if needs numbers");
    schedule_free(s);
    model_free(&m);
}

/* ---- what is refused ---- */

static const struct {
    const char *text, *error;
} wrong[] = {
    {"none_such", "EXPR:1:1: unknown name none_such"},
    {"step + none_such", "EXPR:1:8: unknown name none_such"},
    {"[1, 2]", "EXPR:1:1: schedule"},
    {"w", "EXPR:1:1: a schedule is one number, of states"},
    {"z", "EXPR:1:1: a schedule is one number, of states"},
};

static void test_errors(void) {
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Model m = model_of(NULL);
        Error err = {{0}};
        size_t entries = m.store->count;
        Schedule *s = schedule_new(&m, parsed(&m, wrong[i].text), &err);
        if (!ok(!s && !strncmp(err.text, wrong[i].error, strlen(wrong[i].error)),
                "%s is refused when it is made, and where", wrong[i].text))
            diag("%s", err.text);
        ok(m.store->count <= entries + 1, "%s: leaves no more than what it names", wrong[i].text);
        model_free(&m);
    }
    Model late = model_of(NULL);
    Error why = {{0}};
    double v = -1;
    Schedule *some = schedule_new(&late, parsed(&late, "if step < 1 then 1 else none_such"), &why);
    ok(some && !schedule_number(some, 0, &v, &why) && v == 1, "what is asked for in its step");
    for (uint64_t step = 1; step < 3; step++)
        ok(schedule_number(some, step, &v, &why) == -1 && strstr(why.text, "none_such"),
           "and refused there, each time");
    schedule_free(some);
    model_free(&late);
    const char *names[] = {"k"}, *values[] = {"x"};
    Settings settings = {names, values, 1, {0}, false};
    Model m = model_of(&settings);
    Error err = {{0}};
    Schedule *s = schedule_new(&m, parsed(&m, "step"), &err);
    if (!ok(!s && strstr(err.text, "option k"), "an option that is no number, when it is made"))
        diag("%s", err.text);
    schedule_free(s); /* NULL is allowed */
    model_free(&m);
}

int main(void) {
    test_numbers();
    test_clauses();
    test_evaluation();
    test_states();
    test_hidden_states();
    test_errors();
    return done();
}
