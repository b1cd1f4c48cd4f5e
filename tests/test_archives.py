"""The wheel and the archive of sources: the same bytes twice, nothing too much, and they work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from scripts.release import archives
from scripts.release.environments import PROJECT, make, run

if TYPE_CHECKING:
    from collections.abc import Callable

pytest.importorskip("hatchling", reason="hatchling, which builds the archives, is not installed")
ROOT = Path(__file__).resolve().parent.parent
EPOCH = 1_700_000_000
SMALL = ["pyproject.toml", "README.md", "LICENSE", "corpora/movies72"]


def small_tree(folder: Path, order: Callable[[list[str]], list[str]], date: int) -> Path:
    """The project with few modules, whose files are written in an order and have a date."""
    package = ROOT / "sentiment_transfer"
    names = [str(path.relative_to(ROOT)) for path in package.glob("*.py")]
    names += [str(path.relative_to(ROOT)) for path in package.rglob("NOTICES.txt")]
    names += [f"corpora/movies72/{name}" for name in ("labelled.csv", "unlabelled.txt")]
    for name in order([*names, *SMALL[:3]]):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
        os.utime(target, (date, date))
    return folder


def test_order_and_dates_of_files_do_not_change_the_bytes_but_the_epoch_does(
    tmp_path: Path,
) -> None:
    first = small_tree(tmp_path / "a", sorted, EPOCH)
    other = small_tree(tmp_path / "b" / "deeper", lambda names: sorted(names)[::-1], 10**9)
    built = [
        archives.digests(archives.build(tree, tmp_path / out, epoch))
        for tree, out, epoch in (
            (first, "one", EPOCH),
            (other, "two", EPOCH),
            (first, "three", EPOCH + 86_400),
        )
    ]
    assert len(built[0]) == 2
    assert built[0] == built[1]
    assert not set(built[0].values()) & set(built[2].values())


def test_a_build_that_differs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trees = iter((sorted, sorted))

    def copy(root: Path, folder: Path, *, backwards: bool = False) -> Path:
        tree = small_tree(folder, next(trees), EPOCH)
        if backwards:
            (tree / "sentiment_transfer" / "errors.py").write_text("changed = True\n")
        return tree

    monkeypatch.setattr(archives, "copy_tracked", copy)
    with pytest.raises(RuntimeError, match=r"py3-none-any\.whl differs between two builds"):
        archives.same(ROOT, tmp_path, EPOCH)


@pytest.mark.parametrize("change", ["lost", "new"])
@pytest.mark.parametrize("build", [2, 3])
def test_a_file_that_one_build_has_and_another_has_not_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, build: int, change: str
) -> None:
    calls: list[Path] = []
    real = archives.build

    def built(tree: Path, out: Path, epoch: int, *targets: str) -> list[Path]:
        calls.append(out)
        files = real(tree, out, epoch, *targets)
        if len(calls) != build:
            return files
        if change == "lost":
            return [path for path in files if path.suffix != ".whl"]
        (out / "more-py3-none-any.whl").touch()
        return [*files, out / "more-py3-none-any.whl"]

    monkeypatch.setattr(archives, "build", built)
    monkeypatch.setattr(
        archives, "copy_tracked", lambda _, folder, **__: small_tree(folder, sorted, EPOCH)
    )
    with pytest.raises(RuntimeError, match=r"any\.whl differs between two builds: .*not built"):
        archives.same(ROOT, tmp_path, EPOCH)


def test_a_command_that_fails_is_named_with_its_last_lines() -> None:
    with pytest.raises(RuntimeError, match=r"ended with 3:\nwhat went wrong"):
        run(sys.executable, "-c", "print('what went wrong'); raise SystemExit(3)")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Both archives of what git tracks, built from two copies that differ in all that may."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no repository of git")
    return archives.same(ROOT, tmp_path_factory.mktemp("archives"), EPOCH)


@pytest.mark.slow
def test_two_builds_of_the_project_give_the_same_bytes(built: list[Path]) -> None:
    version = PROJECT["version"]
    assert [path.name for path in built] == [
        f"sentiment_transfer-{version}-py3-none-any.whl",
        f"sentiment_transfer-{version}.tar.gz",
    ]


def contents(path: Path) -> dict[str, bytes]:
    """The files of a wheel or an archive of sources by their names in it."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            return {name: wheel.read(name) for name in wheel.namelist()}
    found = {}
    with tarfile.open(path) as archive:
        for member in archive.getmembers():
            file = archive.extractfile(member)
            if file is not None:
                found[member.name.partition("/")[2]] = file.read()
    return found


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_the_bank_and_is_not_large(built: list[Path]) -> None:
    wheel, _ = built
    names = contents(wheel).keys()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"sentiment_transfer", f"sentiment_transfer-{PROJECT['version']}.dist-info"}
    bank = {f"sentiment_transfer/pretraining/bank/{path.name}" for path in banks()}
    assert bank <= names
    assert wheel.stat().st_size <= archives.MOST


def banks() -> list[Path]:
    return sorted((ROOT / "sentiment_transfer" / "pretraining" / "bank").glob("*.safetensors"))


@pytest.mark.slow
def test_the_archive_of_sources_has_all_that_the_tests_read(built: list[Path]) -> None:
    names = contents(built[1]).keys()
    folders = {name.partition("/")[0] for name in names if "/" in name}
    assert folders >= {"sentiment_transfer", "tests", "scripts", "corpora", "docs"}
    assert "PKG-INFO" in names
    assert not [name for name in names if "__pycache__" in name or name.startswith(".ci")]


@pytest.mark.slow
def test_no_archive_names_a_folder_of_the_machine_that_built_it(built: list[Path]) -> None:
    folders = [f"{folder}/".encode() for folder in (ROOT, built[0].parent.parent, Path.home())]
    for path in built:
        for name, content in contents(path).items():
            assert not [folder for folder in folders if folder in content], f"{path.name}: {name}"


def beside_the_packages_of_here(folder: Path, archive: Path) -> Path:
    """An environment with the archive alone, which finds all that it needs where this Python does.

    The package itself is found in it first. Nothing is downloaded: the trial in an environment that
    is really empty is `scripts.release.archives`.
    """
    home = make(Path(sys.executable), folder)
    here = sysconfig.get_paths()["purelib"]
    place = Path(
        run(home, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])").strip()
    )
    (place / "here.pth").write_text(here, encoding="utf-8")
    line = (home, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index")
    run(*line, "--no-build-isolation", "--force-reinstall", archive, env=alone())
    return home


def alone() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


@pytest.mark.slow
@pytest.mark.parametrize("which", [0, 1], ids=["wheel", "sources"])
def test_an_installed_archive_passes_the_smoke_test_away_from_here(
    built: list[Path], which: int, tmp_path: Path
) -> None:
    home = beside_the_packages_of_here(tmp_path / "environment", built[which])
    away = tmp_path / "away"
    away.mkdir()
    script = shutil.copy(archives.SMOKE, away)
    done = subprocess.run(  # noqa: S603
        [home, "-I", script], cwd=away, env=alone(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 5
