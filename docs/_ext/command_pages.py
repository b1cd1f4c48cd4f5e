"""A page for each command, from the help that ``--help`` prints."""

from __future__ import annotations

import inspect
import re
from typing import Any

import typer

from sentiment_transfer.cli.app import app

NAME = "sentiment-transfer"
SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|$])")
OPTION = re.compile(r"(?<![\w`-])(--[a-z][a-z-]+|-[a-zA-Z](?= FILE|\b(?![\w-])))")


def escaped(text: str) -> str:
    """Return plain text as Markdown that shows it, with options as code."""
    return OPTION.sub(r"`\1`{.option}", SPECIAL.sub(r"\\\1", text))


def commands() -> dict[tuple[str, ...], Any]:
    """Return all commands by the words that call them, groups without their members included."""
    found: dict[tuple[str, ...], Any] = {}

    def walk(command: Any, words: tuple[str, ...]) -> None:  # noqa: ANN401  (types of typer)
        found[words] = command
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, (*words, name))

    walk(typer.main.get_command(app), (NAME,))
    return found


def command_pages() -> dict[str, str]:
    """Return the pages, with an index."""
    every = commands()
    root = every.pop((NAME,))
    pages = {f"{'-'.join(words[1:])}.md": _page(words, each) for words, each in every.items()}
    rows = [
        f"| [`{' '.join(words[1:])}`]({'-'.join(words[1:])}.md) | {escaped(_first_line(each))} |"
        for words, each in every.items()
    ]
    listed = "\n".join(name.removesuffix(".md") for name in pages)
    return {**pages, "index.md": INDEX.format(
        help=_description(root), options=_parameters(root, (NAME,)), rows="\n".join(rows),
        listed=listed,
    )}  # fmt: skip


INDEX = """\
# Commands

Every command with its options, as `--help` prints them; this page and those of the commands are
made from the help of the installed version.

| command | what it does |
| --- | --- |
{rows}

## `sentiment-transfer`

{help}

{options}

:::{{toctree}}
:hidden:

{listed}
:::
"""


def _page(words: tuple[str, ...], command: Any) -> str:  # noqa: ANN401
    usage = command.get_usage(_context(command, words)).removeprefix("Usage: ")
    parts = [
        f"# {' '.join(words[1:])}",
        f"```text\n{inspect.cleandoc(usage)}\n```",
        _description(command),
        _parameters(command, words),
        _example(command),
    ]
    inner = getattr(command, "commands", {})
    if inner:
        parts.append("\n".join(
            f"- [`{' '.join([*words[1:], name])}`]({'-'.join([*words[1:], name])}.md): "
            f"{escaped(_first_line(each))}"
            for name, each in inner.items()
        ))  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


def _context(command: Any, words: tuple[str, ...]) -> Any:  # noqa: ANN401
    return command.context_class(command, info_name=" ".join(words))


def _first_line(command: Any) -> str:  # noqa: ANN401
    return str(command.help).strip().partition("\n")[0]


def _description(command: Any) -> str:  # noqa: ANN401
    """Return the help; paragraphs that begin with a backspace keep their lines."""
    paragraphs = re.split(r"\n\s*\n", inspect.cleandoc(command.help or ""))
    return "\n\n".join(
        f"```text\n{paragraph.lstrip(chr(8)).strip(chr(10))}\n```"
        if paragraph.startswith("\b")
        else escaped(" ".join(paragraph.split()))
        for paragraph in paragraphs
    )


def _parameters(command: Any, words: tuple[str, ...]) -> str:  # noqa: ANN401
    """Return arguments and options as two lists of terms and definitions."""
    context, parts = _context(command, words), []
    for title, kind in (("Arguments", "argument"), ("Options", "option")):
        records = [
            each.get_help_record(context)
            for each in command.params
            if each.param_type_name == kind and not each.hidden
        ]
        shown = [f"`{names}`\n: {escaped(text or '')}" for names, text in filter(None, records)]
        if shown:
            parts.append(f"**{title}**\n\n" + "\n\n".join(shown))
    return "\n\n".join(parts)


def _example(command: Any) -> str:  # noqa: ANN401
    lines = (command.epilog or "").lstrip("\b").strip("\n").splitlines()[1:]
    code = "\n".join(line.removeprefix("  ") for line in lines)
    return f"**Example**\n\n```sh\n{code}\n```" if code else ""
