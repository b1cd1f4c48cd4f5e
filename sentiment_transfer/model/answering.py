"""What a fitted classifier answers: labels, probabilities, explanations and polar words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.inputs import accuracy_of
from sentiment_transfer.classification.labels import as_labels, require_same_kind
from sentiment_transfer.errors import InputError
from sentiment_transfer.model.coverage import warn_of_unknown_words
from sentiment_transfer.model.inputs import as_texts

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray
    from pandas import DataFrame

    from sentiment_transfer.classification.labels import Label, Labels
    from sentiment_transfer.encoding import EncodedTexts
    from sentiment_transfer.model.explanation import Explanation
    from sentiment_transfer.model.fitted import Answers, FittedStages
    from sentiment_transfer.model.parameters import ParameterTable
    from sentiment_transfer.model.prevalence import PrevalenceEstimate
    from sentiment_transfer.model.training_summary import TrainingSummary
    from sentiment_transfer.pretraining import WordVectors

__all__ = ["Answering"]


class Answering:
    """The methods of `SentimentClassifier` that read texts with the fitted stages."""

    if TYPE_CHECKING:

        @property
        def stages_(self) -> FittedStages: ...  # noqa: D102  (of the classifier)
        @property
        def encoder_(self) -> Any: ...  # noqa: ANN401, D102
        @property
        def vectors_(self) -> WordVectors: ...  # noqa: D102
        @property
        def classes_(self) -> NDArray[Any]: ...  # noqa: D102
        @property
        def training_summary_(self) -> TrainingSummary: ...  # noqa: D102

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
        >>> load("reviews-en").predict_or_abstain(texts).tolist()
        ['positive', 'unsure', 'unsure']
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
