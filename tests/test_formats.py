"""Word vectors in the file formats of other programs."""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import os
import struct
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from gensim.models import KeyedVectors

from sentiment_transfer import WordVectors
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from sentiment_transfer.pretraining.formats import VectorFormat

FORMATS = ["word2vec", "word2vec-binary", "glove", "fasttext"]


TEXT_FORMATS = ["word2vec", "glove", "fasttext"]


@pytest.fixture
def rich(vectors: WordVectors) -> WordVectors:
    """Vectors with words, settings and facts that are easily lost."""
    words = ("好看", "not_good", "café", ":)", "x" * 60, "🎬")
    matrix = np.array([[1e-30, -1.5, 3e10]] * 6, np.float32) * np.arange(1, 7)[:, None]
    tokenizer = Tokenizer("en", stop_words=False, stemmer="nltk:porter")
    facts = {"texts": 3, "loss": 0.25, "engine": "gensim", "corpus": {"name": "é"}, "note": None}
    return WordVectors(
        Vocabulary(words, np.array([2**40, 5, 4, 3, 2, 1])), matrix, tokenizer, facts
    )


@pytest.mark.parametrize("form", FORMATS)
def test_other_programs_formats_come_back_equal(
    rich: WordVectors, tmp_path: Path, form: VectorFormat
) -> None:
    path = tmp_path / "vectors.vec"
    rich.write(path, form)
    found = WordVectors.read(path, form, tokenizer=rich.tokenizer)
    assert found.words == rich.words
    np.testing.assert_array_equal(found.matrix, rich.matrix)
    assert found.counts.tolist() == [1] * len(rich)  # these formats hold no counts
    assert found.tokenizer is rich.tokenizer


def test_the_word2vec_text_is_what_the_format_says(tmp_path: Path) -> None:
    words = Vocabulary(("dull", "好"), np.array([2, 1]))
    matrix = np.array([[0.5, -1], [2, 0.25]], np.float32)
    WordVectors(words, matrix, Tokenizer()).write(tmp_path / "v")
    lines = (tmp_path / "v").read_text("utf-8").split("\n")
    assert [line.split()[:1] for line in lines] == [["2"], ["dull"], ["好"], []]
    assert lines[0] == "2 2"
    assert [float(x) for x in lines[2].split()[1:]] == [2.0, 0.25]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("ending", ["", ".gz", ".bz2", ".xz"])
def test_a_file_holds_the_bytes_that_gensim_writes(
    rich: WordVectors, tmp_path: Path, form: VectorFormat, ending: str
) -> None:
    ours, theirs = tmp_path / f"ours{ending}", tmp_path / f"theirs{ending}"
    rich.write(ours, form)
    rich.to_keyed_vectors().save_word2vec_format(
        str(theirs), binary=form == "word2vec-binary", write_header=form != "glove"
    )
    unpack = {"": bytes, ".gz": gzip.decompress, ".bz2": bz2.decompress, ".xz": lzma.decompress}
    assert unpack[ending](ours.read_bytes()) == unpack[ending](theirs.read_bytes())


@pytest.mark.skipif(os.name != "posix", reason="the limit is of POSIX systems")
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("ending", ["vec", "gz"])
def test_a_disk_that_fails_midway_leaves_the_old_file_and_nothing_else(
    vectors: WordVectors,
    tmp_path: Path,
    form: VectorFormat,
    ending: str,
) -> None:
    program = """
import resource, signal, sys
from sentiment_transfer import WordVectors
vectors, limit = WordVectors.load(sys.argv[1]), 1_000
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    vectors.write(*sys.argv[2:])
except OSError as error:
    print(error.strerror)
"""
    saved, path = tmp_path / "saved", tmp_path / "place" / f"v.{ending}"
    vectors.save(saved)
    path.parent.mkdir()
    vectors.write(path, form)
    before = path.read_bytes()
    assert len(before) > 1_000
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program, saved, path, form],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == os.strerror(errno.EFBIG)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_missing_folder_for_a_file_of_vectors_is_named(
    vectors: WordVectors, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="does not exist"):
        vectors.write(tmp_path / "none" / "v.vec")


