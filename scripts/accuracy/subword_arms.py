"""Ways to use parts of words, compared by `subwords`. Only the cuts are in the package."""

from __future__ import annotations

from collections import Counter, defaultdict
from copy import copy
from dataclasses import replace
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer import SentimentClassifier, SkipGram, WordVectors
from sentiment_transfer.languages.files import language_file, register_language
from sentiment_transfer.text import Tokenizer, Vocabulary
from sentiment_transfer.text.bag_of_words import unit_rows
from sentiment_transfer.text.indexing import index_corpus
from sentiment_transfer.text.tokenizer import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    Compose = Callable[[Sequence[str]], NDArray[np.float32]]  # words to vectors; zeros for none
    Prepare = Callable[[str], str]

LEAST_PAIRS = 5
"""Pairs of pieces that occur less often are not merged."""
LONGEST = 30
NEIGHBOURS = 10
FASTTEXT_EPOCHS = 20
BUCKETS = 100_000


def whole_words(code: str) -> str:
    """Return the language without cuts on both sides; cuts behind a beginning stay."""
    content = language_file(code)
    cuts = [f"^{cut.strip('|')}|" if cut[0] == "|" else cut for cut in content.get("cuts", [])]
    return register_language({**content, "cuts": cuts} if cuts else content)


def divided(code: str, letters: int) -> str:
    """Return the language with cuts around its seed words of at least this many letters."""
    content = language_file(code)
    seeds = content["seeds"]["positive"] + content["seeds"]["negative"]
    cuts = list(content.get("cuts", []))
    if not any(cut[0] == "|" for cut in cuts):
        cuts += [f"|{seed}|" for seed in seeds if len(seed) >= letters and seed.isalpha()]
    return register_language({**content, "cuts": cuts})


# ---- pieces instead of words


def learnt_pieces(language: str, texts: Iterable[str], merges: int, *, further: bool) -> Prepare:
    """Return a function that divides the words of a text into pieces.

    Pieces are learnt by byte-pair encoding of syllables or letters (Sennrich et al. 2016); words
    with a role and seed words stay whole. With ``further``, pieces follow their word.
    """
    tokenizer = Tokenizer(language)
    known = tokenizer.language_data
    seeds = {*known.positive_seeds, *known.negative_seeds}

    def is_divided(piece: str) -> bool:
        plain = tokenizer.entry(piece).role == Role.WORD and piece not in seeds
        return plain and 1 < len(piece) <= LONGEST

    counts = Counter(piece for text in texts for piece in tokenizer.pieces(tokenizer.prepare(text)))
    counts = Counter({word: n for word, n in counts.items() if n > 1 and is_divided(word)})
    ranks = _merged_pairs(counts, merges)
    known_words: dict[str, str] = {}

    def divide(word: str) -> str:
        pieces = " ".join(_pieces(word, ranks)) if is_divided(word) else word
        return f"{word} {pieces}" if further and " " in pieces else pieces

    def prepare(text: str) -> str:
        words = tokenizer.pieces(tokenizer.prepare(text))
        for word in words:
            if word not in known_words:
                known_words[word] = divide(word)
        return " ".join(known_words[word] for word in words)

    return prepare


def _merged_pairs(counts: Counter[str], merges: int) -> dict[tuple[str, str], int]:
    """Return the most frequent pairs of pieces, in the order in which they are merged."""
    words, numbers = [list(word) for word in counts], [*counts.values()]
    pairs: Counter[tuple[str, str]] = Counter()
    places = defaultdict(set)
    for i, pieces in enumerate(words):
        for pair in pairwise(pieces):
            pairs[pair] += numbers[i]
            places[pair].add(i)
    heap = [(-n, pair) for pair, n in pairs.items()]
    heapify(heap)
    ranks: dict[tuple[str, str], int] = {}
    while heap and len(ranks) < merges:
        n, best = heappop(heap)
        if -n != pairs[best]:  # changed by an earlier merge
            if pairs[best] >= LEAST_PAIRS:
                heappush(heap, (-pairs[best], best))
            continue
        if -n < LEAST_PAIRS:
            break
        ranks[best] = len(ranks)
        changed = set()
        for i in places.pop(best):
            for pair in pairwise(words[i]):
                pairs[pair] -= numbers[i]
            words[i] = _joined(words[i], best)
            for pair in pairwise(words[i]):
                pairs[pair] += numbers[i]
                places[pair].add(i)
                changed.add(pair)
        for pair in changed:
            heappush(heap, (-pairs[pair], pair))
    return ranks


def _joined(pieces: list[str], pair: tuple[str, str]) -> list[str]:
    joined: list[str] = []
    i = 0
    while i < len(pieces):
        both = tuple(pieces[i : i + 2]) == pair
        joined.append("".join(pair) if both else pieces[i])
        i += 2 if both else 1
    return joined


def _pieces(word: str, ranks: dict[tuple[str, str], int]) -> list[str]:
    pieces = list(word)
    while len(pieces) > 1:
        known = [pair for pair in pairwise(pieces) if pair in ranks]
        if not known:
            break
        pieces = _joined(pieces, min(known, key=ranks.__getitem__))
    return pieces


# ---- vectors of words that have none


def composed(vectors: WordVectors, way: str, sizes: tuple[int, int]) -> Compose:
    """Return a function that composes vectors from those of words with the same n-grams.

    ``"neighbours"`` averages the ten words of the highest cosine of TF-IDF, weighted by its square;
    ``"regression"`` is a ridge regression of vectors on n-grams (as Pinter et al. 2017 by an RNN);
    ``"prefix"`` averages the words with the longest known beginning. n-grams contain the ends of
    words.
    """
    rows = np.flatnonzero(vectors.counts > 0)
    words = [vectors.words[row] for row in rows]
    if way == "prefix":
        return _by_prefix(words, vectors.matrix[rows], sizes[0] + 1)
    grams = _grams(words, sizes)
    targets = vectors.matrix[rows]
    return _by_neighbours(grams, targets) if way == "neighbours" else _by_regression(grams, targets)


