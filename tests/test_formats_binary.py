"""The binary files of word2vec and fastText."""

from __future__ import annotations

import struct
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from gensim.models import FastText
from gensim.models.fasttext import load_facebook_vectors, save_facebook_model

from sentiment_transfer import WordVectors
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.formats import VectorFormat

ROWS = np.arange(60, dtype="<f4").reshape(20, 3) / 8
WORDS = tuple(f"w{i}" for i in range(20))


def word2vec_file(
    folder: Path, words: Sequence[bytes], header: bytes = b"20 3", end: bytes = b"\n"
) -> Path:
    """As word2vec.c writes it: a line end after each row."""
    path = folder / "v.bin"
    rows = zip(words, ROWS, strict=False)
    path.write_bytes(header + b"\n" + b"".join(w + b" " + r.tobytes() + end for w, r in rows))
    return path


def fasttext_file(
    folder: Path,
    words: Sequence[tuple[bytes, int, int]],
    matrix: NDArray[np.float32],
    *,
    name: str = "m.bin",
    magic: tuple[int, ...] = (793712314, 12),
    bucket: int = 0,
    maxn: int = 0,
    model: int = 2,
    promised: int | None = None,
    pruned: int = -1,
    quantised: bool = False,
) -> Path:
    """As ``FastText::saveModel`` writes it; without magic as before its version 11."""
    new = bool(magic)
    n_words = sum(kind == 0 for _, _, kind in words) if promised is None else promised
    head: list[Any] = [*magic, matrix.shape[1], 5, 1, 1, 5, 1, 1, model, bucket, 3, maxn, 100, 1e-4]
    head += [len(words), n_words, len(words) - n_words, 1000]
    content = struct.pack(f"<{len(magic) + 12}id3iq", *head)
    content += struct.pack("<q", pruned) if new else b""
    content += b"".join(w + b"\0" + struct.pack("<qb", n, kind) for w, n, kind in words)
    content += struct.pack("<?", quantised) if new else b""
    content += struct.pack("<2q", *matrix.shape) + matrix.astype("<f4").tobytes()
    path = folder / name
    path.write_bytes(content)
    return path


def trained(folder: Path) -> tuple[FastText, Path]:
    texts = [["warm", "dull", "plot", "café"]] * 20
    model = FastText(texts, vector_size=4, bucket=50, min_count=1, epochs=1, workers=1, seed=1)
    save_facebook_model(model, str(folder / "m.bin"))
    return model, folder / "m.bin"


def refusal(path: Path, form: VectorFormat) -> str:
    with pytest.raises(InputError) as raised:
        WordVectors.read(path, form)
    assert raised.value.path == str(path)
    return str(raised.value)


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_rows_of_word2vec_may_end_with_a_line_end(tmp_path: Path, end: bytes) -> None:
    path = word2vec_file(tmp_path, [w.encode() for w in WORDS], end=end)
    found = WordVectors.read(path, "word2vec-binary")
    assert found.words == WORDS
    np.testing.assert_array_equal(found.matrix, ROWS)


def test_a_word_cut_inside_of_a_character_is_skipped(tmp_path: Path) -> None:
    words = [w.encode() for w in WORDS]
    words[13] = b"caf\xc3"
    path = word2vec_file(tmp_path, words)
    with pytest.warns(UserWarning, match=r"1 of 20 words are skipped: 1 not UTF-8 \(.* word 14\)"):
        found = WordVectors.read(path, "word2vec-binary")
    assert found.words == WORDS[:13] + WORDS[14:]
    np.testing.assert_array_equal(found["w14"], ROWS[14])


def test_a_header_with_too_few_or_too_many_words_is_answered_with_both_numbers(
    tmp_path: Path,
) -> None:
    words = [w.encode() for w in WORDS]
    path = word2vec_file(tmp_path, words, b"5 3")
    with pytest.warns(UserWarning, match="promises 5 words, but it holds more: 20 are read"):
        assert WordVectors.read(path, "word2vec-binary").words == WORDS
    path = word2vec_file(tmp_path, words, b"30 3")
    assert "promises 30 words, but it holds 20" in refusal(path, "word2vec-binary")
    assert WordVectors.read(path, "word2vec-binary", limit=20).words == WORDS
    path.write_bytes(path.read_bytes()[:-6])
    assert "word 20: it is cut short or damaged; its header promises 30 words" in refusal(
        path, "word2vec-binary"
    )


def test_text_in_place_of_binary_numbers_is_refused_with_the_format_to_use(tmp_path: Path) -> None:
    path = tmp_path / "v"
    path.write_text("2 3\ngood 0.125 0.25 0.5\nbad 0.125 0.25 0.5\n")
    assert "use format='word2vec'" in refusal(path, "word2vec-binary")
    path.write_text("good 0.125 0.25 0.5\n")
    assert "is not two numbers" in refusal(path, "word2vec-binary")


def test_rows_that_are_not_finite_are_named_by_their_word(tmp_path: Path) -> None:
    path = word2vec_file(tmp_path, [w.encode() for w in WORDS])
    content = path.read_bytes()
    for value, wrong in ((np.nan, "NaN or infinite"), (1e37, r"1e+37 long")):
        odd = content.replace(ROWS[7].tobytes(), np.array([0, value, 0], "<f4").tobytes())
        path.write_bytes(odd)
        message = refusal(path, "word2vec-binary")
        assert "word 8: the vector of 'w7'" in message
        assert wrong in message


def test_fasttexts_own_binary_is_read_as_gensim_reads_it(tmp_path: Path) -> None:
    model, path = trained(tmp_path)
    found = WordVectors.read(path, "fasttext")
    assert sorted(found.words) == ["café", "dull", "plot", "warm"]
    theirs = load_facebook_vectors(str(path))
    for word in found.words:
        np.testing.assert_allclose(found[word], model.wv[word], atol=1e-6)
        np.testing.assert_allclose(found[word], theirs[word], atol=1e-6)
    assert found.counts.tolist() == [20, 20, 20, 20]


