"""Word vectors in the file formats of other programs."""

from __future__ import annotations

import bz2
import errno
import gzip
import lzma
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest
from gensim.models import FastText
from gensim.models.fasttext import save_facebook_model

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


def test_fasttexts_own_binary_is_read(tmp_path: Path) -> None:
    texts = [["warm", "dull", "plot"]] * 20
    model = FastText(texts, vector_size=4, bucket=50, min_count=1, epochs=1, workers=1, seed=1)
    save_facebook_model(model, str(tmp_path / "m.bin"))
    found = WordVectors.read(tmp_path / "m.bin", "fasttext")
    assert sorted(found.words) == ["dull", "plot", "warm"]
    np.testing.assert_allclose(found["dull"], model.wv["dull"], atol=1e-6)
    assert found.counts.tolist() == [20, 20, 20]


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


def test_a_header_that_promises_terabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.vec"
    path.write_text("1000000000000 1000\ngood 1 2\n")
    assert "is not a word2vec file" in refusal(path, "word2vec")


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
