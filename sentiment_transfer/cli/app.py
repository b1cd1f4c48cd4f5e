"""The application: its commands and its exit codes."""

import os
import re
import sys
import warnings
from collections.abc import Callable, Sequence
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from sentiment_transfer.base.notice import Notice
from sentiment_transfer.base.signals import describe_end, ignore_signals, unwind_at_signals
from sentiment_transfer.cli import advise, bank, language
from sentiment_transfer.cli.adapt import adapt
from sentiment_transfer.cli.card import card
from sentiment_transfer.cli.compare import compare
from sentiment_transfer.cli.evaluate import evaluate
from sentiment_transfer.cli.explain import explain
from sentiment_transfer.cli.export import export
from sentiment_transfer.cli.fit import fit
from sentiment_transfer.cli.inspect import inspect
from sentiment_transfer.cli.language_draft import draft
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.overwriting import check_outputs
from sentiment_transfer.cli.polar_words import polar_words
from sentiment_transfer.cli.predict import predict
from sentiment_transfer.cli.pretrain import pretrain
from sentiment_transfer.cli.prevalence import prevalence
from sentiment_transfer.cli.report import report
from sentiment_transfer.cli.serve import serve
from sentiment_transfer.cli.studio import studio
from sentiment_transfer.cli.wording import in_options, refusal
from sentiment_transfer.errors import (
    LONGEST_MESSAGE,
    InputError,
    ModelFileError,
    SentimentTransferError,
    SettingError,
    shortened,
)
from sentiment_transfer.model.coverage import UnknownWordsWarning
from sentiment_transfer.model.mixed_languages import MixedLanguagesWarning

__all__ = ["app", "main"]

HELP = """Sentiment classifiers from unlabelled texts and a few labels.

Results are written to standard output or to -o FILE, messages to standard error.

TEXTS and LABELLED are files (.csv .tsv .xlsx .json .jsonl .parquet .txt .ft, those of text also
compressed as .gz or .zst), folders, URLs or quoted glob patterns. The suffix of a file determines
its format.

\b
Exit codes:
  0    success
  1    any other error
  2    wrong usage, or a setting that is not allowed
  3    unusable input: texts, labels, or a path
  4    unusable model file
  129  hung up: the terminal was closed
  130  interrupted by Ctrl-C
  141  broken pipe
  143  terminated by the system or another program
"""

EXAMPLES: dict[Callable[..., None], str] = {
    pretrain: """
  sentiment-transfer pretrain corpora/movies72/unlabelled.txt \\
    -o vectors.safetensors
""",
    adapt: """
  sentiment-transfer adapt reviews-en corpora/movies72/unlabelled.txt \\
    -o adapted.safetensors
""",
    fit: """
  sentiment-transfer fit corpora/movies72/labelled.csv \\
    --vectors vectors.safetensors -o model.safetensors \\
    --unlabelled corpora/movies72/unlabelled.txt
""",
    predict: """
  sentiment-transfer predict model.safetensors --string "It was great."
  sentiment-transfer predict model.safetensors corpora/movies72/test.csv \\
    -o predicted.csv
  sentiment-transfer predict model.safetensors "corpora/movies72/*.csv" \\
    -o answers/ --workers 2
""",
    evaluate: """
  sentiment-transfer evaluate model.safetensors corpora/movies72/held_out.csv
""",
    prevalence: """
  sentiment-transfer prevalence reviews-en corpora/movies72/unlabelled.txt
""",
    compare: """
  sentiment-transfer compare --unlabelled corpora/movies72/unlabelled.txt \\
    --labelled corpora/movies72/labelled.csv \\
    --test corpora/movies72/held_out.csv --budgets 2,4 --draws 3 \\
    --plot curve.svg
""",
    inspect: """
  sentiment-transfer inspect model.safetensors --nearest good
""",
    explain: """
  sentiment-transfer explain model.safetensors "It was great, loved it."
  sentiment-transfer explain reviews-en "A dull plot." --html why.html
""",
    polar_words: """
  sentiment-transfer polar-words reviews-en -n 10 --plot words.svg
  sentiment-transfer polar-words reviews-en corpora/movies72/unlabelled.txt \\
    --min-count 3
""",
    report: """
  sentiment-transfer report corpora/movies72/held_out.csv --by label
  sentiment-transfer report corpora/movies72/unlabelled.txt -o report.html
""",
    export: """
  sentiment-transfer export reviews-en --html page.html
  sentiment-transfer export model.safetensors --js model.js
""",
    card: """
  sentiment-transfer card model.safetensors \\
    --test corpora/movies72/held_out.csv -o card.md
""",
    serve: """
  sentiment-transfer serve reviews-en stars=model.safetensors --port 8000
""",
    studio: """
  sentiment-transfer studio corpora/movies72/unlabelled.txt
  sentiment-transfer studio reviews-en --project reviews.sqlite
""",
}


