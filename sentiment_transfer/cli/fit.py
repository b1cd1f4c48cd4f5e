"""``sentiment-transfer fit``."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

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
from sentiment_transfer.cli.reading import labelled_of, start_classifier, texts_of
from sentiment_transfer.cli.writing import model_place
from sentiment_transfer.errors import SettingError

__all__ = ["fit"]


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
    seed: Seed = 0,
    skip_bad: SkipBad = False,
    quiet: Quiet = False,
) -> None:
    """Train a classifier on a few labelled texts, or none.

    It starts from --vectors, from --unlabelled texts that it is pretrained on, or from both.
    """
    model_place(output)
    if vectors is None and not unlabelled:
        raise SettingError("there is nothing to start from; give --unlabelled TEXTS, or --vectors")
    if labelled is None and (head or not unlabelled):
        raise SettingError("without LABELLED, give --unlabelled TEXTS and no --head")
    model = start_classifier(vectors, language, head=_head(head, seed), seed=seed)
    n_labels = 0
    with Skips() as on_skip, progress_shown(quiet) as callback:
        columns: dict[str, Any] = {"text": text, "skip_bad": skip_bad, "on_skip": on_skip}
        rows = None if labelled is None else labelled_of(labelled, label=label, **columns)
        if unlabelled:
            model.pretrain(texts_of(unlabelled, **columns), callback=callback)
        if rows is not None:
            model.fit(rows.texts, rows.labels)
            n_labels = len(rows)
    model.save(output)
    if not quiet:
        names = ", ".join(map(str, model.classes_))
        say(f"{output}: {names} from {n_labels:,} labels, {len(model.vectors_):,} words")


def _head(head: Head | None, seed: int) -> Any:  # noqa: ANN401  (ours or scikit-learn's)
    """Make a classifier; None is for the model to choose."""
    if head is Head.network:
        from sentiment_transfer.classification import HiddenLayerClassifier

        return HiddenLayerClassifier(seed=seed)
    if head is Head.logistic:
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(C=10)
    if head is Head.svm:
        from sklearn.svm import LinearSVC

        return LinearSVC(random_state=seed)
    return None
