"""Sentence vectors and word pairs to probabilities in an ONNX graph: heads, and the mixture."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification import HiddenLayerClassifier, LinearHead
from sentiment_transfer.export.onnx_encoders import average_of, balance_of, words_of
from sentiment_transfer.export.onnx_graph import cast
from sentiment_transfer.export.onnx_texts import find_grams
from sentiment_transfer.polarity.several_classes import SHARE_POWER, UNIFORM_SHARE, SeveralClasses

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.export.onnx_encoders import Words
    from sentiment_transfer.export.onnx_graph import Graph
    from sentiment_transfer.export.onnx_texts import Distinct, Known
    from sentiment_transfer.model.fast_path_numba import Pooling
    from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder

__all__ = ["head_probabilities", "log_odds_of", "mixture_probabilities", "reads_grams"]

_ROW = np.array([1], np.int64)
_TINY = np.float64(np.finfo(float).tiny)


def head_probabilities(graph: Graph, head: Any, x: str) -> str:  # noqa: ANN401  (any classifier)
    """Return the probabilities of a network or a linear classifier, float64 ``[n, k]``.

    Raises ``SettingError`` if a classifier is neither.
    """
    scores = _network(graph, head, x) if isinstance(head, HiddenLayerClassifier) else None
    if scores is None:
        linear = head if isinstance(head, LinearHead) else LinearHead.of(head)
        scores = _linear(graph, linear, x)
    return graph("Softmax", cast(graph, scores, np.float64), axis=1)


def _network(graph: Graph, head: HiddenLayerClassifier, x: str) -> str:
    (first, second), (own, output) = head.weights_, head.biases_
    hidden = graph("Add", graph("MatMul", cast(graph, x, np.float32), first), own)
    hidden = graph("Tanh" if head.activation == "tanh" else "Relu", hidden)
    return graph("Add", graph("MatMul", hidden, second), output)


def _linear(graph: Graph, head: LinearHead, x: str) -> str:
    coef, intercept = head.coef_, head.intercept_
    if len(coef) == 1:  # the scores of two classes are 0 and this
        coef, intercept = (np.concatenate([np.zeros_like(a), a]) for a in (coef, intercept))
    weights = coef.T.astype(np.float64)
    x = cast(graph, x, np.float64)
    return graph("Add", graph("MatMul", x, weights), intercept.astype(np.float64))


def reads_grams(encoder: PolarityEncoder, head: PolarityClassifier) -> bool:
    """Whether words and pairs change the probabilities."""
    return bool(len(head.words_.numbers_)) or _taught(encoder) is not None


def _taught(encoder: PolarityEncoder) -> tuple[NDArray[np.uint64], NDArray[np.float16]] | None:
    polarity, taught = encoder.polarity_, encoder.taught_
    if taught is None or polarity is None or not polarity.taught_weight or not len(taught.numbers):
        return None
    return _sorted(taught.numbers, taught.weights)


def _sorted(numbers: NDArray[np.uint64], values: NDArray[Any]) -> tuple[Any, Any]:
    """Sort grams as signed integers, which ONNX compares, and their values with them."""
    order = np.argsort(numbers.view(np.int64))
    return numbers[order], np.ascontiguousarray(values[order])


def log_odds_of(
    graph: Graph,
    known: Known,
    grams: tuple[str, str] | None,
    encoder: PolarityEncoder,
    head: PolarityClassifier,
) -> str:
    """Return the log odds of all members of the mixture, float64 ``[n, n_members]``.

    ``grams`` are the numbers of the words of the texts and their offsets, if they are read.
    """
    from sentiment_transfer.model.fast_path import poolings

    members = head.members
    words = words_of(graph, known, encoder.known_vectors.matrix)
    parts = [
        _projected(graph, words, known, pooling, len(members))
        for pooling in poolings(encoder, members)
        if len(pooling.columns)
    ]
    if grams is not None:
        parts += _of_grams(graph, grams, encoder, head)
    total: Any = np.array([[member.bias for member in members]])
    total = graph("Expand", total, graph("Concat", known.n, np.ones(1, np.int64), axis=0))
    for part in parts:
        total = graph("Add", total, part)
    return str(total)


def _projected(graph: Graph, words: Words, known: Known, pooling: Pooling, n_members: int) -> str:
    """Return what a sentence vector, and the balance of its seed words, add to the log odds."""
    d = pooling.vectors.shape[1]
    directions = np.zeros((n_members, pooling.projections.shape[1]))
    directions[pooling.columns] = pooling.projections
    shifts = np.zeros((1, n_members))
    shifts[0, pooling.columns] = pooling.shifts
    x, filled = average_of(graph, words, known, pooling)
    total = graph("Add", graph("MatMul", x, np.ascontiguousarray(directions[:, :d].T)), shifts)
    if directions.shape[1] > d:
        balance = balance_of(graph, words, pooling.signs)
        total = graph("Add", total, graph("Mul", balance, directions[None, :, d]))
    return graph("Where", filled, total, np.float64(0))


def _of_grams(
    graph: Graph,
    words: tuple[str, str],
    encoder: PolarityEncoder,
    head: PolarityClassifier,
) -> list[str]:
    """Return what words and pairs add to the log odds."""
    parts = []
    n_members, taught = len(head.members), _taught(encoder)
    weights = [member.weights.get("words", np.zeros(0)) for member in head.members]
    columns = [i for i, own in enumerate(weights) if own.any()]
    if columns:
        own = np.column_stack([head.words_.idf_, *(weights[i] for i in columns)])
        numbers, table = _sorted(head.words_.numbers_, own.astype(np.float32))
        found = find_grams(graph, *words, numbers)
        parts.append(_tfidf(graph, found, table, np.eye(n_members)[columns]))
    slopes = np.array([[m.weights.get("score", np.zeros(1))[0] for m in head.members]])
    if taught is not None and encoder.polarity_ is not None:
        found = find_grams(graph, *words, taught[0])
        score = _taught_score(graph, found, taught[1])
        parts.append(graph("Mul", score, slopes * encoder.polarity_.taught_slope))
    return parts


def _tfidf(
    graph: Graph, found: Distinct, table: NDArray[np.float32], members: NDArray[np.float64]
) -> str:
    """Return weighted TF-IDF of known grams (`text.grams.GramTfidf`), ``[n, n_members]``.

    ``table`` has the idf of each and its weights in some members, whose unit vectors are
    ``members``.
    """
    counts = cast(graph, graph("Max", found.counts, np.int64(1)), np.float64)
    damped = graph("Add", graph("Log", counts), np.float64(1))
    idf = cast(graph, graph("Gather", np.ascontiguousarray(table[:, 0]), found.items), np.float64)
    within = cast(graph, found.order.within, np.float64)
    values = graph("Mul", graph("Mul", damped, idf), within)
    square = graph("ReduceSum", graph("Mul", values, values), _ROW, keepdims=1)
    length = graph(
        "Sqrt", graph("Where", graph("Greater", square, np.float64(0)), square, np.float64(1))
    )
    shares = graph("Unsqueeze", graph("Div", values, length), _ROW)
    own = graph("Gather", np.ascontiguousarray(table[:, 1:]), found.items)
    sums = graph("Squeeze", graph("MatMul", shares, cast(graph, own, np.float64)), _ROW)
    return graph("MatMul", sums, members)


def _taught_score(graph: Graph, found: Distinct, weights: NDArray[np.float16]) -> str:
    """Return the score that labels of other texts taught (`polarity.taught`), ``[n, 1]``."""
    within = cast(graph, found.order.within, np.float64)
    own = cast(graph, graph("Gather", weights, found.items), np.float64)
    total = graph("ReduceSum", graph("Mul", own, within), _ROW, keepdims=1)
    n = graph("ReduceSum", within, _ROW, keepdims=1)
    return graph("Div", total, graph("Sqrt", graph("Max", n, np.float64(1))))


def mixture_probabilities(graph: Graph, head: PolarityClassifier, log_odds: str) -> str:
    """Return the probabilities of the classes in the order of ``classes_``, ``[n, k]``."""
    shares = np.zeros((len(head.members), len(head.mixtures)))
    at = 0
    for problem, mixture in enumerate(head.mixtures):
        for member in mixture.members_:
            shares[at, problem] = member.share
            at += 1
    p = graph("MatMul", graph("Sigmoid", log_odds), shares)
    p = graph("Min", p, np.float64(1))
    if isinstance(head.mixture_, SeveralClasses):
        p = _combined(graph, head.mixture_, p, len(head.mixtures))
    else:
        p = graph("Concat", graph("Sub", np.float64(1), p), p, axis=1)
    return graph("Gather", p, np.argsort(head.order_).astype(np.int64), axis=1)


def _combined(graph: Graph, mixture: SeveralClasses, p: str, n_problems: int) -> str:
    """Return class probabilities from those of the problems (`SeveralClasses`)."""
    if not mixture.ordered:
        return _normalised(graph, p)
    column = [graph("Gather", p, np.array([i], np.int64), axis=1) for i in range(n_problems)]
    if mixture.label_shares_ is None:
        return _between_steps(graph, column)
    outer = graph("Sub", np.float64(1), column[0])
    each = _normalised(graph, graph("Concat", outer, column[2], column[1], axis=1))
    both = graph("Add", _between_steps(graph, column[:2]), each)
    return _normalised(graph, graph("Div", both, mixture.label_shares_[None] ** SHARE_POWER))


def _between_steps(graph: Graph, steps: list[str]) -> str:
    """Return the class probabilities between steps, each ``[n, 1]``."""
    zero = graph("Mul", steps[0], np.float64(0))
    falling = [graph("Add", zero, np.float64(1)), steps[0]]
    for step in steps[1:]:
        falling.append(graph("Min", falling[-1], step))
    falling.append(zero)
    between = [graph("Sub", above, below) for above, below in itertools.pairwise(falling)]
    p = graph("Concat", *between, axis=1)
    if len(steps) > 1:  # a single step crosses no other
        p = graph("Mul", p, np.float64(1 - UNIFORM_SHARE))
        p = graph("Add", p, np.float64(UNIFORM_SHARE / (len(steps) + 1)))
    return _normalised(graph, p)


def _normalised(graph: Graph, p: str) -> str:
    """Divide each row by its sum."""
    p = graph("Max", p, _TINY)
    return graph("Div", p, graph("ReduceSum", p, _ROW, keepdims=1))
