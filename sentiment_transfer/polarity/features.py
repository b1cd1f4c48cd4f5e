"""What is known of texts before any label: what a `PolarityEncoder` gives, labels build on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.text.vocabulary import select

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.polarity.polarity import Polarity
    from sentiment_transfer.text import TokenIds
    from sentiment_transfer.text.grams import GramFrequencies, Grams

__all__ = ["PolarityFeatures"]


@dataclass(frozen=True, eq=False)
class PolarityFeatures:
    """What is known of ``n`` texts before any label.

    Attributes
    ----------
    score
        Polarity score, float64 ``(n,)``, positive above 0; None without seed words.
    polarity_mean
        Sentence vectors with words weighted by polarity, of length 1, and last the balance of seed
        words (`Polarity.encode`), float32 ``(n, d + 1)``; None likewise.
    plain_mean
        Sentence vectors with all words alike, float32 ``(n, d)``.
    grams
        Words and word pairs.
    frequencies
        How common they are among unlabelled texts.
    ids
        The texts as token ids, where labels are to teach polarity; None where seed words do.
    scored_by
        The polarity that scored them, if labels taught it.
    """

    score: NDArray[np.float64] | None
    polarity_mean: NDArray[np.float32] | None
    plain_mean: NDArray[np.float32]
    grams: Grams
    frequencies: GramFrequencies
    ids: TokenIds | None = None
    scored_by: Polarity | None = None

    def __len__(self) -> int:
        return len(self.plain_mean)

    def __getitem__(self, rows: NDArray[np.intp]) -> PolarityFeatures:
        return PolarityFeatures(
            None if self.score is None else self.score[rows],
            None if self.polarity_mean is None else self.polarity_mean[rows],
            self.plain_mean[rows],
            self.grams[rows],
            self.frequencies,
            None if self.ids is None else select(self.ids, np.arange(len(self))[rows]),
            self.scored_by,
        )
