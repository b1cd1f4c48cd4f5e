"""Vectors of texts from a sentence encoder of another package, checked and cached.

Such an encoder is an object with ``encode`` (sentence-transformers, model2vec) or ``embed``
(WordLlama, fastembed), or a function: it takes a list of texts and returns one row of numbers for
each. Nothing else is asked of it, and no package is imported for it.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated, Any
from weakref import WeakKeyDictionary

import msgspec
import numpy as np

from sentiment_transfer.base.schema import Facts, Tensor
from sentiment_transfer.errors import SettingError, shortened, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

__all__ = [
    "SentenceEncoder",
    "SentenceEncoderFacts",
    "SentenceTexts",
    "is_sentence_encoder",
    "name_of_encoder",
]

CACHE_BYTES = 1 << 27
"""Vectors that the cache of an encoder holds; the oldest are dropped first."""
CHECK_TEXTS = ("This is very good.", "not what I expected, and far too slow", "很好吃，下次再来")
"""A file holds the vectors of these texts, to recognise the encoder by."""
TOLERANCE = 0.01
"""Relative difference of their vectors up to which an encoder is the same: other processors and
half precision differ by a tenth of it."""
MAX_WIDTH = 1 << 16
MAX_VALUE = 1e15
"""Squares of larger values do not fit float32."""


class SentenceEncoderFacts(Facts):
    """What a file says of the sentence encoder that it needs."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    width: Annotated[int, msgspec.Meta(ge=1, le=MAX_WIDTH)]
    texts: Annotated[
        list[Annotated[str, msgspec.Meta(max_length=1_000)]],
        msgspec.Meta(min_length=1, max_length=100),
    ]

    def sizes(self) -> dict[str, int | str]:
        """Return the width of the vectors and the number of texts to check it by."""
        return {"sentence_width": self.width, "n_check_texts": len(self.texts)}

    def tensors(self) -> dict[str, Tensor]:
        """Return the declaration of the vectors of the texts."""
        return {"sentence.vectors": Tensor("f4", ("n_check_texts", "sentence_width"))}


