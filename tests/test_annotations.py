"""Exports as the tools write them, by their documentation and the source of their exporters."""

from __future__ import annotations

import csv
import io
import json
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from sentiment_transfer.base.notice import Notice
from sentiment_transfer.corpus import Labelled, read_labelled, read_texts
from sentiment_transfer.errors import InputError, NoLabelsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

GOOD, BAD, FINE = "It was great, loved it.", "It was really stupid.", "A fine, funny film."


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(records: list[Any], name: str = "export.json") -> Path:
        path = tmp_path / name
        lines = "\n".join(map(json.dumps, records))
        path.write_text(json.dumps(records) if name.endswith(".json") else lines, "utf-8")
        return path

    return _write


def read(path: Path, tool: str, **options: Any) -> Labelled:  # noqa: ANN401
    with pytest.warns(Notice, match=rf"{path.name} is read as an export of {tool}"):
        return read_labelled(path, **options)


def pairs(rows: Labelled) -> list[tuple[str, str]]:
    return list(zip(rows.texts, rows.labels, strict=True))


def as_before(path: Path, **options: Any) -> Labelled:  # noqa: ANN401
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return read_labelled(path, **options)


# Label Studio


def choice(label: object, question: str = "sentiment", **more: object) -> dict[str, Any]:
    labels = label if isinstance(label, list) else [label]
    return {
        "id": "Dx_aB91ISN",
        "type": "choices",
        "value": {"choices": labels, **more},
        "origin": "manual",
        "to_name": "text",
        "from_name": question,
    }


def annotation(*results: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "id": 9,
        "completed_by": 1,
        "result": list(results),
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2022-11-04T18:50:53.017134Z",
        "updated_at": "2022-11-04T18:50:53.017151Z",
        "lead_time": 10.744,
        "task": 4,
        **more,
    }


def task(text: str, *annotations: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "id": 4,
        "annotations": list(annotations),
        "file_upload": "d06c405d-reviews.csv",
        "drafts": [],
        "predictions": [],
        "data": {"text": text},
        "meta": {},
        "created_at": "2022-11-04T18:50:37.142887Z",
        "total_annotations": len(annotations),
        "cancelled_annotations": 0,
        "project": 3,
        **more,
    }


def test_an_export_of_label_studio_is_read_without_options(write: Write) -> None:
    guess = {"model_version": "1", "result": [choice("Negative")], "score": 0.9}
    path = write(
        [
            task(GOOD, annotation(choice("Positive"))),
            task(BAD, annotation(choice("Negative"))),
            task("Nobody saw this one.", predictions=[guess]),
            task("An answer without a choice.", annotation()),
            task("Skipped by all.", annotation(was_cancelled=True)),
            task(FINE, annotation(was_cancelled=True), annotation(choice("Positive"))),
        ]
    )
    said: list[str] = []
    rows = read(path, "Label Studio", on_skip=said.append)
    assert pairs(rows) == [(GOOD, "Positive"), (BAD, "Negative"), (FINE, "Positive")]
    assert rows.unlabelled == ["Nobody saw this one.", "An answer without a choice."]
    assert said == [
        f"{path}: texts left out by their annotators: 1 skipped",
        f"{path}: texts without an answer, read as unlabelled ones: 2",
    ]
    with pytest.warns(Notice, match="an export of Label Studio"):
        assert len(list(read_texts(path))) == 6


def test_the_label_is_that_of_most_annotators_and_a_tie_a_bad_row(write: Write) -> None:
    good, bad = annotation(choice("Positive")), annotation(choice("Negative"))
    path = write([task(GOOD, good, bad, good), task(FINE, good, bad), task(BAD, bad)])
    expected = r"record 2: annotators disagree: 1 each for 'Positive', 'Negative'; settle it"
    with pytest.raises(InputError, match=expected), pytest.warns(Notice):
        read_labelled(path)
    rows = read(path, "Label Studio", skip_bad=True)
    assert pairs(rows) == [(GOOD, "Positive"), (BAD, "Negative")]
    assert len(rows.skipped) == 1


def test_an_answer_marked_as_ground_truth_counts_alone(write: Write) -> None:
    true = annotation(choice("Negative"), ground_truth=True)
    good = annotation(choice("Positive"))
    path = write([task(BAD, good, true, good), task(GOOD, good)])
    assert pairs(read(path, "Label Studio")) == [(BAD, "Negative"), (GOOD, "Positive")]


