"""A file of texts to score, with the model and the options; and what became of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sentiment_transfer.corpus.sources import FileOptions

__all__ = ["Counts", "Outcome", "ScoringOptions", "Shard"]


@dataclass(frozen=True)
class ScoringOptions:
    """How texts are read and answers written; see ``sentiment-transfer predict``.

    Attributes
    ----------
    format
        Format of the answers: csv, tsv, json, jsonl, parquet or xlsx. By default that of the
        input, and csv for texts without a table.
    text
        Column of the texts; by default that which the model was trained on, or one of a usual name.
    keep
        Columns of the input to keep; all if None.
    probabilities
        Whether the probability of each label is written; json and jsonl always have them.
    abstain_below, unsure
        A text of which no label reaches this probability, or no word is known, gets this label.
    skip_bad
        Leave bad rows out and count them, in place of an error.
    files
        How the files are read.

    Examples
    --------
    >>> ScoringOptions(format="csv", abstain_below=0.7).unsure
    'unsure'
    """

    format: str | None = None
    text: str | None = None
    keep: tuple[str, ...] | None = None
    probabilities: bool = False
    abstain_below: float | None = None
    unsure: str = "unsure"
    skip_bad: bool = False
    files: FileOptions = field(default_factory=FileOptions)


@dataclass(frozen=True)
class Shard:
    """A file to score.

    Attributes
    ----------
    model, sha256
        Path or name of the model file, and the hash of its content.
    path, output
        The file of texts, a path or URL; and the local file to write.
    format
        Format of the answers.
    options
        How it is read and written.
    """

    model: str
    sha256: str
    path: str
    output: str
    format: str
    options: ScoringOptions = field(default_factory=ScoringOptions)


@dataclass(frozen=True)
class Counts:
    """Numbers of texts, of those without a known word, of those on which the model abstained.

    ``n_skipped`` are bad rows that were left out, ``labels`` the texts with each label.
    """

    n: int
    n_unknown: int
    n_unsure: int
    n_skipped: int
    labels: dict[str, int]


@dataclass(frozen=True)
class Outcome:
    """What became of a shard.

    Attributes
    ----------
    shard
        The shard.
    counts
        None if it failed.
    notices, skipped
        Messages: of the reader and the model, and of bad rows that were left out, at most 20.
    error, is_input
        Why it failed, and whether the input is to blame.
    """

    shard: Shard
    counts: Counts | None = None
    notices: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    error: str | None = None
    is_input: bool = False
