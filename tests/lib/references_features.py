"""References for metrics of rows: features, points, codes."""
import numpy as np
from scipy import linalg, optimize, special, stats
from scipy.spatial.distance import cdist, pdist
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import polynomial_kernel, rbf_kernel
from sklearn.mixture import GaussianMixture
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KernelDensity, KNeighborsClassifier, NearestNeighbors
from sklearn.svm import LinearSVC

import frames
from golden_rows import normal
from references_common import EXACT, SEEDED, Figures, frechet, labelled, mixed, save


def frechet_few(a, b):
    """The trace of the root is the sum of the singular values of the centred rows' product."""
    s = np.linalg.svd((a - a.mean(0)) @ (b - b.mean(0)).T / np.sqrt((len(a) - 1) * (len(b) - 1)))[1]
    gap = np.sum((a.mean(0) - b.mean(0)) ** 2)
    return gap + a.var(0, ddof=1).sum() + b.var(0, ddof=1).sum() - 2 * s.sum()


def sampling_excess(x):
    l = np.linalg.eigvalsh(np.cov(x.T))
    pairs = np.outer(l, l) * (1 + np.eye(len(l))) / np.add.outer(l, l)
    return l.sum() / len(x) + pairs.sum() / (2 * len(x))


def fid():
    a, b = save("a.st", feature=mixed(3000, 64, 1)), save("b.st", feature=mixed(2500, 64, 2, 0.5))
    f = Figures("fid", "a.st", "b.st")
    yield "fid", f["fid"], frechet(a, b), 1e-12, "SciPy sqrtm"
    yield ("fid --ddof 0", Figures("fid", "a.st", "b.st", "--ddof", 0)["fid"], frechet(a, b, 0), 1e-12,
           "SciPy sqrtm")
    few, rest = save("few.st", feature=mixed(40, 64, 3)), save("rest.st", feature=mixed(50, 64, 4))
    f = Figures("fid", "few.st", "rest.st")
    yield "fid, n < d", f["fid"], frechet_few(few, rest), 1e-13, "NumPy svd of the rows"
    yield "fid, n < d", f["fid"], frechet(few, rest), 1e-6, "SciPy sqrtm, of singular matrices"
    yield ("fid, field bias", f["fid", "bias"], sampling_excess(few) + sampling_excess(rest), 1e-12,
           "NumPy eigvalsh")
    np.savez("a.npz", mu=a.mean(0), sigma=np.cov(a.T))
    yield ("fid, one .npz", Figures("fid", "a.npz", "b.st")["fid"], frechet(a, b), 1e-12, "SciPy sqrtm")


def statistics():
    a, b = save("a.st", feature=mixed(300, 24, 5)), save("b.st", feature=mixed(200, 24, 6, 0.5))
    Figures("statistics", "a.st", "-o", "a.stats")
    s = frames.read("a.stats")
    n = s["count"][0]
    shift = s["sum"] / n
    outer = np.tril(s["outer"]) + np.tril(s["outer"], -1).T
    yield "statistics, the mean", s["pivot"] + shift, a.mean(0), 1e-13, "NumPy mean"
    yield ("statistics, the covariance", (outer - n * np.outer(shift, shift)) / (n - 1), np.cov(a.T), 1e-13,
           "NumPy cov")
    yield ("fid, of statistics", Figures("fid", "a.stats", "b.st")["fid"], frechet(a, b), 1e-12,
           "SciPy sqrtm")


def mmd2(kernel, a, b, unbiased=True):
    aa, bb = kernel(a, a), kernel(b, b)
    n, m = len(a), len(b)
    if not unbiased:
        return aa.mean() + bb.mean() - 2 * kernel(a, b).mean()
    return ((aa.sum() - np.trace(aa)) / (n * (n - 1)) + (bb.sum() - np.trace(bb)) / (m * (m - 1)) -
            2 * kernel(a, b).mean())


def cubic(a, b):
    return polynomial_kernel(a, b, degree=3, coef0=1)  # gamma is 1/dim


