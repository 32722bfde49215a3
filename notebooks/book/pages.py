"""The pages of the book that are made: from the README, the register and the package."""

import inspect
import pkgutil
import re
import shutil
from importlib import import_module
from pathlib import Path

import sennpy
from sennpy import equations

FIRST, LAST = "<!-- made by `make equations` -->\n", "<!-- to here -->\n"  # around its table
DRAWS = 50  # random cases on which the register's page compares both sides
ROOMS = (  # in the order of the house; others follow by name
    "nn", "curvature", "expansion", "growth", "training", "kernels", "equations", "datasets",
    "plots", "explorables", "experiments", "studies", "benchmarks",
)  # fmt: skip
FILES = "What stands in no room: how arguments are checked and numbers written, and the like."
PUBLIC = {
    name: f"{thing.__module__}.{name}"
    for name, thing in ((name, getattr(sennpy, name)) for name in sennpy.__all__)
    if hasattr(thing, "__module__")
}
LABEL = re.compile("|".join(re.escape(label) for label in equations.REGISTER))
NOT_PROSE = "|".join((  # where a label of Markdown is no link: headings, code, math, links, tags
    r"^#+ .*$", r"```[\s\S]*?```", r"`[^`\n]*`", r"\$\$[\s\S]*?\$\$", r"\$[^$]+\$",
    r"!?\[[^]]*\]\([^)]*\)", r"<[^>\n]+>",
))  # fmt: skip
PROSE = re.compile(rf"(?P<no>{NOT_PROSE})|{LABEL.pattern}", re.M)
COMMAND_LINE = ("__main__", "cli", "commands")  # documented by --help
SHEETS = (  # beside the notebooks
    "symbols", "cheat_sheet", "fishers", "sections", "references", "reading_micro", "quiz",
    "find_the_bug", "syllabus", "results",
)  # fmt: skip


def anchor(label):
    """The id of an equation on the register's page: "Theorem 3.2" to label-theorem-3-2."""
    return "label-" + re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")


def with_labels(text):
    """Markdown in which each label of the register is a link, where it stands in running text."""
    return PROSE.sub(lambda m: m[0] if m["no"] else f"[{m[0]}](#{anchor(m[0])})", text)


def slug(heading):
    """The anchor of a section, which stays when sections are numbered anew."""
    words = re.sub(r"^\d+\.? ", "", heading.strip()).lower()
    return re.sub(r"[^\w]+", "-", words).strip("-")


def derivation(label, notebook):
    """The anchor of the section of a notebook (as JSON) that derives a label; empty if none does.

    It is the lesson that names the label in its heading, or the first that displays equations and
    mentions it.
    """
    text = "\n\n".join(
        "".join(cell["source"])
        for cell in notebook["cells"]
        if cell["cell_type"] == "markdown" and "solution" not in cell["metadata"].get("tags", [])
    )
    lessons = re.findall(r"^## (\d+\. .*)$((?:\n(?!## ).*)*)", text, re.M)
    told = [heading for heading, _ in lessons if label in heading]
    told += [heading for heading, body in lessons if label in body and "$$" in body]
    return slug(told[0]) if told else ""


def marked_up(line):
    """A line in which names and labels are links, and other signs of markup are escaped."""
    parts = re.split(r"(`[^`]+`)", line)
    for i, part in enumerate(parts):
        if i % 2:
            inner = part.strip("`")
            parts[i] = f":py:obj:`{inner} <{PUBLIC[inner]}>`" if inner in PUBLIC else part
        else:
            part = re.sub(r"([*|]|(?<=\w)_(?!\w))", r"\\\1", part)
            parts[i] = LABEL.sub(lambda m: f":ref:`{m[0]} <{anchor(m[0])}>`", part)
    return "".join(parts)


REFERENCE = ("equations", "studies/index", "peers", "api/index")


def toctree(caption, pages):
    """A part of the navigation."""
    return "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```", ""])


