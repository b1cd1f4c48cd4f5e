"""Stage three: one hidden layer between sentence vectors and labels.

``p(label | x) = softmax(act(x W1 + b1) W2 + b2)``. Learning, in ``training``, needs torch.
Prediction is two matrix products and needs NumPy only.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sentiment_transfer.errors import InputError, ModelFileError, SettingError
from sentiment_transfer.estimator import Estimator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.progress import Callback

    Labels = Sequence[str] | Sequence[int] | NDArray[Any]

__all__ = ["Epoch", "HiddenLayerClassifier", "Training"]

TENSORS = ("hidden.weight", "output.weight", "hidden.bias", "output.bias")
SAVED = ("hidden_units", "activation", "class_weight", "training", "seed", "device")


def _require(rule_holds: bool, owner: object, name: str, rule: str) -> None:
    if not rule_holds:
        value = getattr(owner, name)
        raise SettingError(f"{type(owner).__name__}: {name}={value!r} cannot work; it is {rule}")


def _is_integer(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _is_count(value: Any, least: int) -> bool:  # noqa: ANN401  (whatever the caller passed)
    return _is_integer(value) and bool(least <= value < 2**63)


def _is_within(value: Any, end: float) -> bool:  # noqa: ANN401  (whatever the caller passed)
    return (_is_integer(value) or isinstance(value, float | np.floating)) and bool(0 <= value < end)


@dataclass(frozen=True)
class Training:
    """How the network learns; as a part of the classifier, ``training__epochs`` names a field.

    Attributes
    ----------
    epochs
        Passes over the training rows, at most.
    batch_size
        Rows a step.
    optimizer
        ``"adam"`` or ``"sgd"``.
    learning_rate
        Step size.
    momentum
        Of ``"sgd"``; Adam keeps its own.
    dropout
        Share of hidden units silenced at random in each step.
    weight_decay
        Pull of the weights to 0, in examples: each step takes off ``learning_rate * weight_decay
        / n`` of them, so the fewer labels, the stronger it is.
    validation_fraction
        Share of each class, rounded down, held out to stop early. If that is fewer than 20 rows in
        all, nothing is held out: all rows train, for all epochs. 0 never holds out.
    patience
        Epochs without a lower validation loss after which learning stops.

    Raises
    ------
    SettingError
        A value cannot work.
    """

    epochs: int = 100
    batch_size: int = 32
    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: float = 0.003
    momentum: float = 0.9
    dropout: float = 0.0
    weight_decay: float = 10.0
    validation_fraction: float = 0.2
    patience: int = 10

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "patience"):
            _require(_is_count(getattr(self, name), 1), self, name, "a whole number from 1")
        _require(self.optimizer in ("adam", "sgd"), self, "optimizer", "'adam' or 'sgd'")
        positive = _is_within(self.learning_rate, np.inf) and self.learning_rate > 0
        _require(positive, self, "learning_rate", "a number above 0")
        _require(_is_within(self.weight_decay, np.inf), self, "weight_decay", "a number from 0")
        for name in ("momentum", "dropout", "validation_fraction"):
            _require(_is_within(getattr(self, name), 1), self, name, "from 0 to below 1")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the fields by name, as scikit-learn's ``clone`` and grid search ask for them."""
        return asdict(self)

    def set_params(self, **params: Any) -> Self:  # noqa: ANN401  (scikit-learn's contract)
        """Return a copy with these fields changed; this one stays as it is."""
        unknown = ", ".join(sorted(params.keys() - asdict(self).keys()))
        if unknown:
            known = ", ".join(asdict(self))
            raise SettingError(f"Training has no parameter {unknown}; it has {known}")
        return replace(self, **params)


@dataclass(frozen=True)
class Epoch:
    """Where learning stood after an epoch, measured without dropout.

    Losses are mean cross-entropies in nats, errors shares of wrong answers, both weighted as in
    learning (``sample_weight``, ``class_weight``); None where nothing was held out.
    """

    loss: float
    error: float
    validation_loss: float | None
    validation_error: float | None
    learning_rate: float


