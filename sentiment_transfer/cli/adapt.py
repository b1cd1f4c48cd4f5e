"""``sentiment-transfer adapt``."""

from typing import Annotated

from sentiment_transfer.cli import options
from sentiment_transfer.cli.choosing import is_auto, open_chosen
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model import SentimentClassifier

__all__ = ["adapt"]

UNSURE = 0.3
"""Width of the interval of the share, from which the user is asked for it."""


def adapt(
    model: options.ModelFile,
    texts: Annotated[list[str], options.texts("Unlabelled texts of the new kind")],
    output: options.ModelOutput,
    text: options.TextColumn = None,
    prevalence: Annotated[
        float | None,
        options.value(
            "SHARE",
            "Share of positive texts among them and the texts to judge, from 0 to 1, if it is "
            "known. By default it is estimated.",
        ),
    ] = None,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    language: Annotated[
        str | None,
        options.value(
            "CODE",
            "With the model auto: language of the texts, one with a shipped model (see bank "
            "list); by default en.",
        ),
    ] = None,
    skip_bad: options.SkipBad = False,
    quiet: options.Quiet = False,
) -> None:
    """Adapt a model to a new kind of text, without labels.

    The cut between the polarities and the polarity of words are learnt again from these texts; some
    hundred are enough. Labels that the model was fitted to are discarded. Prints the estimated
    share of positive texts; if you know better, give --prevalence. With the name auto, the shipped
    model that suits the texts is chosen; see bank judge.
    """
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    auto = is_auto(model)
    if language is not None and not auto:
        raise SettingError(f"--language is for the model auto; leave it out with {model}")
    named = None if auto else open_classifier(model, predicts=False)
    with Reader(text, skip_bad=skip_bad, files=files, model=named) as read:
        given = read.counted(texts)
        classifier, stream = (
            (named, given) if named else open_chosen(language or "en", given, quiet=quiet)
        )
        n_labels = getattr(classifier.head_, "n_labels_", 0)
        classifier.adapt(stream, prevalence=prevalence)
        classifier.remember_columns(**read.columns)
    classifier.save(output)
    if not quiet:
        read.say_counts()
        if n_labels:
            say(f"the {n_labels:,.0f} labels that {model} was fitted to are discarded")
        n_texts, n_known = len(classifier.unlabelled_.ids), classifier.unlabelled_.n_known
        say(f"{output}: adapted to {n_texts:,} texts, {n_known:,} with a known word")
        if prevalence is None and classifier.knows_polarity:
            _say_share(classifier)


def _say_share(classifier: SentimentClassifier) -> None:
    """Print the estimated share of positive texts, and ask for a better one if it is unsure."""
    found = classifier.estimate_prevalence(classifier.unlabelled_.sample)
    say(str(found))
    if found.high - found.low > UNSURE:
        say("if you know roughly what share is positive, give it: --prevalence SHARE")
