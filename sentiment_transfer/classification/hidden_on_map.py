"""A hidden layer on top of the mixture, that starts at nothing and must earn its place.

``p = sigmoid(offset + v . tanh(x W + b))``, with the log odds of the mixture as offset. ``v``
starts at 0, so the network starts at the mixture: a linear skip connection to the posterior mode.
What it learns from are the log odds that the mixture gives to texts it was not fitted on, in five
folds; those of its own training texts fit so well that nothing would be left to learn.

It is kept if texts held out approve: in five folds it must lower the log loss by more than two
standard errors. Otherwise the mixture answers alone, as if nothing had been tried. Fewer than 200
labels cannot approve of anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.map_logistic import log_loss
from sentiment_transfer.errors import ModelFileError, SettingError
from sentiment_transfer.settings import is_integer_from

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from numpy.typing import NDArray

    from sentiment_transfer.classification.hidden_on_map_training import Problem
    from sentiment_transfer.classification.mixture import Features, GuardedMixture

    Vector = NDArray[np.float64]

__all__ = ["FEWEST_LABELS", "HiddenOnMap", "fit_hidden", "hidden_inputs", "log_odds"]

FEWEST_LABELS = 200
FOLDS = 5
STANDARD_ERRORS = 2.0
_TENSORS = ("weights", "bias", "output")


@dataclass(frozen=True, eq=False)
class HiddenOnMap:
    """An approved layer.

    Attributes
    ----------
    weights, bias, output
        ``W``, float32 ``(d, h)``; ``b`` and ``v``, float32 ``(h,)``.
    gain
        What it took off the mean log loss of texts held out.
    epochs
        Passes over the labelled texts.
    """

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    output: NDArray[np.float32]
    gain: float
    epochs: int

    def contribution(self, features: Features) -> Vector:
        """``v . tanh(x W + b)``, what the layer adds to the log odds, float64 ``(n,)``."""
        hidden = np.tanh(hidden_inputs(features) @ self.weights + self.bias)
        added: Vector = (hidden @ self.output).astype(np.float64)
        return added

    def refined(self, p: Vector, features: Features) -> Vector:
        """Probabilities ``(n, 2)`` of the mixture, with the layer's part added to their odds."""
        f = log_odds(p[:, 1]) + self.contribution(features)
        pair: Vector = np.exp(-np.logaddexp(0, np.stack([f, -f], axis=1)))
        return pair

    def facts(self) -> dict[str, Any]:
        """Values for a model file."""
        return {"gain": self.gain, "epochs": self.epochs}

    def tensors(self) -> dict[str, NDArray[np.float32]]:
        """Arrays for a model file."""
        return {name: getattr(self, name) for name in _TENSORS}

    @classmethod
    def from_state(cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Build from ``facts`` and ``tensors``, these named ``hidden/...``."""
        found = {name: tensors[f"hidden/{name}"] for name in _TENSORS}
        h = len(found["output"])
        if found["weights"].ndim != 2 or not (
            found["weights"].shape[1:] == found["bias"].shape == found["output"].shape == (h,)
        ):
            raise ModelFileError("the parts of the hidden layer do not fit together")
        return cls(**found, gain=float(facts["gain"]), epochs=int(facts["epochs"]))


def log_odds(p: Vector) -> Vector:
    """``log(p / (1 - p))``, finite for 0 and 1 as well."""
    p = np.clip(p, 1e-12, 1 - 1e-12)
    return np.log(p) - np.log1p(-p)


def hidden_inputs(features: Features) -> NDArray[np.float32]:
    """``x``: the plain sentence vector times the root of its length, and the score if there is one.

    All columns then spread about 1.
    """
    if features.plain is None:
        raise SettingError("a hidden layer needs plain sentence vectors")
    scaled = np.asarray(features.plain, np.float32) * np.float32(np.sqrt(features.plain.shape[1]))
    if features.score is None:
        return scaled
    return np.column_stack([scaled, np.asarray(features.score, dtype=np.float32)])


def fit_hidden(
    mixture: GuardedMixture,
    features: Features,
    y: NDArray[np.bool_],
    weight: Vector,
    *,
    hidden_units: int,
    seed: int,
) -> HiddenOnMap | None:
    """Learn a layer on a fitted mixture, from what that was fitted on; None if not approved.

    Parameters
    ----------
    mixture
        Fitted with its guard; a score that the labels taught would give away those held out.
    features, y, weight
        Those of its ``fit``.
    hidden_units
        ``h``.
    seed
        Of the start, the folds and the order of texts.

    Raises
    ------
    SettingError
        ``hidden_units`` is not a whole number from 1.
    """
    if not is_integer_from(hidden_units, 1):
        raise SettingError(f"hidden_units={hidden_units!r} must be a whole number from 1, or None")
    if not mixture.guard or len(y) < FEWEST_LABELS:
        return None
    from sentiment_transfer.classification.hidden_on_map_training import Problem, learn

    fold = np.random.default_rng(seed).permutation(len(y)) % FOLDS
    offset = _held_out_log_odds(mixture, features, y, weight, fold)
    problem = Problem(hidden_inputs(features), offset, y.astype(np.float64), weight)
    losses = _held_out_losses(problem, fold, hidden_units, seed)
    epochs, gain = approve(losses, log_loss(offset, y), weight)
    if epochs == 0:
        return None
    layer = learn(problem, hidden_units, epochs, seed)[-1]
    return HiddenOnMap(*layer, gain=gain, epochs=epochs)


def approve(losses: Vector, before: Vector, weight: Vector) -> tuple[int, float]:
    """Epochs after which texts held out are predicted best, and the gain; 0 epochs if none will do.

    ``losses`` ``(n_epochs, n)`` are log losses of the texts after each epoch, ``before`` ``(n,)``
    those without a layer. The weighted mean of the differences must exceed two standard errors.
    """
    best = int((losses @ weight).argmin())
    share = weight / weight.sum()
    difference = before - losses[best]
    gain = float(share @ difference)
    error = float(np.sqrt(share**2 @ (difference - gain) ** 2))
    return (best + 1, gain) if gain > STANDARD_ERRORS * error else (0, gain)


def _held_out_log_odds(
    mixture: GuardedMixture,
    features: Features,
    y: NDArray[np.bool_],
    weight: Vector,
    fold: NDArray[np.intp],
) -> Vector:
    """Log odds of each text by the mixture, fitted to the other folds."""
    f = np.empty(len(y))
    for i in range(FOLDS):
        held, rest = fold == i, fold != i
        other = mixture.refitted(features[rest], y[rest], weight[rest])
        f[held] = log_odds(other.predict_proba(features[held])[:, 1])
    return f


def _held_out_losses(
    problem: Problem, fold: NDArray[np.intp], hidden_units: int, seed: int
) -> Vector:
    """Log loss of each text after each epoch of learning from the other folds."""
    from sentiment_transfer.classification.hidden_on_map_training import EPOCHS, learn

    losses = np.empty((EPOCHS, len(fold)))
    for i in range(FOLDS):
        held, rest = problem.rows(fold == i), problem.rows(fold != i)
        for epoch, (weights, bias, output) in enumerate(learn(rest, hidden_units, EPOCHS, seed)):
            f = held.offset + np.tanh(held.x @ weights + bias) @ output
            losses[epoch, fold == i] = log_loss(f, held.y)
    return losses
