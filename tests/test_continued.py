"""Training that starts from given vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer import SkipGram, WordVectors
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.pretraining import corpus_file
from sentiment_transfer.pretraining.corpus_file import index_texts, merge_vocabularies
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from pathlib import Path

SEA = ["ship wave sail", "wave ship", "sail ship wave harbour"] * 20
KNOWN = ("wave", "engine", "ship", "brake")


@pytest.fixture
def initial() -> WordVectors:
    matrix = np.random.default_rng(1).normal(size=(4, 12)).astype(np.float32)
    vocabulary = Vocabulary(KNOWN, np.array([100, 50, 10, 1]))
    return WordVectors(vocabulary, matrix, Tokenizer("en"), {"bank": "reviews"})


def small(**settings: Any) -> SkipGram:  # noqa: ANN401
    return SkipGram(**{"vector_size": 12, "epochs": 3, "sample": 0, "seed": 7} | settings)


def test_words_stay_where_they_were_when_hardly_anything_is_learnt(initial: WordVectors) -> None:
    vectors = small(alpha=1e-9, min_alpha=1e-9, initial=initial).fit(SEA).vectors_
    for word in KNOWN:
        np.testing.assert_allclose(vectors[word], initial[word], atol=1e-5)
    for word in ("sail", "harbour"):  # word2vec's initial values are within 0.5 / 12
        assert 0 < np.abs(vectors[word]).max() < 0.5 / 12 + 1e-5


def test_words_that_occur_move_from_there_and_all_others_stay_to_the_bit(
    initial: WordVectors,
) -> None:
    vectors = small(alpha=0.05, initial=initial).fit(SEA).vectors_
    for word in ("engine", "brake"):
        assert vectors[word].tobytes() == initial[word].tobytes()
    for word in ("wave", "ship"):
        moved = float(np.linalg.norm(vectors[word] - initial[word]))
        assert 1e-3 < moved < float(np.linalg.norm(initial[word]))


def test_the_result_has_the_words_of_both_with_counts_added_the_most_frequent_first(
    initial: WordVectors,
) -> None:
    model = small(initial=initial).fit(SEA)
    vectors = model.vectors_
    # 60 texts: wave and ship in all, sail in 40, harbour in 20
    counts = {
        "wave": 100 + 60,
        "ship": 10 + 60,
        "engine": 50,
        "sail": 40,
        "harbour": 20,
        "brake": 1,
    }
    assert dict(zip(vectors.words, vectors.counts.tolist(), strict=True)) == counts
    assert vectors.counts.tolist() == sorted(counts.values(), reverse=True)
    assert [vectors.words[i] for i in model.corpus_[0]] == ["ship", "wave", "sail"]
    assert vectors.metadata["initial"] == {"bank": "reviews"}
    assert vectors.metadata["tokens"] == len(model.corpus_.ids) == 20 * (3 + 2 + 4)


def test_a_known_word_below_min_count_keeps_its_vector(initial: WordVectors) -> None:
    model = small(initial=initial, min_count=5).fit([*SEA, "engine ship", "engine wave"])
    assert model.vectors_["engine"].tobytes() == initial["engine"].tobytes()
    assert model.vectors_.counts[model.vectors_.id_of("engine")] == 50


@pytest.mark.parametrize("workers", [1, 2])
def test_the_same_start_gives_the_same_bytes_and_is_left_as_it_was(
    initial: WordVectors, workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.pretraining.skipgram.TOKENS_A_WORKER", 1)
    before = initial.matrix.copy()
    once, again = (small(initial=initial, workers=workers).fit(SEA).vectors_ for _ in range(2))
    assert once.matrix.tobytes() == again.matrix.tobytes()
    assert once.matrix.tobytes() != small(workers=workers).fit(SEA).vectors_.matrix.tobytes()
    np.testing.assert_array_equal(initial.matrix, before)


def test_a_second_look_at_the_same_texts_begins_with_a_lower_loss() -> None:
    rng = np.random.default_rng(0)
    topics = [["ship", "wave", "sail", "harbour"], ["car", "wheel", "engine", "brake"]]
    texts = [" ".join(rng.choice(topics[i % 2], 8)) for i in range(300)]
    first = small(alpha=0.1).fit(texts)
    second = small(alpha=0.1, initial=first.vectors_).fit(texts)
    assert second.history_[0]["loss"] < 0.99 * first.history_[0]["loss"]


def test_texts_that_are_continued_with_go_on_after_a_cut_as_well(
    initial: WordVectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.pretraining.checkpoints.PAUSE", 0.0)
    monkeypatch.setattr("sentiment_transfer.pretraining.checkpoints.SHARE", float("inf"))
    unbroken = small(initial=initial).fit(SEA).vectors_
    calls = iter(range(6))

    def stop(_: object) -> None:
        if next(calls, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        small(initial=initial).fit(SEA, checkpoint=tmp_path, callback=stop)
    resumed = small(initial=initial).fit(SEA, checkpoint=tmp_path).vectors_
    assert resumed.matrix.tobytes() == unbroken.matrix.tobytes()
    moved = WordVectors(initial.vocabulary, initial.matrix + 1, initial.tokenizer)
    with pytest.raises(SettingError, match="initial: 4 words"):
        small(initial=moved).fit(SEA, checkpoint=tmp_path)


def test_ids_in_a_file_are_renumbered_like_those_in_memory(
    initial: WordVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = index_texts(SEA, Tokenizer("en"), min_count=1, known=initial.vocabulary)
    monkeypatch.setattr(corpus_file, "IN_MEMORY", 0)
    monkeypatch.setattr(corpus_file, "CHUNK", 1024)
    many = SEA * 40  # 7,200 tokens: several chunks
    mapped = index_texts(many, Tokenizer("en"), min_count=1, known=initial.vocabulary)
    assert mapped.corpus.ids.base is not None  # a view of the mapped file
    np.testing.assert_array_equal(
        [mapped.vocabulary.words[i] for i in mapped.corpus.ids],
        [in_memory.vocabulary.words[i] for i in np.tile(in_memory.corpus.ids, 40)],
    )


def test_two_vocabularies_are_united_by_added_counts_and_ties_keep_their_order() -> None:
    new = Vocabulary(("b", "a", "c"), np.array([5, 3, 1]))
    known = Vocabulary(("a", "d", "e"), np.array([4, 5, 1]))
    union, here, numbers = merge_vocabularies(new, known)
    assert union.words == ("a", "b", "d", "c", "e")
    assert union.counts.tolist() == [3 + 4, 5, 5, 1, 1]
    assert here.tolist() == [3, 5, 0, 1, 0]
    assert numbers.tolist() == [1, 0, 3]


def test_vectors_of_another_size_are_refused_before_the_texts_are_read(
    initial: WordVectors,
) -> None:
    class Unread:
        def __iter__(self) -> Any:  # noqa: ANN401
            raise AssertionError

    with pytest.raises(SettingError, match=r"vector_size=100, but the initial vectors have 12"):
        SkipGram(initial=initial).fit(Unread())
    with pytest.raises(SettingError, match="engine='gensim' does not support initial"):
        small(engine="gensim", initial=initial).fit(Unread())


def test_vectors_without_a_word_of_the_texts_are_refused(initial: WordVectors) -> None:
    with pytest.raises(InputError, match="none of the 2 words of the texts has an initial vector"):
        small(initial=initial).fit(["好 不错 好 不错"] * 9)


@pytest.mark.parametrize("saved", [False, True])
def test_vectors_that_are_too_long_end_in_an_error_and_not_in_nan(
    initial: WordVectors, saved: bool, tmp_path: Path
) -> None:
    long = WordVectors(initial.vocabulary, initial.matrix * np.float32(1e38), initial.tokenizer)
    with pytest.raises(SettingError, match=r"epoch 2, .* not finite; lower alpha"):
        small(initial=long, alpha=0.5).fit(SEA, checkpoint=tmp_path if saved else None)
    assert not list(tmp_path.iterdir())
