"""Plain-text tables whose columns line up on a terminal, also with Chinese and emoji."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["format_table"]


def format_table(header: Sequence[str], rows: Iterable[Sequence[str]], *, align: str = "") -> str:
    """Format rows in columns two spaces apart, without rules or colours.

    Widths are counted in terminal cells; a Chinese character or an emoji takes two. An empty
    ``header`` gives a table without titles. ``align`` has a letter for each column, ``l``, ``r`` or
    ``c``; by default the first column is aligned left and the others right. Each line ends with a
    newline and without spaces; a table of no lines is empty.

    >>> print(format_table(["label", "texts"], [["好", "12"], ["bad", "7"]]), end="")
    label  texts
    好        12
    bad        7
    """
    from rich.cells import cell_len

    lines = [list(row) for row in ([header] if header else [])] + [list(row) for row in rows]
    if not lines:
        return ""
    align = align or "l" + "r" * (len(lines[0]) - 1)
    cells = [[cell_len(cell) for cell in line] for line in lines]
    widths = [max(column) for column in zip(*cells, strict=True)]
    return "".join(
        "  ".join(
            _pad(cell, width - length, side)
            for cell, length, width, side in zip(line, lengths, widths, align, strict=True)
        ).rstrip()
        + "\n"
        for line, lengths in zip(lines, cells, strict=True)
    )


def _pad(cell: str, spaces: int, side: str) -> str:
    left = {"l": 0, "r": spaces, "c": spaces // 2}[side]
    return " " * left + cell + " " * (spaces - left)
