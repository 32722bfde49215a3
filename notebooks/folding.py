"""What all tools here know of notebooks: their numbers, and how solutions are hidden.

Solutions, code and text alike, stay hidden until asked for.

Jupyter Lab shows the first line of code that is folded, so that line says nothing; it does not fold
text, so that stands in an HTML element that opens by a click, in Lab, in the book and on GitHub.
"""

NEUTRAL = "# solution\n"
OPEN, CLOSE = "<details><summary>Solution</summary>\n\n", "\n\n</details>"
HIDDEN = {"jupyter": {"source_hidden": True, "outputs_hidden": True}}  # a click unfolds them


def number(name):
    """The number of a notebook by its name: "06" of 06_the_lower_bound, "07b" of 07b_..."""
    return name.partition("_")[0]


def is_solution(cell):
    """Whether a cell bears the tag of a solution."""
    return "solution" in cell["metadata"].get("tags", [])


def folded(kind, source):
    """The source of a solution's cell, of kind "code" or "markdown", as a notebook holds it."""
    return NEUTRAL + source if kind == "code" else OPEN + source + CLOSE


def unfolded(source):
    """The source that was folded."""
    if source.startswith(OPEN):
        return source.removeprefix(OPEN).removesuffix(CLOSE)
    return source.removeprefix(NEUTRAL)
