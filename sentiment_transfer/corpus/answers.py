"""The answers of annotators to the texts of an export, and the label that they give each text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sentiment_transfer.corpus.rows import OR_SKIP, Unanswered
from sentiment_transfer.errors import InputError, shortened, shown

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from sentiment_transfer.corpus.rows import Item, Row

__all__ = ["Answers", "with_labels"]


class Answers(NamedTuple):
    """What annotators said about one text, in the place of its label.

    Attributes
    ----------
    votes
        The labels that each annotator gave, an empty list if none.
    left_out
        Why a text without votes is left out, such as "skipped"; if None, it is an unlabelled one.
    key
        Answers with equal keys are about one text, unless it is None.
    """

    votes: list[list[object]]
    left_out: str | None = None
    key: Hashable = None


def with_labels(items: Iterable[Item], name: str, *, blanks: bool) -> Iterator[Item]:
    """Yield items with a label in place of their `Answers`.

    Answers to one text that stand in several rows are one row, after all others. The label is that
    of most annotators. A tie, or several labels by one annotator, makes a bad row. Texts that are
    left out are counted, as are those without an answer unless ``blanks`` are expected.
    """
    counts: Counter[str] = Counter()
    joined: dict[Hashable, Row] = {}
    for item in items:
        answers = item[2] if isinstance(item, tuple) else None
        if not isinstance(item, tuple) or not isinstance(answers, Answers):
            yield item
        elif answers.key is None:
            yield from _labelled(item, answers, name, counts)
        else:
            place, text, earlier = joined.setdefault(answers.key, item)
            if earlier is not answers and isinstance(earlier, Answers):
                joined[answers.key] = place, text, _together(earlier, answers)
    for item in joined.values():
        if isinstance(item[2], Answers):
            yield from _labelled(item, item[2], name, counts)
    unanswered = counts.pop("", 0)
    if counts:
        listed = ", ".join(f"{count:,} {why}" for why, count in sorted(counts.items()))
        yield f"{name}: texts left out by their annotators: {listed}"
    if unanswered and not blanks:
        yield f"{name}: texts without an answer, read as unlabelled ones: {unanswered:,}"


def _together(earlier: Answers, later: Answers) -> Answers:
    return Answers(earlier.votes + later.votes, earlier.left_out or later.left_out, earlier.key)


def _labelled(item: Row, answers: Answers, name: str, counts: Counter[str]) -> Iterator[Item]:
    """Yield the row with the label of most annotators, an error, or nothing if it is left out."""
    place, text, _ = item
    votes = [vote for vote in answers.votes if vote]
    if not votes:
        counts[answers.left_out or ""] += 1
        if answers.left_out is None:
            yield place, text, Unanswered()
        return
    wrong = [label for vote in votes for label in vote if not isinstance(label, str | int)]
    if wrong:
        yield place, text, wrong[0]  # which is refused as a label of another type
        return
    chosen, message = _majority(votes)
    if not message:
        yield place, text, chosen
    elif isinstance(place, int):
        yield InputError(message, path=name, line=place)
    else:
        yield InputError(f"{place}: {message}", path=name)


def _majority(votes: list[list[object]]) -> tuple[object, str]:
    """Return the label that most annotators gave, and what is wrong if there is none."""
    for vote in votes:
        if len(set(vote)) > 1:
            listed = shortened(", ".join(map(shown, vote)), 300)
            return None, f"the labels {listed} on one text; keep one, {OR_SKIP}"
    (first, most), *others = Counter(vote[0] for vote in votes).most_common()
    tied = [shown(label) for label, count in [(first, most), *others] if count == most]
    if len(tied) == 1:
        return first, ""
    listed = shortened(", ".join(tied), 300)
    return None, f"annotators disagree: {most} each for {listed}; settle it, {OR_SKIP}"