def landing(readme, notebooks):
    """The README, with the contents of the book below its picture and without its equations."""
    before, _, rest = readme.partition(FIRST)
    _, found, after = rest.partition(LAST)
    if not found:
        raise ValueError(f"the README holds no lines {FIRST.strip()} and {LAST.strip()}.")
    start, heading, rest = f"{before}[The table of equations](equations.md)\n{after}".partition(
        "\n## "
    )
    contents = [
        "\n## In this book",
        "",
        "- [The course](course.md): notebooks from a single neuron to the paper's experiments",
        "- [The cheat sheet](cheat_sheet.md) and [the symbols](symbols.md), a page each",
        "- [The equations](equations.md): every labelled one, what computes it, both of its sides",
        "- [What it reaches](results.md): all results, from their records",
        "- [The studies](studies/index.md): what the paper claims, measured",
        "- [Agrees with](peers.md): the same quantities computed by other packages",
        "- [The package](api/index.rst): what each function takes, gives and cites",
        "",
    ]
    return "\n".join(
        [
            start,
            *contents,
            heading[1:] + rest,
            toctree("Notebooks", ["course", *notebooks]),
            toctree(
                "Reference",
                [*SHEETS, "equations", "studies/index", "peers", "api/index", "genindex"],
            ),
        ]
    )


def course(readme, titles):
    """What the README of the notebooks says to readers; `titles`: notebook to its title."""
    text = with_labels(readme.partition("\n## ")[0])
    for name, title in titles.items():
        text = re.sub(rf"\b{name}\b", f"[{title}]({name}.ipynb)", text)
    return text


def sheets():
    """The pages that stand beside the notebooks, file name to text; code and labels are links."""
    folder, found = Path(__file__).parents[1], {}
    for name in SHEETS:
        text = (folder / f"{name}.md").read_text(encoding="utf-8")
        text = re.sub(r"`(sennpy(?:\.\w+)+)`", r"{py:obj}`\1`", text)
        found[f"{name}.md"] = with_labels(text.replace("](../figures/", "](figures/"))
    found["cheat_sheet.svg"] = (folder / "cheat_sheet.svg").read_text(encoding="utf-8")
    return found


def copied_pictures(text, folder):
    """The text of a page for a folder, into which the pictures of figures/ that it shows go."""
    for link in re.findall(r"\]\((figures/[\w-]+\.(?:png|gif))\)", text):
        (folder / link).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(__file__).parents[2] / link, folder / link)
    return text


# --- The register --------------------------------------------------------------------------------


def register(titles, notebooks):
    """The page of equations; notebooks' names to their titles, and to themselves (as JSON)."""
    results = equations.run(draws=DRAWS).results
    parts = ["# The equations", "", inspect.getdoc(equations).splitlines()[0], ""]
    parts += ["| label | statement |", "|---|---|"]
    parts += [
        f"| [{e.label}](#{anchor(e.label)}) | {e.statement} |" for e in equations.REGISTER.values()
    ]
    section = None
    for result in results:
        heading = inspect.getmodule(result.equation.check).__doc__.splitlines()[0]
        if heading != section:
            parts += ["", f"## {heading.rstrip('.')}"]
            section = heading
        parts += entry(result, titles, notebooks)
    return "\n".join(parts) + "\n"


def entry(result, titles, notebooks):
    """Lines on one equation: its formula, where it is computed and derived, and both sides."""
    e = result.equation
    things = ", ".join(
        f"{{any}}`{thing.__name__} <{thing.__module__}.{thing.__qualname__}>`"
        for thing in e.implementations
    )
    derived = e.notebook
    if derived in titles:
        place = f"#{derivation(e.label, notebooks[derived])}".rstrip("#")
        derived = f"[{titles[derived]}]({derived}.ipynb{place})"
    lines = [
        "",
        f"({anchor(e.label)})=",
        f"### {e.label}",
        "",
        f"{e.statement[0].upper()}{e.statement[1:]}.",
    ]
    lines += ["", "$$", e.latex, "$$", "", f"- computed by {things}", f"- derived in {derived}"]
    lines += [f'- to run: `sennpy equations "{e.label}"`', ""]
    lines += [f"Both sides, where they come nearest to failing in {result.cases} random cases:", ""]
    lines += ["| compared | left | | right |", "|---|---:|:-:|---:|"]
    for side in result.sides:
        left, right = side.worst
        what, relation = side.what.replace("|", r"\|"), side.relation.replace("<=", "≤")
        lines.append(f"| `{what}` | {left:.6g} | {relation} | {right:.6g} |")
    return lines


