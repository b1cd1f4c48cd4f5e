"""The apostrophe that keeps a spreadsheet from running a text of a CSV file as a formula."""

from __future__ import annotations

import re

__all__ = ["LABELS", "defended", "undefended"]

LABELS = ("label", "predicted", "predicted_label")
"""Columns of labels, which are written and read as they are."""

_FORMULA = re.compile(
    r"'*\s*(?:[=＝]|[-+@－＋＠](?=.*?(?:\w\s?\(|\||!\$?[A-Za-z])))",
    re.DOTALL,
)
"""``=`` and anything, or a sign or ``@`` and a function, a program or a cell of another sheet.

A number such as -3, a name such as @anna and a list item such as "- cheap" are none. Apostrophes in
front are of an earlier defence, or the text's own.
"""


def defended(text: str) -> str:
    """Return a text with an apostrophe in front if a spreadsheet would run it, or if it has one."""
    return f"'{text}" if _FORMULA.match(text) else text


def undefended(text: str) -> str:
    """Return what `defended` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
