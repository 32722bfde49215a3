"""The versions that numbers depend on: of this package, and of what it computes with."""

import platform
from importlib.metadata import version

from .kernels import enabled
from .version import __version__

PACKAGES = ("numpy", "scipy", "matplotlib", "scikit-learn")


def versions():
    """Versions of Python, of this package and of those that the numbers depend on to the last bit.

    The linear algebra counts with its kernels and threads, and numba unless its kernels are not
    used: they decide in which order is added.
    """
    found = {"python": platform.python_version(), "sennpy": __version__}
    found |= {name: version(name) for name in PACKAGES}
    return found | {"numba": version("numba") if enabled() else "not used", "blas": blas()}


def blas():
    """The linear algebra libraries in use, as "name version, kernels, threads", sorted."""
    import scipy.linalg  # noqa: F401  SciPy may bring its own
    from threadpoolctl import threadpool_info

    return sorted(
        f"{library['internal_api']} {library['version']}, {library.get('architecture', 'any')}, "
        f"threads: {library['num_threads']}"
        for library in threadpool_info()
        if library["user_api"] == "blas"
    )
