"""What the modules of tests/lib/references.py share: gan-eval's figures, streams, made-up inputs."""
import json
import os
import subprocess

import numpy as np
from scipy import linalg, ndimage

import frames

EXACT = 1e-14  # shares and counts: the same but for the last rounding
SEEDED = np.random.RandomState


class Figures:
    """What gan-eval prints: figures[line] is the value, figures[line, field] another field."""

    def __init__(self, *command, threads=None):
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads)) if threads else None
        text = subprocess.run(["gan-eval", *map(str, command), "--json"], check=True,
                              stdout=subprocess.PIPE, env=environment).stdout
        self.lines = [json.loads(line) for line in text.splitlines()]

    def __getitem__(self, name):
        name, field = name if isinstance(name, tuple) else (name, "value")
        found = [line[field] for line in self.lines if line["metric"] == name]
        return found[0] if len(found) == 1 else np.array(found, float)


def save(name, rows=None, **tensors):
    """A stream; floats are rounded to the single precision that is stored, and returned."""
    kept = {n: np.asarray(t, np.float32 if np.asarray(t).dtype.kind == "f" else None)
            for n, t in tensors.items()}
    frames.write(name, kept, rows=rows)
    first = next(iter(kept.values()))
    return first.astype(float) if first.dtype.kind == "f" else first


def mixed(n, d, seed, shift=0.0):
    """Correlated rows."""
    r = SEEDED(seed)
    return r.randn(n, d) @ (np.eye(d) + 0.5 * SEEDED(1000).randn(d, d) / np.sqrt(d)) + shift * r.rand(d)


def labelled(n, d, k, seed):
    """Rows and labels that can be learnt, though not without errors."""
    r = SEEDED(seed)
    x = r.randn(n, d)
    return x, np.argmax(x @ SEEDED(1001).randn(d, k) + r.randn(n, k), 1)


def painted(n, h, w, seed, noise=0):
    """Smooth pictures in bytes; the same seed with more noise is a worse copy."""
    x = ndimage.gaussian_filter(SEEDED(seed).randn(n, h, w, 3), (0, 1.5, 1.5, 0)) * 250 + 128
    return np.clip(np.rint(x + noise * SEEDED(seed + 1).randn(*x.shape)), 0, 255).astype(np.uint8)


def frechet(a, b, ddof=1):
    ca, cb = (np.cov(x.T, ddof=ddof) for x in (a, b))
    gap = np.sum((a.mean(0) - b.mean(0)) ** 2)
    return gap + np.trace(ca + cb) - 2 * np.trace(linalg.sqrtm(ca @ cb)).real
