/* jet.h: functions of one variable t near 0 as their first Taylor coefficients, f[k] being that of
 * t^k; k! f[k] is the derivative of order k. */
#ifndef GAN_JET_H
#define GAN_JET_H

enum { JET_MAX = 10 };

typedef struct {
    int count; /* of coefficients */
    double c[JET_MAX];
} Jet;

/* The constant x. */
static inline Jet jet_constant(int count, double x) { return (Jet){.count = count, .c = {x}}; }

static inline Jet jet_mul(Jet a, Jet b) {
    Jet r = {.count = a.count};
    for (int k = 0; k < a.count; k++)
        for (int i = 0; i <= k; i++) r.c[k] += a.c[i] * b.c[k - i];
    return r;
}

/* a/b */
static inline Jet jet_div(Jet a, Jet b) {
    Jet r = {.count = a.count};
    for (int k = 0; k < a.count; k++) {
        double sum = a.c[k];
        for (int i = 1; i <= k; i++) sum -= b.c[i] * r.c[k - i];
        r.c[k] = sum / b.c[0];
    }
    return r;
}

/* a/(x + t) */
static inline Jet jet_over(Jet a, double x) {
    double before = 0;
    for (int k = 0; k < a.count; k++) before = a.c[k] = (a.c[k] - before) / x;
    return a;
}

static inline double jet_derivative(const Jet *a, int order) {
    double d = a->c[order];
    for (int k = 2; k <= order; k++) d *= k;
    return d;
}

#endif
