"""``sentiment-transfer advise catalogue``."""

from dataclasses import asdict
from typing import Annotated, Any, TextIO

from sentiment_transfer.cli import options
from sentiment_transfer.cli.output import Writers, table, write_json, writer_for
from sentiment_transfer.corpus.catalogue import CatalogueEntry
from sentiment_transfer.corpus.catalogue import catalogue as all_entries
from sentiment_transfer.errors import SettingError

__all__ = ["catalogue"]


def _write_table(entries: list[CatalogueEntry], file: TextIO) -> None:
    for entry in entries:
        parts = ", ".join(f"{name} {part.texts:,}" for name, part in entry.parts.items())
        file.write(f"catalogue:{entry.name}\n")
        rows = [
            ("language", entry.language),
            ("texts", parts),
            ("about", entry.about),
            ("terms", entry.terms),
            ("from", entry.homepage),
        ]
        file.write(table([], [(f"  {name}", cell) for name, cell in rows], align="ll"))


def _write_json(entries: list[CatalogueEntry], file: TextIO) -> None:
    documents: list[dict[str, Any]] = [asdict(entry) for entry in entries]
    write_json(documents, file)


WRITERS: Writers = {"table": _write_table, "json": _write_json}


def catalogue(
    language: Annotated[
        str | None, options.value("CODE", "List corpora of this language only, such as fr.")
    ] = None,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    output: options.Output = None,
) -> None:
    """List public review corpora that can be read by name.

    Commands that read texts take such a name, as in catalogue:nsmc, or catalogue:nsmc/test for
    another part than train. Files are fetched when they are read, which needs the Python package
    aiohttp, unless a folder that the environment variable SENTIMENT_TRANSFER_CATALOGUE lists has a
    copy: FOLDER/NAME/FILE. The terms are a summary; those of the homepage are valid.
    """
    write = writer_for(form, output, WRITERS)
    entries = [e for e in all_entries().values() if language in (None, e.language)]
    if not entries:
        codes = sorted({entry.language for entry in all_entries().values()})
        raise SettingError(f"no corpus is for --language {language}; there are {', '.join(codes)}")
    write(entries)
