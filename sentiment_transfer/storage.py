"""Model files: tensors and a JSON manifest in one ``.safetensors`` file.

Such a file consists of an 8-byte little-endian header length, a JSON header with the position of
each tensor, and the tensors' bytes. In the header's ``__metadata__``, ``sentiment_transfer`` holds
one JSON text, the document: format version, package version, kind, the caller's manifest, and
dtype, shape and sha256 of every tensor. ``sha256`` holds the checksum of that text.

The document determines the header down to the byte: keys sorted, no spare whitespace, tensors
ordered by item size (largest first) and name, padded with spaces to a multiple of 8. So the same
content always gives the same file, and a reader only has to compare the header with the one that
its document implies. They differ if keys are duplicate, offsets overlap or are missing, there are
NaN, too many or too few tensors, or edited text.

Minor versions may add fields to the document, which older releases ignore, and facts to the
manifest, whose files older releases refuse by the name of the fact (see `base.schema`). Any other
change needs a new major version.

The header has at most 4 MiB, 10,000 tensors and 32 levels of nesting, and its integers fit 64 bits:
JSON needs up to 25 times its size in memory, and each tensor some microseconds, so a small file
cannot take long or much memory.

Any ``safetensors`` reader opens these files, and the tests use that package as the independent one.
It is not used here, since all checks would still be needed: it accepts duplicate keys and NaN,
saves strided arrays wrongly without an error, and writes metadata in random order.

Checksums detect damage and careless edits. They do not prove who wrote a file: anyone who changes a
tensor can also update its checksum.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import math
import os
import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.atomic import atomic_write
from sentiment_transfer.errors import InputError, ModelFileError, shortened, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from io import BufferedReader

    from numpy.typing import NDArray

__all__ = [
    "Stored",
    "check_strings",
    "load_file",
    "pack_strings",
    "package_version",
    "save_file",
    "unpack_strings",
]

FORMAT = "sentiment_transfer"
FORMAT_VERSION = "1.0"
MAX_BYTES = 8 * 2**30
MAX_HEADER_BYTES = 4 * 2**20
MAX_TENSORS = 10_000
"""A model of a thousand classes has 9,000; their entries take 3 MB of the header."""
MAX_LEVELS = 32
MAX_UTF8 = 1 << 26
"""Bytes of the strings of a file: eight million words of eight."""
MAX_HASHED = 1 << 22
"""Bytes of strings that are compared by hashes, which take 32 times as many bytes."""

# No bool: a byte other than 0 and 1 would be an undefined value.
_DTYPES = {
    f"{kind.upper()}{8 * int(size)}": np.dtype(f"<{kind}{size}")
    for kind, size in ("f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1")
}
_CODES = {dtype.str: code for code, dtype in _DTYPES.items()}
_DAMAGED = "the file is damaged or was tampered with; fetch or save it again"

# A header length is arbitrary bytes too, hence patterns that no likely length matches.
_LOOKS_LIKE = {
    rb"PK\x03\x04": "a zip archive, which torch and numpy write as well",
    rb"\x80[\x02-\x05][^\x00]": "a pickle, which can run code when opened and is never read here",
    rb"\x1f\x8b\x08": "a gzip file; unpack it first",
    rb"\x93NUMPY": "a numpy array",
    rb"\s*<": "a web page; the download probably failed",
    rb"version https://git-lfs": "a Git LFS pointer; fetch the file itself with: git lfs pull",
    rb"": "another kind of file, or one that was cut short",
}


@dataclass(frozen=True, eq=False)
class Stored:
    """Content of a file.

    Attributes
    ----------
    kind, manifest
        As passed to `save_file`.
    tensors
        Arrays by name, writable, each owning its memory.
    format_version, package_version
        Those of the program that wrote the file.
    """

    kind: str
    manifest: dict[str, Any]
    tensors: dict[str, NDArray[Any]]
    format_version: str
    package_version: str


def save_file(
    path: str | os.PathLike[str],
    kind: str,
    manifest: Mapping[str, Any],
    tensors: Mapping[str, NDArray[Any]],
) -> None:
    """Write tensors and manifest to one file, atomically; the same content gives the same bytes.

    Parameters
    ----------
    kind
        Type of the content, such as ``"word_vectors"``; `load_file` can require it.
    manifest
        Values that JSON restores unchanged: text keys, text, finite numbers, ``None``, lists (no
        tuples). May be empty. Keys are sorted.
    tensors
        Arrays of integers or floats up to 64 bits, of any shape, strides and byte order, including
        empty and zero-dimensional ones. May be empty.

    Raises
    ------
    InputError
        A float is not finite, a dtype or the manifest cannot be stored, or no file can be created
        at ``path``.
    OSError
        The disk is full or not writable; an existing file at ``path`` is intact.
    """
    try:
        if len(tensors) > MAX_TENSORS:
            raise ValueError(f"{len(tensors):,} tensors are too many; at most {MAX_TENSORS:,} fit")
        _check_json({"manifest": manifest})
        arrays = {name: _storable(name, tensor) for name, tensor in tensors.items()}
        if json.loads(_json(dict(manifest))) != manifest:
            raise ValueError("the manifest would load differently; use text keys and no tuples")
        specs = {name: _describe(array) for name, array in arrays.items()}
        document = {
            "format_version": FORMAT_VERSION,
            "kind": kind,
            "manifest": dict(manifest),
            "package_version": package_version(),
            "tensors": specs,
        }
        header = _header(document)
        if len(header) > MAX_HEADER_BYTES:
            raise ValueError(f"a header of {len(header):,} bytes is too large; use tensors")
    except (TypeError, ValueError, RecursionError) as error:
        raise InputError(f"cannot be written: {error}", path=os.fspath(path)) from error
    with atomic_write(path) as file:
        file.write(len(header).to_bytes(8, "little"))
        file.write(header)
        for name in _ranges(specs):
            file.write(_memory(arrays[name]))


def load_file(
    path: str | os.PathLike[str], *, kind: str | None = None, max_bytes: int = MAX_BYTES
) -> Stored:
    """Read and verify a file that `save_file` wrote, of the given kind if there is one.

    Files of more than ``max_bytes`` are refused before anything is parsed.

    Raises
    ------
    ModelFileError
        The file is missing, unreadable, too large, not one of these, damaged, from a newer major
        format, or of another kind.
    """
    place = os.fspath(path)
    try:
        return _load(Path(path), kind, max_bytes)
    except ModelFileError as error:  # raised below without the path
        raise ModelFileError(error.message, path=place) from None
    except OSError as error:
        raise ModelFileError(f"cannot be read: {error.strerror or error}", path=place) from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelFileError(f"{_DAMAGED} ({error})", path=place) from error
    except MemoryError as error:
        raise ModelFileError("needs more memory than there is; free some", path=place) from error


def pack_strings(strings: Iterable[str]) -> dict[str, NDArray[Any]]:
    r"""Turn strings into two tensors: their UTF-8 bytes, and the bounds of each string.

    ``["no", "", "né"]`` becomes ``words.utf8 = b"non\xc3\xa9"`` and
    ``words.offsets = [0, 2, 2, 5]``. No strings give ``[]`` and ``[0]``. Raises ``InputError`` for
    a lone surrogate, which UTF-8 cannot carry.
    """
    encoded = []
    for string in strings:
        try:
            encoded.append(string.encode())
        except UnicodeEncodeError as error:
            raise InputError(
                f"{string!r} in words contains a lone surrogate (half a character) and cannot be "
                "stored; read the texts as UTF-8, or leave it out"
            ) from error
    return {
        "words.utf8": np.frombuffer(b"".join(encoded), dtype=np.uint8),
        "words.offsets": np.cumsum([0, *map(len, encoded)], dtype=np.int64),
    }


def unpack_strings(tensors: Mapping[str, NDArray[Any]]) -> list[str]:
    """Undo `pack_strings`, for tensors that passed `check_strings`."""
    data = tensors["words.utf8"].tobytes()
    return [data[begin:end].decode() for begin, end in pairwise(tensors["words.offsets"].tolist())]


def check_strings(tensors: Mapping[str, NDArray[Any]]) -> None:
    """Raise ``ValueError`` if `pack_strings` tensors do not describe different strings.

    They are uint8 ``(n_bytes,)`` and int64 ``(n_strings + 1,)``.
    """
    utf8, offsets = tensors["words.utf8"], tensors["words.offsets"]
    if offsets[0] != 0 or offsets[-1] != len(utf8) or (offsets[1:] < offsets[:-1]).any():
        raise ValueError("words.offsets must rise from 0 to the number of bytes in words.utf8")
    if len(utf8) > MAX_UTF8:
        raise ValueError(
            f"words.utf8 has {len(utf8):,} bytes, but at most {MAX_UTF8:,} are allowed"
        )
    decoder = codecs.getincrementaldecoder("utf-8")()
    for begin in range(0, len(utf8), 1 << 20):  # all at once may take four times its bytes
        decoder.decode(utf8[begin : begin + (1 << 20)].tobytes())
    decoder.decode(b"", final=True)  # UnicodeDecodeError is a ValueError
    inner = utf8[offsets[offsets < len(utf8)]]
    if ((inner & 0xC0) == 0x80).any():
        raise ValueError("words.offsets divide a character of words.utf8")
    if _may_repeat(utf8, offsets):
        ((word, count),) = Counter(unpack_strings(tensors)).most_common(1)
        if count > 1:
            raise ValueError(f"the word {shown(word)} occurs {count:,} times in words.utf8")


def _may_repeat(utf8: NDArray[np.uint8], offsets: NDArray[np.int64]) -> bool:
    """Return whether strings have equal hashes, as equal ones have; True if there are many bytes.

    The hash is ``sum_i (byte_i + 1) r^i`` modulo 2^64 with ``i`` counted from the start of all
    bytes, times a power of ``r`` that makes up for where the string starts. Python would take four
    times as long to compare the words themselves.
    """
    if len(utf8) > MAX_HASHED:
        return True
    powers = np.full(len(utf8) + 1, 0x9E3779B97F4A7C15, np.uint64)
    powers[0] = 1
    np.cumprod(powers, out=powers)
    sums = np.zeros(len(utf8) + 1, np.uint64)
    np.cumsum((utf8 + np.uint64(1)) * powers[:-1], out=sums[1:])
    begin, end = offsets[:-1], offsets[1:]
    hashes = np.sort((sums[end] - sums[begin]) * powers[len(utf8) - begin])
    return bool((hashes[1:] == hashes[:-1]).any())


def _storable(name: str, tensor: NDArray[Any]) -> NDArray[Any]:
    dtype = tensor.dtype.newbyteorder("<")
    if dtype.str not in _CODES:
        raise ValueError(f"tensor {name!r} is {tensor.dtype}; use integers or floats to 64 bits")
    # Not np.ascontiguousarray, which gives a zero-dimensional array a dimension.
    array = np.asarray(tensor, dtype=dtype, order="C")
    _require_finite(name, array)
    return array


def _require_finite(name: str, array: NDArray[Any]) -> None:
    if array.dtype.kind != "f" or not array.size:
        return
    if not (np.isfinite(array.min()) and np.isfinite(array.max())):  # takes no memory
        finite = np.isfinite(array)
        at = tuple(int(i) for i in np.unravel_index(int(np.argmin(finite)), array.shape))
        raise ValueError(f"tensor {name!r} holds {array[at]} at {at}; values must be finite")


def _memory(array: NDArray[Any]) -> memoryview:
    """Return the bytes of a contiguous array, without a copy."""
    return array.reshape(-1).view(np.uint8).data


def _describe(array: NDArray[Any]) -> dict[str, Any]:
    digest = hashlib.sha256(_memory(array)).hexdigest()
    return {"dtype": _CODES[array.dtype.str], "sha256": digest, "shape": list(array.shape)}


def package_version() -> str:
    """Return the version of this package, "unknown" if it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("sentiment-transfer")
    except PackageNotFoundError:  # run from a source folder
        return "unknown"


