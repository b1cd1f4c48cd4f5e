"""Base of encoders that return one vector per text, in the containers that scikit-learn offers."""

from __future__ import annotations

import sys
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from sentiment_transfer.encoding.encoder import Encoder
from sentiment_transfer.errors import SettingError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sentiment_transfer.text import TokenIds

__all__ = ["VectorEncoder"]

_CONTAINERS = ("default", "pandas", "polars")


class VectorEncoder(Encoder):
    """Encoder to a matrix, ``(n_texts, size)``, or a table of named columns after `set_output`."""

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of dimensions of a sentence vector."""

    @abstractmethod
    def _vectors(self, ids: TokenIds) -> NDArray[np.float32]:
        """Compute sentence vectors, ``(n_texts, size)``."""

    def transform(self, texts: Iterable[str] | TokenIds) -> Any:  # noqa: ANN401  (see `set_output`)
        """Encode to float32 ``(n_texts, size)``; zeros for a text with no known word."""
        return self._contained(self._vectors(self._ids(texts)), texts)

    def fit_transform(self, texts: Iterable[str] | TokenIds, y: object = None) -> Any:  # noqa: ANN401
        """Fit on texts and encode them; they are read once."""
        ids = self._ids(texts)
        return self._contained(self.fit(ids, y)._vectors(ids), texts)

    def set_output(
        self, *, transform: Literal["default", "pandas", "polars"] | None = None
    ) -> Self:
        """Set what `transform` returns: an array, or a table whose columns have names.

        Parameters
        ----------
        transform
            ``"default"`` for an array, ``"pandas"`` or ``"polars"`` for a table. None leaves it as
            it is, so that ``sklearn.set_config(transform_output=...)`` holds.

        Raises
        ------
        SettingError
            ``transform`` is something else.
        """
        if transform is not None:
            if transform not in _CONTAINERS:
                raise SettingError(
                    f"transform={shown(transform)} is not allowed; it must be one of {_CONTAINERS}"
                )
            self._sklearn_output_config = {"transform": transform}  # the name that `clone` copies
        return self

    def get_feature_names_out(self, input_features: object = None) -> NDArray[np.object_]:
        """Return the names of the dimensions, as scikit-learn forms them, ``(size,)``.

        Parameters
        ----------
        input_features
            Not used: texts have no columns.
        """
        prefix = type(self).__name__.lower()
        return np.array([f"{prefix}{i}" for i in range(self.size)], dtype=object)

    def _contained(self, vectors: NDArray[np.float32], texts: object) -> Any:  # noqa: ANN401
        sklearn: Any = sys.modules.get("sklearn")  # imported by the caller, if at all
        config: Any = {} if sklearn is None else sklearn.get_config()
        own = getattr(self, "_sklearn_output_config", {})
        container = own.get("transform", config.get("transform_output", "default"))
        if container == "pandas":
            import pandas as pd

            index = texts.index if isinstance(texts, pd.Series) else None
            return pd.DataFrame(vectors, index=index, columns=self.get_feature_names_out())
        if container == "polars":
            import polars as pl  # type: ignore[import-not-found, unused-ignore]

            return pl.DataFrame(vectors, schema=self.get_feature_names_out().tolist())
        return vectors
