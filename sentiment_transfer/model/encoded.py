"""Texts between the stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.text import TokenIds

__all__ = ["Encoded", "Unlabelled"]


@dataclass(frozen=True, eq=False)
class Encoded:
    """Texts after stage two.

    Attributes
    ----------
    features
        What the encoder makes of them; indexed by rows.
    known
        Whether a text has any word that has a vector, ``(n_texts,)``.
    """

    features: Any
    known: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.known)

    def __getitem__(self, rows: NDArray[np.intp]) -> Encoded:
        return Encoded(self.features[rows], self.known[rows])


@dataclass(frozen=True, eq=False)
class Unlabelled:
    """What stage two learns from.

    Attributes
    ----------
    ids
        Unlabelled texts as token ids.
    sample
        Some of the texts as they are.
    """

    ids: TokenIds
    sample: list[str]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether a text has any word that has a vector, ``(n_texts,)``."""
        known: NDArray[np.bool_] = np.diff(self.ids.offsets) > 0
        return known
