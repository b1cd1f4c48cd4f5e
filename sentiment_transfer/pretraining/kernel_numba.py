"""Skip-gram with negative sampling: the objective and its inner loop, compiled by numba.

Objective
---------
Every word ``c`` of a text is a centre. With ``v = input[c]``, ``u`` the rows of ``output``, and the
``m`` words ``o`` around it, up to ``b`` a side with ``b`` uniform in ``1..window``, its loss is ::

    - sum_o log sigmoid(u_o . v)  -  (m * negative / K) * sum_k log sigmoid(-u_k . v)    k = 1..K

Mikolov et al. 2013, "Distributed Representations of Words and Phrases and their Compositionality",
eq. 4, draw ``negative`` fresh words ``k`` for each of the ``m`` pairs. Here ``BLOCK`` consecutive
centres share ``K`` draws, as in Ji et al. 2016, "Parallelizing Word2Vec in Shared and Distributed
Memory". The weight ``m * negative / K`` gives the loss and its gradient the expectation they have
in eq. 4; only the noise differs. A draw that equals a word of the window is kept, as eq. 4 is
written (word2vec.c skips it), so a vocabulary of one word trains as well.

Each centre is one step of gradient descent: first all its dot products, then the updates, row
after row, in place. A row that occurs twice among ``o`` and ``k`` is updated twice.

Machinery
---------
A `Lane` is 16 floats in vector registers; the arithmetic is spelled in lanes because loops left to
the compiler's vectoriser turned scalar at the slightest change, at a third of the speed. The number
of lanes in a row reaches the compiler as the length of a tuple, so that loops over a row unroll,
and numba's on-disk cache keeps one version for each length. Everything compiled stands in this one
file because the cache notices changes in the file of the entry function only.
"""

# The values of a compiler have no Python types.
# ruff: noqa: ANN401
# mypy: disallow-untyped-calls=False, disallow-untyped-decorators=False
# mypy: disallow-subclassing-any=False

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import numba as nb
import numpy as np
from llvmlite import ir
from numba.core import cgutils
from numba.core.typing.templates import AbstractTemplate, infer_global
from numba.extending import intrinsic, lower_builtin, models, register_model

from sentiment_transfer.base.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BLOCK", "LANE", "copy_texts", "id_range", "merge", "train"]

LANE = 16
"""Floats in a lane: one cache line. Rows of weights are padded with zeros to whole lanes."""

BLOCK = 8
"""Consecutive centres that share their negatives."""

MAX_STEP = 4.0
"""Most that the weights of a centre's terms times the learning rate may sum to.

A centre has ``m * (1 + negative)`` terms, all taken at one point; wide windows with many negatives
at a high rate overshoot: window 5, negative 5, alpha 0.1 sums to 6 and diverged. The defaults
reach 1.5.
"""

PREFETCH = 4
"""Centres between asking for a row and using it."""

# Sums may be reordered and fused; NaN and infinities are kept, so that divergence shows.
_FUSED = ("reassoc", "contract", "nsz")
_OPTIONS: dict[str, Any] = {"boundscheck": False, "error_model": "numpy", "fastmath": set(_FUSED)}
_intrinsic: Callable[[Callable[..., Any]], Any] = intrinsic
_helper: Callable[[Callable[..., Any]], Any] = nb.njit(**_OPTIONS)


def _entry(function: Callable[..., Any]) -> Any:
    return compiled(function, **_OPTIONS)


class Lane(nb.types.Type):
    """The type of 16 floats held in vector registers."""


_LANE = Lane("Lane")
_VECTOR = ir.VectorType(ir.FloatType(), LANE)
_I32, _BYTES = ir.IntType(32), ir.IntType(8).as_pointer()
_index, _nothing = nb.types.int64, nb.types.void


@register_model(Lane)
class _LaneModel(models.PrimitiveModel):
    def __init__(self, manager: Any, lane: Any) -> None:
        super().__init__(manager, lane, _VECTOR)


def _at(builder: Any, row: Any, lane: Any) -> Any:
    return builder.gep(builder.inttoptr(row, _VECTOR.as_pointer()), [lane])


