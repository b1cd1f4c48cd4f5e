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
    from sentiment_transfer.model import FittedStages
    from sentiment_transfer.model.fast_path_numba import GramTable, Pooling
    from sentiment_transfer.polarity.members import Member
    from sentiment_transfer.pretraining.precision import Precision
    from sentiment_transfer.text.grammar import Grammar

__all__ = ["Tables", "tables_of"]

LEAST_SHARE = 1e-6
"""Least share of a member of the mixture that is exported."""

CAN = (
    "the default encoder and head (PolarityEncoder, PolarityClassifier), with labels or without, "
    "of two classes or more, for a language with spaces between words"
)


class Tables(NamedTuple):
    """The content of a page.

    Attributes
    ----------
    data
        What the JavaScript port reads, as values for JSON.
    precision
        That of its word vectors.
    exact
        Whether the word vectors lose nothing by it.
    """

    data: dict[str, Any]
    precision: Precision
    exact: bool


def tables_of(stages: FittedStages, name: str = "model") -> Tables:
    """Return the tables of fitted stages, shown under a name.

    Raises
    ------
    SettingError
        The stages are not the default ones, or their tokenizer is not ported.
    """
    _check(stages)
    from sentiment_transfer.model.fast_path import gram_table, poolings

    encoder, head = stages.encoder, stages.head
    vectors = encoder.known_vectors
    precision, tensors = smallest(vectors.matrix)
    steps = tensors.get("vectors.steps")
    members = list(chain(*_kept(head)))
    table = gram_table(encoder, head, members)
    grammar = encoder.grammar
    data = {
        "format": 1,
        "card": _card(stages, name, precision),
        "labels": stages.classes.tolist(),
        "order": np.argsort(head.order_).tolist(),
        "prior": stages.prior.tolist(),
        "tokenizer": text_tables(vectors.tokenizer, expands_signs=grammar is not None),
        "words": list(vectors.words),
        "width": vectors.vector_size,
        "vectors": as_json(tensors["vectors"]),
        "steps": None if steps is None else as_json(steps),
        "biases": [member.bias for member in members],
        "mixture": _mixture(head),
        "poolings": [_pooling(p) for p in poolings(encoder, members) if len(p.columns)],
        "grams": _grams(table) if len(table.numbers) else None,
        "grammar": None if grammar is None else _grammar(grammar),
    }
    exact = precision == "float32" or (precision == "int8" and _is_exact(stages, tensors))
    return Tables(data, precision, exact)


def _is_exact(stages: FittedStages, tensors: dict[str, Any]) -> bool:
    from sentiment_transfer.pretraining.precision import restore

    return np.array_equal(restore(tensors), stages.vectors.matrix)


def _check(stages: FittedStages) -> None:
    """Raise ``SettingError`` for stages that are not ported."""
    encoder, head = stages.encoder, stages.head
    if type(encoder) is not PolarityEncoder or type(head) is not PolarityClassifier:
        names = f"{type(encoder).__name__} and {type(head).__name__}"
        raise SettingError(f"a model of {names} cannot be exported as a page; {CAN} can")
    if not head.parts <= LINEAR_PARTS:
        raise SettingError(
            f"a model that reads a sentence encoder cannot be exported as a page; {CAN} can"
        )
    tokenizer = stages.vectors.tokenizer
    if tokenizer.language_data.segmenter:
        raise SettingError(
            f"a model of language={tokenizer.language!r} cannot be exported as a page: its texts "
            f"are cut into words by {tokenizer.language_data.segmenter}, whose dictionary alone is "
            f"larger than a page; {CAN} can"
        )
    if tokenizer.splitter or tokenizer.stemmer:
        given = tokenizer.splitter or tokenizer.stemmer
        raise SettingError(f"a model whose tokenizer uses {given!r} cannot be exported as a page")


def _card(stages: FittedStages, name: str, precision: Precision) -> dict[str, Any]:
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


def _pooling(pooling: Pooling) -> dict[str, Any]:
    weights = None if (pooling.weights == 1).all() else as_json(pooling.weights)
    return {
        "weights": weights,
        "centre": as_json(pooling.centre),
        "positive": np.flatnonzero(pooling.signs > 0).tolist(),
        "negative": np.flatnonzero(pooling.signs < 0).tolist(),
        "projections": as_json(pooling.projections),
        "shifts": pooling.shifts.tolist(),
        "columns": pooling.columns.tolist(),
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


def _grammar(grammar: Grammar) -> dict[str, Any]:
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