class HiddenLayerClassifier(Estimator):
    """A network of one hidden layer over sentence vectors, for two or more labels.

    Parameters
    ----------
    hidden_units
        Size ``h`` of the hidden layer.
    activation
        ``"relu"`` or ``"tanh"``.
    class_weight
        ``"balanced"`` weighs rows so that every class counts the same; None leaves them.
    training
        How the network learns.
    seed
        Of the start, the order of rows, dropout and the held-out share. The same seed and data
        give the same bytes, on a CPU.
    device
        Where to learn: ``"cpu"``, or ``"auto"`` for a GPU if there is one.
    callbacks
        Called after each epoch with a `Progress`.

    Attributes
    ----------
    classes_
        The labels, sorted, as they were given; shape ``(k,)``.
    weights_, biases_
        float32, of shapes ``(d, h)``, ``(h, k)`` and ``(h,)``, ``(k,)``.
    n_features_in_, n_parameters_
        ``d``, and how many numbers were learned: ``d h + h + h k + k``.
    history_
        An `Epoch` for each epoch run (not part of `state`).

    Examples
    --------
    >>> X = [[0.0, 1.0], [1.0, 0.0], [0.1, 0.9], [0.9, 0.2]]
    >>> head = HiddenLayerClassifier(8).fit(X, ["good", "bad", "good", "bad"])
    >>> head.predict([[0.0, 0.8]]).tolist()
    ['good']
    """

    _kind = "classifier"

    classes_: NDArray[Any]
    weights_: tuple[NDArray[np.float32], NDArray[np.float32]]
    biases_: tuple[NDArray[np.float32], NDArray[np.float32]]
    history_: list[Epoch]

    def __init__(
        self,
        hidden_units: int = 32,
        activation: Literal["relu", "tanh"] = "relu",
        *,
        class_weight: Literal["balanced"] | None = None,
        training: Training = Training(),
        seed: int = 0,
        device: Literal["cpu", "auto"] = "cpu",
        callbacks: Sequence[Callback] = (),
    ) -> None:
        self.hidden_units = hidden_units
        self.activation = activation
        self.class_weight = class_weight
        self.training = training
        self.seed = seed
        self.device = device
        self.callbacks = callbacks

    def fit(
        self,
        X: ArrayLike,
        y: Labels,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Learn from ``X`` of shape ``(n, d)`` and ``n`` labels, all text or all integers.

        Rows of ``sample_weight`` 0 are left out, as if they had not been given.

        Raises
        ------
        InputError
            Nothing to learn from, only one label, lengths that differ, a value that is not finite.
        SettingError
            A parameter cannot work, or the loss grew beyond all bounds.
        """
        from sentiment_transfer.classification.training import train

        self._check_settings()
        features, labels = _as_matrix(X), _as_labels(y)
        if len(features) != len(labels):
            raise InputError(f"X has {len(features)} rows but y has {len(labels)} labels")
        weight = _as_weights(sample_weight, len(labels))
        used = weight > 0
        features, labels, weight = features[used], labels[used], weight[used]
        if not features.size:
            rows, columns = features.shape
            raise InputError(
                f"nothing to learn from: X has {rows} sample(s) of weight above zero "
                f"and {columns} feature(s)"
            )
        classes, numbers = np.unique(labels, return_inverse=True)
        if len(classes) < 2:
            raise InputError(
                f"all {len(labels)} labels are one class, {classes.tolist()[0]!r}; "
                "give examples of at least two"
            )
        if self.class_weight == "balanced":
            weight = weight / np.bincount(numbers, weights=weight)[numbers]
        (hidden, output, *biases), history = train(self, features, numbers, weight / weight.mean())
        self.classes_, self.history_ = classes, history
        self.weights_, self.biases_ = (hidden, output), (biases[0], biases[1])
        return self

    @property
    def n_features_in_(self) -> int:
        """Columns of X."""
        self._require_fitted("weights_")
        return len(self.weights_[0])

    @property
    def n_parameters_(self) -> int:
        """How many numbers were learned: ``d h + h + h k + k``."""
        self._require_fitted("weights_")
        return sum(array.size for array in (*self.weights_, *self.biases_))

    def decision_function(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return scores before the softmax, ``(n, k)``; of two, second minus first, ``(n,)``."""
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return ``(n, k)`` probabilities in the order of ``classes_``; no rows give ``(0, k)``."""
        scores = self._scores(X)
        odds: NDArray[np.float32] = np.exp(scores - scores.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        return odds

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable label of each row, ``(n,)``."""
        best = self._scores(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[best]
        return labels

    def score(
        self,
        X: ArrayLike,
        y: Labels,
        sample_weight: ArrayLike | None = None,
    ) -> float:
        """Return the share of right answers."""
        right = self.predict(X) == _as_labels(y)
        return float(np.average(right, weights=_as_weights(sample_weight, len(right))))

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]]]:
        """Return what predicts, as facts that JSON can hold and tensors by name."""
        self._require_fitted("weights_")
        facts = {
            "parameters": {name: _plain(getattr(self, name)) for name in SAVED},
            "classes": self.classes_.tolist(),
        }
        return facts, dict(zip(TENSORS, (*self.weights_, *self.biases_), strict=True))

    @classmethod
    def from_state(
        cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[np.float32]]
    ) -> Self:
        """Return the classifier that gave this `state`; it has no ``history_`` and no callbacks.

        Raises
        ------
        ModelFileError
            Something is missing, of the wrong shape, or contradicts the rest.
        """
        try:
            parameters = dict(facts["parameters"])
            if parameters.keys() != set(SAVED):
                raise ValueError(f"parameters {sorted(parameters)} instead of {sorted(SAVED)}")
            parameters["training"] = Training(**parameters["training"])
            head = cls(**parameters)
            head._check_settings()
            classes = _as_labels(facts["classes"])
            hidden, output, hidden_bias, output_bias = (tensors[name] for name in TENSORS)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelFileError(f"the head in this file cannot be used: {error!r}") from error
        h, k = head.hidden_units, len(classes)
        if k < 2 or len(set(classes.tolist())) < k:
            raise ModelFileError(
                f"the labels {classes.tolist()} are not two or more different ones"
            )
        expected = ((*hidden.shape[:1], h), (h, k), (h,), (k,))
        for name, shape in zip(TENSORS, expected, strict=True):
            _check_tensor(name, tensors[name], shape)
        head.classes_ = classes
        head.weights_, head.biases_ = (hidden, output), (hidden_bias, output_bias)
        return head

    def _scores(self, X: ArrayLike) -> NDArray[np.float32]:
        columns = self.n_features_in_
        features = _as_matrix(X)
        if features.shape[1] != columns:
            raise InputError(
                f"X has {features.shape[1]} features, but {type(self).__name__} is expecting "
                f"{columns} features as input"
            )
        hidden = features @ self.weights_[0] + self.biases_[0]
        hidden = np.tanh(hidden) if self.activation == "tanh" else np.maximum(hidden, 0)
        scores: NDArray[np.float32] = hidden @ self.weights_[1] + self.biases_[1]
        return scores

    def _check_settings(self) -> None:
        _require(_is_count(self.hidden_units, 1), self, "hidden_units", "a whole number from 1")
        _require(self.activation in ("relu", "tanh"), self, "activation", "'relu' or 'tanh'")
        _require(
            self.class_weight in (None, "balanced"), self, "class_weight", "None or 'balanced'"
        )
        _require(isinstance(self.training, Training), self, "training", "a Training")
        _require(_is_count(self.seed, 0), self, "seed", "a whole number from 0")
        _require(self.device in ("cpu", "auto"), self, "device", "'cpu' or 'auto'")


