"""The default stage two: texts to everything that is known of them before a label."""

from __future__ import annotations

import copy
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.estimator import to_json
from sentiment_transfer.encoding.encoder import Encoder
from sentiment_transfer.errors import InputError, ModelFileError, SettingError
from sentiment_transfer.polarity.classifier import PolarityClassifier
from sentiment_transfer.polarity.features import PolarityFeatures
from sentiment_transfer.polarity.learning import (
    polarity_from_labels,
    polarity_from_seeds,
    seed_ids,
)
from sentiment_transfer.polarity.polarity import Polarity, sentence_vectors
from sentiment_transfer.polarity.word_shares import word_shares
from sentiment_transfer.text import TokenIds
from sentiment_transfer.text.bag_of_words import mean_of_texts
from sentiment_transfer.text.grams import GramFrequencies
from sentiment_transfer.text.reading import grams_of_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Literal, Self, TypeAlias

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.encoding import PretrainingTexts
    from sentiment_transfer.pretraining.vectors import WordVectors
    from sentiment_transfer.text.reading import ReadTexts

    Seeds: TypeAlias = Literal["language"] | tuple[Sequence[str], Sequence[str]] | None

__all__ = ["SAMPLE_TEXTS", "PolarityEncoder"]

SAMPLE_TEXTS = 5_000
"""Unlabelled texts that tell how common words are."""


