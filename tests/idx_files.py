"""Tiny files in MNIST's format, for the tests: 12 training and 10 test images, made to be read."""

import gzip
import hashlib

import numpy as np

from sennpy.datasets import idx

IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = NAMES = tuple(idx.FILES)


def idx_bytes(array):
    """An array of bytes as an idx file, unpacked."""
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    return header + array.astype(np.uint8).tobytes()


def arrays(train=60, test=20, seed=0):
    """Images that show their label as a bright row, and the labels: training, then test."""
    rng, made = np.random.default_rng(seed), []
    for N in (train, test):
        labels = np.arange(N) % 10
        images = rng.integers(0, 250, (N, 28, 28))
        images[np.arange(N), 2 * labels + 4] = 255
        made += [images.astype(np.uint8), labels.astype(np.uint8)]
    return made


def write(folder, monkeypatch, **sizes):
    """Four files in `folder`, which `idx` is made to take for the true ones; returns the arrays."""
    made, known = arrays(**sizes), {}
    folder.mkdir(exist_ok=True)
    for name, array in zip(NAMES, made, strict=True):
        content = idx_bytes(array)
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        known[name] = idx.File(idx.FILES[name].what, array.shape, md5)
        (folder / name).write_bytes(gzip.compress(content, mtime=0))
    monkeypatch.setattr(idx, "FILES", known)
    return made
