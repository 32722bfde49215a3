"""The rules of the house: what may import what, how long a file is, what a docstring says."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import arrows
import numpy as np
import pytest
from arrows import room_of

import sennpy

ROOT = Path(sennpy.__file__).parent
FILES = {path.relative_to(ROOT).as_posix(): path for path in sorted(ROOT.rglob("*.py"))}
TEXTS = {file: path.read_text(encoding="utf-8") for file, path in FILES.items()}
GRAPH = arrows.arrows(TEXTS)
HEART = ("nn", "curvature", "expansion")
ENGINES = {"numba", "matplotlib", "tqdm", "pandas", "sklearn"}
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
    return [name for name, _ in arrows.imports(TEXTS, file)]


def modules(file):
    """First words of the modules that a file imports."""
    return {name.split(".")[0] for name in imports(file)}


def files_of(*rooms):
    """The files of some rooms."""
    return [file for file in FILES if room_of(file) in rooms]


def rooms_used(file):
    """The rooms that a file imports from, wherever in it."""
    targets = {arrows.file_of(TEXTS, name) for name in imports(file)} - {""}
    return {room_of(target) for target in targets}


# --- What may import what ------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_a_file_stands_in_a_room_of_the_house(file):
    assert room_of(file) in arrows.ORDER


def test_a_room_imports_from_itself_and_from_rooms_above_it_only():
    assert arrows.upward(GRAPH) == []


def test_no_files_import_each_other_in_a_circle():
    assert arrows.circles(GRAPH) == []


@pytest.mark.parametrize("file", files_of(*HEART))
def test_the_heart_knows_the_heart_and_how_arguments_are_checked(file):
    assert rooms_used(file) <= {"validation", *HEART}


@pytest.mark.parametrize("file", files_of(*HEART, "growth"))
def test_heart_and_growth_import_no_engine_and_nothing_that_draws(file):
    assert not modules(file) & ENGINES


@pytest.mark.parametrize("file", files_of("plots"))
def test_a_primitive_knows_no_training_and_no_experiment(file):
    assert rooms_used(file) <= {"extras", "writing", "nn", "plots"}  # who lacks one is told


@pytest.mark.parametrize("file", FILES)
def test_only_primitives_and_figures_draw(file):
    draws = room_of(file) == "plots" or "figures" in Path(file).with_suffix("").parts
    assert draws or "matplotlib" not in modules(file)


@pytest.mark.parametrize("file", FILES)
def test_no_derivative_is_left_to_a_library(file):
    assert not modules(file) & DIFFERENTIATES_FOR_US


@pytest.mark.parametrize("file", files_of("micro"))
def test_the_page_stands_alone(file):
    assert {name.split(".")[0] for name in imports(file)} <= {"numpy", *sys.stdlib_module_names}
    assert not any(file in targets for targets in GRAPH.values())


def test_only_experiments_register_and_bench_reach_for_the_released_code():
    users = {f for f in FILES if any(n.startswith("sennpy.growth.released") for n in imports(f))}
    assert users
    assert all(f.startswith(("experiments/", "equations/", "benchmarks/")) for f in users)


def test_importing_the_package_imports_nothing_slow():
    code = f"import sys, sennpy; print(*sorted({SLOW_TO_IMPORT} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_imports_looked_at_are_those_that_are_there():
    assert "sennpy.expansion.grow" in imports("growth/change.py")
    assert "expansion/grow.py" in GRAPH["growth/change.py"]
    assert "experiments/half_moons.py" in GRAPH["commands/half_moons.py"]
    assert "tqdm" in modules("commands/shared.py") and "matplotlib" in modules("plots/style.py")


# --- The rules see what they forbid --------------------------------------------------------------

SOUND = {
    "kernels/__init__.py": "",
    "kernels/climb.py": "from . import jit\nfrom ..nn import mlp",
    "nn/__init__.py": "",
    "nn/mlp.py": "import numpy\nfrom ..validation import as_array",
    "growth/__init__.py": "",
    "growth/search.py": "from ..kernels import enabled\nfrom ..nn.mlp import MLP\n\n"
    "def search():\n    from ..kernels.climb import climb",
    "validation.py": "",
    "cli.py": "from .growth import search",
}


def planted(file, line):
    """The arrows of a sound house with one more line in one file."""
    return arrows.arrows({**SOUND, file: f"{SOUND[file]}\n{line}\n"})


def test_in_a_sound_house_there_is_nothing_to_see():
    graph = planted("cli.py", "")
    assert graph["growth/search.py"] == {"kernels/__init__.py", "nn/mlp.py"}
    assert arrows.upward(graph) == [] and arrows.circles(graph) == []


@pytest.mark.parametrize(
    "file, line, target",
    [
        ("nn/mlp.py", "from ..growth import search", "growth/search.py"),
        ("nn/mlp.py", "import sennpy.growth.search", "growth/search.py"),
        ("validation.py", "from .nn.mlp import MLP", "nn/mlp.py"),
        ("kernels/__init__.py", "from .climb import climb", "kernels/climb.py"),
        ("growth/search.py", "from ..kernels.climb import climb", "kernels/climb.py"),
        ("growth/search.py", "def late():\n    from ..cli import main", "cli.py"),
        ("growth/search.py", "class Late:\n    from ..kernels import climb", "kernels/climb.py"),
    ],
)
def test_an_arrow_to_a_later_room_is_seen(file, line, target):
    assert (file, target) in arrows.upward(planted(file, line))


@pytest.mark.parametrize(
    "file, line, circle",
    [
        ("nn/mlp.py", "from . import mlp", ("nn/mlp.py",)),
        ("validation.py", "def late():\n    import sennpy.nn.mlp", ("nn/mlp.py", "validation.py")),
        ("validation.py", "from .growth.search import search",
         ("growth/search.py", "nn/mlp.py", "validation.py")),
    ],
)  # fmt: skip
def test_a_circle_is_seen(file, line, circle):
    assert arrows.circles(planted(file, line)) == [circle]


def test_a_long_function_is_seen_without_its_docstring():
    text = 'def f():\n    """One.\n\n    Two.\n    """\n' + "    x = 1\n" * 3
    assert arrows.long_functions(text, 3) == [("f", 4)] and arrows.long_functions(text, 4) == []


# --- Files and names -----------------------------------------------------------------------------


@pytest.mark.parametrize("file", FILES)
def test_a_file_fits_in_the_head(file):
    text = TEXTS[file]
    assert len(text.splitlines()) <= 350
    assert ast.get_docstring(ast.parse(text)), "a file says in its first line what it holds"


@pytest.mark.parametrize("file", [file for file in FILES if room_of(file) != "kernels"])
def test_a_function_fits_on_a_board(file):
    assert arrows.long_functions(TEXTS[file], 40) == []


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
    "eq. (3)", *(f"(E{i})" for i in range(1, 22)), "Theorem 3.1", "Theorem 3.2", "Lemma A.1",
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
        tree = ast.parse(TEXTS[file])
        for node in tree.body:
            marks = set(map(ast.unparse, getattr(node, "decorator_list", [])))
            if marks & {"jit", "inlined"}:
                yield pytest.param(node, id=f"{file}:{node.name}")


@pytest.mark.parametrize("kernel", list(kernels()))
def test_a_kernel_names_its_twin(kernel):
    twins = re.search(r"Twins?:\s(.*)", ast.get_docstring(kernel), re.DOTALL)
    assert (twins is None) == (kernel.name in OWN_WORDS)
    known = "\n".join(TEXTS[f] for f in FILES if "kernels" not in f)
    for name in re.findall(r"`([\w.]+)`", twins[1]) if twins else []:
        if name.startswith("numpy."):
            assert callable(getattr(np.linalg, name.removeprefix("numpy.linalg.")))
        else:
            assert re.search(rf"^ *def {name.split('.')[-1]}\(", known, re.MULTILINE), name


@pytest.mark.parametrize("file", FILES)
def test_only_labels_of_the_paper_are_cited(file):
    cited = set(CITATION.findall(TEXTS[file]))
    assert {re.sub("^[Ss]ections?", "section", label) for label in cited} <= LABELS


def test_a_label_that_the_paper_does_not_have_is_seen():
    invented = ["eq. (4)", "eq (3)", "Eq. 7", "(E22)", "Theorem 3.3", "Lemma A.2", "section 10"]
    text = " ".join(invented).replace("Eq.", "eq.")
    assert len(CITATION.findall(text)) == len(invented)
    assert not set(CITATION.findall(text)) & LABELS
