"""Which shards are finished: a small file beside each output says what it was made from.

It is written after the output and removed before the next one, so a process that is killed in
between leaves an output that counts as unfinished.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment_transfer.base.atomic import atomic_write
from sentiment_transfer.corpus.sources import file_state, locate
from sentiment_transfer.scoring.shards import Counts

if TYPE_CHECKING:
    from sentiment_transfer.scoring.shards import Shard

__all__ = ["finished_counts", "identity", "mark_finished", "marker_path", "unmark"]


def marker_path(output: str) -> Path:
    """Return the path of the file that says what an output was made from."""
    path = Path(output)
    return path.with_name(f".{path.name}.finished")


def identity(shard: Shard) -> dict[str, Any]:
    """Return what the answers depend on: package, model, options, and the state of the input.

    The content is not read; see `file_state`.
    """
    [location] = locate(shard.path)
    options = json.loads(json.dumps(asdict(shard.options)))
    return {
        "package": _version(),
        "model": shard.sha256,
        "format": shard.format,
        "options": options,
        "input": file_state(location),
    }


@cache
def _version() -> str:
    try:
        return version(__package__.partition(".")[0])
    except PackageNotFoundError:  # a folder of sources on the path
        return ""


def mark_finished(output: str, made_from: dict[str, Any], counts: Counts) -> None:
    """Note what an output was made from, and its counts."""
    content = {"made_from": made_from, "output": _state(output), "counts": asdict(counts)}
    with atomic_write(marker_path(output)) as file:
        file.write(json.dumps(content, indent=1).encode())


def unmark(output: str) -> None:
    """Let an output count as unfinished."""
    marker_path(output).unlink(missing_ok=True)


def finished_counts(shard: Shard) -> Counts | None:
    """Return the counts of a shard whose output is there, and as it would be made; else None."""
    try:
        content = json.loads(marker_path(shard.output).read_bytes())
        same = content["made_from"] == identity(shard) and content["output"] == _state(shard.output)
        return Counts(**content["counts"]) if same else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _state(output: str) -> list[int]:
    found = Path(output).stat()
    return [found.st_size, found.st_mtime_ns]
