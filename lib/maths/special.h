/* special.h: special functions and their derivatives, in double precision. What is not defined is
 * NaN. */
#ifndef GAN_SPECIAL_H
#define GAN_SPECIAL_H

/* The derivative of that order of the digamma function at x > 0; order -1: log gamma. */
double special_polygamma(int order, double x);

typedef enum {
    BESSEL_LOG,        /* log I_nu(x), the modified Bessel function of the first kind; nu >= 0 */
    BESSEL_LOG_SCALED, /* log I_nu(x) - x */
    BESSEL_RATIO,      /* I_nu(x) / I_{nu-1}(x), nu > 0 */
    BESSEL_KL /* divergence of a von Mises-Fisher distribution in 2 nu dimensions, of concentration
                 x, from the uniform one of the sphere; nu >= 1 */
} BesselKind;

enum { BESSEL_NU_MAX = 10000, BESSEL_ORDERS = 8 };

/* The derivative of that order, below BESSEL_ORDERS, in x >= 0. */
double special_bessel(BesselKind kind, double nu, int order, double x);

/* For y the log of a gamma variable of shape a > 0, the slope dy/da at a fixed value of the
 * distribution function: the gradient of a draw (Figurnov, Mohamed & Mnih 2018). Of that the
 * partial derivative of that order, below GAMMA_ORDERS, in a at a fixed y. */
enum { GAMMA_ORDERS = 8 };
double special_gamma_slope(double a, double y, int order);

#endif
