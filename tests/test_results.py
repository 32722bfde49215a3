"""The page of results: its numbers, computed from the records by another route."""

import json
import re
import statistics
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import RidgeCV

from sennpy import MLP, SENN, HonestLook, LevenbergMarquardt, Settings
from sennpy.experiments.battery import table, tasks
from sennpy.experiments.battery.rows import ROWS

ROOT = Path(__file__).parents[1]
PAGE = ROOT.joinpath("notebooks", "results.md").read_text(encoding="utf-8")
LINES = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ")]


def of_record(name):
    return json.loads(ROOT.joinpath("figures", name).read_text(encoding="utf-8"))


def runs(name):
    return of_record(name)["runs"]


def line(*first):
    """The cells of the line of a table that begins with these."""
    (found,) = [cells for cells in LINES if cells[: len(first)] == list(first)]
    return found


def column(name, key):
    return [np.sum(run[key]) for run in runs(name)]


def number(text):
    """The first number of a cell, its least and its most: "accuracy 0.91 (0.90 to 0.92)"."""
    words = text.replace("(", " ").replace(")", " ").replace(",", " ").split()
    found = [float(word) for word in words if word[0].isdigit()]
    return found[:3] if "(" in text else found[:1] * 3


def assert_shown(found, expected):
    """Numbers as the page shows them: of four decimals, below 0.01 of two figures."""
    for one, other in zip(found, expected, strict=True):
        least = 10.0 ** np.floor(np.log10(other))  # of the first figure
        assert one == pytest.approx(
            other, rel=0, abs=0.51 * (1e-4 if other >= 0.01 else least / 10)
        )


def lesson(name):
    text = ROOT.joinpath("notebooks", "source", name).read_text(encoding="utf-8")
    return text.replace("\n# ", " ")


# --- Experiments ---------------------------------------------------------------------------------

EXPERIMENTS = (
    "half-moons", "half-moons-splits", "half-moons-paper", "regression", "regression-case-0",
    "regression-case-1", "regression-case-2", "digits", "mnist",
)  # fmt: skip


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_a_line_holds_what_its_record_does(name):
    command = of_record(f"{name}.json")["command"].removeprefix("python -m ")
    _, count, test, train, hidden, seconds, _ = line(f"`{command}`")
    assert int(count) == len(runs(f"{name}.json"))
    error = name.startswith("regression")
    for cell, part in ((test, "test"), (train, "train")):
        shown = {words.split()[0]: words for words in cell.split(", ")}
        keys = [f"{part}_error"] if error else [f"{part}_accuracy", f"{part}_loss"]
        there = [key for key in keys if key in runs(f"{name}.json")[0]]
        assert len(shown) == len(there) >= 1
        for key in there:
            values = np.array(column(f"{name}.json", key))
            expected = np.quantile(values, [0.5, 0, 1])
            found = number(shown[key.partition("_")[2]].partition(" ")[2])
            assert_shown(found, expected)
    np.testing.assert_allclose(
        number(hidden), np.quantile(column(f"{name}.json", "hidden"), [0.5, 0, 1])
    )
    expected = np.quantile(column(f"{name}.json", "seconds"), [0.5, 0, 1])
    np.testing.assert_allclose(number(seconds), expected, atol=0.0501)


def test_what_stands_beside_is_on_record():
    rivals = column("half-moons-splits.json", "svc_accuracy")
    beside = line("`sennpy half-moons --splits 20`")[-1]
    assert number(beside.partition(": ")[2])[0] == pytest.approx(np.median(rivals), abs=5.1e-5)
    beside = dict(part.split(": ") for part in line("`sennpy digits --seeds 5`")[-1].split("; "))
    rows = of_record("digits.json")["baselines"]
    assert set(beside) == {"logistic regression", "MLPClassifier (100)"}
    for name, told in beside.items():
        expected = np.quantile([row[name] for row in rows], [0.5, 0, 1])
        np.testing.assert_allclose(number(told), expected, atol=5.1e-5)


def test_a_size_of_mnist_is_on_record():
    found = runs("mnist-sweep.json")
    for size in sorted({run["samples"] for run in found}):
        of_size = [run for run in found if run["samples"] == size]
        _, count, widths, accuracy = line(f"{size:,}")
        assert int(count) == len(of_size) == 3
        assert number(widths)[0] == sorted(run["hidden"][0] for run in of_size)[1]
        middle = sorted(run["test_accuracy"] for run in of_size)[1]
        assert number(accuracy)[0] == pytest.approx(middle, abs=5.1e-5)


FORMS = {
    "regression": {"train error": ".1e", "test error": ".1e"},
    "half-moons": {"test accuracy": ".3f", "test loss": ".4f", "train loss": ".4f"},
}


def test_the_comparison_is_the_file_of_its_record():
    shown = ROOT.joinpath("figures", "compare.txt").read_text(encoding="utf-8")
    assert shown.strip() in PAGE
    parts = dict(zip(("regression", "half-moons"), shown.strip().split("\n\n"), strict=True))
    found = runs("compare.json")
    for task, part in parts.items():
        cells = {line[0]: line[1:] for line in (re.split(r" {2,}", x) for x in part.splitlines())}
        ours, theirs = (found[task][whose] for whose in ("default", "paper"))
        for measure, form in FORMS[task].items():
            for one, cell in zip((ours, theirs), cells[measure], strict=True):
                values = [run[measure.replace(" ", "_")] for run in one]
                low, middle, high = (f"{v:{form}}" for v in np.quantile(values, [0, 0.5, 1]))
                assert cell == f"{middle} ({low} to {high})"
        for one, cell in zip((ours, theirs), cells["hidden neurons"], strict=True):
            values = [sum(run["hidden"]) for run in one]
            np.testing.assert_array_equal(number(cell), np.quantile(values, [0.5, 0, 1]))


def test_what_lessons_say_of_mnist_and_of_the_authors_settings_is_on_record():
    found = column("mnist.json", "test_accuracy")
    said = f"reaches {100 * min(found):.1f} to {100 * max(found):.1f} % with 60 hidden neurons"
    assert said in lesson("11_mnist_and_beyond.py")
    (run,), ours = runs("half-moons-paper.json"), runs("half-moons.json")[0]
    losses = f"training loss {run['train_loss']:.2f} and test loss {run['test_loss']:.2f}"
    assert f"three hidden layers of three, {losses}" in lesson("10_half_moons.py")
    assert run["hidden"] == [3, 3, 3]
    points = round(500 * (ours["test_accuracy"] - run["test_accuracy"]))
    said = (
        f"network and an accuracy of {run['test_accuracy']:.2f}, ours "
        f"{ours['test_accuracy']:.2f} ({points} of 500 points)"
    )
    assert said in lesson("11_mnist_and_beyond.py")


# --- The default settings ------------------------------------------------------------------------


def test_the_table_of_the_battery_is_its_record():
    content = of_record("battery.json")
    assert table.markdown(content).strip() in PAGE
    verdicts = list(table.verdicts(content).values())
    reached, missed = verdicts.count("reached"), verdicts.count("missed")
    assert f"{reached} of {reached + missed} goals are reached" in PAGE


def test_what_is_said_of_the_time_of_looks_is_on_record():
    found = runs("battery.json")
    shares = {}
    for run in found:
        shares.setdefault(run["row"], []).append(run["look_seconds"] / run["seconds"])
    medians = [statistics.median(values) for values in shares.values()]
    looks, whole = (sum(run[name] for run in found) for name in ("look_seconds", "seconds"))
    assert (
        f"Looks take {100 * min(medians):.0f} to {100 * max(medians):.0f} % of the time (medians "
        f"by row), {100 * looks / whole:.0f} % of all" in PAGE
    )


def test_what_is_said_of_the_misses_is_on_record():
    found = runs("battery.json")
    losses = {}
    for run in found:
        losses.setdefault(run["row"], []).append(run.get("log_loss"))
    before, after = (statistics.median(losses[f"moons-of-{n}"]) for n in (400, 800))
    assert f"from 400 to 800 samples, by {after - before:.3f}" in PAGE
    goals = {"moons-0.2": 0.968, "moons-0.4": 0.855, "circles": 0.99, "checkerboard-2": 0.98}
    missing = [
        goal - statistics.median(run["accuracy"] for run in found if run["row"] == row)
        for row, goal in goals.items()
    ]
    assert f"by {min(missing):.3f} to {max(missing):.3f}, about" in PAGE
    for row in ("wine", "iris", "diabetes"):
        added = [run["neurons"] for run in found if run["row"] == row]
        assert statistics.median(added) == 0


def test_what_is_said_of_the_decay_of_wine_and_of_ridge_is_so():
    """The same folds as the battery's, computed anew."""
    found = {}
    for decay in ("evidence", 0.001):
        optimiser = LevenbergMarquardt(decay=decay)
        settings = Settings(optimiser=optimiser, acceptance=HonestLook(price=1e9))
        fits = [
            (task, SENN(task.loss, settings).fit(MLP.random((13, 3), rng=seed), task.X, task.t))
            for seed, task in ((seed, tasks.wine(seed)) for seed in range(10))
        ]
        losses = [task.loss.value(fit.network(task.X_test), task.t_test) for task, fit in fits]
        found[decay] = statistics.median(losses), fits
    told = statistics.median(fit.state.memory.decay for _, fit in found["evidence"][1])
    assert f"a decay of 0.001 would have {found[0.001][0]:.3f}, where" in PAGE
    assert f"evidence says {told:.3f}." in PAGE
    errors = []
    for task in map(tasks.diabetes, range(10)):
        ridge = RidgeCV(np.logspace(-2, 3, 20)).fit(task.X, task.t[:, 0])
        errors.append(((ridge.predict(task.X_test) - task.t_test[:, 0]) ** 2).mean())
    assert f"cross-validated, has {statistics.median(errors):.3f} on these folds" in PAGE


def test_what_is_said_of_an_epoch_and_of_the_data_with_their_own_settings_is_on_record():
    found = runs("battery.json")
    epochs = [
        (run["seconds"] - run["look_seconds"]) / run["epochs"]
        for run in found
        if ROWS[run["row"]].group == "toy"
    ]
    assert f"two inputs takes {1000 * statistics.median(epochs):.1f} ms (median)" in PAGE
    moons = [run["accuracy"] for run in found if run["row"] == "readme-half-moons"]
    own = statistics.median(column("half-moons.json", "test_accuracy"))
    assert round(500 * (own - statistics.median(moons))) == 2 and "two of 500 points" in PAGE
    error = f"{statistics.median(column('regression.json', 'test_error')):.1e}"
    assert error == "1.2e-05" and "an error of 1.2e-5." in PAGE


def test_strictness_is_on_record():
    of_noise = [run for run in runs("tradeoff.json") if run["row"].startswith("noise")]
    for z in sorted({run["z"] for run in of_noise}):
        share = np.mean([run["neurons"] > 0 for run in of_noise if run["z"] == z])
        assert line(f"{z:g}", f"{share:.2f}")


def test_what_is_said_of_chance_is_on_record():
    content = of_record("chance.json")
    shares = [row["simulated"] / row["numbers"] for row in content["levels"]]
    assert f"{min(shares):.1f} to {max(shares):.1f} times p/(N m)" in PAGE
    (header,) = [cells for cells in LINES if cells[:2] == ["rule", "noise"]]
    for rule in {row["rule"] for row in content["trainings"]}:
        for task, cell in zip(header[1:], line(rule)[1:], strict=True):
            trainings = [r for r in content["trainings"] if (r["task"], r["rule"]) == (task, rule)]
            expected = np.quantile([row["neurons"] for row in trainings], [0.5, 0, 1])
            np.testing.assert_allclose(number(cell), expected)


# --- Speed ---------------------------------------------------------------------------------------


def test_the_lines_of_the_bench_are_on_record():
    timings = of_record("bench.json")["timings"]
    for timing in timings.values():
        _, what, ratio, seconds = line(timing["name"])
        middle = np.median(timing["seconds"])
        assert what == timing["what"]
        assert float(seconds) == pytest.approx(middle, rel=0.06)
        if timing["floor_seconds"]:
            said, _, rest = ratio.partition(" times ")
            assert float(said) == pytest.approx(middle / timing["floor_seconds"], rel=0.06)
            assert rest == timing["floor"]
        elif timing["twin_seconds"]:
            times = float(ratio.removeprefix("1/").removesuffix(" of the twin"))
            assert times == pytest.approx(timing["twin_seconds"] / middle, rel=0.006)
        else:
            assert ratio == "-"
    assert len([cells for cells in LINES if cells[0] in timings]) == len(timings)


def test_the_searches_are_compared_as_on_record():
    verdict = of_record("bench-searches.json")["verdict"]
    said = f"finds {verdict['bound_over_chains']:.1f} times the score of 100\nchains x 3000 steps "
    assert f"{said}in 1/{1 / verdict['time_over_chains_seconds']:.0f} of their time" in PAGE
