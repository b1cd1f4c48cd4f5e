"""Texts that the workers of a cluster read and learn from."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_transfer.base.store import Store
from sentiment_transfer.cli.messages import say
from sentiment_transfer.corpus.catalogue import is_entry
from sentiment_transfer.errors import SettingError
from sentiment_transfer.pretraining.shared_texts import SharedTexts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentiment_transfer.cli.inputs import Reader
    from sentiment_transfer.cluster import DaskExecutor

__all__ = ["GivenCluster", "connected", "given_cluster", "has_records", "shared_texts"]

ADDRESS_VARIABLE = "DASK_SCHEDULER_ADDRESS"
"""As in `cluster.connecting`, which is imported only where there is a cluster."""


@dataclass(frozen=True)
class GivenCluster:
    """A cluster that --cluster names, or the environment variable where ``option`` is None."""

    option: str | None

    @property
    def name(self) -> str:
        """What names the cluster, as messages show it."""
        return ADDRESS_VARIABLE if self.option is None else "--cluster"

    def connect(self, folder: str) -> DaskExecutor:
        """Return an executor; its workers have to see the folder."""
        from sentiment_transfer.cluster import connect

        return connect(self.option, folder)


def given_cluster(option: str | None, why_here: str | None = None) -> GivenCluster | None:
    """Return the cluster of --cluster, else that of the environment; None without one.

    ``why_here`` is why the environment does not count, if so; it is said where a cluster is there.
    """
    if option is not None:
        return GivenCluster(option)
    if not os.environ.get(ADDRESS_VARIABLE):
        return None
    if why_here is None:
        return GivenCluster(None)
    say(f"{ADDRESS_VARIABLE} is set, but {why_here}")
    return None


@contextmanager
def connected(
    cluster: GivenCluster | None, texts: Sequence[str], checkpoint: str | None
) -> Iterator[DaskExecutor | None]:
    """Connect to a cluster, for TEXTS and the folder of an option; None without a cluster."""
    if cluster is None:
        yield None
        return
    if checkpoint is None:
        raise SettingError(
            f"{cluster.name} needs --checkpoint DIR, a folder that all workers share"
        )
    if "-" in texts:
        raise SettingError(
            f"{cluster.name}: a cluster cannot share standard input with its workers; give files"
        )
    with cluster.connect(absolute(checkpoint)) as executor:
        yield executor


def absolute(given: str) -> str:
    """Return the whole path of a file or folder, since workers run in folders of their own."""
    return given if "://" in given or is_entry(given) else str(Path(given).absolute())


def has_records(place: str) -> bool:
    """Return whether workers have finished a part of the work in a folder that they share."""
    try:
        names = Store(absolute(place)).names()
    except Exception:  # (each kind of storage has errors of its own)
        return False
    return any(name.endswith(".json") for name in names)


@contextmanager
def shared_texts(
    read: Reader, texts: Sequence[str], executor: DaskExecutor, place: str
) -> Iterator[SharedTexts]:
    """Yield texts for the workers; at the end, tell the reader what they skipped and read."""
    named = [absolute(text) for text in texts]
    shared = SharedTexts(read.texts(named), executor, absolute(place))
    yield shared
    read.columns.update(shared.columns)
    read.skipped_by_others(shared.skipped, shared.n_skipped)
