from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import os
import re
import time
import tracemalloc
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import fsspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sentiment_transfer.corpus import Labelled, read_labelled, read_texts
from sentiment_transfer.corpus.columns import ColumnNames
from sentiment_transfer.corpus.formulas import defended
from sentiment_transfer.corpus.rows import LONGEST_ROW, SkippedNotice
from sentiment_transfer.corpus.sources import Location, file_state, locate, suffixes
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    Write = Callable[[str, str | bytes], Path]

TEXTS = ["It was great, loved it.", "第一行\n第二行", 'a "quoted" word', "tab\there"]
LABELS = ["positive", "01", "NA", "null"]


def write_table(path: Path, texts: Iterable[str], labels: Iterable[str]) -> None:
    delimiter = "\t" if path.suffix == ".tsv" else ","
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["id", "label", "text"])
        writer.writerows(
            [i, label, text] for i, (text, label) in enumerate(zip(texts, labels, strict=True))
        )


def write_jsonl(path: Path, texts: Iterable[str], labels: Iterable[object]) -> None:
    lines = [json.dumps({"label": y, "text": x}) for x, y in zip(texts, labels, strict=True)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_parquet(path: Path, texts: Iterable[str], labels: Iterable[object]) -> None:
    pq.write_table(pa.table({"label": list(labels), "text": list(texts)}), path)


WRITERS: dict[str, Callable[[Path, Iterable[str], Iterable[str]], None]] = {
    "csv": write_table,
    "tsv": write_table,
    "jsonl": write_jsonl,
    "ndjson": write_jsonl,
    "parquet": write_parquet,
}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


def error_of(source: object, **options: Any) -> InputError:  # noqa: ANN401
    with pytest.raises(InputError) as caught:
        read_labelled(source, **options)
    return caught.value


# Formats


@pytest.mark.parametrize("suffix", WRITERS)
def test_tables_give_back_texts_and_labels_as_written(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"reviews.{suffix}"
    WRITERS[suffix](path, TEXTS, LABELS)
    labelled = read_labelled(path)
    assert labelled == Labelled(TEXTS, LABELS, [])
    assert len(labelled) == 4
    assert list(read_texts(path)) == TEXTS


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl"])
@pytest.mark.parametrize("compression", ["gz", "zst"])
def test_compressed_tables_read_like_plain_ones(
    tmp_path: Path, suffix: str, compression: str
) -> None:
    plain = tmp_path / f"reviews.{suffix}"
    WRITERS[suffix](plain, TEXTS, LABELS)
    compress = gzip.compress if compression == "gz" else zstandard.compress
    packed = tmp_path / f"reviews.{suffix}.{compression}"
    packed.write_bytes(compress(plain.read_bytes()))
    assert read_labelled(packed) == Labelled(TEXTS, LABELS, [])


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_parts_compressed_one_by_one_and_joined_are_read_to_the_end(
    write: Write, compress: Callable[[bytes], bytes]
) -> None:
    suffix = "gz" if compress is gzip.compress else "zst"
    parts = [f"text number {i} {'x' * 2000 * (i % 2)}\n".encode() for i in range(50)]
    path = write(f"a.txt.{suffix}", b"".join(map(compress, parts)))
    assert "\n".join(read_texts(path)) + "\n" == b"".join(parts).decode()


def test_a_plain_file_holds_one_text_a_line_and_blank_lines_are_counted(write: Write) -> None:
    texts = read_texts(write("a.txt", "good\r\n\n  \nbad\u2028still bad\n\nlast"))
    assert list(texts) == ["good", "bad\u2028still bad", "last"]
    assert [message.rpartition("a.txt: ")[2] for message in texts.skipped] == [
        "blank lines left out: 3"
    ]
    assert texts.n_skipped == 0


@pytest.mark.parametrize("name", ["a.ft", "a.txt"])
def test_fasttext_lines_have_their_label_in_front(write: Write, name: str) -> None:
    path = write(name, "__label__01 so good\n__label__NA\tso bad \n")
    assert read_labelled(path) == Labelled(["so good", "so bad "], ["01", "NA"], [])
    assert list(read_texts(path)) == ["so good", "so bad "]


def test_fasttext_lines_may_come_as_a_list() -> None:
    assert read_labelled(["__label__a x", "__label__b y"]) == Labelled(["x", "y"], ["a", "b"], [])
    assert "row 1: no label" in str(error_of(["__label__a x", "y"]))


def test_two_labels_on_a_fasttext_line_are_an_error_that_names_the_line(write: Write) -> None:
    path = write("a.ft", "__label__a x\n__label__a __label__b y\n")
    error = error_of(path)
    assert (error.path, error.line) == (str(path), 2)
    assert "labels a, b" in str(error)
    assert read_labelled(path, skip_bad=True).texts == ["x"]


def test_a_folder_of_text_files_holds_one_text_a_file_by_name(write: Write) -> None:
    for name, text in (("b.txt", "second"), ("a.txt", "\ufefffirst\nline\n"), ("c.md", "no")):
        write(f"reviews/{name}", text)
    folder = write("reviews/d.txt", "third").parent
    assert list(read_texts(folder)) == ["first\nline\n", "second", "third"]
    assert "has no labels" in str(error_of(folder))


def test_the_review_dataset_layout_labels_texts_by_folder(write: Write) -> None:
    for name in ("pos/0_9", "pos/1_7", "neg/0_2", "unsup/0_0"):
        write(f"train/{name}.txt", f"text of {name}")
    folder = write("train/labeledBow.feat", "0:1").parent
    labelled = read_labelled(folder)
    assert labelled.texts == ["text of pos/0_9", "text of pos/1_7", "text of neg/0_2"]
    assert labelled.labels == ["positive", "positive", "negative"]
    assert labelled.skipped == [f"{folder}/unsup: left out, since its texts have no labels"]
    assert list(read_texts(folder)) == [*labelled.texts, "text of unsup/0_0"]


def test_an_unreadable_file_of_a_folder_is_named(write: Write) -> None:
    write("train/pos/a.txt", "fine")
    bad = write("train/neg/b.txt", b"caf\xe9")
    folder = bad.parent.parent
    error = error_of(folder)
    assert error.path == str(bad)
    assert "byte 4 (0xe9)" in error.message
    assert read_labelled(folder, skip_bad=True).labels == ["positive"]


@pytest.mark.parametrize("name", ["pos", "neg", "pos/a.txt"])
def test_what_cannot_be_listed_or_read_in_a_folder_is_named(write: Write, name: str) -> None:
    folder = write("train/other/a.txt", "x").parent.parent
    for part in {"pos", "neg"} - {name}:
        write(f"train/{part}/b.txt", f"text of {part}")
    (folder / name).symlink_to(folder / name)  # a loop
    error = error_of(folder)
    assert error.path == str(folder / name)
    assert "Too many levels of symbolic links" in error.message


def test_files_of_a_folder_that_cannot_be_read_are_left_out_when_asked(write: Write) -> None:
    folder = write("train/c.txt", "good").parent
    write("train/b.txt", b"du\xffll")
    (folder / "a.txt").symlink_to("no such file")
    (folder / "d.txt").mkdir()
    texts = read_texts(folder, skip_bad=True)
    assert list(texts) == ["good"]
    assert texts.n_skipped == 3
    for name, message in zip("abd", texts.skipped, strict=True):
        assert message.startswith(f"{folder}/{name}.txt: ")


def test_a_link_to_the_folder_above_is_not_followed(write: Write) -> None:
    folder = write("train/pos/a.txt", "good").parent.parent
    write("train/neg/a.txt", "bad")
    (folder / "pos" / "up").symlink_to("..")
    labelled = read_labelled(folder)
    assert labelled.texts == ["good", "bad"]
    assert "left out, since no .txt files: up (1)" in labelled.skipped[0]


def test_a_folder_without_texts_is_refused_with_a_way_out(write: Write) -> None:
    folder = write("data/a.csv", "text\nx\n").parent
    with pytest.raises(InputError, match=r"data/\*\.csv"):
        read_texts(folder)


def test_urls_of_fsspec_and_patterns_are_read_in_the_order_of_names() -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe({"/readers/b.csv": b"text,label\nb,1\n", "/readers/a.csv": b"text,label\na,0\n"})
    assert read_labelled("memory://readers/b.csv").texts == ["b"]
    assert read_labelled("memory://readers/*.csv").texts == ["a", "b"]
    memory.pipe("/reviews/pos/1.txt", b"p")
    memory.pipe("/reviews/neg/1.txt", b"n")
    assert read_labelled("memory://reviews").labels == ["positive", "negative"]
    memory.pipe("/readers/b.csv", b"text,label\nb,\n")
    with pytest.raises(InputError, match=r"memory:///readers/b\.csv:2: label is empty"):
        read_labelled("memory://readers/*.csv")


def test_a_list_mixes_files_folders_and_urls(write: Write) -> None:
    fsspec.filesystem("memory").pipe("/mix/a.txt", b"third\n")
    write("folder/a.txt", "second")
    first = write("a.csv", "text\nfirst\n")
    texts = read_texts([first, first.parent / "folder", "memory://mix/a.txt"])
    assert list(texts) == ["first", "second", "third"]
    assert list(read_texts([str(first), str(first)])) == ["first", "first"]


def test_a_list_that_begins_with_a_path_and_goes_on_with_a_text_is_refused(write: Write) -> None:
    with pytest.raises(InputError, match="item 1, 'so good', is not one"):
        read_texts([str(write("a.txt", "x")), "so good"])


# Objects in memory


def test_a_list_of_texts_is_passed_through_with_its_length() -> None:
    texts = ["good", "", "bad"]
    read = read_texts(texts)
    assert len(read) == 3  # type: ignore[arg-type]
    assert list(map(id, read)) == list(map(id, texts))
    assert list(read_texts([])) == []
    assert read_texts(read) is read


def test_series_arrays_and_tables_are_read_as_often_as_asked() -> None:
    frame = pd.DataFrame({"label": [1, 0], "text": ["good", "bad"]}, index=[7, 7])
    table = pa.table({"label": [1, 0], "text": ["good", "bad"]})
    sources: list[object] = [
        frame,
        frame["text"],
        table,
        table.to_batches()[0],
        table["text"],
        pa.array(["good", "bad"]),
        pa.array(["good", "bad"]).dictionary_encode(),
        np.array(["good", "bad"]),
    ]
    for source in sources:
        texts = read_texts(source)
        assert list(texts) == list(texts) == ["good", "bad"]
    pairs = [(frame["text"], frame["label"]), (table["text"], table["label"])]
    for source in (frame, table, *pairs):
        assert read_labelled(source) == Labelled(["good", "bad"], ["1", "0"], [])


def test_a_generator_is_read_once_and_a_second_pass_says_what_to_do() -> None:
    texts = read_texts(text for text in ["good", "bad"])
    assert list(texts) == ["good", "bad"]
    with pytest.raises(
        InputError, match="is a generator and was already read; pass a list or a file"
    ):
        list(texts)


def test_batches_are_lists_of_the_size_asked_for(write: Write) -> None:
    texts = read_texts(write("a.txt", "a\nb\nc\n"))
    assert list(texts.batches(2)) == list(texts.batches(2)) == [["a", "b"], ["c"]]
    assert list(read_texts(["a", "b"]).batches(2)) == [["a", "b"]]
    with pytest.raises(SettingError, match="size=0"):
        next(texts.batches(0))


@pytest.mark.parametrize("source", [3, None, b"bytes", {"text": ["a"]}])
def test_what_holds_no_texts_is_refused_by_type(source: object) -> None:
    with pytest.raises(InputError, match=f"cannot read a {type(source).__name__}"):
        read_texts(source)


def test_tokens_instead_of_texts_are_refused() -> None:
    with pytest.raises(InputError, match="row 0: text is the list"):
        list(read_texts([["so", "good"]]))


def test_a_string_that_is_no_path_is_named_with_the_remedy() -> None:
    with pytest.raises(InputError, match=re.escape("put texts into a list: ['It was good']")):
        read_texts("It was good")
    with pytest.raises(InputError, match="not an existing file"):
        read_texts("x" * 5000 + "\x00")
    with pytest.raises(InputError, match=r"check the spelling$"):
        read_texts("no/such/reviews.csv")
    with pytest.raises(InputError, match="cannot be opened"):
        read_texts("nosuchprotocol://a.csv")


def test_texts_that_only_resemble_paths_stay_texts() -> None:
    for text in (
        "see https://a.org/b",
        "on two lines\nof a.txt",
        "3/5",
        "http://[ what",
        "x." * 3000,
    ):
        assert list(read_texts([text])) == [text]


def test_a_file_that_is_gone_at_the_second_pass_is_named(write: Write) -> None:
    path = write("a.txt", "good\n")
    texts = read_texts(path)
    assert list(texts) == ["good"]
    path.unlink()
    with pytest.raises(InputError, match=r"a\.txt: cannot be opened"):
        list(texts)


def test_a_byte_order_mark_may_be_spread_over_frames(write: Write) -> None:
    raw = "\ufeffgood\n".encode()
    path = write("a.txt.zst", b"".join(zstandard.compress(raw[i : i + 1]) for i in range(len(raw))))
    assert list(read_texts(path)) == ["good"]


def test_the_format_is_read_from_the_name_even_behind_a_query() -> None:
    assert suffixes("https://a.org/b.CSV.gz?download=1.txt") == ("csv", "gz")
    assert suffixes("s3://bucket/part-?.jsonl") == ("jsonl", "")


def test_an_unknown_suffix_lists_the_known_ones(write: Write) -> None:
    with pytest.raises(InputError, match=r"unknown format; known are \.csv"):
        read_texts(write("a.docx", "x"))


def test_texts_and_labels_of_different_number_are_refused() -> None:
    assert "2 texts but 1 labels" in str(error_of((["a", "b"], ["x"])))
    assert "labels must be a list" in str(error_of((["a", "b"], "xy")))
    with pytest.raises(InputError, match="1 texts but 0 labels"):
        Labelled(["a"], [])


# Labels


def test_labels_stay_the_words_that_were_written(write: Write) -> None:
    words = ["01", "1", "NA", "null", "None", "nan", "1.0", "x y"]
    lines = "".join(f"text,{word}\n" for word in words)
    assert read_labelled(write("a.csv", "text,label\n" + lines)).labels == words


def test_whole_numbers_and_booleans_become_words(tmp_path: Path) -> None:
    for labels, words in (([1, -20], ["1", "-20"]), ([True, False], ["True", "False"])):
        frame = pd.DataFrame({"text": ["a", "b"], "label": labels})
        frame.to_parquet(tmp_path / "a.parquet")
        frame.to_json(tmp_path / "a.jsonl", orient="records", lines=True)
        categories = frame.astype({"label": "category"})
        for source in (frame, categories, tmp_path / "a.parquet", tmp_path / "a.jsonl"):
            assert read_labelled(source).labels == words


def test_a_column_made_float_by_a_gap_is_refused_with_the_row_of_the_gap(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["a", "b", "c"], "label": [1, 0, None]})
    frame.to_parquet(tmp_path / "a.parquet")
    for source in (frame, pa.Table.from_pandas(frame), tmp_path / "a.parquet"):
        for skip_bad in (False, True):
            message = str(error_of(source, skip_bad=skip_bad))
            assert "row 2: label is missing" in message
            assert "integers" in message
    whole = pd.DataFrame({"text": ["a"], "label": [1.0]})
    assert "the labels are floats" in str(error_of(whole))
    # the pandas type with gaps keeps whole numbers whole, so only the gap is bad
    nullable = frame.astype({"label": "Int64"})
    assert "row 2: label is missing" in str(error_of(nullable))
    assert read_labelled(nullable, skip_bad=True).labels == ["1", "0"]


def test_one_and_the_word_one_in_a_column_are_an_error_that_names_both_rows() -> None:
    frame = pd.DataFrame({"text": ["a", "b", "c"], "label": pd.Series([1, 2, "1"], dtype=object)})
    message = str(error_of(frame, skip_bad=True))
    assert "row 2: label '1' is a string" in message
    assert "label 1 of row 0 is an integer" in message


def test_types_may_differ_from_file_to_file(write: Write) -> None:
    files = [
        write("a.jsonl", '{"text": "a", "label": 1}\n'),
        write("b.csv", "text,label\nb,1\n"),
    ]
    assert read_labelled(files).labels == ["1", "1"]


@pytest.mark.parametrize("label", ["1.5", "1.0", "null", '["a"]', "{}", '""', '"  "', "NaN"])
def test_a_json_label_that_is_no_word_is_a_bad_row(write: Write, label: str) -> None:
    path = write("a.jsonl", f'{{"text": "a", "label": "x"}}\n{{"text": "b", "label": {label}}}\n')
    error = error_of(path)
    assert error.line == 2
    assert error.message.startswith("label is")
    labelled = read_labelled(path, skip_bad=True)
    assert labelled.texts == ["a"]
    assert labelled.skipped == [str(error)]


# Bad rows


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("only one field", "1 fields where the header has 2"),
        ("a,b,c", "3 fields where the header has 2"),
        ("a,", "label is empty; every labelled row needs one"),
        (" ,x", "text is empty"),
        ('"a"b,x', "',' expected after '\"'"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line_or_counted(
    write: Write, row: str, message: str
) -> None:
    path = write("a.csv", f'text,label\n"two\nlines",x\n\n{row}\nlast,y\n')
    error = error_of(path)
    assert (error.path, error.line) == (str(path), 5)  # header 1, text 2-3, blank 4
    assert message in str(error)
    said: list[str] = []
    labelled = read_labelled(path, skip_bad=True, on_skip=said.append)
    assert labelled.texts == ["two\nlines", "last"]
    assert labelled.skipped == said == [str(error), f"{path}: blank lines left out: 1"]


def test_rows_left_out_without_a_function_to_hear_of_them_are_warned_of(write: Write) -> None:
    path = write("a.csv", f"text,label\nfine,x\n{'dull,' + chr(10)}" + "cold,\n" * 29)
    with pytest.warns(SkippedNotice) as caught:
        kept = read_labelled(path, skip_bad=True)
    message = str(caught[0].message)
    assert message.startswith("bad rows left out: 30; rows kept: 1. The first: ")
    assert f"{path}:3: label is empty" in message
    assert "on_skip=print" in message
    assert caught[0].filename == __file__  # the line that asked for it
    assert kept.texts == ["fine"]


@pytest.mark.filterwarnings("error::sentiment_transfer.corpus.rows.SkippedNotice")
def test_no_notice_is_given_where_nothing_is_left_out_or_each_row_is_told(write: Write) -> None:
    said: list[str] = []
    read_labelled(write("a.csv", "text,label\nfine,x\n,y\n"), skip_bad=True, on_skip=said.append)
    assert len(said) == 1
    read_labelled(write("b.csv", "text,label\nfine,x\n\ndull,y\n"), skip_bad=True)


def test_labelled_texts_are_shown_by_their_numbers() -> None:
    rows = Labelled(["secret"] * 3, ["yes", "no", "yes"], ["a: blank"], ["hidden"] * 1500)
    assert (
        repr(rows) == "Labelled(3 texts: 2 'yes', 1 'no'; 1,500 unlabelled; 1 message in .skipped)"
    )
    assert repr(Labelled([], [])) == "Labelled(0 texts)"
    many = Labelled(["t"] * 5000, [str(i) for i in range(5000)])
    assert repr(many).endswith("1 '7', 4,992 more labels)")
    assert len(repr(Labelled(["t"], ["long" * 500]))) < 200


def test_an_empty_label_is_shown_the_way_to_unlabelled_texts(write: Write) -> None:
    path = write("a.csv", "text,label\nfine,x\ndull,\n")
    assert 'pass blank="unlabelled"' in str(error_of(path))
    frame = pd.DataFrame({"text": ["fine", "dull"], "label": ["x", None]})
    assert 'pass blank="unlabelled"' in str(error_of(frame))
    assert read_labelled(path, blank="unlabelled").unlabelled == ["dull"]


@pytest.mark.parametrize("blank", ["error", "unlabelled"])
def test_swapped_columns_are_recognised_by_their_empty_texts(write: Write, blank: str) -> None:
    rows = "fine,yes\n" + "dull,\n" * 30
    path = write("a.csv", f"review body,stars_ok\n{rows}")
    error = error_of(path, text="stars_ok", label="review body", blank=blank)
    assert str(error).startswith(
        f"{path}: 30 of 31 texts are empty; is text='stars_ok' the right column?"
    )
    assert error.line is None


def test_few_empty_texts_are_no_sign_of_a_wrong_column(write: Write) -> None:
    path = write("a.csv", 'text,label\nfine,x\n,y\ncold,x\n"never closed,x\n')
    assert str(error_of(path)).startswith(f"{path}:3: text is empty or missing; drop the row")


def test_empty_texts_in_memory_are_named_by_their_row() -> None:
    frame = pd.DataFrame({"text": ["fine", "", ""], "label": ["x", "y", "y"]})
    assert "row 1: text is empty" in str(error_of(frame))


def test_a_model_in_place_of_texts_is_named_as_one(write: Write) -> None:
    with pytest.raises(InputError, match="is a model or word vectors, not texts; pass a file"):
        read_texts(write("mine.safetensors", "x"))


def test_a_quote_that_is_never_closed_says_which_lines_are_lost(write: Write) -> None:
    path = write("a.csv", 'text,label\nfine,x\n"open,x\nb,y\nc,z\n')
    error = error_of(path)
    assert error.line == 3
    assert "a quote is never closed (lines 3 to 5)" in error.message
    assert read_labelled(path, skip_bad=True).texts == ["fine"]


def test_a_csv_may_have_bom_crlf_and_quoted_newlines(write: Write) -> None:
    raw = b'\xef\xbb\xbftext,label\r\n"a ""b""\r\nc",x\r\nlast,y\r\n'
    labelled = read_labelled(write("a.csv", raw))
    assert labelled.texts == ['a "b"\r\nc', "last"]


def test_bytes_that_are_not_utf8_are_named_or_counted(write: Write) -> None:
    for name, head in (("a.csv", b"text,label\n"), ("a.ft", b"__label__x y\n")):
        path = write(name, head + b"caf\xe9,x\n" + "naïve très bien,x\n".encode())
        error = error_of(path)
        assert (error.line, "byte 4 (0xe9)" in error.message) == (2, True)
        assert all(name in error.message for name in ("cp1252", "gb18030", "encoding="))
        assert not any(name in error.message for name in ("latin1", "iconv"))
    texts = read_texts(write("a.txt", b"caf\xe9\ngood\n\xff\n\xc3\xa9\xc3\xa9\n"), skip_bad=True)
    assert list(texts) == ["good", "éé"]
    assert texts.n_skipped == len(texts.skipped) == 2


def test_broken_json_lines_are_bad_rows(write: Write) -> None:
    bad = ["{", "[1]", '{"text": "a"}', "[" * 100_000, '{"text": 1, "label": "x"}', "9" * 5000]
    lines = ['{"text": "a", "label": "x"}', *bad, '{"text": "b", "label": "y"}']
    path = write("a.jsonl", "\n".join(lines))
    labelled = read_labelled(path, skip_bad=True)
    assert labelled.texts == ["a", "b"]
    places = [message.removeprefix(f"{path}:").partition(":")[0] for message in labelled.skipped]
    assert places == ["2", "3", "4", "5", "6", "7"]


def test_a_missing_text_is_an_empty_one_and_a_missing_label_a_bad_row(tmp_path: Path) -> None:
    frame = pd.DataFrame({"text": ["a", None, "c"], "label": ["x", "y", pd.NA]}, dtype=object)
    frame.to_parquet(tmp_path / "a.parquet")
    for source in (frame, tmp_path / "a.parquet"):
        assert "row 1: text is empty or missing" in str(error_of(source))
        labelled = read_labelled(source, skip_bad=True)
        assert labelled.texts == ["a"]
        assert "row 2: label is missing" in labelled.skipped[1]
        assert list(read_texts(source)) == ["a", "", "c"]


def test_parquet_strings_that_are_not_utf8_or_too_long_are_bad_rows(tmp_path: Path) -> None:
    text = [b"good", b"caf\xe9", b"x" * (LONGEST_ROW + 1), b"bad"]
    strings = pa.array(text, pa.binary()).view(pa.string())
    pq.write_table(pa.table({"text": strings}), tmp_path / "a.parquet")
    texts = read_texts(tmp_path / "a.parquet", skip_bad=True)
    assert list(texts) == ["good", "bad"]
    assert "row 1: text is the bytes b'caf\\xe9'" in texts.skipped[0]
    assert "row 2: longer than 10,000,000 bytes" in texts.skipped[1]


def test_an_empty_field_is_a_text_but_not_a_labelled_one(write: Write) -> None:
    path = write("a.csv", "text,label\na,x\n,y\n")
    assert list(read_texts(path)) == ["a", ""]
    assert "text is empty" in str(error_of(path))


def test_skips_are_said_once_however_many_passes(write: Write) -> None:
    said: list[str] = []
    texts = read_texts(write("a.txt", b"\xff\n\ngood\n"), skip_bad=True, on_skip=said.append)
    assert next(iter(texts)) == "good"
    said.clear()
    for _ in range(3):
        assert list(texts) == ["good"]
        assert len(texts.skipped) == 2
    assert said == texts.skipped


def test_only_the_first_messages_of_a_bad_file_are_kept(write: Write) -> None:
    texts = read_texts(write("a.txt", b"\xff\n" * 1500 + b"good\n"), skip_bad=True)
    assert list(texts) == ["good"]
    assert (texts.n_skipped, len(texts.skipped)) == (1500, 1000)


# What once changed a row in silence


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_white_space_around_labels_makes_no_class_of_its_own(write: Write, name: str) -> None:
    labels = ["positive", "positive ", " positive", "positive\xa0", "positive\ufeff"]
    mark = "," if name == "a.csv" else "\t"
    rows = "".join(f" a{mark}{label}\n" for label in labels)
    labelled = read_labelled(write(name, f"text{mark} label\n{rows}"))
    assert set(labelled.labels) == {"positive"}
    assert set(labelled.texts) == {" a"}


def test_a_quote_may_stand_behind_a_comma_and_a_space(write: Write) -> None:
    rows = '"I loved this, really", "positive"\n "Broke,\n ""sadly""",  "negative"\n'
    labelled = read_labelled(write("a.csv", 'text, "label"\n' + rows))
    assert labelled.texts == ["I loved this, really", 'Broke,\n "sadly"']
    assert labelled.labels == ["positive", "negative"]


@pytest.mark.parametrize("text", ['so, "so" it goes', ' "', 'a\n "b", "c"', '5", 6" wide', ', "'])
def test_quotes_and_spaces_inside_a_quoted_field_stay(write: Write, text: str) -> None:
    doubled = text.replace('"', '""')
    path = write("a.csv", f'text,label\n"{doubled}", "x"\n')
    assert read_labelled(path) == Labelled([text], ["x"], [])


def test_labels_equal_but_for_space_or_case_are_warned_of() -> None:
    with pytest.warns(UserWarning, match="'positive ' and 'Positive' differ.*: positive =Positive"):
        read_labelled((["a", "b", "c"], ["Positive", "positive ", "negative"]))


def test_a_row_of_a_tsv_that_a_quote_has_merged_is_named_by_its_first_line(write: Write) -> None:
    path = write("a.tsv", 'text\tlabel\nfine\tx\n"open\tx\nso so\tx\na screen of 5"\ty\nlast\ty\n')
    error = error_of(path)
    assert error.line == 3
    assert "lines 3 to 5" in error.message
    assert read_labelled(path, skip_bad=True).texts == ["fine", "last"]


def test_a_quoted_text_of_a_tsv_may_have_several_lines(write: Write) -> None:
    path = write("a.tsv", 'text\tlabel\n"one\ntwo\tand\nthree"\tx\na "b" c\ty\n')
    assert read_labelled(path).texts == ["one\ntwo\tand\nthree", 'a "b" c']


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_joined_files_have_no_class_of_their_header_or_mark(write: Write, mark: str) -> None:
    part = f"{mark}text,label\ngood,yes\nbad,no\n"
    labelled = read_labelled(write("a.csv", part * 2))
    assert labelled.labels == ["yes", "no"] * 2
    assert "a.csv:4: the header once more" in labelled.skipped[0]
    lines = read_labelled(write("a.ft", f"{mark}__label__yes good\n{mark}__label__no bad\n"))
    assert lines == Labelled(["good", "bad"], ["yes", "no"], [])
    assert list(read_texts(write("a.txt", f"{mark}good\n{mark}bad\n"))) == ["good", "bad"]


def test_files_joined_within_a_line_lose_no_row(write: Write) -> None:
    path = write("a.ft", "__label__yes good\ufeff__label__no bad\n__label__no dull\n")
    assert "a.ft:1: a byte order mark within the line" in str(error_of(path))
    assert read_labelled(path, skip_bad=True).texts == ["dull"]
    path = write("a.csv", "text,label\ngood,yes\ufefftext,label\nbad,no\n")
    assert "a.csv:2: 3 fields" in str(error_of(path))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "good\nso bad\ufeffdull\nlast\n"),
        ("a.ft", "good\n__label__no so bad\ufeff__label__no dull\nlast\n"),
        ("a.csv", "text\ngood\nso bad\ufefftext\nlast\n"),
    ],
)
def test_a_mark_within_a_line_of_texts_is_named_as_a_joint(
    write: Write, name: str, content: str
) -> None:
    path = write(name, content)
    line = 3 if name == "a.csv" else 2
    with pytest.raises(InputError, match=rf":{line}: a byte order mark within the line"):
        list(read_texts(path))
    assert list(read_texts(path, skip_bad=True)) == ["good", "last"]


