"""Stage one as an estimator: unlabelled texts in, word vectors out."""

from __future__ import annotations

import math
import warnings
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from sentiment_transfer.base.estimator import Estimator, is_integer_from, to_json
from sentiment_transfer.base.extras import require_torch
from sentiment_transfer.base.progress_bars import shown_progress
from sentiment_transfer.corpus.sampling import Reservoir
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.pretraining.checkpoints import Checkpoint, describe_run
from sentiment_transfer.pretraining.corpus_file import Indexed, drop_pages, index_texts
from sentiment_transfer.pretraining.coverage import COVERED_TEXTS, expected_coverage
from sentiment_transfer.pretraining.engine import History, Settings, Start
from sentiment_transfer.pretraining.shared_texts import SharedTexts
from sentiment_transfer.pretraining.vectors import WordVectors
from sentiment_transfer.text import Tokenizer
from sentiment_transfer.text.inputs import as_iterable_of_texts
from sentiment_transfer.text.reading import encode_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from sentiment_transfer.base.progress import Callback, OptionalCallback
    from sentiment_transfer.pretraining.engine import Engine, Step
    from sentiment_transfer.pretraining.shared_rounds import SharedStep
    from sentiment_transfer.pretraining.shared_texts import SharedIndex
    from sentiment_transfer.text import TokenIds, Vocabulary

    Watcher = Callable[[Any, History], None]  # of a step

__all__ = ["SkipGram", "auto_epochs", "auto_min_count"]

TOKENS_A_WORKER = 50_000
"""Fewest tokens per thread: with shards under 10,000 (an epoch has five) threads learn less."""

MANY_TOKENS, TOKENS_A_COUNT = 10_000_000, 1_250_000
"""Beyond this number of tokens, a word needs one more occurrence for each of these."""

WIDE = 100
"""A window above this is cut to the longest text; its table grows with the square."""


def auto_min_count(n_tokens: int) -> int:
    """Return the ``min_count`` for a corpus: 5 for a large one, 3 or 2 for a small one.

    From 10 million tokens on it grows with the corpus, so that the number of words does not, nor
    the memory for their weights: of reviews, some 40,000 words, which are 97.7 % of the tokens.
    """
    least = 5 if n_tokens >= 1_000_000 else 3 if n_tokens >= 100_000 else 2
    return least + max(0, n_tokens - MANY_TOKENS) // TOKENS_A_COUNT


def auto_epochs(n_tokens: int) -> int:
    """Return the number of epochs for a corpus: 200 million tokens in total, from 5 to 100."""
    return min(100, max(5, math.ceil(200_000_000 / max(1, n_tokens))))


