"""A corpus is described: size, repeats, languages, closeness to other texts, leaks."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import CORPORA

from sentiment_transfer.advice import Closeness, CorpusReport, describe_corpus
from sentiment_transfer.advice.corpora.closeness import closeness, divergence
from sentiment_transfer.advice.corpora.near_duplicates import near_duplicates
from sentiment_transfer.advice.corpora.passing import Distinct, pass_over, sampled_texts
from sentiment_transfer.corpus.splits import text_key
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Run

PLOTS = "A slow plot about two brothers who sell boats by the sea in winter {}."


def random_texts(words: str, n: int, seed: int) -> list[str]:
    rng = np.random.default_rng(seed)
    return [" ".join(rng.choice(words.split(), 20)) for _ in range(n)]


def test_texts_empty_ones_repeats_and_leaks_are_counted_in_one_pass() -> None:
    texts = (text for text in ["A dull plot.", "", "a DULL plot!", " ", "Fine.", "Fine.", "Bad"])
    found = pass_over(texts, ["bad!", "unseen", "Fine"], seed=0)
    assert (found.n_texts, found.n_empty) == (7, 2)
    assert found.repeated == pytest.approx(2 / 5)
    assert (found.leaks, found.leaked) == (3, (0, 2))
    assert found.sample == ["A dull plot.", "a DULL plot!", "Fine.", "Fine.", "Bad"]


def test_empty_test_texts_leak_nothing() -> None:
    assert pass_over(["", "dull"], ["", " "], seed=0).leaks == 0


def test_a_sample_of_keys_estimates_the_share_of_repeats() -> None:
    few, all_ = Distinct(most=200), Distinct()
    for i in range(10_000):
        for _ in range(3 if i % 2 else 1):
            for each in (few, all_):
                each.add(text_key(f"text {i}"))
    assert all_.repeated == pytest.approx(1 - 10_000 / 20_000)
    assert few.repeated == pytest.approx(0.5, abs=0.1)
    assert len(few._counts) <= 200
    assert Distinct().repeated == 0


def test_what_is_no_text_is_refused_with_its_place() -> None:
    wrong: list[object] = ["fine", None]
    with pytest.raises(InputError, match="text 1 is None"):
        pass_over(wrong, [], seed=0)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="text 1 is None"):
        sampled_texts(wrong, 5, seed=0)  # type: ignore[arg-type]


@pytest.mark.needs_extra("advice")
def test_an_edited_copy_is_a_near_duplicate_and_an_exact_one_is_not() -> None:
    texts = [
        PLOTS.format("nights"),
        PLOTS.format("storms"),
        "A film of another kind, with no boats",
    ]
    assert near_duplicates(texts, "en") == pytest.approx(1 / 3)
    assert near_duplicates([texts[0]] * 8, "en") == 0
    assert near_duplicates([], "en") == 0
    assert near_duplicates(["so good", "so good too"], "en") == 0  # too short to be told apart


@pytest.mark.needs_extra("advice")
def test_near_duplicates_are_those_of_all_pairs() -> None:
    base = random_texts("dull plot cast music pace script boat sea winter night film", 60, 0)
    edited = [text.replace("boat", "ship") for text in base]
    texts = [text for pair in zip(base, edited, strict=True) for text in pair]

    def runs(text: str) -> set[str]:
        words = text.split()
        return {" ".join(words[i : i + 3]) for i in range(len(words) - 2)}

    different = list(dict.fromkeys(texts))
    near = [
        any(
            len(runs(text) & runs(other)) / len(runs(text) | runs(other)) >= 0.7
            for other in different[:i]
        )
        for i, text in enumerate(different)
    ]
    assert 0.05 < np.mean(near) < 0.5
    assert near_duplicates(texts, "en") == pytest.approx(np.mean(near))


@pytest.mark.needs_extra("advice")
def test_chinese_texts_are_compared_by_characters() -> None:
    first = "酒店的房间很干净服务员也非常热情早餐丰富下次还会再来"
    assert (
        near_duplicates([first, first + "的", "这家餐厅送餐太慢味道也不好不会再点了"], "zh")
        == 1 / 3
    )


def test_without_rensa_near_duplicates_are_not_counted_and_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "sentiment_transfer.advice.corpora.near_duplicates.find_spec", lambda _: None
    )
    report = describe_corpus(["dull plot"] * 3)
    assert report.near_duplicates is None
    assert "install sentiment-transfer[advice]" in str(report)


def test_the_divergence_is_that_of_the_definition() -> None:
    # M = (1/2, 1/2): H(M) - H(3/4, 1/4) = 1 - 0.8113
    entropy = -(0.75 * math.log2(0.75) + 0.25 * math.log2(0.25))
    assert divergence(np.array([3, 1]), np.array([1, 3])) == pytest.approx(1 - entropy)
    assert divergence(np.array([2, 1]), np.array([4, 2])) == pytest.approx(0, abs=1e-9)
    assert divergence(np.array([1, 0]), np.array([0, 1])) == pytest.approx(1)


def test_texts_of_the_same_kind_diverge_no_more_than_parts_of_the_corpus() -> None:
    words, tokenizer = "plot cast music pace script boat film", Tokenizer("en")
    corpus = random_texts(words, 200, 0)
    own = closeness(corpus, random_texts(words, 100, 1), tokenizer)
    other = closeness(corpus, random_texts("hotel room bed breakfast staff", 100, 2), tokenizer)
    assert own.excess == pytest.approx(0, abs=0.01)
    assert own.coverage == own.own_coverage == 1
    assert other.coverage == 0
    assert other.divergence == pytest.approx(1)
    assert closeness(corpus, ["plot"], tokenizer) == Closeness(1, 1)  # too few words to compare


def report_of(**known: object) -> CorpusReport:
    sound = CorpusReport(20_000, 0, 2_000_000, 90, 0.01, 0.01, {"en": 0.99}, "en")
    return replace(sound, **known)  # type: ignore[arg-type]


def test_the_verdict_says_what_is_wrong_and_what_to_do() -> None:
    near, far = Closeness(0.9, 0.9, 0.3, 0.28), Closeness(0.5, 0.9, 0.7, 0.28)
    verdicts = {
        "big enough, clean": report_of(),
        "big enough, clean, close to the texts to be judged": report_of(closeness=near),
        "big enough, clean, foreign to the texts to be judged": report_of(closeness=far),
        "small, clean": report_of(n_texts=5_000),
        "too small, clean": report_of(n_texts=500),
        "small, not clean": report_of(repeated=0.6),
        "big enough, not clean": report_of(leaks=3, leaked=(1,), n_test=10),
    }
    for found, report in verdicts.items():
        assert report.verdict.found == found
    assert "reviews-en" in verdicts["too small, clean"].verdict.next_step
    assert "repeat a test text" in verdicts["big enough, not clean"].verdict.next_step
    assert "60 % of the texts are repeats" in verdicts["small, not clean"].verdict.evidence
    assert "leave repeats out" in verdicts["small, not clean"].verdict.next_step
    assert "drop_duplicates" in verdicts["small, not clean"].verdict.next_step  # how
    near_alone = report_of(near_duplicates=0.3).verdict.next_step
    assert near_alone.startswith("leave near-duplicates out")
    assert "dict.fromkeys" not in near_alone  # which would leave them in
    assert "kind to be judged" in report_of(closeness=far).verdict.next_step
    assert report_of(language="zh").faults == ["100 % look like another language"]


def test_a_stream_is_described_and_read_once() -> None:
    def stream() -> Iterator[str]:
        yield from ["I loved the plot.", "The plot was awful.", ""]

    report = describe_corpus(stream(), judged=iter(["A plot."]), test=iter(["the plot was awful"]))
    assert (report.n_texts, report.n_empty, report.n_different) == (3, 1, 2)
    assert (report.leaks, report.leaked, report.n_test) == (1, (0,), 1)
    assert report.n_words == 4  # loved, plot, plot, awful
    assert report.closeness == Closeness(1, pytest.approx(0))


def test_texts_that_nothing_can_be_learnt_from_are_described_as_well() -> None:
    empty = describe_corpus([], judged=["dull"], test=["dull"])
    assert str(empty).startswith("there is no text")
    assert str(describe_corpus(["", " "])).startswith("there is no text")
    copies = describe_corpus(["A dull plot."] * 8)
    assert (copies.n_different, copies.repeated) == (1, 7 / 8)
    assert copies.verdict.found == "too small, not clean"
    assert describe_corpus(["the", "and"]).n_words == 0


def test_a_corpus_in_another_language_is_not_clean() -> None:
    french = [f"Ce film est une histoire assez longue sur la mer, numéro {i}" for i in range(30)]
    report = describe_corpus(french)
    assert report.languages["fr"] > 0.8
    assert "look like another language" in str(report)
    assert "name the right language" in report.verdict.next_step


def test_wrong_input_is_refused_with_the_remedy() -> None:
    with pytest.raises(InputError, match="there is no text to be judged"):
        describe_corpus(["a plot"], judged=[""])
    with pytest.raises(InputError, match="single str"):
        describe_corpus("a plot")
    with pytest.raises(SettingError, match="'xx'"):
        describe_corpus(["a plot"], language="xx")


def test_the_sample_follows_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentiment_transfer.advice.corpora.passing.SAMPLED_TEXTS", 5)
    texts = [f"text {i}" for i in range(100)]
    assert pass_over(texts, [], seed=1) == pass_over(texts, [], seed=1)
    assert pass_over(texts, [], seed=1).sample != pass_over(texts, [], seed=2).sample
    assert pass_over(texts, [], seed=1).n_texts == 100


def test_the_command_describes_a_corpus(run: Run, tmp_path: Path) -> None:
    folder = CORPORA / "movies72"
    code, out, err = run(
        *("advise", "corpus", folder / "unlabelled.txt", "--judged", folder / "held_out.csv"),
        *("--test", folder / "held_out.csv"),
    )
    assert code == 0
    lines = [line.rsplit("  ", 1) for line in out.splitlines()[1:]]
    found = {name.strip(): cell.strip() for name, cell in lines}
    assert (found["texts"], found["in English"]) == ("62", "100.0 %")
    assert found["test texts that are repeated"] == "0 of 220"
    assert err.splitlines()[0] == "too small, clean, close to the texts to be judged"
    assert err.splitlines()[2].startswith("  next: start from the shipped model reviews-en")


def test_the_command_writes_json(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("A dull plot.\nA dull plot!\nI loved it.\n")
    code, out, _ = run("advise", "corpus", path, "--test", path, "--format", "json", "--more")
    found = json.loads(out)
    assert code == 0
    assert (found["corpus"]["n_texts"], found["corpus"]["leaked"]) == (3, [0, 1, 2])
    assert found["corpus"]["verdict"]["found"] == "too small, not clean"
    assert found["more"]["parts"] == []
    assert found["more"]["verdict"]["found"] == "can't tell yet"


def test_an_empty_file_of_texts_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")
    code, _, err = run("advise", "corpus", tmp_path / "empty.txt")
    assert code == 3
    assert "empty.txt" in err