def _json(value: object) -> str:
    return json.dumps(
        value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    )


def _check_json(value: object, levels: int = MAX_LEVELS) -> None:
    """Raise ``ValueError`` for JSON of too many levels, or with an integer of over 64 bits."""
    if isinstance(value, dict | list | tuple):
        if not levels:
            raise ValueError(f"the manifest has more than {MAX_LEVELS} levels of nesting")
        for inner in value.values() if isinstance(value, dict) else value:
            if not isinstance(inner, str):
                _check_json(inner, levels - 1)
    elif isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise ValueError(f"{shown(value)} does not fit 64 bits; write it as text or as a float")


def _parse(text: str) -> Any:  # noqa: ANN401  (JSON)
    """Return the value of a JSON text, with a ``ValueError`` for what `_check_json` refuses."""
    try:
        value = json.loads(text, parse_int=_parse_int)
    except RecursionError:
        raise ValueError(f"the header has more than {MAX_LEVELS} levels of nesting") from None
    _check_json(value)
    return value


def _parse_int(digits: str) -> int:
    if len(digits) > 20:  # Python reads thousands of digits in quadratic time
        raise ValueError(f"an integer of {len(digits):,} digits does not fit 64 bits")
    return int(digits)


def _ranges(specs: dict[str, Any]) -> dict[str, tuple[int, int]]:
    """Return the first and last byte of each tensor, in the order of the file."""
    itemsizes = {name: _DTYPES[spec["dtype"]].itemsize for name, spec in specs.items()}
    ranges = {}
    end = 0
    for name in sorted(specs, key=lambda name: (-itemsizes[name], name)):
        shape = specs[name]["shape"]
        # The bounds also keep the product below from becoming a number of a million digits.
        if len(shape) > 32 or not all(type(n) is int and 0 <= n < 2**48 for n in shape):
            raise ValueError(f"tensor {name!r} has the shape {shape}")
        begin, end = end, end + math.prod(shape) * itemsizes[name]
        ranges[name] = begin, end
    return ranges


