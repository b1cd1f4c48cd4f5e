"""The default stage three: labels on top of what is known of polarity.

`PolarityClassifier` lets labels refine what a `PolarityEncoder` tells: none, two, eight or
thousands, by the same call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.estimator import Estimator, to_json
from sentiment_transfer.classification.class_weight import class_weight_from_json, row_weights
from sentiment_transfer.errors import InputError, ModelFileError
from sentiment_transfer.polarity.class_order import class_order
from sentiment_transfer.polarity.contradiction import warn_if_contradicted
from sentiment_transfer.polarity.mixture import Features, LogisticMixture, Member
from sentiment_transfer.polarity.several_classes import (
    CumulativeBinary,
    OneVsRest,
    SeveralClasses,
)
from sentiment_transfer.text.grams import GramTfidf

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from numpy.typing import NDArray

    from sentiment_transfer.classification.class_weight import ClassWeight
    from sentiment_transfer.polarity.features import PolarityFeatures

__all__ = ["PolarityClassifier"]

_FEW_WEIGHTS = 1 << 20
"""Up to so many, a full matrix of word weights is no worse than a sparse one."""

SCORE_WEIGHT_FROM_LABELS = 0.75
"""Prior mean slope of a score that the labels themselves taught, less sure than seed words."""


class PolarityClassifier(Estimator):
    """Labels on `PolarityFeatures`: a polarity score that labels refine and may overrule.

    Two classes get a `LogisticMixture`, more get `OneVsRest`, ordered ones `CumulativeBinary`.
    Without a label the classes are ``"negative"`` and ``"positive"``.

    Parameters
    ----------
    language
        Whose usual label names tell which of two classes is the positive one; of two numbers it is
        the greater. If neither class has such a name, the labels' own agreement with the score
        decides.
    ordered
        For more than two classes: all labels from the most negative to the most positive.
    class_weight
        None, ``"balanced"`` or weights by label (see `row_weights`). Weights move the
        probabilities: balanced ones answer as if all classes were equally frequent.

    Attributes
    ----------
    classes_ : ndarray of str
        The labels, sorted: scikit-learn's scorers rely on it.
    order_ : ndarray of str
        The same labels, the most negative first where that is known.
    mixture_ : LogisticMixture or SeveralClasses
        Its classes are numbered as in ``order_``.
    """

    _kind = "classifier"

    mixture_: LogisticMixture | SeveralClasses

    def __init__(
        self,
        language: str = "en",
        *,
        ordered: Sequence[str] | None = None,
        class_weight: ClassWeight = None,
    ) -> None:
        self.language = language
        self.ordered = ordered
        self.class_weight = class_weight

    def fit(self, X: PolarityFeatures, y: Sequence[str] | NDArray[np.str_]) -> Self:
        """Learn from any number of labels, none included where there is a polarity score.

        Warns where the labels speak against the polarity score.

        Raises
        ------
        InputError
            One class only, a label that ``ordered`` lacks, or neither labels nor a score.
        SettingError
            ``class_weight`` or ``ordered`` is not allowed.
        """
        labels = np.asarray(y, dtype=np.str_)
        if not len(labels) and X.score is None:
            raise InputError(
                "there are no labels and no polarity score; give labels, or seed words that the "
                "word vectors know"
            )
        order = self.order_of(labels, X.score)
        weight = row_weights(labels, order.tolist(), self.class_weight)
        self.words_ = GramTfidf().fit(X.grams, X.frequencies)
        features = Features(X.score, X.polarity_mean, X.plain_mean, self.words_.transform(X.grams))
        if len(order) == 2:
            self._fit_two(features, labels == order[1], weight, learnt=X.scored_by is not None)
        else:
            numbers = np.array([np.flatnonzero(order == label)[0] for label in labels])
            several = OneVsRest() if self.ordered is None else CumulativeBinary()
            self.mixture_ = several.fit(features, numbers, len(order), weight)
        self.order_, self.classes_ = order, np.sort(order)
        warn_if_contradicted(self.mixtures)
        return self

    def _fit_two(
        self,
        features: Features,
        truth: NDArray[np.bool_],
        weight: NDArray[np.float64],
        *,
        learnt: bool,
    ) -> None:
        """Two classes; a score that these very labels taught cannot be judged by them."""
        mixture = (
            LogisticMixture(score_weight_mean=SCORE_WEIGHT_FROM_LABELS, compare_members=False)
            if learnt
            else LogisticMixture()
        )
        self.mixture_ = mixture.fit(features, truth, weight)

    def predict_proba(self, X: PolarityFeatures) -> NDArray[np.float64]:
        """Probabilities ``(n, k)`` in the order of ``classes_``."""
        self._require_fitted("mixture_")
        few = len(X) * len(self.words_.numbers_) <= _FEW_WEIGHTS
        words = self.words_.transform_few(X.grams) if few else self.words_.transform(X.grams)
        features = Features(X.score, X.polarity_mean, X.plain_mean, words)
        return self.mixture_.predict_proba(features)[:, np.argsort(self.order_)]

    def predict(self, X: PolarityFeatures) -> NDArray[np.str_]:
        """Most probable label of each text, ``(n,)``."""
        labels: NDArray[np.str_] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return labels

    @property
    def mixtures(self) -> tuple[LogisticMixture, ...]:
        """The mixture of two classes, or those of more classes, one after the other."""
        if isinstance(self.mixture_, LogisticMixture):
            return (self.mixture_,)
        return self.mixture_.mixtures_

    @property
    def members(self) -> tuple[Member, ...]:
        """The logistic models, of one mixture after the other."""
        return tuple(member for mixture in self.mixtures for member in mixture.members_)

    @property
    def n_labels_(self) -> float:
        """Number of labelled texts, or the sum of their weights."""
        return self.mixtures[0].n_labels_

    @property
    def n_parameters_(self) -> int:
        """Biases and weights of `members`, and frequencies of words."""
        weights = sum(1 + sum(w.size for w in member.weights.values()) for member in self.members)
        return weights + self.words_.idf_.size

    def average(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """What `predict_proba` makes of the log odds of `members`, ``(n, n_members)``."""
        return self.mixture_.average(log_odds)[:, np.argsort(self.order_)]

    def order_of(
        self, labels: NDArray[np.str_], score: NDArray[np.float64] | None = None
    ) -> NDArray[np.str_]:
        """All classes, the most negative first where that is known; see `class_order`."""
        return class_order(labels, self.language, self.ordered, score)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Facts and tensors for a model file."""
        self._require_fitted("mixture_")
        tensors: dict[str, NDArray[Any]] = {
            "grams": self.words_.numbers_.view(np.int64),
            "idf": self.words_.idf_,
        }
        mixtures = []
        for i, mixture in enumerate(self.mixtures):
            facts, inner = mixture.state()
            mixtures.append(facts)
            tensors |= {f"{i}/{name}": tensor for name, tensor in inner.items()}
        facts = {
            "language": self.language,
            "ordered": self.ordered,
            "class_weight": self.class_weight,
            "classes": self.order_.tolist(),
            "mixtures": mixtures,
        }
        return to_json(facts), tensors

    @classmethod
    def from_state(cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Build from what ``state`` gave; ``KeyError`` where something is missing.

        Files written until 2026-11-28 also hold ``hidden``, None or a hidden layer on the mixture,
        with its settings ``hidden_units`` and ``seed``.
        """
        if facts.get("hidden") is not None:
            raise ModelFileError(
                "the classifier has a hidden layer on its mixture, which is no longer supported; "
                "fit it without hidden_units and save it again"
            )
        weights = class_weight_from_json(facts["class_weight"])
        head = cls(facts["language"], ordered=facts["ordered"], class_weight=weights)
        head.order_ = np.array(facts["classes"])
        head.classes_ = np.sort(head.order_)
        head.words_ = GramTfidf()
        head.words_.numbers_ = tensors["grams"].view(np.uint64)
        head.words_.idf_ = tensors["idf"]
        if head.words_.numbers_.shape != head.words_.idf_.shape:
            raise ModelFileError("the numbers and the weights of the word pairs do not match")
        mixtures = tuple(
            LogisticMixture.from_state(
                inner,
                {k.removeprefix(f"{i}/"): t for k, t in tensors.items() if k.startswith(f"{i}/")},
            )
            for i, inner in enumerate(facts["mixtures"])
        )
        k = len(head.order_)
        if len(mixtures) != (1 if k == 2 else k if head.ordered is None else k - 1):
            raise ModelFileError(f"{len(mixtures)} mixtures do not tell {k} classes apart")
        if k == 2:
            head.mixture_ = mixtures[0]
        else:
            head.mixture_ = OneVsRest() if head.ordered is None else CumulativeBinary()
            head.mixture_.mixtures_ = mixtures
        return head
