"""The rules of the house: what may import what, how long a file is, what a docstring says."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import sennpy

ROOT = Path(sennpy.__file__).parent
FILES = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*.py"))}
ROOMS = ("nn", "curvature", "expansion")
SLOW_TO_IMPORT = {"numba", "matplotlib", "tqdm", "sklearn"}
DIFFERENTIATES_FOR_US = {"jax", "torch", "autograd", "tensorflow"}
PUBLIC = {name: getattr(sennpy, name) for name in sennpy.__all__}
FUNCTIONS = {name: thing for name, thing in PUBLIC.items() if inspect.isfunction(thing)}
OF_THE_PAPER = [
    name for name, thing in FUNCTIONS.items() if thing.__module__ != "sennpy.training.checkpoint"
]
CLASSES = {name: thing for name, thing in PUBLIC.items() if inspect.isclass(thing)}


def imports(file):
    """Dotted names of all modules that a file imports, wherever in it; ours begin with sennpy."""
    package = ("sennpy", *Path(file).parent.parts)
    for node in ast.walk(ast.parse(FILES[file].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            names = [f"{module}.{alias.name}" for alias in node.names]
            yield from names if is_package(module) else [module]


def is_package(module):
    """Whether a module is a folder of ours, so that modules can be imported from it."""
    first, *rest = module.split(".")
    return first == "sennpy" and ROOT.joinpath(*rest, "__init__.py").exists()


def modules(file):
    """First words of the modules that a file imports."""
    return {name.split(".")[0] for name in imports(file)}


# --- What may import what ------------------------------------------------------------------------


@pytest.mark.parametrize("file", [f for f in FILES if f.split("/")[0] in ROOMS])
def test_the_rooms_import_nothing_that_is_slow_or_draws(file):
    assert not modules(file) & SLOW_TO_IMPORT


@pytest.mark.parametrize("file", FILES)
def test_no_derivative_is_left_to_a_library(file):
    assert not modules(file) & DIFFERENTIATES_FOR_US


# Rooms in the order in which the paper builds; each imports from itself and from those before it.
# `kernels` stands below the stairs: `growth` and `training` reach for it through its switch.
ORDER = (
    "validation", "report", "kernels", "nn", "curvature", "expansion", "growth", "training",
    "datasets", "plots", "experiments", "equations", "benchmarks", "commands", "cli", "__main__",
)  # fmt: skip


def room_of(file):
    """The room that a file stands in."""
    return file.split("/")[0].removesuffix(".py")


def rooms_used(file):
    """The rooms that a file imports from."""
    return {n.split(".")[1] for n in imports(file) if n.startswith("sennpy.")}


@pytest.mark.parametrize("file", [f for f in FILES if f != "__init__.py"])
def test_a_room_imports_from_rooms_above_it_only(file):
    assert rooms_used(file) <= set(ORDER[: ORDER.index(room_of(file)) + 1])


@pytest.mark.parametrize("file", [f for f in FILES if f.split("/")[0] in ROOMS])
def test_the_heart_knows_no_kernels(file):
    assert not rooms_used(file) & {"kernels", "report"}


def test_only_experiments_register_and_bench_reach_for_the_released_code():
    users = {f for f in FILES if any(n.startswith("sennpy.growth.released") for n in imports(f))}
    assert users
    assert all(f.startswith(("experiments/", "equations/", "benchmarks/")) for f in users)


def test_importing_the_package_imports_nothing_slow():
    code = f"import sys, sennpy; print(*sorted({SLOW_TO_IMPORT} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_imports_looked_at_are_those_that_are_there():
    assert "sennpy.expansion.grow" in set(imports("growth/look.py"))
    assert "sennpy.experiments.half_moons" in set(imports("commands/half_moons.py"))
    assert "tqdm" in modules("commands/shared.py") and "matplotlib" in modules("plots/style.py")


# --- Files and names -----------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_a_file_fits_in_the_head(file):
    text = FILES[file].read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 350
    assert ast.get_docstring(ast.parse(text)), "a file says in its first line what it holds"


def test_public_names_are_sorted_and_lead_somewhere():
    assert len(set(sennpy.__all__)) == len(sennpy.__all__)
    assert all(hasattr(sennpy, name) for name in sennpy.__all__)
    kinds = [(not name.isupper(), name[0].islower(), name.lower()) for name in sennpy.__all__]
    assert kinds == sorted(kinds)
    assert all(inspect.getmodule(thing).__name__.startswith("sennpy.") for thing in PUBLIC.values())


# --- Docstrings ----------------------------------------------------------------------------------


def sections(thing):
    """The sections of a docstring: headings to the lines under them."""
    lines, found, heading = inspect.getdoc(thing).splitlines(), {}, ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if following and set(following) == {"-"}:
            assert len(following) == len(line), f"the line under {line} is not as long"
            heading = line
        elif set(line) != {"-"}:
            found.setdefault(heading, []).append(line)
    return found


def entries(lines):
    """Names in a section of a docstring, each with its type (which may be empty)."""
    for line in lines:
        if line and not line.startswith(" "):
            names, _, kind = line.partition(" : ")
            yield from ((name.strip(), kind) for name in names.split(","))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_takes_and_gives(name):
    found = sections(FUNCTIONS[name])
    taken = dict(entries(found["Parameters"]))
    assert list(taken) == list(inspect.signature(FUNCTIONS[name]).parameters)
    assert any(line.strip() for line in found["Returns"])
    for kind in [*taken.values(), *(kind for _, kind in entries(found["Returns"]))]:
        assert "array" not in kind or kind == "array" or re.search(r"\(.*\) array", kind), kind


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_raises_says_when(name):
    tree = ast.parse(inspect.getsource(FUNCTIONS[name]))
    if any(isinstance(node, ast.Raise) for node in ast.walk(tree)):
        assert any(line.strip() for line in sections(FUNCTIONS[name])["Raises"])


@pytest.mark.parametrize("name", OF_THE_PAPER)
def test_a_function_names_its_equation(name):
    assert "Paper: " in "\n".join(sections(FUNCTIONS[name])["Notes"])


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_says_what_it_takes_and_what_its_methods_do(name):
    thing = CLASSES[name]
    taken = [] if issubclass(thing, Exception) else list(inspect.signature(thing).parameters)
    assert [parameter for parameter, _ in entries(sections(thing).get("Parameters", []))] == taken
    for method, member in vars(thing).items():
        if not method.startswith("_") and (callable(member) or isinstance(member, property)):
            assert inspect.getdoc(getattr(thing, method)), f"{name}.{method} has no docstring"


LABELS = {
    "eq. (3)", *(f"(E{i})" for i in range(1, 18)), "Theorem 3.1", "Theorem 3.2", "Lemma A.1",
    "Lemma A.6", *(f"section {i}" for i in range(1, 10)),
}  # fmt: skip
CITATION = re.compile(
    r"\(E\d+\)|\beqs?\.? ?\(?\d+\)?|\b(?:Theorem|Lemma|Proposition|Corollary|Appendix|Algorithm)s? "
    r"\w*\.?\w+|\b[Ss]ections? \d+(?:\.\d+)?"
)


OWN_WORDS = {"dot"}  # a tool of the climb


def kernels():
    """Every compiled function."""
    for file in FILES:
        tree = ast.parse(FILES[file].read_text(encoding="utf-8"))
        for node in tree.body:
            marks = set(map(ast.unparse, getattr(node, "decorator_list", [])))
            if marks & {"jit", "inlined"}:
                yield pytest.param(node, id=f"{file}:{node.name}")


@pytest.mark.parametrize("kernel", list(kernels()))
def test_a_kernel_names_its_twin(kernel):
    twins = re.search(r"Twins?:\s(.*)", ast.get_docstring(kernel), re.DOTALL)
    assert (twins is None) == (kernel.name in OWN_WORDS)
    known = "\n".join(FILES[f].read_text(encoding="utf-8") for f in FILES if "kernels" not in f)
    for name in re.findall(r"`([\w.]+)`", twins[1]) if twins else []:
        if name.startswith("numpy."):
            assert callable(getattr(np.linalg, name.removeprefix("numpy.linalg.")))
        else:
            assert re.search(rf"^ *def {name.split('.')[-1]}\(", known, re.MULTILINE), name


@pytest.mark.parametrize("file", FILES)
def test_only_labels_of_the_paper_are_cited(file):
    cited = set(CITATION.findall(FILES[file].read_text(encoding="utf-8")))
    assert {re.sub("^[Ss]ections?", "section", label) for label in cited} <= LABELS


def test_a_label_that_the_paper_does_not_have_is_seen():
    invented = ["eq. (4)", "eq (3)", "Eq. 7", "(E18)", "Theorem 3.3", "Lemma A.2", "section 10"]
    text = " ".join(invented).replace("Eq.", "eq.")
    assert len(CITATION.findall(text)) == len(invented)
    assert not set(CITATION.findall(text)) & LABELS
