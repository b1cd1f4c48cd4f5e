from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from gensim.models import KeyedVectors

from sentiment_transfer import SentimentClassifier, WordVectors, load
from sentiment_transfer.base.schema import convert
from sentiment_transfer.errors import InputError, ModelFileError, SettingError, UnknownWordError
from sentiment_transfer.pretraining.stored import TokenizerFacts
from sentiment_transfer.storage import load_file, save_file
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import World
    from numpy.typing import NDArray


def assert_same(found: WordVectors, wanted: WordVectors) -> None:
    assert found.words == wanted.words
    np.testing.assert_array_equal(found.matrix, wanted.matrix)
    np.testing.assert_array_equal(found.counts, wanted.counts)
    assert found.tokenizer.describe() == wanted.tokenizer.describe()
    assert found.metadata == wanted.metadata


def test_a_word_is_looked_up_in_its_row(vectors: WordVectors) -> None:
    assert len(vectors) == len(vectors.words) == 43
    for row, word in enumerate(vectors.words):
        assert word in vectors
        assert vectors.id_of(word) == row
        np.testing.assert_array_equal(vectors[word], vectors.matrix[row])
    assert vectors.vector_size == 16
    assert repr(vectors) == "<WordVectors: 43 words, 16 dimensions>"


def test_an_unknown_word_is_answered_with_words_spelt_like_it(vectors: WordVectors) -> None:
    assert "gret" not in vectors
    for ask in (vectors.__getitem__, vectors.nearest, vectors.id_of):
        with pytest.raises(UnknownWordError, match="'gret' has no vector; near it are 'great'"):
            ask("gret")
    with pytest.raises(UnknownWordError, match=r"'qqqqq' has no vector$"):
        vectors["qqqqq"]


@pytest.mark.parametrize("n", [1, 10, 42, 1000])
def test_the_nearest_words_are_those_of_a_search_through_all(vectors: WordVectors, n: int) -> None:
    for word in ("good", "boring", "film"):
        v = vectors[word].astype(np.float64)
        cosines = {
            other: float(v @ u / (np.linalg.norm(v) * np.linalg.norm(u)))
            for other, u in zip(vectors.words, vectors.matrix.astype(np.float64), strict=True)
            if other != word
        }
        expected = sorted(cosines, key=lambda other: -cosines[other])[:n]
        found = vectors.nearest(word, n)
        assert [other for other, _ in found] == expected
        np.testing.assert_allclose([c for _, c in found], [cosines[o] for o in expected], atol=1e-6)


@pytest.mark.parametrize("n", [0, -3])
def test_no_word_is_nearest_if_none_is_asked_for(vectors: WordVectors, n: int) -> None:
    assert vectors.nearest("good", n) == []


def test_a_word_without_direction_is_near_to_nothing() -> None:
    zero = WordVectors(
        Vocabulary(("a", "b", "c"), np.array([3, 2, 1])),
        np.array([[1, 0], [0, 0], [2, 0]], np.float32),
        Tokenizer(),
    )
    assert zero.nearest("a") == [("c", 1.0), ("b", 0.0)]
    assert np.isfinite(zero.unit_matrix).all()
    assert zero.unit_matrix.tolist() == [[1, 0], [0, 0], [1, 0]]


def test_texts_are_encoded_by_the_tokenizer_and_unknown_words_left_out(
    vectors: WordVectors,
) -> None:
    ids = vectors.encode(["The GOOD zzz film!", "", "zzz"])
    assert [[vectors.words[i] for i in ids[text]] for text in range(3)] == [
        ["good", "film"],
        [],
        [],
    ]


def test_coverage_is_the_share_of_tokens_that_have_a_vector(vectors: WordVectors) -> None:
    texts = ["good film", "the good zzz", "good good zzz yyy", "zzz", "", "the the"]
    expected = [2 / 2, 1 / 2, 2 / 4, 0 / 1, 0, 0]  # stop words are no tokens
    assert vectors.coverage(texts).tolist() == expected
    assert vectors.coverage([]).shape == (0,)


