"""Token ids to sentence vectors in an ONNX graph: averages, and an LSTM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_transfer.export.onnx_graph import cast
from sentiment_transfer.export.onnx_texts import as_column, distinct_of, padded, padding_of
from sentiment_transfer.pretraining.precision import compress, restore

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.encoding import LSTMEncoder
    from sentiment_transfer.export.onnx_graph import Graph
    from sentiment_transfer.export.onnx_texts import Distinct, Known
    from sentiment_transfer.model.fast_path_numba import Pooling

__all__ = ["Average", "Words", "average_of", "balance_of", "lstm_vectors", "words_of"]

LEAST_SHARE = 1e-12
"""Squared length from which a mean differs from the centre, as a share of its own: a millionth of
its length is rounding. Python adds up in one order and finds 0 exactly."""
MOST_OTHERS = 0.7
"""Share of rows that may be float32 in a matrix of int8 before all are."""
_GATES = [0, 3, 1, 2]
"""Torch's gates, input, forget, cell and output, in the order of ONNX: the output is second."""
_ROW, _LAST = np.array([1], np.int64), np.array([-1], np.int64)


class Words(NamedTuple):
    """The distinct known words of texts in a graph, padded with 0.

    Their ``vectors``, float32 ``[n, longest, d]``, which are to be multiplied by ``steps``, float32
    ``[n, longest]``, if there are any; the largest weight of each in its text, ``largest``, and its
    number, ``counts``, float32 ``[n, longest]``; and their ``rows``, int64.
    """

    rows: str
    vectors: str
    steps: str | None
    largest: str
    counts: str


class Average(NamedTuple):
    """A sentence vector, float64 ``[n, d]``, and whether it is not 0, bool ``[n, 1]``."""

    x: str
    filled: str


class Stored(NamedTuple):
    """A matrix ``(n, d)`` in as few bytes as lose nothing.

    ``values`` are int8 to be multiplied by ``steps``, float32 ``(n,)``, or float16, or float32.
    Rows that are no multiples of steps, as those that labels changed, are in ``others`` instead,
    float32 ``(m, d)``, at the place that ``other``, int32 ``(n,)``, has for them, if not -1.
    """

    values: NDArray[Any]
    steps: NDArray[np.float32] | None = None
    others: NDArray[np.float32] | None = None
    other: NDArray[np.int32] | None = None


def smallest(matrix: NDArray[np.float32]) -> Stored:
    """Return a matrix in as few bytes as lose nothing."""
    tensors = compress(matrix, "int8")
    in_bytes = Stored(tensors["vectors"], tensors["vectors.steps"])
    is_other = (restore(tensors) != matrix).any(axis=1)
    if not is_other.any():
        return in_bytes
    if is_other.mean() < MOST_OTHERS:
        places = np.where(is_other, np.cumsum(is_other) - 1, -1).astype(np.int32)
        return in_bytes._replace(others=matrix[is_other], other=places)
    with np.errstate(over="ignore"):
        halves = matrix.astype(np.float16)
    return Stored(halves if np.array_equal(halves.astype(np.float32), matrix) else matrix)


def _look_up(graph: Graph, matrix: NDArray[np.float32], rows: str) -> tuple[str, str | None]:
    """Return the vectors of rows, float32 ``[n, longest, d]``, and their steps ``[n, longest]``."""
    values, steps, others, other = smallest(matrix)
    vectors = cast(graph, graph("Gather", values, rows), np.float32)
    if steps is None:
        return vectors, None
    own = graph("Gather", steps, rows)
    if others is None or other is None:
        return vectors, own
    place = graph("Gather", other, rows)
    exact = graph("Gather", others, graph("Max", place, np.int32(0)))
    is_other = graph("Unsqueeze", graph("GreaterOrEqual", place, np.int32(0)), _LAST)
    scaled = graph("Mul", vectors, graph("Unsqueeze", own, _LAST))
    return graph("Where", is_other, exact, scaled), None


def words_of(graph: Graph, known: Known, matrix: NDArray[np.float32]) -> Words:
    """Look up the distinct words of texts in a matrix ``(n_words, d)``."""
    found = distinct_of(graph, known.ids, known.text, known.n, len(matrix))
    vectors, steps = _look_up(graph, matrix, found.items)
    counts = cast(graph, found.counts, np.float32)
    return Words(found.items, vectors, steps, _largest(graph, known, found), counts)


def _largest(graph: Graph, known: Known, found: Distinct) -> str:
    """Return the largest weight of each distinct word of a text; 1 without weights."""
    order = found.order
    if known.weights is None:
        return cast(graph, order.within, np.float32)
    none = graph("Expand", np.float32(0), order.n_items)
    of_all = graph("ScatterElements", none, found.places, known.weights, axis=0, reduction="max")
    return padded(graph, of_all, order, np.float32)


