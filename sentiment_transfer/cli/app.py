"""The application: its commands, and what becomes of errors."""

import os
import sys
import warnings
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from sentiment_transfer.cli.compare import compare
from sentiment_transfer.cli.evaluate import evaluate
from sentiment_transfer.cli.explain import explain
from sentiment_transfer.cli.fit import fit
from sentiment_transfer.cli.inspect import inspect
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.predict import predict
from sentiment_transfer.cli.pretrain import pretrain
from sentiment_transfer.cli.words import words
from sentiment_transfer.errors import (
    InputError,
    ModelFileError,
    SentimentTransferError,
    SettingError,
)

__all__ = ["app", "main"]

HELP = """Sentiment from a heap of unlabelled reviews and a handful of labels.

Results go to standard output or to -o FILE, everything else to standard error.

TEXTS and LABELLED are files (.csv .tsv .jsonl .parquet .txt .ft, most also with .gz or .zst),
folders, URLs or quoted glob patterns. Their form is told by their suffix.

\b
Exit codes:
  0    done
  1    anything not named below
  2    wrong usage, or a setting that cannot work
  3    input: texts, labels, or a place for a file
  4    a model file that cannot be used
  130  interrupted by Ctrl-C
  141  whoever read standard output stopped reading
"""

EXAMPLES: dict[Callable[..., None], str] = {
    pretrain: """
  sentiment-transfer pretrain corpora/movies72/unlabelled.txt -o vectors.safetensors
""",
    fit: """
  sentiment-transfer fit corpora/movies72/labelled.csv --vectors vectors.safetensors \\
    --unlabelled corpora/movies72/unlabelled.txt -o model.safetensors
""",
    predict: """
  sentiment-transfer predict model.safetensors --string "It was great, loved it."
  sentiment-transfer predict model.safetensors corpora/movies72/test.csv -o predicted.csv
""",
    evaluate: """
  sentiment-transfer evaluate model.safetensors corpora/movies72/held_out.csv
""",
    compare: """
  sentiment-transfer compare --unlabelled corpora/movies72/unlabelled.txt \\
    --labelled corpora/movies72/labelled.csv --test corpora/movies72/held_out.csv \\
    --budgets 2,4 --draws 3 --plot curve.svg
""",
    inspect: """
  sentiment-transfer inspect model.safetensors --nearest good
""",
    explain: """
  sentiment-transfer explain model.safetensors "It was great, loved it."
  sentiment-transfer explain reviews-en "A dull plot." --html why.html
""",
    words: """
  sentiment-transfer words reviews-en -n 10 --plot words.svg
""",
}


class Commands(TyperGroup):
    """Commands whose errors become one line on standard error and an exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  (typer's own types differ by version)
        """Run the command; Ctrl-C, a closed pipe and errors end it in good order."""
        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:
            raise self._exit(141) from None
        except KeyboardInterrupt:
            say("interrupted")
            raise self._exit(130) from None
        except Exception as error:
            # typer's own, usage errors among them, carry their exit code and are shown by typer
            if ctx.params["debug"] or hasattr(error, "exit_code"):
                raise
            say(f"error: {_message(error)}")
            raise self._exit(_exit_code(error)) from None

    def _exit(self, code: int) -> typer.Exit:
        """Leave standard output so that Python, when it ends, has nothing to complain about."""
        try:
            sys.stdout.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return typer.Exit(code)


def _exit_code(error: Exception) -> int:
    codes = {SettingError: 2, InputError: 3, ModelFileError: 4}
    return next((code for kind, code in codes.items() if isinstance(error, kind)), 1)


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, SentimentTransferError | OSError):
        return str(error)
    return (
        f"unexpected {type(error).__name__}: {error} (sentiment-transfer --debug ... shows where)"
    )


app = typer.Typer(
    cls=Commands,
    help=HELP,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"sentiment-transfer {version('sentiment-transfer')}")
        raise typer.Exit


@app.callback()
def _common(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and leave."
        ),
    ] = False,
) -> None:
    pass


for _command, _example in EXAMPLES.items():
    app.command(epilog=f"\b\nExample:{_example}")(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line on these arguments, or the process's own; ends in ``SystemExit``."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: say(f"warning: {message}")
        app(args=arguments, prog_name="sentiment-transfer")
