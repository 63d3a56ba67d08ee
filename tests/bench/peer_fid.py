#!/usr/bin/python3
"""peer_fid.py A.npy B.npy: the Frechet distance of two arrays of features, as the common tools have it:
np.cov and scipy.linalg.sqrtm of the product."""
import sys

import numpy as np
from scipy import linalg

a, b = (np.load(path).astype(np.float64) for path in sys.argv[1:3])
mean = a.mean(0) - b.mean(0)
ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
root, _ = linalg.sqrtm(ca @ cb, disp=False)
print(repr(float(mean @ mean + np.trace(ca) + np.trace(cb) - 2 * np.trace(root.real))))
