"""Every setting has a say: each field of `Settings` and of the seams changes what it should.

A field without an entry in one of the `say_` files fails the last test: who adds a setting says
there what it does.
"""

import importlib
import pkgutil
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
import say_acceptance
import say_criteria
import say_optimisers
import say_proposers
import say_settings
from compare import assert_close
from say_proposers import PLACE, Listening
from saying import SAYS

import sennpy
from sennpy import (
    Acceptance,
    Damping,
    Loss,
    Optimiser,
    Proposer,
    Settings,
)
from sennpy.experiments.chance import InSample
from sennpy.growth import released
from sennpy.growth.look import Limits
from sennpy.growth.released import ReleasedAscent, ReleasedSearch, ReleasedSubsetSearch

SILENT = {  # fields that a class inherits and that do nothing in it, and why
    (InSample, "folds"): "nothing is held out",
    (InSample, "held_out"): "nothing is held out",
    (InSample, "ridge"): "no step is fitted",
}

# --- The searches of the released code ------------------------------------------------------------


@pytest.fixture
def kernel_steps(monkeypatch):
    """What the released kernel is asked for."""
    asked, step = [], released.released_step

    def listening(evaluate, state, step_size, temperature, xi, log_u):
        asked.append((np.array(step_size), temperature, xi.shape))
        return step(evaluate, state, step_size, temperature, xi, log_u)

    monkeypatch.setattr(released, "released_step", listening)
    return asked


@pytest.mark.parametrize("kind", [ReleasedSearch, ReleasedSubsetSearch])
def test_the_released_chains_run_as_they_are_told(kind, kernel_steps):
    for search in (kind(3, 2, 4, 0.5, 0.2), kind(5, 1, 7, 10.0, 0.05)):
        kernel_steps.clear()
        search.sample(search.sees(PLACE), 1, np.random.default_rng(0))
        assert len(kernel_steps) == search.bursts * search.burst_length
        assert {temperature for _, temperature, _ in kernel_steps} == {search.temperature}
        assert {shape[0] for _, _, shape in kernel_steps} == {search.chains}
        assert (kernel_steps[0][0] == search.step_size).all()


def test_the_score_of_the_released_chains_is_a_mean_by_temperature(monkeypatch):
    """Cold, it is the best of the ends; hot, their plain mean."""
    ends = {}
    step = released.released_step

    def nowhere(evaluate, state, *rest):
        ends["scores"] = evaluate(state.position)[0]
        return step(evaluate, state, *rest)[0]._replace(**state._asdict()), np.full(6, 0.6)

    monkeypatch.setattr(released, "released_step", nowhere)
    for temperature, pick in [(1e-6, np.max), (1e9, np.mean)]:
        search = ReleasedSearch(6, 1, 1, temperature)
        place = search.sees(PLACE)
        *_, score = search.sample(place, 1, np.random.default_rng(0))
        assert score == pytest.approx(place.eta * pick(ends["scores"]), rel=1e-6)
        once = ReleasedSubsetSearch(6, 1, 1, temperature)
        *_, score = once.sample(once.sees(PLACE), 1, np.random.default_rng(0))
        assert score == pytest.approx(pick(ends["scores"]), rel=1e-6)  # in no unit


def test_the_released_ascent_goes_as_far_as_it_is_told(monkeypatch):
    made, objective = [], released.neuron_objective

    def listening(*arguments):
        made.append(Listening(objective(*arguments)))
        return made[-1]

    monkeypatch.setattr(released, "neuron_objective", listening)
    for search in (ReleasedAscent(2, 3, 5, 0.3), ReleasedAscent(3, 4, 2, 0.1)):
        made.clear()
        *_, score = search.sample(search.sees(PLACE), 1, np.random.default_rng(0))
        at = [arguments[0] for arguments, _ in made[0].of("evaluate")]
        assert len(at) == search.rounds * (search.steps + 1)
        assert {len(theta) for theta in at} == {search.chains}
        for first in range(0, len(at), search.steps + 1):
            path = np.array(at[first : first + search.steps + 1])
            lengths = np.linalg.norm(np.diff(path, axis=0), axis=2)
            shares = search.step_size * (1 - np.arange(search.steps) / search.steps)
            assert_close(lengths, np.repeat(shares[:, None], search.chains, axis=1), 1e-9)
        scores = [found[0] for _, found in made[0].of("evaluate")]
        ends = scores[search.steps :: search.steps + 1]
        assert score == pytest.approx(np.max(ends))  # of all rounds, not of the last


# --- The walk -------------------------------------------------------------------------------------


def parts_of_the_package():
    """Classes with settings: `Settings`, what a seam plugs in, and what those are given."""
    for module in pkgutil.walk_packages(sennpy.__path__, "sennpy."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found, waiting = [Settings, Damping, Limits], [Proposer, Acceptance, Optimiser, Loss]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("sennpy.") and is_dataclass(kind):
            found.append(kind)
    return found


OF_TESTS = {  # shown by tests of their own above, which need a fixture
    ReleasedSearch: test_the_released_chains_run_as_they_are_told,
    ReleasedSubsetSearch: test_the_released_chains_run_as_they_are_told,
    ReleasedAscent: test_the_released_ascent_goes_as_far_as_it_is_told,
}
SHOWN = {f"{f.__module__[4:]}: {f.__name__}": f for f in SAYS.values()}
assert {f.__module__ for f in SAYS.values()} == {
    module.__name__
    for module in (say_acceptance, say_criteria, say_optimisers, say_proposers, say_settings)
}


def test_relative_damping_is_a_mean_over_parameters_where_rows_are_fewer():
    say_optimisers.damping_with_fewer_rows_than_parameters()


@pytest.mark.parametrize("name", SHOWN)
def test_a_setting_has_a_say(name):
    SHOWN[name]()


def test_no_setting_is_without_a_say():
    every = {(kind, field.name) for kind in parts_of_the_package() for field in fields(kind)}
    shown = {*SAYS, *SILENT, *((kind, f.name) for kind in OF_TESTS for f in fields(kind))}
    lacking = sorted(f"{kind.__name__}.{name}" for kind, name in every - shown)
    assert not lacking, f"say here what they do: {', '.join(lacking)}"
    assert shown <= every
