"""``sentiment-transfer compare``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from sentiment_transfer.cli.messages import Skips, progress_shown
from sentiment_transfer.cli.options import (
    LabelColumn,
    Language,
    Output,
    Quiet,
    Seed,
    SkipBad,
    TextColumn,
    Unlabelled,
    Vectors,
)
from sentiment_transfer.cli.reading import labelled_of, start_classifier, texts_of
from sentiment_transfer.cli.writing import check_picture, check_place, format_for, opened
from sentiment_transfer.errors import SettingError
from sentiment_transfer.experiments import Comparison
from sentiment_transfer.experiments import compare as run_comparison
from sentiment_transfer.experiments.arms import ARMS, check_names
from sentiment_transfer.experiments.leaks import check_labelled, without_test_texts

__all__ = ["compare"]


class Format(StrEnum):
    """Forms of the table."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"


class Prevalence(StrEnum):
    """Which texts get labels."""

    balanced = "balanced"
    natural = "natural"


def _numbers(listed: str) -> list[int]:
    numbers = [number.strip() for number in listed.split(",")]
    if not all(map(str.isdecimal, numbers)):
        raise SettingError(f"--budgets: {listed!r} is no list of whole numbers such as 8,20,100")
    return [int(number) for number in numbers]


def _names(listed: str | None) -> list[str] | None:
    return None if listed is None else check_names(name.strip() for name in listed.split(","))


def compare(
    labelled: Annotated[
        str,
        typer.Option(metavar="FILE", help="Texts with labels, from which labels are drawn."),
    ],
    test: Annotated[
        str, typer.Option(metavar="FILE", help="Other texts with labels, to measure accuracy on.")
    ],
    unlabelled: Unlabelled = None,
    vectors: Vectors = None,
    budgets: Annotated[
        str, typer.Option(metavar="NUMBERS", help="Numbers of labels, with commas between.")
    ] = "8,20,100",
    draws: Annotated[int, typer.Option(min=1, help="Random choices of labels, each budget.")] = 20,
    arms: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help=f"What to compare, with commas between: {', '.join(ARMS)}. Gains are measured "
            "from the first. Without it the model, a network with and without pretraining, and "
            "what needs none.",
        ),
    ] = None,
    prevalence: Annotated[
        Prevalence,
        typer.Option(help="Draw the same number of each label, or texts as they come."),
    ] = Prevalence.balanced,
    beside: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Texts with labels of another domain, from which as many labels are drawn: adds "
            "a network that shares its hidden layer with them, and one on all pooled. May be "
            "repeated.",
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Keep every finished run there. A comparison that was killed goes on from it when "
            "started again with the same arguments, or more budgets, draws or arms.",
        ),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw a plot: .svg, .png or .pdf.")
    ] = None,
    format: Annotated[  # noqa: A002  (the option's name)
        Format | None, typer.Option(help="By the ending of -o FILE, or else table.")
    ] = None,
    output: Output = None,
    language: Language = None,
    text: TextColumn = "text",
    label: LabelColumn = "label",
    seed: Seed = 0,
    skip_bad: SkipBad = False,
    quiet: Quiet = False,
) -> None:
    """Measure what pretraining is worth.

    Fits models with and without it on the same random draws of labels.

    With --vectors alone, the texts of --labelled (without their labels) stand in for unlabelled
    ones.
    """
    numbers, names = _numbers(budgets), _names(arms)
    form = format_for(format, output, Format)
    check_place(output)
    check_picture("--plot", plot)
    check_place(resume)
    if vectors is None and not unlabelled:
        raise SettingError("there is nothing to compare; give --unlabelled TEXTS, or --vectors")
    with Skips() as on_skip, progress_shown(quiet) as callback:
        columns: dict[str, Any] = {"text": text, "skip_bad": skip_bad, "on_skip": on_skip}
        pool = labelled_of(labelled, label=label, **columns)
        truth = labelled_of(test, label=label, **columns)
        check_labelled(pool, truth)  # before pretraining, which may take long
        model = start_classifier(vectors, language, seed=seed)
        texts = texts_of(unlabelled, **columns) if unlabelled else pool.texts
        if unlabelled == ["-"]:
            texts = list(texts)  # it can be read but once
        result = run_comparison(
            model.pretrain(without_test_texts(texts, truth.texts), callback=callback),
            pool,
            truth,
            budgets=numbers,
            draws=draws,
            prevalence=prevalence.value,
            arms=names,
            extra_domains={
                file: labelled_of(file, label=label, **columns) for file in beside or []
            },
            seed=seed,
            callback=callback,
            resume=resume,
        )
    if plot is not None:
        result.plot(plot)
    with opened(output) as file:
        file.write(_as_text(result, form))


def _as_text(result: Comparison, form: Format) -> str:
    from sentiment_transfer.experiments.report import comparison_json, comparison_markdown

    if form is Format.csv:
        return result.table.to_csv(index=False, lineterminator="\n")
    if form is Format.json:
        return comparison_json(result)
    return comparison_markdown(result) if form is Format.md else f"{result}\n"
