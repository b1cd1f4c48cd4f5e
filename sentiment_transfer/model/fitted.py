"""The three fitted stages: the content of a model file, and what a server loads."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from sentiment_transfer.base.estimator import in_range
from sentiment_transfer.base.schema import by_part
from sentiment_transfer.classification import LinearHead
from sentiment_transfer.classification.linear import probabilities_of
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.languages import language_reference
from sentiment_transfer.model.explanation import Explanation, cut
from sentiment_transfer.model.inputs import require_sentence_encoder
from sentiment_transfer.model.stored import ENCODERS, HEADS, ModelFacts
from sentiment_transfer.model.training_summary import TrainingSummary
from sentiment_transfer.polarity import PolarityEncoder
from sentiment_transfer.pretraining import WordVectors
from sentiment_transfer.text.indexing import SMALL_CHARACTERS
from sentiment_transfer.text.utf8 import Utf8Texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sentiment_transfer.classification.labels import Label
    from sentiment_transfer.encoding import EncodedTexts, Encoder
    from sentiment_transfer.model.fast_path import FastPath
    from sentiment_transfer.pretraining.precision import Precision

__all__ = ["Answers", "FittedStages"]


class Answers(NamedTuple):
    """Answers of a model to ``n`` texts.

    Attributes
    ----------
    probabilities
        float64 ``(n, n_classes)``, in the order of the classes; the prior where coverage is 0.
    coverage
        Share of each text's tokens that have a vector, float64 ``(n,)``.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> answers = load("reviews-en").answer(["I loved it.", "qwertz"])
    >>> answers.probabilities.shape, answers.coverage.tolist()
    ((2, 2), [1.0, 0.0])
    """

    probabilities: NDArray[np.float64]
    coverage: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FittedStages:
    """Fitted word vectors, encoder and head. Immutable, so threads may share it.

    Attributes
    ----------
    encoder
        Stage two, over the word vectors.
    head
        Stage three: a head of this package, or a fitted scikit-learn classifier.
    prior
        Probabilities of the classes for a text with no known word, float64 ``(n_classes,)``.
    encoder_saw_labelled
        Whether the encoder was fitted on labelled texts, as there were no unlabelled ones.
    summary
        What they were trained on.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> stages = load("reviews-en").stages_
    >>> stages.classes.tolist(), stages.answer(["I loved it."]).probabilities.shape
    (['negative', 'positive'], (1, 2))
    """

    encoder: Encoder
    head: Any
    prior: NDArray[np.float64]
    encoder_saw_labelled: bool = False
    summary: TrainingSummary = field(default_factory=TrainingSummary)

    @classmethod
    def of(
        cls,
        encoder: Encoder,
        head: Any,  # noqa: ANN401
        *more: Any,  # noqa: ANN401  (the other attributes)
    ) -> Self:
        """Build from fitted stages, without a sentence encoder that the head does not read.

        Parameters
        ----------
        encoder, head
            Fitted.
        *more
            The other attributes, in order.
        """
        if isinstance(encoder, PolarityEncoder) and getattr(head, "sentence_", None) is None:
            encoder = encoder.with_sentence_encoder(None)
        return cls(encoder, head, *more)

    def with_sentence_encoder(self, given: Any) -> Self:  # noqa: ANN401
        """Return the stages with the sentence encoder that they need, if they need one.

        Parameters
        ----------
        given
            As of `load`.

        Raises
        ------
        SettingError
            It is no sentence encoder, or they need one and it is None or another one than they were
            fitted with.
        """
        if given is not None:
            require_sentence_encoder(given)
        encoder = self.encoder
        if not isinstance(encoder, PolarityEncoder) or encoder.sentence_encoder_ is None:
            return self
        needed = encoder.sentence_encoder_
        if given is None:
            raise SettingError(needed.how_to_give_it("it was not given"))
        return replace(self, encoder=encoder.with_sentence_encoder(needed.given(given)))

    @property
    def vectors(self) -> WordVectors:
        """The word vectors."""
        return self.encoder.known_vectors

    @property
    def classes(self) -> NDArray[Any]:
        """The labels, sorted, ``(n_classes,)``."""
        classes: NDArray[Any] = self.head.classes_
        return classes

    @property
    def order(self) -> NDArray[Any]:
        """The labels, the most negative first if that is known, ``(n_classes,)``."""
        order: NDArray[Any] = getattr(self.head, "order_", self.classes)
        return order

    @property
    def known_order(self) -> list[str] | None:
        """The labels as text, the most negative first; None if more than two have no order."""
        ordered = len(self.order) == 2 or getattr(self.head, "ordered_", False)
        return self.order.astype(np.str_).tolist() if ordered else None

    @cached_property
    def _fast_path(self) -> FastPath | None:
        from sentiment_transfer.model.fast_path import FastPath

        return FastPath.of(self.encoder, self.head)

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        # without the fast path, which is built again when it is needed
        kept = (self.encoder, self.head, self.prior, self.encoder_saw_labelled, self.summary)
        return type(self), kept

    def compile(self) -> bool:
        """Make the fast path ready, in seconds the first time; return whether there is one."""
        if self._fast_path is None:
            return False
        self._fast_path.answer(["It was not good at all, could have been better :)"])
        return True

    def answer(self, texts: list[str] | Utf8Texts, *, compiled: bool | None = None) -> Answers:
        """Return probabilities and coverage of texts, which are read once.

        Parameters
        ----------
        texts
            Any number of texts.
        compiled
            Whether the fast path is used, if there is one; by default that depends on the length of
            the texts. The paths differ by rounding only.
        """
        if compiled is None:
            size = texts.n_bytes if isinstance(texts, Utf8Texts) else sum(map(len, texts))
            compiled = size >= SMALL_CHARACTERS
        if compiled and self._fast_path is not None:
            probabilities, coverage = self._fast_path.answer(texts)
            probabilities[coverage == 0] = self.prior
            return Answers(probabilities, coverage)
        encoded = self.encoder.encode(list(texts))
        return Answers(self.predict_proba_encoded(encoded), encoded.coverage)

    def predict_proba_encoded(self, encoded: EncodedTexts) -> NDArray[np.float64]:
        """Return the probabilities ``(n, n_classes)`` of encoded texts.

        Parameters
        ----------
        encoded
            Of ``n`` texts.
        """
        if not len(encoded.coverage):
            return np.zeros((0, len(self.classes)))
        probabilities = probabilities_of(self.head, self.encoder.head_input(encoded.features))
        probabilities[encoded.coverage == 0] = self.prior
        return probabilities

    def most_probable(self, probabilities: NDArray[np.float64]) -> NDArray[Any]:
        """Return the label of the highest probability; of a tie, the first by name.

        Parameters
        ----------
        probabilities
            ``(n, n_classes)``.

        Returns
        -------
        ndarray
            Labels, ``(n,)``.
        """
        labels: NDArray[Any] = self.classes[probabilities.argmax(axis=1)]
        return labels

    def log_odds(self, probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the log odds of each class, ``(n, k)``; for two those of the second, ``(n,)``.

        Parameters
        ----------
        probabilities
            ``(n, n_classes)``.
        """
        log_odds: NDArray[np.float64] = _log_odds(probabilities)
        return log_odds[:, 1] if len(self.classes) == 2 else log_odds

    def predict_or_abstain(self, texts: list[str], below: float, unsure: Label) -> NDArray[Any]:
        """Return labels as ``SentimentClassifier.predict_or_abstain`` does.

        Parameters
        ----------
        texts, below, unsure
            As of that method.

        Returns
        -------
        ndarray
            Labels, ``(n,)``.

        Raises
        ------
        SettingError
            ``below`` is not between 0 and 1, or ``unsure`` is a class.
        """
        if not (in_range(below, 1) or below == 1):
            raise SettingError(f"below={below!r} is not allowed; it must be a number from 0 to 1")
        if unsure in self.classes.tolist():
            raise SettingError(f"unsure={unsure!r} is a class of this model; choose another name")
        probabilities, coverage = self.answer(texts)
        sure = (coverage > 0) & (probabilities.max(axis=1, initial=0) >= below)
        labels = self.most_probable(probabilities)
        if isinstance(unsure, str) and labels.dtype.kind != "U":  # NumPy would make all of it text
            labels = labels.astype(object)
        return np.where(sure, labels, unsure)

    def explain(self, text: str, label: Label | None = None) -> Explanation:
        """Explain a label as ``SentimentClassifier.explain`` does.

        Parameters
        ----------
        text, label
            As of that method.

        Returns
        -------
        Explanation
            The pieces of the text with their shares, in log odds.
        """
        answer = self.answer([text])
        return self.explain_answer(text, answer.probabilities[0], float(answer.coverage[0]), label)

    def explain_answer(
        self,
        text: str,
        probabilities: NDArray[np.float64],
        coverage: float,
        label: Label | None = None,
    ) -> Explanation:
        """Explain an answer of `answer`, its probabilities ``(n_classes,)`` and its coverage.

        Parameters
        ----------
        text
            The text.
        probabilities, coverage
            Of the answer: ``(n_classes,)``, and a number.
        label
            The label to explain, by default the most probable one.

        Returns
        -------
        Explanation
            The pieces of the text with their shares, in log odds.

        Raises
        ------
        InputError
            The model does not have the label.
        """
        names = self.classes.tolist()
        label = names[int(probabilities.argmax())] if label is None else label
        if label not in names:
            raise InputError(
                f"label={label!r} is not a class; the classes are {', '.join(map(str, names))}"
            )
        k = names.index(label)
        origins, sentence = self.encoder.word_shares(text, self.head), 0.0
        if origins is None:
            shares, origins = self._shares_by_omission(text, k), {}
        else:
            if isinstance(self.encoder, PolarityEncoder) and coverage > 0:
                sentence = self.encoder.sentence_share(text, self.head)
            if label != self.head.order_[1]:
                origins = {name: 0.0 - own for name, own in origins.items()}
                sentence = 0.0 - sentence
            shares = np.sum([*origins.values()], axis=0)
        bias = float(_log_odds(probabilities[k]) - shares.sum() - sentence)
        pieces, gaps = cut(text, self.encoder.spans(text), shares.tolist())
        sums = {name: float(own.sum()) for name, own in origins.items()}
        return Explanation(label, float(probabilities[k]), pieces, gaps, bias, sentence, sums)

    def _shares_by_omission(self, text: str, k: int) -> NDArray[np.float64]:
        """Compute how much the log odds of a class decrease without each piece of a text."""
        pieces = self.encoder.pieces(text)
        without = [" ".join(pieces[:i] + pieces[i + 1 :]) for i in range(len(pieces))]
        probabilities = self.answer([" ".join(pieces), *without]).probabilities
        log_odds = _log_odds(probabilities[:, k])
        shares: NDArray[np.float64] = log_odds[0] - log_odds[1:]
        return shares

    def state(self, dtype: Precision) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return manifest and tensors for a model file.

        Raises
        ------
        SettingError
            The encoder or the head cannot be saved.
        """
        encoder: Any = self.encoder
        kind = type(encoder).__name__
        if kind not in ENCODERS:
            name = type(getattr(encoder, "transformer", encoder)).__name__
            raise SettingError(
                f"a model with a {name} cannot be saved; encoders that can be saved are "
                f"{', '.join(ENCODERS)}"
            )
        head = self.head if hasattr(self.head, "state") else LinearHead.of(self.head)
        manifest: dict[str, Any] = {
            "language": language_reference(self.vectors.tokenizer.language),
            "encoder_type": kind,
            "head_type": next(n for n, known in HEADS.items() if isinstance(head, known)),
            "labels": self.classes.tolist(),
        }
        if self.encoder_saw_labelled:
            manifest["encoder_saw_labelled"] = True
        tensors: dict[str, NDArray[Any]] = {"prior": self.prior}
        trained_on = self.summary.facts()
        if trained_on is not None:
            manifest["trained_on"] = trained_on
            tensors["digests"] = self.summary.digests.view(np.int64)
        states = {
            "vectors": self.vectors.state(dtype),
            "encoder": encoder.state(),
            "head": head.state(),
        }
        for name, (facts, inner) in states.items():
            manifest[name] = facts
            tensors |= {f"{name}/{key}": tensor for key, tensor in inner.items()}
        return manifest, tensors

    @classmethod
    def from_state(cls, facts: ModelFacts, tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Build from what `state` returned."""
        parts = by_part(tensors)
        vectors = WordVectors.from_state(facts.vectors, parts["vectors"])
        encoder = ENCODERS[facts.encoder_type].from_state(facts.encoder, parts["encoder"], vectors)
        head = HEADS[facts.head_type].from_state(facts.head, parts["head"])
        summary = TrainingSummary.from_facts(facts.trained_on, tensors.get("digests"), vectors)
        return cls(encoder, head, tensors["prior"], facts.encoder_saw_labelled, summary)


def _log_odds(p: Any) -> Any:  # noqa: ANN401  (a number or an array)
    """``log(p / (1 - p))``, finite for 0 and 1 too."""
    p = np.clip(p, 1e-9, 1 - 1e-9)
    return np.log(p / (1 - p))
