"""The page: one file of HTML with its data, style and script, and nothing fetched."""

import json
import re
from html import escape
from importlib.resources import files

from ..explorables.fragment import text
from ..writing import write_text
from .content import COARSER, content
from .training import Training

LARGEST = 1_000_000  # bytes


def write_report(history, path, recorder=None, settings=None, name="A training"):
    """Write the growth X-ray of a training: one page that opens from a file, and fetches nothing.

    Parameters
    ----------
    history : History or dict
        Of a training, or the record of one that an experiment has written as JSON.
    path : str or os.PathLike
        Used as it is; a file of that name is replaced once the new one is complete.
    recorder : Recorder, optional
        The callback that the training had: without it there are no networks to be drawn. With
        samples it also shows what they decide or fit.
    settings : Settings, optional
        For the diagnosis, and to be told; a record has its own.
    name : str
        What the page calls it.

    Returns
    -------
    int
        Bytes of the page; at most 1,000,000, and what was thinned for that is told on it.

    Raises
    ------
    TypeError, ValueError
        If the history is none or has no epoch, or the recorder is of another training.
    OSError
        If the page cannot be written.

    Notes
    -----
    Paper: (E13), Theorem 3.1, section 7. Equal trainings give equal bytes: seconds are left out.
    """
    return write_reports([Training.of(history, recorder, settings, name=name)], path)


def write_reports(trainings, path):
    """Write one page of several trainings on one axis; its bytes, errors as `write_report`."""
    page = html(trainings)
    write_text(path, page)
    return len(page.encode("utf-8"))


def html(trainings):
    """The page as text, thinned until it is no larger than `LARGEST` bytes."""
    for thin in COARSER:
        page = filled(content(trainings, thin))
        if len(page.encode("utf-8")) <= LARGEST:
            return page
    size = len(page.encode("utf-8"))
    raise ValueError(f"the page has {size} bytes however thin, expected at most {LARGEST}.")


def filled(data):
    """The page of one JSON block."""
    block = json.dumps(data, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    parts = {
        "title": escape(data["title"]),
        "style": own("page.css"),
        "data": block.replace("<", "\\u003c"),
        "kit": text("kit.js"),
        "script": own("page.js"),
    }
    return re.sub("@@([a-z]+)@@", lambda mark: parts[mark[1]], own("page.html"))


def own(name):
    """A file of this folder."""
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
