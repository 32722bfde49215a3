"""Presets side by side: the table says what the runs say."""

import json

import pytest

from sennpy.cli import main
from sennpy.commands.compare import MEASURES, side_by_side, spread
from sennpy.experiments import half_moons, regression

EXPERIMENTS = {"half-moons": half_moons, "regression": regression}


def test_a_spread_is_the_median_and_the_range_unless_all_are_equal():
    assert spread([3.0, 1.0, 2.0], "{:.1f}") == "2.0 (1.0 to 3.0)"
    assert spread([2.0, 2.0], "{:g}") == "2"


def test_a_table_has_a_row_a_measure_and_a_column_a_preset():
    runs = [
        {"train_error": e, "test_error": 2 * e, "hidden": [n, 2], "seconds": 1.0}
        for e, n in [(1e-3, 3), (1e-5, 1), (1e-4, 2)]
    ]
    lines = side_by_side("regression", {"default": runs, "paper": runs[:1] * 3}).splitlines()
    assert lines[0].split("  ")[0] == "regression, 3 seeds" and lines[0].endswith("paper preset")
    assert "1.0e-04 (1.0e-05 to 1.0e-03)" in lines[1] and lines[1].endswith("1.0e-03")
    assert lines[2].startswith("test error") and "2.0e-04 (2.0e-05 to 2.0e-03)" in lines[2]
    assert "4 (3 to 5)" in lines[3] and lines[4].split()[-2:] == ["2", "2"]


def test_both_presets_are_run_and_written(tmp_path, capsys):
    words = ["compare", "half-moons", "regression", "--quick", "--epochs", "31", "--seeds", "2"]
    assert main([*words, "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr().out
    table = (tmp_path / "compare-31-epochs-quick.txt").read_text(encoding="utf-8")
    assert table in shown
    record = json.loads((tmp_path / "compare-31-epochs-quick.json").read_text(encoding="utf-8"))
    for name, presets in record["runs"].items():
        assert list(presets) == ["default", "paper"]
        for preset, runs in presets.items():
            assert [run["seed"] for run in runs] == [0, 1]
            assert all(measure in run for run in runs for measure, _ in MEASURES[name])
            expected = EXPERIMENTS[name].PRESETS[preset].optimiser.solver
            assert record["settings"][name][preset]["optimiser"]["solver"] == expected


def test_a_comparison_is_replayed_whatever_its_folder_is_called(tmp_path):
    folder = tmp_path / "two words"
    words = ["compare", "regression", "--quick", "--epochs", "2", "--seeds", "1"]
    assert main([*words, "--out", str(folder)]) == 0
    again = ["--out", str(tmp_path / "again")]
    assert main(["replay", str(folder / "compare-regression-2-epochs-quick.json"), *again]) == 0


def test_an_unknown_experiment_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["compare", "mnist"])
    assert "invalid choice: 'mnist'" in capsys.readouterr().err
