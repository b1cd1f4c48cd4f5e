"""``sentiment-transfer polar-words``."""

from pathlib import Path
from typing import Annotated

from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.cli.output import Writers, table, write_csv, write_json, writer_for
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.errors import ModelFileError, NotFittedError
from sentiment_transfer.model.polar_words import plot_polar_words, polarity_of

__all__ = ["polar_words"]

WRITERS: Writers = {
    "table": lambda words, file: file.write(
        table(words.columns, [[w, f"{p:+.2f}", f"{n:,}"] for w, p, n in words.itertuples(False)])
    ),
    "json": lambda words, file: write_json(words.to_dict("records"), file),
    "csv": lambda words, file: write_csv(words.columns, words.itertuples(index=False), file),
}


def polar_words(
    model: options.ModelFile,
    texts: Annotated[
        list[str] | None, options.texts("Texts whose words are listed, if they are given")
    ] = None,
    n: Annotated[int, options.number("Number of words of each polarity.", "-n")] = 20,
    min_count: Annotated[
        int,
        options.number(
            "Minimum occurrences in the texts of pretraining, or minimum number of TEXTS that hold "
            "the word.",
            least=0,
        ),
    ] = 20,
    plot: Annotated[Path | None, options.picture("Also draw the words")] = None,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    output: options.Output = None,
    text: options.TextColumn = None,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
) -> None:
    """List the most positive and the most negative words.

    Polarity is measured in standard deviations from the average word, before any labels; explain
    shows the weights after fitting. not_good is a negated "good".
    """
    write = writer_for(form, output, WRITERS)
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    classifier = open_classifier(model, predicts=False)
    with Reader(text, skip_bad=skip_bad, files=files, model=classifier) as read:
        try:
            polarity_of(classifier.encoder_)
        except NotFittedError as error:
            raise ModelFileError(str(error), path=str(model)) from error
        ranked = classifier.polar_words(n, min_count, texts=read.texts(texts) if texts else None)
    if ranked.empty:
        say(f"no word has a count of {min_count:,}; lower --min-count")
    if plot is not None:
        plot_polar_words(ranked, plot)
    write(ranked.astype({"polarity": float}).round({"polarity": 3}))
