"""Names of labels after reading: new names, whole numbers written as floats, and look-alikes."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from sentiment_transfer.base.notice import Notice, level_of_caller
from sentiment_transfer.errors import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Renaming = Callable[[set[str]], Mapping[str, str]]
    """Returns the new names of some of these labels."""

__all__ = ["final_names", "warn_of_labels_alike"]

PAIRS_LISTED = 20
_WHOLE = re.compile(r"-?\d+\.0+")


def final_names(labels: set[str], renaming: Renaming | None = None) -> dict[str, str]:
    """Return the name of each label: a new one if it is given, ``1`` for ``1.0``, or its own.

    pandas writes integers as floats if a value is missing. So if all labels are whole numbers of
    this form, they are read as integers, with a notice. Labels that still differ in space or case
    alone are warned of.
    """
    whole = {label: label.partition(".")[0] for label in labels if _WHOLE.fullmatch(label)}
    if whole.keys() != labels or len(set(whole.values())) < len(whole):
        whole = {}
    new = {} if renaming is None else renaming(labels | set(whole.values()))
    if whole and not new:
        example = min(whole)
        warnings.warn(
            f"the labels are whole numbers written as floats; {shown(example)} is read as "
            f"{shown(whole[example])}, and so on",
            Notice,
            stacklevel=level_of_caller(),
        )
    read_as = {label: whole.get(label, label) for label in labels}
    names = {label: new.get(label, new.get(name, name)) for label, name in read_as.items()}
    warn_of_labels_alike(set(names.values()))
    return names


def warn_of_labels_alike(labels: set[str]) -> None:
    """Warn once of labels that differ in space or case alone."""
    first: dict[str, str] = {}
    pairs = []
    for label in sorted(labels, key=lambda name: (name.casefold(), name.swapcase())):
        alike = first.setdefault("".join(label.casefold().split()), label)
        pairs += [(label, alike)] if alike != label else []
    if pairs:
        listed = ",".join(f"{label}={alike}" for label, alike in pairs[:PAIRS_LISTED])
        more = f" and {len(pairs) - PAIRS_LISTED:,} more" if len(pairs) > PAIRS_LISTED else ""
        warnings.warn(
            f"the labels {shown(pairs[0][0])} and {shown(pairs[0][1])} differ in space or case "
            f"alone, and count as two; rename them: {listed}{more}{_others(pairs, first)}",
            stacklevel=level_of_caller(),
        )


def _others(pairs: list[tuple[str, str]], first: Mapping[str, str]) -> str:
    """Return the labels that are like no other, which may mean the same: ``y`` beside ``yes``."""
    alone = sorted(set(first.values()) - {alike for _, alike in pairs})
    if len(first) <= 2 or not alone:
        return ""
    listed = ", ".join(map(shown, alone[:PAIRS_LISTED]))
    more = f" and {len(alone) - PAIRS_LISTED:,} more" if len(alone) > PAIRS_LISTED else ""
    return f" (and in the same way, if they mean one of these: {listed}{more})"
