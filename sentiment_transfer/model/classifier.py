"""The three stages as one estimator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification import (
    HiddenLayerClassifier,
    InformedClassifier,
    LinearHead,
    PolarityEncoder,
)
from sentiment_transfer.classification.fused import FusedPredictor
from sentiment_transfer.classification.informed import SAMPLE_TEXTS
from sentiment_transfer.corpus.sampling import Reservoir
from sentiment_transfer.encoding import AveragingEncoder
from sentiment_transfer.errors import InputError, ModelFileError, NotFittedError, SettingError
from sentiment_transfer.model.inputs import as_labels, as_texts, fresh, several
from sentiment_transfer.model.questions import Questions
from sentiment_transfer.model.state import pack, unpack
from sentiment_transfer.pretraining import SkipGram, WordVectors
from sentiment_transfer.pretraining.bank import bank_names, bank_path
from sentiment_transfer.storage import load_file, save_file
from sentiment_transfer.text.indexing import SMALL_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Self

    from numpy.typing import NDArray

    from sentiment_transfer.classification.informed import Seeds
    from sentiment_transfer.classification.polarity import Polarity
    from sentiment_transfer.pretraining.precision import Precision
    from sentiment_transfer.progress import Callback
    from sentiment_transfer.text import TokenIds

__all__ = ["Encoded", "SentimentClassifier", "Unlabelled", "load", "model_path"]


@dataclass(frozen=True, eq=False)
class Encoded:
    """Texts after stage two.

    Attributes
    ----------
    features
        What the encoder makes of them; indexed by rows.
    known
        Whether a text has any word that has a vector, ``(n_texts,)``.
    """

    features: Any
    known: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.known)

    def __getitem__(self, rows: NDArray[np.intp]) -> Encoded:
        return Encoded(self.features[rows], self.known[rows])


@dataclass(frozen=True, eq=False)
class Unlabelled:
    """What stage two learns from.

    Attributes
    ----------
    ids
        Unlabelled texts as token ids.
    sample
        Some of the texts as they are.
    """

    ids: TokenIds
    sample: list[str]


class SentimentClassifier(Questions):
    """Unlabelled texts, then a few labels, then answers.

    Parameters
    ----------
    language
        Code of a language: ``"en"``, ``"zh"``.
    vectors
        Pretrained word vectors, to use as they are, or the name of vectors that ship with the
        package: ``"reviews-en"``, ``"reviews-zh"``. Without them call `pretrain` first.
    encoder, head
        Stages two and three. By default a `PolarityEncoder` and an `InformedClassifier`, which
        know of polarity before any label. A head of your own, such as `HiddenLayerClassifier` or
        any of scikit-learn's classifiers, stands on an `AveragingEncoder` unless you give
        another; an encoder of your own is followed by a `HiddenLayerClassifier`.
    skipgram
        How to pretrain: a `SkipGram`; its tokenizer gives way to ``language``.
    seeds
        Words of known polarity: ``"language"`` for the language's own, a pair ``(positive,
        negative)`` of lists of words or phrases, or None to do without.
    prevalence
        Share of positive texts, if it is known.
    ordered
        All labels from the most negative to the most positive, where there are more than two.
    seed
        Decides everything that is random.

    Attributes
    ----------
    vectors_ : WordVectors
    encoder_, head_
        The fitted stages.
    classes_ : ndarray of str
    prior_ : ndarray of float64
        Share of each class among the labels, one more added to each: the answer for a text with
        no known word.

    Examples
    --------
    >>> model = SentimentClassifier().pretrain(["a great film"] * 9 + ["a dull film"] * 9)
    >>> model.fit(["great", "dull"], ["positive", "negative"]).predict(["great film"]).tolist()
    ['positive']
    """

    _kind = "classifier"
    _takes_texts = True

    vectors_: WordVectors
    unlabelled_: Unlabelled
    encoder_: Any
    head_: Any
    classes_: NDArray[np.str_]
    prior_: NDArray[np.float64]
    _encoder_saw_labelled = False

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

    def pretrain(self, texts: Iterable[str], *, callback: Callback | None = None) -> Self:
        """Learn from unlabelled texts: word vectors unless they were given, then the encoder.

        Raises
        ------
        InputError
            No text, or hardly a word that occurs more than once.
        """
        if self.vectors is None:
            skipgram: SkipGram = fresh(self.skipgram) if self.skipgram else SkipGram(seed=self.seed)
            skipgram.set_params(tokenizer=self.language)
            sampled = Reservoir(SAMPLE_TEXTS, self.seed)
            skipgram.fit(sampled.through(several(texts)), callback=callback)
            unlabelled = Unlabelled(skipgram.corpus_, sampled.texts)
            return self._with_vectors(skipgram.vectors_, unlabelled)
        if isinstance(self.vectors, str):
            bank = self._bank(self.vectors)
            self.vectors_, self.encoder_ = bank.vectors_, bank.encoder_
            return self.adapt(texts)
        return self._with_vectors(self.vectors, self._unlabelled(self.vectors, texts))

    def _bank(self, name: str) -> SentimentClassifier:
        """The model of that name that ships with the package."""
        if name not in bank_names():
            raise SettingError(
                f"vectors={name!r} do not ship with the package; these do: "
                f"{', '.join(bank_names())} (for a file pass vectors=load(path))"
            )
        bank = load(bank_path(name))
        if not isinstance(bank, SentimentClassifier) or bank.language != self.language:
            raise SettingError(
                f"vectors={name!r} are not of the language {self.language!r}; set language= too"
            )
        return bank

    def _unlabelled(self, vectors: WordVectors, texts: Iterable[str]) -> Unlabelled:
        sampled = Reservoir(SAMPLE_TEXTS, self.seed)
        return Unlabelled(vectors.encode(sampled.through(several(texts))), sampled.texts)

    def adapt(self, texts: Iterable[str], *, prevalence: float | None = None) -> Self:
        """Turn a pretrained model to the kind of texts it is to judge; labels are forgotten.

        The word vectors stay. What a neutral text looks like is learnt anew from these unlabelled
        texts, and polarity is refined by them: a few hundred will do. Worth several points where
        the texts differ from those of pretraining in length or subject. Where nearly all of them
        are of one polarity, give the share of positive ones as ``prevalence``: otherwise two
        groups are looked for, and found.
        """
        self._require_pretrained()
        known = getattr(self.encoder_, "polarity_", None)
        unlabelled = self._unlabelled(self.vectors_, texts)
        return self._with_vectors(self.vectors_, unlabelled, known, prevalence)

    def _with_vectors(
        self,
        vectors: WordVectors,
        unlabelled: Unlabelled,
        background: Polarity | None = None,
        prevalence: float | None = None,
    ) -> Self:
        """Settle stages one and two; where polarity is known, stage three needs no label."""
        for learnt in ("head_", "classes_", "prior_"):  # they belong to the stages before
            self.__dict__.pop(learnt, None)
        self.vectors_ = vectors
        self.unlabelled_ = unlabelled
        self.encoder_ = self._new_encoder(vectors)
        if isinstance(self.encoder_, PolarityEncoder):
            if prevalence is not None:
                self.encoder_.prevalence = prevalence
            self.encoder_.fit(unlabelled.ids, background=background, sample=unlabelled.sample)
        else:
            self.encoder_.fit(unlabelled.ids)
        self._encoder_saw_labelled = False
        if self._informed and self.encoder_.polarity_ is not None:
            self.fit_encoded(self.encode([]), [])
        return self

    @property
    def _informed(self) -> bool:
        return self.encoder is None and self.head is None

    def _new_encoder(self, vectors: WordVectors) -> Any:  # noqa: ANN401
        if self._informed:
            return PolarityEncoder(
                vectors, seeds=self.seeds, prevalence=self.prevalence, seed=self.seed
            )
        if self.encoder is None:
            return AveragingEncoder(vectors)
        return fresh(self.encoder).set_params(vectors=vectors)

    def _new_head(self) -> Any:  # noqa: ANN401
        if self._informed:
            return InformedClassifier(self.language, ordered=self.ordered)
        if isinstance(self.head, LinearHead):
            raise SettingError(
                "the head in this file holds what scikit-learn learnt, not how; "
                "call set_params(head=...) to fit anew"
            )
        return HiddenLayerClassifier(seed=self.seed) if self.head is None else fresh(self.head)

    def with_random_vectors(self) -> SentimentClassifier:
        """Return the same model, pretrained on the same texts, but with random vectors."""
        self._require_pretrained()
        vectors = self.vectors_.randomised(self.seed)
        return self._on_same_texts(vectors, encoder=self.encoder, head=self.head)

    def with_head(self, head: Any) -> SentimentClassifier:  # noqa: ANN401
        """Return a model with the same vectors and unlabelled texts, but another head."""
        self._require_pretrained()
        return self._on_same_texts(self.vectors_, encoder=None, head=head)

    def _on_same_texts(self, vectors: WordVectors, **stages: Any) -> SentimentClassifier:  # noqa: ANN401
        if not hasattr(self, "unlabelled_"):
            raise NotFittedError(
                "a model from a file does not hold its unlabelled texts; "
                "call pretrain with them (its vectors are kept if passed as vectors=)"
            )
        other: SentimentClassifier = fresh(self).set_params(vectors=vectors, **stages)
        return other._with_vectors(vectors, self.unlabelled_)

    def encode(self, texts: Iterable[str]) -> Encoded:
        """Stages one and two: texts to features."""
        self._require_pretrained()
        texts = as_texts(texts)
        features = self.encoder_.transform(texts)
        return Encoded(features, np.diff(self.vectors_.encode(texts).offsets) > 0)

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
        afresh = not hasattr(self, "encoder_") or self._encoder_saw_labelled
        if afresh and isinstance(self.vectors, str):
            self._start_from_bank(self.vectors, texts)
            self._encoder_saw_labelled = True
        elif afresh:
            if not isinstance(self.vectors, WordVectors):
                raise NotFittedError(
                    "there are no word vectors yet; call pretrain(unlabelled_texts) before fit, "
                    "or pass vectors="
                )
            self._with_vectors(self.vectors, self._unlabelled(self.vectors, texts))
            self._encoder_saw_labelled = True
        return self.fit_encoded(self.encode(texts), labels)

    def _start_from_bank(self, name: str, texts: list[str]) -> None:
        """Take vectors, and where the stages are the default ones the encoder, from the bank."""
        bank = self._bank(name)
        if not self._informed:
            self._with_vectors(bank.vectors_, self._unlabelled(bank.vectors_, texts))
            return
        if self.seeds != "language" or self.prevalence is not None:
            raise SettingError(
                f"vectors={name!r} comes with its own polarity; to set seeds or prevalence, "
                "call pretrain(unlabelled_texts) before fit"
            )
        self.vectors_, self.encoder_ = bank.vectors_, bank.encoder_

    def fit_encoded(self, encoded: Encoded, labels: Sequence[str] | NDArray[np.str_]) -> Self:
        """Stage three alone, on what `encode` gave."""
        truth = as_labels(labels, len(encoded))
        if not self._informed and len(np.unique(truth)) < 2:
            raise InputError(
                f"{len(truth)} labels name {len(np.unique(truth))} classes; give examples of at "
                "least two (only the default encoder and head can do without labels)"
            )
        self.head_ = self._new_head().fit(encoded.features, truth)
        self.classes_ = self.head_.classes_
        counts = np.array([np.sum(truth == label) for label in self.classes_])
        self.prior_ = (counts + 1) / (counts + 1).sum()
        return self

    def predict(self, texts: Iterable[str]) -> NDArray[np.str_]:
        """Most probable label of each text, ``(n_texts,)``; ties go to the first by name."""
        best = self.predict_proba(texts).argmax(axis=1)
        labels: NDArray[np.str_] = self.classes_[best]
        return labels

    def predict_encoded(self, encoded: Encoded) -> NDArray[np.str_]:
        """Stage three alone, on what `encode` gave."""
        best = self.predict_proba_encoded(encoded).argmax(axis=1)
        labels: NDArray[np.str_] = self.classes_[best]
        return labels

    def predict_proba(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Probabilities ``(n_texts, n_classes)`` in the order of ``classes_``.

        A text with no known word gets the share of each class among the labels; `coverage` is 0
        there.
        """
        texts = as_texts(texts)
        self._require_pretrained()
        self._require_fitted("head_")
        stages = self.vectors_, self.encoder_, self.head_
        if sum(map(len, texts)) < SMALL_CHARACTERS or not FusedPredictor.takes(*stages):
            return self.predict_proba_encoded(self.encode(texts))
        # taken out while it works, so that two threads never share one
        fused = self.__dict__.pop("_fused", None)
        if fused is None or not fused.serves(*stages):
            fused = FusedPredictor(*stages)
        probabilities: NDArray[np.float64]
        probabilities, known = fused.predict_proba(texts)
        if not fused.full:
            self._fused = fused
        probabilities[~known] = self.prior_
        return probabilities

    def predict_proba_encoded(self, encoded: Encoded) -> NDArray[np.float64]:
        """Stage three alone, on what `encode` gave."""
        self._require_fitted("head_")
        if not len(encoded):
            return np.zeros((0, len(self.classes_)))
        probabilities = _probabilities(self.head_, encoded.features).astype(np.float64)
        probabilities[~encoded.known] = self.prior_
        return probabilities

    def score(self, texts: Iterable[str], labels: Sequence[str]) -> float:
        """Share of texts whose predicted label is right."""
        predicted = self.predict(texts)
        return float(np.mean(predicted == as_labels(labels, len(predicted))))

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


