#!/usr/bin/env python3
"""spectral.py CHECKPOINT LAYER KIND: u.Wv of a layer's weight and vectors, over the largest singular
value of the matrix [out, rest] that PyTorch's spectral_norm makes of it."""
import json
import struct
import sys

import numpy as np

path, layer, kind = sys.argv[1:]
raw = open(path, "rb").read()
(n,) = struct.unpack_from("<Q", raw)
header = json.loads(raw[8:8 + n])


def tensor(name):
    entry = header[name]
    begin, end = entry["data_offsets"]
    return np.frombuffer(raw[8 + n + begin:8 + n + end], "<f4").reshape(entry["shape"]).astype("f8")


w = tensor(layer + ".weight_orig")
if kind == "deconv":
    w = np.swapaxes(w, 0, 1)
w = w.reshape(w.shape[0], -1)
u, v = tensor(layer + ".weight_u"), tensor(layer + ".weight_v")
print(u @ w @ v / np.linalg.svd(w, compute_uv=False)[0])