def test_a_json_line_with_a_column_twice_is_a_bad_row(write: Write) -> None:
    twice = '{"text": "a", "label": "x", "label": "y"}'
    path = write("a.jsonl", f'{twice}\n{{"text": "b", "label": "x", "note": 1, "note": 2}}\n')
    assert "a.jsonl:1: the column 'label' occurs twice" in str(error_of(path))
    assert read_labelled(path, skip_bad=True).texts == ["b"]
    assert list(read_texts(path)) == ["a", "b"]


def test_old_line_ends_in_a_table_are_named_with_the_remedy(write: Write) -> None:
    error = error_of(write("a.csv", "text,label\rgood,x\rbad,y\r"))
    assert error.line == 1
    assert "a carriage return outside quotes; quote the field, or end lines with" in str(error)


def test_an_integer_of_thousands_of_digits_is_no_label() -> None:
    assert "row 1: label is an integer of thousands of digits" in str(
        error_of((["x", "y"], [1, 10**5000]))
    )


def test_many_labels_alike_are_warned_of_once() -> None:
    labels = [f"{case}{i}" for i in range(50) for case in "aA"]
    with pytest.warns(UserWarning, match="A26=a26 and 30 more") as warned:
        read_labelled((["text"] * 100, labels))
    assert len(warned) == 1


