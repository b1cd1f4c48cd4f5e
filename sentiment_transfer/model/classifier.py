"""The three stages as one estimator."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from sentiment_transfer.base.estimator import Estimator
from sentiment_transfer.classification.inputs import as_weights
from sentiment_transfer.classification.labels import as_labels, require_plausible
from sentiment_transfer.errors import InputError, NotFittedError, SettingError
from sentiment_transfer.model import files
from sentiment_transfer.model.answering import Answering
from sentiment_transfer.model.coverage import other_vectors, sample_of, warn_of_unknown_words
from sentiment_transfer.model.defaults import (
    check_ordered,
    check_predicts,
    check_settings,
    class_prior,
    new_head,
    settings_of,
    uses_default_stages,
)
from sentiment_transfer.model.fitted import FittedStages
from sentiment_transfer.model.inputs import (
    as_texts,
    unfitted_copy,
    warn_of_doubtful_labels,
    warn_of_found_order,
)
from sentiment_transfer.model.pretrained import PretrainedStages, PretrainingKey
from sentiment_transfer.model.shared import Shared
from sentiment_transfer.model.training_summary import column_name, digests_of
from sentiment_transfer.pretraining import WordVectors
from sentiment_transfer.text.writing_systems import require_spaces

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.base.progress import OptionalCallback
    from sentiment_transfer.classification.labels import Labels
    from sentiment_transfer.encoding import EncodedTexts, PretrainingTexts
    from sentiment_transfer.model.choice import MemberChoice
    from sentiment_transfer.model.training_summary import TrainingSummary
    from sentiment_transfer.polarity.seeds import Seeds
    from sentiment_transfer.pretraining import SkipGram

__all__ = ["SentimentClassifier", "load"]


class SentimentClassifier(Answering, Shared, Estimator):
    """Classify texts, after pretraining on unlabelled texts and fitting on a few labels.

    Parameters
    ----------
    language
        Code of a language (``"en"``, ``"zh"``), or the path of a language file (.json).
    vectors
        Pretrained word vectors, or the name of a member of the bank, such as ``"reviews-en"``,
        or a model, whose vectors are used, and with the same seed words all that it learnt from
        unlabelled texts. With ``"auto"``, the member of the bank that suits the texts is chosen
        (`choose_member`) by `pretrain` or, from labels as well, by `fit`; from 2,000 texts on,
        vectors of these are pretrained instead if they are clearly better. A notice says which
        and why. If neither this nor ``encoder`` has vectors, give ``unlabelled`` or call
        `pretrain` before `fit`.
    unlabelled
        Texts without labels, a list or another iterable that can be iterated over repeatedly.
        `fit` starts with `pretrain` on them. A clone, as in cross-validation and grid search, keeps
        this parameter, but nothing that a call of `pretrain` or `adapt` learnt, which a warning
        says.
    encoder, head
        Stages two and three. The defaults, a `PolarityEncoder` and a `PolarityClassifier`, know
        polarity before any label. A given `PolarityClassifier`, such as one with
        ``class_weight``, gets the language and the order of this model. Any other head is used
        with an `AveragingEncoder` by default, any other encoder with a `HiddenLayerClassifier`. A
        given encoder has a parameter ``vectors``, which is set to the word vectors; its ``fit``
        takes unlabelled texts as the `TokenIds` of those vectors; its ``transform`` takes a list
        of texts and returns one row per text. An `LSTMEncoder` is trained together with its head.
    skipgram
        Settings of pretraining; the tokenizer is replaced by the one for ``language``.
    seeds
        Words of known polarity: ``"language"`` for those of the language file, a pair ``(positive,
        negative)`` of lists of words or phrases, or None for a task that is not about sentiment.
        With None, such words are found in the texts of `pretrain` once there are labels of two
        classes; without these texts, vectors of the bank are used as they are.
    prevalence
        Share of positive texts among those to judge, between 0 and 1, if it is known. The
        unlabelled texts are taken to have the same share, and the cut between the polarities is
        their quantile. Labels of two classes may have another share: they are weighted so that
        their shares are these, unless the head has a ``class_weight``. With None, the share is
        estimated from the unlabelled texts, and labels count as they are. `adapt` and `fit` take it
        too, for the texts to judge from then on.
    ordered
        All labels from the most negative to the most positive, if there are more than two. With
        None, three or more usual names, such as negative, neutral and positive, are ordered, and
        so are numbers, such as 1 to 5 stars, if the words of the texts agree with them; a warning
        names the order. With False, no labels are ordered.
    sentence_encoder
        A sentence encoder of another package, such as a ``SentenceTransformer``: an object with
        ``encode`` or ``embed``, or a function, that takes a list of texts and returns ``(n, d)``
        numbers. From 8 labels on, the default head uses its vectors as far as they predict labels
        left out. Vectors are remembered by text, as long as the encoder exists. A file names the
        encoder without holding it; pass it to `load`.
    seed
        Seed of the default stages; a given encoder or head has its own.

    Attributes
    ----------
    stages_ : FittedStages
        What computes predictions; immutable, so threads may share it.
    vectors_ : WordVectors
    encoder_, head_
        The fitted stages.
    classes_ : ndarray of text, integers or bools
    prior_ : ndarray of float64
        Probabilities of a text with no known word: the share of each class among the labels,
        weighted by ``class_weight`` and smoothed by one label per class; ``prevalence``, if it is
        known.
    choice_ : MemberChoice or None
        With ``vectors="auto"`` the member that was chosen and why, and whether own vectors are
        used instead. A file does not keep it.
    training_summary_ : TrainingSummary
        What it was trained on: numbers of texts and labels, names of columns, history of
        pretraining. A file keeps it.

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
        vectors: WordVectors | SentimentClassifier | str | None = None,
        unlabelled: Iterable[str] | None = None,
        encoder: Any = None,  # noqa: ANN401  (anything with fit and transform)
        head: Any = None,  # noqa: ANN401  (any scikit-learn classifier)
        skipgram: SkipGram | None = None,
        seeds: Seeds = "language",
        prevalence: float | None = None,
        ordered: Labels | Literal[False] | None = None,
        sentence_encoder: Any = None,  # noqa: ANN401  (anything with encode, or a function)
        seed: int = 0,
    ) -> None:
        self.language = language
        self.vectors = vectors
        self.unlabelled = unlabelled
        self.encoder = encoder
        self.head = head
        self.skipgram = skipgram
        self.seeds = seeds
        self.prevalence = prevalence
        self.ordered = ordered
        self.sentence_encoder = sentence_encoder
        self.seed = seed

    # ---- stages one and two: unlabelled texts

    def pretrain(
        self,
        texts: Iterable[str],
        *,
        held_out: Iterable[str] | None = None,
        checkpoint: str | Path | None = None,
        callback: OptionalCallback = "auto",
    ) -> Self:
        """Learn word vectors, unless they were given, and the encoder from unlabelled texts.

        A `MixedLanguagesWarning` says if two languages or more have 3 % of a sample of the texts,
        before anything is learnt; ``training_summary_`` keeps their shares.

        Parameters
        ----------
        texts
            Unlabelled texts, iterated once.
        held_out, checkpoint, callback
            Those of `SkipGram.fit`: texts to measure the loss on, a folder to resume an interrupted
            run from, and what is called with the progress (None shows nothing).

        Raises
        ------
        InputError
            There is no text, or too few words occur more than once.
        SettingError
            A setting is not allowed.

        Examples
        --------
        >>> model = SentimentClassifier().pretrain(["a great film"] * 9 + ["a dull film"] * 9)
        >>> model.predict(["great", "dull"]).tolist()  # without a label
        ['positive', 'negative']
        >>> print(model.training_summary_)
        pretrained on 18 texts
        """
        check_settings(self)
        options: Any = {"held_out": held_out, "checkpoint": checkpoint, "callback": callback}
        return self._start_from(PretrainedStages.learn(self, texts, **options))

    def adapt(self, texts: Iterable[str], *, prevalence: float | None = None) -> Self:
        """Adapt the model to a new kind of text. Discards the labels.

        The word vectors stay. The centre of the texts and the cut between the polarities are
        computed from these unlabelled texts, and the polarity of words is refined on them; a few
        hundred texts are enough. Gains several points if the texts differ from those of
        pretraining in length or subject. The share of positive texts is estimated, with a mean
        error of 6 to 7 points; pass it as ``prevalence``, between 0 and 1, if it is known: it is
        that of these texts and of those to judge (see the parameter).

        Parameters
        ----------
        texts
            Unlabelled texts of the kind to judge.
        prevalence
            Share of positive texts, between 0 and 1, if it is known.

        Raises
        ------
        InputError
            No text has a known word.
        NotFittedError
            The model is not trained yet.
        SettingError
            ``prevalence`` is not allowed.

        Examples
        --------
        >>> texts = ["The kettle is great.", "It broke.", "Love it.", "A waste of money."] * 5
        >>> load("reviews-en").adapt(texts).predict(["It broke after a week."]).tolist()
        ['negative']
        """
        stages = self._require_pretrained()
        columns = self.training_summary_.text_column, self.training_summary_.label_column
        self._start_from(stages.adapted(self, texts, prevalence))
        return self.remember_columns(*columns)

    def _start_from(self, stages: PretrainedStages) -> Self:
        """Set stages one and two, and stage three too if they know polarity without labels."""
        stages = stages.reading_with(self.sentence_encoder)
        if stages.key.default_stages and stages.encoder.knows_polarity and not stages.saw_labelled:
            return self._fit_labels(stages, stages.encoder.encode([]), np.array([], np.str_))
        self._pretrained, self._fitted = stages, None
        return self

    # ---- stage three: labels

    def fit(
        self,
        texts: Iterable[str],
        labels: Labels,
        sample_weight: ArrayLike | None = None,
        *,
        prevalence: float | None = None,
    ) -> Self:
        """Learn from labelled texts.

        If there are no ``unlabelled`` texts and `pretrain` was not called, the encoder is fitted
        on these texts too.

        Parameters
        ----------
        texts
            Labelled texts, ``n_texts`` of them.
        labels
            Their labels, ``(n_texts,)``, of two classes or more.
        sample_weight
            Weights, ``(n_texts,)``: a text of weight 2 counts as two labels, and one of weight 0 as
            none.
        prevalence
            The share of positive texts among those to judge, if it is known and was not given
            before: labels drawn with another share are weighted (see the parameter of the class).

        Raises
        ------
        InputError
            There is only one class, the labels are not all text, all integers or all bools, there
            are too many different ones, or the numbers of texts and labels differ. A weight is
            negative or not finite.
        NotFittedError
            There are no word vectors.

        Examples
        --------
        >>> texts = ["Loved it.", "So so, but fun.", "Dull.", "Awful."]
        >>> model = SentimentClassifier(vectors="reviews-en").fit(texts, ["good"] * 2 + ["bad"] * 2)
        >>> model.classes_.tolist(), model.vectors_.vector_size
        (['bad', 'good'], 100)
        """
        columns = column_name(texts), column_name(labels)
        texts = as_texts(texts)
        truth = as_labels(labels, len(texts))
        require_plausible(truth)
        if sample_weight is None:
            warn_of_doubtful_labels(texts, truth)
        check_settings(self)
        check_ordered(self)
        stages = self._stages_for(texts, truth).reading_with(self.sentence_encoder)
        require_spaces(sample_of(texts), stages.vectors.tokenizer, other_vectors)
        if prevalence is not None:
            stages = stages.judging(self, prevalence)
        encoded = stages.encoder.encode(texts)
        warn_of_unknown_words(texts, encoded.coverage, stages.vectors, stages.summary.coverage)
        self._fit_labels(stages, encoded, truth, sample_weight, texts)
        warn_of_found_order(self.head_)
        return self.remember_columns(*columns)

    def _stages_for(self, texts: list[str], labels: NDArray[Any]) -> PretrainedStages:
        """Return the stages below the labels: learnt before, or now."""
        stages = self._pretrained
        if stages is not None and stages.reusable_for(self):
            stages.key.require_same(self)
            if stages.key.default_stages != uses_default_stages(self):
                others = stages.on_same_texts(self, stages.vectors)
                return replace(others, parameter=stages.parameter)
            return stages
        if self.unlabelled is None:
            return PretrainedStages.learn_from_labelled(self, texts, labels)
        stages = PretrainedStages.learn(self, self.unlabelled, (texts, labels))
        return replace(stages, parameter=self.unlabelled)

    def encode(self, texts: Iterable[str]) -> EncodedTexts:
        """Compute the features of texts with stages one and two.

        Parameters
        ----------
        texts
            Any number of texts.

        Returns
        -------
        EncodedTexts
            What `fit_encoded` and `predict_encoded` take, ``n_texts`` rows.

        Raises
        ------
        NotFittedError
            The model is not trained yet.

        Examples
        --------
        >>> encoded = load("reviews-en").encode(["A fine film.", "qwertz"])
        >>> len(encoded), encoded.coverage.tolist()
        (2, [1.0, 0.0])
        """
        stages = self._require_pretrained().reading_with(self.sentence_encoder)
        return stages.encoder.encode(as_texts(texts))

    def fit_encoded(
        self, encoded: EncodedTexts, labels: Labels, sample_weight: ArrayLike | None = None
    ) -> Self:
        """Fit stage three, and a trainable encoder, on what `encode` returned.

        Parameters
        ----------
        encoded
            Of ``n_texts`` texts.
        labels
            Their labels, ``(n_texts,)``.
        sample_weight
            As of `fit`.

        Raises
        ------
        InputError
            As of `fit`.
        NotFittedError
            The model is not trained yet.
        SettingError
            The head does not fit the features.

        Examples
        --------
        >>> model = load("reviews-en")
        >>> encoded = model.encode(["Loved it.", "Dull.", "Awful.", "Great fun."])
        >>> model.fit_encoded(encoded, ["good", "bad", "bad", "good"]).classes_.tolist()
        ['bad', 'good']
        """
        truth = as_labels(labels, len(encoded))
        stages = self._require_pretrained().reading_with(self.sentence_encoder)
        check_ordered(self)
        stages.key.require_same(self)
        if stages.key.default_stages != uses_default_stages(self):
            raise SettingError(
                f"head={self.head!r} does not fit the features of a "
                f"{type(stages.encoder).__name__}; call fit(texts, labels), or with_head(head) "
                "before encode"
            )
        return self._fit_labels(stages, encoded, truth, sample_weight)

    def _fit_labels(
        self,
        stages: PretrainedStages,
        encoded: EncodedTexts,
        truth: NDArray[np.str_],
        sample_weight: ArrayLike | None = None,
        texts: Sequence[str] = (),
    ) -> Self:
        """Fit stage three; the model is changed only if that succeeds."""
        weight = None
        if sample_weight is not None:
            weight = as_weights(sample_weight, len(truth))
            used = np.flatnonzero(weight)
            if not len(used):
                raise InputError("no text has a sample_weight above 0; at least one is needed")
            encoded, truth, weight = encoded[used], truth[used], weight[used]
            texts = [texts[i] for i in used.tolist()] if texts else texts
        if not uses_default_stages(self) and len(np.unique(truth)) < 2:
            raise InputError(
                f"{len(truth)} labels of {len(np.unique(truth))} classes; give examples of at "
                "least two (only the default encoder and head need no labels)"
            )
        own = None if stages.texts is None or stages.saw_labelled else stages.texts.ids
        encoder, head = stages.encoder.fit_head(
            new_head(self), encoded.features, truth, own, weight
        )
        check_predicts(head)
        prior = class_prior(encoder, head, truth, weight)
        self._pretrained = replace(stages, encoder=encoder)
        order = getattr(head, "order_", head.classes_)
        summary = stages.summary.fitted_on(truth, order, digests_of(texts))
        self._fitted = FittedStages.of(encoder, head, prior, stages.saw_labelled, summary)
        return self

    def remember_columns(self, text: str | None = None, label: str | None = None) -> Self:
        """Keep the names of the columns that it was trained on, if they are known.

        The command line reads columns of these names if none are named. `fit` keeps the names of
        columns of pandas by itself.

        Parameters
        ----------
        text, label
            Names of the columns, or None.

        Raises
        ------
        NotFittedError
            The model is not trained yet.

        Examples
        --------
        >>> model = load("reviews-en").remember_columns("review", "stars")
        >>> model.training_summary_.text_column
        'review'
        """
        now = self.training_summary_
        names = text or now.text_column, label or now.label_column
        if self._fitted is not None:
            summary = self._fitted.summary.with_columns(*names)
            self._fitted = replace(self._fitted, summary=summary)
        stages = self._require_pretrained()
        self._pretrained = replace(stages, summary=stages.summary.with_columns(*names))
        return self

    # ---- other stages on the same texts

    def with_head(self, head: Any, encoder: Any = None) -> Self:  # noqa: ANN401
        """Return a model with another head on the same word vectors and unlabelled texts.

        The default ``encoder`` is the one that the head needs. An order of classes and a sentence
        encoder, which only the default head reads, are left out with another one.

        Parameters
        ----------
        head
            A head of this package, or a classifier of scikit-learn.
        encoder
            As of the class.

        Returns
        -------
        SentimentClassifier
            Not fitted to labels yet.

        Examples
        --------
        >>> from sklearn.linear_model import LogisticRegression
        >>> model = load("reviews-en").with_head(LogisticRegression())
        >>> model.fit(["Loved it.", "Dull."], ["good", "bad"]).predict(["Great fun."]).tolist()
        ['good']
        """
        return self._on_same_texts(self.vectors_, encoder=encoder, head=head)

    def with_random_vectors(self) -> Self:
        """Return the same model, pretrained on the same texts, with random word vectors.

        Returns
        -------
        SentimentClassifier
            Without labels; it measures what pretraining is worth.

        Raises
        ------
        NotFittedError
            The model is not trained yet, or from a file, which holds no unlabelled texts.

        Examples
        --------
        >>> texts = ["a great film"] * 9 + ["a dull film"] * 9
        >>> random = SentimentClassifier().pretrain(texts).with_random_vectors()
        >>> random.vectors_.matrix.shape
        (134, 100)
        """
        return self._on_same_texts(self.vectors_.randomised(self.seed))

    def _on_same_texts(self, vectors: WordVectors, **settings: Any) -> Self:  # noqa: ANN401
        other: Self = unfitted_copy(self).set_params(vectors=vectors, **settings)
        if not uses_default_stages(other):
            other.sentence_encoder = other.ordered = None
        return other._start_from(self._require_pretrained().on_same_texts(other, vectors))

    # ---- what was learnt

    def __sklearn_clone__(self) -> Self:
        """Return an unfitted copy, with a warning if it is without what unlabelled texts taught."""
        from sklearn.base import clone

        message = None if self._pretrained is None else self._pretrained.forgotten_by_clone(self)
        if message is not None:
            warnings.warn(message, stacklevel=3)
        parameters = self.get_params(deep=False)
        # never changed; an untrained copy has no vectors, and encoders of sentences are large
        shared = ("vectors", "unlabelled", "sentence_encoder")
        for name in parameters.keys() - shared:
            parameters[name] = clone(parameters[name], safe=False)
        return type(self)(**parameters)

    def __sklearn_is_fitted__(self) -> bool:
        """Return whether it can predict, which a ``Pipeline`` asks for."""
        return self._fitted is not None

    @property
    def stages_(self) -> FittedStages:
        """The fitted stages.

        Raises
        ------
        NotFittedError
            The model is not trained yet.
        """
        self._require_pretrained()
        if self._fitted is None:
            raise NotFittedError(
                "this SentimentClassifier is pretrained, but knows no polarity without labels; "
                "call fit(texts, labels)"
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
        """The fitted encoder."""
        encoder = self._require_pretrained().encoder
        return getattr(encoder, "transformer", encoder)

    @property
    def vectors_(self) -> WordVectors:
        """The word vectors."""
        return self._require_pretrained().encoder.known_vectors

    @property
    def unlabelled_(self) -> PretrainingTexts:
        """The unlabelled texts of pretraining.

        Raises
        ------
        NotFittedError
            The model is not trained yet, or from a file, which holds none.
        """
        texts = self._require_pretrained().texts
        if texts is None:
            raise NotFittedError("a model from a file does not hold its unlabelled texts")
        return texts

    @property
    def head_(self) -> Any:  # noqa: ANN401
        """The fitted head."""
        return self.stages_.head

    @property
    def classes_(self) -> NDArray[Any]:
        """The labels, sorted, ``(n_classes,)``."""
        return self.stages_.classes

    @property
    def prior_(self) -> NDArray[np.float64]:
        """Probabilities of a text with no known word, ``(n_classes,)``."""
        return self.stages_.prior

    @property
    def choice_(self) -> MemberChoice | None:
        """The member of the bank that was chosen, and why; None if it was not chosen."""
        return self._require_pretrained().choice

    @property
    def training_summary_(self) -> TrainingSummary:
        """What it was trained on."""
        if self._fitted is not None:
            return self._fitted.summary
        return self._require_pretrained().summary

    def __repr__(self) -> str:
        plain = super().__repr__()
        return plain if self._pretrained is None else f"<{plain}: {self.training_summary_}>"

    def _repr_html_(self) -> str:
        """Return the settings and the training as a table, for notebooks."""
        from sentiment_transfer.model.training_html import model_html

        return model_html(self)

    @property
    def knows_polarity(self) -> bool:
        """Whether the model can predict without labels."""
        return self._require_pretrained().encoder.knows_polarity

    @classmethod
    def from_stages(cls, stages: FittedStages, sentence_encoder: Any = None) -> Self:  # noqa: ANN401
        """Build a model from fitted stages, with the settings they were made with.

        Parameters
        ----------
        stages
            Fitted stages, such as the ``stages_`` of a model.
        sentence_encoder
            The one that they were fitted with, if they were.

        Returns
        -------
        SentimentClassifier
            A model that predicts.

        Examples
        --------
        >>> SentimentClassifier.from_stages(load("reviews-en").stages_).predict(["Dull."]).tolist()
        ['negative']
        """
        model = cls(**settings_of(stages), sentence_encoder=sentence_encoder)
        key, summary = PretrainingKey.of(model), stages.summary
        saw_labelled = stages.encoder_saw_labelled
        model._pretrained = PretrainedStages(
            stages.encoder, key, None, saw_labelled, summary=summary.without_labels()
        )
        model._fitted = stages
        return model


def load(
    path: str | Path,
    *,
    sentence_encoder: Any = None,  # noqa: ANN401  (anything with encode, or a function)
) -> SentimentClassifier | WordVectors:
    """Read a classifier or word vectors from a file, the package (``"reviews-en"``) or the Hub.

    A folder is read that ``SentimentClassifier.save`` wrote. ``"hf://owner/name@revision"`` is
    fetched from the Hugging Face Hub with the extra ``hub``, once: it is kept in the cache.

    Parameters
    ----------
    path
        Of a file or folder, or a name.
    sentence_encoder
        The one that the model was fitted with, if it was; for another model, it is set as its
        parameter, for a later `fit`.

    Returns
    -------
    SentimentClassifier or WordVectors
        What the file holds.

    Raises
    ------
    ModelFileError
        The file is missing, damaged, altered, or in a newer format, or cannot be fetched.
    SettingError
        The model needs a sentence encoder, and none or another one is given: it returns vectors of
        another width, or other vectors of a few texts whose vectors the file has.

    Examples
    --------
    >>> load("reviews-en").predict(["I loved every minute.", "A waste of time."]).tolist()
    ['positive', 'negative']
    """
    stored = files.read(path)
    if isinstance(stored, WordVectors):
        if sentence_encoder is not None:
            raise SettingError(
                f"{path} holds word vectors, which need no sentence_encoder; pass it to "
                "SentimentClassifier"
            )
        return stored
    stored = stored.with_sentence_encoder(sentence_encoder)
    return SentimentClassifier.from_stages(stored, sentence_encoder)
