"""The forms of records of annotation tools, and the answers in them.

Label Studio: https://labelstud.io/guide/task_format and, for JSON-MIN and CSV, its package
label-studio-converter. Prodigy: https://prodi.gy/docs/api-interfaces. Argilla: ``Record.to_dict``
of version 2, ``FeedbackRecord`` and ``TextClassificationRecord`` of version 1. doccano: its package
data_export, and what versions before 1.5 wrote.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from sentiment_transfer.corpus.answers import Answers

__all__ = ["FORMS", "TABLE_FORMS", "Fields", "Form", "TableForm"]

Fields = Mapping[str, Any]
Choose = Callable[[Collection[str]], str | None]
"""Returns which of the questions that are answered is about the label, if any."""

LABEL_STUDIO, PRODIGY, ARGILLA, DOCCANO = "Label Studio", "Prodigy", "Argilla", "doccano"
ROW_OF_LABEL_STUDIO = ("annotation_id", "annotator", "lead_time")
"""Columns of JSON-MIN and CSV of Label Studio, in each of its versions."""

MORE_OF_LABEL_STUDIO = ("id", "created_at", "updated_at", "agreement", "was_cancelled")
TABLE_OF_DOCCANO = ("id", "text", "label", "Comments")
LEFT_OUT = {"ignore": "ignored", "reject": "rejected"}
STATUSES = ("Default", "Edited", "Discarded", "Validated")


class Form(NamedTuple):
    """The form of the records of a tool.

    Attributes
    ----------
    tool
        Its name.
    fits
        Whether a record has this form.
    fields
        The fields of a record among which the text stands.
    answers
        The answers of a record; it is given what chooses a question.
    even_with_columns
        Whether a record has this form even if it has a column of texts and one of labels.
    """

    tool: str
    fits: Callable[[Fields], bool]
    fields: Callable[[Fields], Fields]
    answers: Callable[[Fields, Choose], Answers]
    even_with_columns: bool = False


class TableForm(NamedTuple):
    """The form of the tables of a tool.

    Attributes
    ----------
    tool
        Its name.
    marks
        Columns by which a table is recognised.
    known
        Columns that hold neither texts nor labels.
    answers
        The answers in a row, given with the value of its label.
    """

    tool: str
    marks: tuple[str, ...]
    known: tuple[str, ...]
    answers: Callable[[Fields, object], Answers]


def _dicts(value: object) -> list[dict[str, Any]]:
    """Return the objects of an array, none if it is something else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _number(record: Fields, name: str) -> int | str | None:
    """Return what numbers a text, None if there is no such thing."""
    number = record.get(name)
    return number if isinstance(number, int | str) else None


def _same(record: Fields) -> Fields:
    return record


def _is_task(record: Fields) -> bool:
    given = record.get("annotations", record.get("completions"))
    return isinstance(record.get("data"), dict) and isinstance(given, list)


def _task_answers(record: Fields, choose: Choose) -> Answers:
    """Return the answers to a task of Label Studio; those marked as ground truth, if any, alone."""
    given = _dicts(record.get("annotations", record.get("completions")))
    kept = [each for each in given if not (each.get("was_cancelled") or each.get("skipped"))]
    kept = [each for each in kept if each.get("ground_truth")] or kept
    choices = [_choices(each.get("result")) for each in kept]
    question = choose(list(dict.fromkeys(name for each in choices for name in each)))
    votes = [each.get(question or "", []) for each in choices]
    return Answers(votes, "skipped" if given and not kept else None)


def _choices(result: object) -> dict[str, list[object]]:
    """Return the choices, or the stars, of an annotation of a whole text by its question."""
    found: dict[str, list[object]] = {}
    for each in _dicts(result):
        value = each.get("value")
        if isinstance(value, dict) and "start" not in value:
            labels = value.get("choices", value.get("rating"))
            if labels is not None:
                labels = labels if isinstance(labels, list) else [labels]
                found.setdefault(str(each.get("from_name")), []).extend(labels)
    return found


def _is_row_of_label_studio(record: Fields) -> bool:
    return record.keys() >= set(ROW_OF_LABEL_STUDIO)


def _data_of_row(record: Fields) -> Fields:
    known = (*ROW_OF_LABEL_STUDIO, *MORE_OF_LABEL_STUDIO)
    return {name: value for name, value in record.items() if name not in known}


def _row_answers(record: Fields, choose: Choose) -> Answers:
    """Return the answer of a record of JSON-MIN, where choices stand after "id"."""
    names = list(record)
    start = names.index("id") + 1 if "id" in record else 0
    question = choose(names[start : names.index("annotator")])
    return _row_answer(record, record.get(question or ""))


def _row_answer(record: Fields, value: object) -> Answers:
    """Return the answer of one annotation: a choice, or several as an object, or as its source."""
    if isinstance(value, str) and value.startswith(("{", "[")):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return Answers([[value]], None, _number(record, "id"))
    labels: list[object] = [] if value in (None, "") or isinstance(value, dict | list) else [value]
    for each in _dicts([value] if isinstance(value, dict) else value):
        choices = each.get("choices")
        labels += choices if isinstance(choices, list) else []
    cancelled = str(record.get("was_cancelled")).lower() == "true"
    votes = [] if cancelled else [labels]
    return Answers(votes, "skipped" if cancelled else None, _number(record, "id"))


def _is_of_prodigy(record: Fields) -> bool:
    marks = record.keys() & {"_input_hash", "_task_hash", "_session_id", "_view_id"}
    chosen = isinstance(record.get("options"), list) and isinstance(record.get("accept"), list)
    return record.get("answer") in ("accept", *LEFT_OUT) and (bool(marks) or chosen)


