/* ssim.h: structural similarity of two pictures. */
#ifndef GAN_SSIM_H
#define GAN_SSIM_H

#include "base/base.h"

enum { SSIM_WINDOW = 11, MSSSIM_LEVELS = 5 };

/* Means over all windows that lie inside the pictures and over the channels. */
typedef struct {
    double similarity; /* Wang et al. 2004, eq. 13 */
    double contrast;   /* its second factor alone: contrast and structure */
} Ssim;

/* Of pictures [height,width,channels] of range 1: windows are Gaussians of deviation 1.5 cut at
 * 11x11, c1 = 0.01^2, c2 = 0.03^2. Where a side is shorter than 11 the window has that many points
 * and its deviation shrinks along with it. */
MUST_CHECK int ssim_compare(const double *a, const double *b, size_t height, size_t width,
                            size_t channels, Ssim *out, Error *err);

/* Over five scales, each half the one before by means of 2x2 (Wang, Simoncelli and Bovik 2003,
 * eq. 7): the contrast of all, and the similarity of the last, each to the power of its weight;
 * means below 0 count as 0. Sides are at least 16. */
MUST_CHECK int ssim_scales(const double *a, const double *b, size_t height, size_t width,
                           size_t channels, double *out, Error *err);

#endif
