"""Peers of `scripts.scale.scoring`: Parquet of texts to Parquet of labels, as their users write it.

    python scripts/scale/scoring_peers.py train fasttext LABELLED.parquet MODEL
    python scripts/scale/scoring_peers.py score fasttext MODEL IN.parquet OUT.parquet

Imports nothing of this project, so another Python can run it, in which the peer is installed.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 1 << 16


def _lines(texts: list[str]) -> list[str]:
    """Return texts as fastText reads them: in lower case, each on one line."""
    return [text.lower().replace("\n", " ") for text in texts]


def train_fasttext(texts: list[str], labels: list[str], model: Path) -> None:
    """Train on words and pairs, and save without compressing."""
    import fasttext

    lines = model.with_suffix(".txt")
    pairs = zip(labels, _lines(texts), strict=True)
    lines.write_text("".join(f"__label__{label} {text}\n" for label, text in pairs), "utf-8")
    fasttext.train_supervised(str(lines), wordNgrams=2, thread=1, verbose=0).save_model(str(model))


def score_fasttext(model: Path, source: Path, target: Path) -> None:
    """Answer batch by batch."""
    import fasttext

    found = fasttext.load_model(str(model))
    schema = pq.read_schema(source)
    schema = schema.append(pa.field("label", pa.string()))
    schema = schema.append(pa.field("probability", pa.float64()))
    with pq.ParquetWriter(target, schema) as writer:
        for batch in pq.ParquetFile(source).iter_batches(ROWS, use_threads=False):
            labels, shares = found.predict(_lines(batch.column("text").to_pylist()))
            names = [label[0].removeprefix("__label__") for label in labels]
            own = [pa.array(names), pa.array([float(share[0]) for share in shares])]
            table = pa.Table.from_arrays([*batch.columns, *own], schema=schema)
            writer.write_table(table)


def train_sklearn(texts: list[str], labels: list[str], model: Path) -> None:
    """Fit TF-IDF of words and pairs, and logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
    fitted = make_pipeline(vectorizer, LogisticRegression(max_iter=1000)).fit(texts, labels)
    model.write_bytes(pickle.dumps(fitted))


def score_sklearn(model: Path, source: Path, target: Path) -> None:
    """Answer a whole file in a data frame."""
    import pandas as pd

    fitted: Any = pickle.loads(model.read_bytes())  # noqa: S301  (written above)
    frame = pd.read_parquet(source)
    shares = fitted.predict_proba(frame["text"])
    frame["label"] = fitted.classes_[shares.argmax(axis=1)]
    frame["probability"] = shares.max(axis=1)
    frame.to_parquet(target)


TRAIN = {"fasttext": train_fasttext, "sklearn": train_sklearn}
SCORE = {"fasttext": score_fasttext, "sklearn": score_sklearn}


def main(work: str, peer: str, *paths: str) -> None:
    """Train a peer, or answer a file with it."""
    if work == "train":
        labelled, model = map(Path, paths)
        columns = pq.read_table(labelled).to_pydict()
        TRAIN[peer](columns["text"], columns["label"], model)
    else:
        model, source, target = map(Path, paths)
        SCORE[peer](model, source, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
