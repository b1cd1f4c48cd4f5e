"""``sentiment-transfer prevalence``."""

from dataclasses import asdict
from typing import Annotated, Any

from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.cli.output import Writers, write_json, writer_for
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.model.prevalence import PrevalenceEstimate

__all__ = ["prevalence"]

WRITERS: Writers = {
    "table": lambda found, file: file.write(f"{found}\n"),
    "json": lambda found, file: write_json(as_record(found), file),
}


def prevalence(
    model: options.ModelFile,
    texts: Annotated[list[str], options.texts("Texts to estimate the share in")],
    form: Annotated[str | None, options.form(WRITERS)] = None,
    output: options.Output = None,
    sentence_encoder: options.SentenceEncoder = None,
    text: options.TextColumn = None,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
) -> None:
    """Estimate the share of texts that are positive.

    Prints the share and its 95 % interval. The evidence is the polarity of the words, without
    labels, and the predictions of a model that is fitted to 8 labels or more, corrected by its
    errors on left-out labelled texts. Texts weigh equally; blank ones are left out.
    """
    write = writer_for(form, output, WRITERS)
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    classifier = open_classifier(model, sentence_encoder)
    with Reader(text, skip_bad=skip_bad, files=files, model=classifier) as read:
        found = classifier.estimate_prevalence(read.texts(texts))
    _say_left_out(found)
    write(found)


def as_record(found: PrevalenceEstimate) -> dict[str, Any]:
    """Return an estimate as values for JSON."""
    record = asdict(found)
    return record | {name: round(record[name], 4) for name in ("share", "low", "high")}


def _say_left_out(found: PrevalenceEstimate) -> None:
    """Print how many texts do not contribute to an estimate, if any."""
    if found.n_blank:
        say(f"blank texts, which are left out: {found.n_blank:,}")
    if found.n_unknown:
        say(
            f"texts without a known word: {found.n_unknown:,}; their share is taken to be that of "
            "the others"
        )