def test_equal_labels_are_one_object(write: Write) -> None:
    path = write("a.csv", "text,label\n" + "a,positive\nb,negative\n" * 50)
    assert len(set(map(id, read_labelled(path).labels))) == 2


def test_a_line_with_a_nul_byte_is_a_bad_row(write: Write) -> None:
    path = write("a.txt", "good\nso \x00 bad\nlast\n")
    with pytest.raises(InputError, match=r"a\.txt:2: byte 4 is NUL"):
        list(read_texts(path))
    assert list(read_texts(path, skip_bad=True)) == ["good", "last"]


def test_a_label_that_ends_with_nul_is_refused() -> None:
    # NumPy would cut it off, and join "a" and "a\0" to one class
    assert "row 1: label ends with NUL" in str(error_of((["x", "y"], ["a", "a\0"])))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "reviews").mkdir()
    (tmp_path / "link.txt").symlink_to(tmp_path / "pipe.csv")
    for name in ("pipe.csv", "pipe.parquet", "reviews/pipe.txt"):
        os.mkfifo(tmp_path / name)
    for name in ("pipe.csv", "pipe.parquet", "link.txt", "*.parquet", "reviews"):
        with pytest.raises(InputError, match="is a pipe or a device"):
            list(read_texts(tmp_path / name))


