"""The HTTP API: models by name behind a guard. Needs the extra ``studio``."""

from sentiment_transfer.serving.api import Api, guarded_app
from sentiment_transfer.serving.guard import Guard, Limits, Rule
from sentiment_transfer.serving.models import ModelSource, ServedModels
from sentiment_transfer.serving.server import Address, run, serve

__all__ = [
    "Address",
    "Api",
    "Guard",
    "Limits",
    "ModelSource",
    "Rule",
    "ServedModels",
    "guarded_app",
    "run",
    "serve",
]
