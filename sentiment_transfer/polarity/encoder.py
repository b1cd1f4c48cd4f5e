"""The default stage two: texts to polarity scores, sentence vectors and word pairs."""

from __future__ import annotations

import copy
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from msgspec import UnsetType

from sentiment_transfer.base.estimator import to_json
from sentiment_transfer.base.memory import release_memory
from sentiment_transfer.base.schema import convert
from sentiment_transfer.classification.class_weight import prevalence_weights
from sentiment_transfer.encoding.encoder import Encoder, PretrainingTexts, fit_weighted
from sentiment_transfer.encoding.sentence_encoder import SentenceEncoder, SentenceTexts
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.polarity.classifier import PolarityClassifier
from sentiment_transfer.polarity.features import PolarityFeatures
from sentiment_transfer.polarity.learning import (
    polarity_from_labels,
    polarity_from_seeds,
)
from sentiment_transfer.polarity.little_text import balance_weight
from sentiment_transfer.polarity.polarity import Polarity, sentence_vectors
from sentiment_transfer.polarity.seeds import known_seeds
from sentiment_transfer.polarity.stored import EncoderFacts
from sentiment_transfer.polarity.taught import TaughtPolarity, with_taught
from sentiment_transfer.polarity.word_shares import LINEAR_PARTS, word_shares
from sentiment_transfer.text import TokenIds
from sentiment_transfer.text.bag_of_words import mean_of_texts
from sentiment_transfer.text.grams import GramFrequencies
from sentiment_transfer.text.inputs import as_iterable_of_texts
from sentiment_transfer.text.reading import read_texts
from sentiment_transfer.text.vocabulary import sample_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.polarity.seeds import Seeds
    from sentiment_transfer.pretraining.vectors import WordVectors
    from sentiment_transfer.text.grammar import Grammar
    from sentiment_transfer.text.grams import Grams
    from sentiment_transfer.text.reading import ReadTexts


__all__ = ["SAMPLE_TEXTS", "PolarityEncoder"]

SAMPLE_TEXTS = 5_000
"""Number of unlabelled texts that frequencies of words are counted in."""
MUCH_TEXT = 1 << 22
"""Number of tokens above which memory that reading left over is given back; it takes 0.1 s."""


