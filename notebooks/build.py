"""Builds the notebooks: each source in percent format is executed from a clean kernel.

    python notebooks/build.py            execute all, write notebooks/*.ipynb
    python notebooks/build.py 01 03      only these
    python notebooks/build.py --check    execute, compare with what is there, write nothing

An unchanged source gives the same file again: cells are named after what they hold, and nothing
that depends on the time or the machine is kept.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

import jupytext
import nbformat
from folding import HIDDEN, folded, is_solution
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbclient.output_widget import OutputWidget
from outcomes import differences

from sennpy.writing import write_text

HERE = Path(__file__).parent
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
METADATA = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
QUIET = "--log-level=ERROR"  # kernels warn of TCP, which here never leaves the machine
TELL = "from sennpy.plots.described import tell; tell(get_ipython()); del tell"
IN_WORDS = f"--IPKernelApp.exec_lines={TELL}"  # a figure's text is what it shows: the book's alt
WIDGET = "application/vnd.jupyter.widget-view+json"
AT_ONCE = 2  # each kernel uses one thread
LONGEST = 300  # seconds a cell may take


class Silent(OutputWidget):
    """What `interact` draws into: kept from the cell's outputs, and not sent back to the kernel.

    Sending on the socket at which the client waits for its reply can lose the reply's wake-up, and
    the build then stands still until LONGEST is over.
    """

    def send(self, data=None, metadata=None, buffers=None):
        """Send nothing: no widget outlives the build."""


def converted(source):
    """The notebook of a source in percent format, not yet executed."""
    notebook = jupytext.reads(source.read_text(encoding="utf-8"), fmt="py:percent")
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = METADATA
    seen = {}
    for cell in notebook.cells:
        text = f"{cell.cell_type}\n{cell.source}"
        seen[text] = seen.get(text, 0) + 1
        cell.id = sha256(f"{text}\n{seen[text]}".encode()).hexdigest()[:8]
        tags = cell.metadata.get("tags", [])
        cell.metadata = {"tags": tags} if tags else {}
        if is_solution(cell):
            cell.source = folded(cell.cell_type, cell.source)
            cell.metadata |= HIDDEN if cell.cell_type == "code" else {}
    return notebook


def executed(source):
    """The notebook with its outputs, run from its first cell to its last in a kernel of its own."""
    notebook = converted(source)
    client = NotebookClient(
        notebook,
        timeout=LONGEST,
        kernel_name=KERNEL["name"],
        resources={"metadata": {"path": str(HERE)}},
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=[QUIET, IN_WORDS],
    )
    client.widget_registry = {"@jupyter-widgets/output": {"OutputModel": Silent}}
    client.execute()
    notebook.metadata = METADATA  # and no state of widgets
    for cell in notebook.cells:
        if cell.cell_type == "code":  # a widget lives only as long as its kernel
            cell.outputs = [out for out in cell.outputs if WIDGET not in out.get("data", {})]
    return notebook


def build(source, check):
    """Execute one source and write or compare its notebook; a list of what went wrong."""
    start, path = time.perf_counter(), HERE / f"{source.stem}.ipynb"
    try:
        notebook = executed(source)
    except CellExecutionError as error:
        return [f"{source.stem}: {error}"]
    wrong = []
    if check and not path.exists():
        wrong = [f"{path.name} is missing; run make notebooks"]
    elif check:
        wrong = differences(notebook, nbformat.read(path, as_version=4))
    else:
        write_text(path, nbformat.writes(notebook) + "\n")
    print(f"{source.stem:<36} {time.perf_counter() - start:6.1f} s", flush=True)
    return [f"{source.stem}: {line}" for line in wrong]


def main():
    """Build or check the notebooks that the command line names; exit with what went wrong."""
    parser = argparse.ArgumentParser(description="Build the notebooks from notebooks/source.")
    parser.add_argument("names", nargs="*", help="beginnings of names, as 01 (default: all)")
    parser.add_argument("--check", action="store_true", help="execute and compare, write nothing")
    wanted = parser.parse_args()
    sources = sorted((HERE / "source").glob("*.py"))
    for name in wanted.names:
        if not any(source.stem.startswith(name) for source in sources):
            parser.error(f"no source begins with {name!r}: {[s.stem for s in sources]}")
    if wanted.names:
        sources = [s for s in sources if s.stem.startswith(tuple(wanted.names))]
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[variable] = "1"
    os.environ.pop("SENNPY_DATA", None)  # stored outputs come from data that everyone has
    beside = [str(HERE.parent), os.environ.get("PYTHONPATH", "")]  # the package of this clone
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, beside))
    # Processes, not threads: two event loops in one have been seen to miss a kernel's reply.
    with ProcessPoolExecutor(AT_ONCE, get_context("spawn")) as pool:
        results = list(pool.map(partial(build, check=wanted.check), sources))
    sys.exit("\n\n".join(line for lines in results for line in lines) or None)


if __name__ == "__main__":
    main()
