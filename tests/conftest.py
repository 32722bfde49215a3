"""One hypothesis profile for all tests: the same examples on every machine, and no clock.

`make test-all` chooses another, `HYPOTHESIS_PROFILE=long`: many examples, others each time.
"""

import os

# Matrices here are tiny: threads of the linear algebra cost more than they bring, and much more on
# a busy machine. To be set before NumPy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

from hypothesis import HealthCheck, settings

settings.register_profile(
    "sennpy",
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "long", settings.get_profile("sennpy"), max_examples=500, derandomize=False, print_blob=True
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "sennpy"))
