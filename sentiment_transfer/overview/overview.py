"""What many texts say: the share of positive ones, groups, phrases, and texts to read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.corpus.columns import no_column
from sentiment_transfer.errors import InputError
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.coverage import unknown_words
from sentiment_transfer.overview.grouping import ColumnUse, grouping_of, usable_columns
from sentiment_transfer.overview.groups import Group, Trend, groups_of, trend_of
from sentiment_transfer.overview.judged import Judged, judge
from sentiment_transfer.overview.phrases import Phrase, PhraseCounter
from sentiment_transfer.overview.quotes import Quote, doubtful, surest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sentiment_transfer.classification.labels import Label
    from sentiment_transfer.model.fitted import FittedStages

__all__ = ["Groups", "Overview", "OverviewSide", "Share", "describe_opinions"]

NOTHING = "none"
"""The column ``by`` that asks for no groups."""


@dataclass(frozen=True)
class Share:
    """The share of texts with the positive label.

    Attributes
    ----------
    label
        The positive label.
    share, low, high
        The share and the ends of its 95 % interval, between 0 and 1.
    n
        Number of texts, without blank ones.
    """

    label: Label
    share: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Groups:
    """The shares of the groups of a column.

    Attributes
    ----------
    column
        Its name.
    kind, unit
        ``"time"`` with ``"day"``, ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``, or
        ``"category"`` and nothing.
    groups
        In the order of time or of numbers, else the largest first; other values and texts without
        a value come last.
    trend
        The first and the second half of the texts in time; None for categories, or if a half has
        too few texts.
    """

    column: str
    kind: str
    unit: str
    groups: tuple[Group, ...]
    trend: Trend | None = None


@dataclass(frozen=True)
class OverviewSide:
    """What speaks for a label.

    Attributes
    ----------
    label
        The label.
    phrases
        Words and pairs of words, the clearest first.
    surest
        The texts that speak for it most.
    """

    label: Label
    phrases: tuple[Phrase, ...]
    surest: tuple[Quote, ...]


@dataclass(frozen=True)
class Overview:
    """What many texts say.

    Attributes
    ----------
    n_texts, n_blank, n_unknown, n_repeated
        Numbers of all texts, of blank ones, of others without a known word, and of those with a
        known word that were there before. Blank texts and those without a known word count in no
        figure but the number of texts of a group. Phrases and texts to read are of different texts.
    labels
        The labels, the most negative first if that is known.
    counts
        Number of texts that the model gives each label, by its name.
    share
        The share of positive texts; None if the model has no positive label, and
        ``share_missing`` says why.
    groups
        The shares by a column; None without one, and ``groups_missing`` says why.
    columns
        The columns that texts can be grouped by.
    sides
        Labels with what speaks for them: the first and the last of an order, or each of at most
        six. Of two labels, the positive one is last.
    doubtful
        The texts that the model is least sure of.
    notes
        What is to be known about the texts: few known words, another language.
    share_missing, groups_missing
        Why there are no shares, or no groups; otherwise empty.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> found = describe_opinions(load("reviews-en"), ["I loved it.", "A dull plot.", ""])
    >>> found.n_texts, found.n_blank, found.counts
    (3, 1, {'negative': 1, 'positive': 1})
    """

    n_texts: int
    n_blank: int
    n_unknown: int
    n_repeated: int
    labels: tuple[Label, ...]
    counts: dict[str, int]
    share: Share | None
    share_missing: str
    groups: Groups | None
    groups_missing: str
    columns: tuple[ColumnUse, ...]
    sides: tuple[OverviewSide, ...]
    doubtful: tuple[Quote, ...]
    notes: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as values for JSON: numbers, text, None, lists and dictionaries."""
        plain: dict[str, Any] = _plain(asdict(self))
        plain["columns"] = [use._asdict() for use in self.columns]
        return plain