def test_a_parquet_column_of_dates_is_refused_by_name_and_type(tmp_path: Path) -> None:
    days = pa.array([0, 2**31 - 1], pa.date32())  # the second is after the year 9999
    pq.write_table(pa.table({"text": ["a", "b"], "label": days}), tmp_path / "a.parquet")
    assert "column 'label' holds date32[day]" in str(error_of(tmp_path / "a.parquet"))
    with pytest.raises(InputError, match=r"a\.parquet: the column 'label' holds date32"):
        list(read_texts(tmp_path / "a.parquet", text="label"))


def test_a_parquet_column_whose_name_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": ["a"], "caf_": ["b"]}), path, store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"caf_", b"caf\xe9"))
    assert "name of a column is not UTF-8" in str(error_of(path))


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def test_thousands_of_labels_on_a_line_take_time_in_proportion(write: Write) -> None:
    path = write("a.ft", "__label__x fine\n" + "__label__ab " * 200_000 + "text\n")  # 2.4 MB
    assert seconds(lambda: read_labelled(path, skip_bad=True)) < 3  # it was 18 s
    message = str(error_of(path))
    assert "a.ft:2: the labels ab, ab" in message
    assert len(message.removeprefix(str(path))) < 400
    assert list(read_texts(path)) == ["fine", "text"]


