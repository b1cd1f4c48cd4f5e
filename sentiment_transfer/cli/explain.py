"""``sentiment-transfer explain``."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from sentiment_transfer.classification.explanation import Explanation
from sentiment_transfer.classification.explanation_html import UNKNOWN, page_of
from sentiment_transfer.cli.messages import printable, say
from sentiment_transfer.cli.options import ModelFile
from sentiment_transfer.cli.reading import open_classifier, texts_of
from sentiment_transfer.cli.writing import aligned, check_place, opened, write_json_array
from sentiment_transfer.errors import SettingError

__all__ = ["explain"]

TOP = 8
FOR, AGAINST, FAINT, END = "\x1b[38;5;33m", "\x1b[4;38;5;208m", "\x1b[2m", "\x1b[0m"
BOLD = "\x1b[1m"
STRONG = 0.5
"""Of the strongest contribution; from there on words are bold."""


class Format(StrEnum):
    """Forms of the answer."""

    table = "table"
    json = "json"


def explain(
    model: ModelFile,
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TEXT...",
            help="Texts themselves, each in quotes; without any, standard input, a text a line.",
            show_default=False,
        ),
    ] = None,
    label: Annotated[
        str | None,
        typer.Option(metavar="LABEL", help="Speak for this label, not for the most probable."),
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write a page for a browser.")
    ] = None,
    format: Annotated[  # noqa: A002  (the option's name)
        Format, typer.Option(help="JSON has every word.")
    ] = Format.table,
) -> None:
    """Show which words of a text speak for its label.

    Contributions are to the log odds of the label, and with what is of no word add up to them. On a
    terminal words for it are blue, words against it orange and underlined; NO_COLOR=1 turns that
    off.
    """
    if html is not None and html.suffix.lower() not in (".html", ".htm"):
        raise SettingError(f"--html {html}: end it in .html")
    check_place(html)
    classifier = open_classifier(model)
    if label is not None and label not in classifier.classes_.tolist():
        known = ", ".join(map(str, classifier.classes_))
        raise SettingError(f"--label {label}: the model knows {known}")
    for text in texts or ():
        if len(text) < 256 and Path(text).is_file():
            say(
                f"{text} is a file, and its name is explained; give texts, or its lines by < {text}"
            )
    explanations = [
        classifier.explain(text, label) for text in texts or texts_of(["-"], text="text")
    ]
    if html is not None:
        with opened(html) as file:
            file.write(page_of(explanations))
    if format is Format.json:
        write_json_array(map(_record, explanations), sys.stdout)
    else:
        colour = wants_colour(sys.stdout)
        sys.stdout.write("\n".join(_shown(one, colour=colour) for one in explanations))


def wants_colour(stream: TextIO) -> bool:
    """Whether to write colours: on a terminal that has them, unless ``NO_COLOR`` is set."""
    dumb = os.environ.get("TERM") == "dumb"
    return stream.isatty() and not os.environ.get("NO_COLOR") and not dumb


def _shown(explanation: Explanation, *, colour: bool) -> str:
    """The answer, the text, and what weighs most."""
    if explanation.no_known_word:
        return f"{_head(explanation, colour=colour)}\n{_plain(explanation)}\n  {UNKNOWN}\n"
    rows = [[piece, f"{share:+.2f}"] for piece, share in explanation.top(TOP) if round(share, 2)]
    rows.append(["(no word)", f"{explanation.bias:+.2f}"])
    text = _coloured(explanation) if colour else _plain(explanation)
    table = "".join(f"  {line}\n" for line in aligned(rows).splitlines())
    return f"{_head(explanation, colour=colour)}\n{text}\n{table}"


def _head(explanation: Explanation, *, colour: bool) -> str:
    answer = f"{printable(explanation.label)} {100 * explanation.probability:.1f} %"
    answer = f"{BOLD}{answer}{END}" if colour else answer
    return f"{answer}, log odds {explanation.log_odds:+.2f}"


def _plain(explanation: Explanation) -> str:
    pairs = zip(explanation.gaps(), explanation.pieces, strict=True)
    return "".join(gap + printable(piece) for gap, (piece, _) in pairs)


def _coloured(explanation: Explanation) -> str:
    strongest = max((abs(share) for _, share in explanation.pieces), default=0.0) or 1.0
    pairs = zip(explanation.gaps(), explanation.pieces, strict=True)
    return "".join(gap + _painted(piece, share / strongest) for gap, (piece, share) in pairs)


def _painted(piece: str, share: float) -> str:
    """One piece in its colour, faint where it hardly counts."""
    if abs(share) < 0.02:
        return f"{FAINT}{printable(piece)}{END}"
    strong = BOLD if abs(share) >= STRONG else ""
    return f"{strong}{FOR if share > 0 else AGAINST}{printable(piece)}{END}"


def _record(explanation: Explanation) -> dict[str, Any]:
    return {
        "label": explanation.label,
        "probability": round(explanation.probability, 6),
        "log_odds": round(explanation.log_odds, 6),
        "bias": round(explanation.bias, 6),
        "pieces": [[piece, round(share, 6)] for piece, share in explanation.pieces],
    }
