"""``sentiment-transfer export``."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from sentiment_transfer.cli import options
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.cli.output import check_writable, open_bytes, open_output
from sentiment_transfer.errors import SettingError
from sentiment_transfer.export import (
    conformance_of,
    description_path,
    onnx_of,
    page_of,
    require_onnx,
    script_of,
    tables_of,
)
from sentiment_transfer.model import FittedStages

__all__ = ["export"]

_ENDINGS = {
    "html": (".html", ".htm"),
    "js": (".js", ".cjs"),
    "onnx": (".onnx",),
    "conformance": (".jsonl",),
}


def export(
    model: options.ModelFile,
    html: Annotated[
        Path | None,
        options.value("FILE", "Page to write, which works by double click. FILE ends in .html."),
    ] = None,
    js: Annotated[
        Path | None,
        options.value(
            "FILE", "Script to write, for other pages and for Node: SentimentModel.predict(texts)."
        ),
    ] = None,
    onnx: Annotated[
        Path | None,
        options.value(
            "FILE",
            "ONNX file to write, from token ids to probabilities; the vocabulary and a description "
            "of the tokenizer go to FILE.json. FILE ends in .onnx.",
        ),
    ] = None,
    conformance: Annotated[
        Path | None,
        options.value(
            "FILE",
            "Cases to write that a port of the model has to pass: texts with their tokens, ids and "
            "probabilities. FILE ends in .jsonl.",
        ),
    ] = None,
) -> None:
    """Write a model as a page, a script or an ONNX file.

    The page holds the model, the tokenizer and the classifier in JavaScript, and asks no other host
    for anything. It gives the same labels as predict. A model of the default stages can be
    exported as a page or a script, with labels or without; not a Chinese one, whose texts a
    dictionary cuts into words.

    An ONNX file can be made of every model without a sentence encoder, also of averages with
    another head and of an LSTM. Tokenizing is left to the program that runs it; --conformance
    writes cases to check that.
    """
    given = {"html": html, "js": js, "onnx": onnx, "conformance": conformance}
    paths = {name: path for name, path in given.items() if path is not None}
    _check(paths)
    stages = open_classifier(model, predicts=False).stages_
    if html is not None or js is not None:
        _export_port(stages, model.stem, html, js)
    if onnx is not None:
        _export_onnx(stages, model.stem, onnx)
    if conformance is not None:
        _write(conformance, (f"{line}\n" for line in conformance_of(stages, model.stem)))


def _check(paths: dict[str, Path]) -> None:
    """Raise for paths that cannot be written, before the model is read."""
    if not paths:
        listed = ", ".join(f"--{name} FILE" for name in _ENDINGS)
        raise SettingError(f"there is nothing to write; give one or more of {listed}")
    for name, path in paths.items():
        if path.suffix.lower() not in _ENDINGS[name]:
            raise SettingError(
                f"--{name} {path} is not allowed; it must end in {_ENDINGS[name][0]}"
            )
        check_writable(path)
    if "onnx" in paths:
        require_onnx()
        check_writable(description_path(paths["onnx"]))


def _export_port(stages: FittedStages, name: str, html: Path | None, js: Path | None) -> None:
    tables = tables_of(stages, name)
    for path, content in ((html, page_of), (js, script_of)):
        if path is not None:
            _write(path, [content(tables)])
    if not tables.exact:
        most = "less than 0.0001" if tables.precision == "int16" else "up to about 0.002"
        say(
            f"word vectors are stored as {tables.precision}, so that the page stays small; "
            f"probabilities differ from those of predict by {most}"
        )


def _export_onnx(stages: FittedStages, name: str, path: Path) -> None:
    made = onnx_of(stages, name)
    with open_bytes(path) as file:
        file.write(made.content)
    say(f"{path}: {len(made.content) / 1e6:.1f} MB, opset {made.opset}")
    _write(description_path(path), [made.description_json()])


def _write(path: Path, parts: Iterable[str]) -> None:
    """Write parts of a text, and say how large they are together."""
    size = 0
    with open_output(path) as file:
        for part in parts:
            file.write(part)
            size += len(part.encode())
    say(f"{path}: {size / 1e6:.1f} MB")