class SkipGram(Estimator):
    """Skip-gram word embeddings with negative sampling (Mikolov et al. 2013, eq. 4).

    Parameters
    ----------
    vector_size
        Number of dimensions of a vector.
    window
        Largest distance of a context word; each centre word draws its window from 1 to this. A
        window above 100 is cut to the length of the longest text; then it may be at most 2,000.
    negative
        Number of noise words per pair of words.
    epochs, min_count
        Passes over the corpus, and the fewest occurrences of a word that is kept. ``"auto"`` is 5
        and 5 for large corpora; small ones get more passes and keep rarer words (`auto_epochs`,
        `auto_min_count`).
    sample
        Words with more than this share of the corpus are subsampled; 0 keeps all.
    alpha, min_alpha
        Learning rate at the start and at the end; it decreases linearly.
    workers
        Number of threads; a small corpus gets at most one per 50,000 tokens. The result depends on
        this number, not on the processors of the machine. With two or more, each thread has its own
        copy of the weights.
    seed
        The same texts, seed and number of threads give the same bytes.
    engine
        ``"numba"`` is this project's own; ``"gensim"`` is some ten times slower, for comparison;
        ``"torch"`` trains on a GPU, if torch finds one, with one worker.
    tokenizer
        A `Tokenizer`, or the code of a language, or the path of a language file.
    initial
        Word vectors to start from, of the same ``vector_size``. New words start at random. The
        result has the words of both, with counts added; words that occur in the texts fewer than
        ``min_count`` times keep their vectors.

    Attributes
    ----------
    vectors_ : WordVectors
    corpus_ : TokenIds
        The texts it was fitted on, as ids of ``vectors_``. The ids of a large corpus are kept in a
        temporary file.
    history_ : list of dict
        ``epoch``, ``loss`` (mean a pair, None if no pair was trained on), ``alpha`` and
        ``words_per_second`` of each epoch, and ``held_out_loss`` if ``held_out`` was given.

    Examples
    --------
    >>> texts = ["a great film, a fine film"] * 9 + ["a dull plot, a weak plot"] * 9
    >>> vectors = SkipGram(vector_size=10, seed=0).fit(texts).vectors_
    >>> vectors.matrix.shape, "dull" in vectors
    ((6, 10), True)
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
        engine: Literal["numba", "torch", "gensim"] = "numba",
        tokenizer: Tokenizer | str = "en",
        initial: WordVectors | None = None,
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
        self.engine = engine
        self.tokenizer = tokenizer
        self.initial = initial

    def fit(
        self,
        texts: Iterable[str],
        y: object = None,
        *,
        held_out: Iterable[str] | None = None,
        checkpoint: str | Path | None = None,
        callback: OptionalCallback = "auto",
    ) -> Self:
        """Learn ``vectors_`` from unlabelled texts.

        Parameters
        ----------
        texts
            Any iterable; iterated once. The vocabulary stays in memory. Workers read and train on
            `SharedTexts`.
        y
            Not used; it is there for pipelines of scikit-learn.
        held_out
            Texts on which the loss is measured after each epoch; they are not trained on.
        checkpoint
            A folder to save the state in, as often as takes 3 % of the time; the ids of a large
            corpus are kept there as well. If it holds the state of an interrupted run with the same
            settings and texts, fit resumes it and ends with the bytes of an uninterrupted run. The
            folder is kept at the end, so that fit can be repeated at once; delete it when the
            vectors are saved.
        callback
            Called before the first round of training and after every round. The first round on a
            machine waits some seconds for the compiler. ``"auto"`` shows bars on a terminal or in a
            notebook, None shows nothing.

        Raises
        ------
        InputError
            Fewer than two words occur ``min_count`` times, or no text holds two such words.
        ModelFileError
            The checkpoint is damaged.
        SettingError
            A parameter is not allowed, ``checkpoint`` belongs to another run or cannot be written,
            or training diverged.

        Examples
        --------
        >>> texts = ["a great film, a fine film"] * 9 + ["a dull plot, a weak plot"] * 9
        >>> SkipGram(vector_size=10, seed=0).fit(texts).vectors_.words[0]
        'film'
        """
        with shown_progress(callback) as report:
            if isinstance(texts, SharedTexts):
                self.require_room(texts, None)
                return self._fit_shared(texts, held_out, checkpoint, report)
            return self._fit(as_iterable_of_texts(texts), held_out, checkpoint, report)

    def _fit(
        self,
        texts: Iterable[str],
        held_out: Iterable[str] | None,
        checkpoint: str | Path | None,
        callback: Callback | None,
    ) -> Self:
        settings = self.checked_settings()
        self.require_room(texts, checkpoint)
        engine = self._engine(checkpoint=checkpoint, held_out=held_out, initial=self.initial)
        tokenizer = self.used_tokenizer()
        saved = None if checkpoint is None else Checkpoint(checkpoint)
        sampled = Reservoir(COVERED_TEXTS, settings.seed)
        folder = None if saved is None else saved.folder
        indexed = self._index(sampled.through(texts), tokenizer, folder)
        self.corpus_ = corpus = indexed.corpus
        settings = self.settings_for(settings, len(corpus.ids), corpus.longest)
        _require_memory(indexed, settings)
        history = History(len(corpus.ids) * settings.epochs)
        start = self._start(indexed.vocabulary, settings)
        watchers: list[Watcher] = [lambda *_: drop_pages(corpus.ids)]
        if held_out is not None:
            other = encode_texts(held_out, tokenizer, indexed.vocabulary)
            watchers.append(self._held_out(other, indexed.counts, settings))
        if saved is not None:
            run = describe_run(settings, indexed, self.initial, self.engine)
            start, history = saved.open(run, len(indexed.vocabulary)) or (start, history)
            watchers.append(saved.save_if_due)
        if callback is not None:
            callback(history.progress())
            watchers.append(lambda _, history: callback(history.progress()))
        steps = engine(corpus, indexed.counts, settings, start)
        del start  # the engine has weights of its own
        matrix = self._train(steps, history, watchers)
        sizes = len(corpus), len(corpus.ids)
        return self._set(matrix, indexed.vocabulary, tokenizer, settings, sampled.texts, sizes)

    def _fit_shared(
        self,
        texts: SharedTexts,
        held_out: Iterable[str] | None,
        checkpoint: str | Path | None,
        callback: Callback | None,
    ) -> Self:
        """Do what ``_fit`` does with the workers of the texts."""
        from sentiment_transfer.pretraining.shared_rounds import shared_run, train_shared
        from sentiment_transfer.pretraining.shared_states import States

        settings, tokenizer = self.checked_settings(), self.used_tokenizer()
        if checkpoint is not None:
            raise SettingError("SharedTexts keep the state themselves; leave out checkpoint")
        vocabulary, counts, corpus = self.index_shared(texts, callback)
        longest = corpus.longest(texts.store)
        self._require_words(corpus.n_texts, counts, longest, vocabulary)
        settings = self.settings_for(settings, corpus.n_ids, longest)
        [sample] = texts.sample(corpus, (COVERED_TEXTS, settings.seed))
        run = shared_run(texts.store, settings, counts, corpus, self._start(vocabulary, settings))
        states = States(run)
        start = states.open()
        history = start.history or History(corpus.n_ids * settings.epochs)
        watchers: list[Watcher] = [states.save]
        if held_out is not None:
            other = encode_texts(held_out, tokenizer, vocabulary)
            watchers.insert(0, self._held_out(other, counts, settings))
        if callback is not None:
            callback(history.progress())
            watchers.append(lambda _, history: callback(history.progress()))
        matrix = self._train(train_shared(run, texts.executor, start), history, watchers)
        self.corpus_ = corpus.sample(texts.store, settings.seed)
        sizes = corpus.n_texts, corpus.n_ids
        return self._set(matrix, vocabulary, tokenizer, settings, sample, sizes)

    def index_shared(self, texts: SharedTexts, callback: Callback | None = None) -> SharedIndex:
        """Count the words of texts and encode them, as ``fit`` does, which then finds the result.

        Parameters
        ----------
        texts
            Texts in files that workers read.
        callback
            Called with the progress; None for nothing.

        Returns
        -------
        SharedIndex
            The vocabulary, and where the ids are.

        Raises
        ------
        SettingError
            A parameter is not allowed.
        """
        self.checked_settings()
        if self.engine != "numba":
            raise SettingError(
                f"engine={self.engine!r} does not work on a cluster; leave it out, or use 'numba'"
            )
        known = None if self.initial is None else self.initial.vocabulary
        min_count = auto_min_count if self.min_count == "auto" else self.min_count
        return texts.index(self.used_tokenizer(), min_count, known, callback)

    def _set(
        self,
        matrix: NDArray[np.float32],
        vocabulary: Vocabulary,
        tokenizer: Tokenizer,
        settings: Settings,
        sample: list[str],
        sizes: tuple[int, int],
    ) -> Self:
        """Set what was learnt from texts and tokens of these ``sizes``, ``sample`` among them."""
        if all(epoch["loss"] is None for epoch in self.history_):
            warnings.warn(
                f"nothing was learnt: with sample={self.sample} no pair of words was left to train "
                "on, so the vectors are random; give more texts, more epochs or sample=0",
                stacklevel=4,
            )
        coverage = expected_coverage(sample, tokenizer, vocabulary)
        metadata = {**self._metadata(*sizes, settings), "coverage": coverage}
        self.vectors_ = WordVectors(vocabulary, matrix, tokenizer, metadata)
        return self

    def require_room(self, texts: object, checkpoint: str | Path | None) -> None:
        """Check that there is room for texts in files.

        Costs a look at the sizes of the files; where these leave doubts, a second.

        Parameters
        ----------
        texts
            What `fit` is to be given; texts in memory always have room.
        checkpoint
            As of `fit`.

        Raises
        ------
        SettingError
            They need more disk or memory than there is.
        """
        from sentiment_transfer.pretraining.capacity_checks import require_room

        require_room(texts, self, None if checkpoint is None else Path(checkpoint))

    def min_count_of(self, n_tokens: int) -> int:
        """Return the fewest occurrences of a word in a corpus of ``n_tokens``.

        Parameters
        ----------
        n_tokens
            Size of the corpus.

        Returns
        -------
        int
            ``min_count``, or what ``"auto"`` is for a corpus of this size.

        Examples
        --------
        >>> SkipGram(min_count=3).min_count_of(10_000)
        3
        """
        return auto_min_count(n_tokens) if self.min_count == "auto" else self.min_count

    def used_tokenizer(self) -> Tokenizer:
        """Return the tokenizer, built if the parameter is a language.

        Returns
        -------
        Tokenizer
            The parameter itself, if it is one.

        Examples
        --------
        >>> SkipGram(tokenizer="en").used_tokenizer()("a fine film")
        ['fine', 'film']
        """
        given = self.tokenizer
        tokenizer = given if isinstance(given, Tokenizer) else Tokenizer(given)
        return tokenizer.with_own_language()

    def settings_for(self, settings: Settings, n_tokens: int, longest: int) -> Settings:
        """Return the settings for a corpus of ``n_tokens``, of which one text has ``longest``.

        Parameters
        ----------
        settings
            What `checked_settings` returned.
        n_tokens, longest
            Size of the corpus and of its longest text.

        Returns
        -------
        Settings
            With the epochs, workers and window for this corpus.
        """
        epochs = auto_epochs(n_tokens) if self.epochs == "auto" else settings.epochs
        workers = min(settings.workers, max(1, n_tokens // TOKENS_A_WORKER))
        window = min(settings.window, max(WIDE, longest))
        return replace(settings, epochs=epochs, workers=workers, window=window)

    def checked_settings(self) -> Settings:
        """Check the parameters before the texts are read; ``"auto"`` epochs are 1 here.

        Returns
        -------
        Settings
            The parameters as numbers.

        Raises
        ------
        SettingError
            A parameter is not allowed.
        """
        least = self.min_count
        if least != "auto" and not is_integer_from(least, 1):
            raise SettingError(
                f"min_count={least!r} is not allowed; it must be 'auto' or an integer of at least 1"
            )
        if not isinstance(self.initial, WordVectors | None):
            raise SettingError(
                f"initial={self.initial!r} is not allowed; it must be WordVectors or None"
            )
        if self.initial is not None and self.initial.vector_size != self.vector_size:
            raise SettingError(
                f"vector_size={self.vector_size!r}, but the initial vectors have "
                f"{self.initial.vector_size} dimensions; the two must be the same"
            )
        given = {field.name: getattr(self, field.name) for field in fields(Settings)}
        if self.epochs == "auto":
            given["epochs"] = 1
        return Settings(**to_json(given))

    def _engine(self, **extras: object) -> Engine:
        if self.engine == "numba":
            from sentiment_transfer.pretraining.rounds import train_with_numba

            return train_with_numba
        if self.engine == "torch":
            return _torch_engine(self.workers)
        if self.engine != "gensim":
            raise SettingError(
                f"engine={self.engine!r} is not allowed; it must be 'numba', 'torch' or 'gensim'"
            )
        for name in (name for name, value in extras.items() if value is not None):
            raise SettingError(
                f"engine='gensim' does not support {name}; leave it out, or use 'numba'"
            )
        from sentiment_transfer.pretraining.gensim_engine import train_with_gensim

        return train_with_gensim

    def _index(self, texts: Iterable[str], tokenizer: Tokenizer, folder: Path | None) -> Indexed:
        known = None if self.initial is None else self.initial.vocabulary
        min_count = auto_min_count if self.min_count == "auto" else self.min_count
        indexed = index_texts(texts, tokenizer, min_count=min_count, known=known, folder=folder)
        vocabulary, counts, corpus = indexed
        self._require_words(len(corpus), counts, corpus.longest, vocabulary)
        return indexed

    def _require_words(
        self, n_texts: int, counts: NDArray[np.int64], longest: int, vocabulary: Vocabulary
    ) -> None:
        """Raise ``InputError`` for texts that nothing can be learnt from."""
        if not n_texts:
            raise InputError("there are no texts; give unlabelled texts to learn from")
        n_words = int(np.count_nonzero(counts))
        if n_words < 2:
            raise InputError(
                f"{n_texts:,} texts hold {n_words} words that occur often "
                f"enough, by min_count={self.min_count!r}; give more texts or a smaller min_count"
            )
        if longest < 2:
            raise InputError("no text holds two known words; skip-gram has nothing to learn from")
        if self.initial is not None and len(vocabulary) == len(self.initial) + n_words:
            raise InputError(
                f"none of the {n_words:,} words of the texts has an initial vector; give vectors "
                "of the same language, or none"
            )

    def _start(self, vocabulary: Vocabulary, settings: Settings) -> Start | None:
        """Return initial vectors for the words that have one, word2vec's for the others."""
        if self.initial is None:
            return None
        from sentiment_transfer.pretraining.shards import Weights

        weights = Weights.initial(len(vocabulary), settings.vector_size, settings.seed)
        rows = [vocabulary.index[word] for word in self.initial.words]
        weights.input[rows, : settings.vector_size] = self.initial.matrix
        return Start(weights.input)

    def _held_out(self, corpus: TokenIds, counts: NDArray[np.int64], settings: Settings) -> Watcher:
        from sentiment_transfer.pretraining.rounds import loss_on

        if corpus.longest < 2:
            raise InputError("no text of held_out holds two words that the training texts hold")
        loss = loss_on(corpus, counts, settings)

        def watch(step: Step, history: History) -> None:
            if step.last:
                history.epochs[-1]["held_out_loss"] = loss(step)

        return watch

    def _train(
        self, steps: Iterator[Step | SharedStep], history: History, watchers: list[Watcher]
    ) -> NDArray[np.float32]:
        """Run the engine to its end, calling the watchers after every step; return the vectors."""
        self.history_ = history.epochs
        step = None
        for step in steps:
            history.add(step)
            for watch in watchers:
                watch(step, history)
        if step is None:
            raise SettingError(f"engine={self.engine!r} did no step; please report this as a bug")
        step.require_finite()
        return step.matrix

    def _metadata(self, n_texts: int, n_tokens: int, settings: Settings) -> dict[str, Any]:
        plain: dict[str, Any] = to_json(
            {
                "texts": n_texts,
                "tokens": n_tokens,
                "engine": self.engine,
                "loss": self.history_[-1]["loss"],
                "history": [_of_file(epoch, n_tokens) for epoch in self.history_],
                **asdict(settings),
                **({} if self.initial is None else {"initial": self.initial.metadata}),
            }
        )
        return plain


def _torch_engine(workers: int) -> Engine:
    require_torch("SkipGram with engine='torch'")
    if workers != 1:
        raise SettingError(
            f"workers={workers} is not allowed with engine='torch', which has threads of its own; "
            "leave it at 1"
        )
    from sentiment_transfer.pretraining.skipgram_torch import train_with_torch

    return train_with_torch


def _require_memory(indexed: Indexed, settings: Settings) -> None:
    """Raise ``SettingError`` if the weights of the words do not fit into memory."""
    from sentiment_transfer.pretraining.memory_and_disk import require_memory, training_bytes

    size = len(indexed.vocabulary), settings.vector_size
    require_memory(training_bytes(*size, settings.workers), settings.workers)


def _of_file(epoch: dict[str, float | None], n_words: int) -> dict[str, float | None]:
    """Return what a file keeps of an epoch: no time, which differs from run to run."""
    kept = {name: epoch[name] for name in ("epoch", "loss", "held_out_loss") if name in epoch}
    return kept | {"words": n_words}
