"""Runs in adverse conditions: full disks, read-only folders, little memory, broken caches of numba.

Disks are small file systems in memory that only the command sees (`unshare`, on Linux). Where
that is not possible, a full disk is a limit on the size of files, and a read-only folder has mode
555.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
from functools import cache
from typing import TYPE_CHECKING

from scripts.reliability import Outcomes
from scripts.torture.programs import (
    COMMAND,
    commands,
    digest,
    environment,
    run,
    write_texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from scripts.torture.programs import Command

__all__ = ["address_space", "full_disks", "numba_cache", "read_only"]

DISK = """
mount -t tmpfs -o size="$2" tmpfs "$1" || exit 99
printf old > "$3"
[ "$4" = ro ] && mount -o remount,ro "$1"
"""
LIMIT = """
printf old > "$3"
[ "$4" = ro ] && chmod 555 "$1"
ulimit -f $(($2 / 512))
"""
COMMAND_THERE = """
shift 4
"$@" > /dev/null
code=$?
find "$OUT" -name '.sentiment_transfer-*' | sed 's/^/left /'
echo "sha256 $(sha256sum < "$FILE")"
exit $code
"""
"""Prints what is left of a command whose file is on a disk that it alone sees."""

OLD = f"sha256 {hashlib.sha256(b'old').hexdigest()}  -"


@cache
def has_disks() -> bool:
    """Whether a command can get a file system of its own."""
    if not shutil.which("unshare"):
        return False
    line = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(line, check=False, capture_output=True).returncode == 0


def has_read_only() -> bool:
    """Whether a folder can be made read-only for this user."""
    return has_disks() or os.geteuid() != 0


def _on_a_disk(
    command: Command, size: int, mode: str, env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command that writes over a file ``old`` where there is room for ``size`` bytes."""
    folder = command.output.parent
    own, prepare = (["unshare", "-rm"], DISK) if has_disks() else ([], LIMIT)
    arguments = [str(folder), str(size), str(command.output), mode]
    line = [*own, "sh", "-c", prepare + COMMAND_THERE, "sh", *arguments, *command.line]
    there = {"OUT": str(folder), "FILE": str(command.output), "TMPDIR": str(folder)}
    done = run(line, env | there)
    folder.chmod(0o755)
    return done


