/* adjoint.h: gradients through a solver by solving another equation backwards in time (Chen,
 * Rubanova, Bettencourt & Duvenaud 2018), in place of keeping what all its steps computed. */
#ifndef GAN_ADJOINT_H
#define GAN_ADJOINT_H

#include "graph/graph.h"

enum { STAGES_MAX = 7 };

/* An explicit Runge-Kutta method: k_i = f(y + h sum_j a_ij k_j, t + c_i h), y + h sum_i b_i k_i. */
typedef struct {
    const char *name;
    int stages;
    double c[STAGES_MAX], a[STAGES_MAX][STAGES_MAX], b[STAGES_MAX];
    double error[STAGES_MAX]; /* b less that of the embedded method; adaptive ones have it */
    int steps;                /* between two times, when the page says nothing */
} Method;

/* One that the solver made, or one of length 0. */
typedef struct {
    Node *t, *length; /* where it starts, of the shape of the slope's time */
    Node *h;          /* the length, of the state's shape */
} AdjointStep;

typedef struct Adjoint Adjoint;

/* A stand-in for a state or time, from which the slope is computed that adjoint_new is told. */
Node *adjoint_leaf(Graph *g, Node *n);
/* slope: of y's shape, computed from y and the time t, both stand-ins. */
Adjoint *adjoint_new(Graph *g, const Method *method, Node *y, Node *t, Node *slope);
/* The slope at another state and time. */
Node *adjoint_slope(Graph *g, const Adjoint *a, Node *y, Node *t);
/* `end`, what the solver made of `start` by these steps, which must live as long as the graph, with
 * its gradient in the start and in all that the slope is computed from. */
Node *adjoint_interval(Graph *g, const Adjoint *a, int count, const AdjointStep *step, Node *start,
                       Node *end);

#endif
