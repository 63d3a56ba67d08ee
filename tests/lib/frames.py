"""Frames of tensors as Python writes and reads them: the published safetensors format, and streams of
such frames one after another."""
import json
import struct

import numpy as np

TYPES = {"U8": "|u1", "I32": "<i4", "I64": "<i8", "F32": "<f4", "F64": "<f8"}
NAMES = {np.dtype(code): name for name, code in TYPES.items()}


def frame(tensors, meta=None):
    """One frame. The widest numbers come first, so that each tensor is aligned."""
    header, at, data = {"__metadata__": meta or {}}, 0, []
    for name, t in sorted(tensors.items(), key=lambda e: -e[1].dtype.itemsize):
        header[name] = {"dtype": NAMES[t.dtype], "shape": list(t.shape),
                        "data_offsets": [at, at + t.nbytes]}
        data.append(t.tobytes())
        at += t.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 64)
    return struct.pack("<Q", len(text)) + text + b"".join(data)


def write(path, tensors, meta=None, rows=None):
    """A file of one frame, or of frames of so many rows each."""
    count = max(len(t) for t in tensors.values()) if rows else 1
    with open(path, "wb") as f:
        for i in range(0, count, rows or 1):
            part = {name: t[i:i + rows] for name, t in tensors.items()} if rows else tensors
            f.write(frame(part, meta))


def read(path):
    """The tensors of a file's first frame."""
    with open(path, "rb") as f:
        n, = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(n))
        header.pop("__metadata__", None)
        data = f.read(max(e["data_offsets"][1] for e in header.values()))
    return {name: np.frombuffer(data[slice(*e["data_offsets"])], TYPES[e["dtype"]]).reshape(e["shape"])
            for name, e in header.items()}