def test_a_single_str_is_refused_not_taken_apart(vectors: WordVectors) -> None:
    for use in (vectors.coverage, vectors.encode):
        with pytest.raises(InputError, match="str"):
            use("good film")


def test_random_vectors_keep_words_and_spread_and_depend_on_the_seed(vectors: WordVectors) -> None:
    random = vectors.randomised(seed=3)
    assert random.words == vectors.words
    assert random.matrix.shape == vectors.matrix.shape
    assert random.matrix.dtype == np.float32
    np.testing.assert_allclose(random.matrix.std(), vectors.matrix.std(), rtol=0.1)
    assert random.matrix.tobytes() == vectors.randomised(seed=3).matrix.tobytes()
    assert random.matrix.tobytes() != vectors.randomised(seed=4).matrix.tobytes()
    assert random.metadata == {"random": True}


def test_the_matrix_becomes_contiguous_float32() -> None:
    given = np.asfortranarray(np.arange(6, dtype=np.float64).reshape(2, 3))
    made = WordVectors(Vocabulary(("a", "b"), np.array([2, 1])), given, Tokenizer())  # type: ignore[arg-type]
    assert made.matrix.dtype == np.float32
    assert made.matrix.flags.c_contiguous
    np.testing.assert_array_equal(made["b"], [3, 4, 5])


@pytest.mark.parametrize("shape", [(3, 4), (2,), (2, 2, 2)])
def test_a_matrix_that_does_not_fit_the_words_is_refused(shape: tuple[int, ...]) -> None:
    words = Vocabulary(("a", "b"), np.array([2, 1]))
    with pytest.raises(InputError, match="does not fit 2 words"):
        WordVectors(words, np.zeros(shape, np.float32), Tokenizer())


# Its own file format


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


def test_what_is_saved_is_loaded_equal(rich: WordVectors, tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    rich.save(path)
    for found in (WordVectors.load(path), WordVectors.load(str(path)), load(path)):
        assert isinstance(found, WordVectors)
        assert_same(found, rich)
        assert found.counts.dtype == np.int64


def test_the_same_vectors_give_the_same_bytes(rich: WordVectors, tmp_path: Path) -> None:
    rich.save(tmp_path / "a")
    WordVectors.load(tmp_path / "a").save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 1e37, -1e16])
def test_a_vector_that_is_not_finite_or_too_long_is_refused_by_its_word(value: float) -> None:
    vocabulary = Vocabulary(("good", "plot"), np.array([2, 1]))
    matrix = np.array([[1, 2], [3, value]], np.float32)
    with pytest.raises(InputError, match=r"the vector of 'plot' holds .*; all values must be fin"):
        WordVectors(vocabulary, matrix, Tokenizer())


def test_the_longest_vectors_allowed_have_finite_cosines() -> None:
    vocabulary = Vocabulary(("good", "plot"), np.array([2, 1]))
    vectors = WordVectors(vocabulary, np.full((2, 1000), 1e15, np.float32), Tokenizer())
    assert vectors.nearest("good", 1) == [("plot", pytest.approx(1, abs=1e-5))]


def test_a_file_of_vectors_that_are_too_long_is_refused_with_its_name(
    tmp_path: Path, vectors: WordVectors
) -> None:
    facts, tensors = vectors.state()
    tensors["vectors"] = np.full_like(tensors["vectors"], 1e37)
    save_file(tmp_path / "v", "word_vectors", facts, tensors)
    with pytest.raises(ModelFileError, match=r"v: vectors holds 9\.99\d+e\+36, .* to 1e\+15"):
        WordVectors.load(tmp_path / "v")