@pytest.mark.parametrize("row", ["a line,x\n", "x\n", '"\n', '"a,x\n', ',"\n'])
def test_skipping_what_a_quote_swallows_takes_time_in_proportion(write: Write, row: str) -> None:
    def read(quarters: int) -> float:
        rows = row * (quarters * 250_000 // len(row))
        path = write("a.csv", 'text,label\ngood,x\n"open,x\n' + rows)
        return seconds(lambda: read_labelled(path, skip_bad=True))

    assert read(4) < 10 * read(1) + 1


# Whole files


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.tsv", "a.jsonl", "a.ft"])
@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff"])
def test_an_empty_file_is_refused_by_name(write: Write, name: str, content: str) -> None:
    path = write(name, content.replace(" ", "") if name.endswith("sv") else content)
    with pytest.raises(InputError, match=rf"{re.escape(name)}: holds no usable row"):
        list(read_texts(path))
    assert error_of(path).path == str(path)


def test_a_table_with_nothing_but_a_header_is_refused_by_name(tmp_path: Path, write: Write) -> None:
    empty = pd.DataFrame({"text": pd.Series(dtype=str), "label": pd.Series(dtype=str)})
    empty.to_parquet(tmp_path / "a.parquet")
    files = [tmp_path / "a.parquet", write("a.csv", "text,label\n")]
    sources: list[object] = [empty, ([], []), *files]
    for source in sources:
        assert "holds no usable row" in str(error_of(source))


def test_an_empty_file_among_others_is_left_out_only_when_asked(write: Write) -> None:
    files = [write("a.txt", "good\n"), write("b.txt", "")]
    with pytest.raises(InputError, match=r"b\.txt: holds no usable row"):
        list(read_texts(files))
    texts = read_texts(files, skip_bad=True)
    assert list(texts) == ["good"]
    assert "b.txt" in texts.skipped[0]


def test_a_file_of_bad_rows_only_is_refused_even_when_skipping(write: Write) -> None:
    path = write("a.csv", "text,label\na\nb\n")
    message = str(error_of(path, skip_bad=True))
    assert "nothing is left to read" in message
    assert f"{path}:2: 1 fields" in message


def test_a_missing_column_lists_what_there_is_and_what_may_be_meant(
    tmp_path: Path, write: Write
) -> None:
    frame = pd.DataFrame({"Texts": ["a"], "label": ["x"]})
    frame.to_parquet(tmp_path / "a.parquet")
    sources: list[object] = [
        frame,
        pa.Table.from_pandas(frame),
        tmp_path / "a.parquet",
        write("a.csv", "Texts,label\na,x\n"),
        write("a.jsonl", '{"Texts": "a", "label": "x"}'),
    ]
    for source in sources:
        message = str(error_of(source))
        assert "no column 'text' (did you mean 'Texts'?); found: 'Texts', 'label'" in message
        assert "text=..." in message
        assert read_labelled(source, text="Texts").texts == ["a"]


def test_a_column_that_stands_twice_is_refused(write: Write) -> None:
    assert "'text' occurs 2 times" in str(error_of(write("a.csv", "text,text,label\na,b,x\n")))


def bomb(compression: str) -> bytes:
    """Return a header and 100 MB of zeros, made small."""
    if compression == "zst":
        return zstandard.compress(b"text\n" + bytes(100_000_000))
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=1) as file:
        file.write(b"text\n")
        for _ in range(100):
            file.write(bytes(1_000_000))
    return packed.getvalue()


