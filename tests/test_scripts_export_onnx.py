from __future__ import annotations

import numpy as np
import pytest

from scripts.accuracy.export_onnx import COLUMNS, PASSES, in_runtime, rows
from sentiment_transfer import load
from sentiment_transfer.export import onnx_of

TEXTS = ["It was great, loved it, and would go again.", "", "A dull plot, not good."]

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")


def test_the_runtime_gives_the_answers_of_python_in_the_order_of_the_texts() -> None:
    model = load("goods-en")
    run = in_runtime(onnx_of(model.stages_).content, model.stages_, TEXTS)
    assert len(run.speeds) == PASSES
    np.testing.assert_allclose(run.probabilities, model.predict_proba(TEXTS), atol=1e-6)


def test_a_row_counts_equal_labels_and_the_largest_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from scripts.accuracy import export_onnx

    model = load("goods-en")
    told = np.array([[0.0, 1.0], [0.5, 0.5], [0.0, 1.0]])
    fixed = export_onnx.Run(told, [1.0, 2.0, 4.0])
    monkeypatch.setattr(export_onnx, "in_runtime", lambda *_: fixed)
    (row,) = rows("m", model, {"s": TEXTS})
    assert len(row) == len(COLUMNS)
    assert row[:2] + row[4:7] == ["m", "2", "s", "3", "66.67"]
    expected = np.abs(told - model.predict_proba(TEXTS)).max()
    assert float(row[7]) == pytest.approx(expected, rel=0.1)
    assert row[8] == "2"
