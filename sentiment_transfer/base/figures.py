"""Saving of figures: formats, colours, and fonts for characters that the default font lacks."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_transfer.base.atomic import atomic_write
from sentiment_transfer.base.extras import require_matplotlib
from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.figure import Figure

__all__ = ["AGAINST", "COLOURS", "FOR", "FORMATS", "fonts_for", "save_figure"]

FORMATS = ("png", "svg", "pdf")

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""A palette for colour-blind readers (Okabe & Ito 2008), without its pale yellow."""

FOR, AGAINST = COLOURS[:2]
"""Colours of evidence for and against the positive or explained label."""

_FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Arial Unicode MS",
)


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure in the format of the path's suffix, with reproducible bytes."""
    require_matplotlib()
    import matplotlib as mpl

    suffix = Path(path).suffix.lstrip(".").lower()
    if suffix not in FORMATS:
        raise SettingError(f"a plot cannot be written to {path}; use the suffix .png, .svg or .pdf")
    buffer = io.BytesIO()
    date = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[suffix]
    with warnings.catch_warnings(record=True) as raised:
        warnings.simplefilter("always")
        with mpl.rc_context({"svg.hashsalt": "sentiment_transfer", "svg.fonttype": "none"}):
            figure.savefig(buffer, format=suffix, dpi=200, metadata=date)
    _pass_on(raised, drawn=suffix != "svg")
    with atomic_write(path) as file:
        file.write(buffer.getvalue())


def _pass_on(raised: Sequence[warnings.WarningMessage], *, drawn: bool) -> None:
    """Repeat warnings; those of missing characters only once, and not for SVG, which has text."""
    missing = [one for one in raised if "missing from font" in str(one.message)]
    for one in raised:
        if one not in missing:
            warnings.warn_explicit(one.message, one.category, one.filename, one.lineno)
    if missing and drawn:
        warnings.warn(
            "no installed font has all characters of this figure, so some are drawn as boxes; "
            "install Noto Sans CJK SC, or write an .svg, for which browsers use their own fonts",
            stacklevel=3,
        )


def fonts_for(texts: Iterable[str]) -> list[str]:
    """Return the installed font families that have the characters of these texts.

    The default font lacks Chinese; families for it are added only if a text needs them.
    """
    if all(max(text, default="") < "\u2e80" for text in texts):
        return ["DejaVu Sans"]
    from matplotlib.font_manager import fontManager

    here = {font.name for font in fontManager.ttflist}
    return ["DejaVu Sans", *(family for family in _FAMILIES if family in here)]
