"""What a part of a model file may hold, declared once, and the validator that checks all of it.

A class that can be stored declares its part of a file as a `Facts`: the types and ranges of its
facts, and a `Tensor` for each of its tensors with dtype, shape and range of values. Shapes are
given in named sizes, ``("n_words", "d")``, which are the same in all parts of a file. `check`
compares the content of a file with its declaration before anything is built from it, in time and
memory proportional to the file's size. What passes is relied on: by ``from_state``, which checks
nothing, and by compiled code, which would read outside an array that is too short.

Facts are closed: a name that is not declared is refused, since ignoring a setting could change the
answers. Settings of training alone (a `SettingsGroup`) do not affect a stored model, so unknown
ones are ignored.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, TypeVar

import msgspec
import numpy as np

from sentiment_transfer.base.estimator import SettingsGroup
from sentiment_transfer.errors import InputError, ModelFileError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = [
    "ALTERED",
    "GRAMS",
    "INCREASING",
    "MAX_WEIGHT",
    "PROBABILITIES",
    "Count",
    "Facts",
    "Index",
    "Positive",
    "Share",
    "Tensor",
    "Weight",
    "by_part",
    "check",
    "convert",
    "require_readable",
    "settings_group",
    "within",
]

ALTERED = "the file is damaged or was altered; fetch it or save the model again"

MAX_WEIGHT = 1e6
"""Largest weight of a layer. Word vectors of up to 1e15 times two layers of such weights, summed
over a million units, stay below 1e33, and float32 holds 3e38."""

INCREASING = "increase strictly"
GRAMS = "increase strictly as unsigned integers"
PROBABILITIES = "sum to 1"

Count = Annotated[int, msgspec.Meta(ge=1, le=2**31)]
Index = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Weight = Annotated[float, msgspec.Meta(ge=-MAX_WEIGHT, le=MAX_WEIGHT)]
Positive = Annotated[float, msgspec.Meta(ge=1e-12, le=1e12)]

_NAMES = {"f2": "float16", "f4": "float32", "f8": "float64", "u1": "uint8"}
_NAMES |= {f"i{size}": f"int{8 * size}" for size in (1, 2, 4, 8)}

F = TypeVar("F", bound="Facts")
G = TypeVar("G", bound=SettingsGroup)


class Tensor(NamedTuple):
    """Declaration of a tensor.

    Attributes
    ----------
    dtype
        One or more of NumPy's codes, ``"f4"`` or ``"i4 i8"``.
    shape
        Lengths of its axes: numbers, or named sizes as ``"d"``, ``"d+1"`` and ``"4*units"``.
    low, high
        Smallest and largest value.
    rule
        None, or what its values do as well: `INCREASING`, `GRAMS` or `PROBABILITIES`.
    below
        None, or the named size that all values are below: that of the axis whose places they are.
    optional
        Whether a file may lack it.
    """

    dtype: str
    shape: tuple[int | str, ...]
    low: float = -MAX_WEIGHT
    high: float = MAX_WEIGHT
    rule: str | None = None
    below: str | None = None
    optional: bool = False


class Facts(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of the facts of a part; a subclass declares them as fields.

    ``__post_init__`` checks rules between facts and raises ``ValueError``.
    """

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations of the tensors of this part, by name."""
        return {}

    def sizes(self) -> dict[str, int | str]:
        """Return the named sizes that follow from the facts: numbers, or other sizes."""
        return {}

    def check(self, tensors: Mapping[str, NDArray[Any]]) -> None:
        """Check rules between tensors of the right shapes; raises ``ValueError``."""


def convert(declared: type[F], facts: Any, part: str = "") -> F:  # noqa: ANN401  (JSON)
    """Return facts in their declared types; facts that are converted already as they are.

    Raises ``ModelFileError`` with the part's name and the place within it.
    """
    try:
        return msgspec.convert(facts, declared)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        where = f"{part}{place.rstrip('`').replace('.', '/')}".lstrip("/") or "the manifest"
        newer = f"upgrade if a newer release wrote it, else {ALTERED}"
        remedy = newer if "unknown field" in reason else ALTERED
        raise ModelFileError(f"{where}: {reason[:1].lower()}{reason[1:]}; {remedy}") from error


def check(
    declared: type[F],
    manifest: Mapping[str, Any],
    tensors: Mapping[str, NDArray[Any]],
    path: str | None = None,
) -> F:
    """Check the whole content of a file, and return its facts.

    Raises ``ModelFileError`` with the part, the rule and the remedy.
    """
    try:
        facts = convert(declared, manifest)
        _Checker(facts).check(tensors)
    except ModelFileError as error:
        raise ModelFileError(error.message, path=path) from error
    return facts


def require_readable(
    declared: type[Facts],
    manifest: Mapping[str, Any],
    tensors: Mapping[str, NDArray[Any]],
    path: str,
) -> None:
    """Raise ``InputError`` for content that `check` would refuse, before it is written."""
    try:
        check(declared, manifest, tensors)
    except ModelFileError as error:
        reason = error.message.removesuffix(f"; {ALTERED}")
        raise InputError(
            f"cannot be saved: {reason}; scale the features, or regularise more strongly",
            path=path,
        ) from error


def settings_group(group: type[G], facts: Mapping[str, Any]) -> G:
    """Return a group of settings from the facts of a file, numbers as they are written there.

    Settings that are missing have their defaults, and unknown ones are ignored. Raises
    ``SettingError`` for a value that is not allowed.
    """
    return group(**{f.name: facts[f.name] for f in fields(group) if f.name in facts})


def by_part(tensors: Mapping[str, NDArray[Any]]) -> dict[str, dict[str, NDArray[Any]]]:
    """Group tensors by the part of their names before the first slash; ``""`` without one."""
    parts: dict[str, dict[str, NDArray[Any]]] = defaultdict(dict)
    for name, tensor in tensors.items():
        part, slash, rest = name.partition("/")
        parts[part if slash else ""][rest if slash else name] = tensor
    return parts


def within(part: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the declarations of a part with their names in the whole."""
    return {f"{part}/{name}": tensor for name, tensor in tensors.items()}


