"""The wheel and the archive of sources: built twice, compared and tried.

    python -m scripts.release.archives [--out dist] [--tag v1.2.3] [--no-smoke]

Both are built from copies of what git tracks (with changes that are not committed), which differ in
their folder, in the order and dates of their files and in their permissions: hashes change with all
of these, unless the build leaves them out. SOURCE_DATE_EPOCH is the time of the last commit. The
bytes must be equal, and the wheel that is built from the archive of sources must be the same too.
Then both are installed into empty environments, where `smoke.py` is run away from the repository.

hatchling writes its own version into the wheel, so equal bytes need the one that
scripts/constraints.txt names.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from scripts.release.environments import PROJECT, make, run
from scripts.reports import ROOT
from sentiment_transfer.base.digests import file_sha256

__all__ = ["MOST", "build", "copy_tracked", "digests", "same", "try_out"]

MOST = 12_000_000
"""Bytes that a wheel may have, with the bank in it."""
SMOKE = Path(__file__).with_name("smoke.py")
EARLY = 1_000_000_000
"""A date of files, in seconds: 2001."""


def commit_time(root: Path) -> int:
    """Return the time of the last commit in seconds."""
    return int(run("git", "log", "-1", "--format=%ct", cwd=root))


def copy_tracked(root: Path, folder: Path, *, backwards: bool = False) -> Path:
    """Copy what git tracks to a new folder; ``backwards`` changes order, dates and permissions."""
    names = run("git", "ls-files", "-z", cwd=root).rstrip("\0").split("\0")
    for name in sorted(names, reverse=backwards):
        source, target = root / name, folder / name
        if not source.is_file():
            continue  # deleted, but not committed yet
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        if backwards:
            target.chmod(0o600)
            os.utime(target, (EARLY, EARLY))
    return folder


def build(tree: Path, out: Path, epoch: int, *targets: str) -> list[Path]:
    """Build ``wheel`` and ``sdist``, or one of them, of a tree; return the files, sorted."""
    chosen = [part for target in targets for part in ("--target", target)]
    settings = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch)}
    run(sys.executable, "-m", "hatchling", "build", "-d", out, *chosen, cwd=tree, env=settings)
    return sorted(out.iterdir())


def digests(files: list[Path]) -> dict[str, str]:
    """Return the sha256 of each file by its name."""
    return {path.name: file_sha256(path) for path in files}


def same(root: Path, folder: Path, epoch: int | None = None) -> list[Path]:
    """Build three times, and return the files of the first; ``RuntimeError`` if bytes differ."""
    when = commit_time(root) if epoch is None else epoch
    first = build(copy_tracked(root, folder / "a"), folder / "first", when)
    other = copy_tracked(root, folder / "other" / "place", backwards=True)
    second = build(other, folder / "second", when)
    unpacked = folder / "unpacked"
    with tarfile.open(next(path for path in first if path.name.endswith(".tar.gz"))) as archive:
        archive.extractall(unpacked, filter="data")
    third = build(next(unpacked.iterdir()), folder / "third", when, "wheel")
    hashes = digests(first)
    wheels = {name: digest for name, digest in hashes.items() if name.endswith(".whl")}
    for expected, again in ((hashes, digests(second)), (wheels, digests(third))):
        for name in sorted(expected.keys() | again.keys()):
            one, other = (each.get(name, "not built") for each in (expected, again))
            if one != other:
                raise RuntimeError(f"{name} differs between two builds: {one} and {other}")
    return first


def try_out(archive: Path, folder: Path, python: Path = Path(sys.executable)) -> str:
    """Install an archive into an empty environment, and run the smoke test away from here."""
    home = make(python, folder / "environment")
    run(home, "-m", "pip", "install", "--quiet", archive)
    away = folder / "away"
    away.mkdir()
    script = shutil.copy(SMOKE, away)
    settings = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return run(home, "-I", script, cwd=away, env=settings)


def main(arguments: list[str] | None = None) -> None:
    """Build, compare and try both archives; keep them if all went well."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--tag", help="ends with an error unless it is v and the version")
    parser.add_argument("--no-smoke", action="store_true", help="install nothing")
    chosen = parser.parse_args(arguments)
    if chosen.tag not in (None, f"v{PROJECT['version']}"):
        sys.exit(f"the tag is {chosen.tag}, but the version in pyproject.toml {PROJECT['version']}")
    with tempfile.TemporaryDirectory() as place:
        files = same(ROOT, Path(place))
        for path, digest in zip(files, digests(files).values(), strict=True):
            print(f"{path.name}: {path.stat().st_size:,} bytes, sha256 {digest}", flush=True)
            if path.suffix == ".whl" and path.stat().st_size > MOST:
                sys.exit(f"{path.name} has more than {MOST:,} bytes")
            if not chosen.no_smoke:
                print(try_out(path, Path(place) / path.suffix[1:]), flush=True)
        chosen.out.mkdir(parents=True, exist_ok=True)
        for path in files:
            shutil.copyfile(path, chosen.out / path.name)
    print(f"two builds gave the same bytes; they are in {chosen.out}")


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, subprocess.SubprocessError) as error:
        sys.exit(str(error))
