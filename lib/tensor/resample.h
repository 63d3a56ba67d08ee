/* resample.h: linear maps along neighbouring axes whose results are sums of a few elements each:
 * resizing, repeating the edge or turning back at it, rolling, flipping and filtering, and their
 * adjoints. */
#ifndef GAN_RESAMPLE_H
#define GAN_RESAMPLE_H

#include "tensor/filter.h"

/* What result i of `out` reads along an axis of `in`. */
typedef enum {
    RESAMPLE_KEEP,    /* i */
    RESAMPLE_NEAREST, /* floor(i*in/out) */
    RESAMPLE_LINEAR,  /* between neighbours, at (i + 1/2)*in/out - 1/2 kept on the axis */
    RESAMPLE_EDGE,    /* i - before, kept on the axis */
    RESAMPLE_REFLECT, /* i - before, turned back at the first and the last element */
    RESAMPLE_ROLL,    /* i - before, modulo in */
    RESAMPLE_FLIP,    /* in - 1 - i */
    RESAMPLE_FILTER   /* what a filter says */
} ResampleRule;

typedef struct {
    ResampleRule rule;
    size_t in, out;
    ptrdiff_t before; /* negative: so many are cut off */
} ResampleAxis;

/* Result i is the sum over t of taps[t] * u[i*down + t - before], where u[j*up] is element j and
 * all between and around them are zeros. */
typedef struct {
    int count; /* of taps, 1 to FILTER_TAPS */
    size_t up, down;
    float taps[FILTER_TAPS];
} ResampleFilter;

enum { RESAMPLE_AXES = 3 };

/* `count` axes of a tensor from `axis` on. The adjoint goes from `out` to `in`. */
typedef struct {
    int axis, count;
    bool adjoint;
    ResampleAxis along[RESAMPLE_AXES];
    ResampleFilter filter; /* of all axes of RESAMPLE_FILTER */
} Resampling;

typedef struct ResamplePlan ResamplePlan;
/* For [outer, axes.., inner], in the arena. */
const ResamplePlan *resample_plan(Arena *arena, const Resampling *r, size_t outer, size_t inner);
/* Bytes, which depend on omp_get_max_threads(). */
size_t resample_scratch(const ResamplePlan *p);
/* The same bits for every number of threads. */
void resample_run(const ResamplePlan *p, const float *x, float *y, void *scratch);

#endif
