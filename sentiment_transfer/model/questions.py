"""Why a model answers as it does."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification import InformedClassifier
from sentiment_transfer.classification.explanation import Explanation, explain_informed
from sentiment_transfer.classification.mixture import GuardedMixture
from sentiment_transfer.errors import InputError, NotFittedError
from sentiment_transfer.estimator import Estimator
from sentiment_transfer.model.inputs import as_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray
    from pandas import DataFrame

    from sentiment_transfer.classification.polarity import Polarity
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

    def _require_pretrained(self) -> None:
        if not hasattr(self, "encoder_"):
            raise NotFittedError(
                "this SentimentClassifier is not trained yet; call pretrain(unlabelled_texts), "
                "then fit(texts, labels)"
            )

    def explain(self, text: str, label: str | None = None) -> Explanation:
        """What each word of a text contributes to the log odds of a label.

        Exact for the default stages (see `Explanation`). For other stages a piece's contribution
        is what the log odds lose when it is left out; there the parts need not add up to the
        whole, and ``bias`` takes what is missing.

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
        if isinstance(head, InformedClassifier) and isinstance(head.mixture_, GuardedMixture):
            sign = 1 if label == head.order_[1] else -1
            pieces, bias = explain_informed(text, self.encoder_, head.words_, head.mixture_)
            pieces, bias = [(piece, sign * share) for piece, share in pieces], sign * bias
        else:
            pieces, bias = self._explain_by_omission(text, k)
        return Explanation(label, float(probabilities[k]), tuple(pieces), bias)

    def _explain_by_omission(self, text: str, k: int) -> tuple[list[tuple[str, float]], float]:
        tokenizer = self.vectors_.tokenizer
        pieces = tokenizer.pieces(tokenizer.prepare(text))
        without = [" ".join(pieces[:i] + pieces[i + 1 :]) for i in range(len(pieces))]
        p = np.clip(self.predict_proba([" ".join(pieces), *without])[:, k], 1e-9, 1 - 1e-9)
        log_odds = np.log(p / (1 - p))
        shares = log_odds[0] - log_odds[1:]
        return list(zip(pieces, shares.tolist(), strict=True)), float(log_odds[0] - shares.sum())

    def polarity(self, word: str) -> float:
        """Polarity of a word: standard deviations above (positive) or below the average word."""
        return float(self._polarity().word_scores[self.vectors_.id_of(word)])

    def polar_words(self, n: int = 20, min_count: int = 20) -> DataFrame:
        """The most positive and most negative words: ``word``, ``polarity``, ``count``.

        Of words seen at least ``min_count`` times; ``n`` from either end, most positive first.
        """
        import pandas as pd

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

    def _polarity(self) -> Polarity:
        self._require_pretrained()
        polarity = getattr(self.encoder_, "polarity_", None)
        if polarity is None:
            raise NotFittedError(
                "this model has no polarity of words: it was made without seeds, or with an "
                "encoder of its own"
            )
        known: Polarity = polarity
        return known

    def coverage(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Share of each text's tokens that have a vector, ``(n_texts,)``; 0 means a guess."""
        self._require_pretrained()
        return self.vectors_.coverage(as_texts(texts))
