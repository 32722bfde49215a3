"""Opens every page of the book in a browser without a window, and says what is wrong with it.

    python notebooks/book/check.py                 all pages of build/book
    python notebooks/book/check.py --shots FOLDER  the same, and a picture of each

Wrong is: a link or an anchor that leads nowhere, an error or a warning in the console, a request to
the network, a picture that is missing or not told in words, a formula that is not set, a page wider
than its window, and on a screen or on paper a block that is cut off. The pages are opened as files,
as a reader without a server opens them, at the width of a screen and of a phone. What moves in them
is moved, by keys and pointer, and the numbers that it shows are held against sennpy's
(`explored.py`).
"""

import argparse
import re
import shutil
import sys
from pathlib import Path

from explored import explored
from playwright.sync_api import TimeoutError as Late
from playwright.sync_api import sync_playwright

BOOK = Path(__file__).parents[2] / "build" / "book"
SOURCES = Path(__file__).parents[1] / "source"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SCREEN, PHONE = WIDTHS = 1280, 400
HEIGHT = 900
PAPER = 718  # pixels between the margins of A4, 1 cm each
SEARCHED = "residual gradient"  # must be found
TEX = re.compile(r"\\\(|\\\[|\$\$|\$[^$]+\$|\\(?:frac|top|eta|Delta|mathrm|begin)\b")

# Blocks whose content is wider than they are, on the page as it is shown.
CUT = """() => {
  const blocks = document.querySelectorAll("article pre, article table, article div.math, "
    + "article .table-wrapper, article .cell_output");
  return [...blocks].filter(b => b.clientWidth && b.scrollWidth > b.clientWidth + 1)
    .map(b => `${b.tagName.toLowerCase()}, ${b.scrollWidth} of ${b.clientWidth} pixels: `
      + b.textContent.trim().slice(0, 60));
}"""

# What a page holds, once MathJax is done.
LOOK = """async () => {
  if (document.querySelector(".math") && !window.MathJax) return {math: ["MathJax is missing"]};
  if (window.MathJax) await MathJax.startup.promise;
  const all = (what, tell) => [...document.querySelectorAll(what)].map(tell);
  const formulas = [...document.querySelectorAll(".math")];
  const unset = formulas.filter(m => !m.querySelector("mjx-container"));
  const unseen = [...document.images].filter(i => !i.complete || !i.naturalWidth);
  const wrong = document.querySelectorAll("mjx-merror, [data-mjx-error]");
  const prose = document.querySelector("article") || document.body;
  const copy = prose.cloneNode(true);
  copy.querySelectorAll("pre, code, script, style, mjx-container").forEach(part => part.remove());
  return {
    math: [...unset, ...wrong].map(m => m.textContent),
    formulas: document.querySelectorAll("mjx-container").length,
    links: all("a[href]", a => a.href),
    anchors: all("[id]", e => e.id),
    pictures: unseen.map(i => i.src),
    words: all("article img", i => [i.src, i.alt]),
    text: copy.textContent,
    excess: document.scrollingElement.scrollWidth - window.innerWidth,
  };
}"""


def browser_path():
    """Where the browser is."""
    found = [path for path in map(shutil.which, BROWSERS) if path]
    if not found:
        sys.exit(f"No browser among {', '.join(BROWSERS)} (Debian, Ubuntu: apt install chromium).")
    return found[0]


def opened(browser, url, scheme="light"):
    """A page at the width of a screen, and a list that fills with what goes wrong on it."""
    size = {"width": SCREEN, "height": HEIGHT}
    page = browser.new_page(viewport=size, color_scheme=scheme)
    wrong = []
    page.on(
        "console",
        lambda m: m.type in ("error", "warning") and wrong.append(f"console {m.type}: {m.text}"),
    )
    page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
    page.on("requestfailed", lambda r: wrong.append(f"not loaded: {r.url}"))
    page.on(
        "request",
        lambda r: r.url.startswith(("file:", "data:")) or wrong.append(f"network: {r.url}"),
    )
    page.goto(url)
    return page, wrong


