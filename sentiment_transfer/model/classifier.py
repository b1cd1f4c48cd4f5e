"""The three stages as one estimator."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.estimator import Estimator
from sentiment_transfer.corpus.sampling import Reservoir
from sentiment_transfer.encoding import PretrainingTexts
from sentiment_transfer.errors import InputError, NotFittedError, SettingError
from sentiment_transfer.model import files
from sentiment_transfer.model.defaults import (
    PretrainedStages,
    PretrainingKey,
    check_ordered,
    check_predicts,
    class_prior,
    given_vectors,
    new_encoder,
    new_head,
    settings_of,
    uses_default_stages,
)
from sentiment_transfer.model.fitted import FittedStages
from sentiment_transfer.model.inputs import (
    as_iterable_of_texts,
    as_labels,
    as_texts,
    unfitted_copy,
    warn_of_unknown,
)
from sentiment_transfer.polarity.encoder import SAMPLE_TEXTS
from sentiment_transfer.pretraining import SkipGram, WordVectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from typing import Self

    from numpy.typing import NDArray
    from pandas import DataFrame

    from sentiment_transfer.base.progress import Callback
    from sentiment_transfer.encoding import EncodedTexts, Encoder
    from sentiment_transfer.model.explanation import Explanation
    from sentiment_transfer.model.fitted import Answers
    from sentiment_transfer.model.parameters import ParameterTable
    from sentiment_transfer.polarity.encoder import Seeds
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
        vectors = given_vectors(self)
        if vectors is None:
            skipgram: SkipGram = (
                unfitted_copy(self.skipgram) if self.skipgram else SkipGram(seed=self.seed)
            )
            skipgram.set_params(tokenizer=self.language)
            sampled = Reservoir(SAMPLE_TEXTS, self.seed)
            skipgram.fit(sampled.through(as_iterable_of_texts(texts)), callback=callback)
            unlabelled = PretrainingTexts(skipgram.corpus_, sampled.texts)
            return self._fit_encoder(skipgram.vectors_, unlabelled)
        if isinstance(vectors, str):
            bank = files.open_bank(vectors, self.language)
            unlabelled = self._read(bank.vectors, texts, warn=True)
            return self._fit_encoder(bank.vectors, unlabelled, bank.encoder)
        return self._fit_encoder(vectors, self._read(vectors, texts, warn=True))

    def adapt(self, texts: Iterable[str], *, prevalence: float | None = None) -> Self:
        """Adapt the model to a new kind of text. Discards the labels.

        The word vectors stay. The centre of the texts and the cut between the polarities are
        computed from these unlabelled texts, and the polarity of words is refined by them; some
        hundred texts are enough. Worth several points where the texts differ from those of
        pretraining in length or subject. Assumes two groups of texts; where nearly all of them are
        of one polarity, pass the share of positive ones as ``prevalence``.
        """
        before = self._require_pretrained().encoder
        unlabelled = self._read(self.vectors_, texts, warn=True)
        return self._fit_encoder(self.vectors_, unlabelled, before, prevalence)

    def _read(
        self, vectors: WordVectors, texts: Iterable[str], *, warn: bool = False
    ) -> PretrainingTexts:
        sampled = Reservoir(SAMPLE_TEXTS, self.seed)
        ids = vectors.encode(sampled.through(as_iterable_of_texts(texts)))
        unlabelled = PretrainingTexts(ids, sampled.texts)
        if warn:
            warn_of_unknown(unlabelled.known, vectors)
        return unlabelled

    def _fit_encoder(
        self,
        vectors: WordVectors,
        texts: PretrainingTexts,
        before: Encoder | None = None,
        prevalence: float | None = None,
        *,
        labelled: bool = False,
    ) -> Self:
        """Make stages one and two; where polarity is known, stage three needs no label."""
        encoder = new_encoder(self, vectors)
        encoder = encoder.fit_unlabelled(texts, before=before, prevalence=prevalence)
        self._set_stages(encoder, texts, labelled=labelled)
        if encoder.knows_polarity:
            self.fit_encoded(self.encode([]), [])
        return self

    def _set_stages(
        self, encoder: Encoder, texts: PretrainingTexts | None, *, labelled: bool = False
    ) -> None:
        self._pretrained = PretrainedStages(encoder, PretrainingKey.of(self), texts, labelled)
        self._fitted = None

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
        if self._pretrained is None or self._pretrained.saw_labelled:
            self._start_from(texts)
        else:
            self._rebuild_encoder(self._pretrained)
        encoded = self.encode(texts)
        warn_of_unknown(encoded.known, self.vectors_)
        return self.fit_encoded(encoded, truth)

    def _start_from(self, texts: list[str]) -> None:
        """Make stages one and two without `pretrain`, on the labelled texts."""
        vectors = given_vectors(self)
        if vectors is None:
            raise NotFittedError(
                "there are no word vectors yet; call pretrain(unlabelled_texts) before fit, "
                "or pass vectors="
            )
        if not isinstance(vectors, str):
            self._fit_encoder(vectors, self._read(vectors, texts), labelled=True)
            return
        bank = files.open_bank(vectors, self.language)
        if not uses_default_stages(self):
            self._fit_encoder(bank.vectors, self._read(bank.vectors, texts), labelled=True)
            return
        if self.seeds != "language" or self.prevalence is not None:
            raise SettingError(
                f"vectors={vectors!r} comes with its own polarity; to set seeds or prevalence, "
                "call pretrain(unlabelled_texts) before fit"
            )
        self._set_stages(bank.encoder, None, labelled=True)

    def _rebuild_encoder(self, stages: PretrainedStages) -> None:
        """Replace the encoder where another head needs another; refuse what needs pretraining.

        A changed ``ordered``, or a head for the same encoder, takes effect in `fit_encoded`.
        """
        stages.key.require_same(self)
        if stages.key.default_stages == uses_default_stages(self):
            return
        vectors = stages.encoder.known_vectors
        if stages.texts is not None:
            self._fit_encoder(vectors, stages.texts)
        else:
            self._set_stages(new_encoder(self, vectors).fit_centre(stages.encoder.centre), None)

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
        stages = self._require_pretrained()
        other: Self = unfitted_copy(self).set_params(vectors=vectors, **settings)
        if stages.texts is not None:
            return other._fit_encoder(vectors, stages.texts)
        centre = stages.encoder.centre if vectors is self.vectors_ else None
        other._set_stages(new_encoder(other, vectors).fit_centre(centre), None)
        return other

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
        stages = self.stages_
        if not 0 <= below <= 1:
            raise SettingError(f"below={below} is not allowed; it must be a number from 0 to 1")
        if unsure in stages.classes.tolist():
            raise SettingError(f"unsure={unsure!r} is a class of this model; choose another name")
        probabilities, coverage = self.answer(texts)
        sure = (coverage > 0) & (probabilities.max(axis=1, initial=0) >= below)
        return np.where(sure, stages.most_probable(probabilities), unsure)

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
        model._set_stages(stages.encoder, None, labelled=stages.encoder_saw_labelled)
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
