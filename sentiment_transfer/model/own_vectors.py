"""Whether word vectors of one's own texts are better than those of a member of the bank.

Both predict hidden seed words (`polarity.masked`) of texts that neither has learnt from. Own
vectors know which words go together in texts of this kind, which is not all polarity, so they have
to lead by more than their error (``scripts/advice/choice.py``).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.encoding import PretrainingTexts
from sentiment_transfer.errors import InputError
from sentiment_transfer.model.evidence import CLEAR, adapted, hidden_seed_areas, in_errors
from sentiment_transfer.polarity import PolarityEncoder
from sentiment_transfer.polarity.encoder import SAMPLE_TEXTS
from sentiment_transfer.pretraining import SkipGram
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MIN_OWN_TEXTS", "OWN_MARGIN", "OwnVectors", "compare_own", "estimated_tokens"]
__all__ += ["quick_skipgram"]

MIN_OWN_TEXTS = 2_000
"""Different texts from which own vectors are compared: those of fewer are hardly ever better."""
OWN_MARGIN = 0.05
"""Area under the curve by which they have to lead."""
JUDGED, MOST_JUDGED = 1 / 3, 2_000
"""Share of the texts that are judged, and most of them."""
TRAINED_TOKENS = 10_000_000
"""Tokens to train on in all epochs together: some seconds. Usual are 200 million."""
LEAST_EPOCHS, MOST_EPOCHS = 3, 100
COUNTED_TEXTS = 500
"""Texts whose tokens are counted to estimate those of all."""


@dataclass(frozen=True)
class OwnVectors:
    """How well own vectors and those of a member predict hidden seed words.

    Attributes
    ----------
    area, member_area
        Areas under the ROC curve.
    lead
        Of own vectors, in standard errors.
    n_seed_texts
        Number of texts with seed words of one polarity that were judged.
    """

    area: float
    member_area: float
    lead: float
    n_seed_texts: int

    @property
    def is_better(self) -> bool:
        """Whether own vectors are to be used."""
        return self.lead >= CLEAR and self.area - self.member_area >= OWN_MARGIN


def compare_own(
    member: PolarityEncoder, texts: Sequence[str], *, seed: int = 0
) -> OwnVectors | None:
    """Pretrain on two thirds of the texts, and compare with a member on the others.

    ``member`` has the seed words of its language, and is adapted to the same texts. None if there
    are fewer than 2,000 different texts, or too few of the judged ones have seed words.
    """
    different = list(dict.fromkeys(texts))
    if len(different) < MIN_OWN_TEXTS:
        return None
    order = np.random.default_rng(seed).permutation(len(different))
    n = min(MOST_JUDGED, int(JUDGED * len(different)))
    judged = [different[row] for row in order[:n]]
    learnt = [different[row] for row in order[n:]]
    try:
        own = _own_encoder(learnt, member, seed)
    except InputError:
        return None
    if own.polarity_ is None:
        return None
    curves = hidden_seed_areas([adapted(member, learnt), own], judged)
    if curves is None:
        return None
    member_area, area = curves.areas.tolist()
    lead = in_errors(*curves.lead(1, 0))
    return OwnVectors(area, member_area, lead, curves.n_positive + curves.n_negative)


def quick_skipgram(texts: Sequence[str], language: str, seed: int) -> SkipGram:
    """Return settings of pretraining that takes seconds, to compare texts by.

    Epochs are as many as make 10 million tokens in total, from 3 to 100.
    """
    epochs = TRAINED_TOKENS / max(1.0, estimated_tokens(texts, language))
    epochs = int(np.clip(epochs, LEAST_EPOCHS, MOST_EPOCHS))
    return SkipGram(epochs=epochs, tokenizer=language, seed=seed)


def estimated_tokens(texts: Sequence[str], language: str) -> float:
    """Return the number of tokens of texts, estimated from 500 of them."""
    tokenizer = Tokenizer(language)
    rows = np.linspace(0, max(0, len(texts) - 1), min(len(texts), COUNTED_TEXTS)).astype(int)
    counted = sum(len(tokenizer(texts[row])) for row in rows)
    return counted / max(1, len(rows)) * len(texts)


def _own_encoder(texts: list[str], member: PolarityEncoder, seed: int) -> PolarityEncoder:
    """Pretrain vectors on texts, and learn polarity from the seed words of a member."""
    language = member.vectors.tokenizer.language
    skipgram = quick_skipgram(texts, language, seed).fit(texts, callback=None)
    unlabelled = PretrainingTexts(skipgram.corpus_, texts[:SAMPLE_TEXTS])
    with warnings.catch_warnings():  # of texts without seed words, which are then not compared
        warnings.simplefilter("ignore", UserWarning)
        own = PolarityEncoder(skipgram.vectors_, seeds=member.seeds, seed=seed)
        return own.fit_unlabelled(unlabelled)
