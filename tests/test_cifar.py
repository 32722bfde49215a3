"""The reader of CIFAR-10's binary version, on files made here; on the real ones where they are."""

import os

import numpy as np
import pytest

from sennpy.datasets.cifar import FILES, averaged, cifar

RNG = np.random.default_rng(1)


@pytest.fixture
def folder(tmp_path):
    """A folder with few images: two of each kind to train on, one to test on."""
    for name, count in zip(FILES, (20, 10), strict=True):
        records = RNG.integers(0, 256, (count, 3073), dtype=np.uint8)
        records[:, 0] = np.arange(count) % 10
        (tmp_path / name).write_bytes(records.tobytes())
    return tmp_path


def test_pixels_and_labels_are_those_of_the_file(folder):
    data = cifar(folder, size=32)
    first = (folder / FILES[0]).read_bytes()[:3073]
    assert data.X.shape == (20, 3072) and data.t[0] == first[0]
    assert data.X[0] == pytest.approx(np.frombuffer(first[1:], np.uint8) / 127.5 - 1)
    assert data.X_test.shape == (10, 3072) and list(data.t_test) == list(range(10))


def test_fewer_pixels_are_means_of_squares():
    images = RNG.integers(0, 256, (2, 3, 32, 32), dtype=np.uint8)
    found = averaged(images, 4).reshape(2, 3, 4, 4)
    assert found[1, 2, 3, 0] == pytest.approx(images[1, 2, 24:32, :8].mean() / 127.5 - 1)


def test_so_many_of_each_kind_are_drawn(folder, monkeypatch):
    monkeypatch.setenv("SENNPY_CIFAR", str(folder))
    data = cifar(per_class=1, rng=3)
    assert sorted(data.t) == list(range(10)) and data.X.shape == (10, 192)
    assert (data.X == cifar(per_class=1, rng=3).X).all()


def test_what_is_not_there_or_something_else_is_told(folder, monkeypatch):
    monkeypatch.delenv("SENNPY_CIFAR", raising=False)
    with pytest.raises(FileNotFoundError, match="SENNPY_CIFAR"):
        cifar()
    with pytest.raises(ValueError, match="32, 16, 8, 4"):
        cifar(folder, size=5)
    (folder / FILES[1]).write_bytes(bytes(3074))
    with pytest.raises(ValueError, match="multiple of 3073"):
        cifar(folder)
    (folder / FILES[1]).write_bytes(bytes([10]) + bytes(3072))
    with pytest.raises(ValueError, match="label 10"):
        cifar(folder)
    (folder / FILES[1]).unlink()
    with pytest.raises(FileNotFoundError, match=FILES[1]):
        cifar(folder)


@pytest.mark.skipif("SENNPY_CIFAR" not in os.environ, reason="$SENNPY_CIFAR names no folder")
def test_the_real_images_are_read():
    data = cifar(size=4, limit=200, rng=0)
    assert data.X.shape == (200, 48) and set(data.t_test) == set(range(10))
    assert -1 <= data.X.min() < data.X.max() <= 1