def looked_at(page, stem, shot):
    """What an open page holds, its explorables, and what is wrong on screen, paper and phone.

    `stem` is the name of the page's source. `shot`, if not None, is called with a width when the
    page has that width.
    """
    wrong = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        held = page.evaluate(LOOK)
        found = faults(held) + (cut_off(page) if width == SCREEN else [])
        wrong += [f"({width}) {fault}" for fault in found]
        if shot:
            shot(width)
        moving, lost = moved(page, stem)
        wrong += [f"({width}) {fault}" for fault in lost]
    return held, moving, wrong


def moved(page, stem):
    """How many explorables a page has, and what is wrong with them; its source is `stem`.py."""
    source = SOURCES / f"{stem}.py"
    text = source.read_text(encoding="utf-8") if source.exists() else ""
    meant = re.findall(r"^explorables\.(\w+)\(", text, re.M)
    names, wrong = explored(page)
    if names != meant:
        wrong.append(f"shows the explorables {names}, expected {meant}")
    return len(names), wrong


def untold(alt):
    """Whether an alternative text says nothing: none, a file's name, or matplotlib's name."""
    return len(alt.split()) < 3 or alt.startswith("<Figure") or alt.startswith("../_images")


def cut_off(page):
    """What is wrong with the blocks of an open page of a screen's width, there and on paper."""
    wrong = [f"cut off: {block}" for block in page.evaluate(CUT)]
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": HEIGHT})
    wrong += [f"cut off on paper: {block}" for block in page.evaluate(CUT)]
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": SCREEN, "height": HEIGHT})
    return wrong


def faults(held):
    """What is wrong with what a page holds."""
    wrong = [f"formula not set: {text}" for text in held["math"]]
    wrong += [f"picture not shown: {source}" for source in held["pictures"]]
    wrong += [f"picture not told in words: {name}" for name, alt in held["words"] if untold(alt)]
    wrong += [
        f"TeX in the text: {line.strip()}" for line in held["text"].split("\n") if TEX.search(line)
    ]
    if held["excess"] > 0:
        wrong.append(f"{held['excess']} pixels wider than the window")
    return wrong


def broken_links(pages):
    """(page, link) of all links in the book that lead nowhere; `pages`: address to content."""
    anchors = {url: set(held["anchors"]) for url, held in pages.items()}
    for url, held in pages.items():
        for link in sorted(set(held["links"])):
            target, _, name = link.partition("#")
            if not target.startswith("file:"):
                continue
            target = target.partition("?")[0]
            known = target in anchors and (not name or name in anchors[target])
            if not known and (name or not (BOOK / Path(target[7:])).is_file()):
                yield url, link


def search(browser):
    """What is wrong with the search."""
    page = browser.new_page()
    page.goto((BOOK / "search.html").as_uri() + f"?q={SEARCHED.replace(' ', '+')}")
    try:
        page.wait_for_selector("ul.search li a", timeout=10000)
    except Late:
        return [f"the search does not find {SEARCHED!r}"]
    return []


def shots(page, folder, name):
    """What takes a picture of a page at a width."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = name.replace("/", "-").removesuffix(".html")
    return lambda width: page.screenshot(path=folder / f"{stem}-{width}.png", full_page=True)


def main():
    """Check all pages and exit with what is wrong."""
    parser = argparse.ArgumentParser(description="Check build/book in a browser.")
    parser.add_argument("--shots", type=Path, help="folder for a picture of each page")
    wanted = parser.parse_args()
    files = sorted(BOOK.rglob("*.html"))
    if not files:
        sys.exit(f"{BOOK} holds no pages; run make book first.")
    wrong, pages, formulas, moving = [], {}, 0, 0
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        for file in files:
            name = file.relative_to(BOOK).as_posix()
            page, seen = opened(browser, file.as_uri())
            shot = wanted.shots and shots(page, wanted.shots, name)
            held, count, found = looked_at(page, file.stem, shot)
            page.close()
            moving += count
            wrong += [f"{name}: {fault}" for fault in seen + found]
            pages[file.as_uri()] = held
            formulas += held["formulas"]
        wrong += [f"{Path(url).name}: broken link {link}" for url, link in broken_links(pages)]
        wrong += search(browser)
        browser.close()
    counted = f"{formulas} formulas, {moving} explorables, {len(wrong)} faults"
    print(f"{len(files)} pages at {len(WIDTHS)} widths, {counted}")
    sys.exit("\n".join(wrong) or None)


if __name__ == "__main__":
    main()
