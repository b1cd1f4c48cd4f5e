"""Texts that the workers of a cluster read and learn from."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sentiment_transfer.errors import SettingError
from sentiment_transfer.pretraining.shared_texts import SharedTexts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentiment_transfer.cli.inputs import Reader
    from sentiment_transfer.cluster import DaskExecutor

__all__ = ["connected", "shared_texts"]


@contextmanager
def connected(
    cluster: str | None, texts: Sequence[str], checkpoint: str | None
) -> Iterator[DaskExecutor | None]:
    """Connect to the cluster of an option, for TEXTS and the folder of another; None without it."""
    if cluster is None:
        yield None
        return
    if checkpoint is None:
        raise SettingError("--cluster needs --checkpoint DIR, a folder that all workers share")
    if "-" in texts:
        raise SettingError("--cluster cannot share standard input with its workers; give files")
    from sentiment_transfer.cluster import connect

    with connect(cluster, checkpoint) as executor:
        yield executor


@contextmanager
def shared_texts(
    read: Reader, texts: Sequence[str], executor: DaskExecutor, place: str
) -> Iterator[SharedTexts]:
    """Yield texts for the workers; at the end, tell the reader what they skipped and read."""
    shared = SharedTexts(read.texts(texts), executor, place)
    yield shared
    read.columns.update(shared.columns)
    read.skipped_by_others(shared.skipped, shared.n_skipped)
