"""Two small trainings that grow, and a word for all that each of them gives; also as a script.

    python tests/trained.py              the words, by where the trainings ran, as JSON

It is a script so that a fresh process can run them, and fork without threads of pytest's.
"""

import hashlib
import json
import os
import threading

import numpy as np
from runs import QUICK, SOFTMAX, SQUARED, changed, curve, moons, sightings

from sennpy import MLP, SENN, CrossFitted, MalaSearch, ProfileSearch, Settings
from sennpy.growth.threads import threads

HELD_OUT = CrossFitted(ProfileSearch(candidates=8, refined=1, iterations=5), counts=(1, 2), folds=2)
TRAININGS = {
    "default": (SOFTMAX, Settings(epochs=12, cooldown=4, proposer=HELD_OUT), (2, 2), moons),
    "paper": (
        SQUARED,
        changed(QUICK, epochs=12, cooldown=5, proposer=MalaSearch(8, 2, 3), batch_size=16),
        (1, 1, 1), curve,
    ),
}  # fmt: skip


def fitted(name):
    """The outcome of a training."""
    loss, settings, sizes, data = TRAININGS[name]
    return SENN(loss, settings).fit(MLP.random(sizes, rng=0), *data())


def word(name):
    """A word that tells apart trainings of which a weight, a score or an addition differs."""
    net, history = fitted(name)
    text = sightings(history).encode() + net.parameters.tobytes() + repr(net.sizes).encode()
    return hashlib.sha256(text).hexdigest()[:16]


def words():
    """The words of all trainings, in one."""
    return " ".join(word(name) for name in TRAININGS)


def after_other_work():
    np.random.seed(1)  # noqa: NPY002  the state of it is nobody's
    np.random.standard_normal(7)  # noqa: NPY002
    SENN(SOFTMAX, Settings(epochs=2)).fit(MLP.random((2, 1, 2), rng=5), *moons(30, 5))
    return words()


def with_threads(count):
    with threads(count):
        return words()


def in_two_threads():
    found = []
    both = [threading.Thread(target=lambda: found.append(words())) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    return found


def in_loky():
    from joblib import Parallel, delayed

    return Parallel(n_jobs=2, backend="loky")(delayed(words)() for _ in range(2))


def in_forks():
    """Two children at once; each writes its words into a pipe."""
    ends = []
    for _ in range(2):
        read, write = os.pipe()
        if os.fork() == 0:
            os.write(write, words().encode())
            os._exit(0)
        os.close(write)
        ends.append(read)
    found = []
    for read in ends:
        with os.fdopen(read) as pipe:
            found.append(pipe.read())
        os.wait()
    return found


def everywhere():
    """Words by where the trainings ran."""
    return {
        "once": [words()],
        "again": [words()],
        "on one thread": [with_threads(1)],
        "on two threads": [with_threads(2)],
        "after other work": [after_other_work()],
        "in two threads at once": in_two_threads(),
        "in forks": in_forks() if hasattr(os, "fork") else [words()],
        "in loky": in_loky(),
    }


if __name__ == "__main__":
    print(json.dumps(everywhere()))
