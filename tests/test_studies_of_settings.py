"""The studies of settings, curvature, approximations and removal: their numbers by other routes."""

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from sennpy import (
    MLP,
    Prune,
    Settings,
    SquaredError,
    delta_eta,
    delta_eta_bound,
    fisher,
    removal_costs,
    widen,
)
from sennpy.commands.study import told
from sennpy.growth.place import View
from sennpy.growth.profile import ProfileSearch
from sennpy.studies import approximations, curvature, pruning, sensitivity
from sennpy.studies import study as frame
from sennpy.studies.trained import task_named

FIGURES = Path(__file__).parents[1] / "figures"
STUDIES = {
    s.__name__.rpartition(".")[2]: s for s in (approximations, curvature, pruning, sensitivity)
}


@pytest.fixture(scope="module")
def rows_of():
    """Rows of the quick grid of a study, each run once."""
    held = {}

    def rows(name):
        if name not in held:
            configs = frame.checked(STUDIES[name].grid(2, quick=True))
            held[name] = [c | json.loads(json.dumps(STUDIES[name].run(dict(c)))) for c in configs]
        return held[name]

    return rows


@pytest.mark.parametrize("name", STUDIES)
def test_a_quick_study_has_a_table_verdicts_and_a_picture_with_a_dot_a_run(name, rows_of):
    rows, study = rows_of(name), STUDIES[name]
    lines, found = study.table(rows), study.verdicts(rows)
    assert len(lines) > 2 and found
    judged = [v for v in found if v.estimate is not None]
    assert judged and all(math.isfinite(v.estimate) for v in judged)
    assert all(v.low <= v.estimate <= v.high for v in judged)
    figure = frame.picture_of(name)(rows)
    dots = sum(len(line.get_xdata()) for ax in figure.axes for line in ax.lines)
    dots += sum(len(c.get_offsets()) for ax in figure.axes for c in ax.collections)
    assert dots >= len(rows)


@pytest.mark.parametrize("name", STUDIES)
def test_competitors_share_their_seeds_and_no_run_comes_twice(name):
    study = STUDIES[name]
    configs = frame.checked(study.grid(3, quick=False))
    assert {c["seed"] for c in configs} == {0, 1, 2}
    assert len(configs) == 3 * len([c for c in configs if c["seed"] == 0])


@pytest.mark.parametrize("name", ["pruning", "sensitivity"])
def test_a_run_is_a_function_of_its_configuration(name, rows_of):
    row = rows_of(name)[-1]
    config = {key: row[key] for key in STUDIES[name].grid(2, quick=True)[0]}
    assert STUDIES[name].run(config) == {k: v for k, v in row.items() if k not in config}


# --- Curvature -----------------------------------------------------------------------------------


def test_the_hessian_is_that_of_second_differences_of_the_loss():
    task, rng = task_named("moons", 0), np.random.default_rng(0)
    net, v = MLP.random((2, 3, 2), rng=1), rng.standard_normal(27)
    v = v[: net.num_parameters] / np.linalg.norm(v[: net.num_parameters])
    H = curvature.hessian(net, task.X, task.t, task.loss)

    def at(h):
        return task.loss.value(net.replace(net.parameters + h * v)(task.X), task.t)

    second = (at(1e-3) - 2 * at(0.0) + at(-1e-3)) / 1e-6
    assert v @ H @ v == pytest.approx(second, rel=1e-4)


def test_it_is_f_for_a_linear_network_with_squared_error_and_the_promise_is_kept():
    rng = np.random.default_rng(2)
    X, t = rng.standard_normal((40, 3)), rng.standard_normal((40, 2))
    task = task_named("function", 0)._replace(X=X, t=t, loss=SquaredError())
    net = MLP.random((3, 2), rng=0)
    H = curvature.hessian(net, X, t, task.loss)
    np.testing.assert_allclose(H, fisher(net, X), atol=1e-8)
    state = curvature.state_of(net, task, 1, 30)
    assert state["distance_true"] < 1e-8
    for name in ("lost_by_step", "lost_by_damped_step", "lost_by_training"):
        assert curvature.realised(state, name) == pytest.approx(1.0, rel=1e-4)


def test_additions_leave_the_outputs_and_are_counted_at_their_epoch(rows_of):
    rows = rows_of("curvature")
    events = [event for row in rows for event in row["disturbed"]]
    assert events and all(event["moved"] < 1e-9 for event in events)
    for row in rows:
        assert row["additions"] == len(row["together"]) == row["total"]["made"]
        assert {event["epoch"] for event in row["disturbed"]} == {e for e, _, _ in row["together"]}


