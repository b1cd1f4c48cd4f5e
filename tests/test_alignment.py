"""Alignment and averages of word vectors: checked with spaces whose rotation is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import ortho_group

from sentiment_transfer import WordVectors
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.pretraining.alignment import align, average, shared_words
from sentiment_transfer.text import Tokenizer, Vocabulary

WORDS = tuple(f"word{i:02}" for i in range(40))


def vectors(
    matrix: np.ndarray, words: tuple[str, ...] = WORDS, counts: list[int] | None = None
) -> WordVectors:
    known = np.array(counts or [100 - i for i in range(len(words))], dtype=np.int64)
    return WordVectors(Vocabulary(words, known), matrix.astype(np.float32), Tokenizer())


def noise(n: int = 40, d: int = 8, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((n, d))


def test_a_rotation_is_undone() -> None:
    old = vectors(noise())
    new = vectors(noise() @ ortho_group.rvs(8, random_state=1))
    found = align(new, old)
    assert np.abs(found.vectors.matrix - old.matrix).max() < 1e-5
    assert found.n_shared == 40
    assert found.cosine == pytest.approx(1, abs=1e-6)


def test_words_are_matched_by_name_and_not_by_row() -> None:
    order = np.random.default_rng(2).permutation(40)
    old = vectors(noise())
    shuffled = tuple(WORDS[i] for i in order)
    new = vectors(noise()[order] @ ortho_group.rvs(8, random_state=1), shuffled)
    turned = align(new, old).vectors
    assert turned["word07"] == pytest.approx(old["word07"], abs=1e-5)


def test_alignment_keeps_lengths_and_angles_of_the_new_vectors() -> None:
    old, new = vectors(noise()), vectors(noise(seed=3))
    found = align(new, old)
    products = new.matrix @ new.matrix.T
    assert found.vectors.matrix @ found.vectors.matrix.T == pytest.approx(products, abs=1e-4)
    assert found.cosine < 0.9


def test_words_that_no_text_taught_do_not_align() -> None:
    old = vectors(noise(), counts=[5] * 30 + [0] * 10)
    assert len(shared_words(vectors(noise()), old)) == 30


def test_too_few_shared_words_are_refused() -> None:
    other = vectors(noise(), tuple(f"mot{i}" for i in range(40)))
    with pytest.raises(InputError, match="share 0 words, fewer than the 8 dimensions"):
        align(other, vectors(noise()))


def test_other_dimensions_are_refused() -> None:
    with pytest.raises(SettingError, match="train them with vector_size=8"):
        align(vectors(noise(d=6)), vectors(noise()))
    with pytest.raises(SettingError, match="have no average"):
        average(vectors(noise(d=6)), vectors(noise()))


def test_an_average_is_word_by_word_and_keeps_the_words_of_both() -> None:
    old = vectors(np.array([[2.0, 0.0], [0.0, 2.0]]), ("dull", "plot"), [3, 1])
    new = vectors(np.array([[0.0, 4.0], [6.0, 6.0]]), ("plot", "cast"), [9, 2])
    both = average(old, new)
    assert both.words == ("plot", "dull", "cast")  # 10, 3, 2
    assert both.counts.tolist() == [1 + 9, 3, 2]
    assert both["plot"].tolist() == [0.0, (2 + 4) / 2]
    assert both["dull"].tolist() == [2.0, 0.0]
    assert both["cast"].tolist() == [6.0, 6.0]
    assert average(old, new, share=0.25)["plot"].tolist() == [0.0, 0.75 * 2 + 0.25 * 4]
    assert average(old, new, share=None)["plot"] == pytest.approx([0.0, (1 * 2 + 9 * 4) / 10])


def test_a_word_that_was_added_without_texts_gives_way_to_a_learnt_one() -> None:
    old = vectors(np.array([[2.0, 0.0], [9.0, 9.0]]), ("plot", "awful"), [3, 0])
    new = vectors(np.array([[0.0, 2.0], [1.0, 1.0]]), ("plot", "awful"), [3, 5])
    assert average(old, new)["awful"].tolist() == [1.0, 1.0]
    assert average(new, old)["awful"].tolist() == [1.0, 1.0]
    assert average(old, old)["awful"].tolist() == [9.0, 9.0]


@pytest.mark.parametrize("share", [-0.1, 1.5, "half", float("nan")])
def test_a_share_is_from_0_to_1(share: float) -> None:
    with pytest.raises(SettingError, match="must be from 0 to 1, or None"):
        average(vectors(noise()), vectors(noise()), share)
