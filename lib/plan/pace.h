/* pace.h: with how many threads a plan runs. All of them are fastest on a machine that has nothing
 * else to do; where other processes keep the cores busy, threads wait for each other to get a turn
 * after each kernel, and one is faster. Which of the two is better is found by trying the other for
 * a moment, at a cost that stays small beside what is gained. Results do not depend on it. */
#ifndef GAN_PACE_H
#define GAN_PACE_H

#include "base/base.h"

typedef struct {
    bool (*busy)(void);
    bool put_off;   /* the next try, as the machine was busy when it was due */
    bool alone;     /* one thread is the better choice so far */
    bool disturbed; /* at the last look others kept the threads waiting */
    bool trying;    /* the other choice is being tried */
    int runs;       /* of the plan that have been looked at together so far */
    double wall;    /* seconds they took */
    double cpu;     /* seconds of these in which the thread that waits for the others ran */
    double usual;   /* seconds a run took when the choice was looked at last */
    double resting; /* seconds until the other may be tried */
} Pace;

/* Whether other processes want all processors, as far as /proc/stat tells; one thread of this
 * process may run meanwhile. */
bool pace_busy(void);
/* Begins with one thread where the machine is busy, else with all. `busy` is asked again before all
 * threads are tried. */
void pace_start(Pace *p, bool (*busy)(void));
/* Of so many threads, those the next run is to have. */
int pace_threads(const Pace *p, int all);
/* How long that run took. */
void pace_note(Pace *p, double wall, double cpu);

#endif
