"""Writes the pages for those who teach: the quiz, and where each function of micro.py is derived.

    python notebooks/teaching.py    writes quiz.md and reading_micro.md

Questions are in quiz/NN.md, one file a notebook: `## 1`, the question, and its choices, each with
`- [x]` or `- [ ]` and, on the line below, why it is right or wrong. A test computes which choices
hold. What a function of micro.py is stands in its docstring; PLACES says where it is derived.
"""

import ast
import inspect
import re
from pathlib import Path
from typing import NamedTuple

from book.pages import slug
from folding import number

from sennpy import micro

HERE = Path(__file__).parent
MADE = "<!-- made by `python notebooks/teaching.py` -->\n"
LETTERS = "abcd"


# --- The quiz ------------------------------------------------------------------------------------


class Choice(NamedTuple):
    """An answer to choose, whether it is right, and why or why not."""

    text: str
    right: bool
    reason: str


class Question(NamedTuple):
    """A question and its choices."""

    text: str
    choices: tuple


def questions(text, name):
    """The questions that a file of the quiz holds; ValueError where it is not in form."""
    found = []
    for i, part in enumerate(re.split(r"^## ", text, flags=re.M)[1:], start=1):
        at, _, rest = part.partition("\n")
        if at != str(i):
            raise ValueError(f"quiz/{name}: question {at!r} stands where {i} is expected.")
        asked, *choices = re.split(r"^- \[", rest, flags=re.M)
        if not asked.strip():
            raise ValueError(f"quiz/{name}, {i}: there is no question.")
        read = []
        for choice in choices:
            shape = re.fullmatch(r"([x ])\] (.+)\n  (.+)\n+", choice)
            if not shape:
                raise ValueError(
                    f"quiz/{name}, {i}: {choice!r} is no choice, expected `- [ ] text`, and on the "
                    "next line, two spaces in, the reason."
                )
            read.append(Choice(shape[2], shape[1] == "x", shape[3]))
        found.append(Question(asked.strip(), tuple(read)))
    return found


def quiz():
    """Notebook to its questions."""
    names = {number(path.stem): path.stem for path in sorted((HERE / "source").glob("*.py"))}
    return {
        names[path.stem]: questions(path.read_text(encoding="utf-8"), path.stem)
        for path in sorted((HERE / "quiz").glob("*.md"))
    }


def title(name):
    """The title of a notebook, from its source."""
    text = (HERE / "source" / f"{name}.py").read_text(encoding="utf-8")
    return re.search(r"^# # (.*)$", text, re.M)[1]


def quiz_page():
    """All questions, their answers folded."""
    lines = [
        "# The quiz", "", MADE,
        "Five questions a notebook, one right answer each. They ask for what is easily misread, "
        "not for what can be looked up. Think, choose, say why the others are wrong, then unfold.",
        "",
    ]  # fmt: skip
    for name, asked in quiz().items():
        lines += [f"## {title(name)}", "", f"[The notebook]({name}.ipynb)", ""]
        for i, question in enumerate(asked, start=1):
            lines += [f"**{number(name)}.{i}** {question.text}", ""]
            told = list(zip(LETTERS, question.choices, strict=False))
            lines += [f"- {letter}) {choice.text}" for letter, choice in told]
            lines += ["", "<details><summary>Answer</summary>", ""]
            for letter, choice in sorted(told, key=lambda pair: not pair[1].right):
                verdict = f"**{letter} is right.**" if choice.right else f"Not {letter}."
                lines += [f"- {verdict} {choice.reason}"]
            lines += ["", "</details>", ""]
    return "\n".join(lines)


# --- From micro.py to the lessons ----------------------------------------------------------------

PLACES = {  # function to (labels, notebook and lesson of each place that derives it)
    "rational": ("(E3)", "01.3"),
    "forward": ("", "01.4"),
    "backward": ("", "01.5", "01.6"),
    "cross_entropy": ("", "02.2"),
    "fisher": ("section 1", "02.1", "02.2"),
    "E": ("", "05.3"),
    "inv": ("", "03.4"),
    "natural_expansion_score": ("eq. (3)", "03.2"),
    "layer_score": ("(E6)", "05.4"),
    "residual_gradient": ("Lemma A.6", "06.1"),
    "delta_eta": ("Theorem 3.2, (E8)", "06.5", "06.4"),
    "widen": ("(E1)", "04.1"),
    "deepen": ("(E2)", "04.4"),
    "look": ("Theorem 3.2, eq. (3)", "06.5", "03.2", "07.1"),
    "decide": ("(E13)", "08.1"),
    "grow": ("", "00.5", "10.1"),
    "half_moons": ("", "00.2"),
}


def lesson(place):
    """(notebook, heading) of a lesson, "03.2"."""
    notebook, _, at = place.partition(".")
    (path,) = (HERE / "source").glob(f"{notebook}_*.py")
    text = path.read_text(encoding="utf-8")
    found = re.search(rf"^# ## {at}\. (.*)$", text, re.M)
    if not found:
        raise ValueError(f"{path.stem} has no lesson {at}.")
    return path.stem, f"{at}. {found[1]}"


def address(name, heading):
    """The link to a lesson, its anchor as the book makes it."""
    words = re.sub(r"\$[^$]*\$", "", heading)  # MyST leaves formulas out
    return f"{name}.ipynb#{slug(words)}"


def functions():
    """The functions of micro.py, parsed, in their order."""
    page = ast.parse(inspect.getsource(micro))
    return [node for node in page.body if isinstance(node, ast.FunctionDef)]


def in_words(docstring):
    """A docstring for a cell of a table: |, ^, _ and * as they stand."""
    return re.sub(r"([|^_*])", r"\\\1", docstring.rstrip("."))


def reading_micro():
    """Every function of micro.py: its line, what it is, its label, where it is derived."""
    missing = {f.name for f in functions()} ^ set(PLACES)
    if missing:
        raise ValueError(f"PLACES and micro.py differ in {sorted(missing)}.")
    lines = [
        "# Reading micro.py", "", MADE,
        "`sennpy/micro.py` is the whole method on one page, in NumPy and nothing else. Read it top "
        "to bottom; here is where each of its functions is derived. It can be changed and run: "
        "`python -m sennpy.micro`.",
        "",
        "| function | line | what it is | label | derived in |",
        "|---|---:|---|---|---|",
    ]  # fmt: skip
    for function in functions():
        labels, *places = PLACES[function.name]
        lessons = map(lesson, places)
        where = [f"[{number(name)}, {head}]({address(name, head)})" for name, head in lessons]
        what = in_words(ast.get_docstring(function))
        cells = (f"`{function.name}`", str(function.lineno), what, labels or "", "; ".join(where))
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "## The page", "", "```python", inspect.getsource(micro).rstrip(), "```", ""]
    return "\n".join(lines)


PAGES = {"quiz.md": quiz_page, "reading_micro.md": reading_micro}


def main():
    """Write all of them."""
    for name, make in PAGES.items():
        (HERE / name).write_text(make(), encoding="utf-8")
    print("written:", *PAGES)


if __name__ == "__main__":
    main()
