"""The studio's server: guarded routes, answers, files in and out, jobs."""

from __future__ import annotations

import csv
import gzip
import io
import json
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("starlette", reason="the extra studio is not installed")

from asgi_client import get, request
from conftest import CORPORA
from guard_checks import BEARER, TOKEN, ask, checks

from sentiment_transfer import load
from sentiment_transfer.serving import Guard, Limits
from sentiment_transfer.studio import BaseModel, ProjectFile, Session
from sentiment_transfer.studio.app import StudioApp
from sentiment_transfer.studio.choosing import Teacher
from sentiment_transfer.studio.page import POLICY, page_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from httpx import Response

HOSTILE = ["</script><script>alert(1)</script>", '=HYPERLINK("http://x.example")', "\x07 bell"]
CSV = "review,stars,date\nA great film.,good,2026-01-02\nSo dull!,bad,\nIt is fine.,,2026-03-04\n"


class Studio:
    """The application, and requests to it as the page makes them."""

    def __init__(self, folder: Path, **limits: Any) -> None:  # noqa: ANN401
        self.path = folder / "p.sqlite"
        uploads = folder / "uploads"
        uploads.mkdir(exist_ok=True)
        self.session = Session(ProjectFile(self.path), BaseModel.general("en"))
        self.studio = StudioApp(self.session, uploads, largest_file=limits.pop("file", 1 << 20))
        self.app = self.studio.guarded(token=TOKEN, limits=Limits(**limits))

    def post(self, name: str, **body: Any) -> Any:  # noqa: ANN401
        answer = request(self.app, "POST", f"/studio/{name}", json=body, headers=BEARER)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, name: str, **body: Any) -> str:  # noqa: ANN401
        answer = request(self.app, "POST", f"/studio/{name}", json=body, headers=BEARER)
        assert answer.status_code == 422, answer.text
        said: str = answer.json()["error"]
        return said

    def send(self, path: str, content: str | bytes, name: str) -> Response:
        headers = {"content-type": "application/octet-stream"} | BEARER
        return request(self.app, "POST", f"{path}?name={name}", content=content, headers=headers)

    def get(self, name: str) -> Response:
        return get(self.app, f"/studio/{name}", headers=BEARER)

    def state(self) -> Any:  # noqa: ANN401
        return self.get("state").json()

    def wait(self, holds: Callable[[Any], bool], seconds: float = 60) -> Any:  # noqa: ANN401
        """Return the state once something holds of it."""
        end = time.monotonic() + seconds
        while not holds(state := self.state()):
            assert time.monotonic() < end, state
            time.sleep(0.01)
        return state

    def settled(self) -> Any:  # noqa: ANN401
        return self.wait(lambda state: state["status"] == "ready" and not state["pending"])


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Studio]:
    studio = Studio(tmp_path)
    yield studio
    studio.studio.close()


@pytest.fixture
def studio(empty: Studio) -> Studio:
    """With the example of 62 reviews and 8 labels."""
    empty.post("example")
    empty.settled()
    return empty


# ---- the guard


def test_every_route_has_every_guard(tmp_path: Path) -> None:
    studio = Studio(tmp_path, file=2000, body=2000, read_seconds=0.05)
    app: Guard = studio.app
    routes = {route.path for route in app.app.routes}  # type: ignore[attr-defined]
    assert routes == set(app.rules)
    assert len(routes - {*page_files()}) == 26
    for path in routes:
        missing = [name for name, there in checks(app, path, app.rules[path]).items() if not there]
        assert not missing, f"{path}: {missing}"
    studio.studio.close()


def test_whatever_changes_state_needs_the_token(empty: Studio) -> None:
    reads = {path for path, rule in empty.app.rules.items() if not rule.changes_state}
    for path in {*empty.app.rules} - reads:
        assert empty.app.rules[path].method == "POST"
    assert {path for path in reads if empty.app.rules[path].method == "POST"} == {
        "/v1/predict",
        "/v1/explain",
    }


