"""Why a model answers as it does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.estimator import Estimator
from sentiment_transfer.errors import InputError, NotFittedError, SettingError
from sentiment_transfer.model.explanation import Explanation, as_given, word_shares
from sentiment_transfer.model.inputs import as_texts
from sentiment_transfer.polarity import PolarityClassifier
from sentiment_transfer.polarity.mixture import LogisticMixture

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray
    from pandas import DataFrame

    from sentiment_transfer.model.parameters import ParameterTable
    from sentiment_transfer.polarity.polarity import Polarity
    from sentiment_transfer.pretraining import WordVectors

__all__ = ["Questions"]


class Questions(Estimator, ABC):
    """What may be asked of a trained model beside its labels."""

    vectors_: WordVectors
    encoder_: Any
    head_: Any
    classes_: NDArray[np.str_]

    @abstractmethod
    def predict_proba(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Probabilities of the classes, ``(n_texts, n_classes)``."""

    @abstractmethod
    def predict_proba_with_coverage(
        self, texts: Iterable[str]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities, and the share of each text's tokens that are known ``(n_texts,)``."""

    def _require_pretrained(self) -> None:
        if not hasattr(self, "encoder_"):
            raise NotFittedError(
                "this SentimentClassifier is not trained yet; call pretrain(unlabelled_texts), "
                "then fit(texts, labels)"
            )

    def _require_fitted(self, attribute: str) -> None:
        """Tell what is missing: pretraining, or labels."""
        self._require_pretrained()
        if not hasattr(self, attribute):
            raise NotFittedError(
                "this SentimentClassifier is pretrained and knows no polarity without labels; call "
                "fit(texts, labels)"
            )

    def explain(self, text: str, label: str | None = None) -> Explanation:
        """What each word of a text contributes to the log odds of a label.

        For the default stages with two classes a word's share is exact, of the mean log odds of the
        models that answer together (see `classification.explanation`). For other stages, and for
        more classes, a piece's contribution is what the log odds lose when it is left out. What is
        of no word, ``bias`` has: so the parts add up to the log odds of the probability.

        Parameters
        ----------
        text
            One text.
        label
            The label to speak for; the most probable one if not given.
        """
        self._require_fitted("head_")
        probabilities = self.predict_proba([text])[0]
        names = self.classes_.tolist()
        label = names[int(probabilities.argmax())] if label is None else label
        if label not in names:
            raise InputError(f"there is no label {label!r}; the model knows {', '.join(names)}")
        k = names.index(label)
        head = self.head_
        if isinstance(head, PolarityClassifier) and isinstance(head.mixture_, LogisticMixture):
            sign = 1 if label == head.order_[1] else -1
            shares = word_shares(text, self.encoder_, head.words_, head.mixture_)
            shares = sign * shares + 0.0  # -0.0 made 0.0
        else:
            shares = self._explain_by_omission(text, k)
        rest = _log_odds(probabilities[k]) - sum(shares.tolist())
        pieces, gaps = as_given(text, self.vectors_.tokenizer, shares.tolist())
        return Explanation(label, float(probabilities[k]), pieces, gaps, float(rest))

    def _explain_by_omission(self, text: str, k: int) -> NDArray[np.float64]:
        tokenizer = self.vectors_.tokenizer
        pieces = tokenizer.pieces(tokenizer.prepare(text))
        without = [" ".join(pieces[:i] + pieces[i + 1 :]) for i in range(len(pieces))]
        log_odds = _log_odds(self.predict_proba([" ".join(pieces), *without])[:, k])
        shares: NDArray[np.float64] = log_odds[0] - log_odds[1:]
        return shares

    def predict_or_abstain(
        self, texts: Iterable[str], below: float = 0.8, unsure: str = "unsure"
    ) -> NDArray[np.str_]:
        """Most probable label of each text, or ``unsure`` where its probability is lower.

        A text with no known word is always unsure: its probability is that of the labels in
        training. What a threshold costs and gains shows in ``sentiment-transfer evaluate``.

        Parameters
        ----------
        texts
            Any number of texts.
        below
            Probability under which no label is answered.
        unsure
            What is answered instead; not the name of a class.
        """
        self._require_fitted("head_")
        if not 0 <= below <= 1:
            raise SettingError(f"below={below} is no probability; give one from 0 to 1")
        if unsure in self.classes_.tolist():
            raise SettingError(
                f"unsure={unsure!r} is a class of this model; name what is no answer differently"
            )
        texts = as_texts(texts)
        p, coverage = self.predict_proba_with_coverage(texts)
        sure = (coverage > 0) & (p.max(axis=1, initial=0) >= below)
        return np.where(sure, self.classes_[p.argmax(axis=1)], unsure)

    def polarity(self, word: str) -> float:
        """Polarity of a word: standard deviations above (positive) or below the average word."""
        return float(self._polarity().word_scores[self.vectors_.id_of(word)])

    def polar_words(self, n: int = 20, min_count: int = 20) -> DataFrame:
        """The most positive and most negative words: ``word``, ``polarity``, ``count``.

        Of words seen at least ``min_count`` times; ``n`` from either end, most positive first.
        """
        import pandas as pd

        if n < 1:
            raise SettingError(f"n={n} words cannot be listed; give 1 or more")
        words = pd.DataFrame(
            {
                "word": self.vectors_.words,
                "polarity": self._polarity().word_scores,
                "count": self.vectors_.counts,
            }
        )
        ranked = words[words["count"] >= min_count].sort_values(
            "polarity", ascending=False, kind="stable"
        )
        ends = ranked if len(ranked) <= 2 * n else pd.concat([ranked.head(n), ranked.tail(n)])
        return ends.reset_index(drop=True)

    def plot_polar_words(self, path: str | Path, n: int = 20, min_count: int = 20) -> None:
        """Draw what `polar_words` lists, to PNG, SVG or PDF by the ending of the path."""
        from sentiment_transfer.model.polar_words import plot_polar_words

        plot_polar_words(self.polar_words(n, min_count), path)

    def _polarity(self) -> Polarity:
        self._require_pretrained()
        polarity = getattr(self.encoder_, "polarity_", None)
        if polarity is None:
            raise NotFittedError(
                "this model has no polarity of words: it has an encoder of its own, or it was made "
                "without seeds and no labels of two classes taught it any"
            )
        known: Polarity = polarity
        return known

    def parameters(self) -> ParameterTable:
        """How many numbers each stage holds, and how many of them the labels taught."""
        from sentiment_transfer.model.parameters import count_parameters

        self._require_fitted("head_")
        return count_parameters(self)

    def coverage(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Share of each text's tokens that have a vector, ``(n_texts,)``; 0 means a guess."""
        self._require_pretrained()
        return self.vectors_.coverage(as_texts(texts))


def _log_odds(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """``log(p / (1 - p))``, finite for 0 and 1 as well."""
    p = np.clip(p, 1e-9, 1 - 1e-9)
    log_odds: NDArray[np.float64] = np.log(p / (1 - p))
    return log_odds
