"""The CIFAR-10 images as arrays: ten kinds of things in colour, averaged to fewer pixels."""

import os
from pathlib import Path

import numpy as np

from .subsets import Data, subset

SIDE, RECORD = 32, 1 + 3 * 32 * 32  # pixels; bytes of one image: a label, then R, G and B
SIZES = (32, 16, 8, 4)
FOLDER = "SENNPY_CIFAR"
FILES = ("data_batch_1.bin", "test_batch.bin")


def cifar(folder=None, size=8, per_class=None, limit=None, rng=None):
    """The first batch of CIFAR-10 to train on, its test batch to test on, pixels in [-1, 1].

    Parameters
    ----------
    folder : path, optional
        Where data_batch_1.bin and test_batch.bin of the binary version lie, whole or cut to fewer
        images; else `$SENNPY_CIFAR`.
    size : 32, 16, 8 or 4
        Pixels a side; each is the mean of a square of the original.
    per_class, limit : int, optional
        Draw so many training images of each kind, and so many in all; see `subset`.
    rng : None, int or numpy.random.Generator

    Returns
    -------
    Data
        X (N, 3 size^2), labels 0 to 9.

    Raises
    ------
    FileNotFoundError
        If no folder is named, or a file is not in it.
    ValueError
        If the size is not offered, a file is something else, or more is asked for than there is.
    """
    if size not in SIZES:
        raise ValueError(f"size is {size!r}, expected one of {', '.join(map(str, SIZES))}.")
    folder = folder or os.environ.get(FOLDER)
    if not folder:
        raise FileNotFoundError(f"CIFAR-10 is not there: ${FOLDER} names no folder that has it.")
    (images, t), (test, t_test) = (read(Path(folder) / name) for name in FILES)
    kept = subset(t, per_class, limit, rng)
    return Data(averaged(images[kept], size), t[kept], averaged(test, size), t_test)


def read(path):
    """Images (N, 3, 32, 32) of bytes and labels (N,) of one file; ValueError if it is none."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}: CIFAR-10's binary version has it.")
    data = np.fromfile(path, dtype=np.uint8)
    if not len(data) or len(data) % RECORD:
        raise ValueError(
            f"{path} has {len(data)} bytes, expected a multiple of {RECORD}: a label and "
            "3 x 32 x 32 pixels an image."
        )
    records = data.reshape(-1, RECORD)
    t = records[:, 0].astype(np.int64)
    if t.max() > 9:
        raise ValueError(f"{path} has the label {t.max()}, expected 0 to 9.")
    return records[:, 1:].reshape(-1, 3, SIDE, SIDE), t


def averaged(images, size):
    """Bytes (N, 3, 32, 32) as rows (N, 3 size^2) in [-1, 1], each entry the mean of a square."""
    square = SIDE // size
    blocks = images.reshape(len(images), 3, size, square, size, square)
    return blocks.mean(axis=(3, 5)).reshape(len(images), -1) / 127.5 - 1
