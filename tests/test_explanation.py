"""What each word adds to the log odds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.classification.mixture import Features
from sentiment_transfer.errors import InputError, NotFittedError

if TYPE_CHECKING:
    from pathlib import Path

FEW = [
    ("It was great, loved it.", "positive"),
    ("It was really stupid.", "negative"),
    ("A boring film with bad acting.", "negative"),
    ("A funny and warm film.", "positive"),
    ("I highly recommend it.", "positive"),
    ("What an awful waste of time.", "negative"),
    ("The jokes were not funny at all.", "negative"),
    ("The cast is excellent.", "positive"),
]
TEXTS = [
    "The acting was not very good, but I loved the ending!",
    "good good film",
    "qwertz",
    "",
    "A waste of my time. Awful <br /> film :-(",
]


@pytest.fixture(scope="module")
def model() -> SentimentClassifier:
    texts, labels = zip(*FEW, strict=True)
    return SentimentClassifier(vectors="reviews-en").fit(texts, labels)


@pytest.mark.parametrize("text", TEXTS)
def test_contributions_and_bias_add_up_to_the_mean_log_odds(
    model: SentimentClassifier, text: str
) -> None:
    explanation = model.explain(text, "positive")
    encoded = model.encode([text]).features
    words = model.head_.words_.transform(encoded.grams)
    features = Features(encoded.score, encoded.pooled, encoded.plain, words)
    log_odds = sum(m.share * m.decision(features)[0] for m in model.head_.mixture_.members_)
    assert explanation.log_odds == pytest.approx(log_odds, abs=1e-5)
    assert explanation.probability == model.predict_proba([text])[0, 1]


def test_the_other_label_gets_the_opposite(model: SentimentClassifier) -> None:
    for_it, against = (model.explain(TEXTS[0], label) for label in ("positive", "negative"))
    assert against.log_odds == -for_it.log_odds
    assert [share for _, share in against.pieces] == [-share for _, share in for_it.pieces]


def test_without_a_label_it_speaks_for_the_most_probable(model: SentimentClassifier) -> None:
    assert model.explain(TEXTS[4]).label == "negative"
    assert model.explain(TEXTS[4]).top(1)[0][0] in ("waste", "awful")


def test_repeats_are_added_up_and_the_heaviest_come_first(model: SentimentClassifier) -> None:
    top = model.explain(TEXTS[1], "positive").top()
    assert sorted(piece for piece, _ in top) == ["film", "good"]
    assert abs(top[0][1]) >= abs(top[1][1])


def test_an_unknown_label_is_named_with_the_known(model: SentimentClassifier) -> None:
    with pytest.raises(InputError, match=r"no label 'mixed'.*negative, positive"):
        model.explain("good", "mixed")


def test_html_escapes_the_text_and_colours_it(model: SentimentClassifier) -> None:
    page = model.explain("I <b>loved</b> it & hated it").to_html()
    assert page.startswith("<p><span")
    assert "<b>" not in page
    assert "rgba(46,160,67" in page
    assert "rgba(218,54,51" in page


def test_other_heads_are_explained_by_leaving_pieces_out() -> None:
    texts, labels = zip(*FEW, strict=True)
    model = SentimentClassifier(vectors="reviews-en", head=LogisticRegression()).fit(texts, labels)
    explanation = model.explain("an awful film", "negative")
    p = model.predict_proba(["an awful film", "an film"])[:, 0]
    log_odds = np.log(p / (1 - p))
    assert explanation.log_odds == pytest.approx(log_odds[0])
    assert dict(explanation.pieces)["awful"] == pytest.approx(log_odds[0] - log_odds[1])


def test_polar_words_stand_in_order_and_agree_with_polarity(model: SentimentClassifier) -> None:
    words = model.polar_words(5)
    assert len(words) == 10
    assert words["polarity"].is_monotonic_decreasing
    assert model.polarity(words["word"][0]) == pytest.approx(words["polarity"][0])
    assert model.polarity("awful") < -1 < 1 < model.polarity("wonderful")


def test_a_model_without_seeds_has_no_polarity_to_tell() -> None:
    texts = [text for text, _ in FEW] * 3
    model = SentimentClassifier(seeds=None).pretrain(texts)
    with pytest.raises(NotFittedError, match="no polarity of words"):
        model.polarity("film")


def test_a_saved_model_explains_alike(model: SentimentClassifier, tmp_path: Path) -> None:
    model.save(tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert isinstance(again, SentimentClassifier)
    assert again.explain(TEXTS[0]).top(3) == model.explain(TEXTS[0]).top(3)
