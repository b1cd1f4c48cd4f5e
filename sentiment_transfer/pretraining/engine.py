"""The interface between `SkipGram` and the engines that do the arithmetic.

An engine is a generator function: it trains on token ids and yields a `Step` after each portion of
the work. The estimator around it counts, reports and saves.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sentiment_transfer.base.estimator import in_range, is_integer_from
from sentiment_transfer.base.progress import Progress
from sentiment_transfer.errors import SettingError
from sentiment_transfer.pretraining.precision import MAX_VALUE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sentiment_transfer.text import TokenIds

__all__ = ["Engine", "History", "RoundDone", "Settings", "Start", "Step", "require_finite"]


@dataclass(frozen=True)
class Settings:
    """Settings that determine the result, under gensim's names; see `SkipGram`.

    Raises ``SettingError`` for a value that is not allowed.
    """

    vector_size: int
    window: int
    negative: int
    sample: float
    alpha: float
    min_alpha: float
    epochs: int
    workers: int
    seed: int

    def __post_init__(self) -> None:
        for name in ("vector_size", "window", "negative", "epochs", "workers", "seed"):
            value, least = getattr(self, name), int(name != "seed")
            if not is_integer_from(value, least):
                raise SettingError(
                    f"{name}={value!r} is not allowed; it must be an integer of at least {least}"
                )
        rates = in_range(self.alpha, math.inf) and in_range(self.min_alpha, math.inf)
        if not (rates and 0 < self.min_alpha <= self.alpha):
            raise SettingError(
                f"alpha={self.alpha!r} and min_alpha={self.min_alpha!r} are not allowed; the "
                "learning rate must fall from alpha to a positive min_alpha"
            )
        if not in_range(self.sample, math.inf):
            raise SettingError(
                f"sample={self.sample!r} is not allowed; it must be a number of at least 0 "
                "(0 keeps all words)"
            )


@dataclass(frozen=True, eq=False)
class Start:
    """Start of training from given vectors instead of word2vec's initial weights.

    ``input`` and ``output`` are float32, one row per word; without output vectors they are 0.
    ``position`` is the epoch and round to begin with.
    """

    input: NDArray[np.float32]
    output: NDArray[np.float32] | None = None
    position: tuple[int, int] = (0, 0)


@dataclass(frozen=True, eq=False)
class RoundDone:
    """What is known of a portion of the work without its result.

    Attributes
    ----------
    epoch, round, last
        The epoch of this step, its index in the epoch from 0, and whether the epoch ends with it.
    tokens, loss, pairs, alpha
        Tokens read, before subsampling; sum of the loss over the pairs trained on, and the number
        of pairs; learning rate at the end of the step.
    """

    epoch: int
    round: int
    last: bool
    tokens: int
    loss: float
    pairs: float
    alpha: float


@dataclass(frozen=True, eq=False)
class Step(RoundDone):
    """State of training after a portion of the work.

    Attributes
    ----------
    matrix, weights
        float32 ``(n_words, vector_size)``, the input vectors; and the input and output vectors from
        which a `Start` can resume, none if the engine cannot. The next step changes these arrays.
    """

    matrix: NDArray[np.float32]
    weights: tuple[NDArray[np.float32], ...] = ()

    def require_finite(self) -> None:
        """Raise ``SettingError`` if the vectors hold NaN or values above `MAX_VALUE`."""
        require_finite(self.matrix, self.epoch)


def require_finite(matrix: NDArray[np.float32], epoch: int) -> None:
    """Raise ``SettingError`` if vectors hold NaN or values above `MAX_VALUE`."""
    low, high = matrix.min(initial=0), matrix.max(initial=0)  # takes no memory
    if not (low >= -MAX_VALUE and high <= MAX_VALUE):
        raise SettingError(
            f"training diverged in epoch {epoch}, the vectors are not finite or too long; "
            "lower alpha or give shorter initial vectors"
        )


Engine = Callable[["TokenIds", "NDArray[np.int64]", Settings, "Start | None"], Iterator[Step]]


@dataclass
class History:
    """Sums over the steps of a run, without interruptions; all sums are float64.

    Attributes
    ----------
    total, words, seconds
        Words to read in all epochs, words read so far, and the time that took.
    epochs
        ``epoch``, ``loss`` (mean per pair, None without a pair), ``alpha``, ``words_per_second`` of
        each epoch so far.
    epoch_words, epoch_seconds, loss, pairs
        Sums of the latest epoch.
    """

    total: int
    epochs: list[dict[str, float | None]] = field(default_factory=list)
    words: int = 0
    seconds: float = 0.0
    epoch_words: int = 0
    epoch_seconds: float = 0.0
    loss: float = 0.0
    pairs: float = 0.0

    def __post_init__(self) -> None:
        self._clock = time.perf_counter()

    def add(self, step: RoundDone) -> None:
        """Add a step."""
        if len(self.epochs) == step.epoch:
            self.epochs.append({"epoch": step.epoch})
            self.epoch_words, self.epoch_seconds, self.loss, self.pairs = 0, 0.0, 0.0, 0.0
        before, self._clock = self._clock, time.perf_counter()
        self.seconds += self._clock - before
        self.epoch_seconds += self._clock - before
        self.words += step.tokens
        self.epoch_words += step.tokens
        self.loss += step.loss
        self.pairs += step.pairs
        self.epochs[-1] |= {
            "loss": self.loss / self.pairs if self.pairs else None,
            "alpha": step.alpha,
            "words_per_second": self.epoch_words / max(1e-9, self.epoch_seconds),
        }

    def progress(self) -> Progress:
        """Return the progress of the run, with the metrics of the latest epoch."""
        latest = self.epochs[-1] if self.epochs else {}
        metrics = {
            name: value
            for name, value in latest.items()
            if value is not None and name != "words_per_second"  # the report has a rate of its own
        }
        return Progress("pretrain", self.words, self.total, "words", metrics, self.seconds)