def _grams(words: list[str], sizes: tuple[int, int]) -> tuple[Any, Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    counter = TfidfVectorizer(analyzer="char", ngram_range=sizes, lowercase=False, binary=True)
    return counter, counter.fit_transform([f"<{word}>" for word in words])


def _by_neighbours(grams: tuple[Any, Any], vectors: NDArray[np.float32]) -> Compose:
    counter, known = grams

    def compose(words: Sequence[str]) -> NDArray[np.float32]:
        parts = [vectors[:0]]
        for first in range(0, len(words), 500):
            asked = counter.transform([f"<{word}>" for word in words[first : first + 500]])
            cosines = (asked @ known.T).toarray()
            near = np.argpartition(-cosines, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
            weights = np.square(np.take_along_axis(cosines, near, 1))
            weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
            parts.append(np.einsum("nk,nkd->nd", weights, vectors[near]).astype(np.float32))
        return np.concatenate(parts)

    return compose


def _by_regression(grams: tuple[Any, Any], vectors: NDArray[np.float32]) -> Compose:
    from sklearn.linear_model import Ridge

    counter, known = grams
    mean = vectors.mean(axis=0)
    ridge = Ridge(alpha=1.0, solver="sparse_cg", tol=1e-2, max_iter=60).fit(known, vectors - mean)

    def compose(words: Sequence[str]) -> NDArray[np.float32]:
        asked = counter.transform([f"<{word}>" for word in words])
        some = asked.getnnz(axis=1)[:, None] > 0
        return np.where(some, ridge.predict(asked) + mean, 0).astype(np.float32)

    return compose


def _by_prefix(words: list[str], vectors: NDArray[np.float32], letters: int) -> Compose:
    rows = defaultdict(list)
    for row, word in enumerate(words):
        for end in range(letters, len(word) + 1):
            rows[word[:end]].append(row)

    def compose(asked: Sequence[str]) -> NDArray[np.float32]:
        found = np.zeros((len(asked), vectors.shape[1]), np.float32)
        for i, word in enumerate(asked):
            ends = range(len(word), letters - 1, -1)
            prefix = next((word[:end] for end in ends if word[:end] in rows), None)
            if prefix is not None:
                found[i] = vectors[rows[prefix]].mean(axis=0)
        return found

    return compose


def with_words(
    model: SentimentClassifier, compose: Compose, texts: Iterable[str]
) -> SentimentClassifier:
    """Return the model with vectors, and polarity by these, of all words of some texts.

    Nothing is learnt from the texts: a word's vector depends on its letters alone.
    """
    encoder: Any = model.encoder_
    vectors, polarity = encoder.vectors, encoder.polarity_
    unknown = [w for w in index_corpus(texts, vectors.tokenizer)[0].words if w not in vectors]
    made = compose(unknown)
    kept = made.any(axis=1)
    made, words = made[kept], [word for word, is_kept in zip(unknown, kept, strict=True) if is_kept]
    mean = vectors.matrix.mean(axis=0)
    along, of_made = (unit_rows(m - mean) @ polarity.directions.T for m in (vectors.matrix, made))
    scaled = ((of_made - along.mean(axis=0)) / along.std(axis=0)).sum(axis=1)
    spread = ((along - along.mean(axis=0)) / along.std(axis=0)).sum(axis=1).std()
    scores = (scaled / spread).astype(np.float32)
    added = {
        "word_scores": scores,
        "pooling": (0.3 + np.minimum(np.abs(scores), 3)).astype(np.float32),
        "seed_signs": np.zeros(len(words), np.int8),
    }
    extended = copy(encoder)
    extended.polarity_ = replace(
        polarity, **{n: np.concatenate([getattr(polarity, n), v]) for n, v in added.items()}
    )
    vocabulary = Vocabulary(
        (*vectors.words, *words), np.append(vectors.counts, np.zeros(len(words), np.int64))
    )
    matrix = np.concatenate([vectors.matrix, made])
    extended.vectors = WordVectors(vocabulary, matrix, vectors.tokenizer, vectors.metadata)
    other = copy(model)
    pretrained: Any = model._pretrained
    other._pretrained = replace(pretrained, encoder=extended)
    other._fitted = replace(model.stages_, encoder=extended)
    return other


def fasttext(
    language: str, texts: list[str], sizes: tuple[int, int], seed: int
) -> tuple[WordVectors, Compose]:
    """Return vectors of gensim's fastText of the same tokens, and what composes those of others."""
    from gensim.models import FastText

    tokenizer = Tokenizer(language)
    vocabulary, ids = index_corpus(texts, tokenizer)
    sentences = [[vocabulary.words[i] for i in ids[text].tolist()] for text in range(len(ids))]
    options = {"vector_size": 100, "sg": 1, "negative": 5, "sample": 1e-3, "workers": 1}
    options |= {"min_n": sizes[0], "max_n": sizes[1], "bucket": BUCKETS, "epochs": FASTTEXT_EPOCHS}
    least = SkipGram().min_count_of(len(ids.ids))
    model = FastText(sentences, seed=seed, min_count=least, **options)
    vectors = WordVectors.from_keyed_vectors(model.wv, tokenizer)
    return vectors, lambda words: np.array([model.wv[word] for word in words], np.float32)
