"""Hostile Excel workbooks: cells of every type, stray cells, damaged parts, small bombs."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import TYPE_CHECKING, Any

from scripts.fuzz.reader_bytes import LABELS, TEXTS, Made, changed

if TYPE_CHECKING:
    import random

__all__ = ["workbook"]

ODD: tuple[Any, ...] = (
    *(None, 1, -1, 1.0, 2.5, 1e300, True, False, dt.date(2024, 2, 29), dt.time(1, 2)),
    *(
        dt.datetime(2024, 2, 29, 1),
        dt.timedelta(1),
        "=1+1",
        "#N/A",
        "#DIV/0!",
        "",
        " ",
        "x" * 32_767,
    ),
)
DATE = re.compile(rb"\d{4}-\d\d-\d\dT[\d:]+Z")
"""When a workbook was written."""

SWAPS = (
    *((b't="s"', b't="n"'), (b't="n"', b't="s"'), (b't="s"', b't="zz"'), (b"<v>", b"<v>9")),
    *((b'r="A', b'r="XFD'), (b'r="1"', b'r="1048576"'), (b'r="2"', b'r="99999999999"')),
    *((b"<v>", b"<v>nan"), (b's="1"', b's="77"'), (b"sheet1", b"sheet9"), (b"<row", b"<rrow")),
    *((b"</row>", b""), (b"<si>", b"<si><si>"), (b"main", b"mein"), (b"<t>", b"<t>_x0041_")),
)


def workbook(rng: random.Random) -> Made:
    """Return the bytes of a workbook, most of them damaged, and its rows if it is sound."""
    import openpyxl  # of an extra

    rows = [(rng.choice(TEXTS), rng.choice(LABELS)) for _ in range(rng.choice((0, 1, 3, 50)))]
    rows = [row for row in rows if not re.search("[\\r\\x00-\\x08\\ufeff]|^=", "".join(row))]
    rows = [row for row in rows if row[1] != "=1"]
    book: Any = openpyxl.Workbook(write_only=rng.random() < 0.3)
    sheet = book.create_sheet() if book.write_only else book.active
    for _ in range(rng.choice((0, 0, 2))):
        sheet.append([])
    sheet.append(["id", "text", "label"])
    for text, label in rows:
        sheet.append([7, text, label])
    if rng.random() < 0.15:
        return Made(_saved(book), rows)
    for _ in range(rng.randint(0, 5)):
        sheet.append([rng.choice(ODD) for _ in range(rng.choice((1, 3, 5, 300)))])
    if not book.write_only and rng.random() < 0.3:
        sheet.cell(rng.choice((100, 1_048_576)), rng.choice((1, 5, 16_384)), rng.choice(ODD))
    if rng.random() < 0.2:
        book.create_sheet("Other").append(["text", "label"])
    if rng.random() < 0.1:
        book.create_chartsheet("Chart", 0)
    raw = _saved(book)
    if rng.random() < 0.6:
        raw = _with_damaged_part(rng, raw)
    return Made(changed(rng, raw) if rng.random() < 0.3 else raw, None)


def _saved(book: Any) -> bytes:  # noqa: ANN401
    file = io.BytesIO()
    book.save(file)
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts = {name: DATE.sub(b"2024-01-01T00:00:00Z", part) for name, part in parts.items()}
    return _archive(parts)


def _archive(parts: dict[str, bytes]) -> bytes:
    """Return a zip archive whose bytes do not depend on the time."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in parts.items():
            archive.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def _with_damaged_part(rng: random.Random, raw: bytes) -> bytes:
    """Change one part inside the archive, drop it, or let it expand to megabytes."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    target = rng.choice([*parts])
    damaged = _damaged(rng, parts.pop(target))
    return _archive(parts if damaged is None else {**parts, target: damaged})


def _damaged(rng: random.Random, part: bytes) -> bytes | None:
    how = rng.random()
    if how < 0.1:
        return None
    if how < 0.6:
        old, new = rng.choice(SWAPS)
        return part.replace(old, new, rng.choice((1, -1)))
    if how < 0.7:
        place = part.find(b"<row") if b"<row" in part else len(part) // 2
        return part[:place] + rng.choice((b"<row/>", b" ", b"<c/>", b"&")) * 10**6 + part[place:]
    return changed(rng, part)
