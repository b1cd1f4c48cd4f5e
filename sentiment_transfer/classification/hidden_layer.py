"""Stage three: one hidden layer between sentence vectors and labels.

``p(label | x) = softmax(act(x W1 + b1) W2 + b2)``. Training needs torch (`training_torch`).
Prediction is two matrix products and needs NumPy only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from msgspec import structs

from sentiment_transfer.base.estimator import Estimator, is_integer_from, require, to_json
from sentiment_transfer.base.extras import require_torch
from sentiment_transfer.base.schema import convert, settings_group
from sentiment_transfer.classification.class_weight import class_weight_from_json, row_weights
from sentiment_transfer.classification.inputs import (
    accuracy_of,
    as_matrix,
    as_weights,
    require_same_length,
)
from sentiment_transfer.classification.labels import as_labels
from sentiment_transfer.classification.linear import softmax
from sentiment_transfer.classification.settings import Epoch, Training
from sentiment_transfer.classification.stored import HiddenLayerFacts
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.base.progress import Callback
    from sentiment_transfer.classification.class_weight import ClassWeight
    from sentiment_transfer.classification.labels import Labels
    from sentiment_transfer.encoding import Sequences, TrainableEncoder

__all__ = ["Epoch", "HiddenLayerClassifier", "Training"]

TENSORS = ("hidden.weight", "output.weight", "hidden.bias", "output.bias")
SAVED = ("hidden_units", "activation", "class_weight", "training", "seed", "device")


class HiddenLayerClassifier(Estimator):
    """Neural network with one hidden layer on sentence vectors, for two or more classes.

    Parameters
    ----------
    hidden_units
        Size ``h`` of the hidden layer.
    activation
        ``"relu"`` or ``"tanh"``.
    class_weight
        ``"balanced"`` gives all classes the same total weight; a mapping gives labels their
        weights; None weighs all rows equally.
    training
        Settings of the training.
    seed
        Seed of the initial weights, the order of rows, dropout and the held-out share. The same
        seed and data give the same bytes, on a CPU.
    device
        Where to train: ``"cpu"``, or ``"auto"`` for a GPU if there is one.
    callbacks
        Called after each epoch with a `Progress`.

    Attributes
    ----------
    classes_
        The labels, sorted, of the type given; shape ``(k,)``.
    weights_, biases_
        float32, of shapes ``(d, h)``, ``(h, k)`` and ``(h,)``, ``(k,)``.
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
    stored = HiddenLayerFacts

    classes_: NDArray[Any]
    weights_: tuple[NDArray[np.float32], NDArray[np.float32]]
    biases_: tuple[NDArray[np.float32], NDArray[np.float32]]
    history_: list[Epoch]

    def __init__(
        self,
        hidden_units: int = 32,
        activation: Literal["relu", "tanh"] = "relu",
        *,
        class_weight: ClassWeight = None,
        training: Training = Training(),  # noqa: B008  (it is frozen)
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

    def fit(self, X: ArrayLike, y: Labels, sample_weight: ArrayLike | None = None) -> Self:
        """Fit to vectors and their labels.

        Parameters
        ----------
        X
            Vectors, ``(n, d)``.
        y
            Their labels, ``(n,)``, all text, all integers or all bools.
        sample_weight
            Weights, ``(n,)``; rows with a weight of 0 are ignored.

        Raises
        ------
        InputError
            There are no rows, labels of one class only, lengths that differ, or a value that is
            not finite.
        SettingError
            A parameter is not allowed, or training diverges.

        Examples
        --------
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]] * 4, ["bad", "good"] * 4
        >>> HiddenLayerClassifier(4, seed=0).fit(X, y).classes_.tolist()
        ['bad', 'good']
        """
        require_torch("a HiddenLayerClassifier")
        from sentiment_transfer.classification.training_torch import train

        classes, rows, numbers, weight = self.prepare(X, y, sample_weight)
        return self._set(classes, *train(self, rows, numbers, weight))

    def fit_end_to_end(
        self,
        encoder: TrainableEncoder,
        texts: Sequences,
        y: Labels,
        sample_weight: ArrayLike | None = None,
    ) -> TrainableEncoder:
        """Fit together with a fitted encoder to labelled texts; return a trained copy of it.

        This ``training`` is used for the head, the encoder's ``tuning`` for the encoder, and this
        ``seed`` for all randomness. Training loss and error in ``history_`` are measured on at most
        1,000 of the texts.

        Parameters
        ----------
        encoder
            A fitted encoder.
        texts
            What ``encoder.sequences`` returned, of ``n`` texts.
        y
            Their labels, ``(n,)``.
        sample_weight
            Weights, ``(n,)``, all above 0.

        Returns
        -------
        TrainableEncoder
            The trained copy.

        Raises
        ------
        InputError, SettingError
            As of `fit`.
        NotFittedError
            The encoder is not fitted.

        Examples
        --------
        >>> from sentiment_transfer import LSTMEncoder, load
        >>> encoder = LSTMEncoder(load("reviews-en").vectors_, units=4).fit([])
        >>> texts = encoder.sequences(["loved it", "a dull plot"] * 4)
        >>> head = HiddenLayerClassifier(4, seed=0)
        >>> head.fit_end_to_end(encoder, texts, ["good", "bad"] * 4).size
        8
        """
        require_torch(f"the training of a {type(encoder).__name__}")
        from sentiment_transfer.classification.joint_torch import train_jointly

        encoder._require_fitted("start_")
        if len(texts) != len(y):
            raise InputError(f"there are {len(texts)} texts but {len(y)} labels")
        classes, _, numbers, weight = self.prepare(np.ones((len(texts), 1)), y, sample_weight)
        start, (arrays, layers, matrix), history = train_jointly(
            encoder, self, texts, numbers, weight
        )
        self._set(classes, arrays, history)
        return encoder.learnt(layers, matrix, start)

    def prepare(
        self, X: ArrayLike, y: Labels, sample_weight: ArrayLike | None = None
    ) -> tuple[NDArray[Any], NDArray[np.float32], NDArray[np.int64], NDArray[np.float64]]:
        """Check the settings and the input of `fit`.

        Parameters
        ----------
        X, y, sample_weight
            As of `fit`.

        Returns
        -------
        classes : ndarray
            Sorted, ``(k,)``.
        vectors : ndarray
            Of the rows of weight above 0, float32 ``(m, d)``.
        numbers : ndarray
            Of their classes, int64 ``(m,)``.
        weights : ndarray
            Of mean 1, with ``class_weight``, float64 ``(m,)``.

        Raises
        ------
        InputError, SettingError
            As of `fit`.
        """
        self._check_settings()
        features, labels = as_matrix(X), as_labels(y)
        require_same_length(features, labels)
        weight = as_weights(sample_weight, len(labels))
        used = weight > 0
        features, labels, weight = features[used], labels[used], weight[used]
        if not features.size:
            rows, columns = features.shape
            raise InputError(
                f"nothing to learn from: X has {rows} sample(s) of a weight above zero and "
                f"{columns} feature(s) (shape={features.shape}) while a minimum of 1 is required "
                "of both"
            )
        classes, numbers = np.unique(labels, return_inverse=True)
        if len(classes) < 2:
            raise InputError(
                f"all {len(labels)} labels are one class, {classes.tolist()[0]!r}; "
                "give examples of at least two"
            )
        if self.class_weight == "balanced":
            weight = weight / np.bincount(numbers, weights=weight)[numbers]
        else:
            weight = weight * row_weights(labels, classes.tolist(), self.class_weight)
        return classes, features, numbers, weight / weight.mean()

    @property
    def n_features_in_(self) -> int:
        """Number of columns of X."""
        self._require_fitted("weights_")
        return len(self.weights_[0])

    @property
    def n_parameters_(self) -> int:
        """Number of trained parameters: ``d h + h + h k + k``."""
        self._require_fitted("weights_")
        return sum(array.size for array in (*self.weights_, *self.biases_))

    def decision_function(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return scores before the softmax, ``(n, k)``; for two classes their difference, ``(n,)``.

        The difference is the log odds of the second class.

        Parameters
        ----------
        X
            Vectors, ``(n, d)``.

        Returns
        -------
        ndarray
            float32 ``(n, k)``, or ``(n,)`` for two classes.

        Examples
        --------
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]] * 4, ["bad", "good"] * 4
        >>> head = HiddenLayerClassifier(4, seed=0).fit(X, y)
        >>> head.decision_function([[1.0, 0.0]]).shape
        (1,)
        """
        scores = self._scores(X)
        return scores[:, 1] - scores[:, 0] if len(self.classes_) == 2 else scores

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float32]:
        """Return ``(n, k)`` probabilities in the order of ``classes_``.

        Parameters
        ----------
        X
            Vectors, ``(n, d)``.

        Returns
        -------
        ndarray
            float32 ``(n, k)``; each row adds up to 1.

        Examples
        --------
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]] * 4, ["bad", "good"] * 4
        >>> head = HiddenLayerClassifier(4, seed=0).fit(X, y)
        >>> head.predict_proba([[1.0, 0.0]]).shape
        (1, 2)
        """
        return softmax(self._scores(X))

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable label of each row, ``(n,)``.

        Parameters
        ----------
        X
            Vectors, ``(n, d)``.

        Returns
        -------
        ndarray
            Labels of the type of ``classes_``, ``(n,)``.

        Examples
        --------
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]] * 4, ["bad", "good"] * 4
        >>> head = HiddenLayerClassifier(4, seed=0).fit(X, y)
        >>> head.predict([[1.0, 0.0]]).tolist()
        ['good']
        """
        best = self._scores(X).argmax(axis=1)
        labels: NDArray[Any] = self.classes_[best]
        return labels

    def score(self, X: ArrayLike, y: Labels, sample_weight: ArrayLike | None = None) -> float:
        """Return the accuracy, weighted by ``sample_weight``; see `accuracy_of`.

        Parameters
        ----------
        X
            Vectors, ``(n, d)``.
        y
            The right labels, ``(n,)``.
        sample_weight
            Weights, ``(n,)``, by default equal.

        Returns
        -------
        float
            Between 0 and 1.

        Examples
        --------
        >>> X, y = [[0.0, 1.0], [1.0, 0.0]] * 4, ["bad", "good"] * 4
        >>> HiddenLayerClassifier(4, seed=0).fit(X, y).score(X, y)
        1.0
        """
        return accuracy_of(self.predict(X), y, sample_weight)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[np.float32]]]:
        """Return the fitted classifier as facts that JSON can hold and tensors by name."""
        self._require_fitted("weights_")
        facts = {
            "parameters": to_json({name: getattr(self, name) for name in SAVED}),
            "classes": self.classes_.tolist(),
        }
        return facts, dict(zip(TENSORS, (*self.weights_, *self.biases_), strict=True))

    @classmethod
    def from_state(
        cls,
        facts: HiddenLayerFacts | Mapping[str, Any],
        tensors: Mapping[str, NDArray[np.float32]],
    ) -> Self:
        """Return the classifier with this `state`; it has no ``history_`` and no callbacks."""
        given = convert(cls.stored, facts)
        parameters = structs.asdict(given.parameters)
        parameters["training"] = settings_group(Training, parameters["training"])
        parameters["class_weight"] = class_weight_from_json(parameters["class_weight"])
        return cls(**parameters)._set(given.labels, [tensors[name] for name in TENSORS])

    def _set(
        self,
        classes: NDArray[Any],
        arrays: Sequence[NDArray[np.float32]],
        history: list[Epoch] | None = None,
    ) -> Self:
        """Set the fitted attributes; ``arrays`` are ``W1, W2, b1, b2``."""
        hidden, output, hidden_bias, output_bias = arrays
        self.classes_ = classes
        self.weights_, self.biases_ = (hidden, output), (hidden_bias, output_bias)
        if history is not None:
            self.history_ = history
        return self

    def _scores(self, X: ArrayLike) -> NDArray[np.float32]:
        columns = self.n_features_in_
        features = as_matrix(X)
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
        known = self.class_weight in (None, "balanced") or isinstance(self.class_weight, Mapping)
        rules = {
            "hidden_units": (is_integer_from(self.hidden_units, 1), "an integer of at least 1"),
            "activation": (self.activation in ("relu", "tanh"), "'relu' or 'tanh'"),
            "class_weight": (known, "None, 'balanced' or a mapping of labels to weights"),
            "training": (isinstance(self.training, Training), "a Training"),
            "seed": (is_integer_from(self.seed, 0), "an integer of at least 0"),
            "device": (self.device in ("cpu", "auto"), "'cpu' or 'auto'"),
        }
        for name, (holds, rule) in rules.items():
            require(holds, self, name, rule)
