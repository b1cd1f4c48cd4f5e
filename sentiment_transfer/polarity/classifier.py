"""The default stage three: a classifier on polarity features, for any number of labels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from msgspec import UnsetType

from sentiment_transfer.base.estimator import Estimator, to_json
from sentiment_transfer.base.schema import by_part, convert
from sentiment_transfer.classification.class_weight import class_weight_from_json, row_weights
from sentiment_transfer.classification.inputs import accuracy_of, as_weights
from sentiment_transfer.classification.labels import as_labels
from sentiment_transfer.errors import InputError
from sentiment_transfer.polarity.class_order import class_order
from sentiment_transfer.polarity.contradiction import warn_if_contradicted
from sentiment_transfer.polarity.mixture import MIN_LABELS, LogisticMixture
from sentiment_transfer.polarity.natural_order import natural_order
from sentiment_transfer.polarity.sentence_scaling import SentenceScaling
from sentiment_transfer.polarity.several_classes import SeveralClasses
from sentiment_transfer.polarity.stored import ClassifierFacts
from sentiment_transfer.text.grams import GramTfidf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.classification.class_weight import ClassWeight
    from sentiment_transfer.classification.labels import Labels
    from sentiment_transfer.polarity.features import PolarityFeatures
    from sentiment_transfer.polarity.members import Member

__all__ = ["PolarityClassifier"]

_FEW_WEIGHTS = 1 << 20
"""Up to this many elements, a dense matrix of TF-IDF is no slower than a sparse one."""

SCORE_WEIGHT_FROM_LABELS = 0.75
"""Prior mean weight of a score learnt from labels, which is less certain than one from seeds."""


class PolarityClassifier(Estimator):
    """Classifier on `PolarityFeatures`: a polarity score that labels refine and may overrule.

    Uses a `LogisticMixture` for two classes and `SeveralClasses` for more. Without labels the
    classes are ``"negative"`` and ``"positive"``.

    Parameters
    ----------
    language
        Language whose usual label names determine the positive one of two classes (`class_order`).
    ordered
        For more than two classes: all labels from the most negative to the most positive. With
        None, usual names and numbers are ordered if `natural_order` finds their order; with False,
        no classes are.
    class_weight
        None, ``"balanced"`` or weights by label (see `row_weights`). Weights change the
        probabilities: with balanced ones all classes count as equally frequent.

    Attributes
    ----------
    classes_ : ndarray of text, integers or bools
        The labels, sorted as scikit-learn's scorers require.
    order_ : ndarray of the same type
        The same labels, the most negative first if that is known.
    ordered_ : bool
        Whether there are more than two classes, in a known order.
    mixture_ : LogisticMixture or SeveralClasses
        Its classes are numbered as in ``order_``.
    sentence_ : SentenceScaling or None
        Scale of the vectors of a sentence encoder, if there is one and there are labels.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> encoder = load("reviews-en").encoder_
    >>> X = encoder.transform(["I loved it.", "A waste of time."])
    >>> PolarityClassifier().fit(X, ["good", "bad"]).predict(X).tolist()
    ['good', 'bad']
    """

    _kind = "classifier"
    stored = ClassifierFacts

    mixture_: LogisticMixture | SeveralClasses
    sentence_: SentenceScaling | None = None

    def __init__(
        self,
        language: str = "en",
        *,
        ordered: Labels | Literal[False] | None = None,
        class_weight: ClassWeight = None,
    ) -> None:
        self.language = language
        self.ordered = ordered
        self.class_weight = class_weight

    def fit(self, X: PolarityFeatures, y: Labels, sample_weight: ArrayLike | None = None) -> Self:
        """Fit to any number of labels, which may be 0 if there is a polarity score.

        Warns if the labels contradict the polarity score.

        Parameters
        ----------
        X
            Features of ``n`` texts.
        y
            Their labels, ``(n,)``.
        sample_weight
            Weights, ``(n,)``, where 1 is the evidence of one text.

        Raises
        ------
        InputError
            One class only, a label missing from ``ordered``, or neither labels nor a score.
        SettingError
            ``class_weight`` or ``ordered`` is not allowed.
        """
        labels = as_labels(y)
        if not len(labels) and X.score is None:
            raise InputError(
                "there are no labels and no polarity score; give labels, or seed words that have "
                "word vectors"
            )
        known = self.known_order(labels, X.score)
        order = self.order_of(labels, X.score) if known is None else known
        self.ordered_ = known is not None
        weight = row_weights(labels, order.tolist(), self.class_weight)
        weight = weight * as_weights(sample_weight, len(labels))
        self.words_ = GramTfidf().fit(X.grams, X.frequencies)
        self.sentence_, sentence = None, None
        if X.texts is not None and len(labels) >= MIN_LABELS:
            vectors = X.texts.vectors()
            self.sentence_ = SentenceScaling.of(vectors)
            sentence = self.sentence_.transform(vectors)
        features = replace(X, words=self.words_.transform(X.grams), sentence=sentence)
        if len(order) > 2:
            numbers = np.array([np.flatnonzero(order == label)[0] for label in labels])
            several = SeveralClasses(ordered=self.ordered_)
            self.mixture_ = several.fit(features, numbers, len(order), weight)
        else:
            mixture = LogisticMixture()
            if X.scored_by is not None:  # a score that fits the labels it was learnt from
                mixture = LogisticMixture(
                    score_weight_mean=SCORE_WEIGHT_FROM_LABELS, compare_members=False
                )
            features = replace(features, strength=None)
            self.mixture_ = mixture.fit(features, labels == order[1], weight)
            if (
                not self._order_is_given
                and labels.dtype.kind != "U"
                and self.mixture_.seeds_contradicted_
            ):
                # scikit-learn numbers classes by name, and in one against the rest 1 is "this one"
                order = order[::-1]
                self.mixture_.fit(features, labels == order[1], weight)
        if "sentence" not in self.parts:
            self.sentence_ = None
        self.order_, self.classes_ = order, np.sort(order)
        warn_if_contradicted(self.mixtures)
        return self

    @property
    def _order_is_given(self) -> bool:
        return self.ordered is not None and self.ordered is not False

    def predict_proba(self, X: PolarityFeatures) -> NDArray[np.float64]:
        """Compute probabilities ``(n, k)``, in the order of ``classes_``.

        Parameters
        ----------
        X
            Features of ``n`` texts.

        Returns
        -------
        ndarray
            float64 ``(n, k)``; each row adds up to 1.
        """
        self._require_fitted("mixture_")
        few = len(X) * len(self.words_.numbers_) <= _FEW_WEIGHTS
        words = self.words_.transform_few(X.grams) if few else self.words_.transform(X.grams)
        features = replace(X, words=words, sentence=self._sentence(X))
        return self.mixture_.predict_proba(features)[:, np.argsort(self.order_)]

    def _sentence(self, X: PolarityFeatures) -> NDArray[np.float32] | None:
        """Return the scaled vectors of a sentence encoder; None if no member reads them."""
        if self.sentence_ is None:
            return None
        if X.texts is None:
            raise InputError(
                "the classifier was fitted with a sentence encoder; encode the texts with it too"
            )
        return self.sentence_.transform(X.texts.vectors())

    def predict(self, X: PolarityFeatures) -> NDArray[Any]:
        """Return the most probable label of each text, ``(n,)``.

        Parameters
        ----------
        X
            Features of ``n`` texts.
        """
        labels: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return labels

    def score(
        self, X: PolarityFeatures, y: Labels, sample_weight: ArrayLike | None = None
    ) -> float:
        """Return the accuracy, weighted by ``sample_weight``; see `accuracy_of`.

        Parameters
        ----------
        X
            Features of ``n`` texts.
        y, sample_weight
            The right labels, and weights, ``(n,)``.
        """
        return accuracy_of(self.predict(X), y, sample_weight)

    @property
    def mixtures(self) -> tuple[LogisticMixture, ...]:
        """The mixture of two classes, or the mixtures of more classes."""
        if isinstance(self.mixture_, LogisticMixture):
            return (self.mixture_,)
        return self.mixture_.mixtures_

    @property
    def members(self) -> tuple[Member, ...]:
        """The logistic models of all mixtures."""
        return tuple(member for mixture in self.mixtures for member in mixture.members_)

    @property
    def parts(self) -> set[str]:
        """The parts of the features that `members` read."""
        return {part for member in self.members for part in member.weights}

    @property
    def left_out_proba_(self) -> NDArray[np.float64] | None:
        """Probabilities of the labelled texts by models that were fitted without their label.

        ``(n_labels, k)`` in the order of ``classes_``; None with fewer than 8 labels, and for a
        model from a file.
        """
        p = self.mixture_.left_out_proba_
        if p is None:
            return None
        each = np.column_stack([1 - p, p]) if p.ndim == 1 else p
        return each[:, np.argsort(self.order_)]

    @property
    def n_labels_(self) -> float:
        """Number of labelled texts, or the sum of their weights."""
        return self.mixtures[0].n_labels_

    @property
    def n_parameters_(self) -> int:
        """Number of biases and weights of `members`, of document frequencies, and of scales."""
        weights = sum(1 + sum(w.size for w in member.weights.values()) for member in self.members)
        scales = 0 if self.sentence_ is None else self.sentence_.mean.size + 1
        return weights + self.words_.idf_.size + scales

    def average(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compute probabilities from the log odds of `members`, ``(n, n_members)``.

        Parameters
        ----------
        log_odds
            Of each text by each member, float64 ``(n, n_members)``.

        Returns
        -------
        ndarray
            float64 ``(n, k)``.
        """
        return self.mixture_.average(log_odds)[:, np.argsort(self.order_)]

    def order_of(
        self, labels: NDArray[Any], score: NDArray[np.floating] | None = None
    ) -> NDArray[Any]:
        """Return all classes, the most negative first if that is known; see `class_order`.

        Parameters
        ----------
        labels, score
            Of the labelled texts, ``(n,)``.

        Returns
        -------
        ndarray
            All classes, ``(k,)``.
        """
        return class_order(labels, self.language, self.ordered, score)

    def known_order(
        self, labels: NDArray[Any], score: NDArray[np.floating] | None = None
    ) -> NDArray[Any] | None:
        """Return more than two classes in order, given or found; None if they have none.

        Parameters
        ----------
        labels, score
            Of the labelled texts, ``(n,)``.

        Returns
        -------
        ndarray or None
            All classes, ``(k,)``.
        """
        if self.ordered is None:
            return natural_order(labels, self.language, score)
        order = self.order_of(labels, score) if self._order_is_given else np.array([])
        return order if len(order) > 2 else None

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return facts and tensors for a model file."""
        self._require_fitted("mixture_")
        tensors: dict[str, NDArray[Any]] = {
            "grams": self.words_.numbers_.view(np.int64),
            "idf": self.words_.idf_,
        }
        if self.sentence_ is not None:
            tensors["sentence.mean"] = self.sentence_.mean
            tensors["sentence.scale"] = np.array([self.sentence_.scale])
        mixtures = []
        for i, mixture in enumerate(self.mixtures):
            facts, inner = mixture.state()
            mixtures.append(facts)
            tensors |= {f"{i}/{name}": tensor for name, tensor in inner.items()}
        facts = {**self.get_params(), "classes": self.order_.tolist(), "mixtures": mixtures}
        if isinstance(self.mixture_, SeveralClasses) and self.mixture_.label_shares_ is not None:
            facts["label_shares"] = self.mixture_.label_shares_.tolist()
        return to_json(facts), tensors

    @classmethod
    def from_state(
        cls, facts: ClassifierFacts | Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]
    ) -> Self:
        """Build from what `state` returned."""
        given, parts = convert(cls.stored, facts), by_part(tensors)
        ordered: Any = given.ordered
        weights = class_weight_from_json(given.class_weight)
        head = cls(given.language, ordered=ordered, class_weight=weights)
        head.order_ = given.labels
        head.classes_ = np.sort(head.order_)
        head.words_ = GramTfidf()
        head.words_.numbers_ = parts[""]["grams"].view(np.uint64)
        head.words_.idf_ = parts[""]["idf"]
        if "sentence.mean" in parts[""]:
            mean, scale = parts[""]["sentence.mean"], parts[""]["sentence.scale"]
            head.sentence_ = SentenceScaling(mean, float(scale[0]))
        mixtures = tuple(
            LogisticMixture.from_state(mixture, parts[str(i)])
            for i, mixture in enumerate(given.mixtures)
        )
        k = len(head.order_)
        shares = None if isinstance(given.label_shares, UnsetType) else given.label_shares
        head.ordered_ = k > 2 and (len(mixtures) == k - 1 or shares is not None)
        head.mixture_ = mixtures[0] if k == 2 else SeveralClasses(ordered=head.ordered_)
        if isinstance(head.mixture_, SeveralClasses):
            head.mixture_.mixtures_ = mixtures
            head.mixture_.label_shares_ = None if shares is None else np.array(shares)
        return head
