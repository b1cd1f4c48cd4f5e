"""``sentiment-transfer compare``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from sentiment_transfer.cli.inputs import labelled_of, start_classifier, texts_of
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
from sentiment_transfer.cli.output import check_picture, check_writable, format_for, open_output
from sentiment_transfer.errors import SettingError
from sentiment_transfer.experiments import Comparison
from sentiment_transfer.experiments import compare as run_comparison
from sentiment_transfer.experiments.arms import ARMS, check_names
from sentiment_transfer.experiments.leaks import check_labelled, without_test_texts

__all__ = ["compare"]


class Format(StrEnum):
    """Output formats."""

    table = "table"
    json = "json"
    csv = "csv"
    md = "md"


class Prevalence(StrEnum):
    """How labelled texts are drawn."""

    balanced = "balanced"
    natural = "natural"


def _numbers(listed: str) -> list[int]:
    numbers = [number.strip() for number in listed.split(",")]
    if not all(map(str.isdecimal, numbers)):
        raise SettingError(
            f"--budgets {listed!r} is not allowed; it must be integers separated by commas, "
            "such as 8,20,100"
        )
    return [int(number) for number in numbers]


def _names(listed: str | None) -> list[str] | None:
    return None if listed is None else check_names(name.strip() for name in listed.split(","))


def compare(
    labelled: Annotated[
        str,
        typer.Option(metavar="FILE", help="Labelled texts, of which some are drawn for training."),
    ],
    test: Annotated[
        str, typer.Option(metavar="FILE", help="Other labelled texts, to measure accuracy on.")
    ],
    unlabelled: Unlabelled = None,
    vectors: Vectors = None,
    budgets: Annotated[
        str, typer.Option(metavar="NUMBERS", help="Numbers of labels, separated by commas.")
    ] = "8,20,100",
    draws: Annotated[
        int, typer.Option(min=1, metavar="N", help="Random draws of labelled texts per budget.")
    ] = 20,
    arms: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help=f"Arms to compare, separated by commas: {', '.join(ARMS)}. Differences are "
            "computed from the first one. By default the model, a network with and without "
            "pretraining, and the baselines.",
        ),
    ] = None,
    prevalence: Annotated[
        Prevalence,
        typer.Option(
            metavar="HOW",
            help="balanced draws the same number of texts of each label; natural draws texts at "
            "random.",
        ),
    ] = Prevalence.balanced,
    extra_domain: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Labelled texts of another domain, of which the same number are drawn. Adds two "
            "arms: a network that shares its hidden layer with this domain, and one trained on "
            "all texts pooled. Can be repeated.",
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="File in which to save every finished run. An interrupted comparison continues "
            "from it if started with the same arguments, or with more budgets, draws or arms.",
        ),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also draw a plot: .svg, .png or .pdf.")
    ] = None,
    format: Annotated[  # noqa: A002  (the option's name)
        Format | None,
        typer.Option(
            metavar="FORMAT",
            help="table, json, csv or md; the default is the suffix of -o, else table.",
        ),
    ] = None,
    output: Output = None,
    language: Language = None,
    text: TextColumn = "text",
    label: LabelColumn = "label",
    seed: Seed = 0,
    skip_bad: SkipBad = False,
    quiet: Quiet = False,
) -> None:
    """Measure the gain from pretraining.

    Fits models with and without pretraining on the same random draws of labelled texts.

    With --vectors but without --unlabelled, the texts of --labelled are used as unlabelled texts.
    """
    numbers, names = _numbers(budgets), _names(arms)
    form = format_for(format, output, Format)
    check_writable(output)
    check_picture("--plot", plot)
    check_writable(resume)
    if vectors is None and not unlabelled:
        raise SettingError("no vectors and no texts to pretrain on; give --unlabelled or --vectors")
    with Skips() as on_skip, progress_shown(quiet) as callback:
        columns: dict[str, Any] = {"text": text, "skip_bad": skip_bad, "on_skip": on_skip}
        pool = labelled_of(labelled, label=label, **columns)
        truth = labelled_of(test, label=label, **columns)
        check_labelled(pool, truth)  # before pretraining, which may take long
        model = start_classifier(vectors, language, seed=seed)
        texts = texts_of(unlabelled, **columns) if unlabelled else pool.texts
        if unlabelled == ["-"]:
            texts = list(texts)  # it can be read only once
        result = run_comparison(
            model.pretrain(without_test_texts(texts, truth.texts), callback=callback),
            pool,
            truth,
            budgets=numbers,
            draws=draws,
            prevalence=prevalence.value,
            arms=names,
            extra_domains={
                file: labelled_of(file, label=label, **columns) for file in extra_domain or []
            },
            seed=seed,
            callback=callback,
            resume=resume,
        )
    if plot is not None:
        result.plot(plot)
    with open_output(output) as file:
        file.write(_as_text(result, form))


def _as_text(result: Comparison, form: Format) -> str:
    from sentiment_transfer.experiments.report import comparison_json, comparison_markdown

    if form is Format.csv:
        return result.table.to_csv(index=False, lineterminator="\n")
    if form is Format.json:
        return comparison_json(result)
    return comparison_markdown(result) if form is Format.md else f"{result}\n"