def test_off_this_machine_only_the_page_and_health_need_no_token(tmp_path: Path) -> None:
    studio = Studio(tmp_path)
    app = studio.studio.guarded(token=TOKEN, needs_token=True)
    free = {
        path
        for path, rule in app.rules.items()
        if ask(app, path, rule, headers={"authorization": "Bearer x"}).status_code != 401
    }
    assert free == {*page_files(), "/healthz", "/readyz"}
    studio.studio.close()


def test_the_page_has_its_policy_and_is_never_sniffed(empty: Studio) -> None:
    for path in page_files():
        answer = get(empty.app, path)
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "unsafe" not in POLICY
    assert get(empty.app, "/").headers["content-type"] == "text/html; charset=utf-8"
    assert get(empty.app, "/app.js").headers["content-type"] == "text/javascript; charset=utf-8"


# ---- files in


def test_a_file_is_shown_before_it_is_added(empty: Studio) -> None:
    shown = empty.send("/studio/upload", CSV, "my reviews.csv").json()
    assert (shown["text_column"], shown["label_column"], shown["n_labels"]) == ("review", None, 0)
    assert any("'stars' is not read as labels" in said for said in shown["notices"])
    shown = empty.post("preview", upload=shown["upload"], label_column="stars")
    assert (shown["n_texts"], shown["n_labels"]) == (3, 2)
    assert shown["labels"] == {"good": 1, "bad": 1}
    assert shown["rows"][1] == ["So dull!", "bad", ""]
    assert any("my reviews.csv" in said and "review" in said for said in shown["notices"])
    assert not any("/" in said for said in shown["notices"])  # no place of this machine
    other = empty.post("preview", upload=shown["upload"], text_column="date")
    assert (other["n_texts"], other["skipped"][-1]) == (2, "1 row without a text")
    empty.post("import", upload=shown["upload"], text_column="review", label_column="stars")
    state = empty.settled()
    assert state["project"]["n_texts"] == 3
    assert state["project"]["classes"] == ["bad", "good"]
    assert state["project"]["columns"] == ["date"]
    assert "send it again" in empty.refused("import", upload=shown["upload"])


def test_labels_of_two_kinds_are_not_mixed(empty: Studio) -> None:
    for name, labels in (("first", "good bad"), ("second", "1 2"), ("third", "good fair")):
        lines = "".join(f"{name} {label},{label}\n" for label in labels.split())
        shown = empty.send("/studio/upload", f"text,label\n{lines}", "t.csv").json()
        asked = {"upload": shown["upload"], "text_column": "text", "label_column": "label"}
        if name == "second":
            said = empty.refused("import", **asked)
            assert "the labels 'bad', 'good', and the file '1', '2'" in said
        else:
            empty.post("import", **asked)
    assert empty.settled()["project"]["labels"] == {"bad": 1, "good": 2, "fair": 1}


def test_the_language_of_the_first_texts_is_guessed(empty: Studio) -> None:
    pytest.importorskip("jieba", reason="the extra zh is not installed")
    lines = "text,label\n酒店很干净，服务也很好。,正面\n房间太小，非常失望。,负面\n"
    shown = empty.send("/studio/upload", lines, "zh.csv").json()
    empty.post("import", upload=shown["upload"], text_column="text", label_column="label")
    project = empty.settled()["project"]
    assert (project["language"], project["vectors"]) == ("zh", "reviews-zh")
    assert project["classes"] == ["负面", "正面"]  # in the order of this language


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("ko", ("정말 재미있고 감동적인 영화입니다", "지루하고 재미없는 영화였다")),
        ("id", ("makanan enak dan tempat nya nyaman", "pelayanan sangat buruk , saya kecewa")),
    ],
)
def test_korean_and_indonesian_texts_start_from_the_model_of_their_language(
    empty: Studio, language: str, texts: tuple[str, str]
) -> None:
    lines = "".join(f"{text},{label}\n" for text, label in zip(texts, "pn", strict=True))
    shown = empty.send("/studio/upload", f"text,label\n{lines}".replace(" , ", " "), "t.csv").json()
    empty.post("import", upload=shown["upload"], text_column="text", label_column="label")
    project = empty.settled()["project"]
    assert (project["language"], project["vectors"]) == (language, f"reviews-{language}")


