"""Answers beside the columns of a Parquet file, written as Parquet, without objects of Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from sentiment_transfer.scoring.predictions import own_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    from sentiment_transfer.corpus.parquet_batches import ParquetBatches, TextBatch
    from sentiment_transfer.scoring.scorer import Scorer

__all__ = ["score_parquet"]

TEXT_BYTES = 2 << 20
"""Texts that are answered together, so that what a call costs is spread over some thousand."""

GROUP_BYTES = 32 << 20
"""Size of the columns from which on they are written as a row group."""


def score_parquet(
    source: ParquetBatches,
    scorer: Scorer,
    file: BinaryIO,
    on_notice: Callable[[str], None],
    *,
    every_probability: bool = False,
) -> None:
    """Write the columns of a file and those of `Predictions`, of the same names.

    Memory is bounded by the sizes above and those of `ParquetBatches`. A source without rows gives
    a file without rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    labels = scorer.labels if every_probability else []
    own = own_names(source.schema.names, labels, on_notice)
    kinds = [pa.string(), *[pa.float64()] * (len(own) - 1)]
    schema = pa.schema([*source.schema, *map(pa.field, own, kinds)])
    coded: Any = _leaves(pa.schema([*source.schema, schema.field(own[0])]))
    with pq.ParquetWriter(file, schema, use_dictionary=coded) as writer:
        held: list[pa.RecordBatch] = []
        for batch in _together(source):
            columns = [*batch.columns, *_answers(batch.texts, scorer, every_probability)]
            held.append(pa.RecordBatch.from_arrays(columns, schema=schema))
            if sum(each.nbytes for each in held) >= GROUP_BYTES:
                writer.write_table(pa.Table.from_batches(held, schema))
                held.clear()
        if held:
            writer.write_table(pa.Table.from_batches(held, schema))


def _answers(texts: Any, scorer: Scorer, every_probability: bool) -> list[Any]:  # noqa: ANN401
    """Return the columns of `own_names`; rounded numbers gain nothing from a dictionary."""
    import pyarrow as pa

    scored = scorer.score(texts.to_pylist())
    labels = pa.array(scorer.names, pa.string()).take(scored.names)
    columns = [scored.probability, scored.coverage]
    if every_probability:
        columns += [np.ascontiguousarray(column) for column in scored.probabilities.T]
    return [labels, *map(pa.array, columns)]


def _together(batches: Iterable[TextBatch]) -> Iterator[TextBatch]:
    """Join batches until their texts have ``TEXT_BYTES``; leave out those without rows."""
    held: list[TextBatch] = []
    size = 0
    for batch in batches:
        held += [batch] if len(batch.texts) else []
        size += batch.texts.nbytes
        if size >= TEXT_BYTES:
            yield _joined(held)
            held, size = [], 0
    if held:
        yield _joined(held)


def _joined(batches: list[TextBatch]) -> TextBatch:
    import pyarrow as pa

    if len(batches) == 1:
        return batches[0]
    columns = zip(*(batch.columns for batch in batches), strict=True)
    texts = pa.concat_arrays([batch.texts for batch in batches])
    return batches[0]._replace(columns=[*map(pa.concat_arrays, columns)], texts=texts)


def _leaves(schema: pa.Schema) -> list[str]:
    """Return the paths of the columns in a Parquet file, those in lists and structures too."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    empty = pa.BufferOutputStream()
    pq.write_table(schema.empty_table(), empty)
    found: Any = pq.ParquetFile(pa.BufferReader(empty.getvalue())).schema
    return [found.column(place).path for place in range(len(found))]
