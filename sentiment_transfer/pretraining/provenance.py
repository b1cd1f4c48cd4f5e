"""What the metadata of word vectors hold of their origin: kind, sources, terms, accuracy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import msgspec

if TYPE_CHECKING:
    from sentiment_transfer.pretraining.vectors import WordVectors

__all__ = ["Provenance", "Source", "Teacher"]


class Source(msgspec.Struct):
    """A set of unlabelled texts: name, number and terms."""

    name: str
    texts: int
    terms: str = ""


class Teacher(msgspec.Struct):
    """A set of labelled texts that taught a model, and its terms."""

    name: str
    terms: str = ""


class Provenance(msgspec.Struct):
    """What the metadata of word vectors hold of their training; empty where they hold nothing."""

    kind: str = ""
    texts: int = 0
    sources: list[Source] = []
    teachers: list[Teacher] = []
    accuracy: dict[str, dict[str, float]] = {}
    accuracy_note: str = ""
    note: str = ""

    @classmethod
    def of(cls, vectors: WordVectors) -> Self:
        """Read the metadata, which may be those of a file of others; nothing if they are odd."""
        try:
            return msgspec.convert(vectors.metadata, cls)
        except msgspec.ValidationError:
            return cls()