def test_only_texts_are_added_without_a_label_column(empty: Studio) -> None:
    shown = empty.send("/studio/upload", CSV, "r.csv").json()
    empty.post("import", upload=shown["upload"], text_column="review", label_column=None)
    assert empty.settled()["project"]["n_labelled"] == 0


def test_an_export_of_another_labelling_tool_brings_its_labels(empty: Studio) -> None:
    task = '{"id": 1, "data": {"text": "Great."}, "annotations": [{"result": [{"type": "choices", '
    task += '"value": {"choices": ["good"]}, "from_name": "s", "to_name": "t"}]}]}'
    open_task = '{"id": 2, "data": {"text": "Not yet."}, "annotations": []}'
    shown = empty.send("/studio/upload", f"[{task}, {open_task}]", "p.json").json()
    assert shown["notices"] == ["p.json is read as an export of Label Studio"]
    assert (shown["n_texts"], shown["labels"], shown["label_column"]) == (2, {"good": 1}, "label")
    empty.post("import", upload=shown["upload"], text_column="text", label_column="label")
    assert empty.settled()["project"]["n_labelled"] == 1


def test_bad_files_are_refused_with_the_reason(empty: Studio) -> None:
    for content, name, said in [
        ("x", "virus.exe", "give one of .csv"),
        ("", "empty.csv", "empty"),
        ("a,b\n1,2\n", "numbers.csv", "no column"),
        (b"\x00\xff\x00", "broken.jsonl", "broken.jsonl:1: "),
        ("x", "", "name of the file is missing"),
    ]:
        answer = empty.send("/studio/upload", content, name)
        assert answer.status_code == 422, name
        assert said in answer.json()["error"], answer.json()
    assert empty.state()["status"] == "empty"


def test_a_file_name_is_no_path(empty: Studio, tmp_path: Path) -> None:
    answer = empty.send("/studio/upload", CSV, "..%2F..%2Fescaped.csv")
    assert answer.status_code == 200
    assert not list(tmp_path.rglob("escaped.csv")) or all(
        tmp_path / "uploads" in path.parents for path in tmp_path.rglob("escaped.csv")
    )


def test_a_column_of_many_values_is_no_column_of_labels(empty: Studio) -> None:
    lines = "".join(f"text {i},title {i}\n" for i in range(30))
    shown = empty.send("/studio/upload", f"text,label\n{lines}", "t.csv").json()
    asked = {"upload": shown["upload"], "text_column": "text"}
    assert "30 different labels, and 9 are the most" in empty.refused(
        "import", label_column="label", **asked
    )
    assert empty.post("import", label_column=None, **asked)["project"]["n_labelled"] == 0


def test_a_label_that_a_spreadsheet_would_run_is_refused(empty: Studio) -> None:
    shown = empty.send("/studio/upload", "text,label\na,=1+1\nb,no\n", "t.csv").json()
    said = empty.refused("import", upload=shown["upload"], text_column="text", label_column="label")
    assert "a spreadsheet would run it" in said


def test_values_that_json_or_utf8_do_not_have_do_no_harm(empty: Studio) -> None:
    lines = '{"text": "Good film \\ud83d", "score": NaN, "n": 2}\n{"text": "Dull", "score": 1.5}\n'
    shown = empty.send("/studio/upload", lines, "t.jsonl").json()
    assert shown["rows"][0][0] == "Good film ?"
    empty.post("import", upload=shown["upload"], text_column="text")
    assert empty.settled()["project"]["columns"] == ["n", "score"]
    project = ProjectFile(empty.path)
    assert project.columns() == [{"n": 2}, {"score": 1.5}]
    project.close()


