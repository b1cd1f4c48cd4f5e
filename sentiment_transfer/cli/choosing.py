"""The choice of a member of the bank, for the commands that take ``auto``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_transfer.cli.messages import say
from sentiment_transfer.model import MemberChoice, SentimentClassifier, choose_member
from sentiment_transfer.model.choice import AUTO, first_of
from sentiment_transfer.model.coverage import sample_of, warn_of_unknown_words
from sentiment_transfer.model.files import open_member, open_members

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sentiment_transfer.corpus import Labelled

__all__ = ["choose", "is_auto", "open_chosen", "say_choice"]


def is_auto(vectors: Path | None) -> bool:
    """Return whether a member is to be chosen; a file of that name is read."""
    return vectors is not None and str(vectors) == AUTO and not vectors.is_file()


def choose(
    language: str,
    texts: Sequence[str],
    rows: Labelled | None = None,
    *,
    more: Sequence[str] = (),
    seed: int = 0,
) -> MemberChoice:
    """Choose by texts, or else those of the labelled rows, and by the labels.

    ``more`` are model files that are candidates beside the members of the bank. A warning says if
    the texts are of another language.
    """
    labelled = (rows.texts, rows.labels) if rows is not None and len(rows) else None
    texts = texts if texts or rows is None else rows.texts
    names = [*open_members(language), *more] if more else None
    choice = choose_member(language, texts, labelled, names=names, seed=seed)
    chosen = open_member(choice.name)
    some = sample_of(texts)
    coverage = chosen.vectors.coverage(some)
    warn_of_unknown_words(some, coverage, chosen.vectors, chosen.summary.coverage)
    return choice


def open_chosen(
    language: str, texts: Iterable[str], *, quiet: bool
) -> tuple[SentimentClassifier, Iterable[str]]:
    """Choose a member by unlabelled texts, say which, and return it with all texts."""
    first, stream = first_of(texts)
    choice = choose(language, first)
    if not quiet:
        say_choice(choice)
    return SentimentClassifier.from_stages(open_member(choice.name)), stream


def say_choice(choice: MemberChoice) -> None:
    """Say which member was chosen and why."""
    say(f"chose {choice.name}: {choice.reason}")
    if len(choice.candidates) > 1:
        say("sentiment-transfer bank judge TEXTS shows the candidates")
