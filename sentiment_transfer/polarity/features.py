"""Features of texts as the polarity encoder computes them and a classifier reads them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.polarity.members import Features
from sentiment_transfer.text.vocabulary import select

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.encoding.sentence_encoder import SentenceTexts
    from sentiment_transfer.polarity.polarity import Polarity
    from sentiment_transfer.text import TokenIds
    from sentiment_transfer.text.grams import GramFrequencies, Grams

__all__ = ["PolarityFeatures"]


@dataclass(frozen=True, eq=False, kw_only=True)
class PolarityFeatures(Features):
    """Features of ``n`` texts, indexed by rows.

    ``words`` and ``sentence`` are added by the `PolarityClassifier`.

    Attributes
    ----------
    grams
        Words and word pairs.
    frequencies
        Frequencies of words and word pairs in unlabelled texts.
    ids
        Token ids, if labels determine the polarity; None if seed words do.
    scored_by
        The polarity that the score was computed from, if labels determined it.
    texts
        The texts, for a sentence encoder, if there is one.
    """

    plain_mean: NDArray[np.float32]
    grams: Grams
    frequencies: GramFrequencies
    ids: TokenIds | None = None
    scored_by: Polarity | None = None
    texts: SentenceTexts | None = None

    def __len__(self) -> int:
        return len(self.plain_mean)

    def __getitem__(self, rows: NDArray[np.intp]) -> PolarityFeatures:
        return replace(
            self,
            score=None if self.score is None else self.score[rows],
            strength=None if self.strength is None else self.strength[rows],
            polarity_mean=None if self.polarity_mean is None else self.polarity_mean[rows],
            plain_mean=self.plain_mean[rows],
            grams=self.grams[rows],
            ids=None if self.ids is None else select(self.ids, np.arange(len(self))[rows]),
            texts=None if self.texts is None else self.texts[rows],
        )