def test_a_file_that_expands_too_far_is_refused(
    empty: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.studio.uploads.MOST_BYTES", 100_000)
    answer = empty.send("/studio/upload", gzip.compress(b"a film\n" * 100_000), "bomb.txt.gz")
    assert answer.status_code == 422
    assert "bomb.txt.gz" in answer.json()["error"]


def test_only_the_last_files_are_kept(empty: Studio, tmp_path: Path) -> None:
    keys = [empty.send("/studio/upload", CSV, f"{i}.csv").json()["upload"] for i in range(6)]
    assert {path.name for path in (tmp_path / "uploads").iterdir()} == {*keys[-4:]}


# ---- labels


def test_before_the_first_label_there_is_a_guess_with_its_words(studio: Studio) -> None:
    item = studio.state()["queue"][0]
    assert item["guess"] in ("negative", "positive")
    assert 0.5 <= item["probability"] <= 1
    assert any(abs(piece["log_odds"]) > 0.1 for piece in item["pieces"])


def test_an_answer_is_acknowledged_with_the_next_text_and_learnt_soon(studio: Studio) -> None:
    first, second = studio.state()["queue"][:2]
    state = studio.post("answer", id=first["id"], label="positive")
    assert state["queue"][0]["id"] == second["id"]
    last = state["recent"][0]
    assert (last["id"], last["label"]) == (first["id"], "positive")
    state = studio.settled()
    assert state["model"] > 0
    assert state["milliseconds"] > 0
    assert state["project"]["n_labelled"] == 9


def test_an_answer_that_is_sent_twice_counts_once(studio: Studio) -> None:
    item = studio.state()["queue"][0]
    for _ in range(2):
        studio.post("answer", id=item["id"], label="negative")
    assert studio.state()["project"]["n_labelled"] == 9
    project = ProjectFile(studio.path)
    assert len(project.answers()) == 9
    project.close()


def test_twelve_answers_measure_and_undo_takes_the_last_back(studio: Studio) -> None:
    for _ in range(12):
        item = studio.settled()["queue"][0]
        assert item["way"] == "measure"
        studio.post("answer", id=item["id"], label=item["guess"])
    state = studio.settled()
    assert state["estimate"]["n_labels"] == 12
    assert state["estimate"]["accuracy"] > 0.8
    assert state["history"][-1]["n_labels"] == 12
    last = state["recent"][0]["answer"]
    for _ in range(2):  # sent twice, taken back once
        studio.post("undo", answer=last)
    state = studio.settled()
    assert state["queue"][0]["id"] == item["id"]
    assert state["estimate"]["n_labels"] == 11


def test_a_skipped_text_does_not_come_again(studio: Studio) -> None:
    item = studio.state()["queue"][0]
    studio.post("answer", id=item["id"], label=None)
    state = studio.settled()
    assert item["id"] not in {each["id"] for each in state["queue"]}
    assert (state["project"]["n_skipped"], state["project"]["n_labelled"]) == (1, 8)


def test_a_contradicted_label_is_asked_about_at_once_and_can_be_kept(studio: Studio) -> None:
    sure = max(_all_items(studio), key=lambda item: item["probability"])
    wrong = "negative" if sure["guess"] == "positive" else "positive"
    studio.post("answer", id=sure["id"], label=wrong)
    doubt = studio.settled()["doubt"]
    assert (doubt["id"], doubt["label"], doubt["expected"]) == (sure["id"], wrong, sure["guess"])
    assert doubt["probability"] < 0.1
    studio.post("relabel", id=sure["id"], label=wrong)
    state = studio.settled()
    assert state["doubt"] is None
    assert sure["id"] not in {each["id"] for each in state["doubtful"]}


def _all_items(studio: Studio) -> list[Any]:
    """Every text that is still unanswered, as an item."""
    session = studio.session
    with session._wake:
        return [
            {"id": row + 1, "guess": item.guess, "probability": item.probability}
            for row in session._record.unanswered(range(62))
            for item in [session._item(row)]
        ]


def test_teaching_can_begin_at_once(studio: Studio) -> None:
    assert studio.state()["phase"] == "measure"
    studio.post("phase", phase="teach")
    assert {item["way"] for item in studio.settled()["queue"]} == {"teach"}
    studio.post("phase", phase=None)
    assert studio.settled()["phase"] == "measure"


def test_unknown_texts_and_classes_are_refused_without_repeating_them(studio: Studio) -> None:
    assert "there is no text 999" in studio.refused("answer", id=999, label="positive")
    said = studio.refused("answer", id=1, label="<b>rosebud</b>")
    assert "there are negative, positive" in said
    assert "rosebud" not in said
    assert "label it first" in studio.refused("relabel", id=1, label="positive")
    assert "keep it as a class" in studio.refused("classes", classes=["a", "b"])
    assert studio.post("classes", classes=["negative", "mixed", "positive"])


def test_the_guess_that_was_shown_is_kept_with_the_answer(studio: Studio) -> None:
    item = studio.state()["queue"][0]
    studio.post("answer", id=item["id"], label="positive", guess="negative", probability=0.625)
    (row,) = [row for row in studio.session.project.labels() if row["way"] == "measure"]
    assert (row["guess"], row["probability"]) == ("negative", 0.625)


def test_labels_that_the_studio_wrote_come_back_as_what_they_were(
    studio: Studio, tmp_path: Path
) -> None:
    studio.post("phase", phase="teach")
    item = studio.settled()["queue"][0]
    studio.post("answer", id=item["id"], label="positive")
    table = studio.get("labels.csv").content
    (tmp_path / "other").mkdir()
    other = Studio(tmp_path / "other")
    shown = other.send("/studio/upload", table, "labels.csv").json()
    other.post("import", upload=shown["upload"], text_column="text", label_column="label")
    ways = [answer.way for answer in other.session.project.answers()]
    assert sorted(ways) == ["given"] * 8 + ["teach"]
    other.studio.close()


def test_a_project_goes_on_after_a_restart(studio: Studio, tmp_path: Path) -> None:
    item = studio.state()["queue"][0]
    studio.post("answer", id=item["id"], label="positive")
    before = studio.settled()
    studio.studio.close()
    again = Studio(tmp_path)
    after = again.settled()
    assert after["project"] == before["project"]
    assert after["recent"] == before["recent"]
    assert [each["id"] for each in after["queue"]] == [each["id"] for each in before["queue"]]
    again.studio.close()


def test_hostile_texts_stay_text_and_formulas_are_defused_in_csv(empty: Studio) -> None:
    lines = "".join(json.dumps({"text": text, "label": "bad"}) + "\n" for text in HOSTILE)
    shown = empty.send("/studio/upload", lines, "h.jsonl").json()
    empty.post("import", upload=shown["upload"], text_column="text", label_column="label")
    rows = list(csv.DictReader(io.StringIO(empty.get("labels.csv").text, newline="")))
    assert [row["text"] for row in rows] == [HOSTILE[0], f"'{HOSTILE[1]}", HOSTILE[2]]
    written = [json.loads(line) for line in empty.get("labels.jsonl").text.splitlines()]
    assert [row["text"] for row in written] == HOSTILE


# ---- the model, and files out


def test_the_api_answers_as_the_downloaded_model(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(studio.get("model.safetensors").content)
    texts = ["I loved it.", "A dull mess.", "xyzzy"]
    found = request(studio.app, "POST", "/v1/predict", json={"texts": texts}).json()
    model = load(path)
    assert [each["label"] for each in found["predictions"]] == model.predict(texts).tolist()
    proba = model.predict_proba(texts).max(axis=1)
    assert [each["probability"] for each in found["predictions"]] == pytest.approx(proba, abs=1e-6)
    assert get(studio.app, "/v1/model").json()["models"][0]["name"] == "studio"


def test_the_model_is_exported_as_a_page(studio: Studio) -> None:
    answer = studio.get("model.html")
    assert answer.status_code == 200
    assert answer.text.startswith("<!doctype html>")


def test_a_file_comes_back_with_labels(studio: Studio) -> None:
    answer = studio.send("/studio/predict", CSV, "r.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["label"] for row in rows] == ["positive", "negative", "positive"]
    assert [row["date"] for row in rows] == ["2026-01-02", "", "2026-03-04"]
    bad = studio.send("/studio/predict", "a,b\n1,2\n", "numbers.csv")
    assert bad.status_code == 422
    assert "no column" in bad.json()["error"]


# ---- jobs


def test_an_overview_is_made_in_a_process_of_its_own_and_kept_as_a_page(studio: Studio) -> None:
    assert "make one first" in studio.get("overview.html").json()["error"]
    studio.post("jobs", kind="overview")
    state = studio.wait(lambda state: state["jobs"][0]["status"] != "running")
    (job,) = state["jobs"]
    assert (job["kind"], job["status"]) == ("overview", "done"), job
    assert job["result"]["n_texts"] == 70
    assert job["result"]["share"]["n"] == 70
    assert studio.get("overview.html").text.startswith("<!doctype html>")


def test_a_running_job_is_killed_by_cancel_and_the_project_stays(studio: Studio) -> None:
    studio.post("jobs", kind="pretrain", epochs=1000)
    assert "cancel it first" in studio.refused("jobs", kind="pretrain")
    process = studio.studio.jobs._processes["pretrain"]
    state = studio.post("cancel", kind="pretrain")
    assert state["jobs"][0]["status"] == "cancelled"
    studio.wait(lambda _: process.exitcode is not None)  # a thread of the jobs waits for it as well
    assert studio.settled()["project"]["vectors"] == "reviews-en"


def test_a_job_that_cannot_be_done_says_why(studio: Studio) -> None:
    studio.post("jobs", kind="compare")
    state = studio.wait(lambda state: state["jobs"][0]["status"] != "running")
    assert state["jobs"][0]["status"] == "failed"
    assert "8 labels are too few" in state["jobs"][0]["message"]


def test_a_job_without_texts_or_of_unknown_vectors_is_refused(empty: Studio) -> None:
    assert "add some first" in empty.refused("jobs", kind="pretrain")
    empty.post("example")
    assert "reviews-en" in empty.refused("vectors", vectors="/etc/passwd")


def test_other_vectors_are_used_and_labels_stay(studio: Studio) -> None:
    studio.post("vectors", vectors="films-en")
    state = studio.settled()
    assert state["project"]["vectors"] == "films-en"
    assert state["project"]["n_labelled"] == 8


@pytest.mark.slow
def test_own_vectors_are_pretrained_and_kept_in_the_project(empty: Studio, tmp_path: Path) -> None:
    texts = [*(CORPORA / "movies72" / "unlabelled.txt").read_text("utf-8").splitlines()] * 8
    lines = "\n".join(f"{text} {i}" for i, text in enumerate(texts))
    shown = empty.send("/studio/upload", lines, "t.txt").json()
    empty.post("import", upload=shown["upload"])
    empty.settled()
    empty.post("jobs", kind="pretrain", epochs=3)
    state = empty.wait(lambda state: state["jobs"][0]["status"] != "running", 120)
    assert state["jobs"][0]["status"] == "done", state["jobs"]
    assert len(state["jobs"][0]["losses"]) >= 1
    assert empty.settled()["project"]["vectors"] == "vectors of these texts"
    empty.studio.close()
    project = ProjectFile(empty.path)
    again = BaseModel.of_project(project)
    assert (again.kind, again.model.knows_polarity) == ("own", True)
    project.close()


def test_no_answer_waits_for_the_choice_of_texts_that_teach(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose, threads = Teacher.next, list[str]()

    def noted(*arguments: Any) -> list[int]:  # noqa: ANN401
        threads.append(threading.current_thread().name)
        return choose(*arguments)

    studio.post("phase", phase="teach")
    state = studio.settled()
    monkeypatch.setattr(Teacher, "next", noted)
    for _ in range(25):  # more than the clusters that are made at once
        studio.post("answer", id=state["queue"][0]["id"], label="positive")
        state = studio.settled()
        assert len(state["queue"]) == 3
    assert {*threads} == {"learner"}
