"""The studies of criteria: their quick grids run, and what they tell is found by another route."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from sennpy.studies import duel, factorial, growing, oracle
from sennpy.studies.study import checked, picture_of


def ran(study, seeds):
    return [config | study.run(config) for config in checked(study.grid(seeds, quick=True))]


@pytest.fixture(scope="module")
def duels():
    return ran(duel, 2)


@pytest.fixture(scope="module")
def foretold():
    return ran(oracle, 3)


@pytest.fixture(scope="module")
def cells():
    return ran(factorial, 1)


def test_competitors_of_a_duel_share_their_start_and_their_sizes(duels):
    for seed in (0, 1):
        own = {row["criterion"]: row for row in duels if row["seed"] == seed}
        grown = [row for name, row in own.items() if name != "large"]
        assert len({row["curve"][0] for row in grown}) == 1
        assert {row["neurons"] for row in own.values()} == {3}
    a, b = duels[0], duel.run({name: duels[0][name] for name in duel.grid(2, True)[0]})
    assert all(a[name] == b[name] for name in b if name != "training_seconds")


def test_a_duel_s_table_and_verdicts_are_of_paired_differences(duels):
    lines = {line["criterion"]: line for line in duel.table(duels)}
    said = {one.text.split(" ends")[0]: one for one in duel.verdicts(duels)}
    assert set(said) == set(lines) - {duel.CONTROL}
    for name, line in lines.items():
        of = [[r["train"] for r in duels if r["criterion"] == n] for n in (name, duel.CONTROL)]
        difference = np.median(np.array(of[0]) - np.array(of[1]))
        assert line["train - control"] == pytest.approx(difference)
        assert line["train"] == pytest.approx(np.median(of[0]))
        if name in said:
            verdict = said[name]
            assert verdict.estimate == pytest.approx(difference) and verdict.seeds == 2
            below, above = verdict.high < 0, verdict.low > 0
            assert verdict.verdict == ("holds" if below else "does not" if above else "not decided")


def test_a_training_that_diverged_is_in_no_pair(duels):
    lost = duels[0] | dict.fromkeys(("train", "test", "anytime", "neurons", "training_seconds"))
    rows = [lost, *duels[1:]]
    assert len(duel.differences(rows, lost["criterion"], "train")[0]) == 1
    assert duel.table(rows)[0]["runs"] == 1


def test_the_oracle_s_correlations_are_scipy_s(foretold):
    lines = {line["criterion"]: line for line in oracle.table(foretold)}
    assert set(lines) == {"senn exact", "gradmax", "splitting", "all"}
    for name in ("senn exact", "gradmax"):
        scores, gains = [], []
        for row in foretold:
            for one in row["proposals"]:
                if one["criterion"] == name:
                    scores.append(one["score"] / row["loss"])
                    gains.append((sum(one["falls"]) - sum(row["still"])) / 2 / row["loss"])
        assert lines[name]["score"] == pytest.approx(spearmanr(scores, gains).statistic)
    of_gradmax = [o for row in foretold for o in row["proposals"] if o["criterion"] == "gradmax"]
    assert all(o["dense"] is not None and o["exact"] >= o["bound"] for o in of_gradmax)
    assert lines["splitting"]["dense"] is None  # moves the function: no dense increase
    assert {verdict.seeds for verdict in oracle.verdicts(foretold)} == {3}  # trainings, not states


def test_the_two_trainings_of_a_proposal_differ_in_their_batches_alone(foretold):
    row = foretold[0]
    assert row["still"][0] != row["still"][1]
    again = oracle.run({name: row[name] for name in oracle.grid(1, True)[0]})
    assert again["still"] == row["still"] and again["proposals"] == row["proposals"]


def test_no_interval_is_told_of_fewer_than_three_trainings():
    rows = [{"task": "moons", "seed": seed} for seed in (0, 0, 1, 1)]
    assert np.isnan(oracle.clustered([1, 2, 3, 4], [1, 2, 3, 4], rows)).all()


def test_the_factors_effects_are_differences_of_means(cells):
    for line, (factor, (low, high)) in zip(
        factorial.table(cells), factorial.FACTORS.items(), strict=True
    ):
        by = {level: [r["train"] for r in cells if r[factor] == level] for level in (low, high)}
        assert line["train"] == pytest.approx(np.mean(by[high]) - np.mean(by[low]))
        assert line["factor"] == f"{high} for {low}" and len(by[low]) == 16
    found = {verdict.text.split(" ")[0] for verdict in factorial.verdicts(cells)}
    assert found == {"g_r", "G", "nonlinear", "exact", "searched"}


def test_of_one_draw_no_score_chooses(cells):
    own = {(r["feature"], r["target"], r["score"]): r["train"] for r in cells
           if r["search"] == "random"}  # fmt: skip
    assert len(set(own.values())) == 1
    searched = {r["train"] for r in cells if r["search"] == "searched"}
    assert len(searched) > 1


@pytest.mark.parametrize("study", [duel, oracle, factorial])
def test_full_grids_pair_their_competitors(study):
    configs = checked(study.grid(study.SEEDS))
    starts = {(c["task"], c["seed"]) for c in configs}
    each = [sum((c["task"], c["seed"]) == one for c in configs) for one in starts]
    assert len(set(each)) == 1 and {task for task, _ in starts} <= set(growing.TASKS)


def test_pictures_have_a_dot_for_every_run(duels, foretold, cells):
    import matplotlib.pyplot as plt

    for name, rows, least in (("duel", duels, 2 * 3 * 2), ("oracle", foretold, 18),
                              ("factorial", cells, 10)):  # fmt: skip
        figure = picture_of(name)(rows)
        dots = sum(len(line.get_xdata()) for ax in figure.axes for line in ax.lines
                   if line.get_marker() == "o")  # fmt: skip
        assert dots == least
        plt.close(figure)
