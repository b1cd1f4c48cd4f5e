"""What a project holds, and which of its labels may judge the model."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import CORPORA

from sentiment_transfer import SentimentClassifier, load, read_labelled
from sentiment_transfer.advice import MeasuringSet
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.studio.base_model import BaseModel
from sentiment_transfer.studio.learning import fit_pool
from sentiment_transfer.studio.pool import Pool, numbered_by_first
from sentiment_transfer.studio.project_file import NewText, ProjectFile
from sentiment_transfer.studio.record import Record
from sentiment_transfer.studio.view import estimate_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BASE = BaseModel.general("en")
ROWS = read_labelled(CORPORA / "movies72" / "held_out.csv")
NAMES = ["negative", "positive"]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[ProjectFile]:
    opened = ProjectFile(tmp_path / "p.sqlite")
    yield opened
    opened.close()


def record_of(project: ProjectFile, n: int, *, label: str | None = None) -> Record:
    """A record of ``n`` texts, of which every other one measures."""
    record = Record(project, BASE)
    record.add_texts("t", (NewText(text, None, label) for text in ROWS.texts[:n]))
    rows = np.arange(0, n, 2)
    record.measure_by(MeasuringSet(rows, np.ones(len(rows), np.intp), np.ones(len(rows))), 0)
    return record


def alone(record: Record) -> np.ndarray:
    return numbered_by_first(record.texts)


# ---- which labels may judge


def test_labels_that_teach_never_judge(project: ProjectFile) -> None:
    record = record_of(project, 40)
    for row in range(40):
        record.answer(row, NAMES[row % 2])
    given = record.labelled(alone(record))
    assert given.rows[given.judges].tolist() == [*range(0, 40, 2)]


def test_of_equal_texts_one_label_is_taken_and_it_is_the_one_that_measures(
    project: ProjectFile,
) -> None:
    record = record_of(project, 20)
    record.add_texts("again", [NewText(ROWS.texts[0].upper(), None, "negative"), NewText("New.")])
    for row in range(0, 20, 2):
        record.answer(row, "positive")
    given = record.labelled(alone(record))
    assert 20 not in given.rows
    assert dict(zip(given.rows.tolist(), given.labels, strict=True))[0] == "positive"
    latest = Record(project, BASE)
    latest.answer(1, "positive")
    latest.add_texts("again", [NewText(ROWS.texts[1], None, "negative")])
    labels = latest.labelled(alone(latest))
    assert labels.labels[labels.rows == 22].tolist() == ["negative"]
    assert 1 not in labels.rows


def test_a_file_that_is_added_twice_is_no_better_than_once(project: ProjectFile) -> None:
    labels = np.random.default_rng(0).choice(NAMES, 60).tolist()  # nothing can predict these
    texts = [NewText(text, None, label) for text, label in zip(ROWS.texts, labels, strict=False)]
    record = Record(project, BASE)
    accuracy = []
    for name in ("first", "second"):
        record.add_texts(name, texts)
        pool = Pool.of(BASE.model, record.texts)
        given = record.labelled(pool.first)
        fitted = fit_pool(pool, NAMES, given.rows, given.labels.tolist())
        accuracy.append(estimate_of(fitted, given).accuracy)
    assert accuracy[0] < 0.75
    assert accuracy[1] == pytest.approx(accuracy[0], abs=0.05)


def test_labels_that_came_with_their_texts_judge_until_eight_measure(
    project: ProjectFile,
) -> None:
    record = record_of(project, 60)
    record.add_texts("given", (NewText(f"{text} 2", None, "positive") for text in ROWS.texts[:9]))
    assert "came with their texts" in record.about_measure()
    for n in range(1, 9):
        record.answer(2 * n, "negative")
        judges = record.labelled(alone(record)).judges
        assert len(judges) == (9 if n < 8 else 8)
    assert "came with their texts" not in record.about_measure()


def test_labels_that_taught_another_model_do_not_judge(project: ProjectFile) -> None:
    record = Record(project, BASE)
    record.add_texts("t", [NewText("a", None, "good", "teach"), NewText("b", None, "bad")])
    given = record.labelled(alone(record))
    assert given.rows[given.judges].tolist() == [1]


def test_what_limits_the_accuracy_is_said(project: ProjectFile) -> None:
    record = record_of(project, 40)
    for row in range(0, 20, 2):
        record.answer(row, "positive")
    assert record.about_measure() == ""
    record.answer(20, None)
    record.relabel(2, "negative")
    record.add_texts("more", [NewText("One more.")])
    assert record.about_measure() == (
        "; texts that were skipped and do not count: 1; of the first 40 texts"
        "; labels that were looked at again after a question: 1"
    )


# ---- how many are left


def test_skipped_texts_are_not_waited_for(project: ProjectFile) -> None:
    record = record_of(project, 24)
    for row in range(0, 24, 2):
        record.answer(row, None if row == 4 else "positive")
    assert record.n_measured == 11
    assert record.left_to_measure(24) == 0
    assert record.phase_now(24) == "teach"


def test_counts_follow_answers_changes_and_undo(project: ProjectFile) -> None:
    record = record_of(project, 10)
    record.answer(0, "positive")
    record.answer(1, None)
    record.relabel(0, "negative")
    shown = record.described()
    assert (shown.labels, shown.n_skipped) == ({"negative": 1, "positive": 0}, 1)
    record.take_back()
    shown = record.described()
    assert (shown.labels, shown.n_skipped) == ({"negative": 0, "positive": 1}, 1)
    again = Record(project, BASE).described()
    assert again == shown


def test_a_text_without_a_label_cannot_get_another_one(project: ProjectFile) -> None:
    record = record_of(project, 10)
    record.answer(1, None)
    with pytest.raises(InputError, match="label it first"):
        record.relabel(1, "positive")


# ---- models to start from


@pytest.mark.parametrize("names", [["no", "yes"], ["bad", "so-so", "good"]])
def test_a_fitted_model_starts_without_its_labels(tmp_path: Path, names: list[str]) -> None:
    path = tmp_path / "fitted.safetensors"
    labels = [names[i % len(names)] for i in range(60)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # such labels contradict the words
        load("reviews-en").fit(ROWS.texts[:60], labels).save(path)
    base = BaseModel.of_file(path)
    pool, plain = Pool.of(base.model, ROWS.texts[:60]), Pool.of(BASE.model, ROWS.texts[:60])
    np.testing.assert_allclose(pool.start, plain.start, atol=1e-3)  # of a file, rounded
    assert base.model.classes_.tolist() == sorted(names)  # as it was, until texts come
    assert "without its labels" in base.note


def test_a_model_of_other_stages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "hidden.safetensors"
    pytest.importorskip("torch", reason="the extra torch is not installed")
    from sentiment_transfer import HiddenLayerClassifier

    vectors = load("reviews-en").vectors_
    model = SentimentClassifier(vectors=vectors, head=HiddenLayerClassifier())
    model.fit(ROWS.texts[:20], ROWS.labels[:20]).save(path)
    with pytest.raises(SettingError, match="another encoder than the default one"):
        BaseModel.of_file(path)


def test_a_base_is_written_to_the_project_once(
    project: ProjectFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = BaseModel("own", "own", b"a model")
    base.keep(project)
    monkeypatch.setattr(ProjectFile, "keep_vectors", lambda *_: pytest.fail("written again"))
    base.keep(project)
    assert BaseModel.of_project(project).content == b"a model"
