"""A uniform sample of a stream of unknown length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
