"""References for metrics of logits, labels and numbers."""
import collections

import numpy as np
from scipy import ndimage, optimize, special, stats
from scipy.spatial.distance import cdist, jensenshannon
from sklearn import metrics
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.svm import SVC

from references_common import EXACT, SEEDED, Figures, save


def boundary():
    r = SEEDED(70)
    z = save("a.st", z=r.randn(1200, 12))
    s = save("b.st", scores=np.stack([z @ r.randn(12) + r.randn(1200), z[:, 0] + 2 * r.randn(1200)], 1))
    f = Figures("boundary", "a.st", "b.st", "--most", 150, "--split", 1, "--tolerance", 1e-6, "-o", "d.st")
    rows = []
    for k in range(2):
        order = np.argsort(-s[:, k], kind="stable")
        ends = np.r_[order[:150], order[-150:]]
        m = SVC(kernel="linear", C=1, tol=1e-8).fit(z[ends], np.repeat([1, 0], 150))
        rows.append(m.coef_[0] / np.linalg.norm(m.coef_))
        rest = order[150:-150]
        yield ("boundary.train, score %d" % k, f["boundary.train"][k], m.score(z[ends], np.repeat([1, 0], 150)), 1e-2,
               "scikit-learn SVC")
        high = s[rest, k] >= (s[:, k].max() + s[:, k].min()) / 2
        yield "boundary.rest, score %d" % k, f["boundary.rest"][k], m.score(z[rest], high), 1e-2, "scikit-learn SVC"
    yield "boundary.cosine", f["boundary.cosine"], rows[0] @ rows[1], 1e-4, "scikit-learn SVC"
    yield "boundary.correlation", f["boundary.correlation"], np.corrcoef(s.T)[0, 1], 1e-12, "NumPy corrcoef"


def edits():
    r = SEEDED(71)
    w, base = save("a.st", scores=r.randn(60, 3)), save("b.st", scores=r.randn(40, 3))
    f = Figures("edits", "a.st", "b.st", "--steps", 5)
    walks = w.reshape(12, 5, 3)
    yield ("edits.response", f["edits.response"], (walks[:, -1] - walks[:, 0]).mean(0) / base.std(0), 1e-12, "NumPy")
    yield "edits.rising", f["edits.rising"], (np.diff(walks, axis=1) > 0).all(1).mean(0), EXACT, "NumPy"
    yield "edits.up", f["edits.up"], (walks[:, -1] > walks[:, 0]).mean(0), EXACT, "NumPy"


def accuracy():
    logits, y = np.split(SEEDED(36).randn(500, 12), 2, 1)
    y = np.argmax(2 * logits + y, 1)
    logits = save("a.st", logits=logits, label=y)
    f, found = Figures("accuracy", "a.st", "--confusion"), logits.argmax(1)
    count = metrics.confusion_matrix(y, found)
    yield "accuracy", f["accuracy"], metrics.accuracy_score(y, found), EXACT, "scikit-learn accuracy_score"
    yield ("accuracy.class", f["accuracy.class"], metrics.recall_score(y, found, average=None), EXACT,
           "scikit-learn recall_score")
    yield ("accuracy.confusion", f["accuracy.confusion"], count[count > 0], EXACT,
           "scikit-learn confusion_matrix")


def auc():
    r = SEEDED(35)
    y = r.binomial(1, 0.3, 800)
    score = save("a.st", score=np.round(y + 1.5 * r.randn(800), 1), label=y)
    f = Figures("auc", "a.st")
    yield "auc", f["auc"], metrics.roc_auc_score(y, score), 1e-13, "scikit-learn roc_auc_score"
    yield ("auc.precision", f["auc.precision"], metrics.average_precision_score(y, score), 1e-13,
           "scikit-learn average_precision_score")


def inception():
    logits = save("a.st", logits=2 * SEEDED(37).randn(500, 30) + np.linspace(0, 2, 30))
    p = special.softmax(logits, 1)

    def parts(rows):
        v = [np.exp(stats.entropy(q.T, q.mean(0)[:, None]).mean()) for q in np.split(rows, 10)]
        return np.mean(v), np.std(v)
    by = "SciPy softmax, entropy"
    f = Figures("inception", "a.st", "--in-order")
    yield "inception --in-order", f["inception"], parts(p)[0], 1e-13, by
    yield "inception, field std", f["inception", "std"], parts(p)[1], 1e-12, by
    yield ("inception", Figures("inception", "a.st")["inception"],
           parts(p[SEEDED(2020).permutation(500)])[0], 1e-13, by + ", NumPy's permutation")