class PolarityEncoder(Encoder):
    """Texts to `PolarityFeatures`.

    Parameters
    ----------
    vectors
        Word vectors.
    seeds
        ``"language"`` takes the seed words of the language's file; a pair ``(positive, negative)``
        of lists of words or phrases replaces them; None does without, until labels teach polarity
        (`with_polarity_from_labels`).
    prevalence
        Share of positive texts, if it is known.
    seed
        Of the choice of texts that teach polarity.

    Attributes
    ----------
    polarity_ : Polarity or None
    prevalence_ : float or None
        Share of positive texts among those it was fitted on, if that was told.
    mean_ : ndarray of float32, shape (d,)
        Mean of the texts' plain averages.
    frequencies_ : GramFrequencies
        How common words and word pairs are.
    """

    reads_words = True

    vectors: WordVectors

    def __init__(
        self,
        vectors: WordVectors,
        *,
        seeds: Seeds = "language",
        prevalence: float | None = None,
        seed: int = 0,
    ) -> None:
        self.vectors = vectors
        self.seeds = seeds
        self.prevalence = prevalence
        self.seed = seed

    def fit(
        self,
        texts: Iterable[str] | TokenIds,
        y: object = None,
        *,
        background: Polarity | None = None,
        sample: Sequence[str] | None = None,
        prevalence: float | None = None,
    ) -> Self:
        """Learn polarity and means from unlabelled texts, or their token ids.

        Parameters
        ----------
        background
            What was learnt over the same vectors from other texts; see `polarity_from_seeds`.
        sample
            Some of the texts, to count how common words are, stop words included; the first
            5,000 of ``texts`` if not given and ``texts`` are not ids.
        prevalence
            Share of positive texts among these, in place of the parameter.

        Raises
        ------
        InputError
            No text holds a word that has a vector.
        SettingError
            ``seeds`` or the prevalence cannot work.
        """
        words = self._seed_words()
        self.prevalence_ = self.prevalence if prevalence is None else prevalence
        if sample is None:
            texts = texts if isinstance(texts, TokenIds) else list(texts)
            sample = [] if isinstance(texts, TokenIds) else texts[:SAMPLE_TEXTS]
        self.frequencies_ = GramFrequencies.of(grams_of_texts(sample, self.vectors.tokenizer))
        ids = texts if isinstance(texts, TokenIds) else self.vectors.encode(texts)
        if not len(ids.ids):
            raise InputError(
                f"none of {len(ids):,} texts holds a word that has a vector; give unlabelled texts "
                "of the vectors' language"
            )
        matrix = self.vectors.matrix
        self.mean_ = mean_of_texts(ids, matrix, None)
        self.polarity_: Polarity | None = None
        seeds = None if words is None else self._known_seeds(*words)
        if seeds is not None:
            self.polarity_ = polarity_from_seeds(
                matrix,
                ids,
                *seeds,
                background=background,
                prevalence=self.prevalence_,
                seed=self.seed,
            )
        return self

    def _known_seeds(
        self, positive: list[str], negative: list[str]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
        """Ids of the seed words; None, with a warning, where the language's are all unknown.

        Of a user's own, those that have no vector are named in a warning.
        """
        vocabulary = self.vectors.vocabulary
        try:
            found = seed_ids(vocabulary, positive, negative)
        except SettingError as error:
            if self.seeds != "language":
                raise
            warnings.warn(f"{error}; going on without a polarity prior", stacklevel=3)
            return None
        unknown = [word for word in (*positive, *negative) if word not in vocabulary]
        if unknown and self.seeds != "language":
            listed = ", ".join(map(repr, unknown))
            warnings.warn(f"seed words without a vector are left out: {listed}", stacklevel=3)
        return found

    def fit_unlabelled(
        self,
        texts: PretrainingTexts,
        *,
        before: Encoder | None = None,
        prevalence: float | None = None,
    ) -> Self:
        """Fit on the texts of pretraining; ``before`` is the background if it has these seeds."""
        background = None
        if isinstance(before, PolarityEncoder) and before.seeds == self.seeds:
            background = before.polarity_
        return self.fit(
            texts.ids, background=background, sample=texts.sample, prevalence=prevalence
        )

    @property
    def knows_polarity(self) -> bool:
        """Whether there are seed words, or labels that taught it."""
        return self.polarity_ is not None

    @property
    def centre(self) -> NDArray[np.float32]:
        """Mean of the plain averages."""
        return self.mean_

    def transform(self, texts: Iterable[str] | TokenIds) -> PolarityFeatures:
        """Encode texts; token ids are not enough, since word pairs hold stop words."""
        self._require_fitted("mean_")
        if isinstance(texts, TokenIds):
            raise InputError("texts are token ids; pass the texts themselves")
        return self.features(self.vectors.read_texts(texts))

    def features(self, texts: ReadTexts) -> PolarityFeatures:
        """Return scores, sentence vectors, words and word pairs."""
        ids, matrix = texts.ids, self.vectors.matrix
        plain_mean = sentence_vectors(ids, matrix, None, self.mean_)
        features = PolarityFeatures(None, None, plain_mean, texts.grams, self.frequencies_, ids)
        features = self._scored(features)
        return features if self.seeds is None else replace(features, ids=None, scored_by=None)

    def head_input(self, features: PolarityFeatures) -> PolarityFeatures:
        """Score features again that were computed before labels taught this polarity."""
        if features.ids is None or features.scored_by is self.polarity_:
            return features
        return self._scored(features)

    def _scored(self, features: PolarityFeatures) -> PolarityFeatures:
        score = polarity_mean = None
        if self.polarity_ is not None and features.ids is not None:
            polarity_mean = self.polarity_.encode(features.ids, self.vectors.matrix)
            score = self.polarity_.score(polarity_mean)
        return replace(features, score=score, polarity_mean=polarity_mean, scored_by=self.polarity_)

    def fit_head(
        self,
        head: Any,  # noqa: ANN401  (a PolarityClassifier)
        features: PolarityFeatures,
        labels: NDArray[Any],
        unlabelled: TokenIds | None = None,
    ) -> tuple[Self, Any]:
        """Fit the head; without seed words, labels of two classes first teach polarity.

        That takes unlabelled texts of the task's own kind; without them there is no polarity.
        """
        encoder = self
        if self.seeds is None:
            order = head.order_of(labels)
            if unlabelled is not None and len(order) == 2 and len(labels):
                y = labels == order[1]
                encoder = self.with_polarity_from_labels(unlabelled, features, y)
            else:
                encoder = self.without_polarity()
                if unlabelled is None and self.polarity_ is not None:
                    warnings.warn(
                        "the polarity of words that earlier labels taught is discarded, and "
                        "without unlabelled texts, which a model file does not hold, these labels "
                        "cannot teach it; adapt the model to unlabelled texts before fitting it",
                        stacklevel=4,
                    )
        return encoder, head.fit(encoder.head_input(features), labels)

    def word_shares(self, text: str, head: Any) -> NDArray[np.float64] | None:  # noqa: ANN401
        """Exact share of each piece, of two classes; see `polarity.word_shares`."""
        if not isinstance(head, PolarityClassifier) or len(head.classes_) > 2:
            return None
        return word_shares(text, self, head.words_, head.members)

    @property
    def n_trained(self) -> int:
        """How many of its numbers labels taught: those of a polarity without seed words."""
        if self.seeds is not None or self.polarity_ is None:
            return 0
        tensors = self.polarity_.state()[1].values()
        return sum(tensor.size for tensor in tensors if tensor.dtype.kind == "f")

    def with_polarity_from_labels(
        self, unlabelled: TokenIds, features: PolarityFeatures, y: ArrayLike
    ) -> Self:
        """Return the same encoder, its polarity learnt from labels 0 or 1 (`polarity_from_labels`).

        Parameters
        ----------
        unlabelled
            Texts of the task's own kind.
        features, y
            What this encoder, without seeds, made of the labelled texts; their labels.
        """
        if features.ids is None:
            raise SettingError("labels teach polarity in place of seed words; give seeds=None")
        other = self.without_polarity()
        other.polarity_ = polarity_from_labels(
            self.vectors.matrix,
            unlabelled,
            features.ids,
            y,
            prevalence=self.prevalence_,
            seed=self.seed,
        )
        return other

    def without_polarity(self) -> Self:
        """Return the same encoder without polarity."""
        other = copy.copy(self)
        other.polarity_ = None
        return other

    def _seed_words(self) -> tuple[list[str], list[str]] | None:
        """Seed words of either side as tokens; ``SettingError`` for what names none."""
        if self.seeds is None:
            return None
        if self.seeds == "language":
            knowledge = self.vectors.tokenizer.language_data
            return list(knowledge.positive_seeds), list(knowledge.negative_seeds)
        sides = list(self.seeds) if not isinstance(self.seeds, str) else []
        if len(sides) != 2 or any(isinstance(side, str) for side in sides):
            raise SettingError(
                f"seeds={self.seeds!r} cannot work; give 'language', None, or a pair of lists of "
                "words, (positive, negative)"
            )
        positive, negative = ([self._token(seed) for seed in side] for side in sides)
        return positive, negative

    def _token(self, seed: str) -> str:
        """The token a word or phrase stands for: its rarest; of ``"not good"`` it is not_good."""
        marker = self.vectors.tokenizer.language_data.marker
        tokens = [seed] if seed.startswith(marker) else self.vectors.tokenizer(seed)
        marked = [token for token in tokens if token.startswith(marker)]
        known = self.vectors.vocabulary.encode(marked or tokens)
        return self.vectors.words[max(known)] if known else seed

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Facts and tensors for a model file, the word vectors left out."""
        facts: dict[str, Any] = {
            "seeds": self.seeds,
            "prevalence": self.prevalence,
            "seed": self.seed,
            "polarity": None,
            "frequency_texts": self.frequencies_.n_texts,
        }
        if self.prevalence_ != self.prevalence:
            facts["prevalence_of_texts"] = self.prevalence_
        tensors: dict[str, NDArray[Any]] = {
            "mean": self.mean_,
            "frequency.grams": self.frequencies_.numbers.view(np.int64),
            "frequency.counts": self.frequencies_.counts,
        }
        if self.polarity_ is not None:
            facts["polarity"], inner = self.polarity_.state()
            tensors |= inner
        return to_json(facts), tensors

    @classmethod
    def from_state(
        cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], vectors: WordVectors
    ) -> Self:
        """Build from what ``state`` gave and the word vectors."""
        seeds = facts["seeds"]
        encoder = cls(
            vectors,
            seeds=tuple(seeds) if isinstance(seeds, list) else seeds,
            prevalence=facts["prevalence"],
            seed=facts["seed"],
        )
        encoder.prevalence_ = facts.get("prevalence_of_texts", encoder.prevalence)
        encoder.mean_ = tensors["mean"]
        encoder.frequencies_ = GramFrequencies(
            tensors["frequency.grams"].view(np.uint64),
            tensors["frequency.counts"],
            facts["frequency_texts"],
        )
        encoder.polarity_ = None
        if facts["polarity"] is not None:
            encoder.polarity_ = polarity = Polarity.from_state(facts["polarity"], tensors)
            of_words = polarity.pooling, polarity.word_scores, polarity.seed_signs
            if any(len(values) != len(vectors) for values in of_words):
                raise ModelFileError("the polarity of words does not fit the word vectors")
        return encoder
