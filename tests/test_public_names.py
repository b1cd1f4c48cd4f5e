"""What others build on: the names, and that each says what it is."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import sentiment_transfer

PACKAGE = Path(sentiment_transfer.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))


def test_the_public_names_are_these() -> None:
    names = [
        "AveragingEncoder",
        "HiddenLayerClassifier",
        "LSTMEncoder",
        "SentimentClassifier",
        "SentimentTransferError",
        "SkipGram",
        "WordVectors",
        "compare",
        "load",
        "read_labelled",
        "read_texts",
    ]
    assert sentiment_transfer.__all__ == names == sorted(names)
    assert all(hasattr(sentiment_transfer, name) for name in names)


@pytest.mark.needs_extra("plot", "studio", "torch")
def test_every_listed_name_exists_in_its_module() -> None:
    packages = pkgutil.walk_packages([str(PACKAGE)], "sentiment_transfer.")
    for name in [info.name for info in packages if not info.name.endswith("__main__")]:
        module = importlib.import_module(name)
        missing = [
            listed for listed in getattr(module, "__all__", []) if not hasattr(module, listed)
        ]
        assert not missing, f"{name} lists {missing}"


def undocumented(tree: ast.Module) -> list[str]:
    """Public functions, classes and their public methods without a docstring."""
    found = [] if ast.get_docstring(tree) else ["the module itself"]
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    levels: list[ast.Module | ast.ClassDef] = [tree]
    levels += [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for level in levels:
        hidden = getattr(level, "name", "").startswith("_")
        for node in level.body:
            if hidden or not isinstance(node, kinds) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                found.append(f"{getattr(level, 'name', '')} {node.name}")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_everything_public_has_a_docstring(path: Path) -> None:
    assert not undocumented(ast.parse(path.read_text(encoding="utf-8")))


def test_importing_the_package_brings_none_of_the_heavy_ones() -> None:
    heavy = "gensim jieba llvmlite matplotlib nltk numba pandas pyarrow scipy sklearn torch"
    code = (
        "import sys, sentiment_transfer; "
        f"print(*{{name.split('.')[0] for name in sys.modules}} & set({heavy!r}.split()))"
    )
    run = subprocess.run(  # noqa: S603  (our own code)
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == []


def test_the_version_is_that_of_the_installed_package() -> None:
    assert sentiment_transfer.__version__ == version("sentiment-transfer")
