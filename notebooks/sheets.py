"""Writes the sheets: pages that are computed, readable in the repository and part of the book.

    python notebooks/sheets.py    writes those of SHEETS below

The cheat sheet comes from the register (`sennpy.equations`), the references from references.bib and
the notebooks that cite it, the results from the records in figures/ (see results.py), the house
from the package's imports (see house.py); book/fishers.txt is the text of fishers.md, whose example
is computed. Tests keep them in step.
"""

import re
from pathlib import Path

import numpy as np
from folding import number
from house import drawing
from results import results

from sennpy import MLP, SquaredError, fisher, kronecker_factors
from sennpy.equations import REGISTER

HERE = Path(__file__).parent
MADE = "<!-- made by `python notebooks/sheets.py` -->\n"
WIDE, HIGH, STEP, ROW, EDGE = 92, 24, 142, 38, 12  # boxes of the graph and their distances
COLOURS = {1: "#dbe9f6", 2: "#dbe9f6", 3: "#e3f1df", 4: "#fdebd0", 5: "#f6dcdc", 6: "#e6def2"}
GREY = "#eeeeee"
CITED = re.compile(r'\[([^]]+)\]\((https://\S+) "(\w+)"\)')


# --- The cheat sheet -----------------------------------------------------------------------------


def depth(label):
    """Number of steps on the longest way that leads to a label."""
    return 1 + max(map(depth, REGISTER[label].follows_from), default=-1)


def places():
    """Label to the (x, y) of its box: a column a depth, each beside what it follows from."""
    columns = {}
    for label in REGISTER:
        columns.setdefault(depth(label), []).append(label)
    at = {}
    for column in sorted(columns):

        def height(label):
            before = [at[other][1] for other in REGISTER[label].follows_from]
            return sum(before) / len(before) if before else 0

        for row, label in enumerate(sorted(columns[column], key=height)):
            at[label] = EDGE + column * STEP, EDGE + row * ROW + column % 2 * ROW // 2
    return at


def graph():
    """The graph of the labels as SVG: an arrow leads from what is used to what follows."""
    at = places()
    width = max(x for x, _ in at.values()) + WIDE + EDGE
    height = max(y for _, y in at.values()) + HIGH + EDGE
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        "<title>Which equation follows from which</title>",
        '<defs><marker id="tip" viewBox="0 0 6 6" refX="6" refY="3" markerWidth="6" '
        'markerHeight="6" orient="auto"><path d="M0 0 6 3 0 6z" fill="#555"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="white"/>',
    ]
    for label, (x, y) in at.items():
        for other in REGISTER[label].follows_from:
            start, end = at[other][0] + WIDE, at[other][1] + HIGH / 2
            bend = (start + x) / 2
            lines.append(
                f'<path d="M{start} {end:g} C{bend:g} {end:g} {bend:g} {y + HIGH / 2:g} {x} '
                f'{y + HIGH / 2:g}" fill="none" stroke="#555" marker-end="url(#tip)"/>'
            )
    for label, (x, y) in at.items():
        fill = COLOURS.get(REGISTER[label].section, GREY)
        lines.append(
            f'<rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="5" fill="{fill}" '
            f'stroke="#555"/><text x="{x + WIDE / 2:g}" y="{y + 16}" text-anchor="middle" '
            f'font-family="sans-serif" font-size="12" fill="#111">{label}</text>'
        )
    return "\n".join([*lines, "</svg>", ""])


