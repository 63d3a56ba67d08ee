#include "plan/pace.h"

/* Seconds to look at: many turns of the scheduler. */
static const double LOOK = 0.1;
/* A thread that runs for less than this part of the time, twice in turn, is kept from running, or
 * waits for one that is. */
static const double UNDISTURBED = 0.6;
/* What was lost with a try is made up for by so many times as long without one; after a change for
 * the better it is as many looks. */
static const double PATIENCE = 20, SETTLING = 20;

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
        p->trying = p->resting <= 0 && (p->alone || (p->disturbed && before));
    }
    p->runs = 0;
    p->wall = p->cpu = 0;
}
