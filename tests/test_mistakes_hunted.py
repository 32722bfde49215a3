"""The hunts of notebooks/find_the_bug.md: handed out, one line wrong, seen as told, and caught."""

import filecmp
import os
import re
import subprocess
import sys
from difflib import ndiff
from pathlib import Path

import pytest
from mutations import HUNTS, MISTAKES, ROOT, hand_out, main, mistake_of

PAGE = (ROOT / "notebooks" / "find_the_bug.md").read_text(encoding="utf-8")
SECTIONS = {
    re.match(r"Hunt \d \((\w+)\)", part)[1]: part
    for part in PAGE.split("\n## ")
    if part.startswith("Hunt")
}
each = pytest.mark.parametrize("hunt", HUNTS)


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """Hunt to the folder that was handed out for it."""
    folders = {hunt: tmp_path_factory.mktemp("hunts") / hunt for hunt in HUNTS}
    for hunt, folder in folders.items():
        hand_out(mistake_of(hunt), folder)
    return folders


def python(folder, *arguments):
    """A Python process in a folder, with the package there."""
    return subprocess.run(
        [sys.executable, "-B", *arguments], cwd=folder, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(folder)},
    )  # fmt: skip


def blocks(hunt, language):
    """The blocks of a language in a hunt's part of the page."""
    return re.findall(rf"```{language}\n(.*?)```", SECTIONS[hunt], re.S)


def test_the_page_has_the_three_hunts_and_hands_each_out_by_its_grade():
    assert list(SECTIONS) == list(HUNTS)
    for hunt, section in SECTIONS.items():
        assert f"    python tests/mutations.py --hand-out {hunt} FOLDER\n" in section
        assert section.count("<details>") == section.count("</details>") == 3


@each
def test_the_page_tells_neither_the_mistake_s_name_nor_its_line(hunt):
    mistake = mistake_of(hunt)
    assert mistake.name not in PAGE and mistake.before not in PAGE and mistake.after not in PAGE


@each
def test_a_copy_differs_from_the_package_in_one_line(hunt, copies):
    mistake, different = mistake_of(hunt), []
    for path in sorted((ROOT / "sennpy").rglob("*.py")):
        file = path.relative_to(ROOT)
        if not filecmp.cmp(path, copies[hunt] / file, shallow=False):
            different.append(file.as_posix())
    assert different == [mistake.file]
    lines = [(folder / mistake.file).read_text().splitlines() for folder in (ROOT, copies[hunt])]
    changed = [line for line in ndiff(*lines) if line[0] in "+-"]
    assert len(lines[0]) == len(lines[1]) and [line[0] for line in changed] == ["-", "+"]


@each
def test_the_copy_does_not_hold_the_list(hunt, copies):
    assert not list((copies[hunt] / "tests").glob("mistakes*"))
    assert not (copies[hunt] / "tests" / "mutations.py").exists()


@each
def test_what_is_seen_and_what_should_be_is_as_told(hunt, copies):
    (code,), (seen, right) = blocks(hunt, "python"), blocks(hunt, "text")
    for folder, told in ((copies[hunt], seen), (ROOT, right)):
        done = python(folder, "-c", code)
        assert done.returncode == 0, done.stderr
        assert done.stdout == told
    assert seen != right


@pytest.mark.parametrize(
    "hunt", ["easy", *(pytest.param(hunt, marks=pytest.mark.long) for hunt in ("medium", "hard"))]
)
def test_the_named_test_catches_it(hunt, copies):
    file, _, name = mistake_of(hunt).killer.partition("::")
    name = name.partition("[")[0]
    assert f"`python -m pytest tests/{file} -k {name}` passes" in SECTIONS[hunt]
    done = python(copies[hunt], "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider",
                  f"tests/{file}", "-k", name)  # fmt: skip
    assert done.returncode == 1 and "1 failed" in done.stdout, done.stdout + done.stderr


@each
def test_the_links_lead_to_lessons_that_are_there(hunt):
    for name, lesson in re.findall(r"\]\((\w+)\.ipynb\)(?:, lesson (\d+))?", SECTIONS[hunt]):
        source = (ROOT / "notebooks" / "source" / f"{name}.py").read_text(encoding="utf-8")
        assert not lesson or f"# ## {lesson}. " in source


def test_a_number_and_a_name_are_taken_too():
    assert mistake_of("7") is MISTAKES[7]
    assert mistake_of(MISTAKES[-1].name) is MISTAKES[-1]


def test_what_is_no_mistake_is_refused(tmp_path, monkeypatch, capsys):
    with pytest.raises(ValueError, match="'no such' is no mistake, expected a number from 0 to"):
        mistake_of("no such")
    monkeypatch.setattr(sys, "argv", ["mutations.py", "--hand-out", "x", str(tmp_path / "new")])
    with pytest.raises(SystemExit):
        main()
    assert "'x' is no mistake" in capsys.readouterr().err and not Path(tmp_path / "new").exists()


def test_a_folder_that_is_there_is_left_alone(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["mutations.py", "--hand-out", "easy", str(tmp_path)])
    with pytest.raises(SystemExit):
        main()
    assert "exists" in capsys.readouterr().err and list(tmp_path.iterdir()) == []
