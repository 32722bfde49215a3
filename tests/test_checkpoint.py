"""Networks on disk: the same bits again, whole files or none, and errors that say what is wrong."""

import os
import pickle
import re
from dataclasses import dataclass

import numpy as np
import pytest
from own_activations import PReLU
from runs import QUICK, SQUARED, changed, curve

import sennpy
from sennpy import MLP, SENN, History, Rational, ReLU, Tanh
from sennpy.training.checkpoint import load_history


@pytest.fixture(scope="module")
def trained():
    settings = changed(QUICK, epochs=12, cooldown=4, tau=0.01, alpha=0.0)
    return SENN(SQUARED, settings).fit(MLP.random((1, 1, 1), rng=0), *curve())


def test_a_grown_network_comes_back_bit_by_bit(trained, tmp_path):
    sennpy.save(trained.network, tmp_path / "net.npz", trained.history)
    back = sennpy.load(tmp_path / "net.npz")
    assert trained.history.additions and back.sizes == trained.network.sizes
    assert back.parameters.tobytes() == trained.network.parameters.tobytes()
    X = curve()[0]
    assert back(X).tobytes() == trained.network(X).tobytes()


def test_a_history_comes_back_as_it_was(trained, tmp_path):
    sennpy.save(trained.network, tmp_path / "net.npz", trained.history)
    back = load_history(tmp_path / "net.npz")
    assert isinstance(back, History) and back == trained.history
    assert np.isinf(trained.history.additions[0].limit)  # alpha = 0: infinity survives


@pytest.mark.parametrize("activation", [Rational(), Tanh(), ReLU()], ids=repr)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("sizes", [(2, 3), (2, 1, 3), (1, 2, 3, 4, 5, 6, 7, 8, 9, 3, 4, 5, 2)])
def test_activation_number_type_and_sizes_come_back(activation, dtype, sizes, tmp_path):
    net = MLP.random(sizes, activation, rng=1).astype(dtype)
    sennpy.save(net, str(tmp_path / "a name without an ending"))
    back = sennpy.load(tmp_path / "a name without an ending")
    assert (back.activation, back.dtype, back.sizes) == (activation, np.dtype(dtype), sizes)
    assert back.parameters.tobytes() == net.parameters.tobytes()