def _header(document: dict[str, Any]) -> bytes:
    """Return the header that a document implies, byte for byte."""
    text = _json(document)
    digest = hashlib.sha256(text.encode()).hexdigest()
    header: dict[str, Any] = {"__metadata__": {FORMAT: text, "sha256": digest}}
    for name, data_offsets in _ranges(document["tensors"]).items():
        if name == "__metadata__":
            raise ValueError("no tensor may be named '__metadata__'")
        spec = document["tensors"][name]
        header[name] = {key: spec[key] for key in ("dtype", "shape")}
        header[name]["data_offsets"] = data_offsets
    raw = _json(header).encode()
    return raw + b" " * (-len(raw) % 8)


# Below, a ModelFileError has its own remedy; any other error means damage.


def _load(path: Path, kind: str | None, max_bytes: int) -> Stored:
    if not path.is_file():
        what = "is a folder or a device" if path.exists() else "does not exist"
        raise ModelFileError(f"{what}; give the path of a model file")
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > max_bytes:
            raise ModelFileError(
                f"the file has {size:,} bytes, the cap is {max_bytes:,}; "
                "pass a larger max_bytes if you trust the file"
            )
        header = _read_header(file, size)
        document = _read_document(header)
        if kind not in (None, document["kind"]):
            raise ModelFileError(
                f"holds {shortened(document['kind'])}, but {kind} was expected; give such a file"
            )
        specs = document["tensors"]
        ranges = _ranges(specs)
        expected = 8 + len(header) + max((end for _, end in ranges.values()), default=0)
        if size != expected:
            raise ValueError(f"the file has {size:,} bytes where {expected:,} belong")
        tensors = {name: _read_tensor(file, name, specs[name]) for name in ranges}
    return Stored(
        document["kind"],
        document["manifest"],
        tensors,
        document["format_version"],
        document["package_version"],
    )


