"""Base of all encoders, with defaults for most of its methods."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sentiment_transfer.base.estimator import Estimator, to_json
from sentiment_transfer.errors import NotFittedError, SettingError
from sentiment_transfer.text import TokenIds
from sentiment_transfer.text.inputs import as_iterable_of_texts
from sentiment_transfer.text.vocabulary import lengths

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.vectors import WordVectors
    from sentiment_transfer.text.grammar import Grammar
    from sentiment_transfer.text.reading import ReadTexts

__all__ = ["EncodedTexts", "Encoder", "PretrainingTexts", "TransformerEncoder", "fit_weighted"]


@dataclass(frozen=True, eq=False)
class EncodedTexts:
    """Texts encoded by stage two.

    Attributes
    ----------
    features
        Output of `Encoder.features`, ``n_texts`` rows; indexed by rows.
    coverage
        Share of each text's tokens that have a vector, float64 ``(n_texts,)``.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> encoded = load("reviews-en").encode(["a dull plot", "qwertz"])
    >>> encoded.coverage, encoded.known
    (array([1., 0.]), array([ True, False]))
    """

    features: Any
    coverage: NDArray[np.float64]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether a text has any token with a vector, ``(n_texts,)``."""
        known: NDArray[np.bool_] = self.coverage > 0
        return known

    def __len__(self) -> int:
        return len(self.coverage)

    def __getitem__(self, rows: NDArray[np.intp]) -> EncodedTexts:
        return EncodedTexts(self.features[rows], self.coverage[rows])


@dataclass(frozen=True, eq=False)
class PretrainingTexts:
    """The unlabelled texts that an encoder is fitted on.

    Attributes
    ----------
    ids
        Token ids of all texts.
    sample
        Some of the texts themselves, which also hold stop words.

    Examples
    --------
    >>> from sentiment_transfer import SentimentClassifier
    >>> texts = ["a great film"] * 9 + ["a dull film"] * 9
    >>> unlabelled = SentimentClassifier().pretrain(texts).unlabelled_
    >>> len(unlabelled.ids), unlabelled.n_known, len(unlabelled.sample)
    (18, 18, 18)
    """

    ids: TokenIds
    sample: list[str]

    @property
    def n_known(self) -> int:
        """Number of texts with any token with a vector."""
        return sum(int(np.count_nonzero(part)) for part in lengths(self.ids.offsets))


def fit_weighted(
    head: Any,  # noqa: ANN401  (ours or scikit-learn's)
    X: Any,  # noqa: ANN401
    labels: NDArray[Any],
    sample_weight: NDArray[np.float64] | None,
) -> Any:  # noqa: ANN401
    """Fit a head, with weights of the rows if there are any; not every head takes weights."""
    if sample_weight is None:
        return head.fit(X, labels)
    from sklearn.utils.validation import has_fit_parameter

    if not has_fit_parameter(head, "sample_weight"):
        raise SettingError(f"{type(head).__name__} takes no sample_weight; leave it out")
    return head.fit(X, labels, sample_weight=sample_weight)


