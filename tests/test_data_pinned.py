"""Every data set, drawn a second time by another route, and held to the checksum of its values."""

import sys

import drawn
import idx_files
import numpy as np
import pytest
from drawn import digest
from PIL import Image

from sennpy import SoftmaxCrossEntropy, SquaredError
from sennpy.datasets import digits, half_moons, idx, mnist, random_rational, regression_case
from sennpy.datasets.subsets import subset
from sennpy.experiments import chance
from sennpy.experiments.battery import run, tasks
from sennpy.experiments.battery.rows import ROWS


def same(found, expected, tolerance=1e-12):
    """Fail unless (X, t, X_test, t_test) are those expected, each in its own place."""
    for name, one, other in zip(("X", "t", "X_test", "t_test"), found, expected, strict=True):
        assert one.shape == other.shape, name
        if one.dtype.kind in "iu":
            np.testing.assert_array_equal(one, other, name)
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance, err_msg=name)


# --- Those of the experiments --------------------------------------------------------------------


@pytest.mark.parametrize(
    "seeds, noise, checksum",
    [((0, 1), 0.3, "c80673b57ac91f5b"), ((3, 8), 0.1, "7e9daa9b4d38e952")],
)
def test_half_moons_are_scikit_learns(seeds, noise, checksum):
    data = half_moons(*seeds, noise)
    same(data, drawn.moons(*seeds, noise))
    assert digest(*data) == checksum
    assert (len(data.X), len(data.X_test)) == (200, 500)


def test_half_moons_of_the_paper_are_what_is_drawn_unless_told_otherwise():
    same(half_moons(), drawn.moons(0, 1, 0.3))


@pytest.mark.parametrize(
    "seed, per_class, limit, checksum",
    [(0, None, None, "683d94e9eb239c06"), (3, 5, 40, "c61c6fb7e38ef8f7"), (4, None, 90, None),
     (5, 7, None, None)],
)  # fmt: skip
def test_digits_are_split_evenly_and_a_fifth_is_held_out(seed, per_class, limit, checksum):
    data = digits(seed, per_class, limit)
    same(data, drawn.digits(seed, per_class, limit))
    assert checksum in (None, digest(*data))
    assert data.X.max() == 1.0 and len(data.t_test) == 360


@pytest.mark.parametrize("seed, checksum", [(0, "4840246b74d5f465"), (5, "1a4835d21e1d32fb")])
def test_the_regression_task_is_a_rational_network_written_out(seed, checksum):
    data = random_rational(seed)
    same(data, drawn.rational(seed), 1e-10)
    assert digest(*data) == checksum


def test_a_case_of_single_precision_is_read_in_double_precision_and_whole(tmp_path):
    file, rng = tmp_path / "two.npz", np.random.default_rng(0)
    shapes = {"x_train": (4, 2), "y_train": (4, 3), "x_test": (5, 2), "y_test": (5, 3)}
    held = {
        f"{name}_{case}": rng.standard_normal(shape).astype(np.float32)
        for case in (0, 11)
        for name, shape in shapes.items()
    }
    np.savez(file, **held)
    for case in (0, 11):
        data = regression_case(file, case)
        same(data, [held[f"{name}_{case}"] for name in shapes])
        assert {array.dtype for array in data} == {np.dtype("float64")}
    same(regression_case(file), [held[f"{name}_0"] for name in shapes])
    with pytest.raises(ValueError, match=r"has no x_train_1; the cases it holds are \[0, 11\]"):
        regression_case(file, 1)


@pytest.mark.parametrize(
    "name, shape, told",
    [
        ("y_train_0", (3, 1), r"x_train_0 has shape \(4, 1\) and y_train_0 \(3, 1\)"),
        ("y_test_0", (3, 1), r"x_test_0 has shape \(5, 1\) and y_test_0 \(3, 1\)"),
        ("y_train_0", (4,), r"y_train_0 \(4,\)"),
        ("x_test_0", (5,), r"x_test_0 has shape \(5,\)"),
        ("y_test_0", (5, 2), "1 inputs and 1 outputs for training, 1 and 2 for the test"),
    ],
)
def test_each_array_of_a_case_is_held_to_the_others(name, shape, told, tmp_path):
    arrays = {"x_train_0": np.ones((4, 1)), "y_train_0": np.ones((4, 1)),
              "x_test_0": np.ones((5, 1)), "y_test_0": np.ones((5, 1))}  # fmt: skip
    np.savez(tmp_path / "case.npz", **arrays | {name: np.ones(shape)})
    with pytest.raises(ValueError, match=told):
        regression_case(tmp_path / "case.npz")


