"""Imports flow one way: a room imports only itself and the rooms before it in the order."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import sentiment_transfer

PACKAGE = Path(sentiment_transfer.__file__).parent

ROOMS = [
    *("errors", "base", "languages", "text", "corpus", "storage"),
    *("pretraining", "encoding", "classification", "polarity", "model", "scoring"),
    *("export", "experiments", "advice", "overview", "serving"),
]
LEAVES = ("studio", "cluster", "cli")  # they may import every room, but only cli a leaf
LATE = {"numba": "_numba.py", "torch": "_torch.py"}
"""Slow to import: only files with this ending may do so at module level."""


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
def test_a_module_imports_only_rooms_before_its_own(name: str, path: Path) -> None:
    package = name if path.stem == "__init__" else name.rpartition(".")[0]
    used = {room(module) for module in imported(ast.parse(path.read_text("utf-8")), package)}
    wrong = sorted(other for other in used if not may_import(room(name), other))
    assert not wrong, f"{name} imports {wrong}"


def test_every_room_has_its_place_in_the_order() -> None:
    assert {room(name) for name, _ in modules()} <= {*ROOMS, *LEAVES}


def outside_functions(tree: ast.AST) -> list[ast.stmt]:
    """Statements that run when a module is imported, those for type checking left out."""
    found: list[ast.stmt] = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.stmt):
            found.append(node)
        found += outside_functions(node)
    return found


def imports_at_once(tree: ast.Module) -> set[str]:
    """Top packages that importing a module imports."""
    found = set()
    for node in outside_functions(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize(("name", "path"), modules(), ids=[name for name, _ in modules()])
def test_only_files_named_for_it_import_a_slow_package_at_once(name: str, path: Path) -> None:
    at_once = imports_at_once(ast.parse(path.read_text("utf-8")))
    wrong = [slow for slow, ending in LATE.items() if slow in at_once and ending not in path.name]
    assert not wrong, f"{name} imports {wrong} at module level"


def run_time_graph() -> dict[str, set[str]]:
    """Modules of ours that each imports when it runs, in functions as well."""
    names = {name for name, _ in modules()}
    graph = {}
    for name, path in modules():
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
                node.body = [ast.Pass()]
        package = name if path.stem == "__init__" else name.rpartition(".")[0]
        used = imported(tree, package)
        graph[name] = {m if m in names else m.rpartition(".")[0] for m in used} & names - {name}
    return graph


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Some circle of imports, or nothing."""
    try:
        tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_modules_import_each_other_in_a_circle_not_even_late() -> None:
    assert circle(run_time_graph()) == []


def test_a_circle_would_be_found() -> None:
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}


def test_a_slow_import_in_a_function_or_for_types_is_not_at_once() -> None:
    source = """
import numpy
try:
    import torch.nn
except ImportError:
    pass
if TYPE_CHECKING:
    import gensim
class Late:
    def method(self):
        import numba
"""
    assert imports_at_once(ast.parse(source)) == {"numpy", "torch"}


def test_the_rule_sees_hidden_and_relative_imports_and_separates_right_from_wrong() -> None:
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
