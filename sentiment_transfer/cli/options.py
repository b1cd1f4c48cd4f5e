"""Options that several commands share: one meaning, one default, one help text."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "LabelColumn",
    "Language",
    "ModelFile",
    "Output",
    "Quiet",
    "Seed",
    "SkipBad",
    "TextColumn",
    "Unlabelled",
    "Vectors",
]

TextColumn = Annotated[
    str, typer.Option("--text", metavar="COLUMN", help="Column of the texts, in tables.")
]
LabelColumn = Annotated[
    str, typer.Option("--label", metavar="COLUMN", help="Column of the labels, in tables.")
]
Language = Annotated[
    str | None,
    typer.Option(
        metavar="CODE",
        help="Language of the texts, en or zh; by default that of --vectors, else en.",
    ),
]
Vectors = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Word vectors: a file written by pretrain, a model, or the name of a shipped model "
        "such as reviews-en.",
    ),
]
Unlabelled = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TEXTS",
        help="Texts to pretrain on: a file, folder, URL or quoted glob pattern, or - for standard "
        "input. Can be repeated. With --vectors, only the encoder is fitted on these texts.",
    ),
]
ModelFile = Annotated[
    Path,
    typer.Argument(
        metavar="MODEL",
        help="A model file written by fit, or the name of a shipped model such as reviews-en.",
        show_default=False,
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write to this file, atomically. By default, or with -, write to standard output.",
    ),
]
Seed = Annotated[int, typer.Option(min=0, metavar="N", help="Seed of all random numbers.")]
SkipBad = Annotated[
    bool,
    typer.Option("--skip-bad", help="Skip and report invalid rows instead of stopping."),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Do not show progress on standard error.")
]
