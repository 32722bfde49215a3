"""Compares what two executions of a notebook printed and drew."""

import re

NUMBER = re.compile(r"-?\d+\.?\d*(?:e[-+]?\d+)?")
ABSOLUTE, RELATIVE = 1e-6, 1e-3  # how far printed numbers may lie apart


def outcome(cell):
    """What a cell printed and drew: its words, its numbers, its number of pictures."""
    text, pictures = [], 0
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        pictures += "image/png" in data
        if "image/png" not in data:
            text.append(output.get("text", data.get("text/plain", "")))
    text = "\n".join(text)
    words = re.sub(r"\s+", "", NUMBER.sub("#", text))
    return words, [float(number) for number in NUMBER.findall(text)], pictures


def agree(cell, other):
    """Whether two executions of a cell gave the same words and pictures, and close numbers."""
    (words, numbers, pictures), (words2, numbers2, pictures2) = outcome(cell), outcome(other)
    return (words, len(numbers), pictures) == (words2, len(numbers2), pictures2) and all(
        abs(x - y) <= ABSOLUTE + RELATIVE * abs(y) for x, y in zip(numbers, numbers2, strict=True)
    )


def differences(notebook, stored):
    """Sources of the cells in which the two differ, with what each gave."""
    old, new = stored["cells"], notebook["cells"]
    if [(c["cell_type"], c["source"]) for c in old] != [(c["cell_type"], c["source"]) for c in new]:
        return ["the cells are not those of the source"]
    return [
        f"the cell\n{mine['source']}\ngave {outcome(mine)},\nbut there stands {outcome(theirs)}"
        for mine, theirs in zip(new, old, strict=True)
        if not agree(mine, theirs)
    ]
