"""Keeping test texts out of what is learnt from."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.corpus import find_overlap, read_labelled
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.model import SentimentClassifier

__all__ = ["check_labelled", "read_beside", "unseen", "warn_of_seen"]


def check_labelled(pool: Labelled, truth: Labelled) -> None:
    """Refuse what would make every figure wrong."""
    if not len(pool) or not len(truth):
        raise InputError(f"{len(pool)} labelled and {len(truth)} test texts; give some of each")
    repeats = find_overlap(truth.texts, pool.texts)
    if len(repeats):
        text = truth.texts[repeats[0, 0]]
        raise InputError(
            f"{len(repeats):,} texts stand both in the labelled and in the test set, such as "
            f"{text[:60]!r}; take them out of one of the two, or split with split_by_text"
        )
    unknown = sorted(set(truth.labels) - set(pool.labels))
    if unknown:
        raise InputError(
            f"no labelled text has the test label {unknown[0]!r}; the labels are "
            f"{', '.join(map(repr, sorted(set(pool.labels))[:10]))}: use the same names in both"
        )


def read_beside(beside: Mapping[str, Any], test: Sequence[str]) -> dict[str, Labelled]:
    """Read other labelled sets; ``InputError`` where one holds a test text."""
    others = {name: read_labelled(rows) for name, rows in beside.items()}
    for name, rows in others.items():
        repeats = find_overlap(rows.texts, test)
        if len(repeats):
            text = rows.texts[repeats[0, 0]]
            raise InputError(
                f"{len(repeats):,} texts of {name} stand in the test set too, such as "
                f"{text[:60]!r}; take them out of one of the two"
            )
    return others


def unseen(texts: Iterable[str], test: Sequence[str]) -> Iterator[str]:
    """Leave out what is to be tested, with a warning: nothing may be learnt from it.

    ``texts`` are read twice.
    """
    repeats = set(find_overlap(texts, test)[:, 0].tolist())
    if repeats:
        warnings.warn(
            f"{len(repeats):,} unlabelled texts repeat a test text and are left out of pretraining",
            stacklevel=4,
        )
    return (text for i, text in enumerate(texts) if i not in repeats)


def warn_of_seen(model: SentimentClassifier, test: Sequence[str]) -> None:
    """Look for test texts among what a model still has of its unlabelled ones."""
    sample = model.unlabelled_.sample if hasattr(model, "unlabelled_") else []
    repeats = len(np.unique(find_overlap(sample, test)[:, 0]))
    if repeats:
        warnings.warn(
            f"{repeats:,} of {len(sample):,} texts that the model was pretrained on (a sample) "
            "repeat a test text, so its accuracy comes out too high; pretrain without them",
            stacklevel=4,
        )
