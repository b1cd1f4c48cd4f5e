"""A reader finds the old content or the new one, whatever happens to the writer."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sentiment_transfer.base.atomic import (
    atomic_path,
    atomic_write,
    check_place,
    remove_leftovers,
)
from sentiment_transfer.errors import InputError

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions and links")


def fail(error: BaseException) -> None:
    raise error


def test_a_new_file_appears_when_the_block_ends_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "new.txt"
    with atomic_write(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_another_program_may_write_the_temporary_file_under_the_suffix_it_needs(
    tmp_path: Path,
) -> None:
    path = tmp_path / "new.gz"
    with atomic_path(path, ".gz") as temporary:
        assert temporary.suffix == ".gz"
        temporary.write_bytes(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_path_may_be_text_and_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with atomic_write("new.txt") as file:
        file.write(b"new")
    assert (tmp_path / "new.txt").read_bytes() == b"new"


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt(), SystemExit(1)])
def test_a_failing_block_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, error: BaseException
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(type(error)), atomic_write(path) as file:  # noqa: PT012
        file.write(b"half of the new")
        fail(error)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.replace"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(call, lambda *_: fail(full))
    with pytest.raises(OSError, match="No space left"), atomic_write(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_a_write_beyond_the_limit_of_the_system_leaves_the_old_file(tmp_path: Path) -> None:
    # A file size limit makes the system itself refuse the write, also while the file is closed.
    program = """
import resource, signal, sys
from sentiment_transfer.base.atomic import atomic_path, atomic_write
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    with atomic_write(sys.argv[1]) as file:
        file.write(bytes(5_000))
        file.write(bytes(9_000))
except OSError as error:
    print(error.strerror)
"""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program, path], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == os.strerror(errno.EFBIG)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_killed_writer_leaves_the_old_file_and_the_next_one_succeeds(tmp_path: Path) -> None:
    program = """
import sys, time
from sentiment_transfer.base.atomic import atomic_path, atomic_write
with atomic_write(sys.argv[1]) as file:
    file.write(b"half")
    file.flush()
    print("half is written", flush=True)
    time.sleep(60)
"""
    path = tmp_path / "file"
    path.write_bytes(b"old")
    command = [sys.executable, "-c", program, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:  # noqa: S603
        assert writer.stdout is not None
        assert writer.stdout.readline() == "half is written\n"
        writer.kill()
    assert path.read_bytes() == b"old"
    leftovers = [name.read_bytes() for name in tmp_path.glob(".sentiment_transfer-*.tmp")]
    assert leftovers == [b"half"]
    with atomic_write(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


PAUSED_WRITER = """
import sys, time
from pathlib import Path
from sentiment_transfer.base.atomic import atomic_path, in_use, temporary_prefix
folder = Path(sys.argv[1]) / (temporary_prefix() + "ids.tmp")
folder.mkdir()
(folder / "ids").touch()
with atomic_path(Path(sys.argv[1]) / "file", ".gz"), in_use(folder):
    print("is writing", flush=True)
    time.sleep(60)
"""


@posix
def test_what_a_killed_writer_left_is_removed_by_the_next_and_what_a_live_one_uses_is_kept(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-c", PAUSED_WRITER, str(tmp_path)]
    other = tmp_path / ".sentiment_transfer-00000000-of-another-machine.tmp"
    other.touch()
    os.utime(other, (0, 0))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:  # noqa: S603
        assert writer.stdout is not None
        assert writer.stdout.readline() == "is writing\n"
        used = {*tmp_path.iterdir()} - {other}
        assert len(used) == 2
        for path in used:
            os.utime(path, (0, 0))  # as if it had begun long ago
        with atomic_write(tmp_path / "second"):
            pass
        assert used < {*tmp_path.iterdir()}
        writer.kill()
    remove_leftovers.cache_clear()  # a process looks once
    with atomic_write(tmp_path / "third"):
        pass
    assert {*tmp_path.iterdir()} == {other, tmp_path / "second", tmp_path / "third"}


@posix
@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc, where nobody can write")
def test_a_place_where_no_file_can_be_made_is_found_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^/proc/file: cannot be written \(.+\); choose") as error:
        check_place("/proc/file")
    assert error.value.path == "/proc/file"
    check_place(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_of_two_writers_the_last_to_finish_wins_whole(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with atomic_write(path) as slow:
        slow.write(b"slow")
        with atomic_write(path) as quick:
            quick.write(b"quick")
        assert path.read_bytes() == b"quick"
    assert path.read_bytes() == b"slow"


def test_the_content_is_on_the_disk_before_the_rename_and_the_folder_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    sync, replace = os.fsync, Path.replace

    def record_sync(descriptor: int) -> None:
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        calls.append("sync folder" if folder else "sync file")
        sync(descriptor)

    def record_replace(self: Path, target: Path) -> Path:
        calls.append(f"replace by {self.stat().st_size} bytes")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", record_sync)
    monkeypatch.setattr(Path, "replace", record_replace)
    with atomic_write(tmp_path / "file") as file:
        file.write(b"new")
    folder = ["sync folder"] if os.name == "posix" else []
    assert calls == ["sync file", "replace by 3 bytes", *folder]


@posix
def test_a_new_file_gets_the_mode_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with atomic_write(tmp_path / "file"):
            pass
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


@posix
@pytest.mark.parametrize("mode", [0o600, 0o664, 0o440])
def test_a_replaced_file_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "file"
    path.touch()
    path.chmod(mode)
    with atomic_write(path) as file:
        during = stat.S_IMODE(Path(file.name).stat().st_mode)
    assert during == mode | stat.S_IWUSR  # what is private stays private while it is written
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
@pytest.mark.parametrize("exists", [True, False])
def test_a_symbolic_link_stays_and_its_target_is_replaced(tmp_path: Path, exists: bool) -> None:
    target = tmp_path / "elsewhere" / "target"
    target.parent.mkdir()
    if exists:
        target.write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to(target)
    with atomic_write(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    assert list(target.parent.iterdir()) == [target]


def test_a_missing_folder_is_named_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "file"
    with pytest.raises(InputError, match=r"missing does not exist; create it") as caught:
        atomic_write(path).__enter__()
    assert caught.value.path == str(path)


def test_a_folder_is_no_place_for_a_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder or a device"), atomic_write(tmp_path):
        pass
    assert tmp_path.is_dir()


@posix
def test_a_device_is_not_replaced_by_a_file() -> None:
    with pytest.raises(InputError, match="is a folder or a device"), atomic_write(os.devnull):
        pass
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