# --- Other packages ------------------------------------------------------------------------------

AGREES = """# Agrees with

`make peers` computes the same quantities here and by other packages, in double precision on random
networks (one to three hidden layers; Rational, Tanh, ReLU; squared error, softmax), and writes what
is told here: how far apart the two are at most, in units of the largest entry of theirs, and what
theirs is turned into ours by: who carries 1/N, 1/2, the mean over outputs (N samples, m outputs).
"""


def peers(record):
    """The page of `figures/peers.json`: a table for each package, and where they differ."""
    parts, rows = [AGREES], record["rows"]
    for peer in dict.fromkeys(row["peer"] for row in rows):
        parts += [f"## {peer} {record['versions'][peer]}", ""]
        parts += ["| quantity | here | there | convention | apart | tolerance | compared |"]
        parts += ["|---|---|---|---|---:|---:|---:|"]
        parts += [agreement(row) for row in rows if row["peer"] == peer] + [""]
    parts += ["## Where they differ", ""]
    parts += [
        f"- {row['peer']}, {row['quantity']}: {row['differs']}." for row in rows if row["differs"]
    ]
    return "\n".join(parts) + "\n"


def agreement(row):
    """A row of such a table."""
    cells = [
        row["quantity"],
        f"`{row['ours']}`",
        row["theirs"],
        row["convention"],
        f"{row['largest_relative_difference']:.1e}",
        f"{row['tolerance']:.0e}" if row["tolerance"] < 1 else f"{row['tolerance']:g}",
        str(row["cases"]),
    ]
    return "| " + " | ".join(cell.replace("|", r"\|").replace("*", r"\*") for cell in cells) + " |"


# --- The package ---------------------------------------------------------------------------------


def rooms():
    """Room to (what it is, names of its modules), in order; `files` are those in no folder."""
    found, files = {}, []
    for module in pkgutil.iter_modules(sennpy.__path__, "sennpy."):
        name = module.name.partition(".")[2]
        if name in COMMAND_LINE:
            continue
        if module.ispkg:
            package = import_module(module.name)
            inside = pkgutil.walk_packages(package.__path__, module.name + ".")
            modules = [m.name for m in inside if not m.ispkg]
            found[name] = (inspect.getdoc(package).splitlines()[0], in_order(modules))
        else:
            files.append(module.name)
    found["files"] = (FILES, in_order(files))
    last = sorted(set(found) - set(ROOMS))
    return {name: found[name] for name in [*ROOMS, *last] if name in found}


def in_order(modules):
    """Modules with names that `sennpy` exports first, then those that help them."""
    public = {getattr(getattr(sennpy, name), "__module__", None) for name in sennpy.__all__}
    return sorted(modules, key=lambda module: (module not in public, module))


def title(text, line):
    """A heading of reStructuredText."""
    return [text, line * len(text), ""]


def room(name, what, modules):
    """The page of a room: each of its modules with its functions and classes."""
    lines = [*title(name, "="), marked_up(what), ""]
    for module in modules:
        lines += [*title(module.removeprefix("sennpy.").removeprefix(f"{name}."), "-")]
        lines += [f".. automodule:: {module}", ""]
    return "\n".join(lines)


def api():
    """Pages of the package, file name to text."""
    found = rooms()
    rule = "Each room uses only those before it, and files; kernels are reached through a switch."
    index = [*title("The package", "="), rule, ""]
    index += [".. toctree::", "   :hidden:", "", *(f"   {name}" for name in found), ""]
    for name, (what, modules) in found.items():
        index += [f":doc:`{name}`", f"   {marked_up(what)}", ""]
        for module in modules:
            first = inspect.getdoc(import_module(module)).splitlines()[0]
            index += [f"   - :py:mod:`{module}`: {marked_up(first)}"]
        index += [""]
    pages = {f"{name}.rst": room(name, *found[name]) for name in found}
    return {"index.rst": "\n".join(index), **pages}
