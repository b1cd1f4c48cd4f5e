from __future__ import annotations

import unicodedata
from collections import Counter
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_transfer.corpus import find_overlap, split_by_text
from sentiment_transfer.corpus.splits import text_key
from sentiment_transfer.errors import InputError, SettingError

texts_with_repeats = st.lists(
    st.sampled_from(
        ["Dull!", "dull", "fine", "FINE.", ":-)", ":-(", "ﬁne", "好", "好！", "x1", ""]
    ),
    max_size=40,
)
plain = {"Dull!": "dull", "FINE.": "fine", "ﬁne": "fine", "好！": "好"}


@settings(max_examples=100, deadline=None)
@given(texts_with_repeats, st.integers(0, 5), st.booleans())
def test_parts_are_disjoint_and_complete_and_repeats_never_straddle(
    texts: list[str], seed: int, labelled: bool
) -> None:
    labels = [str(i % 3) for i in range(len(texts))] if labelled else None
    parts = split_by_text(texts, labels, fractions=(0.5, 0.3, 0.2), seed=seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(len(texts)))
    words = [{plain.get(texts[i], texts[i]) for i in part} for part in parts]
    assert sum(map(len, words)) == len(set().union(*words))


def test_counts_are_met_exactly_and_labels_keep_their_shares() -> None:
    texts = [f"text {i}" for i in range(1000)]
    labels = ["rare" if i < 100 else "common" for i in range(1000)]
    for seed in range(20):
        parts = split_by_text(texts, labels, fractions=(600, 300, 100), seed=seed)
        assert list(map(len, parts)) == [600, 300, 100]
        rare = [sum(labels[i] == "rare" for i in part) for part in parts]
        # a tenth of each part, one more or less for where the cuts fall
        assert np.abs(np.array(rare) - [60, 30, 10]).max() <= 1


def test_every_text_may_land_in_every_part() -> None:
    texts, labels = [f"text {i}" for i in range(10)], ["lone", *["other"] * 9]
    landed = Counter(
        next(k for k, part in enumerate(split_by_text(texts, labels, seed=seed)) if 0 in part)
        for seed in range(400)
    )
    # 10 texts are cut at 7 and 8.5, rounded to 8; four standard deviations of 400 draws
    for k, share in enumerate((0.7, 0.1, 0.2)):
        assert abs(landed[k] / 400 - share) < 4 * np.sqrt(share * (1 - share) / 400) + 0.05


def test_a_group_goes_whole_even_where_a_cut_falls_into_it() -> None:
    texts = ["same"] * 9 + ["other"]
    parts = split_by_text(texts, fractions=(0.5, 0.5), seed=0)
    assert sorted(map(len, parts)) == [1, 9]


def test_the_seed_decides_and_nothing_else() -> None:
    texts = [f"text {i}" for i in range(50)]
    first, again, other = (split_by_text(texts, seed=seed)[0].tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_no_texts_give_empty_parts() -> None:
    assert list(map(len, split_by_text([], [], seed=0))) == [0, 0, 0]


@pytest.mark.parametrize("fractions", [(0.5, 0.4), (3, 4), (-0.5, 1.5), (), (np.nan, 1.0)])
def test_fractions_that_are_no_shares_are_refused(fractions: tuple[float, ...]) -> None:
    with pytest.raises(SettingError, match="fractions="):
        split_by_text(["a", "b"], fractions=fractions, seed=0)


def test_labels_of_another_number_are_refused() -> None:
    with pytest.raises(InputError, match="2 texts but 1 labels"):
        split_by_text(["a", "b"], ["x"], seed=0)


def test_overlap_names_each_repeat_with_the_first_text_it_repeats() -> None:
    texts = ["It was GREAT!", "new", "ｇｒｅａｔ it was", "it-was great", ":-)", ":-("]
    others = ["something", "it was great", "It was great.", ":-("]
    # 0 and 3 are others[1]; 2 has the words in another order; :-) is not :-(
    assert find_overlap(texts, others).tolist() == [[0, 1], [3, 1], [5, 3]]
    assert find_overlap([], others).shape == find_overlap(texts, []).shape == (0, 2)


def test_the_key_of_a_text_is_that_of_its_letters_and_digits_in_any_script() -> None:
    characters = [chr(i) for i in range(0x11000) if not 0xD800 <= i < 0xE000]
    for first in range(0, len(characters), 97):
        text = "".join(characters[first : first + 97])
        normal = unicodedata.normalize("NFKC", text).lower()
        letters = "".join(c for c in normal if c.isalnum())
        expected = blake2b((letters or normal.strip()).encode(), digest_size=16).digest()
        assert text_key(text) == expected, hex(first)


@pytest.mark.parametrize("text", ["", " \t\x1f", ":-)", " :-) ", "_", "A b_C-9", "É ok", "…"])
def test_the_key_of_a_short_text_needs_no_letters(text: str) -> None:
    normal = unicodedata.normalize("NFKC", text).lower()
    letters = "".join(c for c in normal if c.isalnum())
    expected = blake2b((letters or normal.strip()).encode(), digest_size=16).digest()
    assert text_key(text) == expected