# --- Approximations ------------------------------------------------------------------------------


def place_and_change(outputs=2):
    """A place of a network, and a neuron proposed there."""
    task = task_named("moons" if outputs == 2 else "function", 0)
    net = MLP.random((task.X.shape[1], 3, outputs), rng=0)
    place = View.of(net, task.X, task.t, task.loss).place("neuron", 0)
    (change,) = ProfileSearch(candidates=20, refined=1).changes(place, np.random.default_rng(0))
    return place, change


def test_each_score_is_that_of_its_equation():
    place, change = place_and_change()
    a_p = approximations.activations(place, change)
    exact, bound = (approximations.SCORE[name](place, change)[0] for name in ("exact", "bound"))
    assert exact == pytest.approx(delta_eta(place.a_c, a_p, place.g, place.G))
    assert bound == pytest.approx(delta_eta_bound(a_p, place.g_r, place.G))
    operation = change.operation
    wider = widen(place.view.net, 0, operation.weights, operation.coefficients)
    gained = place.view.score_of(wider) - place.view.eta
    assert approximations.dense(place, change)[0] == pytest.approx(gained)


def test_the_diagonal_score_of_one_neuron_before_one_output_is_exact():
    place, change = place_and_change(outputs=1)
    diagonal, exact = (approximations.SCORE[name](place, change) for name in ("diagonal", "exact"))
    assert diagonal[0] == pytest.approx(exact[0])
    assert diagonal[1] > exact[1]  # the inputs are correlated, which it does not see


def test_the_bound_is_below_the_exact_score_in_every_look_and_decisions_are_e13s(rows_of):
    looks = [
        (row, look) for row in rows_of("approximations") if row["kind"] == "judge"
        for look in row["judgements"]
    ]  # fmt: skip
    assert looks
    for row, look in looks:
        assert look["bound"][0] <= look["exact"][0] * (1 + 1e-9) <= look["supremum"] * (1 + 1e-6)
        assert all(look[name][1] in (True, False) for name in approximations.SCORES), row
    for row in rows_of("approximations"):
        if row["kind"] == "judge":
            passed = sum(look[row["which"]][1] for look in row["judgements"])
            assert passed == row["additions"] == row["size"] - sum(approximations.HIDDEN)


# --- Removal -------------------------------------------------------------------------------------


def test_what_a_removal_costs_is_e15():
    place, _ = place_and_change()
    costs = removal_costs(place.a_c, place.g, place.G, place.W)
    for j in range(3):
        assert Prune(0, j).worth(place)[0] == pytest.approx(-costs[j])


def test_sizes_are_what_was_added_less_what_was_removed(rows_of):
    for row in rows_of("pruning"):
        assert row["size"] == 2 + row["added"] - row["removed"]
        assert row["keep"] > 0 or row["removed"] == row["thrashes"] == 0
        assert all(abs(a - b) <= 16 for a, b in pairwise(row["sizes"]))
    assert any(row["removed"] for row in rows_of("pruning"))


def test_a_removal_thrashes_if_an_addition_follows_within_a_cooldown():
    changes = [(10, "prune"), (10, "neuron"), (30, "prune"), (40, "neuron"), (60, "prune"),
               (80, "neuron")]  # fmt: skip
    assert pruning.thrashes(changes) == 2
    assert pruning.thrashes([(10, "neuron"), (20, "prune")]) == 0


# --- Settings ------------------------------------------------------------------------------------


def test_the_middle_of_every_map_is_the_default():
    default, paper = Settings(), Settings.by_thresholds()
    for name in sensitivity.MAPS:
        x, y = (values[1] for values in sensitivity.MAPS[name].values())
        config = {"task": "moons", "map": name, "x": x, "y": y, "seed": 0, "quick": False}
        settings, like = sensitivity.settings_of(config), paper
        if name in sensitivity.OF_DEFAULT:
            like = default
            assert settings.proposer == default.proposer
        else:
            assert settings.optimiser.damping == paper.optimiser.damping
        assert settings.acceptance == like.acceptance
        assert (settings.cooldown, settings.backoff) == (like.cooldown, like.backoff)


def cell(x, y, seed, loss, size=1, name="thresholds"):
    """A row of a map on one task."""
    return {"task": "moons", "map": name, "x": x, "y": y, "seed": seed, "test_loss": loss,
            "size": size, "signs": [], "diverged": False}  # fmt: skip


