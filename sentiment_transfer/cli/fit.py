"""``sentiment-transfer fit``."""

from enum import StrEnum
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
from sentiment_transfer.cli.writing import check_picture, model_place
from sentiment_transfer.corpus import Labelled
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model import SentimentClassifier

__all__ = ["fit"]


class Encoder(StrEnum):
    """Encoders that learn with a network behind them."""

    lstm = "lstm"
    lstm_language_model = "lstm-language-model"
    fine_tuned = "fine-tuned"


class Head(StrEnum):
    """Classifiers on sentence vectors."""

    network = "network"
    logistic = "logistic"
    svm = "svm"


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
            help="Let what lies below a network learn with it: an LSTM over the word vectors, one "
            "that first learns to predict words, or averages whose vectors are tuned.",
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
    if encoder is not None and head is not None:
        raise SettingError(f"--encoder {encoder} brings a head of its own; leave out --head {head}")
    for name, place, shown in (
        ("--curves", curves, encoder is not None or head is Head.network),
        ("--rates", rates, head is Head.network),
    ):
        check_picture(name, place)
        if place is not None and not shown:
            other = " or --encoder" if name == "--curves" else ""
            raise SettingError(f"{name} shows how a network learns; give --head network{other}")
    if copies and (labelled is None or head is None):
        raise SettingError("--copies needs LABELLED and a --head that learns from them")
    if vectors is None and not unlabelled:
        raise SettingError("there is nothing to start from; give --unlabelled TEXTS, or --vectors")
    if labelled is None and (head or encoder or not unlabelled):
        raise SettingError("without LABELLED, give --unlabelled TEXTS and no --head or --encoder")
    if (head or encoder) and (ordered or prevalence is not None or no_seeds):
        raise SettingError(
            "--ordered, --prevalence and --no-seeds are for the usual model; leave out --head and "
            "--encoder"
        )
    if learning_rate is not None and head is not Head.network:
        raise SettingError("--learning-rate is that of --head network; give both, or neither")
    parameters = _stages(encoder, head, seed, learning_rate) | {"prevalence": prevalence}
    if ordered is not None:
        parameters["ordered"] = [name.strip() for name in ordered.split(",")]
    if no_seeds:
        parameters["seeds"] = None
    model = start_classifier(vectors, language, seed=seed, **parameters)
    n_labels = 0
    with Skips() as on_skip, progress_shown(quiet) as callback:
        columns: dict[str, Any] = {"text": text, "skip_bad": skip_bad, "on_skip": on_skip}
        rows = None if labelled is None else labelled_of(labelled, label=label, **columns)
        if unlabelled:
            model.pretrain(texts_of(unlabelled, **columns), callback=callback)
        if rows is not None:
            model.fit(*_with_copies(rows, copies, model, seed))
            if copies and isinstance(model.head, HiddenLayerClassifier):
                asked = Training().validation_fraction  # the next fit is without copies
                model.head_.set_params(training__validation_fraction=asked)
            n_labels = len(rows)
    model.save(output)
    if not quiet:
        names = ", ".join(map(str, model.classes_))
        say(f"{output}: {names} from {n_labels:,} labels, {len(model.vectors_):,} words")
    if curves is not None:
        draw_curves(model, curves)
    if rates is not None and rows is not None:
        draw_rates(model, rows, rates)


def _stages(
    encoder: Encoder | None, head: Head | None, seed: int, learning_rate: float | None
) -> dict[str, Any]:
    """Stages two and three; None is for the model to choose."""
    if encoder is None:
        return {"encoder": None, "head": _head(head, seed, learning_rate)}
    from sentiment_transfer.encoding import LanguageModel
    from sentiment_transfer.experiments.strategies import averages_stages, lstm_stages

    if encoder is Encoder.fine_tuned:
        return averages_stages(seed=seed)
    language_model = LanguageModel() if encoder is Encoder.lstm_language_model else None
    return lstm_stages(language_model=language_model, seed=seed)


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


def _head(head: Head | None, seed: int, learning_rate: float | None) -> Any:  # noqa: ANN401
    """Make a classifier; None is for the model to choose."""
    if head is Head.network:
        training = Training() if learning_rate is None else Training(learning_rate=learning_rate)
        return HiddenLayerClassifier(seed=seed, training=training)
    if head is Head.logistic:
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(C=10)
    if head is Head.svm:
        from sklearn.svm import LinearSVC

        return LinearSVC(random_state=seed)
    return None