class _Cache:
    """Vectors by text, and a lock: tokenizers of other packages are not safe in threads."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.vectors: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self.width: int | None = None

    def add(self, keys: Sequence[bytes], vectors: NDArray[np.float32]) -> None:
        """Remember vectors, and drop the oldest of too many."""
        self.vectors.update(zip(keys, vectors, strict=True))
        most = CACHE_BYTES // max(1, vectors.shape[1] * vectors.itemsize)
        while len(self.vectors) > most:
            self.vectors.popitem(last=False)


_CACHES: WeakKeyDictionary[Any, _Cache] = WeakKeyDictionary()
"""One for each encoder, as long as it exists, so that clones of a model share it."""


def _cache_of(encoder: Any) -> _Cache:  # noqa: ANN401
    try:
        return _CACHES.setdefault(encoder, _Cache())
    except TypeError:  # it has no hash, or no weak references
        return _Cache()


def is_sentence_encoder(value: object) -> bool:
    """Return whether a value is a function, or an object with ``encode`` or ``embed``."""
    return not isinstance(value, type | str | bytes) and _function_of(value) is not None


def _function_of(encoder: Any) -> Callable[[list[str]], Any] | None:  # noqa: ANN401
    for name in ("encode", "embed", "__call__"):
        function: Callable[[list[str]], Any] | None = getattr(encoder, name, None)
        if callable(function):
            return function
    return None


def name_of_encoder(encoder: Any) -> str:  # noqa: ANN401
    """Return the name that messages and files have for an encoder.

    It is its ``name``, ``model_name`` or ``__qualname__``, else the name of its type.
    """
    kind = type(encoder)
    names = [getattr(encoder, name, None) for name in ("name", "model_name", "__qualname__")]
    known = [name for name in names if isinstance(name, str) and name]
    return shortened(known[0] if known else f"{kind.__module__}.{kind.__qualname__}")


@dataclass(frozen=True, eq=False)
class SentenceEncoder:
    """A sentence encoder whose vectors are checked, and cached by text.

    Vectors are remembered as long as ``encoder`` exists; one that was trained further must be a new
    object.

    Attributes
    ----------
    encoder
        The object or function; None for one that a file needs and that was not given.
    facts, vectors
        For an encoder that a file needs: what the file says of it.
    """

    encoder: Any
    facts: SentenceEncoderFacts | None = None
    vectors: NDArray[np.float32] | None = None
    _cache: _Cache = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cache", _cache_of(self.encoder))

    def __reduce__(self) -> tuple[type[SentenceEncoder], tuple[Any, ...]]:
        return type(self), (self.encoder, self.facts, self.vectors)  # without cache and lock

    @property
    def name(self) -> str:
        """What messages call it."""
        return name_of_encoder(self.encoder) if self.facts is None else self.facts.name

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of texts, float32 ``(n_texts, width)``; ``(0, 0)`` without a text.

        Raises ``SettingError`` if the encoder is missing, or returns something else than a row of
        finite numbers for each text, always of the same length.
        """
        if not texts:
            return np.zeros((0, 0), np.float32)
        keys = [blake2b(t.encode("utf-8", "surrogatepass"), digest_size=16).digest() for t in texts]
        with self._cache.lock:
            known = self._cache.vectors
            wanted = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
            found = {key: known[key] for key in keys if key in known}
            if wanted:
                vectors = self._encode([*wanted.values()])
                found |= zip(wanted, vectors, strict=True)
                self._cache.add([*wanted], vectors)
        return np.stack([found[key] for key in keys])

    def _encode(self, texts: list[str]) -> NDArray[np.float32]:
        """Call the encoder, and check what it returns."""
        function = _function_of(self.encoder)
        if function is None:
            raise SettingError(self.how_to_give_it("it was not given"))
        vectors = self._as_rows(function(texts), len(texts))
        width = self._cache.width = self._cache.width or vectors.shape[1]
        if vectors.shape[1] != width:
            raise self._refused(f"{vectors.shape[1]} numbers a text, and {width} before")
        bad = np.flatnonzero(~(np.abs(vectors).max(axis=1) <= MAX_VALUE))  # NaN is neither
        if len(bad):
            worst, text = vectors[bad[0]], shown(texts[bad[0]])
            value = "NaN" if np.isnan(worst).any() else f"values above {MAX_VALUE:g}"
            raise self._refused(f"{value} for {text}")
        return vectors

    def _as_rows(self, returned: Any, n: int) -> NDArray[np.float32]:  # noqa: ANN401
        """Return what the encoder returned as float32 ``(n, width)``."""
        try:
            array = np.asarray(returned if hasattr(returned, "__array__") else list(returned))
        except ValueError as error:
            raise self._refused(f"{shown(returned)}, not rows of equal length") from error
        except (TypeError, RuntimeError) as error:  # such as tensors with gradients, or on a GPU
            raise self._refused(f"{shown(returned)}, not an array of numpy ({error})") from error
        if array.dtype.kind not in "fiu":
            raise self._refused(f"{shown(returned)}, not numbers")
        if array.ndim != 2 or len(array) != n or not 0 < array.shape[1] <= MAX_WIDTH:
            raise self._refused(f"an array of shape {array.shape} for {n:,} texts")
        with np.errstate(over="ignore"):
            vectors: NDArray[np.float32] = array.astype(np.float32)
        return vectors

    def _refused(self, what: str) -> SettingError:
        return SettingError(
            f"the sentence encoder {self.name} returned {what}; it must return one row of numbers "
            "for each text, all of the same length"
        )

    # ---- files

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return what a file says of it: its name, its width, and a few texts and their vectors."""
        if self.facts is not None and self.vectors is not None:
            return msgspec.to_builtins(self.facts), {"sentence.vectors": self.vectors}
        vectors = self.encode(CHECK_TEXTS)
        facts = {"name": self.name, "width": vectors.shape[1], "texts": list(CHECK_TEXTS)}
        return facts, {"sentence.vectors": vectors}

    def given(self, encoder: Any) -> SentenceEncoder:  # noqa: ANN401
        """Return the encoder that a file needs; raises ``SettingError`` if it is another one."""
        if self.facts is None or self.vectors is None:
            return SentenceEncoder(encoder)
        found = SentenceEncoder(encoder).encode(self.facts.texts)
        name = name_of_encoder(encoder)
        if found.shape != self.vectors.shape:
            has = f"{name} returns {found.shape[1]} numbers a text"
            raise SettingError(self.how_to_give_it(has))
        difference = np.linalg.norm(found - self.vectors)
        if not difference <= TOLERANCE * max(float(np.linalg.norm(self.vectors)), 1e-12):
            has = f"{name} returns other vectors of the texts that the file has to check it by"
            raise SettingError(self.how_to_give_it(has))
        return SentenceEncoder(encoder, self.facts, self.vectors)

    def how_to_give_it(self, but: str) -> str:
        """Return the message for an encoder that is missing or another one."""
        width = "" if self.facts is None else f", which returns {self.facts.width} numbers a text"
        return (
            f"the model needs the sentence encoder {self.name}{width}, but {but}; give the one it "
            "was fitted with: load(path, sentence_encoder=...)"
        )


@dataclass(frozen=True, eq=False)
class SentenceTexts:
    """Texts that a sentence encoder reads when their vectors are needed; indexed by rows."""

    texts: Sequence[str]
    encoder: SentenceEncoder

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, rows: NDArray[np.intp]) -> SentenceTexts:
        return SentenceTexts([self.texts[i] for i in np.arange(len(self))[rows]], self.encoder)

    def vectors(self) -> NDArray[np.float32]:
        """Return the vectors of the texts, float32 ``(n, width)``; ``(0, 0)`` without a text."""
        return self.encoder.encode(self.texts)
