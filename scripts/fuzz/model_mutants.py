"""Mutants of model files: valid content with a few changes, written with right checksums.

The writer here is independent of the package's, and checks nothing: it also writes NaN, integers of
thousands of digits, and nesting of any depth.
"""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["Content", "mutant", "written"]

_CODES = {"f8": "F64", "f4": "F32", "f2": "F16", "u1": "U8", "u2": "U16", "u4": "U32", "u8": "U64"}
_CODES |= {f"i{size}": f"I{8 * size}" for size in (1, 2, 4, 8)}
_TEXT = "@text:"
"""What follows this mark in a string is written as it is, and not as a string."""

ODD: list[Any] = [
    *[None, True, False, 0, 1, -1, 2, 7, 0.5, -0.5, 1.0, 1e-300, -1e300, 1e308, 1e15, 1e-9, 2**31],
    *[2**53, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**30, float("nan"), float("inf")],
    *["", "x", "en", "zh", "language", "balanced", "nltk:porter", "nltk:TweetTokenizer", "words"],
    *["score", "plain_mean", "negative", "1", "a\0", "\ud800", "x" * 100_000, [], {}, [[]]],
    *[["a", "b"], ["a"], [1, 2], [True, False], [None], {"a": 1}, [["a"], ["b"]], [["a", 1.0]]],
    *[[0] * 50_000, [[]] * 50_000, list(range(3000)), {str(i): i for i in range(3000)}],
    *[f"{_TEXT}{'9' * 400}", f"{_TEXT}{'9' * 5000}", f"{_TEXT}0.{'3' * 400}", f"{_TEXT}1e999"],
    *[f"{_TEXT}{'[' * n}{']' * n}" for n in (20, 40, 500, 100_000)],
]
EXTREMES = [
    *[0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 1e-45, 1e-30, 1e-12, 1e-3, 1e3, 1e6, 1.1e6, 1e12, 1e15],
    *[1.1e15, 1e19, 3e38, -3e38, -1e15, float("nan"), float("inf"), -float("inf")],
]
WHOLE = [0, 1, -1, 2, 59, 60, 61, 127, -128, 2**31 - 1, -(2**31), 2**62, -(2**63), 2**63 - 1]


@dataclass
class Content:
    """What a file holds: kind, manifest, tensors, and changes of the raw bytes."""

    kind: str
    manifest: dict[str, Any]
    tensors: dict[str, NDArray[Any]]
    version: str = "1.0"
    done: list[str] = field(default_factory=list)
    raw: list[Callable[[bytes], bytes]] = field(default_factory=list)


def written(content: Content) -> bytes:
    """Return the bytes of a file with this content and right checksums."""
    specs = {name: _spec(array) for name, array in content.tensors.items()}
    document = {
        "format_version": content.version,
        "kind": content.kind,
        "manifest": content.manifest,
        "package_version": "0.1.0",
        "tensors": specs,
    }
    text = _json(document)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    header: dict[str, Any] = {"__metadata__": {"sentiment_transfer": text, "sha256": digest}}
    parts, end = [], 0
    for name in sorted(specs, key=lambda name: (-content.tensors[name].itemsize, name)):
        data = np.ascontiguousarray(content.tensors[name]).tobytes()
        header[name] = {
            "dtype": specs[name]["dtype"],
            "shape": specs[name]["shape"],
            "data_offsets": [end, end + len(data)],
        }
        end += len(data)
        parts.append(data)
    raw = _json(header).encode("utf-8", "surrogatepass")
    raw += b" " * (-len(raw) % 8)
    whole = len(raw).to_bytes(8, "little") + raw + b"".join(parts)
    for change in content.raw:
        whole = change(whole)
    return whole


def _spec(array: NDArray[Any]) -> dict[str, Any]:
    digest = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    return {
        "dtype": _CODES[array.dtype.str.lstrip("<|=")],
        "sha256": digest,
        "shape": [*array.shape],
    }