# --- Fewer of them -------------------------------------------------------------------------------


@pytest.mark.parametrize("per_class, limit", [(3, None), (None, 30), (6, 20), (18, None)])
@pytest.mark.parametrize("seed", [0, 9])
def test_a_subset_is_drawn_class_by_class_then_from_all(per_class, limit, seed):
    t = np.random.default_rng(1).choice(4, 60, p=[0.4, 0.3, 0.2, 0.1])
    t[:4] = range(4)
    kept = subset(t, per_class, limit, seed)
    np.testing.assert_array_equal(kept, drawn.few(t, seed, per_class, limit))
    assert len(set(kept.tolist())) == len(kept)


def test_what_a_limit_lacks_is_told_with_what_would_do():
    t = np.arange(40) % 10
    with pytest.raises(ValueError, match=r"some of each of the 10 classes: .* --per-class 2 for"):
        subset(t, limit=11, rng=0)
    assert len(subset(t, limit=40, rng=0)) == 40
    assert len(subset(t, per_class=4, rng=0)) == 40


# --- MNIST ---------------------------------------------------------------------------------------


@pytest.fixture
def files(tmp_path, monkeypatch):
    idx_files.write(tmp_path / "data", monkeypatch, train=80, test=30)
    return tmp_path / "data"


def resized(images, size):
    """By Pillow, whose triangle filter widens when it shrinks, too."""
    rows = [
        np.asarray(Image.fromarray(image.astype(np.float32)).resize((size,) * 2, Image.BILINEAR))
        for image in images
    ]
    return np.stack(rows).reshape(len(images), -1) / 255


@pytest.mark.parametrize(
    "size, wish", [(28, {}), (24, {"per_class": 4}), (14, {"limit": 50}),
                   (14, {"per_class": 6, "limit": 40})],
)  # fmt: skip
def test_mnist_is_what_the_files_hold_resized_and_only_its_training_part_is_thinned(
    size, wish, files
):
    images, labels, test_images, test_labels = idx_files.arrays(80, 30)
    kept = drawn.few(labels.astype(int), 3, **wish)
    expected = resized(images[kept], size), labels[kept], resized(test_images, size), test_labels
    data = mnist(files, size, rng=3, **wish)
    same(data, [np.asarray(a, float) for a in expected], 2e-6)
    assert data.X.dtype == data.X_test.dtype == np.float32
    assert data.t.dtype == data.t_test.dtype == np.int64
    same(data, mnist(files, size=size, rng=np.random.default_rng(3), **wish))


FILES = {
    "train-images-idx3-ubyte.gz": ((60000, 28, 28), "6bbc9ace898e44ae57da46a324031adb"),
    "train-labels-idx1-ubyte.gz": ((60000,), "a25bea736e30d166cdddb491f175f624"),
    "t10k-images-idx3-ubyte.gz": ((10000, 28, 28), "2646ac647ad5339dbf082846283269ea"),
    "t10k-labels-idx1-ubyte.gz": ((10000,), "27ae3e4e09519cfbb04c329615203637"),
}


def test_the_files_of_mnist_are_these():
    assert {name: (file.shape, file.md5) for name, file in idx.FILES.items()} == FILES
    assert [file.what for file in idx.FILES.values()] == [
        "training images", "training labels", "test images", "test labels",
    ]  # fmt: skip
    assert idx.MIRROR == "https://ossci-datasets.s3.amazonaws.com/mnist/"


