"""Every study, cut short: its rows, table, verdicts and picture; what ours say by another route."""

import json
import statistics
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from sennpy import MLP
from sennpy.cli import main
from sennpy.studies import fixed, task_size, when
from sennpy.studies import study as frame
from sennpy.studies.verdict import WORDS

NAMES = frame.names()
ROOT = Path(__file__).parents[1]
RECORDS = sorted(ROOT.glob("figures/study-*.json"))


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """The record of each study as its quick command writes it; run when first asked for."""
    folder, found = tmp_path_factory.mktemp("quick"), {}

    def record(name):
        if name not in found:
            words = ["study", name, "--quick", "--jobs", "1", "--out", str(folder)]
            assert main(words) == 0
            plt.close("all")
            path = folder / f"study-{name}-quick.json"
            assert path.with_suffix(".png").stat().st_size > 10_000
            assert not path.with_suffix(".sqlite").exists()
            found[name] = json.loads(path.read_text(encoding="utf-8"))
        return found[name]

    return record


def test_the_studies_are_found_by_what_they_ask():
    assert {"fixed", "task_size", "when"} <= set(NAMES) and "store" not in NAMES
    assert all(frame.named(name).QUESTION.endswith("?") for name in NAMES)
    with pytest.raises(ValueError, match=r"expected one of .*task_size"):
        frame.study_named("store")


@pytest.mark.parametrize("name", NAMES)
def test_a_quick_study_writes_rows_table_and_verdicts(name, records):
    record, study = records(name), frame.study_named(name)
    configs = study.grid(study.SEEDS, True)
    assert len(record["rows"]) == len(configs) and record["version"] == study.VERSION
    for config, row in zip(configs, record["rows"], strict=True):
        assert config.items() <= row.items() and row["seconds"] >= 0
    assert record["table"] and record["verdicts"]
    assert all(verdict["verdict"] in WORDS for verdict in record["verdicts"])
    assert isinstance(frame.picture_of(name)(record["rows"]), Figure)
    plt.close("all")


@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_a_function_of_its_configuration(name, records):
    study, rows = frame.study_named(name), records(name)["rows"]
    config = study.grid(study.SEEDS, True)[0]
    again = json.loads(json.dumps(study.run(dict(config))))
    before = {key: value for key, value in rows[0].items() if key not in config}
    assert frame.same(again) == frame.same(before)


@pytest.mark.parametrize("name", NAMES)
def test_the_grid_of_a_study_pairs_its_seeds(name):
    study = frame.study_named(name)
    for quick in (False, True):
        configs = frame.checked(study.grid(3, quick))
        for task in {config.get("task") for config in configs}:  # one may have fewer seeds
            of_seed = {}
            for config in (c for c in configs if c.get("task") == task):
                key = frame.key_of(config | {"seed": 0})
                of_seed.setdefault(config["seed"], set()).add(key)
            assert sorted(of_seed) == list(range(len(of_seed))) and len(of_seed) <= 3
            assert all(mine == of_seed[0] for mine in of_seed.values())


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: file.stem)
def test_a_record_holds_what_its_rows_say_and_is_small(file):
    record = json.loads(file.read_text(encoding="utf-8"))
    study = frame.study_named(record["study"])
    assert file.stat().st_size < 600_000 and record["version"] == study.VERSION
    assert json.loads(json.dumps(study.table(record["rows"]))) == record["table"]
    found = [verdict.as_dict() for verdict in study.verdicts(record["rows"])]
    for verdict, recorded in zip(found, record["verdicts"], strict=True):
        assert verdict["verdict"] == recorded["verdict"] and verdict["text"] == recorded["text"]
        if recorded["estimate"] is not None:
            assert verdict["estimate"] == pytest.approx(recorded["estimate"], rel=1e-9)


# --- What the tables and verdicts say ------------------------------------------------------------


def test_task_size_counts_neurons_and_follows_the_level(records):
    record = records("task_size")
    line = record["table"][1]
    mine = [r for r in record["rows"]
            if r["rule"] == line["rule"] and r["family"] == line["family"]
            and r["level"] == line["level"]]  # fmt: skip
    assert line["neurons"] == statistics.median(sum(row["hidden"]) for row in mine)
    assert line["least"] == min(sum(row["hidden"]) for row in mine) and line["runs"] == len(mine)

    def row(level, neurons, family="turns of a spiral", seed=0):
        return {"family": family, "level": level, "rule": "thresholds", "seed": seed,
                "neurons": neurons, "depth": 1 + (neurons > 4), "hidden": [neurons]}  # fmt: skip

    rows = [row(0.5, 2), row(1.0, 4), row(1.5, 8), row(0.5, 2, seed=1), row(1.0, 2, seed=1)]
    following = task_size.following(rows, "thresholds", task_size.COMPLEX, "neurons")
    assert following == [1.0, 0.0], "a size that stays follows nothing"
    assert task_size.simplest(rows, "thresholds") == [1.0, 1.0]


def test_the_flipped_labels_are_the_share_that_was_asked_for():
    plain = task_size.task_of("labels flipped", 0.0, 3)
    flipped = task_size.task_of("labels flipped", 0.3, 3)
    assert (plain.X == flipped.X).all() and (plain.t_test == flipped.t_test).all()
    assert 0.2 < (plain.t != flipped.t).mean() < 0.4