def test_what_the_default_loses_is_told_by_a_cell_that_other_seeds_chose():
    rows = [cell(1.0, 0.02, s, loss) for s, loss in enumerate([1.0, 1.0, 1.0])]
    rows += [cell(4.0, 0.16, s, loss) for s, loss in enumerate([0.1, 2.0, 2.0])]
    assert sensitivity.regrets(rows) == [0.0, 0.0, 0.0]  # others choose it
    rows[4] = cell(4.0, 0.16, 1, 0.5)  # now seeds 0 and 1 choose it, which seed 2 pays for
    assert sensitivity.regrets(rows) == [0.0, 0.0, pytest.approx(-math.log(2.0))]


def test_corners_are_the_loosest_thresholds_less_the_tightest():
    rows = [cell(0.25, 0.0025, 0, 1.0, size=9), cell(4.0, 0.16, 0, 1.0, size=2)]
    assert sensitivity.corners(rows) == [7]


def test_a_default_is_judged_on_each_task_that_grows_and_on_no_other():
    """Two tasks, one of which stays as it began: pooled, its zeros would hide the other's loss."""
    rows = [cell(1.0, 0.02, s, 2.0) for s in range(3)] + [cell(4.0, 0.16, s, 1.0) for s in range(3)]
    still = [row | {"task": "wine", "size": 0, "test_loss": 1.0} for row in rows] * 3
    judged, not_judged = sensitivity.verdicts(rows + still)[:2]
    assert (judged.estimate, judged.low, judged.high) == pytest.approx([math.log(2.0)] * 3)
    assert judged.verdict == "does not" and judged.text.startswith("moons")
    assert not_judged.estimate is None and not_judged.verdict == "not decided"
    assert "wine" in not_judged.text and "did not grow (0 of 18 runs" in not_judged.text


def test_one_seed_leaves_nothing_to_judge_and_is_told_without_numbers():
    (only,) = sensitivity.verdicts([cell(1.0, 0.02, 0, 2.0), cell(4.0, 0.16, 0, 1.0)])[:1]
    assert only.estimate is None
    assert told([only.as_dict()]).endswith("nothing to judge")


def median_of_resamples(values, level=0.95):
    """Limits of the median, by other draws, each sorted and its middle taken."""
    drawn = np.random.default_rng(5).choice(values, size=(20_000, len(values)))
    ordered = np.sort(drawn, axis=1)
    n = len(values)
    medians = np.sort((ordered[:, (n - 1) // 2] + ordered[:, n // 2]) / 2)
    return [medians[int(at * len(medians))] for at in ((1 - level) / 2, (1 + level) / 2)]


def losses_by_hand(rows, maps, task):
    """What the default loses to the cell of the least median on the other seeds, in plain loops."""
    lost = []
    for name in maps:
        xs, ys = sensitivity.MAPS[name].values()
        at = {(r["x"], r["y"], r["seed"]): r["test_loss"] for r in rows
              if r["task"] == task and r["map"] == name}  # fmt: skip
        for seed in range(3):
            mean = {(x, y): sum(at[x, y, s] for s in range(3) if s != seed) / 2
                    for x in xs for y in ys}  # fmt: skip
            x, y = min(mean, key=mean.get)
            lost.append(math.log(at[xs[1], ys[1], seed] / at[x, y, seed]))
    return lost


def test_the_verdicts_on_record_are_those_of_its_rows():
    record = json.loads((FIGURES / "study-sensitivity.json").read_text(encoding="utf-8"))
    rows, found = record["rows"], iter(record["verdicts"])
    for maps in (set(sensitivity.MAPS) - set(sensitivity.OF_DEFAULT), sensitivity.OF_DEFAULT):
        for task in sorted(sensitivity.DATA):
            verdict = next(found)
            sizes = [r["size"] for r in rows if r["task"] == task and r["map"] in maps]
            assert verdict["text"].startswith(task)
            if np.median(sizes) == 0:
                assert verdict["estimate"] is None
                continue
            lost = losses_by_hand(rows, maps, task)
            assert verdict["estimate"] == pytest.approx(np.median(lost), abs=1e-12)
            limits = verdict["low"], verdict["high"]
            np.testing.assert_allclose(limits, median_of_resamples(lost), atol=0.06)
    assert next(found)["claim"] == "signs-of-failure" and not list(found)
    assert record["table"] == json.loads(json.dumps(sensitivity.table(rows)))
