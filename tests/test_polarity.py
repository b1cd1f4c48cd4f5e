from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.polarity import learning
from sentiment_transfer.polarity.cut import choose_cut, two_means_cut
from sentiment_transfer.polarity.learning import polarity_from_labels, polarity_from_seeds
from sentiment_transfer.polarity.polarity import Polarity, seed_balance, sentence_vectors
from sentiment_transfer.polarity.seeds import seed_ids
from sentiment_transfer.polarity.strength import joined_direction
from sentiment_transfer.text.vocabulary import TokenIds, Vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

N_WORDS = 200
POSITIVE = np.array([0, 1, 2])
NEGATIVE = np.array([3, 4, 5])


def world(
    n_texts: int = 600, share: float = 0.5, seed: int = 0
) -> tuple[NDArray[np.float32], TokenIds, NDArray[np.bool_]]:
    """Word vectors with a polarity axis among topics, and texts that lean to one side.

    Words 0-2 and 3-5 are seeds; 6-45 are positive, 46-85 negative, the rest about topics.
    """
    rng = np.random.default_rng(seed)
    leaning = np.zeros(N_WORDS)
    leaning[[*POSITIVE, *range(6, 46)]] = 1
    leaning[[*NEGATIVE, *range(46, 86)]] = -1
    vectors = rng.normal(size=(N_WORDS, 20)).astype(np.float32)
    vectors[:, 0] += 2.5 * leaning + 1
    truth = rng.random(n_texts) < share
    texts = []
    for positive in truth:
        odds = np.exp(0.9 * leaning * (1 if positive else -1))
        texts.append(rng.choice(N_WORDS, 15, p=odds / odds.sum()).tolist())
    return vectors, TokenIds.from_lists(texts), truth


def listed(ids: TokenIds) -> list[list[int]]:
    return [ids[text].tolist() for text in range(len(ids))]


def accuracy(learnt: Polarity, vectors: NDArray[np.float32], ids: TokenIds, y: object) -> float:
    return float(((learnt.score(learnt.encode(ids, vectors)) > 0) == y).mean())


def unit(v: NDArray[np.floating]) -> NDArray[np.floating]:
    return v / np.linalg.norm(v)


def test_seed_words_determine_the_polarity_of_unlabelled_texts() -> None:
    vectors, ids, truth = world()
    learnt = polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE)
    assert accuracy(learnt, vectors, ids, truth) > 0.9
    assert learnt.word_scores[6:46].mean() > 0.8
    assert learnt.word_scores[46:86].mean() < -0.8
    _, fresh, fresh_truth = world(seed=1)
    assert accuracy(learnt, vectors, fresh, fresh_truth) > 0.9


def test_swapping_the_seeds_swaps_the_signs() -> None:
    vectors, ids, _ = world()
    one = polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE)
    other = polarity_from_seeds(vectors, ids, NEGATIVE, POSITIVE)
    np.testing.assert_allclose(one.word_scores, -other.word_scores, atol=1e-4)
    np.testing.assert_allclose(
        one.score(one.encode(ids, vectors)), -other.score(other.encode(ids, vectors)), atol=1e-3
    )


