"""The README's tables that are made: of the register (`make equations`), of claims (`make claims`).

python tests/readme_table.py        writes them into README.md
"""

from pathlib import Path

from sennpy.equations import REGISTER
from sennpy.reading import read_json
from sennpy.studies.claims import markdown
from sennpy.writing import write_text

README = Path(__file__).parents[1] / "README.md"
CLAIMS = README.parent / "figures" / "claims.json"
OF_CLAIMS = "<!-- made by `make claims` -->\n"
FIRST, LAST = "<!-- made by `make equations` -->\n", "<!-- to here -->\n"


def readme_table():
    """The table in Markdown: label, statement, implementation, notebook."""
    lines = ["| label | statement | where | notebook |", "|---|---|---|---|"]
    for e in REGISTER.values():
        names = ", ".join(f"`{name}`" for name in e.names)
        lines.append(f"| {e.label} | {e.statement} | {names} | {e.notebook} |")
    return "\n".join(lines) + "\n"


def with_table(text):
    """A README's text with the table of labels of now."""
    return with_between(text, FIRST, readme_table())


def with_claims(text):
    """A README's text with the table of claims that figures/claims.json holds."""
    return with_between(text, OF_CLAIMS, markdown(read_json(CLAIMS)["claims"]))


def with_between(text, first, table):
    """A text with a table between its mark and the next end; ValueError if they are not there."""
    before, _, rest = text.partition(first)
    _, found, after = rest.partition(LAST)
    if not found:
        raise ValueError(f"the README holds no lines {first.strip()} and {LAST.strip()}.")
    return f"{before}{first}{table}{LAST}{after}"


if __name__ == "__main__":
    write_text(README, with_claims(with_table(README.read_text(encoding="utf-8"))))
