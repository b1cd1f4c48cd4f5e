"""What a model was trained on: numbers, names and hashes, but no text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import msgspec
import numpy as np

from sentiment_transfer.base.estimator import is_integer_from
from sentiment_transfer.corpus.splits import text_key
from sentiment_transfer.languages.detection import LANGUAGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.classification.labels import Label
    from sentiment_transfer.model.stored import TrainingSummaryFacts
    from sentiment_transfer.pretraining import WordVectors

__all__ = ["TrainingSummary", "column_name", "digests_of"]

MOST_DIGESTS = 10_000
"""Digests of more texts would make a file larger by more than 80 kB."""
MOST_COUNTED = 6
"""Classes of which a line shows the number of texts."""
LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainingSummary:
    """What a model was trained on. A file keeps it, without any text.

    Attributes
    ----------
    n_pretraining_texts : int or None
        Number of texts that the word vectors were learned from; None if that is not known, as of
        vectors of another program.
    n_adaptation_texts : int or None
        Number of unlabelled texts that the encoder was fitted on afterwards, by `adapt` or by
        `pretrain` with given vectors; None if an earlier release wrote the file.
    started_from : str or None
        Name of the shipped model that the word vectors are from.
    label_counts : dict or None
        Number of labelled texts of each class, the most negative class first if the order is known;
        empty without labels, None if an earlier release wrote the file.
    text_column, label_column : str or None
        Names of the columns that it was fitted on, if they were columns of a table.
    coverage : float or None
        Usual coverage: mean share of the words of a text that have a vector, as expected of new
        texts like those that the word vectors were learned from; if those are not known, of the
        texts that the encoder was fitted on. None if an earlier release wrote the file.
    languages : dict
        Share of the texts of pretraining in each language, the largest first, guessed by a sample
        of them, if they were in several languages; else empty.
    history : tuple of dict
        ``epoch`` from 0, ``loss``, ``held_out_loss`` if there were held-out texts, and ``words`` of
        each epoch of pretraining.
    digests : ndarray of uint64
        Hashes of the labelled texts (see `digests_of`), ascending; the smallest 10,000 of them.
        Texts cannot be computed from hashes, but anyone who has a text can look for its hash.
    """

    n_pretraining_texts: int | None = None
    n_adaptation_texts: int | None = None
    started_from: str | None = None
    label_counts: Mapping[Label, int] | None = None
    text_column: str | None = None
    label_column: str | None = None
    coverage: float | None = None
    languages: Mapping[str, float] = field(default_factory=dict)
    history: tuple[Mapping[str, Any], ...] = ()
    digests: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))

    @classmethod
    def of_vectors(cls, vectors: WordVectors, n_adaptation_texts: int | None = None) -> Self:
        """Take what word vectors say of their training."""
        metadata = vectors.metadata
        texts, name = metadata.get("texts"), metadata.get("bank")
        return cls(
            n_pretraining_texts=texts if is_integer_from(texts, 1) else None,
            n_adaptation_texts=n_adaptation_texts,
            started_from=name if isinstance(name, str) else None,
            coverage=_share(metadata.get("coverage")),
            languages=_languages(metadata.get("languages")),
            history=_history(metadata.get("history")),
        )

    def fitted_on(
        self, labels: NDArray[Any], order: NDArray[Any], digests: NDArray[np.uint64]
    ) -> Self:
        """Return a summary with these labels, ``(n,)``, of the classes ``order``."""
        counts = {label: int(np.sum(labels == label)) for label in order.tolist()}
        return replace(self, label_counts=counts if len(labels) else {}, digests=digests)

    def without_labels(self) -> Self:
        """Return a summary of the stages below the labels."""
        return replace(self, label_counts=None, digests=np.zeros(0, np.uint64))

    def with_columns(self, text: str | None, label: str | None) -> Self:
        """Return a summary with names of columns; names that a message could not show are not."""
        text, label = (name if name and _is_plain(name) else None for name in (text, label))
        return replace(self, text_column=text, label_column=label)

    @property
    def n_labels(self) -> int:
        """Number of labelled texts."""
        return sum((self.label_counts or {}).values())

    def seen(self, texts: Iterable[str]) -> NDArray[np.bool_]:
        """Return whether the model was fitted on each text, up to case, spaces and punctuation.

        If it was fitted on more than 10,000 different texts, some are not recognised.
        """
        known = set(self.digests.tolist())
        return np.array([_digest(text) in known for text in texts], dtype=np.bool_)

    def __str__(self) -> str:
        return ", ".join(" ".join(part) for part in self.parts()) or "fitted"

    def parts(self) -> list[tuple[str, str]]:
        """Return what was done, and on what, for each stage of which that is known."""
        parts = []
        if self.n_pretraining_texts:
            name = f" ({self.started_from})" if self.started_from else ""
            parts.append(("pretrained on", f"{_number(self.n_pretraining_texts, 'text')}{name}"))
        elif self.started_from:
            parts.append(("started from", self.started_from))
        if self.n_adaptation_texts:
            parts.append(("adapted to", _number(self.n_adaptation_texts, "text")))
        if self.label_counts:
            counted = f"of {len(self.label_counts):,} classes"
            if len(self.label_counts) <= MOST_COUNTED:
                each = (f"{_line(label)}: {n:,}" for label, n in self.label_counts.items())
                counted = f"({', '.join(each)})"
            parts.append(("fitted on", f"{_number(self.n_labels, 'label')} {counted}"))
        return parts

    def facts(self) -> dict[str, Any] | None:
        """Return what a file holds beside the digests; None if nothing is known."""
        if self.label_counts is None:
            return None
        return {
            "adaptation_texts": self.n_adaptation_texts,
            "label_counts": [[label, n] for label, n in self.label_counts.items()],
            "text_column": self.text_column,
            "label_column": self.label_column,
            **({} if self.coverage is None else {"coverage": self.coverage}),
        }

    @classmethod
    def from_facts(
        cls,
        facts: TrainingSummaryFacts | None,
        digests: NDArray[np.int64] | None,
        vectors: WordVectors,
    ) -> Self:
        """Build from what `facts` returned, and the word vectors."""
        summary = cls.of_vectors(vectors)
        if facts is None:
            return summary
        return replace(
            summary,
            n_adaptation_texts=facts.adaptation_texts,
            label_counts=dict(facts.label_counts),
            text_column=facts.text_column,
            label_column=facts.label_column,
            coverage=facts.coverage if summary.coverage is None else summary.coverage,
            digests=summary.digests if digests is None else digests.view(np.uint64),
        )


def digests_of(texts: Sequence[str]) -> NDArray[np.uint64]:
    """Return the smallest 10,000 hashes of different texts, uint64, ascending.

    Equal texts by `text_key` have one hash, blank texts have none.
    """
    digests = {_digest(text) for text in texts if not text.isspace() and text}
    return np.array(sorted(digests)[:MOST_DIGESTS], dtype=np.uint64)


def _digest(text: str) -> int:
    return int.from_bytes(text_key(text)[:8], "little")


def column_name(values: object) -> str | None:
    """Return the name of a column of pandas."""
    name = getattr(values, "name", None) if hasattr(values, "iloc") else None
    return name if isinstance(name, str) else None


def _is_plain(name: str) -> bool:
    return name.isprintable() and len(name) <= LONGEST_NAME


def _share(given: object) -> float | None:
    """Return a share above 0, or None for anything else that a file may hold there."""
    return float(given) if isinstance(given, float | int) and 0 < given <= 1 else None


def _languages(given: object) -> dict[str, float]:
    """Return shares by code; nothing if a file holds anything else there."""
    if not isinstance(given, dict):
        return {}
    shares = {code: _share(given[code]) for code in given if code in LANGUAGE_NAMES}
    known = {code: share for code, share in shares.items() if share is not None}
    return dict(sorted(known.items(), key=lambda item: -item[1]))


def _line(label: Label) -> str:
    return str(label) if str(label).isprintable() else repr(label)


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


class _Epoch(msgspec.Struct):
    epoch: int
    loss: float | None
    words: int
    held_out_loss: float | msgspec.UnsetType | None = msgspec.UNSET


def _history(given: object) -> tuple[Mapping[str, Any], ...]:
    """Return the history of word vectors; nothing if a file holds anything else there."""
    try:
        epochs = msgspec.convert(given, list[_Epoch])
    except msgspec.ValidationError:
        return ()
    return tuple(msgspec.to_builtins(epoch) for epoch in epochs)
