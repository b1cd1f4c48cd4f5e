"""Files named by their content, in a folder and on a file system of fsspec."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import fsspec
import numpy as np
import pytest

from sentiment_transfer.base.store import Store
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["folder", "file://", "memory://"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "memory://":
        fsspec.filesystem("memory").store.clear()
        return Store("memory://bucket/run")
    return Store(str(tmp_path / "run") if request.param == "folder" else f"file://{tmp_path}/run")


def test_a_file_is_named_by_its_content(store: Store) -> None:
    values = np.arange(5, dtype=np.int32)
    name = store.put(values)
    assert name == hashlib.sha256(values.tobytes()).hexdigest()
    assert store.read(name, np.int32).tolist() == [0, 1, 2, 3, 4]


def test_arrays_are_written_one_after_the_other(store: Store) -> None:
    matrix = np.arange(12.0).reshape(3, 4)[:, ::2]  # not contiguous
    name = store.put(matrix, np.array([7.0]))
    assert store.read(name, np.float64).tolist() == [0, 2, 4, 6, 8, 10, 7]


def test_a_part_of_a_file_is_read(store: Store) -> None:
    name = store.put(np.arange(100, dtype=np.int64))
    assert store.read(name, np.int64, 10, 13).tolist() == [10, 11, 12]
    assert len(store.read(name, np.int64, 5, 5)) == 0


def test_an_empty_array_is_a_file(store: Store) -> None:
    name = store.put(np.zeros(0, np.int32))
    assert len(store.read(name, np.int32)) == len(store.map(name, np.int32)) == 0


def test_a_whole_file_is_mapped(store: Store) -> None:
    name = store.put(np.arange(9, dtype=np.int64))
    assert store.map(name, np.int64).tolist() == list(range(9))


def test_a_file_is_moved_into_the_store(store: Store) -> None:
    content = np.arange(1000, dtype=np.int32)
    with store.scratch() as folder:
        content.tofile(folder / "ids")
        name = store.put_file(folder / "ids")
    assert name == store.put(content)
    assert store.names() == {name}


def test_a_missing_file_is_an_error_that_names_it(store: Store) -> None:
    store.put(np.zeros(1))
    with pytest.raises(InputError, match=r"run/abc.*: the file does not exist; every worker needs"):
        store.read("abc", np.int32)


def test_a_file_that_is_too_short_is_an_error(store: Store) -> None:
    name = store.put(np.arange(4, dtype=np.int32))
    with pytest.raises(InputError, match="the file is damaged; delete the folder to start again"):
        store.read(name, np.int32, 2, 6)


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    name = store.put(np.arange(4, dtype=np.int32))
    store.check(name)
    content = bytearray((tmp_path / name).read_bytes())
    content[3] ^= 1
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match="damaged"):
        store.check(name)


def test_a_record_is_replaced(store: Store) -> None:
    store.put_record("state", {"round": 1})
    store.put_record("state", {"round": 2, "word": "caf\u00e9 \ud83d"})
    assert store.record("state") == {"round": 2, "word": "caf\u00e9 \ud83d"}


@pytest.mark.parametrize("content", ["", "{", "[1]", "\x00"])
def test_a_record_that_is_not_whole_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "state.json").write_text(content)
    assert Store(str(tmp_path)).record("state") is None
    assert Store(str(tmp_path)).record("another") is None


def test_files_are_removed_as_far_as_they_exist(store: Store) -> None:
    kept, gone = store.put(np.zeros(1)), store.put(np.ones(1))
    store.put_record("state", {})
    store.remove([gone, "unknown"])
    assert store.names() == {kept, "state.json"}


def test_a_store_without_files_has_no_names(store: Store) -> None:
    assert store.names() == set()


def test_a_file_appears_as_a_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(str(tmp_path))

    class Full:
        def __init__(self, file: object) -> None:
            self._file = file

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def writelines(self, parts: list[memoryview]) -> None:
            self._file.write(parts[0][:3])
            raise OSError(28, "No space left on device")

    opened = type(tmp_path).open
    monkeypatch.setattr(type(tmp_path), "open", lambda *a, **k: Full(opened(*a, **k)))
    with pytest.raises(OSError, match="No space left"):
        store.put(np.arange(4))
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []
