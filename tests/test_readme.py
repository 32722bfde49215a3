"""The README's example prints what the README says."""

import json
import re
import statistics
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import RidgeCV

import sennpy
from sennpy import MLP, SENN, HonestLook, LevenbergMarquardt, Settings
from sennpy.experiments.battery import table, tasks
from sennpy.experiments.battery.rows import ROWS

ROOT = Path(__file__).parents[1]
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")


LESSONS = README[README.index("## Ten lines") :]  # what stands before is held by test_micro.py
EXAMPLES = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", LESSONS, re.S)


@pytest.mark.parametrize(
    "code, expected", EXAMPLES, ids=["ten lines", "with scikit-learn", "exchange a part"]
)
def test_an_example_prints_what_the_readme_says(code, expected, capsys):
    exec(compile(code, "README.md", "exec"), {})
    assert capsys.readouterr().out == expected


def test_the_table_of_labels_names_what_exists():
    rows = README.split("## Where is what in the paper")[1].split("## ")[0]
    named = re.findall(r"`([a-zA-Z_]\w*)`", rows)
    assert len(named) > 15
    implementations = {name for e in sennpy.equations.REGISTER.values() for name in e.names}
    assert not [name for name in named if not hasattr(sennpy, name) | (name in implementations)]


def test_every_file_that_the_readme_names_exists():
    root = Path(__file__).parents[1]
    files = re.findall(r"`((?:sennpy|tests|figures)/[\w/.-]+\.\w+)`|\((figures/[\w.-]+)\)", README)
    assert files and all(root.joinpath(first or second).exists() for first, second in files)


def test_the_command_of_every_figure_is_in_the_readme():
    records = sorted(Path(__file__).parents[1].glob("figures/*.json"))
    assert records
    for file in records:
        command = json.loads(file.read_text(encoding="utf-8"))["command"]
        assert command.removeprefix("python -m ") in README, file.name


# --- What is said of a record --------------------------------------------------------------------


def runs(name):
    return json.loads(ROOT.joinpath("figures", name).read_text(encoding="utf-8"))["runs"]


def lesson(name):
    text = ROOT.joinpath("notebooks", "source", name).read_text(encoding="utf-8")
    return text.replace("\n# ", " ")


def test_what_is_said_of_mnist_is_on_record():
    found = [run["test_accuracy"] for run in runs("mnist.json")]
    assert f"test accuracy {', '.join(f'{value:.4f}' for value in found)}, each with 60" in README
    said = f"reaches {100 * min(found):.1f} to {100 * max(found):.1f} % with 60 hidden neurons"
    assert said in lesson("11_mnist_and_beyond.py")
    assert all(run["hidden"] == [60] for run in runs("mnist.json"))
    seconds = [run["seconds"] for run in runs("mnist.json")]
    assert f"{min(seconds):.0f} to {max(seconds):.0f} s on both cores" in README


def test_what_is_said_of_mnist_over_sizes_is_on_record():
    found = runs("mnist-sweep.json")
    sizes = sorted({run["samples"] for run in found})
    widths, accuracies = [], []
    for size in sizes:
        of_size = [run for run in found if run["samples"] == size]
        widths.append(sorted(run["hidden"][0] for run in of_size)[1])
        accuracies.append(sorted(run["test_accuracy"] for run in of_size)[1])
    assert f"median {', '.join(map(str, widths))} neurons" in README
    assert f"test accuracy {', '.join(f'{value:.3f}' for value in accuracies)};" in README
    factors = [b / a for a, b in pairwise(widths[:-1])]
    assert f"a factor of {min(factors):.1f} to {max(factors):.1f} for three times" in README
    largest = [run["hidden"][0] for run in found if run["samples"] == sizes[-1]]
    assert f"then no further ({min(largest)} to {max(largest)})" in README


def test_what_is_said_of_the_authors_settings_is_on_record():
    (run,) = runs("half-moons-paper.json")
    losses = f"training loss {run['train_loss']:.2f} and test loss {run['test_loss']:.2f}"
    assert f"three hidden layers of three, {losses}" in lesson("10_half_moons.py")
    assert run["hidden"] == [3, 3, 3]
    assert f"test accuracy {run['test_accuracy']:.3f}, test loss {run['test_loss']:.3f}" in README


