"""Settings refuse what makes no sense, and become plain values."""

import json
from dataclasses import FrozenInstanceError, dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from sennpy import (
    SGD,
    Acceptance,
    CrossFitted,
    Damping,
    HonestLook,
    LevenbergMarquardt,
    MalaSearch,
    NaturalGradient,
    ProfileSearch,
    Proposer,
    Schedule,
    Settings,
    Thresholds,
)


@pytest.mark.parametrize("kind, name", [
    *((Settings, name) for name in (
        "cooldown", "layer_cooldown", "max_width", "look_samples", "batch_size")),
    (NaturalGradient, "cg_iterations"), (NaturalGradient, "refresh"), (Schedule, "units"),
])  # fmt: skip
def test_counts_are_at_least_one(kind, name):
    assert getattr(kind(**{name: 1}), name) == 1
    with pytest.raises(ValueError, match=f"{name} is 0, expected an integer of at least 1"):
        kind(**{name: 0})
    with pytest.raises(TypeError, match=f"{name} is 2.5, expected an integer"):
        kind(**{name: 2.5})


@pytest.mark.parametrize("name", ["epochs", "max_depth", "seed"])
def test_some_counts_may_be_zero(name):
    assert getattr(Settings.by_thresholds(**{name: 0}), name) == 0
    with pytest.raises(ValueError, match=f"{name} is -1, expected an integer of at least 0"):
        Settings.by_thresholds(**{name: -1})


@pytest.mark.parametrize(
    "kind, name",
    [(Thresholds, "tau"), (Thresholds, "alpha"), (NaturalGradient, "weight_decay"),
     (SGD, "momentum")],
)  # fmt: skip
def test_thresholds_and_decay_are_at_least_zero_and_finite(kind, name):
    assert getattr(kind(**{name: 0}), name) == 0
    for bad in (-0.1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match=f"{name} is "):
            kind(**{name: bad})
    with pytest.raises(TypeError, match=f"{name} is '1', expected a number"):
        kind(**{name: "1"})


@pytest.mark.parametrize(
    "kind, changes, error, message",
    [
        (NaturalGradient, {"step_size": 0}, ValueError, "step_size is 0"),
        (NaturalGradient, {"step_size": 2.1}, ValueError, "is 2.1, expected at most 2"),
        (SGD, {"step_size": 0}, ValueError, "step_size is 0"),
        (SGD, {"momentum": 1}, ValueError, "momentum is 1, expected a number below 1"),
        (Thresholds, {"layer_cost": 0}, ValueError, "layer_cost is 0"),
        (Thresholds, {"by": "bound"}, ValueError, "by is 'bound', expected one of 'exact', 'own'"),
        (Thresholds, {"dense": 1}, TypeError, "dense is 1, expected True or False"),
        (Schedule, {"epochs": (0,)}, ValueError, r"epochs\[0\] is 0"),
        (Settings, {"proposer": "gradmax"}, ValueError, "'gradmax', expected one of 'random'"),
        (Settings, {"acceptance": 0.1}, TypeError, r"acceptance is 0.1, expected an Acceptance"),
        (Settings, {"optimiser": "adam"}, TypeError, "optimiser is 'adam', expected an Optimiser"),
        (NaturalGradient, {"solver": "adam"}, ValueError, "solver is 'adam', expected one of"),
        (NaturalGradient, {"metric": "hessian"}, ValueError, "metric is 'hessian', expected one"),
        (Settings, {"dtype": "float16"}, ValueError, "dtype is 'float16', expected one of"),
        (NaturalGradient, {"damping": 0.1}, TypeError, r"expected Damping\(0.1, 'absolute'\)"),
        (NaturalGradient, {"damping": Damping(form="factored")}, ValueError, "needs solver 'kfac'"),
    ],
)
def test_bad_settings_are_refused_in_words_that_help(kind, changes, error, message):
    with pytest.raises(error, match=message):
        kind(**changes)


def test_a_schedule_that_the_looks_would_miss_is_refused():
    assert Settings.by_thresholds(cooldown=10, acceptance=Schedule((10, 40))).cooldown == 10
    with pytest.raises(ValueError, match="names epoch 15, but looks are made every 10 epochs"):
        Settings.by_thresholds(cooldown=10, acceptance=Schedule((10, 15)))


def test_a_step_of_two_and_factored_damping_for_kfac_are_allowed():
    assert NaturalGradient(step_size=2).step_size == 2
    assert NaturalGradient("kfac", Damping(form="factored")).solver == "kfac"


def test_settings_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Settings.by_thresholds().epochs = 2
    with pytest.raises(FrozenInstanceError):
        Settings.by_thresholds().acceptance.tau = 2.0


