"""Pages that are made when the site is built, from the package itself: nothing is copied by hand.

Commands from their help, the HTTP API from its OpenAPI document, the language file from its schema,
the names of the API from ``__all__``, and the results from ``scripts/results``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from api_pages import api_pages, full_name, is_unknown
from command_pages import command_pages
from http_page import http_page
from language_page import language_page
from results_pages import copy_results, in_site
from sphinx.ext.autosummary import AutoLink
from sphinx.util.logging import getLogger

if TYPE_CHECKING:
    from docutils.nodes import Node, system_message
    from sphinx.application import Sphinx

LOGGER = getLogger(__name__)
MADE = {"reference/commands": command_pages, "reference/api": api_pages}
"""Folders of pages, and what makes them: texts by file name."""


def write_folder(folder: Path, pages: dict[str, str]) -> None:
    """Write these pages, and remove all others; a page that has not changed stays untouched."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        if path.is_file() and path.name not in pages:
            path.unlink()
    for name, text in pages.items():
        write(folder / name, text)


def write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


class PublicName(AutoLink):
    """A name in single backticks: a link if it is a public name or one of the same class.

    A name like that of a class which is none has a warning, as it is probably misspelt.
    """

    def run(self) -> tuple[list[Node], list[system_message]]:
        full = full_name(self.text)
        if full is None:
            if is_unknown(self.text):
                LOGGER.warning("no such class: %s", self.text, location=self.get_location())
            return super().run()
        role: Any = self.env.domains.python_domain.role("obj")
        text = f"{self.text} <{full}>"
        found: tuple[list[Node], list[system_message]] = role(
            "obj", self.rawtext, text, self.lineno, self.inliner, self.options, self.content
        )
        return found


def make_pages(app: Sphinx, _: Any) -> None:  # noqa: ANN401  (the settings)
    source = Path(app.srcdir)
    for folder, pages in MADE.items():
        write_folder(source / folder, pages())
    made = source / "reference" / "made"
    write_folder(made, {"http.md": http_page(), "language.md": language_page()})
    copy_results(source.parent / "scripts" / "results", source / "results")


def rewrite_links(app: Sphinx, docname: str, content: list[str]) -> None:
    """Turn links to results, which readers of the repository follow, into links within the site."""
    if app.env.doc2path(docname).suffix == ".md":
        content[0] = in_site(content[0], docname.count("/"))


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_role("public", PublicName())
    app.connect("config-inited", make_pages)
    app.connect("source-read", rewrite_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
