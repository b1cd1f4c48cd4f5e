"""The sets of `strategies.compare`, their vectors and their arms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from scripts.accuracy.sets import SETS, general_model
from scripts.corpora import read_set, sampled
from sentiment_transfer import HiddenLayerClassifier, SentimentClassifier, SkipGram, WordVectors
from sentiment_transfer.experiments.arms import ARMS
from sentiment_transfer.experiments.leaks import without_test_texts
from sentiment_transfer.experiments.multitask import MultiTaskArm, Task

if TYPE_CHECKING:
    from pathlib import Path

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.experiments.arms import Arm

__all__ = ["DOMAINS", "ON_OWN", "SEVERAL", "STRATEGIES", "Ready", "make_ready", "title_of"]

STRATEGIES = {
    "zero-shot": 8,
    "logistic": 8,
    "svm": 8,
    "hidden-layer": 8,
    "swapped-words": 8,
    "nbsvm-features": 8,
    "multi-task": 8,
    "pooled": 8,
    "fine-tuned": 3,
    "end-to-end": 3,
    "lstm": 3,
    "lstm-scratch": 3,
    "model": 8,
}
"""Arms, and the maximum number of draws of each: fewer for slow ones."""

SEVERAL = {
    "multi-task": "pretrained, hidden layer shared by eight domains",
    "pooled": "pretrained, one network on eight domains pooled",
}
"""Arms that are fitted to all domains together."""

DOMAINS = tuple(name for name in SETS if name.startswith("amazon/"))

ON_OWN = ("imdb", "amazon", "movies72")
"""Large enough to pretrain vectors on their own texts; others use those of the accuracy script."""


@dataclass(frozen=True, eq=False)
class Ready:
    """A set with a model that is pretrained for it."""

    name: str
    pool: Labelled
    test: Labelled
    model: SentimentClassifier
    vectors: str

    def arm(self, name: str, folder: Path) -> Arm:
        """Make an arm by name."""
        if name in SEVERAL:
            others = {d: _task(d, folder) for d in DOMAINS if d != self.name}
            return MultiTaskArm(self.model, others, pooled=name == "pooled")
        return ARMS[name][1](self.model)


def title_of(name: str) -> str:
    """Title of an arm in tables."""
    return SEVERAL[name] if name in SEVERAL else ARMS[name][0]


def make_ready(name: str, folder: Path, most: int | None = None) -> Ready:
    """Read a set and pretrain for it, test texts unseen; ``most`` test texts, always the same."""
    pool, unlabelled, test = read_set(name)
    own = name.partition("/")[0]
    if own in ON_OWN:
        vectors = _own_vectors(own, folder)
        texts = list(without_test_texts(pool.texts + unlabelled, test.texts))
        model = SentimentClassifier(vectors=vectors).pretrain(texts)
    else:
        own = SETS[name].vectors
        model = general_model(own, folder).adapt(pool.texts)
    return Ready(name, pool, sampled(test, most), model, own)


def _own_vectors(name: str, folder: Path) -> WordVectors:
    """Word vectors of a set's own texts, or what was pretrained before."""
    path = folder / f"own-{name}.safetensors"
    if not path.is_file():
        print(f"pretraining on {name}", flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        pool, unlabelled, test = read_set(name)
        texts = list(without_test_texts(pool.texts + unlabelled, test.texts))
        SkipGram(workers=1).fit(texts).vectors_.save(path)
    return WordVectors.load(path)


@cache
def _task(domain: str, folder: Path) -> Task:
    """A domain's pool as sentence vectors, each centred by the domain's own texts."""
    ready = make_ready(domain, folder)
    encoded = ready.model.with_head(HiddenLayerClassifier()).encode(ready.pool.texts)
    return Task(encoded.features, ready.pool.labels)