def test_foreign_words_are_looked_up_unmarked(tmp_path: Path) -> None:
    (tmp_path / "v").write_text("2 2\ngood 1 0\nnot 0 1\n")
    found = WordVectors.read(tmp_path / "v", "word2vec")
    ids = found.encode(["not good"])
    assert [found.words[i] for i in ids[0]] == ["not", "good"]


def test_a_glove_file_has_no_first_line_with_sizes(tmp_path: Path) -> None:
    (tmp_path / "g").write_text("the 0.5 1\ndull -1 2\n")
    found = WordVectors.read(tmp_path / "g", "glove")
    assert found.words == ("the", "dull")
    assert found["dull"].tolist() == [-1, 2]


def outcome(path: Path, form: VectorFormat) -> WordVectors | InputError:
    try:
        return WordVectors.read(path, form)
    except InputError as error:
        return error


def refusal(path: Path, form: VectorFormat) -> str:
    with pytest.raises(InputError) as raised:
        WordVectors.read(path, form)
    assert raised.value.path == str(path)
    return str(raised.value)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_cut_short_is_refused_by_name(
    vectors: WordVectors, tmp_path: Path, form: VectorFormat
) -> None:
    path = tmp_path / "v.vec"
    vectors.write(path, form)
    content = path.read_bytes()
    for keep in (0, 3, len(content) - 30):
        path.write_bytes(content[:keep])
        assert f"is not a {form} file" in refusal(path, form)


@pytest.mark.parametrize("form", TEXT_FORMATS)
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "NaN"])
def test_values_that_are_not_finite_are_refused(
    tmp_path: Path, form: VectorFormat, value: str
) -> None:
    path = tmp_path / "v.vec"
    head = "" if form == "glove" else "2 2\n"
    path.write_text(f"{head}good 1 2\nbad 1 {value}\n")
    assert "NaN or infinite" in refusal(path, form)


@pytest.mark.parametrize("form", TEXT_FORMATS)
@pytest.mark.parametrize(
    "content",
    [
        "2 2\ngood 1 2\ncafé 1 2\n".encode("latin-1"),
        b"2 3\ngood 1 2 3\nbad 1 2\n",
        b"2 2\ngood 1 2\nbad 1 x\n",
        b"\x80\x04\x95 a pickle",
        b"<!DOCTYPE html><html>not found</html>\n",
    ],
    ids=["Latin-1", "a short row", "letters for a number", "a pickle", "a web page"],
)
def test_anything_else_is_refused(tmp_path: Path, form: VectorFormat, content: bytes) -> None:
    path = tmp_path / "v.vec"
    path.write_bytes(content[4:] if form == "glove" and content[:1] == b"2" else content)
    assert f"is not a {form} file" in refusal(path, form)


LINES = [f"w{i} {i} 0.5 -1" for i in range(20)]
WORDS = tuple(f"w{i}" for i in range(20))


def text_file(folder: Path, lines: list[str], header: str | None = None) -> Path:
    """GloVe's layout, or with a header word2vec's."""
    path = folder / "v.txt"
    path.write_text("\n".join([*filter(None, [header]), *lines]) + "\n", encoding="utf-8")
    return path


def test_gloves_840b_has_words_with_spaces(tmp_path: Path) -> None:
    spaced = [". . . 1 2 3", "at name@domain.com 4 5 6", "in 2010 7 8 9", "1 2 3 4", "5 6 7 8"]
    found = WordVectors.read(text_file(tmp_path, [*spaced, *LINES]), "glove")
    assert found.words[:5] == (". . .", "at name@domain.com", "in 2010", "1", "5")
    assert found.matrix[:3].tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    found = WordVectors.read(text_file(tmp_path, spaced[:3], "3 3"), "word2vec")
    assert found.words == (". . .", "at name@domain.com", "in 2010")


