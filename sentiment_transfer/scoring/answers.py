"""Answers of a model to texts, one by one, computed batch by batch."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from sentiment_transfer.model.inputs import as_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sentiment_transfer.corpus.rows import Record
    from sentiment_transfer.scoring.scorer import Scorer

__all__ = ["Answer", "Answers"]


class Answer(NamedTuple):
    """The answer to one text; ``probabilities`` are those of all labels."""

    label: str
    probability: float
    coverage: float
    text: str
    probabilities: list[float]
    record: Record


class Answers:
    """Answers, computed while they are read; the counts of ``scorer`` are complete at the end."""

    def __init__(self, scorer: Scorer, batches: Iterable[list[tuple[str, Record]]]) -> None:
        self.scorer = scorer
        answers = chain.from_iterable(map(self._answer, batches))
        # what fails at once fails before a header is written
        self._answers = chain(list(islice(answers, 1)), answers)

    def __iter__(self) -> Iterator[Answer]:
        return self._answers

    def _answer(self, batch: list[tuple[str, Record]]) -> Iterator[Answer]:
        texts, records = zip(*batch, strict=True)
        scored = self.scorer.score(as_texts(texts))
        labels = [self.scorer.names[i] for i in scored.names.tolist()]
        best, shares, p = (values.tolist() for values in scored[1:])
        return map(Answer, labels, best, shares, texts, p, records)
