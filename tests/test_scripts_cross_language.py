"""Cross-language transfer: rotations, dictionary and polarity, checked with made-up spaces."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ortho_group

from scripts.accuracy import cross_language_arms as arms
from scripts.accuracy import cross_language_map as mapping
from scripts.accuracy.cross_language_diagnosis import area, english_as_foreign
from scripts.accuracy.cross_language_joint import swapped
from scripts.accuracy.cross_language_map import Pair
from scripts.accuracy.cross_language_report import gain, write_report
from sentiment_transfer import SkipGram, WordVectors, load
from sentiment_transfer.encoding import PretrainingTexts
from sentiment_transfer.languages import load_language
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from pathlib import Path

LANGUAGES = ("fr", "nl", "id", "ko", "ja")


def cloud(n: int = 200, d: int = 8) -> np.ndarray:
    return mapping.normalised(np.random.default_rng(0).standard_normal((n, d)).astype(np.float32))


def same(n: int) -> np.ndarray:
    return np.stack([np.arange(n), np.arange(n)], axis=1)


def vectors_of(*words: str, counts: tuple[int, ...] | None = None) -> WordVectors:
    known = np.array(counts or (9,) * len(words))
    return WordVectors(Vocabulary(words, known), cloud(len(words)), Tokenizer())


def test_a_known_rotation_is_recovered_from_a_dictionary() -> None:
    target, turn = cloud(), ortho_group.rvs(8, random_state=1).astype(np.float32)
    found = mapping.rotation(target @ turn.T, target, same(10))
    assert found == pytest.approx(turn, abs=1e-5)


def test_refinement_outweighs_wrong_pairs_of_a_dictionary() -> None:
    target, turn = cloud(), ortho_group.rvs(8, random_state=1).astype(np.float32)
    rows = same(16)
    rows[:3, 1] = [100, 101, 102]
    plain = mapping.rotation(target @ turn.T, target, rows)
    refined = mapping.refined_rotation(target @ turn.T, target, rows)
    assert np.abs(refined - turn).max() < np.abs(plain - turn).max() / 4


def test_csls_is_two_cosines_less_the_means_of_the_nearest() -> None:
    x = np.array([[1, 0], [0.6, 0.8]], np.float32)
    y = np.array([[1, 0], [0, 1]], np.float32)
    expected = [[2 * 1 - 1 - 1, 2 * 0 - 1 - 0.8], [2 * 0.6 - 0.8 - 1, 2 * 0.8 - 0.8 - 0.8]]
    assert mapping.csls(x, y, k=1) == pytest.approx(np.array(expected), abs=1e-6)


def test_only_words_that_are_nearest_to_each_other_are_paired() -> None:
    x = np.array([[1, 0], [0, 1], [0.1, 0.995]], np.float32)
    y = np.array([[1, 0], [0, 1]], np.float32)
    assert mapping.mutual_neighbours(x, y).tolist() == [[0, 0], [1, 1]]


def test_the_rank_of_a_translation_counts_nearer_words() -> None:
    target = cloud()
    ranks = mapping.ranks_of_translations(target, target, np.array([[3, 3], [4, 9]]))
    assert ranks[0] == 0
    assert ranks[1] > 0


def test_scores_of_neighbours_are_means_of_ten() -> None:
    target = np.repeat(np.eye(2, dtype=np.float32), 10, axis=0)
    scores = np.array([1.0] * 9 + [0.0] + [-1.0] * 10, np.float32)
    found = mapping.neighbour_scores(np.eye(2, dtype=np.float32), target, scores)
    assert found == pytest.approx([0.9, -1.0])


def test_a_dictionary_has_the_pairs_whose_words_are_known() -> None:
    source, target = vectors_of("bon", "livre", "12"), vectors_of("12", "good", "book")
    pairs = [Pair("bon", "good", 1), Pair("nul", "good", -1), Pair("livre", "novel", 0)]
    assert mapping.dictionary(pairs, source, target).tolist() == [[0, 1]]
    assert mapping.spelled_the_same(source, target).tolist() == [[2, 0]]
    rare = vectors_of("bon", "12", counts=(9, 2))
    assert mapping.spelled_the_same(rare, target).shape == (0, 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pairs_are_seeds_of_the_language_with_words_that_english_knows(language: str) -> None:
    pairs, data = mapping.read_pairs(language), load_language(language)
    seeds = {1: data.positive_seeds, -1: data.negative_seeds}
    assert all(pair.word in seeds[pair.sign] for pair in pairs if pair.sign)
    words = [pair.word for pair in pairs]
    assert len(set(words)) == len(words)
    english = load("reviews-en")
    assert all(pair.english in english.vectors_ for pair in pairs)
    assert len(mapping.first_pairs(pairs, 10)) == 20
    assert len(mapping.first_pairs(pairs, 60)) >= 100


def test_shuffled_pairs_keep_words_and_polarity() -> None:
    pairs = mapping.first_pairs(mapping.read_pairs("fr"), 20)
    mixed = mapping.shuffled(pairs)
    assert [(p.word, p.sign) for p in mixed] == [(p.word, p.sign) for p in pairs]
    assert sorted(p.english for p in mixed) == sorted(p.english for p in pairs)
    assert sum(a.english == b.english for a, b in zip(mixed, pairs, strict=True)) < 10


def test_a_language_with_few_seeds_is_the_shipped_one_otherwise(tmp_path: Path) -> None:
    few = [Pair("bon", "good", 1), Pair("nul", "crap", -1), Pair("livre", "book", 0)]
    tokenizer = arms.tokenizer_with_seeds("fr", few, tmp_path)
    data = tokenizer.language_data
    assert list(data.positive_seeds) == ["bon"]
    assert list(data.negative_seeds) == ["nul"]
    text = "Ce livre n'est pas bon, mais l'histoire est nulle."
    assert tokenizer(text) == Tokenizer("fr")(text)


TEXTS = [
    *("le livre est bon et le film est superbe", "livre bon superbe histoire belle") * 10,
    *("le livre est nul et le film est mauvais", "film nul mauvais histoire ennuyeuse") * 10,
]


def test_own_directions_give_the_polarity_of_the_package() -> None:
    skipgram = SkipGram(vector_size=8, epochs=2, tokenizer="fr").fit(TEXTS, callback=None)
    texts = PretrainingTexts(skipgram.corpus_, TEXTS)
    fitted = arms.with_seeds(skipgram.vectors_, texts, Tokenizer("fr"))
    own = fitted.encoder.polarity_
    assert own is not None
    again = arms.along(fitted, own.directions).encoder.polarity_
    assert again is not None
    for name in ("word_scores", "pooling", "centre", "scales", "seed_weight", "cut", "spread"):
        assert getattr(again, name) == pytest.approx(getattr(own, name), rel=1e-4, abs=1e-4), name
    unseeded = arms.along(fitted, own.directions, seeds=False).encoder.polarity_
    assert unseeded is not None
    assert not unseeded.seed_signs.any()


def test_half_of_the_tokens_of_a_dictionary_become_their_translation() -> None:
    own, other = np.array(["w0", "w1", "w2"]), np.array(["e0", "e1"])
    ids = np.array([0, 1, 2] * 1_000, np.int32)
    found = swapped(ids, own, other, np.array([[1, 0], [1, 1]]), np.random.default_rng(0))
    assert set(found[0::3]) == {"w0"}
    assert set(found[2::3]) == {"w2"}
    assert set(found[1::3]) == {"w1", "e0"}
    assert (found[1::3] == "e0").mean() == pytest.approx(0.5, abs=0.05)


def test_turned_english_vectors_find_every_word_again() -> None:
    words = tuple(dict.fromkeys(pair.english for pair in mapping.read_pairs(None)))
    matrix, turn = cloud(len(words)), ortho_group.rvs(8, random_state=1).astype(np.float32)
    vocabulary = Vocabulary(words, np.full(len(words), 9))
    known, foreign = (WordVectors(vocabulary, m, Tokenizer()) for m in (matrix, matrix @ turn))
    space, scores = mapping.normalised(matrix), np.zeros(len(words), np.float32)
    english = arms.English(known, space, scores, matrix[:2], matrix[:1], known.encode(["fun"]))
    found = english_as_foreign(foreign, english)
    assert found["found, all"] == found["found, pairs only"] == found["nouns found"] == 100


def test_the_area_counts_pairs_in_the_right_order() -> None:
    scores, signs = np.array([3.0, 1.0, 2.0, 1.0]), np.array([1, 1, -1, -1])
    assert area(scores, signs) == (1 + 1 + 0 + 0.5) / 4
    assert np.isnan(area(scores, np.ones(4, int)))


def test_gains_are_means_of_paired_differences() -> None:
    a, b = ("carried", 10), ("given", 10)
    columns = pd.Index([a, b], tupleize_cols=False)
    figures = pd.DataFrame([[80.0, 79.0], [70.0, 68.0], [60.0, np.nan]], columns=columns)
    assert gain(figures, a, b) == "+1.5 ± 6.4"  # 12.706 * sd(1, 2) / sqrt 2 = 6.353
    assert gain(figures[:1], a, b) == "+1.0"
    assert gain(figures[2:], a, b) == "-"


def test_the_page_has_a_table_of_all_figures(tmp_path: Path) -> None:
    facts = {"set": "fr_amazon", "size": "all", "texts": 384, "measure": "accuracy"}
    arms_of_page = [("own seeds", 0, 80), ("pairs as seeds", 10, 70), ("directions", 10, 69)]
    arms_of_page += [(f"own + {name}", 0, 79) for name in ("directions", "labels", "prior")]
    arms_of_page += [(f"no polar pair: {n}", 0, 65) for n in ("directions", "neighbours")]
    arms_of_page += [("no polar pair: spelled the same as seeds", 0, 60)]
    runs = [
        facts
        | {"repeat": repeat, "arm": arm, "pairs": n, "labels": labels, "draw": 0}
        | {"figure": figure + repeat}
        for repeat in (0, 1)
        for labels in (0, 8, 100)
        for arm, n, figure in arms_of_page
    ]
    found = {"found, pairs only": 2, "found, all": 4, "nouns found": 0}
    order = {"order, given": 76, "order, carried": 75.0}
    runs.append(facts | {"repeat": 0, "pairs": 10, "asked": 65} | found | order)
    (tmp_path / "fr.jsonl").write_text("\n".join(map(json.dumps, runs)), encoding="utf-8")
    write_report(tmp_path, tmp_path)
    page = (tmp_path / "languages-transfer.md").read_text(encoding="utf-8")
    assert "| own seeds |  | 80.5 |" in page
    assert "| directions | 10 | -1.0 ± 0.0 |" in page
    assert "| fr_amazon | 10 | 65 | 2 | 4 | 0 | 76 | 75 |" in page
    table = pd.read_csv(tmp_path / "languages-transfer.csv")
    assert len(table) == 9 * 3
    assert table["mean"].max() == 80.5
