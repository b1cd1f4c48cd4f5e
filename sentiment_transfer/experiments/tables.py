"""Comparisons as text: for a terminal, Markdown, CSV and JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_transfer.atomic import atomic_write
from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from pandas import DataFrame

    from sentiment_transfer.experiments.comparison import Comparison

__all__ = ["comparison_json", "comparison_markdown", "comparison_table", "save_comparison"]

HEADER = ("arm", "mean %", "sd", "worst", "macro F1", "against the first [95 %]")
WIDTH = 100


def comparison_table(comparison: Comparison) -> str:
    """Aligned columns for a terminal, at most 100 wide: a block for each budget."""
    blocks = [(budget, _rows(comparison, rows)) for budget, rows in _by_budget(comparison)]
    cells = [HEADER, *(row for _, rows in blocks for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(HEADER))]
    widths[0] = min(widths[0], WIDTH - sum(width + 2 for width in widths[1:]))
    lines = [_aligned(HEADER, widths)]
    for title, rows in blocks:
        lines += ["", title, *(_aligned(row, widths) for row in rows)]
    lines += ["", f"accuracy on {comparison.n_test:,} test texts; 95 % over draws of labels alone"]
    return "\n".join(lines)


def comparison_markdown(comparison: Comparison) -> str:
    """Write a Markdown table, under a comment that says what it was made from."""
    facts = "; ".join(f"{name} {_plain(fact)}" for name, fact in comparison.made_from.items())
    rows = [
        (title, *row) for title, group in _by_budget(comparison) for row in _rows(comparison, group)
    ]
    rule = ["---", "---"] + ["---:"] * (len(HEADER) - 1)
    table = [("labels", *HEADER), rule, *(map(_escaped, row) for row in rows)]
    return f"<!-- {facts} -->\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in table) + "\n"


def comparison_json(comparison: Comparison) -> str:
    """Everything: ``made_from``, ``reference``, ``table`` and ``runs``; NaN becomes null."""
    content = {
        "made_from": dict(comparison.made_from),
        "reference": comparison.reference,
        "table": _records(comparison.table),
        "runs": _records(comparison.runs),
    }
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def save_comparison(comparison: Comparison, path: str | Path) -> None:
    """Write ``.csv``, ``.md`` or ``.json``, atomically."""
    suffix = Path(path).suffix.lower()
    if suffix == ".csv":
        content = comparison.table.to_csv(index=False, lineterminator="\n")
    elif suffix == ".md":
        content = comparison_markdown(comparison)
    elif suffix == ".json":
        content = comparison_json(comparison)
    else:
        raise SettingError(f"a comparison cannot be written to {path}; end it in .csv, .md, .json")
    with atomic_write(path) as file:
        file.write(content.encode())


def _by_budget(comparison: Comparison) -> list[tuple[str, DataFrame]]:
    """Rows of the table by what they are called: ``8 labels, 20 draws``."""
    groups = []
    for budget, rows in comparison.table.groupby("budget"):
        draws = int(rows["draws"].max())
        title = f"{budget:,} label" + ("" if budget == 1 else "s")
        groups.append((title if draws == 1 else f"{title}, {draws} draws", rows))
    return groups


def _rows(comparison: Comparison, rows: DataFrame) -> list[tuple[str, ...]]:
    return [_cells(row, comparison.reference) for row in rows.to_dict("records")]


def _cells(row: Mapping[Any, Any], reference: str) -> tuple[str, ...]:
    """Figures in per cent; what one draw cannot tell stays empty."""
    several = row["draws"] > 1
    gain = ""
    if row["arm"] != reference and row["gain"] == row["gain"]:
        gain = f"{100 * row['gain']:+.1f}"
        if several:
            gain += f" [{100 * row['gain_low']:+.1f}, {100 * row['gain_high']:+.1f}]"
    return (
        row["arm"],
        f"{100 * row['mean']:.1f}",
        f"{100 * row['std']:.1f}" if several else "",
        f"{100 * row['worst']:.1f}" if several else "",
        f"{100 * row['macro_f1']:.1f}",
        gain,
    )


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    name = row[0] if len(row[0]) <= widths[0] else row[0][: widths[0] - 1] + "…"
    cells = [name.ljust(widths[0])]
    cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return "  ".join(cells).rstrip()


def _plain(fact: object) -> str:
    return ", ".join(map(str, fact)) if isinstance(fact, list) else str(fact)


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")


def _records(table: DataFrame) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(table.to_json(orient="records", double_precision=15))
    return rows
