"""What the studio learns from labels, and which text it asks for next."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentiment_transfer import SentimentClassifier, load, read_labelled, read_texts
from sentiment_transfer.studio.choosing import BATCH, Teacher, draw_to_measure, n_to_measure
from sentiment_transfer.studio.learning import fit_pool
from sentiment_transfer.studio.learning_curve import Labelled, LearningCurve
from sentiment_transfer.studio.pool import Pool
from sentiment_transfer.studio.view import doubts_of, estimate_of, history_of, item_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

from conftest import CORPORA

NAMES = ["negative", "positive"]
ROWS = read_labelled(CORPORA / "movies72" / "held_out.csv")
TRUTH = np.array(ROWS.labels)


@pytest.fixture(scope="module")
def model() -> SentimentClassifier:
    loaded = load("reviews-en")
    assert isinstance(loaded, SentimentClassifier)
    return loaded


@pytest.fixture(scope="module")
def pool(model: SentimentClassifier) -> Pool:
    return Pool.of(model, ROWS.texts)


def given(rows: NDArray[np.intp], measures: slice = slice(None)) -> Labelled:
    share = np.zeros(len(rows))
    share[measures] = 1.0
    return Labelled(rows, TRUTH[rows], np.ones(len(rows), np.intp), share)


# ---- the pool


def test_blank_and_repeated_texts_are_not_asked_for(model: SentimentClassifier) -> None:
    texts = ["A great film.", " ", "a GREAT film!", "Dull.", ""]
    assert Pool.of(model, texts).different.tolist() == [0, 3]


def test_the_pool_starts_with_what_the_adapted_model_predicts(
    model: SentimentClassifier, pool: Pool
) -> None:
    adapted = load("reviews-en").adapt(ROWS.texts)
    np.testing.assert_allclose(pool.start, adapted.predict_proba(ROWS.texts), atol=1e-6)


# ---- models


@pytest.mark.parametrize("n", [0, 1, 3])
def test_without_two_classes_the_model_without_labels_predicts(pool: Pool, n: int) -> None:
    rows = np.flatnonzero(TRUTH == "positive")[:n]
    fitted = fit_pool(pool, NAMES, rows, ["positive"] * n)
    np.testing.assert_array_equal(fitted.proba, pool.start)
    np.testing.assert_array_equal(fitted.right, pool.start[rows, 1] > 0.5)


def test_other_names_of_two_classes_are_known_before_a_label(pool: Pool) -> None:
    by_name = fit_pool(pool, ["good", "bad"], np.array([], np.intp), [])  # in the wrong order
    assert by_name.classes.tolist() == ["bad", "good"]
    np.testing.assert_array_equal(by_name.proba, pool.start)
    by_order = fit_pool(pool, ["zonk", "hurrah"], np.array([], np.intp), [])
    np.testing.assert_array_equal(by_order.proba, pool.start[:, ::-1])


@pytest.mark.parametrize("n", [4, 40])
def test_labels_give_what_the_python_api_gives(pool: Pool, n: int) -> None:
    rows = np.arange(n)
    fitted = fit_pool(pool, NAMES, rows, TRUTH[:n].tolist())
    model = load("reviews-en").adapt(ROWS.texts).fit(ROWS.texts[:n], TRUTH[:n])
    np.testing.assert_allclose(fitted.proba, model.predict_proba(ROWS.texts), atol=1e-6)


@pytest.mark.parametrize(("n", "error"), [(5, 1e-6), (20, 0.1)])  # 8 or more: shares of all labels
def test_a_left_out_text_is_judged_by_a_model_without_its_label(
    pool: Pool, n: int, error: float
) -> None:
    labels = TRUTH[:n].tolist()
    fitted = fit_pool(pool, NAMES, np.arange(n), labels)
    for i in range(n):
        others = np.delete(np.arange(n), i)
        without = fit_pool(pool, NAMES, others, TRUTH[others].tolist())
        assert fitted.left_out[i] == pytest.approx(without.proba[i], abs=error)


def test_the_last_of_a_class_is_judged_without_labels(pool: Pool) -> None:
    rows = np.array([np.flatnonzero(name == TRUTH)[0] for name in NAMES])
    fitted = fit_pool(pool, NAMES, rows, NAMES)
    np.testing.assert_allclose(fitted.left_out, pool.start[rows])


def test_three_classes_know_nothing_before_two_of_them_have_a_label(pool: Pool) -> None:
    names = ["bad", "so-so", "good"]
    fitted = fit_pool(pool, names, np.array([3]), ["good"])
    assert not fitted.predicts
    np.testing.assert_allclose(fitted.proba, 1 / 3)
    assert item_of(fitted, 0, "A text.", 1.0, "measure").guess is None
    twelve = np.arange(12)
    fitted = fit_pool(pool, names, twelve, [names[i % 3] for i in twelve])
    assert fitted.proba.shape == (220, 3)
    assert fitted.left_out.shape == (12, 3)


def test_swapped_labels_are_said_in_the_words_of_the_page(pool: Pool) -> None:
    swapped = np.where(TRUTH == "positive", "negative", "positive")[:60].tolist()
    fitted = fit_pool(pool, NAMES, np.arange(60), swapped)
    assert any("check that the classes are not swapped" in said for said in fitted.messages)
    assert not any("seeds=" in said for said in fitted.messages)


# ---- what is shown


def test_flipped_labels_are_the_most_doubtful(pool: Pool) -> None:
    sure = np.argsort(-np.abs(pool.start[:, 1] - 0.5))[:40]
    labels = pool.start[sure].argmax(axis=1)
    labels[[3, 17]] = 1 - labels[[3, 17]]
    fitted = fit_pool(pool, NAMES, sure, [NAMES[k] for k in labels])
    found = doubts_of(fitted, ROWS.texts, confirmed=set())
    assert {one.id - 1 for one in found[:2]} == {sure[3], sure[17]}
    assert all(one.label != one.expected and one.probability < 0.5 for one in found)
    left = doubts_of(fitted, ROWS.texts, confirmed={int(sure[3])})
    assert sure[3] not in {one.id - 1 for one in left}


def test_a_doubtful_label_is_found_however_many_are_more_doubtful(pool: Pool) -> None:
    sure = np.argsort(-np.abs(pool.start[:, 1] - 0.5))[:60]
    labels = pool.start[sure].argmax(axis=1)
    labels[:8] = 1 - labels[:8]
    fitted = fit_pool(pool, NAMES, sure, [NAMES[k] for k in labels])
    found = {one.id - 1 for one in doubts_of(fitted, ROWS.texts, confirmed=set())}
    assert {*sure[:8].tolist()} <= found  # the last answer is asked about, whichever it is


def test_the_accuracy_is_that_of_left_out_labels_that_measure(pool: Pool) -> None:
    fitted = fit_pool(pool, NAMES, np.arange(30), TRUTH[:30].tolist())
    shown = estimate_of(fitted, given(np.arange(30), slice(10, 30)))
    right = fitted.left_out[10:].argmax(axis=1) == (TRUTH[10:30] == "positive")
    assert shown.accuracy == pytest.approx(right.mean())
    assert shown.n_labels == 20
    assert shown.low < shown.accuracy < shown.high


def test_fewer_than_8_labels_that_measure_show_no_accuracy(pool: Pool) -> None:
    fitted = fit_pool(pool, NAMES, np.arange(30), TRUTH[:30].tolist())
    few = given(np.arange(30), slice(0, 7))
    assert estimate_of(fitted, few) is None
    assert history_of(fitted, few) == []


def test_the_history_ends_with_the_accuracy_of_all(pool: Pool) -> None:
    fitted = fit_pool(pool, NAMES, np.arange(40), TRUTH[:40].tolist())
    all_of_them = given(np.arange(40))
    points = history_of(fitted, all_of_them)
    assert (points[0].n_labels, points[-1].n_labels) == (8, 40)
    assert points[-1].accuracy == estimate_of(fitted, all_of_them).accuracy


def test_an_item_has_the_guess_and_adds_up_to_its_text(pool: Pool) -> None:
    fitted = fit_pool(pool, NAMES, np.arange(20), TRUTH[:20].tolist())
    item = item_of(fitted, 50, ROWS.texts[50], 1.0, "teach")
    assert item.probability == pytest.approx(fitted.proba[50].max())
    pieces = [each.piece for each in item.pieces]
    assert "".join(a + b for a, b in zip(item.gaps, [*pieces, ""], strict=True)) == item.text


def test_a_text_without_a_known_word_has_no_guess(pool: Pool) -> None:
    fitted = fit_pool(pool, NAMES, np.arange(20), TRUTH[:20].tolist())
    item = item_of(fitted, 50, "xyzzy", 0.0, "teach")
    assert (item.guess, item.gaps, item.pieces) == (None, ["xyzzy"], [])


# ---- which text comes next


def test_the_measuring_set_stands_for_all_texts(pool: Pool) -> None:
    drawn = draw_to_measure(pool, [0, 1], seed=0)
    assert len(set(drawn.rows.tolist())) == len(drawn.rows) == 109
    assert not {0, 1} & set(drawn.rows.tolist())
    shares = dict(zip(drawn.strata.tolist(), drawn.shares.tolist(), strict=True))
    assert sum(shares.values()) == pytest.approx(1)
    assert draw_to_measure(pool, [0, 1], seed=0).rows.tolist() == drawn.rows.tolist()


def test_a_model_that_knows_nothing_measures_at_random(model: SentimentClassifier) -> None:
    texts = [*read_texts(CORPORA / "movies72" / "unlabelled.txt")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain = SentimentClassifier(vectors=model.vectors_, seeds=None).pretrain(texts)
    pool = Pool.of(plain, texts)
    assert pool.start is None
    assert set(draw_to_measure(pool, [], seed=1).strata) == {1}


@pytest.mark.parametrize(("n", "expected"), [(10_000, 64), (62, 31), (15, 10), (4, 4)])
def test_half_of_few_texts_measure(n: int, expected: int) -> None:
    assert n_to_measure(min(n, 256), n) == expected


def test_the_teacher_asks_for_unsure_texts_of_different_clusters(pool: Pool) -> None:
    fitted = fit_pool(pool, NAMES, np.arange(20), TRUTH[:20].tolist())
    rows = Teacher(pool, seed=0).next(fitted, range(20), 20)
    assert len(rows) == BATCH
    assert not {*rows} & {*range(20)}
    assert fitted.unsure[rows].mean() > fitted.unsure[20:].mean()
    assert fitted.unsure[rows[0]] == fitted.unsure[rows].max()


def test_a_cluster_has_one_turn_until_all_had_one(pool: Pool) -> None:
    fitted, teacher, taken = fit_pool(pool, NAMES, np.array([], np.intp), []), Teacher(pool, 0), []
    for left in range(BATCH, 0, -1):
        rows = teacher.next(fitted, taken, 50)
        assert len(rows) == left
        taken.append(rows[0])
    assert len(teacher.next(fitted, taken, 50)) == BATCH  # of new clusters
    assert teacher.next(fitted, range(220), 5) == []


# ---- the learning curve


def test_a_trial_is_judged_only_by_labels_that_measure_and_that_it_did_not_see(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, curve, seen = np.arange(60), LearningCurve(pool, seed=0), []
    fit, predict = SentimentClassifier.fit_encoded, SentimentClassifier.predict_encoded
    place = {text.tobytes(): i for i, text in enumerate(pool.encoded.features.plain_mean)}

    def rows_of(encoded: object) -> set[int]:
        return {place[vector.tobytes()] for vector in encoded.features.plain_mean}

    monkeypatch.setattr(
        SentimentClassifier,
        "fit_encoded",
        lambda model, encoded, *labels: (
            seen.append(rows_of(encoded)),
            fit(model, encoded, *labels),
        )[1],
    )
    monkeypatch.setattr(
        SentimentClassifier,
        "predict_encoded",
        lambda model, encoded: (seen.append(rows_of(encoded)), predict(model, encoded))[1],
    )
    for _ in range(6):
        curve.try_one(given(rows, slice(0, 40)))
    for learnt_from, judged in zip(seen[::2], seen[1::2], strict=True):
        assert not learnt_from & judged
        assert judged <= {*range(40)}


def test_the_curve_is_silent_with_few_labels_and_then_forecasts(pool: Pool) -> None:
    curve = LearningCurve(pool, seed=0)
    few = given(np.arange(29))
    curve.try_one(few)
    assert len(curve) == 0
    assert curve.forecast(few).forecasts == ()
    many = given(np.arange(120))
    for _ in range(30):
        curve.try_one(many)
    found = curve.forecast(many)
    assert [point.n_labels for point in found.points] == sorted(p.n_labels for p in found.points)
    assert [each.n_labels for each in found.forecasts] == [240, 480]
    assert all(each.low <= each.high for each in found.forecasts)


def test_a_changed_label_counts_in_trials_that_were_made_before(pool: Pool) -> None:
    curve, right = LearningCurve(pool, seed=0), given(np.arange(60))
    for _ in range(12):
        curve.try_one(right)
    wrong = right._replace(labels=np.where(right.labels == "positive", "negative", "positive"))
    before, after = curve.forecast(right).points, curve.forecast(wrong).points
    assert [a.accuracy for a in after] == pytest.approx([1 - b.accuracy for b in before])
