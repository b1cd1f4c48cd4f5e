"""Refuses a command that would write over one of its inputs, or twice to one file."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment_transfer.cli.output import is_device
from sentiment_transfer.corpus.catalogue import find_entry, is_entry
from sentiment_transfer.corpus.sources import locate
from sentiment_transfer.errors import InputError, ModelFileError, SettingError, shortened
from sentiment_transfer.export import description_path
from sentiment_transfer.model import model_path
from sentiment_transfer.model.hub import is_hub

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["WRITTEN", "check_outputs"]

WRITTEN = {
    "output",
    "html",
    "js",
    "onnx",
    "conformance",
    "plot",
    "curves",
    "flips",
    "rates",
    "reliability",
    "errors",
    "resume",
    "checkpoint",
}
"""Parameters that name a file to write."""

PATHS = {"FILE", "DIR", "MODEL", "TEXTS", "LABELLED", "DATA"}
"""What the help calls a value that is a path; others, such as TEXT and LABEL, are none."""


def check_outputs(parameters: Iterable[Any], values: Mapping[str, Any]) -> None:
    """Raise if an output is an input of the same command, under any name, or another output."""
    outputs: dict[str, Path] = {}
    inputs: list[str] = []
    for parameter in parameters:
        name, value = parameter.name, values.get(parameter.name)
        if parameter.metavar not in PATHS or value is None:
            continue
        if name == "checkpoint":  # a folder or a URL
            if "://" not in value:
                outputs["--checkpoint"] = Path(value, "weights.safetensors")
            continue
        if name not in WRITTEN:
            inputs += [str(each) for each in (value if isinstance(value, list) else [value])]
        elif str(value) != "-" and not is_device(Path(value)):
            option, path = max(parameter.opts, key=len), Path(value)
            outputs[option] = path
            if name == "onnx":
                outputs["the description of --onnx"] = description_path(path)
    for (one, path), (other, second) in combinations(outputs.items(), 2):
        if path.resolve() == second.resolve() or _same(path, second):
            raise SettingError(f"{one} and {other} name the same file; give each a file of its own")
    for option, path in outputs.items():
        if not os.path.lexists(path):
            continue
        if _is_standard_input(path):
            raise InputError(_message(option, "standard input"), path=str(path))
        for given in inputs:
            if any(_same(path, file) for file in _files(given)):
                raise InputError(_message(option, shortened(given)), path=str(path))


def _message(option: str, given: str) -> str:
    return f"{option} would replace this file, which is read too ({given}); name another file"


def _files(given: str) -> Iterator[Path]:
    """Yield the local files that an argument may read: of a model, a pattern or a folder."""
    if is_hub(given):
        return
    with suppress(ModelFileError):
        yield model_path(given)
    if is_entry(given):
        with suppress(InputError):  # said when it is read
            entry, part = find_entry(given)
            yield from (Path(file) for file in entry.files(part) if "://" not in file)
        return
    if "://" in given and not given.startswith(("file:", "local:")):
        return
    try:
        found = [Path(each.path) for each in locate(given) if "file" in each.fs.protocol]
    except InputError:
        return
    for path in found:
        yield path
        if path.is_dir():
            for folder in (path, path / "pos", path / "neg", path / "unsup"):
                yield from folder.glob("*.txt")


def _same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False


def _is_standard_input(path: Path) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(sys.stdin.fileno()))
    except (OSError, ValueError, AttributeError):  # none, or not a file
        return False
