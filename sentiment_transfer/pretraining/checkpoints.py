"""Checkpoints: the state of a run on disk, from which an interrupted run resumes.

A checkpoint is a folder with one file, ``weights.safetensors``: the weights between two rounds, the
history so far, and what the run depends on. A round depends only on the weights before it and its
position (see `rounds`), so a resumed run ends with the bytes of an uninterrupted one. The texts are
read and indexed again, and compared with those of the checkpoint by their sha256.
"""

from __future__ import annotations

import hashlib
import itertools
import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import structs

from sentiment_transfer.base.atomic import PREFIX
from sentiment_transfer.base.estimator import to_json
from sentiment_transfer.base.schema import check
from sentiment_transfer.errors import InputError, ModelFileError, SettingError
from sentiment_transfer.pretraining.corpus_file import iter_chunks
from sentiment_transfer.pretraining.engine import History, Start
from sentiment_transfer.pretraining.stored import CheckpointFacts
from sentiment_transfer.storage import load_file, save_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sentiment_transfer.pretraining.corpus_file import Indexed
    from sentiment_transfer.pretraining.engine import Settings, Step
    from sentiment_transfer.pretraining.vectors import WordVectors
    from sentiment_transfer.text import Vocabulary

__all__ = ["Checkpoint", "describe_run", "has_state"]

FILE = "weights.safetensors"
SHARE = 0.03
"""Largest share of the time spent on saving."""

PAUSE = 1.0
"""Fewest seconds between two checkpoints."""


def has_state(folder: str | Path) -> bool:
    """Return whether a run can resume from a folder."""
    return (Path(folder) / FILE).is_file()


def describe_run(
    settings: Settings, indexed: Indexed, initial: WordVectors | None, engine: str = "numba"
) -> dict[str, Any]:
    """Return everything that determines the result, by name; data by size and sha256."""
    vocabulary, counts, corpus = indexed
    tokens, words = len(corpus.ids), np.count_nonzero(counts)
    content = _sha256([_utf8(vocabulary), counts, corpus.offsets], iter_chunks(corpus.ids))
    texts = f"{len(corpus):,} texts, {tokens:,} tokens of {words:,} words, {content}"
    start = None
    if initial is not None:
        content = _sha256([_utf8(initial.vocabulary), initial.counts, initial.matrix])
        start = f"{len(initial):,} words, {content}"
    return {**to_json(settings), "engine": engine, "initial": start, "texts": texts}


def _utf8(vocabulary: Vocabulary) -> bytes:
    return "\n".join(vocabulary.words).encode("utf-8", "surrogatepass")


def _sha256(*contents: Iterable[Any]) -> str:
    total = hashlib.sha256()
    for part in itertools.chain(*contents):
        total.update(part)
    return f"sha256 {total.hexdigest()}"


class Checkpoint:
    """The state of a run in a folder, which is created if its parent exists.

    One run at a time: files that a killed run left behind, other than its checkpoint, are removed.
    Raises ``SettingError`` if the folder cannot be created.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._path = self.folder / FILE
        try:
            self.folder.mkdir(exist_ok=True)
            for left in self.folder.glob(f"{PREFIX}*.tmp"):
                shutil.rmtree(left) if left.is_dir() else left.unlink()
        except OSError as error:
            raise SettingError(
                f"checkpoint={str(folder)!r} cannot be used ({error}); name a folder that can be "
                "created or written to"
            ) from error
        self._run: dict[str, Any] = {}
        self._saved = time.perf_counter()
        self._cost = 0.0

    def open(self, run: dict[str, Any], n_words: int) -> tuple[Start, History] | None:
        """Return the saved state of a run, or None if there is none; later ``save`` replaces it.

        ``run`` is what `describe_run` returned; the weights have ``n_words`` rows. Raises
        ``SettingError`` if the checkpoint belongs to another run, ``ModelFileError`` if it is
        damaged.
        """
        self._run, self._saved = run, time.perf_counter()
        if not self._path.exists():
            return None
        try:
            stored = load_file(self._path, kind="checkpoint", max_bytes=1 << 40)
            facts = check(CheckpointFacts, stored.manifest, stored.tensors)
            self._require_same({"engine": "numba", **facts.run})  # the only one until 2026-11-29
            start = Start(stored.tensors["input"], stored.tensors["output"], facts.position)
            n, columns = start.input.shape
            if n != n_words or columns < run["vector_size"]:
                raise ModelFileError(f"its weights, {n} x {columns}, are not those of this run")
            return start, History(**structs.asdict(facts.history))
        except ModelFileError as error:
            raise ModelFileError(
                f"cannot resume from this checkpoint ({error.message}); delete it to start again",
                path=str(self._path),
            ) from error

    def _require_same(self, there: Mapping[str, Any]) -> None:
        other = [
            f"{name}: {there.get(name)} there, {value} here"
            for name, value in self._run.items()
            if there.get(name) != value
        ]
        if other:
            raise SettingError(
                f"checkpoint={str(self.folder)!r} holds another run ({'; '.join(other)}); delete "
                "the folder to start again, or name another"
            )

    def save_if_due(self, step: Step, history: History) -> None:
        """Save at the end, and before that as often as takes `SHARE` of the time."""
        end = step.last and step.epoch + 1 == self._run["epochs"]
        if end or time.perf_counter() - self._saved >= max(PAUSE, self._cost / SHARE):
            self.save(step, history)

    def save(self, step: Step, history: History) -> None:
        """Replace the saved state with the state after a step.

        Raises ``SettingError`` and keeps the previous state if the new one cannot be written or
        holds infinite values.
        """
        step.require_finite()
        began = time.perf_counter()
        position = [step.epoch, step.round + 1]
        manifest = {"run": self._run, "position": position, "history": asdict(history)}
        tensors = dict(zip(("input", "output"), step.weights, strict=True))
        try:
            save_file(self._path, "checkpoint", manifest, tensors)
        except (OSError, InputError) as error:
            good = "the last one is intact" if self._path.exists() else "there is none yet"
            raise SettingError(
                f"checkpoint={str(self.folder)!r} cannot be written ({error}); {good}: check the "
                "disk and the folder and call fit again, or name another folder"
            ) from error
        self._saved = time.perf_counter()
        self._cost = self._saved - began
