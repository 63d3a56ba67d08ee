#include "measure/spectral/phases.h"

#include <math.h>
#include <stdlib.h>

size_t phases_count(const ConvShape *s) {
    size_t n = 1;
    for (int d = 0; d < s->dims; d++) n *= s->stride[d];
    return n;
}

double phases_overlap(const ConvShape *s) {
    double r = 1;
    for (int d = 0; d < s->dims; d++) {
        size_t k = s->kernel[d], t = s->stride[d];
        r *= (double)((k + t - 1) / t) / (double)(k / t);
    }
    return r;
}

/* Which phase a tap is of; taps count along the last dimension first. */
static size_t phase_of(const ConvShape *s, size_t tap) {
    size_t phase = 0, rest = tap, place = 1;
    for (int d = s->dims - 1; d >= 0; d--) {
        size_t at = rest % s->kernel[d] * (s->dilation[d] ? s->dilation[d] : 1);
        phase += at % s->stride[d] * place;
        place *= s->stride[d];
        rest /= s->kernel[d];
    }
    return phase;
}

static double imbalance(const double *sum, size_t n) {
    double mean = 0, square = 0, most = 0;
    for (size_t i = 0; i < n; i++)
        mean += sum[i] / (double)n, square += sum[i] * sum[i] / (double)n;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(sum[i] - mean));
    return square > 0 ? most / sqrt(square) : 0;
}

int phases_imbalance(const ConvShape *s, const float *w, double *out, Error *err) {
    size_t taps = 1, phases = phases_count(s),
           pairs = s->cin / (s->groups ? s->groups : 1) * s->cout;
    for (int d = 0; d < s->dims; d++) taps *= s->kernel[d];
    double *sum = data_alloc(phases * sizeof *sum, err), total = 0;
    if (!sum) return -1;
    for (size_t pair = 0; pair < pairs; pair++) {
        for (size_t i = 0; i < phases; i++) sum[i] = 0;
        for (size_t tap = 0; tap < taps; tap++)
            sum[phase_of(s, tap)] += (double)w[tap * pairs + pair];
        total += imbalance(sum, phases);
    }
    free(sum);
    *out = total / (double)pairs;
    return 0;
}