def test_every_quantity_follows_its_formula() -> None:
    vectors, ids, _ = world(100)
    learnt = polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE)
    v = vectors.astype(np.float64)
    d = np.mean([unit(v[j]) for j in POSITIVE], axis=0)
    d = d - np.mean([unit(v[j]) for j in NEGATIVE], axis=0)
    np.testing.assert_allclose(learnt.directions[0], d, atol=1e-6)

    w = learnt.directions[1].astype(np.float64)
    away = v - v.mean(axis=0)
    along = np.array([[unit(row) @ d, unit(row) @ w] for row in away])
    z = ((along - along.mean(axis=0)) / along.std(axis=0)).sum(axis=1)
    z = (z - z.mean()) / z.std()
    np.testing.assert_allclose(learnt.word_scores, z, atol=1e-4)
    g = 0.3 + np.minimum(np.abs(z), 3)
    np.testing.assert_allclose(learnt.pooling, g, atol=1e-4)

    words = [sorted(set(text)) for text in listed(ids)]
    means = np.array([(g[t, None] * v[t]).sum(axis=0) / g[t].sum() for t in words])
    x = np.array([unit(mean - means.mean(axis=0)) for mean in means])
    p = np.array([sum(j in POSITIVE for j in text) for text in words])
    n = np.array([sum(j in NEGATIVE for j in text) for text in words])
    b = (p - n) / np.maximum(1, p + n)
    np.testing.assert_allclose(learnt.encode(ids, vectors), np.column_stack([x, b]), atol=1e-4)

    raw = x @ d / (x @ d).std() + x @ w / (x @ w).std()
    raw = raw + 0.35 * raw.std() * b
    s = (raw - choose_cut(raw, b)) / raw.std()  # see test_cut
    np.testing.assert_allclose(learnt.score(learnt.encode(ids, vectors)), s, atol=1e-3)

    u = np.array([unit(row) for row in away])
    both = u[POSITIVE].mean(axis=0) + u[NEGATIVE].mean(axis=0)
    held = np.array([sum(j in text for text in words) for j in range(N_WORDS)])
    # the least squares fit with a penalty of 1: 20 more words, each along one axis, of strength 0
    root = np.sqrt(held / held.mean())
    target = np.abs(z) - held @ np.abs(z) / held.sum()
    rows = np.vstack([root[:, None] * u, np.eye(20)])
    fitted = np.linalg.lstsq(rows, np.append(root * target, np.zeros(20)), rcond=None)[0]
    t = x @ both / (x @ both).std() + x @ fitted / (x @ fitted).std()
    strength = learnt.strength(learnt.encode(ids, vectors))
    assert strength is not None
    np.testing.assert_allclose(strength, t / t.std(), atol=1e-3)


def test_texts_with_polar_words_of_both_signs_are_strong_and_a_text_without_words_is_not() -> None:
    vectors, ids, _ = world()
    learnt = polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE)
    texts = TokenIds.from_lists([[8, 9, 60, 61, 0, 3], [100, 101, 120, 150, 160, 199], []])
    strength = learnt.strength(learnt.encode(texts, vectors))
    assert strength is not None
    assert strength[0] > strength[1] + 0.5
    assert strength[2] == 0
    assert abs(learnt.score(learnt.encode(texts, vectors))[0]) < 1


def test_polarity_learnt_from_labels_knows_no_strength() -> None:
    vectors, ids, truth = world()
    learnt = polarity_from_labels(vectors, ids, ids, truth)
    assert learnt.strength(learnt.encode(ids, vectors)) is None
    assert "strength_direction" not in learnt.state()[1]


def test_the_pivot_classifier_does_not_depend_on_the_vectors_of_the_seeds() -> None:
    # moving the seeds' own vectors moves the seed direction, not the pivot classifier
    vectors, ids, _ = world()
    moved = vectors.copy()
    moved[[*POSITIVE, *NEGATIVE]] += np.random.default_rng(1).normal(size=(6, 20)) * 9
    one = polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE)
    other = polarity_from_seeds(moved, ids, POSITIVE, NEGATIVE)
    assert not np.allclose(one.directions[0], other.directions[0], atol=0.1)
    np.testing.assert_allclose(one.directions[1], other.directions[1], atol=1e-6)


def test_pivot_texts_have_more_seeds_of_one_side() -> None:
    vectors = world()[0]
    texts = [[0, 1, 3, 10], [0, 3, 20], [0, 0, 3, 20], [4, 60, 61], [99], [5, 3]]
    # balance: 2 - 1, 1 - 1, 1 - 1 (twice is once), -1, none, nothing left but seeds
    learnt = polarity_from_seeds(vectors, TokenIds.from_lists(texts), POSITIVE, NEGATIVE)
    assert learnt.pivot_texts == (1, 1)


