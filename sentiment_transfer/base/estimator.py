"""scikit-learn's estimator contract without importing scikit-learn, and checks of parameters.

Importing ``sklearn.base`` takes several times as long as this package. The contract is small:
constructors that only store, ``get_params``, ``set_params``, and tags, which scikit-learn reads in
a ``Pipeline`` or a ``GridSearchCV``. The tags are built with scikit-learn's own classes on demand.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import asdict, dataclass, is_dataclass, replace
from typing import Any, Literal, Self

import numpy as np

from sentiment_transfer.base.notebook_html import html_box, html_table
from sentiment_transfer.errors import NotFittedError, SettingError, shown

__all__ = [
    "Estimator",
    "SettingsGroup",
    "changed_parameters",
    "in_range",
    "is_integer",
    "is_integer_from",
    "require",
    "same_value",
    "to_json",
]

LONGEST_LIST = 20
"""Elements of a list that a ``repr`` shows."""


class Estimator:
    """Base class with parameters by name, a readable ``repr`` and scikit-learn's tags."""

    _kind: Literal["classifier", "transformer"] = "transformer"
    _takes_texts = False

    @classmethod
    def _parameter_names(cls) -> list[str]:
        return [name for name in inspect.signature(cls.__init__).parameters if name != "self"]

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the constructor's arguments by name.

        Parameters
        ----------
        deep
            Whether those of nested estimators are returned too, as ``part__name``.
        """
        params: dict[str, Any] = {}
        for name in self._parameter_names():
            value = params[name] = getattr(self, name)
            if deep and hasattr(value, "get_params") and not isinstance(value, type):
                nested = value.get_params(deep=True)
                params.update({f"{name}__{key}": inner for key, inner in nested.items()})
        return params

    def set_params(self, **params: Any) -> Self:  # noqa: ANN401  (scikit-learn's contract)
        """Set constructor arguments; ``part__name`` sets a parameter of a nested estimator.

        The order of the arguments does not matter: a part is replaced before its own parameters are
        set, and these are set together.

        Parameters
        ----------
        **params
            Values by name.

        Raises
        ------
        SettingError
            A name is not a parameter; of an unknown name here nothing is set, of one of a part what
            stands before it.
        """
        nested: dict[str, dict[str, Any]] = {}
        plain: dict[str, Any] = {}
        for key, value in params.items():
            name, separator, inner = key.partition("__")
            if name not in self._parameter_names():
                known = ", ".join(self._parameter_names())
                raise SettingError(
                    f"{type(self).__name__} has no parameter {name!r}; it has {known}"
                )
            if separator:
                nested.setdefault(name, {})[inner] = value
            else:
                plain[name] = value
        for name, value in plain.items():
            setattr(self, name, value)
        for name, values in nested.items():
            part = getattr(self, name)
            if not hasattr(part, "set_params"):
                raise SettingError(f"{name} is {part!r}; set it before its {next(iter(values))!r}")
            # a frozen part returns a changed copy
            setattr(self, name, part.set_params(**values))
        return self

    def __repr__(self) -> str:
        changed = (f"{name}={value}" for name, value in changed_parameters(self))
        return f"{type(self).__name__}({', '.join(changed)})"

    def _repr_html_(self) -> str:
        """Return changed parameters, and whether it is fitted, as a table for notebooks."""
        rows = changed_parameters(self)
        if hasattr(self, "fit"):
            rows.append(("fitted", "yes" if self.__sklearn_is_fitted__() else "not yet"))
        return html_box(type(self).__name__, html_table(rows))

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether something was learnt, for scikit-learn's ``check_is_fitted``."""
        return any(name.endswith("_") and not name.startswith("_") for name in vars(self))

    def _require_fitted(self, attribute: str) -> None:
        if not hasattr(self, attribute):
            raise NotFittedError(f"this {type(self).__name__} is not fitted yet; call fit first")

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401  (a class of scikit-learn, imported late)
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags, TransformerTags

        classifier = self._kind == "classifier"
        return Tags(
            estimator_type="classifier" if classifier else None,
            target_tags=TargetTags(required=classifier),
            classifier_tags=ClassifierTags() if classifier else None,
            transformer_tags=None if classifier else TransformerTags(),
            input_tags=InputTags(string=self._takes_texts, two_d_array=not self._takes_texts),
        )


def changed_parameters(estimator: Estimator) -> list[tuple[str, str]]:
    """Return name and ``repr`` of each parameter that differs from its default."""
    defaults = inspect.signature(type(estimator).__init__).parameters
    return [
        (name, _short(value))
        for name, value in estimator.get_params(deep=False).items()
        if not same_value(value, defaults[name].default)
    ]


def _short(value: Any) -> str:  # noqa: ANN401  (of any parameter)
    """Return the ``repr`` of a parameter, of a long list, such as one of texts, its length.

    Of other objects whose ``repr`` has several lines, such as networks of torch, it is the type.
    """
    listed = isinstance(value, list | tuple | np.ndarray) or hasattr(value, "iloc")  # of pandas
    if listed and len(value) > LONGEST_LIST:
        return f"<{type(value).__name__} of {len(value):,}>"
    text = repr(value)
    if "\n" in text and not listed and not hasattr(value, "get_params"):
        return f"<{type(value).__name__}>"
    return text


@dataclass(frozen=True)
class SettingsGroup:
    """Base of frozen groups of settings; within an estimator, ``group__field`` names a field."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the fields by name, as scikit-learn's ``clone`` and grid search need them.

        Parameters
        ----------
        deep
            Not used: fields are no estimators.
        """
        return asdict(self)

    def set_params(self, **params: Any) -> Self:  # noqa: ANN401  (scikit-learn's contract)
        """Return a copy with these fields changed.

        Parameters
        ----------
        **params
            Values by name.

        Raises
        ------
        SettingError
            A name is no field, or a value is not allowed.
        """
        unknown = ", ".join(sorted(params.keys() - asdict(self).keys()))
        if unknown:
            known = ", ".join(asdict(self))
            raise SettingError(f"{type(self).__name__} has no parameter {unknown}; it has {known}")
        return replace(self, **params)


def same_value(first: Any, second: Any) -> bool:  # noqa: ANN401  (whatever settings hold)
    """Return whether two settings are equal: containers part by part, arrays by their values."""
    first, second = (v.item() if isinstance(v, np.generic) else v for v in (first, second))
    if first is second:
        return True
    if type(first) is not type(second):
        return False
    if isinstance(first, Mapping):
        return first.keys() == second.keys() and all(
            same_value(first[key], second[key]) for key in first
        )
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(same_value, first, second))
    if isinstance(first, np.ndarray):
        return np.array_equal(first, second)
    return (first == second) is True


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
            f"{type(owner).__name__}: {name}={shown(value)} is not allowed; it must be {rule}"
        )


def is_integer(value: object) -> bool:
    """Return whether a value is an integer of Python or NumPy, but not a bool."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def is_integer_from(value: Any, least: int) -> bool:  # noqa: ANN401  (whatever the caller passed)
    """Return whether a value is an integer of at least ``least`` that fits 64 bits."""
    return is_integer(value) and bool(least <= value < 2**63)


def in_range(value: Any, end: float) -> bool:  # noqa: ANN401  (whatever the caller passed)
    """Return whether a value is a number of at least 0 and below ``end`` that a float can hold."""
    if is_integer(value):
        return bool(0 <= value < min(end, 2.0**1023))
    return isinstance(value, float | np.floating) and bool(0 <= value < end)
