"""A uniform sample of a stream of unknown length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

__all__ = ["Reservoir"]


class Reservoir:
    """Keeps a uniform sample of ``size`` of the texts that pass through.

    Algorithm R (Vitter 1985, "Random Sampling with a Reservoir"). The sample depends only
    on ``seed`` and the order of the texts.
    """

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.texts: list[str] = []
        self._generator = np.random.default_rng(seed)

    def places(self, n: int) -> NDArray[np.int64]:
        """Return which of ``n`` texts `through` would keep, in the order in which it keeps them.

        int64 ``(min(size, n),)``; draws the same random numbers.
        """
        kept = np.arange(min(self.size, n))
        if n > self.size:
            places = self._generator.integers(np.arange(self.size + 1, n + 1))
            hits = np.flatnonzero(places < self.size)
            kept[places[hits]] = self.size + hits  # of several for one place, the last one stays
        return kept

    def through(self, texts: Iterable[str]) -> Iterator[str]:
        """Yield the texts unchanged, sampling them on the way."""
        for seen, text in enumerate(texts):
            if seen < self.size:
                self.texts.append(text)
            else:
                place = int(self._generator.integers(seen + 1))
                if place < self.size:
                    self.texts[place] = text
            yield text
