"""Checks of parameter values, whose errors name the parameter, its value and the rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from typing import Self

__all__ = ["SettingsGroup", "in_range", "is_integer", "is_integer_from", "require", "to_json"]


@dataclass(frozen=True)
class SettingsGroup:
    """Base of frozen groups of settings; within an estimator, ``group__field`` names a field."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the fields by name, as scikit-learn's ``clone`` and grid search need them."""
        return asdict(self)

    def set_params(self, **params: Any) -> Self:  # noqa: ANN401  (scikit-learn's contract)
        """Return a copy with these fields changed."""
        unknown = ", ".join(sorted(params.keys() - asdict(self).keys()))
        if unknown:
            known = ", ".join(asdict(self))
            raise SettingError(f"{type(self).__name__} has no parameter {unknown}; it has {known}")
        return replace(self, **params)


def to_json(value: Any) -> Any:  # noqa: ANN401  (whatever a setting holds)
    """Return a setting in JSON's types: text, numbers, bools, None, lists and dicts of them.

    NumPy scalars, which grid searches set, become Python's; tuples and arrays become lists, sets
    become sorted lists, and a `SettingsGroup` becomes a dict. JSON keys are text, so a mapping with
    other keys becomes a list of pairs; ``dict`` reads both.

    Examples
    --------
    >>> to_json({"units": np.int64(8), "seeds": (("good",), ["bad"])})
    {'units': 8, 'seeds': [['good'], ['bad']]}
    >>> to_json({0: np.float32(0.5), 1: 2})
    [[0, 0.5], [1, 2]]
    """
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, str):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return to_json(asdict(value))
    if isinstance(value, Mapping):
        pairs = [[to_json(key), to_json(inner)] for key, inner in value.items()]
        return dict(pairs) if all(isinstance(key, str) for key, _ in pairs) else pairs
    if isinstance(value, set | frozenset):
        return sorted(map(to_json, value))
    if isinstance(value, list | tuple):
        return [to_json(inner) for inner in value]
    return value


def require(rule_holds: bool, owner: object, name: str, rule: str) -> None:
    """Raise ``SettingError`` with a parameter's name, value and rule unless the rule holds."""
    if not rule_holds:
        value = getattr(owner, name)
        raise SettingError(
            f"{type(owner).__name__}: {name}={value!r} is not allowed; it must be {rule}"
        )


def is_integer(value: object) -> bool:
    """Return whether a value is an integer of Python or NumPy, but not a bool."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def is_integer_from(value: Any, least: int) -> bool:  # noqa: ANN401  (whatever the caller passed)
    """Return whether a value is an integer of at least ``least`` that fits 64 bits."""
    return is_integer(value) and bool(least <= value < 2**63)


def in_range(value: Any, end: float) -> bool:  # noqa: ANN401  (whatever the caller passed)
    """Return whether a value is a number of at least 0 and below ``end``."""
    return (is_integer(value) or isinstance(value, float | np.floating)) and bool(0 <= value < end)
