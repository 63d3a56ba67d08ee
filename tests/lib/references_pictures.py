"""References for metrics of pictures and videos, and of pictures through a network."""
import itertools
import subprocess

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from scipy import ndimage, stats
from scipy.spatial.distance import cosine, pdist
from skimage import metrics as skimage
from sklearn import metrics

import frames
from golden_rows import below, normal
from references_common import EXACT, SEEDED, Figures, frechet, mixed, painted, save


def csim():
    a, b = save("a.st", feature=mixed(40, 12, 36)), save("b.st", feature=mixed(40, 12, 37))
    want = np.mean([1 - cosine(x, y) for x, y in zip(a, b)])
    yield "csim", Figures("csim", "a.st", "b.st")["csim"], want, 1e-13, "SciPy cosine"


def acd():
    v = save("a.st", feature=SEEDED(34).randn(20, 6, 8))
    yield "acd", Figures("acd", "a.st")["acd"], np.mean([pdist(x).mean() for x in v]), 1e-13, "SciPy pdist"
    v = save("a.st", video=painted(40, 12, 10, 35).reshape(8, 5, 12, 10, 3)).astype(float)
    colours = [[x[x.max(-1) > 0.5 * 255].mean(0) for x in video] for video in v]
    yield ("acd --colour --above 0.5", Figures("acd", "a.st", "--colour", "--above", 0.5)["acd"],
           np.mean([pdist(c).mean() for c in colours]), 1e-13, "SciPy pdist")


def middles(clips, above):
    """Of each frame [N,T,2], column before row, in the middles of pixels."""
    return np.array([[np.add(ndimage.center_of_mass(np.where(f > above, f, 0))[::-1], 0.5) for f in clip]
                     for clip in clips])


def lines(x, bends):
    """The least squares left by any cut of x into so many straight lines."""
    n = len(x)

    def left(i, j):
        return 0 if j - i < 3 else np.polyfit(range(i, j), x[i:j], 1, full=True)[1][0]
    return min(sum(left(i, j) for i, j in zip((0, *cut), (*cut, n)))
               for cut in itertools.combinations(range(1, n), bends))


def motion():
    a, b = (save(n, video=painted(48, 12, 14, s).reshape(6, 8, 12, 14, 3)) / 255 for n, s in (("a.st", 60), ("b.st", 62)))
    p, q = (middles(v.mean(-1), 0.45) for v in (a, b))
    f = Figures("motion", "a.st", "b.st", "--above", 0.45, "--bends", 2, "--pixels", 0.5, "--tolerance", 0.2)
    steps = np.linalg.norm(np.diff(p, axis=1), axis=-1)
    by = "SciPy center_of_mass, NumPy"
    yield "motion.step", f["motion.step"], steps.mean(), 1e-12, by
    yield "motion.near", f["motion.near"], np.mean(steps <= 0.5), EXACT, by
    left = [np.sqrt((lines(t[:, 0], 2) + lines(t[:, 1], 2)) / 8) for t in p]
    yield "motion.straight", f["motion.straight"], np.mean(left), 1e-10, by + " polyfit of all cuts"
    mass = np.where(a.mean(-1) > 0.45, a.mean(-1), 0).sum((2, 3))
    yield ("motion.kept", f["motion.kept"],
           np.mean(abs(mass[:, 1:] - mass[:, :1]) <= 0.2 * mass[:, :1]), EXACT, by)
    for name, u, v in (("motion.track", p, q), ("motion.way", *(t - t.mean(1, keepdims=True) for t in (p, q)))):
        want = np.mean([stats.pearsonr(u[..., i].ravel(), v[..., i].ravel())[0] for i in (0, 1)])
        yield name, f[name], want, 1e-12, "SciPy center_of_mass, pearsonr"
    scores = save("c.st", logits=SEEDED(64).randn(6, 8, 3) + 2 * SEEDED(65).randn(6, 1, 3))
    classes = scores.argmax(-1)
    most = np.array([np.bincount(c).max() for c in classes])
    f = Figures("motion", "a.st", "--classes", "c.st", "--above", 0.45)
    yield "motion.same", f["motion.same"], np.mean(most == 8), EXACT, "NumPy bincount"
    yield "motion.agreement", f["motion.agreement"], np.mean(most / 8), EXACT, "NumPy bincount"


