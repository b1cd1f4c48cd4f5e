"""New reviews, or a better recipe: continue, compare, refuse what is worse."""

from sentiment_transfer.advice.updating.flips import Flip, PredictionChanges, compare_models
from sentiment_transfer.advice.updating.rollback import previous_path, replace_model, roll_back
from sentiment_transfer.advice.updating.updating import ModelUpdate, update_model

__all__ = [
    "Flip",
    "ModelUpdate",
    "PredictionChanges",
    "compare_models",
    "previous_path",
    "replace_model",
    "roll_back",
    "update_model",
]
