"""One hypothesis profile for all tests: the same examples on every machine, and no clock.

`make test-all` chooses another, `HYPOTHESIS_PROFILE=long`: many examples, others each time.
"""

import os
import re
from pathlib import Path

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

# The source distribution holds neither records nor notebooks (see pyproject.toml); what reads them
# there, or by a module beside it, is left out.
HERE = Path(__file__).parent
UNPACKED = (HERE.parent / "PKG-INFO").exists()
TEXTS = {file.stem: file.read_text(encoding="utf-8") for file in sorted(HERE.glob("*.py"))}
READERS = "|".join(
    name for name, text in TEXTS.items() if re.search(r"""["'](figures|notebooks)["'/]""", text)
)
collect_ignore = [
    f"{name}.py"
    for name, text in TEXTS.items()
    if UNPACKED and name.startswith("test_")
    and (name in READERS.split("|") or re.search(rf"^ *(from|import) ({READERS})\b", text, re.M))
]  # fmt: skip


def pytest_report_header():
    """Tell which tests are not here."""
    if collect_ignore:
        return f"no figures, no notebooks: left out are {', '.join(collect_ignore)}"
    return None
