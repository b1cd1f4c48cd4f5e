"""Options that several commands share: one meaning, one default, one help text."""

from collections.abc import Collection
from pathlib import Path
from typing import Annotated, Any

import typer

from sentiment_transfer.cli.output import check_model, check_picture, check_writable

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
        callback=check_writable,
    ),
]
ModelOutput = Annotated[
    Path,
    typer.Option("--output", "-o", metavar="FILE", help="File to write.", callback=check_model),
]
Seed = Annotated[int, typer.Option(min=0, metavar="N", help="Seed of all random numbers.")]
SkipBad = Annotated[
    bool,
    typer.Option("--skip-bad", help="Skip and report invalid rows instead of stopping."),
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Do not show progress on standard error.")
]


def texts(use: str) -> Any:  # noqa: ANN401  (as in typer)
    """Return an argument of TEXTS."""
    return typer.Argument(
        metavar="TEXTS",
        help=f"{use}: files, folders or URLs, or - for standard input, one text per line.",
        show_default=False,
    )


def picture(use: str) -> Any:  # noqa: ANN401
    """Return an option that names a picture to write."""
    ends = "FILE ends in .svg, .png or .pdf."
    return typer.Option(metavar="FILE", help=f"{use}. {ends}", callback=check_picture)


def split(listed: str) -> list[str]:
    """Return the parts of a value that are separated by commas."""
    return [part.strip() for part in listed.split(",")]


def choice(names: Collection[str], *declared: str, **settings: Any) -> Any:  # noqa: ANN401
    """Return an option that takes one of these names."""

    def check(value: str | None) -> str | None:
        if value is not None and value not in names:
            raise typer.BadParameter(f"{value!r} is not one of {', '.join(map(repr, names))}.")
        return value

    return typer.Option(*declared, callback=check, **settings)


def form(names: Collection[str], more: str = "") -> Any:  # noqa: ANN401
    """Return the option ``--format``."""
    *first, last = names
    default = "the default is the suffix of -o, else table."
    use = f"{', '.join(first)} or {last}; {default}{more}"
    return choice(names, "--format", metavar="FORMAT", help=use)