BANK: dict[str, tuple[Callable[..., None], str]] = {
    "list": (
        bank.list_members,
        """
  sentiment-transfer bank list
""",
    ),
    "describe": (
        bank.describe,
        """
  sentiment-transfer bank describe reviews-en
""",
    ),
    "judge": (
        bank.judge,
        """
  sentiment-transfer bank judge corpora/movies72/unlabelled.txt
""",
    ),
}
LANGUAGE: dict[str, tuple[Callable[..., None], str]] = {
    "check": (
        language.check,
        """
  sentiment-transfer language check en
""",
    ),
    "show": (
        language.show,
        """
  sentiment-transfer language show
  sentiment-transfer language show en
""",
    ),
    "draft": (
        draft,
        """
  sentiment-transfer language draft en corpora/movies72/held_out.csv \\
    --seeds positive=good,great,best --seeds negative=bad,worst,boring \\
    -o drafted.json
""",
    ),
}
GROUPS = {
    "bank": ("List, describe and judge the members of the bank.", BANK),
    "language": ("Check, show, list and draft language files.", LANGUAGE),
    "advise": ("Advice on corpora, vectors and labels, with evidence.", advise.COMMANDS),
}
"""Groups of commands with their help; each command with an example."""


class Command(TyperCommand):
    """A command that keeps its inputs, and whose help shows names without types and braces."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (of TyperCommand)
        super().__init__(*args, **kwargs)
        for parameter in self.params:
            if isinstance(parameter, TyperArgument):
                untyped: Any = parameter
                untyped.display_type_rich = lambda **_: None

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401
        """Run the command, unless it would write over a file that it reads."""
        check_outputs(self.params, ctx.params)
        return super().invoke(ctx)

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ANN401
        """Return the parts of the usage line: ``MODEL`` instead of ``{MODEL}``."""
        return [re.sub(r"[{}]", "", piece) for piece in super().collect_usage_pieces(ctx)]


class Commands(TyperGroup):
    """Commands whose errors are shown as one line on standard error, with an exit code."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  (typer's own types differ by version)
        """Run the command and convert signals, a broken pipe and errors to exit codes."""
        try:
            unwind_at_signals()
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()
                ignore_signals()
        except BrokenPipeError:
            raise self._exit(141) from None
        except KeyboardInterrupt as error:
            raise self._ended(error) from None
        except Exception as error:
            if isinstance(error, SystemError) and isinstance(error.__cause__, KeyboardInterrupt):
                # a signal came while compiled code was entered
                raise self._ended(error.__cause__) from None
            # typer shows its own errors, such as wrong usage; they have an exit code
            if ctx.params["debug"] or hasattr(error, "exit_code"):
                if isinstance(error, typer.BadParameter):
                    error.message = shortened(refusal(error) or error.message, LONGEST_MESSAGE)
                raise
            say(f"error: {in_options(_message(error), ctx.invoked_subcommand)}")
            codes = {SettingError: 2, InputError: 3, ModelFileError: 4}
            code = next((code for kind, code in codes.items() if isinstance(error, kind)), 1)
            raise self._exit(code) from None

    def _ended(self, error: KeyboardInterrupt) -> typer.Exit:
        """Say which signal ended the command, and return its exit code."""
        said, code = describe_end(error)
        say(said)
        return self._exit(code)

    def _exit(self, code: int) -> typer.Exit:
        """Flush or redirect standard output, so that Python reports nothing when it ends."""
        try:
            sys.stdout.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return typer.Exit(code)


def _message(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    if isinstance(error, SentimentTransferError | OSError):
        return str(error)
    return (
        f"unexpected {type(error).__name__}: {error} "
        "(run sentiment-transfer --debug ... for the traceback)"
    )


_ONCE = (UnknownWordsWarning, MixedLanguagesWarning)


def _warning_printer() -> Callable[..., None]:
    """Return a ``warnings.showwarning`` that prints a warning as one line.

    A notice is printed without its kind, and once, as a file may be read in several passes. That
    words are unknown, or languages mixed, is said once: most commands read several groups of texts.
    """
    seen: set[str | type[Warning]] = set()

    def show(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:  # noqa: ANN401
        notice, line = issubclass(category, Notice), in_options(str(message))
        once = line if notice else category if category in _ONCE else None
        if once is None or once not in seen:
            say(line if notice else f"warning: {line}")
        if once is not None:
            seen.add(once)

    return show


app = typer.Typer(
    cls=Commands,
    help=HELP,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
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
    debug: Annotated[bool, typer.Option("--debug", help="Show the tracebacks of errors.")] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            "-V",
            callback=_show_version,
            is_eager=True,
            help="Show the version and exit.",
        ),
    ] = False,
) -> None:
    pass


for _command, _example in EXAMPLES.items():
    app.command(cls=Command, epilog=f"\b\nExample:{_example}")(_command)

for _group, (_help, _commands) in GROUPS.items():
    _inner = typer.Typer(help=_help, no_args_is_help=True)
    for _name, (_command, _example) in _commands.items():
        _inner.command(_name, cls=Command, epilog=f"\b\nExample:{_example}")(_command)
    app.add_typer(_inner, name=_group)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line on these arguments, or on ``sys.argv``; raises ``SystemExit``."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # closed, or a program without a terminal (pythonw)
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    if "--debug" in given:  # before the command or after it
        given = ["--debug", *(argument for argument in given if argument != "--debug")]
    with warnings.catch_warnings():
        warnings.showwarning = _warning_printer()
        try:
            code = app(args=given, prog_name="sentiment-transfer", standalone_mode=False)
        except Exception as error:
            if not hasattr(error, "show"):  # typer's own: wrong usage
                raise
            lines = StringIO()
            error.show(lines)
            sys.stderr.write(re.sub("^Error:", "error:", lines.getvalue(), flags=re.MULTILINE))
            code = getattr(error, "exit_code", 2)
    raise SystemExit(code or 0)
