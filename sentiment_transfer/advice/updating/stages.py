"""The stages of an updated model: vectors in the old space, and what is refitted over them."""

from __future__ import annotations

import copy
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.fitted import FittedStages
from sentiment_transfer.model.inputs import LittleTextWarning, unfitted_copy
from sentiment_transfer.polarity.carrying import blended, over_vectors
from sentiment_transfer.pretraining import SkipGram
from sentiment_transfer.pretraining.alignment import align, average

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentiment_transfer.base.progress import OptionalCallback
    from sentiment_transfer.classification.labels import Labels
    from sentiment_transfer.polarity import PolarityEncoder
    from sentiment_transfer.pretraining import WordVectors

__all__ = ["Strategy", "updated", "updated_vectors"]

Strategy: TypeAlias = Literal["continue", "retrain", "average"]


def updated_vectors(
    old: WordVectors,
    new_texts: Sequence[str],
    old_texts: Sequence[str],
    skipgram: SkipGram | None,
    strategy: Strategy,
    callback: OptionalCallback = None,
) -> WordVectors:
    """Return vectors that learnt from the texts, in the space of ``old`` if the sizes are equal."""
    settings = SkipGram(old.vector_size) if skipgram is None else unfitted_copy(skipgram)
    settings.set_params(tokenizer=old.tokenizer)
    settings.set_params(initial=None if strategy == "retrain" else old)
    new = settings.fit([*old_texts, *new_texts], callback=callback).vectors_
    if new.vector_size != old.vector_size:
        return new
    turned = align(new, old).vectors
    return average(old, turned) if strategy == "average" else turned


def updated(
    model: SentimentClassifier,
    vectors: WordVectors,
    texts: Sequence[str],
    labelled: tuple[Iterable[str], Labels] | None,
    share: float,
) -> SentimentClassifier:
    """Return a model over other vectors, with polarity and head learnt again.

    Parameters
    ----------
    model
        The old one.
    vectors
        Of the same space, or else of other dimensions.
    texts
        That polarity is learnt from.
    labelled
        Texts and labels for the head; with None the head of ``model`` stays.
    share
        Of the new polarity in the average with the old one.
    """
    carried = over_vectors(model.encoder_, vectors)
    blank = replace(model.stages_, encoder=_without_background(carried))
    other = SentimentClassifier.from_stages(blank)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", LittleTextWarning)
        other.adapt(texts, prevalence=carried.prevalence_)
    if not other.knows_polarity:  # labels teach it, over the texts that were adapted to
        return other if labelled is None else other.fit(*labelled)
    encoder, fitted = other.encoder_, other.stages_
    same_space = vectors.vector_size == model.vectors_.vector_size
    if share < 1 and same_space and carried.polarity_ is not None:
        encoder = copy.copy(encoder)
        encoder.polarity_ = blended(carried.polarity_, encoder.polarity_, share)
    head, prior, summary = fitted.head, fitted.prior, fitted.summary
    if labelled is None:
        head, prior, known = model.head_, model.prior_, model.training_summary_
        summary = replace(summary, label_counts=known.label_counts, digests=known.digests)
    other = SentimentClassifier.from_stages(FittedStages.of(encoder, head, prior, False, summary))
    return other if labelled is None else other.fit(*labelled)


def _without_background(encoder: PolarityEncoder) -> PolarityEncoder:
    """Return a copy without polarity, which is not the background of that of other vectors."""
    other = copy.copy(encoder)
    other.polarity_ = None
    return other
