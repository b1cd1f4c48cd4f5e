"""What a program in another language needs beside an ONNX file: vocabulary and tokenizer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.export.onnx_graph import IR_VERSION, OPSET
from sentiment_transfer.export.tables import grammar_tables, model_facts
from sentiment_transfer.export.text_tables import text_tables
from sentiment_transfer.text.grams import word_number

if TYPE_CHECKING:
    from sentiment_transfer.export.onnx_graph import Graph, Port
    from sentiment_transfer.model import FittedStages

__all__ = ["description_of"]

_STEPS = """\
A text becomes pieces, pieces become tokens, and tokens become ids: places in `vocabulary`, or -1.

1. If `expands_signs`: replace emoticons by emoji (`signs`, the longest first), and divide hashtags
at capitals.

2. Remove markup: tags, character references (`markup`), escapes, addresses.

3. Normalise: `replaced` characters, then NFKC in lower case; drop characters of the categories Cf
and Cs; keep at most 30 marks in a row. Put a space behind each match of `cuts`, if there are any.

4. Split into pieces: words of letters, marks and digits with apostrophes; emoticons such as :);
runs of ! and ?; punctuation that ends a clause; symbols (category So).

5. Each piece has a role by `language`: stop words are dropped if `stop_words`; after a negator, the
first plain word within `window` gets the `marker` before it if `mark_negation`; a negator whose
token is in `after` reaches the nearest plain word before it within `window_back`, and one in
`around` does if it reaches none ahead. Of a letter that stands three times or more, two are left.

6. If there is a `grammar`: its patterns replace tokens (`not bad`) and give tokens before a
contrast less weight. All other weights are 1.

7. `words` are the words of all pieces that have one, stop words and negators as they stand, without
markers, before the grammar.

The reference is the package sentiment_transfer (text/ and languages/). `sentiment-transfer export`
writes the same in JavaScript with --js, for a tokenizer without segmenter, splitter and stemmer;
and with --conformance cases to check a port: texts, tokens, ids, words and probabilities."""
_WORD_NUMBERS = """\
The number of a word is the first 8 bytes of its digest by BLAKE2b with a digest of 8 bytes, without
a key, of its UTF-8, read as a little-endian signed 64-bit integer. The file forms pairs itself."""
_EXAMPLES = ("good", "not", "café")
_BATCHES = """\
A batch has any number of texts. It needs memory for texts times the distinct words of the longest
times the dimensions, several times over: 12 MB each time for 100 texts of 300 words and 100
dimensions. Texts of similar length are best in one batch."""
_CALLER = """\
Texts are tokenized with {}, which is not part of this description: use the same program in the same
version, as the package does in text/plugins.py."""


def description_of(stages: FittedStages, name: str, graph: Graph) -> dict[str, Any]:
    """Return the description of a model as values for JSON."""
    tokenizer, grammar = stages.vectors.tokenizer, stages.encoder.grammar
    inputs = [_port(port) for port in graph.inputs]
    described: dict[str, Any] = {
        "format": 1,
        "model": model_facts(stages, name, "as in the file"),
        "onnx": {"opset": OPSET, "ir_version": IR_VERSION, "batches": _line(_BATCHES)},
        "inputs": inputs,
        "outputs": [_port(port) for port in graph.outputs],
        "labels": stages.classes.tolist(),
        "prior": stages.prior.tolist(),
        "steps": [_line(step) for step in _STEPS.split("\n\n")],
        "tokenizer": {
            **tokenizer.describe(),
            "segmenter": tokenizer.language_data.segmenter,
            **text_tables(tokenizer, expands_signs=grammar is not None),
        },
        "grammar": None if grammar is None else grammar_tables(grammar),
        "vocabulary": list(stages.vectors.words),
    }
    outside = [described["tokenizer"][kind] for kind in ("segmenter", "splitter", "stemmer")]
    if any(outside):
        described["caller"] = _line(_CALLER).format(", ".join(filter(None, outside)))
    if any(port.name == "words" for port in graph.inputs):
        numbers = {word: _signed(word_number(word)) for word in _EXAMPLES}
        described["word_numbers"] = {"rule": _line(_WORD_NUMBERS), "examples": numbers}
    described["example"] = _example(stages, [port.name for port in graph.inputs])
    return described


def _example(stages: FittedStages, inputs: list[str]) -> dict[str, Any]:
    """Return two texts as inputs, and the answers to them."""
    known = stages.vectors.tokenizer.language_data
    texts = [f"{known.positive_seeds[0]} {min(known.stop_words, default='')} zzzq!", ""]
    read = stages.vectors.read_texts(texts, words=True, grammar=stages.encoder.grammar)
    numbers = read.word_numbers[read.words.ids].tolist()
    made = {
        "ids": read.rows.ids.tolist(),
        "offsets": read.rows.offsets.tolist(),
        "weights": [] if read.weights is None else read.weights.tolist(),
        "words": list(map(_signed, numbers)),
        "word_offsets": read.words.offsets.tolist(),
    }
    answers = stages.answer(texts)
    return {
        "texts": texts,
        "inputs": {name: made[name] for name in inputs},
        "probabilities": answers.probabilities.tolist(),
        "coverage": answers.coverage.tolist(),
    }


def _line(text: str) -> str:
    return text.replace("\n", " ")


def _port(port: Port) -> dict[str, Any]:
    dtype, shape = np.dtype(port.dtype).name, [*port.shape]
    return {"name": port.name, "type": dtype, "shape": shape, "meaning": port.meaning}


def _signed(number: int) -> str:
    """Return as text, since JSON's numbers are doubles in many languages."""
    return str(number - (1 << 64) if number >> 63 else number)
