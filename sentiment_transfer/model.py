"""The three stages as one estimator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification import HiddenLayerClassifier, LinearHead
from sentiment_transfer.encoding import AveragingEncoder
from sentiment_transfer.errors import InputError, ModelFileError, NotFittedError, SettingError
from sentiment_transfer.estimator import Estimator
from sentiment_transfer.pretraining import SkipGram, WordVectors
from sentiment_transfer.storage import load_file, save_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Self

    from numpy.typing import NDArray

    from sentiment_transfer.progress import Callback
    from sentiment_transfer.text import TokenIds

__all__ = ["Encoded", "SentimentClassifier", "load"]

_HEADS = {"HiddenLayerClassifier": HiddenLayerClassifier, "LinearHead": LinearHead}


@dataclass(frozen=True, eq=False)
class Encoded:
    """Texts after stage two.

    Attributes
    ----------
    features
        ``(n_texts, d)``.
    known
        Whether a text has any word that has a vector, ``(n_texts,)``.
    """

    features: NDArray[np.float32]
    known: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.known)

    def __getitem__(self, rows: NDArray[np.intp]) -> Encoded:
        return Encoded(self.features[rows], self.known[rows])


class SentimentClassifier(Estimator):
    """Unlabelled texts, then a few labels, then answers.

    Parameters
    ----------
    language
        Code of a language: ``"en"``, ``"zh"``.
    vectors
        Pretrained word vectors, to use as they are. Without them call `pretrain` first.
    encoder
        An encoder to use in place of the default ``AveragingEncoder(vectors)``.
    head
        The classifier on sentence vectors: `HiddenLayerClassifier` if None, or any of
        scikit-learn's.
    skipgram
        How to pretrain: a `SkipGram`; its tokenizer gives way to ``language``.
    seed
        Decides everything that is random.

    Attributes
    ----------
    vectors_ : WordVectors
    encoder_, head_
        The fitted stages.
    classes_ : ndarray of str
    prior_ : ndarray of float64
        Share of each class among the labels: the answer for a text with no known word.

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
        vectors: WordVectors | None = None,
        encoder: AveragingEncoder | None = None,
        head: Any = None,  # noqa: ANN401  (any scikit-learn classifier)
        skipgram: SkipGram | None = None,
        seed: int = 0,
    ) -> None:
        self.language = language
        self.vectors = vectors
        self.encoder = encoder
        self.head = head
        self.skipgram = skipgram
        self.seed = seed

    def pretrain(self, texts: Iterable[str], *, callback: Callback | None = None) -> Self:
        """Learn from unlabelled texts: word vectors unless they were given, then the encoder.

        Raises
        ------
        InputError
            No text, or hardly a word that occurs more than once.
        """
        if self.vectors is None:
            skipgram: SkipGram = _fresh(self.skipgram) if self.skipgram else SkipGram(seed=self.seed)
            skipgram.set_params(tokenizer=self.language)
            skipgram.fit(texts, callback=callback)
            return self._with_vectors(skipgram.vectors_, skipgram.corpus_)
        return self._with_vectors(self.vectors, self.vectors.encode(texts))

    def _with_vectors(self, vectors: WordVectors, corpus: TokenIds) -> Self:
        """Settle stages one and two."""
        self.vectors_ = vectors
        self.corpus_ = corpus
        encoder = AveragingEncoder(vectors) if self.encoder is None else _fresh(self.encoder)
        self.encoder_ = encoder.set_params(vectors=vectors).fit(corpus)
        return self

    def with_random_vectors(self) -> SentimentClassifier:
        """Return the same model, pretrained on the same texts, but with random vectors."""
        self._require_pretrained()
        if not hasattr(self, "corpus_"):
            raise NotFittedError(
                "a model from a file does not hold its unlabelled texts; "
                "call pretrain with them (its vectors are kept if passed as vectors=)"
            )
        other: SentimentClassifier = _fresh(self)
        return other._with_vectors(self.vectors_.randomised(self.seed), self.corpus_)

    def encode(self, texts: Iterable[str]) -> Encoded:
        """Stages one and two: texts to features."""
        self._require_pretrained()
        corpus = self.vectors_.encode(_as_texts(texts))
        return Encoded(self.encoder_.transform(corpus), np.diff(corpus.offsets) > 0)

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
        texts = _as_texts(texts)
        if not hasattr(self, "encoder_"):
            if self.vectors is None:
                raise NotFittedError(
                    "there are no word vectors yet; call pretrain(unlabelled_texts) before fit, "
                    "or pass vectors="
                )
            self._with_vectors(self.vectors, self.vectors.encode(texts))
        return self.fit_encoded(self.encode(texts), labels)

    def fit_encoded(self, encoded: Encoded, labels: Sequence[str] | NDArray[np.str_]) -> Self:
        """Stage three alone, on what `encode` gave."""
        truth = _as_labels(labels, len(encoded))
        head = HiddenLayerClassifier(seed=self.seed) if self.head is None else _fresh(self.head)
        self.head_ = head.fit(encoded.features, truth)
        self.classes_, counts = np.unique(truth, return_counts=True)
        self.prior_ = counts / counts.sum()
        return self

    def predict(self, texts: Iterable[str]) -> NDArray[np.str_]:
        """Most probable label of each text, ``(n_texts,)``; ties go to the first by name."""
        return self.predict_encoded(self.encode(texts))

    def predict_encoded(self, encoded: Encoded) -> NDArray[np.str_]:
        """Stage three alone, on what `encode` gave."""
        return self.classes_[self.predict_proba_encoded(encoded).argmax(axis=1)]

    def predict_proba(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Probabilities ``(n_texts, n_classes)`` in the order of ``classes_``.

        A text with no known word gets the share of each class among the labels; `coverage` is 0
        there.
        """
        return self.predict_proba_encoded(self.encode(texts))

    def predict_proba_encoded(self, encoded: Encoded) -> NDArray[np.float64]:
        """Stage three alone, on what `encode` gave."""
        self._require_fitted("head_")
        if not len(encoded):
            return np.zeros((0, len(self.classes_)))
        probabilities = _probabilities(self.head_, encoded.features).astype(np.float64)
        probabilities[~encoded.known] = self.prior_
        return probabilities

    def coverage(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Share of each text's tokens that have a vector, ``(n_texts,)``; 0 means a guess."""
        self._require_pretrained()
        return self.vectors_.coverage(_as_texts(texts))

    def score(self, texts: Iterable[str], labels: Sequence[str]) -> float:
        """Share of texts whose predicted label is right."""
        predicted = self.predict(texts)
        return float(np.mean(predicted == _as_labels(labels, len(predicted))))

    def save(self, path: str | Path) -> None:
        """Write the whole model to one ``.safetensors`` file, atomically."""
        self._require_fitted("head_")
        head = self.head_ if hasattr(self.head_, "state") else LinearHead.of(self.head_)
        parts = {"vectors": self.vectors_, "encoder": self.encoder_, "head": head}
        manifest: dict[str, Any] = {
            "language": self.language,
            "head_type": type(head).__name__,
            "labels": self.classes_.tolist(),
        }
        tensors: dict[str, NDArray[Any]] = {"prior": self.prior_}
        for name, part in parts.items():
            manifest[name], inner = part.state()
            tensors |= {f"{name}/{key}": tensor for key, tensor in inner.items()}
        save_file(path, "classifier", manifest, tensors)

    @classmethod
    def from_state(
        cls, manifest: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]
    ) -> SentimentClassifier:
        """Build from what a model file holds."""

        def part(name: str) -> tuple[Any, dict[str, NDArray[Any]]]:
            prefix = f"{name}/"
            inner = {k.removeprefix(prefix): t for k, t in tensors.items() if k.startswith(prefix)}
            return manifest[name], inner

        model = cls(manifest["language"])
        model.vectors_ = WordVectors.from_state(*part("vectors"))
        model.encoder_ = AveragingEncoder.from_state(*part("encoder"), model.vectors_)
        model.head_ = _HEADS[manifest["head_type"]].from_state(*part("head"))
        model.classes_ = np.array(manifest["labels"])
        model.prior_ = tensors["prior"]
        return model

    def _require_pretrained(self) -> None:
        if not hasattr(self, "encoder_"):
            raise NotFittedError(
                "this SentimentClassifier is not trained yet; call pretrain(unlabelled_texts), "
                "then fit(texts, labels)"
            )


