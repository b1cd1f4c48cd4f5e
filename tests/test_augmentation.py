from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import NEGATIVE, POSITIVE

from sentiment_transfer import AveragingEncoder, HiddenLayerClassifier
from sentiment_transfer.classification import Training
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.experiments.augmentation import swap_words
from sentiment_transfer.pretraining import WordVectors
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from .conftest import World


def small(**vectors: list[float]) -> WordVectors:
    """Word vectors by word; the first number is polarity, the others are topics."""
    words = tuple(word.replace("0", "_") for word in vectors)
    matrix = np.array(list(vectors.values()), np.float32)
    return WordVectors(Vocabulary(words, np.ones(len(words), np.int64)), matrix, Tokenizer("en"))


NEAR = small(
    great=[1, 0, 0.1], superb=[1, 0, 0.2], awful=[-1, 0, 0.1], dire=[-1, 0, 0.2],
    film=[0, 1, 0.1], movie=[0, 1, 0.2], not0great=[-1, 0, 0.3], not0superb=[-1, 0, 0.4],
    train=[0, 0.1, -1],
)  # fmt: skip


def written(text: str, **settings: float) -> set[str]:
    copies = swap_words([text], ["x"], NEAR, copies=60, share=1, **settings)[0]  # type: ignore[arg-type]
    return set(copies[1:])


def test_words_are_replaced_by_neighbours_of_their_polarity() -> None:
    assert written("great film") == {"superb movie"}
    assert written("dire movie") == {"awful film"}


def test_a_negated_word_is_replaced_by_another_negated_word() -> None:
    (swapped,) = written("not great film")
    assert swapped == "not superb movie"
    assert NEAR.tokenizer(swapped) == ["not", "not_superb", "movie"]


def test_a_negator_is_never_replaced_and_replaces_nothing() -> None:
    vectors = small(
        never=[0, 1, 0.1],
        really=[0, 1, 0.2],
        nothing=[0, 1, 0.15],
        great=[1, 0, 0],
        awful=[-1, 0, 0],
    )
    assert {"never", "nothing"} <= set(vectors.tokenizer.language_data.negators)
    for text in ("never", "really", "nothing"):
        copies = swap_words([text], ["x"], vectors, copies=60, share=1)[0]
        assert set(copies) == {text}


def test_a_word_without_a_near_neighbour_or_a_vector_stays() -> None:
    assert written("the train, zzz!") == {"the train , zzz !"}


def test_each_text_precedes_its_copies_which_have_its_label() -> None:
    texts, labels = ["Great film!", "awful"], ["good", "bad"]
    more, own = swap_words(texts, labels, NEAR, copies=2)
    assert len(more) == 6
    assert (more[0], more[3]) == ("Great film!", "awful")
    assert own == ["good", "good", "good", "bad", "bad", "bad"]
    assert swap_words(texts, labels, NEAR, copies=0) == (texts, labels)


def test_the_share_of_swapped_words_is_the_one_asked_for() -> None:
    copy = swap_words(["great " * 2000], ["x"], NEAR, copies=1, share=0.3)[0][1]
    assert copy.split().count("superb") == pytest.approx(600, abs=70)  # 3.4 standard deviations


def test_copies_depend_on_the_seed() -> None:
    texts, labels = ["great film and awful movie"] * 4, list("abcd")
    first, again, other = (swap_words(texts, labels, NEAR, seed=seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_no_word_is_replaced_by_one_of_the_other_polarity(world: World) -> None:
    before, after = [], []
    for text, copy in zip(world.texts, every_copy(world), strict=True):
        before += text.split()
        after += copy.split()
    swapped = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
    assert len(swapped) > 100
    good, bad = set(POSITIVE), set(NEGATIVE)
    assert not any({a, b} & good and {a, b} & bad for a, b in swapped)


def every_copy(world: World) -> list[str]:
    return swap_words(world.texts, world.labels, world.vectors, copies=1, share=1)[0][1::2]


def test_copies_raise_accuracy_where_few_texts_have_few_of_many_similar_words() -> None:
    rng = np.random.default_rng(0)
    words = [*(f"up{i}" for i in range(40)), *(f"down{i}" for i in range(40)), "great", "awful"]
    side = np.array([1] * 40 + [-1] * 40 + [1, -1])
    matrix = (0.25 * rng.standard_normal((82, 30))).astype(np.float32)
    matrix[:, 0] += side
    vectors = WordVectors(Vocabulary(tuple(words), np.ones(82, np.int64)), matrix, Tokenizer("en"))
    texts = [" ".join(rng.choice(words[:40] if i % 2 else words[40:80], 2)) for i in range(400)]
    labels = ["up" if i % 2 else "down" for i in range(400)]
    encoder = AveragingEncoder(vectors).fit(texts)
    scores = []
    for copies in (0, 8):
        right = []
        for seed in range(4):
            rows = slice(8 * seed, 8 * seed + 8)
            more = swap_words(texts[rows], labels[rows], vectors, copies=copies, seed=seed)
            head = HiddenLayerClassifier(training=Training(validation_fraction=0), seed=seed)
            head.fit(encoder.transform(more[0]), more[1])
            right.append(head.score(encoder.transform(texts[50:]), labels[50:]))
        scores.append(np.mean(right))
    assert scores[1] > scores[0]


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(InputError, match="there are 1 texts but 2 labels"):
        swap_words(["great"], ["a", "b"], NEAR)
    for wrong in ({"copies": -1}, {"share": 1.5}, {"share": -0.1}):
        with pytest.raises(SettingError, match=r"(copies|share)=.* is not allowed; it must be"):
            swap_words(["great"], ["a"], NEAR, **wrong)  # type: ignore[arg-type]
    with pytest.raises(SettingError, match="know none of the negative seed words"):
        swap_words(["great"], ["a"], small(great=[1, 0], film=[0, 1]))
    assert swap_words([], [], NEAR) == ([], [])
