"""Corpora to ids: by hand, and the fast path against the readable one."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_transfer.errors import InputError
from sentiment_transfer.text import Tokenizer, Vocabulary, indexing
from sentiment_transfer.text.indexing import index_corpus, offsets_path
from sentiment_transfer.text.reading import encode_texts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sentiment_transfer.text import TokenIds

TEXTS = ["A dull plot.", "", "Not dull, the plot... plot!", "Ünïcode — “naïve” plot's 👍", "the of"]


def as_lists(ids: TokenIds) -> list[list[int]]:
    return [ids[text].tolist() for text in range(len(ids))]


@pytest.fixture(params=["readable", "fast"])
def either_path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Small inputs go text by text; with no input small, the same goes through the scanner."""
    if request.param == "fast":
        monkeypatch.setattr(indexing, "SMALL_CHARACTERS", 0)
    return str(request.param)


@pytest.mark.usefixtures("either_path")
def test_words_are_ranked_by_count_and_ties_by_first_sight() -> None:
    vocabulary, ids = index_corpus(["dull plot", "good plot", "bad end good"], Tokenizer())
    assert vocabulary.words == ("plot", "good", "dull", "bad", "end")
    assert vocabulary.counts.tolist() == [2, 2, 1, 1, 1]
    assert as_lists(ids) == [[2, 0], [1, 0], [3, 4, 1]]


@pytest.mark.usefixtures("either_path")
def test_rare_words_leave_the_vocabulary_and_the_ids() -> None:
    vocabulary, ids = index_corpus(
        ["dull plot", "rare", "dull plot plot"], Tokenizer(), min_count=2
    )
    assert vocabulary.words == ("plot", "dull")
    assert as_lists(ids) == [[1, 0], [], [1, 0, 0]]


@pytest.mark.usefixtures("either_path")
def test_min_count_may_depend_on_the_number_of_tokens() -> None:
    texts = ["dull plot", "plot plot"]
    vocabulary, _ = index_corpus(texts, Tokenizer(), min_count=lambda n_tokens: n_tokens - 1)
    assert vocabulary.words == ("plot",)  # 3 of 4 tokens


@pytest.mark.usefixtures("either_path")
def test_encoding_leaves_out_unknown_words_and_keeps_every_text() -> None:
    vocabulary = Vocabulary(("plot", "not_good"), np.array([3, 2]))
    ids = encode_texts(["no", "Plot? Plot!", "", "not good plots' plot"], Tokenizer(), vocabulary)
    assert as_lists(ids) == [[], [0, 0], [], [1, 0]]
    assert (ids.ids.dtype.name, ids.offsets.dtype.name) == ("int32", "int64")


@pytest.mark.usefixtures("either_path")
def test_a_corpus_encoded_with_its_own_vocabulary_gives_the_ids_of_indexing() -> None:
    vocabulary, ids = index_corpus(TEXTS, Tokenizer(), min_count=2)
    assert as_lists(encode_texts(TEXTS, Tokenizer(), vocabulary)) == as_lists(ids)


@pytest.mark.usefixtures("either_path")
def test_no_texts_give_an_empty_vocabulary_and_an_empty_corpus(tmp_path: Path) -> None:
    for spill in (None, tmp_path / "ids"):
        for texts, n_texts in (([], 0), (["", "the"], 2)):
            vocabulary, ids = index_corpus(texts, Tokenizer(), spill=spill)
            assert (len(vocabulary), len(ids), ids.ids.dtype.name) == (0, n_texts, "int32")
            assert len(encode_texts(texts, Tokenizer(), vocabulary)) == n_texts