def load(path: str | Path) -> SentimentClassifier | WordVectors:
    """Read a model file: a classifier or word vectors, whichever it holds.

    Raises
    ------
    ModelFileError
        The file is missing, broken, tampered with, or from a newer format.
    """
    stored = load_file(path)
    kinds = {"classifier": SentimentClassifier, "word_vectors": WordVectors}
    if stored.kind not in kinds:
        raise ModelFileError(f"holds {stored.kind!r}, which is not a model", path=str(path))
    try:
        return kinds[stored.kind].from_state(stored.manifest, stored.tensors)
    except (KeyError, TypeError, ValueError, SettingError) as error:
        raise ModelFileError(f"does not hold together: {error!r}", path=str(path)) from error


def _fresh(estimator: Any) -> Any:  # noqa: ANN401  (ours or scikit-learn's)
    """An unfitted copy."""
    if isinstance(estimator, Estimator):
        return type(estimator)(**estimator.get_params(deep=False))
    from sklearn.base import clone

    return clone(estimator)


def _as_texts(texts: Iterable[str]) -> list[str]:
    if isinstance(texts, str):
        raise InputError(f"texts is a single str ({texts[:40]!r}); pass a list of texts")
    listed = list(texts)
    for i, text in enumerate(listed):
        if not isinstance(text, str):
            raise InputError(f"text {i} is {text!r}, not a str; leave such rows out")
    return listed


def _as_labels(labels: Sequence[str] | NDArray[np.str_], n: int) -> NDArray[np.str_]:
    listed = list(labels)
    if len(listed) != n:
        raise InputError(f"there are {n} texts but {len(listed)} labels")
    for i, label in enumerate(listed):
        if not isinstance(label, str):
            raise InputError(
                f"label {i} is {label!r}, not a str; labels are names: pass [str(y) for y in labels]"
            )
    return np.array(listed, dtype=np.str_)


def _probabilities(head: Any, X: NDArray[np.float32]) -> NDArray[np.floating]:  # noqa: ANN401
    if hasattr(head, "predict_proba"):
        probabilities: NDArray[np.floating] = head.predict_proba(X)
        return probabilities
    return LinearHead.of(head).predict_proba(X)
