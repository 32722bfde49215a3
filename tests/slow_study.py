"""A study for tests: each run takes a moment, and leaves a line in a file that counts it."""

import os
import time
from pathlib import Path

import numpy as np

from sennpy.studies.statistics import bootstrap
from sennpy.studies.verdict import judged

QUESTION = "Does a run that was counted count once?"
SEEDS = 6
VERSION = 1
COUNTED, PAUSE = "SENNPY_TEST_COUNTED", "SENNPY_TEST_PAUSE"


def grid(seeds, quick):
    """One run a seed and letter."""
    return [
        {"letter": letter, "seed": seed} for seed in range(seeds) for letter in "ab"[: 2 - quick]
    ]


def run(config):
    """A number that depends on the configuration alone, to the last bit."""
    with Path(os.environ[COUNTED]).open("a") as file:
        file.write(f"{config['letter']}{config['seed']} {os.getpid()}\n")
    time.sleep(float(os.environ.get(PAUSE, "0")))
    rng = np.random.default_rng([config["seed"], ord(config["letter"])])
    return {"found": float(rng.standard_normal(500) @ rng.standard_normal(500)), "seconds": 0.1}


def table(rows):
    """A line a letter."""
    return [
        {"letter": letter, "runs": sum(row["letter"] == letter for row in rows)}
        for letter in sorted({row["letter"] for row in rows})
    ]


def verdicts(rows):
    """Whether what was found is positive."""
    return [judged("none", "found", bootstrap([row["found"] for row in rows]), 0.0, len(rows))]
