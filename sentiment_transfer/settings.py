"""Values of parameters, checked: an error names the parameter, its value and the rule."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from typing import Self

__all__ = ["SettingsGroup", "in_range", "is_integer", "is_integer_from", "require"]


@dataclass(frozen=True)
class SettingsGroup:
    """Base of frozen groups of settings; inside an estimator, ``group__field`` names one."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the fields by name, as scikit-learn's ``clone`` and grid search ask for them."""
        return asdict(self)

    def set_params(self, **params: Any) -> Self:  # noqa: ANN401  (scikit-learn's contract)
        """Return a copy with these fields changed; this one stays as it is."""
        unknown = ", ".join(sorted(params.keys() - asdict(self).keys()))
        if unknown:
            known = ", ".join(asdict(self))
            raise SettingError(f"{type(self).__name__} has no parameter {unknown}; it has {known}")
        return replace(self, **params)

    def to_json(self) -> dict[str, Any]:
        """Return the fields for a model file: no NumPy scalars, which grid searches set."""
        return {
            name: value.item() if isinstance(value, np.generic) else value
            for name, value in asdict(self).items()
        }


def require(rule_holds: bool, owner: object, name: str, rule: str) -> None:
    """Raise ``SettingError`` with name, value and rule of a parameter that breaks the rule."""
    if not rule_holds:
        value = getattr(owner, name)
        raise SettingError(f"{type(owner).__name__}: {name}={value!r} cannot work; it is {rule}")


def is_integer(value: object) -> bool:
    """Whether it is a whole number, Python's or NumPy's; a bool is none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def is_integer_from(value: Any, least: int) -> bool:  # noqa: ANN401  (whatever the caller passed)
    """Whether it is a whole number from ``least`` that fits 64 bits."""
    return is_integer(value) and bool(least <= value < 2**63)


def in_range(value: Any, end: float) -> bool:  # noqa: ANN401  (whatever the caller passed)
    """Whether it is a number from 0 to below ``end``."""
    return (is_integer(value) or isinstance(value, float | np.floating)) and bool(0 <= value < end)
