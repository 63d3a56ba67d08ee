"""Metrics of volumes beside scikit-learn's average precision, NumPy and SciPy's labelling, and the
linear SVM with weights of classes beside LIBLINEAR."""
import itertools

import numpy as np
from scipy import ndimage
from sklearn.metrics import average_precision_score
from sklearn.svm import LinearSVC

import frames
from references_common import EXACT, SEEDED, Figures, labelled, save


def blobs(n, side, seed, steps=0):
    """Smooth volumes from 0 to 1; with steps some values are equal."""
    x = np.array([ndimage.gaussian_filter(v, side / 8) for v in SEEDED(seed).randn(n, side, side, side)])
    x = (x - x.min()) / (x.max() - x.min())
    return np.rint(x * steps) / steps if steps else x


def moves(v, most, fill):
    """All turns, flips and shifts of a cube."""
    for order in itertools.permutations(range(3)):
        turned = v.transpose(order)
        for flips in itertools.product((False, True), repeat=3):
            flipped = np.flip(turned, [a for a in range(3) if flips[a]])
            for shift in itertools.product(range(-most, most + 1), repeat=3):
                moved = np.full_like(v, fill)
                to = tuple(slice(max(s, 0), v.shape[0] + min(s, 0)) for s in shift)
                of = tuple(slice(max(-s, 0), v.shape[0] - max(s, 0)) for s in shift)
                moved[to] = flipped[of]
                yield moved


def pooled(v, side):
    n = v.shape[0]
    cut = [slice(i * n // side, -(-(i + 1) * n // side)) for i in range(side)]
    return np.array([[[v[x, y, z].max() for z in cut] for y in cut] for x in cut])


def overlap(a, b):
    return (a & b).sum() / max((a | b).sum(), 1)


def voxels():
    found, truth = blobs(5, 9, 70, steps=12), blobs(5, 9, 71) > 0.55
    a, _ = save("a.st", voxels=found[..., None]), save("b.st", voxels=truth[..., None].astype(float))
    found = a[..., 0]
    f = Figures("voxels", "a.st", "b.st", "--threshold", 0.45)
    ap = [average_precision_score(t.ravel(), p.ravel()) for p, t in zip(found, truth)]
    yield "voxels.ap", f["voxels.ap"], np.mean(ap), 1e-14, "scikit-learn average_precision_score"
    yield ("voxels.iou", f["voxels.iou"], np.mean([overlap(p > 0.45, t) for p, t in zip(found, truth)]), EXACT,
           "NumPy")
    small = 4
    f = Figures("voxels", "a.st", "b.st", "--align", "--side", small, "--shift", 0.25)
    best = []
    for p, t in zip(found, truth):
        p, t = pooled(p, small), pooled(t, small)
        scores = [(average_precision_score(t.ravel(), m.ravel()), overlap(m > 0.5, t))
                  for m in moves(p, 1, p.min())]
        best.append(max(s[0] for s in scores))
    yield ("voxels.ap, aligned", f["voxels.ap"], np.mean(best), 1e-14,
           "scikit-learn, the best of 1296 places")


def shapes():
    a, b = blobs(6, 8, 72) > 0.6, blobs(9, 8, 73) > 0.6
    save("a.st", voxels=a[..., None].astype(np.uint8) * 255)
    save("b.st", voxels=b[..., None].astype(np.uint8) * 255)
    f = Figures("shapes", "a.st", "b.st", "--radius", 1.8)
    table = np.array([[overlap(x, y) for y in b] for x in a])
    yield "shapes.iou", f["shapes.iou"], table.max(1).mean(), 1e-14, "NumPy"
    yield "shapes.distinct", f["shapes.distinct"], len(set(table.argmax(1))), EXACT, "NumPy"
    pairs = [overlap(x, y) for x, y in itertools.combinations(a, 2)]
    yield "shapes.alike", f["shapes.alike"], np.mean(pairs), 1e-14, "NumPy"
    yield "shapes.full", f["shapes.full"], a.mean(), 1e-14, "NumPy"
    for radius, structure, near in ((1, 1, "faces"), (1.8, 3, "corners")):
        f = Figures("shapes", "a.st", "b.st", "--radius", radius)
        parts = [ndimage.label(x, ndimage.generate_binary_structure(3, structure))[0] for x in a]
        share = [np.bincount(p.ravel())[1:].max() / x.sum() for p, x in zip(parts, a)]
        yield "shapes.component, " + near, f["shapes.component"], np.mean(share), 1e-14, "SciPy ndimage.label"


def weighted():
    for classes, n, d in ((4, 200, 12), (2, 150, 6), (3, 20, 40)):
        x, y = labelled(n, d, classes, 80 + classes)
        keep = (y > 0) | (np.arange(n) % 3 == 0)  # classes of other sizes
        x, y = x[keep], y[keep]
        t, u = labelled(300, d, classes, 90 + classes)
        x, t = save("a.st", feature=x, label=y), save("b.st", feature=t, label=u)
        m = LinearSVC(C=0.07, dual=False, tol=1e-12, max_iter=10**6, class_weight="balanced",
                      intercept_scaling=5).fit(x, y)
        f = Figures("svm", "a.st", "b.st", "--c", 0.07, "--balanced", "--intercept-scaling", 5,
                    "--tolerance", 1e-11, "-o", "w.st")
        got, name = frames.read("w.st"), "svm, balanced, %d classes" % classes
        yield name + ": accuracy", f["svm.accuracy"], m.score(t, u), EXACT, "scikit-learn LinearSVC"
        yield (name + ": the weights saved", np.hstack([got["weight"], got["bias"][:, None]]),
               np.hstack([m.coef_, m.intercept_[:, None]]), 1e-7, "scikit-learn LinearSVC; ours are saved as F32")


GROUPS = [voxels, shapes, weighted]