def median(values):
    return sorted(values)[len(values) // 2]


def spread(values, digits):
    return f"{min(values):.{digits}f} to {max(values):.{digits}f}"


def short(value):
    """A small number as the README writes it: 7.7e-8."""
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def column(name, key):
    return [run[key] for run in runs(name)]


def test_what_is_said_of_half_moons_is_on_record():
    accuracy, hidden = (
        column("half-moons.json", "test_accuracy"),
        column("half-moons.json", "hidden"),
    )
    neurons = [sum(layers) for layers in hidden]
    said = (
        f"median test accuracy {median(accuracy):.3f} ({spread(accuracy, 3)}), test loss "
        f"{median(column('half-moons.json', 'test_loss')):.4f}, {min(neurons)} to {max(neurons)} "
        "hidden neurons"
    )
    assert said in README
    splits = column("half-moons-splits.json", "test_accuracy")
    neurons = [sum(layers) for layers in column("half-moons-splits.json", "hidden")]
    rivals = column("half-moons-splits.json", "svc_accuracy")
    assert len(splits) == 20
    assert (
        f"mean accuracy {sum(splits) / 20:.3f} with {sum(neurons) / 20:.1f} hidden neurons; a "
        f"cross-validated RBF SVC has {sum(rivals) / 20:.3f}" in README
    )


def test_what_is_said_of_regression_is_on_record():
    train, test = (column("regression.json", f"{part}_error") for part in ("train", "test"))
    neurons = [sum(layers) for layers in column("regression.json", "hidden")]
    assert (
        f"median {short(median(train))} on the training points, {short(median(test))} on 1000 "
        f"others, {min(neurons)} to {max(neurons)} hidden neurons" in README
    )
    cases = [f"regression-case-{i}.json" for i in range(3)]
    found = [
        ", ".join(short(median(column(case, f"{part}_error"))) for case in cases)
        for part in ("train", "test")
    ]
    sizes = ", ".join(str(median([sum(h) for h in column(case, "hidden")])) for case in cases)
    assert f"training {found[0]}; test {found[1]}; {sizes} neurons" in README


def test_what_is_said_of_digits_is_on_record():
    accuracy = column("digits.json", "test_accuracy")
    assert f"median test accuracy {median(accuracy):.3f} ({spread(accuracy, 3)})" in README
    baselines = json.loads(ROOT.joinpath("figures", "digits.json").read_text())["baselines"]
    logistic = median([row["logistic regression"] for row in baselines])
    network = median([row["MLPClassifier (100)"] for row in baselines])
    assert f"logistic regression {logistic:.3f}, MLPClassifier {network:.3f}" in README


def test_what_is_said_of_the_comparison_is_on_record():
    found = json.loads(ROOT.joinpath("figures", "compare.json").read_text())["runs"]

    def of(task, whose, key):
        return median([run[key] for run in found[task][whose]])

    ours, theirs = sorted(found["regression"], key=lambda name: name != "default")
    moons = [of("half-moons", whose, "test_accuracy") for whose in (ours, theirs)]
    errors = [short(of("regression", whose, "test_error")) for whose in (ours, theirs)]
    assert f"test error median {errors[0]} with" in README and f"against {errors[1]} with" in README
    assert f"accuracy {moons[0]:.3f} in" in README and f"against {moons[1]:.3f} in" in README


# --- What is said of the default settings ---------------------------------------------------------


def of_record(name):
    return json.loads(ROOT.joinpath("figures", name).read_text())


def test_the_table_of_the_battery_is_its_record():
    content = of_record("battery.json")
    assert table.markdown(content) in README
    verdicts = list(table.verdicts(content).values())
    reached, missed = verdicts.count("reached"), verdicts.count("missed")
    assert f"{reached} of {reached + missed} goals are reached" in README


def test_what_is_said_of_the_time_of_looks_is_on_record():
    found = of_record("battery.json")["runs"]
    shares = {}
    for run in found:
        shares.setdefault(run["row"], []).append(run["look_seconds"] / run["seconds"])
    medians = [statistics.median(values) for values in shares.values()]
    looks, whole = (sum(run[name] for run in found) for name in ("look_seconds", "seconds"))
    assert (
        f"Looks take {100 * min(medians):.0f} to {100 * max(medians):.0f} % of the time (medians "
        f"by row), {100 * looks / whole:.0f} % of all" in README
    )


def test_what_is_said_of_the_misses_is_on_record():
    content = of_record("battery.json")
    losses = {}
    for run in content["runs"]:
        losses.setdefault(run["row"], []).append(run.get("log_loss"))
    before, after = (statistics.median(losses[f"moons-of-{n}"]) for n in (400, 800))
    assert f"from 400 to 800 samples, by {after - before:.3f}" in README
    goals = {"moons-0.2": 0.968, "moons-0.4": 0.855, "circles": 0.99, "checkerboard-2": 0.98}
    missing = [
        goal - statistics.median(run["accuracy"] for run in content["runs"] if run["row"] == row)
        for row, goal in goals.items()
    ]
    assert f"by {min(missing):.3f} to {max(missing):.3f}, about" in README
    for row in ("wine", "iris", "diabetes"):
        added = [run["neurons"] for run in content["runs"] if run["row"] == row]
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
    assert f"a decay of 0.001 would have {found[0.001][0]:.3f}, where" in README
    assert f"evidence says {told:.3f}." in README
    errors = []
    for task in map(tasks.diabetes, range(10)):
        ridge = RidgeCV(np.logspace(-2, 3, 20)).fit(task.X, task.t[:, 0])
        errors.append(((ridge.predict(task.X_test) - task.t_test[:, 0]) ** 2).mean())
    assert f"cross-validated, has {statistics.median(errors):.3f} on these folds" in README


def test_what_is_said_of_chance_is_on_record():
    content = of_record("chance.json")
    shares = [row["simulated"] / row["numbers"] for row in content["levels"]]
    assert f"{min(shares):.1f} to {max(shares):.1f} times p/(N m)" in README

    def added(task, rule):
        rows = [r for r in content["trainings"] if (r["task"], r["rule"]) == (task, rule)]
        return statistics.median(row["neurons"] for row in rows)

    noise = [added("noise", rule) for rule in ("thresholds", "validation split")]
    assert (
        f"thresholds add {noise[0]:g}\nneurons in the median, a validation split {noise[1]:g},"
        in README
    )
    assert added("noise", "AIC") == added("noise", "BIC") == added("noise", "honest look") == 0
    both = added("friedman1", "AIC"), added("friedman1", "honest look")
    assert "({:g} for {:g}), BIC too few".format(*both) in README
    assert added("friedman1", "BIC") < min(both)


def test_what_is_said_of_an_epoch_and_of_the_data_with_their_own_settings_is_on_record():
    found = of_record("battery.json")["runs"]
    epochs = [
        (run["seconds"] - run["look_seconds"]) / run["epochs"]
        for run in found
        if ROWS[run["row"]].group == "toy"
    ]
    assert f"two inputs takes {1000 * statistics.median(epochs):.1f} ms (median)" in README
    moons = [run["accuracy"] for run in found if run["row"] == "readme-half-moons"]
    own = median(column("half-moons.json", "test_accuracy"))
    assert round(500 * (own - statistics.median(moons))) == 2 and "two of 500 points" in README


def test_what_is_said_of_the_released_choices_on_half_moons_is_on_record():
    (released,), ours = runs("half-moons-paper.json"), runs("half-moons.json")[0]
    points = round(500 * (ours["test_accuracy"] - released["test_accuracy"]))
    said = (
        f"network and an accuracy of {released['test_accuracy']:.2f}, ours "
        f"{ours['test_accuracy']:.2f} ({points} of 500 points)"
    )
    assert said in lesson("11_mnist_and_beyond.py")
