"""``sentiment-transfer explain``."""

import os
from collections.abc import Iterable
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Annotated, Any, TextIO

from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import STREAMED, Reader
from sentiment_transfer.cli.messages import printable, say
from sentiment_transfer.cli.models import labels_of, open_classifier
from sentiment_transfer.cli.output import (
    Writers,
    check_writable,
    open_output,
    table,
    write_json_array,
    writer_for,
)
from sentiment_transfer.corpus.sources import FileOptions, suffixes
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model.explanation import Explanation
from sentiment_transfer.model.explanation_html import UNKNOWN, page_of

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["explain"]

TOP = 8
FOR, AGAINST = "color(33)", "underline color(208)"
STRONG, WEAK = 0.5, 0.02
"""Shares of the largest contribution from which words are bold, and below which they are dim."""

WRITERS: Writers = {
    "table": lambda explanations, file: file.write(_rendered(map(_shown, explanations), file)),
    "json": lambda explanations, file: write_json_array(map(_record, explanations), file),
}


def explain(
    model: options.ModelFile,
    texts: Annotated[
        list[str] | None,
        options.argument(
            "TEXT",
            "Texts to explain, each in quotes; by default standard input, one text per line "
            "without --input-format.",
        ),
    ] = None,
    label: Annotated[
        str | None, options.value("LABEL", "Explain this label instead of the most probable one.")
    ] = None,
    html: Annotated[
        Path | None, options.value("FILE", "Also write an HTML page.", callback=check_writable)
    ] = None,
    form: Annotated[
        str | None, options.form(WRITERS, " json has the weight of every word.")
    ] = None,
    output: options.Output = None,
    sentence_encoder: options.SentenceEncoder = None,
    text: options.TextColumn = None,
    input_format: options.InputFormat = None,
) -> None:
    """Show which words of a text count for its label.

    Prints the log odds of the label, and the contributions of words, which add up to the log odds
    together with the constant (no word). A sentence encoder reads a text as a whole: its
    contribution is a line of its own. On a terminal, words for the label are blue, and words
    against it are orange and underlined. NO_COLOR=1 turns colours off.
    """
    if html is not None and html.suffix.lower() not in (".html", ".htm"):
        raise SettingError(f"--html {html} is not allowed; the file must end in .html")
    write = writer_for(form, output, WRITERS)
    classifier = open_classifier(model, sentence_encoder)
    known = dict(zip(labels_of(classifier).tolist(), classifier.classes_.tolist(), strict=True))
    if label is not None and label not in known:
        raise SettingError(f"--label {label} is not allowed; the labels are {', '.join(known)}")
    for each in texts or ():
        if os.path.isfile(each):  # noqa: PTH113  (False for a text longer than a path can be)
            say(f"warning: explaining the file name {each}; {_instead_of(each)}")
    with Reader(text, model=classifier, files=FileOptions(format=input_format)) as read:
        wanted = None if label is None else known[label]
        explanations = [classifier.explain(each, wanted) for each in texts or read.texts(["-"])]
    if html is not None:
        with open_output(html) as file:
            file.write(page_of(explanations))
    write(explanations)


def _instead_of(path: str) -> str:
    """Return how to explain the texts of a file."""
    form = suffixes(path)[0]
    as_table = f"--input-format {form} " if form in STREAMED and form != "txt" else ""
    return f"to explain its texts, use {as_table}< {path}"


def _rendered(blocks: Iterable["Text"], file: TextIO) -> str:
    """Return texts for a file: with colours if it is a terminal that has them."""
    from rich.console import Console

    console = Console(file=file, highlight=False, soft_wrap=True)
    with console.capture() as captured:
        console.print(*blocks, sep="\n", end="")
    return captured.get()


def _shown(explanation: Explanation) -> "Text":
    """Return the label, the text, and the words of the largest contributions."""
    from rich.text import Text

    answer = f"{printable(str(explanation.label))} {100 * explanation.probability:.1f} %"
    text = Text().append(answer, "bold").append(f", log odds {explanation.log_odds:+.2f}\n")
    strongest = max((abs(share) for _, share in explanation.pieces), default=0.0) or 1.0
    for gap, (piece, share) in zip(explanation.gaps, explanation.pieces, strict=False):
        text.append(printable(gap)).append(printable(piece), _style(share / strongest))
    text.append(printable(explanation.gaps[-1]))
    if explanation.no_known_word:
        return text.append(f"\n  {UNKNOWN}\n")
    rows = [[piece, f"{share:+.2f}"] for piece, share in explanation.top(TOP) if round(share, 2)]
    rows += [[name, f"{share:+.2f}"] for name, share in explanation.rest]
    text.append(f"\n{indent(table([], rows), '  ')}")
    origins = [f"{name} {x:+.2f}" for name, x in explanation.origins.items() if round(x, 2)]
    if len(origins) > 1:
        text.append(f"  of the words' log odds: {', '.join(origins)}\n")
    return text


def _style(share: float) -> str:
    """Return the style of a piece by its share of the largest contribution."""
    if abs(share) < WEAK:
        return "dim"
    colour = FOR if share > 0 else AGAINST
    return f"bold {colour}" if abs(share) >= STRONG else colour


def _record(explanation: Explanation) -> dict[str, Any]:
    return {
        "label": str(explanation.label),
        "probability": round(explanation.probability, 6),
        "log_odds": round(explanation.log_odds, 6),
        "bias": round(explanation.bias, 6),
        **({"sentence": round(explanation.sentence, 6)} if explanation.sentence else {}),
        "no_known_word": explanation.no_known_word,
        "text": explanation.text,
        "gaps": list(explanation.gaps),
        "origins": {name: round(x, 6) for name, x in explanation.origins.items()},
        "pieces": [[piece, round(share, 6)] for piece, share in explanation.pieces],
    }
