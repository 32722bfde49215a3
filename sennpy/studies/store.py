"""Every run that has ended, in an SQLite file: nothing is lost, and nothing is done twice."""

import contextlib
import json
import sqlite3
from pathlib import Path

MADE = """
CREATE TABLE IF NOT EXISTS runs (
    study TEXT NOT NULL, configuration TEXT NOT NULL, seed INTEGER NOT NULL,
    version INTEGER NOT NULL, result TEXT NOT NULL,
    PRIMARY KEY (study, configuration, seed, version)
) WITHOUT ROWID
"""
PUT = "INSERT INTO runs VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
HELD = "SELECT configuration, result FROM runs WHERE study = ? AND version = ?"
PATIENCE = 60.0  # seconds to wait for another process that writes


class RowStore:
    """The runs of one version of a study in a file, which may hold others, too.

    Each `put` is on the disk when it returns, so that a process may be killed at any time. Several
    processes may use one file; a run that two of them have made counts once.

    Parameters
    ----------
    file : path
        Made if it is not there.
    study : str
    version : int
        Of the study's results: rows of others are not seen.

    Raises
    ------
    ValueError
        If the file is something else, naming it.
    OSError
        If it cannot be made or written.
    """

    def __init__(self, file, study, version):
        self.file, self.study, self.version = Path(file), study, int(version)
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.opened() as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(MADE)

    @property
    def options(self):
        """The words of the command line that go on from here."""
        return ["--store", str(self.file)]

    @property
    def folder(self):
        """What it is called where words tell of it."""
        return self.file

    @contextlib.contextmanager
    def opened(self):
        """A connection whose changes are kept when the block ends well; errors name the file."""
        try:
            with contextlib.closing(sqlite3.connect(self.file, timeout=PATIENCE)) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                with connection:
                    yield connection
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise OSError(f"{self.file} cannot be used: {error}.") from error
            raise ValueError(f"{self.file} is no store of studies: {error}.") from error

    def put(self, config, row):
        """Keep the row of a run that has ended, unless it is there."""
        key = (self.study, key_of(config), config["seed"], self.version)
        with self.opened() as connection:
            connection.execute(PUT, (*key, as_json(row)))

    def rows(self):
        """Rows by the key of their configuration, see `key_of`."""
        with self.opened() as connection:
            held = connection.execute(HELD, (self.study, self.version)).fetchall()
        return {configuration: json.loads(row) for configuration, row in held}

    def told(self):
        """In words, what it holds; "" if that is nothing."""
        number = len(self.rows())
        return f"{number} run{'s' * (number != 1)} that ended" if number else ""

    def remove(self):
        """Remove the file, and what SQLite keeps beside it."""
        for ending in ("", "-wal", "-shm"):
            self.file.with_name(self.file.name + ending).unlink(missing_ok=True)


def key_of(config):
    """A configuration as the text that it is known by: the same for the same values."""
    return json.dumps(config, sort_keys=True, allow_nan=False)


def as_json(row):
    """A row as text; ValueError if it holds what JSON cannot."""
    try:
        return json.dumps(row, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"a run gave {row!r:.300}, expected plain finite values, None for what there is not: "
            f"{error}."
        ) from error