@_intrinsic
def _row(_: Any, array: Any, index: Any) -> Any:
    """Address of ``array[index]``; good as long as the array is."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        parts = context.make_array(signature.args[0])(context, builder, arguments[0])
        stride = cgutils.unpack_tuple(builder, parts.strides)[0]
        index = context.cast(builder, arguments[1], signature.args[1], _index)
        start = builder.ptrtoint(parts.data, index.type)
        return builder.add(start, builder.mul(index, stride))

    return _index(array, index), generate


@_intrinsic
def _load(_typing: Any, _row: Any, _lane: Any) -> Any:
    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        return builder.load(_at(builder, *arguments), align=4)

    return _LANE(_index, _index), generate


@_intrinsic
def _store(_typing: Any, _row: Any, _lane: Any, _value: Any) -> Any:
    def generate(context: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _at(builder, *arguments[:2]), align=4)
        return context.get_dummy_value()

    return _nothing(_index, _index, _LANE), generate


@_intrinsic
def _prefetch(_typing: Any, _row: Any, _lane: Any) -> Any:
    """Ask for a lane that is soon read and written."""

    def generate(context: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [_BYTES, _I32, _I32, _I32])
        prefetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        write, near, data = (ir.Constant(_I32, value) for value in (1, 3, 1))
        place = builder.bitcast(_at(builder, *arguments), _BYTES)
        builder.call(prefetch, [place, write, near, data])
        return context.get_dummy_value()

    return _nothing(_index, _index), generate


def _to_lane(context: Any, builder: Any, value: Any, type_: Any) -> Any:
    if isinstance(type_, Lane):
        return value
    number = context.cast(builder, value, type_, nb.types.float32)
    empty = ir.Constant(_VECTOR, ir.Undefined)
    first = builder.insert_element(empty, number, ir.Constant(_I32, 0))
    zeros = ir.Constant(ir.VectorType(_I32, LANE), [0] * LANE)
    return builder.shuffle_vector(first, first, zeros)


@_intrinsic
def _fill(_: Any, value: Any) -> Any:
    """Return a lane of 16 times one number."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _to_lane(context, builder, arguments[0], signature.args[0])

    return _LANE(value), generate


@_intrinsic
def _sum(_typing: Any, _lane: Any) -> Any:
    """Add up the 16 floats."""

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(ir.FloatType(), [ir.FloatType(), _VECTOR])
        add = cgutils.get_or_insert_function(builder.module, kind, "llvm.vector.reduce.fadd.v16f32")
        zero = ir.Constant(ir.FloatType(), 0.0)
        return builder.call(add, [zero, arguments[0]], fastmath=("reassoc",))

    return nb.types.float32(_LANE), generate


def _give_lanes(operation: Any, build: Callable[[Any, Any, Any], Any]) -> None:
    """Let ``operation`` take two lanes, or a lane and a number, which stands for 16 of itself."""

    class Resolve(AbstractTemplate):
        def generic(self, types: Any, _: Any) -> Any:
            return _LANE(*types) if Lane in map(type, types) else None

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pairs = zip(arguments, signature.args, strict=True)
        return build(builder, *(_to_lane(context, builder, *pair) for pair in pairs))

    infer_global(operation)(Resolve)
    for types in ((Lane, Lane), (Lane, nb.types.Float), (nb.types.Float, Lane)):
        lower_builtin(operation, *types)(generate)


_give_lanes(operator.add, lambda builder, a, b: builder.fadd(a, b, flags=_FUSED))
_give_lanes(operator.sub, lambda builder, a, b: builder.fsub(a, b, flags=_FUSED))
_give_lanes(operator.mul, lambda builder, a, b: builder.fmul(a, b, flags=_FUSED))
_give_lanes(operator.truediv, lambda builder, a, b: builder.fdiv(a, b, flags=_FUSED))
_give_lanes(min, lambda builder, a, b: builder.select(builder.fcmp_ordered("<", a, b), a, b))
_give_lanes(max, lambda builder, a, b: builder.select(builder.fcmp_ordered(">", a, b), a, b))


