"""Word vectors from little text: seed words without a vector count, and the balance weighs more."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentiment_transfer import SentimentClassifier, SkipGram, WordVectors, load
from sentiment_transfer.encoding import PretrainingTexts
from sentiment_transfer.experiments.baselines import SeedWordsArm
from sentiment_transfer.languages import load_language
from sentiment_transfer.model.inputs import LittleTextWarning
from sentiment_transfer.polarity.little_text import balance_weight, with_seed_words
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from conftest import Run, World

REVIEWS = [
    "The film was great and the cast was great too.",
    "A bad film with a bad plot and a dull cast.",
    "The plot of the film was boring, the cast boring.",
    "An excellent cast, an excellent film, a clever plot.",
    "The film has a plot and a cast.",
]
SEEDS = load_language("en")


def vectors_of(words: dict[str, Sequence[float]], count: int = 2) -> WordVectors:
    matrix = np.array([*words.values()], np.float32)
    counts = np.full(len(words), count, np.int64)
    return WordVectors(Vocabulary(tuple(words), counts), matrix, Tokenizer("en"))


def texts_over(vectors: WordVectors, texts: list[str]) -> PretrainingTexts:
    return PretrainingTexts(vectors.encode(texts), texts)


@pytest.mark.parametrize(
    ("n_tokens", "expected"),
    [
        (3_000_000, 0.35),
        (300_000, 0.35),
        (75_000, 0.35 * 2),  # sqrt(300,000 / 75,000)
        (18_750, 0.35 * 4),
        (5_000, 2.0),  # 0.35 sqrt(60) = 2.7
        (2, 2.0),
    ],
)
def test_the_weight_of_the_balance_falls_with_the_root_of_the_tokens(
    n_tokens: int, expected: float
) -> None:
    assert balance_weight(vectors_of({"film": [1.0]}, n_tokens)) == pytest.approx(expected)


def test_vectors_without_counts_have_the_weight_of_much_text() -> None:
    assert balance_weight(vectors_of({"film": [1.0], "plot": [2.0]}, count=1)) == 0.35


def test_a_model_has_the_weight_that_its_vectors_ask_for(world: World) -> None:
    little = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    counts = world.vectors.counts * 1_000
    same = WordVectors(
        Vocabulary(world.vectors.words, counts), world.vectors.matrix, world.vectors.tokenizer
    )
    much = SentimentClassifier(vectors=same).pretrain(world.unlabelled)
    weights = [m.encoder_.polarity_.seed_weight for m in (little, much)]
    expected = balance_weight(world.vectors) / 0.35
    assert expected > 1.5
    assert weights[0] / weights[1] == pytest.approx(expected)


def test_an_added_seed_word_has_the_mean_vector_of_its_side() -> None:
    known = vectors_of({"film": [0, 0], "great": [4, 1], "good": [2, 1], "bad": [-3, 5]})
    vectors, texts = with_seed_words(known, texts_over(known, ["a great superb film"]))
    assert vectors["superb"].tolist() == [(4 + 2) / 2, (1 + 1) / 2]
    assert vectors["awful"].tolist() == [-3, 5]
    assert vectors.matrix[:4].tolist() == known.matrix.tolist()
    assert vectors.counts[4:].tolist() == [0] * (len(vectors) - 4)
    assert {*SEEDS.positive_seeds, *SEEDS.negative_seeds} <= {*vectors.words}
    assert [vectors.words[i] for i in texts.ids[0]] == ["great", "superb", "film"]


def test_a_side_without_known_seed_words_is_the_other_one_reflected_at_the_mean() -> None:
    known = vectors_of({"film": [0, 0], "great": [4, 2], "plot": [2, 1]})
    vectors, _ = with_seed_words(known, texts_over(known, ["a great film"]))
    mean = np.array([(0 + 4 + 2) / 3, (0 + 2 + 1) / 3])
    np.testing.assert_allclose(vectors["awful"], 2 * mean - [4, 2])


def test_without_known_seed_words_the_two_sides_are_opposite() -> None:
    known = vectors_of({"film": [0, 0], "plot": [2, 0]})
    vectors, texts = with_seed_words(known, texts_over(known, ["a great film", "the plot"]))
    mean, distance = np.array([1, 0]), 1  # of both words from their mean
    np.testing.assert_allclose(vectors["great"] - mean, mean - vectors["awful"], rtol=1e-6)
    assert np.linalg.norm(vectors["great"] - mean) == pytest.approx(distance)
    assert len(texts.ids[0]) == 2


def test_texts_without_a_seed_word_leave_the_vectors_as_they_are() -> None:
    known = vectors_of({"alpha": [0, 1], "beta": [2, 0]})
    texts = texts_over(known, ["alpha beta", "beta"])
    assert with_seed_words(known, texts) == (known, texts)


def test_vectors_of_all_seed_words_stay_as_they_are() -> None:
    vectors = vectors_of({word: [1.0] for word in (*SEEDS.positive_seeds, *SEEDS.negative_seeds)})
    texts = texts_over(vectors, ["great"])
    assert with_seed_words(vectors, texts) == (vectors, texts)


def test_the_token_ids_of_texts_that_are_not_all_at_hand_stay() -> None:
    known = vectors_of({"film": [0, 0], "great": [4, 2]})
    texts = PretrainingTexts(known.encode(["great film", "superb film"]), ["great film"])
    vectors, after = with_seed_words(known, texts)
    assert "superb" in vectors
    assert after.ids is texts.ids


def test_a_seed_word_that_the_texts_lack_is_labelled_by_its_polarity() -> None:
    model = SentimentClassifier().pretrain(REVIEWS)
    lacking = ["Superb!", "A wonderful, beautiful thing.", "Terrible.", "Awful and pathetic."]
    assert model.predict(lacking).tolist() == ["positive"] * 2 + ["negative"] * 2
    assert model.coverage(["Superb", "Terrible"]).tolist() == [1, 1]


@pytest.mark.filterwarnings("ignore:nothing was learnt")
def test_two_words_and_one_seed_word_are_enough_to_count_seed_words() -> None:
    model = SentimentClassifier().pretrain(["The film has a plot.", "A great plot, a film."])
    assert model.predict(["superb", "terrible"]).tolist() == ["positive", "negative"]


def test_five_reviews_label_what_counting_decides_as_counting_does() -> None:
    rng = np.random.default_rng(0)
    words = [*SEEDS.positive_seeds[:20], *SEEDS.negative_seeds[:20], *["film", "plot", "cast"] * 8]
    texts = [" ".join(rng.choice(words, 9)) for _ in range(400)]
    counted = SeedWordsArm("en")
    counted.prepare([], texts, ["negative", "positive"])
    clear = np.abs(counted._test) >= 4  # of nine words at most
    assert clear.sum() > 40
    model = SentimentClassifier(prevalence=0.5).pretrain(REVIEWS)
    expected = np.where(counted._test > 0, "positive", "negative")
    assert (model.predict(texts) == expected)[clear].mean() > 0.95


def test_added_seed_words_are_not_among_the_nearest_words() -> None:
    model = SentimentClassifier().pretrain(REVIEWS)
    nearest = {word for word, _ in model.vectors_.nearest("great", 100)}
    assert nearest == {"film", "cast", "plot", "bad", "boring", "excellent"}
    assert model.vectors_.nearest("superb", 1)[0][0] in {"great", "excellent"}


def test_seed_words_of_ones_own_are_not_added() -> None:
    seeds = ["great", "excellent"], ["bad", "boring"]
    model = SentimentClassifier(seeds=seeds).pretrain(REVIEWS)
    assert "superb" not in model.vectors_


def test_a_model_with_added_seed_words_answers_the_same_from_its_file_and_fast(
    tmp_path: Path,
) -> None:
    model = SentimentClassifier().pretrain(REVIEWS)
    model.fit([*REVIEWS[:4], "Superb.", "Awful."], ["positive", "negative"] * 3)
    texts = [f"{word} film" for word in (*SEEDS.positive_seeds, *SEEDS.negative_seeds)] * 60
    assert sum(map(len, texts)) > 60_000
    plain = model.predict_proba_encoded(model.encode(texts))
    many = model.predict_proba([*texts, "superb " * 20_000])[:-1]  # long enough for the fast path
    np.testing.assert_allclose(many, plain, rtol=0, atol=1e-6)
    model.save(tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert isinstance(again, SentimentClassifier)
    np.testing.assert_allclose(again.predict_proba(texts[:200]), plain[:200], rtol=0, atol=1e-6)


def test_an_added_seed_word_speaks_for_its_polarity_in_an_explanation() -> None:
    model = SentimentClassifier().pretrain(REVIEWS)
    explanation = model.explain("a superb, awful film", label="positive")
    shares = dict(explanation.pieces)
    assert shares["superb"] > 0 > shares["awful"]


def test_few_texts_are_warned_of_with_their_number_and_the_remedy() -> None:
    with pytest.warns(LittleTextWarning, match=r"from 5 texts .*vectors='reviews-en'") as caught:
        SentimentClassifier().pretrain(REVIEWS)
    assert [warning.filename for warning in caught] == [__file__]


def test_enough_texts_given_vectors_and_initial_vectors_are_not_warned_of(world: World) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SentimentClassifier(skipgram=SkipGram(4, epochs=1)).pretrain(REVIEWS * 200)
        SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
        initial = SkipGram(world.vectors.vector_size, initial=world.vectors)
        SentimentClassifier(skipgram=initial).pretrain(world.unlabelled)


def test_the_command_line_names_the_option_that_helps(run: Run, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("\n".join(REVIEWS), encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        code, _, err = run("pretrain", texts, "-o", tmp_path / "model.safetensors")
    assert code == 0
    assert "5 texts" in err
    assert "--vectors reviews-en" in err
