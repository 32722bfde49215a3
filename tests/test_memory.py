"""Memory is estimated before it is taken, and who asks for too much is told what does with less."""

import os
import tracemalloc

import numpy as np
import pytest
from runs import SOFTMAX, SQUARED, curve

from sennpy import (
    MLP,
    SENN,
    Damping,
    LevenbergMarquardt,
    MalaSearch,
    NaturalGradient,
    ProfileSearch,
    RandomSearch,
    Settings,
    Thresholds,
    fisher,
    mala,
    natural_gradient,
    validation,
)
from sennpy.cli import main

GIB = 2**30


@pytest.fixture(autouse=True)
def one_gib(monkeypatch):
    """A machine with 1 GiB."""
    monkeypatch.setattr(validation, "physical_memory", lambda: GIB)


def many_classes(N=40, m=2000):
    """Two inputs, m classes, a sample or less of each."""
    X = np.random.default_rng(0).standard_normal((N, 2))
    return MLP.random((2, m), rng=0), X, np.arange(N) % m


WIDE = pytest.mark.filterwarnings("ignore:there are .* samples and 2000 outputs:sennpy.DataWarning")


@WIDE
@pytest.mark.parametrize("optimiser, what", [
    (NaturalGradient("dense"), r"the Jacobian of 40 samples, 2000 outputs and 6000 parameters "
     r"would take 7\.153 GiB, and this machine has 1 GiB of memory: use solver 'pcg'"),
    (NaturalGradient("dense", metric="empirical"), r"the dense F of 6000 parameters.* would take "
     r"824 MiB"),
    (LevenbergMarquardt(), r"2000 output directions of 2000 entries for 40 samples would take "
     r"1\.192 GiB, .*: take fewer samples at a time, as with Settings\(batch_size=, look_samp"),
])  # fmt: skip
def test_two_thousand_classes_are_refused_with_what_does_with_less(optimiser, what, monkeypatch):
    net, X, t = many_classes()
    if "824" in what:
        monkeypatch.setattr(validation, "physical_memory", lambda: 800 * 2**20)
    with pytest.raises(MemoryError, match=what) as caught:
        SENN(SOFTMAX, Settings.by_thresholds(epochs=2, optimiser=optimiser)).fit(net, X, t)
    assert caught.value.state.epoch == 0  # nothing is lost


@pytest.mark.filterwarnings("ignore:there are 8 samples and 60 outputs:sennpy.DataWarning")
def test_what_the_message_names_does_with_less(monkeypatch):
    net, X, t = many_classes(N=8, m=60)
    monkeypatch.setattr(validation, "physical_memory", lambda: 200_000)
    with pytest.raises(MemoryError, match="the Jacobian"):
        settings = Settings.by_thresholds(epochs=2, optimiser=NaturalGradient("dense"))
        SENN(SOFTMAX, settings).fit(net, X, t)
    optimiser = NaturalGradient("kfac", Damping(0.1), metric="empirical")
    fit = SENN(SOFTMAX, Settings.by_thresholds(epochs=2, optimiser=optimiser)).fit(net, X, t)
    assert fit.state.epoch == 2


def test_public_functions_tell_it_too():
    net, X, t = many_classes(N=200)
    trace = net.forward(X)
    tracemalloc.start()
    with pytest.raises(MemoryError, match="2000 output directions of 2000 entries for 200 samples"):
        fisher(net, X)
    with pytest.raises(MemoryError, match="the Jacobian of 200 samples, 2000 outputs"):
        net.jacobian(trace)
    with pytest.raises(MemoryError, match="output directions"):
        natural_gradient(net, X, t, SOFTMAX)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * 2**20


def test_samples_without_end_are_refused_at_once():
    (X, _), net = curve(), MLP.random((1, 1), rng=0)
    told = (
        r"1000000000000 output directions of 1 entries for 40 samples would take 291 TiB, .*: draw"
    )
    with pytest.raises(MemoryError, match=told):
        fisher(net, X, "sampled", SQUARED, samples=10**12)


@pytest.mark.parametrize("search", [
    RandomSearch(10**12), ProfileSearch(candidates=10**12), MalaSearch(chains=10**12),
])  # fmt: skip
def test_a_search_without_end_is_refused_at_the_first_look(search):
    (X, t), net = curve(), MLP.random((1, 1, 1), rng=0)
    rule = Thresholds(0.0, 0.0)
    settings = Settings.by_thresholds(epochs=2, cooldown=1, proposer=search, acceptance=rule)
    told = r"000 proposals of \d+ parameters and their gradients would take .* TiB.*ask the search"
    with pytest.raises(MemoryError, match=told) as caught:
        SENN(SQUARED, settings).fit(net, X, t)
    assert caught.value.state.epoch == 1


def test_a_chain_without_end_is_refused():
    with pytest.raises(MemoryError, match="1000000000000 positions of 2 entries would take"):
        mala(lambda x: -(x**2).sum(-1) / 2, lambda x: -x, np.zeros(2), 0.1, 10**12, 0)


def test_what_fits_passes_and_an_unknown_size_is_not_checked(monkeypatch):
    validation.check_memory("it", GIB // 8, "none")
    with pytest.raises(MemoryError, match=r"it would take 1 GiB, .* 1 GiB of memory: none"):
        validation.check_memory("it", GIB // 8 + 1, "none")
    monkeypatch.setattr(validation, "physical_memory", lambda: None)
    validation.check_memory("it", 10**30, "none")


def test_the_size_of_this_machine_is_known_or_nothing(monkeypatch):
    monkeypatch.undo()
    there = validation.physical_memory()
    assert there is None if not hasattr(os, "sysconf") else there > 2**26
    monkeypatch.setattr(os, "sysconf", lambda name: (_ for _ in ()).throw(ValueError(name)))
    assert validation.physical_memory() is None
    monkeypatch.setattr(validation, "physical_memory", lambda: GIB)


def test_sizes_are_told_in_units_that_people_read():
    told = [validation.in_bytes(n) for n in (2**20, 1.5 * 2**30, 3 * 2**40, 2**55)]
    assert told == ["1 MiB", "1.5 GiB", "3 TiB", "3.277e+04 TiB"]


def test_a_command_that_asks_for_too_much_ends_with_a_line_and_status_1(
    monkeypatch, capsys, tmp_path
):
    monkeypatch.setattr(validation, "physical_memory", lambda: 1000)
    assert main(["half-moons", "--quick", "--out", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "sennpy: the Jacobian of 200 samples" in told and "Traceback" not in told