def test_a_description_builds_the_tokenizer_again() -> None:
    described = Tokenizer(stemmer="nltk:porter", stop_words=False).describe()
    assert convert(TokenizerFacts, described).tokenizer().describe() == described


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"language_version": 99}, r"trained with version 99 of the language 'en'"),
        ({"stemmer": "porter"}, r"stemmer='porter' is not allowed"),
        ({"splitter": "nltk:x"}, r"splitter='nltk:x' is not allowed"),
        ({"language": "xx"}, r"language='xx' is not allowed"),
        ({"stop_words": 1}, r"tokenizer/stop_words: expected `bool`, got `int`"),
    ],
)
def test_a_description_of_no_tokenizer_of_this_release_is_refused(
    facts: dict[str, Any], message: str
) -> None:
    with pytest.raises(ModelFileError, match=message):
        convert(TokenizerFacts, Tokenizer().describe() | facts, "tokenizer")


FORGED: dict[str, Callable[[dict[str, Any], dict[str, NDArray[Any]]], object]] = {
    "no tokenizer": lambda facts, _: facts.pop("tokenizer"),
    "a tokenizer that is a number": lambda facts, _: facts.update(tokenizer=3),
    "an unknown language": lambda facts, _: facts["tokenizer"].update(language="xx"),
    "an unknown setting": lambda facts, _: facts["tokenizer"].update(color="red"),
    "no training": lambda facts, _: facts.pop("training"),
    "a row too few": lambda _, t: t.update(vectors=t["vectors"][:-1]),
    "a vector for a matrix": lambda _, t: t.update(vectors=t["vectors"][0]),
    "a count too few": lambda _, t: t.update(counts=t["counts"][:-1]),
    "one count": lambda _, t: t.update(counts=np.array(5)),
    "no counts": lambda _, t: t.pop("counts"),
    "no words": lambda _, t: t.pop("words.utf8"),
    "words out of order": lambda _, t: t.update({"words.offsets": t["words.offsets"][::-1]}),
    "a word twice": lambda _, t: t["words.utf8"].__setitem__(slice(None), ord("x")),
    "words that are no UTF-8": lambda _, t: t["words.utf8"].__setitem__(0, 0xFF),
}


@pytest.mark.parametrize("edit", FORGED.values(), ids=FORGED)
def test_a_forged_file_with_right_checksums_is_still_refused_by_name(
    edit: Callable[[dict[str, Any], dict[str, NDArray[Any]]], object],
    tmp_path: Path,
) -> None:
    path = tmp_path / "v.safetensors"
    words = Vocabulary(("dull", "plot", "warm"), np.array([3, 2, 1]))
    WordVectors(words, np.eye(3, dtype=np.float32), Tokenizer()).save(path)
    stored = load_file(path)
    facts, tensors = copy.deepcopy(stored.manifest), copy.deepcopy(stored.tensors)
    edit(facts, tensors)
    save_file(path, stored.kind, facts, tensors)
    for read in (WordVectors.load, load):
        with pytest.raises(ModelFileError, match=r"v\.safetensors: "):
            read(path)


def test_every_cut_and_many_flipped_bytes_are_noticed(rich: WordVectors, tmp_path: Path) -> None:
    path = tmp_path / "v.safetensors"
    rich.save(path)
    content = path.read_bytes()
    damaged = [content[:n] for n in range(0, len(content), 97)]
    damaged += [
        content[:at] + bytes([content[at] ^ 0x20]) + content[at + 1 :]
        for at in range(0, len(content), 61)
    ]
    for bad in damaged:
        path.write_bytes(bad)
        with pytest.raises(ModelFileError, match=r"v\.safetensors"):
            WordVectors.load(path)


def test_another_version_of_the_language_is_refused_with_the_remedy(
    vectors: WordVectors, tmp_path: Path
) -> None:
    path = tmp_path / "v.safetensors"
    vectors.save(path)
    stored = load_file(path)
    stored.manifest["tokenizer"]["language_version"] += 1
    save_file(path, stored.kind, stored.manifest, stored.tensors)
    for read in (WordVectors.load, load):
        with pytest.raises(
            ModelFileError, match=r"version .* of the language 'en'.*train it again"
        ):
            read(path)


