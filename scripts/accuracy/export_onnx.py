"""Measure exported ONNX files: answers beside those of Python, size, and texts a second.

    python -m scripts.accuracy.export_onnx     some minutes; writes results/onnx.md

Runs in ONNX Runtime on one thread, with batches of texts of similar length. It gets ids, which the
package has read; Python's own speed is from text to probability.
"""

from __future__ import annotations

import platform
import statistics
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from scripts.accuracy.export_page import some_texts
from scripts.accuracy.neutral import three
from scripts.corpora import read_set
from scripts.reports import RESULTS, markdown_table
from sentiment_transfer import (
    AveragingEncoder,
    HiddenLayerClassifier,
    LSTMEncoder,
    SentimentClassifier,
    load,
)
from sentiment_transfer.export import onnx_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.model import FittedStages

SETS = ("mr", "imdb")
LABELS = 1_000
BATCH = 100
PASSES = 5
COLUMNS = (
    "model", "classes", "ONNX, MB", "of the model file", "set", "texts", "same label, %",
    "largest difference", "ONNX Runtime, texts/s", "Python, texts/s",
)  # fmt: skip
NOTE = """# Exported ONNX files

Written by `scripts/accuracy/export_onnx.py`: answers of `sentiment-transfer export --onnx` in ONNX
Runtime {runtime} beside those of Python: texts with the same label, and the largest difference of a
probability. The model file is the smallest that loses nothing (int8 vectors). Models with labels
have {labels:,} of `mr`, with three classes of tweets. Speed on one thread of {machine}, other work
on the machine, median of {passes} passes: ONNX Runtime from token ids, in batches of {batch} of
similar length; Python from text, so with tokenizing. Targets: within 1e-5, all labels, below 1.3.
"""


class Run(NamedTuple):
    """Probabilities, float64 ``(n_texts, n_classes)``, and texts a second in each pass."""

    probabilities: NDArray[np.float64]
    speeds: list[float]


def fed(stages: FittedStages, texts: Sequence[str], names: Sequence[str]) -> dict[str, Any]:
    """Return the inputs of texts, as the package reads them."""
    encoder = stages.encoder
    read = encoder.known_vectors.read_texts(texts, words=True, grammar=encoder.grammar)
    made = {
        "ids": read.rows.ids.astype(np.int64),
        "offsets": read.rows.offsets,
        "weights": read.weights,
        "words": read.word_numbers[read.words.ids].view(np.int64),
        "word_offsets": read.words.offsets,
    }
    return {name: made[name] for name in names}


def in_runtime(content: bytes, stages: FittedStages, texts: Sequence[str]) -> Run:
    """Run a file in ONNX Runtime, on batches of texts of similar length."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options)
    names = [port.name for port in session.get_inputs()]
    rows = np.argsort([len(text) for text in texts], kind="stable")
    batches = [rows[i : i + BATCH] for i in range(0, len(rows), BATCH)]
    inputs = [fed(stages, [texts[i] for i in batch], names) for batch in batches]
    p, speeds = np.zeros((len(texts), len(stages.classes))), []
    for _ in range(PASSES):
        begin = time.perf_counter()
        parts = [session.run(["probabilities"], each)[0] for each in inputs]
        speeds.append(len(texts) / (time.perf_counter() - begin))
    p[rows] = np.concatenate(parts)
    return Run(p, speeds)


def in_python(stages: FittedStages, texts: Sequence[str]) -> Run:
    """Answer as `predict_proba`."""
    speeds = []
    for _ in range(PASSES):
        begin = time.perf_counter()
        p = stages.answer([*texts]).probabilities
        speeds.append(len(texts) / (time.perf_counter() - begin))
    return Run(p, speeds)


def rows(name: str, model: SentimentClassifier, sets: dict[str, list[str]]) -> Iterator[list[str]]:
    """Yield the rows of one model, for each set."""
    stages = model.stages_
    content = onnx_of(stages).content
    for set_name, texts in sets.items():
        ours, run = in_python(stages, texts), in_runtime(content, stages, texts)
        same = (run.probabilities.argmax(axis=1) == ours.probabilities.argmax(axis=1)).mean()
        difference = np.abs(run.probabilities - ours.probabilities).max()
        yield [
            name,
            str(len(stages.classes)),
            f"{len(content) / 1e6:.2f}",
            f"{len(content) / file_size(model):.2f}",
            set_name,
            f"{len(texts):,}",
            f"{100 * same:.2f}",
            f"{difference:.0e}",
            *(f"{statistics.median(own.speeds):,.0f}" for own in (run, ours)),
        ]


def file_size(model: SentimentClassifier) -> int:
    """Return the bytes of a model file with int8 vectors."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        model.save(path, dtype="int8")
        return path.stat().st_size


def models() -> Iterator[tuple[str, SentimentClassifier]]:
    """Yield the models to export."""
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    mr, tweets = read_set("mr").pool, three("tweets3", "train")
    chosen = rng.permutation(len(mr.texts))[:LABELS]
    two = [mr.texts[i] for i in chosen], [mr.labels[i] for i in chosen]
    chosen = rng.permutation(len(tweets.texts))[:LABELS]
    ordered = [tweets.texts[i] for i in chosen], tweets.labels[chosen].tolist()
    vectors = load("reviews-en").vectors_
    network = HiddenLayerClassifier(seed=0)
    other = {"vectors": vectors, "seed": 0}
    averages = AveragingEncoder(vectors).fit(mr.texts)
    yield "reviews-en, no labels", load("reviews-en")
    yield "mixture", SentimentClassifier(vectors="reviews-en", seed=0).fit(*two)
    yield "mixture", SentimentClassifier(vectors="reviews-en", seed=0).fit(*ordered)
    for name, encoder, head in (
        ("averages, hidden layer", averages, network),
        ("averages, logistic regression", averages, LogisticRegression()),
        ("LSTM", LSTMEncoder(), network),
    ):
        yield name, SentimentClassifier(encoder=encoder, head=head, **other).fit(*two)


def main() -> None:
    """Measure all models on both sets."""
    import onnxruntime

    warnings.simplefilter("ignore")
    rng = np.random.default_rng(0)
    sets = {name: some_texts(name, rng) for name in SETS}
    table = []
    for name, model in models():
        for row in rows(name, model, sets):
            print(*row, sep=" | ", flush=True)
            table.append(row)
    facts = {"labels": LABELS, "passes": PASSES, "batch": BATCH, "machine": platform.machine()}
    note = NOTE.format(runtime=onnxruntime.__version__, **facts)
    page = "\n".join([note, *markdown_table(COLUMNS, table), ""])
    (RESULTS / "onnx.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
