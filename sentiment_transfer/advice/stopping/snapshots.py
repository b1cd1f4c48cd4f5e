"""Snapshots of pretraining: word vectors after 1, 2, 4, 8 … epochs, judged on held-out texts.

Each snapshot is a run of its own, from random vectors to the least learning rate. The learning rate
falls over the planned epochs, so the vectors in the middle of one long run are not what a run of
that length ends with: they are still moving at a high rate, and look worse than they would be. As
the numbers of epochs double, all runs together cost less than twice the last one.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import SettingError
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.evidence import MIN_SEED_TEXTS
from sentiment_transfer.model.inputs import LittleTextWarning, unfitted_copy
from sentiment_transfer.polarity.masked import areas_under_curve, masked_scores

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.base.progress import OptionalCallback
    from sentiment_transfer.pretraining import SkipGram, WordVectors

__all__ = ["Snapshot", "iter_snapshots", "lead", "neighbours_kept"]

NEIGHBOURS, NEIGHBOUR_WORDS = 10, 1_000
"""Nearest words, and frequent words whose nearest ones are compared."""


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Word vectors after a number of epochs, and how they do on held-out texts.

    Attributes
    ----------
    epochs
        Of a run of its own.
    loss
        Mean loss per pair of the held-out texts; NaN if it is not known.
    seed_words
        Area under the ROC curve of predicting the hidden seed words of held-out texts; NaN if fewer
        than 20 of them have seed words of either polarity.
    neighbours
        Share of the 10 nearest words that the frequent words have in common with the snapshot
        before; NaN for the first.
    model
        The word vectors, and the polarity that was learnt with them.
    scores
        Of the held-out texts whose seed words were hidden, float64 ``(n,)``.
    positive
        Whether the seed words of each are positive, ``(n,)``.

    Examples
    --------
    >>> from sentiment_transfer import SkipGram
    >>> texts = [f"name{i} is a {p} film" for i in range(80) for p in ("great", "awful", "dull")]
    >>> found = pretrain_until(SkipGram(10, seed=0), texts, max_epochs=2, callback=None)
    >>> first = found.snapshots[0]
    >>> first.epochs, first.loss > 0, first.scores.shape
    (1, True, (48,))
    """

    epochs: int
    loss: float
    seed_words: float
    neighbours: float
    model: SentimentClassifier = field(repr=False)
    scores: NDArray[np.float64] = field(repr=False)
    positive: NDArray[np.bool_] = field(repr=False)


def iter_snapshots(
    skipgram: SkipGram,
    texts: Sequence[str],
    held_out: Sequence[str],
    epochs: Sequence[int],
    *,
    callback: OptionalCallback = None,
) -> Iterator[Snapshot]:
    """Yield a snapshot for each number of epochs, all with the settings of ``skipgram``.

    Parameters
    ----------
    skipgram
        Settings; its tokenizer is a language.
    texts
        Texts to learn from.
    held_out
        Texts that the snapshots are judged on.
    epochs
        Numbers of epochs, ascending.
    callback
        As of `SkipGram.fit`.
    """
    language = skipgram.tokenizer
    if not isinstance(language, str):
        raise SettingError(
            f"tokenizer={language!r} is not allowed; it must be a language, such as 'en', as "
            "models have tokenizers with the usual settings"
        )
    before: WordVectors | None = None
    for n in epochs:
        own = unfitted_copy(skipgram).set_params(epochs=n)
        model = SentimentClassifier(language, skipgram=own, seed=skipgram.seed)
        with warnings.catch_warnings():  # is said once, of all texts
            warnings.simplefilter("ignore", LittleTextWarning)
            model.pretrain(texts, held_out=held_out, callback=callback)
        vectors = model.vectors_
        loss = vectors.metadata["history"][-1].get("held_out_loss")
        kept = float("nan") if before is None else neighbours_kept(before, vectors)
        scores, positive = _seed_texts(model, held_out)
        yield Snapshot(n, _number(loss), _area(scores, positive), kept, model, scores, positive)
        before = vectors


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _seed_texts(
    model: SentimentClassifier, texts: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the scores of texts with hidden seed words, and which have positive ones."""
    if not model.knows_polarity:
        return np.zeros(0), np.zeros(0, np.bool_)
    scores, balance = masked_scores(model.encoder_, texts)
    used = balance != 0
    return scores[used], balance[used] > 0


def _area(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    if min(positive.sum(), (~positive).sum()) < MIN_SEED_TEXTS:
        return float("nan")
    return float(areas_under_curve(positive, scores[None]).areas[0])


def lead(one: Snapshot, other: Snapshot) -> tuple[float, float]:
    """Return how far the area of one snapshot is above that of another, and its standard error.

    Both are NaN if the areas are not known.
    """
    if np.isnan(one.seed_words) or np.isnan(other.seed_words):
        return float("nan"), float("nan")
    both = np.array([one.scores, other.scores])
    return areas_under_curve(one.positive, both).lead(0, 1)


def neighbours_kept(before: WordVectors, after: WordVectors) -> float:
    """Return the share of nearest words that two runs on the same texts have in common.

    Of the 1,000 most frequent words the 10 nearest among these are compared; of fewer words all.
    """
    rows = [
        np.argsort(-_cosines(vectors), axis=1, kind="stable")[:, :NEIGHBOURS]
        for vectors in (before, after)
    ]
    common = [len(np.intersect1d(a, b)) / len(a) for a, b in zip(*rows, strict=True)]
    return float(np.mean(common))


def _cosines(vectors: WordVectors) -> NDArray[np.float32]:
    """Return the cosines of the frequent words, ``(n, n)``, the least for each with itself."""
    frequent = vectors.unit_matrix[:NEIGHBOUR_WORDS]
    cosines: NDArray[np.float32] = frequent @ frequent.T
    np.fill_diagonal(cosines, -2)
    return cosines