def describe_opinions(
    model: SentimentClassifier | FittedStages,
    texts: Sequence[str],
    columns: Mapping[str, Sequence[object]] | None = None,
    by: str | None = None,
    *,
    n_phrases: int = 12,
    n_quotes: int = 6,
    on_part: Callable[[str], None] | None = None,
) -> Overview:
    """Describe what texts say, by the answers of a model.

    Parameters
    ----------
    model
        A model, used as it is.
    texts
        Any number of texts.
    columns
        Values of each text by the name of a column, ``(n,)``; missing ones are None or empty.
    by
        The column to group by. By default the first one of times, if there is one; ``"none"``, and
        no such column, for no groups.
    n_phrases, n_quotes
        Numbers of phrases, and of surest texts, for each side, and of doubtful ones.
    on_part
        Called with each part before it is computed: ``"texts"``, ``"groups"``, ``"phrases"`` and
        ``"texts to read"``.

    Returns
    -------
    Overview
        ``as_dict`` has all of it as values for JSON.

    Raises
    ------
    InputError
        There is no text, all are blank, or none has a known word. There is no column ``by``, texts
        cannot be grouped by it, or a column has another number of values than there are texts.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> texts, columns = ["I loved it.", "A dull plot.", "Great!"], {"shop": ["A", "B", "A"]}
    >>> found = describe_opinions(load("reviews-en"), texts, columns, by="shop")
    >>> found.counts, [group.name for group in found.groups.groups]
    ({'negative': 1, 'positive': 2}, ['A', 'B'])
    """
    stages = model.stages_ if isinstance(model, SentimentClassifier) else model
    columns = columns or {}
    _check(columns, by, len(texts))
    say = on_part or (lambda _: None)
    say("texts")
    judged = judge(stages, texts)
    say("groups")
    usable = usable_columns(columns)
    groups, missing = _groups(judged, columns, by, usable)
    say("phrases")
    counter = PhraseCounter(judged)
    phrases = [counter.phrases(i, n_phrases) for i in range(len(judged.sides))]
    say("texts to read")
    sides = tuple(
        OverviewSide(side.label, tuple(own), tuple(surest(judged, side, n_quotes)))
        for side, own in zip(judged.sides, phrases, strict=True)
    )
    predicted = judged.predicted[judged.known]
    n_blank = sum(not text.strip() for text in texts)
    counts = np.bincount(predicted, minlength=len(judged.labels)).tolist()
    return Overview(
        n_texts=len(texts),
        n_blank=n_blank,
        n_unknown=len(texts) - n_blank - len(predicted),
        n_repeated=len(predicted) - len(judged.distinct),
        labels=tuple(judged.labels),
        counts=dict(zip(map(str, judged.labels), counts, strict=True)),
        share=_share(judged),
        share_missing=judged.missing,
        groups=groups,
        groups_missing=missing,
        columns=tuple(usable),
        sides=sides,
        doubtful=tuple(doubtful(judged, n_quotes)),
        notes=tuple(_notes(judged)),
    )


def _check(columns: Mapping[str, Sequence[object]], by: str | None, n: int) -> None:
    for name, values in columns.items():
        if len(values) != n:
            raise InputError(f"the column {name!r} has {len(values):,} values for {n:,} texts")
    if by is not None and by != NOTHING and by not in columns:
        raise InputError(no_column(by, "by", [*columns]))


def _share(judged: Judged) -> Share | None:
    if judged.evidence is None:
        return None
    found = judged.evidence.estimate()
    return Share(found.label, found.share, found.low, found.high, found.n)


def _groups(
    judged: Judged,
    columns: Mapping[str, Sequence[object]],
    by: str | None,
    usable: Sequence[ColumnUse],
) -> tuple[Groups | None, str]:
    """Return the shares by a column, or why there are none."""
    if by is None:
        by = next((use.name for use in usable if use.kind == "time"), None)
    if by is None or by not in columns:
        names = ", ".join(use.name for use in usable)
        return None, f"columns to group by: {names}" if names else "there is no column to group by"
    grouping = grouping_of(by, columns[by])
    labels = [str(label) for label in judged.labels]
    found = groups_of(grouping, labels, judged.predicted, judged.evidence)
    trend = trend_of(grouping, judged.evidence)
    return Groups(by, grouping.kind, grouping.unit, tuple(found), trend), ""


def _notes(judged: Judged) -> list[str]:
    """Say if few words are known, or if the texts are all alike."""
    rows = [i for i, text in enumerate(judged.texts) if text.strip()]
    said, coverage = [judged.texts[i] for i in rows], judged.coverage[rows]
    stages = judged.stages
    unknown = unknown_words(said, coverage, stages.vectors, stages.summary.coverage)
    notes = [] if unknown is None else [unknown]
    if len(rows) > 1 and len(judged.distinct) == 1:
        notes.append("all texts with a known word are the same text")
    return notes


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return values that JSON has; numbers with 4 decimals."""
    if isinstance(value, dict):
        return {key: _plain(own) for key, own in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(own) for own in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    return round(value, 4) if isinstance(value, float) else value
