"""Imports flow one way: a room imports only itself and the rooms above it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import sentiment_transfer

PACKAGE = Path(sentiment_transfer.__file__).parent

ROOMS = [
    *("errors", "settings", "estimator", "progress", "atomic", "compiled", "figures", "tables"),
    *("languages", "text", "corpus", "storage", "pretraining", "encoding", "classification"),
    *("model", "experiments", "advice"),
]
LEAVES = ("studio", "cluster", "cli")  # they stand on everything, and not on each other, but cli


def room(module: str) -> str:
    """``sentiment_transfer.text.scanner`` belongs to ``text``; the package itself to ``""``."""
    return module.partition(".")[2].partition(".")[0]


def imported(tree: ast.Module, package: str) -> set[str]:
    """Modules of ours imported anywhere: in functions and for type checking as well."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            above = ".".join(parts[: len(parts) + 1 - node.level]) if node.level else ""
            base = ".".join(filter(None, (above, node.module or "")))
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        found |= {name for name in names if name.split(".")[0] == "sentiment_transfer"}
    return found


def may_import(importer: str, other: str) -> bool:
    if importer == other:
        return True
    if importer in LEAVES:
        return other in ROOMS or (importer == "cli" and other in LEAVES)
    return importer in ROOMS and other in ROOMS[: ROOMS.index(importer)]


def modules() -> list[tuple[str, Path]]:
    """Every module of a room by its dotted name; the package's own two files stand above all."""
    named = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = ".".join(("sentiment_transfer", *(part for part in parts if part != "__init__")))
        if path.parent != PACKAGE or path.stem not in ("__init__", "__main__"):
            named.append((name, path))
    return named


@pytest.mark.parametrize(("name", "path"), modules(), ids=[name for name, _ in modules()])
def test_a_module_imports_only_what_stands_above_it(name: str, path: Path) -> None:
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    used = {room(module) for module in imported(ast.parse(path.read_text("utf-8")), package)}
    wrong = sorted(other for other in used if not may_import(room(name), other))
    assert not wrong, f"{name} imports {wrong}"


def test_every_room_has_its_place_in_the_order() -> None:
    assert {room(name) for name, _ in modules()} <= {*ROOMS, *LEAVES}


def test_the_rule_itself_sees_hidden_and_relative_imports_and_tells_right_from_wrong() -> None:
    source = """
if TYPE_CHECKING:
    from sentiment_transfer.model import load
def late():
    import sentiment_transfer.cli.fit
    from ..text import scanner
    from . import engine
    import numpy
"""
    found = imported(ast.parse(source), "sentiment_transfer.pretraining")
    assert {room(module) for module in found} == {"model", "cli", "text", "pretraining"}
    assert may_import("model", "text")
    assert not may_import("text", "model")
    assert not may_import("experiments", "cli")
    assert may_import("cli", "studio")
    assert not may_import("studio", "cli")
    assert not may_import("text", "")  # the package itself would drag everything in
