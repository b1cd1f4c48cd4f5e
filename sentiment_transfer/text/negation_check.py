"""Checks of negators and of negated seed words in a language file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_transfer.text.language_finding import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentiment_transfer.languages import Language

__all__ = ["NEGATORS_FORM", "check_negation", "negated_otherwise"]

NEGATORS_FORM = (
    'give each negator with the token that it becomes, as in {"tidak": "tidak", "gak": "tidak"}'
)


def check_negation(known: Language, seeds: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """Yield findings in the negators of a language, and in its seed words by their place."""
    if not (known.negators or known.negator_affixes or known.negator_suffix):
        message = "is empty, so 'not good' is read as 'good'"
        remedy = "list the words that negate; some may be in stop_words: take them out there"
        yield Finding("no-negators", "negators", message, remedy, is_error=False)
    for word, token in known.negators.items():
        if token not in known.negators:
            message = f"{word!r} becomes {token!r}, which is no negator here"
            yield Finding("odd-token", "negators", message, NEGATORS_FORM, is_error=False)
    for place, words in seeds.items():
        yield from _other_markers(known, place, words)


def negated_otherwise(known: Language, seed: str) -> str:
    """Return what a seed is negated with, if that is not the marker, with the ``_`` or the space.

    It may be any word before a ``_``, and a negator before a space; else it is empty.
    """
    if seed.startswith(known.marker):
        return ""
    for sign in "_ ":
        before, found, rest = seed.partition(sign)
        if found and rest and before.isalpha() and (sign == "_" or before in known.negators):
            return before + sign
    return ""


def _other_markers(known: Language, place: str, seeds: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding for each other beginning of negated words."""
    found: dict[str, list[str]] = {}
    for seed in seeds:
        if before := negated_otherwise(known, seed):
            found.setdefault(before, []).append(seed)
    for before, words in found.items():
        more = f" and {len(words) - 1} more" if len(words) > 1 else ""
        message = f"the marker is {known.marker!r}, and not that of {words[0]!r}{more}"
        remedy = f"write {known.marker + words[0].removeprefix(before)!r}"
        if before.endswith("_"):
            remedy += f", or set scope.marker to {before!r}"
        if before[:-1] not in known.negators:
            remedy += f", and list {before[:-1]!r} in negators"
        yield Finding("other-marker", place, message, remedy)