@pytest.mark.parametrize(
    "platform, environment, folder",
    [
        ("win32", {"LOCALAPPDATA": "/home/me/local"}, "/home/me/local"),
        ("win32", {}, "/home/me/AppData/Local"),
        ("darwin", {"XDG_CACHE_HOME": "/elsewhere"}, "/home/me/Library/Caches"),
        ("linux", {"XDG_CACHE_HOME": "/elsewhere"}, "/elsewhere"),
        ("linux", {}, "/home/me/.cache"),
    ],
)
def test_the_cache_is_where_each_system_keeps_it(platform, environment, folder, monkeypatch):
    for name in ("LOCALAPPDATA", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(idx.Path, "home", lambda: idx.Path("/home/me"))
    assert idx.cache() == idx.Path(folder) / "sennpy" / "mnist"


# --- The battery ---------------------------------------------------------------------------------

CHECKSUMS = {
    "noise-regression-100": "8768f68aa4f007df", "noise-regression-400": "c2d9c6a5df356e91",
    "noise-regression-1600": "71f8d7b5d637be92", "noise-labels-100": "c5685fa0b5af8b56",
    "noise-labels-400": "bad0e921ac08f924", "noise-labels-1600": "02d0c8b6e54c894b",
    "moons-0.1": "1a2eed6e37183872", "moons-0.2": "873bf3c4c80b0e55",
    "moons-0.3": "53f69df271107700", "moons-0.4": "e3e8f4e471c821d1",
    "circles": "a43c60fdc4228d0d", "blobs": "95ea0062c22ddb37", "spiral-1": "60a0f83811afa938",
    "spiral-1.5": "ed4d2dfb332a0c4f", "spiral-2": "baf2addccdd3a9a1",
    "checkerboard-2": "7c872beca24d2dce", "checkerboard-4": "ee6847eecc195b21",
    "wine": "192f994c820034d9", "breast_cancer": "cd3687f03d146955", "iris": "c0eff96eddb40d41",
    "diabetes": "b77c353196e02127", "friedman1": "57ab84693059b2f5", "digits": "6de7632c40f303a7",
    "moons-of-50": "38122ea2d71b41d8", "moons-of-100": "ef3ff3696a6e474f",
    "moons-of-200": "53f69df271107700", "moons-of-400": "393043ef7a5b315e",
    "moons-of-800": "c741dec6e66859aa", "moons-of-1600": "23122ed9da5ba965",
    "moons-of-3200": "07a0cce4403c7e34", "spiral-of-100": "e9c32ef459607ca6",
    "spiral-of-200": "ed4d2dfb332a0c4f", "spiral-of-400": "9e6456d34a3fc754",
    "spiral-of-800": "ff27ad1eff2aded7", "spiral-of-1600": "83b1d79a9bef2997",
    "readme-half-moons": "c80673b57ac91f5b", "readme-regression": "16d656d1ea7ca11b",
}  # fmt: skip


def test_every_row_of_the_battery_has_a_checksum():
    assert [*CHECKSUMS, "mnist"] == [n for n in ROWS if n != "mnist"] + ["mnist"]


@pytest.mark.parametrize("name", CHECKSUMS)
def test_a_row_of_the_battery_is_drawn_as_it_says(name):
    row = ROWS[name]
    for seed in (7, 0):
        task = run.drawn(row, seed)
        same(task[:4], drawn.battery(row.task, seed, row.options), 1e-9)
        assert seed or type(task.loss) is (
            SoftmaxCrossEntropy if task.t.dtype.kind in "iu" else SquaredError
        )
        if seed == 7:
            assert digest(*task[:4]) == CHECKSUMS[name]


def test_the_mnist_of_the_battery_is_thinned_by_its_seed(files, monkeypatch):
    images, labels, test_images, test_labels = idx_files.arrays(80, 30)
    small = ROWS["mnist"]
    monkeypatch.setitem(small.options, "samples", 60)
    task, kept = run.drawn(small, 3, files), drawn.few(labels.astype(int), 3, limit=60)
    same(task[:4], [resized(images[kept], 14), labels[kept].astype(int),
                    resized(test_images, 14), test_labels.astype(int)], 2e-6)  # fmt: skip
    assert task.X.dtype == np.float64 and task.outputs == 10
    monkeypatch.setattr(tasks, "mnist", lambda folder, size, **wish: pytest.fail(repr(wish)))
    with pytest.raises(pytest.fail.Exception, match="'limit': 5000, 'rng': 1"):
        tasks.small_mnist(1, files)


# --- On chance -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "task, checksum",
    [("noise", "23f2ed897f29b580"), ("noisy labels", "826ef57af821318c"),
     ("moons 0.3", "f818e0159c981879"), ("friedman1", "0d2f70e7c4a11665")],
)  # fmt: skip
def test_a_task_that_rules_are_compared_on_is_drawn_as_it_says(task, checksum):
    loss, *data = chance.data_of(task, 2001)
    same(data, drawn.of_chance(task, 2001), 1e-10)
    assert digest(*data) == checksum
    assert type(loss) is (SquaredError if task in ("noise", "friedman1") else SoftmaxCrossEntropy)
