"""Stage two as a model uses it: what every encoder does, and what most of them need not change."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.estimator import Estimator
from sentiment_transfer.errors import InputError, NotFittedError, SettingError
from sentiment_transfer.text import TokenIds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.vectors import WordVectors
    from sentiment_transfer.text.reading import ReadTexts

__all__ = ["EncodedTexts", "Encoder", "PretrainingTexts", "TransformerEncoder"]


@dataclass(frozen=True, eq=False)
class EncodedTexts:
    """Texts after stage two, before a head.

    Attributes
    ----------
    features
        What the encoder computes without any label, ``n_texts`` rows; indexed by rows.
    coverage
        Share of each text's tokens that have a vector, float64 ``(n_texts,)``.
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
        All of them, as token ids.
    sample
        Some of them, as they are.
    """

    ids: TokenIds
    sample: list[str]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether a text has any token with a vector, ``(n_texts,)``."""
        known: NDArray[np.bool_] = np.diff(self.ids.offsets) > 0
        return known


class Encoder(Estimator, ABC):
    """Texts to features, and features to what a head is fitted on.

    `features` depends on no label, so a comparison computes it once for all draws of labels.
    `fit_head` fits a head to labels; an encoder that learns from them returns a changed copy of
    itself, whose `head_input` completes the features. Most encoders learn nothing there.
    """

    _takes_texts = True

    vectors: WordVectors | None
    reads_words = False
    """Whether `features` needs the words and word pairs of the texts."""

    @abstractmethod
    def fit(self, texts: Iterable[str] | TokenIds, y: object = None) -> Self:
        """Learn from unlabelled texts, or from token ids of ``vectors``."""

    @abstractmethod
    def features(self, texts: ReadTexts) -> Any:  # noqa: ANN401  (each encoder has its own)
        """What is computed of texts before any label, ``n_texts`` rows."""

    def head_input(self, features: Any) -> Any:  # noqa: ANN401
        """Complete what `features` returned to the matrix that the head is given."""
        return features

    def fit_head(
        self,
        head: Any,  # noqa: ANN401  (ours or scikit-learn's)
        features: Any,  # noqa: ANN401
        labels: NDArray[Any],
        unlabelled: TokenIds | None = None,
    ) -> tuple[Self, Any]:
        """Fit a head to labelled texts; return the encoder to use with it, and the head.

        ``unlabelled`` are the texts that the encoder was fitted on, where they are at hand and
        are none of the labelled ones.
        """
        return self, head.fit(self.head_input(features), labels)

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
            Share of positive texts among them; ``SettingError`` where it has no effect.
        """
        if prevalence is not None:
            raise SettingError(
                f"prevalence={prevalence} sets where the default encoder cuts its polarity score; "
                f"{type(self).__name__} has none: leave it out"
            )
        return self.fit(texts.ids)

    @property
    def centre(self) -> NDArray[np.float32] | None:
        """Mean of the plain averages of the texts it was fitted on, ``(d,)``, if it has one."""
        return None

    def fit_centre(self, centre: NDArray[np.float32] | None) -> Self:
        """Fit from the `centre` of another encoder over the same vectors, without texts."""
        raise NotFittedError(
            "a model from a file does not hold its unlabelled texts; "
            "call pretrain with them (its vectors are kept if passed as vectors=)"
        )

    def word_shares(self, text: str, head: Any) -> NDArray[np.float64] | None:  # noqa: ANN401
        """Exact share of each piece of a text in the log odds of ``head.order_[1]``, if known."""
        return None

    @property
    def knows_polarity(self) -> bool:
        """Whether its features say which texts are positive, so that a head needs no label."""
        return False

    @property
    def n_trained(self) -> int:
        """How many of its numbers labels taught."""
        return 0

    @property
    def n_trained_vectors(self) -> int:
        """How many numbers of the word vectors labels changed."""
        return 0

    @property
    def known_vectors(self) -> WordVectors:
        """The word vectors; ``SettingError`` where none are set."""
        if self.vectors is None:
            raise SettingError(
                f"{type(self).__name__} has no word vectors; pass vectors=, or make it the "
                "encoder of a SentimentClassifier, which sets them"
            )
        return self.vectors

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Read texts once, and compute their features and coverage."""
        return self.encode_read(self.known_vectors.read_texts(texts, words=self.reads_words))

    def encode_read(self, texts: ReadTexts) -> EncodedTexts:
        """Compute features and coverage of texts that are read over these vectors' words."""
        return EncodedTexts(self.features(texts), texts.coverage)

    @abstractmethod
    def transform(self, texts: Iterable[str] | TokenIds) -> Any:  # noqa: ANN401
        """Encode texts, or token ids of ``vectors``, to what a head is given."""

    def fit_transform(self, texts: Iterable[str], y: object = None) -> Any:  # noqa: ANN401
        """Fit on texts and encode them."""
        ids = self._ids(texts)
        return self.fit(ids, y).transform(ids)

    def _ids(self, texts: Iterable[str] | TokenIds) -> TokenIds:
        """Return token ids as they are, and texts as token ids of ``vectors``."""
        if isinstance(texts, str):
            raise InputError(f"texts is a single str ({texts[:40]!r}); pass a list of texts")
        return texts if isinstance(texts, TokenIds) else self.known_vectors.encode(texts)


class TransformerEncoder(Encoder):
    """Any transformer of texts as an encoder: its ``transform`` returns one row for each text.

    Parameters
    ----------
    transformer
        An object with ``fit`` (of token ids), ``transform`` (of texts) and a parameter
        ``vectors``, which is set.
    """

    def __init__(self, transformer: Any) -> None:  # noqa: ANN401
        self.transformer = transformer

    @property
    def vectors(self) -> WordVectors:  # type: ignore[override]
        """Those of the transformer."""
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
