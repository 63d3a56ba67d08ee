/* codes.h: the pointwise operations. One of a tensor is one line here, all of it: a row of the
 * table of tests (tests/unit/pointwise.c, tests/unit/page.c) and scripts/dev/man-functions --update
 * are what remains.
 *
 *   X(code, name, cost, value, gradient, number, help)
 *
 * cost      0: as cheap as a load, so repeating it beats storing its result
 * value     of the float x, in what simd_pointwise.c has: the kernels are made of it
 * gradient  in x, given dy, the gradient in the result y, in what op_pointwise.c has; NULL: none
 * number    of the double x, for numbers of pages
 * help      a line of gan-page(5) */
#ifndef GAN_CODES_H
#define GAN_CODES_H

/* clang-format off */

/* Functions of pages. */
#define PW_FUNCTIONS(X) \
    X(TANH, tanh, 1, f_tanh(x), \
      MUL(dy, SUB(one, OF(SQUARE, y))), tanh(x), "hyperbolic tangent") \
    X(SIGMOID, sigmoid, 1, f_sigmoid(x), \
      MUL(dy, MUL(y, SUB(one, y))), 1 / (1 + exp(-x)), "1/(1+exp(-x))") \
    X(SOFTPLUS, softplus, 1, f_softplus(x), \
      MUL(dy, OF(SIGMOID, x)), fmax(x, 0) + log1p(exp(-fabs(x))), "log(1+exp(x)), stable") \
    X(EXP, exp, 1, f_exp(x), MUL(dy, y), exp(x), "exponential") \
    X(LOG, log, 1, f_log(x), DIV(dy, x), log(x), "natural logarithm") \
    X(SQRT, sqrt, 1, sqrtf(x), MUL(dy, DIV(NUMBER(0.5f), y)), sqrt(x), "square root") \
    X(SQUARE, square, 0, x * x, MUL(dy, SCALE(x, 2)), x * x, "x*x") \
    X(ABS, abs, 0, fabsf(x), MUL(dy, OF(SIGN, x)), fabs(x), "absolute value") \
    X(SIGN, sign, 0, x > 0 ? 1.0f : x < 0 ? -1.0f : 0.0f, NULL, (x > 0) - (x < 0), "-1, 0 or 1") \
    X(SIN, sin, 1, sincos_part(x, 0), MUL(dy, OF(COS, x)), sin(x), "sine") \
    X(COS, cos, 1, sincos_part(x, 1), NEG(MUL(dy, OF(SIN, x))), cos(x), "cosine") \
    X(ACOS, acos, 1, f_acos(x), NEG(MUL(dy, OF(RSQRT, SUB(one, OF(SQUARE, x))))), acos(x), \
      "angle from 0 to pi whose cosine is x") \
    X(ERF, erf, 1, f_erf(x), MUL(dy, SCALE(OF(EXP, NEG(OF(SQUARE, x))), M_2_SQRTPI)), erf(x), \
      "error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x") \
    X(GELU, gelu, 1, 0.5f * x * (1.0f + f_erf(x * 0.70710678f)), \
      MUL(dy, ADD(SCALE(ADD(one, OF(ERF, SCALE(x, M_SQRT1_2))), 0.5), \
                  MUL(x, SCALE(OF(EXP, SCALE(OF(SQUARE, x), -0.5)), 0.3989422804014327)))), \
      0.5 * x * (1 + erf(x * M_SQRT1_2)), "x times the normal distribution function of x") \
    X(SILU, silu, 1, x * f_sigmoid(x), \
      MUL(dy, ADD(OF(SIGMOID, x), MUL(y, SUB(one, OF(SIGMOID, x))))), x / (1 + exp(-x)), \
      "x*sigmoid(x), also called swish") \
    X(FLOOR, floor, 0, floorf(x), NULL, floor(x), "largest whole number not above x")

/* What gradients and simplifications need besides. */
#define PW_UNARY(X) \
    X(COPY, copy, 0, x, dy, x, "") \
    X(NEG, neg, 0, -x, NEG(dy), -x, "") \
    X(RECIP, reciprocal, 1, 1.0f / x, NEG(MUL(dy, OF(SQUARE, y))), 1 / x, "") \
    X(RSQRT, rsqrt, 1, 1.0f / sqrtf(x), \
      MUL(dy, SCALE(MUL(y, OF(SQUARE, y)), -0.5)), 1 / sqrt(x), "") \
    PW_FUNCTIONS(X)

/* Of two tensors: X(code, name, cost, value); their gradients are functions of op_pointwise.c. NaN
 * wins in max and min, so that a diverged value is never hidden. */
#define PW_BINARY(X) \
    X(ADD, add, 0, a + b) \
    X(SUB, sub, 0, a - b) \
    X(MUL, mul, 0, a * b) \
    X(DIV, div, 1, a / b) \
    X(POW, pow, 1, f_pow(a, b)) \
    X(MAX, max, 0, a > b ? a : a != a ? a : b) \
    X(MIN, min, 0, a < b ? a : a != a ? a : b) \
    X(LRELU, leaky_relu, 0, a > 0.0f ? a : a * b) \
    X(LT, less, 0, a < b ? 1.0f : 0.0f) \
    X(LE, less_equal, 0, a <= b ? 1.0f : 0.0f) \
    X(EQ, equal, 0, a == b ? 1.0f : 0.0f)

/* clang-format on */

#endif
