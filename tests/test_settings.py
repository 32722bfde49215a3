"""Settings refuse what makes no sense, and become plain values."""

import json
from dataclasses import FrozenInstanceError, dataclass

import pytest

from sennpy import Damping, MalaSearch, ProfileSearch, Settings
from sennpy.growth.proposer import Search


@pytest.mark.parametrize("name", ["cooldown", "layer_cooldown", "max_width", "cg_iterations",
                                  "refresh", "look_samples", "batch_size"])  # fmt: skip
def test_counts_are_at_least_one(name):
    assert getattr(Settings(**{name: 1}), name) == 1
    with pytest.raises(ValueError, match=f"{name} is 0, expected an integer of at least 1"):
        Settings(**{name: 0})
    with pytest.raises(TypeError, match=f"{name} is 2.5, expected an integer"):
        Settings(**{name: 2.5})


@pytest.mark.parametrize("name", ["epochs", "max_depth", "seed"])
def test_some_counts_may_be_zero(name):
    assert getattr(Settings(**{name: 0}), name) == 0
    with pytest.raises(ValueError, match=f"{name} is -1, expected an integer of at least 0"):
        Settings(**{name: -1})


@pytest.mark.parametrize("name", ["tau", "alpha", "weight_decay"])
def test_thresholds_and_decay_are_at_least_zero_and_finite(name):
    assert getattr(Settings(**{name: 0}), name) == 0
    for bad in (-0.1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=f"{name} is "):
            Settings(**{name: bad})
    with pytest.raises(TypeError, match=f"{name} is '1', expected a number"):
        Settings(**{name: "1"})


@pytest.mark.parametrize(
    "changes, error, message",
    [
        ({"step_size": 0}, ValueError, "step_size is 0"),
        ({"step_size": 2.1}, ValueError, "step_size is 2.1, expected at most 2"),
        ({"layer_cost": 0}, ValueError, "layer_cost is 0"),
        ({"search": "gradmax"}, ValueError, "search is 'gradmax', expected one of 'random'"),
        ({"solver": "adam"}, ValueError, "solver is 'adam', expected one of 'dense'"),
        ({"metric": "hessian"}, ValueError, "metric is 'hessian', expected one of 'euclidean'"),
        ({"dtype": "float16"}, ValueError, "dtype is 'float16', expected one of 'float64'"),
        ({"damping": 0.1}, TypeError, r"damping is 0.1, expected Damping\(0.1, 'absolute'\)"),
        ({"damping": Damping(form="factored")}, ValueError, "factored damping needs solver 'kfac'"),
    ],
)
def test_bad_settings_are_refused_in_words_that_help(changes, error, message):
    with pytest.raises(error, match=message):
        Settings(**changes)


def test_a_step_of_two_and_factored_damping_for_kfac_are_allowed():
    assert Settings(step_size=2).step_size == 2
    assert Settings(solver="kfac", damping=Damping(form="factored")).solver == "kfac"


def test_settings_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Settings().tau = 2.0


def test_settings_become_plain_values_for_json():
    plain = json.loads(json.dumps(Settings().as_dict(), allow_nan=False))
    assert set(plain) == set(Settings.__dataclass_fields__)
    assert plain["search"] == "profile" and plain["batch_size"] is None
    assert plain["damping"] == {"value": 0.1, "scale": "absolute", "form": "exact"}
    chains = Settings(search=MalaSearch(chains=7)).as_dict()["search"]
    assert chains["class"] == "MalaSearch" and chains["chains"] == 7
    assert json.dumps(Settings(search=ProfileSearch()).as_dict())


def test_a_search_without_parameters_is_named_by_its_class():
    class Idle(Search):
        pass

    @dataclass(frozen=True)
    class Keen(Search):
        effort: int = 3

    assert Settings(search=Idle()).as_dict()["search"] == {"class": "Idle"}
    assert Settings(search=Keen()).as_dict()["search"] == {"class": "Keen", "effort": 3}
