from __future__ import annotations

import numpy as np
import pandas as pd

from scripts.accuracy.class_order import Numbered, coded, measure


def test_codes_replace_the_labels_of_both_parts() -> None:
    rows = pd.DataFrame({"text": ["a", "b", "c"], "label": [1, 3, 2]})
    found = coded(Numbered(rows, rows[:1]), {1: 7, 2: 8, 3: 9})
    assert found.pool["label"].tolist() == [7, 9, 8]
    assert found.test["label"].tolist() == [7]
    assert rows["label"].tolist() == [1, 3, 2]


def test_the_order_of_clear_ratings_is_found_in_every_draw() -> None:
    words = {0: "awful boring dull", 1: "a table and a chair", 2: "great lovely wonderful"}
    texts = [f"{words[i % 3]} number {i}" for i in range(90)]
    rows = pd.DataFrame({"text": texts, "label": [i % 3 for i in range(90)]})
    means, share = measure(Numbered(rows, rows[:30]), 40)
    assert share == 1.0
    assert means.shape == (3, 2)  # no order, that of the numbers, the one found
    np.testing.assert_array_equal(means[1], means[2])
    assert (means > 80).all()
