"""The model without labels that a project starts from."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from sentiment_transfer.errors import SettingError
from sentiment_transfer.languages import load_language
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.files import open_member
from sentiment_transfer.polarity import PolarityEncoder
from sentiment_transfer.polarity.class_order import polar_classes
from sentiment_transfer.polarity.natural_order import natural_order
from sentiment_transfer.pretraining.bank import bank_names, general_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_transfer.studio.project_file import ProjectFile

__all__ = ["BaseModel"]

MEMBER, OWN, FILE = "member", "own", "file"


@dataclass(frozen=True, eq=False)
class BaseModel:
    """A model, and how a project names it.

    Attributes
    ----------
    kind
        ``"member"`` of the bank, ``"own"`` for one pretrained on the texts of the project, or
        ``"file"``.
    name
        Of the member or the file.
    content
        The model file, but for a member.

    Examples
    --------
    >>> base = BaseModel.general("en")
    >>> base.name, base.is_general, base.language
    ('reviews-en', True, 'en')
    """

    kind: str
    name: str
    content: bytes | None = None

    @classmethod
    def member(cls, name: str) -> Self:
        """Return a member of the bank.

        Parameters
        ----------
        name
            Such as ``"reviews-en"``.
        """
        return cls(MEMBER, name)

    @classmethod
    def general(cls, language: str) -> Self:
        """Return the general member of a language.

        Parameters
        ----------
        language
            Its code, or the path of a language file.
        """
        return cls(MEMBER, general_name(load_language(language).code))

    @classmethod
    def own(cls, content: bytes) -> Self:
        """Return a model that was pretrained on the texts of the project.

        Parameters
        ----------
        content
            The bytes of a model file.
        """
        return cls(OWN, OWN, content)

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """Return a model of a file.

        Parameters
        ----------
        path
            Of a model file.

        Raises
        ------
        ModelFileError
            The file cannot be read.
        SettingError
            It is word vectors alone, or a model with another encoder than the default one.
        """
        encoder = open_member(path).encoder
        if not isinstance(encoder, PolarityEncoder) or encoder.sentence_encoder_ is not None:
            raise SettingError(
                f"{path} has another encoder than the default one, which the studio needs; give a "
                "model that `fit` wrote without --encoder and --sentence-encoder"
            )
        return cls(FILE, path.name, path.read_bytes())

    @classmethod
    def of_project(cls, project: ProjectFile) -> Self | None:
        """Return what a project has kept, or None.

        Parameters
        ----------
        project
            The project.
        """
        kept = project.fact("base")
        if kept is None:
            return None
        content = None if kept["kind"] == MEMBER else project.vectors()
        return cls(kept["kind"], kept["name"], content)

    def keep(self, project: ProjectFile) -> None:
        """Keep the model in the file of a project, unless it is there.

        Parameters
        ----------
        project
            The project.
        """
        kept = project.fact("base")
        if kept == {"kind": self.kind, "name": self.name} and self.content == project.vectors():
            return
        if self.content is not None:
            project.keep_vectors(self.content)
        project.keep_fact("base", {"kind": self.kind, "name": self.name})

    @cached_property
    def model(self) -> SentimentClassifier:
        """The model, read from the package or from the project."""
        if self.content is None:
            return SentimentClassifier.from_stages(open_member(self.name))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.safetensors"
            path.write_bytes(self.content)
            return SentimentClassifier.from_stages(open_member(path))

    @property
    def language(self) -> str:
        """Its language."""
        return self.model.language

    @property
    def is_general(self) -> bool:
        """Whether it is the general member of its language."""
        return self.kind == MEMBER and self.name == general_name(self.language)

    @property
    def is_own(self) -> bool:
        """Whether it was pretrained on the texts of the project."""
        return self.kind == OWN

    @property
    def adapts(self) -> bool:
        """Whether it is adapted to the texts; one that learnt from them is not."""
        return self.kind != OWN

    @property
    def note(self) -> str:
        """What a user has to know of it, or nothing."""
        if self.kind != FILE:
            return ""
        return f"{self.name} is used without its labels: those of this project take their place."

    @property
    def description(self) -> str:
        """What is shown of it."""
        return "vectors of these texts" if self.kind == OWN else self.name

    @property
    def members(self) -> list[str]:
        """The members of the bank in its language."""
        return [*bank_names(self.language)]

    def usual_classes(self, used: Sequence[str]) -> list[str]:
        """Return negative and positive, or the usual names that go with the one label in use.

        Parameters
        ----------
        used
            Labels that texts have.
        """
        usual = ["negative", "positive"]
        return usual if {*used} <= {*usual} else [*used, *usual][:2]

    def ordered(self, classes: Sequence[str]) -> list[str]:
        """Return classes, the most negative first if their names show it; numbers rise.

        Parameters
        ----------
        classes
            Any number of labels.
        """
        order = natural_order(np.array([*classes]), self.language)
        if order is not None:
            return [str(name) for name in order]
        polar = polar_classes(classes, self.language)
        if polar is not None:
            return [*polar]
        numbers = all(re.fullmatch(r"[+-]?\d+(\.\d+)?", name) for name in classes)
        return sorted(classes, key=float) if numbers else [*classes]
