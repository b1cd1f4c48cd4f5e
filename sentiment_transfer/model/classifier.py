"""The three stages as one estimator."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.estimator import Estimator
from sentiment_transfer.errors import InputError, NotFittedError, SettingError
from sentiment_transfer.model import files
from sentiment_transfer.model.defaults import (
    check_ordered,
    check_predicts,
    class_prior,
    new_head,
    settings_of,
    uses_default_stages,
)
from sentiment_transfer.model.fitted import FittedStages
from sentiment_transfer.model.inputs import (
    as_labels,
    as_texts,
    unfitted_copy,
    warn_of_unknown,
)
from sentiment_transfer.model.pretrained import PretrainedStages, PretrainingKey
from sentiment_transfer.pretraining import WordVectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from typing import Self

    from numpy.typing import NDArray
    from pandas import DataFrame

    from sentiment_transfer.base.progress import Callback
    from sentiment_transfer.encoding import EncodedTexts, PretrainingTexts
    from sentiment_transfer.model.explanation import Explanation
    from sentiment_transfer.model.fitted import Answers
    from sentiment_transfer.model.parameters import ParameterTable
    from sentiment_transfer.polarity.encoder import Seeds
    from sentiment_transfer.pretraining import SkipGram
    from sentiment_transfer.pretraining.precision import Precision

__all__ = ["SentimentClassifier", "load"]


class SentimentClassifier(Estimator):
    """Unlabelled texts, then a few labels, then answers.

    Parameters
    ----------
    language
        Code of a language: ``"en"``, ``"zh"``.
    vectors
        Pretrained word vectors, to use as they are, or the name of vectors that ship with the
        package: ``"reviews-en"``, ``"reviews-zh"``. Without them, and where ``encoder`` has none
        either, call `pretrain` first.
    encoder, head
        Stages two and three. By default a `PolarityEncoder` and a `PolarityClassifier`, which know
        polarity before any label; a `PolarityClassifier` of your own, as one with
        ``class_weight``, gets the language and the order of this model. Any other head, such as
        `HiddenLayerClassifier` or scikit-learn's classifiers, stands on an `AveragingEncoder`
        unless you give another; an encoder of your own is followed by a `HiddenLayerClassifier`.
        It has a parameter ``vectors``, which is set to the word vectors; its ``fit`` is given
        unlabelled texts as the `TokenIds` of those vectors, its ``transform`` a list of texts, and
        returns one row for each. An `LSTMEncoder` learns with its head, a
        `HiddenLayerClassifier`.
    skipgram
        How to pretrain: a `SkipGram`; its tokenizer is replaced by the one for ``language``.
    seeds
        Words of known polarity: ``"language"`` for the language's own, a pair ``(positive,
        negative)`` of lists of words or phrases, or None to do without. Without, labels of two
        classes, whatever they are about, find such words in the texts of `pretrain`.
    prevalence
        Share of positive texts, if it is known.
    ordered
        All labels from the most negative to the most positive, where there are more than two.
    seed
        Seed of everything random in stages that the model makes itself; an encoder and a head of
        your own have seeds of theirs.

    Attributes
    ----------
    stages_ : FittedStages
        What predictions are computed by; never changed, so it may be shared between threads.
    vectors_ : WordVectors
    encoder_, head_
        The fitted stages.
    classes_ : ndarray of str
    prior_ : ndarray of float64
        The probabilities of a text with no known word: the share of each class among the labels,
        one more added to each (a known ``prevalence`` splits the two, ``class_weight`` weighs the
        labels).

    Examples
    --------
    >>> model = SentimentClassifier().pretrain(["a great film"] * 9 + ["a dull film"] * 9)
    >>> model.fit(["great", "dull"], ["positive", "negative"]).predict(["great film"]).tolist()
    ['positive']
    """

    _kind = "classifier"
    _takes_texts = True

    _pretrained: PretrainedStages | None = None
    _fitted: FittedStages | None = None

    def __init__(
        self,
        language: str = "en",
        *,
        vectors: WordVectors | str | None = None,
        encoder: Any = None,  # noqa: ANN401  (anything with fit and transform)
        head: Any = None,  # noqa: ANN401  (any scikit-learn classifier)
        skipgram: SkipGram | None = None,
        seeds: Seeds = "language",
        prevalence: float | None = None,
        ordered: Sequence[str] | None = None,
        seed: int = 0,
    ) -> None:
        self.language = language
        self.vectors = vectors
        self.encoder = encoder
        self.head = head
        self.skipgram = skipgram
        self.seeds = seeds
        self.prevalence = prevalence
        self.ordered = ordered
        self.seed = seed

    # ---- stages one and two: unlabelled texts

    def pretrain(self, texts: Iterable[str], *, callback: Callback | None = None) -> Self:
        """Learn from unlabelled texts: word vectors unless they were given, then the encoder.

        Raises
        ------
        InputError
            No text, or hardly a word that occurs more than once.
        """
        return self._start_from(PretrainedStages.learn(self, texts, callback))

    def adapt(self, texts: Iterable[str], *, prevalence: float | None = None) -> Self:
        """Adapt the model to a new kind of text. Discards the labels.

        The word vectors stay. The centre of the texts and the cut between the polarities are
        computed from these unlabelled texts, and the polarity of words is refined by them; some
        hundred texts are enough. Worth several points where the texts differ from those of
        pretraining in length or subject. Assumes two groups of texts; where nearly all of them are
        of one polarity, pass the share of positive ones as ``prevalence``.
        """
        return self._start_from(self._require_pretrained().adapted(self, texts, prevalence))

    def _start_from(self, stages: PretrainedStages) -> Self:
        """Take stages one and two; where polarity is known, stage three needs no label."""
        self._pretrained, self._fitted = stages, None
        if stages.encoder.knows_polarity and not stages.saw_labelled:
            self.fit_encoded(self.encode([]), [])
        return self

    # ---- stage three: labels

    def fit(self, texts: Iterable[str], labels: Sequence[str]) -> Self:
        """Learn from labelled texts.

        Where neither `pretrain` was called nor an unlabelled text seen, the encoder is fitted on
        these texts.

        Raises
        ------
        InputError
            One class only, a label that is not a str, different numbers of texts and labels.
        NotFittedError
            There are no vectors yet.
        """
        texts = as_texts(texts)
        truth = as_labels(labels, len(texts))  # before anything that was learnt is discarded
        check_ordered(self)
        stages = self._pretrained
        if stages is None or stages.saw_labelled:
            self._start_from(PretrainedStages.learn_from_labelled(self, texts))
        else:
            stages.key.require_same(self)
            if stages.key.default_stages != uses_default_stages(self):
                self._start_from(stages.on_same_texts(self, stages.vectors))
        encoded = self.encode(texts)
        warn_of_unknown(encoded.known, self.vectors_)
        return self.fit_encoded(encoded, truth)

    def encode(self, texts: Iterable[str]) -> EncodedTexts:
        """Stages one and two: texts to features."""
        return self._require_pretrained().encoder.encode(as_texts(texts))

    def fit_encoded(self, encoded: EncodedTexts, labels: Sequence[str] | NDArray[np.str_]) -> Self:
        """Stage three, and an encoder that learns with it, on what `encode` returned."""
        truth = as_labels(labels, len(encoded))
        stages = self._require_pretrained()
        check_ordered(self)
        stages.key.require_same(self)
        if stages.key.default_stages != uses_default_stages(self):
            raise SettingError(
                f"head={self.head!r} does not fit a {type(stages.encoder).__name__}; call "
                "fit(texts, labels), or with_head(head) before encode"
            )
        if not uses_default_stages(self) and len(np.unique(truth)) < 2:
            raise InputError(
                f"{len(truth)} labels name {len(np.unique(truth))} classes; give examples of at "
                "least two (only the default encoder and head can do without labels)"
            )
        own = None if stages.texts is None or stages.saw_labelled else stages.texts.ids
        encoder, head = stages.encoder.fit_head(new_head(self), encoded.features, truth, own)
        check_predicts(head)
        prior = class_prior(encoder, head, truth)
        self._pretrained = replace(stages, encoder=encoder)
        self._fitted = FittedStages(encoder, head, prior, stages.saw_labelled)
        return self

    # ---- other stages on the same texts

    def with_head(self, head: Any, encoder: Any = None) -> Self:  # noqa: ANN401
        """Return a model with the same vectors and unlabelled texts, but another head.

        Without an ``encoder``, it is the one that goes with the head.
        """
        return self._on_same_texts(self.vectors_, encoder=encoder, head=head)

    def with_random_vectors(self) -> Self:
        """Return the same model, pretrained on the same texts, but with random vectors."""
        return self._on_same_texts(self.vectors_.randomised(self.seed))

    def _on_same_texts(self, vectors: WordVectors, **settings: Any) -> Self:  # noqa: ANN401
        other: Self = unfitted_copy(self).set_params(vectors=vectors, **settings)
        return other._start_from(self._require_pretrained().on_same_texts(other, vectors))

    # ---- answers

    def predict(self, texts: Iterable[str]) -> NDArray[np.str_]:
        """Most probable label of each text, ``(n_texts,)``; ties go to the first by name."""
        return self.stages_.most_probable(self.predict_proba(texts))

    def predict_proba(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Probabilities ``(n_texts, n_classes)`` in the order of ``classes_``.

        A text with no known word gets the share of each class among the labels; `coverage` is 0
        there.
        """
        return self.answer(texts).probabilities

    def answer(self, texts: Iterable[str]) -> Answers:
        """Probabilities and `coverage` at once, for the price of `predict_proba`."""
        return self.stages_.answer(as_texts(texts))

    def predict_encoded(self, encoded: EncodedTexts) -> NDArray[np.str_]:
        """Most probable labels of what `encode` returned."""
        return self.stages_.most_probable(self.predict_proba_encoded(encoded))

    def predict_proba_encoded(self, encoded: EncodedTexts) -> NDArray[np.float64]:
        """Probabilities of what `encode` returned."""
        return self.stages_.predict_proba_encoded(encoded)

    def predict_or_abstain(
        self, texts: Iterable[str], below: float = 0.8, unsure: str = "unsure"
    ) -> NDArray[np.str_]:
        """Most probable label of each text, or ``unsure`` where its probability is lower.

        A text with no known word is always unsure: its probability is that of the labels in
        training. ``sentiment-transfer evaluate`` measures what a threshold costs and gains.

        Parameters
        ----------
        texts
            Any number of texts.
        below
            Probability under which no label is answered.
        unsure
            What is answered instead; not the name of a class.
        """
        return self.stages_.predict_or_abstain(as_texts(texts), below, unsure)

    def score(self, texts: Iterable[str], labels: Sequence[str]) -> float:
        """Share of texts whose predicted label is right; ``InputError`` for no text."""
        texts = as_texts(texts)
        truth = as_labels(labels, len(texts))
        if not texts:
            raise InputError("there is no text to score; give at least one")
        return float(np.mean(self.predict(texts) == truth))

    def coverage(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Share of each text's tokens that have a vector, ``(n_texts,)``; 0 means a guess."""
        return self.vectors_.coverage(as_texts(texts))

    def explain(self, text: str, label: str | None = None) -> Explanation:
        """Compute what each word of a text contributes to the log odds of a label.

        For the default stages with two classes a word's share is exact, of the mean log odds of the
        mixture's models (see `polarity.word_shares`). For other stages, and for more classes, the
        share of a piece is what the log odds lose when it is left out. ``bias`` is the rest, so
        that the parts add up to the log odds of the probability.

        Parameters
        ----------
        text
            One text.
        label
            The label to explain; the most probable one if not given.
        """
        return self.stages_.explain(text, label)

    def polarity(self, word: str) -> float:
        """Polarity of a word: standard deviations above (positive) or below the average word."""
        from sentiment_transfer.model.polar_words import polarity_of

        return float(polarity_of(self.encoder_).word_scores[self.vectors_.id_of(word)])

    def polar_words(self, n: int = 20, min_count: int = 20) -> DataFrame:
        """The most positive and most negative words: ``word``, ``polarity``, ``count``.

        Of words seen at least ``min_count`` times; ``n`` from either end, most positive first.
        """
        from sentiment_transfer.model.polar_words import polar_words

        return polar_words(self.encoder_, n, min_count)

    def plot_polar_words(self, path: str | Path, n: int = 20, min_count: int = 20) -> None:
        """Draw `polar_words`, to PNG, SVG or PDF by the ending of the path."""
        from sentiment_transfer.model.polar_words import plot_polar_words

        plot_polar_words(self.polar_words(n, min_count), path)

    def parameters(self) -> ParameterTable:
        """Count the numbers of each stage, and those of them that labels taught."""
        from sentiment_transfer.model.parameters import count_parameters

        return count_parameters(self.stages_)

    # ---- what was learnt

    @property
    def stages_(self) -> FittedStages:
        """The fitted stages; ``NotFittedError`` names what is missing."""
        self._require_pretrained()
        if self._fitted is None:
            raise NotFittedError(
                "this SentimentClassifier is pretrained and knows no polarity without labels; call "
                "fit(texts, labels)"
            )
        return self._fitted

    def _require_pretrained(self) -> PretrainedStages:
        if self._pretrained is None:
            raise NotFittedError(
                "this SentimentClassifier is not trained yet; call pretrain(unlabelled_texts), "
                "then fit(texts, labels)"
            )
        return self._pretrained

    @property
    def encoder_(self) -> Any:  # noqa: ANN401
        """Stage two, as the labels left it."""
        encoder = self._require_pretrained().encoder
        return getattr(encoder, "transformer", encoder)

    @property
    def vectors_(self) -> WordVectors:
        """The word vectors."""
        return self._require_pretrained().encoder.known_vectors

    @property
    def unlabelled_(self) -> PretrainingTexts:
        """The unlabelled texts of pretraining, which a model from a file does not have."""
        texts = self._require_pretrained().texts
        if texts is None:
            raise NotFittedError("a model from a file does not hold its unlabelled texts")
        return texts

    @property
    def head_(self) -> Any:  # noqa: ANN401
        """Stage three."""
        return self.stages_.head

    @property
    def classes_(self) -> NDArray[np.str_]:
        """The labels, sorted."""
        return self.stages_.classes

    @property
    def prior_(self) -> NDArray[np.float64]:
        """Probabilities of a text with no known word."""
        return self.stages_.prior

    @property
    def knows_polarity(self) -> bool:
        """Whether the model can predict without labels, as stages with seed words can."""
        return self._require_pretrained().encoder.knows_polarity

    # ---- files

    def save(self, path: str | Path, dtype: Precision = "float32") -> None:
        """Write the whole model to one ``.safetensors`` file, atomically.

        ``dtype`` is that of the stored word vectors (`WordVectors.save`).
        """
        files.save(self.stages_, path, dtype)

    @classmethod
    def from_stages(cls, stages: FittedStages) -> Self:
        """Make a model of fitted stages, with the settings they came from."""
        model = cls(**settings_of(stages))
        key, saw_labelled = PretrainingKey.of(model), stages.encoder_saw_labelled
        model._pretrained = PretrainedStages(stages.encoder, key, None, saw_labelled)
        model._fitted = stages
        return model


def load(path: str | Path) -> SentimentClassifier | WordVectors:
    """Read a model: a file, or one that ships with the package, such as ``"reviews-en"``.

    Returns a classifier or word vectors, whichever the file holds.

    Raises
    ------
    ModelFileError
        The file is missing, broken, tampered with, or from a newer format.
    """
    stored = files.read(path)
    return stored if isinstance(stored, WordVectors) else SentimentClassifier.from_stages(stored)
