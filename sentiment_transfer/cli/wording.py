"""Messages of the package in the words of the command line: options instead of arguments."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["in_options", "refusal"]

_RULES = {
    "int_parsing": "an integer",
    "float_parsing": "a number",
    "greater_than_equal": "at least {ge:g}",
    "less_than_equal": "at most {le:g}",
}
"""What a value must be, by the name of the rule that it breaks in pydantic, which typer uses."""

_PHRASES = {
    " or those of your own classes (seeds=...)": "",
    " (or set the model's ordered=)": "",
    "a smaller min_count": "a smaller --min-count",
    "a larger min_count": "a larger --min-count",
    "a smaller vector_size": "a smaller --vector-size",
    ", fewer workers,": ", fewer --workers,",
    "with checkpoint= or": "with --checkpoint or",
    ", or pass seeds=(positive, negative) of that language": "",
    "load(path, sentence_encoder=...)": "--sentence-encoder NAME",
    "sentence_encoder=...": "--sentence-encoder NAME",
    "seeds=None": "--no-seeds",
    "ordered=[...]": "--ordered LABELS",
    "ordered=False": "--ordered no",
    'pass blank="unlabelled" to read the texts of such rows as unlabelled ones, ': "",
    "skip_bad=True": "--skip-bad",
    "give token=...": "give --token-file FILE",
    "rename them: ": "pass --map-labels ",
    "rename them if": "pass --map-labels if",
    "rename the labels, as in ": "rename the labels, as in --map-labels ",
    "a number between 0 and 1, or None": "a number between 0 and 1, such as 0.8 for 80 %",
}
_OPTIONS = (
    "text label min_count window epochs vector_size workers held_out seed ordered prevalence "
    "language vectors learning_rate budgets draws arms head encoder folds keep "
    "sep sheet encoding format host port by project cluster checkpoint"
)
_ARGUMENT = re.compile(rf"\b({_OPTIONS.replace(' ', '|')})=(\[[^]]*\]|'[^']*'|[^\s;,)]+)")
_COLUMNS = ("text", "label", "by", "keep")
"""Arguments that are names of columns."""
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


def refusal(error: Exception) -> str | None:
    """Return why an option's value is refused, with the value, or None if no rule is known.

    ``error`` is typer's; its cause names the rule.
    """
    details: Any = getattr(error.__cause__, "errors", list)()
    if len(details) != 1 or details[0]["type"] not in _RULES:
        return None
    rule = _RULES[details[0]["type"]].format(**details[0].get("ctx", {}))
    return f"{details[0]['input']} is not allowed; it must be {rule}"


def _option(found: re.Match[str]) -> str:
    value = re.sub(r"[\[\]']", "", found[2]).replace(", ", ",")
    if found[1] in _COLUMNS and found[2].startswith("..."):
        value = value.replace("...", "COLUMN", 1)
    name = "input-format" if found[1] == "format" else found[1].replace("_", "-")
    return f"--{name} {value or found[2]}"