@_helper
def _sigmoid_and_loss(x: Any) -> tuple[Any, Any]:
    """``p = sigmoid(x)`` and ``-log p`` of a lane, with ``x`` cut to -15.8 .. 15.8.

    With ``t = x / 2``: ``p = (1 + tanh t) / 2`` and ``-log p = log(2 cosh t) - t``. tanh is Eigen's
    rational approximation (error of p under 1e-6); log(2 cosh t), even in t, is a rational minimax
    fit in ``t ** 2`` (error under 2e-5).
    """
    t = min(max(x * 0.5, -7.9), 7.9)
    s = t * t
    p = (s * -2.76076847742355e-16 + 2.00018790482477e-13) * s - 8.60467152213735e-11
    p = ((p * s + 5.12229709037114e-08) * s + 1.48572235717979e-05) * s + 6.37261928875436e-04
    p = p * s + 4.89352455891786e-03
    q = (s * 1.19825839466702e-06 + 1.18534705686654e-04) * s + 2.26843463243900e-03
    q = q * s + 4.89352518554385e-03
    sigmoid = t * p / q * 0.5 + 0.5
    p = ((s * 4.99397684e-05 + 0.00734335976) * s + 0.16427429) * s + 0.801693857
    q = ((s * 1.34200411e-06 + 0.000802603085) * s + 0.0425256938) * s + 0.435477048
    return sigmoid, (p * s + 0.693156838) / (q * s + 1.0) - t


@_helper
def _dot(u: int, v: int, lanes: int) -> Any:
    total = _fill(0.0)
    for lane in range(lanes):
        total = total + _load(u, lane) * _load(v, lane)
    return _sum(total)