def test_the_lines_of_fasttext_and_word2vec_end_with_a_space(tmp_path: Path) -> None:
    lines = [f"{line} " for line in LINES]
    found = WordVectors.read(text_file(tmp_path, lines, "20 3"), "fasttext")
    assert found.words == WORDS
    assert found["w7"].tolist() == [7, 0.5, -1]


def test_multilingual_files_hold_words_that_other_readers_take_for_line_ends(
    tmp_path: Path,
) -> None:
    """Facebook's wiki.*.vec have words with U+0085, U+2028 and no-break spaces."""
    odd = ["a\x85b 1 2 3", "c\u2028d 4 5 6", "e\xa0f 7 8 9", "\x0bg 1 1 1"]
    found = WordVectors.read(text_file(tmp_path, [*odd, *LINES], "24 3"), "fasttext")
    assert found.words[:3] == ("a\x85b", "c\u2028d", "e\xa0f")
    assert found.matrix[:3].tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_of_windows_and_a_byte_order_mark_are_no_part_of_a_word(
    tmp_path: Path, end: str, mark: str
) -> None:
    path = tmp_path / "v"
    path.write_bytes((mark + end.join([*LINES, ""])).encode())
    assert WordVectors.read(path, "glove").words == WORDS
    path.write_bytes((mark + end.join(["20 3", *LINES, ""])).encode())
    assert WordVectors.read(path, "word2vec").words == WORDS


def test_a_word_that_stands_twice_has_its_first_row(tmp_path: Path) -> None:
    path = text_file(tmp_path, [*LINES, "w3 9 9 9", "w4 9 9 9"])
    with pytest.warns(UserWarning, match="skipped") as caught:
        found = WordVectors.read(path, "glove")
    assert [str(one.message) for one in caught] == [
        f"{path}: 2 of 22 words are skipped: 2 repeated (first in line 21)"
    ]
    assert caught[0].filename == __file__
    assert found.words == WORDS
    assert found["w3"].tolist() == [3, 0.5, -1]
    found.save(tmp_path / "saved")
    assert WordVectors.load(tmp_path / "saved").words == WORDS


def test_gensims_vectors_of_a_file_with_a_repeated_word_have_no_word_none(tmp_path: Path) -> None:
    path = text_file(tmp_path, [*LINES, "w3 9 9 9"], "21 3")
    keyed = KeyedVectors.load_word2vec_format(str(path))
    assert None in keyed.index_to_key  # gensim's padding
    found = WordVectors.from_keyed_vectors(keyed)
    assert found.words == WORDS
    assert found["w3"].tolist() == [3, 0.5, -1]


def test_everything_that_is_skipped_is_in_one_warning(tmp_path: Path) -> None:
    path = tmp_path / "v"
    lines = [*map(str.encode, LINES), b"caf\xc3 1 2 3", b" 1 2 3", b"w1 1 2 3", b"w2 1 2 3"]
    path.write_bytes(b"\n".join([b"20 3", *lines, b""]))
    with pytest.warns(UserWarning, match="skipped") as caught:
        found = WordVectors.read(path, "word2vec")
    assert [str(one.message) for one in caught] == [
        (
            f"{path}: its header promises 20 words, but it holds more: 24 are read; 4 of 24 words "
            "are skipped: 1 not UTF-8 (first in line 22), 1 empty (first in line 23), 2 repeated "
            "(first in line 24)"
        )
    ]
    assert found.words == WORDS


def test_a_file_in_another_encoding_is_refused_though_one_damaged_word_is_not(
    tmp_path: Path,
) -> None:
    path = text_file(tmp_path, [f"é{line}" for line in LINES[:3]] + LINES)
    path.write_bytes(path.read_bytes().decode().encode("latin-1"))
    assert "3 of 23 words are not UTF-8; convert it" in refusal(path, "glove")
    path.write_bytes("\n".join(LINES).encode("utf-16"))
    assert "UTF-16" in refusal(path, "glove")


def test_a_header_that_promises_too_many_words_is_refused_with_both_numbers(
    tmp_path: Path,
) -> None:
    path = text_file(tmp_path, LINES, "25 3")
    message = "its header promises 25 words, but it holds 20; it is cut short"
    assert message in refusal(path, "word2vec")
    assert "pass limit=20" in refusal(path, "word2vec")
    assert WordVectors.read(path, "word2vec", limit=20).words == WORDS