def _prodigy_answers(record: Fields, _: Choose) -> Answers:
    labels = record.get("accept")
    if not isinstance(labels, list):
        labels = [record["label"]] if record.get("label") is not None else []
    left_out = LEFT_OUT.get(str(record.get("answer")))
    return Answers([[] if left_out else labels], left_out, _number(record, "_input_hash"))


def _is_record_of_argilla(record: Fields) -> bool:
    nested = isinstance(record.get("responses"), dict | list) and "suggestions" in record
    return isinstance(record.get("fields"), dict) and nested


def _argilla_answers(record: Fields, choose: Choose) -> Answers:
    """Return the answers to a record of version 2, or of a feedback dataset of version 1."""
    given: dict[str, list[dict[str, Any]]] = {}
    responses = record["responses"]
    if isinstance(responses, dict):
        given = {name: _dicts(each) for name, each in responses.items()}
    for response in _dicts(responses):
        values = response.get("values")
        for name, value in values.items() if isinstance(values, dict) else ():
            if isinstance(value, dict):
                said = {"value": value.get("value"), "status": response.get("status")}
                given.setdefault(name, []).append(said)
    discarded = [each for each in _dicts(responses) if each.get("status") == "discarded"]
    return _responses(given, choose, bool(discarded))


def _responses(
    given: Mapping[str, list[dict[str, Any]]], choose: Choose, discarded: bool = False
) -> Answers:
    """Return the submitted ones of responses by question; a draft is no answer."""
    submitted = {
        name: [each for each in responses if each.get("status", "submitted") == "submitted"]
        for name, responses in given.items()
    }
    question = choose([name for name, responses in submitted.items() if responses])
    values = [each.get("value") for each in submitted.get(question or "", [])]
    votes = [value if isinstance(value, list) else [value] for value in values if value is not None]
    every = [each.get("status") for responses in given.values() for each in responses]
    return Answers(votes, "discarded" if discarded or "discarded" in every else None)


def _is_flat_record_of_argilla(record: Fields) -> bool:
    return "_server_id" in record and any(name.endswith(".responses") for name in record)


def _flat_answers(record: Fields, choose: Choose) -> Answers:
    """Return the answers to a record of version 2 that was exported with ``flatten=True``."""
    given = {}
    for name, values in record.items():
        if name.endswith(".responses") and isinstance(values, list):
            statuses = record.get(f"{name}.status") or ["submitted"] * len(values)
            pairs = zip(values, statuses, strict=False)
            responses = [{"value": value, "status": status} for value, status in pairs]
            given[name.removesuffix(".responses")] = responses
    return _responses(given, choose)


def _is_classified_by_argilla(record: Fields) -> bool:
    return record.keys() >= {"annotation", "annotation_agent"} and record.get("status") in STATUSES


def _inputs(record: Fields) -> Fields:
    inputs = record.get("inputs")
    return record if isinstance(record.get("text"), str) or not isinstance(inputs, dict) else inputs


def _annotation(record: Fields, _: Choose) -> Answers:
    given = record.get("annotation")
    labels = given if isinstance(given, list) else [] if given is None else [given]
    discarded = record.get("status") == "Discarded"
    return Answers([[] if discarded else labels], "discarded" if discarded else None)


def _has_text(record: Fields) -> bool:
    return isinstance(record.get("text", record.get("data")), str)


def _is_of_doccano(record: Fields) -> bool:
    return _has_text(record) and isinstance(record.get("label"), list)


def _is_of_old_doccano(record: Fields) -> bool:
    listed = any(isinstance(record.get(name), list) for name in ("labels", "cats", "annotations"))
    return _has_text(record) and listed and ("annotation_approver" in record or "id" in record)


def _doccano_fields(record: Fields) -> Fields:
    return record if "text" in record else {"text": record.get("data"), **record}


def _doccano_answers(record: Fields, _: Choose) -> Answers:
    by_user: dict[str, list[object]] = {}
    for each in _dicts(record.get("annotations")):
        by_user.setdefault(str(each.get("user")), []).append(each.get("label"))
    if by_user:
        return Answers(list(by_user.values()))
    found = [record[name] for name in ("label", "labels", "cats") if record.get(name) is not None]
    return Answers([found[0] if isinstance(found[0], list) else found[:1]] if found else [])


def _joined_labels(_: Fields, value: object) -> Answers:
    """Return the labels of a row of doccano, which writes several as ``A#B``."""
    labels: list[object] = [*str(value).split("#")]
    return Answers([labels if all(labels) else [value] if value not in (None, "") else []])


FORMS = (
    Form(LABEL_STUDIO, _is_task, lambda record: record["data"], _task_answers),
    Form(LABEL_STUDIO, _is_row_of_label_studio, _data_of_row, _row_answers, True),
    Form(PRODIGY, _is_of_prodigy, _same, _prodigy_answers, True),
    Form(ARGILLA, _is_record_of_argilla, lambda record: record["fields"], _argilla_answers),
    Form(ARGILLA, _is_flat_record_of_argilla, _same, _flat_answers),
    Form(ARGILLA, _is_classified_by_argilla, _inputs, _annotation),
    Form(DOCCANO, _is_of_doccano, _doccano_fields, _doccano_answers, True),
    Form(DOCCANO, _is_of_old_doccano, _doccano_fields, _doccano_answers),
)

TABLE_FORMS = (
    TableForm(
        LABEL_STUDIO, ROW_OF_LABEL_STUDIO, ROW_OF_LABEL_STUDIO + MORE_OF_LABEL_STUDIO, _row_answer
    ),
    TableForm(DOCCANO, TABLE_OF_DOCCANO, ("id", "Comments"), _joined_labels),
)
