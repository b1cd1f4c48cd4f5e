"""Texts as flat arrays in an ONNX graph: distinct words, sums by text, and known word pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.export.onnx_graph import cast

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.export.onnx_graph import Graph, Value

__all__ = [
    "Distinct",
    "Known",
    "Padding",
    "as_column",
    "distinct_of",
    "find_grams",
    "known_of",
    "padded",
    "padding_of",
]

_FIRST, _SECOND, _LAST, _END = (np.array([i], np.int64) for i in (0, 1, -1, 1 << 60))
_ZERO, _ONE = np.int64(0), np.int64(1)
_AXIS = np.array([0], np.int64)


class Known(NamedTuple):
    """The known tokens of a batch of ``n`` texts, each a name in a graph.

    ``ids``, ``text`` (its index) and ``weights`` of each token, the last if there are any;
    ``lengths`` of the texts in known tokens, int64 ``[n]``; ``coverage``, float64 ``[n]``; and
    ``n``, int64 ``[1]``.
    """

    ids: str
    text: str
    weights: str | None
    lengths: str
    coverage: str
    n: str


class Distinct(NamedTuple):
    """The distinct items of each text, sorted by text and item; each a name in a graph.

    ``items`` and ``counts``, int64 ``[n, longest]``, are padded with 0. ``places``, int64, has the
    place of each given item in ``order``, a `Padding` of the distinct items of all texts.
    """

    items: str
    counts: str
    places: str
    order: Padding


class Padding(NamedTuple):
    """A flat array of items as a matrix with a row for each text, ``[n, longest]``.

    ``places`` are those of the items, and the number of items stands for none; ``within`` is
    whether there is one. ``lengths`` is int64 ``[n]``, ``n_items`` int64 ``[1]``. The longest row
    has at least one place.
    """

    places: str
    within: str
    lengths: str
    n_items: str


def n_of(graph: Graph, values: Value) -> str:
    """Return the length of a flat array, int64 ``[1]``."""
    return graph("Shape", values)


def _all_but_last(graph: Graph, values: Value) -> str:
    return graph("Slice", values, _FIRST, _LAST, _AXIS)


def _all_but_first(graph: Graph, values: Value) -> str:
    return graph("Slice", values, _SECOND, _END, _AXIS)


def differences(graph: Graph, offsets: Value) -> str:
    """``[0, 2, 5]`` gives ``[2, 3]``."""
    return graph("Sub", _all_but_first(graph, offsets), _all_but_last(graph, offsets))


def text_of_items(graph: Graph, offsets: Value, n_items: Value) -> str:
    """Offsets ``[0, 2, 2, 3]`` give ``[0, 0, 2]``: how many texts begin up to an item, less 1."""
    starts = _all_but_last(graph, offsets)
    zeros = graph("Expand", _ZERO, graph("Add", n_items, _ONE))
    ones = graph("Expand", _ONE, n_of(graph, starts))
    begun = graph("ScatterElements", zeros, starts, ones, axis=0, reduction="add")
    return graph("Sub", _all_but_last(graph, graph("CumSum", begun, _ZERO)), _ONE)


def known_of(graph: Graph, ids: str, offsets: str, weights: str | None, size: int) -> Known:
    """Leave out unknown tokens, whose id is no place in a vocabulary of a size."""
    within = graph("Less", ids, np.int64(size))
    is_known = graph("And", graph("GreaterOrEqual", ids, _ZERO), within)
    before = graph("CumSum", cast(graph, is_known, np.int64), _ZERO)
    before = graph("Concat", np.zeros(1, np.int64), before, axis=0)
    lengths = differences(graph, graph("Gather", before, offsets))
    tokens = graph("Max", differences(graph, offsets), _ONE)
    coverage = graph("Div", cast(graph, lengths, np.float64), cast(graph, tokens, np.float64))
    text = text_of_items(graph, offsets, n_of(graph, ids))
    kept = [
        None if each is None else graph("Compress", each, is_known, axis=0)
        for each in (ids, text, weights)
    ]
    return Known(kept[0] or "", kept[1] or "", kept[2], lengths, coverage, n_of(graph, lengths))


def padding_of(graph: Graph, lengths: str, most: int | None = None) -> Padding:
    """Lay out texts of these lengths, int64 ``[n]``: a row each, as long as the longest.

    Texts of more than ``most`` items are cut (`encoding.sequences.head_and_tail`).
    """
    begins = graph("CumSum", lengths, _ZERO, exclusive=1)
    n_items = graph("ReduceSum", lengths, keepdims=1)
    kept = lengths if most is None else graph("Min", lengths, np.int64(most))
    longest = graph("ReduceMax", graph("Concat", kept, np.ones(1, np.int64), axis=0))
    steps = graph("Range", _ZERO, graph("Squeeze", longest), _ONE)
    places = graph("Add", as_column(graph, begins), steps)
    if most is not None:
        skipped = as_column(graph, graph("Sub", lengths, kept))
        is_head = graph("Less", steps, np.int64(most // 4))
        places = graph("Add", places, graph("Where", is_head, _ZERO, skipped))
    within = graph("Less", steps, as_column(graph, kept))
    return Padding(graph("Where", within, places, n_items), within, kept, n_items)


def padded(graph: Graph, values: str, padding: Padding, dtype: type[np.generic]) -> str:
    """Return the values of items, ``[n, longest]``, with 0 where a text has none."""
    longer = graph("Concat", values, np.zeros(1, dtype), axis=0)
    return graph("Gather", longer, padding.places)


def as_column(graph: Graph, values: str) -> str:
    """Return ``[n]`` as ``[n, 1]``."""
    return graph("Unsqueeze", values, np.array([1], np.int64))


def distinct_of(graph: Graph, items: str, text: str, n: str, size: int) -> Distinct:
    """Count each item below ``size`` once per text, of ``n`` texts."""
    most = np.int64(max(1, size))
    keys = graph("Add", graph("Mul", text, most), items)
    distinct, places, counts = graph.several("Unique", keys, used=(0, 2, 3), axis=0, sorted=1)
    lengths = graph("Expand", _ZERO, n)
    ones = graph("Expand", _ONE, n_of(graph, distinct))
    owners = graph("Div", distinct, most)
    lengths = graph("ScatterElements", lengths, owners, ones, axis=0, reduction="add")
    order = padding_of(graph, lengths)
    own = padded(graph, graph("Mod", distinct, most), order, np.int64)
    return Distinct(own, padded(graph, counts, order, np.int64), places, order)


def find_grams(graph: Graph, words: str, offsets: str, known: NDArray[np.uint64]) -> Distinct:
    """Find known words and pairs of neighbours among the words of texts; by place in ``known``.

    ``words`` are the numbers of words; ``known`` is sorted as signed integers, and not empty.
    """
    text = text_of_items(graph, offsets, n_of(graph, words))
    inside = graph("Equal", _all_but_last(graph, text), _all_but_first(graph, text))
    pairs = _pair_numbers(graph, _all_but_last(graph, words), _all_but_first(graph, words))
    grams = graph("Concat", words, graph("Compress", pairs, inside, axis=0), axis=0)
    of_pairs = graph("Compress", _all_but_last(graph, text), inside, axis=0)
    texts = graph("Concat", text, of_pairs, axis=0)
    place, found = _search(graph, grams, known.view(np.int64))
    place, texts = (graph("Compress", each, found, axis=0) for each in (place, texts))
    n = n_of(graph, differences(graph, offsets))
    return distinct_of(graph, place, texts, n, len(known))


def _search(graph: Graph, keys: str, known: NDArray[np.int64]) -> tuple[str, str]:
    """Search keys in a sorted array by halves; return places, and whether each is its key."""
    last = np.int64(len(known) - 1)
    place = graph("Mul", keys, _ZERO)
    step = 1 << max(0, len(known) - 1).bit_length()
    while step := step >> 1:
        further = graph("Add", place, np.int64(step))
        there = graph("Gather", known, graph("Min", further, last))
        place = graph("Where", graph("LessOrEqual", there, keys), further, place)
    place = graph("Min", place, last)
    return place, graph("Equal", graph("Gather", known, place), keys)


def _pair_numbers(graph: Graph, first: str, second: str) -> str:
    """Compute ``first * K + second`` modulo 2^64, without an overflow (`text.grams`).

    No standard says what a runtime does with an overflow, so the numbers are divided into digits
    of 24, 24 and 16 bits, whose products have at most 48.
    """
    k = _digits(0x9E3779B97F4A7C15)
    a, b = _digits_of(graph, first), _digits_of(graph, second)
    carried: list[str] = []
    digits = []
    for i in range(3):
        terms = [b[i], *(graph("Mul", a[j], k[i - j]) for j in range(i + 1))]
        total = _sum(graph, [*terms, *carried])
        base = np.int64(1 << (16 if i == 2 else 24))
        digits.append(graph("Mod", total, base))
        carried = [graph("Div", total, base)]
    high = digits[2]
    signed = graph("Sub", high, np.int64(1 << 16))
    high = graph("Where", graph("Less", high, np.int64(1 << 15)), high, signed)
    scaled = [graph("Mul", high, np.int64(1 << 48)), graph("Mul", digits[1], np.int64(1 << 24))]
    return _sum(graph, [*scaled, digits[0]])


def _sum(graph: Graph, terms: list[str]) -> str:
    total = terms[0]
    for term in terms[1:]:
        total = graph("Add", total, term)
    return total


def _digits(number: int) -> list[np.int64]:
    return [np.int64(number >> shift & (1 << 24) - 1) for shift in (0, 24, 48)]


def _digits_of(graph: Graph, numbers: str) -> list[str]:
    """Divide signed numbers into the digits of the same 64 bits, the lowest first."""
    digits = []
    for base in (np.int64(1 << 24), np.int64(1 << 24), np.int64(1 << 16)):
        digit = graph("Mod", numbers, base)  # of the sign of the base
        digits.append(digit)
        numbers = graph("Div", graph("Sub", numbers, digit), base)
    return digits