def test_the_word_vectors_of_a_classifier_are_read_from_its_file(
    world: World, tmp_path: Path
) -> None:
    model = SentimentClassifier(vectors=world.vectors).fit(*world.few(8))
    for dtype in ("float32", "int8"):
        model.save(tmp_path / "m", dtype=dtype)
        found, expected = WordVectors.load(tmp_path / "m"), load(tmp_path / "m")
        assert isinstance(expected, SentimentClassifier)
        assert found.words == expected.vectors_.words
        np.testing.assert_array_equal(found.matrix, expected.vectors_.matrix)
        np.testing.assert_array_equal(found.counts, expected.vectors_.counts)


def test_a_classifier_without_a_part_for_vectors_is_refused(tmp_path: Path) -> None:
    save_file(tmp_path / "x", "classifier", {}, {"prior": np.ones(2)})
    with pytest.raises(ModelFileError, match="tokenizer"):
        WordVectors.load(tmp_path / "x")


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    save_file(tmp_path / "x", "recipe", {}, {})
    with pytest.raises(ModelFileError, match="holds 'recipe', which has no word vectors"):
        WordVectors.load(tmp_path / "x")
    with pytest.raises(ModelFileError, match="holds 'recipe', which is not a model"):
        load(tmp_path / "x")


# Formats of other programs


def test_gensim_gets_words_rows_and_counts_and_gives_them_back(rich: WordVectors) -> None:
    keyed = rich.to_keyed_vectors()
    assert isinstance(keyed, KeyedVectors)
    assert keyed.index_to_key == list(rich.words)
    np.testing.assert_array_equal(keyed["café"], rich["café"])
    back = WordVectors.from_keyed_vectors(keyed, rich.tokenizer)
    assert back.counts.tolist() == rich.counts.tolist()
    np.testing.assert_array_equal(back.matrix, rich.matrix)


def random_matrix(rows: int = 200, columns: int = 30) -> np.ndarray:
    rng = np.random.default_rng(5)
    scales = 10.0 ** rng.uniform(-6, 3, size=(rows, 1))
    return (rng.standard_normal((rows, columns)) * scales).astype(np.float32)


def some_vectors(n_words: int = 50) -> WordVectors:
    words = tuple(f"word{i}" for i in range(n_words))
    counts = np.arange(n_words, 0, -1, dtype=np.int64)
    return WordVectors(Vocabulary(words, counts), random_matrix(n_words, 7), Tokenizer("en"))


def test_counts_beyond_two_thousand_million_are_kept(tmp_path: Path) -> None:
    counts = np.array([2**31 + 7, 3], np.int64)
    vocabulary = Vocabulary(("the", "plot"), counts)
    vectors = WordVectors(vocabulary, np.ones((2, 3), np.float32), Tokenizer("en"))
    vectors.save(tmp_path / "a", dtype="int8")
    assert WordVectors.load(tmp_path / "a").counts.tolist() == [2**31 + 7, 3]


def test_pruning_keeps_the_most_frequent_words_with_their_counts_and_rows() -> None:
    vectors = some_vectors()
    pruned = vectors.pruned(3)
    assert pruned.words == ("word0", "word1", "word2")
    assert pruned.counts.tolist() == [50, 49, 48]
    np.testing.assert_array_equal(pruned.matrix, vectors.matrix[:3])
    assert pruned.tokenizer is vectors.tokenizer
    assert not np.shares_memory(pruned.matrix, vectors.matrix)  # the large one can go


def test_pruning_to_more_words_than_there_are_keeps_all() -> None:
    assert some_vectors().pruned(10**6).words == some_vectors().words


@pytest.mark.parametrize("n_words", [0, -3])
def test_pruning_to_nothing_is_refused(n_words: int) -> None:
    with pytest.raises(
        SettingError, match=f"n_words={n_words} is not allowed; it must be at least 1"
    ):
        some_vectors().pruned(n_words)