@pytest.mark.parametrize("compression", ["gz", "zst"])
@pytest.mark.parametrize("suffix", ["txt", "csv", "jsonl"])
def test_a_compression_bomb_stops_at_the_cap_without_filling_memory(
    write: Write, suffix: str, compression: str
) -> None:
    packed = bomb(compression)
    assert len(packed) < 500_000
    path = write(f"a.{suffix}.{compression}", packed)
    tracemalloc.start()
    try:
        with pytest.raises(
            InputError, match=r"expands to more than max_bytes=30,000,000"
        ) as caught:
            list(read_texts(path, max_bytes=30_000_000, skip_bad=True))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.path == str(path)
    # a line of 10 MB, a few copies of it, and one step of the decompressor
    assert peak < 80_000_000


def test_a_parquet_file_that_expands_beyond_the_cap_is_refused(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", ["x" * 1000] * 10_000, ["y"] * 10_000)
    with pytest.raises(InputError, match="max_bytes"):
        list(read_texts(tmp_path / "a.parquet", max_bytes=1_000_000))


@pytest.mark.parametrize("compression", ["gz", "zst"])
@pytest.mark.parametrize("kept", [0.5, 0.99])
def test_a_file_that_is_cut_off_is_refused_even_when_skipping(
    write: Write, compression: str, kept: float
) -> None:
    raw = np.random.default_rng(0).bytes(300_000).hex().encode()
    plain = b"\n".join(raw[i : i + 100] for i in range(0, len(raw), 100))
    compress = gzip.compress if compression == "gz" else zstandard.compress
    packed = compress(plain)
    path = write(f"a.txt.{compression}", packed[: int(kept * len(packed))])
    with pytest.raises(InputError, match="damaged or truncated"):
        list(read_texts(path, skip_bad=True))
    table = write(f"a.csv.{compression}", compress(b"text,label\n" + b"a,b\n" * 99)[:-3])
    assert "damaged or truncated" in str(error_of(table, skip_bad=True))


def test_a_file_that_is_not_what_its_suffix_says_is_refused(write: Write) -> None:
    for name in ("a.txt.gz", "a.txt.zst", "a.parquet"):
        path = write(name, "this is only text, and long enough\n" * 3)
        with pytest.raises(InputError, match="cannot be read") as caught:
            list(read_texts(path))
        assert caught.value.path == str(path)
    with pytest.raises(InputError, match="compressed inside"):
        list(read_texts(write("b.parquet.gz", gzip.compress(b"x"))))


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl"])
def test_a_line_or_field_beyond_the_cap_is_a_bad_row(write: Write, name: str) -> None:
    long = "x" * (LONGEST_ROW + 1)
    wrap = {"txt": "{}", "csv": '"{}"', "jsonl": '{{"text": "{}"}}'}[name[2:]]
    head = "text\n" if name == "a.csv" else ""
    path = write(name, head + "\n".join(wrap.format(text) for text in ("a", long, "b")))
    texts = read_texts(path, skip_bad=True)
    assert list(texts) == ["a", "b"]
    assert texts.skipped[0].startswith(f"{path}:{3 if head else 2}: longer than 10,000,000 bytes")


def test_a_row_that_swallows_the_rest_of_a_csv_is_stopped_at_the_cap(write: Write) -> None:
    line = "x" * 999_999 + "\n"
    path = write("a.csv", 'text\n"open\n' + line * 11 + '"\nlast\n')
    with pytest.raises(InputError, match="quote that is not closed"):
        list(read_texts(path))


def test_a_long_field_is_read_and_the_limit_of_the_csv_module_stays(write: Write) -> None:
    before = csv.field_size_limit()
    long = "word " * 100_000
    assert len(long) > before
    assert list(read_texts(write("a.csv", f'text\n"{long}"\n'))) == [long]
    assert csv.field_size_limit() == before


def test_memory_does_not_grow_with_the_file(write: Write) -> None:
    path = write("a.txt", "one text of a few words\n" * 250_000)  # 6 MB
    next(iter(read_texts(path)))  # imports count for nothing
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_texts(path)) == 250_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_500_000  # the stream's buffer, and what was seen of it, are 1,048,576 each


