"""The choice of a member of the bank, for the commands that take ``auto``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.cli.messages import say
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.choice import AUTO, MemberChoice, choose_member, first_of
from sentiment_transfer.model.files import open_member
from sentiment_transfer.pretraining.bank import bank_names

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
    texts: Iterable[str] | None,
    rows: Labelled | None = None,
    *,
    more: Sequence[str] = (),
    seed: int = 0,
) -> tuple[MemberChoice, Iterable[str] | None]:
    """Choose by texts, or else those of the labelled rows; return the choice and all texts.

    ``more`` are model files that are candidates beside the members of the bank.
    """
    first: list[str] = []
    if texts is not None:
        first, texts = first_of(texts)
    labelled = None
    if rows is not None and len(rows):
        labelled = rows.texts, np.array(rows.labels)
        first = first or rows.texts
    names = [*bank_names(language), *more]
    return choose_member(language, first, labelled, names=names, seed=seed), texts


def open_chosen(language: str, texts: Iterable[str]) -> tuple[SentimentClassifier, Iterable[str]]:
    """Choose a member by unlabelled texts, say which, and return it with all texts."""
    choice, stream = choose(language, texts)
    say_choice(choice)
    return SentimentClassifier.from_stages(open_member(choice.name)), stream or ()


def say_choice(choice: MemberChoice) -> None:
    """Say which member was chosen and why."""
    say(f"vectors: {choice.name}: {choice.reason}")
    say("sentiment-transfer bank judge TEXTS shows the candidates")
