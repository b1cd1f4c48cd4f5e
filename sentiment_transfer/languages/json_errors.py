"""Where and why a text is not JSON, in words for a person who edits it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_transfer.errors import shown

if TYPE_CHECKING:
    import json

__all__ = ["json_error"]

LONGEST_LINE = 60


def json_error(error: json.JSONDecodeError) -> str:
    """Return ``LINE: is not JSON at column N: what is wrong; the line is '...'``.

    A comma that is missing or too many is reported where it belongs, not at what follows it.
    """
    text = error.doc
    before = text[: error.pos].rstrip()
    place, remedy = error.pos, error.msg
    if not text.strip():
        remedy = "the file is empty"
    elif not text[error.pos :].strip():
        place, remedy = len(before), "the file ends too early; close what is open, with ] or }"
    elif text[error.pos] == "'":
        remedy = "write words in double quotation marks"
    elif error.msg.startswith("Invalid control character"):
        remedy = "a quotation mark is missing"
    elif error.msg.startswith("Expecting ',' delimiter"):
        place, remedy = len(before), "a comma is missing"
    elif before.endswith(",") and text[error.pos] in "]}":
        place, remedy = len(before) - 1, "a comma too many"
    elif error.msg.startswith("Illegal trailing comma"):
        remedy = "a comma too many"
    begins = text.rfind("\n", 0, place) + 1
    line = text[begins:].partition("\n")[0].strip()[:LONGEST_LINE]
    number, column = text.count("\n", 0, place) + 1, place - begins + 1
    return f"{number}: is not JSON at column {column}: {remedy}; the line is {shown(line)}"
