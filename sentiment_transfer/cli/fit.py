"""``sentiment-transfer fit``."""

from pathlib import Path
from typing import Any

from sentiment_transfer.base.progress import Callback
from sentiment_transfer.classification import HiddenLayerClassifier, Training
from sentiment_transfer.cli import fit_options, options
from sentiment_transfer.cli.choosing import choose, is_auto, say_choice
from sentiment_transfer.cli.fit_data import unlabelled_texts
from sentiment_transfer.cli.fit_report import accuracy_estimate, draw_curves, draw_rates
from sentiment_transfer.cli.fit_settings import FitSettings, Given
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import progress_shown, say
from sentiment_transfer.cli.models import start_classifier, vectors_of
from sentiment_transfer.corpus import Labelled
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.experiments.augmentation import swap_words
from sentiment_transfer.experiments.cross_validation import FOLDS
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.choice import first_of

__all__ = ["fit"]


def fit(
    output: options.ModelOutput,
    labelled: fit_options.Labelled = None,
    vectors: options.Vectors = None,
    unlabelled: options.Unlabelled = None,
    language: options.Language = None,
    text: options.TextColumn = None,
    label: options.LabelColumn = None,
    map_labels: options.MapLabels = None,
    head: fit_options.Head = None,
    encoder: fit_options.Encoder = None,
    augment: fit_options.Augment = 0,
    curves: fit_options.Curves = None,
    rates: fit_options.Rates = None,
    learning_rate: fit_options.LearningRate = None,
    ordered: fit_options.Ordered = None,
    prevalence: fit_options.Prevalence = None,
    no_seeds: fit_options.NoSeeds = False,
    class_weight: fit_options.ClassWeight = None,
    sentence_encoder: fit_options.SentenceEncoder = None,
    folds: fit_options.Folds = FOLDS,
    seed: options.Seed = 0,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
    quiet: options.Quiet = False,
) -> None:
    """Train a classifier on a few labelled texts, or none.

    Needs --vectors, --unlabelled texts to pretrain on, or both. Rows of LABELLED without a label
    (an empty field, null) are unlabelled texts, if there are 100 or more of them; without --vectors
    and --unlabelled, all texts of LABELLED are pretrained on.
    """
    settings = FitSettings(
        head=head,
        encoder=encoder,
        augment=augment,
        curves=curves,
        rates=rates,
        learning_rate=learning_rate,
        ordered=ordered,
        prevalence=prevalence,
        no_seeds=no_seeds,
        class_weight=class_weight,
        sentence_encoder=sentence_encoder,
        folds=folds,
        seed=seed,
    )
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    given = Given(labelled, vectors, unlabelled)
    settings.check(given)
    keep = settings.keeps_learnt
    model = start_classifier(vectors, language, keep=keep, **settings.parameters())
    with (
        Reader(text, label, map_labels, skip_bad=skip_bad, files=files, model=model) as read,
        progress_shown(quiet) as callback,
    ):
        rows = _train(model, settings, given, read, callback, quiet=quiet)
        model.remember_columns(**read.columns)
    model.save(output)
    if not quiet:
        read.say_counts()
        _report(model, settings, given, rows, output)
    if curves is not None:
        draw_curves(model, curves)
    if rates is not None and rows is not None:
        draw_rates(model, rows, rates)


def _train(
    model: SentimentClassifier,
    settings: FitSettings,
    given: Given,
    read: Reader,
    callback: Callback | None,
    *,
    quiet: bool,
) -> Labelled | None:
    """Train on the unlabelled texts, then on the labelled ones, which are returned."""
    rows = None if given.labelled is None else read.labelled(given.labelled, with_blanks=True)
    texts = unlabelled_texts(given, rows, read)
    if is_auto(given.vectors):
        first: list[str] = []
        if texts is not None:
            first, texts = first_of(texts)
        choice = choose(model.language, first, rows, seed=settings.seed)
        if not quiet:
            say_choice(choice)
        model.set_params(vectors=choice.name)
    if texts is not None and hasattr(model, "encoder_") and settings.head is None:
        model.adapt(texts, prevalence=settings.prevalence)
    elif texts is not None:
        model.set_params(prevalence=settings.prevalence)
        model.pretrain(texts, callback=callback)
    if rows is not None:
        _fit_labels(model, rows, settings)
    return rows


def _fit_labels(model: SentimentClassifier, rows: Labelled, settings: FitSettings) -> None:
    """Fit on the labelled texts and on copies of them, if any are wanted."""
    texts, labels, copies = rows.texts, rows.labels, settings.augment
    network = copies and isinstance(model.head, HiddenLayerClassifier)
    if copies:
        words: Any = getattr(model, "vectors_", model.vectors)
        words = vectors_of(Path(words)) if isinstance(words, str) else words
        texts, labels = swap_words(texts, labels, words, copies=copies, seed=settings.seed)
    if network:  # no text is held out, of which a copy would be trained on
        model.set_params(head__training__validation_fraction=0)
    model.fit(texts, labels, prevalence=settings.prevalence)
    if network:  # for a later fit, without copies
        default = Training().validation_fraction
        model.head_.set_params(training__validation_fraction=default)


def _report(
    model: SentimentClassifier,
    settings: FitSettings,
    given: Given,
    rows: Labelled | None,
    output: Path,
) -> None:
    """Say what was made, and how accurate it is by cross-validation."""
    names, n_labels = ", ".join(map(str, model.stages_.order)), len(rows or ())
    say(f"{output}: {names} from {n_labels:,} labels, {len(model.vectors_):,} words")
    if rows is not None and settings.folds and settings.encoder is None and not settings.augment:
        seen = given.vectors is None and not given.unlabelled
        note = "; word vectors from all texts, without labels" if seen else ""
        known = settings.prevalence
        say(f"{accuracy_estimate(model, rows, settings.folds, settings.seed, known)}{note}")