def cheat_sheet():
    """Every label on one page: its formula, what it follows from, what computes it."""
    lines = [
        "# The cheat sheet", "", MADE,
        "Letters are those of [the symbols](symbols.md). An arrow leads from what a derivation "
        "uses to what follows; colours are the sections (how, where, what, when to add, removing; "
        "grey: the released code).",
        "", "![Which equation follows from which](cheat_sheet.svg)", "",
        "| label | what it says | formula | follows from | derived in | computed by |",
        "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for e in REGISTER.values():
        formula = e.latex.replace("|", r"\mid ")
        before = ", ".join(e.follows_from) or "the definitions"
        code = ", ".join(f"`{name}`" for name in e.names)
        notebook = f"[{number(e.notebook)}]({e.notebook}.ipynb)"
        cells = (e.label, e.statement, f"${formula}$", before, notebook, code)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


# --- Three Fishers -------------------------------------------------------------------------------


def rows(matrix):
    """A matrix as TeX."""
    lines = (" & ".join(f"{value:g}" for value in row) for row in np.atleast_2d(matrix))
    return r"$\begin{pmatrix} " + r" \\ ".join(lines) + r" \end{pmatrix}$"


def example():
    """The example's matrices by name: a line y = w x + b, x = 2 and 0, errors 1 and 3."""
    X, errors, drawn = np.array([[2.0], [0.0]]), np.array([[1.0], [3.0]]), np.array([1.0, -2.0])
    net, loss = MLP((np.zeros((2, 1)),)), SquaredError()
    a, N = net.forward(X).inputs[0], len(X)
    targets = net(X) - errors
    factors = kronecker_factors(net, X)[0]
    found = {
        "true": fisher(net, X, "true", loss),
        "sampled": np.einsum("n,ni,nj->ij", drawn**2, a, a) / N,
        "empirical": fisher(net, X, "empirical", loss, targets),
        "A": factors.A,
        "G": factors.G,
    }
    total = a.T @ a  # without 1/N
    for reduction, R in (("mean", 2 / N), ("sum", 2)):  # of MSELoss: the half is not there
        found[f"tutorial A {reduction}"], found["tutorial B"] = R * total, np.ones((1, 1))
        root = np.sqrt(2) * {"mean": 1 / N, "sum": 1.0}[reduction]  # of the loss's Hessian, a row
        correction = {"mean": N**2 / N, "sum": 1.0}[reduction]
        found[f"curvlinops G {reduction}"] = np.full((1, 1), N * root**2 * correction)
        half = np.sqrt(2) / {"mean": np.sqrt(N), "sum": 1.0}[reduction]
        found[f"backpack G {reduction}"] = np.full((1, 1), N * half**2)
    found["mean A"] = total / N
    found["backpack A"] = total[:1, :1] / N
    return found


def fishers():
    """The conventions of this package beside those of others, with numbers."""
    matrices = example()
    matrices |= {"mean": 2 * matrices["true"], "sum": 4 * matrices["true"]}
    text = (HERE / "book" / "fishers.txt").read_text(encoding="utf-8").replace("<<made>>", MADE)
    return re.sub("<<(.*?)>>", lambda m: rows(matrices[m[1]]), text)


# --- The references ------------------------------------------------------------------------------


def bibliography():
    """Key to fields of references.bib."""
    text = (HERE / "references.bib").read_text(encoding="utf-8")
    found = {}
    for key, body in re.findall(r"^@\w+\{(\w+),\n(.*?)^\}", text, re.M | re.S):
        found[key] = dict(re.findall(r"^ *(\w+) = \{(.*)\},$", body, re.M))
    return found


def address(entry):
    """Where an entry can be read."""
    if "doi" in entry:
        return f"https://doi.org/{entry['doi']}"
    return f"https://arxiv.org/abs/{entry['eprint']}" if "eprint" in entry else entry["url"]


def named(entry):
    """How running text names an entry: "Hassibi and Stork 1993"."""
    names = [author.split(",")[0] for author in entry["author"].split(" and ")]
    who = " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
    return f"{who} {entry['year']}"


def citations():
    """Key to the notebooks that cite it, and every citation as (text, address, key)."""
    where, all_of_them = {}, []
    for path in sorted((HERE / "source").glob("*.py")):
        text = re.sub(r"\n# ?", " ", path.read_text(encoding="utf-8"))
        for citation in CITED.findall(text):
            all_of_them.append(citation)
            where.setdefault(citation[2], set()).add(path.stem)
    return where, all_of_them


def references():
    """The list of references, each with the notebooks that cite it."""
    lines = ["# References", "", MADE]
    where = citations()[0]
    for key, entry in sorted(bibliography().items(), key=lambda item: named(item[1])):
        venue = entry.get("journal") or entry.get("booktitle") or "arXiv"
        numbers = [entry[field] for field in ("volume", "pages") if field in entry]
        details = ", ".join([venue, *(each.replace("--", "-") for each in numbers)])
        cited = ", ".join(f"[{number(name)}]({name}.ipynb)" for name in sorted(where.get(key, ())))
        work = f"{entry['title']}. {details}. <{address(entry)}>"
        lines.append(f"- **{named(entry)}.** {work} Cited in {cited}.")
    return "\n".join(lines) + "\n"


SHEETS = {
    "cheat_sheet.md": cheat_sheet,
    "cheat_sheet.svg": graph,
    "fishers.md": fishers,
    "references.md": references,
    "results.md": results,
    "house.svg": drawing,
}


def main():
    """Write all of them."""
    for name, make in SHEETS.items():
        (HERE / name).write_text(make(), encoding="utf-8")
    print("written:", *SHEETS)


if __name__ == "__main__":
    main()
