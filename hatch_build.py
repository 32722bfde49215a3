"""What the build fills in: where the project lives, and the links of README.md.

README's links and pictures are relative, as they are read in a checkout. A package index shows the
text alone, so they are made absolute where SENNPY_URL names the repository's page, for example

    make package SENNPY_URL=https://github.com/OWNER/sennpy

Pages are then found below URL/blob/HEAD, pictures below URL/raw/HEAD (as at GitHub and GitLab),
sections at URL#section. Without the variable the links stay relative, and the build says so.
"""

import os
import re
import sys
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

VARIABLE = "SENNPY_URL"
PICTURES = (".gif", ".png", ".jpg", ".jpeg", ".svg", ".webp")
FENCE = re.compile(r" {0,3}(```|~~~)")
# `code`, in which nothing is a link, or a link from where it begins.
LINK = re.compile(
    r"(?P<ticks>`+).+?(?P=ticks)(?!`)"
    r'|(?P<before>\]\(|\b(?:src|href)="|^\[[^\]]+\]: +)(?P<link>[^()\s"]+)'
)
ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//")


class Metadata(MetadataHookInterface):
    """The fields that are not written in pyproject.toml: readme and urls."""

    def update(self, metadata):
        url = publisher(os.environ)
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        if url:
            text = absolute(text, url)
            metadata["urls"] = {
                "Homepage": url,
                "Changelog": target("CHANGELOG.md", url),
                "Issues": f"{url}/issues",
            }
        else:
            print(f"{VARIABLE} is not set: links in the README stay relative, and the package "
                  "names no page.", file=sys.stderr)  # fmt: skip
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def publisher(environment):
    """The page that SENNPY_URL names, without a slash at its end; "" where there is none."""
    url = environment.get(VARIABLE, "")
    if url and not re.fullmatch(r"https?://[^\s/?#]+(/[^\s?#]*)?", url):
        raise ValueError(
            f"{VARIABLE} must be the address of the repository's page, such as "
            f"https://github.com/OWNER/sennpy, but is {url!r}."
        )
    return url.rstrip("/")


def absolute(text, url):
    """A text in Markdown, with every relative link made absolute; code stays as it is."""

    def moved(found):
        return found["before"] + target(found["link"], url) if found["link"] else found[0]

    lines, fence = [], None
    for line in text.splitlines(keepends=True):
        mark = FENCE.match(line)
        if mark and fence in (None, mark[1]):
            fence = None if fence else mark[1]
        lines.append(line if fence or mark else LINK.sub(moved, line))
    return "".join(lines)


def target(link, url):
    """Where a link of the README leads to, seen from elsewhere."""
    if ABSOLUTE.match(link):
        return link
    if link.startswith("#"):
        return url + link
    path = link.removeprefix("./")
    folder = "raw" if path.partition("#")[0].lower().endswith(PICTURES) else "blob"
    return f"{url}/{folder}/HEAD/{path}"
