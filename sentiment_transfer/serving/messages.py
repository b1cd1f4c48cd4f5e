"""What clients send and get; the OpenAPI document is made from these types."""

from __future__ import annotations

from typing import Annotated

import msgspec

__all__ = [
    "Contribution",
    "ExplainRequest",
    "Explained",
    "Health",
    "ModelCard",
    "Models",
    "PredictRequest",
    "Prediction",
    "Predictions",
    "Problem",
]

MAX_TEXTS = 1_000
MAX_CHARACTERS = 50_000
MAX_EXPLAINED = 5_000
"""Characters of a text to explain, which takes longer than to predict."""
MAX_NAME = 100

Label = str | int | bool
Text = Annotated[str, msgspec.Meta(max_length=MAX_CHARACTERS)]
Name = Annotated[
    str, msgspec.Meta(max_length=MAX_NAME, description="Name of a model; by default the first.")
]


class PredictRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Texts to label."""

    texts: Annotated[list[Text], msgspec.Meta(max_length=MAX_TEXTS)]
    model: Name | None = None


class Prediction(msgspec.Struct, gc=False):
    """The most probable label of a text.

    ``coverage`` is the share of its words that the model knows; at 0 the label is a guess.
    """

    label: Label
    probability: float
    coverage: float


class Predictions(msgspec.Struct):
    """Predictions in the order of the texts."""

    predictions: list[Prediction]


class ExplainRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A text to explain, and the label to explain; by default the most probable one.

    In JSON, 1.0 is the integer 1.
    """

    text: Annotated[str, msgspec.Meta(max_length=MAX_EXPLAINED)]
    label: Label | float | None = None
    model: Name | None = None


class Contribution(msgspec.Struct):
    """A piece of the text, and its contribution to the log odds of the label."""

    piece: str
    log_odds: float


class Explained(msgspec.Struct):
    """Why a text has a probability: contributions, ``sentence`` and ``bias`` add up to log odds.

    ``gaps`` are the parts of the text before each piece and after the last.
    """

    label: Label
    probability: float
    log_odds: float
    bias: float
    sentence: float
    no_known_word: bool
    pieces: list[Contribution]
    gaps: list[str]
    origins: dict[str, float]


class ModelCard(msgspec.Struct):
    """A model that is served; labels are sorted, the most negative first if that is known."""

    name: str
    language: str
    labels: list[Label]
    words: int
    trained_on: str
    loaded_at: str


class Models(msgspec.Struct):
    """All models that are served; the first answers where no model is named."""

    models: list[ModelCard]


class Health(msgspec.Struct):
    """State of the server."""

    status: str


class Problem(msgspec.Struct):
    """Why a request was refused; nothing of the request is repeated."""

    error: str
