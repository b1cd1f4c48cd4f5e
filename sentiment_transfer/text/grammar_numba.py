"""`grammar_match.mend` compiled by numba. Import this module late, since it imports numba."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from sentiment_transfer.base.compiled import compiled
from sentiment_transfer.text import grammar_match

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["mend"]


def _calling(function: Callable[..., Any], **callees: Any) -> Callable[..., Any]:  # noqa: ANN401
    """Return a function whose callees are replaced by compiled ones."""
    names = {**function.__globals__, **callees}
    return FunctionType(function.__code__, names, function.__name__)


_parts = {"match": compiled(grammar_match.match), "apply": compiled(grammar_match.apply)}
_rewrite = compiled(_calling(grammar_match.rewrite, **_parts))
mend = compiled(_calling(grammar_match.mend, rewrite=_rewrite))
