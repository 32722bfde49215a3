"""The linear algebra that NumPy and SciPy compute with: which it is, and its threads.

threadpoolctl tells and sets them. Where it is not installed the threads stay as they are, which
changes results by rounding and makes small networks slower.
"""

from contextlib import nullcontext
from importlib.util import find_spec


def blas_threads(number):
    """A context in which the linear algebra has so many threads; with None as many as it likes."""
    if find_spec("threadpoolctl") is None:
        return nullcontext()
    from threadpoolctl import threadpool_limits  # here: it looks at every library that is loaded

    return threadpool_limits(number, user_api="blas")


def blas():
    """The libraries in use, as "name version, kernels, threads", sorted."""
    import scipy.linalg  # noqa: F401  SciPy may bring its own

    if find_spec("threadpoolctl") is None:
        return ["not known without threadpoolctl"]
    from threadpoolctl import threadpool_info

    return sorted(
        f"{library['internal_api']} {library['version']}, {library.get('architecture', 'any')}, "
        f"threads: {library['num_threads']}"
        for library in threadpool_info()
        if library["user_api"] == "blas"
    )
