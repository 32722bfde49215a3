"""Opens growth X-rays in a browser without a window, moves them, and says what is wrong with them.

    python notebooks/book/xray.py                 five pages of trainings that are made here
    python notebooks/book/xray.py --shots FOLDER  the same, and a picture of each

Wrong is: an error or a warning in the console, a request, a page wider than its window, a number
that is not the training's, a slider, key or button that does not lead where it says, and whatever
axe finds against the guidelines for accessibility. Pages are opened as files, at the width of a
screen and of a phone, in the light and in the dark, and on paper.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from check import HEIGHT, PAPER, WIDTHS, browser_path, opened
from playwright.sync_api import sync_playwright

from sennpy import MLP, SENN, Settings, SoftmaxCrossEntropy, SquaredError, datasets
from sennpy.experiments import regression
from sennpy.report import Recorder, Training, write_report, write_reports
from sennpy.training.callbacks import Callbacks

FIGURES = Path(__file__).parents[2] / "figures"
SCHEMES = ("light", "dark")
PRINTED = 6e-4  # largest relative error of the four digits that are shown
ROWS = """caption => [...document.querySelectorAll("#places table")].map(table =>
  [...table.querySelectorAll("tbody tr")].map(tr => [...tr.children].map(td => td.textContent)))"""
EXCESS = "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
CLIPPED = """[...document.querySelectorAll(".wide")]
  .filter(box => box.scrollWidth > box.clientWidth + 1)
  .map(box => box.getAttribute("aria-label"))"""
UNFOLD = "document.querySelectorAll('details').forEach(d => d.open = true)"


def made(folder):
    """Pages of trainings, by name."""
    pages = {
        name: folder / f"{name}.html" for name in ("moons", "curve", "digits", "record", "two")
    }
    data, rule = datasets.half_moons(), Settings.by_thresholds(epochs=130)
    moons = Recorder(data.X, data.t, SoftmaxCrossEntropy())
    senn = SENN(SoftmaxCrossEntropy(), rule)
    test = (data.X_test, data.t_test)
    fit = senn.fit(MLP.random((2, 2), rng=0), data.X, data.t, test, Callbacks([moons]))
    write_report(fit.history, pages["moons"], moons, rule, "half-moons")

    data = datasets.random_rational(0)
    curve = Recorder(data.X, data.t, SquaredError())
    senn = SENN(SquaredError(), regression.PRESETS["default"])
    bent = senn.fit(MLP.random((1, 1, 1), rng=0), data.X, data.t, None, curve, epochs=130)
    write_report(bent.history, pages["curve"], curve, name="a curve")

    images = datasets.digits(0, limit=200)
    seen = Recorder(images.X, images.t, SoftmaxCrossEntropy())
    honest = Settings(epochs=14, cooldown=3, backoff=1.0)
    grown = SENN(SoftmaxCrossEntropy(), honest).fit(
        MLP.random((64, 10), rng=0), images.X, images.t, None, seen
    )
    write_report(grown.history, pages["digits"], seen, honest, "digits")

    record = json.loads((FIGURES / "mnist.json").read_text(encoding="utf-8"))
    write_report(record, pages["record"], name="mnist")
    old = json.loads((FIGURES / "half-moons.json").read_text(encoding="utf-8"))
    write_reports(
        [Training.of(old, name="record"), Training.of(fit.history, moons, rule, name="here")],
        pages["two"],
    )
    return pages


class Shown:
    """An open page, and what is found wrong with it."""

    def __init__(self, page):
        self.page, self.wrong = page, []
        self.data = json.loads(page.text_content("#data"))
        self.last = len(self.data["moments"]) - 1

    @property
    def at(self):
        """Where the slider stands."""
        return int(self.page.input_value("#look"))

    def expect(self, at, after):
        """Whether it stands there, and shows the numbers of there."""
        if self.at != at:
            self.wrong.append(f"{after}: the slider stands at {self.at}, expected {at}")
        moment = self.data["moments"][at]
        where = self.page.text_content("#where")
        told = self.page.get_attribute("#look", "aria-valuetext")
        if not where.endswith(f"epoch {moment['epoch']}") or told != where:
            self.wrong.append(f"{after}: says {where!r} and {told!r} at epoch {moment['epoch']}")
        tables = self.page.evaluate(ROWS)
        for run, index in zip(self.data["runs"], moment["looks"], strict=True):
            if index is not None and index < len(run["looks"]):
                self.compare(tables.pop(0), run["looks"][index]["candidates"], after)
        if tables:
            self.wrong.append(f"{after}: {len(tables)} tables of places too many")

    def compare(self, rows, candidates, after):
        """Hold a table of places against the block."""
        for cells, candidate in zip(rows, candidates, strict=True):
            if cells[0] != candidate["where"]:
                self.wrong.append(f"{after}: {cells[0]!r} for {candidate['where']!r}")
            keys = ("bound", "exact", "dense", "score", "asked")
            for key, cell in zip(keys, cells[1:], strict=False):
                if not agrees(cell, candidate[key]):
                    self.wrong.append(f"{after}: {key} shows {cell!r} for {candidate[key]}")

    def move(self):
        """Move by keys in the slider, by keys on the page, by buttons, by play, and by a click."""
        page, last = self.page, self.last
        self.expect(0, "at the start")
        for key, at in (("End", last), ("ArrowLeft", last - 1), ("Home", 0), ("ArrowRight", 1)):
            page.press("#look", key)
            self.expect(at, f"{key} in the slider")
        page.evaluate("document.activeElement.blur()")
        for key, at in (("ArrowRight", 2), ("ArrowLeft", 1)):
            page.keyboard.press(key)
            self.expect(min(at, last), f"{key} on the page")
        for name, at in (("#after", 2), ("#before", 1)):
            page.press(name, "Enter")
            self.expect(min(at, last), f"button {name}")
        self.play()
        svg = page.locator("#curves svg").first
        svg.click(position={"x": svg.bounding_box()["width"] - 3, "y": 40})
        self.expect(last, "a click at the right end of a curve")
        page.press("#look", "Home")
        for _ in range(last):
            page.press("#look", "ArrowRight")
        self.expect(last, "through all looks")

    def play(self):
        """Play from the last but one to the end, where it stops; and stop it once before."""
        page = self.page
        page.press("#look", "Home")
        page.press("#play", "Enter")
        self.wait(1)
        page.press("#play", "Enter")
        if page.text_content("#play") != "Play":
            self.wrong.append("play does not stop")
        page.press("#look", "End")
        page.press("#look", "ArrowLeft")
        page.press("#play", "Enter")
        if page.text_content("#play") != "Pause":
            self.wrong.append("the button does not say that it plays")
        self.wait(self.last)
        page.wait_for_timeout(100)
        if page.text_content("#play") != "Play":
            self.wrong.append("it plays on at the end")
        self.expect(self.last, "played to the end")

    def wait(self, at):
        """Wait until the slider stands there, five seconds at most."""
        for _ in range(100):
            if self.at == at:
                return
            self.page.wait_for_timeout(50)
        self.wrong.append(f"played for five seconds, the slider stands at {self.at}, not at {at}")

    def look(self):
        """Its width, on paper too, and what axe says, folded and unfolded."""
        for fold in ("", "open all"):
            if fold:
                self.page.evaluate(UNFOLD)
            found = Axe().run(self.page).response["violations"]
            self.wrong += [f"axe: {v['id']} at {v['nodes'][0]['html'][:80]}" for v in found]
        if (excess := self.page.evaluate(EXCESS)) > 0:
            self.wrong.append(f"{excess} pixels wider than the window")


def on_paper(page):
    """What is cut off when it is printed."""
    page.emulate_media(media="print")
    page.set_viewport_size({"width": PAPER, "height": HEIGHT})
    wrong = [f"cut off on paper: {label}" for label in page.evaluate(CLIPPED)]
    if page.is_visible("#look"):
        wrong.append("the slider is printed")
    return wrong


def agrees(text, value):
    """Whether a cell shows a number, or "none" for None."""
    if value is None:
        return text == "none"
    try:
        shown = float(text.replace("−", "-"))
    except ValueError:
        return False
    return abs(shown - value) <= PRINTED * abs(value)


def main():
    """Look at all pages and exit with what is wrong."""
    parser = argparse.ArgumentParser(description="Look at growth X-rays in a browser.")
    parser.add_argument("--shots", type=Path, help="folder for a picture of each page")
    shots, wrong, looked = parser.parse_args().shots, [], 0
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        for name, file in made(Path(folder)).items():
            for width, scheme in [(w, s) for w in WIDTHS for s in SCHEMES]:
                page, seen = opened(browser, file.as_uri(), scheme)
                page.set_viewport_size({"width": width, "height": HEIGHT})
                shown = Shown(page)
                shown.move()
                if shots:
                    shots.mkdir(parents=True, exist_ok=True)
                    page.press("#look", "ArrowLeft")
                    page.screenshot(path=shots / f"{name}-{width}-{scheme}.png", full_page=True)
                shown.look()
                found = [*seen, *shown.wrong, *on_paper(page)]
                wrong += [f"{name} ({width}, {scheme}): {fault}" for fault in found]
                looked += 1
                page.close()
        browser.close()
    print(f"{looked} pages, {len(wrong)} faults")
    sys.exit("\n".join(wrong) or None)


if __name__ == "__main__":
    main()
