"""What Sphinx needs to know. `build.py` runs it, with this folder on the path."""

import json
import re
import sys
from pathlib import Path

from lessons import in_words
from pages import marked_up

project = "sennpy"
html_title = "sennpy"
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["book.css"]
html_js_files = ["book.js"]
exclude_patterns = ["downloads"]
html_domain_indices = False
html_copy_source = False
html_show_sphinx = html_show_copyright = False
html_show_search_summary = False  # would fetch pages, which browsers refuse for file://
highlight_language = "text"

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",
]
nb_execution_mode = "off"
nb_render_markdown_format = "myst"
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_dmath_double_inline = True
myst_heading_anchors = 4
myst_heading_slug_func = "pages.slug"
mathjax3_config = {
    "tex": {"packages": {"[-]": ["noundefined"]}},  # what TeX does not know is an error
    "chtml": {"scale": 0.92},
    "options": {"enableMenu": False},
}

default_role = "py:obj"
add_module_names = False
toc_object_entries_show_parents = "hide"
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_preserve_defaults = True
napoleon_google_docstring = False
napoleon_custom_sections = [("Attributes", "params_style")]
napoleon_use_rtype = False


TWICE = {  # names of two classes, and whose is meant where a module says neither
    "State": "sennpy.training.state.State",
    "Data": "sennpy.datasets.subsets.Data",
    "Kept": "sennpy.experiments.store.Kept",
}


def typed(line, obj):
    """A line that names a type of two meanings, with the one that its module has."""
    found = re.fullmatch(rf"((?:\w+ : )?)({'|'.join(TWICE)})((?:(?: or |, ).*)?)", line)
    if not found:
        return line
    before, name, after = found.groups()
    thing = getattr(sys.modules.get(getattr(obj, "__module__", None)), name, None)
    place = f"{thing.__module__}.{name}" if thing else TWICE[name]
    return f"{before}~{place}{after}"


def as_restructured_text(app, what, name, obj, options, lines):
    """Docstrings are plain text: link what they name, and take no sign of algebra for markup."""
    indented, ours = False, []
    for line in (typed(line, obj) for line in lines):
        code = what == "module" and line.startswith("    ")
        if code and not indented:
            ours += ["::", ""]
        indented = code or (indented and not line)
        ours.append(line if code else marked_up(line))
    lines[:] = ours


def without_what_is_told_elsewhere(app, what, name, obj, skip, options):
    """Left out: fields of named tuples, told with their class; what scikit-learn gives a class."""
    theirs = (getattr(obj, "__module__", None) or "").startswith("sklearn.")
    return True if theirs or type(obj).__name__ == "_tuplegetter" else None


def with_words(app, doctree):
    """Give the figures of a notebook, whose files are named by their content, their alt text."""
    source = Path(app.env.doc2path(app.env.docname))
    if source.suffix == ".ipynb":
        words = in_words(json.loads(source.read_text(encoding="utf-8")))
        for image in doctree.findall(lambda node: node.tagname == "image"):
            if Path(image["uri"]).stem in words:
                image["alt"] = words[Path(image["uri"]).stem]


def setup(app):
    """What Sphinx calls."""
    app.connect("doctree-read", with_words)
    app.connect("autodoc-process-docstring", as_restructured_text, priority=400)
    app.connect("autodoc-skip-member", without_what_is_told_elsewhere)
