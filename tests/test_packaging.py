"""What is published: what is packed, what is left out, its metadata, and where its links lead."""

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
from hatch_build import absolute, publisher  # noqa: E402

URL = "https://example.org/someone/sennpy"
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")


def build(target, source, folder, url):
    """The file that is built from a folder of sources, and what the build said."""
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)],
        cwd=source, env={**os.environ, "SENNPY_URL": url}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    (built,) = folder.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return built, done.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Paths of a sdist for a publisher, and of the wheel that is built from it elsewhere."""
    folder = tmp_path_factory.mktemp("dist")
    sdist, said = build("sdist", ROOT, folder, URL + "/")
    assert "SENNPY_URL" not in said
    with tarfile.open(sdist) as packed:
        packed.extraction_filter = getattr(tarfile, "data_filter", None)  # older patches have none
        packed.extractall(folder / "unpacked")
    (source,) = (folder / "unpacked").iterdir()
    wheel, _ = build("wheel", source, folder, "")
    return sdist, wheel


def metadata(wheel):
    """The metadata of a wheel, as fields and a text."""
    with zipfile.ZipFile(wheel) as packed:
        (name,) = [name for name in packed.namelist() if name.endswith(".dist-info/METADATA")]
        return Parser().parsestr(packed.read(name).decode("utf-8"))


def of_the_package():
    """Every file of the package that is no cache."""
    files = (path for path in (ROOT / "sennpy").rglob("*") if path.is_file())
    return {p.relative_to(ROOT).as_posix() for p in files if p.parent.name != "__pycache__"}


def test_the_wheel_holds_the_whole_package_and_nothing_else(built):
    with zipfile.ZipFile(built[1]) as packed:
        names = {name for name in packed.namelist() if ".dist-info/" not in name}
    assert names == of_the_package()
    assert {Path(name).suffix for name in names} >= {".py", ".js", ".css", ".html"}


def test_the_sdist_holds_package_and_tests_but_no_records_and_no_notebooks(built):
    with tarfile.open(built[0]) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}
    assert names >= of_the_package() | {"tests/test_packaging.py", "hatch_build.py", "LICENSE"}
    assert not {name.split("/")[0] for name in names} & {"figures", "notebooks", "build", ".venv"}
    assert built[0].stat().st_size < 2_000_000


def test_the_publisher_is_named_by_one_variable_when_the_sdist_is_built(built):
    fields = metadata(built[1])
    assert fields.get_all("Project-URL") == [
        f"Homepage, {URL}", f"Changelog, {URL}/blob/HEAD/CHANGELOG.md", f"Issues, {URL}/issues",
    ]  # fmt: skip
    assert fields.get_payload().strip() == absolute(README, URL).strip()


def test_without_the_variable_links_stay_and_the_build_says_so(tmp_path):
    wheel, said = build("wheel", ROOT, tmp_path, "")
    assert said.startswith("SENNPY_URL is not set: links in the README stay relative")
    fields = metadata(wheel)
    assert fields.get_all("Project-URL") is None
    assert fields.get_payload().strip() == README.strip()


def test_the_pythons_that_are_claimed_begin_with_the_oldest_that_is_allowed(built):
    fields = metadata(built[1])
    found = re.findall(r":: 3\.(\d+)$", "\n".join(fields.get_all("Classifier")), re.MULTILINE)
    pythons = [int(minor) for minor in found]
    assert fields["Requires-Python"] == f">=3.{pythons[0]}"
    assert pythons == list(range(pythons[0], pythons[-1] + 1))


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a [page](notebooks/README.md)", f"a [page]({URL}/blob/HEAD/notebooks/README.md)"),
        ("[`code`](sennpy/micro.py)", f"[`code`]({URL}/blob/HEAD/sennpy/micro.py)"),
        ("[here](#two-commands)", f"[here]({URL}#two-commands)"),
        ("[there](a.md#part)", f"[there]({URL}/blob/HEAD/a.md#part)"),
        ("![p](figures/p.PNG)", f"![p]({URL}/raw/HEAD/figures/p.PNG)"),
        ("[![p](./p.svg)](page.html)", f"[![p]({URL}/raw/HEAD/p.svg)]({URL}/blob/HEAD/page.html)"),
        ('<img src="p.gif" alt="">', f'<img src="{URL}/raw/HEAD/p.gif" alt="">'),
        ('<a href="#top">', f'<a href="{URL}#top">'),
        ("[name]: LICENSE", f"[name]: {URL}/blob/HEAD/LICENSE"),
    ],
)  # fmt: skip
def test_a_relative_link_leads_to_the_page_of_the_repository(text, expected):
    assert absolute(text, URL) == expected


@pytest.mark.parametrize(
    "text",
    [
        "[paper](https://arxiv.org/abs/2307.04526) and [mail](mailto:a@b.c)",
        "`rows[i](x)` and ``a `[b](c)` d``",
        "```python\nrows[i](x)\n```\n",
        "~~~\n```\n[a](b)\n~~~\n",
        "a bracket] (no link), f(x)",
    ],
)
def test_what_is_no_relative_link_stays(text):
    assert absolute(text, URL) == text


def test_after_a_fence_links_are_links_again():
    assert absolute("```\n[a](b)\n```\n[a](b)", URL) == f"```\n[a](b)\n```\n[a]({URL}/blob/HEAD/b)"


def test_every_link_of_the_readme_leads_to_a_file_or_a_section():
    marked = re.findall(r"<HERE>/(?:raw|blob)/HEAD/([^)\"\s#]*)", absolute(README, "<HERE>"))
    assert marked and all((ROOT / path).exists() for path in marked)
    headings = re.findall(r"^#+ (.*)", README, re.MULTILINE)
    sections = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"<HERE>#([^)\"\s]*)", absolute(README, "<HERE>"))) <= sections


@pytest.mark.parametrize(
    "url", ["example.org/sennpy", "https://", "/", "https://a.b/c d", "https://a.b/c?d=e"]
)
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValueError, match="SENNPY_URL must be the address of the repository's page"):
        publisher({"SENNPY_URL": url})


def test_an_empty_address_is_none():
    assert publisher({}) == publisher({"SENNPY_URL": ""}) == ""
