"""Timings of a training step, and of whole runs in fresh processes."""

import os
from functools import partial
from pathlib import Path

import numpy as np

from ..blas import blas_threads
from ..curvature.fisher import fisher_product
from ..curvature.natural_gradient import cholesky_space
from ..curvature.preconditioner import preconditioner
from ..kernels import twins
from ..training.optimiser import NaturalGradient
from .problems import data_for
from .solving import Step


def steps(clock):
    """A step of the small networks of the paper's first two experiments."""
    for N, sizes, wanted in [(50, (1, 12, 1), 0.68), (200, (2, 3, 5, 2), 0.73)]:
        net, X, t, loss = data_for(sizes, N)
        optimiser = NaturalGradient()
        step = partial(optimiser.step, net, X, t, loss, np.random.default_rng(0), None)
        with blas_threads(1):  # as in a training of this size
            seconds, units = clock.timed(step, 200)
            with twins():
                slow = clock.least(step, 50)
        space = cholesky_space(N * sizes[-1], net.num_parameters, optimiser.damping)
        yield clock.timing(
            f"step {N} x {'-'.join(map(str, sizes))}",
            f"one natural-gradient step, Cholesky in {space} space, and the network after it",
            seconds, units, against="twin", wanted=wanted, twin_seconds=slow,
            numbers={"parameters": net.num_parameters, "space": space},
        )  # fmt: skip


def large_steps(clock):
    """A solve at MNIST's size: 100 plain conjugate-gradient steps, and as many preconditioned."""
    for dtype, wanted in [("float32", 1.25), ("float64", 1.69)]:
        step = Step(*data_for((784, 128, 10), 1024, dtype))
        arguments = step.trace, step.u
        for solver, name, what in [
            ("cg", "plain", "100 conjugate-gradient steps"),
            ("pcg", "preconditioned", "as many, Kronecker factors at hand"),
        ]:
            found = step.solve(solver, 100)
            seconds, units = clock.timed(lambda: step.solve(solver, 100))  # noqa: B023
            product = clock.least(
                lambda: fisher_product(*arguments, step.gradient),  # noqa: B023
                repeat=5,
            )
            judged = {"against": "floor", "wanted": wanted} if solver == "cg" else {}
            yield clock.timing(
                f"step 1024 x 784-128-10 {dtype}, {name}", what, seconds, units,
                floor_seconds=product * found.iterations, floor="its products F v",
                numbers={"steps": found.iterations, "residual": step.residual(found)}, **judged,
            )  # fmt: skip
        yield clock.timing(
            f"Kronecker factors 784-128-10 {dtype}", "made once in twenty such steps of a training",
            *clock.timed(lambda: preconditioner(*arguments, 0.1)),  # noqa: B023
        )  # fmt: skip


def whole_runs(clock):
    """Whole runs in fresh processes with warm caches, pictures apart."""
    for name, wanted in {"regression": 571, "half_moons": 991}.items():
        code = (
            f"from sennpy.experiments import {name} as e; r = e.run(e.PRESETS['default']); "
            "print(getattr(r, 'test_error', None) or r.test_loss, *r.hidden)"
        )
        seconds, units, said = clock.fresh(code, min(clock.repeat, 3))
        result, *hidden = said.split()
        yield clock.timing(
            f"run {name}", "the default preset, seed 0, in a fresh process without pictures",
            seconds, units, against="yardstick", wanted=wanted,
            numbers={"result": float(result), "hidden": [int(n) for n in hidden]},
        )  # fmt: skip


def mnist_run(clock):
    """All of MNIST, grown from 10 neurons; nothing where the files are not found."""
    from ..datasets.idx import FILES, cache

    folder = Path(os.environ.get("SENNPY_DATA") or cache())
    if not all((folder / name).is_file() for name in FILES):
        print(f"run mnist is left out: its files are not in {folder} ($SENNPY_DATA or the cache)")
        return
    code = (
        "from sennpy.experiments import mnist as e; r = e.run(e.PRESETS['default']); "
        "print(r.test_accuracy, *r.hidden)"
    )
    seconds, units, said = clock.fresh(code, 1, warm=False)
    accuracy, *hidden = said.split()
    yield clock.timing(
        "run mnist", "60,000 images, the default preset, seed 0, in a fresh process",
        seconds, units, against="yardstick", wanted=22_000,
        numbers={"accuracy": float(accuracy), "hidden": [int(n) for n in hidden]},
    )  # fmt: skip
