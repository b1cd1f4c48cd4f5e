"""``sentiment-transfer fit``."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from sentiment_transfer.classification import HiddenLayerClassifier, Training
from sentiment_transfer.cli.inputs import labelled_of, start_classifier, texts_of, vectors_of
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
from sentiment_transfer.cli.output import check_picture, model_place
from sentiment_transfer.corpus import Labelled
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model import SentimentClassifier

__all__ = ["fit"]


class Encoder(StrEnum):
    """Encoders that are trained together with a network."""

    lstm = "lstm"
    fine_tuned = "fine-tuned"


class Head(StrEnum):
    """Classifiers on sentence vectors."""

    network = "network"
    logistic = "logistic"
    svm = "svm"


@dataclass(frozen=True)
class StageOptions:
    """Options that choose encoder and head; None for the default."""

    encoder: Encoder | None
    head: Head | None
    learning_rate: float | None
    ordered: str | None
    prevalence: float | None
    seeds: bool
    seed: int

    @property
    def chosen(self) -> bool:
        """Whether another model than the default is chosen."""
        return self.head is not None or self.encoder is not None

    def check(self, *, curves: bool, rates: bool) -> None:
        """Raise a SettingError if options contradict each other."""
        encoder, head = self.encoder, self.head
        network = head is Head.network
        if encoder is not None and head is not None:
            raise SettingError(f"--encoder {encoder} has its own head; leave out --head {head}")
        if curves and not (network or encoder):
            raise SettingError("--curves needs --head network or --encoder")
        if rates and not network:
            raise SettingError("--rates needs --head network")
        if self.chosen and (self.ordered or self.prevalence is not None or not self.seeds):
            raise SettingError(
                "--ordered, --prevalence and --no-seeds are for the default model; leave out "
                "--head and --encoder"
            )
        if self.learning_rate is not None and not network:
            raise SettingError("--learning-rate needs --head network")

    def parameters(self) -> dict[str, Any]:
        """Return parameters of a `SentimentClassifier`."""
        parameters = self._stages() | {"prevalence": self.prevalence}
        if self.ordered is not None:
            parameters["ordered"] = [name.strip() for name in self.ordered.split(",")]
        if not self.seeds:
            parameters["seeds"] = None
        return parameters

    def _stages(self) -> dict[str, Any]:
        if self.encoder is None:
            return {"encoder": None, "head": self._head()}
        from sentiment_transfer.experiments.transfer_arms import averages_stages, lstm_stages

        if self.encoder is Encoder.fine_tuned:
            return averages_stages(seed=self.seed)
        return lstm_stages(seed=self.seed)

    def _head(self) -> Any:  # noqa: ANN401  (ours or scikit-learn's)
        if self.head is Head.network:
            rate = self.learning_rate
            training = Training() if rate is None else Training(learning_rate=rate)
            return HiddenLayerClassifier(seed=self.seed, training=training)
        if self.head is Head.logistic:
            from sklearn.linear_model import LogisticRegression

            return LogisticRegression(C=10)
        if self.head is Head.svm:
            from sklearn.svm import LinearSVC

            return LinearSVC(random_state=self.seed)
        return None


def fit(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="Model file to write.")
    ],
    labelled: Annotated[
        str | None,
        typer.Argument(
            metavar="LABELLED",
            help="Labelled texts: a file, folder or URL. Without them, the model is computed from "
            "the unlabelled texts and the seed words of the language.",
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
        typer.Option(
            metavar="HEAD",
            help="Classifier on sentence vectors, instead of the default one: network, logistic or "
            "svm.",
        ),
    ] = None,
    encoder: Annotated[
        Encoder | None,
        typer.Option(
            metavar="ENCODER",
            help="Encoder that is trained together with a network: lstm (over the word vectors) or "
            "fine-tuned (averages of word vectors, which are tuned as well).",
        ),
    ] = None,
    augment: Annotated[
        int,
        typer.Option(
            min=0,
            metavar="N",
            help="Also train on N copies of each labelled text, with some words replaced by near "
            "ones of the same polarity. 4 copies help --head network with fewer than 100 labels; "
            "the default model does not need them.",
        ),
    ] = 0,
    curves: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --head network or --encoder: draw training and validation error per epoch "
            "(.svg, .png or .pdf), and print a diagnosis and a remedy.",
        ),
    ] = None,
    rates: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --head network: draw a learning-rate range test (.svg, .png or .pdf), and "
            "print the rate that it suggests.",
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(metavar="RATE", help="Learning rate of --head network; see --rates."),
    ] = None,
    ordered: Annotated[
        str | None,
        typer.Option(
            metavar="LABELS",
            help="All labels from the most negative to the most positive, separated by commas, if "
            "there are more than two, such as 1,2,3,4,5.",
        ),
    ] = None,
    prevalence: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Share of positive texts among --unlabelled."),
    ] = None,
    no_seeds: Annotated[
        bool,
        typer.Option(
            "--no-seeds",
            help="Do not use the seed words of the language, because the labels are not about "
            "sentiment.",
        ),
    ] = False,
    seed: Seed = 0,
    skip_bad: SkipBad = False,
    quiet: Quiet = False,
) -> None:
    """Train a classifier on a few labelled texts, or none.

    Needs --vectors, --unlabelled texts to pretrain on, or both.
    """
    model_place(output)
    check_picture("--curves", curves)
    check_picture("--rates", rates)
    stages = StageOptions(encoder, head, learning_rate, ordered, prevalence, not no_seeds, seed)
    stages.check(curves=curves is not None, rates=rates is not None)
    if augment and (labelled is None or head is None):
        raise SettingError("--augment needs LABELLED and --head")
    if vectors is None and not unlabelled:
        raise SettingError("no vectors and no texts to pretrain on; give --unlabelled or --vectors")
    if labelled is None and (stages.chosen or not unlabelled):
        raise SettingError("without LABELLED, give --unlabelled and neither --head nor --encoder")
    model = start_classifier(vectors, language, seed=seed, **stages.parameters())
    with Skips() as on_skip, progress_shown(quiet) as callback:
        columns: dict[str, Any] = {"text": text, "skip_bad": skip_bad, "on_skip": on_skip}
        rows = None if labelled is None else labelled_of(labelled, label=label, **columns)
        if unlabelled:
            model.pretrain(texts_of(unlabelled, **columns), callback=callback)
        if rows is not None:
            _fit(model, rows, augment, seed)
    model.save(output)
    if not quiet:
        names, n_labels = ", ".join(map(str, model.classes_)), len(rows or ())
        say(f"{output}: {names} from {n_labels:,} labels, {len(model.vectors_):,} words")
    if curves is not None:
        _draw_curves(model, curves)
    if rates is not None and rows is not None:
        _draw_rates(model, rows, rates)


def _fit(model: SentimentClassifier, rows: Labelled, copies: int, seed: int) -> None:
    """Fit on the labelled texts and on copies of them, if any are wanted."""
    model.fit(*_with_copies(rows, copies, model, seed))
    if copies and isinstance(model.head, HiddenLayerClassifier):
        default = Training().validation_fraction  # for a later fit, without copies
        model.head_.set_params(training__validation_fraction=default)


def _with_copies(
    rows: Labelled, copies: int, model: SentimentClassifier, seed: int
) -> tuple[list[str], list[str]]:
    """Return the labelled texts and copies of them; then no text is held out for validation."""
    if not copies:
        return rows.texts, rows.labels
    from sentiment_transfer.experiments.augmentation import swap_words

    if isinstance(model.head, HiddenLayerClassifier):
        model.set_params(head__training__validation_fraction=0)
    words: Any = getattr(model, "vectors_", model.vectors)
    if isinstance(words, str):
        words = vectors_of(Path(words))
    return swap_words(rows.texts, rows.labels, words, copies=copies, seed=seed)


def _draw_curves(model: SentimentClassifier, path: Path) -> None:
    """Draw the history of a fitted network and print its diagnosis."""
    from sentiment_transfer.classification.learning_curve import diagnose
    from sentiment_transfer.experiments.report import plot_history

    history = model.head_.history_
    plot_history(history, path)
    say(f"{path}: {diagnose(history, len(model.classes_), model.prior_)}")


def _draw_rates(model: SentimentClassifier, rows: Labelled, path: Path) -> None:
    """Draw a range test on the vectors of the labelled texts, and print the suggested rate."""
    from sentiment_transfer.classification.learning_rate import find_rate
    from sentiment_transfer.experiments.report import plot_rate_range

    found = find_rate(model.head_, model.encode(rows.texts).features, rows.labels)
    plot_rate_range(found, path)
    say(f"{path}: {found}; the network was trained at {model.head_.training.learning_rate:g}")
