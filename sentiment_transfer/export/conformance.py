"""Cases that show whether a port reads texts as the package does: JSON lines.

The first line describes the others, which are one case each.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.export.conformance_texts import conformance_texts
from sentiment_transfer.text.grammar_match import NO_TOKEN
from sentiment_transfer.text.scanner import prepare_signs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentiment_transfer.encoding import Encoder
    from sentiment_transfer.model import FittedStages

__all__ = ["TOLERANCE", "as_cases", "cases_of", "conformance_of"]

TOLERANCE = 1e-5
"""Largest difference of a probability that a port may have."""
ROUNDED = {"int16": 1e-4, "int8": 2e-3}
"""The same for a page or a script whose word vectors were rounded, which `export` says."""
_FIELDS = {
    "kind": "what the text tests",
    "text": "the text as given",
    "normalised": "without markup, in lower-case NFKC, with emoji for emoticons if the model reads "
    "phrases; where a program cuts texts into words, with spaces between them",
    "tokens": "tokens after the grammar: words of the vocabulary, and unknown ones as written",
    "words": "all words, stop words too, before the grammar: those of which word pairs are formed",
    "ids": "place of each token in the vocabulary, -1 for an unknown one",
    "weights": "weight of each token: 1, but for words before a contrast",
    "coverage": "share of the tokens that are known; 0 without a token",
    "probabilities": "of the classes, in the order of labels; the prior where coverage is 0",
}


def conformance_of(stages: FittedStages, name: str = "model", seed: int = 0) -> Iterator[str]:
    """Yield the lines of a file of cases: first what it holds, then the cases.

    Parameters
    ----------
    stages
        Fitted stages, the default ones.
    name
        Of the model, for the first line.
    seed
        Of the texts of the cases; the same seed gives the same ones.

    Yields
    ------
    str
        A line of JSON.

    Examples
    --------
    >>> import json
    >>> from sentiment_transfer import load
    >>> lines = conformance_of(load("reviews-id").stages_, "reviews-id")
    >>> json.loads(next(lines))["labels"], sorted(json.loads(next(lines)))[:3]
    (['negative', 'positive'], ['coverage', 'ids', 'kind'])
    """
    cases = cases_of(stages, seed)
    yield json.dumps({
        "conformance": 1,
        "model": name,
        "labels": stages.classes.tolist(),
        "language": stages.vectors.tokenizer.language,
        "n_cases": len(cases),
        "seed": seed,
        "tolerance": TOLERANCE,
        "rounded": ROUNDED,
        "unicode": "14.0",
        "fields": _FIELDS,
    })  # fmt: skip
    for case in cases:
        yield json.dumps(case, allow_nan=False)


def cases_of(stages: FittedStages, seed: int = 0) -> list[dict[str, Any]]:
    """Return the cases of a model; the same seed gives the same texts."""
    language = stages.vectors.tokenizer.language_data
    return as_cases(stages, conformance_texts(language, stages.vectors.words, seed))


def as_cases(stages: FittedStages, named: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return texts with their kinds as cases of a model; there is at least one."""
    kinds, texts = zip(*named, strict=True)
    answers = stages.answer([*texts])
    read = stages.encoder.read(texts)
    ends = read.rows.offsets[1:-1]
    ids = np.split(read.rows.ids, ends)
    weights = np.ones(len(read.rows.ids)) if read.weights is None else read.weights
    columns = (
        kinds,
        texts,
        *zip(*(_as_read(text, stages.encoder) for text in texts), strict=True),
        map(np.ndarray.tolist, ids),
        map(np.ndarray.tolist, np.split(weights.astype(np.float64), ends)),
        answers.coverage.tolist(),
        answers.probabilities.tolist(),
    )
    return [dict(zip(_FIELDS, case, strict=True)) for case in zip(*columns, strict=True)]


def _as_read(text: str, encoder: Encoder) -> tuple[str, list[str], list[str]]:
    """Return the normalised text, the tokens after the grammar, and the words of a text."""
    tokenizer, grammar = encoder.known_vectors.tokenizer, encoder.grammar
    if grammar is None:
        normalised = tokenizer.prepare(text)
        entries = [tokenizer.entry(piece) for piece in tokenizer.pieces(normalised)]
        tokens = tokenizer.tokens(entries)
    else:
        normalised = prepare_signs(tokenizer, text)
        entries, mended = grammar.read(text)
        written, words = tokenizer.marked(entries), encoder.known_vectors.words
        pairs = zip(mended.rows.tolist(), written, strict=True)
        tokens = [words[row] if row >= 0 else str(token) for row, token in pairs if row != NO_TOKEN]
    return normalised, tokens, [entry.word for entry in entries if entry.word]
