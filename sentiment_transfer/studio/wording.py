"""Messages of the package in the words of the page, where there are no arguments to pass."""

from __future__ import annotations

import re

__all__ = ["on_page"]

_PHRASES = {
    "pass the encoding that the file has as encoding=... (often cp1252, for Chinese gb18030)": (
        "save the file as UTF-8"
    ),
    " or those of your own classes (seeds=...)": "",
    "use no seed words (seeds=None)": "go on: the model learns from the labels alone",
    "Name the column with text=...": "Choose the column of the texts.",
    "Name the column with label=...": "Choose the column of the labels.",
    "Name the column with by=...": "Choose another column.",
}
_SKIP = re.compile(r",? or pass skip_bad=True")


def on_page(message: str) -> str:
    """Replace arguments of functions by what there is on the page.

    Examples
    --------
    >>> on_page("drop the row or pass skip_bad=True")
    'drop the row'
    """
    for phrase, words in _PHRASES.items():
        message = message.replace(phrase, words)
    return _SKIP.sub("", message)
