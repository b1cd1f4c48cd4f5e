"""The three stages as one estimator."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.end_to_end import train_end_to_end
from sentiment_transfer.encoding import TrainableEncoder
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.model.inputs import as_labels, as_texts, warn_of_unknown
from sentiment_transfer.model.pretrained import Pretrained
from sentiment_transfer.model.stages import check_predicts, class_prior, is_informed, new_head
from sentiment_transfer.model.state import pack, unpack
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.storage import save_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path
    from typing import Self

    from numpy.typing import NDArray

    from sentiment_transfer.model.encoded import Encoded
    from sentiment_transfer.polarity.encoder import Seeds
    from sentiment_transfer.polarity.features import PolarityFeatures
    from sentiment_transfer.pretraining import SkipGram, WordVectors
    from sentiment_transfer.pretraining.precision import Precision

__all__ = ["SentimentClassifier"]


class SentimentClassifier(Pretrained):
    """Unlabelled texts, then a few labels, then answers.

    Parameters
    ----------
    language
        Code of a language: ``"en"``, ``"zh"``.
    vectors
        Pretrained word vectors, to use as they are, or the name of vectors that ship with the
        package: ``"reviews-en"``, ``"reviews-zh"``. Without them call `pretrain` first.
    encoder, head
        Stages two and three. By default a `PolarityEncoder` and an `PolarityClassifier`, which
        know of polarity before any label; an `PolarityClassifier` of your own, as one with
        ``class_weight``, gets the language and the order of this model. Any other head, such as
        `HiddenLayerClassifier` or scikit-learn's classifiers, stands on an `AveragingEncoder`
        unless you give another; an encoder of your own is followed by a `HiddenLayerClassifier`.
        It has a parameter ``vectors``, which is set to the word vectors; its ``fit`` is given
        unlabelled texts as the `TokenIds` of those vectors, its ``transform`` a list of texts, and
        answers with one row for each. An `LSTMEncoder` learns with its head, a
        `HiddenLayerClassifier`.
    skipgram
        How to pretrain: a `SkipGram`; its tokenizer gives way to ``language``.
    seeds
        Words of known polarity: ``"language"`` for the language's own, a pair ``(positive,
        negative)`` of lists of words or phrases, or None to do without. Without, labels of two
        classes, whatever they are about, find such words in the texts of `pretrain`.
    prevalence
        Share of positive texts, if it is known.
    ordered
        All labels from the most negative to the most positive, where there are more than two.
    seed
        Decides everything that is random in stages that the model makes itself; an encoder and a
        head of your own have seeds of theirs.

    Attributes
    ----------
    vectors_ : WordVectors
    encoder_, head_
        The fitted stages.
    classes_ : ndarray of str
    prior_ : ndarray of float64
        The answer for a text with no known word: the share of each class among the labels, one more
        added to each (``prevalence`` parts the two as it says, ``class_weight`` weighs the labels).

    Examples
    --------
    >>> model = SentimentClassifier().pretrain(["a great film"] * 9 + ["a dull film"] * 9)
    >>> model.fit(["great", "dull"], ["positive", "negative"]).predict(["great film"]).tolist()
    ['positive']
    """

    _kind = "classifier"
    _takes_texts = True

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
        truth = as_labels(labels, len(texts))  # before anything that was learnt is given up
        if self.ordered is not None and not is_informed(self):
            raise SettingError(
                f"ordered={self.ordered} is for the default head, and {self.head!r} makes nothing "
                "of it; leave one of them out"
            )
        if not hasattr(self, "encoder_") or self._encoder_saw_labelled:
            self._start_from(texts)
            self._encoder_saw_labelled = True
        else:
            self._follow_parameters()
        encoded = self.encode(texts)
        warn_of_unknown(encoded.known, self.vectors_)
        return self.fit_encoded(encoded, truth)

    def fit_encoded(self, encoded: Encoded, labels: Sequence[str] | NDArray[np.str_]) -> Self:
        """Stage three, and an encoder that learns with it, on what `encode` gave."""
        truth = as_labels(labels, len(encoded))
        self._require_own_encoder()
        if not is_informed(self) and len(np.unique(truth)) < 2:
            raise InputError(
                f"{len(truth)} labels name {len(np.unique(truth))} classes; give examples of at "
                "least two (only the default encoder and head can do without labels)"
            )
        head = new_head(self)
        features = encoded.features
        if isinstance(self.encoder_, PolarityEncoder) and self.encoder_.seeds is None:
            self.encoder_ = self._taught_by(features, truth, head)
            features = self.encoder_.with_scores(features)
        if isinstance(self.encoder_, TrainableEncoder):
            self.encoder_, self.head_ = train_end_to_end(self.encoder_, head, features, truth)
        else:
            fitted = head.fit(features, truth)
            check_predicts(fitted)
            self.head_ = fitted
        self.classes_ = self.head_.classes_
        self.prior_ = class_prior(self, truth)
        return self

    def _require_own_encoder(self) -> None:
        """Refuse to go on with another encoder than the one that the parameters ask for."""
        self._require_pretrained()
        self._basis.require_same(self)
        if self._basis.informed != is_informed(self):
            raise SettingError(
                f"head={self.head!r} does not stand on a {type(self.encoder_).__name__}; call "
                "fit(texts, labels), or with_head(head) before encode"
            )

    def _taught_by(
        self, features: PolarityFeatures, truth: NDArray[np.str_], head: PolarityClassifier
    ) -> PolarityEncoder:
        """Let labels of two classes teach polarity, where there are unlabelled texts of its own."""
        encoder: PolarityEncoder = self.encoder_
        own = None if self._encoder_saw_labelled else getattr(self, "unlabelled_", None)
        order = head.order_of(truth)
        if own is not None and len(order) == 2 and len(truth):
            return encoder.with_polarity_from_labels(own.ids, features, truth == order[1])
        if own is None and encoder.polarity_ is not None:
            warnings.warn(
                "the polarity of words that earlier labels taught is forgotten, and without "
                "unlabelled texts, which a model file does not hold, these labels cannot teach it "
                "anew; adapt the model to unlabelled texts before fitting it",
                stacklevel=4,
            )
        return encoder.without_polarity()

    def save(self, path: str | Path, dtype: Precision = "float32") -> None:
        """Write the whole model to one ``.safetensors`` file, atomically.

        ``dtype`` is that of the stored word vectors (`WordVectors.save`).
        """
        self._require_fitted("head_")
        save_file(path, "classifier", *pack(self, dtype))

    @classmethod
    def from_state(
        cls, manifest: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]
    ) -> SentimentClassifier:
        """Build from what a model file holds."""
        model = cls(manifest["language"])
        unpack(model, manifest, tensors)
        return model