def test_a_rare_polarity_has_as_much_weight_as_a_frequent_one() -> None:
    vectors, ids, truth = world(1500, share=0.9)
    learnt = polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE)
    scores = learnt.score(learnt.encode(ids, vectors)) > 0
    assert learnt.pivot_texts[0] > 3 * learnt.pivot_texts[1]
    assert (scores[~truth] == truth[~truth]).mean() > 0.8


def test_a_known_prevalence_sets_the_share_of_positive_scores() -> None:
    vectors, ids, _ = world(1000, share=0.8)
    learnt = polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE, prevalence=0.8)
    assert (learnt.score(learnt.encode(ids, vectors)) > 0).mean() == pytest.approx(0.8, abs=0.002)
    with pytest.raises(SettingError, match=r"prevalence=80"):
        polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE, prevalence=80)


@pytest.mark.parametrize("share", [0.25, 0.5, 0.75])
def test_the_cut_of_distinct_groups_follows_their_share(share: float) -> None:
    vectors, ids, truth = world(1000, share=share)
    learnt = polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE)
    assert accuracy(learnt, vectors, ids, truth) > 0.9


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_a_rare_polarity_is_cut_better_than_by_2_means(share: float) -> None:
    vectors, ids, truth = world(1000, share=share)
    learnt = polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE)
    scores = learnt.score(learnt.encode(ids, vectors))
    by_2_means = float(((scores > two_means_cut(scores).cut) == truth).mean())
    assert accuracy(learnt, vectors, ids, truth) > by_2_means + 0.05


def test_the_answers_of_an_earlier_polarity_move_the_cut() -> None:
    vectors, ids, _ = world(200, share=0.5, seed=2)
    background = polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE)
    indistinct = TokenIds.from_lists([text[:2] for text in listed(ids)])

    def positive(of: Polarity) -> float:
        learnt = polarity_from_seeds(vectors, indistinct, POSITIVE, NEGATIVE, background=of)
        return float((learnt.score(learnt.encode(indistinct, vectors)) > 0).mean())

    low, high = (replace(background, cut=background.cut + move) for move in (9, -9))
    assert positive(low) < positive(background) < positive(high)


def test_without_pivot_texts_of_both_sides_the_seed_direction_is_used_alone() -> None:
    vectors, ids, truth = world()
    seedless = TokenIds.from_lists([[j for j in text if j > 5] for text in listed(ids)])
    one_sided = TokenIds.from_lists([[j for j in text if j > 2] for text in listed(ids)])
    for texts in (seedless, one_sided):
        learnt = polarity_from_seeds(vectors, texts, POSITIVE, NEGATIVE)
        assert learnt.directions.shape == (1, 20)
        assert learnt.pivot_texts[0] == 0
        assert accuracy(learnt, vectors, texts, truth) > 0.85


def test_an_empty_text_has_a_zero_vector_and_the_score_zero() -> None:
    vectors, ids, _ = world()
    learnt = polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE)
    x = learnt.encode(TokenIds.from_lists([[], [7]]), vectors)
    assert not x[0].any()
    assert np.linalg.norm(x[1, :-1]) == pytest.approx(1)
    assert learnt.score(x)[0] == 0
    assert learnt.score(x)[1] > 0
    assert learnt.encode(TokenIds.from_lists([]), vectors).shape == (0, 21)


def test_the_balance_counts_distinct_seed_words() -> None:
    signs = np.array([1, 1, -1, -1, 0], np.int8)
    texts = [[0, 1, 2], [0, 0, 0, 4], [2, 4, 3, 2], [0, 2], [4], []]
    assert seed_balance(TokenIds.from_lists(texts), signs).tolist() == pytest.approx(
        [(2 - 1) / 3, 1 / 1, -2 / 2, 0, 0, 0]
    )
    many = seed_balance(TokenIds.from_lists(texts * 3), signs)  # another path than for a few
    assert many.tolist() == pytest.approx([1 / 3, 1, -1, 0, 0, 0] * 3)


def test_the_balance_of_seed_words_adds_to_the_score() -> None:
    vectors, ids, _ = world()
    learnt = polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE)
    x = learnt.encode(TokenIds.from_lists([[0, 50], [50, 51]]), vectors)
    silent = x.copy()
    silent[:, -1] = 0
    gained = learnt.score(x) - learnt.score(silent)
    assert gained == pytest.approx([learnt.seed_weight / learnt.spread, 0])


