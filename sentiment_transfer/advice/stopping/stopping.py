"""When to stop pretraining: the number of epochs is chosen on held-out texts.

The held-out loss of skip-gram is least long before the vectors are best for polarity. Twice as many
epochs are still too few, and more than four times as many gain nothing. So pretraining goes on for
two doublings after the loss has stopped falling (``patience``), and the last snapshot is kept.
Hidden seed words and neighbours are reported; stopping by them was worse.
``scripts/advice/stopping.py`` measures how far each rule is behind hindsight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sentiment_transfer.advice.stopping.snapshots import Snapshot, iter_snapshots
from sentiment_transfer.advice.verdict import Verdict
from sentiment_transfer.base.estimator import is_integer_from
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.inputs import as_texts, unfitted_copy

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sentiment_transfer.base.progress import OptionalCallback
    from sentiment_transfer.pretraining import SkipGram, WordVectors

__all__ = ["StoppedPretraining", "has_settled", "pretrain_until"]

PATIENCE = 2
"""Doublings of the epochs after the least held-out loss."""
FALLEN = 0.01
"""Share by which the loss must be below that of vectors that have learnt nothing to count."""
HELD_OUT, MOST_HELD_OUT = 5, 1_000
"""Every fifth text is held out, at most 1,000."""


@dataclass(frozen=True, eq=False)
class StoppedPretraining:
    """Word vectors after the number of epochs that was chosen on held-out texts.

    Attributes
    ----------
    model
        The word vectors, and the polarity that was learnt with them.
    snapshots
        What was measured after each number of epochs.
    epochs
        The number that was chosen.
    settled
        Whether the held-out loss had stopped falling; otherwise the most epochs were reached.

    Examples
    --------
    >>> from sentiment_transfer import SkipGram
    >>> texts = [f"name{i} is a {p} film" for i in range(80) for p in ("great", "awful", "dull")]
    >>> found = pretrain_until(SkipGram(10, seed=0), texts, max_epochs=2, callback=None)
    >>> found.epochs, found.settled
    (2, False)
    """

    model: SentimentClassifier = field(repr=False)
    snapshots: tuple[Snapshot, ...]
    epochs: int
    settled: bool

    @property
    def vectors(self) -> WordVectors:
        """The word vectors."""
        return self.model.vectors_

    @property
    def verdict(self) -> Verdict:
        """How many epochs are enough, and on what evidence."""
        least = min(self.snapshots, key=lambda one: one.loss)
        chosen = self.snapshots[-1]
        evidence = (
            f"the held-out loss is least after {least.epochs} epochs, {least.loss:.3f}; the "
            "vectors are best for polarity some doublings later"
        )
        if not math.isnan(chosen.seed_words):
            evidence += f"; hidden seed words are predicted {100 * chosen.seed_words:.1f} %"
        else:
            evidence += "; too few held-out texts have seed words for a score without labels"
        if not self.settled:
            return Verdict(
                f"can't tell yet whether more than {self.epochs} epochs would help",
                evidence,
                f"allow more epochs than {self.snapshots[-1].epochs}, or give more texts, of which "
                "fewer epochs are needed",
            )
        return Verdict(
            f"{self.epochs} epochs are enough",
            evidence,
            f"use these vectors; the same without a search are SkipGram(epochs={self.epochs})",
        )

    def __str__(self) -> str:
        return str(self.verdict)

    def plot(self, path: str | Path) -> None:
        """Draw loss, predicted seed words and kept neighbours by epochs, as PNG, SVG or PDF.

        Parameters
        ----------
        path
            Of the file, with the suffix ``.png``, ``.svg`` or ``.pdf``.

        Raises
        ------
        MissingExtraError
            matplotlib is not installed.
        """
        from sentiment_transfer.advice.stopping.plot import plot_snapshots

        plot_snapshots(self.snapshots, self.epochs, path)


def pretrain_until(
    skipgram: SkipGram,
    texts: Iterable[str],
    *,
    held_out: Iterable[str] | None = None,
    patience: int = PATIENCE,
    max_epochs: int = 64,
    callback: OptionalCallback = "auto",
) -> StoppedPretraining:
    """Pretrain for 1, 2, 4, 8 … epochs, until more of them are not worth it.

    Each number is a run of its own, whose learning rate falls to its end (see `snapshots`). All
    together read the texts less than twice as often as the last one, and that again if no texts are
    given to hold out.

    Parameters
    ----------
    skipgram
        All settings but ``epochs``.
    texts
        Unlabelled texts.
    held_out
        Texts that snapshots are judged on; the last snapshot is kept. By default every fifth text
        is held out, at most 1,000, and the vectors are learnt again from all texts.
    patience
        Doublings of the epochs after the least held-out loss.
    max_epochs
        Most epochs, rounded down to a power of 2.
    callback
        As of `SkipGram.fit`.

    Returns
    -------
    StoppedPretraining
        The word vectors, and what was measured on the way.

    Raises
    ------
    InputError
        There are too few texts.
    SettingError
        A setting is not allowed.

    Examples
    --------
    >>> from sentiment_transfer import SkipGram
    >>> texts = [f"name{i} is a {p} film" for i in range(80) for p in ("great", "awful", "dull")]
    >>> found = pretrain_until(SkipGram(10, seed=0), texts, max_epochs=4, callback=None)
    >>> [each.epochs for each in found.snapshots], found.vectors.vector_size
    ([1, 2, 4], 10)
    """
    for name, value in (("patience", patience), ("max_epochs", max_epochs)):
        if not is_integer_from(value, 1):
            raise SettingError(
                f"{name}={value!r} is not allowed; it must be an integer of at least 1"
            )
    listed = as_texts(texts)
    judged = _every_fifth(listed) if held_out is None else as_texts(held_out)
    rest = listed
    if held_out is None:
        apart = set(judged)
        rest = [text for text in listed if text not in apart]
    if not (judged and rest):
        raise InputError(
            f"{len(set(listed))} different texts are too few to hold some out; give more, or "
            "call SkipGram(...).fit"
        )
    numbers = [2**i for i in range(max_epochs.bit_length())]
    seen: list[Snapshot] = []
    for snapshot in iter_snapshots(skipgram, rest, judged, numbers, callback=callback):
        seen.append(snapshot)
        if has_settled([one.loss for one in seen], patience, skipgram.negative):
            break
    last = seen[-1]
    model = last.model
    if held_out is None:
        model = _learnt_from(listed, skipgram, model, last.epochs, callback)
    settled = has_settled([one.loss for one in seen], patience, skipgram.negative)
    return StoppedPretraining(model, tuple(seen), last.epochs, settled)


def has_settled(losses: Sequence[float], patience: int, negative: int = 5) -> bool:
    """Return whether the least loss is ``patience`` places before the end.

    It must be 1 % below ``(1 + negative) log 2``, the loss of vectors that have learnt nothing,
    whose dot products are 0.
    """
    least = min(range(len(losses)), key=lambda i: losses[i])
    fallen = losses[least] < (1 - FALLEN) * (1 + negative) * math.log(2)
    return fallen and len(losses) - 1 - least >= patience


def _every_fifth(texts: Sequence[str]) -> list[str]:
    step = max(HELD_OUT, -(-len(texts) // MOST_HELD_OUT))
    return list(texts[::step])


def _learnt_from(
    texts: list[str],
    skipgram: SkipGram,
    like: SentimentClassifier,
    epochs: int,
    callback: OptionalCallback,
) -> SentimentClassifier:
    """Return a model that is pretrained on all texts for this number of epochs."""
    own = unfitted_copy(skipgram).set_params(epochs=epochs)
    model = SentimentClassifier(like.language, skipgram=own, seed=skipgram.seed)
    return model.pretrain(texts, callback=callback)
