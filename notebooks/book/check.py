"""Opens every page of the book in a browser without a window, and says what is wrong with it.

    python notebooks/book/check.py                 all pages of build/book
    python notebooks/book/check.py --shots FOLDER  the same, and a picture of each

Wrong is: a link or an anchor that leads nowhere, an error or a warning in the console, a request to
the network, a picture that is missing, a formula that is not set, a page wider than its window. The
pages are opened as files, as a reader without a server opens them, at the width of a screen and of
a phone. What moves in them is moved, by keys and pointer, and the numbers that it shows are held
against sennpy's (`explored.py`).
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
WIDTHS = (1280, 400)
SEARCHED = "residual gradient"  # must be found
TEX = re.compile(r"\\\(|\\\[|\$\$|\$[^$]+\$|\\(?:frac|top|eta|Delta|mathrm|begin)\b")

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


def open_page(browser, url, width):
    """What a page holds at a width, what is wrong with it, and the page itself, still open."""
    page = browser.new_page(viewport={"width": width, "height": 900})
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
    held = page.evaluate(LOOK)
    return held, wrong, page


def faults(held):
    """What is wrong with what a page holds."""
    wrong = [f"formula not set: {text}" for text in held["math"]]
    wrong += [f"picture not shown: {source}" for source in held["pictures"]]
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


def moved(page, stem):
    """How many explorables a page has, and what is wrong with them; its source is `stem`.py."""
    source = SOURCES / f"{stem}.py"
    text = source.read_text(encoding="utf-8") if source.exists() else ""
    meant = re.findall(r"^explorables\.(\w+)\(", text, re.M)
    names, wrong = explored(page)
    if names != meant:
        wrong.append(f"shows the explorables {names}, expected {meant}")
    return len(names), wrong


def search(browser):
    """What is wrong with the search."""
    page = browser.new_page()
    page.goto((BOOK / "search.html").as_uri() + f"?q={SEARCHED.replace(' ', '+')}")
    try:
        page.wait_for_selector("ul.search li a", timeout=10000)
    except Late:
        return [f"the search does not find {SEARCHED!r}"]
    return []


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
            for width in WIDTHS:
                held, seen, page = open_page(browser, file.as_uri(), width)
                if wanted.shots:
                    wanted.shots.mkdir(parents=True, exist_ok=True)
                    shot = name.replace("/", "-").removesuffix(".html")
                    page.screenshot(path=wanted.shots / f"{shot}-{width}.png", full_page=True)
                count, lost = moved(page, file.stem)
                wrong += [f"{name} ({width}): {fault}" for fault in seen + faults(held) + lost]
                page.close()
            moving += count
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