def flicker():
    v = save("a.st", video=painted(48, 10, 14, 66).reshape(6, 8, 10, 14, 3)) / 255
    m = save("m.st", mask=SEEDED(67).rand(6, 8, 10, 14, 1))[..., 0]
    f = Figures("flicker", "a.st", "m.st", "--share", 0.25)
    deviation = v.std(1).mean(-1).reshape(6, -1)
    yield "flicker", f["flicker"], np.median(deviation, 1).mean(), 1e-12, "NumPy std, median"
    yield "flicker.mask", f["flicker.mask"], m.mean(), 1e-12, "NumPy mean"
    moves = deviation >= np.sort(deviation, 1)[:, -35:-34]
    lies = m.mean(1).reshape(6, -1)
    ratio = (np.mean([lies[i][moves[i]].mean() for i in range(6)])
             / np.mean([lies[i][~moves[i]].mean() for i in range(6)]))
    yield "flicker.ratio", f["flicker.ratio"], ratio, 1e-12, "NumPy"


def pixels():
    a, b = (save(n, image=painted(12, 24, 31, 48, s)) / 255 for n, s in (("a.st", 0), ("b.st", 20)))

    def moduli(x, y):
        return metrics.mean_absolute_error(x.ravel(), y.ravel())

    def decibels(x, y):
        return skimage.peak_signal_noise_ratio(x, y, data_range=1)

    def similar(x, y):
        return skimage.structural_similarity(x, y, channel_axis=2, data_range=1, gaussian_weights=True,
                                             sigma=1.5, use_sample_covariance=False)
    for metric, one, by in (("mae", moduli, "scikit-learn mean_absolute_error"),
                            ("mse", skimage.mean_squared_error, "scikit-image mean_squared_error"),
                            ("psnr", decibels, "scikit-image peak_signal_noise_ratio"),
                            ("ssim", similar, "scikit-image structural_similarity")):
        f, v = Figures(metric, "a.st", "b.st"), [one(x, y) for x, y in zip(a, b)]
        yield metric, f[metric], np.mean(v), 1e-12, by
        yield metric + ", field error", f[metric, "error"], stats.sem(v), 1e-12, by
        if metric == "psnr":
            yield "psnr.pooled", f["psnr.pooled"], decibels(a, b), 1e-12, by


def similarity(a, b):
    """Means of the similarity and of its contrast, windows being convolutions of channels."""
    n = min(11, *a.shape[2:])
    g = torch.exp(-(torch.arange(n, dtype=torch.float64) - (n - 1) / 2) ** 2 / (2 * (1.5 * n / 11) ** 2))
    window = (torch.outer(g, g) / g.sum() ** 2).expand(a.shape[1], 1, n, n)

    def mean(x):
        return F.conv2d(x, window, groups=a.shape[1])
    ma, mb = mean(a), mean(b)
    va, vb, both = mean(a * a) - ma**2, mean(b * b) - mb**2, mean(a * b) - ma * mb
    contrast = (2 * both + 0.03**2) / (va + vb + 0.03**2)
    whole = contrast * (2 * ma * mb + 0.01**2) / (ma**2 + mb**2 + 0.01**2)
    return whole.mean().item(), contrast.mean().item()


def channels_first(x):
    return torch.from_numpy(np.moveaxis(x, -1, 1).astype(float))


def scales(a, b):
    a, b = channels_first(a[None] / 255), channels_first(b[None] / 255)
    value = 1
    for level, power in enumerate((0.0448, 0.2856, 0.3001, 0.2363, 0.1333)):
        whole, contrast = similarity(a, b)
        value *= max(whole if level == 4 else contrast, 0) ** power
        a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
    return value


