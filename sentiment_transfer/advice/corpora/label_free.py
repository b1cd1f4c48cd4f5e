"""The label-free score of a corpus: how well its vectors predict seed words that are hidden.

Word vectors are pretrained on the corpus. On other texts, of the kind to be judged, the seed words
are hidden, and the score of the remaining words predicts which polarity they have
(`polarity.masked`). The area under the ROC curve compares corpora, and parts of one corpus.
``scripts/advice/corpora.py`` measures how well it agrees with accuracy.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from sentiment_transfer.advice.corpora.passing import sampled_texts
from sentiment_transfer.advice.quick_model import quick_model
from sentiment_transfer.advice.verdict import Verdict
from sentiment_transfer.corpus.splits import text_key
from sentiment_transfer.errors import InputError
from sentiment_transfer.model.evidence import MIN_SEED_TEXTS
from sentiment_transfer.polarity.masked import areas_under_curve, masked_scores

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

__all__ = ["NO_TEXTS", "HiddenSeedWords", "LabelFreeScore", "Material"]
__all__ += ["hidden_seed_words", "label_free_score"]

MOST_TEXTS, MOST_JUDGED = 100_000, 3_000
"""Texts of a corpus, and texts to hide seed words in, that are used at most."""
HELD_OUT = 0.2
"""Share of a corpus in which seed words are hidden, where no other texts are given."""


@dataclass(frozen=True)
class LabelFreeScore:
    """How well word vectors from a corpus predict hidden seed words.

    Attributes
    ----------
    area
        Area under the ROC curve: 0.5 is chance, 1 is best.
    error
        Its standard error over draws of the judged texts.
    n_texts
        Number of texts that were pretrained on.
    n_positive, n_negative
        Numbers of judged texts with more positive than negative seed words, and with fewer.

    Examples
    --------
    >>> texts = [f"name{i} is a {p} film" for i in range(150) for p in ("great", "awful")]
    >>> found = label_free_score(texts)
    >>> 0 <= found.area <= 1, found.n_texts
    (True, 240)
    """

    area: float
    error: float
    n_texts: int
    n_positive: int
    n_negative: int

    @property
    def verdict(self) -> Verdict:
        """The score, and what it can be used for."""
        n = self.n_positive + self.n_negative
        return Verdict(
            f"hidden seed words are predicted with an area under the curve of {self.area:.3f}",
            f"{n:,} texts, standard error {self.error:.3f}; 0.5 is chance",
            "compare it with that of another corpus, on the same texts to be judged",
        )

    def __str__(self) -> str:
        return str(self.verdict)


def label_free_score(
    texts: Iterable[str],
    judged: Iterable[str] | None = None,
    *,
    language: str = "en",
    seed: int = 0,
) -> LabelFreeScore:
    """Pretrain on a corpus, and predict hidden seed words of other texts.

    Parameters
    ----------
    texts
        The corpus, iterated once; of more than 100,000 texts a sample is used.
    judged
        Texts of the kind to be judged, a random sample of both polarities. Those that repeat a
        text of the corpus are left out, and of more than 3,000 a sample is used. By default a fifth
        of the corpus is held out.
    language
        Of the texts, with its seed words: the code of a language or a language file.
    seed
        Of all random numbers.

    Returns
    -------
    LabelFreeScore
        An area under the ROC curve.

    Raises
    ------
    InputError
        There is too little text to learn from, or fewer than 20 of the judged texts have more seed
        words of one side.

    Examples
    --------
    >>> texts = [f"name{i} is a {p} film" for i in range(150) for p in ("great", "awful")]
    >>> found = label_free_score(texts)
    >>> found.n_texts, found.n_positive, found.n_negative
    (240, 27, 33)
    """
    part, others = Material.of(texts, judged, seed).divided([seed, 0])
    hidden = hidden_seed_words(part, others, language, seed)
    if hidden.fewest < MIN_SEED_TEXTS:
        n_positive, n_negative = hidden.numbers
        raise InputError(
            f"of {len(others):,} texts to be judged {n_positive} have more positive seed words and "
            f"{n_negative} more negative ones; give more texts, so that both are {MIN_SEED_TEXTS} "
            "or more"
        )
    curve = areas_under_curve(hidden.positive, hidden.scores[None])
    error = float(curve.covariance[0, 0]) ** 0.5
    return LabelFreeScore(
        float(curve.areas[0]), error, len(part), curve.n_positive, curve.n_negative
    )


class HiddenSeedWords(NamedTuple):
    """Scores of texts with hidden seed words, and whether these are positive, both ``(n,)``."""

    scores: NDArray[np.float64]
    positive: NDArray[np.bool_]

    @property
    def numbers(self) -> tuple[int, int]:
        """Numbers of texts with more positive seed words, and with more negative ones."""
        n_positive = int(self.positive.sum())
        return n_positive, len(self.positive) - n_positive

    @property
    def fewest(self) -> int:
        """The smaller of the two numbers."""
        return min(self.numbers)

    @property
    def area(self) -> float:
        """Area under the curve; 0.5 if there are fewer than two texts of either side."""
        if self.fewest < 2:
            return 0.5
        return float(areas_under_curve(self.positive, self.scores[None]).areas[0])


NO_TEXTS = HiddenSeedWords(np.zeros(0), np.zeros(0, np.bool_))


def hidden_seed_words(
    part: list[str], others: list[str], language: str, seed: int
) -> HiddenSeedWords:
    """Pretrain on a part of a corpus, and score other texts by their words beside seed words."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of a part without seed words
        encoder: Any = quick_model(part, language, seed).encoder_
    if encoder.polarity_ is None or not others:
        return NO_TEXTS
    scores, balance = masked_scores(encoder, others)
    used = balance != 0
    return HiddenSeedWords(scores[used], balance[used] > 0)


@dataclass(frozen=True)
class Material:
    """Texts of a corpus and texts to be judged, if they are given, with the keys of all."""

    corpus: list[str]
    keys: list[bytes]
    judged: list[str] | None
    judged_keys: list[bytes]

    @classmethod
    def of(cls, texts: Iterable[str], judged: Iterable[str] | None, seed: int) -> Self:
        """Sample at most 100,000 and 3,000 of the texts."""
        corpus = sampled_texts(texts, MOST_TEXTS, seed)
        given = None if judged is None else sampled_texts(judged, MOST_JUDGED, seed)
        return cls(corpus, [*map(text_key, corpus)], given, [*map(text_key, given or ())])

    def divided(self, seed: list[int]) -> tuple[list[str], list[str]]:
        """Return texts to pretrain on, in random order, and others, which repeat none of them."""
        order = np.random.default_rng(seed).permutation(len(self.corpus)).tolist()
        n = min(MOST_JUDGED, int(HELD_OUT * len(order))) if self.judged is None else 0
        others = [(self.keys[i], self.corpus[i]) for i in order[:n]]
        if self.judged is not None:
            others = list(zip(self.judged_keys, self.judged, strict=True))
        known = {self.keys[i] for i in order[n:]}
        kept = [text for key, text in others if key not in known]
        return [self.corpus[i] for i in order[n:]], kept