@_helper
def _to_steps(dots: Any, signs: Any, weights: Any, count: int, rate: float) -> Any:
    """Turn dot products into steps along their rows, in place; return the loss.

    A term ``-w log sigmoid(s u.v)`` has the gradient ``-w s (1 - sigmoid(s u.v)) v`` in ``u``.
    """
    total = _fill(0.0)
    for lane in range((count + LANE - 1) // LANE):
        sign, weight = _load(_row(signs, 0), lane), _load(_row(weights, 0), lane)
        p, loss = _sigmoid_and_loss(sign * _load(_row(dots, 0), lane))
        _store(_row(dots, 0), lane, weight * sign * (1.0 - p) * rate)
        total = total + weight * loss
    return _sum(total)


@_helper
def _descend(v: int, rows: Any, steps: Any, count: int, lanes: int) -> None:
    """``v += sum_j step_j u_j`` and ``u_j += step_j v`` with the old ``v``; ``rows`` are the u."""
    for lane in range(lanes):
        old = moved = _load(v, lane)
        for j in range(count):
            u = _load(rows[j], lane)
            moved = moved + u * steps[j]
            _store(rows[j], lane, u + old * steps[j])
        _store(v, lane, moved)


@_helper
def _ask_for(row: int, lanes: int) -> None:
    for lane in range(lanes):
        _prefetch(row, lane)


@_helper
def _next_random(state: np.uint64) -> np.uint64:
    """xorshift64 (Marsaglia 2003, "Xorshift RNGs"); never 0. The high bits are the good ones."""
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    return state


@_helper
def _below(state: np.uint64, limit: int) -> np.int64:
    """``0..limit - 1`` from the high half of ``state``."""
    return np.int64(((state >> np.uint64(32)) * np.uint64(limit)) >> np.uint64(32))


@_helper
def _subsample(ids: Any, keep: Any, words: Any, state: np.uint64) -> tuple[int, np.uint64]:
    """Copy the ids that survive to ``words``; return how many, and the random state."""
    n = 0
    for i in range(len(ids)):
        state = _next_random(state)
        words[n] = ids[i]
        n += np.uint32(state >> np.uint64(32)) <= keep[ids[i]]
    return n, state


@_entry
def train(
    input_: Any,
    output: Any,
    ids: Any,
    firsts: Any,
    ends: Any,
    keep: Any,
    noise: Any,
    signs: Any,
    weights: Any,
    rate_start: float,
    rate_end: float,
    shared: int,
    state: np.uint64,
    words: Any,
    rows: Any,
    dots: Any,
    row_lanes: Any,
) -> tuple[float, int, int]:
    """Train in place on every text; return the loss, pairs and tokens after subsampling.

    `shards.train_shard` is the function to call. Text i is ``ids[firsts[i]:ends[i]]``; ``signs``
    and ``weights[m]`` hold s and w of each term of a centre with m context words, negatives first;
    ``words``, ``rows`` and ``dots`` are scratch; ``row_lanes`` is a tuple as long as a row has
    lanes.
    """
    lanes, window = len(row_lanes), (len(weights) - 1) // 2
    terms_of_a_pair = weights[1].sum()
    fall = (rate_end - rate_start) / max(1, (ends - firsts).sum())
    drawn = _below(_next_random(state), len(noise) - 2 * shared)
    loss, pairs, kept, read = 0.0, 0, 0, 0
    for text in range(len(firsts)):
        rate = np.float32(rate_start + fall * read)
        n, state = _subsample(ids[firsts[text] : ends[text]], keep, words, state)
        kept += n
        read += ends[text] - firsts[text]
        for start in range(0, n, BLOCK):
            for k in range(shared):
                rows[k] = _row(output, noise[drawn + k])
                _ask_for(_row(output, noise[drawn + shared + k]), lanes)
            drawn += shared
            if drawn + 2 * shared > len(noise):
                drawn = 0
            for centre in range(start, min(n, start + BLOCK)):
                if centre + PREFETCH < n:
                    _ask_for(_row(input_, words[centre + PREFETCH]), lanes)
                if centre + PREFETCH + window < n:
                    _ask_for(_row(output, words[centre + PREFETCH + window]), lanes)
                state = _next_random(state)
                reach = 1 + _below(state, window)
                v, count = _row(input_, words[centre]), shared
                for j in range(max(0, centre - reach), min(n, centre + reach + 1)):
                    if j != centre:
                        rows[count] = _row(output, words[j])
                        count += 1
                for j in range(count):
                    dots[j] = _dot(rows[j], v, lanes)
                m = count - shared
                limit = np.float32(MAX_STEP / (m * terms_of_a_pair))
                loss += _to_steps(dots, signs, weights[m], count, min(rate, limit))
                _descend(v, rows, dots, count, lanes)
                pairs += m
    return loss, pairs, kept


@_entry
def merge(base: Any, replicas: Any, scale: Any, first: int, last: int) -> None:
    """Set rows ``first..last - 1`` of ``base`` and all replicas to the merged weights.

    ``base + scale[row] * sum_r (replicas[r] - base)``, summed in the order of r.
    """
    lanes = base.shape[1] // LANE
    for index in range(first, last):
        row = _row(base, index)
        for lane in range(lanes):
            old, change = _load(row, lane), _fill(0.0)
            for r in range(len(replicas)):
                change = change + (_load(_row(replicas[r], index), lane) - old)
            new = old + change * scale[index]
            _store(row, lane, new)
            for r in range(len(replicas)):
                _store(_row(replicas[r], index), lane, new)


@_entry
def copy_texts(ids: Any, offsets: Any, texts: Any, places: Any, copied: Any) -> None:
    """Copy text ``texts[i]`` of ``ids`` to ``copied``, from ``places[i]`` on."""
    for i in range(len(texts)):
        first, place = offsets[texts[i]], places[i]
        for j in range(offsets[texts[i] + 1] - first):
            copied[place + j] = ids[first + j]


@_entry
def id_range(ids: Any, firsts: Any, ends: Any) -> tuple[int, int]:
    """Return the least and the greatest id of texts of which at least one has a token."""
    least = greatest = ids[firsts[np.argmax(ends - firsts)]]
    for text in range(len(firsts)):
        for i in range(firsts[text], ends[text]):
            least, greatest = min(least, ids[i]), max(greatest, ids[i])
    return least, greatest
