#!/usr/bin/env python3
"""Prints the golden numbers of tests/unit/measure-samples.c, from NumPy, SciPy and scikit-learn."""
import os
import sys
import numpy as np
from scipy.optimize import brentq, linear_sum_assignment
from scipy.spatial.distance import cdist, squareform
from scipy.special import logsumexp
from sklearn.cluster import KMeans
from sklearn.manifold._t_sne import _joint_probabilities
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.mixture import GaussianMixture

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from golden_rows import normal, rows, show

# kernel inception distance: the draws of torch-fidelity, the sums of the paper
x, y = rows(40, 6, 1), rows(50, 6, 2) * 0.5 + 0.25


def mmd2(a, b):
    n, d = a.shape
    k = [(u @ v.T / d + 1) ** 3 for u, v in ((a, a), (b, b), (a, b))]
    return sum((s.sum() - np.trace(s)) / (n * (n - 1)) for s in k[:2]) - 2 * k[2].mean()


def kid(size, subsets, seed):
    r = np.random.RandomState(seed)
    v = [mmd2(x[r.choice(len(x), size, replace=False)], y[r.choice(len(y), size, replace=False)])
         for _ in range(subsets)]
    return np.mean(v), np.std(v)


show("kid of 10 subsets of 15", kid(15, 10, 3))
show("kid of whole sets", kid(40, 1, 0))

# precision, recall, density, coverage by full distance matrices; scikit-learn's neighbours agree
real, fake = rows(300, 3, 3), rows(200, 3, 4) * 0.75 + 0.5


def prdc(k):
    rr, ff, rf = cdist(real, real), cdist(fake, fake), cdist(real, fake)
    r, f = np.sort(rr, 1)[:, k, None], np.sort(ff, 1)[:, k]
    return ((rf <= r).any(0).mean(), (rf <= f).any(1).mean(), (rf <= r).sum() / (k * len(fake)),
            (rf.min(1) <= r[:, 0]).mean())


show("prdc 3", prdc(3))
show("prdc 5", prdc(5))

# clusters: 5 scores of 200 samples against 4 classes, which the first of them know of
scores, truth = rows(200, 5, 20), np.argmax(rows(200, 4, 21), 1)
scores[np.arange(120), truth[:120] + 1] += 1.5
found = np.argmax(scores, 1)
count = np.zeros((5, 4))
np.add.at(count, (found, truth), 1)
q = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
pairs = linear_sum_assignment(-count)
show("clusters", [(truth[np.argmax(q, 0)][found] == truth).mean(), count.max(1).sum() / 200,
                  count[pairs].sum() / 200, normalized_mutual_info_score(truth, found),
                  adjusted_rand_score(truth, found)])

# mixtures: three groups apart, where every start ends at the same optimum
x = rows(240, 3, 30) * 0.5 + np.array([[0, 0, 0], [4, 0, 1], [0, 5, 3]])[np.arange(240) % 3]
x[:, 1] += 0.5 * x[:, 0]
test = x[:50] * 0.9 + 0.3 * rows(50, 3, 31)
for kind, name in (("diag", "diagonal"), ("full", "full")):
    m = GaussianMixture(3, covariance_type=kind, tol=1e-12, max_iter=1000, n_init=10, random_state=0).fit(x)
    show(f"mixture {name}: test, train", [m.score(test), m.score(x)])
    show(f"mixture {name}: means by the first", m.means_[np.argsort(m.means_[:, 0])])
show("k-means", KMeans(4, n_init=50, random_state=0).fit(x).inertia_)

# t-SNE: similarities by a root finder, the divergence and its gradient written out
n = 60
x, y = rows(n, 4, 40), rows(n, 2, 41)
d2 = cdist(x, x, "sqeuclidean")
p = np.zeros((n, n))


def weights(i, beta):
    w = np.exp(-beta * (d2[i] - np.sort(d2[i])[1]))
    w[i] = 0
    return w / w.sum()


for i in range(n):
    def gap(b):
        w = weights(i, np.exp(b))
        return -(w[w > 0] * np.log(w[w > 0])).sum() - np.log(12)
    p[i] = weights(i, np.exp(brentq(gap, -12, 6, xtol=1e-14)))
p = (p + p.T) / (2 * n)
ours = squareform(_joint_probabilities(d2.astype(np.float32), 12, 0))
print(f"/* gap to scikit-learn's similarities {np.abs(p - ours).max():.1e} */")


def divergence(y, times=1):
    w = 1 / (1 + cdist(y, y, "sqeuclidean"))
    np.fill_diagonal(w, 0)
    q = w / w.sum()
    on = p > 0
    g = 4 * np.einsum("ij,ijk->ik", (times * p - q) * w, y[:, None] - y[None])
    return (p[on] * np.log(p[on] / q[on])).sum(), g


kl, g = divergence(y, 3)
show("similarities", [p[0, 1], p[5, 9], p[59, 3], p.max()])
show("divergence, gradient", [kl, g[0, 0], g[0, 1], g[30, 0], np.abs(g).sum()])
z, step, gain = 1e-4 * normal(7, 0, 2 * n).reshape(n, 2), np.zeros((n, 2)), np.ones((n, 2))
for t in range(40):
    g = divergence(z, 4 if t < 20 else 1)[1]
    gain = np.maximum(np.where(g * step < 0, gain + 0.2, gain * 0.8), 0.01)
    step = (0.5 if t < 20 else 0.8) * step - 10 * gain * g
    z = z + step - (z + step).mean(0)
show("after 40 steps", [divergence(z)[0], z[0, 0], z[0, 1], z[40, 0]])

w = 40 * rows(30, 7, 50)
v = [w.mean(1), logsumexp(w, 1) - np.log(7), np.exp(2 * logsumexp(w, 1) - logsumexp(2 * w, 1))]
show("likelihood: elbo, bound, ess, errors", [x.mean() for x in v] + [x.std(ddof=1) / np.sqrt(30) for x in v])
