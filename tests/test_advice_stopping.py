"""Stopping pretraining: the evidence is right, and the rule follows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conftest import CORPORA

from sentiment_transfer import SkipGram, WordVectors, load, read_texts
from sentiment_transfer.advice import pretrain_until
from sentiment_transfer.advice.stopping.snapshots import (
    Snapshot,
    iter_snapshots,
    lead,
    neighbours_kept,
)
from sentiment_transfer.advice.stopping.stopping import has_settled
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

QUICK = SkipGram(10, min_count=1)
NO_MODEL: Any = None
NAN = float("nan")


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return list(read_texts(CORPORA / "movies72" / "unlabelled.txt"))


def snapshot(epochs: int, scores: list[float], positive: list[int], area: float) -> Snapshot:
    found = np.array(scores), np.array(positive, dtype=bool)
    return Snapshot(epochs, 1.0, area, 0.5, NO_MODEL, *found)


def vectors(matrix: np.ndarray) -> WordVectors:
    words = tuple(f"word{i}" for i in range(len(matrix)))
    counts = np.arange(len(matrix), 0, -1)
    return WordVectors(Vocabulary(words, counts), matrix.astype(np.float32), Tokenizer())


def test_training_settles_two_doublings_after_the_least_loss() -> None:
    losses = [4.0, 3.0, 2.5, 2.6, 2.8]
    assert [has_settled(losses[: n + 1], 2) for n in range(5)] == [False] * 4 + [True]
    assert has_settled(losses[:4], 1)
    assert has_settled([2.0, 3.0, 4.0], 2)  # the first is the least
    assert has_settled([2.0, 1.99, 2.1, 2.1], 2)
    assert not has_settled([3.0], 1)


def test_vectors_that_have_learnt_nothing_do_not_settle() -> None:
    assert not has_settled([4.159, 4.158, 4.159, 4.159], 2)
    assert has_settled([4.159, 4.158, 4.0, 4.1, 4.2], 2)
    assert not has_settled([8 * np.log(2)] * 4, 2, negative=7)


def test_a_lead_in_hidden_seed_words_has_an_error() -> None:
    rng = np.random.default_rng(0)
    positive = [i % 2 for i in range(200)]
    good = [y + rng.normal(0, 0.3) for y in positive]
    noise = rng.normal(size=200).tolist()
    first, last = snapshot(1, good, positive, 0.99), snapshot(2, noise, positive, 0.5)
    ahead, error = lead(first, last)
    assert ahead > 0.3 > 4 * error
    assert lead(first, first) == (0, 0)
    assert np.isnan(lead(first, snapshot(2, [], [], NAN))).all()


def test_a_rotation_keeps_all_neighbours_and_noise_few() -> None:
    matrix = np.random.default_rng(0).standard_normal((60, 5))
    rotation, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((5, 5)))
    assert neighbours_kept(vectors(matrix), vectors(matrix @ rotation)) == 1
    other = np.random.default_rng(2).standard_normal((60, 5))
    assert neighbours_kept(vectors(matrix), vectors(other)) == pytest.approx(10 / 59, abs=0.1)
    two = vectors(matrix[:2])
    assert neighbours_kept(two, two) == 1


def test_a_snapshot_is_a_run_of_its_own(texts: list[str]) -> None:
    found = list(iter_snapshots(QUICK, texts[10:], texts[:10], [1, 4]))
    assert [one.epochs for one in found] == [1, 4]
    alone = SkipGram(10, min_count=1, epochs=4).fit(texts[10:], held_out=texts[:10], callback=None)
    kept = found[1].model.vectors_
    rows = [kept.id_of(word) for word in alone.vectors_.words]  # seed words are added
    assert np.array_equal(kept.matrix[rows], alone.vectors_.matrix)
    assert found[1].loss == alone.history_[-1]["held_out_loss"]
    assert np.isnan(found[0].neighbours)
    assert np.isnan(found[0].seed_words)  # of 10 texts


def test_the_chosen_number_is_learnt_again_from_all_texts(texts: list[str]) -> None:
    found = pretrain_until(QUICK, texts, max_epochs=4, callback=None)
    assert [one.epochs for one in found.snapshots] == [1, 2, 4]
    assert found.model.training_summary_.n_pretraining_texts == len(texts)
    again = SkipGram(10, min_count=1, epochs=found.epochs).fit(texts, callback=None)
    rows = [found.vectors.id_of(word) for word in again.vectors_.words]
    assert np.array_equal(found.vectors.matrix[rows], again.vectors_.matrix)


def test_with_held_out_texts_the_snapshot_itself_is_kept(texts: list[str]) -> None:
    found = pretrain_until(QUICK, texts[9:], held_out=texts[:9], max_epochs=2, callback=None)
    assert found.model is found.snapshots[-1].model
    assert found.model.training_summary_.n_pretraining_texts == len(texts) - 9


def test_reaching_the_most_epochs_is_not_called_enough(texts: list[str]) -> None:
    found = pretrain_until(QUICK, texts, max_epochs=2, callback=None)
    assert not found.settled
    assert str(found).startswith("can't tell yet whether more than 2 epochs would help")


def test_training_stops_by_itself_on_texts_that_repeat_little() -> None:
    rng = np.random.default_rng(0)
    words = np.array(["great", "awful", *(f"w{i}" for i in range(28))])
    noise = [" ".join(rng.choice(words, 8)) for _ in range(400)]
    found = pretrain_until(SkipGram(50, min_count=1, sample=0), noise, callback=None)
    assert found.settled
    assert found.epochs < 64
    assert str(found).startswith(f"{found.epochs} epochs are enough")
    assert "too few held-out texts have seed words" in str(found)


@pytest.mark.parametrize("given", [[], ["one text alone"]])
def test_too_few_texts_are_refused(given: list[str]) -> None:
    with pytest.raises(InputError, match="different texts are too few"):
        pretrain_until(QUICK, given, callback=None)


@pytest.mark.parametrize("name", ["patience", "max_epochs"])
@pytest.mark.parametrize("value", [0, 2.5, True])
def test_settings_are_checked(texts: list[str], name: str, value: Any) -> None:  # noqa: ANN401
    with pytest.raises(SettingError, match=f"{name}={value!r} is not allowed"):
        pretrain_until(QUICK, texts, callback=None, **{name: value})


def test_eight_copies_of_one_text_are_refused_with_a_reason() -> None:
    with pytest.raises(InputError, match="1 different texts are too few"):
        pretrain_until(QUICK, ["A dull plot, a great cast."] * 8, callback=None)


@pytest.mark.needs_extra("plot")
def test_the_plot_marks_the_choice(texts: list[str], tmp_path: Path) -> None:
    pretrain_until(QUICK, texts, max_epochs=4, callback=None).plot(tmp_path / "curve.svg")
    drawn = (tmp_path / "curve.svg").read_text("utf-8")
    assert "held-out loss" in drawn
    assert "are chosen" in drawn


# ---- the command


def test_the_command_writes_a_model_and_prints_the_snapshots(run: Run, tmp_path: Path) -> None:
    corpus, output = CORPORA / "movies72" / "unlabelled.txt", tmp_path / "model.safetensors"
    given = ("advise", "stopping", corpus, "-o", output, "--max-epochs", 2)
    code, out, err = run(*given, "--format", "json")
    assert code == 0
    rows = json.loads(out)
    assert [row["epochs"] for row in rows] == [1, 2]
    assert [row["chosen"] for row in rows].count(True) == 1
    assert rows[0]["neighbours"] is None
    assert "can't tell yet" in err
    assert load(output).predict(["A great film."]).tolist() == ["positive"]
    code, out, _ = run(*given, "--seed", 1)
    assert code == 0
    assert "held-out loss" in out
