"""Inputs of the golden numbers: the hash of tests/lib/hash.h, and the library's counter-based random
numbers (Philox4x32-10, lib/base/rng.c, and the choices of lib/maths/draw.h) written anew."""
import numpy as np


def rows(n, d, seed):
    """[n,d] numbers in [-2,2), exact in float32"""
    i, j = np.meshgrid(np.arange(n, dtype=np.uint64), np.arange(d, dtype=np.uint64), indexing="ij")
    m = np.uint64(0xFFFFFFFF)
    h = (i * np.uint64(73856093) ^ j * np.uint64(19349663) ^ np.uint64(seed * 83492791)) & m
    h = (h * np.uint64(2654435761)) & m
    h = h ^ h >> np.uint64(15)
    h = (h * np.uint64(2246822519)) & m
    return ((h >> np.uint64(24)) & np.uint64(255)).astype(float) / 64 - 2


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ k[0], b & 0xFFFFFFFF, a >> 32 ^ c[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def bits(seed, draw, i, use=0):
    """thirty-two random bits of element i"""
    index = i // 4
    counter = [index & 0xFFFFFFFF, index >> 32 ^ draw >> 32, use, draw & 0xFFFFFFFF]
    return philox(counter, [seed & 0xFFFFFFFF, seed >> 32])[i % 4]


def uniform(seed, draw, n, use=0):
    return np.array([((bits(seed, draw, i, use) >> 9) + 0.5) / 2**23 for i in range(n)])


def normal(seed, draw, n, use=0):
    u = uniform(seed, draw, n + n % 2, use).reshape(-1, 2)
    r, a = np.sqrt(-2 * np.log(u[:, 0])), 2 * np.pi * u[:, 1]
    return np.stack([r * np.cos(a), r * np.sin(a)], 1).ravel()[:n]


def below(seed, draw, i, n):
    """number i of a draw: one of 0 .. n-1"""
    return (bits(seed, draw, 2 * i) << 32 | bits(seed, draw, 2 * i + 1)) % n


def show(name, a):
    a = np.atleast_1d(np.asarray(a, float)).ravel()
    print(f"/* {name} */", ", ".join(repr(float(v)) for v in a))
