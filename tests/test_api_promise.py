"""Public names are compared with those of the last tag, and the comparison finds what breaks."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from scripts.release.api import PACKAGE, breaking, compatible, last_tag, version_of

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("griffe", reason="griffe, which compares the public names, is not installed")

MODEL = '''
"""A module."""
from __future__ import annotations
from sentiment_transfer.base import Estimator

class Model(Estimator):
    """A class."""

    kind: str = "model"

    def __init__(self, size: int = 3, *, seed: int = 0) -> None:
        self.size = size

    def fit(self, texts: list[str]) -> Model:
        return self

    def _private(self) -> None: ...

def helper(text: str) -> str:
    return text
'''
BASE = """
class Settings:
    def get_params(self, deep=True):
        return {}

class Estimator(Settings):
    def set_params(self, values=()):
        return self

    def _store(self, values=()): ...

class Other:
    def describe(self, form="text"): ...
"""
INIT = """
from typing import TYPE_CHECKING
__all__ = ["Model"]
if TYPE_CHECKING:
    from sentiment_transfer.model import Model
else:
    def __getattr__(name):
        raise AttributeError(name)
"""


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True)  # noqa: S603, S607


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a package like ours, whose first version is tagged."""
    package = tmp_path / PACKAGE
    package.mkdir()
    (package / "__init__.py").write_text(INIT)
    (package / "model.py").write_text(MODEL)
    (package / "base.py").write_text(BASE)
    (package / "errors.py").write_text("class InputError(ValueError): ...\n")
    for line in ("init -q", "add .", "commit -qm one", "tag v0.1.0"):
        git(tmp_path, *line.split())
    return tmp_path


def change(repository: Path, old: str, new: str, file: str = "model.py") -> list[str]:
    path = repository / PACKAGE / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return breaking("v0.1.0", repository)


BREAKS = {
    "a parameter is removed": ("size: int = 3, *, seed: int = 0", "size: int = 3"),
    "a parameter gets another default": ("seed: int = 0", "seed: int = 1"),
    "a parameter is required": ("texts: list[str]", "texts: list[str], labels: list[str]"),
    "a method is renamed": ("def fit", "def train"),
    "an attribute is removed": ('    kind: str = "model"\n', ""),
    "the class is gone": ("class Model", "class Other"),
}


@pytest.mark.parametrize(("old", "new"), BREAKS.values(), ids=BREAKS)
def test_what_breaks_is_found(repository: Path, old: str, new: str) -> None:
    assert change(repository, old, new)


def test_an_error_type_that_is_gone_is_found(repository: Path) -> None:
    assert change(repository, "InputError", "TextError", "errors.py")


INHERITED = {
    "a parameter of a base": ("self, values=()):\n        return", "self):\n        return"),
    "a default of the base of a base": ("deep=True", "deep=False"),
    "a method of a base": ("def set_params", "def set"),
}


@pytest.mark.parametrize(("old", "new"), INHERITED.values(), ids=INHERITED)
def test_what_breaks_in_a_class_that_a_public_one_is_derived_from_is_found(
    repository: Path, old: str, new: str
) -> None:
    assert change(repository, old, new, "base.py")


@pytest.mark.parametrize(
    ("old", "new"), [("_store(self, values", "_store(self, all"), ("form=", "by=")]
)
def test_what_is_not_public_of_a_base_and_other_classes_of_its_module_are_left_out(
    repository: Path, old: str, new: str
) -> None:
    assert change(repository, old, new, "base.py") == []


KEEPS = {
    "a parameter with a default is added": ("seed: int = 0", "seed: int = 0, units: int = 8"),
    "a method is added": ("    def fit", "    def score(self) -> int: ...\n\n    def fit"),
    "a private method is gone": ("    def _private(self) -> None: ...\n", ""),
    "a function that is not public is gone": ("def helper", "def other"),
}


@pytest.mark.parametrize(("old", "new"), KEEPS.values(), ids=KEEPS)
def test_what_users_do_not_see_is_left_out(repository: Path, old: str, new: str) -> None:
    assert change(repository, old, new) == []


def test_the_last_tag_is_found_and_a_repository_without_one_has_none(repository: Path) -> None:
    git(repository, "commit", "-qm", "two", "--allow-empty")
    assert last_tag(repository) == "v0.1.0"
    git(repository, "tag", "-d", "v0.1.0")
    assert last_tag(repository) is None


def test_a_version_that_is_being_released_is_compared_with_the_one_before(
    repository: Path,
) -> None:
    assert last_tag(repository) is None
    change(repository, "def fit", "def train")
    git(repository, "commit", "-qam", "two")
    for name in ("v0.1.1", "v0.1"):
        git(repository, "tag", name)
    tag = last_tag(repository)
    assert tag == "v0.1.0"
    assert breaking(tag, repository)


def test_a_new_major_version_may_break_and_before_the_first_a_new_minor_one() -> None:
    assert compatible("v1.2.3", "1.9.0")
    assert not compatible("v1.2.3", "2.0.0")
    assert compatible("v0.1.0", "0.1.9")
    assert not compatible("v0.1.0", "0.2.0")
    assert compatible("v1.0rc1", "1.0.0")
    assert compatible("v1", "1.2.0.post1")
    assert not compatible("v0.1rc1", "0.2.0.dev3")


def test_nothing_public_breaks_since_the_last_tag_that_this_version_promises() -> None:
    tag = last_tag()
    if tag is None:
        pytest.skip("there is no tag v* yet, so there is no promise to compare with")
    if not compatible(tag, version_of()):
        pytest.skip(f"{version_of()} may break what {tag} promised")
    assert breaking(tag) == []
