"""The studies of criteria: their quick grids run, and what they tell is found by another route."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from sennpy.studies import duel, factorial, family, growing, oracle
from sennpy.studies.study import checked, picture_of


def ran(study, seeds):
    return [config | study.run(config) for config in checked(study.grid(seeds, quick=True))]


@pytest.fixture(scope="module")
def duels():
    return ran(duel, 2)


@pytest.fixture(scope="module")
def foretold():
    return ran(oracle, 2)


@pytest.fixture(scope="module")
def cells():
    return ran(factorial, 1)


# --- Verdicts that share an error ----------------------------------------------------------------


def test_so_few_groups_that_one_sign_in_all_of_them_is_chance_decide_nothing():
    assert family.least(1) == 6 and family.least(18) == 10
    clear = [[1.0 + i / 100] for i in range(10)]
    words = [family.decided("criteria", "", clear[:n], 18).verdict for n in (2, 9, 10)]
    assert words == ["not decided", "not decided", "holds"]
    assert family.decided("criteria", "", clear, 18, below=True).verdict == "does not"


def test_an_interval_over_tasks_widens_with_what_they_differ_by_and_with_the_verdicts():
    near = [[0.9, 1.1], [1.0, 1.0], [1.1, 0.9]]
    far = [[-1.1, -0.9], [1.0, 1.0], [3.1, 2.9]]
    a, b = family.nested(near), family.nested(far)
    assert a.estimate == pytest.approx(1) and b.estimate == pytest.approx(1)
    assert b.high - b.low > 5 * (a.high - a.low)
    more = family.nested(far, 18)
    assert more.low < b.low and more.high > b.high
    assert np.isinf(family.nested([[1.0, 2.0]])[1:]).all()


def test_tasks_that_differ_around_nothing_are_decided_as_seldom_as_said():
    rng, wrong = np.random.default_rng(0), 0
    for _ in range(300):
        groups = list(rng.standard_t(4, (11, 1)) + 0.3 * rng.standard_normal((11, 3)))
        wrong += family.decided("criteria", "", groups, 5).verdict != "not decided"
    assert wrong <= 6  # 1 % of 300, one of five


# --- What scores foretell ------------------------------------------------------------------------


def by_chance(rng, names, informed=False):
    """Rows of 20 trainings whose own scores are random; sizes differ from state to state.

    Even so "bound" is what the proposals bring, if `informed`.
    """
    rows = []
    for task in range(5):
        for seed in range(4):
            for state in (10, 30):
                size, found = np.exp(rng.normal(0, 2)), []
                for name in names:
                    for _ in range(4):
                        gain = size * rng.normal(0.3, 0.1)
                        score = size * rng.random()
                        bound = gain if informed else score
                        found.append({
                            "criterion": name, "score": score, "exact": score, "bound": bound,
                            "dense": score, "falls": [gain, gain],
                        })  # fmt: skip
                rows.append({"task": task, "seed": seed, "state": state, "loss": size,
                             "still": [0.0, 0.0], "proposals": found})  # fmt: skip
    return rows


def test_random_scores_are_told_to_say_nothing():
    rng, wrong = np.random.default_rng(1), 0
    for _ in range(40):
        said = oracle.verdicts(by_chance(rng, ("a", "b")))
        assert len(said) == 5
        wrong += any(verdict.verdict == "holds" for verdict in said)
    assert wrong <= 2  # of 40 tables


def test_a_yardstick_that_ranks_is_found_and_the_size_of_a_state_is_none():
    rows = by_chance(np.random.default_rng(2), ("a",), informed=True)
    said = {one.text.split()[0]: one for one in oracle.verdicts(rows)}
    assert said["bound"].verdict == "holds" and said["bound"].estimate == pytest.approx(1)
    assert said["score"].verdict == "not decided"  # over states score and fall share their size


def test_the_oracle_s_correlations_are_scipy_s_within_each_state(foretold):
    lines = {line["criterion"]: line for line in oracle.table(foretold)}
    assert set(lines) == {"senn exact", "gradmax", "splitting", "all"}
    for name, what in (("senn exact", "score"), (None, "exact")):
        own = []
        for row in foretold:
            some = [one for one in row["proposals"] if name in (None, one["criterion"])]
            falls = [sum(one["falls"]) for one in some]
            own.append(spearmanr([one[what] for one in some], falls).statistic)
        assert lines[name or "all"][what] == pytest.approx(np.mean(own))
    assert all(one["dense"] is None for row in foretold for one in row["proposals"]
               if one["criterion"] == "splitting")  # fmt: skip
    assert {one.verdict for one in oracle.verdicts(foretold)} == {"not decided"}


def test_what_is_realised_is_a_ratio_of_sums(foretold):
    brought, promised = 0.0, 0.0
    for row in foretold:
        for one in row["proposals"]:
            if one["criterion"] == "gradmax":
                brought += sum(one["falls"]) / 2 - sum(row["still"]) / 2
                promised += one["exact"] / 2
    assert oracle.realised(foretold, "gradmax") == pytest.approx(brought / promised)
    assert oracle.realised(foretold, "splitting") is None


def test_the_retest_does_not_know_the_training_that_both_sides_would_subtract(foretold):
    moved = [row | {"still": [row["still"][0] + 9, row["still"][1] - 9]} for row in foretold]
    assert oracle.retest(moved, None) == oracle.retest(foretold, None)


def test_the_two_trainings_of_a_proposal_differ_in_their_batches_alone(foretold):
    row = foretold[0]
    assert row["still"][0] != row["still"][1]
    again = oracle.run({name: row[name] for name in oracle.grid(1, True)[0]})
    assert again["still"] == row["still"] and again["proposals"] == row["proposals"]


# --- Duel ----------------------------------------------------------------------------------------


def test_competitors_of_a_duel_share_their_start_and_their_sizes(duels):
    for seed in (0, 1):
        own = {row["criterion"]: row for row in duels if row["seed"] == seed}
        assert len({row["curve"][0] for name, row in own.items() if "large" not in name}) == 1
        assert {row["neurons"] for row in own.values()} == {3}
        assert len({row["parameters"] for row in own.values()}) == 1
        shared = len(own["large"]["curve"])
        assert own["large, longer"]["curve"][:shared] == own["large"]["curve"]
    a, b = duels[0], duel.run({name: duels[0][name] for name in duel.grid(2, True)[0]})
    assert all(a[name] == b[name] for name in b if name != "training_seconds")


def test_a_duel_s_table_is_of_means_over_tasks_of_paired_differences(duels):
    elsewhere = [row | {"task": "b", "train": row["train"] + i**2} for i, row in enumerate(duels)]
    rows = [*duels, *elsewhere]
    for line in duel.table(rows):
        name, means = line["criterion"], []
        for task in ("moons", "b"):
            of = [[r["train"] for r in rows if (r["criterion"], r["task"]) == (n, task)]
                  for n in (name, duel.CONTROL)]  # fmt: skip
            means.append(np.mean(np.subtract(*of)))
        assert line["train - control"] == pytest.approx(np.mean(means))
    said = duel.verdicts(rows)
    assert len(said) == 5 and {one.verdict for one in said} == {"not decided"}  # of two tasks


def test_at_equal_time_the_large_network_is_met_where_its_clock_stands():
    grown = {"task": "a", "seed": 0, "criterion": "x", "train": -1.0, "training_seconds": 2.0}
    large = grown | {"criterion": duel.LONGER, "curve": [0.0, -0.5, -1.5, -2.0],
                     "training_seconds": 4.0}  # fmt: skip
    assert duel.at_equal_time([grown, large], "x") == [[0.5]]
    assert duel.at_equal_time([grown | {"training_seconds": 9.0}, large], "x") == [[1.0]]


def test_pairs_come_in_the_order_of_their_seeds_whatever_the_order_of_the_rows():
    rows = [{"task": task, "seed": seed, "criterion": name, "train": value * seed}
            for task in ("b", "a") for seed in (7, 3, 5)
            for name, value in (("x", 2.0), (duel.CONTROL, 1.0))]  # fmt: skip
    assert duel.differences(rows, "x", "train") == [[3.0, 5.0, 7.0]] * 2


def test_a_training_that_diverged_is_in_no_pair(duels):
    rows = [duels[0] | duel.NOTHING, *duels[1:]]
    assert [len(own) for own in duel.differences(rows, duels[0]["criterion"], "train")] == [1]
    assert duel.table(rows)[0]["runs"] == 1


# --- Factors -------------------------------------------------------------------------------------


def test_the_factors_effects_are_differences_of_means(cells):
    searched = [row for row in cells if row["draw"] is None]
    lines = factorial.table(cells)
    for line, (factor, (low, high)) in zip(lines[:-1], factorial.FACTORS.items(), strict=True):
        by = {level: [r["train"] for r in searched if r[factor] == level] for level in (low, high)}
        assert line["train"] == pytest.approx(np.mean(by[high]) - np.mean(by[low]))
        assert line["factor"] == f"{high} for {low}" and len(by[low]) == 8
    papers = tuple(high for _, high in factorial.FACTORS.values())
    paper = [r["train"] for r in searched if tuple(r[f] for f in factorial.FACTORS) == papers]
    drawn = [row["train"] for row in cells if row["draw"] is not None]
    assert len(set(drawn)) == 2  # another unit each
    assert lines[-1]["train"] == pytest.approx(paper[0] - np.mean(drawn))
    assert {one.verdict for one in factorial.verdicts(cells)} <= {"not decided"}
    assert not any(one.text.startswith("G ") for one in factorial.verdicts(cells))


@pytest.mark.parametrize("study", [duel, oracle, factorial])
def test_full_grids_pair_their_competitors_and_can_decide(study):
    configs = checked(study.grid(study.SEEDS))
    starts = {(c["task"], c["seed"]) for c in configs}
    for task in {task for task, _ in starts}:
        each = {sum((c["task"], c["seed"]) == one for c in configs)
                for one in starts if one[0] == task}  # fmt: skip
        assert len(each) == 1 and task in growing.TASKS
    verdicts = {duel: 17, oracle: 18, factorial: 5}[study]
    groups = starts if study is oracle else {task for task, _ in starts}
    assert len(groups) >= family.least(verdicts)


def test_pictures_have_a_dot_for_every_run(duels, foretold, cells):
    import matplotlib.pyplot as plt

    ranked = sum(len(oracle.correlations(foretold, name, lambda one, what=what: one[what]))
                 for name, what in [*((n, "score") for n in oracle.criteria(foretold)),
                                    *((None, y) for y in oracle.YARDSTICKS)])  # fmt: skip
    for name, rows, least in (("duel", duels, 2 * 3 * 2), ("oracle", foretold, ranked),
                              ("factorial", cells, 10)):  # fmt: skip
        figure = picture_of(name)(rows)
        dots = sum(len(line.get_xdata()) for ax in figure.axes for line in ax.lines
                   if line.get_marker() == "o")  # fmt: skip
        assert dots == least
        plt.close(figure)