def _read_header(file: BufferedReader, size: int) -> bytes:
    start = file.read(64)
    if not start:
        raise ModelFileError("the file is empty; fetch or save it again")
    length = int.from_bytes(start[:8], "little")
    if length > size - 8 or start[8:9] != b"{":
        guess = next(look for pattern, look in _LOOKS_LIKE.items() if re.match(pattern, start))
        raise ModelFileError(f"is not a model file; it looks like {guess}")
    if length > MAX_HEADER_BYTES:
        raise ModelFileError(
            f"the header has {length:,} bytes, at most {MAX_HEADER_BYTES:,} are allowed; the file "
            "is damaged or was not written by sentiment_transfer"
        )
    file.seek(8)
    return file.read(length)


def _read_document(raw: bytes) -> dict[str, Any]:
    """Return the document in a header, and check that the header is the one it implies."""
    header = _parse(raw.decode())
    if not isinstance(header.get("__metadata__"), dict) or FORMAT not in header["__metadata__"]:
        raise ModelFileError(
            "is a safetensors file, but sentiment_transfer did not write it; give one that it wrote"
        )
    document: dict[str, Any] = _parse(header["__metadata__"][FORMAT])
    _check_version(document["format_version"])
    types = {"kind": str, "manifest": dict, "package_version": str, "tensors": dict}
    for field, wanted in types.items():
        if not isinstance(document[field], wanted):
            raise TypeError(f"{field} is {shown(document[field])}")
    if len(document["tensors"]) > MAX_TENSORS:
        raise ModelFileError(
            f"has {len(document['tensors']):,} tensors, at most {MAX_TENSORS:,} are allowed; the "
            "file is damaged or was not written by sentiment_transfer"
        )
    implied = _header(document)
    if raw != implied:
        pairs = enumerate(zip(raw, implied, strict=False))
        at = next((i for i, (found, wanted) in pairs if found != wanted), len(implied))
        raise ValueError(
            f"{raw[at : at + 20]!r} at byte {at} of the header does not match the manifest"
        )
    return document


def _check_version(version: str) -> None:
    match = re.fullmatch(r"([1-9][0-9]{0,8})\.[0-9]{1,9}", version)
    own = int(FORMAT_VERSION.split(".")[0])
    if match is None:
        raise ValueError(f"format version {version!r}")
    if int(match[1]) > own:
        raise ModelFileError(
            f"has format {version}, but this version reads up to {own}; upgrade sentiment_transfer"
        )


def _read_tensor(file: BufferedReader, name: str, spec: dict[str, Any]) -> NDArray[Any]:
    array = np.empty(spec["shape"], dtype=_DTYPES[spec["dtype"]])
    file.readinto(_memory(array))
    if hashlib.sha256(_memory(array)).hexdigest() != spec["sha256"]:
        raise ValueError(f"tensor {name!r} does not match its checksum")
    _require_finite(name, array)
    return array
