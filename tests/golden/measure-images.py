#!/usr/bin/env python3
"""Prints the golden numbers of tests/unit/measure-images.c, from scikit-image and SciPy."""
import os
import sys
import numpy as np
from scipy import ndimage, signal
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from golden_rows import below, normal, rows, show


def picture(h, w, c, seed):
    """smooth, in [0,1]"""
    x = rows(h * w, c, seed).reshape(h, w, c) / 4 + 0.5
    return ndimage.uniform_filter(x, (3, 3, 1), mode="nearest")


def skimage_ssim(a, b, **more):
    return structural_similarity(a, b, channel_axis=2, data_range=1, gaussian_weights=True, sigma=1.5,
                                 use_sample_covariance=False, **more)


a, b = picture(24, 19, 3, 1), picture(24, 19, 3, 1) * 0.7 + 0.3 * picture(24, 19, 3, 2)
show("picture", a[5, 7])
show("ssim", skimage_ssim(a, b))
show("ssim of grey", skimage_ssim(a[:, :, :1], b[:, :, :1]))
show("psnr, mse", [peak_signal_noise_ratio(a, b, data_range=1), np.mean((a - b) ** 2)])


# Multi-scale similarity as the reference implementation of Odena et al. computes it.
def window(n):
    x = np.arange(n) - (n - 1) / 2
    g = np.exp(-x**2 / (2 * (1.5 * n / 11) ** 2))
    g = np.outer(g, g)
    return (g / g.sum())[:, :, None]


def scale(a, b):
    h, w, _ = a.shape
    g = window(min(11, h, w))

    def f(x):
        return signal.convolve(x, g, mode="valid", method="direct")
    ma, mb = f(a), f(b)
    va, vb, cab = f(a * a) - ma**2, f(b * b) - mb**2, f(a * b) - ma * mb
    cs = (2 * cab + 0.03**2) / (va + vb + 0.03**2)
    return (cs * (2 * ma * mb + 0.01**2) / (ma**2 + mb**2 + 0.01**2)).mean(), cs.mean()


def msssim(a, b):
    v = 1
    for level, w in enumerate([0.0448, 0.2856, 0.3001, 0.2363, 0.1333]):
        s, cs = scale(a, b)
        v *= max(cs if level < 4 else s, 0) ** w
        if level == 4:
            return v
        a, b = [(x[::2, ::2] + x[1::2, ::2] + x[::2, 1::2] + x[1::2, 1::2]) / 4 for x in (a, b)]


big_a = picture(176, 176, 1, 3)
big_b = np.clip(big_a + 0.2 * picture(176, 176, 1, 4) - 0.1, 0, 1)
show("ms-ssim 176", msssim(big_a, big_b))
a, b = picture(48, 48, 3, 5), picture(48, 48, 3, 5) * 0.8 + 0.2 * picture(48, 48, 3, 6)
show("ms-ssim 48", msssim(a, b))

# Laplacian pyramids and sliced Wasserstein distance as the reference implementation of Karras et
# al. has them, with the draws of lib/measure/metrics/swd.c and wasserstein.c
kernel = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1])[:, :, None] / 256


def pyramid(x, levels):
    out = [x]
    for _ in range(levels - 1):
        low = ndimage.convolve(out[-1], kernel, mode="mirror")[::2, ::2]
        high = np.zeros_like(out[-1])
        high[::2, ::2] = low
        out[-1] = out[-1] - ndimage.convolve(high, 4 * kernel, mode="mirror")
        out.append(low)
    return out


p = pyramid(picture(35, 32, 2, 7), 2)
show("pyramid", [p[0][0, 0, 0], p[0][34, 31, 1], p[0][16, 17, 0], p[1][17, 0, 1], np.abs(p[0]).sum(),
                 p[1].sum()])


def descriptors(pyramids, level, number, patches, seed):
    out = []
    for n, q in enumerate(pyramids):
        h, w, c = q[level].shape
        for k in range(n * patches, (n + 1) * patches):
            draw = 2**32 + 2 * level + number
            y, x = below(seed, draw, 2 * k, h - 6), below(seed, draw, 2 * k + 1, w - 6)
            out.append(q[level][y:y + 7, x:x + 7])
    out = np.array(out)
    return ((out - out.mean((0, 1, 2))) / out.std((0, 1, 2))).reshape(len(out), -1)


def swd(a, b, patches, directions, seed):
    out = []
    for level in range(2):
        x, y = (descriptors([pyramid(q, 2) for q in s], level, i, patches, seed)
                for i, s in enumerate((a, b)))
        d = np.array([normal(seed, k, x.shape[1]) for k in range(directions)])
        d /= np.sqrt((d**2).sum(1, keepdims=True))
        out.append(1000 * np.abs(np.sort(x @ d.T, 0) - np.sort(y @ d.T, 0)).mean())
    return [np.mean(out)] + out


def bytes_of(seed):
    return np.floor(picture(35, 32, 2, seed) * 255 + 0.3) / 255


show("swd", swd([bytes_of(i) for i in range(10, 14)], [bytes_of(i) ** 2 for i in range(20, 24)], 5, 9, 6))
