"""``sentiment-transfer compare``."""

from pathlib import Path
from typing import Annotated, cast, get_args

from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import progress_shown
from sentiment_transfer.cli.models import start_classifier
from sentiment_transfer.cli.output import Writers, check_writable, writer_for
from sentiment_transfer.cli.sentence_encoders import open_encoder
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.errors import SettingError
from sentiment_transfer.experiments import compare as run_comparison
from sentiment_transfer.experiments import report
from sentiment_transfer.experiments.arms import ARMS, check_names
from sentiment_transfer.experiments.draws import Sampling
from sentiment_transfer.experiments.leaks import check_labelled, without_test_texts

__all__ = ["compare"]


WRITERS: Writers = {
    "table": lambda result, file: file.write(f"{result}\n"),
    "json": lambda result, file: file.write(report.comparison_json(result)),
    "csv": lambda result, file: result.table.to_csv(file, index=False, lineterminator="\n"),
    "md": lambda result, file: file.write(report.comparison_markdown(result)),
}


def _numbers(listed: str) -> list[int]:
    numbers = options.split(listed)
    if not all(map(str.isdecimal, numbers)):
        raise SettingError(
            f"--budgets {listed!r} is not allowed; it must be integers separated by commas, "
            "such as 8,20,100"
        )
    return [int(number) for number in numbers]


def compare(
    labelled: Annotated[
        str, options.value("FILE", "Labelled texts, of which some are drawn for training.")
    ],
    test: Annotated[str, options.value("FILE", "Other labelled texts, to measure accuracy on.")],
    unlabelled: options.Unlabelled = None,
    vectors: options.Vectors = None,
    budgets: Annotated[
        str, options.value("NUMBERS", "Numbers of labels, separated by commas.")
    ] = "8,20,100",
    draws: Annotated[int, options.number("Random draws of labelled texts per budget.")] = 20,
    arms: Annotated[
        str | None,
        options.value(
            "NAMES",
            f"Arms to compare, separated by commas: {', '.join(ARMS)}. Differences are "
            "computed from the first one. By default the model, a network with and without "
            "pretraining, and the baselines.",
        ),
    ] = None,
    sampling: Annotated[
        str,
        options.choice(
            get_args(Sampling),
            "HOW",
            "balanced draws the same number of texts of each label; natural draws texts at random.",
        ),
    ] = "balanced",
    extra_domain: Annotated[
        list[str] | None,
        options.value(
            "FILE",
            "Labelled texts of another domain, of which the same number are drawn. Adds two "
            "arms: a network that shares its hidden layer with this domain, and one trained on "
            "all texts pooled. Can be repeated.",
        ),
    ] = None,
    resume: Annotated[
        Path | None,
        options.value(
            "FILE",
            "File in which to save every finished run. An interrupted comparison continues "
            "from it if started with the same arguments, or with more budgets, draws or arms.",
            callback=check_writable,
        ),
    ] = None,
    plot: Annotated[Path | None, options.picture("Also draw a plot")] = None,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    output: options.Output = None,
    sentence_encoder: options.SentenceEncoder = None,
    language: options.Language = None,
    text: options.TextColumn = None,
    label: options.LabelColumn = None,
    map_labels: options.MapLabels = None,
    seed: options.Seed = 0,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
    quiet: options.Quiet = False,
) -> None:
    """Measure the gain from pretraining.

    Fits models with and without pretraining on the same random draws of labelled texts.

    With --vectors but without --unlabelled, the texts of --labelled are used as unlabelled texts.
    Rows without a label are left out.
    """
    numbers = _numbers(budgets)
    names = None if arms is None else check_names(options.split(arms))
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    write = writer_for(form, output, WRITERS)
    if vectors is None and not unlabelled:
        raise SettingError("no vectors and no texts to pretrain on; give --unlabelled or --vectors")
    with (
        Reader(text, label, map_labels, skip_bad=skip_bad, files=files) as read,
        progress_shown(quiet) as callback,
    ):
        pool, truth = read.labelled(labelled), read.labelled(test)
        check_labelled(pool, truth)  # before pretraining, which may take long
        encoder = open_encoder(sentence_encoder)
        model = start_classifier(vectors, language, seed=seed, sentence_encoder=encoder)
        texts = read.texts(unlabelled) if unlabelled else pool.texts
        if unlabelled == ["-"]:
            texts = list(texts)  # it can be read only once
        result = run_comparison(
            model.pretrain(without_test_texts(texts, truth.texts), callback=callback),
            pool,
            truth,
            budgets=numbers,
            draws=draws,
            sampling=cast("Sampling", sampling),
            arms=names,
            extra_domains={file: read.labelled(file) for file in extra_domain or []},
            seed=seed,
            callback=callback,
            resume=resume,
        )
    if plot is not None:
        result.plot(plot)
    write(result)
