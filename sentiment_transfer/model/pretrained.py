"""Stages one and two of a model: from unlabelled texts to features."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.corpus.sampling import Reservoir
from sentiment_transfer.encoding import TrainableEncoder
from sentiment_transfer.errors import NotFittedError, SettingError
from sentiment_transfer.model.answers import Answers
from sentiment_transfer.model.encoded import Encoded, Unlabelled
from sentiment_transfer.model.inputs import as_texts, fresh, several, warn_of_unknown
from sentiment_transfer.model.stages import (
    Basis,
    check_language,
    encoder_without_texts,
    is_informed,
    new_encoder,
)
from sentiment_transfer.polarity import PolarityEncoder
from sentiment_transfer.polarity.encoder import SAMPLE_TEXTS
from sentiment_transfer.pretraining import SkipGram, WordVectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from numpy.typing import NDArray

    from sentiment_transfer.base.progress import Callback
    from sentiment_transfer.polarity.encoder import Seeds

__all__ = ["Pretrained"]


class Pretrained(Answers):
    """Settles the vectors and the encoder; the parameters are those of `SentimentClassifier`."""

    language: str
    vectors: WordVectors | str | None
    encoder: Any
    head: Any
    skipgram: SkipGram | None
    seeds: Seeds
    prevalence: float | None
    ordered: Sequence[str] | None
    seed: int
    unlabelled_: Unlabelled
    _basis: Basis
    _encoder_saw_labelled = False

    @abstractmethod
    def fit_encoded(self, encoded: Encoded, labels: Sequence[str] | NDArray[np.str_]) -> Self:
        """Stage three alone, on what `encode` gave."""

    def pretrain(self, texts: Iterable[str], *, callback: Callback | None = None) -> Self:
        """Learn from unlabelled texts: word vectors unless they were given, then the encoder.

        Raises
        ------
        InputError
            No text, or hardly a word that occurs more than once.
        """
        from sentiment_transfer.model.loading import open_bank

        if self.vectors is None:
            skipgram: SkipGram = fresh(self.skipgram) if self.skipgram else SkipGram(seed=self.seed)
            skipgram.set_params(tokenizer=self.language)
            sampled = Reservoir(SAMPLE_TEXTS, self.seed)
            skipgram.fit(sampled.through(several(texts)), callback=callback)
            unlabelled = Unlabelled(skipgram.corpus_, sampled.texts)
            return self._with_vectors(skipgram.vectors_, unlabelled)
        vectors, before = self.vectors, None
        if isinstance(vectors, str):
            bank = open_bank(vectors, self.language)
            vectors, before = bank.vectors_, bank.encoder_
        unlabelled = self._unlabelled(vectors, texts)
        warn_of_unknown(unlabelled.known, vectors)
        return self._with_vectors(vectors, unlabelled, before)

    def _unlabelled(self, vectors: WordVectors, texts: Iterable[str]) -> Unlabelled:
        sampled = Reservoir(SAMPLE_TEXTS, self.seed)
        return Unlabelled(vectors.encode(sampled.through(several(texts))), sampled.texts)

    def adapt(self, texts: Iterable[str], *, prevalence: float | None = None) -> Self:
        """Turn a pretrained model to the kind of texts it is to judge; labels are forgotten.

        The word vectors stay. What a neutral text looks like is learnt anew from these unlabelled
        texts, and polarity is refined by them: a few hundred will do. Worth
        several points where the texts differ from those of pretraining in length or subject. Where
        nearly all of them are of one polarity, give the share of positive ones as ``prevalence``:
        otherwise two groups are looked for, and found.
        """
        self._require_pretrained()
        unlabelled = self._unlabelled(self.vectors_, texts)
        warn_of_unknown(unlabelled.known, self.vectors_)
        return self._with_vectors(self.vectors_, unlabelled, self.encoder_, prevalence)

    def _with_vectors(
        self,
        vectors: WordVectors,
        unlabelled: Unlabelled,
        before: Any = None,  # noqa: ANN401  (any encoder)
        prevalence: float | None = None,
    ) -> Self:
        """Settle stages one and two; where polarity is known, stage three needs no label.

        What the encoder ``before`` knew of other texts is the background of what is learnt.
        """
        check_language(self, vectors)
        encoder = self._fitted_encoder(vectors, unlabelled, before, prevalence)
        for learnt in ("head_", "classes_", "prior_"):  # they belong to the stages before
            self.__dict__.pop(learnt, None)
        self.vectors_, self.unlabelled_, self.encoder_ = vectors, unlabelled, encoder
        self._basis, self._encoder_saw_labelled = Basis.of(self), False
        if is_informed(self) and encoder.polarity_ is not None:
            self.fit_encoded(self.encode([]), [])
        return self

    def _fitted_encoder(
        self,
        vectors: WordVectors,
        unlabelled: Unlabelled,
        before: Any,  # noqa: ANN401  (any encoder)
        prevalence: float | None,
    ) -> Any:  # noqa: ANN401
        """Stage two on unlabelled texts; the model stays as it is."""
        encoder = new_encoder(self, vectors)
        if isinstance(encoder, PolarityEncoder):
            same_seeds = isinstance(before, PolarityEncoder) and before.seeds == encoder.seeds
            return encoder.fit(
                unlabelled.ids,
                background=before.polarity_ if same_seeds else None,
                sample=unlabelled.sample,
                prevalence=prevalence,
            )
        if prevalence is not None:
            raise SettingError(
                f"prevalence={prevalence} tells the default encoder where to cut polarity; this "
                f"model has a {type(encoder).__name__}: leave it out"
            )
        return encoder.fit(unlabelled.ids)

    def with_random_vectors(self) -> Self:
        """Return the same model, pretrained on the same texts, but with random vectors."""
        self._require_pretrained()
        vectors = self.vectors_.randomised(self.seed)
        return self._on_same_texts(vectors, encoder=self.encoder, head=self.head)

    def with_head(self, head: Any, encoder: Any = None) -> Self:  # noqa: ANN401
        """Return a model with the same vectors and unlabelled texts, but another head.

        Without an ``encoder``, it is the one that goes with the head.
        """
        self._require_pretrained()
        return self._on_same_texts(self.vectors_, encoder=encoder, head=head)

    def _on_same_texts(self, vectors: WordVectors, **stages: Any) -> Self:  # noqa: ANN401
        other: Self = fresh(self).set_params(vectors=vectors, **stages)
        if hasattr(self, "unlabelled_"):
            return other._with_vectors(vectors, self.unlabelled_)
        return other._stand_on(vectors, encoder_without_texts(other, vectors, self.encoder_))

    def _stand_on(self, vectors: WordVectors, encoder: Any) -> Self:  # noqa: ANN401
        """Take the first two stages as they are."""
        self.vectors_, self.encoder_ = vectors, encoder
        self._basis = Basis.of(self)
        return self

    def encode(self, texts: Iterable[str]) -> Encoded:
        """Stages one and two: texts to features."""
        self._require_pretrained()
        texts = as_texts(texts)
        ids = self.vectors_.encode(texts)
        joint = isinstance(self.encoder_, TrainableEncoder)
        features = self.encoder_.sequences(ids) if joint else self.encoder_.transform(texts)
        return Encoded(features, np.diff(ids.offsets) > 0)

    def _start_from(self, texts: list[str]) -> None:
        """Settle stages one and two without `pretrain`, on the labelled texts."""
        if isinstance(self.vectors, str):
            self._start_from_bank(self.vectors, texts)
        elif isinstance(self.vectors, WordVectors):
            self._with_vectors(self.vectors, self._unlabelled(self.vectors, texts))
        else:
            raise NotFittedError(
                "there are no word vectors yet; call pretrain(unlabelled_texts) before fit, "
                "or pass vectors="
            )

    def _start_from_bank(self, name: str, texts: list[str]) -> None:
        """Take vectors, and where the stages are the default ones the encoder, from the bank."""
        from sentiment_transfer.model.loading import open_bank

        bank = open_bank(name, self.language)
        if not is_informed(self):
            self._with_vectors(bank.vectors_, self._unlabelled(bank.vectors_, texts))
            return
        if self.seeds != "language" or self.prevalence is not None:
            raise SettingError(
                f"vectors={name!r} comes with its own polarity; to set seeds or prevalence, "
                "call pretrain(unlabelled_texts) before fit"
            )
        self._stand_on(bank.vectors_, bank.encoder_)

    def _follow_parameters(self) -> None:
        """Exchange the encoder where another head asks for another; refuse what needs pretraining.

        A changed ``ordered``, or a head for the same encoder, is followed by `fit_encoded`.
        """
        self._basis.require_same(self)
        if self._basis.informed == is_informed(self):
            return
        if hasattr(self, "unlabelled_"):
            self._with_vectors(self.vectors_, self.unlabelled_)
        else:
            encoder = encoder_without_texts(self, self.vectors_, self.encoder_)
            self._stand_on(self.vectors_, encoder)
