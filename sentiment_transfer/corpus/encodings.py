"""The encodings of files: which it is, and what cannot be decoded."""

from __future__ import annotations

import codecs

from sentiment_transfer.corpus.rows import LONGEST_ROW, OR_SKIP
from sentiment_transfer.errors import InputError

__all__ = ["check_encoding", "decoded"]

ENCODINGS = (
    "open the file in an editor with the encoding it has (often cp1252, for Chinese gb18030, from "
    "Excel perhaps utf-16) and save it as UTF-8"
)
"""latin1 is not advised: it turns every byte into some character, so it is never found wrong."""


def check_encoding(start: bytes, name: str) -> int:
    """Return the length of the byte order mark, 3 or 0; raises for UTF-16 and UTF-32.

    ``start`` is the first line. Without a mark, UTF-16 is known by its NUL bytes.
    """
    marks = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
    head = start[:1000]
    many_nul = len(set(head)) > 1 and head.count(0) > len(head) / 3
    if start.startswith(marks) or many_nul:
        raise InputError(f"is UTF-16 or UTF-32, not UTF-8; {ENCODINGS}", path=name)
    return len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0


def decoded(raw: bytes, name: str, line: int | None = None) -> str | InputError:
    """Decode one line or one small file, or return an error that names the invalid byte."""
    if len(raw) > LONGEST_ROW:
        return InputError(
            f"longer than {LONGEST_ROW:,} bytes; split it into several texts, {OR_SKIP}",
            path=name,
            line=line,
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return InputError(
            f"byte {error.start + 1} ({raw[error.start]:#04x}) is not UTF-8; {ENCODINGS}, "
            f"{OR_SKIP}",
            path=name,
            line=line,
        )
    if "\0" not in text:
        return text
    message = f"byte {raw.index(0) + 1} is NUL, which no text holds; {ENCODINGS}, {OR_SKIP}"
    return InputError(message, path=name, line=line)
