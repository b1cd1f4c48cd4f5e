"""Bad updates of a model, for `scripts.advice.updating`: whether they are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scripts.advice.stopping import two_classes
from scripts.corpora import CHINESE, corpora_folder, read_set, sampled
from sentiment_transfer import SentimentClassifier, SkipGram
from sentiment_transfer.advice import compare_models, update_model
from sentiment_transfer.experiments.draws import draw_labelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    Row = dict[str, Any]

N_LABELS, N_CASES = 50, 400


def refusals(name: str, old: list[str], new: list[str], epochs: int) -> list[Row]:
    """Try sound and bad updates of a model that is pretrained on old texts of a set."""
    found = read_set(name)
    pool, test = two_classes(found.pool), sampled(two_classes(found.test), 1_000)
    language = "zh" if name in CHINESE else "en"
    skipgram = SkipGram(epochs=epochs)
    before = SentimentClassifier(language, skipgram=skipgram).pretrain(old, callback=None)
    taken = draw_labelled(pool.labels, N_LABELS, "balanced", seed=1, draw=0)
    texts, labels = [pool.texts[i] for i in taken], [pool.labels[i] for i in taken]
    rest = np.setdiff1d(np.arange(len(pool)), taken)
    rest = np.random.default_rng(0).permutation(rest)[:N_CASES]
    cases = [pool.texts[i] for i in rest], [pool.labels[i] for i in rest]
    before.fit(texts, labels)
    foreign = read_set("imdb").unlabelled[:1_000] if language == "zh" else _french()
    updates: dict[str, tuple[list[str], Any]] = {
        "sound": (new, None),
        "sound, 50 labels": (new, (texts, labels)),
        "foreign": (foreign, None),
        "foreign, a half": ([*foreign, *new[: len(foreign)]], None),
        "shuffled words": (shuffled(new), None),
        "50 labels, all wrong": (new, (texts, wrong(labels, 1.0))),
        "50 labels, a third wrong": (new, (texts, wrong(labels, 1 / 3))),
    }
    rows = []
    for title, (given, labelled) in updates.items():
        for known in (True, False):
            done = update_model(
                before,
                given,
                labelled=labelled,
                cases=(cases[0], cases[1] if known else None),
                skipgram=skipgram,
                callback=None,
            )
            change = None
            if done.accepted:
                changes = compare_models(before, done.model, test.texts, test.labels)
                change = 100 * changes.gain
            rows.append(
                {
                    "setting": name,
                    "update": title,
                    "labelled cases": known,
                    "refused": done.refused,
                    "change": change,
                }
            )
    return rows


def _french() -> list[str]:
    texts: list[str] = pd.read_parquet(corpora_folder() / "fr_amazon" / "all.parquet")[
        "text"
    ].tolist()
    return texts


def shuffled(texts: Sequence[str], seed: int = 0) -> list[str]:
    """Return texts of the same lengths with the words, or Chinese characters, of all of them."""
    spaced = any(" " in text.strip() for text in texts[:50]) and not _chinese(texts)
    parts = [text.split() if spaced else list(text) for text in texts]
    words = np.random.default_rng(seed).permutation(np.concatenate(parts))
    ends = np.cumsum([len(part) for part in parts])[:-1]
    return [(" " if spaced else "").join(part) for part in np.split(words, ends)]


def _chinese(texts: Sequence[str]) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in texts[0])


def wrong(labels: Sequence[str], share: float, seed: int = 0) -> list[str]:
    """Return labels of which this share is of the other class."""
    turned = np.random.default_rng(seed).permutation(len(labels))[: round(share * len(labels))]
    other = {"positive": "negative", "negative": "positive"}
    return [other[label] if i in turned else label for i, label in enumerate(labels)]
