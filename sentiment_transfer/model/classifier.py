"""The three stages as one estimator."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from sentiment_transfer.base.estimator import Estimator
from sentiment_transfer.classification.inputs import accuracy_of, as_weights
from sentiment_transfer.classification.labels import as_labels, require_plausible, require_same_kind
from sentiment_transfer.errors import InputError, NotFittedError, SettingError
from sentiment_transfer.model import files
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
    from pandas import DataFrame

    from sentiment_transfer.base.progress import OptionalCallback
    from sentiment_transfer.classification.labels import Label, Labels
    from sentiment_transfer.encoding import EncodedTexts, PretrainingTexts
    from sentiment_transfer.model.choice import MemberChoice
    from sentiment_transfer.model.explanation import Explanation
    from sentiment_transfer.model.fitted import Answers
    from sentiment_transfer.model.parameters import ParameterTable
    from sentiment_transfer.model.prevalence import PrevalenceEstimate
    from sentiment_transfer.model.training_summary import TrainingSummary
    from sentiment_transfer.polarity.seeds import Seeds
    from sentiment_transfer.pretraining import SkipGram

__all__ = ["SentimentClassifier", "load"]


class SentimentClassifier(Shared, Estimator):
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

    # ---- answers

    def predict(self, texts: Iterable[str]) -> NDArray[Any]:
        """Return the most probable label of each text, ``(n_texts,)``; of a tie, the first.

        Parameters
        ----------
        texts
            Any number of texts.

        Returns
        -------
        ndarray
            Labels of the type of ``classes_``, ``(n_texts,)``.

        Raises
        ------
        NotFittedError
            The model is not trained yet.
        InputError
            A text is not a ``str``, or one ``str`` is given in place of texts.

        Examples
        --------
        >>> load("reviews-en").predict(["I loved every minute.", "A waste of time."]).tolist()
        ['positive', 'negative']
        """
        return self.stages_.most_probable(self.predict_proba(texts))

    def predict_proba(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Return probabilities ``(n_texts, n_classes)`` in the order of ``classes_``.

        A text with no known word, whose `coverage` is 0, gets ``prior_``.

        Parameters
        ----------
        texts
            Any number of texts.

        Returns
        -------
        ndarray
            float64 ``(n_texts, n_classes)``; each row adds up to 1.

        Examples
        --------
        >>> model = load("reviews-en")
        >>> model.predict_proba(["I loved every minute.", "qwertz"]).round(2).tolist()
        [[0.15, 0.85], [0.5, 0.5]]
        """
        return self.answer(texts).probabilities

    def predict_log_proba(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Return the logarithms of `predict_proba`.

        Parameters
        ----------
        texts
            Any number of texts.

        Returns
        -------
        ndarray
            float64 ``(n_texts, n_classes)``, at most 0.

        Examples
        --------
        >>> load("reviews-en").predict_log_proba(["I loved every minute."]).round(2).tolist()
        [[-1.88, -0.17]]
        """
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(texts))

    def decision_function(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Return the log odds of each class, ``(n_texts, n_classes)``.

        For two classes, those of the second one, ``(n_texts,)``: above 0 where it is predicted.

        Parameters
        ----------
        texts
            Any number of texts.

        Returns
        -------
        ndarray
            float64 ``(n_texts, n_classes)``, or ``(n_texts,)`` for two classes.

        Examples
        --------
        >>> model = load("reviews-en")
        >>> model.decision_function(["I loved it.", "A waste of time."]).round(1).tolist()
        [2.3, -3.2]
        """
        return self.stages_.log_odds(self.predict_proba(texts))

    def answer(self, texts: Iterable[str]) -> Answers:
        """Return probabilities and `coverage` at the cost of `predict_proba` alone.

        Parameters
        ----------
        texts
            Any number of texts.

        Returns
        -------
        Answers
            Arrays with ``n_texts`` rows.

        Raises
        ------
        NotFittedError
            The model is not trained yet.

        Examples
        --------
        >>> answers = load("reviews-en").answer(["I loved every minute.", "qwertz"])
        >>> answers.probabilities.shape, answers.coverage.tolist()
        ((2, 2), [1.0, 0.0])
        """
        listed = as_texts(texts)
        answers = self.stages_.answer(listed)
        usual = self.training_summary_.coverage
        warn_of_unknown_words(listed, answers.coverage, self.vectors_, usual)
        return answers

    def predict_encoded(self, encoded: EncodedTexts) -> NDArray[Any]:
        """Return the most probable labels of what `encode` returned.

        Parameters
        ----------
        encoded
            Of ``n_texts`` texts.

        Returns
        -------
        ndarray
            Labels, ``(n_texts,)``.

        Examples
        --------
        >>> model = load("reviews-en")
        >>> model.predict_encoded(model.encode(["I loved it."])).tolist()
        ['positive']
        """
        return self.stages_.most_probable(self.predict_proba_encoded(encoded))

    def predict_proba_encoded(self, encoded: EncodedTexts) -> NDArray[np.float64]:
        """Return the probabilities of what `encode` returned.

        Parameters
        ----------
        encoded
            Of ``n_texts`` texts.

        Returns
        -------
        ndarray
            float64 ``(n_texts, n_classes)``.

        Examples
        --------
        >>> model = load("reviews-en")
        >>> model.predict_proba_encoded(model.encode(["I loved it.", "Dull."])).shape
        (2, 2)
        """
        return self.stages_.predict_proba_encoded(encoded)

    def predict_or_abstain(
        self, texts: Iterable[str], below: float = 0.8, unsure: Label = "unsure"
    ) -> NDArray[Any]:
        """Return the most probable label of each text, or ``unsure``.

        ``sentiment-transfer evaluate`` measures the accuracy and the share of answers at each
        threshold.

        Parameters
        ----------
        texts
            Any number of texts.
        below
            A text is unsure if its highest probability is below this, or if it has no known word.
        unsure
            Returned for an unsure text; must not be a class. The array is of dtype object if
            this is text and the classes are not.

        Returns
        -------
        ndarray
            Labels, ``(n_texts,)``.

        Raises
        ------
        SettingError
            ``below`` is not between 0 and 1, or ``unsure`` is a class.

        Examples
        --------
        >>> texts = ["I loved every minute.", "It is a film.", "qwertz"]
        >>> load("reviews-en").predict_or_abstain(texts, below=0.9).tolist()
        ['unsure', 'unsure', 'unsure']
        """
        return self.stages_.predict_or_abstain(as_texts(texts), below, unsure)

    def score(
        self, texts: Iterable[str], labels: Labels, sample_weight: ArrayLike | None = None
    ) -> float:
        """Return the share of texts with the right label, weighted by ``sample_weight``.

        Parameters
        ----------
        texts
            Labelled texts.
        labels
            The right labels, ``(n_texts,)``.
        sample_weight
            Weights, ``(n_texts,)``, by default equal.

        Returns
        -------
        float
            Between 0 and 1.

        Raises
        ------
        InputError
            There is no text, or none of a weight above 0, or the numbers differ.
        NotFittedError
            The model is not trained yet.

        Examples
        --------
        >>> load("reviews-en").score(["I loved it.", "Dull."], ["positive", "negative"])
        1.0
        """
        texts = as_texts(texts)
        truth = as_labels(labels, len(texts))
        require_same_kind(truth, self.classes_)
        if not texts:
            raise InputError("there is no text to score; give at least one")
        return accuracy_of(self.predict(texts), truth, sample_weight)

    def coverage(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Return the share of each text's tokens that have a vector, ``(n_texts,)``.

        A phrase that the grammar of the language replaces counts as its replacement.

        Parameters
        ----------
        texts
            Any number of texts.

        Returns
        -------
        ndarray
            float64 ``(n_texts,)``, between 0 and 1; 0 for a text without tokens.

        Raises
        ------
        NotFittedError
            The model is not trained yet.

        Examples
        --------
        >>> load("reviews-en").coverage(["A dull plot.", "dull qwertz", ""]).tolist()
        [1.0, 0.5, 0.0]
        """
        grammar = getattr(self.encoder_, "grammar", None)
        return self.vectors_.read_texts(as_texts(texts), words=False, grammar=grammar).coverage

    def explain(self, text: str, label: Label | None = None) -> Explanation:
        """Compute what each word of a text contributes to the log odds of a label.

        The default is the most probable label. For the default stages with two classes, the shares
        of the words in the mean log odds of the mixture's models are exact (see
        `polarity.word_shares`). Otherwise the share of a piece is the decrease of the log odds
        when it is left out. A sentence encoder reads a text as a whole: with two classes its share
        is not divided among words, but is ``sentence``. ``bias`` is the rest, so that the sum is
        the log odds of the probability.

        Parameters
        ----------
        text
            One text.
        label
            The label to explain.

        Returns
        -------
        Explanation
            The pieces of the text with their shares, in log odds.

        Raises
        ------
        InputError
            The model does not have the label.

        Examples
        --------
        >>> found = load("reviews-en").explain("A dull plot.")
        >>> found.label, max(found.pieces, key=lambda piece: piece[1])[0]
        ('negative', 'dull')
        >>> print(found)
        negative 96.4 %: dull +2.75, plot +0.54, A +0.03, . +0.00, (no word) -0.02
        """
        return self.stages_.explain(as_texts([text])[0], label)

    def estimate_prevalence(self, texts: Iterable[str]) -> PrevalenceEstimate:
        """Estimate the share of texts that are positive, with a 95 % interval.

        The evidence is the polarity score and the seed words of the texts and, if the model was
        fitted to 8 labels or more, of both classes, its answers to left-out labelled texts
        (probabilistic adjusted counts). The mean error is 6 to 8 points. Texts weigh equally;
        blank ones are left out.

        Parameters
        ----------
        texts
            Unlabelled texts.

        Returns
        -------
        PrevalenceEstimate
            The share, between 0 and 1, and the ends of its interval.

        Raises
        ------
        InputError
            There is no text, all are blank, or none has a known word.
        SettingError
            The labels are not a negative and a positive one.

        Examples
        --------
        >>> texts = ["I loved it.", "A dull plot.", "Great fun.", "A waste of time."] * 5
        >>> found = load("reviews-en").estimate_prevalence(texts)
        >>> found.low <= found.share <= found.high
        True
        """
        from sentiment_transfer.model.prevalence import estimate_prevalence

        return estimate_prevalence(self.stages_, as_texts(texts))

    def polarity(self, word: str) -> float:
        """Return the polarity of a word: standard deviations above or below the average word.

        Parameters
        ----------
        word
            A word of the vocabulary.

        Returns
        -------
        float
            Above 0 for a positive one.

        Raises
        ------
        UnknownWordError
            The word has no vector.
        NotFittedError
            The model knows no polarity of words.

        Examples
        --------
        >>> model = load("reviews-en")
        >>> model.polarity("superb") > 0 > model.polarity("tedious")
        True
        """
        from sentiment_transfer.model.polar_words import polarity_of

        return float(polarity_of(self.encoder_).word_scores[self.vectors_.id_of(word)])

    def polar_words(
        self, n: int = 20, min_count: int = 20, *, texts: Iterable[str] | None = None
    ) -> DataFrame:
        """Return the ``n`` most positive and ``n`` most negative words, most positive first.

        The columns are ``word``, ``polarity`` and ``count``: the occurrences of the word in the
        texts of pretraining, or the number of ``texts`` that hold it, if they are given. Words of
        a lower count than ``min_count`` are left out.

        Parameters
        ----------
        n
            Number of words of each side.
        min_count
            Least count of a word.
        texts
            Texts to count words in, in place of those of pretraining.

        Returns
        -------
        DataFrame
            At most ``2 n`` rows.

        Raises
        ------
        NotFittedError
            The model knows no polarity of words.
        SettingError
            ``n`` or ``min_count`` is not allowed.

        Examples
        --------
        >>> words = load("reviews-en").polar_words(3)
        >>> words.shape, words.columns.tolist(), words["polarity"].iloc[0] > 0
        ((6, 3), ['word', 'polarity', 'count'], np.True_)
        """
        from sentiment_transfer.model.polar_words import polar_words

        return polar_words(self.encoder_, n, min_count, texts)

    def plot_polar_words(
        self,
        path: str | Path,
        n: int = 20,
        min_count: int = 20,
        *,
        texts: Iterable[str] | None = None,
    ) -> None:
        """Draw `polar_words` to a PNG, SVG or PDF file, by the suffix of the path.

        Parameters
        ----------
        path
            Where the file goes.
        n, min_count, texts
            As of `polar_words`.

        Raises
        ------
        InputError
            No word is frequent enough.
        MissingExtraError
            matplotlib is not installed.
        SettingError
            The suffix is another one.

        Examples
        --------
        >>> load("reviews-en").plot_polar_words("words.svg", 5)
        """
        from sentiment_transfer.model.polar_words import plot_polar_words

        plot_polar_words(self.polar_words(n, min_count, texts=texts), path)

    def parameters(self) -> ParameterTable:
        """Count the parameters of each stage, and those learnt from labels.

        Returns
        -------
        ParameterTable
            ``print`` shows it.

        Raises
        ------
        NotFittedError
            The model is not trained yet.

        Examples
        --------
        >>> print(load("reviews-en").parameters())
                      trained on labels      total
        word vectors                  0  2,617,200
        encoder                       0     70,454
        head                          0          2
        together                      0  2,687,656
        from scratch          2,687,656  2,687,656
        """
        from sentiment_transfer.model.parameters import count_parameters

        return count_parameters(self.stages_)

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

    A folder is read that `SentimentClassifier.save` wrote. ``"hf://owner/name@revision"`` is
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
