"""Malformed files of lines: CSV, TSV, JSON lines, fastText lines, plain text, and these compressed.

A file is made well, with random rows, and then changed in a few ways: at random
(a byte is flipped), or aimed at the format (a quote that is not closed).
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from typing import TYPE_CHECKING, NamedTuple

import zstandard

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    Change = Callable[[random.Random, bytes], bytes]

__all__ = ["LINES", "TEXTS", "Made", "changed", "compressed_file", "line_file"]

TEXTS = (
    *("good", "so bad", "It was great, loved it.", 'a "quoted" word', '"', "第一行\n第二行"),
    *("tab\there", "😀😀", "=SUM(A1)", "-1", "@anna", "naïve", "a\u2028b", "a\r\nb", "x" * 3000),
    *("__label__x in the text", "null", "NaN", "don't", ",", ";", "\\", "a\rb", "\ufeffmark"),
)
LABELS = ("positive", "negative", "01", "1", "+1", "NA", "null", "Positive", "très bien", "=1")

TOKENS = (
    *(b'"', b'""', b'"""', b",", b"\t", b"\n", b"\r", b"\r\n", b"\n\n", b"\0", b" ", b', "', b"'"),
    *(b"\xef\xbb\xbf", b"\xff", b"\xfe\xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80"),
    *(b"__label__", b"__label__a ", b"{", b"}", b"[", b"]", b":", b"\\u0000", b"\\ud800", b"\\"),
    *(b"\ntext,label\n", b"\xef\xbb\xbftext,label\n", b'\n"', b'"\n', b"9" * 5000, b"\x1a"),
    *(b'"text":', b'"label":', b"null", b"NaN", b"1e999", b"true", b"\xc2\x85", b"\xe2\x80\xa8"),
)
ENCODINGS = ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "gb18030", "utf-8-sig")


class Made(NamedTuple):
    """Bytes of a file, and the texts and labels that it holds, unless it was changed."""

    raw: bytes
    rows: list[tuple[str, str]] | None


def line_file(rng: random.Random, kind: str) -> Made:
    """Return a file of one of the formats in `LINES`, mostly changed."""
    rows = [(rng.choice(TEXTS), rng.choice(LABELS)) for _ in range(rng.choice((1, 2, 5, 30)))]
    rows = [row for row in rows if LINES[kind].holds(*row)]
    raw = LINES[kind].write(rng, rows)
    if rng.random() < 0.05:
        return Made(raw, rows)
    return Made(changed(rng, raw), None)


def changed(rng: random.Random, raw: bytes) -> bytes:
    """Change bytes one to four times, now and then into megabytes."""
    for _ in range(rng.randint(1, 4)):
        raw = rng.choice(CHANGES)(rng, raw)
    if rng.random() < 0.02:
        raw = _enlarged(rng, raw)
    return raw


def compressed_file(rng: random.Random, kind: str) -> tuple[str, bytes]:
    """Return the suffix and bytes of a file of lines in one or more compressed parts."""
    inner = rng.choice(tuple(LINES))
    raw = line_file(rng, inner).raw
    if rng.random() < 0.05:  # a bomb
        raw += rng.choice((b"\0", b"\n", b"a\n", b'"a\n', b" ")) * rng.choice((10**5, 5 * 10**6))
    cuts = sorted(rng.randint(0, len(raw)) for _ in range(rng.choice((0, 0, 1, 3))))
    parts = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
    packed = b"".join(map(gzip.compress if kind == "gz" else zstandard.compress, parts))
    damage = rng.random()
    if damage < 0.3:
        packed = packed[: rng.randint(0, len(packed))]
    elif damage < 0.5:
        packed = changed(rng, packed)
    elif damage < 0.6:
        packed += rng.choice((b"\0" * 1000, b"garbage", packed, b"\x50\x2a\x4d\x18\4\0\0\0abcd"))
    elif damage < 0.65:
        packed = zstandard.compress(packed) if kind == "gz" else gzip.compress(packed)
    return f"{inner}.{kind}", packed


def _table(rng: random.Random, rows: list[tuple[str, str]], delimiter: str) -> bytes:
    file = io.StringIO(newline="")
    ends = rng.choice(("\n", "\r\n"))
    writer = csv.writer(file, delimiter=delimiter, lineterminator=ends)
    extra = rng.choice(((), ("id",), ("id", "note")))
    writer.writerow([*extra, "text", "label"])
    writer.writerows([*(rng.choice(("", "7", "a,b")) for _ in extra), *row] for row in rows)
    return file.getvalue().encode()


def _json_lines(rng: random.Random, rows: list[tuple[str, str]]) -> bytes:
    ascii_only = rng.random() < 0.5
    lines = []
    for text, label in rows:
        record: dict[str, object] = {"label": label, "text": text}
        if rng.random() < 0.1:
            record["note"] = rng.choice((None, [1, [2]], {"text": "inner"}, 1e300))
        lines.append(json.dumps(record, ensure_ascii=ascii_only))
    return ("\n".join(lines) + "\n").encode()


def _json_array(rng: random.Random, rows: list[tuple[str, str]]) -> bytes:
    others = (None, 7, [1])
    records = [{"label": label, "id": rng.choice(others), "text": text} for text, label in rows]
    indent = rng.choice((None, 2))
    return json.dumps(records, ensure_ascii=rng.random() < 0.5, indent=indent).encode()


def _plain(_: random.Random, rows: list[tuple[str, str]]) -> bytes:
    return "".join(f"{text}\n" for text, _label in rows).encode()


