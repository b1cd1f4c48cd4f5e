"""A sentiment classifier from a heap of unlabelled reviews and a handful of labels."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__all__ = [
    "AveragingEncoder",
    "HiddenLayerClassifier",
    "LSTMEncoder",
    "SentimentClassifier",
    "SentimentTransferError",
    "SkipGram",
    "WordVectors",
    "compare",
    "load",
    "read_labelled",
    "read_texts",
]

_NAMES = {
    "classification": ("HiddenLayerClassifier",),
    "corpus": ("read_labelled", "read_texts"),
    "encoding": ("AveragingEncoder", "LSTMEncoder"),
    "errors": ("SentimentTransferError",),
    "experiments": ("compare",),
    "model": ("SentimentClassifier", "load"),
    "pretraining": ("SkipGram", "WordVectors"),
}

if TYPE_CHECKING:
    from sentiment_transfer.classification import HiddenLayerClassifier
    from sentiment_transfer.corpus import read_labelled, read_texts
    from sentiment_transfer.encoding import AveragingEncoder, LSTMEncoder
    from sentiment_transfer.errors import SentimentTransferError
    from sentiment_transfer.experiments import compare
    from sentiment_transfer.model import SentimentClassifier, load
    from sentiment_transfer.pretraining import SkipGram, WordVectors
else:

    def __getattr__(name: str) -> Any:  # noqa: ANN401  (a class, a function or a module)
        """Import a name when it is first used, so that the command is ready for Ctrl-C at once."""
        if name == "__version__":
            return import_module("importlib.metadata").version("sentiment-transfer")
        if name in _NAMES:
            return import_module(f"{__name__}.{name}")
        for room, names in _NAMES.items():
            if name in names:
                globals()[name] = value = getattr(import_module(f"{__name__}.{room}"), name)
                return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
