"""Which text to label next: first the measuring set, then texts that teach most."""

from __future__ import annotations

import threading
import warnings
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.advice.labels.measuring import (
    LEAST_LABELS,
    N_STRATA,
    MeasuringSet,
    measuring_set,
)
from sentiment_transfer.advice.labels.suggestion import (
    LEAST_WEIGHT,
    MOST_CLUSTERED,
    RANDOM_LABELS,
    clusters_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sentiment_transfer.studio.learning import FittedPool
    from sentiment_transfer.studio.pool import Pool

__all__ = ["BATCH", "LEAST_TO_SHOW", "Teacher", "draw_to_measure", "n_to_measure"]

LEAST_TO_SHOW = 8
"""Labels from which the accuracy is shown; before, its interval is wider than 50 points."""
MOST_MEASURED = 256
"""Texts that are drawn to measure, or half of few, of which the first 64 are asked for unless the
user wants more."""
BATCH = 10
"""Texts of different clusters that are asked for before texts are clustered again."""


def draw_to_measure(pool: Pool, taken: Iterable[int], seed: int) -> MeasuringSet:
    """Draw texts whose labels measure, in strata of the confidence without labels.

    Where a model knows nothing without labels, they are drawn at random: one stratum. Texts that
    are ``taken``, by row, are left out.
    """
    rows = np.setdiff1d(pool.different, np.fromiter(taken, np.intp))
    rng = np.random.default_rng(seed)
    n = min(MOST_MEASURED, _half(len(rows)), len(rows))
    if pool.start is None or n < N_STRATA * LEAST_LABELS:
        chosen = rng.permutation(rows)[:n]
        return MeasuringSet(chosen, np.ones(n, np.intp), np.ones(n))
    found = measuring_set(pool.start[rows].max(axis=1), n, rng)
    return MeasuringSet(rows[found.rows], found.strata, found.shares)


def n_to_measure(n_drawn: int, n_different: int) -> int:
    """Return how many labels measure before teaching begins: 64, or half of few texts."""
    return min(RANDOM_LABELS, n_drawn, _half(n_different))


def _half(n: int) -> int:
    """Return half of some texts, but at least as many as give an estimate."""
    return max(N_STRATA * LEAST_LABELS, n // 2)


class Teacher:
    """Chooses texts of which the model is unsure and which differ from each other.

    Texts are divided into clusters by k-means, weighted by how unsure the model is (Zhdanov 2019,
    arXiv 1901.05954). The most unsure text of each cluster is asked for, in the light of the latest
    model; when every cluster had its turn, they are made again. Threads may share it.
    """

    def __init__(self, pool: Pool, seed: int) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._rng = np.random.default_rng(seed)
        self._rows = self._cluster = np.zeros(0, np.intp)
        self._distance: NDArray[np.floating] = np.zeros(0)

    @staticmethod
    def get_ready() -> None:
        """Import what divides texts, which takes most of a second, before it is needed."""
        import_module("sklearn.cluster")

    def next(self, fitted: FittedPool, taken: Iterable[int], n: int) -> list[int]:
        """Return the rows of up to ``n`` texts to ask for, the first one first.

        ``taken`` are the rows of texts that were answered, or are asked for already.
        """
        gone = np.fromiter(taken, np.intp)
        with self._lock:
            chosen = self._of_clusters(fitted, gone)
            if len(chosen) < min(n, 1):
                self._divide(fitted, gone)
                chosen = self._of_clusters(fitted, gone)
        return chosen[:n]

    def _of_clusters(self, fitted: FittedPool, gone: NDArray[np.intp]) -> list[int]:
        """Return the best text of each cluster that had no turn yet, the most unsure first."""
        is_gone = np.isin(self._rows, gone)
        had_turn = np.isin(self._cluster, self._cluster[is_gone])
        rows, cluster = self._rows[~had_turn], self._cluster[~had_turn]
        unsure = fitted.unsure[rows]
        order = np.lexsort((self._distance[~had_turn], -unsure))
        first = np.unique(cluster[order], return_index=True)[1]
        chosen: list[int] = rows[order[np.sort(first)]].tolist()
        return chosen

    def _divide(self, fitted: FittedPool, gone: NDArray[np.intp]) -> None:
        """Divide some of the texts that are left into clusters."""
        left = np.setdiff1d(self._pool.different, gone)
        known = left[self._pool.known[left]]
        rows = self._rng.permutation(known if len(known) else left)[:MOST_CLUSTERED]
        self._rows, self._cluster = rows, np.zeros(len(rows), np.intp)
        self._distance = np.zeros(len(rows))
        if len(rows) > BATCH:
            X = self._pool.encoded.features.plain_mean[rows].astype(np.float64)
            X /= np.maximum(np.linalg.norm(X, axis=1, keepdims=True), 1e-12)
            weight = np.square(fitted.unsure[rows]) + LEAST_WEIGHT
            with warnings.catch_warnings():  # fewer different texts than clusters
                warnings.simplefilter("ignore")
                self._cluster, self._distance = clusters_of(X, weight, BATCH, self._rng)