def _json(value: object) -> str:
    """JSON as the format demands it, with marked strings as they are."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    while f'"{_TEXT}' in text:
        before, _, rest = text.partition(f'"{_TEXT}')
        inside, _, after = rest.partition('"')
        text = before + inside + after
    return text


def mutant(rng: random.Random, seeds: list[Content]) -> Content:
    """Return a copy of one of the seeds with one to four changes, mostly one."""
    content = copy.deepcopy(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 1, 1, 1, 2, 2, 3, 4))):
        names, weights = [*CHANGES], [weight for _, weight in CHANGES.values()]
        name = rng.choices(names, weights)[0]
        content.done.append(name)
        CHANGES[name][0](rng, content, seeds)
    return content


# ---- facts


def _places(value: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401  (JSON)
    """Every container with each of its keys or indices."""
    if not isinstance(value, dict | list):
        return []
    keys = [*value] if isinstance(value, dict) else [*range(min(len(value), 50))]
    return [(value, key) for key in keys] + [inner for key in keys for inner in _places(value[key])]


def _place(rng: random.Random, content: Content) -> tuple[Any, Any]:
    manifest = content.manifest
    places = [p for p in _places(manifest) if p[0] is not manifest.get("training")]
    if not places:
        manifest["x"] = None
    return rng.choice(places or [(manifest, "x")])


def _replace_fact(rng: random.Random, content: Content, _: list[Content]) -> None:
    holder, key = _place(rng, content)
    holder[key] = copy.deepcopy(rng.choice(ODD))


def _scale_fact(rng: random.Random, content: Content, _: list[Content]) -> None:
    places = [
        (holder, key)
        for holder, key in _places(content.manifest)
        if isinstance(holder[key], int | float)
    ]
    if places:
        holder, key = rng.choice(places)
        factors = (-1, 0, 0.5, 2, 10, 1e3, 1e-3, 1e6, 1e-6, 1e12, 1e-12, 1e30)
        value = holder[key] * rng.choice(factors)
        integer = isinstance(holder[key], int) and rng.random() < 0.7 and abs(value) < 1e300
        holder[key] = int(value) if integer else value


def _remove_fact(rng: random.Random, content: Content, _: list[Content]) -> None:
    holder, key = _place(rng, content)
    if key in holder or isinstance(holder, list):
        del holder[key]


def _add_fact(rng: random.Random, content: Content, _: list[Content]) -> None:
    holder, key = _place(rng, content)
    if isinstance(holder, list):
        holder.insert(key, copy.deepcopy(rng.choice([rng.choice(ODD), rng.choice(holder)])))
    else:
        names = ("x", "hidden", "weighting", "prevalence_of_texts", "encoder_saw_labelled")
        holder[rng.choice(names)] = copy.deepcopy(rng.choice(ODD))


def _repeat_fact(rng: random.Random, content: Content, _: list[Content]) -> None:
    lists = [h[k] for h, k in _places(content.manifest) if isinstance(h[k], list) and h[k]]
    if lists:
        chosen = rng.choice(lists)
        times = rng.choice((2, 3, 50, 5000))
        chosen += [copy.deepcopy(chosen[0]) for _ in range(min(times, 20_000 // len(chosen)))]


def _swap_facts(rng: random.Random, content: Content, _: list[Content]) -> None:
    (one, i), (other, j) = _place(rng, content), _place(rng, content)
    if one is not other or i != j:
        one[i], other[j] = copy.deepcopy(other[j]), copy.deepcopy(one[i])


def _shuffle_facts(rng: random.Random, content: Content, _: list[Content]) -> None:
    lists = [h[k] for h, k in _places(content.manifest) if isinstance(h[k], list) and h[k]]
    if lists:
        rng.shuffle(rng.choice(lists))


def _fact_of_another(rng: random.Random, content: Content, seeds: list[Content]) -> None:
    other, key = rng.choice(seeds).manifest, rng.choice([*content.manifest, "head", "encoder"])
    if key in other:
        content.manifest[key] = copy.deepcopy(other[key])


def _part_of_another(rng: random.Random, content: Content, seeds: list[Content]) -> None:
    """Take a whole part of another file: its facts, type and tensors."""
    other, part = rng.choice(seeds), rng.choice(("vectors", "encoder", "head"))
    for key in (part, f"{part}_type"):
        if key in other.manifest:
            content.manifest[key] = copy.deepcopy(other.manifest[key])
    own = {n: t for n, t in content.tensors.items() if not n.startswith(f"{part}/")}
    theirs = {n: t.copy() for n, t in other.tensors.items() if n.startswith(f"{part}/")}
    content.tensors = own | theirs


# ---- tensors


def _name(rng: random.Random, content: Content) -> str:
    names = sorted(content.tensors)
    if not names:
        content.tensors["x"] = np.zeros(3)
        names = ["x"]
    return rng.choice(names)


def _remove_tensor(rng: random.Random, content: Content, _: list[Content]) -> None:
    del content.tensors[_name(rng, content)]


def _rename_tensor(rng: random.Random, content: Content, _: list[Content]) -> None:
    name = _name(rng, content)
    content.tensors[rng.choice(("x", name + "x", f"head/{name}", ""))] = content.tensors.pop(name)


def _alias_tensor(rng: random.Random, content: Content, seeds: list[Content]) -> None:
    source = rng.choice([content, content, rng.choice(seeds)])
    content.tensors[_name(rng, content)] = source.tensors[_name(rng, source)].copy()


def _same_tensor_of_another(rng: random.Random, content: Content, seeds: list[Content]) -> None:
    name, other = _name(rng, content), rng.choice(seeds)
    if name in other.tensors:
        content.tensors[name] = other.tensors[name].copy()


def _cast_tensor(rng: random.Random, content: Content, _: list[Content]) -> None:
    name = _name(rng, content)
    dtype = np.dtype(rng.choice(sorted(_CODES)))
    with np.errstate(all="ignore"):
        array = content.tensors[name]
        raw = np.frombuffer(array.tobytes()[: array.nbytes // 8 * 8], dtype)
        content.tensors[name] = raw.copy() if rng.random() < 0.2 else array.astype(dtype)


def _reshape_tensor(rng: random.Random, content: Content, _: list[Content]) -> None:
    name = _name(rng, content)
    array = content.tensors[name]
    shapes: list[Callable[[], NDArray[Any]]] = [
        lambda: array.reshape(-1)[:1],
        lambda: array.reshape(-1)[0] if array.size else array,
        lambda: array.reshape(-1),
        lambda: array.T,
        lambda: array[None],
        lambda: array[..., None],
        lambda: np.atleast_1d(array)[:0],
        lambda: array[:-1] if array.ndim else array,
        lambda: array[..., :-1] if array.ndim else array,
        lambda: np.concatenate([array, array[:1]]) if array.ndim else array,
        lambda: np.concatenate([array, array]) if array.ndim else array,
        lambda: np.concatenate([array, array], axis=-1) if array.ndim else array,
        lambda: np.zeros((0, 2**40), array.dtype),
        lambda: np.zeros((2,) * 20, array.dtype),
    ]
    content.tensors[name] = np.array(rng.choice(shapes)())


def _set_values(rng: random.Random, content: Content, _: list[Content]) -> None:
    """Set one element, some, or all to an extreme value or to one of the others."""
    name = _name(rng, content)
    flat = content.tensors[name].reshape(-1)
    if flat.size:
        value = rng.choice(EXTREMES if flat.dtype.kind == "f" else WHOLE)
        with np.errstate(all="ignore"):
            new = np.array(rng.choice((value, value, flat[0]))).astype(flat.dtype)
        at = rng.choice((slice(None), slice(0, 1), slice(-1, None), slice(None, None, 7), None))
        flat[rng.randrange(flat.size) if at is None else at] = new
        content.tensors[name] = flat.reshape(content.tensors[name].shape)


def _scale_values(rng: random.Random, content: Content, _: list[Content]) -> None:
    name = _name(rng, content)
    array = content.tensors[name]
    factor = rng.choice((-1, 0.5, 2, 10, 30, 100, 1e3, 1e5, 1e9, 1e14, 1e20, 1e30, 1e38))
    with np.errstate(all="ignore"):
        scaled = array.astype(np.float64) * (factor if rng.random() < 0.6 else 1 / factor)
        content.tensors[name] = scaled.astype(array.dtype)


def _order_values(rng: random.Random, content: Content, _: list[Content]) -> None:
    name = _name(rng, content)
    array = content.tensors[name]
    if array.ndim and array.size:
        order = np.random.default_rng(rng.getrandbits(32))
        content.tensors[name] = rng.choice(
            (
                lambda: array[::-1].copy(),
                lambda: np.sort(array, axis=0),
                lambda: order.permutation(array),
                lambda: order.permuted(array),
                lambda: np.roll(array, 1),
                lambda: np.repeat(array[:1], len(array), axis=0),
            )
        )()


def _flip_bytes(rng: random.Random, content: Content, _: list[Content]) -> None:
    name = _name(rng, content)
    array = np.ascontiguousarray(content.tensors[name]).copy()
    raw = array.reshape(-1).view(np.uint8)
    for _ in range(rng.choice((1, 1, 4, 64)) if raw.size else 0):
        raw[rng.randrange(raw.size)] = rng.randrange(256)
    content.tensors[name] = array


def _select_axis(rng: random.Random, content: Content, _: list[Content]) -> None:
    """Drop, repeat or reorder the same places of every axis of one length, in all tensors."""
    lengths = sorted({n for array in content.tensors.values() for n in array.shape if 1 < n < 1e6})
    if not lengths:
        return
    n = rng.choice(lengths)
    order = np.random.default_rng(rng.getrandbits(32))
    places = rng.choice(
        (
            lambda: np.arange(n - 1),
            lambda: np.sort(order.choice(n, rng.randrange(1, n), replace=False)),
            lambda: order.permutation(n),
            lambda: np.arange(n + 1) % n,
            lambda: np.arange(n)[:1],
            lambda: np.zeros(0, np.intp),
        )
    )()
    for name, array in content.tensors.items():
        for axis, length in enumerate(array.shape):
            fits = max(array.shape) < 1e6 and array.size * len(places) < 1e7 * n
            if length == n and fits and not name.endswith("words.utf8"):
                array = np.take(array, places, axis=axis)
        content.tensors[name] = array


def _drop_words(rng: random.Random, content: Content, _: list[Content]) -> None:
    """Keep some words, with all that belongs to them; the file is valid unless none is left."""
    prefix = "" if content.kind == "word_vectors" else "vectors/"
    offsets = content.tensors.get(f"{prefix}words.offsets")
    utf8 = content.tensors.get(f"{prefix}words.utf8")
    arrays = [array for array in (offsets, utf8) if array is not None and array.ndim == 1]
    if offsets is None or utf8 is None or len(arrays) < 2 or offsets.dtype.kind not in "iu":
        return
    offsets = np.append(offsets, 0) if len(offsets) < 2 else offsets
    n = len(offsets) - 1
    kept = sorted(rng.sample(range(n), rng.randrange(n + 1)))
    words = [utf8[max(0, offsets[i]) : max(0, offsets[i + 1])] for i in kept]
    for name, array in content.tensors.items():
        if array.ndim and len(array) == n and not name.startswith(("head/", "encoder/frequency")):
            content.tensors[name] = array[kept]
    if sum(map(len, words)) > 1e8:  # of offsets out of order
        return
    content.tensors[f"{prefix}words.utf8"] = np.concatenate([np.zeros(0, np.uint8), *words])
    lengths = [0, *map(len, words)]
    content.tensors[f"{prefix}words.offsets"] = np.cumsum(lengths).astype(np.int64)


def _many_tensors(rng: random.Random, content: Content, _: list[Content]) -> None:
    n = rng.choice((100, 9_000, 20_000))
    shape = rng.choice(((), (0,), (1,)))
    prefix = rng.choice(("", "head/", "head/0/", "encoder/"))
    content.tensors |= {f"{prefix}{i}": np.zeros(shape, np.int8) for i in range(n)}


# ---- the container


def _version(rng: random.Random, content: Content, _: list[Content]) -> None:
    content.version = rng.choice(("1.1", "1.999", "2.0", "0.9", "1", "", "01.0", "9" * 400))


def _kind(rng: random.Random, content: Content, _: list[Content]) -> None:
    content.kind = rng.choice(("classifier", "word_vectors", "checkpoint", "", "x" * 5000))


def _bytes(rng: random.Random, content: Content, _: list[Content]) -> None:
    """Cut, extend or overwrite the file, without new checksums."""
    at, byte, what = rng.random(), rng.randrange(256), rng.randrange(5)

    def change(data: bytes) -> bytes:
        n = int(at * len(data))
        forms = (
            data[:n],
            data + bytes([byte]) * (1 + n % 9),
            data[:n] + bytes([byte]) + data[n + 1 :],
            min(n**3, 2**64 - 1).to_bytes(8, "little") + data[8:],
            data[:8] + data[8:].replace(b'"shape":[', b'"shape":[%d,' % byte, 1),
        )
        return forms[what]

    content.raw.append(change)


CHANGES: dict[str, tuple[Any, float]] = {
    "replace a fact": (_replace_fact, 10),
    "scale a fact": (_scale_fact, 8),
    "remove a fact": (_remove_fact, 4),
    "add a fact": (_add_fact, 4),
    "repeat facts of a list": (_repeat_fact, 1),
    "swap facts": (_swap_facts, 4),
    "shuffle facts of a list": (_shuffle_facts, 3),
    "a fact of another file": (_fact_of_another, 3),
    "a part of another file": (_part_of_another, 6),
    "remove a tensor": (_remove_tensor, 2),
    "rename a tensor": (_rename_tensor, 2),
    "a tensor under another name": (_alias_tensor, 4),
    "a tensor of another file": (_same_tensor_of_another, 6),
    "another dtype": (_cast_tensor, 5),
    "another shape": (_reshape_tensor, 10),
    "set values": (_set_values, 16),
    "scale values": (_scale_values, 12),
    "order values": (_order_values, 8),
    "overwrite bytes of a tensor": (_flip_bytes, 8),
    "select along an axis": (_select_axis, 12),
    "drop words": (_drop_words, 8),
    "many tensors": (_many_tensors, 0.3),
    "another version": (_version, 1),
    "another kind": (_kind, 1),
    "bytes of the file": (_bytes, 4),
}
