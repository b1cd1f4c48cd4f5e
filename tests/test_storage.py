"""One file holds a model, gives back exactly what was saved, and nothing else passes for one."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import pickle
import subprocess
import sys
import threading
import time
import tracemalloc
import zipfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors import safe_open

from sentiment_transfer import storage
from sentiment_transfer.errors import InputError, ModelFileError
from sentiment_transfer.storage import (
    check_strings,
    load_file,
    pack_strings,
    save_file,
    unpack_strings,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

GOLDEN = Path(__file__).parent / "golden" / "golden_example-1.0.safetensors"
NUMBERS = st.one_of(
    hnp.integer_dtypes(endianness="?"),
    hnp.unsigned_integer_dtypes(endianness="?"),
    hnp.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=8,
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.safetensors"


def save_small(path: Path) -> None:
    # The float32 tensor comes first in the file (4-byte items), then the int8 one: 24 + 3 bytes.
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
    save_file(path, "toy", {"about": "né"}, {"flags": np.array([1, 0, -1], np.int8), "m": matrix})


def dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def assemble(header: dict[str, Any], text: str, data: bytes) -> bytes:
    """Write a file as a forger would: checksum of the document and header length renewed."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    header["__metadata__"] |= {"sentiment_transfer": text, "sha256": digest}
    raw = dump(header).encode("utf-8", "surrogatepass")
    raw += b" " * (-len(raw) % 8)
    return len(raw).to_bytes(8, "little") + raw + data


def take_apart(content: bytes) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """Header, document, tensor bytes."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    return header, json.loads(header["__metadata__"]["sentiment_transfer"]), content[8 + length :]


def assert_same(found: dict[str, NDArray[Any]], wanted: dict[str, NDArray[Any]]) -> None:
    assert found.keys() == wanted.keys()
    for name, array in wanted.items():
        assert found[name].dtype == array.dtype.newbyteorder("<")
        assert found[name].shape == array.shape
        np.testing.assert_array_equal(found[name], array)


def test_what_is_saved_is_what_is_loaded(path: Path) -> None:
    manifest = {"labels": ["good", "bad"], "scores": {"f1": 0.1, "n": 3}, "note": None, "é": "喜欢"}
    tensors = {"w": np.array([[1.5, -2.0]]), "ids": np.array([7, 8], np.int32)}
    save_file(path, "classifier", manifest, tensors)
    stored = load_file(path, kind="classifier")
    assert (stored.kind, stored.manifest, stored.format_version) == ("classifier", manifest, "1.0")
    assert_same(stored.tensors, tensors)


@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_numbers_of_any_shape_come_back_equal(path: Path, data: st.DataObject) -> None:
    shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    elements = {"allow_nan": False, "allow_infinity": False}
    arrays = NUMBERS.flatmap(lambda dtype: hnp.arrays(dtype, shapes, elements=elements))
    names = st.text(st.characters(codec="utf-8")).filter(lambda name: name != "__metadata__")
    tensors = data.draw(st.dictionaries(names, arrays, max_size=4))
    manifest = data.draw(st.dictionaries(st.text(st.characters(codec="utf-8")), JSON, max_size=3))
    save_file(path, "any", manifest, tensors)
    stored = load_file(path)
    assert stored.manifest == manifest
    assert_same(stored.tensors, tensors)
    assert_same(safetensors.numpy.load_file(path), stored.tensors)


def test_the_safetensors_package_reads_the_file(path: Path) -> None:
    save_small(path)
    found = safetensors.numpy.load_file(path)
    np.testing.assert_array_equal(found["m"], np.array([[0, 1, 2], [3, 4, 5]], np.float32))
    np.testing.assert_array_equal(found["flags"], np.array([1, 0, -1], np.int8))
    with safe_open(path, framework="np") as file:
        document = json.loads(file.metadata()["sentiment_transfer"])
    assert document["tensors"]["flags"] == {
        "dtype": "I8",
        "sha256": hashlib.sha256(b"\x01\x00\xff").hexdigest(),
        "shape": [3],
    }


def test_strided_transposed_and_big_endian_arrays_are_saved_by_value(path: Path) -> None:
    grid = np.arange(24, dtype=np.float32).reshape(4, 6)
    tensors = {
        "columns": grid[:, ::2],
        "reversed": grid[::-1],
        "fortran": np.asfortranarray(grid),
        "transposed": grid.T,
        "big": grid.astype(">f4"),
        "broadcast": np.broadcast_to(grid[0], (3, 6)),
    }
    save_file(path, "toy", {}, tensors)
    stored = load_file(path)
    assert_same(stored.tensors, tensors)
    assert all(array.flags.c_contiguous for array in stored.tensors.values())


def test_a_scalar_and_empty_arrays_keep_their_shapes(path: Path) -> None:
    tensors = {"scalar": np.array(2.5), "none": np.zeros(0, np.int8), "flat": np.zeros((0, 3, 0))}
    save_file(path, "toy", {}, tensors)
    assert_same(load_file(path).tensors, tensors)


def test_a_file_may_hold_no_tensors(path: Path) -> None:
    save_file(path, "toy", {}, {})
    stored = load_file(path)
    assert (stored.manifest, stored.tensors) == ({}, {})


def test_loaded_arrays_can_be_trained_further(path: Path) -> None:
    save_small(path)
    matrix = load_file(path).tensors["m"]
    matrix += 1
    np.testing.assert_array_equal(matrix, [[1, 2, 3], [4, 5, 6]])


def test_the_order_of_keys_does_not_change_the_bytes(tmp_path: Path) -> None:
    a, b = np.array([1.0]), np.array([2], np.int32)
    save_file(tmp_path / "1", "toy", {"x": 1, "y": {"p": 1, "q": 2}}, {"a": a, "b": b})
    save_file(tmp_path / "2", "toy", {"y": {"q": 2, "p": 1}, "x": 1}, {"b": b, "a": a})
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_two_processes_with_other_hash_seeds_write_the_same_bytes(tmp_path: Path) -> None:
    program = """
