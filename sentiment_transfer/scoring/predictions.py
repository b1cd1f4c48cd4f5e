"""Answers beside the columns of the input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentiment_transfer.scoring.cells import json_value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentiment_transfer.corpus.records import Header
    from sentiment_transfer.scoring.answers import Answers

__all__ = ["Predictions", "own_names"]

OWN = ("label", "probability", "coverage")
ALL = "probabilities"


class Predictions:
    """The columns of the input, then label, probability and coverage.

    Attributes
    ----------
    answers : Answers
    names
        The names of all columns; some may be equal if they are so in the input.
    different_names
        The same, all different.
    label_name
        The name of the column of predicted labels.
    on_notice
        Called with what a user should know, such as that a column got another name.

    A name that the input has already gets ``predicted_`` in front, which is noticed.
    """

    def __init__(
        self,
        answers: Answers,
        header: Header,
        every_probability: bool,
        on_notice: Callable[[str], None],
    ) -> None:
        self.answers = answers
        self.labels = answers.scorer.labels
        self.on_notice = on_notice
        self._header = header
        self._every = every_probability
        own = own_names(header.different_names, self.labels if every_probability else (), on_notice)
        self._all = _free(ALL, header.different_names)
        self.label_name = own[0]
        self._own = own[:3]
        self.names = [*header.names, *own]
        self.different_names = [*header.different_names, *own]

    def rows(self) -> Iterator[list[Any]]:
        """Yield the values of all columns."""
        values = self._header.values
        if self._every:
            for answer in self.answers:
                yield [*values(answer.record), *answer[:3], *answer.probabilities]
        else:
            for answer in self.answers:
                yield [*values(answer.record), *answer[:3]]

    def records(self) -> Iterator[dict[str, Any]]:
        """Yield a dictionary per row, of the columns that it has, and all probabilities."""
        label, probability, coverage = self._own
        for answer in self.answers:
            fields = self._header.fields(answer.record)
            record = {name: json_value(value) for name, value in fields.items()}
            record[label], record[probability], record[coverage] = answer[:3]
            record[self._all] = dict(zip(self.labels, answer.probabilities, strict=True))
            yield record


def own_names(
    taken: Sequence[str], labels: Sequence[str], on_notice: Callable[[str], None]
) -> list[str]:
    """Return the names of the new columns: label, probability, coverage, one for each label.

    A name that is taken gets ``predicted_`` in front, which is noticed.
    """
    wanted = [*OWN, *(f"probability_{label}" for label in labels)]
    own = [_free(name, taken) for name in wanted]
    renamed = {name: new for name, new in zip(wanted, own, strict=True) if name != new}
    if renamed:
        several = len(renamed) > 1
        on_notice(
            f"the input has {'columns' if several else 'a column'} {', '.join(renamed)} "
            f"already; the new one{'s are' if several else ' is'} named "
            f"{', '.join(renamed.values())}"
        )
    return own


def _free(name: str, taken: Sequence[str]) -> str:
    """Return the name, or the first of ``predicted_name``, ``predicted_name_2`` ... not taken."""
    free, number = name, 1
    while free in taken:
        free = f"predicted_{name}" if number == 1 else f"predicted_{name}_{number}"
        number += 1
    return free
