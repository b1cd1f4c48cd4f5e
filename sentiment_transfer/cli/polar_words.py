"""``sentiment-transfer polar-words``."""

from pathlib import Path
from typing import Annotated

from sentiment_transfer.cli import options
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.cli.output import Writers, table, write_csv, write_json, writer_for
from sentiment_transfer.errors import ModelFileError, NotFittedError

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
    n: Annotated[int, options.number("Number of words of each polarity.", "-n")] = 20,
    min_count: Annotated[
        int, options.number("Minimum occurrences in the pretraining texts.", least=0)
    ] = 20,
    plot: Annotated[Path | None, options.picture("Also draw the words")] = None,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    output: options.Output = None,
) -> None:
    """List the most positive and the most negative words.

    Polarity is measured in standard deviations from the average word, before any labels; explain
    shows the weights after fitting. not_good is a negated "good".
    """
    write = writer_for(form, output, WRITERS)
    classifier = open_classifier(model)
    try:
        ranked = classifier.polar_words(n, min_count)
    except NotFittedError as error:
        raise ModelFileError(str(error), path=str(model)) from error
    if ranked.empty:
        say(f"no word occurs {min_count:,} times; lower --min-count")
    if plot is not None:
        classifier.plot_polar_words(plot, n, min_count)
    write(ranked.astype({"polarity": float}).round({"polarity": 3}))
