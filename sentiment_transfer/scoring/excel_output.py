"""Tables as Excel workbooks, a row at a time."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, BinaryIO

from sentiment_transfer.errors import InputError
from sentiment_transfer.scoring.cells import as_text, utf8

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["write_excel"]

MOST_ROWS = 1_048_576
LONGEST_CELL = 32_767
LARGEST_INTEGER = 10**15
"""What Excel holds; it drops the digits of a number behind the fifteenth."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def write_excel(
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    file: BinaryIO,
    on_notice: Callable[[str], None],
) -> None:
    """Write rows under a header into the only sheet of a workbook.

    A text stays a text, also one that begins with ``=``; of a text of more than 32,767 characters
    the rest is left out, and a notice has their number. Raises ``InputError`` for more rows than
    Excel has.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("predictions")
    cells = _Cells(sheet)
    sheet.append([cells.cell(name) for name in header])
    for number, row in enumerate(rows, 2):
        if number > MOST_ROWS:
            raise InputError(f"an Excel sheet has {MOST_ROWS:,} rows at most; write CSV instead")
        sheet.append([cells.cell(value) for value in row])
    book.save(file)
    if cells.n_cut:
        on_notice(
            f"cut to {LONGEST_CELL:,} characters, as Excel has no longer cells: "
            f"{cells.n_cut:,}; CSV has them whole"
        )


class _Cells:
    """Makes cells, and counts the texts that are too long for one."""

    def __init__(self, sheet: Any) -> None:  # noqa: ANN401  (of openpyxl)
        self._sheet = sheet
        self.n_cut = 0

    def cell(self, value: object) -> Any:  # noqa: ANN401
        """Return what openpyxl writes as this value."""
        if isinstance(value, float):
            return value if abs(value) < float("inf") else None
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int) and abs(value) < LARGEST_INTEGER:
            return value
        if isinstance(value, date | datetime | time) and getattr(value, "tzinfo", None) is None:
            return value
        return self._text(value if isinstance(value, str) else as_text(value))

    def _text(self, text: str) -> Any:  # noqa: ANN401
        from openpyxl.cell import WriteOnlyCell

        safe = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", utf8(text))
        if len(safe) > LONGEST_CELL:
            self.n_cut += 1
            safe = safe[:LONGEST_CELL]
        cell = WriteOnlyCell(self._sheet, safe)
        cell.data_type = "s"  # "=1+1" would become a formula
        return cell