def ms_ssim():
    for name, h, w in (("ms-ssim", 176, 192), ("ms-ssim, windows that shrink", 48, 61)):
        a, b = (save(n, image=painted(4, h, w, 49, s)) for n, s in (("a.st", 0), ("b.st", 25)))
        yield (name, Figures("ms-ssim", "a.st", "b.st")["ms-ssim"],
               np.mean([scales(x, y) for x, y in zip(a, b)]), 1e-13, "PyTorch conv2d, avg_pool2d")
    first = [below(3, 0, 2 * k, 4) for k in range(6)]
    other = [below(3, 0, 2 * k + 1, 3) for k in range(6)]
    pairs = [scales(a[i], a[j + (j >= i)]) for i, j in zip(first, other)]
    yield ("ms-ssim --pairs", Figures("ms-ssim", "a.st", "--pairs", 6, "--seed", 3)["ms-ssim"],
           np.mean(pairs), 1e-6, "PyTorch conv2d, avg_pool2d, our draws; ours holds pictures in F32")


def pyramid(x):
    """Two levels; borders are mirrored, and the picture comes up from zeros between its pixels."""
    kernel = torch.tensor([1.0, 4, 6, 4, 1], dtype=torch.float64)
    kernel = (torch.outer(kernel, kernel) / 256).expand(3, 1, 5, 5)

    def blur(y):
        return F.conv2d(F.pad(y, (2, 2, 2, 2), mode="reflect"), kernel, groups=3)
    low = blur(x)[:, :, ::2, ::2]
    high = torch.zeros_like(x)
    high[:, :, ::2, ::2] = low
    return [np.moveaxis(y.numpy(), 1, -1) for y in (x - blur(4 * high), low)]


