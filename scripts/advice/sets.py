"""Review sets as the validations of the advice use them: encoded once, halved for choices.

Thresholds are chosen on the sets of `CHOOSING`, and figures reported on those of `REPORTING`. The
models are the shipped ones, which know the words of most of these sets, but without what labels of
other texts taught, because these are labels of the same sets. They are adapted to the pools. Pool
and test texts are drawn at random from all labelled texts of a set: some of the halves that sets
come in differ by several points, which would count as errors of estimates.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from scripts.accuracy.taught import untaught
from scripts.corpora import CHINESE, read_set, rows_of
from sentiment_transfer import SentimentClassifier
from sentiment_transfer.corpus import Labelled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.encoding import EncodedTexts

__all__ = ["CHOOSING", "REPORTING", "Prepared", "prepared"]

CHOOSING = ("mr", "uci_amazon", "amazon/dvd", "amazon/kitchen_housewares", "zh_waimai")
REPORTING = ("imdb", "uci_yelp", "uci_imdb", "amazon/books", "amazon/electronics", "zh_hotel")
MOST_POOL, MOST_TEST = 1_500, 2_000


@dataclass(frozen=True, eq=False)
class Prepared:
    """A set with a model that is adapted to its pool.

    Attributes
    ----------
    model
        Without labels.
    texts, pool, labels
        Texts of the pool, at most 1,500, encoded, and their labels.
    test, truth
        Texts to test on, at most 2,000, encoded, and their labels.
    """

    model: SentimentClassifier
    texts: list[str]
    pool: EncodedTexts
    labels: NDArray[np.str_]
    test: EncodedTexts
    truth: NDArray[np.str_]


@cache
def prepared(name: str, *, seeds: bool = True) -> Prepared:
    """Read and encode a set, with the seed words of the language or without."""
    source = read_set(name)
    both = Labelled(
        [*source.pool.texts, *source.test.texts], source.pool.labels + source.test.labels
    )
    different = np.array([*{text: row for row, text in enumerate(both.texts)}.values()])
    order = np.random.default_rng(0).permutation(different)
    size = min(MOST_POOL, len(order) // 2)
    pool, test = rows_of(both, order[:size]), rows_of(both, order[size : size + MOST_TEST])
    member = "reviews-zh" if name in CHINESE else "reviews-en"
    if seeds:
        model = untaught(member).adapt(pool.texts)
    else:
        model = SentimentClassifier(member[-2:], vectors=member, seeds=None)
        model.pretrain(pool.texts)
    return Prepared(
        model,
        pool.texts,
        model.encode(pool.texts),
        np.array(pool.labels),
        model.encode(test.texts),
        np.array(test.labels),
    )
