"""Texts that the workers of a cluster read and learn from."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_transfer.corpus.catalogue import is_entry
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

    with connect(cluster, absolute(checkpoint)) as executor:
        yield executor


def absolute(given: str) -> str:
    """Return the whole path of a file or folder, since workers run in folders of their own."""
    return given if "://" in given or is_entry(given) else str(Path(given).absolute())


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
