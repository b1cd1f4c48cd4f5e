"""Evidence without labels: how well the other words of texts predict their hidden seed words."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from sentiment_transfer import SentimentClassifier, SkipGram, load
from sentiment_transfer.polarity.masked import areas_under_curve, masked_scores

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def shipped() -> SentimentClassifier:
    model = load("reviews-en")
    assert isinstance(model, SentimentClassifier)
    return model


def test_areas_are_those_of_scikit_learn() -> None:
    positive = RNG.random(300) < 0.4
    scores = np.round(RNG.normal(positive * 0.8, 1, (3, 300)), 1)  # with ties
    found = areas_under_curve(positive, scores)
    assert found.areas == pytest.approx([roc_auc_score(positive, row) for row in scores])
    assert (found.n_positive, found.n_negative) == (positive.sum(), (~positive).sum())


def test_the_error_of_a_lead_is_the_spread_over_draws_of_texts() -> None:
    leads, errors = [], []
    for _ in range(400):
        positive = np.arange(200) < 80
        common = RNG.normal(positive * 1.0, 1)
        scores = np.array([common + RNG.normal(0, 0.5, 200), common + RNG.normal(0, 1.0, 200)])
        lead, error = areas_under_curve(positive, scores).lead(0, 1)
        leads.append(lead)
        errors.append(error)
    assert np.mean(leads) > 0
    assert np.mean(errors) == pytest.approx(np.std(leads), rel=0.15)


def test_a_score_has_no_lead_over_itself() -> None:
    positive = np.arange(50) < 20
    scores = np.tile(RNG.normal(size=50), (2, 1))
    assert areas_under_curve(positive, scores).lead(0, 1) == (0.0, 0.0)


def test_seed_words_and_their_pairs_do_not_count(shipped: SentimentClassifier) -> None:
    plain = "the screen of this phone broke after two days and it went back"
    with_seeds = f"great great wonderful {plain} awful"
    scores, balance = masked_scores(shipped.encoder_, [plain, with_seeds, "wonderful", ""])
    assert balance.tolist() == pytest.approx([0, 1 / 3, 1, 0])
    assert scores[0] < 0
    # the pairs across the border of the plain text are hidden with the seed words
    assert scores[1] == pytest.approx(scores[0], abs=0.05)
    assert scores[2:].tolist() == [0, 0]


def test_negated_seed_words_are_hidden_as_well(shipped: SentimentClassifier) -> None:
    scores, balance = masked_scores(shipped.encoder_, ["we do not recommend it"])
    assert balance[0] < 0
    seeds_shown = shipped.decision_function(["we do not recommend it"])[0]
    assert abs(scores[0]) < abs(seeds_shown) / 3


def test_learnt_vectors_predict_better_than_random_ones(shipped: SentimentClassifier) -> None:
    praise = ["sturdy and reliable, works every day", "easy to clean, saves me time"]
    blame = ["it broke and the refund never came", "flimsy, it leaks and stopped working"]
    goods = ["charger", "kettle", "blender", "cable"]
    good = [f"great {name}, {rest}" for name in goods for rest in praise]
    bad = [f"awful {name}, {rest}" for name in goods for rest in blame]
    texts, positive = [*good, *bad], np.arange(16) < 8
    other = ["great pity, the plot is thin", "awful weather, superb acting"] * 8
    random = SentimentClassifier(vectors=shipped.vectors_.randomised(0)).pretrain(other)
    scores = [masked_scores(model.encoder_, texts)[0] for model in (shipped, random)]
    areas = areas_under_curve(positive, np.array(scores)).areas
    assert areas[0] > 0.95 > areas[1]


def test_custom_seeds_are_hidden_too() -> None:
    texts = ["rain falls on the hill", "sun shines on the hill"] * 40
    settings = {"skipgram": SkipGram(8, min_count=1, epochs=2), "seeds": (["sun"], ["rain"])}
    model = SentimentClassifier(**settings).pretrain(texts)
    scores, balance = masked_scores(model.encoder_, ["sun", "rain", "hill"])
    assert balance.tolist() == [1, -1, 0]
    assert scores[:2].tolist() == [0, 0]
