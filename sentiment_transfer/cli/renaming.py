"""New names of labels."""

from __future__ import annotations

from sentiment_transfer.errors import SettingError

__all__ = ["new_names"]


def new_names(listed: str) -> dict[str, str]:
    """Return the new name of each label in a list such as ``1,2=negative,4,5=positive``.

    Raises ``SettingError`` for a list that ends without a new name, and for a label named twice.
    """
    names: dict[str, str] = {}
    waiting: list[str] = []
    for part in map(str.strip, listed.split(",")):
        label, renamed, new = (piece.strip() for piece in part.partition("="))
        waiting.append(label)
        if renamed:
            if set(waiting) & names.keys() or not all((*waiting, new)) or "=" in new:
                break
            names |= dict.fromkeys(waiting, new)
            waiting = []
    if waiting or not names:
        raise SettingError(
            f"--map-labels {listed} is not allowed; it must name each label once, as in "
            "1,2=negative,4,5=positive"
        )
    return names
