"""``sentiment-transfer fit``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sentiment_transfer.classification import HiddenLayerClassifier, Training
from sentiment_transfer.cli.learning import draw_curves, draw_rates
from sentiment_transfer.cli.messages import Skips, progress_shown, say
from sentiment_transfer.cli.options import (
    LabelColumn,
    Language,
    Quiet,
    Seed,
    SkipBad,
    TextColumn,
    Unlabelled,
    Vectors,
)
from sentiment_transfer.cli.reading import labelled_of, start_classifier, texts_of, vectors_of
from sentiment_transfer.cli.stages import Encoder, Head, StageOptions
from sentiment_transfer.cli.writing import check_picture, model_place
from sentiment_transfer.corpus import Labelled
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model import SentimentClassifier

__all__ = ["fit"]


def fit(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="The model file to write.")
    ],
    labelled: Annotated[
        str | None,
        typer.Argument(
            metavar="LABELLED",
            help="Texts with labels: a file, folder or URL. Without it the model rests on the "
            "unlabelled texts and the language's words of known polarity.",
            show_default=False,
        ),
    ] = None,
    vectors: Vectors = None,
    unlabelled: Unlabelled = None,
    language: Language = None,
    text: TextColumn = "text",
    label: LabelColumn = "label",
    head: Annotated[
        Head | None,
        typer.Option(help="Classifier on sentence vectors, in place of the usual one."),
    ] = None,
    encoder: Annotated[
        Encoder | None,
        typer.Option(
            help="Let what lies below a network learn with it: an LSTM over the word vectors, or "
            "averages whose vectors are tuned.",
        ),
    ] = None,
    copies: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="N",
            help="Also learn from so many copies of each labelled text, some words swapped for "
            "near ones of the same polarity. 4 help --head network with fewer than 100 labels; the "
            "usual model does without.",
        ),
    ] = 0,
    curves: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --head network or --encoder: draw training and validation error per epoch, "
            ".svg, .png or .pdf, and say what they mean and what to do about it.",
        ),
    ] = None,
    rates: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --head network: draw a learning-rate range test, and say the rate it "
            "suggests.",
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(metavar="RATE", help="Of --head network, such as what --rates suggests."),
    ] = None,
    ordered: Annotated[
        str | None,
        typer.Option(
            metavar="LABELS",
            help="All labels from the most negative to the most positive, with commas between, "
            "where there are more than two, such as 1,2,3,4,5.",
        ),
    ] = None,
    prevalence: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Share of positive ones among the --unlabelled texts."),
    ] = None,
    no_seeds: Annotated[
        bool,
        typer.Option(
            "--no-seeds",
            help="The labels are not about sentiment: do without the language's words of known "
            "polarity.",
        ),
    ] = False,
    seed: Seed = 0,
    skip_bad: SkipBad = False,
    quiet: Quiet = False,
) -> None:
    """Train a classifier on a few labelled texts, or none.

    It starts from --vectors, from --unlabelled texts that it is pretrained on, or from both.
    """
    model_place(output)
    check_picture("--curves", curves)
    check_picture("--rates", rates)
    stages = StageOptions(encoder, head, learning_rate, ordered, prevalence, not no_seeds, seed)
    stages.check(curves=curves is not None, rates=rates is not None)
    if copies and (labelled is None or head is None):
        raise SettingError("--copies needs LABELLED and a --head that learns from them")
    if vectors is None and not unlabelled:
        raise SettingError("there is nothing to start from; give --unlabelled TEXTS, or --vectors")
    if labelled is None and (stages.named or not unlabelled):
        raise SettingError("without LABELLED, give --unlabelled TEXTS and no --head or --encoder")
    model = start_classifier(vectors, language, seed=seed, **stages.parameters())
    with Skips() as on_skip, progress_shown(quiet) as callback:
        columns: dict[str, Any] = {"text": text, "skip_bad": skip_bad, "on_skip": on_skip}
        rows = None if labelled is None else labelled_of(labelled, label=label, **columns)
        if unlabelled:
            model.pretrain(texts_of(unlabelled, **columns), callback=callback)
        if rows is not None:
            _learn(model, rows, copies, seed)
    model.save(output)
    if not quiet:
        names, n_labels = ", ".join(map(str, model.classes_)), len(rows or ())
        say(f"{output}: {names} from {n_labels:,} labels, {len(model.vectors_):,} words")
    if curves is not None:
        draw_curves(model, curves)
    if rates is not None and rows is not None:
        draw_rates(model, rows, rates)


def _learn(model: SentimentClassifier, rows: Labelled, copies: int, seed: int) -> None:
    """Fit on the labelled texts and on copies of them, if there are to be any."""
    model.fit(*_with_copies(rows, copies, model, seed))
    if copies and isinstance(model.head, HiddenLayerClassifier):
        asked = Training().validation_fraction  # the next fit is without copies
        model.head_.set_params(training__validation_fraction=asked)


def _with_copies(
    rows: Labelled, copies: int, model: SentimentClassifier, seed: int
) -> tuple[list[str], list[str]]:
    """The labelled texts, and copies of them; nothing like a copy is then held out to stop by."""
    if not copies:
        return rows.texts, rows.labels
    from sentiment_transfer.classification.augmentation import swap_words

    if isinstance(model.head, HiddenLayerClassifier):
        model.set_params(head__training__validation_fraction=0)
    words: Any = getattr(model, "vectors_", model.vectors)
    if isinstance(words, str):
        words = vectors_of(Path(words))
    return swap_words(rows.texts, rows.labels, words, copies=copies, seed=seed)
