"""All that a port of the default stages needs of a fitted model, as values for JSON.

The arrays are those of `model.fast_path`, which adds up the log odds of each member of the mixture
while a text is read. The rest is what the tokenizer and the grammar look up.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_transfer.errors import SettingError
from sentiment_transfer.export.arrays import as_json, smallest
from sentiment_transfer.export.text_tables import text_tables
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.polarity.several_classes import SeveralClasses
from sentiment_transfer.polarity.word_shares import LINEAR_PARTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.model import FittedStages
    from sentiment_transfer.model.fast_path_numba import GramTable, Pooling
    from sentiment_transfer.polarity.members import Member
    from sentiment_transfer.text.grammar import Grammar

__all__ = ["Tables", "grammar_tables", "model_facts", "tables_of"]

LEAST_SHARE = 1e-6
"""Least share of a member of the mixture that is exported."""
COARSE = 1e-3
"""Error of rounded vectors, as a share of the largest value, from which they are corrected: int16
is below, int8 above."""

CAN = (
    "the default encoder and head (PolarityEncoder, PolarityClassifier) can be, with labels or "
    "without, in a language with spaces between words"
)


class Tables(NamedTuple):
    """The content of a page.

    Attributes
    ----------
    data
        What the JavaScript port reads, as values for JSON.
    precision
        That of its word vectors: float32, int16 or int8.
    exact
        Whether the word vectors lose nothing by it.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> tables = tables_of(load("reviews-id").stages_)
    >>> tables.precision, tables.exact, tables.data["labels"]
    ('int8', True, ['negative', 'positive'])
    """

    data: dict[str, Any]
    precision: str
    exact: bool


def tables_of(stages: FittedStages, name: str = "model") -> Tables:
    """Return the tables of fitted stages, shown under a name.

    Parameters
    ----------
    stages
        Fitted stages, such as the ``stages_`` of a model.
    name
        Of the model, which a page shows.

    Returns
    -------
    Tables
        With word vectors in 8 or 16 bits where that changes little.

    Raises
    ------
    SettingError
        The stages are not the default ones, or their tokenizer is not ported.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> tables_of(load("reviews-id").stages_, "reviews-id").data["card"]["name"]
    'reviews-id'
    """
    _check(stages)
    from sentiment_transfer.model.fast_path import gram_table, poolings

    encoder, head = stages.encoder, stages.head
    vectors = encoder.known_vectors
    stored = smallest(vectors.matrix)
    rounded = stored.matrix
    members = list(chain(*_kept(head)))
    table = gram_table(encoder, head, members)
    grammar = encoder.grammar
    data = {
        "format": 1,
        "card": model_facts(stages, name, stored.dtype),
        "labels": stages.classes.tolist(),
        "order": np.argsort(head.order_).tolist(),
        "prior": stages.prior.tolist(),
        "tokenizer": text_tables(vectors.tokenizer, expands_signs=grammar is not None),
        "words": list(vectors.words),
        "width": vectors.vector_size,
        "vectors": as_json(stored.values),
        "steps": None if stored.steps is None else as_json(stored.steps),
        "biases": [member.bias for member in members],
        "mixture": _mixture(head),
        "poolings": [_pooling(p, rounded) for p in poolings(encoder, members) if len(p.columns)],
        "grams": _grams(table) if len(table.numbers) else None,
        "grammar": None if grammar is None else grammar_tables(grammar),
    }
    return Tables(data, stored.dtype, np.array_equal(rounded, vectors.matrix))


def _check(stages: FittedStages) -> None:
    """Raise ``SettingError`` for stages that are not ported."""
    encoder, head = stages.encoder, stages.head
    if type(encoder) is not PolarityEncoder or type(head) is not PolarityClassifier:
        names = f"{type(encoder).__name__} and {type(head).__name__}"
        raise SettingError(f"a model of {names} cannot be exported as a page; {CAN}")
    if not head.parts <= LINEAR_PARTS:
        raise SettingError(
            f"a model that reads a sentence encoder cannot be exported as a page; {CAN}"
        )
    tokenizer = stages.vectors.tokenizer
    if tokenizer.language_data.segmenter:
        raise SettingError(
            f"a model of language={tokenizer.language!r} cannot be exported as a page: its texts "
            f"are cut into words by {tokenizer.language_data.segmenter}, whose dictionary is "
            f"larger than the page; {CAN}"
        )
    if tokenizer.splitter or tokenizer.stemmer:
        given = tokenizer.splitter or tokenizer.stemmer
        raise SettingError(
            f"a model whose tokenizer uses {given!r} cannot be exported as a page; "
            "one without a splitter and a stemmer can be"
        )


def model_facts(stages: FittedStages, name: str, precision: str) -> dict[str, Any]:
    """Return what the footer of a page has: what the model is and was trained on."""
    metadata = stages.vectors.metadata
    sources = metadata.get("sources")
    named = [s for s in sources if isinstance(s, dict)] if isinstance(sources, list) else []
    return {
        "name": name,
        "language": stages.vectors.tokenizer.language_data.name,
        "labels": stages.order.astype(np.str_).tolist(),
        "training": [" ".join(part) for part in stages.summary.parts()],
        "words": len(stages.vectors),
        "dimensions": stages.vectors.vector_size,
        "precision": precision,
        "sources": [f"{s.get('name')}: {s.get('terms')}" for s in named],
    }


def _kept(head: PolarityClassifier) -> list[list[Member]]:
    """Return the members of each binary problem, without those that decide nothing.

    A probability changes by less than three of the least shares, and each member has a number for
    every word and pair.
    """
    return [[m for m in mixture.members_ if m.share >= LEAST_SHARE] for mixture in head.mixtures]


def _mixture(head: PolarityClassifier) -> dict[str, Any]:
    """Return the shares of the members of each binary problem, and how these are combined."""
    several = head.mixture_ if isinstance(head.mixture_, SeveralClasses) else None
    labels = None if several is None else several.label_shares_
    return {
        "shares": [[member.share for member in members] for members in _kept(head)],
        "ordered": several is not None and several.ordered,
        "label_shares": None if labels is None else labels.tolist(),
    }


def _pooling(pooling: Pooling, rounded: NDArray[np.float32]) -> dict[str, Any]:
    """Return a pooling of word vectors that a page has rounded."""
    weights = None if (pooling.weights == 1).all() else as_json(pooling.weights)
    coarse = np.abs(rounded - pooling.vectors).max(initial=0) > COARSE * np.abs(rounded).max()
    return {
        "corrections": _corrections(pooling, rounded) if coarse else None,
        "weights": weights,
        "centre": as_json(pooling.centre),
        "positive": np.flatnonzero(pooling.signs > 0).tolist(),
        "negative": np.flatnonzero(pooling.signs < 0).tolist(),
        "projections": as_json(pooling.projections),
        "shifts": pooling.shifts.tolist(),
        "columns": pooling.columns.tolist(),
    }


def _corrections(pooling: Pooling, rounded: NDArray[np.float32]) -> dict[str, Any]:
    """Return numbers of each word that make up for most of what rounding loses.

    Let ``q`` be a rounded vector ``v``. The projections of a mean are means of ``v . u``; and its
    squared distance from the centre ``c`` has a part of each word, ``|v|^2`` and ``v . c``. Only
    the products of two different words are left to the rounded vectors.
    """
    exact, q = pooling.vectors.astype(np.float64), rounded.astype(np.float64)
    directions = pooling.projections[:, : exact.shape[1]]
    squares = (exact**2).sum(axis=1) - (q**2).sum(axis=1)
    return {
        "dots": as_json((exact @ directions.T).astype(np.float32)),
        "centre_dots": (directions @ pooling.centre).tolist(),
        "squares": as_json(squares.astype(np.float32)),
        "along_centre": as_json(((exact - q) @ pooling.centre).astype(np.float32)),
    }


def _grams(table: GramTable) -> dict[str, Any]:
    columns = np.flatnonzero(table.weights[:, 1:].any(axis=0))
    weights = table.weights[:, np.append(0, 1 + columns)]
    return {
        "numbers": as_json(table.numbers),
        "first": table.first,
        "weights": as_json(weights.astype(np.float32)),
        "columns": columns.tolist(),
        "taught": as_json(table.taught),
        "slopes": table.slopes.tolist(),
    }


def grammar_tables(grammar: Grammar) -> dict[str, Any]:
    """Return the words and patterns of a grammar as values for JSON."""
    groups, patterns = grammar.tables()
    return {
        "groups": groups,
        "n_classes": patterns.member.shape[1],
        "member": [np.flatnonzero(row).tolist() for row in patterns.member],
        "by_symbol": patterns.by_symbol.tolist(),
        "of_symbol": patterns.of_symbol.tolist(),
        "elements": patterns.elements.tolist(),
        "begins": patterns.begins.tolist(),
        "outcomes": patterns.outcomes.tolist(),
        "weights": patterns.weights.tolist(),
    }
