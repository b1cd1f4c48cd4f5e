"""Whole corpora to token ids."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.text.vocabulary import TokenIds, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentiment_transfer.text.tokenizer import Tokenizer

__all__ = ["encode_texts", "index_corpus"]


def index_corpus(
    texts: Iterable[str], tokenizer: Tokenizer, *, min_count: int | Callable[[int], int] = 1
) -> tuple[Vocabulary, TokenIds]:
    """Count the words of a corpus and encode it, in one pass over the texts.

    Returns the vocabulary of words seen at least ``min_count`` times, most frequent first (ties in
    the order first seen), and the ids of those words in every text.
    """
    counts: Counter[str] = Counter()
    first_ids: dict[str, int] = {}
    parts = []
    for text in texts:
        tokens = tokenizer(text)
        counts.update(tokens)
        parts.append([first_ids.setdefault(token, len(first_ids)) for token in tokens])
    vocabulary = Vocabulary.from_counts(counts, min_count)
    rank = np.array([vocabulary.index.get(word, -1) for word in first_ids], dtype=np.int32)
    provisional = TokenIds.from_lists(parts)
    return vocabulary, _keep_known(TokenIds(rank[provisional.ids], provisional.offsets))


def _keep_known(corpus: TokenIds) -> TokenIds:
    """Leave out the tokens whose id is -1."""
    known = corpus.ids >= 0
    kept_before = np.concatenate([np.zeros(1, np.int64), np.cumsum(known)])
    return TokenIds(corpus.ids[known], kept_before[corpus.offsets])


def encode_texts(texts: Iterable[str], tokenizer: Tokenizer, vocabulary: Vocabulary) -> TokenIds:
    """Ids of the known words of each text, in order; a text may have none."""
    return TokenIds.from_lists(vocabulary.encode(tokenizer(text)) for text in texts)