def test_equal_networks_give_equal_bytes(tmp_path):
    for name in "ab":
        sennpy.save(MLP.random((2, 3, 1), rng=2), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_save_that_breaks_off_leaves_the_file_of_before(tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    sennpy.save(MLP.random((2, 1), rng=0), path)
    before = path.read_bytes()

    def full(file, **content):
        file.write(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space left"):
        sennpy.save(MLP.random((2, 1), rng=1), path)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["net.npz"]


class Doubled(Rational):
    """An activation that a file cannot name."""


@sennpy.register_activation
class Registered(PReLU):
    """An activation of one's own that a file can name."""


@sennpy.register_activation
@dataclass(frozen=True)
class Leaky(ReLU):
    """A file keeps its name, not how leaky it is."""

    leak: float = 0.0


def test_a_registered_activation_comes_back(tmp_path):
    net = MLP.random((2, 3, 1), Registered(), rng=1)
    sennpy.save(net, tmp_path / "net.npz")
    back = sennpy.load(tmp_path / "net.npz")
    assert type(back.activation) is Registered
    assert back.parameters.tobytes() == net.parameters.tobytes()
    sennpy.save(MLP.random((2, 3, 1), Leaky(), 1), tmp_path / "net.npz")
    assert sennpy.load(tmp_path / "net.npz").activation == Leaky()


def test_a_name_means_one_activation():
    """Unless it is the same class, defined anew, as by a cell of a notebook that is run again."""
    again = type("Registered", (Registered,), {"__module__": __name__})
    assert sennpy.register_activation(again) is again
    assert sennpy.register_activation(Registered) is Registered
    with pytest.raises(ValueError, match="the name Tanh is taken by"):
        sennpy.register_activation(type("Tanh", (ReLU,), {}))
    needs = type("Needs", (ReLU,), {"__init__": lambda self, leak: None})
    with pytest.raises(TypeError, match="leak"):
        sennpy.register_activation(needs)


@pytest.mark.parametrize(
    "arguments, error, message",
    [
        ((MLP.random((2, 1), Doubled(), 0), "net"), TypeError, "with @sennpy.register_activation"),
        ((MLP.random((2, 1), Leaky(0.1), 0), "net"), TypeError, "a file keeps its name alone"),
        ((5, "net"), TypeError, "net is of type int, expected an MLP"),
        ((MLP.random((2, 1), Doubled(), 0), "net"), TypeError, "expected Rational(), Tanh(), ReLU"),
        ((MLP.random((2, 1), rng=0).replace(1j * np.ones(3)), "net"), TypeError, "complex param"),
        ((MLP.random((2, 1), rng=0), "net", []), TypeError, "history is of type list, expected a"),
        ((MLP.random((2, 1), rng=0), "no/folder/net"), OSError, "No such file or directory"),
    ],
)
def test_what_cannot_be_saved_is_refused(arguments, error, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=re.escape(message)):
        sennpy.save(*arguments)
    assert os.listdir(tmp_path) == []


def tampered(path, **content):
    """The file of a good network with entries changed, or left out when None."""
    sennpy.save(MLP.random((2, 3, 1), rng=0), path)
    with np.load(path) as file:
        held = {name: file[name] for name in file.files} | content
    np.savez(path, **{name: value for name, value in held.items() if value is not None})


NOT_OURS = "expected 'sennpy network 1': a file written by sennpy.save"


@pytest.mark.parametrize(
    "content, message",
    [
        ({"format": None}, f"net.npz has the format 'none', {NOT_OURS}"),
        ({"format": "sennpy network 9"}, f"has the format 'sennpy network 9', {NOT_OURS}"),
        (
            {"activation": "GELU"},
            "the activation 'GELU' is not known, expected Rational(), Tanh(), ReLU",
        ),
        ({"activation": None}, "the activation 'missing' is not known, expected Rational()"),
        ({"weights_0": None}, "does not hold a network"),
        ({"weights_1": np.ones((9, 9))}, "does not hold a network: weights[1] has shape (9, 9)"),
        ({"coefficients_0": np.full((3, 3), np.nan)}, "coefficients[0] must be finite"),
    ],
)
def test_a_file_that_is_not_as_expected_is_refused(content, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tampered("net.npz", **content)
    with pytest.raises(ValueError, match=re.escape(message)):
        sennpy.load("net.npz")


@pytest.mark.parametrize("ruin", ["empty", "text", "cut", "pickle", "array"])
def test_a_file_that_is_no_archive_is_refused(ruin, tmp_path):
    path = tmp_path / "net.npz"
    tampered(path)
    whole = path.read_bytes()
    if ruin == "array":
        with open(path, "wb") as file:
            np.save(file, np.ones(3))
    else:
        ruined = {"empty": b"", "text": b"hello", "cut": whole[: len(whole) // 2]}
        path.write_bytes(ruined.get(ruin, pickle.dumps([1])))
    with pytest.raises(ValueError, match=r"net.npz is no .npz file of plain arrays"):
        sennpy.load(path)


def test_pickled_objects_are_never_loaded(tmp_path):
    path = tmp_path / "net.npz"
    tampered(path, weights_0=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="of plain arrays"):
        sennpy.load(path)


def test_a_missing_file_and_a_missing_history_are_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*nowhere.npz"):
        sennpy.load(tmp_path / "nowhere.npz")
    sennpy.save(MLP.random((2, 1), rng=0), tmp_path / "net.npz")
    with pytest.raises(ValueError, match=r"holds no history; save\(net, path, history\)"):
        load_history(tmp_path / "net.npz")
    tampered(tmp_path / "net.npz", history='{"epochs": [{"loss": 1}]}')
    with pytest.raises(ValueError, match="holds a history that cannot be read"):
        load_history(tmp_path / "net.npz")