def test_several_labels_on_one_text_are_a_bad_row_that_names_them(write: Write) -> None:
    path = write(
        [task(GOOD, annotation(choice("Positive"))), task(BAD, annotation(choice(["A", "B"])))]
    )
    expected = r"record 2: the labels 'A', 'B' on one text; keep one, or pass skip_bad=True"
    with pytest.raises(InputError, match=expected), pytest.warns(Notice):
        read_labelled(path)


def test_of_several_questions_the_usual_or_the_named_one_is_read(write: Write) -> None:
    both = annotation(choice("Plot", "topic"), choice("Positive"))
    path = write([task(GOOD, both), task(BAD, annotation(choice("Negative")))])
    assert read(path, "Label Studio").labels == ["Positive", "Negative"]
    rows = read(path, "Label Studio", label="topic")
    assert (rows.labels, rows.unlabelled) == (["Plot"], [BAD])


def test_several_questions_without_a_usual_name_have_to_be_chosen(write: Write) -> None:
    topic, mood = choice("x", "topic"), choice("y", "mood")
    together = [task(GOOD, annotation(topic, mood))]
    apart = [task(GOOD, annotation(topic)), task(BAD, annotation(mood))]
    for tasks in (together, apart):
        with pytest.raises(InputError, match=r"the questions 'topic', 'mood' are answered; name"):
            read(write(tasks), "Label Studio")
        assert "y" in read(write(tasks), "Label Studio", label="mood").labels


def test_spans_and_labels_of_parts_of_a_text_are_no_answer(write: Write) -> None:
    span = {**choice("x"), "type": "labels", "value": {"start": 0, "end": 2, "labels": ["PER"]}}
    part = choice("Negative", start=0, end=2, text="It")
    path = write([task(GOOD, annotation(span, part)), task(BAD, annotation(choice("Negative")))])
    rows = read(path, "Label Studio")
    assert (pairs(rows), rows.unlabelled) == ([(BAD, "Negative")], [GOOD])


def test_stars_are_labels(write: Write) -> None:
    stars = [{**choice("x", "rating"), "type": "rating", "value": {"rating": n}} for n in (5, 1)]
    path = write([task(GOOD, annotation(stars[0])), task(BAD, annotation(stars[1]))])
    assert read(path, "Label Studio").labels == ["5", "1"]


def test_the_text_stands_in_any_field_of_a_usual_name_or_is_named(write: Write) -> None:
    tasks = [task("", annotation(choice("p")), data={"review": GOOD, "shop": "a", "n": 1})]
    assert pairs(read(write(tasks), "Label Studio")) == [(GOOD, "p")]
    assert pairs(read(write(tasks), "Label Studio", text="shop")) == [("a", "p")]
    with pytest.raises(InputError, match=r"no column 'body'; found: 'review', 'shop', 'n'"):
        read(write(tasks), "Label Studio", text="body")


def test_tasks_of_version_0_are_read(write: Write) -> None:
    tasks = [
        {"id": 0, "data": {"text": GOOD}, "completions": [{"id": 1, "result": [choice("p")]}]},
        {"id": 1, "data": {"text": BAD}, "completions": [{"skipped": True, "result": []}]},
    ]
    rows = read(write(tasks), "Label Studio")
    assert (pairs(rows), rows.unlabelled) == ([(GOOD, "p")], [])


def row(
    number: int, text: str, label: object, annotator: int = 1, **more: object
) -> dict[str, Any]:
    """Return a record of JSON-MIN: the data, the number of the task, its answers, the rest."""
    answers = {} if label is None else {"feeling": label}
    rest = {"created_at": "2022-11-04T18:50:53Z", "updated_at": "2022-11-04", "lead_time": 1.5}
    annotated = {"annotator": annotator, "annotation_id": 9}
    return {"text": text, "shop": "a", "id": number, **answers, **annotated, **rest, **more}


ROWS = [
    row(1, GOOD, "Positive"),
    row(1, GOOD, "Negative", 2),
    row(2, BAD, "Negative"),
    row(1, GOOD, "Positive", 3),
    row(3, FINE, None),
]


