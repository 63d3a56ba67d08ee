/* tap.h: the Test Anything Protocol for the small C programs of the test suite. */
#ifndef TAP_H
#define TAP_H

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int tap_count, tap_failed;

__attribute__((format(printf, 2, 3))) static inline int ok(int good, const char *format, ...) {
    va_list ap;
    printf("%sok %d - ", good ? "" : "not ", ++tap_count);
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout);
    tap_failed += !good;
    return good;
}

__attribute__((format(printf, 1, 2))) static inline void diag(const char *format, ...) {
    va_list ap;
    printf("# ");
    va_start(ap, format);
    vprintf(format, ap);
    va_end(ap);
    putchar('\n');
}

/* What a test needs before it can test anything: ends it where that fails. */
#define must(call)                                                      \
    do {                                                                \
        if ((call) < 0) {                                               \
            printf("Bail out! %s:%d: %s\n", __FILE__, __LINE__, #call); \
            exit(1);                                                    \
        }                                                               \
    } while (0)

/* Largest |a-b| relative to the largest |b|. */
static inline double max_rel(const float *a, const float *b, size_t n) {
    double d = 0, s = 1e-30;
    for (size_t i = 0; i < n; i++) {
        d = fmax(d, fabs((double)a[i] - b[i]));
        s = fmax(s, fabs(b[i]));
        if (!isfinite(a[i])) return INFINITY;
    }
    return d / s;
}

static inline int done(void) {
    printf("1..%d\n", tap_count);
    return tap_failed ? 1 : 0;
}

#endif
