"""``sentiment-transfer studio``."""

import html
import tempfile
import threading
import time
import webbrowser
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentiment_transfer.base.extras import require_package
from sentiment_transfer.cli import options
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.serve import read_token
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.model.coverage import guessed_language

if TYPE_CHECKING:
    from sentiment_transfer.studio.base_model import BaseModel
    from sentiment_transfer.studio.project_file import ProjectFile
    from sentiment_transfer.studio.uploads import Table

__all__ = ["studio"]

ENDING = ".studio.sqlite"
NO_LABEL = "none"
SECONDS_TO_OPEN = 60
"""For a browser to start."""


def studio(
    data: Annotated[
        str | None,
        options.argument(
            "DATA|MODEL",
            "Texts, some perhaps with a label; or a model to start from: a file written by fit, or "
            "the name of a shipped one. Without it, texts are added on the page.",
        ),
    ] = None,
    project: Annotated[
        Path | None,
        options.value(
            "FILE",
            "File of the project, made if it does not exist: texts, labels and vectors, as an "
            "SQLite database. By default the name of DATA with .studio.sqlite, in this folder.",
        ),
    ] = None,
    host: options.Host = "127.0.0.1",
    port: options.Port = 8001,
    token_file: Annotated[
        Path | None,
        options.value(
            "FILE",
            "File with a token of at least 16 characters; by default the project has one of its "
            "own. It is part of the link that is printed.",
        ),
    ] = None,
    allow_host: options.AllowHost = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the link without opening it.")
    ] = False,
    text: options.TextColumn = None,
    label: Annotated[
        str | None,
        options.value(
            "COLUMN",
            "Column of labels that came with the texts; none for none. By default label, or the "
            "one of a usual name, but not a rating.",
        ),
    ] = None,
    language: Annotated[
        str | None,
        options.value(
            "CODE",
            "Language of the texts, one with a shipped model (see bank list); by default it is "
            "guessed.",
        ),
    ] = None,
    seed: options.Seed = 0,
) -> None:
    """Label texts, measure and try a model on a local page.

    The page asks for one label at a time, a key each, and fits the model again after each: the
    first labels measure its accuracy, the next ones teach it. All is kept in the file of the
    project, so the command can be stopped and started again.
    """
    for package in ("starlette", "uvicorn", "httptools", "prometheus_client"):
        require_package(package, "studio", "studio")
    from sentiment_transfer.serving import Address
    from sentiment_transfer.studio.project_file import ProjectFile
    from sentiment_transfer.studio.run import run_studio

    address = Address(host, port, read_token(token_file), tuple(allow_host or ()))
    model, table = _opened(data, text, label)
    path = project or Path((Path(data).name if table and data else "project") + ENDING)
    with closing(ProjectFile(path)) as opened:
        run_studio(
            opened,
            model or _base(opened, table, language),
            address,
            table=table,
            seed=seed,
            say=say,
            started=lambda url: _open(url, opens=not no_browser),
        )
    say(f"stopped; everything is in {path}")


def _opened(
    data: str | None, text: str | None, label: str | None
) -> "tuple[BaseModel | None, Table | None]":
    """Return the model to start from, or the texts, whatever is given."""
    from sentiment_transfer.pretraining.bank import bank_names
    from sentiment_transfer.studio.base_model import BaseModel
    from sentiment_transfer.studio.uploads import read_table

    if data is None:
        return None, None
    if data in bank_names() and not Path(data).exists():
        return BaseModel.member(data), None
    if data.endswith(".safetensors"):
        return BaseModel.of_file(Path(data)), None
    if data.endswith(".sqlite"):
        raise SettingError(
            f"{data} seems to be a project, which has its texts; give project={data}"
        )
    table = read_table(data, text, None if label == NO_LABEL else label)
    if label == NO_LABEL:
        table = table._replace(label_column=None)
    try:
        table.check_labels()
    except InputError as error:
        if label is not None:
            raise
        say(f"no labels are read: {error}")
        table = table._replace(label_column=None)
    for message in (*table.said, *(f"skipped: {each}" for each in table.skipped)):
        say(message)
    return None, table


def _base(project: "ProjectFile", table: "Table | None", language: str | None) -> "BaseModel":
    """Return the model that a project starts from, by the language of its texts."""
    from sentiment_transfer.studio.base_model import BaseModel

    kept = BaseModel.of_project(project)
    if kept is None:
        texts = [] if table is None else [each.text for each in table.texts()]
        return BaseModel.general(language or guessed_language(texts))
    if language not in (None, kept.language):
        say(f"{project.path} is in {kept.language!r}; --language {language} is for a new project")
    return kept


def _open(url: str, *, opens: bool) -> None:
    say(f"open {url} (Ctrl-C stops)")
    if opens:
        threading.Thread(target=_open_browser, args=(url,), daemon=True).start()


def _open_browser(url: str) -> None:
    """Open a link by a file that leads to it: others can read the arguments of a browser."""
    with tempfile.TemporaryDirectory(prefix="studio-link-") as folder:  # for this user alone
        path = Path(folder) / "studio.html"
        link = html.escape(url, quote=True)
        path.write_text(
            f'<!doctype html><meta charset="utf-8"><title>studio</title>'
            f'<meta http-equiv="refresh" content="0;url={link}"><a href="{link}">studio</a>',
            encoding="utf-8",
        )
        webbrowser.open(path.as_uri())
        time.sleep(SECONDS_TO_OPEN)