def test_empty_texts_among_the_unlabelled_change_nothing() -> None:
    vectors, ids, _ = world(200)
    padded = TokenIds.from_lists([[], *listed(ids), []])
    one = polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE)
    other = polarity_from_seeds(vectors, padded, POSITIVE, NEGATIVE)
    np.testing.assert_allclose(other.centre, one.centre, atol=1e-6)
    assert other.cut == pytest.approx(one.cut, abs=1e-5)


def test_one_unlabelled_text_gives_finite_scores() -> None:
    vectors = world()[0]
    learnt = polarity_from_seeds(vectors, TokenIds.from_lists([[7, 8]]), POSITIVE, NEGATIVE)
    assert np.isfinite(learnt.score(learnt.encode(TokenIds.from_lists([[9], [50]]), vectors))).all()


def test_the_choice_of_texts_follows_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "PIVOT_TEXTS", 100)
    vectors, ids, truth = world()
    one, again, other = (
        polarity_from_seeds(vectors, ids, POSITIVE, NEGATIVE, seed=seed) for seed in (3, 3, 4)
    )
    assert sum(one.pivot_texts) <= 100
    assert (one.directions == again.directions).all()
    assert not (one.directions == other.directions).all()
    assert accuracy(one, vectors, ids, truth) > 0.85


def test_labels_of_any_two_classes_choose_seed_words() -> None:
    vectors, ids, truth = world(1000)
    few = TokenIds.from_lists([ids[i].tolist() for i in range(16)])
    learnt = polarity_from_labels(vectors, ids, few, truth[:16])
    centre = np.zeros(20, np.float32)
    assert learnt.directions.shape == (1, 20)
    assert min(learnt.pivot_texts) > 100
    assert accuracy(learnt, vectors, ids, truth) > 0.85
    assert sentence_vectors(few, vectors, None, centre).shape == (16, 20)


def test_labels_of_one_class_are_refused() -> None:
    vectors, ids, _ = world(50)
    few = TokenIds.from_lists([[7], [8]])
    with pytest.raises(InputError, match="one class only"):
        polarity_from_labels(vectors, ids, few, [1, 1])


def test_unlabelled_texts_without_a_known_word_are_refused() -> None:
    vectors = world()[0]
    for n_texts in (0, 2):
        texts = TokenIds.from_lists([[]] * n_texts)
        with pytest.raises(InputError, match="no unlabelled text holds a word"):
            polarity_from_seeds(vectors, texts, POSITIVE, NEGATIVE)


def test_errors_about_seed_words_name_them() -> None:
    vocabulary = Vocabulary(("plot", "good", "dull"), np.array([3, 2, 1]))
    positive, negative = seed_ids(vocabulary, ["good", "superb", "good"], ["dull"])
    assert (positive.tolist(), negative.tolist()) == ([1], [2])
    with pytest.raises(SettingError, match=r"negative seed words \('awful', 'bad'\).*give seeds="):
        seed_ids(vocabulary, ["good"], ["awful", "bad"])
    with pytest.raises(SettingError, match=r"none of the positive seed words \(there are none\)"):
        seed_ids(vocabulary, [], ["dull"])
    with pytest.raises(SettingError, match=r"\['good'\] are given as positive and as negative"):
        seed_ids(vocabulary, ["good"], ["dull", "good"])
    with pytest.raises(SettingError, match="at least one seed word"):
        polarity_from_seeds(*world(5)[:2], POSITIVE, np.array([], dtype=np.intp))


def test_directions_along_which_texts_are_equal_are_not_scaled() -> None:
    directions = np.array([[1, 0], [0, 2]], np.float32)
    rounding = np.float64(3) + 1e-9 * np.arange(4)
    along = np.column_stack([rounding, np.array([1.0, -1.0, 1.0, -1.0])])
    np.testing.assert_allclose(joined_direction(directions, along), [1, 2], rtol=1e-5)