def labels():
    r = SEEDED(38)
    y, z = save("a.st", label=r.binomial(9, 0.4, 300)), save("b.st", label=r.binomial(9, 0.5, 4000))
    p, q = np.bincount(y, minlength=10), np.bincount(z, minlength=10)
    f = Figures("labels", "a.st", "--classes", 10)
    yield "labels.captured", f["labels.captured"], len(np.unique(y)), EXACT, "NumPy unique"
    yield "labels.kl", f["labels.kl"], stats.entropy(p, np.ones(10)), 1e-13, "SciPy entropy"
    yield ("labels.kl --against", Figures("labels", "a.st", "--against", "b.st")["labels.kl"],
           stats.entropy(p, q), 1e-13, "SciPy entropy")
    x = save("a.st", logits=3 * r.randn(2000, 30))
    digits = x.reshape(-1, 3, 10).argmax(2) @ [100, 10, 1]
    f = Figures("labels", "a.st", "--groups", 3)
    yield "labels.captured --groups 3", f["labels.captured"], len(np.unique(digits)), EXACT, "NumPy unique"
    yield ("labels.kl --groups 3", f["labels.kl"],
           stats.entropy(np.bincount(digits, minlength=1000), np.ones(1000)), 1e-13, "SciPy entropy")


def clusters():
    r = SEEDED(39)
    y = r.randint(0, 4, 400)
    logits = r.randn(400, 6)
    logits[np.arange(400), y + 1] += 1.5
    logits = save("a.st", logits=logits, label=y)
    f, found = Figures("clusters", "a.st"), logits.argmax(1)
    count = metrics.cluster.contingency_matrix(y, found)
    surest = y[special.softmax(logits, 1).argmax(0)]
    yield "clusters.nearest", f["clusters.nearest"], (surest[found] == y).mean(), EXACT, "SciPy softmax"
    yield ("clusters.majority", f["clusters.majority"], count.max(0).sum() / 400, EXACT,
           "scikit-learn contingency_matrix")
    yield ("clusters.assigned", f["clusters.assigned"],
           count[optimize.linear_sum_assignment(count, maximize=True)].sum() / 400, EXACT,
           "SciPy linear_sum_assignment")
    yield ("clusters.nmi", f["clusters.nmi"], metrics.normalized_mutual_info_score(y, found), 1e-13,
           "scikit-learn normalized_mutual_info_score")
    yield ("clusters.ari", f["clusters.ari"], metrics.adjusted_rand_score(y, found), 1e-13,
           "scikit-learn adjusted_rand_score")


def segmentation():
    r = SEEDED(40)
    truth = ndimage.zoom(r.randint(0, 5, (10, 4, 4)), (1, 5, 5), order=0)
    found = np.where(r.rand(*truth.shape) < 0.7, truth, r.randint(0, 5, truth.shape))
    truth[:, :2] = 255
    save("a.st", map=found), save("b.st", map=truth)
    f, on = Figures("segmentation", "a.st", "b.st", "--ignore", 255), truth < 255
    truth, found = truth[on], found[on]
    for line, average in (("miou", "macro"), ("class", None)):
        yield ("segmentation." + line, f["segmentation." + line],
               metrics.jaccard_score(truth, found, average=average), EXACT, "scikit-learn jaccard_score")
    yield ("segmentation.accuracy", f["segmentation.accuracy"], metrics.accuracy_score(truth, found), EXACT,
           "scikit-learn accuracy_score")


def gam():
    r = SEEDED(41)
    real, fake, own = ([save("%s%d.st" % (name, i), logits=r.randn(n) + mean) for i in (1, 2)]
                       for name, n, mean in (("real", 300, 1), ("fake", 200, -0.2), ("own", 250, -1)))

    def errors(i, at):  # the share on the wrong side, of test data and of the other's samples
        return (metrics.zero_one_loss(np.ones(300), real[i] > at),
                metrics.zero_one_loss(np.zeros(200), fake[i] > at))

    def threshold(i):  # halfway between neighbours where the mean of both errors is least
        x = np.unique(np.concatenate([real[i], own[i]]))
        at = (x[1:] + x[:-1]) / 2
        return at[np.argmin([(real[i] <= t).mean() + (own[i] > t).mean() for t in at])]
    command = ["gam", "real1.st", "real2.st", "fake1.st", "fake2.st"]
    own_ones = ["--own-first", "own1.st", "--own-second", "own2.st"]
    for name, more, at in (("", [], (0, 0)), (", thresholds found", own_ones, (threshold(0), threshold(1)))):
        f, (a, b) = Figures(*command, *more), (errors(i, at[i]) for i in (0, 1))
        yield "gam.test" + name, f["gam.test"], a[0] / b[0], EXACT, "scikit-learn zero_one_loss"
        yield "gam.samples" + name, f["gam.samples"], a[1] / b[1], EXACT, "scikit-learn zero_one_loss"


