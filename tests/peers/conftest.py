"""Double precision everywhere, peers that must be there, and the table at the end."""

from importlib import metadata
from pathlib import Path

import pytest

PEERS = {  # name of the distribution: name of the module
    "torch": "torch",
    "jax": "jax",
    "curvlinops-for-pytorch": "curvlinops",
    "nngeometry": "nngeometry",
    "blackjax": "blackjax",
    "gromo": "gromo",
}


def pytest_addoption(parser):
    parser.addoption("--record", metavar="FILE", help="write the table there if all agree")


def pytest_configure(config):
    missing = []
    for name, module in PEERS.items():
        try:
            __import__(module)
        except ImportError as error:
            missing.append(f"{name} cannot be imported ({error})")
    if missing:
        raise pytest.UsageError(
            "; ".join(missing) + ". All peers are needed: `make peers` installs them, "
            "`pip install 'sennpy[peers]'` too."
        )
    import jax
    import torch

    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    jax.config.update("jax_enable_x64", True)


def rows():
    """The rows of the table, as dicts."""
    from agreement import ROWS

    return [
        {
            "quantity": row.quantity,
            "ours": row.ours,
            "peer": row.peer,
            "theirs": row.theirs,
            "convention": row.convention,
            "differs": row.differs,
            "cases": row.cases,
            "largest_relative_difference": row.difference,
            "tolerance": row.tolerance,
        }
        for row in ROWS
    ]


def pytest_sessionfinish(session, exitstatus):
    path = session.config.getoption("record")
    if path is None or exitstatus != 0:
        return
    found = rows()
    unused = [row["quantity"] for row in found if not row["cases"]]
    if unused:
        raise pytest.UsageError(f"not compared in this run, so not recorded: {', '.join(unused)}")
    from sennpy.versions import versions
    from sennpy.writing import write_json

    known = versions() | {name: metadata.version(name) for name in PEERS}
    write_json(Path(path), {"command": "make peers", "versions": known, "rows": found})


def pytest_terminal_summary(terminalreporter):
    from sennpy.writing import table

    lines = [
        [row["quantity"], row["peer"], f"{row['largest_relative_difference']:.1e}",
         f"{row['tolerance']:.0e}", row["cases"]]
        for row in rows()
    ]  # fmt: skip
    terminalreporter.write_line(
        table(["quantity", "peer", "difference", "tolerance", "cases"], lines, left=2)
    )