def _fasttext(_: random.Random, rows: list[tuple[str, str]]) -> bytes:
    return "".join(f"__label__{label} {text}\n" for text, label in rows).encode()


class Lines(NamedTuple):
    """How a format is written, and whether it can hold a text with a label."""

    write: Callable[[random.Random, list[tuple[str, str]]], bytes]
    holds: Callable[[str, str], bool]


def _on_one_line(text: str, label: str) -> bool:
    return not {"\n", "\r", "\ufeff"} & set(text) and " " not in label and "__label__" not in text


def _in_a_table(text: str, _: str) -> bool:
    """Whether a row is read as it is: marks at the start of a line mean joined files.

    Before Python 3.13 the csv module writes a carriage return without quotes.
    """
    return "\ufeff" not in text and text != "a\rb"


LINES = {
    # a TSV row whose lines have as many tabs as the header is taken for merged rows
    "csv": Lines(lambda rng, rows: _table(rng, rows, ","), _in_a_table),
    "tsv": Lines(
        lambda rng, rows: _table(rng, rows, "\t"),
        lambda text, label: "\t" not in text and _in_a_table(text, label),
    ),
    "jsonl": Lines(_json_lines, lambda *_: True),
    "json": Lines(_json_array, lambda *_: True),
    "semicolons.csv": Lines(lambda rng, rows: _table(rng, rows, ";"), _in_a_table),
    "txt": Lines(_plain, _on_one_line),
    "ft": Lines(_fasttext, _on_one_line),
}


# Changes


def _flipped(rng: random.Random, raw: bytes) -> bytes:
    place = rng.randrange(len(raw) + 1)
    return raw[:place] + bytes([rng.randrange(256)]) + raw[place + 1 :]


def _with_token(rng: random.Random, raw: bytes) -> bytes:
    place = rng.randrange(len(raw) + 1)
    return raw[:place] + rng.choice(TOKENS) + raw[place:]


def _without_slice(rng: random.Random, raw: bytes) -> bytes:
    first, last = sorted(rng.randrange(len(raw) + 1) for _ in range(2))
    return raw[:first] + raw[min(last, first + 50) :]


def _slice_moved(rng: random.Random, raw: bytes) -> bytes:
    first, last = sorted(rng.randrange(len(raw) + 1) for _ in range(2))
    place = rng.randrange(len(raw) + 1)
    return raw[:place] + raw[first:last] + raw[place:]


def _cut_off(rng: random.Random, raw: bytes) -> bytes:
    return raw[: rng.randrange(len(raw) + 1)]


def _joined(rng: random.Random, raw: bytes) -> bytes:
    """Join files, perhaps with a mark and without the last line end."""
    first = raw.rstrip(b"\r\n") if rng.random() < 0.5 else raw
    return first + rng.choice((b"", b"\xef\xbb\xbf")) + raw


def _other_line_ends(rng: random.Random, raw: bytes) -> bytes:
    lines = raw.split(b"\n")
    kinds = rng.choice(((b"\r\n",), (b"\r",), (b"\n", b"\r\n", b"\r"), (b"\n\n",), (b"\r\r\n",)))
    return b"".join(line + rng.choice(kinds) for line in lines)


def _other_encoding(rng: random.Random, raw: bytes) -> bytes:
    text = raw.decode(errors="replace")
    if rng.random() < 0.3:  # mostly of another script
        text += rng.choice(("très bien, où est-ce?\n", "房间很大，早餐不错。\n", "Отлично\n")) * 20
    return text.encode(rng.choice(ENCODINGS), errors="ignore")


def _without_a_quote(rng: random.Random, raw: bytes) -> bytes:
    places = [place for place, byte in enumerate(raw[:10_000]) if byte == ord('"')]
    if not places:
        return raw + b'"'
    place = rng.choice(places)
    return raw[:place] + raw[place + 1 :]


def _first_line_only(rng: random.Random, raw: bytes) -> bytes:
    return raw.partition(b"\n")[0] + rng.choice((b"", b"\n", b"\r\n"))


def _line_again(rng: random.Random, raw: bytes) -> bytes:
    lines = raw.splitlines(keepends=True) or [b""]
    lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))
    return b"".join(lines)


def _ragged(rng: random.Random, raw: bytes) -> bytes:
    lines = raw.split(b"\n")
    place = rng.randrange(len(lines))
    lines[place] += rng.choice((b",", b",x", b"\t", b"\tx", b',"', b" "))
    return b"\n".join(lines)


def _token_many_times(rng: random.Random, raw: bytes) -> bytes:
    place = rng.randrange(len(raw) + 1)
    times = rng.choice((10, 1000, 30_000))
    token = rng.choice(TOKENS)[:20]
    return raw[:place] + token * times + raw[place:]


def _enlarged(rng: random.Random, raw: bytes) -> bytes:
    """Repeat a part until the file has megabytes, rarely more than the longest row."""
    first, last = sorted(rng.randrange(len(raw) + 1) for _ in range(2))
    part = raw[first : max(last, first + 1)] or b"a"
    size = rng.choices((10**5, 10**6, 11 * 10**6), (10, 5, 1))[0]
    return raw[:last] + part * (size // len(part)) + raw[last:]


CHANGES: tuple[Change, ...] = (
    *(_flipped, _with_token, _with_token, _without_slice, _slice_moved, _cut_off, _joined),
    *(_other_line_ends, _other_encoding, _without_a_quote, _first_line_only, _line_again),
    *(_ragged, _token_many_times),
)
