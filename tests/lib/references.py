#!/usr/bin/env python3
"""Every metric of gan-eval, which must be in the PATH, beside an independent implementation's value of
the same streams: SciPy's, scikit-learn's, scikit-image's or PyTorch's where they have one, else the
formula in NumPy. For tests/long/references.t; with --table the table alone, in Markdown.

A row holds the metric, our value, the reference, their relative difference (the absolute one from 0),
the tolerance it must keep, and whose the reference is. [n] after the name is a figure of n numbers: the
row holds their Euclidean norms, and the difference is the norm of theirs. Inputs are made by NumPy with
seeds.

The modules' GROUPS are functions that yield such rows without the difference, in a folder of their own.
"""
import os
import re
import subprocess
import sys
import tempfile

import numpy as np

import references_features
import references_labels
import references_pictures
import references_shapes

MODULES = [references_features, references_labels, references_pictures, references_shapes]


def difference(ours, reference):
    """Norms, and the difference by the reference's norm."""
    a, b = np.asarray(ours, float).ravel(), np.asarray(reference, float).ravel()
    if a.shape != b.shape or not np.isfinite(a).all():
        return np.nan, np.linalg.norm(b), np.inf
    many = [np.linalg.norm(v) if v.size > 1 else v[0] for v in (a, b)]
    return many[0], many[1], np.linalg.norm(a - b) / (np.linalg.norm(b) or 1)


def main(table):
    text = subprocess.run(["gan-eval", "--help"], check=True, stdout=subprocess.PIPE, text=True).stdout
    missing = set(re.findall(r"^  ([a-z][a-z0-9-]*) ", text, re.M))
    layout = "| %s | %s | %s | %s | %s | %s |" if table else "# %-34s %-17s %-17s %-10s %-9s %s"
    print(layout % ("metric", "ours", "reference", "difference", "tolerance", "by"))
    if table:
        print("|---|---|---|---|---|---|")
    for name, ours, reference, tolerance, by in (row for m in MODULES for g in m.GROUPS for row in g()):
        a, b, gap = difference(ours, reference)
        missing.discard(re.match("[a-z-]*[a-z]", name).group())
        name += " [%d]" % np.size(reference) if np.size(reference) > 1 else ""
        print(layout % (name, "%.12g" % a, "%.12g" % b, "%.1e" % gap, "%g" % tolerance, by), flush=True)
        if not table:  # a verdict for the shell: a status and a name
            print(int(not gap <= tolerance), name)
    if not table:
        print(len(missing), "every metric has a row:", " ".join(sorted(missing)) or "none is missing")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        main(sys.argv[1:] == ["--table"])
