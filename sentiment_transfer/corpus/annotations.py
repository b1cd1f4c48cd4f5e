"""Exports of annotation tools, recognised by the form of their records."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from sentiment_transfer.base.notice import Notice, level_of_caller
from sentiment_transfer.corpus.annotation_forms import FORMS, TABLE_FORMS
from sentiment_transfer.corpus.columns import LABEL_NAMES, no_column, usual
from sentiment_transfer.corpus.rows import OR_SKIP, Record
from sentiment_transfer.errors import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sentiment_transfer.corpus.annotation_forms import Fields, Form
    from sentiment_transfer.corpus.answers import Answers
    from sentiment_transfer.corpus.columns import Columns

__all__ = ["Export", "ExportNotice", "recognised", "recognised_table"]


class ExportNotice(Notice):
    """A file is read as an export of an annotation tool."""


class Export:
    """Reads the records of an export.

    Parameters
    ----------
    form
        The form of its first record.
    columns
        The columns to read; a label that is named is a question of the annotation tool.
    name
        The name of the source.
    """

    def __init__(self, form: Form, columns: Columns, name: str) -> None:
        self._form = form
        self._columns = columns
        self._name = name
        self._question: str | None = None

    def row(self, record: Fields) -> tuple[object, object]:
        """Return text and answers of a record; ``ValueError`` if it is none or has no text."""
        if not self._form.fits(record):
            raise ValueError(f"no record of {self._form.tool}, as the first one is; {OR_SKIP}")
        fields = self._form.fields(record)
        strings = [name for name, value in fields.items() if isinstance(value, str)]
        text = usual(self._columns._replace(label=None), strings or list(fields)).text
        if text not in fields:
            raise ValueError(f"{no_column(text, 'text', list(fields))}; correct it, {OR_SKIP}")
        self._keep("text", text)
        if self._columns.keep:
            return fields[text], Record(tuple(record), tuple(record.values()), varies=True)
        if self._columns.label is None:
            return fields[text], None
        return fields[text], self._form.answers(record, self._choose)

    def _choose(self, found: Collection[str]) -> str | None:
        """Return the question that is about the label: a named, a usual or the only one."""
        names = list(found)
        label = usual(self._columns, names).label
        if label is None or label not in names:
            if not names or self._columns.label != LABEL_NAMES[0]:
                return None
            if len(names) > 1 and self._question not in names:
                raise ValueError(_several(names))
            label = names[0] if len(names) == 1 else str(self._question)
        if self._question not in (None, label):
            raise ValueError(_several([str(self._question), label]))
        self._question = label
        self._keep("label", label)
        return label

    def _keep(self, what: str, column: str) -> None:
        if self._columns.names is not None:
            self._columns.names.read.setdefault(what, column)


def _several(questions: Sequence[str]) -> str:
    listed = ", ".join(map(shown, questions[:20]))
    return f"the questions {listed} are answered; name the one to learn with label=..., {OR_SKIP}"


def recognised(record: Fields, columns: Columns, name: str) -> Export | None:
    """Return what reads an export by the first record of a file, None for an ordinary file.

    A record with a column of texts, and one of labels if they are wanted, is an ordinary one,
    unless its form is that of a tool in other ways. A `Notice` names the tool.
    """
    wanted = usual(columns, list(record)).wanted
    ordinary = set(wanted) <= record.keys()
    if ordinary and columns.label is None:
        return None
    for form in FORMS:
        if (form.even_with_columns or not ordinary) and form.fits(record):
            _say(name, form.tool)
            return Export(form, columns, name)
    return None


def recognised_table(
    header: Sequence[str], columns: Columns, name: str
) -> tuple[Columns, Callable[[Fields, object], Answers]] | None:
    """Return what reads an export by the header of a table, None for an ordinary table.

    That is the columns to read, and what returns the answers of a row with its label.
    """
    for form in TABLE_FORMS if columns.label is not None else ():
        if set(form.marks) <= set(header):
            _say(name, form.tool)
            others = [column for column in header if column not in form.known]
            found = usual(columns, others)
            rest = [column for column in others if column != found.text]
            if found.label not in others and columns.label == LABEL_NAMES[0] and len(rest) == 1:
                columns = columns._replace(label=rest[0])
            return columns, form.answers
    return None


def _say(name: str, tool: str) -> None:
    message = f"{name} is read as an export of {tool}"
    warnings.warn(message, ExportNotice, stacklevel=level_of_caller())
