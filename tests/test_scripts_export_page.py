from __future__ import annotations

import shutil

import numpy as np
import pytest

from scripts.accuracy.export_page import ENGINES, PASSES, rows
from sentiment_transfer import load
from sentiment_transfer.export import script_of, tables_of

TEXTS = ["It was great, loved it.", "", "A dull plot </pre> <b>& silly</b>."]


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_gives_a_speed_for_each_pass_and_the_answers_of_python(engine: str) -> None:
    if shutil.which(engine) is None:
        pytest.skip(f"{engine} is not installed: no JavaScript is run")
    model = load("reviews-en")
    run = ENGINES[engine](script_of(tables_of(model.stages_)), TEXTS)
    assert len(run.speeds) == PASSES
    np.testing.assert_allclose(run.probabilities, model.predict_proba(TEXTS), atol=1e-6)


def test_a_row_counts_equal_labels_and_the_largest_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from scripts.accuracy.export_page import Run

    model = load("reviews-en")
    told = np.array([[0.0, 1.0], [0.5, 0.5], [0.0, 1.0]])
    for engine in ENGINES:
        monkeypatch.setitem(ENGINES, engine, lambda *_: Run([1.0, 2.0, 4.0], told))
    expected = model.predict_proba(TEXTS)
    first, second = rows("m", model, {"s": TEXTS})
    assert first[:1] + first[2:6] == ["m", "s", "3", "node", "66.67"]
    assert float(first[6]) == pytest.approx(np.abs(told - expected).max(), rel=0.1)
    assert first[7:] == ["1", "3 (2 to 4)"]
    assert second[4] == "chromium"
