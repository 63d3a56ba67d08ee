#include "plan/pace.h"

#include <stdio.h>
#include <unistd.h>

/* Seconds to look at: many turns of the scheduler. */
static const double LOOK = 0.1;
/* A thread that runs for less than this part of the time, twice in turn, is kept from running, or
 * waits for one that is. */
static const double UNDISTURBED = 0.6;
/* What was lost with a try is made up for by so many times as long without one; after a change for
 * the better it is as many looks. */
static const double PATIENCE = 20, SETTLING = 20;
/* On a busy machine all threads may take so many times as long as one: what a try must be feared to
 * cost, whose price is earned before. */
static const double WORST = 20;

bool pace_busy(void) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    FILE *in = fopen("/proc/stat", "r");
    if (!in) return false;
    char line[256];
    long running = 0;
    while (fgets(line, sizeof line, in))
        if (sscanf(line, "procs_running %ld", &running) == 1) break;
    (void)fclose(in);
    return running > cores; /* this thread is one of them */
}

void pace_start(Pace *p, bool (*busy)(void)) { *p = (Pace){.busy = busy, .alone = busy()}; }

int pace_threads(const Pace *p, int all) { return p->alone != p->trying ? 1 : all; }

/* The other choice has been tried. */
static void compare(Pace *p) {
    double lost = p->wall - p->usual * p->runs;
    p->trying = false;
    if (lost < 0) {
        p->alone = !p->alone;
        p->usual = p->wall / p->runs;
        p->resting = SETTLING * p->wall;
    } else {
        p->resting = PATIENCE * lost;
    }
}

/* Whether the other choice is to be tried: at once where it may be better, and on a machine that
 * looks busy only after as long a time as makes up for the worst. */
static bool worth_a_try(Pace *p, bool disturbed_before) {
    if (p->resting > 0) return false;
    if (!p->alone) return p->disturbed && disturbed_before;
    p->put_off = !p->put_off && p->busy();
    if (p->put_off) p->resting = PATIENCE * (LOOK + WORST * p->usual);
    return !p->put_off;
}

void pace_note(Pace *p, double wall, double cpu) {
    p->runs++;
    p->wall += wall;
    p->cpu += cpu;
    if (!p->trying) p->resting -= wall;
    if (p->wall < LOOK) return;
    if (p->trying) {
        compare(p);
    } else {
        bool before = p->disturbed;
        p->disturbed = p->cpu < UNDISTURBED * p->wall;
        p->usual = p->wall / p->runs;
        p->trying = worth_a_try(p, before);
    }
    p->runs = 0;
    p->wall = p->cpu = 0;
}
