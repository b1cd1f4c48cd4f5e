"""Ways to carry the polarity of English words over to another language, and their controls.

English is the shipped ``reviews-en``: its two directions of polarity, its scores of words, and the
direction of a classifier that labels of English reviews taught over the same vectors.
"""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scripts.accuracy import cross_language_map as mapping
from scripts.corpora import read_set
from sentiment_transfer import SentimentClassifier, WordVectors, load
from sentiment_transfer.polarity import PolarityEncoder
from sentiment_transfer.polarity.cut import choose_cut
from sentiment_transfer.polarity.learning import polarity_from_seeds
from sentiment_transfer.polarity.little_text import balance_weight, with_seed_words
from sentiment_transfer.polarity.polarity import Polarity, seed_balance, sentence_vectors
from sentiment_transfer.text import Tokenizer, Vocabulary
from sentiment_transfer.text.bag_of_words import mean_of_texts, unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from scripts.accuracy.cross_language_map import Matrix, Pair, Rows
    from sentiment_transfer.encoding import PretrainingTexts
    from sentiment_transfer.polarity.features import PolarityFeatures
    from sentiment_transfer.text import TokenIds
    from sentiment_transfer.text.reading import ReadTexts

ENGLISH_WORDS = 10_000
"""Number of English words, the most frequent ones, that neighbours are looked for among."""
ENGLISH_SETS = ("imdb", "amazon")
TAUGHT_TEXTS, JOINT_TEXTS = 3_000, 1_000
"""English texts of each set that teach the classifier, and that are pretrained on with others."""
NEIGHBOUR_SEEDS, FEWEST, SEED_SHARE = 100, 5, 0.05
"""Most words a side that become seeds by their neighbours, their fewest occurrences, and their
largest share of the words that occur so often."""
POLAR = 1.0
"""Score from which an English word is polar, in standard deviations."""


class English(NamedTuple):
    """English vectors and what is known of polarity in their space."""

    vectors: WordVectors
    space: Matrix
    """Normalised, ``(10,000, d)``."""
    scores: Matrix
    polarity: Matrix
    """Directions of seeds and pivot classifier, ``(2, d)``."""
    labels: Matrix
    """Direction of the classifier that labels taught, ``(1, d)``."""
    texts: TokenIds
    """Some English texts, to pretrain on with those of another language."""


class Fitted(NamedTuple):
    """An encoder with a polarity, and the texts that it was fitted on."""

    encoder: PolarityEncoder
    ids: TokenIds
    read: dict[str, ReadTexts]
    """Other texts that were read with its vectors, by name."""

    def features(self, name: str, texts: Sequence[str]) -> PolarityFeatures:
        """Encode texts, which are read once for all polarities over the same vectors."""
        if name not in self.read:
            self.read[name] = self.encoder.read(texts)
        return self.encoder.features(self.read[name])


def read_english() -> English:
    """Load ``reviews-en``, and teach a classifier over its vectors."""
    model = load("reviews-en")
    assert isinstance(model, SentimentClassifier)  # noqa: S101  (for mypy)
    whole, encoder = model.vectors_, model.encoder_
    vectors = first_words(whole, ENGLISH_WORDS)
    pools = [read_set(name).pool for name in ENGLISH_SETS]
    chosen = [np.random.default_rng(0).permutation(len(pool)) for pool in pools]
    x, y, others = [], [], []
    for pool, order in zip(pools, chosen, strict=True):
        texts = [pool.texts[i] for i in order[:TAUGHT_TEXTS]]
        encoded = encoder.polarity_.encode(whole.encode(texts), whole.matrix)[:, :-1]
        x.append(encoded - encoded.mean(axis=0))
        y += [str(pool.labels[i]) for i in order[:TAUGHT_TEXTS]]
        others += texts[:JOINT_TEXTS]
    return English(
        vectors,
        mapping.normalised(whole.matrix)[:ENGLISH_WORDS],
        encoder.polarity_.word_scores[:ENGLISH_WORDS],
        encoder.polarity_.directions,
        _classifier(np.concatenate(x), np.array(y) == "positive"),
        vectors.encode(others),
    )