class Encoder(Estimator, ABC):
    """Base of encoders: texts to features, and features to the input of a head.

    `features` does not depend on labels, so a comparison computes it once for all draws of labels.
    `fit_head` fits a head to labels; an encoder that learns from labels returns a changed copy of
    itself, whose `head_input` completes the features.

    Examples
    --------
    >>> from sentiment_transfer import AveragingEncoder, load
    >>> encoder = AveragingEncoder(load("reviews-en").vectors_).fit(["a fine film", "a dull plot"])
    >>> isinstance(encoder, Encoder), encoder.transform(["a fine plot"]).shape
    (True, (1, 100))
    """

    _takes_texts = True

    vectors: WordVectors | None
    reads_words = False
    """Whether `features` needs the words and word pairs of the texts."""

    @abstractmethod
    def fit(self, texts: Iterable[str] | TokenIds, y: object = None) -> Self:
        """Fit on unlabelled texts, or on token ids of ``vectors``.

        Parameters
        ----------
        texts
            Texts, or token ids of ``vectors``; iterated once.
        y
            Not used; it is there for pipelines of scikit-learn.
        """

    @abstractmethod
    def features(self, texts: ReadTexts) -> Any:  # noqa: ANN401  (each encoder has its own)
        """Compute features that do not depend on labels, ``n_texts`` rows.

        Parameters
        ----------
        texts
            What `read` returned.

        Returns
        -------
        ndarray or sequence
            ``n_texts`` rows, indexed by arrays of rows.
        """

    def head_input(self, features: Any) -> Any:  # noqa: ANN401
        """Complete what `features` returned to the input of the head.

        Parameters
        ----------
        features
            Of ``n_texts`` texts.

        Returns
        -------
        ndarray or sequence
            What a head is fitted on, ``n_texts`` rows.
        """
        return features

    def fit_head(
        self,
        head: Any,  # noqa: ANN401  (ours or scikit-learn's)
        features: Any,  # noqa: ANN401
        labels: NDArray[Any],
        unlabelled: TokenIds | None = None,
        sample_weight: NDArray[np.float64] | None = None,
    ) -> tuple[Self, Any]:
        """Fit a head to labelled texts; return the encoder to use with it, and the head.

        Parameters
        ----------
        head
            A head that is not fitted yet.
        features
            What `features` returned, of ``n`` texts.
        labels
            Their labels, ``(n,)``.
        unlabelled
            The texts that the encoder was fitted on, if they are available and differ from the
            labelled ones.
        sample_weight
            Weights of the labelled texts, ``(n,)``.
        """
        return self, fit_weighted(head, self.head_input(features), labels, sample_weight)

    def fit_unlabelled(
        self,
        texts: PretrainingTexts,
        *,
        before: Encoder | None = None,
        prevalence: float | None = None,
    ) -> Self:
        """Fit on the texts of pretraining.

        Parameters
        ----------
        texts
            Unlabelled texts.
        before
            An encoder over the same vectors that was fitted on other texts, to start from.
        prevalence
            Share of positive texts among them; raises ``SettingError`` if it has no effect.

        Raises
        ------
        SettingError
            ``prevalence`` has no effect with this encoder.
        """
        if prevalence is not None:
            raise SettingError(
                f"prevalence={prevalence} sets the threshold of a polarity score; "
                f"{type(self).__name__} has none: leave it out"
            )
        return self.fit(texts.ids)

    @property
    def centre(self) -> NDArray[np.float32] | None:
        """Mean of the unweighted averages of the texts of `fit`, ``(d,)``, if it has one."""
        return None

    def fit_centre(self, centre: NDArray[np.float32] | None) -> Self:
        """Fit from the `centre` of another encoder over the same vectors, without texts.

        Parameters
        ----------
        centre
            The mean of texts, float32 ``(d,)``, or None if the other encoder has none.

        Raises
        ------
        NotFittedError
            The encoder is fitted on texts alone.
        """
        raise NotFittedError(
            "a model from a file does not hold its unlabelled texts; "
            "call pretrain with them (its vectors are kept if passed as vectors=)"
        )

    def pieces(self, text: str) -> list[str]:
        """Return the pieces of a text that an explanation shows.

        Parameters
        ----------
        text
            One text.
        """
        tokenizer = self.known_vectors.tokenizer
        return tokenizer.pieces(tokenizer.prepare(text))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the span of each of a text's `pieces`, as `Tokenizer.spans`.

        Parameters
        ----------
        text
            One text.
        """
        return self.known_vectors.tokenizer.spans(text)

    def word_shares(self, text: str, head: Any) -> dict[str, NDArray[np.float64]] | None:  # noqa: ANN401
        """Return each piece's exact share in the log odds of ``head.order_[1]``, if known.

        The shares ``(n_pieces,)`` are divided by what they come from, and are to be added.

        Parameters
        ----------
        text
            One text.
        head
            A fitted head of two classes.
        """
        return None

    @property
    def knows_polarity(self) -> bool:
        """Whether its features hold a polarity score, so that a head needs no label."""
        return False

    @property
    def n_trained(self) -> int:
        """Number of weights learnt from labels."""
        return 0

    @property
    def n_trained_vectors(self) -> int:
        """Number of elements of the word vectors changed by labels."""
        return 0

    @property
    def known_vectors(self) -> WordVectors:
        """The word vectors.

        Raises
        ------
        SettingError
            None are set.
        """
        if self.vectors is None:
            raise SettingError(
                f"{type(self).__name__} has no word vectors; pass vectors=, or use it as the "
                "encoder of a SentimentClassifier, which sets them"
            )
        return self.vectors

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Read texts once, and compute their features and coverage.

        Parameters
        ----------
        texts
            Any number of texts.

        Returns
        -------
        EncodedTexts
            ``n_texts`` rows.
        """
        return self.encode_read(self.read(texts))

    @property
    def grammar(self) -> Grammar | None:
        """The grammar that changes tokens before `features` sees them; None for none."""
        return None

    def read(self, texts: Iterable[str]) -> ReadTexts:
        """Read texts as `features` needs them.

        Parameters
        ----------
        texts
            Any number of texts.

        Returns
        -------
        ReadTexts
            Token ids and coverage, ``n_texts`` rows.
        """
        return self.known_vectors.read_texts(texts, words=self.reads_words, grammar=self.grammar)

    def encode_read(self, texts: ReadTexts) -> EncodedTexts:
        """Compute features and coverage of texts that `read` returned.

        Parameters
        ----------
        texts
            What `read` returned.

        Returns
        -------
        EncodedTexts
            ``n_texts`` rows.
        """
        return EncodedTexts(self.features(texts), texts.coverage)

    @abstractmethod
    def transform(self, texts: Iterable[str] | TokenIds) -> Any:  # noqa: ANN401
        """Encode texts, or token ids of ``vectors``, to the input of a head.

        Parameters
        ----------
        texts
            Texts, or token ids of ``vectors``.

        Returns
        -------
        ndarray or sequence
            Most often float32 ``(n_texts, size)``.
        """

    def fit_transform(self, texts: Iterable[str], y: object = None) -> Any:  # noqa: ANN401
        """Fit on texts and encode them.

        Parameters
        ----------
        texts
            Texts to fit on, and to encode.
        y
            Not used; it is there for pipelines of scikit-learn.

        Returns
        -------
        ndarray or sequence
            As of `transform`.
        """
        texts = list(as_iterable_of_texts(texts))
        return self.fit(texts, y).transform(texts)

    def _settings(self) -> dict[str, Any]:
        """Return the parameters except the vectors in JSON's types."""
        own = self.get_params(deep=False)
        return {name: to_json(value) for name, value in own.items() if name != "vectors"}

    def _ids(self, texts: Iterable[str] | TokenIds) -> TokenIds:
        """Return token ids as they are, and texts as token ids of ``vectors``."""
        return texts if isinstance(texts, TokenIds) else self.known_vectors.encode(texts)


class TransformerEncoder(Encoder):
    """Adapter of any transformer of texts to an encoder.

    Parameters
    ----------
    transformer
        An object with ``fit`` (of token ids), ``transform`` (of texts, to one row each) and a
        parameter ``vectors``, which is set.
    """

    def __init__(self, transformer: Any) -> None:  # noqa: ANN401
        self.transformer = transformer

    @property
    def vectors(self) -> WordVectors:  # type: ignore[override]
        """Word vectors of the transformer."""
        vectors: WordVectors = self.transformer.get_params(deep=False)["vectors"]
        return vectors

    def fit(self, texts: Iterable[str] | TokenIds, y: object = None) -> Self:
        """Fit the transformer."""
        self.transformer = self.transformer.fit(texts)
        return self

    def transform(self, texts: Iterable[str] | TokenIds) -> Any:  # noqa: ANN401
        """Return what the transformer returns."""
        return self.transformer.transform(texts)

    def features(self, texts: ReadTexts) -> Any:  # noqa: ANN401
        """Return what the transformer returns."""
        return self.transform(texts.texts)
