"""The pages of the studies, each made of its record: question, table, picture, verdicts."""

from sennpy.commands.study import shown
from sennpy.plots.described import described
from sennpy.studies.claims import measurement
from sennpy.studies.study import picture_of

ABOUT = """\
# The studies

What the paper claims and leaves open, measured: `sennpy study NAME` runs one anew. Intervals are
of 95 %, over seeds that competitors share; a verdict may be negative.

"""


def pages(records):
    """Pages by their names, of the records of studies by theirs."""
    found = {f"{name}.md": page(record) for name, record in records.items()}
    listed = [f"- [{record['question']}]({name}.md)" for name, record in records.items()]
    navigation = ["", "```{toctree}", ":hidden:", "", *records, "```", ""]
    return found | {"index.md": ABOUT + "\n".join([*listed, *navigation])}


def page(record):
    """The page of one record."""
    name = record["study"]
    return "\n".join([
        f"# {record['question']}", "",
        f"    {record['command']}", "",
        f"{len(record['rows'])} runs, {record['seeds']} seeds.", "",
        "## Verdicts", "",
        *(f"- {measurement(verdict)}" for verdict in record["verdicts"]), "",
        "## Picture", "",
        f"![{alternative(record)}](study-{name}.png)", "",
        "## Table", "",
        *markdown(record["table"]), "",
    ])  # fmt: skip


def alternative(record):
    """What the picture shows, in words, drawn anew from the rows."""
    import matplotlib.pyplot as plt

    figure = picture_of(record["study"])(record["rows"])
    plt.close(figure)
    words = " ".join(described(figure).split())
    return words.replace("[", "(").replace("]", ")").replace("$", "").replace("\\", "")


def markdown(lines):
    """A table of dicts in Markdown."""
    header = list(dict.fromkeys(name for line in lines for name in line))
    rows = [[shown(line.get(name)).replace("|", r"\|") for name in header] for line in lines]
    return ["| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *rows]]
