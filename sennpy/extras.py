"""What to install when a package that sennpy can do without is missing."""

from contextlib import contextmanager
from importlib.util import find_spec

# The package that is imported, and the extra in pyproject.toml that brings it.
EXTRAS = {
    "numba": "fast",
    "threadpoolctl": "fast",
    "joblib": "fast",
    "sklearn": "sklearn",
    "matplotlib": "plots",
    "tqdm": "plots",
    "IPython": "notebooks",
    "dask": "cluster",
    "distributed": "cluster",
    "onnx": "onnx",
}


def how_to_install(package):
    """The command that brings a package, "" for one that is in no extra."""
    extra = EXTRAS.get(package.partition(".")[0])
    return f'pip install "sennpy[{extra}]"' if extra else ""


def advice(error):
    """What a ModuleNotFoundError says, with the command that brings the package."""
    command = how_to_install(error.name or "")
    said = str(error)
    return f"{said}: {command}" if command and command not in said else said


def require(package):
    """Raise ModuleNotFoundError, with the command that brings it, if a package is missing."""
    if find_spec(package) is None:
        error = ModuleNotFoundError(f"No module named {package!r}", name=package)
        raise ModuleNotFoundError(advice(error), name=package)


@contextmanager
def advised():
    """A context for imports: what is missing is told with the command that brings it."""
    try:
        yield
    except ModuleNotFoundError as error:
        said = advice(error)
        if said == str(error):
            raise
        raise ModuleNotFoundError(said, name=error.name, path=error.path) from error
