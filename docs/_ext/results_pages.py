"""The pages of ``scripts/results`` as pages of the site."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

COPIED = (".md", ".svg", ".csv")
LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)")
RESULT = re.compile(r"\]\((?:\.\./)+scripts/results/")
OUTSIDE = re.compile(r"\[([^\]]*)\]\(((?:\.\./)+)[^)\s]*\)")


def in_site(text: str, depth: int) -> str:
    """Return a page of ``docs`` at this depth, with links that lead to pages of the site.

    Those to ``scripts/results`` lead to its copies; those to other files of the repository, which
    have no page, become plain text.
    """
    text = RESULT.sub("](/results/", text).replace("](/results/README.md", "](/results/index.md")
    return OUTSIDE.sub(lambda link: link[1] if link[2].count("/") > depth else link[0], text)


def copy_results(source: Path, target: Path) -> None:
    """Copy pages with their pictures and tables; links to anything else become plain text."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    copied = {path.name for path in source.iterdir() if path.suffix in COPIED}
    for name in sorted(copied):
        if not name.endswith(".md"):
            shutil.copyfile(source / name, target / name)
            continue
        text = _kept_links((source / name).read_text(encoding="utf-8"), copied)
        if not text.startswith("# "):
            text = f"# {name.removesuffix('.md')}\n\n{text}"
        (target / name.replace("README", "index")).write_text(text, encoding="utf-8")
    pages = sorted(name.removesuffix(".md") for name in copied if name.endswith(".md"))
    with (target / "index.md").open("a", encoding="utf-8") as index:
        listed = "\n".join(page for page in pages if page != "README")
        index.write(f"\n:::{{toctree}}\n:hidden:\n\n{listed}\n:::\n")


def _kept_links(text: str, copied: set[str]) -> str:
    """Return a page whose links lead to what is copied, or to the web."""

    def kept(link: re.Match[str]) -> str:
        words, target = link.groups()
        name = target.partition("#")[0]
        if "://" in target or not name or name in copied:
            return link[0].replace("](README.md", "](index.md")
        return words

    return LINK.sub(kept, text)