def test_json_min_of_label_studio_joins_the_rows_of_a_text(write: Write) -> None:
    rows = read(write(ROWS), "Label Studio")
    assert (pairs(rows), rows.unlabelled) == ([(GOOD, "Positive"), (BAD, "Negative")], [FINE])
    several = [*ROWS, row(4, "Long.", {"choices": ["Positive", "Negative"]})]
    with pytest.raises(InputError, match=r"record 6: the labels 'Positive', 'Negative' on one"):
        read(write(several), "Label Studio")


@pytest.mark.parametrize("delimiter", [",", "\t"])
def test_the_csv_of_label_studio_is_read_alike(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / ("export.csv" if delimiter == "," else "export.tsv")
    records = [{**each, "id": each["id"]} for each in ROWS]
    names = sorted({name for each in records for name in each} - {"shop"})
    for each in records:
        del each["shop"]
    records.append({**records[0], "id": 9, "text": "x", "was_cancelled": True})
    several = {**records[0], "id": 8, "feeling": '{"choices":["Positive","Negative"]}'}
    stream = io.StringIO()
    writer = csv.DictWriter(
        stream, [*names, "was_cancelled"], quoting=csv.QUOTE_NONNUMERIC, delimiter=delimiter
    )
    writer.writeheader()
    writer.writerows([*records, several])
    path.write_text(stream.getvalue())
    said: list[str] = []
    rows = read(path, "Label Studio", skip_bad=True, on_skip=said.append)
    assert (pairs(rows), rows.unlabelled) == ([(GOOD, "Positive"), (BAD, "Negative")], [FINE])
    assert said[0] == (
        f"{path}:8: the labels 'Positive', 'Negative' on one text; keep one, or pass skip_bad=True"
    )
    assert said[1].endswith("left out by their annotators: 1 skipped")
    assert len(list(read_texts(path))) == 7


def test_a_table_of_label_studio_with_two_more_columns_needs_a_name(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(
        f"annotation_id,annotator,feeling,id,lead_time,shop,text\n1,1,Positive,1,2.5,a,{FINE!r}\n".replace(
            f"{FINE!r}", f'"{FINE}"'
        )
    )
    with pytest.raises(NoLabelsError, match=r"no column 'label'.*label="), pytest.warns(Notice):
        read_labelled(path)
    assert pairs(read(path, "Label Studio", label="feeling")) == [(FINE, "Positive")]


# Prodigy


def prodigy(text: str, answer: str, number: int = 0, **more: object) -> dict[str, Any]:
    hashes = {"_input_hash": number or hash(text), "_task_hash": -966166541}
    session = {"_view_id": "classification", "_session_id": "2018-08-11_13-28-10"}
    return {"text": text, "meta": {"source": "web"}, **hashes, **more, **session, "answer": answer}


def chosen(text: str, labels: list[Any], answer: str = "accept", number: int = 0) -> dict[str, Any]:
    options = [{"id": label, "text": label} for label in ("POSITIVE", "NEGATIVE")]
    more = {"options": options, "accept": labels, "config": {"choice_style": "single"}}
    return prodigy(text, answer, number, **more)


def test_accepted_labels_of_prodigy_are_read_and_the_others_counted(write: Write) -> None:
    records = [
        prodigy(GOOD, "accept", label="POSITIVE"),
        prodigy(BAD, "reject", label="POSITIVE"),
        prodigy(BAD, "accept", label="NEGATIVE"),
        prodigy("Neither.", "reject", label="POSITIVE"),
        prodigy("Unreadable.", "ignore", label="POSITIVE"),
    ]
    said: list[str] = []
    rows = read(write(records, "db.jsonl"), "Prodigy", on_skip=said.append)
    assert (pairs(rows), rows.unlabelled) == ([(GOOD, "POSITIVE"), (BAD, "NEGATIVE")], [])
    assert said[0].endswith("texts left out by their annotators: 1 ignored, 1 rejected")


def test_choices_of_prodigy_are_read(write: Write) -> None:
    records = [
        chosen(GOOD, ["POSITIVE"]),
        chosen(BAD, ["NEGATIVE"]),
        chosen(FINE, []),
        chosen("x", ["POSITIVE"], "ignore"),
    ]
    rows = read(write(records, "db.jsonl"), "Prodigy")
    assert pairs(rows) == [(GOOD, "POSITIVE"), (BAD, "NEGATIVE")]
    assert rows.unlabelled == [FINE]
    with pytest.raises(InputError, match=r":5: the labels 'POSITIVE', 'NEGATIVE' on one text"):
        read(write([*records, chosen("y", ["POSITIVE", "NEGATIVE"])], "db.jsonl"), "Prodigy")


def test_annotators_of_prodigy_vote_though_their_records_stand_apart(write: Write) -> None:
    records = [chosen(GOOD, [label], number=7) for label in ("POSITIVE", "NEGATIVE")]
    records += [chosen(BAD, ["NEGATIVE"], number=8), chosen(GOOD, ["POSITIVE"], number=7)]
    assert pairs(read(write(records, "db.jsonl"), "Prodigy")) == [
        (GOOD, "POSITIVE"),
        (BAD, "NEGATIVE"),
    ]
    with pytest.raises(InputError, match=r":1: annotators disagree: 1 each for"):
        read(write(records[:3], "db.jsonl"), "Prodigy")


# Argilla


def argilla(text: str, *responses: tuple[object, str], **more: object) -> dict[str, Any]:
    """Return a record of version 2, with the status of its responses, which some versions omit."""
    users = [f"24b1ac12-ef48-40c6-9c93-{n:012}" for n in range(len(responses))]
    given = [
        {"value": value, "user_id": user, "status": status}
        for (value, status), user in zip(responses, users, strict=True)
    ]
    return {
        "id": "0",
        "status": "completed",
        "_server_id": "0a1b",
        "fields": {"text": text},
        "metadata": {},
        "suggestions": {"label": {"value": "negative", "score": 0.7, "agent": "m"}},
        "responses": {"label": given} if given else {},
        "vectors": {},
        **more,
    }


def test_responses_of_argilla_are_read_and_suggestions_are_not(write: Write) -> None:
    records = [
        argilla(GOOD, ("positive", "submitted")),
        argilla(BAD, ("negative", "submitted"), ("positive", "draft")),
        argilla(FINE),
        argilla("Half an answer.", ("positive", "draft")),
        argilla("Not for us.", (None, "discarded")),
    ]
    said: list[str] = []
    rows = read(write(records), "Argilla", on_skip=said.append)
    assert pairs(rows) == [(GOOD, "positive"), (BAD, "negative")]
    assert rows.unlabelled == [FINE, "Half an answer."]
    assert said[0].endswith("texts left out by their annotators: 1 discarded")
    with pytest.warns(Notice, match="an export of Argilla"):
        assert len(list(read_texts(write(records)))) == 5


def test_responses_of_argilla_without_a_status_are_read(write: Write) -> None:
    record = argilla(GOOD, ("positive", "submitted"))
    del record["responses"]["label"][0]["status"]
    assert pairs(read(write([record]), "Argilla")) == [(GOOD, "positive")]


def test_annotators_of_argilla_vote_and_several_labels_are_named(write: Write) -> None:
    good, bad = ("positive", "submitted"), ("negative", "submitted")
    assert read(write([argilla(GOOD, good, bad, good)]), "Argilla").labels == ["positive"]
    with pytest.raises(InputError, match=r"record 1: annotators disagree"):
        read(write([argilla(GOOD, good, bad)]), "Argilla")
    with pytest.raises(InputError, match=r"record 1: the labels 'plot', 'cast' on one text"):
        read(write([argilla(GOOD, (["plot", "cast"], "submitted"))]), "Argilla")


def test_spans_and_rankings_of_argilla_are_refused_as_labels(write: Write) -> None:
    spans = [{"label": "PER", "start": 0, "end": 2}]
    with pytest.raises(InputError, match=r"record 1: label is the dict"):
        read(write([argilla(GOOD, (spans, "submitted"))]), "Argilla")


def test_flat_records_of_argilla_are_read(write: Write) -> None:
    record = {"id": "0", "_server_id": "1", "status": "completed", "text": GOOD}
    answers = {
        "sentiment.responses": ["positive", "negative"],
        "sentiment.responses.users": ["u", "v"],
        "sentiment.responses.status": ["submitted", "discarded"],
        "sentiment.suggestion": "negative",
    }
    records = [{**record, **answers}, {**record, **dict.fromkeys(answers), "text": BAD}]
    rows = read(write(records), "Argilla")
    assert (pairs(rows), rows.unlabelled) == ([(GOOD, "positive")], [BAD])


def feedback(text: str, label: object, status: str = "submitted") -> dict[str, Any]:
    response = {"user_id": None, "values": {"label": {"value": label}}, "status": status}
    return {
        "fields": {"text": text},
        "metadata": {},
        "responses": [] if label is None else [response],
        "suggestions": [],
        "external_id": None,
    }


def test_feedback_records_of_argilla_1_are_read(write: Write) -> None:
    records = [
        feedback(GOOD, 5),
        feedback(BAD, 1),
        feedback(FINE, None),
        feedback("x", 3, "discarded"),
    ]
    rows = read(write(records), "Argilla")
    assert (pairs(rows), rows.unlabelled) == ([(GOOD, "5"), (BAD, "1")], [FINE])


def classified(text: str, annotation: object, status: str) -> dict[str, Any]:
    """Return a record of Argilla 1 and Rubrix, as ``to_pandas().to_json(orient="records")``."""
    return {
        "text": text,
        "inputs": {"text": text},
        "prediction": [["negative", 0.9]],
        "prediction_agent": "m",
        "annotation": annotation,
        "annotation_agent": annotation and "argilla",
        "vectors": None,
        "multi_label": isinstance(annotation, list),
        "explanation": None,
        "id": "a",
        "metadata": {},
        "status": status,
        "event_timestamp": None,
        "metrics": None,
        "search_keywords": None,
    }


def test_annotations_of_argilla_1_are_read(write: Write) -> None:
    records = [
        classified(GOOD, "positive", "Validated"),
        {**classified("", "negative", "Validated"), "text": None, "inputs": {"body": BAD}},
        classified(FINE, None, "Default"),
        classified("x", "positive", "Discarded"),
    ]
    rows = read(write(records), "Argilla")
    assert (pairs(rows), rows.unlabelled) == ([(GOOD, "positive"), (BAD, "negative")], [FINE])
    with pytest.raises(InputError, match=r":1: the labels 'a', 'b' on one text"):
        read(write([classified(GOOD, ["a", "b"], "Validated")], "a.jsonl"), "Argilla")


# doccano


@pytest.mark.parametrize(
    "keys", [("text", "label"), ("data", "label"), ("text", "labels"), ("text", "cats")]
)
def test_exports_of_doccano_are_read(write: Write, keys: tuple[str, str]) -> None:
    text, label = keys
    records = [
        {"id": 1, text: GOOD, label: ["positive"], "Comments": []},
        {"id": 2, text: BAD, label: ["negative"], "Comments": []},
        {"id": 3, text: FINE, label: [], "Comments": []},
    ]
    path = write(records, "all.jsonl")
    rows = read(path, "doccano")
    assert (pairs(rows), rows.unlabelled) == ([(GOOD, "positive"), (BAD, "negative")], [FINE])
    assert rows.skipped == [f"{path}: texts without an answer, read as unlabelled ones: 1"]
    with pytest.raises(InputError, match=r":4: the labels 'a', 'b' on one text"):
        read(write([*records, {"id": 4, text: "x", label: ["a", "b"]}], "all.jsonl"), "doccano")


def test_old_exports_of_doccano_count_the_annotations_of_each_user(write: Write) -> None:
    def noted(text: str, *pairs: tuple[int, int]) -> dict[str, Any]:
        notes = [{"id": 1, "prob": 0.0, "label": label, "user": user} for user, label in pairs]
        return {
            "id": 1,
            "text": text,
            "annotations": notes,
            "meta": {},
            "annotation_approver": None,
        }

    records = [noted(GOOD, (1, 4), (2, 4), (3, 5)), noted(BAD, (1, 5)), noted(FINE)]
    rows = read(write(records, "all.jsonl"), "doccano")
    assert (pairs(rows), rows.unlabelled) == ([(GOOD, "4"), (BAD, "5")], [FINE])
    with pytest.raises(InputError, match=r":1: the labels 4, 5 on one text"):
        read(write([noted(GOOD, (1, 4), (1, 5))], "all.jsonl"), "doccano")


def test_the_csv_of_doccano_is_read(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    path.write_text(f"id,text,label,Comments\n1,great,positive,\n2,{BAD},a#b,\n3,fine,,\n4,c,C#,\n")
    rows = read(path, "doccano", skip_bad=True)
    assert (pairs(rows), rows.unlabelled) == ([("great", "positive"), ("c", "C#")], ["fine"])
    assert ":3: the labels 'a', 'b' on one text" in rows.skipped[0]


def test_spans_of_doccano_are_refused_as_labels(write: Write) -> None:
    with pytest.raises(InputError, match=r":1: label is the list \[0, 2, 'PER'\]"):
        read(write([{"id": 1, "text": GOOD, "label": [[0, 2, "PER"]]}], "all.jsonl"), "doccano")


# what is no export

PLAIN = {"text": GOOD, "label": "p"}


@pytest.mark.parametrize(
    "more",
    [
        {"answer": "yes"},
        {"answer": "accept"},
        {"answer": "reject", "options": ["a"], "accept": "b"},
        {"annotation": "q", "annotation_agent": "me", "status": "Validated"},
        {"annotations": [{"label": "q", "user": 1}], "annotation_approver": None, "id": 1},
        {"data": {"text": "other"}, "annotations": []},
        {"fields": {"text": "other"}, "responses": {}, "suggestions": {}},
        {"label.responses": ["q"], "_server_id": "1"},
        {"labels": ["q"], "cats": ["q"], "id": 1},
        {"annotation_id": 1, "annotator": 1},
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_an_ordinary_file_is_read_as_before(write: Write, name: str, more: dict[str, Any]) -> None:
    path = write([{**PLAIN, **more}, {**PLAIN, "label": "n", **more}], name)
    rows = as_before(path)
    assert (rows.texts, rows.labels, rows.unlabelled) == ([GOOD, GOOD], ["p", "n"], [])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(read_texts(path)) == [GOOD, GOOD]


def test_a_usual_name_of_labels_is_read_before_a_list_of_tags(write: Write) -> None:
    path = write([{"id": 1, "text": GOOD, "sentiment": "p", "labels": ["tag"]}], "a.jsonl")
    with pytest.warns(Notice, match="labels are read from 'sentiment'"):
        assert read_labelled(path).labels == ["p"]


def test_a_list_below_ordinary_rows_stays_a_bad_row(write: Write) -> None:
    path = write([PLAIN, {**PLAIN, "label": ["q"]}], "a.jsonl")
    rows = as_before(path, skip_bad=True, on_skip=print)
    assert rows.labels == ["p"]
    assert ":2: label is the list ['q']" in rows.skipped[0]


@pytest.mark.parametrize("column", ["answer", "annotation", "annotator", "lead_time", "Comments"])
def test_an_ordinary_table_with_a_column_of_a_tool_is_read_as_before(
    tmp_path: Path, column: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"text,label,{column}\ngood,p#q,accept\nbad,n,reject\n")
    assert pairs(as_before(path)) == [("good", "p#q"), ("bad", "n")]


# rows that hold what they should not


BROKEN = [
    {"data": {"text": GOOD}, "annotations": [1, None, {"result": "x"}, {"result": [{"value": 1}]}]},
    {"data": {"text": GOOD}, "annotations": [{"result": [choice(None)]}]},
    {"data": {}, "annotations": []},
    {"data": 3, "annotations": []},
    {"data": {"text": ["x"]}, "annotations": []},
    {"data": {"text": ""}, "annotations": [annotation(choice("Positive"))]},
    {"fields": {"text": GOOD}, "responses": [{"values": 3}, 4], "suggestions": None},
    {"fields": {"text": GOOD}, "responses": {"label": 4}, "suggestions": None},
    {**prodigy(GOOD, "accept"), "accept": [{"a": 1}], "_input_hash": [1]},
    {"text": GOOD, "label": [None, {}]},
    {"id": 1, "text": GOOD, "annotations": [{"user": [], "label": []}]},
    {"text": 3, "label": []},
    4,
]


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
@pytest.mark.parametrize("first", [True, False])
def test_broken_records_give_rows_or_errors_that_name_their_place(
    write: Write, broken: object, first: bool
) -> None:
    whole = [task(GOOD, annotation(choice("Positive"))), task(BAD, annotation(choice("Negative")))]
    path = write([broken, *whole] if first else [*whole, broken])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Notice)
        outcome: object = None
        try:
            outcome = read_labelled(path)
        except InputError as error:
            outcome = str(path) in str(error)
        assert outcome
