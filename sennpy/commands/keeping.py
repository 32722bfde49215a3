"""What a command keeps of what it has done, so that nothing is lost and nothing done twice."""

import contextlib
import itertools
import shlex
from pathlib import Path

from .shared import PROGRAM, positive, without

EVERY = 10  # epochs from one state that is written to the next
# Options that change no number, or whose content is compared instead of their words.
APART = {
    "command",
    "parser",
    "out",
    "json",
    "report",
    "jobs",
    "data",
    "task",
    "checkpoint",
    "every",
    "resume",
}


def keeping_options(command):
    """Add the options by which a command goes on after an interruption."""
    command.add_argument(
        "--checkpoint", type=Path, metavar="FOLDER",
        help="keep there what is done, to go on from whatever happens; without it, what has ended "
        "is kept until the command ends",
    )  # fmt: skip
    command.add_argument(
        "--every", type=positive, metavar="K",
        help=f"with --checkpoint: so many epochs from one state of a training that is written to "
        f"the next (default {EVERY})",
    )  # fmt: skip
    command.add_argument(
        "--resume", action="store_true", help="go on from what --checkpoint FOLDER holds"
    )


@contextlib.contextmanager
def keeping(arguments, name, settings, data=None):
    """A context with the `Store` of a command, which `arguments.store` has, too.

    Without --checkpoint the store stands beside what the command writes, and is removed when that
    is written, or when it holds nothing.

    Parameters
    ----------
    arguments : argparse.Namespace
    name : str
        Of what the command writes.
    settings : dict
        Plain values.
    data : dict, optional
        Plain values that tell the data, where no other option does.

    Raises
    ------
    ValueError, FileNotFoundError
        If options do not go together, or as `Store.begun` and `Store.resumed`.
    """
    from ..experiments.store import Store
    from ..versions import versions

    check(arguments)
    options = {key: value for key, value in vars(arguments).items() if key not in APART}
    origin = {"options": options, "settings": settings, "data": data, "versions": versions()}
    own = arguments.checkpoint is None
    if own:
        store = Store.begun(new_folder(arguments.out, name), origin)
    else:
        begin = Store.resumed if arguments.resume else Store.begun
        store = begin(arguments.checkpoint, origin, arguments.every or EVERY)
    arguments.store = store
    try:
        yield store
    except BaseException:
        if own and not store.told():
            store.remove()
        raise
    if own:
        store.remove()


def check(arguments):
    """ValueError unless the options by which a command goes on fit together."""
    if arguments.checkpoint is None and (arguments.resume or arguments.every):
        option = "--resume" if arguments.resume else "--every"
        raise ValueError(f"{option} goes with --checkpoint FOLDER, which is missing.")


def new_folder(out, name):
    """A folder that was not there, made: NAME-unfinished, or with a number behind it."""
    for number in itertools.count(1):
        folder = out / f"{name}-unfinished{f'-{number}' if number > 1 else ''}"
        with contextlib.suppress(FileExistsError):
            folder.mkdir(parents=True)
            return folder


def how_to_go_on(arguments, argv):
    """In words, what a command has kept and how to go on from it; "" if it has kept nothing."""
    store = getattr(arguments, "store", None)
    told = "" if store is None else store.told()
    if not told:
        return ""
    words = without([word for word in argv if word != "--resume"], store.options[0])
    line = shlex.join([*PROGRAM, *words, *store.options])
    return f"sennpy: {store.folder} keeps {told}. To go on:\n  {line}"
