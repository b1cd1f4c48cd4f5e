"""Scripts that are called in the process of the tests: they start faster, as all is imported."""

from __future__ import annotations

import contextlib
import io
import sys
import warnings
from typing import TYPE_CHECKING, Literal
from unittest import mock

if TYPE_CHECKING:
    from collections.abc import Callable


def said_by(
    main: Callable[[], None], *arguments: object, warned: Literal["error", "ignore"] = "ignore"
) -> str:
    """What a script with these arguments prints on standard output."""
    out = io.StringIO()
    argv = ["script", *map(str, arguments)]
    with (
        mock.patch.object(sys, "argv", argv),
        contextlib.redirect_stdout(out),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter(warned)
        main()
    return out.getvalue()