import sys
import numpy as np
from sentiment_transfer.storage import pack_strings, save_file
names = {f"tensor {i}" for i in range(20)}
manifest = {name: 0.1 for name in names}
tensors = {name: np.arange(3.0) for name in names}
save_file(sys.argv[1], "toy", manifest, tensors | pack_strings(["a", "b"]))
"""
    contents = []
    for seed in ("1", "2"):
        target = tmp_path / seed
        subprocess.run(  # noqa: S603
            [sys.executable, "-c", program, target],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
        )
        contents.append(target.read_bytes())
    assert contents[0] == contents[1]
    assert len(load_file(tmp_path / "1").tensors) == 22


def test_the_documented_layout_is_what_is_written(path: Path) -> None:
    save_small(path)
    header, document, data = take_apart(path.read_bytes())
    assert header.keys() == {"__metadata__", "m", "flags"}
    assert header["m"] == {"data_offsets": [0, 24], "dtype": "F32", "shape": [2, 3]}
    assert header["flags"] == {"data_offsets": [24, 27], "dtype": "I8", "shape": [3]}
    assert data == np.arange(6, dtype="<f4").tobytes() + b"\x01\x00\xff"
    assert assemble(header, dump(document), data) == path.read_bytes()


def test_the_golden_file_of_format_1_0_stays_readable() -> None:
    stored = load_file(GOLDEN, kind="golden_example")
    assert stored.format_version == "1.0"
    assert stored.manifest == {"language": "en", "mean": 0.25, "nested": {"list": [1, None, True]}}
    assert unpack_strings(stored.tensors) == ["good", "", "naïve", "喜欢"]
    wanted: dict[str, NDArray[Any]] = {
        "half": np.array([0.5, -65504.0], np.float16),
        "matrix": np.array([[1.5, -2.25], [0.0, 3.0e-38]], np.float32),
        "double": np.array(0.1),
        "small": np.array([-128, 127], np.int8),
        "counts": np.array([2**62, 0], np.int64),
        "empty": np.zeros((0, 2), np.int32),
    }
    words = {name: stored.tensors[name] for name in ("words.utf8", "words.offsets")}
    assert_same(stored.tensors, wanted | words)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_value_that_is_not_finite_is_refused_by_tensor_and_place(
    path: Path, value: float, dtype: type[np.floating[Any]]
) -> None:
    matrix = np.zeros((3, 4), dtype)
    matrix[2, 1] = value
    with pytest.raises(InputError, match=rf"tensor 'm' holds {value} at \(2, 1\)") as caught:
        save_file(path, "toy", {}, {"fine": np.zeros(2), "m": matrix})
    assert caught.value.path == str(path)
    assert not path.exists()


@pytest.mark.parametrize(
    "tensor", [np.array(["a"]), np.array([True]), np.array([1j]), np.array([None])]
)
def test_a_dtype_that_is_no_number_is_refused_by_name(path: Path, tensor: NDArray[Any]) -> None:
    with pytest.raises(InputError, match=f"tensor 't' is {tensor.dtype}; use integers"):
        save_file(path, "toy", {}, {"t": tensor})


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), (1, 2), {1: "a"}, {"a"}, b"a", "\ud800", np.float32(1)]
)
def test_a_manifest_that_json_would_change_is_refused(path: Path, value: object) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        save_file(path, "toy", {"key": value}, {})
    assert not path.exists()


def test_a_manifest_nested_too_deeply_is_refused(path: Path) -> None:
    nested: list[Any] = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(InputError, match="cannot be written"):
        save_file(path, "toy", {"key": nested}, {})


def test_the_name_of_the_metadata_is_no_name_for_a_tensor(path: Path) -> None:
    with pytest.raises(InputError, match="no tensor may be named '__metadata__'"):
        save_file(path, "toy", {}, {"__metadata__": np.zeros(1)})


def test_a_header_that_could_not_be_loaded_is_not_saved(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.storage.MAX_HEADER_BYTES", 1000)
    with pytest.raises(InputError, match="too large; use tensors"):
        save_file(path, "toy", {"words": ["word"] * 1000}, {})


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="models does not exist; create it"):
        save_small(tmp_path / "models" / "m.safetensors")


def test_a_full_disk_leaves_the_old_model(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_small(path)

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save_file(path, "toy", {}, {"w": np.zeros(1000)})
    assert load_file(path).manifest == {"about": "né"}
    assert list(path.parent.iterdir()) == [path]


def test_a_writer_killed_at_any_moment_leaves_a_whole_model(path: Path) -> None:
    program = """