@given(
    texts=st.lists(st.text("ab ñ.!'\0", max_size=12), max_size=12),
    batch=st.integers(1, 40),
    min_count=st.integers(1, 3),
)
@settings(max_examples=150, deadline=None)
def test_neither_path_nor_batch_size_changes_vocabulary_or_ids(
    texts: list[str], batch: int, min_count: int
) -> None:
    def indexed(**settings: int) -> tuple[tuple[str, ...], list[int], list[list[int]]]:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in settings.items():
                patch.setattr(indexing, name, value)
            vocabulary, ids = index_corpus(iter(texts), Tokenizer(), min_count=min_count)
            encoded = encode_texts(iter(texts), Tokenizer(), vocabulary)
        assert as_lists(encoded) == as_lists(ids)
        return vocabulary.words, vocabulary.counts.tolist(), as_lists(ids)

    readable = indexed()
    assert indexed(SMALL_CHARACTERS=0) == readable
    assert indexed(SMALL_CHARACTERS=0, BATCH_CHARACTERS=batch) == readable
    assert indexed(BATCH_CHARACTERS=batch) == readable


def test_a_splitter_of_another_package_is_respected_in_large_corpora(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(indexing, "SMALL_CHARACTERS", 0)
    tokenizer = Tokenizer(splitter="nltk:WordPunctTokenizer", mark_negation=False)
    vocabulary, ids = index_corpus(["snake_case isn't"], tokenizer)
    assert [vocabulary.words[i] for i in ids.ids] == tokenizer("snake_case isn't")
    assert "snake_case" in vocabulary  # the package's own splitter would cut it


def arrow_columns() -> list[Any]:
    import pyarrow as pa

    texts = pa.array(["left out", *TEXTS, "left out"])
    return [
        pa.array(TEXTS),
        pa.array(TEXTS, type=pa.large_string()),
        pa.array(TEXTS).dictionary_encode(),
        texts.slice(1, len(TEXTS)),
        pa.chunked_array([TEXTS[:1], [], TEXTS[1:]]),
    ]


@pytest.mark.usefixtures("either_path")
@pytest.mark.parametrize("rows", [2, 4096])
def test_an_arrow_column_is_read_like_a_list(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentiment_transfer.text.inputs.BATCH_ROWS", rows)
    vocabulary, ids = index_corpus(TEXTS, Tokenizer())
    for column in arrow_columns():
        found, found_ids = index_corpus(column, Tokenizer())
        assert found.words == vocabulary.words
        assert as_lists(found_ids) == as_lists(ids)


def test_pandas_and_numpy_columns_are_read_like_a_list() -> None:
    import pandas as pd

    expected = as_lists(index_corpus(TEXTS, Tokenizer())[1])
    for column in (pd.Series(TEXTS), np.array(TEXTS), np.array(TEXTS, dtype=object)):
        assert as_lists(index_corpus(column, Tokenizer())[1]) == expected


@pytest.mark.usefixtures("either_path")
def test_spilled_ids_are_the_same_and_lie_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "BATCH_CHARACTERS", 20)
    vocabulary, ids = index_corpus(TEXTS, Tokenizer(), min_count=2)
    file = tmp_path / "ids.bin"
    file.write_bytes(b"what stood here before, and was longer" * 9)
    spilled_vocabulary, spilled = index_corpus(TEXTS, Tokenizer(), min_count=2, spill=file)
    assert spilled_vocabulary.words == vocabulary.words
    assert as_lists(spilled) == as_lists(ids)
    assert np.fromfile(file, dtype=np.int32).tolist() == ids.ids.tolist()
    assert np.fromfile(offsets_path(file), dtype=np.int64).tolist() == ids.offsets.tolist()
    assert sorted(tmp_path.iterdir()) == [file, offsets_path(file)]

    spilled.ids[0] += 1  # the files do not follow
    assert np.fromfile(file, dtype=np.int32).tolist() == ids.ids.tolist()


def peak_of_streaming(n_texts: int, spill: Path) -> int:
    def texts() -> Iterator[str]:
        for i in range(n_texts):
            yield f"w{i % 7} " * 1000

    tracemalloc.start()
    try:
        index_corpus(texts(), Tokenizer(), spill=spill)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_a_spilled_corpus(tmp_path: Path) -> None:
    # four times the corpus: 3,600 more texts of 1,000 tokens, whose ids alone take 14.4 MB
    small = peak_of_streaming(1200, tmp_path / "ids")
    large = peak_of_streaming(4800, tmp_path / "ids")
    assert (tmp_path / "ids").stat().st_size == 4 * 4800 * 1000
    assert large - small < 1_000_000


def test_nor_does_it_with_the_number_of_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "BATCH_CHARACTERS", 100_000)

    def peak(n_texts: int) -> int:
        texts = ("a b c d" for _ in range(n_texts))
        tracemalloc.start()
        try:
            corpus = index_corpus(texts, Tokenizer(), spill=tmp_path / "ids")[1]
            assert len(corpus) == n_texts
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(20_000)  # imports count for nothing
    # their offsets alone take 1.6 MB more
    assert peak(250_000) - peak(50_000) < 500_000


