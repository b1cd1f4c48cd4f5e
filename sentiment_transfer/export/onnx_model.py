"""A model as one ONNX file: token ids and offsets of texts to probabilities of the classes.

The tokenizer stays outside, since ONNX's operators on text do not reproduce it; a description
beside the file has what a port of it needs (`onnx_description`).
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_transfer.encoding import AveragingEncoder, LSTMEncoder, TunedAveragingEncoder
from sentiment_transfer.errors import SettingError
from sentiment_transfer.export.onnx_description import description_of
from sentiment_transfer.export.onnx_encoders import average_of, lstm_vectors, words_of
from sentiment_transfer.export.onnx_graph import OPSET, Graph, Port
from sentiment_transfer.export.onnx_heads import (
    head_probabilities,
    log_odds_of,
    mixture_probabilities,
    reads_grams,
)
from sentiment_transfer.export.onnx_texts import as_column, known_of
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.polarity.word_shares import LINEAR_PARTS

if TYPE_CHECKING:
    from pathlib import Path

    from sentiment_transfer.export.onnx_texts import Known
    from sentiment_transfer.model import FittedStages
    from sentiment_transfer.model.fast_path_numba import Pooling

__all__ = ["Onnx", "check_onnx", "description_path", "onnx_of"]

_IDS = Port(
    "ids",
    np.int64,
    ("n_tokens",),
    "tokens of all texts, one text after the other: places in the vocabulary, -1 for unknown ones",
)
_OFFSETS = Port(
    "offsets",
    np.int64,
    ("n_texts_1",),
    "text i has ids[offsets[i]:offsets[i + 1]]: one more than texts, from 0 to n_tokens",
)
_WEIGHTS = Port(
    "weights", np.float32, ("n_tokens",), "weight of each token, which the grammar gives it; else 1"
)
_WORDS = Port(
    "words",
    np.int64,
    ("n_words",),
    "numbers of the words of all texts, stop words too, before the grammar: see word_numbers",
)
_WORD_OFFSETS = Port(
    "word_offsets",
    np.int64,
    ("n_texts_1",),
    "text i has words[word_offsets[i]:word_offsets[i + 1]]",
)


class Onnx(NamedTuple):
    """A model for ONNX runtimes.

    Attributes
    ----------
    content
        The ONNX file.
    description
        What a caller has to know, as values for JSON: vocabulary, labels, tokenizer.
    opset
        Version of its operators.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> onnx = onnx_of(load("reviews-id").stages_, "reviews-id")
    >>> sorted(onnx.description)
    ['example', 'format', 'grammar', 'inputs', 'labels', 'model', 'onnx', 'outputs', 'prior',
    'steps', 'tokenizer', 'vocabulary', 'vocabulary_sha256', 'word_numbers']
    """

    content: bytes
    description: dict[str, Any]
    opset: int = OPSET

    def description_json(self) -> str:
        """Return the description as JSON, in ASCII."""
        return json.dumps(self.description, allow_nan=False, indent=1)


def description_path(path: Path) -> Path:
    """Return where the description of an ONNX file goes: ``model.onnx.json``.

    Parameters
    ----------
    path
        Of the ONNX file; it need not exist.

    Returns
    -------
    Path
        In the same folder.

    Examples
    --------
    >>> from pathlib import Path
    >>> description_path(Path("reviews.onnx")).name
    'reviews.onnx.json'
    """
    return path.with_name(f"{path.name}.json")


def check_onnx(stages: FittedStages) -> None:
    """Raise ``SettingError`` for stages that cannot be exported to ONNX."""
    encoder, head = stages.encoder, stages.head
    known = (PolarityEncoder, AveragingEncoder, TunedAveragingEncoder, LSTMEncoder)
    if type(encoder) not in known:
        listed = ", ".join(kind.__name__ for kind in known)
        raise SettingError(
            f"a model with a {type(encoder).__name__} cannot be exported to ONNX; encoders that "
            f"can be exported are {listed}"
        )
    if isinstance(head, PolarityClassifier) and not head.parts <= LINEAR_PARTS:
        raise SettingError(
            "a model that reads a sentence encoder cannot be exported to ONNX, because that "
            "encoder is another program; fit the model without one"
        )


def onnx_of(stages: FittedStages, name: str = "model") -> Onnx:
    """Return fitted stages as an ONNX file with its description, shown under a name.

    Parameters
    ----------
    stages
        Fitted stages, such as the ``stages_`` of a model.
    name
        Of the model, which the description has.

    Returns
    -------
    Onnx
        The file and its description, as bytes and as values for JSON.

    Raises
    ------
    SettingError
        The stages cannot be exported.
    MissingExtraError
        The package onnx is not installed.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> onnx = onnx_of(load("reviews-id").stages_, "reviews-id")
    >>> onnx.opset, onnx.description["labels"]
    (18, ['negative', 'positive'])
    """
    check_onnx(stages)
    graph = Graph()
    probabilities, coverage = _answers(graph, stages)
    k = len(stages.classes)
    ports = (
        Port("probabilities", np.float64, ("n_texts", k), "of the classes, in the order of labels"),
        Port("label", np.int64, ("n_texts",), "place among labels of the highest probability"),
        Port(
            "coverage", np.float64, ("n_texts",), "share of known tokens; at 0 the prior is given"
        ),
    )
    label = graph("ArgMax", probabilities, axis=1, keepdims=0)
    for value, port in zip((probabilities, label, coverage), ports, strict=True):
        graph.output(value, port)
    description = description_of(stages, name, graph)
    words = json.dumps(description["vocabulary"]).encode()
    metadata = {
        "format": "1",
        "name": name,
        "labels": json.dumps(stages.classes.tolist()),
        "language": stages.vectors.tokenizer.language,
        "vocabulary_sha256": hashlib.sha256(words).hexdigest(),
    }
    doc = f"Sentiment of texts; opset {OPSET}. The JSON file describes the tokenizer."
    description["vocabulary_sha256"] = metadata["vocabulary_sha256"]
    return Onnx(graph.to_bytes(doc, metadata), description)


def _answers(graph: Graph, stages: FittedStages) -> tuple[str, str]:
    """Build the graph; return probabilities and coverage."""
    encoder, head = stages.encoder, stages.head
    ids, offsets = graph.input(_IDS), graph.input(_OFFSETS)
    weights = None if encoder.grammar is None else graph.input(_WEIGHTS)
    known = known_of(graph, ids, offsets, weights, len(stages.vectors))
    if isinstance(encoder, PolarityEncoder):
        grams = None
        if reads_grams(encoder, head):
            grams = graph.input(_WORDS), graph.input(_WORD_OFFSETS)
        log_odds = log_odds_of(graph, known, grams, encoder, head)
        p = mixture_probabilities(graph, head, log_odds)
    else:
        p = head_probabilities(graph, head, _sentence_vectors(graph, known, encoder))
    is_known = graph("Greater", known.coverage, np.float64(0))
    return graph("Where", as_column(graph, is_known), p, stages.prior[None]), known.coverage


def _sentence_vectors(graph: Graph, known: Known, encoder: Any) -> str:  # noqa: ANN401
    if isinstance(encoder, LSTMEncoder):
        return lstm_vectors(graph, known, encoder)
    pooling = _pooling_of(encoder)
    words = words_of(graph, known, pooling.vectors)
    return average_of(graph, words, known, pooling).x


def _pooling_of(encoder: Any) -> Pooling:  # noqa: ANN401  (one of two kinds)
    from sentiment_transfer.model.fast_path import poolings

    if isinstance(encoder, AveragingEncoder):
        return poolings(encoder, ())[1]
    plain = AveragingEncoder(encoder.known_vectors).fit_centre(encoder.weights_["mean"])
    return poolings(plain, ())[1]._replace(vectors=encoder.matrix_)
