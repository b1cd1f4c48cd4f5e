"""``sentiment-transfer fit``."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sentiment_transfer.base.extras import require_torch
from sentiment_transfer.classification import HiddenLayerClassifier, Training, diagnose, find_rate
from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader, start_classifier, vectors_of
from sentiment_transfer.cli.messages import progress_shown, say
from sentiment_transfer.corpus import Labelled
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.experiments.augmentation import swap_words
from sentiment_transfer.experiments.cross_validation import FOLDS
from sentiment_transfer.experiments.evaluation import cross_validated
from sentiment_transfer.experiments.report import plot_history, plot_rate_range
from sentiment_transfer.experiments.transfer_arms import averages_stages, lstm_stages
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.polarity import PolarityClassifier

__all__ = ["fit"]

MANY_LABELS = 1_000
"""Labels from which the estimate of the accuracy takes more than some seconds."""


def fit(
    output: options.ModelOutput,
    labelled: Annotated[
        str | None,
        options.argument(
            "LABELLED",
            "Labelled texts: a file, folder or URL. Without them, the model is computed from the "
            "unlabelled texts and the seed words of the language.",
        ),
    ] = None,
    vectors: options.Vectors = None,
    unlabelled: options.Unlabelled = None,
    language: options.Language = None,
    text: options.TextColumn = None,
    label: options.LabelColumn = None,
    map_labels: options.MapLabels = None,
    head: Annotated[
        str | None,
        options.choice(
            ["network", "logistic", "svm"],
            "HEAD",
            "Classifier on sentence vectors, instead of the default one: network, logistic or svm.",
        ),
    ] = None,
    encoder: Annotated[
        str | None,
        options.choice(
            ["lstm", "fine-tuned"],
            "ENCODER",
            "Encoder that is trained together with a network: lstm (over the word vectors) or "
            "fine-tuned (averages of word vectors, which are tuned as well).",
        ),
    ] = None,
    augment: Annotated[
        int,
        options.number(
            "Also train on N copies of each labelled text, with some words replaced by near ones "
            "of the same polarity. 4 copies help --head network with fewer than 100 labels; the "
            "default model does not need them.",
            least=0,
        ),
    ] = 0,
    curves: Annotated[
        Path | None,
        options.picture(
            "With --head network or --encoder: draw training and validation error per epoch, and "
            "print a diagnosis and a remedy"
        ),
    ] = None,
    rates: Annotated[
        Path | None,
        options.picture(
            "With --head network: draw a learning-rate range test, and print the rate that it "
            "suggests"
        ),
    ] = None,
    learning_rate: Annotated[
        float | None, options.value("RATE", "Learning rate of --head network; see --rates.")
    ] = None,
    ordered: Annotated[
        str | None,
        options.value(
            "LABELS",
            "All labels from the most negative to the most positive, separated by commas, if "
            "there are more than two, such as 1,2,3,4,5; or no. By default, usual names and stars "
            "are ordered, which a message says.",
        ),
    ] = None,
    prevalence: Annotated[
        float | None,
        options.value(
            "SHARE",
            "Share of positive texts among the texts to judge, from 0 to 1, if it is known. The "
            "texts of --unlabelled should have the same share; the labels are weighted if theirs "
            "is another.",
        ),
    ] = None,
    no_seeds: Annotated[
        bool,
        typer.Option(
            "--no-seeds",
            help="Do not use the seed words of the language, because the labels are not about "
            "sentiment.",
        ),
    ] = False,
    class_weight: Annotated[
        str | None,
        options.choice(
            ["balanced"],
            "HOW",
            "balanced gives rare labels as much weight as frequent ones, so that they are "
            "predicted more often.",
        ),
    ] = None,
    folds: Annotated[
        int,
        options.number(
            "Estimate the accuracy by cross-validation with this many parts of LABELLED; 0 for "
            "no estimate.",
            least=0,
        ),
    ] = FOLDS,
    seed: options.Seed = 0,
    skip_bad: options.SkipBad = False,
    quiet: options.Quiet = False,
) -> None:
    """Train a classifier on a few labelled texts, or none.

    Needs --vectors, --unlabelled texts to pretrain on, or both.
    """
    network, chosen = head == "network", head is not None or encoder is not None
    contradictions: dict[str, object] = {
        f"--encoder {encoder} has its own head; leave out --head {head}": encoder and head,
        "--curves needs --head network or --encoder": curves and not (network or encoder),
        "--rates needs --head network": rates and not network,
        "--ordered, --prevalence and --no-seeds are for the default model; leave out --head "
        "and --encoder": chosen and (ordered or prevalence is not None or no_seeds),
        "--class-weight is for the default model and --head network; leave out --head": (
            class_weight and (encoder or head not in (None, "network"))
        ),
        "--folds 1 is not allowed; it must be 0 or an integer from 2": folds == 1,
        "--learning-rate needs --head network": learning_rate is not None and not network,
        "--augment needs LABELLED and --head": augment and not (labelled and head),
        "no vectors and no texts to pretrain on; give --unlabelled or --vectors": (
            vectors is None and not unlabelled
        ),
        "without LABELLED, give --unlabelled and neither --head nor --encoder": (
            labelled is None and (chosen or not unlabelled)
        ),
    }
    for message, holds in contradictions.items():
        if holds:
            raise SettingError(message)
    if network:
        require_torch("--head network")
    elif encoder is not None:
        require_torch(f"--encoder {encoder}")
    settings = _stages(head, encoder, learning_rate, seed, class_weight)
    if ordered is not None:
        settings["ordered"] = ordered != "no" and options.split(ordered)
    if no_seeds:
        settings["seeds"] = None
    keep = encoder is None and not no_seeds
    model = start_classifier(vectors, language, keep=keep, seed=seed, **settings)
    with (
        Reader(text, label, map_labels, skip_bad=skip_bad, model=model) as read,
        progress_shown(quiet) as callback,
    ):
        rows = None if labelled is None else read.labelled(labelled)
        if unlabelled and hasattr(model, "encoder_") and head is None:
            model.adapt(read.texts(unlabelled), prevalence=prevalence)
        elif unlabelled:
            model.set_params(prevalence=prevalence)
            model.pretrain(read.texts(unlabelled), callback=callback)
        if rows is not None:
            _fit(model, rows, augment, seed, prevalence)
        model.remember_columns(**read.columns)
    model.save(output)
    if not quiet:
        names, n_labels = ", ".join(map(str, model.stages_.order)), len(rows or ())
        say(f"{output}: {names} from {n_labels:,} labels, {len(model.vectors_):,} words")
        if rows is not None and folds and encoder is None and not augment:
            say(_estimate(model, rows, folds, seed))
    if curves is not None:
        history = model.head_.history_
        plot_history(history, curves)
        say(f"{curves}: {diagnose(history, len(model.classes_), model.prior_)}")
    if rates is not None and rows is not None:
        found = find_rate(model.head_, model.encode(rows.texts).features, rows.labels)
        plot_rate_range(found, rates)
        rate = model.head_.training.learning_rate
        say(f"{rates}: {found}; the network was trained at {rate:g}")


def _estimate(model: SentimentClassifier, rows: Labelled, folds: int, seed: int) -> str:
    """Return what cross-validation says of the accuracy, or why it says nothing."""
    folds = min(folds, len(rows))
    if len(rows) >= MANY_LABELS:
        say(f"{folds} more fits estimate the accuracy; --folds 0 leaves them out")
    try:
        report = cross_validated(model, rows, folds, seed).report
    except InputError as error:
        return f"accuracy: not estimated ({error.message})"
    low, high = (100 * end for end in report["accuracy_interval"])
    return (
        f"accuracy: {100 * report['accuracy']:.1f} % by cross-validation of these labels in "
        f"{folds} parts (95 % interval {low:.1f} to {high:.1f})"
    )


def _stages(
    head: str | None,
    encoder: str | None,
    learning_rate: float | None,
    seed: int,
    class_weight: str | None,
) -> dict[str, Any]:
    """Return encoder and head of a `SentimentClassifier`; None for the default ones."""
    if encoder is not None:
        stages = averages_stages if encoder == "fine-tuned" else lstm_stages
        return stages(seed=seed)
    weight: Any = class_weight
    classifier: Any = PolarityClassifier(class_weight=weight) if weight and head is None else None
    if head == "network":
        training = Training() if learning_rate is None else Training(learning_rate=learning_rate)
        classifier = HiddenLayerClassifier(seed=seed, training=training, class_weight=weight)
    elif head == "logistic":
        from sklearn.linear_model import LogisticRegression

        classifier = LogisticRegression(C=10)
    elif head == "svm":
        from sklearn.svm import LinearSVC

        classifier = LinearSVC(random_state=seed)
    return {"encoder": None, "head": classifier}


def _fit(
    model: SentimentClassifier, rows: Labelled, copies: int, seed: int, prevalence: float | None
) -> None:
    """Fit on the labelled texts and on copies of them, if any are wanted."""
    texts, labels = rows.texts, rows.labels
    network = copies and isinstance(model.head, HiddenLayerClassifier)
    if copies:
        words: Any = getattr(model, "vectors_", model.vectors)
        words = vectors_of(Path(words)) if isinstance(words, str) else words
        texts, labels = swap_words(texts, labels, words, copies=copies, seed=seed)
    if network:  # no text is held out, of which a copy would be trained on
        model.set_params(head__training__validation_fraction=0)
    model.fit(texts, labels, prevalence=prevalence)
    if network:  # for a later fit, without copies
        default = Training().validation_fraction
        model.head_.set_params(training__validation_fraction=default)
