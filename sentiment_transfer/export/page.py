"""A model as one page that works by double click, and as a script for other pages and for Node.

The page asks no other host for anything: its policy allows the scripts and the style of the page
itself, by their hashes, and nothing else. Texts are shown as text only.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentiment_transfer.export.tables import Tables

__all__ = ["page_of", "script_of"]

_PORT = ("markup.js", "tokenizer.js", "grammar.js", "model.js")


def page_of(tables: Tables) -> str:
    """Return the page of a model: HTML with its data, its scripts and its style.

    Parameters
    ----------
    tables
        What `tables_of` returned.

    Returns
    -------
    str
        A page that needs no other file.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> page_of(tables_of(load("reviews-id").stages_))[:15]
    '<!doctype html>'
    """
    script = f'"use strict";\n{_port()}\n{_read("page.js")}'
    style = _read("page.css")
    return _filled(
        _read("page.html"),
        {
            "policy": _policy(script, style),
            "title": html.escape(f"Sentiment: {tables.data['card']['name']}"),
            "style": style,
            "data": _as_data(tables),
            "script": script,
        },
    )


def script_of(tables: Tables) -> str:
    """Return a script that defines ``SentimentModel``: ``SentimentModel.predict(["Great!"])``.

    In Node it is what ``require`` returns.

    Parameters
    ----------
    tables
        What `tables_of` returned.

    Returns
    -------
    str
        JavaScript that needs no other file.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> "SentimentModel" in script_of(tables_of(load("reviews-id").stages_))
    True
    """
    return (
        f'(function () {{\n"use strict";\n{_port()}\n'
        f"const model = makeModel({_as_data(tables)});\n"
        'if (typeof module === "object" && module.exports) module.exports = model;\n'
        "else globalThis.SentimentModel = model;\n})();\n"
    )


def _as_data(tables: Tables) -> str:
    r"""Return JSON that no tag can end: ``</script>`` has its first character as ``\u003c``."""
    text = json.dumps(tables.data, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def _port() -> str:
    return "\n".join(map(_read, _PORT))


@cache
def _read(name: str) -> str:
    return (files(__package__) / name).read_text(encoding="utf-8")


def _policy(script: str, style: str) -> str:
    """Return the content security policy: nothing but this script and this style."""
    script_hash, style_hash = (
        base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        for part in (script, style)
    )
    return (
        f"default-src 'none'; script-src 'sha256-{script_hash}'; "
        f"style-src 'sha256-{style_hash}'; base-uri 'none'; form-action 'none'"
    )


def _filled(template: str, parts: Mapping[str, str]) -> str:
    """Replace each ``{{name}}`` of a template, and nothing within what replaces it."""
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)
