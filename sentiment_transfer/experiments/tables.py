"""Comparisons as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from sentiment_transfer.experiments.comparison import Comparison

__all__ = ["comparison_markdown", "comparison_table"]


def _cells(row: Mapping[str, Any], reference: str) -> list[str]:
    several = row["draws"] > 1
    gain = ""
    if several and row["arm"] != reference:
        mean, low, high = (100 * row[key] for key in ("gain", "gain_low", "gain_high"))
        gain = f"{mean:+.1f} [{low:+.1f}, {high:+.1f}]"
    return [
        row["arm"],
        f"{row['budget']:,}",
        f"{100 * row['mean']:.1f}",
        f"{100 * row['std']:.1f}" if several else "",
        f"{100 * row['worst']:.1f}" if several else "",
        f"{100 * row['macro_f1']:.1f}",
        gain,
    ]


def _table(comparison: Comparison) -> tuple[list[str], list[list[str]]]:
    header = ["arm", "labels", "mean %", "sd", "worst", "macro F1", "against the first arm"]
    records = comparison.table.to_dict("records")
    return header, [_cells(row, comparison.reference) for row in records]


def comparison_table(comparison: Comparison) -> str:
    """Aligned columns for a terminal."""
    header, rows = _table(comparison)
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = []
    previous = header[0]
    for row in [header, *rows]:
        if row[0] != previous:
            lines.append("")
        previous = row[0]
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def comparison_markdown(comparison: Comparison) -> str:
    """Write a Markdown table."""
    header, rows = _table(comparison)
    rule = ["---"] + ["---:"] * (len(header) - 1)
    return "\n".join(f"| {' | '.join(row)} |" for row in [header, rule, *rows]) + "\n"