# Arbitrary text

any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@quick
@given(st.lists(any_text, min_size=1, max_size=5), st.sampled_from(["csv", "tsv"]))
def test_any_text_survives_csv(tmp_path: Path, texts: list[str], suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    write_table(path, map(defended, texts), ["x"] * len(texts))
    # lines of a TSV with as many tabs as the header are taken for rows that a quote has merged
    if suffix == "csv" or not any("\t" in text and "\n" in text for text in texts):
        assert list(read_texts(path)) == texts


@quick
@given(st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_any_text_survives_jsonl_with_lone_surrogates(tmp_path: Path, texts: list[str]) -> None:
    path = tmp_path / "a.jsonl"
    write_jsonl(path, texts, ["x"] * len(texts))
    assert list(read_texts(path)) == texts


@pytest.mark.filterwarnings("ignore:.* (has no column|is read as|the separator is)")
@quick
@given(
    st.binary(max_size=200),
    st.sampled_from(["csv", "tsv", "jsonl", "txt", "ft", "parquet", "txt.gz", "csv.zst", "json"]),
)
def test_any_bytes_are_read_or_refused_with_the_file_named(
    tmp_path: Path, raw: bytes, suffix: str
) -> None:
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(raw)
    for skip_bad in (False, True):
        with contextlib.suppress(InputError), names(path):
            assert all(isinstance(text, str) for text in read_texts(path, skip_bad=skip_bad))


@contextlib.contextmanager
def names(path: Path) -> Iterator[None]:
    """Fail on an error that does not name the file."""
    try:
        yield
    except InputError as error:
        if str(path) not in str(error):
            pytest.fail(f"{error} does not name {path}")
        raise


# Columns of usual names


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("header", ["Review,Sentiment", "comment,stars", "评论,标签"])
def test_usual_names_of_columns_are_found_in_every_kind_of_table(
    write: Write, tmp_path: Path, header: str
) -> None:
    text, label = header.split(",")
    frame = pd.DataFrame({"id": ["7"], text: ["fine"], label: ["good"]})
    frame.to_parquet(tmp_path / "a.parquet")
    path = write("a.csv", f"id,{header}\n7,fine,good\n")
    for source in (frame, pa.Table.from_pandas(frame), tmp_path / "a.parquet", path):
        with pytest.warns(UserWarning, match=f"has no column 'text'; texts are read from '{text}'"):
            rows = read_labelled(source)
        assert (rows.texts, rows.labels) == (["fine"], ["good"])


def test_two_usual_names_are_no_answer(write: Write) -> None:
    path = write("a.csv", "review,comment,label\nfine,meh,good\n")
    assert "no column 'text'" in str(error_of(path))


def test_the_only_column_holds_the_texts_unless_its_name_may_be_one(write: Write) -> None:
    with pytest.warns(UserWarning, match="texts are read from 'feedback'"):
        assert list(read_texts(write("a.csv", "feedback\nfine\n"))) == ["fine"]
    with pytest.raises(InputError, match="no column 'text'"):
        list(read_texts(write("b.csv", "a fine room\na dirty room\n")))


def test_a_column_that_was_asked_for_is_never_replaced(write: Write) -> None:
    path = write("a.csv", "review,label\nfine,good\n")
    with pytest.raises(InputError, match="no column 'body'"):
        list(read_texts(path, text="body"))


# ---- names of columns that a model was trained on


@pytest.fixture
def reviews(tmp_path: Path) -> dict[str, object]:
    """The same two rows in every form that has columns; ``text`` is not what is wanted."""
    frame = pd.DataFrame({"text": ["no", "no"], "Review": ["good", "bad"], "label": ["x", "x"]})
    frame["Stars"] = ["5", "1"]
    frame.to_csv(tmp_path / "r.csv", index=False)
    frame.to_csv(tmp_path / "r.tsv", index=False, sep="\t")
    frame.to_parquet(tmp_path / "r.parquet")
    frame.to_json(tmp_path / "r.jsonl", orient="records", lines=True)
    files = {name: tmp_path / f"r.{name}" for name in ("csv", "tsv", "parquet", "jsonl")}
    return {**files, "pandas": frame, "arrow": pa.Table.from_pandas(frame)}


FORMS = ["csv", "tsv", "parquet", "jsonl", "pandas", "arrow"]


@pytest.mark.parametrize("form", FORMS)
def test_the_columns_of_a_model_come_before_the_default_ones(
    reviews: dict[str, object], form: str
) -> None:
    said: list[str] = []
    names = ColumnNames("Review", "Stars", on_found=said.append)
    rows = read_labelled(reviews[form], columns=names)
    assert (rows.texts, rows.labels) == (["good", "bad"], ["5", "1"])
    assert list(read_texts(reviews[form], columns=names)) == ["good", "bad"]
    assert names.read == {"text": "Review", "label": "Stars"}
    assert "texts are read from 'Review', as in training" in said[0]
    assert "labels are read from 'Stars', as in training" in said[1]


@pytest.mark.parametrize("form", FORMS)
def test_a_named_column_comes_before_that_of_a_model(reviews: dict[str, object], form: str) -> None:
    names = ColumnNames("text", None)
    rows = read_labelled(reviews[form], text="Review", columns=names)
    assert (rows.texts, rows.labels) == (["good", "bad"], ["x", "x"])
    assert names.read == {"text": "Review", "label": "label"}


def test_a_table_without_the_columns_of_a_model_is_read_as_ever(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("Comment,label\ngood,5\nbad,1\n", encoding="utf-8")
    names = ColumnNames("Review", "Stars")
    with pytest.warns(UserWarning, match="no column 'text'; texts are read from 'Comment'"):
        rows = read_labelled(path, columns=names)
    assert rows.texts == ["good", "bad"]
    assert names.read == {"text": "Comment", "label": "label"}


def test_text_without_columns_has_no_names(tmp_path: Path) -> None:
    path = tmp_path / "r.txt"
    path.write_text("good\n", encoding="utf-8")
    names = ColumnNames("Review", "Stars")
    assert list(read_texts(path, columns=names)) == ["good"]
    assert names.read == {}


@pytest.mark.parametrize(
    "mark",
    [
        *("size", "mtime", "created", "LastModified", "last_modified", "updated"),
        *("ETag", "etag", "sha", "md5"),
    ],
)
def test_every_mark_of_a_change_that_a_file_system_knows_is_read(mark: str) -> None:
    def state(value: int) -> dict[str, str]:
        system = SimpleNamespace(protocol=("bucket",), info=lambda _: {mark: value, "name": "x"})
        return file_state(Location(system, "x", "bucket://x"))

    assert state(1) == state(1)
    assert state(1) != state(2)


def test_a_change_within_a_microsecond_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    states = []
    for nanoseconds in (0, 100):
        path.write_text("good")
        os.utime(path, ns=(0, 1_700_000_000 * 10**9 + nanoseconds))
        states.append(file_state(*locate(path))["mtime_ns"])
    assert states[0] != states[1]
