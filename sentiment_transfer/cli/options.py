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
    str, typer.Option("--text", metavar="COLUMN", help="Column of the texts, in files with one.")
]
LabelColumn = Annotated[
    str, typer.Option("--label", metavar="COLUMN", help="Column of the labels, in files with one.")
]
Language = Annotated[
    str | None,
    typer.Option(
        metavar="CODE", help="Language: en or zh. Without it that of the vectors, or else en."
    ),
]
Vectors = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Word vectors: what pretrain wrote, or a model."),
]
Unlabelled = Annotated[
    list[str] | None,
    typer.Option(
        metavar="TEXTS",
        help="Texts to pretrain on: file, folder, URL, quoted glob pattern, or - for standard "
        "input. May be repeated. With --vectors the vectors stay, and the texts settle the rest.",
    ),
]
ModelFile = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A model that fit wrote.", show_default=False)
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", help="Write there, all or nothing; - is standard output."
    ),
]
Seed = Annotated[int, typer.Option(min=0, help="Decides everything that is random.")]
SkipBad = Annotated[
    bool,
    typer.Option(
        "--skip-bad", help="Leave bad rows out and say which, in place of stopping at the first."
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on standard error.")]
