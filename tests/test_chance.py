"""What chance brings: the numbers of the command by another route, and the rules it compares."""

import json

import numpy as np
import pytest

from sennpy import (
    MLP,
    SENN,
    chance_level,
    delta_eta,
    delta_eta_supremum,
    residual_gradient,
)
from sennpy.cli import main
from sennpy.commands.chance import trainings_table
from sennpy.experiments import chance


def test_a_fixed_direction_gains_one_in_n_less_what_the_inputs_take():  # (E19)
    """On the residuals of noise: 1 / (N - d - 1); over all orders of fixed values: 1 / (N - 1)."""
    rng = np.random.default_rng(0)
    N, d, shares = 24, 8, []
    a_c = np.column_stack([rng.standard_normal((N, d)), np.ones(N)])
    a_p = rng.standard_normal((N, 1))
    for _ in range(4000):
        g = residual_gradient(a_c, rng.standard_normal((N, 1)))
        shares.append(delta_eta(a_c, a_p, g, np.eye(1)) / delta_eta_supremum(g, np.eye(1)))
    row = chance.by_chance(N, d, 1, draws=1)
    error = np.std(shares) / np.sqrt(len(shares))
    assert row["fixed_given"] == 1 / 15 and row["fixed"] == 1 / 23
    assert abs(np.mean(shares) - row["fixed_given"]) < 4 * error
    assert abs(np.mean(shares) - row["fixed"]) > 4 * error
    level = chance_level(g, np.eye(1), 1) / delta_eta_supremum(g, np.eye(1))
    assert level == pytest.approx(row["fixed"])


@pytest.mark.parametrize("m", [1, 3])
def test_a_share_found_is_that_of_a_regression(m):
    """The neuron's R^2 beside the inputs, by least squares."""
    rng = np.random.default_rng(1)
    place = chance.trained(rng, 60, 2, m)
    share, operation = chance.found(place, rng)
    a_p = place.activation(place.inputs @ operation.weights, operation.coefficients)
    both = np.hstack([place.inputs, a_p])
    rest = place.g - both @ np.linalg.lstsq(both, place.g, rcond=None)[0]
    assert share == pytest.approx(1 - (rest**2).sum() / (place.g**2).sum(), rel=1e-8)


@pytest.mark.parametrize("m", [1, 3])
def test_what_others_gain_is_what_a_regression_foretells_worse_or_better(m):
    """Squared errors on the others: of the inputs alone less those with the neuron."""
    rng = np.random.default_rng(2)
    place, (inputs, noise) = chance.trained(rng, 60, 2, m), chance.noisy(rng, 80, 2, m)
    _, operation = chance.found(place, rng)
    inputs, noise = inputs[:60], noise[:60]
    gain = chance.gain_of_others(place, operation, inputs, noise)

    def error(features, others):
        fit = np.linalg.lstsq(features, place.g, rcond=None)[0]
        return ((noise - others @ fit) ** 2).sum() / len(noise)

    def with_neuron(x):
        return np.hstack([x, place.activation(x @ operation.weights, operation.coefficients)])

    alone = error(place.inputs, inputs)
    together = error(with_neuron(place.inputs), with_neuron(inputs))
    assert gain == pytest.approx(alone - together, rel=1e-8)


def test_the_best_of_a_search_gains_more_than_a_fixed_direction_and_others_lose():
    row = chance.by_chance(100, 5, 1, draws=6)
    assert row["simulated"] - 2 * row["simulated_error"] > 3 * row["fixed_given"]
    error = np.hypot(row["permuted_error"], row["simulated_error"])
    assert abs(row["permuted"] - row["simulated"]) < 4 * error
    assert row["held_out"] < 0
    assert row["numbers"] == (6 + 3 + 1) / 100
    assert chance.by_chance(100, 5, 3, draws=1)["numbers"] == (6 + 3 + 3) / 300


def test_rules_that_hold_nothing_out_judge_the_same_proposals():
    place = chance.trained(np.random.default_rng(3), 60, 2, 1)
    every = chance.InSample().changes(place, np.random.default_rng(4))
    assert [change.units for change in every] == [1, 2, 4, 8]
    assert all(change.gains is None for change in every)
    first = chance.SEARCH.neurons(place, 1, np.random.default_rng(4)).operation
    np.testing.assert_array_equal(every[0].operation.weights, first.weights)
    in_sample = ("AIC", "BIC", "permutation")
    assert all(chance.RULES[rule].proposer == chance.InSample() for rule in in_sample)
    assert chance.RULES["permutation"].acceptance.proposer == chance.InSample()


def test_a_row_of_a_training_is_that_training():
    row = chance.grown("BIC", "moons 0.3", 2001, epochs=12)
    loss, X, t, X_test, t_test = chance.data_of("moons 0.3", 2001)
    settings = chance.replace(chance.RULES["BIC"], seed=2001, epochs=12)
    network, history = SENN(loss, settings).fit(MLP.random((2, 1, 2), rng=2001), X, t)
    assert row["hidden"] == list(network.sizes[1:-1])
    assert row["neurons"] == sum(row["hidden"]) - 1
    assert row["additions"] == len(history.additions)
    assert row["test"] == pytest.approx(loss.value(network(X_test), t_test))


def test_data_are_drawn_anew_and_standardised():
    for task in chance.TASKS:
        draws = [chance.data_of(task, seed) for seed in (2000, 2001, 2000)]
        assert np.array_equal(draws[0][1], draws[2][1])
        assert not np.array_equal(draws[0][1], draws[1][1])
        assert len(draws[0][3]) == len(draws[0][4]) == 1000
    _, X, t, *_ = chance.data_of("friedman1", 2000)
    np.testing.assert_allclose([X.mean(axis=0), X.std(axis=0)], [[0] * 10, [1] * 10], atol=1e-12)
    assert t.shape == (300, 1) and t.std() == pytest.approx(1)


def test_a_table_tells_medians_and_the_worst():
    row = {"task": "noise", "rule": "AIC", "accuracy": None}
    rows = [row | {"neurons": n, "test": e} for n, e in [(0, 1.0), (7, 3.0), (1, 2.0)]]
    (line,) = trainings_table(rows).splitlines()[1:]
    assert line.split() == ["noise:", "AIC", "1", "7", "2", "of", "3", "2.000"]


def test_a_quick_run_writes_numbers_and_picture(tmp_path, capsys):
    assert main(["chance", "--quick", "--seed", "3", "--out", str(tmp_path), "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    numbers, picture = tmp_path / "chance-quick.json", tmp_path / "chance-quick.png"
    assert shown["files"] == [str(picture), str(numbers)]
    assert picture.read_bytes().startswith(b"\x89PNG")
    written = json.loads(numbers.read_text(encoding="utf-8"))
    assert written["seed"] == 3 and set(written["settings"]) == set(chance.RULES)
    assert len(written["levels"]) == 8
    assert [row["rule"] for row in written["trainings"]] == 2 * list(chance.RULES)
    assert {row["draw"] for row in written["trainings"]} == {2003}
    again = chance.by_chance(50, 2, 3, draws=2, seed=3)
    (found,) = (r for r in written["levels"] if (r["N"], r["d"], r["m"]) == (50, 2, 3))
    assert found == pytest.approx(again)