def test_settings_become_plain_values_for_json():
    plain = json.loads(json.dumps(Settings.by_thresholds().as_dict(), allow_nan=False))
    assert set(plain) == set(Settings.__dataclass_fields__)
    assert plain["proposer"] == "profile" and plain["batch_size"] is None
    assert plain["acceptance"]["class"] == "Thresholds" and plain["acceptance"]["alpha"] == 0.02
    damping = {"value": 0.1, "scale": "absolute", "form": "exact"}
    assert plain["optimiser"]["class"] == "NaturalGradient"
    assert plain["optimiser"]["damping"] == damping
    chains = Settings.by_thresholds(proposer=MalaSearch(chains=7)).as_dict()["proposer"]
    assert chains["class"] == "MalaSearch" and chains["chains"] == 7
    assert json.dumps(Settings.by_thresholds(proposer=ProfileSearch()).as_dict())


def test_a_proposer_without_parameters_is_named_by_its_class():
    class Idle(Proposer):
        pass

    @dataclass(frozen=True)
    class Keen(Proposer):
        effort: int = 3

    assert Settings.by_thresholds(proposer=Idle()).as_dict()["proposer"] == {"class": "Idle"}
    assert Settings.by_thresholds(proposer=Keen()).as_dict()["proposer"] == {
        "class": "Keen",
        "effort": 3,
    }


# --- Numbers of other types ----------------------------------------------------------------------

HALF = [Fraction(1, 2), np.float32(0.5), np.float16(0.5), np.float64(0.5), np.longdouble(0.5)]
TWO = [np.int64(2), np.uint8(2)]
NUMBERS = [  # a class, a setting that is a number, one that is a count
    (Settings, "tolerance", "epochs"), (Thresholds, "tau", None), (HonestLook, "z", None),
    (NaturalGradient, "weight_decay", "refresh"), (SGD, "momentum", None),
    (LevenbergMarquardt, "decay", "wait"), (Damping, "value", None),
    (CrossFitted, "ridge", "samples"), (ProfileSearch, "reach", "candidates"),
    (MalaSearch, "step_size", "chains"), (Schedule, None, "units"),
]  # fmt: skip


@pytest.mark.parametrize("kind, number, count", NUMBERS)
def test_numbers_of_other_types_become_those_of_python(kind, number, count):
    for value in HALF if number else []:
        kept = getattr(kind(**{number: value}), number)
        assert type(kept) is float and kept == 0.5
    for value in TWO if count else []:
        kept = getattr(kind(**{count: value}), count)
        assert type(kept) is int and kept == 2
    for name in filter(None, (number, count)):
        for bad in (True, np.bool_(True), Decimal(2), np.array(2), 2 + 0j):
            with pytest.raises(TypeError, match=f"{name} is .*, expected a"):
                kind(**{name: bad})


def test_numbers_within_a_tuple_become_those_of_python_too():
    assert [type(k) for k in CrossFitted(counts=(np.int64(1), np.int32(2))).counts] == [int, int]
    assert type(Schedule((np.int64(10),)).epochs[0]) is int


def test_what_is_a_number_already_is_kept_as_it_is():
    rule = Thresholds(tau=1)
    assert type(rule.tau) is int and type(rule.alpha) is float


def test_huge_integers_are_numbers_and_those_that_no_float_can_hold_are_refused_in_words():
    assert Thresholds(tau=2**70).tau == Settings(seed=2**70).seed == 2**70
    with pytest.raises(ValueError, match="tau is an integer of 1329 bits, expected a number that"):
        Thresholds(tau=10**400)


def test_a_float32_run_stays_in_float32_whatever_type_the_step_has():
    kept = NaturalGradient(step_size=np.float64(0.1)).step_size * np.ones(2, np.float32)
    assert kept.dtype == np.float32


# --- There and back ------------------------------------------------------------------------------


class Idle(Proposer):
    """Proposes nothing."""


@dataclass(frozen=True)
class Eager(Acceptance):
    """A rule of one's own."""

    share: float = 0.5


SOME = [
    Settings(), Settings.by_thresholds(), Settings.by_thresholds(proposer=MalaSearch(chains=7)),
    Settings.by_thresholds(acceptance=Schedule((30, 60), units=2), seed=2**70),
    Settings(proposer=CrossFitted(ProfileSearch(candidates=9), counts=(1, 3)), batch_size=10),
    Settings.by_thresholds(optimiser=NaturalGradient("kfac", Damping(0.2, "relative", "factored"))),
    Settings(backoff=Fraction(3, 2), tolerance=np.float32(0.1), epochs=np.int64(3)),
]  # fmt: skip


@pytest.mark.parametrize("settings", SOME, ids=range(len(SOME)))
def test_settings_come_back_from_json_as_they_were(settings):
    told = json.loads(json.dumps(settings.as_dict(), allow_nan=False))
    assert Settings.from_dict(told) == settings


def test_classes_of_ones_own_come_back_where_they_are_named():
    settings = Settings(proposer=Idle(), acceptance=Eager(np.float32(0.25)))
    told = json.loads(json.dumps(settings.as_dict()))
    back = Settings.from_dict(told, kinds=[Idle, Eager])
    assert back.acceptance == Eager(0.25) and type(back.proposer) is Idle
    with pytest.raises(ValueError, match="class of proposer is 'Idle', expected one of 'CrossFitt"):
        Settings.from_dict(told)
    with pytest.raises(TypeError, match="tau"):
        Settings.from_dict({"tau": 1.0})