def test_fasttexts_binary_is_recognised_whatever_its_name(tmp_path: Path) -> None:
    _, path = trained(tmp_path)
    other = path.rename(tmp_path / "renamed.model")
    assert len(WordVectors.read(other, "fasttext")) == 4


CUT = """
import sys
from sentiment_transfer import WordVectors
from sentiment_transfer.errors import InputError
for path in sys.argv[1:]:
    try:
        WordVectors.read(path, "fasttext")
    except InputError as error:
        print("refused")
"""


@pytest.mark.parametrize("flags", [[], ["-O"]], ids=["plain", "-O"])
def test_a_fasttext_binary_that_is_cut_anywhere_is_refused_also_under_O(  # noqa: N802
    tmp_path: Path, flags: list[str]
) -> None:
    """gensim raises AssertionError, and within the vocabulary reads for ever."""
    _, path = trained(tmp_path)
    content = path.read_bytes()
    assert content.index(b"dull\0") < 130
    end = 250 + 4 * 4 * (4 + 50)  # of the matrix; behind it is what only training needs
    cuts = [0, 3, 4, 8, 30, 60, 90, 100, 110, 130, 140, 150, 160, 170, 200, 500, 900]
    assert max(cuts) < end
    for cut in cuts:
        (tmp_path / f"{cut}.bin").write_bytes(content[:cut])
    command = [sys.executable, *flags, "-c", CUT, *(str(tmp_path / f"{cut}.bin") for cut in cuts)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
    assert done.stdout.split() == ["refused"] * len(cuts)


def test_labels_of_a_supervised_model_are_no_words(tmp_path: Path) -> None:
    words = [(b"good", 9, 0), (b"bad", 8, 0), (b"__label__a", 5, 1)]
    path = fasttext_file(tmp_path, words, ROWS[:2], model=3)
    found = WordVectors.read(path, "fasttext")
    assert found.words == ("good", "bad")
    assert found.counts.tolist() == [9, 8]
    np.testing.assert_array_equal(found.matrix, ROWS[:2])


@pytest.mark.parametrize("magic", [(), (793712314, 11), (793712314, 12)])
def test_older_formats_of_fasttext_are_read(tmp_path: Path, magic: tuple[int, ...]) -> None:
    words = [(b"good", 9, 0), (b"</s>", 8, 0)]
    path = fasttext_file(tmp_path, words, ROWS[:12], magic=magic, bucket=10, maxn=3)
    found = WordVectors.read(path, "fasttext")
    assert found.words == ("good", "</s>")
    used = [2 + h for h in buckets([b"<go", b"goo", b"ood", b"od>"], 10)]
    np.testing.assert_allclose(found["good"], ROWS[[0, *used]].mean(axis=0))
    np.testing.assert_array_equal(found["</s>"], ROWS[1])  # the end of a sentence has no n-grams


def buckets(grams: list[bytes], n: int) -> list[int]:
    """FNV-1a, as in ``Dictionary::hash``."""
    found = []
    for gram in grams:
        h = 2166136261
        for byte in gram:
            h = (h ^ byte) * 16777619 % 2**32
        found.append(h % n)
    return found


@pytest.mark.parametrize(
    ("settings", "wrong"),
    [
        ({"quantised": True}, "quantised"),
        ({"pruned": 3}, "quantised"),
        ({"magic": (793712314, 13)}, "version 13"),
        ({"bucket": 10, "maxn": 3}, "a matrix of 2 x 3, where 12 x 3 belong"),
        ({"bucket": -1}, "bucket=-1"),
        ({"maxn": 2**31 - 1}, "maxn=2147483647"),
        ({"promised": 7}, "promises 7 words, but it holds 2"),
    ],
    ids=str,
)
def test_a_fasttext_file_that_does_not_fit_together_is_refused(
    tmp_path: Path, settings: dict[str, Any], wrong: str
) -> None:
    words = [(b"good", 9, 0), (b"bad", 8, 0)]
    assert wrong in refusal(fasttext_file(tmp_path, words, ROWS[:2], **settings), "fasttext")


def test_a_damaged_word_of_fasttext_is_skipped_and_the_first_of_two_counts(tmp_path: Path) -> None:
    words = [(w.encode(), 5, 0) for w in WORDS]
    words[3], words[5] = (b"caf\xc3", 5, 0), (b"w1", 5, 0)
    path = fasttext_file(tmp_path, words, ROWS)
    with pytest.warns(UserWarning, match=r"2 of 20 words .* 1 not UTF-8 .* word 4.* 1 repeated"):
        found = WordVectors.read(path, "fasttext")
    assert len(found) == 18
    np.testing.assert_array_equal(found["w1"], ROWS[1])


@pytest.mark.filterwarnings("ignore:.*skipped")
def test_a_mutated_fasttext_binary_is_refused_or_read_as_finite_vectors(tmp_path: Path) -> None:
    _, path = trained(tmp_path)
    content, rng = path.read_bytes(), np.random.default_rng(12)
    refused = 0
    for _ in range(500):
        mutant = bytearray(content)
        for at in rng.integers(250, size=rng.integers(1, 4)):  # settings and vocabulary
            mutant[at] = rng.integers(256)
        path.write_bytes(mutant)
        try:
            found = WordVectors.read(path, "fasttext")
        except InputError:
            refused += 1
        else:
            assert np.isfinite(found.unit_matrix).all()
            assert (found.counts >= 0).all()
    assert 0 < refused < 500
