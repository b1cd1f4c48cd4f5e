"""A project in one SQLite file: texts, answers with time, order and guess, and pretrained vectors.

An answer is on the disk before it is acknowledged (write-ahead log, ``synchronous=FULL``), so a
killed process loses none. Nothing is deleted: an answer that is taken back is marked. The view
``labels`` has what other programs want.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Answer", "NewText", "ProjectFile", "Way"]

APPLICATION_ID = 0x53544C42
"""Distinguishes a project from other SQLite files; set in ``project.sql``, as is the version."""
VERSION = 1
WAIT_SECONDS = 10.0
"""For another program that writes to the file."""

SCHEMA = "project.sql"

Way = str
"""Why a text was asked for: ``measure``, ``teach``, or ``given`` with its label."""


class NewText(NamedTuple):
    """A text to add, with the other columns of its row, and its label if it came with one.

    The way of a label is ``"teach"`` if it was chosen to teach a model, so that it cannot measure.
    """

    text: str
    columns: Mapping[str, Any] | None = None
    label: str | None = None
    way: str = "given"


@dataclass(frozen=True)
class Answer:
    """The answer to a text; the label None skips it."""

    text_id: int
    label: str | None
    way: Way
    guess: str | None = None
    probability: float | None = None
    confirmed: bool = False
    place: int = field(default=0, compare=False)  # its number, given by the file

    @property
    def is_own(self) -> bool:
        """Whether it was given here, and did not come with its text."""
        return self.way != "given" or self.confirmed


class ProjectFile:
    """The file of a project; made if it does not exist. Threads may share it.

    Parameters
    ----------
    path
        Of the file.

    Raises
    ------
    SettingError
        The file is not a project, or of a newer version.

    Examples
    --------
    >>> from pathlib import Path
    >>> from sentiment_transfer.studio.project_file import NewText
    >>> project = ProjectFile(Path("reviews.project"))
    >>> project.add_texts("made", [NewText("A fine film."), NewText("Dull.", label="bad")])
    2
    >>> project.n_texts, [(each["text"], each["label"]) for each in project.labels()]
    (2, [('Dull.', 'bad')])
    >>> project.close()
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        if not path.exists():  # for this user alone: texts, and the token of the page
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        try:
            self._db = sqlite3.connect(path, timeout=WAIT_SECONDS, check_same_thread=False)
        except sqlite3.Error as error:
            raise self._unusable(error) from None
        self._db.isolation_level = None  # transactions are begun below
        try:
            self._open()
        except sqlite3.Error as error:
            self._db.close()
            raise self._unusable(error) from None
        except SettingError:
            self._db.close()
            raise

    def _unusable(self, error: Exception) -> SettingError:
        return SettingError(
            f"{self.path} cannot be used as a project ({error}); name another file with project=..."
        )

    def _open(self) -> None:
        self._check_kind()
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if not tables:
            self._db.executescript(f"BEGIN;\n{_schema()}\nCOMMIT;")

    def _check_kind(self) -> None:
        """Raise ``SettingError`` for a database that is not a project, before it is changed."""
        (kind,), (version,) = (
            self._db.execute(f"PRAGMA {name}").fetchone()
            for name in ("application_id", "user_version")
        )
        (tables,) = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if (tables or kind) and (kind != APPLICATION_ID or version > VERSION):
            found = "made by a newer version" if kind == APPLICATION_ID else "of another program"
            raise SettingError(f"{self.path} is {found}; name another file with project=...")

    def close(self) -> None:
        """Close the file; what was answered is on the disk already."""
        with self._lock:
            self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                if self._db.in_transaction:  # not after a full disk
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _rows(self, query: str, *values: Any) -> list[Any]:  # noqa: ANN401
        with self._lock:
            return self._db.execute(query, values).fetchall()

    # ---- facts

    def fact(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  (JSON)
        """Return a fact of the project, or the default.

        Parameters
        ----------
        name
            Of the fact.
        default
            What is returned if there is none.
        """
        rows = self._rows("SELECT value FROM facts WHERE name = ?", name)
        return json.loads(rows[0][0]) if rows else default

    def keep_fact(self, name: str, value: Any) -> None:  # noqa: ANN401  (JSON)
        """Keep a fact, in place of an earlier one.

        Parameters
        ----------
        name
            Of the fact.
        value
            Any value for JSON.
        """
        with self._transaction() as db:
            db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, json.dumps(value)))

    # ---- texts

    def add_texts(self, source: str, texts: Iterable[NewText]) -> int:
        """Add texts, all or none, with the labels that they came with; return their number.

        Parameters
        ----------
        source
            What they come from, such as the name of a file.
        texts
            Any number of texts, with what else their rows have.
        """
        now = _now()
        n = 0
        with self._transaction() as db:
            (last,) = db.execute("SELECT coalesce(max(id), 0) FROM texts").fetchone()
            for n, new in enumerate(texts, 1):
                columns = None
                if new.columns:
                    columns = json.dumps(new.columns, ensure_ascii=False, allow_nan=False)
                row = (last + n, new.text, source, columns)
                db.execute("INSERT INTO texts VALUES (?, ?, ?, ?)", row)
                if new.label is not None:
                    _insert(db, Answer(last + n, new.label, new.way), now)
        return n

    @property
    def n_texts(self) -> int:
        """Number of texts."""
        n: int = self._rows("SELECT count(*) FROM texts")[0][0]
        return n

    def texts(self) -> list[str]:
        """Return all texts, the one with id 1 first."""
        return [text for (text,) in self._rows("SELECT text FROM texts ORDER BY id")]

    def columns(self) -> list[dict[str, Any]]:
        """Return the other columns of each text, in the same order."""
        rows = self._rows("SELECT columns FROM texts ORDER BY id")
        return [json.loads(columns) if columns else {} for (columns,) in rows]

    def column_names(self) -> list[str]:
        """Return the names of these columns, in the order in which they first occur."""
        rows = self._rows(
            "SELECT key, min(texts.id * 1000 + each.id) AS place FROM texts, "
            "json_each(texts.columns) AS each GROUP BY key ORDER BY place"
        )
        return [name for name, _ in rows]

    # ---- answers

    def add_answer(self, answer: Answer) -> int:
        """Write an answer to the disk, in place of an earlier one to the same text.

        Parameters
        ----------
        answer
            Of a text that the project has.

        Returns
        -------
        int
            Its number.
        """
        with self._transaction() as db:
            return _insert(db, answer, _now())

    def take_back(self, place: int | None = None) -> int | None:
        """Take the last answer back; return the id of its text, or None if there is none.

        Parameters
        ----------
        place
            Take the answer back only if it has this number.

        Notes
        -----
        The answer that it replaced holds again. Answers that came with the texts stay.
        """
        with self._transaction() as db:
            last = db.execute(
                "SELECT id, text_id, replaces FROM answers WHERE NOT withdrawn "
                "AND (way <> 'given' OR replaces IS NOT NULL) ORDER BY id DESC LIMIT 1"
            ).fetchone()
            if last is None or place not in (None, last[0]):
                return None
            db.execute("UPDATE answers SET withdrawn = 1 WHERE id = ?", (last[0],))
            db.execute("UPDATE answers SET withdrawn = 0 WHERE id = ?", (last[2],))
            text_id: int = last[1]
            return text_id

    def answers(self) -> list[Answer]:
        """Return the answers that hold, in order; skipped texts too."""
        rows = self._rows(
            "SELECT text_id, label, way, guess, probability, confirmed, id FROM answers "
            "WHERE NOT withdrawn ORDER BY id"
        )
        return [
            Answer(i, label, way, guess, p, bool(held), place)
            for i, label, way, guess, p, held, place in rows
        ]

    def labels(self) -> list[dict[str, Any]]:
        """Return the labels as the view ``labels`` has them, with the columns of the texts."""
        rows = self._rows(
            "SELECT labels.text, label, at, way, guess, probability, labels.source, columns "
            "FROM labels JOIN texts ON texts.id = text_id"
        )
        names = ("text", "label", "at", "way", "guess", "probability", "source")
        return [dict(zip(names, row, strict=False)) | _others(row[7], names) for row in rows]

    # ---- measuring set and vectors

    def keep_measuring(self, rows: Sequence[tuple[int, int, float]]) -> None:
        """Keep the measuring set: text, stratum and share, in the order of asking.

        Parameters
        ----------
        rows
            Id of a text, stratum, and share of the stratum.
        """
        with self._transaction() as db:
            db.execute("DELETE FROM measuring")
            db.executemany("INSERT INTO measuring VALUES (NULL, ?, ?, ?)", rows)

    def measuring(self) -> list[tuple[int, int, float]]:
        """Return what was kept; empty if there is no measuring set yet."""
        return self._rows("SELECT text_id, stratum, share FROM measuring ORDER BY place")

    def keep_vectors(self, model: bytes) -> None:
        """Keep a model file without labels, in place of earlier ones.

        Parameters
        ----------
        model
            The bytes of a model file.
        """
        with self._transaction() as db:
            db.execute("DELETE FROM vectors")
            db.execute("INSERT INTO vectors (at, model) VALUES (?, ?)", (_now(), model))

    def vectors(self) -> bytes | None:
        """Return the model file that was kept, if there is one."""
        rows = self._rows("SELECT model FROM vectors")
        return rows[0][0] if rows else None


def _insert(db: sqlite3.Connection, answer: Answer, now: str) -> int:
    """Write an answer, withdraw the one to the same text that it replaces; return its number."""
    held = "SELECT id FROM answers WHERE text_id = ? AND NOT withdrawn"
    replaced = db.execute(held, (answer.text_id,)).fetchone() or (None,)
    db.execute("UPDATE answers SET withdrawn = 1 WHERE id = ?", replaced)
    added = db.execute(
        "INSERT INTO answers (text_id, label, at, way, guess, probability, confirmed, replaces) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            answer.text_id,
            answer.label,
            now,
            answer.way,
            answer.guess,
            answer.probability,
            answer.confirmed,
            *replaced,
        ),
    )
    return int(added.lastrowid or 0)


def _others(columns: str | None, taken: Sequence[str]) -> dict[str, Any]:
    others = json.loads(columns) if columns else {}
    return {name: value for name, value in others.items() if name not in taken}


def _schema() -> str:
    return (files(__package__) / SCHEMA).read_text(encoding="utf-8")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
