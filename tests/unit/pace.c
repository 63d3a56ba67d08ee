/* With how many threads plans run, on machines that are made up: seconds a run takes and how much
 * of that its own thread runs, with all threads and with one. */
#include "plan/pace.h"

#include "tap.h"

enum { ALL = 2 };

typedef struct {
    double all, all_runs; /* seconds; part of them that the thread runs */
    double one, one_runs;
} Machine;

/* Plays for so long; how many times as long as `best` seconds a run that took. */
static double play(Pace *p, const Machine *m, double seconds, double best) {
    double spent = 0;
    int runs = 0;
    while (spent < seconds) {
        bool one = pace_threads(p, ALL) == 1;
        double wall = one ? m->one : m->all;
        pace_note(p, wall, wall * (one ? m->one_runs : m->all_runs));
        spent += wall;
        runs++;
    }
    return spent / (best * runs);
}

static bool is_quiet(void) { return false; }
static bool is_busy(void) { return true; }

int main(void) {
    const Machine quiet = {0.004, 1, 0.007, 1}, waiting = {0.004, 0.5, 0.007, 1};
    const Machine busy = {0.3, 0.15, 0.027, 0.3}, slow = {2, 0.15, 0.15, 0.3};
    Pace p;
    pace_start(&p, is_quiet);
    ok(play(&p, &quiet, 60, quiet.all) < 1.0001, "a quiet machine: always all threads");
    pace_start(&p, is_quiet);
    double times = play(&p, &waiting, 60, waiting.all);
    ok(times < 1.05, "threads that wait though all are faster: %.3f times as long", times);
    pace_start(&p, is_quiet);
    times = play(&p, &busy, 60, busy.one);
    ok(times < 1.1, "a busy machine: %.3f times as long as one thread", times);
    times = play(&p, &quiet, 60, quiet.all);
    ok(times < 1.5 && pace_threads(&p, ALL) == ALL, "quiet again: all threads after a while");
    times = play(&p, &busy, 60, busy.one);
    ok(times < 1.1, "busy again: %.3f times as long as one thread", times);
    pace_start(&p, is_quiet);
    times = play(&p, &slow, 600, slow.one);
    ok(times < 1.1, "runs longer than a look: %.3f times as long as one thread", times);
    for (double seconds = 1; seconds < 1000; seconds *= 3) {
        pace_start(&p, is_busy);
        times = play(&p, &busy, seconds, busy.one);
        ok(times < 1.1, "busy from the beginning, %g s: %.3f times", seconds, times);
        pace_start(&p, is_busy);
        times = play(&p, &slow, seconds, slow.one);
        ok(times < 1.1, "and long runs, %g s: %.3f times", seconds, times);
    }
    pace_start(&p, is_busy);
    times = play(&p, &quiet, 60, quiet.all);
    ok(times < 1.2 && pace_threads(&p, ALL) == ALL,
       "others that are easily put off: all threads after a while, %.3f times", times);
    return done();
}
