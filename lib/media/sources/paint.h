/* paint.h: what made-up pictures are coloured with. */
#ifndef GAN_PAINT_H
#define GAN_PAINT_H

#include <math.h>

static inline double clamp01(double v) { return v < 0 ? 0 : v > 1 ? 1 : v; }

/* From 0..1 to 0..255. */
static inline unsigned char paint_byte(double v) { return (unsigned char)(clamp01(v) * 255 + 0.5); }

/* Hue (1 is all the way around), saturation and value as red, green and blue of 0..1. */
static inline void paint_hsv(double h, double s, double v, double rgb[3]) {
    for (int c = 0; c < 3; c++) {
        double k = fmod(5 - 2 * c + 6 * h, 6); /* red, green, blue at 5, 3, 1 */
        rgb[c] = v - v * s * clamp01(fmin(k, 4 - k));
    }
}

#endif
