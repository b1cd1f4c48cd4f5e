"""The models that are served, by name."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from sentiment_transfer.errors import SettingError
from sentiment_transfer.model.files import open_member
from sentiment_transfer.serving.memory import release_compiler, release_freed
from sentiment_transfer.serving.messages import MAX_NAME, ModelCard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sentiment_transfer.model import FittedStages

__all__ = ["ModelSource", "Models", "ServedModel", "ServedModels"]

_NAME = re.compile(rf"[^\W_][\w.-]{{0,{MAX_NAME - 1}}}")


@dataclass(frozen=True)
class ModelSource:
    """Where a model is read from, and its name for clients.

    Attributes
    ----------
    name
        For clients.
    path
        Of the model file, or the name of a shipped model.

    Examples
    --------
    >>> ModelSource.parse("films=models/films-2.safetensors")
    ModelSource(name='films', path='models/films-2.safetensors')
    >>> ModelSource.parse("reviews-en").name
    'reviews-en'
    """

    name: str
    path: str

    @classmethod
    def parse(cls, given: str) -> Self:
        """Read ``PATH``, the name of a shipped model, or ``NAME=PATH``.

        The name of a file is its stem.

        Parameters
        ----------
        given
            As on the command line.

        Raises
        ------
        SettingError
            The name has other characters than letters, digits, hyphens, dots and underscores.
        """
        name, equals, path = given.partition("=")
        if not equals or Path(given).exists():
            name, path = Path(given).name.removesuffix(".safetensors"), given
        if not _NAME.fullmatch(name):
            raise SettingError(
                f"{name!r} cannot be the name of a model, which has letters, digits, hyphens, dots "
                "and underscores; give it another one with NAME=PATH"
            )
        return cls(name, path)


class ServedModel:
    """A model in memory. Immutable but for `compile`, so threads may share it."""

    def __init__(self, name: str, stages: FittedStages) -> None:
        self.stages = stages
        self.labels: list[Any] = stages.classes.tolist()
        self.is_compiled = False
        self.card = ModelCard(
            name=name,
            language=stages.vectors.tokenizer.language,
            labels=stages.order.tolist(),
            words=len(stages.vectors),
            trained_on=str(stages.summary),
            loaded_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    def compile(self) -> None:
        """Make the fast path ready; until then answers come from the plain path."""
        self.is_compiled = self.stages.compile()

    def predict(self, texts: list[str]) -> tuple[list[Any], list[float], list[float]]:
        """Return label, probability and coverage of each text."""
        probabilities, coverage = self.stages.answer(texts, compiled=self.is_compiled)
        best = probabilities.argmax(axis=1).tolist()
        labels = [self.labels[k] for k in best]
        return labels, probabilities.max(axis=1, initial=0).tolist(), coverage.tolist()


class Models(Protocol):
    """Models by name, as the API asks for them; see `ServedModels`."""

    @property
    def names(self) -> list[str]:
        """The names, the default first."""
        ...

    @property
    def cards(self) -> list[ModelCard]:
        """What is known of each model."""
        ...

    def get(self, name: str | None) -> ServedModel | None:
        """Return a model by name, the first without a name, or None if there is none such."""
        ...

    def reload(self) -> None:
        """Read the models again."""
        ...

    def compile_later(self) -> object:
        """Make the fast paths ready, in the background."""
        ...


class ServedModels:
    """Models by name; the first is the default.

    Parameters
    ----------
    sources
        Where they are read from, at least one; names must differ.
    sentence_encoder
        As in `load`, for models that need one.

    Raises
    ------
    SettingError
        Two models have one name.
    ModelFileError
        A file does not exist or cannot be used.

    Examples
    --------
    >>> models = ServedModels([ModelSource.parse("reviews-en"), ModelSource.parse("films-en")])
    >>> models.names, models.get("films-en").labels
    (['reviews-en', 'films-en'], ['negative', 'positive'])
    >>> models.get("no-such-model") is None
    True
    """

    def __init__(self, sources: Iterable[ModelSource], sentence_encoder: Any = None) -> None:  # noqa: ANN401
        self._sources = list(sources)
        self._sentence_encoder = sentence_encoder
        names = [source.name for source in self._sources]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise SettingError(f"two models have the name {twice}; name one of them with NAME=PATH")
        self._models = self._read()

    def get(self, name: str | None) -> ServedModel | None:
        """Return a model by name, the first without a name, or None if there is none such.

        Parameters
        ----------
        name
            Of a model, or None.
        """
        return self._models.get(self._sources[0].name if name is None else name)

    @property
    def names(self) -> list[str]:
        """The names of the models, the default first."""
        return list(self._models)

    @property
    def cards(self) -> list[ModelCard]:
        """What is known of each model."""
        return [model.card for model in self._models.values()]

    def compile(self) -> None:
        """Make the fast paths ready, one model after the other."""
        _compile(self._models)

    def compile_later(self) -> threading.Thread:
        """Start `compile` in a thread, as it takes up to half a minute on a new machine.

        Returns
        -------
        threading.Thread
            It ends by itself.
        """
        thread = threading.Thread(target=self.compile, name="compile", daemon=True)
        thread.start()
        return thread

    def reload(self) -> None:
        """Read all files again, and replace the models at once; on an error all stay as they are.

        Requests that are being answered keep the model that they began with.
        """
        models = self._read()
        _compile(models)
        self._models = models
        release_freed()

    def _read(self) -> dict[str, ServedModel]:
        return {
            source.name: ServedModel(
                source.name,
                open_member(source.path).with_sentence_encoder(self._sentence_encoder),
            )
            for source in self._sources
        }


def _compile(models: Mapping[str, ServedModel]) -> None:
    for model in models.values():
        model.compile()
    release_compiler()
