"""Stage one as an estimator: unlabelled texts in, word vectors out."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Literal

import numpy as np

from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.estimator import Estimator
from sentiment_transfer.pretraining.engine import Settings
from sentiment_transfer.pretraining.vectors import WordVectors
from sentiment_transfer.progress import Progress
from sentiment_transfer.text import Tokenizer
from sentiment_transfer.text.indexing import index_corpus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from sentiment_transfer.pretraining.engine import Engine, Step
    from sentiment_transfer.progress import Callback
    from sentiment_transfer.text import TokenIds, Vocabulary

__all__ = ["SkipGram", "auto_epochs", "auto_min_count"]


def auto_min_count(n_tokens: int) -> int:
    """Rarest words to keep: 5 occurrences in a large corpus, fewer where every word counts."""
    return 5 if n_tokens >= 1_000_000 else 3 if n_tokens >= 100_000 else 2


def auto_epochs(n_tokens: int) -> int:
    """Passes over the corpus: as many as make 200 million tokens, from 5 to 50."""
    return min(50, max(5, math.ceil(200_000_000 / max(1, n_tokens))))


class SkipGram(Estimator):
    """Skip-gram word embeddings with negative sampling (Mikolov et al. 2013, eq. 4).

    Parameters
    ----------
    vector_size
        Dimensions of a vector.
    window
        Farthest context word; each centre word draws its own window from 1 to this.
    negative
        Noise words for each pair of words.
    epochs, min_count
        Passes over the corpus, and the least occurrences of a word that is kept. ``"auto"`` is 5
        and 5 for large corpora, and more passes and rarer words for small ones
        (`auto_epochs`, `auto_min_count`).
    sample
        Frequent words above this share of the corpus are thinned out.
    alpha, min_alpha
        Learning rate at the start and the end; it falls linearly.
    workers
        Threads.
    seed
        The same texts, seed and number of threads give the same bytes.
    deterministic
        Switch off to let threads write over each other, for speed; results then differ by run.
    engine
        ``"numba"`` is this project's own, some ten times faster; ``"gensim"`` for comparison.
    tokenizer
        A `Tokenizer`, or the code of a language.

    Attributes
    ----------
    vectors_ : WordVectors
    corpus_ : TokenIds
        The texts it was fitted on, as ids of ``vectors_``.
    history_ : list of dict
        ``epoch``, ``loss`` (mean a pair) and ``alpha`` of each epoch.
    """

    _takes_texts = True

    def __init__(
        self,
        vector_size: int = 100,
        window: int = 5,
        *,
        negative: int = 5,
        epochs: int | Literal["auto"] = "auto",
        min_count: int | Literal["auto"] = "auto",
        sample: float = 1e-3,
        alpha: float = 0.025,
        min_alpha: float = 1e-4,
        workers: int = 1,
        seed: int = 0,
        deterministic: bool = True,
        engine: Literal["numba", "gensim"] = "numba",
        tokenizer: Tokenizer | str = "en",
    ) -> None:
        self.vector_size = vector_size
        self.window = window
        self.negative = negative
        self.epochs = epochs
        self.min_count = min_count
        self.sample = sample
        self.alpha = alpha
        self.min_alpha = min_alpha
        self.workers = workers
        self.seed = seed
        self.deterministic = deterministic
        self.engine = engine
        self.tokenizer = tokenizer

    def fit(
        self, texts: Iterable[str], y: object = None, *, callback: Callback | None = None
    ) -> Self:
        """Learn ``vectors_`` from unlabelled texts.

        Raises
        ------
        InputError
            The texts hold hardly a word often enough, or no text holds two such words.
        SettingError
            A parameter cannot work.
        """
        if isinstance(texts, str):
            raise InputError(
                f"texts is a single str ({texts[:40]!r}); pass a list of texts, "
                "or read a file with read_texts(path)"
            )
        least = self.min_count
        if least != "auto" and (not isinstance(least, int) or least < 1):
            raise SettingError(f"min_count={least!r} must be 'auto' or a whole number from 1")
        self._settings(0)  # refuse what cannot work before the texts are read
        engine = self._engine()
        tokenizer = (
            self.tokenizer if isinstance(self.tokenizer, Tokenizer) else Tokenizer(self.tokenizer)
        )
        min_count = auto_min_count if self.min_count == "auto" else self.min_count
        vocabulary, self.corpus_ = index_corpus(texts, tokenizer, min_count=min_count)
        if len(vocabulary) < 2:
            raise InputError(
                f"{len(self.corpus_):,} texts hold {len(vocabulary)} words that occur "
                f"min_count={self.min_count} times; give more texts or a smaller min_count"
            )
        settings = self._settings(len(self.corpus_.ids))
        if np.diff(self.corpus_.offsets).max() < 2:
            raise InputError("no text holds two known words; skip-gram has nothing to learn from")
        step = self._train(engine, vocabulary, settings, callback)
        facts = {
            "texts": len(self.corpus_),
            "tokens": len(self.corpus_.ids),
            "engine": self.engine,
            "loss": self.history_[-1]["loss"],
            **vars(settings),
        }
        self.vectors_ = WordVectors(vocabulary, step.matrix, tokenizer, facts)
        return self

    def _engine(self) -> Engine:
        if self.engine == "numba":
            from sentiment_transfer.pretraining.numba_engine import train_with_numba

            return train_with_numba
        if self.engine == "gensim":
            from sentiment_transfer.pretraining.gensim_engine import train_with_gensim

            return train_with_gensim
        raise SettingError(f"engine={self.engine!r} is not known; use 'numba' or 'gensim'")

    def _settings(self, n_tokens: int) -> Settings:
        epochs = auto_epochs(n_tokens) if self.epochs == "auto" else self.epochs
        settings = Settings(
            self.vector_size,
            self.window,
            self.negative,
            self.sample,
            self.alpha,
            self.min_alpha,
            epochs,
            self.workers,
            self.seed,
            self.deterministic,
        )
        for name in ("vector_size", "window", "negative", "epochs", "workers"):
            value = getattr(settings, name)
            if not isinstance(value, int) or value < 1:
                raise SettingError(f"{name}={value!r} must be a whole number of at least 1")
        if not isinstance(self.seed, int) or self.seed < 0:
            raise SettingError(f"seed={self.seed!r} must be a whole number of at least 0")
        if not 0 < self.min_alpha <= self.alpha < math.inf:
            raise SettingError(
                f"alpha={self.alpha} and min_alpha={self.min_alpha}: the learning rate must fall "
                "from alpha to a positive min_alpha"
            )
        if not 0 <= self.sample < math.inf:
            raise SettingError(f"sample={self.sample} must not be negative; 0 thins out nothing")
        return settings

    def _train(
        self, engine: Engine, vocabulary: Vocabulary, settings: Settings, callback: Callback | None
    ) -> Step:
        """Run the engine to its end; keep the history, report every step; return the last one."""
        self.history_: list[dict[str, float]] = []
        began = time.perf_counter()
        done, loss, pairs, step = 0, 0.0, 0.0, None
        for step in engine(self.corpus_, vocabulary.counts, settings):
            if len(self.history_) == step.epoch:
                self.history_.append({"epoch": step.epoch, "loss": 0.0, "alpha": 0.0})
                loss, pairs = 0.0, 0.0
            done, loss, pairs = done + step.tokens, loss + step.loss, pairs + step.pairs
            self.history_[-1] |= {"loss": loss / max(1.0, pairs), "alpha": step.alpha}
            if callback is not None:
                total = len(self.corpus_.ids) * settings.epochs
                seconds = time.perf_counter() - began
                callback(Progress("pretrain", done, total, "words", self.history_[-1], seconds))
        if step is None:
            raise SettingError(f"engine={self.engine!r} did no step; report it as an error")
        return step