@pytest.mark.parametrize("promised", [2, 4])
def test_a_header_with_wrong_dimensions_is_refused_with_both_numbers(
    tmp_path: Path, promised: int
) -> None:
    path = text_file(tmp_path, LINES, f"20 {promised}")
    assert f"promises {promised} dimensions, its lines have 3" in refusal(path, "word2vec")


def test_a_header_where_none_belongs_or_none_where_one_belongs_is_said(tmp_path: Path) -> None:
    path = text_file(tmp_path, LINES, "20 3")
    assert "use" not in refusal(tmp_path / "none", "glove")
    assert "1 numbers, not 3; with sizes, it is format='word2vec'" in refusal(path, "glove")
    assert "its first line is not two numbers" in refusal(text_file(tmp_path, LINES), "word2vec")


def test_a_last_line_without_an_end_may_be_cut_short(tmp_path: Path) -> None:
    path = text_file(tmp_path, LINES)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.warns(UserWarning, match="last line has no end"):
        WordVectors.read(path, "glove")


@pytest.mark.parametrize("value", ["nan", "-inf", "1e37", "1e400", "-1e19"])
def test_word_and_line_of_a_vector_that_cannot_be_used_are_named(
    tmp_path: Path, value: str
) -> None:
    path = text_file(tmp_path, [*LINES, f"odd 0 0 {value}", "nan nan nan nan"])
    message = refusal(path, "glove")
    assert message.startswith(f"{path}:21: is not a glove file (the vector of 'odd' ")
    long = value in ("1e37", "-1e19")
    assert ("long; the limit is 1e+15" if long else "NaN or infinite") in message


def test_gensims_vectors_that_cannot_be_used_are_named() -> None:
    keyed = KeyedVectors(2)
    keyed.add_vectors(["good", "bad"], np.array([[1, 2], [1e37, 0]], np.float32))
    with pytest.raises(InputError, match="'bad' is 1e\\+37 long"):
        WordVectors.from_keyed_vectors(keyed)
    numbered = KeyedVectors(1)
    numbered.add_vectors([7, 8], np.ones((2, 1), np.float32))
    with pytest.raises(InputError, match="the key 7 is not a str"):
        WordVectors.from_keyed_vectors(numbered)


@pytest.mark.parametrize("form", FORMATS)
def test_a_limit_takes_the_first_words_and_does_not_look_at_the_rest(
    rich: WordVectors, tmp_path: Path, form: VectorFormat
) -> None:
    path = tmp_path / "v.vec"
    rich.write(path, form)
    whole = path.read_bytes()
    end = -9 if form == "word2vec-binary" else whole.rindex(b" ")  # the last row is damaged
    path.write_bytes(whole[:end])
    found = WordVectors.read(path, form, limit=4)
    assert found.words == rich.words[:4]
    np.testing.assert_array_equal(found.matrix, rich.matrix[:4])
    refusal(path, form)
    for limit in (0, -1, 1.5, True, "3"):
        with pytest.raises(SettingError, match=f"limit={limit!r} is not allowed"):
            WordVectors.read(path, form, limit=limit)  # type: ignore[arg-type]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz"])
def test_compressed_files_are_read_and_damaged_ones_are_named(
    rich: WordVectors, tmp_path: Path, form: VectorFormat, ending: str
) -> None:
    path = tmp_path / f"v{ending}"
    rich.write(path, form)
    assert WordVectors.read(path, form).words == rich.words
    path.write_bytes(path.read_bytes()[:-20])
    refusal(path, form)
    path.write_bytes(b"no such compression")
    refusal(path, form)


