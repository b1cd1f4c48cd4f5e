"""``sentiment-transfer export``."""

from pathlib import Path
from typing import Annotated

from sentiment_transfer.cli import options
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.cli.output import open_output
from sentiment_transfer.errors import SettingError
from sentiment_transfer.export import page_of, script_of, tables_of

__all__ = ["export"]


def export(
    model: options.ModelFile,
    html: Annotated[
        Path | None,
        options.value("FILE", "Page to write, which works by double click. FILE ends in .html."),
    ] = None,
    js: Annotated[
        Path | None,
        options.value(
            "FILE", "Script to write, for other pages and for Node: SentimentModel.predict(texts)."
        ),
    ] = None,
) -> None:
    """Write a model as a page or a script that needs no Python.

    The page holds the model, the tokenizer and the classifier in JavaScript, and asks no other host
    for anything. It gives the same labels as predict. A model of the default stages can be
    exported, with labels or without; not a Chinese one, whose texts a dictionary cuts into words.
    """
    if html is None and js is None:
        raise SettingError("there is nothing to write; give --html FILE or --js FILE")
    for name, path, suffixes in (("html", html, (".html", ".htm")), ("js", js, (".js", ".cjs"))):
        if path is not None and path.suffix.lower() not in suffixes:
            raise SettingError(f"--{name} {path} is not allowed; it must end in {suffixes[0]}")
    classifier = open_classifier(model, predicts=False)
    tables = tables_of(classifier.stages_, model.stem)
    for path, content in ((html, page_of), (js, script_of)):
        if path is not None:
            text = content(tables)
            with open_output(path) as file:
                file.write(text)
            say(f"{path}: {len(text.encode()) / 1e6:.1f} MB")
    if not tables.exact:
        most = "less than 0.0001" if tables.precision == "int16" else "up to about 0.002"
        say(
            f"word vectors are stored as {tables.precision}, so that the page stays small; "
            f"probabilities differ from those of predict by {most}"
        )
