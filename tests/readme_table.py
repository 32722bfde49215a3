"""The README's table "Where is what in the paper", made from the register (`make equations`).

python tests/readme_table.py        writes it into README.md
"""

from pathlib import Path

from sennpy.equations import REGISTER
from sennpy.writing import write_text

README = Path(__file__).parents[1] / "README.md"
FIRST, LAST = "<!-- made by `make equations` -->\n", "<!-- to here -->\n"


def readme_table():
    """The table in Markdown: label, statement, implementation, notebook."""
    lines = ["| label | statement | where | notebook |", "|---|---|---|---|"]
    for e in REGISTER.values():
        names = ", ".join(f"`{name}`" for name in e.names)
        lines.append(f"| {e.label} | {e.statement} | {names} | {e.notebook} |")
    return "\n".join(lines) + "\n"


def with_table(text):
    """A README's text with the table of now."""
    before, _, rest = text.partition(FIRST)
    _, found, after = rest.partition(LAST)
    if not found:
        raise ValueError(f"the README holds no lines {FIRST.strip()} and {LAST.strip()}.")
    return f"{before}{FIRST}{readme_table()}{LAST}{after}"


if __name__ == "__main__":
    write_text(README, with_table(README.read_text(encoding="utf-8")))