def of_when(rule, neurons, test, seed=0, task=when.MOONS):
    """A row of `when`, by hand."""
    return {"rule": rule, "task": task, "samples": 50, "inputs": 2, "seed": seed,
            "neurons": neurons, "additions": int(neurons > 0), "test": test, "looks": 1,
            "over_limit": 0.5 if rule == "thresholds" else None, "look_seconds": 0.0,
            "seconds": 0.0}  # fmt: skip


def test_when_compares_with_the_size_that_hindsight_knows(records):
    rows = records("when")["rows"]
    moons = [row for row in rows if row["task"] == when.MOONS]
    still = {row["neurons"]: row["test"] for row in moons if row["rule"].startswith("fixed")}
    best = min(still, key=still.get)
    for row in when.excesses(rows, [r for r in moons if r["rule"] in when.RULES]):
        assert row["excess"] == (sum(row["hidden"]) + 1) / (best + 1)

    rows = [of_when("thresholds", 7, 0.3, s) for s in range(4)]
    rows += [of_when(f"fixed {n}", n, abs(n - 1), s) for s in range(4) for n in (0, 1, 2)]
    rows += [of_when("thresholds", n, 1.0, n, when.NOISE) for n in range(4)]
    bounded, noise, size = when.verdicts(rows)
    assert (bounded.estimate, bounded.verdict) == (0.5, "holds")
    assert (noise.estimate, noise.verdict) == (0.75, "does not") and noise.seeds == 4
    assert (size.estimate, size.verdict) == (4.0, "does not"), "8 / 2, counted with one more"


def of_fixed(neurons, judged, accuracies=(0.5, 0.9), seconds=(1.0, 2.0), kind="fixed"):
    """A row of `fixed`, by hand."""
    return {"task": "half-moons", "kind": kind, "start": [neurons], "neurons": neurons, "depth": 1,
            "seed": 0, "judged": judged, "reported": judged, "accuracies": list(accuracies),
            "curve_seconds": list(seconds), "training_seconds": seconds[-1]}  # fmt: skip


def test_fixed_finds_the_smallest_that_is_as_good():
    grown = of_fixed(4, 0.95, kind=fixed.GROWN)
    still = [of_fixed(2, 0.80), of_fixed(8, 0.941), of_fixed(16, 0.99)]
    assert fixed.as_good(grown, still) is still[1], "within a hundredth"
    assert fixed.times_fewer(grown, still) == 2.0
    assert fixed.times_fewer(grown, still[:1]) == 1.0, "twice the largest where none is as good"
    (line,) = fixed.table([grown, *still])
    assert (line["fixed neurons"], line["none as good"], line["times fewer"]) == (8, 0, 2.0)


def test_a_grown_network_that_stayed_linear_saves_no_neurons():
    rows = [of_fixed(0, 0.9, kind=fixed.GROWN), of_fixed(2, 0.91), of_fixed(8, 0.95)]
    grown, still, tuned = fixed.of_seed(rows)
    assert fixed.as_good(grown, still) is grown and tuned is None
    assert fixed.times_fewer(grown, still) == 1.0
    assert fixed.areas(grown, still)["free"][0] == fixed.areas(grown, still)["free"][1]


def test_accuracy_over_time_counts_the_search_or_not():
    grown = of_fixed(4, 0.95, (0.9, 0.9), (1.0, 4.0), fixed.GROWN)
    still = [of_fixed(2, 0.5, (0.5, 0.5)), of_fixed(8, 0.95, (0.5, 0.9))]
    found = fixed.areas(grown, still)
    # alone: 0.5 to second 2, then 0.9 to 4; after the small one: 0.5 to second 4
    assert found["free"] == pytest.approx((0.9, (0.5 * 2 + 0.9 * 2) / 4))
    assert found["counted"] == pytest.approx((0.9, 0.5))


def test_fixed_judges_by_one_half_and_reports_the_other(records):
    row = records("fixed")["rows"][1]
    task = fixed.task_of(row["task"], row["seed"])
    labels = np.where(np.arange(len(task.t_test)) % 2, 1 - task.t_test, task.t_test)
    assert fixed.halves(task, labels) == {"judged": 1.0, "reported": 0.0}
    assert row["accuracy"] == pytest.approx((row["judged"] + row["reported"]) / 2, abs=1e-6)
    start = MLP.random((2, *row["start"], 2), rng=0)
    assert row["neurons"] == sum(start.sizes[1:-1]), "a fixed one stays as it is"


def test_the_tuned_rival_is_scored_on_the_same_halves(monkeypatch):
    monkeypatch.setattr(fixed, "MLP_SIZES", ((16,),))
    monkeypatch.setattr(fixed, "MLP_RATES", (1e-2,))
    task = fixed.task_of("half-moons", 0)
    found = fixed.tuned(task, 0)
    assert found["hidden"] == [16] and 0.7 < found["accuracy"] <= 1
    assert found["accuracy"] == pytest.approx((found["judged"] + found["reported"]) / 2, abs=1e-6)