def _classifier(x: Matrix, y: np.ndarray) -> Matrix:
    from sklearn.linear_model import LogisticRegression

    weights: Matrix = LogisticRegression(max_iter=1_000).fit(x, y).coef_.astype(np.float32)
    return weights


def first_words(vectors: WordVectors, n: int) -> WordVectors:
    """Return the vectors of the first ``n`` words."""
    vocabulary = Vocabulary(vectors.words[:n], vectors.counts[:n])
    return WordVectors(vocabulary, vectors.matrix[:n], vectors.tokenizer)


def turn_of(
    vectors: WordVectors, english: English, pairs: Sequence[Pair], *, refined: bool = False
) -> Matrix:
    """Return the rotation; if ``refined``, also from words that are spelled the same, and found."""
    source = mapping.normalised(vectors.matrix)
    rows = mapping.dictionary(pairs, vectors, english.vectors)
    if not refined:
        return mapping.rotation(source, english.space, rows)
    same = mapping.spelled_the_same(vectors, english.vectors)
    return mapping.refined_rotation(source, english.space, np.concatenate([rows, same]))


def neighbour_scores(vectors: WordVectors, english: English, turn: Matrix) -> Matrix:
    """Return the score of each word by its English neighbours, ``(n,)``; 0 of rare words."""
    frequent = np.flatnonzero(vectors.counts >= FEWEST)
    scores = np.zeros(len(vectors), np.float32)
    turned = mapping.normalised(vectors.matrix)[frequent] @ turn
    scores[frequent] = mapping.neighbour_scores(turned, english.space, english.scores)
    return scores


def tokenizer_with_seeds(code: str, pairs: Sequence[Pair], folder: Path) -> Tokenizer:
    """Return the tokenizer of a language whose only seed words are those of the pairs."""
    shipped = files("sentiment_transfer.languages") / f"{code}.json"
    content = json.loads(shipped.read_text(encoding="utf-8"))
    sides = {"positive": 1, "negative": -1}
    content["seeds"] = {
        name: [pair.word for pair in pairs if pair.sign == sign] for name, sign in sides.items()
    }
    path = folder / f"{code}-{len(pairs)}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return Tokenizer(str(path)).with_own_language()


def with_seeds(
    vectors: WordVectors, texts: PretrainingTexts, tokenizer: Tokenizer, *, add: bool = True
) -> Fitted:
    """Fit the package's encoder with the seed words of a tokenizer's language.

    With ``add``, as in the package, seed words without a vector get the mean of the others.
    """
    own, read = replace(vectors, tokenizer=tokenizer), texts
    if add:
        own, read = with_seed_words(own, texts)
    return Fitted(PolarityEncoder(own).fit_unlabelled(read), read.ids, {})


def with_polarity(fitted: Fitted, polarity: Polarity) -> Fitted:
    """Return a copy with another polarity."""
    encoder = copy.copy(fitted.encoder)
    encoder.polarity_ = polarity
    return fitted._replace(encoder=encoder)


