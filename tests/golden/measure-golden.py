#!/usr/bin/env python3
"""Prints the golden numbers of tests/unit/measure.c, from NumPy, SciPy and scikit-learn."""
import os
import sys
import numpy as np
from scipy import linalg, optimize
from scipy.special import logsumexp
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from golden_rows import rows, show


def labels(x, k):
    """argmax over k of fixed directions, so that classes overlap but can be learnt"""
    return np.argmax(x @ rows(k, x.shape[1], 99).T + rows(len(x), k, 98), axis=1)


def direct(x, y, c, kind):
    """the objective itself, by a general minimiser: checks the library's optimum"""
    xb = np.hstack([x, np.ones((len(x), 1))])

    def f(w):
        z = y * (xb @ w)
        if kind == "svm":
            m = np.maximum(0, 1 - z)
            return w @ w / 2 + c * np.sum(m**2), w - 2 * c * xb.T @ (y * m)
        return (w @ w / 2 + c * np.sum(np.logaddexp(0, -z)),
                w - c * xb.T @ (y / (1 + np.exp(z))))
    r = optimize.minimize(f, np.zeros(xb.shape[1]), jac=True, method="L-BFGS-B",
                          options=dict(maxiter=100000, maxfun=100000, ftol=1e-16, gtol=1e-11))
    return r.x


for n, d, k, c, tag in [(80, 5, 3, 0.5, "tall"), (15, 24, 3, 0.5, "wide"), (60, 4, 2, 2.0, "two")]:
    x, t = rows(n, d, 1), rows(200, d, 2)
    y, u = labels(x, k), labels(t, k)
    svm = LinearSVC(C=c, dual=False, tol=1e-13, max_iter=10**6).fit(x, y)
    log = LogisticRegression(C=c, solver="liblinear", multi_class="ovr", tol=1e-13,
                             max_iter=10**6).fit(x, y)
    for kind, m in [("svm", svm), ("logistic", log)]:
        w = np.hstack([m.coef_, m.intercept_[:, None]])
        for r in range(len(w)):
            s = np.where(y == (1 if len(w) == 1 else r), 1.0, -1.0)
            gap = np.abs(direct(x, s, c, kind) - w[r]).max()
            print(f"/* {tag} {kind} row {r}: gap to a general minimiser {gap:.1e} */")
        if tag == "wide":
            w = np.hstack([w[:, :3], w[:, -1:]])
        show(f"{tag} {kind} weights", w)
        show(f"{tag} {kind} accuracy", np.mean(m.predict(t) == u))

a, b = rows(50, 6, 3), rows(70, 6, 4) * 0.5 + 0.25


def frechet(a, b):
    ma, mb, ca, cb = a.mean(0), b.mean(0), np.cov(a.T), np.cov(b.T)
    root = linalg.sqrtm(ca @ cb)
    return np.sum((ma - mb) ** 2), np.trace(ca + cb) - 2 * np.trace(root).real


def frechet_few(a, b):
    """few rows: the trace of the root is the sum of the singular values of A^T B"""
    ma, mb = a.mean(0), b.mean(0)
    s = np.linalg.svd((a - ma) @ (b - mb).T / np.sqrt((len(a) - 1) * (len(b) - 1)))[1]
    return np.sum((ma - mb) ** 2), np.trace(np.cov(a.T)) + np.trace(np.cov(b.T)) - 2 * s.sum()


show("frechet", frechet(a, b))
show("frechet few", frechet_few(a[:4], b[:5]))

x, c, s = rows(7, 6, 5), rows(9, 6, 6), 0.3
d2 = ((x[:, None] - c[None]) ** 2).sum(-1)
show("parzen", logsumexp(-d2 / (2 * s * s), axis=1) - np.log(9) - 6 * np.log(s * np.sqrt(2 * np.pi)))

train, test = rows(120, 6, 7), rows(50, 6, 8)
y, u = labels(train, 2), labels(test, 2)
for k in (1, 5):
    m = KNeighborsClassifier(k).fit(train, y)
    show(f"knn {k}", [m.score(test, u), m.kneighbors(test, 1)[0].mean()])

w = rows(4, 6, 9)
show("svd", np.linalg.svd(w)[1])
uu, ss, vv = np.linalg.svd(w, full_matrices=False)
show("clip", (uu * np.minimum(ss, 2)) @ vv)
