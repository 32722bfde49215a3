"""What is on record of the comparison with other packages; `make peers` itself is not run here."""

import ast
import json
import re
from pathlib import Path

import pages
import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RECORD = json.loads((ROOT / "figures" / "peers.json").read_text(encoding="utf-8"))
ROWS = RECORD["rows"]
FILES = {path.name: ast.parse(path.read_text()) for path in (ROOT / "tests/peers").glob("*.py")}
RATIOS = [row for row in ROWS if "standard errors" not in row["convention"]]


def peers():
    """The distributions that the conftest of tests/peers asks for."""
    (named,) = (
        ast.literal_eval(node.value)
        for node in FILES["conftest.py"].body
        if isinstance(node, ast.Assign) and node.targets[0].id == "PEERS"
    )
    return set(named)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['peer']}: {row['quantity']}")
def test_both_sides_agree_and_say_by_which_convention(row):
    assert 0 <= row["largest_relative_difference"] <= row["tolerance"]
    assert row["cases"] > 0 and row["convention"] and row["ours"] and row["theirs"]


def test_tolerances_are_tight():
    assert all(row["tolerance"] <= 1e-6 for row in RATIOS)
    assert len(ROWS) == len(RATIOS) + 1
    assert len({(row["peer"], row["quantity"]) for row in ROWS}) == len(ROWS)


def test_every_peer_is_asked_for_installed_and_compared_with():
    extra = (ROOT / "pyproject.toml").read_text().split("\npeers = [")[1].split("\n]")[0]
    asked = set(re.findall(r'^ *"([\w-]+)>=', extra, re.M)) - {"pytest"}
    assert asked == peers() == {row["peer"] for row in ROWS}
    assert asked <= set(RECORD["versions"])


def test_the_record_holds_what_the_tests_declare():
    """Every `Row(...)` of tests/peers is a row or, in a comprehension, several."""
    declared = [
        node
        for tree in FILES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "Row"
    ]
    plain = {
        node.args[1].value
        for node in declared
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant)
    }
    assert len(declared) > 40 and plain <= {row["quantity"] for row in ROWS}


def test_the_page_tells_every_row():
    page = pages.peers(RECORD)
    for row in ROWS:
        (line,) = (line for line in page.splitlines() if line == pages.agreement(row))
        assert f"| {row['largest_relative_difference']:.1e} |" in line
        assert line.count(" | ") == 6
    for peer in peers():
        assert f"\n## {peer} {RECORD['versions'][peer]}\n" in page
    differs = [row for row in ROWS if row["differs"]]
    assert differs and all(row["differs"] in page for row in differs)


def test_what_the_readme_says_is_on_record():
    said = README.split("## Agrees with\n")[1].split("\n## ")[0].replace("\n", " ")
    close = sum(row["largest_relative_difference"] < 1e-11 for row in RATIOS)
    largest = max(RATIOS, key=lambda row: row["largest_relative_difference"])
    rest = next(row for row in ROWS if row not in RATIOS)
    cases = sum(row["cases"] for row in ROWS)
    assert f"{len(ROWS)} rows (a quantity beside a peer) in {cases:,} comparisons" in said
    apart = (
        f"{largest['largest_relative_difference']:.1e} ({largest['peer']}, {largest['quantity']})"
    )
    assert f"{close} of them to 1e-11, none by more than {apart}" in said
    assert f"within {rest['largest_relative_difference']:.1f} standard errors" in said
    for peer in peers():
        assert f"{peer} {RECORD['versions'][peer]}" in said