def kid():
    a, b = save("a.st", feature=mixed(400, 32, 7)), save("b.st", feature=mixed(300, 32, 8, 0.5))
    f = Figures("kid", "a.st", "b.st", "--size", 100, "--subsets", 20)
    r = SEEDED(2020)
    v = [mmd2(cubic, a[r.choice(len(a), 100, replace=False)], b[r.choice(len(b), 100, replace=False)])
         for _ in range(20)]
    by = "scikit-learn polynomial_kernel, NumPy's draws"
    yield "kid", f["kid"], np.mean(v), 1e-12, by
    yield "kid, field std", f["kid", "std"], np.std(v), 1e-12, by


def mmd():
    a, b = save("a.st", feature=mixed(150, 8, 9)), save("b.st", feature=mixed(120, 8, 10, 1))
    across = np.sort(cdist(a, b).ravel())
    median = across[len(across) // 2]

    def rbf(*scales):
        return lambda x, y: sum(rbf_kernel(x, y, gamma=1 / (2 * s * s)) for s in scales)

    def imq(x, y):
        d = cdist(x, y, "sqeuclidean")
        return sum(c / (c + d) for c in (2.0, 8.0))
    by = "scikit-learn rbf_kernel"
    yield "mmd", Figures("mmd", "a.st", "b.st")["mmd"], mmd2(rbf(median), a, b), 1e-12, by
    yield ("mmd --scales 1,2,4 --biased", Figures("mmd", "a.st", "b.st", "-s", "1,2,4", "--biased")["mmd"],
           mmd2(rbf(1, 2, 4), a, b, False), 1e-12, by)
    yield ("mmd --kernel imq", Figures("mmd", "a.st", "b.st", "-k", "imq", "-s", "2,8")["mmd"],
           mmd2(imq, a, b), 1e-12, "SciPy cdist")
    yield ("mmd --kernel cubic", Figures("mmd", "a.st", "b.st", "-k", "cubic")["mmd"], mmd2(cubic, a, b),
           1e-12, "scikit-learn polynomial_kernel")


def prdc():
    real, fake = save("a.st", feature=mixed(500, 6, 11)), save("b.st", feature=mixed(400, 6, 12, 1.5))
    by = "scikit-learn NearestNeighbors"
    for k in (3, 5):
        balls = {}
        for name, x in (("real", real), ("fake", fake)):  # the nearest row of all is itself
            balls[name] = NearestNeighbors(n_neighbors=k + 1).fit(x).kneighbors(x)[0][:, k]
        d = metrics.pairwise_distances(real, fake)
        inside = d <= balls["real"][:, None]
        f = Figures("prdc", "a.st", "b.st", "-k", k)
        for line, want in (("precision", inside.any(0).mean()),
                           ("recall", (d <= balls["fake"]).any(1).mean()),
                           ("density", inside.sum() / (k * len(fake))),
                           ("coverage", inside.any(1).mean())):
            yield "prdc.%s, k = %d" % (line, k), f["prdc." + line], want, EXACT, by


def knn():
    x, y = labelled(300, 8, 2, 13)
    t, u = labelled(200, 8, 2, 14)
    x, t = save("a.st", feature=x, label=y), save("b.st", feature=t, label=u)
    for k in (1, 5):  # two classes and odd k: no tied votes, which scikit-learn breaks otherwise
        f, m = Figures("knn", "a.st", "b.st", "-k", k), KNeighborsClassifier(k).fit(x, y)
        yield ("knn.accuracy, k = %d" % k, f["knn.accuracy"], m.score(t, u), EXACT,
               "scikit-learn KNeighborsClassifier")
    yield ("knn.distance", f["knn.distance"], m.kneighbors(t, 1)[0].mean(), 1e-13,
           "scikit-learn KNeighborsClassifier")

    near = KNeighborsClassifier(5, metric="cosine").fit(x, y)
    f = Figures("knn", "a.st", "b.st", "-k", 5, "--geodesic")
    yield "knn --geodesic", f["knn.accuracy"], near.score(t, u), EXACT, "scikit-learn, metric cosine"
    yield ("knn.distance --geodesic", f["knn.distance"], np.arccos(1 - near.kneighbors(t, 1)[0]).mean(), 1e-7,
           "scikit-learn, metric cosine")
    r, few = SEEDED(15), []
    for _ in range(400):
        some = np.hstack([r.choice(np.flatnonzero(y == c), 10, replace=False) for c in (0, 1)])
        few.append(KNeighborsClassifier(5).fit(x[some], y[some]).score(t, u))
    f = Figures("knn", "a.st", "b.st", "-k", 5, "--per-class", 10, "--draws", 400)
    yield "knn --per-class 10", f["knn.accuracy"], np.mean(few), 0.02, "scikit-learn, its own draws"
    yield "knn --per-class 10, std", f["knn.accuracy", "std"], np.std(few, ddof=1), 0.15, "NumPy std"


def disentanglement():
    r = SEEDED(18)
    factor = r.randint(0, [3, 5, 8], (2000, 3))
    code = factor @ [[1, 0.2, 0, 0.3], [0, 0.5, 0.4, 0], [0.1, 0, 0.2, 0]] + 0.3 * r.randn(2000, 4)
    code, factor = save("a.st", feature=code.astype(np.float32)), save("b.st", factor=factor)
    votes, shared = [], r.randint(0, 3, 8000)
    for k in shared:
        pairs = []
        for i in r.randint(0, 2000, 4):
            same = np.flatnonzero(factor[:, k] == factor[i, k])
            pairs.append(np.abs(code[i] - code[r.choice(same[same != i])]))
        votes.append(np.mean(pairs, 0))
    model = OneVsRestClassifier(LogisticRegression(solver="liblinear")).fit(votes[:4000], shared[:4000])
    f = Figures("disentanglement", "a.st", "b.st", "--pairs", 4)
    yield ("disentanglement", f["disentanglement"], model.score(votes[4000:], shared[4000:]), 0.04,
           "scikit-learn LogisticRegression, its own votes")
    least = []
    for k in shared:
        group = code[factor[:, k] == factor[r.randint(2000), k]]
        least.append((group[r.randint(0, len(group), 4)].var(0) / code.var(0)).argmin())
    least = np.array(least)
    named = np.array([np.bincount(shared[:4000][least[:4000] == j], minlength=3).argmax() for j in range(4)])
    yield ("disentanglement.majority", f["disentanglement.majority"], (named[least[4000:]] == shared[4000:]).mean(),
           0.05, "NumPy, its own votes")


def linear():
    x, y = labelled(300, 12, 4, 15)
    t, u = labelled(500, 12, 4, 16)
    x, t = save("a.st", feature=x, label=y), save("b.st", feature=t, label=u)
    v, w = labelled(400, 12, 4, 17)
    v = save("v.st", feature=v, label=w)
    grid = [0.003, 0.01, 0.1, 1]
    # LIBLINEAR's bias, as ours, is the weight of a constant feature 1, penalised as the others
    for metric, make, by in (
            ("svm", lambda c: LinearSVC(C=c, dual=False, tol=1e-12, max_iter=10**6), "LinearSVC"),
            ("logistic", lambda c: LogisticRegression(C=c, solver="liblinear", tol=1e-12, max_iter=10**6),
             "LogisticRegression (liblinear)")):
        fitted = [OneVsRestClassifier(make(c)).fit(x, y) for c in grid]
        best = max(fitted, key=lambda m: m.score(v, w))
        f = Figures(metric, "a.st", "b.st", "--c", ",".join(map(str, grid)), "--validation", "v.st",
                    "--tolerance", 1e-10, "-o", "w.st")
        got = frames.read("w.st")
        want = [np.append(e.coef_.ravel(), e.intercept_) for e in best.estimators_]
        line, by = metric + ".accuracy", "scikit-learn " + by
        yield line + ", C by validation", f[line], best.score(t, u), EXACT, by
        yield (metric + ", accuracy on validation", f[line, "validation_accuracy"], best.score(v, w),
               EXACT, by)
        yield (metric + ", the weights saved", np.hstack([got["weight"], got["bias"][:, None]]), want, 1e-7,
               by + "; ours are saved as F32")


def mixture():
    def groups(n, seed):
        r = SEEDED(seed)
        centres = np.array([[0, 0, 0, 0], [9, 0, 2, 0], [0, 9, 0, 4]])
        return centres[np.arange(n) % 3] + r.randn(n, 4) @ np.array(
            [[1, .5, 0, 0], [0, 1, .3, 0], [0, 0, 1, 0], [.4, 0, 0, .7]])
    x, t = save("a.st", feature=groups(600, 18)), save("b.st", feature=groups(200, 19))
    for kind, name in (("diag", "diagonal"), ("full", "full")):  # groups apart: one optimum
        f = Figures("mixture", "a.st", "b.st", "-k", 3, "-c", name, "--tolerance", 1e-15,
                    "--iterations", 1000)
        m = GaussianMixture(3, covariance_type=kind, tol=1e-15, max_iter=1000, random_state=0).fit(x)
        yield "mixture, " + name, f["mixture"], m.score(t), 1e-12, "scikit-learn GaussianMixture"
        yield ("mixture.train, " + name, f["mixture.train"], m.score(x), 1e-12,
               "scikit-learn GaussianMixture")


def parzen():
    c, t = save("a.st", feature=mixed(400, 6, 20)), save("b.st", feature=mixed(300, 6, 21))
    v = save("v.st", feature=mixed(200, 6, 22))
    grid = np.geomspace(0.1, 2, 8)
    f = Figures("parzen", "b.st", "a.st", "--validation", "v.st", "--sigmas", "0.1:2:8")
    fits = [KernelDensity(bandwidth=s).fit(c) for s in grid]
    best = int(np.argmax([m.score(v) for m in fits]))
    scores = fits[best].score_samples(t)
    by = "scikit-learn KernelDensity"
    yield "parzen", f["parzen"], scores.mean(), 1e-11, by
    yield "parzen, field sigma", f["parzen", "sigma"], grid[best], EXACT, by
    yield "parzen, field error", f["parzen", "error"], scores.std() / np.sqrt(len(t)), 1e-10, by


def wasserstein():
    a, b = save("a.st", feature=mixed(300, 1, 23)), save("b.st", feature=mixed(200, 1, 24, 2))
    by = "SciPy wasserstein_distance"
    yield ("wasserstein of numbers", Figures("wasserstein", "a.st", "b.st")["wasserstein"],
           stats.wasserstein_distance(a[:, 0], b[:, 0]), 1e-13, by)
    u, v = np.sort(np.repeat(a, 2)), np.sort(np.repeat(b, 3))
    yield ("wasserstein of numbers, -p 2", Figures("wasserstein", "a.st", "b.st", "-p", 2)["wasserstein"],
           np.sqrt(np.mean((u - v) ** 2)), 1e-13, "NumPy sort")
    a, b = save("a.st", feature=mixed(120, 5, 25)), save("b.st", feature=mixed(90, 5, 26, 2))
    d = np.array([normal(4, k, 5) for k in range(50)])
    d /= np.linalg.norm(d, axis=1)[:, None]
    f = Figures("wasserstein", "a.st", "b.st", "--directions", 50, "--seed", 4)
    yield ("wasserstein of rows", f["wasserstein"],
           np.mean([stats.wasserstein_distance(a @ w, b @ w) for w in d]), 1e-7,
           by + ", our directions; ours are drawn in F32")


def transport():
    a, b = save("a.st", point=mixed(200, 3, 27)), save("b.st", point=mixed(200, 3, 28, 1))
    d = cdist(a, b)
    yield ("transport", Figures("transport", "a.st", "b.st")["transport"],
           d[optimize.linear_sum_assignment(d)].mean(), 1e-13, "SciPy linear_sum_assignment")


def moments():
    x = save("a.st", feature=mixed(300, 10, 29, 1))
    f = Figures("moments", "a.st")
    for line in ("mean", "std", "min", "max"):
        yield "moments." + line, f["moments." + line], getattr(np, line)(x), 1e-13, "NumPy " + line
    yield "moments.distance", f["moments.distance"], pdist(x).mean(), 1e-13, "SciPy pdist"


def tsne():
    n, perplexity = 150, 12
    x = mixed(n, 6, 30) + 4 * np.eye(6)[np.arange(n) % 3]
    d = cdist(*[save("a.st", feature=x)] * 2, "sqeuclidean")
    f = Figures("tsne", "a.st", "-p", perplexity, "--iterations", 300, "--early", 100, "-o", "points.st")

    def near(i, beta):
        w = np.exp(-beta * (d[i] - np.delete(d[i], i).min()))
        w[i] = 0
        return w / w.sum()
    p = np.zeros((n, n))
    for i in range(n):
        p[i] = near(i, np.exp(optimize.brentq(
            lambda b: stats.entropy(near(i, np.exp(b))) - np.log(perplexity), -12, 6, xtol=1e-14)))
    q = 1 / (1 + cdist(*[frames.read("points.st")["point"]] * 2, "sqeuclidean"))
    np.fill_diagonal(q, 0)
    yield ("tsne", f["tsne"], special.rel_entr((p + p.T) / (2 * n), q / q.sum()).sum(), 1e-7,
           "SciPy brentq, rel_entr: the divergence at our points, saved as F32")


def perceptual():
    a, b = mixed(300, 16, 31), mixed(300, 16, 31)
    b += 1e-3 * SEEDED(32).randn(*b.shape) * SEEDED(33).rand(300, 1)
    a, b = save("a.st", feature=a), save("b.st", feature=b)
    d = metrics.pairwise.paired_euclidean_distances(a, b) ** 2
    yield ("lpips, of features", Figures("lpips", "a.st", "b.st")["lpips"], d.mean(), 1e-13,
           "scikit-learn paired_euclidean_distances")
    d /= 1e-2**2
    low, high = np.percentile(d, 2, method="lower"), np.percentile(d, 98, method="higher")
    yield ("ppl", Figures("ppl", "a.st", "b.st", "--epsilon", 1e-2, "--cut", 2)["ppl"],
           d[(d >= low) & (d <= high)].mean(), 1e-13, "NumPy percentile")
    f = Figures("diversity", "a.st", "--group", 5)
    groups = [pdist(g, "sqeuclidean").mean() for g in a.reshape(60, 5, 16)]
    yield "diversity", f["diversity"], np.mean(groups), 1e-13, "SciPy pdist"
    yield "diversity, field std", f["diversity", "std"], np.std(groups, ddof=1), 1e-13, "SciPy pdist"


# ---- what must not matter ----

def invariance():
    a, b = mixed(900, 32, 55), mixed(700, 32, 56, 0.5)
    save("b.st", feature=b)
    for metric, more in (("fid", ()), ("kid", ("--size", 100, "--subsets", 10))):
        save("a.st", feature=a)
        whole = Figures(metric, "a.st", "b.st", *more, threads=1)[metric]
        for rows in (7, 256):
            save("a.st", rows, feature=a)
            for threads in (1, 2):
                yield ("%s, frames of %d, %d thread%s" % (metric, rows, threads, "s" * (threads - 1)),
                       Figures(metric, "a.st", "b.st", *more, threads=threads)[metric], whole, 0,
                       "itself, one frame and one thread")


GROUPS = [fid, statistics, kid, mmd, prdc, knn, disentanglement, linear, mixture, parzen, wasserstein, transport,
          moments, tsne, perceptual, invariance]
