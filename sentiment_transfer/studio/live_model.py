"""The model of a project as the HTTP API serves it: the latest one, under one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_transfer.serving.models import ServedModel

if TYPE_CHECKING:
    from sentiment_transfer.serving.messages import ModelCard
    from sentiment_transfer.studio.session import Session

__all__ = ["NAME", "LiveModel"]

NAME = "studio"


class LiveModel:
    """What `serving.ServedModels` is for files; a request keeps the model that it began with."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._served: ServedModel | None = None

    def get(self, name: str | None) -> ServedModel | None:
        """Return the latest model; None for another name than ``studio``."""
        if name not in (None, NAME):
            return None
        stages = self._session.stages
        served = self._served
        if served is None or served.stages is not stages:
            served = self._served = ServedModel(NAME, stages)
        return served

    @property
    def names(self) -> list[str]:
        """The only name."""
        return [NAME]

    @property
    def cards(self) -> list[ModelCard]:
        """What is known of the model."""
        served = self.get(None)
        return [] if served is None else [served.card]

    def reload(self) -> None:
        """Do nothing: the latest model is always served."""

    def compile_later(self) -> None:
        """Do nothing: a model is replaced before a compiled path pays."""