def model_path(path: str | Path) -> Path:
    """Where a model lies: the file, or one that ships with the package if there is no such file."""
    if Path(path).exists():
        return Path(path)
    if str(path) in bank_names():
        return bank_path(str(path))
    raise ModelFileError(
        "does not exist; give the path of a model file, or the name of a model that ships with "
        f"the package: {', '.join(bank_names())}",
        path=str(path),
    )


def load(path: str | Path) -> SentimentClassifier | WordVectors:
    """Read a model: a file, or one that ships with the package, such as ``"reviews-en"``.

    Either holds a classifier or word vectors.

    Raises
    ------
    ModelFileError
        The file is missing, broken, tampered with, or from a newer format.
    """
    path = model_path(path)
    stored = load_file(path)
    if stored.kind not in ("classifier", "word_vectors"):
        raise ModelFileError(f"holds {stored.kind!r}, which is not a model", path=str(path))
    try:
        if stored.kind == "word_vectors":
            return WordVectors.from_state(stored.manifest, stored.tensors)
        model = SentimentClassifier.from_state(stored.manifest, stored.tensors)
        model.predict_proba([""])  # shapes that do not fit show here, not in use
        return model
    except (LookupError, TypeError, ValueError, AttributeError, ModelFileError) as error:
        raise ModelFileError(f"does not hold together: {error!r}", path=str(path)) from error


def _probabilities(head: Any, X: NDArray[np.float32]) -> NDArray[np.floating]:  # noqa: ANN401
    if hasattr(head, "predict_proba"):
        probabilities: NDArray[np.floating] = head.predict_proba(X)
        return probabilities
    return LinearHead.of(head).predict_proba(X)
