"""Answers beside the columns of the input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentiment_transfer.cli.cells import json_value
from sentiment_transfer.cli.messages import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentiment_transfer.cli.answers import Answers
    from sentiment_transfer.corpus.records import Header

__all__ = ["Predictions", "say_what_differs"]

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

    A name that the input has already gets ``predicted_`` in front, which a message says.
    """

    def __init__(self, answers: Answers, header: Header, every_probability: bool) -> None:
        self.answers = answers
        self._header = header
        self._every = every_probability
        wanted = [*OWN]
        if every_probability:
            wanted += [f"probability_{label}" for label in answers.labels]
        own = [_free(name, header.different_names) for name in wanted]
        self._all = _free(ALL, header.different_names)
        self.label_name = own[0]
        self._own = own[:3]
        self.names = [*header.names, *own]
        self.different_names = [*header.different_names, *own]
        renamed = {name: new for name, new in zip(wanted, own, strict=True) if name != new}
        if renamed:
            several = len(renamed) > 1
            say(
                f"the input has {'columns' if several else 'a column'} {', '.join(renamed)} "
                f"already; the new one{'s are' if several else ' is'} named "
                f"{', '.join(renamed.values())}"
            )

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
            record[self._all] = dict(zip(self.answers.labels, answer.probabilities, strict=True))
            yield record


def _free(name: str, taken: Sequence[str]) -> str:
    """Return the name, or the first of ``predicted_name``, ``predicted_name_2`` ... not taken."""
    free, number = name, 1
    while free in taken:
        free = f"predicted_{name}" if number == 1 else f"predicted_{name}_{number}"
        number += 1
    return free


def say_what_differs(headers: Mapping[str, tuple[str, ...]]) -> None:
    """Name the first input that lacks a column of another one."""
    union = {name: None for names in headers.values() for name in names}
    for source, names in headers.items():
        missing = [name for name in union if name not in names]
        if missing:
            listed = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
            say(f"the inputs have different columns; empty, since {source} lacks them: {listed}")
            return
