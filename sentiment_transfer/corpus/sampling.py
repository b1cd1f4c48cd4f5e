"""A fair sample of a stream whose length is not known beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Reservoir"]


class Reservoir:
    """Keep ``size`` texts of all that pass, each as likely as any other.

    Algorithm R (Vitter 1985, "Random Sampling with a Reservoir"). The texts that are kept depend
    on ``seed`` and the order of the texts alone.
    """

    def __init__(self, size: int, seed: int) -> None:
        self.size = size
        self.texts: list[str] = []
        self._generator = np.random.default_rng(seed)

    def through(self, texts: Iterable[str]) -> Iterator[str]:
        """Pass the texts on, one by one, and sample them on the way."""
        for seen, text in enumerate(texts):
            if seen < self.size:
                self.texts.append(text)
            else:
                place = int(self._generator.integers(seen + 1))
                if place < self.size:
                    self.texts[place] = text
            yield text
