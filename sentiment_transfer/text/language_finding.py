"""A finding in a language file."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True)
class Finding:
    """One finding in a language file.

    Attributes
    ----------
    code
        Name of the check, which does not change between releases.
    place
        Part of the file: ``seeds.positive``.
    message, remedy
        What is wrong, with the word, and what to do.
    is_error
        Whether the file cannot do what it says; if not, it is a thing to look at.
    """

    code: str
    place: str
    message: str
    remedy: str
    is_error: bool = True