def swd():
    sets = [pyramid(channels_first(save(n, image=painted(8, 32, 34, 50, s)) / 255))
            for n, s in (("a.st", 0), ("b.st", 30))]
    patches, directions, seed, want = 16, 24, 5, []
    for level in (0, 1):
        rows = []
        for number, levels in enumerate(sets):
            _, h, w, _ = levels[level].shape
            at = [below(seed, 2**32 + 2 * level + number, k, side - 6)
                  for k, side in enumerate((h, w) * 8 * patches)]
            p = np.array([levels[level][k // patches, y:y + 7, x:x + 7]
                          for k, (y, x) in enumerate(zip(at[::2], at[1::2]))])
            rows.append(((p - p.mean((0, 1, 2))) / p.std((0, 1, 2))).reshape(len(p), -1))
        d = np.array([normal(seed, k, 147) for k in range(directions)])
        d /= np.linalg.norm(d, axis=1)[:, None]
        want.append(1000 * np.mean([stats.wasserstein_distance(*(r @ w for r in rows)) for w in d]))
    f = Figures("swd", "a.st", "b.st", "--patches", patches, "--directions", directions, "--seed", seed)
    by = "PyTorch conv2d, SciPy wasserstein_distance, our draws; ours holds patches in F32"
    yield "swd", f["swd"], np.mean(want), 1e-7, by
    yield "swd.level", f["swd.level"], want, 1e-7, by


# ---- images through a network ----

PAGE = """\
data image: image[16, 16, 3]
net F(x) = x | conv(8, 3, padding=1, init=0.3) | relu | conv(6, 3, padding=1, init=0.3) | relu
let feature = mean(F(image), [0, 1]), lpips = feature, logits = feature
player F: adam(0.1) minimizes mean(feature^2)
"""


def resized(x, protocol, side=16):
    """To the network's size and range, as the tools do after which the protocols are called."""
    if protocol == "torch":
        y = F.interpolate(channels_first(x), (side, side), mode="bilinear", align_corners=False)
        return 2 * y / 255 - 1
    if protocol == "clean":
        y = [[np.asarray(Image.fromarray(plane.astype(np.float32)).resize((side, side), Image.BICUBIC))
              for plane in image] for image in np.moveaxis(x, -1, 1)]
        return (torch.from_numpy(np.array(y, float)) - 128) / 128
    for axis in (1, 2):  # TensorFlow 1: no shift by half a pixel
        at = np.arange(side) * x.shape[axis] / side
        low = at.astype(int)
        part = (at - low).reshape((-1,) + (1,) * (3 - axis))
        high = np.minimum(low + 1, x.shape[axis] - 1)
        x = np.take(x, low, axis) * (1 - part) + np.take(x, high, axis) * part
    return (channels_first(x) - 128) / 128


def network():
    with open("net.gan", "w") as f:
        f.write(PAGE)
    subprocess.run(["gan-init", "net.gan", "-o", "net.st"], check=True)
    w = {n: torch.from_numpy(t.astype(float)) for n, t in frames.read("net.st").items() if n[:2] == "F."}

    def seen(x):
        y = F.relu(F.conv2d(x, w["F.0.weight"], w["F.0.bias"], padding=1))
        return F.relu(F.conv2d(y, w["F.2.weight"], w["F.2.bias"], padding=1)).mean((2, 3)).numpy()
    a, b = (save(n, image=painted(60, 27, 22, s)) for n, s in (("a.st", 51), ("b.st", 53)))
    for protocol, by in (("tf", "NumPy"), ("torch", "PyTorch interpolate"), ("clean", "Pillow")):
        p, q = (seen(resized(x, protocol)) for x in (a, b))
        command = ["a.st", "b.st", "--net", "net.st"]
        yield ("fid:%s, of images" % protocol, Figures("fid:" + protocol, *command)["fid"],
               frechet(p, q), 1e-5, by + "; PyTorch conv2d; SciPy sqrtm")
    yield ("lpips:clean, of images", Figures("lpips:clean", *command)["lpips"],
           np.mean(np.sum((p - q) ** 2, 1)), 1e-6, "Pillow; PyTorch conv2d")


def lattice():
    x = save("a.st", image=painted(6, 40, 48, 64, noise=20)) / 255
    middle = x[:, 4:36, 8:40] - x[:, 4:36, 8:40].mean((1, 2), keepdims=True)
    f = Figures("lattice", "a.st", "--stride", 4)
    power = np.abs(np.fft.fft2(middle, axes=(1, 2))) ** 2
    below = np.zeros(power.shape[:1] + power.shape[3:])
    for p in (2, 4, 8):
        comb = power[:, ::32 // p, ::32 // p].sum((1, 2))
        yield f"lattice.p{p}", f[f"lattice.p{p}"], np.mean((comb - below) / power.sum((1, 2))), 1e-12, "NumPy fft2"
        below = comb
    energy = [np.mean(middle[:, y::4, x::4] ** 2) for y in range(4) for x in range(4)]
    yield "lattice.phase", f["lattice.phase"], max(energy) / min(energy), 1e-12, "NumPy"


def droplets():
    x = save("a.st", maps=SEEDED(70).randn(6, 12, 11, 5) ** 3).reshape(6, -1, 5)
    far = np.abs(x - np.median(x, 1, keepdims=True))
    peaks = far.max(1) / x.std(1)
    f = Figures("droplets", "a.st")
    yield "droplets", f["droplets"], peaks.max(1).mean(), 1e-12, "NumPy median"
    yield "droplets.map", f["droplets.map"], peaks.mean(), 1e-12, "NumPy median"
    most = [stats.mode(places, keepdims=False).count / 5 for places in far.argmax(1)]
    yield "droplets.together", f["droplets.together"], np.mean(most), EXACT, "SciPy mode"


def overlap():
    f = Figures("overlap", "--layers", "7/3,4/2,5/1")
    written = torch.ones(1, 1, 60)
    for k, s in ((7, 3), (4, 2), (5, 1)):
        written = F.conv_transpose1d(written, torch.ones(1, 1, k), stride=s)
    period = written[0, 0, 180:186].tolist()
    yield "overlap.1d", [int(c) for c in f["overlap.1d", "counts"].split(",")], period, EXACT, "PyTorch conv_transpose1d"
    yield "overlap.2d", f["overlap.2d"], (max(period) / min(period)) ** 2, EXACT, "PyTorch conv_transpose1d"


GROUPS = [lattice, droplets, overlap, csim, acd, motion, flicker, pixels, ms_ssim, swd, network]