def along(fitted: Fitted, directions: Matrix, *, seeds: bool = True) -> Fitted:
    """Score words and texts along these directions, ``(k, d)``, in place of the encoder's own.

    The formulas are those of `polarity.polarity`. The balance of the seed words keeps its weight,
    or has none without ``seeds``.
    """
    vectors, base = fitted.encoder.vectors.matrix, fitted.encoder.polarity_
    assert base is not None  # noqa: S101  (for mypy)
    z = _z_scores(unit_rows(vectors - vectors.mean(axis=0)) @ directions.T).astype(np.float32)
    pooling = (0.3 + np.minimum(np.abs(z), 3)).astype(np.float32)
    centre = mean_of_texts(fitted.ids, vectors, pooling)
    known = np.diff(fitted.ids.offsets) > 0
    x = sentence_vectors(fitted.ids, vectors, pooling, centre)[known].astype(np.float64)
    values = x @ directions.T.astype(np.float64)
    scales = values.std(axis=0)
    raw = (values / scales).sum(axis=1)
    signs = base.seed_signs if seeds else np.zeros_like(base.seed_signs)
    weight = balance_weight(fitted.encoder.vectors) * float(raw.std())
    balances = seed_balance(fitted.ids, signs)[known]
    raw += weight * balances
    polarity = replace(
        base,
        directions=directions,
        word_scores=z,
        pooling=pooling,
        centre=centre,
        scales=scales,
        seed_signs=signs,
        seed_weight=weight,
        cut=choose_cut(raw, balances),
        spread=float(raw.std()),
    )
    return with_polarity(fitted, polarity)


def _z_scores(values: Matrix) -> Matrix:
    """Standardise the columns, add them, and standardise the sum, ``(n,)``."""
    total = ((values - values.mean(axis=0)) / values.std(axis=0)).sum(axis=1)
    return (total - total.mean()) / total.std()


def joined(fitted: Fitted, directions: Matrix) -> Fitted:
    """Score along the encoder's own directions and these, with equal weights."""
    assert fitted.encoder.polarity_ is not None  # noqa: S101  (for mypy)
    return along(fitted, np.concatenate([fitted.encoder.polarity_.directions, directions]))


def as_prior(fitted: Fitted, directions: Matrix) -> Fitted:
    """Learn the encoder's polarity once more, with the carried one as its background."""
    background = along(fitted, directions).encoder.polarity_
    return _from_seeds(fitted, *_sides(fitted), background=background)


def with_neighbours(fitted: Fitted, scores: Matrix, *, seeds: bool = True) -> Fitted:
    """Add the words of extreme scores to the seed words; ``scores`` of the first words, ``(n,)``.

    The encoder's own seed words keep their sign; without ``seeds`` they are forgotten.
    """
    counts = fitted.encoder.vectors.counts[: len(scores)]
    frequent = np.flatnonzero(counts >= FEWEST)
    ranked = frequent[np.argsort(scores[frequent], kind="stable")]
    size = max(1, min(NEIGHBOUR_SEEDS, int(SEED_SHARE * len(ranked))))
    if not seeds:
        return _from_seeds(fitted, np.sort(ranked[-size:]), np.sort(ranked[:size]))
    positive, negative = _sides(fitted)
    added_positive = np.setdiff1d(ranked[-size:], negative)
    added_negative = np.setdiff1d(ranked[:size], positive)
    return _from_seeds(
        fitted, np.union1d(positive, added_positive), np.union1d(negative, added_negative)
    )


def with_spelled_the_same(fitted: Fitted, vectors: WordVectors, english: English) -> Fitted | None:
    """Take the words spelled as polar English ones as the only seeds; None if a side has none."""
    rows = mapping.spelled_the_same(vectors, english.vectors)
    scores = english.scores[rows[:, 1]]
    positive, negative = rows[scores > POLAR, 0], rows[scores < -POLAR, 0]
    if not (len(positive) and len(negative)):
        return None
    return _from_seeds(fitted, np.sort(positive), np.sort(negative))


def _sides(fitted: Fitted) -> tuple[Rows, Rows]:
    assert fitted.encoder.polarity_ is not None  # noqa: S101  (for mypy)
    signs = fitted.encoder.polarity_.seed_signs
    return np.flatnonzero(signs > 0), np.flatnonzero(signs < 0)


def _from_seeds(
    fitted: Fitted, positive: Rows, negative: Rows, background: Polarity | None = None
) -> Fitted:
    vectors = fitted.encoder.vectors
    polarity = polarity_from_seeds(
        vectors.matrix,
        fitted.ids,
        positive,
        negative,
        background=background,
        balance_weight=balance_weight(vectors),
    )
    return with_polarity(fitted, polarity)
