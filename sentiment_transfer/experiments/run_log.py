"""Finished runs in a file, from which an interrupted comparison is resumed.

A file of JSON lines: first the settings that the runs depend on, then a line for each run, written
when it is finished.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment_transfer.base.atomic import atomic_write
from sentiment_transfer.base.estimator import to_json
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["RunLog", "digest"]

OF_ADDED_ARMS = {"extra domains"}
"""Settings of arms that may be added to a file later; other runs do not depend on them."""

Run = dict[str, Any]
Key = tuple[str, int, int]


def digest(parts: Iterable[str | bytes]) -> str:
    """SHA-256 of parts in order, each with its length."""
    total = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        total.update(len(raw).to_bytes(8, "little"))
        total.update(raw)
    return total.hexdigest()


class RunLog(dict[Key, Run]):
    """The runs of a comparison, by arm, budget and draw.

    Runs in the file ``path`` are read, except an incomplete last line, left by a killed process;
    None keeps the runs in memory only. ``settings`` are those that the runs depend on.
    ``InputError`` if the file was written with other settings, or does not hold runs.
    """

    def __init__(self, path: str | Path | None, settings: Mapping[str, Any]) -> None:
        super().__init__()
        self.path = None if path is None else Path(path)
        if self.path is None:
            return
        settings = to_json(settings)
        if self.path.is_file():
            settings = self._read(self.path, settings)
        with atomic_write(self.path) as file:
            file.write(
                "".join(json.dumps(line) + "\n" for line in (settings, *self.values())).encode()
            )

    def add(self, run: Run) -> None:
        """Keep a finished run."""
        self[_key(run)] = run
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(to_json(run)) + "\n")

    def _read(self, path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Read the runs of a file and return its settings, with those of added arms."""
        try:
            lines = path.read_text(encoding="utf-8").split("\n")[:-1]
            found, *runs = map(json.loads, lines)
            self.update({_key(run): run for run in runs})
            added = OF_ADDED_ARMS - found.keys()
            others = [n for n, value in settings.items() if n not in added and found[n] != value]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                "does not hold the runs of a comparison; give another file to resume from",
                path=str(path),
            ) from error
        if others:
            raise InputError(
                f"holds runs of another comparison (other {', '.join(others)}); "
                "give another file, or delete this one to start again",
                path=str(path),
            )
        return {**found, **settings}


def _key(run: Mapping[str, Any]) -> Key:
    return run["arm"], run["budget"], run["draw"]