PEAK = """
import resource, sys
from sentiment_transfer import WordVectors
from sentiment_transfer.errors import InputError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    WordVectors.read(*sys.argv[1:])
except InputError as error:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, error)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kB on Linux")
@pytest.mark.parametrize(
    ("form", "name", "content"),
    [
        ("word2vec", "v", b"1000000000000 1000\ngood 1 2\n"),
        ("word2vec", "v", b"1000000000000 2\ngood 1 2\n"),
        ("word2vec", "v", b"2 1000000000000\ngood 1 2\n"),
        ("word2vec-binary", "v", b"1000000000000 1\ngood \0\0\0\0"),
        ("word2vec-binary", "v", b"2 1000000000000\ngood \0\0\0\0"),
        (
            "fasttext",
            "v.bin",
            struct.pack(
                "<12id3iqqc9x?qq",
                793712314,
                12,
                10**9,
                *(0,) * 9,
                0,
                2**31 - 1,
                2**31 - 1,
                0,
                0,
                -1,
                b"a",
                False,
                2**31 - 1,
                10**9,
            ),
        ),
        ("glove", "v.gz", gzip.compress(b"good" + b" 0" * 200_000_000 + b"\n", 1)),
    ],
    ids=["words and d", "words", "d", "binary words", "binary d", "fastText", "gzip"],
)
def test_memory_is_not_taken_for_what_a_header_promises(
    tmp_path: Path, form: VectorFormat, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    command = [sys.executable, "-c", PEAK, str(path), form]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    kilobytes, message = done.stdout.split(maxsplit=1)
    assert message.startswith(str(path))
    assert int(kilobytes) < 200_000


@pytest.mark.filterwarnings("ignore:.*(skipped|promises|no end)")
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_mutated_file_is_refused_or_read_as_finite_vectors(
    rich: WordVectors, tmp_path: Path, form: VectorFormat, ending: str
) -> None:
    path = tmp_path / f"v{ending}"
    rich.write(path, form)
    content, rng = path.read_bytes(), np.random.default_rng(12)
    refused = 0
    for _ in range(300):
        mutant = bytearray(content)
        for at in rng.integers(len(mutant), size=rng.integers(1, 4)):
            mutant[at] = rng.choice([rng.integers(256), *b" \n0159-.e"])
        path.write_bytes(mutant[: rng.integers(len(mutant))] if rng.random() < 0.3 else mutant)
        found = outcome(path, form)
        refused += isinstance(found, InputError)
        if isinstance(found, InputError):
            assert found.path == str(path)
            assert len(str(found)) < 500
        else:
            assert len(set(found.words)) == len(found)
            assert np.isfinite(found.unit_matrix).all()
            found.save(tmp_path / "saved")
    assert refused > 0


def test_a_folder_or_device_is_no_file(tmp_path: Path) -> None:
    assert "is a folder or a device" in refusal(tmp_path, "glove")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe")
        assert "is a folder or a device" in refusal(tmp_path / "pipe", "glove")


@pytest.mark.parametrize("word", [". . .", "a\nb", " "])
def test_a_word_that_would_be_read_as_another_is_not_written(tmp_path: Path, word: str) -> None:
    odd = WordVectors(Vocabulary((word,), np.array([1])), np.ones((1, 2)), Tokenizer())
    with pytest.raises(InputError, match="cannot be written as word2vec-binary"):
        odd.write(tmp_path / "v", "word2vec-binary")
    if word == ". . .":
        odd.write(tmp_path / "v", "glove")


@pytest.mark.parametrize("form", FORMATS)
def test_a_missing_file_is_named(tmp_path: Path, form: VectorFormat) -> None:
    assert "cannot be read: No such file" in refusal(tmp_path / "nowhere.vec", form)


def test_an_unknown_format_is_answered_with_the_known(vectors: WordVectors, tmp_path: Path) -> None:
    known = "format='pdf' is not allowed; .* word2vec, word2vec-binary, glove, fasttext"
    with pytest.raises(SettingError, match=known):
        WordVectors.read(tmp_path / "v", "pdf")  # type: ignore[arg-type]
    with pytest.raises(SettingError, match=known):
        vectors.write(tmp_path / "v", "pdf")  # type: ignore[arg-type]
    assert not (tmp_path / "v").exists()