class _Checker:
    """Checks tensors, and learns named sizes from the first that has them."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._sizes: dict[str, tuple[int | str, str]] = {
            name: (size, "") for name, size in facts.sizes().items()
        }

    def check(self, tensors: Mapping[str, NDArray[Any]]) -> None:
        declared = self._facts.tensors()
        for name, tensor in declared.items():
            if name not in tensors and not tensor.optional:
                raise _refused(f"the tensor {name} is missing")
        for name in tensors:
            if name not in declared:
                raise _refused(f"the tensor {shown(name)} is no part of this kind of model")
        for name, tensor in declared.items():
            if name in tensors:
                self._check_form(name, tensors[name], tensor)
                _check_values(name, tensors[name], tensor)
                self._check_places(name, tensors[name], tensor)
        try:
            self._facts.check(tensors)
        except ValueError as error:
            raise _refused(str(error)) from error

    def _check_form(self, name: str, found: NDArray[Any], tensor: Tensor) -> None:
        codes = tensor.dtype.split()
        if found.dtype.str.lstrip("<|=") not in codes:
            wanted = " or ".join(_NAMES[code] for code in codes)
            raise _refused(f"{name} is {found.dtype}, but {wanted} is needed")
        if len(found.shape) == len(tensor.shape):
            for length, size in zip(found.shape, tensor.shape, strict=True):
                if isinstance(size, str) and _parsed(size)[1] == size:
                    self._sizes.setdefault(size, (length, name))
        wanted_shape = tuple(map(self._length, tensor.shape))
        if found.shape != wanted_shape:
            origins = map(self._origin, tensor.shape)
            reasons = ", ".join(dict.fromkeys(filter(None, origins)))
            because = f": {reasons}" if reasons else ""
            raise _refused(f"{name} has shape {found.shape}, but {wanted_shape} is needed{because}")

    def _check_places(self, name: str, found: NDArray[Any], tensor: Tensor) -> None:
        if tensor.below is not None and found.size:
            length, highest = self._length(tensor.below), found.max().item()
            if isinstance(length, str) or highest >= length:
                origin = self._origin(tensor.below)
                raise _refused(f"{name} holds {highest}, but values must be lower: {origin}")

    def _length(self, size: int | str) -> int | str:
        """Return the length that an axis must have; its name if nothing determines it."""
        if isinstance(size, int):
            return size
        factor, name, more = _parsed(size)
        value = self._length(self._sizes[name][0]) if name in self._sizes else name
        if isinstance(value, str):
            return size
        return factor * value + more

    def _origin(self, size: int | str) -> str:
        if isinstance(size, int):
            return ""
        name = _parsed(size)[1]
        value, origin = self._sizes.get(name, ("", ""))
        if isinstance(value, str):
            return self._origin(value) if value else ""
        return f"{name} is {value:,} in {origin or 'the facts'}"


def _parsed(size: str) -> tuple[int, str, int]:
    """Return factor, name and addend of a size: ``4, "units", 1`` of ``"4*units+1"``."""
    factor, _, rest = size.rpartition("*")
    name, _, more = rest.partition("+")
    return int(factor or 1), name, int(more or 0)


def _check_values(name: str, found: NDArray[Any], tensor: Tensor) -> None:
    if not found.size:
        return
    kind = np.iinfo(found.dtype) if found.dtype.kind in "iu" else None
    if kind is None or kind.min < tensor.low or kind.max > tensor.high:
        low, high = found.min().item(), found.max().item()
        if not (tensor.low <= low and high <= tensor.high):  # NaN is neither
            worst = high if tensor.low <= low else low
            raise _refused(
                f"{name} holds {worst}, but values from {tensor.low:g} to {tensor.high:g} are "
                "needed"
            )
    if tensor.rule is not None and not _RULES[tensor.rule](found):
        raise _refused(f"the values of {name} must {tensor.rule}")


def _increases(values: NDArray[Any]) -> bool:
    return bool((values[1:] > values[:-1]).all())


def _increases_unsigned(values: NDArray[Any]) -> bool:
    return _increases(values.view(np.uint64))


def _sums_to_1(values: NDArray[Any]) -> bool:
    return abs(float(values.sum()) - 1) <= 1e-6


_RULES = {INCREASING: _increases, GRAMS: _increases_unsigned, PROBABILITIES: _sums_to_1}


def _refused(reason: str) -> ModelFileError:
    return ModelFileError(f"{reason}; {ALTERED}")
