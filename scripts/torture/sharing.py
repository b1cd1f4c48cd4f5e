"""One loaded model used by several threads and processes at a time."""

from __future__ import annotations

import multiprocessing
import random
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.reliability import Outcomes
from scripts.torture.programs import load_model, texts

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_transfer import SentimentClassifier

__all__ = ["processes", "threads"]

THREADS = 8


def threads(count: int, seed: int, folder: Path) -> Outcomes:
    """Let eight threads ask one model ``count`` times; expected: the answers given to one thread.

    Small lists take the readable path, large ones the compiled path.
    """
    lists, model, outcomes = _lists(seed), load_model("reviews-en"), Outcomes()
    alone = [model.predict_proba(asked) for asked in lists]
    model = load_model("reviews-en")  # so that the threads find nothing prepared
    with ThreadPoolExecutor(THREADS) as pool:
        answers = pool.map(model.predict_proba, (lists[i % len(lists)] for i in range(count)))
        for i, answer in enumerate(answers):
            _compare(outcomes, answer, alone[i % len(lists)], f"list {i % len(lists)}, call {i}")
    return outcomes


def processes(count: int, seed: int, folder: Path) -> Outcomes:
    """Hand one loaded model to forked and spawned processes, before its first use and after it."""
    lists, right, outcomes = _lists(seed), load_model("reviews-en"), Outcomes()
    alone = [right.predict_proba(asked) for asked in lists]
    for i in range(count):
        way = ("fork", "spawn")[i % 2]
        model, state = (right, "used") if i // 2 % 2 else (load_model("reviews-en"), "unused")
        answers = _in_a_process(way, model, lists)
        pairs = zip(answers, alone, strict=False)
        n_same = sum(np.array_equal(answer, expected) for answer, expected in pairs)
        same = n_same == len(lists)
        failure = f"{state} model: {n_same} of {len(lists)} lists have the same answers"
        outcomes.add(f"{way}, same answers", None if same else failure)
    return outcomes


def _lists(seed: int) -> list[list[str]]:
    rng = random.Random(seed)
    return [texts(size, rng) for size in (1, 7, 50, 800, 2000)]


def _compare(
    outcomes: Outcomes,
    answer: NDArray[np.float64],
    expected: NDArray[np.float64],
    where: str,
) -> None:
    same = np.array_equal(answer, expected)
    outcomes.add(
        "same answer", None if same else f"{where}: differs by {abs(answer - expected).max()}"
    )


def _in_a_process(
    way: str, model: SentimentClassifier, lists: list[list[str]]
) -> list[NDArray[np.float64]]:
    """Return the answers of a child process; fewer if it ends before."""
    context: Any = multiprocessing.get_context(way)
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_answer, args=(model, lists, sender))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork beside threads, from 3.12 on
        child.start()
    sender.close()
    answers = []
    try:
        while receiver.poll(300):
            answers.append(receiver.recv())
    except EOFError:
        pass
    child.kill()
    child.join()
    return answers


def _answer(model: SentimentClassifier, lists: list[list[str]], sender: Connection) -> None:
    for asked in lists:
        sender.send(model.predict_proba(asked))
