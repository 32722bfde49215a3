"""The versions that numbers depend on: of this package, and of what it computes with."""

import platform
from importlib.metadata import PackageNotFoundError, version

from .blas import blas
from .kernels import enabled
from .version import __version__

PACKAGES = ("numpy", "scipy", "matplotlib", "scikit-learn")


def versions():
    """Versions of Python, of this package and of those that the numbers depend on to the last bit.

    The linear algebra counts with its kernels and threads, and numba unless its kernels are not
    used: they decide in which order is added.
    """
    found = {"python": platform.python_version(), "sennpy": __version__}
    found |= {name: installed(name) for name in PACKAGES}
    return found | {"numba": version("numba") if enabled() else "not used", "blas": blas()}


def installed(name):
    """The version of a package, in words where there is none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