def average_of(graph: Graph, words: Words, known: Known, pooling: Pooling) -> Average:
    """Compute ``unit(sum g v / sum g - centre)``; see `model.fast_path_numba.Pooling`."""
    weights = words.largest if pooling.distinct else words.counts
    if not (pooling.weights == 1).all():
        weights = graph("Mul", weights, graph("Gather", pooling.weights, words.rows))
    mean = _mean(graph, words, weights)
    away = cast(graph, graph("Sub", mean, pooling.centre), np.float64)
    square, own = _square(graph, away), _square(graph, cast(graph, mean, np.float64))
    filled = graph("Greater", square, graph("Mul", own, np.float64(LEAST_SHARE)))
    size = (
        own if pooling.empty_if_zero else cast(graph, as_column(graph, known.lengths), np.float64)
    )
    filled = graph("And", filled, graph("Greater", size, np.float64(0)))
    if pooling.normalize:
        length = graph("Sqrt", graph("Where", filled, square, np.float64(1)))
        away = graph("Div", away, length)
    return Average(graph("Where", filled, away, np.float64(0)), filled)


def _mean(graph: Graph, words: Words, weights: str) -> str:
    """Return the weighted means, float32 ``[n, d]``; 0 for a text without weight."""
    total = graph("ReduceSum", cast(graph, weights, np.float64), _ROW, keepdims=1)
    total = graph("Where", graph("Greater", total, np.float64(0)), total, np.float64(1))
    scaled = weights if words.steps is None else graph("Mul", weights, words.steps)
    sums = graph("MatMul", graph("Unsqueeze", scaled, _ROW), words.vectors)
    return graph("Div", graph("Squeeze", sums, _ROW), cast(graph, total, np.float32))


def _square(graph: Graph, x: str) -> str:
    """Return the squared lengths of rows, ``[n, 1]``."""
    return graph("ReduceSum", graph("Mul", x, x), _ROW, keepdims=1)


def balance_of(graph: Graph, words: Words, signs: NDArray[np.int8]) -> str:
    """Compute ``(p - n) / (p + n)`` of the weights of seed words, float64 ``[n, 1]``; or 0."""
    weights = cast(graph, words.largest, np.float64)
    own = cast(graph, graph("Gather", signs, words.rows), np.float64)
    signed = graph("Mul", own, weights)
    difference = graph("ReduceSum", signed, _ROW, keepdims=1)
    total = graph("ReduceSum", graph("Abs", signed), _ROW, keepdims=1)
    return graph(
        "Div",
        difference,
        graph("Where", graph("Greater", total, np.float64(0)), total, np.float64(1)),
    )


def lstm_vectors(graph: Graph, known: Known, encoder: LSTMEncoder) -> str:
    """Read the known tokens of each text in order: float32 ``[n, size]``."""
    # one empty text more, because a runtime ends the process for a batch without a text
    lengths = graph("Concat", known.lengths, np.zeros(1, np.int64), axis=0)
    padding = padding_of(graph, lengths, encoder.max_tokens)
    rows = padded(graph, known.ids, padding, np.int64)
    x, steps = _look_up(graph, encoder.matrix_, rows)
    if steps is not None:
        x = graph("Mul", x, graph("Unsqueeze", steps, _LAST))
    x = graph("Transpose", x, perm=[1, 0, 2])
    sizes = cast(graph, graph("Max", padding.lengths, np.int64(1)), np.int32)
    states, last = graph.several(
        "LSTM",
        x,
        *_lstm_weights(encoder),
        sizes,
        used=(0, 1),
        hidden_size=encoder.units,
        direction="bidirectional" if encoder.bidirectional else "forward",
    )
    if encoder.pooling != "last":
        last = _pooled(graph, states, padding.within, sizes, encoder.pooling)
    by_text = graph("Transpose", last, perm=[1, 0, 2])
    rows = graph("Reshape", by_text, np.array([-1, encoder.size], np.int64))
    return graph("Slice", rows, np.array([0], np.int64), _LAST, np.array([0], np.int64))


def _lstm_weights(encoder: LSTMEncoder) -> list[NDArray[np.float32]]:
    """Return ONNX's ``W``, ``R`` and ``B``, by direction."""
    parts: dict[str, list[NDArray[np.float32]]] = {"input": [], "recurrent": [], "bias": []}
    for way in encoder.directions:
        for name, found in parts.items():
            gates = np.split(encoder.weights_[f"{way}.{name}"], 4)
            found.append(np.concatenate([gates[i] for i in _GATES]))
    W, R, bias = (np.stack(found) for found in parts.values())
    return [W, R, np.concatenate([bias, np.zeros_like(bias)], axis=1)]


def _pooled(graph: Graph, states: str, within: str, sizes: str, pooling: str) -> str:
    """Return the mean or the maximum over the steps ``[longest, n_directions, n, units]``."""
    steps = graph("Transpose", within, perm=[1, 0])
    steps = graph("Unsqueeze", steps, np.array([1, 3], np.int64))
    none = np.float32(0 if pooling == "mean" else -np.inf)
    masked = graph("Where", steps, states, none)
    first = np.array([0], np.int64)
    if pooling == "max":
        return graph("ReduceMax", masked, first, keepdims=0)
    length = graph("Unsqueeze", cast(graph, sizes, np.float32), np.array([0, 2], np.int64))
    return graph("Div", graph("ReduceSum", masked, first, keepdims=0), length)