def full_disks(count: int, seed: int, folder: Path) -> Outcomes:
    """Let commands write over a file on disks that are too small, of random sizes.

    Expected: the old file, one line that names the place or the disk, and no temporary file; or, if
    the disk was large enough, the new file.
    """
    rng, outcomes = random.Random(seed), Outcomes()
    tried, env = commands(folder, rng), environment()
    sizes: dict[Command, int] = {}
    for i in range(count):
        command = tried[i % len(tried)]
        if command not in sizes:
            sizes[command] = _size(command, env)
        size = rng.randrange(4096, sizes[command] * 3 // 2)
        done = _on_a_disk(command, size, "rw", env)
        where = f"{command.arguments[0]} with {size} bytes"
        full = "full disk" if has_disks() else "limited size of files"
        outcome, wrong = _refusal(done, f"{full}: named, old file intact", "disk was large enough")
        outcomes.add(outcome, wrong and f"{where}: {wrong}")
    return outcomes


def _size(command: Command, env: dict[str, str]) -> int:
    """Bytes that a command needs on its disk, checkpoint included."""
    run(command.line, env)
    folder = command.output.parent
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return size


def read_only(count: int, seed: int, folder: Path) -> Outcomes:
    """Let commands write into folders that cannot be written; right is as for full disks.

    Nothing is tried as root where no disk of its own can be had.
    """
    rng, outcomes, env = random.Random(seed), Outcomes(), environment()
    tried = commands(folder, rng)
    for i in range(count if has_read_only() else 0):
        command = tried[i % len(tried)]
        done = _on_a_disk(command, 1 << 20, "ro", env)
        outcome, wrong = _refusal(done, "named, old file intact", "was written")
        if done.returncode == 0:
            wrong = "a read-only folder was written"
        outcomes.add(outcome, wrong and f"{command.arguments[0]}: {wrong}")
    return outcomes


def _refusal(
    done: subprocess.CompletedProcess[str], refused: str, written: str
) -> tuple[str, str | None]:
    """Return the outcome of a command on a disk, and what is wrong with it."""
    *wrong, sha = done.stdout.splitlines() or [""]
    if done.returncode == 0:
        return written, "the file is the old one" if sha == OLD else "; ".join(wrong) or None
    if sha != OLD:
        wrong.append("the old file is gone")
    *_, last = done.stderr.splitlines() or [""]
    if not last.startswith("error: ") or "Traceback" in done.stderr or "unexpected" in last:
        wrong.append(f"exit code {done.returncode}, messages {done.stderr!r}")
    return refused, "; ".join(wrong) or None


MEGABYTES = 700
"""The address space in which `predict` works."""


def address_space(count: int, seed: int, folder: Path) -> Outcomes:
    """Label files of random sizes within 700 MB of address space; right is the same output."""
    rng, outcomes, env = random.Random(seed), Outcomes(), environment()
    limited = ["sh", "-c", f'ulimit -v {MEGABYTES * 1_000_000 // 1024} && exec "$@"', "sh"]
    for i in range(count):
        size = int(10 ** rng.uniform(0, 4))
        asked, out = write_texts(folder / f"{i}.csv", size, rng), folder / f"{i}-labels.csv"
        line = [*COMMAND, "predict", "reviews-en", str(asked), "-o", str(out)]
        run(line, env)
        right = digest(out)
        out.unlink()
        done = run([*limited, *line], env)
        same = done.returncode == 0 and digest(out) == right
        outcomes.add("same output", None if same else f"{size} texts: {done.stderr!r}")
    return outcomes


def numba_cache(count: int, seed: int, folder: Path) -> Outcomes:
    """Damage numba's cache in many ways; right is the same output with at most one warning."""
    rng, outcomes = random.Random(seed), Outcomes()
    asked, good, bad = write_texts(folder / "texts.csv", 3000, rng), folder / "good", folder / "bad"
    out = folder / "labels.csv"
    line = [*COMMAND, "predict", "reviews-en", str(asked), "-o", str(out)]
    run(line, environment(NUMBA_CACHE_DIR=str(good)))
    right = digest(out)
    for i in range(count):
        name, damage = list(DAMAGES.items())[i % len(DAMAGES)]
        shutil.rmtree(bad, ignore_errors=True)
        shutil.copytree(good, bad)
        what = damage(bad, rng)
        out.unlink(missing_ok=True)
        env = environment(NUMBA_CACHE_DIR=str(bad))
        done = _with_full_cache(line, bad, env) if name == "full" else run(line, env)
        said = done.stderr.splitlines()
        wrong = digest(out) != right or done.returncode or len(said) > 1
        outcomes.add(
            f"{name}: same output", f"{what}: {done.returncode}, {said}" if wrong else None
        )
    return outcomes


def _with_full_cache(
    line: list[str], cache_folder: Path, env: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run a command whose cache is empty and has room for some functions only."""
    if has_disks():
        mounted = f'mount -t tmpfs -o size=200k tmpfs "{cache_folder}" && exec "$@"'
        return run(["unshare", "-rm", "sh", "-c", mounted, "sh", *line], env)
    shutil.rmtree(cache_folder)
    cache_folder.write_bytes(b"")  # no folder can be made there
    return run(line, env)


def _files(folder: Path, suffix: str) -> list[Path]:
    return sorted(folder.rglob(f"*.{suffix}"))


def _emptied(folder: Path, rng: random.Random) -> str:
    for path in _files(folder, "nbi"):
        path.write_bytes(b"")
    return "all indices"


def _cut(folder: Path, rng: random.Random) -> str:
    path = rng.choice(_files(folder, "nb?"))
    size = rng.randrange(path.stat().st_size)
    path.write_bytes(path.read_bytes()[:size])
    return f"{path.name} at {size}"


def _zeroed(folder: Path, rng: random.Random) -> str:
    path = rng.choice(_files(folder, "nb?"))
    data = bytearray(path.read_bytes())
    at = rng.randrange(0, len(data), 4096)
    data[at : at + 4096] = bytes(len(data[at : at + 4096]))
    path.write_bytes(data)
    return f"{path.name}, the block at {at}"


def _replaced(folder: Path, rng: random.Random) -> str:
    path = rng.choice(_files(folder, "nb?"))
    path.write_bytes(rng.randbytes(path.stat().st_size))
    return path.name


def _removed(folder: Path, rng: random.Random) -> str:
    path = rng.choice(_files(folder, "nbc"))
    path.unlink()
    return path.name


def _is_a_folder(folder: Path, rng: random.Random) -> str:
    path = rng.choice(_files(folder, "nb?"))
    path.unlink()
    path.mkdir()
    return path.name


def _full(folder: Path, rng: random.Random) -> str:
    return "200 kB of room"


DAMAGES: dict[str, Callable[[Path, random.Random], str]] = {
    "indices emptied": _emptied,
    "a file cut": _cut,
    "a block of zeros": _zeroed,
    "other bytes": _replaced,
    "code removed": _removed,
    "a folder in place of a file": _is_a_folder,
    "full": _full,
}
