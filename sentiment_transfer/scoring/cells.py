"""Values of a table as cells of CSV, JSON, Parquet and Excel."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import Any

from sentiment_transfer.corpus.formulas import defended

__all__ = ["as_text", "csv_cell", "json_value", "utf8"]

PLAIN = (str, bool, int, type(None))


def json_value(value: object) -> Any:  # noqa: ANN401
    """Return a value as JSON has it: NaN and infinity as null, dates and others as text."""
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, dict):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(item) for item in value]
    return as_text(value)


def csv_cell(value: object) -> object:
    """Return a value as a field of CSV; a text that a spreadsheet would run gets an apostrophe."""
    if isinstance(value, str):
        return defended(value)
    if isinstance(value, float):
        return value if value == value else None
    if isinstance(value, PLAIN):
        return value
    return defended(as_text(value))


def as_text(value: object) -> str:
    """Return a value that is neither text nor a number as text: lists and structures as JSON."""
    if isinstance(value, dict | list | tuple):
        return json.dumps(json_value(value), ensure_ascii=False)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return str(value)


def utf8(text: str) -> str:
    r"""Return a text that UTF-8 can encode: a lone surrogate becomes its escape, as ``\ud800``."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