@pytest.mark.usefixtures("either_path")
def test_a_text_that_is_too_long_is_named_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "MAX_CHARACTERS", 10)
    monkeypatch.setattr(indexing, "BATCH_CHARACTERS", 15)
    texts = [*["ten chars."] * 17, "eleven char", "fine"]
    with pytest.raises(InputError, match=r"^text 17 has 11 characters; at most 10 "):
        index_corpus(texts, Tokenizer())
    with pytest.raises(InputError, match=r"^text 17 "):
        encode_texts(texts, Tokenizer(), Vocabulary((), np.zeros(0, np.int64)))


@pytest.mark.parametrize(
    ("value", "kind"), [(None, "NoneType"), (3, "int"), (float("nan"), "float"), (b"b", "bytes")]
)
def test_a_value_that_is_no_text_is_named_by_its_place(value: object, kind: str) -> None:
    with pytest.raises(InputError, match=rf"^text 1 is {kind}, not str; leave it out"):
        index_corpus(["fine", value], Tokenizer())  # type: ignore[list-item]


def test_a_missing_value_of_an_arrow_column_is_named_by_its_place() -> None:
    import pyarrow as pa

    column: Any = pa.array(["a", "b", None])
    with pytest.raises(InputError, match=r"^text 2 is NoneType"):
        index_corpus(column, Tokenizer())


def test_a_lone_text_is_not_taken_for_a_corpus_of_characters() -> None:
    with pytest.raises(InputError, match=r"pass a list of texts"):
        index_corpus("good plot", Tokenizer())


def modules_loaded(text: str) -> str:
    code = (
        "import sys; from sentiment_transfer.text import Tokenizer, indexing\n"
        f"indexing.index_corpus([{text}], Tokenizer())\n"
        "print('numba' in sys.modules)"
    )
    run = [sys.executable, "-c", code]
    return subprocess.run(run, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603


def test_numba_is_imported_for_large_corpora_only() -> None:
    assert modules_loaded("'good plot'").strip() == "False"
    assert modules_loaded("'good plot ' * 10_000").strip() == "True"


@pytest.mark.corpus
def test_real_reviews_are_indexed_alike_on_both_paths(
    real_corpora: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet as pq

    file = real_corpora / "imdb" / "test.parquet"
    texts: list[Any] = pq.read_table(file, columns=["text"])["text"].slice(0, 1500).to_pylist()
    vocabulary, ids = index_corpus(texts, Tokenizer(), min_count=2)
    monkeypatch.setattr(indexing, "BATCH_CHARACTERS", 1 << 30)
    monkeypatch.setattr(indexing, "SMALL_CHARACTERS", 1 << 30)
    readable_vocabulary, readable_ids = index_corpus(texts, Tokenizer(), min_count=2)
    assert vocabulary.words == readable_vocabulary.words
    assert vocabulary.counts.tolist() == readable_vocabulary.counts.tolist()
    assert as_lists(ids) == as_lists(readable_ids)
