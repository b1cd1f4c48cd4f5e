"""The pictures of the studio are made with labels that are right."""

from __future__ import annotations

import pytest

pytest.importorskip("playwright", reason="playwright is not installed: it makes the pictures")

from scripts.studio.screenshots import MIXED, POSITIVE, answers
from sentiment_transfer import load


def test_each_text_of_the_pictures_has_the_label_that_the_shipped_model_gives_it() -> None:
    keys = answers()
    reviews = [text for text in [*keys][:62] if keys[text] != "s"]
    assert len(keys) == 62 + 220
    assert len(reviews) == 62 - len(MIXED)
    assert not MIXED & POSITIVE
    labels = load("reviews-en").predict(reviews).tolist()
    assert [label[0] for label in labels] == [keys[text] for text in reviews]