def _plain(value: object) -> Any:  # noqa: ANN401  (whatever JSON holds)
    """NumPy scalars, which grid searches set, as Python's own; `Training` as a dict."""
    if isinstance(value, Training):
        return {name: _plain(inner) for name, inner in asdict(value).items()}
    return value.item() if isinstance(value, np.generic) else value


def _as_matrix(X: ArrayLike) -> NDArray[np.float32]:
    """Return ``X`` as finite float32 ``(n, d)``."""
    if hasattr(X, "toarray"):
        raise InputError("X is sparse; dense vectors are needed here (X.toarray(), if it is small)")
    try:
        numbers = np.asarray(X)
        if numbers.dtype.kind not in "biufO":
            raise TypeError(f"dtype {numbers.dtype}")
        with np.errstate(over="ignore"):
            matrix = np.ascontiguousarray(numbers, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(f"X is not a matrix of real numbers: {error}") from error
    if numbers.ndim != 2:
        raise InputError(
            f"X has shape {numbers.shape}; one row for each text is needed, (n, d). "
            "Reshape your data: a single text is X.reshape(1, -1)"
        )
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise InputError(
            f"X[{row}, {column}] is {matrix[row, column]}; NaN and inf cannot be used: drop the "
            "row, or make it zeros if the text has no known word"
        )
    return matrix


def _as_labels(y: Labels) -> NDArray[Any]:
    """Return ``y`` as ``(n,)``, all text or all integers, without turning one into the other."""
    if y is None or isinstance(y, str):
        raise InputError(f"y is {y!r}; a sequence of labels is needed")
    array = np.asarray(y) if hasattr(y, "__array__") else None
    values = list(y) if array is None else array.tolist()
    text = bool(values) and isinstance(values[0], str)
    for row, value in enumerate(values):
        if not (isinstance(value, str) if text else _is_integer(value)):
            raise InputError(
                f"y[{row}] is {value!r}; labels are all text or all whole numbers "
                "(one missing? drop the row)"
            )
    return np.asarray(values) if array is None else array


def _as_weights(sample_weight: ArrayLike | None, n: int) -> NDArray[np.float64]:
    weight = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (n,):
        raise InputError(f"sample_weight has shape {weight.shape}; X has {n} rows")
    if not ((weight >= 0) & np.isfinite(weight)).all():
        row = np.argmin((weight >= 0) & np.isfinite(weight))
        raise InputError(f"sample_weight[{row}] is {weight[row]}; a finite number from 0 is needed")
    return weight


def _check_tensor(name: str, tensor: NDArray[Any], shape: tuple[int, ...]) -> None:
    if tensor.shape != shape or tensor.dtype != np.float32:
        raise ModelFileError(
            f"tensor {name} is {tensor.dtype} {tensor.shape}; with these labels and hidden units "
            f"it must be float32 {shape}"
        )
    if not np.isfinite(tensor).all():
        raise ModelFileError(f"tensor {name} holds values that are not finite")
