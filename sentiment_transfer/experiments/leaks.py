"""Checks that no test text is among the texts that a model is fitted to."""

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

__all__ = [
    "check_labelled",
    "read_extra_domains",
    "warn_of_fitted",
    "warn_of_seen",
    "without_test_texts",
]


def check_labelled(pool: Labelled, truth: Labelled) -> None:
    """Raise ``InputError`` for empty sets, texts that are in both, and unknown test labels."""
    if not len(pool) or not len(truth):
        raise InputError(
            f"there are {len(pool)} labelled and {len(truth)} test texts; give at least one of each"
        )
    remedy = "remove them from one of the two, or split with split_by_text"
    _refuse_shared(truth.texts, pool.texts, "are both in the labelled and in the test set", remedy)
    unknown = sorted(set(truth.labels) - set(pool.labels))
    if unknown:
        raise InputError(
            f"no labelled text has the test label {unknown[0]!r}; the labels are "
            f"{', '.join(map(repr, sorted(set(pool.labels))[:10]))}: use the same names in both"
        )


def read_extra_domains(domains: Mapping[str, Any], test: Sequence[str]) -> dict[str, Labelled]:
    """Read other labelled sets; ``InputError`` if one holds a test text."""
    others = {name: read_labelled(rows) for name, rows in domains.items()}
    for name, rows in others.items():
        where = f"of {name} are also in the test set"
        _refuse_shared(rows.texts, test, where, "remove them from one of the two")
    return others


def _refuse_shared(texts: Sequence[str], others: Sequence[str], where: str, remedy: str) -> None:
    repeats = find_overlap(texts, others)
    if len(repeats):
        text = texts[repeats[0, 0]]
        raise InputError(f"{len(repeats):,} texts {where}, such as {text[:60]!r}; {remedy}")


def without_test_texts(texts: Iterable[str], test: Sequence[str]) -> Iterator[str]:
    """Drop the texts that repeat a test text, with a warning; ``texts`` are read twice."""
    repeats = set(find_overlap(texts, test)[:, 0].tolist())
    if repeats:
        warnings.warn(
            f"{len(repeats):,} unlabelled texts repeat a test text and are left out of pretraining",
            stacklevel=4,
        )
    return (text for i, text in enumerate(texts) if i not in repeats)


def warn_of_fitted(model: SentimentClassifier, test: Sequence[str]) -> int:
    """Warn of test texts that a model was fitted on, by the hashes that it keeps of them.

    Returns how many there are, at least.
    """
    summary = model.training_summary_
    n = int(summary.seen(test).sum())
    if n:
        least = "at least " if summary.n_labels > len(summary.digests) else ""
        warnings.warn(
            f"the model was fitted on {least}{n:,} of these {len(test):,} texts, so its accuracy "
            "is overestimated; give other texts, or cross-validate with folds=5",
            stacklevel=3,
        )
    return n


def warn_of_seen(model: SentimentClassifier, test: Sequence[str]) -> None:
    """Warn of test texts in the sample that a model holds of its unlabelled texts."""
    sample = model.unlabelled_.sample if hasattr(model, "unlabelled_") else []
    repeats = len(np.unique(find_overlap(sample, test)[:, 0]))
    if repeats:
        warnings.warn(
            f"{repeats:,} of {len(sample):,} texts that the model was pretrained on (a sample) "
            "repeat a test text, so its accuracy is overestimated; pretrain without them",
            stacklevel=4,
        )
