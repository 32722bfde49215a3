"""Prints the course as one file, build/course.pdf, by Sphinx and Chromium.

    python notebooks/book/pdf.py

Sphinx makes one page of the notebooks, the pages beside them and the equations; Chromium prints it,
with a table of contents, links that work, and the headings as bookmarks. Solutions are unfolded.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from lessons import heading, prepared
from pages import SHEETS, copied_pictures, course, register, sheets

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SOURCE, PAGE = ROOT / "build" / "pdf-source", ROOT / "build" / "pdf-page"
PDF = ROOT / "build" / "course.pdf"
LONGEST = 10 * 60 * 1000  # milliseconds that formulas and printing may take
LOOK = """
  div.related, div.sphinxsidebar, div.footer, .headerlink { display: none !important; }
  div.document, div.body, div.bodywrapper { margin: 0 !important; max-width: none !important; }
  body { font: 10pt/1.4 sans-serif; }
  pre { font-size: 8pt; white-space: pre-wrap; overflow-wrap: anywhere; padding: 4pt; }
  div.highlight-ipython3, div.highlight-ipython, div.highlight-python { background: #f4f4f4; }
  h2 { break-before: page; } h2, h3, h4 { break-after: avoid; }
  img, tr { break-inside: avoid; } img { max-width: 90%; }
  table { font-size: 8pt; border-collapse: collapse; } td, th { padding: 2pt 4pt; }
  td, th { border-bottom: 0.5pt solid #ccc; text-align: left; }
  .contents a { display: block; color: inherit; text-decoration: none; }
  .contents .H2 { font-weight: bold; margin-top: 6pt; } .contents .H3 { padding-left: 12pt; }
  details { border-left: 2pt solid #bbb; padding-left: 8pt; }
"""
READY = "async () => { if (window.MathJax) await MathJax.startup.promise; }"
UNFOLD = "document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
CONTENTS = """() => {
  const list = document.createElement("div");
  list.className = "contents";
  document.querySelectorAll("section > h2, section > h3").forEach((heading, i) => {
    heading.id = `heading-${i}`;
    const line = document.createElement("a");
    line.className = heading.tagName;
    line.href = `#${heading.id}`;
    for (const part of heading.childNodes)
      if (part.className !== "headerlink") line.append(part.cloneNode(true));
    list.append(line);
  });
  document.querySelector("h1").after(list);
}"""
FOOTER = (
    "<div style='width:100%;text-align:center;font-size:8px'><span class=pageNumber></span></div>"
)


def contents(names):
    """The first page: what the file is, and a list of all that follows."""
    pages = ["course", *names, *SHEETS, "equations"]
    toctree = ["```{toctree}", ":maxdepth: 2", "", *pages, "```", ""]
    return "\n".join(["# sennpy: the course", "", *toctree])


def sources():
    """File name to text of all pages that Sphinx puts together."""
    notebooks = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    }
    titles = {name: heading(notebook) for name, notebook in notebooks.items()}
    readme = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    found = {f"{n}.ipynb": json.dumps(prepared(b, notebooks)) for n, b in notebooks.items()}
    found |= {"index.md": contents(notebooks), "course.md": course(readme, titles)}
    return found | sheets() | {"equations.md": register(titles, notebooks)}


def one_page():
    """Put the sources together and have Sphinx make one page of them; its path."""
    for folder in (SOURCE, PAGE):
        shutil.rmtree(folder, ignore_errors=True)
    SOURCE.mkdir(parents=True)
    for name, text in sources().items():
        (SOURCE / name).write_text(copied_pictures(text, SOURCE), encoding="utf-8")
    command = ["-m", "sphinx", "-Q", "-b", "singlehtml", "-D", "html_theme=basic", "-c", HERE]
    settings = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), str(ROOT)])}
    done = subprocess.run([sys.executable, *command, SOURCE, PAGE], env=settings)
    if done.returncode:
        sys.exit(done.returncode)
    return PAGE / "index.html"


def printed(page):
    """Print a page (a path) to PDF."""
    from check import browser_path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        tab = browser.new_page()
        tab.set_default_timeout(LONGEST)
        tab.goto(page.as_uri(), timeout=LONGEST)
        tab.add_style_tag(content=LOOK)
        tab.evaluate(UNFOLD)
        tab.evaluate(READY)
        tab.evaluate(CONTENTS)
        tab.pdf(
            path=PDF, format="A4", outline=True, tagged=True, display_header_footer=True,
            header_template="<span></span>", footer_template=FOOTER, print_background=True,
            margin=dict.fromkeys(("top", "bottom", "left", "right"), "18mm"),
        )  # fmt: skip
        browser.close()


def main():
    """Make the file and say where."""
    printed(one_page())
    print(f"open {PDF.relative_to(ROOT)} ({PDF.stat().st_size / 1e6:.0f} MB)")


if __name__ == "__main__":
    main()
