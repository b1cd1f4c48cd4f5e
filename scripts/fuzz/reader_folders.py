"""Hostile folders: links, loops, pipes, sockets and devices in them or in place of a file."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.fuzz.reader_bytes import changed

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = ["malformed_folder"]

SUFFIXES = ("csv", "tsv", "jsonl", "parquet", "txt", "ft", "csv.gz", "txt.zst", "")
NAMES = ("a.txt", "b.txt", "c.TXT", "d.csv", "line\nend.txt", "-o.txt", "*.txt", "[a].txt", ".txt")
RAW_NAMES = (b"caf\xe9.txt", b"\xff.txt")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/urandom")


def malformed_folder(rng: random.Random, folder: Path) -> Path:
    """Fill a folder, and return a path to read: the folder, a file or link in it, or a pattern."""
    if rng.random() < 0.3:
        place = folder / f"reviews.{rng.choice(SUFFIXES)}"
        rng.choice(ENTRIES)(rng, place)
        return place
    root = folder / "reviews"
    root.mkdir()
    parts = rng.choice((("",), ("pos", "neg"), ("pos", "neg", "unsup"), ("pos",)))
    for part in parts:
        place = root / part
        if part and rng.random() < 0.1:
            rng.choice(ENTRIES)(rng, place)  # something else with that name
        else:
            place.mkdir(exist_ok=True)
            _fill(rng, place)
    if rng.random() < 0.2:
        link = folder / "link"
        link.symlink_to(root)
        return link
    return root / rng.choice(("*.txt", "*/*", "**/*.txt")) if rng.random() < 0.2 else root


def _fill(rng: random.Random, folder: Path) -> None:
    for _ in range(rng.randint(1, 4)):
        name = os.fsdecode(rng.choice((*map(os.fsencode, NAMES), *RAW_NAMES)))
        place = folder / name
        if not os.path.lexists(place):
            (_file if rng.random() < 0.7 else rng.choice(ENTRIES))(rng, place)


def _file(rng: random.Random, place: Path) -> None:
    raw = rng.choice((b"It was great.\nLoved it.\n", "très bien".encode(), b""))
    place.write_bytes(changed(rng, raw) if rng.random() < 0.4 else raw)


def _sparse(_: random.Random, place: Path) -> None:
    with place.open("wb") as file:
        file.truncate(10**8)


def _pipe(_: random.Random, place: Path) -> None:
    os.mkfifo(place)


def _socket(_: random.Random, place: Path) -> None:
    here = Path.cwd()
    os.chdir(place.parent)  # the path of a socket has at most 108 bytes
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(place.name)
    finally:
        os.chdir(here)


def _device(rng: random.Random, place: Path) -> None:
    place.symlink_to(rng.choice(DEVICES))


def _link_to_itself(_: random.Random, place: Path) -> None:
    place.symlink_to(place.name)


def _link_up(_: random.Random, place: Path) -> None:
    place.symlink_to("..", target_is_directory=True)


def _dangling(_: random.Random, place: Path) -> None:
    place.symlink_to("no/such/file")


def _folder(rng: random.Random, place: Path) -> None:
    place.mkdir()
    if rng.random() < 0.5:
        (place / "a.txt").write_bytes(b"good\n")


def _closed(rng: random.Random, place: Path) -> None:
    _file(rng, place)
    place.chmod(0)


ENTRIES: tuple[Callable[[random.Random, Path], None], ...] = (
    *(_file, _sparse, _pipe, _socket, _device, _link_to_itself, _link_up, _dangling, _folder),
    _closed,
)
