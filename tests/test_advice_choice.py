"""The choice of word vectors: the best by evidence, ties called ties, and refusals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import CORPORA

from sentiment_transfer import load, read_labelled, read_texts
from sentiment_transfer.advice import VectorCandidate, VectorChoice, choose_vectors
from sentiment_transfer.advice.vectors.evidence import Evidence
from sentiment_transfer.errors import InputError, ModelFileError
from sentiment_transfer.polarity.masked import areas_under_curve

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

HELD_OUT = CORPORA / "movies72" / "held_out.csv"


@pytest.fixture(scope="module")
def found() -> VectorChoice:
    rows = read_labelled(HELD_OUT)
    return choose_vectors(rows.texts, (rows.texts[:60], rows.labels[:60]))


def candidate(name: str, lead: float) -> VectorCandidate:
    return VectorCandidate(name, "shipped", 10, lead=lead)


# ---- the choice


def test_shipped_own_and_random_vectors_are_candidates(found: VectorChoice) -> None:
    kinds = {one.name: one.kind for one in found.candidates}
    assert kinds["own"] == "own"
    assert kinds["random"] == "random"
    assert {name for name, kind in kinds.items() if kind == "shipped"} == {
        *("films-en", "goods-en", "reviews-en")
    }


def test_shipped_vectors_are_better_than_own_of_little_text_and_random_ones(
    found: VectorChoice,
) -> None:
    by_name = {one.name: one for one in found.candidates}
    assert found.chosen.kind == "shipped"
    assert found.beats_random
    for name in ("own", "random"):
        assert by_name[name].lead < -2
        assert by_name[name].accuracy < found.chosen.accuracy


def test_the_verdict_has_the_evidence_and_the_table_all_candidates(found: VectorChoice) -> None:
    assert "60 labels, left out" in str(found)
    lines = found.table.splitlines()
    assert len(lines) == 1 + len(found.candidates)
    assert lines[1].startswith(f"* {found.name}")


def test_ties_are_called_ties() -> None:
    of = [candidate("a", 0.0), candidate("b", -1.9), candidate("c", -2.1), candidate("random", -1)]
    choice = VectorChoice("a", tuple(of), 100, 50, 0, {})
    assert choice.as_good == ("b",)
    assert choice.beats_random is False
    assert str(choice).startswith("none is clearly better than random vectors; a is usual")
    of[-1] = candidate("random", -3)
    assert str(VectorChoice("a", tuple(of), 100, 50, 0, {})).startswith("a; b not clearly worse")


def test_texts_without_seed_words_and_labels_cannot_tell() -> None:
    texts = [f"the {thing} is on the table" for thing in ("cup", "pen", "map", "key", "box")] * 9
    choice = choose_vectors(texts)
    assert choice.name == "reviews-en"
    assert (choice.n_seed_texts, choice.n_labels, choice.n_texts) == (0, 0, 5)
    assert str(choice).startswith("can't tell yet which vectors are best")


def test_own_vectors_of_too_little_text_are_left_out_with_the_reason() -> None:
    choice = choose_vectors(["great", "dull"])
    assert "own" not in {one.name for one in choice.candidates}
    assert choice.left_out["own"]


def test_a_file_of_vectors_is_a_candidate(tmp_path: Path) -> None:
    path = tmp_path / "small.safetensors"
    load("films-en").vectors_.save(path)  # type: ignore[union-attr]
    rows = read_labelled(HELD_OUT)
    choice = choose_vectors(rows.texts[:60], files=[path])
    (one,) = (each for each in choice.candidates if each.kind == "file")
    assert one.name == str(path)
    assert one.n_words == 20_000


def test_a_file_that_does_not_exist_is_named() -> None:
    with pytest.raises(ModelFileError, match=r"missing\.safetensors"):
        choose_vectors(["great film", "dull film"], files=["missing.safetensors"])


@pytest.mark.parametrize("texts", [[], ()])
def test_no_text_is_an_error(texts: list[str]) -> None:
    with pytest.raises(InputError, match="no text to choose vectors by"):
        choose_vectors(texts)


def test_eight_copies_of_one_text_are_one_text() -> None:
    assert choose_vectors(["a great film"] * 8).n_texts == 1


def test_labels_of_one_class_are_no_evidence() -> None:
    rows = read_labelled(HELD_OUT)
    choice = choose_vectors(rows.texts[:40], (rows.texts[:40], ["good"] * 40))
    assert choice.n_labels == 0


# ---- the evidence


def test_two_leads_are_combined_by_stouffers_method() -> None:
    rng = np.random.default_rng(0)
    positive = np.arange(80) % 2 == 0
    good, bad = positive + rng.normal(0, 0.5, 80), positive + rng.normal(0, 3, 80)
    curves = areas_under_curve(positive, np.array([good, bad]))
    losses = {"good": rng.uniform(0, 0.5, 40), "bad": rng.uniform(0.2, 1, 40)}
    by_words = Evidence(["good", "bad"], curves).lead("good", "bad")
    by_labels = Evidence(["good", "bad"], None, losses).lead("good", "bad")
    both = Evidence(["good", "bad"], curves, losses)
    gain = losses["bad"] - losses["good"]
    assert by_labels == pytest.approx(gain.mean() / (gain.std(ddof=1) / np.sqrt(40)))
    assert both.lead("good", "bad") == pytest.approx((by_words + by_labels) / np.sqrt(2))
    assert both.lead("bad", "good") == pytest.approx(-both.lead("good", "bad"))
    assert both.lead("good", "good") == 0
    assert np.isnan(Evidence(["good", "bad"], None).lead("good", "bad"))


# ---- the command


def test_the_command_lists_candidates_and_says_which(run: Run, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(list(read_texts(HELD_OUT))[:80]), encoding="utf-8")
    code, out, err = run("advise", "choose", texts, "--labelled", HELD_OUT)
    assert code == 0
    assert all(name in out for name in ("reviews-en", "films-en", "goods-en", "own", "random"))
    assert "next: adapt" in err
    assert f"{texts} -o adapted.safetensors" in err
    code, out, _ = run("advise", "choose", texts, "--format", "json")
    listed = json.loads(out)
    assert code == 0
    assert listed["chosen"] in {one["name"] for one in listed["candidates"]}
    assert listed["candidates"][0]["accuracy"] is None  # no label was given
