"""Every table that a command prints is parsed, and held against the JSON that it writes."""

import json
from statistics import fmean, median

import numpy as np
import pytest
from pretended import VALUES, cells, history, pretend, pretended, table_below, told

from sennpy import RandomSearch, Settings, Thresholds
from sennpy.cli import main
from sennpy.experiments import chance, figures, half_moons, regression, sweep
from sennpy.experiments.battery import anytime, rivals, table, together, tradeoff
from sennpy.experiments.battery.rows import ROWS


@pytest.fixture
def asked(monkeypatch):
    return pretend(monkeypatch)


# --- Experiments ---------------------------------------------------------------------------------

SHOWN = {
    "half-moons": {"accuracy": "test_accuracy", "test loss": "test_loss",
                   "train loss": "train_loss"},
    "digits": {"accuracy": "test_accuracy", "test loss": "test_loss", "train loss": "train_loss"},
    "mnist": {"accuracy": "test_accuracy", "test loss": "test_loss", "train loss": "train_loss"},
    "regression": {"train": "train_error", "test": "test_error"},
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_the_table_of_an_experiment_is_its_json_and_both_are_the_runs(
    name, asked, tmp_path, capsys
):
    lines, content = told([name, "--seed", "1", "--seeds", "4"], tmp_path, capsys)
    header, rows = table_below(lines, "mean (y - t)^2" if name == "regression" else " " * 3)
    rows = rows[:5]  # below those of digits stand others on the same data
    measures = [word for word in header if word in SHOWN[name]]
    assert measures == list(SHOWN[name]) and header[-2:] == ["hidden", "time"]
    runs = content["runs"]
    assert [row[0] for row in rows] == ["seed 1", "seed 2", "seed 3", "seed 4", "median"]
    form = "{:.2e}" if name == "regression" else "{:.4f}"
    for row, run in zip(rows, runs, strict=False):
        expected = [form.format(run[SHOWN[name][m]]) for m in measures]
        assert row[1:] == [*expected, str(run["hidden"]), f"{run['seconds']:.1f} s"]
        assert row[0] == f"seed {run['seed']}"
    middle = [form.format(median(run[SHOWN[name][m]] for run in runs)) for m in measures]
    neurons = median(sum(run["hidden"]) for run in runs)
    seconds = median(run["seconds"] for run in runs)
    assert rows[-1][1:] == [*middle, f"{neurons:g} neurons", f"{seconds:.1f} s"]

    settings = [settings for _, settings, _ in asked.runs]
    assert [s.seed for s in settings] == [1, 2, 3, 4]  # each seed its own start
    direct = [pretended(name, s) for s in settings]
    assert runs == json.loads(json.dumps([run.numbers() for run in direct]))
    assert content["history"] == json.loads(json.dumps(direct[0].history.as_dict()))
    assert content["seed"] == 1 and content["settings"]["seed"] == 1
    assert content["preset"] == "default"
    assert len({json.dumps(run) for run in runs}) == 4


def test_the_picture_is_of_the_first_run_and_the_data_it_was_trained_on(asked, tmp_path, capsys):
    told(["half-moons", "--seed", "2", "--seeds", "2"], tmp_path, capsys)
    ((name, (run, X, t)),) = asked.drawn
    data = half_moons.half_moons(0, 1)
    assert name == "half_moons_figure" and run.seed == 2
    np.testing.assert_array_equal(X, data.X)
    np.testing.assert_array_equal(t, data.t)
    told(["regression", "--seed", "3", "--seeds", "2"], tmp_path, capsys)
    name, (run, landscape) = asked.drawn[-1]
    assert (name, run.seed, landscape) == ("regression_figure", 3, regression.landscape)
    told(["mnist", "--seed", "3", "--seeds", "2"], tmp_path, capsys)
    name, (runs,) = asked.drawn[-1]
    assert (name, [run.seed for run in runs]) == ("mnist_figure", [3, 4])
    told(["digits", "--seed", "3", "--seeds", "2"], tmp_path, capsys)
    name, (run,) = asked.drawn[-1]
    assert (name, run.seed) == ("growth_figure", 3)


def test_one_run_has_no_median(asked, tmp_path, capsys):
    lines, _ = told(["half-moons"], tmp_path, capsys)
    assert not any(line.startswith("median") for line in lines)


def test_the_others_beside_the_digits_are_those_of_each_seed(asked, tmp_path, capsys):
    lines, content = told(["digits", "--seed", "1", "--seeds", "3"], tmp_path, capsys)
    others = content["baselines"]
    assert others == [
        {"model one": VALUES[s] / 2, "model two": VALUES[s + 3]} for s in (1, 2, 3)
    ]  # fmt: skip
    for model in others[0]:
        middle = median(other[model] for other in others)
        assert f"{model}: test accuracy {middle:.4f} on the same splits" in lines


def test_the_numbers_of_splits_are_means_over_fresh_splits(asked, tmp_path, capsys):
    lines, content = told(["half-moons", "--splits", "3", "--seed", "2"], tmp_path, capsys)
    rows = content["runs"]
    assert [(r["train_seed"], r["test_seed"], r["seed"]) for r in rows] == [
        (100, 101, 2), (102, 103, 3), (104, 105, 4),
    ]  # fmt: skip
    assert [options for _, _, options in asked.runs] == [
        {"train_seed": r["train_seed"], "test_seed": r["test_seed"]} for r in rows
    ]
    assert [s.seed for _, s, _ in asked.runs] == [2, 3, 4]
    for row, (_, settings, _) in zip(rows, asked.runs, strict=True):
        direct = json.loads(json.dumps(pretended("half-moons", settings).numbers()))
        assert {name: row[name] for name in direct} == direct
        assert row["svc_accuracy"] == VALUES[(row["train_seed"] + row["test_seed"]) % 8]
    ours, svc = (fmean(r[name] for r in rows) for name in ("test_accuracy", "svc_accuracy"))
    neurons = fmean(sum(r["hidden"]) for r in rows)
    assert content["mean_accuracy"] == pytest.approx(ours)
    assert content["mean_svc_accuracy"] == pytest.approx(svc)
    assert lines[0] == (
        f"3 fresh splits: mean accuracy {ours:.4f} with {neurons:.1f} hidden neurons; "
        f"cross-validated RBF SVC {svc:.4f}"
    )


def test_what_is_told_while_a_network_grows_is_its_record(monkeypatch, tmp_path, capsys):
    """Additions, and looks that added none, in their order; and nothing of another seed."""
    settings = Settings.by_thresholds(
        epochs=8, cooldown=2, acceptance=Thresholds(0.01, 1e-4, 0.5), proposer=RandomSearch(9),
        max_width=3, max_depth=1,
    )  # fmt: skip
    monkeypatch.setitem(half_moons.PRESETS, "default", settings)
    monkeypatch.setattr(figures, "growth_pictures", lambda *what: [])
    monkeypatch.setattr(figures, "save_gif", lambda pictures, frames, path: path.touch())
    monkeypatch.setattr(figures, "has_ffmpeg", lambda: False)
    lines, content = told(["half-moons", "--animate"], tmp_path, capsys)
    known = history()
    additions = iter(known.additions)
    expected = [  # what a look chose is told as the addition that it led to
        str(next(additions) if any(c.chosen for c in look.candidates) else look)
        for look in known.looks
    ]
    assert 0 < len(known.additions) < len(known.looks)
    assert [line for line in lines if line.startswith("epoch")] == expected
    assert content["history"]["looks"] == json.loads(json.dumps(known.as_dict()["looks"]))
    frames = content["frames"]
    changed = [a.epoch for a in known.additions]
    assert [f["epoch"] for f in frames if f["what"]] == changed
    assert [f["epoch"] for f in frames if not f["what"]] == list(range(1, 9))
    assert all(f["ticks"] == (40 if f["epoch"] == 8 and not f["what"] else 20 if f["what"] else 1)
               for f in frames)  # fmt: skip


# --- Sweeps --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_the_table_of_a_sweep_is_its_json(name, asked, tmp_path, capsys):
    words = [name, "--sweep", "30,3", "--seed", "1", "--seeds", "4", "--jobs", "1"]
    lines, content = told(words, tmp_path, capsys)
    rows = content["runs"]
    assert [(r["per_class"], r["seed"]) for r in rows] == [
        (size, seed) for size in (30, 3) for seed in (1, 2, 3, 4)
    ]  # fmt: skip
    header, shown = table_below(lines, " " * 5)
    assert header == ["neurons", "range", "accuracy", "range"]
    for size, cell in zip((30, 3), shown, strict=True):
        mine = [r for r in rows if r["per_class"] == size]
        neurons, accuracy = [sum(r["hidden"]) for r in mine], [r["test_accuracy"] for r in mine]
        assert cell == [
            f"{10 * size} samples", f"{median(neurons):g}", f"{min(neurons)} to {max(neurons)}",
            f"{median(accuracy):.4f}", f"{min(accuracy):.4f} to {max(accuracy):.4f}",
        ]  # fmt: skip
    ((drawn, (widths, accuracies)),) = asked.drawn
    assert drawn == "sweep_figure"
    assert widths == sweep.bands(rows, lambda r: sum(r["hidden"]))
    assert accuracies == sweep.bands(rows, lambda r: r["test_accuracy"])


# --- Two presets side by side --------------------------------------------------------------------


def spread(values, form):
    low, middle, high = (form.format(f(values)) for f in (min, median, max))
    return middle if low == high else f"{middle} ({low} to {high})"


def test_the_tables_of_a_comparison_are_its_json(asked, tmp_path, capsys):
    words = ["compare", "regression", "half-moons", "--seed", "1", "--seeds", "3"]
    lines, content = told(words, tmp_path, capsys)
    forms = {
        "half-moons": {"test accuracy": "{:.3f}", "test loss": "{:.4f}", "train loss": "{:.4f}"},
        "regression": {"train error": "{:.1e}", "test error": "{:.1e}"},
    }
    order = [(name, settings.seed) for name, settings, _ in asked.runs]
    assert order == [(n, s) for n in ("regression", "half-moons") for _ in "12" for s in (1, 2, 3)]
    for name, presets in content["runs"].items():
        header, rows = table_below(lines, f"{name}, 3 seeds")
        assert header[1:] == ["default preset", "paper preset"] and list(presets) == [
            "default", "paper",
        ]  # fmt: skip
        found = {row[0]: row[1:] for row in rows}
        for measure, form in forms[name].items():
            key = measure.replace(" ", "_")
            assert found[measure] == [
                spread([r[key] for r in runs], form) for runs in presets.values()
            ]
        for title, count in [("hidden neurons", sum), ("hidden layers", len)]:
            assert found[title] == [
                spread([count(r["hidden"]) for r in runs], "{:g}") for runs in presets.values()
            ]
        assert found["seconds"] == [
            spread([r["seconds"] for r in runs], "{:.1f}") for runs in presets.values()
        ]
        assert set(found) == {*forms[name], "hidden neurons", "hidden layers", "seconds"}
    text = (tmp_path / "compare.txt").read_text(encoding="utf-8")
    assert text.strip() in "\n".join(lines)


def test_a_comparison_takes_each_presets_own_settings(asked, tmp_path, capsys):
    _, content = told(["compare", "half-moons", "--seeds", "2"], tmp_path, capsys)
    for i, preset in enumerate(("default", "paper")):
        expected = half_moons.PRESETS[preset].as_dict()
        assert content["settings"]["half-moons"][preset] == json.loads(json.dumps(expected))
        for seed in (0, 1):
            settings = asked.runs[2 * i + seed][1]
            assert settings.as_dict() == expected | {"seed": seed}


# --- On chance -----------------------------------------------------------------------------------


def test_the_tables_on_chance_are_their_json(asked, tmp_path, capsys, monkeypatch):
    rng = np.random.default_rng(0)
    names = ("simulated", "permuted", "held_out", "fixed", "fixed_given", "numbers",
             "simulated_error", "permuted_error", "held_out_error")  # fmt: skip
    levels = [
        {"N": N, "d": d, "m": m} | {name: float(rng.random()) for name in names}
        for N, d, m in [(50, 1, 1), (100, 2, 3)]
    ]
    trainings = [
        {"rule": rule, "task": task, "draw": i, "neurons": int(rng.integers(4)),
         "additions": 7, "epochs": 9, "hidden": [1], "test": float(rng.random()),
         "accuracy": float(rng.random()) if task != "noise" else None}
        for task in ("noise", "moons 0.3") for rule in ("AIC", "BIC") for i in range(5)
    ]  # fmt: skip
    monkeypatch.setattr(
        chance, "run", lambda seed, **cut: {"levels": levels, "trainings": trainings}
    )
    lines, content = told(["chance"], tmp_path, capsys)
    assert content["levels"] == levels and content["trainings"] == trainings
    header, rows = table_below(lines, "noise: N, inputs, outputs")
    assert header[1:] == ["simulated", "permuted", "held out", "fixed", "numbers", "in p/(Nm)"]
    for row, level in zip(rows, levels, strict=True):
        shown = [f"{level[n]:.4f}" for n in ("simulated", "permuted", "held_out", "fixed",
                                             "numbers")]  # fmt: skip
        assert row == [f"{level['N']}, {level['d']}, {level['m']}", *shown,
                       f"{level['simulated'] / level['numbers']:.2f}"]  # fmt: skip
    _, rows = table_below(lines, "training: rule")
    found = {row[0]: row[1:] for row in rows}
    assert len(found) == 4
    for task in ("noise", "moons 0.3"):
        for rule in ("AIC", "BIC"):
            mine = [r for r in trainings if (r["task"], r["rule"]) == (task, rule)]
            added = [r["neurons"] for r in mine]
            expected = [
                f"{median(added):g}", f"{max(added)}", f"{sum(n > 0 for n in added)} of 5",
                f"{median(r['test'] for r in mine):.3f}",
            ]  # fmt: skip
            if task != "noise":
                expected.append(f"{median(r['accuracy'] for r in mine):.3f}")
            assert found[f"{task}: {rule}"] == expected


# --- What it costs to be strict ------------------------------------------------------------------


def test_the_table_of_strictness_is_its_json(asked, tmp_path, capsys, monkeypatch):
    rng = np.random.default_rng(1)
    runs = [
        {"z": z, "row": row, "seed": s, "neurons": int(rng.integers(3)), "log_loss": rng.random(),
         "accuracy": rng.random(), "additions": 9}
        for z in (2.0, 0.5) for row in ("noise-labels-400", "iris", "circles") for s in range(3)
    ]  # fmt: skip
    monkeypatch.setattr(tradeoff, "run", lambda *work, **cut: runs)
    lines, content = told(["tradeoff"], tmp_path, capsys)
    assert content["runs"] == runs
    _, rows = table_below(lines, "z")
    assert [row[0] for row in rows] == ["0.5", "2"]
    for row, z in zip(rows, (0.5, 2.0), strict=True):
        noise, iris, circles = (
            [r for r in runs if (r["row"], r["z"]) == (name, z)]
            for name in ("noise-labels-400", "iris", "circles")
        )
        assert row[1:] == [
            f"{np.mean([r['neurons'] > 0 for r in noise]):.2f}",
            f"{median(r['log_loss'] for r in iris):.4g}",
            f"{median(r['accuracy'] for r in circles):.4g}",
        ]  # fmt: skip


# --- The battery ---------------------------------------------------------------------------------


def made(row, seed, rng):
    """A run of a row with random numbers."""
    numbers = {
        "row": row.name, "seed": seed, "samples": 9, row.metric: float(rng.random()),
        "neurons": int(rng.integers(9)), "epochs": int(rng.integers(90)), "hidden": [3],
        "additions": 1, "seconds": 10 * float(rng.random()), "look_seconds": float(rng.random()),
    }  # fmt: skip
    numbers.setdefault("log_loss", float(rng.random()))
    if row.rivals:
        numbers["rivals"] = {
            name: {row.metric: float(rng.random()), "seconds": 1.0} for name in rivals.NAMES
        }
    return numbers


@pytest.fixture
def battery(monkeypatch):
    rng = np.random.default_rng(2)
    rows = [ROWS[n] for n in ("iris", "noise-labels-100", "moons-0.2", "diabetes", "spiral-1")]
    runs = [made(row, s, rng) for row in rows for s in range(4)]
    pairs = [
        {"row": name, "seed": s, "width": 2 + i, "grown": float(rng.random()),
         "fixed": float(rng.random()), "horizon": 1.0}
        for i, name in enumerate(anytime.TASKS) for s in range(3)
    ]  # fmt: skip
    monkeypatch.setattr(together, "run_all", lambda *work: runs)
    monkeypatch.setattr(together, "areas", lambda *work: ({"digits": []}, pairs))
    return runs, pairs


def best_rival(row, runs):
    more = row.metric == "accuracy"
    found = {n: median(r["rivals"][n][row.metric] for r in runs) for n in rivals.NAMES}
    best = max(found, key=found.get) if more else min(found, key=found.get)
    return found[best], best


def test_the_tables_of_the_battery_are_their_json(asked, battery, tmp_path, capsys):
    runs, pairs = battery
    lines, content = told(["battery", "--rows", "anytime", "iris"], tmp_path, capsys)
    assert content["runs"] == runs and content["areas_over_seconds"] == pairs
    header, shown = table_below(lines, "row ")
    assert header == list(table.HEADER)
    order = [name for name in ROWS if any(r["row"] == name for r in runs)]
    assert [row[0] for row in shown] == [ROWS[name].title for name in order]
    for cell, name in zip(shown, order, strict=True):
        row, mine = ROWS[name], [r for r in runs if r["row"] == name]
        cell = dict(zip(header, cell, strict=True))
        values = [r[row.metric] for r in mine]
        worst = min(values) if row.metric == "accuracy" else max(values)
        form = {"accuracy": "{:.3f}", "neurons": "{:g}"}.get(row.metric, "{:.3g}")
        assert cell["median"] == form.format(median(values))
        assert cell["worst"] == form.format(worst)
        for number, format_ in [("neurons", "{:g}"), ("epochs", "{:g}"), ("seconds", "{:.1f}")]:
            assert cell[number] == format_.format(median(r[number] for r in mine))
        share = sum(r["look_seconds"] for r in mine) / sum(r["seconds"] for r in mine)
        assert cell["looks"] == f"{100 * share:.0f} %"
        reached = all(
            {">=": at >= g.threshold, "<=": at <= g.threshold}[g.direction]
            for g in row.goals
            for at in [median(values) if g.statistic == "median" else worst]
        )
        assert cell["verdict"] == ("reached" if reached else "missed")
        if row.rivals:
            value, rival = best_rival(row, mine)
            assert cell["best rival"] == f"{form.format(value)} {rival}"
        else:
            assert cell["best rival"] == "-"

    _, shown = table_below(lines, "accuracy, mean over time")
    ahead = 0
    for cell, name in zip(shown, anytime.TASKS, strict=True):
        mine = [p for p in pairs if p["row"] == name]
        grown, still = (median(p[kind] for p in mine) for kind in ("grown", "fixed"))
        assert cell == [ROWS[name].title, f"{grown:.3f}", f"{still:.3f}", str(mine[0]["width"])]
        ahead += grown >= still - 0.005
    told_so = "reached" if ahead >= 4 else "missed"
    assert f"ahead or equal in {ahead} of 5, to reach 4: {told_so}" in lines


def test_the_verdicts_for_machines_are_those_that_are_printed(asked, battery, tmp_path, capsys):
    runs, _ = battery
    assert main(["battery", "--json", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr()
    summary = json.loads(out.out)
    header, shown = table_below(out.err.splitlines(), "row ")
    printed = {row[0]: row[header.index("verdict")] for row in shown}
    verdicts = summary["verdicts"]
    assert {ROWS[name].title: v for name, v in verdicts.items() if name in ROWS} == printed
    assert set(verdicts) == {r["row"] for r in runs} | {"anytime"}
    assert f": {verdicts['anytime']}\n" in out.err


def test_the_table_of_the_readme_shows_the_same_numbers(battery):
    runs, pairs = battery
    content = {"runs": runs, "areas_over_seconds": pairs, "skipped": {}}
    lines = [[cell.strip() for cell in line.strip("|").split("|")]
             for line in table.markdown(content).splitlines()]  # fmt: skip
    header, shown = table_below(table.printed(content).splitlines(), "row ")
    for line, row in zip(lines[2:], shown, strict=False):
        cell = dict(zip(header, row, strict=True))
        assert line[0] == cell["row"] and line[2:] == [
            cell[name] for name in ("neurons", "seconds", "goal", "verdict", "best rival")
        ]  # fmt: skip
        assert line[1].endswith(f" {cell['median']} ({cell['worst']})")
    areas = {line[0]: line for line in lines if line[0].startswith("area over time")}
    for name, (width, grown, still) in anytime.medians(pairs).items():
        line = areas[f"area over time: {ROWS[name].title}"]
        assert (
            line[1] == f"mean accuracy {grown:.3f}" and line[6] == f"{still:.3f} with fixed {width}"
        )
    kept, verdict = table.anytime_verdict(pairs)
    assert areas["area over time, together"][1:6] == [f"ahead or equal in {kept}", "", "", "4 of 5",
                                                      verdict]  # fmt: skip
    few = [p for p in pairs if p["row"] != "digits"]
    assert table.anytime_verdict(few)[1] == "-"  # not all tasks were run


# --- Afterwards ----------------------------------------------------------------------------------


def test_the_table_of_a_replay_is_its_json(asked, tmp_path, capsys):
    told(["half-moons", "--seed", "1", "--seeds", "2"], tmp_path, capsys)
    file = tmp_path / "half-moons.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    content["runs"][1]["test_loss"] *= 1.5
    content["runs"][0]["hidden"][0] += 1
    file.write_text(json.dumps(content), encoding="utf-8")
    assert main(["replay", str(file), "--json", "--out", str(tmp_path / "again")]) == 1
    out = capsys.readouterr()
    summary = json.loads(out.out)
    assert summary["agrees"] is False
    _, rows = table_below(out.err.splitlines(), "part ")
    rows = [row for row in rows if len(row) == 4]  # the differences follow in words
    assert len(rows) == len(summary["parts"])
    for row, part in zip(rows, summary["parts"], strict=True):
        assert row == [part["name"], str(part["values"]), str(len(part["differences"])),
                       f"{part['largest']:.1e}"]  # fmt: skip
    (runs,) = [part for part in summary["parts"] if part["name"] == "runs"]
    assert len(runs["differences"]) == 2 and runs["largest"] == pytest.approx(1 / 3)
    assert any(d.startswith("runs[1].test_loss: ") for d in runs["differences"])
    assert f"\n{len(runs['differences'])} values differ." in out.err


def test_the_table_of_the_doctor_is_its_json(tmp_path, capsys):
    main(["doctor", "--json", "--data", str(tmp_path)])
    out = capsys.readouterr()
    summary = json.loads(out.out)
    _, rows = table_below(out.err.splitlines(), "    ")
    for row, finding in zip(rows, summary["findings"], strict=True):
        assert row[:2] == [finding["name"], finding["state"]]
        assert "  ".join(row[2:]).split() == finding["found"].split()
    broken = [f for f in summary["findings"] if f["needed"] and f["mend"]]
    assert summary["ok"] == (not broken)
    mended = out.err.partition("to mend it:")[2]
    for finding in summary["findings"]:
        assert (f"  {finding['name']}: {finding['mend']}" in mended) == bool(finding["mend"])


def test_cells_are_told_apart_by_two_blanks():
    assert cells("  a b   c  d e ") == ["a b", "c", "d e"]
