"""Skip-gram trained by gensim, the reference for the fast engine.

gensim gives the same vectors for the same seed with one worker only, so one is used. It drops
tokens after the 10,000th of a text, so longer texts are cut. Its loss is a float32 running sum that
stops growing on long runs; here it is read and reset every few thousand texts and added up in
float64.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.pretraining.engine import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.engine import Settings, Start
    from sentiment_transfer.text import TokenIds

__all__ = ["train_with_gensim"]

_STEP_TOKENS = 200_000
_MAX_TEXT = 10_000


def train_with_gensim(
    corpus: TokenIds, counts: NDArray[np.int64], settings: Settings, _: Start | None = None
) -> Iterator[Step]:
    """Train gensim's ``Word2Vec(sg=1)`` on token ids. An engine; always trains from scratch."""
    from gensim.models import Word2Vec

    model = Word2Vec(**asdict(settings) | {"workers": 1}, sg=1, min_count=1)
    model.build_vocab_from_freq({str(i): int(count) for i, count in enumerate(counts)})
    rows = np.array([model.wv.key_to_index[str(i)] for i in range(len(counts))], dtype=np.int64)
    steps = _cut(corpus)
    total = max(1, len(corpus.ids)) * settings.epochs
    done = 0
    for epoch in range(settings.epochs):
        for number, sentences in enumerate(steps):
            tokens = sum(map(len, sentences))
            alpha, end = (
                settings.alpha - (settings.alpha - settings.min_alpha) * share / total
                for share in (done, done + tokens)
            )
            kept, _ = model.train(
                sentences,
                total_examples=len(sentences),
                epochs=1,
                start_alpha=alpha,
                end_alpha=end,
                compute_loss=True,
            )
            done += tokens
            # a centre word meets window + 1 context words on average: the window shrinks at random
            pairs = kept * (settings.window + 1)
            loss = float(model.get_latest_training_loss())
            last = number == len(steps) - 1
            yield Step(epoch, number, last, tokens, loss, pairs, end, model.wv.vectors[rows])


def _cut(corpus: TokenIds) -> list[list[list[str]]]:
    """Return texts as lists of keys, cut at gensim's limit and grouped into steps."""
    steps: list[list[list[str]]] = [[]]
    size = 0
    for i in range(len(corpus)):
        keys = list(map(str, corpus[i].tolist()))
        for start in range(0, len(keys), _MAX_TEXT):
            steps[-1].append(keys[start : start + _MAX_TEXT])
        size += len(keys)
        if size >= _STEP_TOKENS:
            steps.append([])
            size = 0
    return [step for step in steps if step]
