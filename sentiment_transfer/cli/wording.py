"""Messages of the package in the words of the command line: options instead of arguments."""

from __future__ import annotations

import re

__all__ = ["in_options"]

_PHRASES = {
    " or those of your own classes (seeds=...)": "",
    "to set seeds, pass unlabelled= or call pretrain(unlabelled_texts) before fit": (
        "to use --no-seeds, give --unlabelled TEXTS too"
    ),
    " (or set the model's ordered=)": "",
    "a smaller min_count": "a smaller --min-count",
    "seeds=None": "--no-seeds",
    "ordered=[...]": "--ordered LABELS",
    "ordered=False": "--ordered no",
    "skip_bad=True": "--skip-bad",
}
_OPTIONS = (
    "text label min_count window epochs vector_size workers held_out seed ordered prevalence "
    "language vectors learning_rate budgets draws arms head encoder folds"
)
_ARGUMENT = re.compile(rf"\b({_OPTIONS.replace(' ', '|')})=(\[[^]]*\]|'[^']*'|[^\s;,)]+)")
_LIST = re.compile(r", or put texts into a list: \[.*\]$")
_OWNER = re.compile(r"^[A-Z][A-Za-z]+: (?=--)")


def in_options(message: str, command: str | None = None) -> str:
    """Replace arguments of functions by the options of a command.

    Examples
    --------
    >>> in_options("drop the row or pass skip_bad=True")
    'drop the row or pass --skip-bad'
    >>> in_options("SkipGram: min_count=0 is not allowed; it must be 'auto'")
    "--min-count 0 is not allowed; it must be 'auto'"
    >>> in_options("ordered=['1-5'] is not allowed")
    '--ordered 1-5 is not allowed'
    """
    as_text = ", or give a text itself with --string" if command == "predict" else ""
    message = _LIST.sub(as_text, message)
    for phrase, words in _PHRASES.items():
        message = message.replace(phrase, words)
    return _OWNER.sub("", _ARGUMENT.sub(_option, message))


def _option(found: re.Match[str]) -> str:
    value = re.sub(r"[\[\]']", "", found[2]).replace(", ", ",")
    return f"--{found[1].replace('_', '-')} {value or found[2]}"
