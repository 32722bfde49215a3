"""Timings of first calls: importing, and compiling the kernels into an empty cache."""

import json
import shutil
import sys
import tempfile
import time
from statistics import median

from ..kernels import enabled
from .timing import fresh

PLACE = "from sennpy.benchmarks.searching import random_place as p; from sennpy import *; "
FIRST = {
    "chains": PLACE + "MalaSearch(2, 1, 1).neurons(p(9, 1, 1), rng=0)",
    "profile": PLACE + "ProfileSearch(2, 1, 2).neurons(p(9, 1, 1), rng=0)",
    "layer": PLACE + "MalaSearch(2, 1, 1).layer(p(9, 1, 1, 2, 'layer'), rng=0)",
    "Jacobian": "from sennpy.training.jacobian import *; from sennpy import MLP\n"
    "outputs_and_jacobian(MLP.random((1, 1)), [[1.0]])",
    "half-moons": "from sennpy.cli import main; from tempfile import TemporaryDirectory as T\n"
    "with T() as out: main(['half-moons', '--quick', '--out', out])",
}
WANTED = {  # in yardsticks, see `timing`
    "chains": 730, "profile": 520, "layer": 780, "Jacobian": 500, "half-moons": 4080,
}  # fmt: skip
IMPORT = 1.4  # times NumPy and scipy.linalg; on a quiet machine that is 0.15 s more


def first_calls(clock):
    """Importing, and compiling: each kernel by itself, and all that a command needs."""
    yield importing(clock)
    if not enabled():
        print("compiling is left out: there are no kernels without numba, or with its JIT disabled")
        return
    for name, code in FIRST.items():
        told = []

        def call(code=code, told=told, name=name):
            cold, warm = first_and_second(code)
            told.append(cold["kernels"])
            if name == "half-moons":
                return cold["seconds"] - warm["seconds"]
            return max(cold["kernels"].values())

        seconds, units = clock.rounds(call, 1)
        (kernels,) = told
        what, numbers = (
            f"the slowest of {len(kernels)} kernels, by itself",
            {"kernel_seconds": kernels},
        )
        if name == "half-moons":
            what = "with an empty cache, less the same process with a full one"
            numbers = {"kernels": len(kernels)}
        yield clock.timing(
            f"compiling: {name}", what, seconds, units, against="yardstick", wanted=WANTED[name],
            numbers=numbers,
        )  # fmt: skip


def importing(clock):
    """Importing the package, in alternation with what it cannot do without."""
    needed, seconds = "import numpy, scipy.linalg", []
    fresh(needed, 1, warm=False)

    def call():
        seconds.extend(fresh(needed, 1, warm=False)[0])
        return fresh("import sennpy", 1, warm=False)[0][0]

    call()
    seconds.clear()
    ours, units = clock.rounds(call, max(clock.repeat, 5))
    return clock.timing(
        "import sennpy", "in fresh processes, in alternation with `import numpy, scipy.linalg`",
        ours, units, against="floor", wanted=IMPORT, floor_seconds=median(seconds),
        floor="NumPy and scipy.linalg",
        numbers={"more_seconds": median(ours) - median(seconds)},
    )  # fmt: skip


def first_and_second(code):
    """What `watch` tells of running code with an empty cache, and once more with that one."""
    folder, told = tempfile.mkdtemp(prefix="sennpy-bench-"), []
    watched = f"from sennpy.benchmarks.compiling import watch; watch({code!r})"
    try:
        for _ in range(2):
            _, said = fresh(watched, 1, warm=False, NUMBA_CACHE_DIR=folder)
            told.append(json.loads(said.splitlines()[-1]))
    finally:
        shutil.rmtree(folder)
    return told


def watch(code):
    """Run code; print its seconds, and those that each kernel took to compile, as JSON.

    A kernel's are without those of the kernels that it calls, which are compiled first.
    """
    from numba.core import event

    kernels, running = {}, []

    class Watch(event.Listener):
        def on_start(self, event):
            function = event.data["dispatcher"].py_func
            running.append([function, time.perf_counter(), 0.0])

        def on_end(self, event):
            function, start, inner = running.pop()
            whole = time.perf_counter() - start
            ours = function.__module__.startswith("sennpy.")
            if ours:
                kernels[function.__name__] = kernels.get(function.__name__, 0.0) + whole - inner
            if running:  # what numba compiles of its own counts for the kernel that needs it
                running[-1][2] += whole if ours else inner

    start = time.perf_counter()
    with event.install_listener("numba:compile", Watch()):
        exec(code, {})
    seconds = time.perf_counter() - start
    sys.stdout.write("\n" + json.dumps({"seconds": seconds, "kernels": kernels}) + "\n")