import sys
import numpy as np
from sentiment_transfer.storage import save_file
for number in range(1, 10_000):
    print(number, flush=True)
    save_file(sys.argv[1], "toy", {"number": number}, {"w": np.full(300_000, number)})
"""
    save_file(path, "toy", {"number": 0}, {"w": np.zeros(300_000, np.int64)})
    command = [sys.executable, "-c", program, str(path)]
    for delay in (0.0, 0.003, 0.006, 0.009):
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:  # noqa: S603
            assert writer.stdout is not None
            for number in (1, 2, 3):  # the third is about to be saved, the second is there
                assert int(writer.stdout.readline()) == number
            time.sleep(delay)
            writer.kill()
        stored = load_file(path)
        assert stored.manifest["number"] >= 2
        assert (stored.tensors["w"] == stored.manifest["number"]).all()


@pytest.mark.skipif(os.name != "posix", reason="Windows does not replace a file that is open")
def test_a_reader_beside_a_writer_sees_the_old_model_or_the_new(path: Path) -> None:
    def write() -> None:
        for number in range(60):
            save_file(path, "toy", {"number": number}, {"w": np.full(20_000, number)})

    save_file(path, "toy", {"number": -1}, {"w": np.full(20_000, -1)})
    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while writer.is_alive():
        stored = load_file(path)
        assert (stored.tensors["w"] == stored.manifest["number"]).all()
        seen.add(stored.manifest["number"])
    writer.join()
    assert load_file(path).manifest == {"number": 59}
    assert len(seen) > 1


def test_a_file_cut_short_anywhere_is_refused(path: Path) -> None:
    save_small(path)
    content = path.read_bytes()
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(ModelFileError):
            load_file(path)


def test_a_file_with_any_byte_flipped_is_refused(path: Path) -> None:
    save_small(path)
    content = bytearray(path.read_bytes())
    for at in range(len(content)):
        for flip in (0x01, 0x20, 0xFF):  # the next digit, the other case, all bits
            content[at] ^= flip
            path.write_bytes(content)
            with pytest.raises(ModelFileError):
                load_file(path)
            content[at] ^= flip
    path.write_bytes(content)
    assert load_file(path).kind == "toy"


def test_padding_by_other_whitespace_is_refused(path: Path) -> None:
    for width in range(8):  # one of eight manifests needs padding, whatever the rest
        save_file(path, "toy", {"x": "x" * width}, {})
        content = path.read_bytes()
        if content.endswith(b" "):
            path.write_bytes(content[:-1] + b"\n")
            with pytest.raises(ModelFileError, match=r"b'\\n' at byte \d+ of the header"):
                load_file(path)
            return
    pytest.fail("no header was padded")


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=100))
def test_arbitrary_bytes_are_refused(path: Path, content: bytes) -> None:
    for prefix in (
        b"",
        len(content).to_bytes(8, "little"),
        (8).to_bytes(8, "little") + b"{}      ",
    ):
        path.write_bytes(prefix + content)
        with pytest.raises(ModelFileError):
            load_file(path)


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_document_with_any_one_value_replaced_loads_in_form_or_is_refused(
    path: Path, data: st.DataObject
) -> None:
    save_small(path)
    header, document, content = take_apart(path.read_bytes())
    places: list[tuple[Any, str]] = [
        *((document, key) for key in document),
        *((document["tensors"], name) for name in document["tensors"]),
        *((document["tensors"]["m"], key) for key in document["tensors"]["m"]),
        *((header, key) for key in ("m", "flags")),
        *((header["m"], key) for key in header["m"]),
    ]
    holder, key = data.draw(st.sampled_from(places))
    holder[key] = data.draw(JSON)
    path.write_bytes(assemble(header, dump(document), content))
    try:
        stored = load_file(path)
    except ModelFileError:
        return
    assert isinstance(stored.kind, str)
    assert isinstance(stored.manifest, dict)
    assert_same(stored.tensors, safetensors.numpy.load_file(path))


def test_a_gap_an_overlap_and_swapped_offsets_are_refused(path: Path) -> None:
    save_small(path)
    header, document, data = take_apart(path.read_bytes())
    for m, flags in (([0, 24], [25, 28]), ([0, 24], [23, 26]), ([3, 27], [0, 3]), ([0, 24], [24])):
        header["m"]["data_offsets"], header["flags"]["data_offsets"] = m, flags
        path.write_bytes(assemble(header, dump(document), data + b"\0"))
        with pytest.raises(ModelFileError, match="does not match the manifest"):
            load_file(path)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("[" * 40 + "]" * 40, "more than 32 levels of nesting"),
        ("[" * 100_000 + "]" * 100_000, "more than 32 levels of nesting"),
        ("9" * 20, "99999999999999999999 does not fit 64 bits"),
        ("9" * 400, "an integer of 400 digits does not fit 64 bits"),
        ("9" * 500_000, "an integer of 500,000 digits does not fit 64 bits"),
        ("0." + "3" * 400, "does not match the manifest"),
        ("1e999", "not JSON compliant"),
    ],
    ids=lambda value: value[:30],
)
def test_json_that_costs_more_than_its_bytes_is_refused_by_the_rule(
    path: Path, value: str, message: str
) -> None:
    save_file(path, "toy", {"about": "here"}, {})
    header, document, data = take_apart(path.read_bytes())
    text = dump(document).replace('"here"', value)
    path.write_bytes(assemble(header, text, data))
    with pytest.raises(ModelFileError, match=message) as caught:
        load_file(path)
    assert "recursion" not in str(caught.value)


def test_a_header_with_more_than_its_limit_is_refused_unread(path: Path) -> None:
    length = storage.MAX_HEADER_BYTES + 8
    path.write_bytes(length.to_bytes(8, "little") + b"{" + b" " * length)
    with pytest.raises(ModelFileError, match=r"at most 4,194,304 are allowed"):
        load_file(path)


@pytest.mark.parametrize("part", ["header", "document"])
@pytest.mark.parametrize("change", ["missing", "surplus", "another dtype", "another shape"])
def test_header_and_manifest_that_disagree_are_refused(path: Path, part: str, change: str) -> None:
    save_small(path)
    header, document, data = take_apart(path.read_bytes())
    tensors = header if part == "header" else document["tensors"]
    if change == "missing":
        del tensors["flags"]
    elif change == "surplus":
        tensors["more"] = tensors["flags"] | {"shape": [0]}
    elif change == "another dtype":
        tensors["m"]["dtype"] = "I32"
    else:
        tensors["m"]["shape"] = [3, 2]
    path.write_bytes(assemble(header, dump(document), data))
    with pytest.raises(ModelFileError, match="does not match the manifest"):
        load_file(path)


@pytest.mark.parametrize(
    "shape",
    [
        [-2, -3],
        [-1],
        [2**40, 2**40, 0],
        [10**4000],
        [0] * 33,
        [2.0, 3.0],
        [True, 6],
        ["6"],
        "",
        {},
        None,
    ],
)
def test_an_absurd_shape_in_header_and_manifest_is_refused(path: Path, shape: object) -> None:
    # Header and manifest agree, and the offsets follow; only the shape itself is wrong.
    save_file(path, "toy", {}, {"m": np.zeros((0, 3))})
    header, document, data = take_apart(path.read_bytes())
    header["m"]["shape"] = document["tensors"]["m"]["shape"] = shape
    for end in (0, 8, 48, -8):
        header["m"]["data_offsets"] = [0, end]
        path.write_bytes(assemble(header, dump(document), data + bytes(max(end, 0))))
        with pytest.raises(ModelFileError, match="damaged or was tampered with"):
            load_file(path)


@pytest.mark.parametrize("dtype", ["BOOL", "F8", "f4", "", None, ["F32"], 3])
def test_an_unknown_dtype_is_refused(path: Path, dtype: object) -> None:
    save_small(path)
    header, document, data = take_apart(path.read_bytes())
    header["flags"]["dtype"] = document["tensors"]["flags"]["dtype"] = dtype
    path.write_bytes(assemble(header, dump(document), data))
    with pytest.raises(ModelFileError, match="damaged or was tampered with"):
        load_file(path)


def test_a_changed_tensor_is_refused_by_name(path: Path) -> None:
    save_small(path)
    content = bytearray(path.read_bytes())
    content[-1] = 5
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match=r"tampered with.*'flags' does not match its checksum"):
        load_file(path)


def test_a_value_that_is_not_finite_is_refused_even_with_its_checksum(path: Path) -> None:
    save_small(path)
    header, document, data = take_apart(path.read_bytes())
    data = np.array([np.nan], "<f4").tobytes() + data[4:]
    document["tensors"]["m"]["sha256"] = hashlib.sha256(data[:24]).hexdigest()
    path.write_bytes(assemble(header, dump(document), data))
    with pytest.raises(ModelFileError, match=r"tensor 'm' holds nan at \(0, 0\)"):
        load_file(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{"about":"né"}', '{"about":"x","about":"né"}'),
        ('"about":"né"', '"about":NaN'),
        ('"about":"né"', '"about":-Infinity'),
        ('"about":"né"', '"about":1e999'),
        ('"about":"né"', '"about":"\ud800"'),
        ('"about":"né"', '"about":"\\ud800"'),
        ('"about":"né"', '"about": "né"'),
        ('"about":"né"', '"about":' + "9" * 5000),
        ('"about":"né"', '"about":' + "[" * 100_000 + "]" * 100_000),
        ('{"about":"né"}', "[]"),
        ('"kind":"toy"', '"kind":3'),
        ('"kind":"toy",', ""),
        ('"format_version":"1.0",', ""),
        ('"format_version":"1.0"', '"format_version":"1"'),
        ('"format_version":"1.0"', '"format_version":"0.9"'),
        ('"format_version":"1.0"', '"format_version":1.0'),
    ],
)
def test_a_document_in_any_other_form_is_refused(path: Path, old: str, new: str) -> None:
    save_small(path)
    header, document, data = take_apart(path.read_bytes())
    text = dump(document)
    assert text.count(old) == 1
    path.write_bytes(assemble(header, text.replace(old, new), data))
    with pytest.raises(ModelFileError, match="damaged or was tampered with"):
        load_file(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"flags":', b'"m":{},"flags":'),
        (b'"shape":[3]', b'"shape":[3],"shape":[3]'),
        (b'"shape":[3]', b'"shape":[ 3]'),
        (b'"shape":[3]', b'"shape":[NaN]'),
        (b'"shape":[3]', b'"shape":[\xff]'),
        (b'"__metadata__":{', b'"__metadata__":{"another":"key",'),
    ],
)
def test_a_header_in_any_other_form_is_refused(path: Path, old: bytes, new: bytes) -> None:
    save_small(path)
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    raw, data = content[8 : 8 + length].rstrip(), content[8 + length :]
    assert raw.count(old) == 1
    raw = raw.replace(old, new)
    raw += b" " * (-len(raw) % 8)
    path.write_bytes(len(raw).to_bytes(8, "little") + raw + data)
    with pytest.raises(ModelFileError, match="damaged or was tampered with"):
        load_file(path)


def test_bytes_behind_the_last_tensor_are_refused(path: Path) -> None:
    save_small(path)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(ModelFileError, match=f"has {size + 4:,} bytes where {size:,} belong"):
        load_file(path)


def with_version(path: Path, version: str) -> None:
    save_small(path)
    header, document, data = take_apart(path.read_bytes())
    document["format_version"] = version
    document["new_in_this_version"] = [1, 2]
    path.write_bytes(assemble(header, dump(document), data))


def test_a_newer_minor_format_is_read(path: Path) -> None:
    with_version(path, "1.7")
    assert load_file(path).format_version == "1.7"


def test_a_newer_major_format_is_refused_with_the_remedy(path: Path) -> None:
    with_version(path, "2.3")
    wanted = "has format 2.3, but this version reads up to 1; upgrade sentiment_transfer"
    with pytest.raises(ModelFileError, match=wanted) as caught:
        load_file(path)
    assert caught.value.path == str(path)


def test_another_kind_is_refused_by_both_names(path: Path) -> None:
    save_small(path)
    with pytest.raises(ModelFileError, match="holds toy, but classifier was expected"):
        load_file(path, kind="classifier")


def test_a_file_or_header_above_the_cap_is_refused_before_it_is_parsed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_small(path)
    size = path.stat().st_size
    length = int.from_bytes(path.read_bytes()[:8], "little")
    with pytest.raises(ModelFileError, match=f"the file has {size:,} bytes, the cap is 20;"):
        load_file(path, max_bytes=20)
    monkeypatch.setattr("sentiment_transfer.storage.MAX_HEADER_BYTES", length)
    assert load_file(path, max_bytes=size).kind == "toy"
    monkeypatch.setattr("sentiment_transfer.storage.MAX_HEADER_BYTES", length - 1)
    with pytest.raises(ModelFileError, match=f"header has {length:,} .* {length - 1:,} "):
        load_file(path)


def write_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.pkl", "x" * 50)


def write_array(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


@pytest.mark.parametrize(
    ("write", "looks_like"),
    [
        (lambda path: path.write_bytes(b""), "the file is empty"),
        (lambda path: path.write_bytes(pickle.dumps({"w": [1.0]}, protocol=2)), "a pickle"),
        (lambda path: path.write_bytes(pickle.dumps({"w": [1.0]}, protocol=5)), "a pickle"),
        (write_zip, "a zip archive"),
        (lambda path: path.write_text("\n<!DOCTYPE html><html></html>"), "a web page"),
        (lambda path: path.write_text("version https://git-lfs.github.com/spec/v1\n"), "git lfs"),
        (lambda path: path.write_bytes(b"\x1f\x8b\x08\0" + bytes(30)), "a gzip file"),
        (write_array, "a numpy array"),
        (lambda path: path.write_text("the 0.1 0.2\n" * 9), "another kind of file"),
        (
            lambda path: safetensors.numpy.save_file({"w": np.zeros(2)}, path),
            "sentiment_transfer did not write it",
        ),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: None, "does not exist"),
    ],
)
def test_what_is_no_model_file_is_named_for_what_it_looks_like(
    path: Path, write: Callable[[Path], object], looks_like: str
) -> None:
    write(path)
    with pytest.raises(ModelFileError, match=looks_like) as caught:
        load_file(path)
    assert caught.value.path == str(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_file_that_the_system_refuses_to_open_is_a_model_file_error(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    save_small(path)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ModelFileError, match="cannot be read: Permission denied"):
        load_file(path)


def test_strings_become_their_utf8_bytes_and_offsets() -> None:
    packed = pack_strings(["no", "", "né"])
    assert packed["words.utf8"].tobytes() == b"non\xc3\xa9"
    assert packed["words.offsets"].tolist() == [0, 2, 2, 5]  # 2, 2 + 0, 2 + 0 + 3
    assert unpack_strings(packed) == ["no", "", "né"]


@settings(deadline=None)
@given(strings=st.lists(st.text(st.characters(codec="utf-8"))))
def test_any_strings_come_back_equal(strings: list[str]) -> None:
    assert unpack_strings(pack_strings(strings)) == strings


def test_strings_come_back_from_a_file(path: Path) -> None:
    for words in ([], [""], ["good", "喜欢", "nul\0", "🙂"]):
        save_file(path, "toy", {}, pack_strings(words))
        assert unpack_strings(load_file(path).tensors) == words


def test_a_lone_surrogate_is_refused_by_word() -> None:
    with pytest.raises(InputError, match=r"'bad\\ud800' in words contains a lone surrogate"):
        pack_strings(["good", "bad\ud800"])


@pytest.mark.parametrize(
    ("utf8", "offsets"),
    [
        (b"abc", np.array([0, 2, 1, 3])),  # falling
        (b"abc", np.array([1, 3])),  # does not start at 0
        (b"abc", np.array([0, 2])),  # ends early
        (b"abc", np.array([0, 4])),  # ends late
        (b"abc", np.array([0, -1, 3])),
        (b"\xff", np.array([0, 1])),  # not UTF-8
        ("né".encode(), np.array([0, 2, 3])),  # cut inside the é
    ],
)
def test_bytes_and_offsets_that_are_no_strings_are_refused(
    utf8: bytes, offsets: NDArray[Any]
) -> None:
    tensors = {"words.utf8": np.frombuffer(utf8, np.uint8), "words.offsets": offsets}
    with pytest.raises(ValueError, match=r"words\.|utf-8"):
        check_strings(tensors)


def test_a_string_that_occurs_twice_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match=r"the word 'né' occurs 2 times"):
        check_strings(pack_strings(["a", "né", "b", "né"]))
    check_strings(pack_strings(["a", "né", "", "b"]))
    check_strings(pack_strings([]))


def test_more_bytes_of_strings_than_the_limit_are_refused() -> None:
    n = storage.MAX_UTF8
    tensors = {"words.utf8": np.full(n + 1, 97, np.uint8), "words.offsets": np.array([0, n + 1])}
    with pytest.raises(ValueError, match="has 67,108,865 bytes, but at most 67,108,864"):
        check_strings(tensors)


def test_characters_are_whole_where_blocks_of_bytes_meet() -> None:
    check_strings(pack_strings(["a" + "é" * (1 << 20), "b"]))
    with pytest.raises(ValueError, match="utf-8"):
        check_strings(
            {"words.utf8": np.array([97, 0xC3], np.uint8), "words.offsets": np.array([0, 2])}
        )


def test_integers_are_loaded_in_their_own_memory(path: Path) -> None:
    save_file(path, "toy", {}, {"bytes": np.zeros(20_000_000, np.uint8)})
    tracemalloc.start()
    load_file(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 22_000_000


@given(words=st.lists(st.text(st.characters(codec="utf-8"), max_size=3), max_size=40))
def test_strings_pass_if_none_occurs_twice(words: list[str]) -> None:
    tensors, repeated = pack_strings(words), len(set(words)) < len(words)
    for most in (0, 1 << 22):  # compared as strings, and by hashes
        with (
            mock.patch.object(storage, "MAX_HASHED", most),
            pytest.raises(ValueError, match="occurs") if repeated else nullcontext(),
        ):
            check_strings(tensors)
