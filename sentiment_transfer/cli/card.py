"""``sentiment-transfer card``."""

from pathlib import Path
from typing import Annotated

from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.cli.output import open_output
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.experiments.evaluation import evaluate
from sentiment_transfer.model.hub import Address, is_hub

__all__ = ["card"]


def card(
    model: options.ModelFile,
    test: Annotated[
        str | None,
        options.value(
            "LABELLED", "Labelled texts that the model has not seen, to measure it on: a file."
        ),
    ] = None,
    name: Annotated[
        str | None, options.value("NAME", "Title of the card; by default the name of MODEL.")
    ] = None,
    license: Annotated[  # noqa: A002  (its name on the Hub)
        str | None, options.value("ID", "License of the model as the Hub names it, such as mit.")
    ] = None,
    output: options.Output = None,
    sentence_encoder: options.SentenceEncoder = None,
    text: options.TextColumn = None,
    label: options.LabelColumn = None,
    map_labels: options.MapLabels = None,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
) -> None:
    """Write what a model is, as its card in Markdown.

    The card has what the model was trained on, its sizes and how to load it, with the YAML that the
    Hugging Face Hub reads. Accuracy with its interval, calibration, coverage and the labels that
    are missed are in it if --test measures them.
    """
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    classifier = open_classifier(model, sentence_encoder)
    report = None
    if test is not None:
        with Reader(
            text, label, map_labels, skip_bad=skip_bad, files=files, model=classifier
        ) as read:
            report = evaluate(classifier, read.labelled(test)).report
    found = classifier.card(
        report,
        name=name or _title_of(model),
        test_set="labelled texts" if test is None else f"texts of {Path(test).name}",
        license=license,
    )
    with open_output(output) as file:
        file.write(str(found.loaded_from(_place_of(model))))
    if report is None:
        say("no accuracy was measured; --test LABELLED measures it")


def _title_of(model: Path) -> str:
    if is_hub(model):
        return Address.of(model).repository
    return model.name if model.is_dir() else model.stem


def _place_of(model: Path) -> str:
    """Return what reads the model elsewhere; folders of this machine are nobody else's."""
    return str(Address.of(model)) if is_hub(model) else model.name
