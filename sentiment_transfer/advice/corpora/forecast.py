"""Would more text help? The label-free score of parts of a corpus, and a curve through them.

``scripts/advice/corpora.py`` measures how far the forecast is off, and chose the constants.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.advice.corpora.label_free import NO_TEXTS, Material, hidden_seed_words
from sentiment_transfer.advice.corpora.score_curve import forecast_growth
from sentiment_transfer.advice.verdict import Verdict
from sentiment_transfer.base.estimator import is_integer_from
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.model.evidence import MIN_SEED_TEXTS
from sentiment_transfer.model.own_vectors import estimated_tokens

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentiment_transfer.advice.corpora.label_free import HiddenSeedWords
    from sentiment_transfer.advice.corpora.score_curve import Growth

__all__ = ["CorpusForecast", "CorpusPart", "forecast_corpus", "growth_of"]

SHARES = (0.01, 0.03, 0.1, 0.3, 1.0)
MIN_TEXTS, MIN_PARTS = 20, 3
"""Fewest texts of a part, and fewest parts from which there is a forecast."""
DRAWS = 3
TIMES = 3.0
"""How much more text the forecast is for."""
POINTS, POINTS_ERROR = 30.0, 1.1
"""Points of accuracy that an area of 1 is worth, and standard deviation of what else changes it."""
JUDGED_ERROR = 0.23
"""Standard error of a difference of two areas on the same texts, times the root of the number of
those with the rarer polarity: 0.3 for each area, and a correlation of 0.7."""
WORTHWHILE = 1.0
"""Points of accuracy from which more text is worth while."""
PROBABLE, IMPROBABLE = 2 / 3, 1 / 4
"""Chances of so many points from which more text would help, and up to which it would hardly."""


@dataclass(frozen=True)
class CorpusPart:
    """The label-free score of a part of a corpus, a mean over draws of the part.

    Attributes
    ----------
    n_texts, n_tokens
        Size of the part; the number of tokens is an estimate.
    area, spread
        Mean and standard deviation over draws.

    Examples
    --------
    >>> texts = [f"name{i} is a {p} film" for i in range(80) for p in ("great", "awful", "dull")]
    >>> part = forecast_corpus(texts, draws=1).parts[-1]
    >>> part.n_texts, 0 <= part.area <= 1
    (192, True)
    """

    n_texts: int
    n_tokens: int
    area: float
    spread: float


@dataclass(frozen=True)
class CorpusForecast:
    """Whether more text would help.

    Attributes
    ----------
    parts
        From small to large, the last one with all texts to pretrain on.
    growth
        The forecast for three times as much text; None if it cannot be told, because there are too
        few parts or too few texts with seed words.
    n_positive, n_negative
        Numbers of judged texts with more positive than negative seed words, and with fewer: means
        over draws.
    draws
        Number of draws of the parts.

    Examples
    --------
    >>> texts = [f"name{i} is a {p} film" for i in range(80) for p in ("great", "awful", "dull")]
    >>> found = forecast_corpus(texts, draws=1)
    >>> [part.n_texts for part in found.parts], found.growth is None
    ([58, 192], True)
    """

    parts: tuple[CorpusPart, ...]
    growth: Growth | None
    n_positive: int
    n_negative: int
    draws: int = DRAWS

    @property
    def points(self) -> tuple[float, float] | None:
        """Points of accuracy, without labels, that more text would add, and their standard error.

        None without a forecast.
        """
        if self.growth is None:
            return None
        judged = JUDGED_ERROR / math.sqrt(max(1, min(self.n_positive, self.n_negative)))
        errors = POINTS * self.growth.gain_error, POINTS * judged, POINTS_ERROR
        return POINTS * self.growth.gain, math.hypot(*errors)

    @property
    def chance(self) -> float | None:
        """Probability that it would add a point or more, by a normal distribution."""
        if self.points is None:
            return None
        return 1 - NormalDist(*self.points).cdf(WORTHWHILE)

    @property
    def verdict(self) -> Verdict:
        """Whether more text would help, how sure that is, and what to do."""
        if self.points is None or self.chance is None:
            return self._unknown()
        evidence = (
            f"area under the curve {' · '.join(f'{p.area:.3f}' for p in self.parts)} with "
            f"{', '.join(f'{p.n_texts:,}' for p in self.parts)} texts; three times as much text "
            f"adds about {self.points[0]:.1f} ± {self.points[1]:.1f} points of accuracy "
            f"without labels, a point or more with a chance of {100 * self.chance:.0f} %"
        )
        if self.chance >= PROBABLE:
            return Verdict("more text would help", evidence, "collect more texts of this kind")
        if self.chance <= IMPROBABLE:
            said = "more of it would hardly help"
            return Verdict(said, evidence, "label some texts, or look for a closer corpus")
        next_step = "collect some more and ask again, or measure on labelled texts"
        return Verdict("can't tell yet", evidence, next_step)

    def _unknown(self) -> Verdict:
        n = min(self.n_positive, self.n_negative)
        if n < MIN_SEED_TEXTS:
            return Verdict(
                "can't tell yet",
                f"seed words of one side prevail in {n} of the texts to be judged; "
                f"{MIN_SEED_TEXTS} are needed",
                "give more texts of the kind to be judged",
            )
        return Verdict(
            "can't tell yet",
            f"parts of 1, 3, 10, 30 and 100 % count from {MIN_TEXTS} texts on, and {MIN_PARTS} are "
            f"needed; there {'is' if len(self.parts) == 1 else 'are'} {len(self.parts)}",
            f"give {MIN_TEXTS * 10:,} texts or more",
        )

    def __str__(self) -> str:
        return str(self.verdict)


def forecast_corpus(
    texts: Iterable[str],
    judged: Iterable[str] | None = None,
    *,
    language: str = "en",
    draws: int = DRAWS,
    seed: int = 0,
) -> CorpusForecast:
    """Forecast whether three times as much text would help, by the scores of parts of a corpus.

    The parts are 1, 3, 10, 30 and 100 % of the texts that are not held out; those of fewer than 20
    texts are left out. In each draw they are nested, and other texts are held out unless ``judged``
    is given.

    Parameters
    ----------
    texts, judged, language, seed
        As for `label_free_score`.
    draws
        Number of random choices of the parts, at least 1; each takes some ten seconds.

    Returns
    -------
    CorpusForecast
        Without ``growth``, where the texts are too few.

    Raises
    ------
    InputError
        There is too little text to learn from.
    SettingError
        ``draws`` is less than 1.

    Examples
    --------
    >>> texts = [f"name{i} is a {p} film" for i in range(80) for p in ("great", "awful", "dull")]
    >>> print(forecast_corpus(texts, draws=1).verdict.found)
    can't tell yet
    """
    if not is_integer_from(draws, 1):
        raise SettingError(f"draws={draws!r} is not allowed; it must be an integer of at least 1")
    material = Material.of(texts, judged, seed)
    areas: dict[int, list[float]] = {}
    numbers: list[tuple[int, int]] = []
    for draw in range(draws):
        part, others = material.divided([seed, draw])
        hidden = NO_TEXTS
        for size in (n for share in SHARES if (n := round(share * len(part))) >= MIN_TEXTS):
            hidden = _scored(part, size, others, language, seed + draw)
            areas.setdefault(size, []).append(hidden.area)
        numbers.append(hidden.numbers)
    per_text = estimated_tokens(material.corpus, language) / max(1, len(material.corpus))
    parts = tuple(
        CorpusPart(n, round(per_text * n), float(np.mean(each)), float(np.std(each)))
        for n, each in sorted(areas.items())
    )
    n_positive, n_negative = np.mean(numbers, axis=0).round().astype(int).tolist()
    enough = len(parts) >= MIN_PARTS and min(n_positive, n_negative) >= MIN_SEED_TEXTS
    growth = growth_of(parts, draws) if enough else None
    return CorpusForecast(parts, growth, n_positive, n_negative, draws)


def _scored(
    part: list[str], size: int, others: list[str], language: str, seed: int
) -> HiddenSeedWords:
    """Score the first texts; a part of them may be too little to learn from, then by chance."""
    try:
        return hidden_seed_words(part[:size], others, language, seed)
    except InputError:
        if size == len(part):
            raise
        return NO_TEXTS


def growth_of(parts: Sequence[CorpusPart], draws: int, times: float = TIMES) -> Growth:
    """Return the forecast for ``times`` as much text as in the largest part."""
    tokens, texts, areas = np.array([(p.n_tokens, p.n_texts, p.area) for p in parts], float).T
    return forecast_growth(tokens, texts, areas, times * parts[-1].n_tokens, draws)