class PolarityEncoder(Encoder):
    """Texts to `PolarityFeatures`.

    Parameters
    ----------
    vectors
        Word vectors.
    seeds
        ``"language"`` for the seed words of the language's file, a pair ``(positive, negative)`` of
        lists of words or phrases, or None to learn polarity from labels instead
        (`with_polarity_from_labels`).
    prevalence
        Share of positive texts among those to judge, if known; the texts of `fit` are taken to have
        the same.
    seed
        Seed of the choice of texts that polarity is learnt from.

    Attributes
    ----------
    polarity_ : Polarity or None
    prevalence_ : float or None
        Share of positive texts among those to judge, if given.
    mean_ : ndarray of float32, shape (d,)
        Mean of the texts' unweighted averages.
    frequencies_ : GramFrequencies
        Frequencies of words and word pairs.
    sentence_encoder_ : SentenceEncoder or None
        Computes further vectors of texts for a head that was fitted with them
        (`with_sentence_encoder`).
    taught_ : TaughtPolarity or None
        What labels of other texts taught, with seed words of the language; a part of the score as
        far as it agrees with them (``polarity_.taught_weight``).

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> texts = ["I loved it.", "A fine film.", "A dull plot.", "A waste of time."]
    >>> encoder = PolarityEncoder(load("reviews-en").vectors_).fit(texts)
    >>> len(encoder.transform(texts)), encoder.knows_polarity
    (4, True)
    """

    reads_words = True
    stored = EncoderFacts

    vectors: WordVectors
    sentence_encoder_: SentenceEncoder | None = None

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

    def fit(self, texts: Iterable[str] | TokenIds, y: object = None) -> Self:
        """Fit on unlabelled texts, or on their token ids; see `fit_unlabelled`.

        Frequencies are counted in the first 5,000 texts; token ids lack them.
        """
        if isinstance(texts, TokenIds):
            return self.fit_unlabelled(PretrainingTexts(texts, []))
        texts = list(as_iterable_of_texts(texts))
        ids = self._ids(texts)
        return self.fit_unlabelled(PretrainingTexts(ids, [*texts[:SAMPLE_TEXTS]]))

    def fit_unlabelled(
        self,
        texts: PretrainingTexts,
        *,
        before: Encoder | None = None,
        prevalence: float | None = None,
    ) -> Self:
        """Learn polarity, means and frequencies from unlabelled texts, of a large corpus a sample.

        If the seeds of ``before`` are the same, its polarity is the background
        (`polarity_from_seeds`), and what labels taught it is used here as well.

        Parameters
        ----------
        texts
            Unlabelled texts.
        before
            An encoder over the same vectors that was fitted on other texts, to start from.
        prevalence
            Share of positive texts, in place of the parameter.

        Raises
        ------
        InputError
            No text has a word with a vector.
        SettingError
            ``seeds`` or the prevalence is not allowed.
        """
        self.prevalence_ = self.prevalence if prevalence is None else prevalence
        if not len(texts.ids.ids):
            raise InputError(
                f"none of {len(texts.ids):,} texts holds a word that has a vector; give "
                "unlabelled texts of the vectors' language"
            )
        sample = read_texts(texts.sample, self.vectors.tokenizer, self.vectors.vocabulary)
        self.frequencies_ = GramFrequencies.of(sample.grams)
        if len(texts.ids.ids) > MUCH_TEXT:
            release_memory()
        ids = sample_texts(texts.ids, self.seed)  # after the grams, which need most memory
        self.mean_ = mean_of_texts(ids, self.vectors.matrix, None)
        self.polarity_: Polarity | None = None
        self.taught_: TaughtPolarity | None = None
        seeds = known_seeds(self.seeds, self.vectors)
        if seeds is not None:
            background = taught = None
            if isinstance(before, PolarityEncoder) and before.seeds == self.seeds:
                background, taught = before.polarity_, before.taught_
            self.polarity_ = polarity_from_seeds(
                self.vectors.matrix,
                ids,
                *seeds,
                background=background,
                prevalence=self.prevalence_,
                balance_weight=balance_weight(self.vectors),
                seed=self.seed,
            )
            if taught is not None:
                self._set_taught(taught, sample, background)
        return self

    def with_taught(self, taught: TaughtPolarity, texts: Iterable[str]) -> Self:
        """Return a copy that what labels of other texts taught is a part of the score of.

        Unlabelled texts of the kind to judge decide its weight and the cut (`taught.with_taught`).

        Parameters
        ----------
        taught
            What a model learnt from labels of other texts.
        texts
            Unlabelled texts of the kind to judge.

        Raises
        ------
        SettingError
            The encoder has no seed words.
        """
        self._require_fitted("mean_")
        if self.seeds is None or self.polarity_ is None:
            raise SettingError(
                "what labels of other texts taught is weighted by seed words, and the encoder has "
                "none; give one that was fitted with seeds='language'"
            )
        other = copy.copy(self)
        sample = read_texts(texts, self.vectors.tokenizer, self.vectors.vocabulary)
        other._set_taught(taught, sample)
        return other

    def _set_taught(
        self, taught: TaughtPolarity, texts: ReadTexts, background: Polarity | None = None
    ) -> None:
        """Take over what labels of other texts taught, weighted on unlabelled texts."""
        self.taught_ = taught
        if self.polarity_ is not None:
            self.polarity_ = with_taught(
                self.polarity_,
                taught,
                texts,
                self.vectors.matrix,
                background=background,
                prevalence=self.prevalence_,
            )

    @property
    def knows_polarity(self) -> bool:
        """Whether polarity was learnt, from seed words or from labels."""
        return self.polarity_ is not None

    @property
    def knows_polarity_by_seeds(self) -> bool:
        """Whether seed words, and no labels, determine the polarity."""
        return self.seeds is not None and self.knows_polarity

    @property
    def centre(self) -> NDArray[np.float32]:
        """Mean of the unweighted averages, ``(d,)``."""
        return self.mean_

    def transform(self, texts: Iterable[str] | TokenIds) -> PolarityFeatures:
        """Encode texts.

        Parameters
        ----------
        texts
            Texts; token ids lack the stop words that word pairs contain.

        Returns
        -------
        PolarityFeatures
            With ``n_texts`` rows.

        Raises
        ------
        InputError
            The texts are token ids.
        """
        self._require_fitted("mean_")
        if isinstance(texts, TokenIds):
            raise InputError("texts are token ids; pass the texts themselves")
        return self.features(self.read(texts))

    @property
    def grammar(self) -> Grammar | None:
        """The language's grammar, where polarity comes from the language's seed words."""
        return self.vectors.grammar if self.seeds == "language" else None

    def features(self, texts: ReadTexts) -> PolarityFeatures:
        """Compute scores, sentence vectors, words and word pairs."""
        weights = texts.known_weights
        plain_mean = sentence_vectors(texts.ids, self.vectors.matrix, None, self.mean_, weights)
        unscored = PolarityFeatures(
            plain_mean=plain_mean, grams=texts.grams, frequencies=self.frequencies_, ids=texts.ids
        )
        if self.sentence_encoder_ is not None:
            unread = SentenceTexts(texts.texts, self.sentence_encoder_)
            unscored = replace(unscored, texts=unread)
        features = self._with_scores(unscored, weights)
        return features if self.seeds is None else replace(features, ids=None, scored_by=None)

    def head_input(self, features: PolarityFeatures) -> PolarityFeatures:
        """Compute scores again if the features were scored by another polarity.

        Of a sentence encoder, the one of this encoder is used, not that of the features.
        """
        unread = features.texts
        if unread is not None and unread.encoder is not self.sentence_encoder_:
            own = self.sentence_encoder_
            unread = None if own is None else SentenceTexts(unread.texts, own)
            features = replace(features, texts=unread)
        if features.ids is None or features.scored_by is self.polarity_:
            return features
        return self._with_scores(features)

    def _with_scores(
        self, features: PolarityFeatures, weights: NDArray[np.float32] | None = None
    ) -> PolarityFeatures:
        score = strength = polarity_mean = None
        if self.polarity_ is not None and features.ids is not None:
            polarity_mean = self.polarity_.encode(features.ids, self.vectors.matrix, weights)
            taught = self._taught_scores(features.grams)
            score = self.polarity_.score(polarity_mean, taught)
            strength = self.polarity_.strength(polarity_mean)
        return replace(
            features,
            score=score,
            strength=strength,
            polarity_mean=polarity_mean,
            scored_by=self.polarity_,
        )

    def _taught_scores(self, grams: Grams) -> NDArray[np.float64] | None:
        """Return the taught scores of texts, if they are a part of the score."""
        if self.taught_ is None or self.polarity_ is None or not self.polarity_.taught_weight:
            return None
        return self.taught_.score(grams)

    def fit_head(
        self,
        head: Any,  # noqa: ANN401  (a PolarityClassifier)
        features: PolarityFeatures,
        labels: NDArray[Any],
        unlabelled: TokenIds | None = None,
        sample_weight: NDArray[np.float64] | None = None,
    ) -> tuple[Self, Any]:
        """Fit the head; without seed words, polarity is first learnt from labels of two classes.

        This needs unlabelled texts of the same kind; without them there is no polarity. Polarity is
        learnt without ``sample_weight``. With a known prevalence, labels of two classes are
        weighted (`prevalence_weights`), unless the head has a ``class_weight``.

        Parameters
        ----------
        head, features, labels, unlabelled, sample_weight
            As of `Encoder.fit_head`; arrays are ``(n,)``.
        """
        sample_weight = self._weights(head, features, labels, sample_weight)
        if self.seeds is not None:
            return self, fit_weighted(head, self.head_input(features), labels, sample_weight)
        order, encoder = head.order_of(labels), self.without_polarity()
        if unlabelled is not None and len(order) == 2 and len(labels):
            encoder = self.with_polarity_from_labels(unlabelled, features, labels == order[1])
        elif unlabelled is None and self.polarity_ is not None:
            warnings.warn(
                "the polarity of words learnt from earlier labels is discarded; learning it from "
                "these labels needs unlabelled texts, which a model file does not hold: "
                "adapt the model to unlabelled texts before fitting it",
                stacklevel=4,
            )
        return encoder, fit_weighted(head, encoder.head_input(features), labels, sample_weight)

    def pieces(self, text: str) -> list[str]:
        """Return the pieces of a text, with emoji for emoticons and words for hashtags."""
        return super().pieces(text) if self.grammar is None else self.grammar.pieces(text)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the span of each of a text's `pieces`; a phrase of the grammar has one span."""
        return super().spans(text) if self.grammar is None else self.grammar.spans(text)

    def _weights(
        self,
        head: Any,  # noqa: ANN401  (a PolarityClassifier)
        features: PolarityFeatures,
        labels: NDArray[Any],
        given: NDArray[np.float64] | None,
    ) -> NDArray[np.float64] | None:
        """Weight the labels of two classes by the prevalence, if it is known."""
        if self.prevalence_ is None or not len(labels) or head.class_weight is not None:
            return given
        order = head.order_of(labels, None if self.seeds is None else features.score)
        if len(order) > 2:
            return given
        return prevalence_weights(labels == order[1], self.prevalence_, given)

    def word_shares(self, text: str, head: Any) -> dict[str, NDArray[np.float64]] | None:  # noqa: ANN401
        """Return each piece's exact share for two classes; see `polarity.word_shares`.

        Parameters
        ----------
        text
            One text.
        head
            A fitted `PolarityClassifier`.

        Returns
        -------
        dict or None
            Shares ``(n_pieces,)`` by what they come from.
        """
        if not isinstance(head, PolarityClassifier) or len(head.classes_) > 2:
            return None
        if not head.parts - {"sentence"} <= LINEAR_PARTS:
            return None
        return word_shares(text, self, head.words_, head.members)

    def sentence_share(self, text: str, head: Any) -> float:  # noqa: ANN401
        """Return the share of the sentence encoder in the mean log odds of two classes.

        It is 0 if the head does not read it. The words' shares and this one are the whole, but for
        the bias.

        Parameters
        ----------
        text
            One text.
        head
            A fitted `PolarityClassifier`.
        """
        unread = self.sentence_encoder_
        if unread is None or not isinstance(head, PolarityClassifier) or head.sentence_ is None:
            return 0.0
        weights = [m.share * m.weights["sentence"] for m in head.members if "sentence" in m.weights]
        (z,) = head.sentence_.transform(unread.encode([text]))
        return float(z @ np.sum(weights, axis=0))

    @property
    def n_trained(self) -> int:
        """Number of weights learnt from labels: those of a polarity without seed words."""
        if self.seeds is not None or self.polarity_ is None:
            return 0
        tensors = self.polarity_.state()[1].values()
        return sum(tensor.size for tensor in tensors if tensor.dtype.kind == "f")

    def judging(self, prevalence: float) -> Self:
        """Return a copy for texts of which this share is positive; the cut stays.

        Parameters
        ----------
        prevalence
            Between 0 and 1.
        """
        other = copy.copy(self)
        other.prevalence_ = prevalence
        return other

    def with_sentence_encoder(self, encoder: SentenceEncoder | None) -> Self:
        """Return a copy whose features hold the texts for a sentence encoder, or for none.

        Parameters
        ----------
        encoder
            The one to read texts with, or None.
        """
        other = copy.copy(self)
        other.sentence_encoder_ = encoder
        return other

    def with_polarity_from_labels(
        self, unlabelled: TokenIds, features: PolarityFeatures, y: ArrayLike
    ) -> Self:
        """Return a copy with polarity learnt from labels 0 or 1 (`polarity_from_labels`).

        Parameters
        ----------
        unlabelled
            Texts of the same kind as the labelled ones.
        features, y
            Features of the labelled texts, computed with ``seeds=None``, and their labels,
            ``(n,)``.

        Raises
        ------
        SettingError
            The features have seed words.
        """
        if features.ids is None:
            raise SettingError("polarity is learnt from seed words here; give seeds=None")
        other, matrix = self.without_polarity(), self.vectors.matrix
        other.polarity_ = polarity_from_labels(
            matrix, unlabelled, features.ids, y, prevalence=self.prevalence_, seed=self.seed
        )
        return other

    def without_seeds(self) -> Self:
        """Return a copy for a task that is not about sentiment: without seed words and polarity.

        The centre and the frequencies of words stay, which a few labelled texts do not show: with 8
        labels on four tasks they gain 2 to 4 points, with 100 nothing.
        """
        other = self.without_polarity()
        other.seeds, other.taught_ = None, None
        return other

    def without_polarity(self) -> Self:
        """Return a copy without polarity."""
        other = copy.copy(self)
        other.polarity_ = None
        return other

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return facts and tensors for a model file, without the word vectors."""
        n_texts = self.frequencies_.n_texts
        facts = {**self._settings(), "polarity": None, "frequency_texts": n_texts}
        if self.prevalence_ != self.prevalence:
            facts["prevalence_of_texts"] = self.prevalence_
        tensors: dict[str, NDArray[Any]] = {
            "mean": self.mean_,
            "frequency.grams": self.frequencies_.numbers.view(np.int64),
            "frequency.counts": self.frequencies_.counts,
        }
        parts = {
            "polarity": self.polarity_,
            "taught": self.taught_,
            "sentence_encoder": self.sentence_encoder_,
        }
        for name, part in parts.items():
            if part is not None:
                facts[name], inner = part.state()
                tensors |= inner
        return to_json(facts), tensors

    @classmethod
    def from_state(
        cls,
        facts: EncoderFacts | Mapping[str, Any],
        tensors: Mapping[str, NDArray[Any]],
        vectors: WordVectors,
    ) -> Self:
        """Build from what `state` returned and the word vectors."""
        given = convert(cls.stored, facts)
        encoder = cls(vectors, seeds=given.seeds, prevalence=given.prevalence, seed=given.seed)
        of_texts = given.prevalence_of_texts
        encoder.prevalence_ = given.prevalence if isinstance(of_texts, UnsetType) else of_texts
        encoder.mean_ = tensors["mean"]
        encoder.frequencies_ = GramFrequencies(
            tensors["frequency.grams"].view(np.uint64),
            tensors["frequency.counts"],
            given.frequency_texts,
        )
        encoder.polarity_ = None
        if given.polarity is not None:
            encoder.polarity_ = Polarity.from_state(given.polarity, tensors)
        encoder.taught_ = None
        if given.taught is not None:
            encoder.taught_ = TaughtPolarity.from_state(given.taught, tensors)
        needed = given.sentence_encoder
        if not isinstance(needed, UnsetType):
            encoder.sentence_encoder_ = SentenceEncoder(None, needed, tensors["sentence.vectors"])
        return encoder
