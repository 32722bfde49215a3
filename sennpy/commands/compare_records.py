"""`sennpy compare A.json B.json`: two trainings on record, side by side and on one axis."""

import shlex
from pathlib import Path

from ..writing import check_writable, table
from .recorded import escaped, read_record
from .reporting import how_again


def is_record(word):
    """Whether a word of the command line is the file of a record."""
    return word.endswith(".json")


def compare_records(arguments):
    """Print both in a table, and write their page if one is asked for; the exit status."""
    files = [Path(word) for word in arguments.experiments]
    if len(files) != 2 or not all(map(is_record, arguments.experiments)):
        raise ValueError(
            f"compare takes experiments, or two records: {' '.join(arguments.experiments)} is "
            "neither; expected as in `sennpy compare A.json B.json`."
        )
    trainings = [training_of(file, name) for file, name in zip(files, names(files), strict=True)]
    print(table(["", *(escaped(t.name) for t in trainings)], rows(trainings)))
    pages = []
    if arguments.report is not None:
        from ..report import write_reports

        check_writable(arguments.report)
        size = write_reports(trainings, arguments.report)
        print(f"wrote {arguments.report}, {size} bytes")
        pages = [str(arguments.report)]
    arguments.summary = {
        "records": [str(file) for file in files],
        "rows": {name: cells for name, *cells in rows(trainings)},
        "files": pages,
    }
    return 0


def names(files):
    """What the two are called: the files' names, with their folders if these are the same."""
    stems = [file.stem for file in files]
    return stems if stems[0] != stems[1] else [file.with_suffix("").as_posix() for file in files]


def training_of(file, name):
    """The training on record in a file; ValueError, which names it, if there is none."""
    from ..report import Training

    record = read_record(file)
    try:
        return Training.of(record, name=name, **how_again(shlex.quote(file.name)))
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None


def rows(trainings):
    """What both have on record, a row each: [name, of the first, of the second]."""
    told = {
        "epochs": lambda t: str(len(t.history["epochs"])),
        "looks": lambda t: str(len(t.history["looks"])),
        "additions": lambda t: str(len(t.history["additions"])),
        "sizes": lambda t: "-".join(map(str, t.end)),
        "first loss": lambda t: number(t.history["epochs"][0]["loss"]),
        "last loss": lambda t: number(t.history["epochs"][-1]["loss"]),
        "validation loss": lambda t: number(t.history["epochs"][-1]["validation_loss"]),
        "seconds": lambda t: number(t.history["epochs"][-1]["seconds"]),
    }
    return [[name, *map(tell, trainings)] for name, tell in told.items()]


def number(value):
    """A number as it is printed."""
    return "none" if value is None else f"{value:.4g}"