def histogram():
    r = SEEDED(42)
    a, b = save("a.st", value=r.randn(2000)), save("b.st", value=1.2 * r.randn(3000) + 0.3)
    p, q = (np.histogram(x, 20, (-6, 6))[0] / len(x) for x in (a, b))
    yield ("histogram", Figures("histogram", "a.st", "--bins", 20, "--range", "-6,6")["histogram"], p, EXACT,
           "NumPy histogram")
    f = Figures("histogram", "a.st", "--bins", 20, "--range", "-6,6", "--against", "b.st")
    yield "histogram.js", f["histogram.js"], jensenshannon(p, q) ** 2, 1e-13, "SciPy jensenshannon, squared"
    yield "histogram.kl", f["histogram.kl"], stats.entropy(p, q), 1e-13, "SciPy entropy"
    yield "histogram.tv", f["histogram.tv"], np.abs(p - q).sum() / 2, 1e-13, "NumPy"


def ngrams():
    r = SEEDED(43)
    a, b = save("a.st", text=r.binomial(5, 0.5, (200, 12))), save("b.st", text=r.binomial(5, 0.4, (300, 12)))
    f = Figures("ngrams", "a.st", "b.st")

    def js(n):
        p, q = (collections.Counter(tuple(line[i:i + n]) for line in x for i in range(13 - n))
                for x in (a, b))
        keys = sorted({*p, *q})
        return jensenshannon([p[k] for k in keys], [q[k] for k in keys], base=2) ** 2
    yield ("ngrams.js, n = 1 to 4", f["ngrams.js"], [js(n) for n in (1, 2, 3, 4)], 1e-13,
           "SciPy jensenshannon, squared")


def likelihood():
    w = save("a.st", log_weight=30 * SEEDED(44).randn(100, 20) - 90)
    f = Figures("likelihood", "a.st")
    bound = special.logsumexp(w, 1) - np.log(20)
    ess = np.exp(2 * special.logsumexp(w, 1) - special.logsumexp(2 * w, 1))
    yield "likelihood.elbo", f["likelihood.elbo"], w.mean(), 1e-13, "NumPy mean"
    yield "likelihood.bound", f["likelihood.bound"], bound.mean(), 1e-13, "SciPy logsumexp"
    yield ("likelihood.bound, field error", f["likelihood.bound", "error"], stats.sem(bound), 1e-13,
           "SciPy logsumexp, sem")
    yield "likelihood.ess", f["likelihood.ess"], ess.mean(), 1e-13, "SciPy logsumexp"


def modes():
    r = SEEDED(45)
    angle = 2 * np.pi * np.arange(8) / 8
    ring = 2 * np.stack([np.cos(angle), np.sin(angle)], 1)
    grid = 2.0 * np.stack(np.divmod(np.arange(25), 5), 1) - 4
    for name, centres, sigma, option in (("ring", ring, 0.02, ()), ("grid", grid, 0.05, ("--grid", 5))):
        which = r.binomial(len(centres) - 1, 0.4, 1000)
        x = save("a.st", point=centres[which] + 1.3 * sigma * r.randn(1000, 2))
        d = cdist(x, centres)
        count = np.bincount(d.argmin(1)[d.min(1) <= 3 * sigma], minlength=len(centres))
        f = Figures("modes", "a.st", *option)
        yield "modes.captured, " + name, f["modes.captured"], (count > 0).sum(), EXACT, "SciPy cdist"
        yield "modes.quality, " + name, f["modes.quality"], count.sum() / 1000, EXACT, "SciPy cdist"
        yield ("modes.kl, " + name, f["modes.kl"], stats.entropy(count, np.ones(len(count))), 1e-13,
               "SciPy entropy")


def tags():
    r = SEEDED(46)
    group = np.arange(200) // 40
    words, x = save("b.st", word=r.randn(60, 10)), save("a.st", word=r.randn(200, 10), group=group)
    near = np.argsort(-cosine_similarity(x, words), 1)[:, :5]
    votes = [np.bincount(near[group == g].ravel(), minlength=60) for g in range(5)]
    best = np.array([np.lexsort((np.arange(60), -v))[:3] for v in votes])
    truth = save("c.st", truth=r.randint(0, 60, (5, 20)))
    f = Figures("tags", "a.st", "b.st", "--top", 5, "--vote", 3, "--truth", "c.st")
    yield "tags.word", f["tags.word"], best.ravel(), EXACT, "scikit-learn cosine_similarity"
    yield ("tags.precision", f["tags.precision"], np.mean([np.isin(b, t).mean() for b, t in zip(best, truth)]),
           EXACT, "NumPy isin")


def top():
    x = save("a.st", score=SEEDED(47).randn(300, 4))
    f, order = Figures("top", "a.st", "-k", 5), np.argsort(-x, 0)[:5].T
    yield "top", f["top"], -np.sort(-x, 0)[:5].T.ravel(), EXACT, "NumPy sort"
    yield "top, field index", f["top", "index"], order.ravel(), EXACT, "NumPy argsort"


GROUPS = [boundary, edits, accuracy, auc, inception, labels, clusters, segmentation, gam, histogram, ngrams, likelihood, modes,
          tags, top]
