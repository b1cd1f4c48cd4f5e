"""Packages that are installed by an extra only, checked before they are imported."""

from __future__ import annotations

from importlib.util import find_spec

from sentiment_transfer.errors import MissingExtraError

__all__ = ["require_matplotlib", "require_openpyxl", "require_package", "require_torch"]


def require_torch(why: str) -> None:
    """Raise ``MissingExtraError`` if torch is not installed; ``why`` is what needs it."""
    if find_spec("torch") is None:
        raise MissingExtraError("torch", "torch", why)


def require_package(package: str, extra: str, why: str) -> None:
    """Raise ``MissingExtraError`` if a package is not installed; ``why`` is what needs it."""
    if find_spec(package) is None:
        raise MissingExtraError(package, extra, why)


def require_matplotlib() -> None:
    """Raise ``MissingExtraError`` if matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        raise MissingExtraError("matplotlib", "plot", "a plot")


def require_openpyxl() -> None:
    """Raise ``MissingExtraError`` if openpyxl is not installed."""
    if find_spec("openpyxl") is None:
        raise MissingExtraError("openpyxl", "excel", "an Excel workbook")
