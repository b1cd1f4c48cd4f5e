from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.experiments.draws import Sampling, draw_labelled

LABELS = ["pos", "neg", "pos", "neg", "pos", "pos", "neg", "pos", "pos", "neg"]  # 6 and 4


def draw(budget: int, sampling: Sampling = "balanced", n: int = 0) -> np.ndarray:
    return draw_labelled(LABELS, budget, sampling, seed=0, draw=n)


@pytest.mark.parametrize("n", range(20))
def test_a_balanced_draw_takes_the_same_number_of_each_class(n: int) -> None:
    rows = draw(6, n=n)
    assert Counter(LABELS[i] for i in rows) == {"pos": 3, "neg": 3}
    assert len(set(rows.tolist())) == 6


def test_a_remainder_goes_to_a_random_class() -> None:
    larger = {Counter(LABELS[i] for i in draw(5, n=n)).most_common(1)[0] for n in range(20)}
    assert larger == {("pos", 3), ("neg", 3)}


def test_a_natural_draw_takes_texts_by_their_share() -> None:
    labels = ["pos"] * 900 + ["neg"] * 100
    share = [
        np.mean(np.array(labels)[draw_labelled(labels, 50, "natural", seed=1, draw=n)] == "neg")
        for n in range(200)
    ]
    # mean 0.1, standard error sqrt(0.1 * 0.9 / 50 / 200) = 0.003
    assert np.mean(share) == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("budget", [2, 3])
def test_a_natural_draw_of_two_or_more_is_never_of_one_class(budget: int) -> None:
    labels = ["pos"] * 9_999 + ["neg"]
    for n in range(20):
        rows = draw_labelled(labels, budget, "natural", seed=0, draw=n)
        assert 9_999 in rows
        assert len(set(rows.tolist())) == budget


def test_a_pool_of_one_class_can_still_be_drawn_from() -> None:
    assert len(draw_labelled(["pos"] * 5, 3, "natural", seed=0, draw=0)) == 3
    assert len(draw_labelled(["pos"] * 5, 3, "balanced", seed=0, draw=0)) == 3


@pytest.mark.parametrize("sampling", ["balanced", "natural"])
def test_a_draw_of_no_text_is_empty_and_a_draw_of_all_has_each_once(sampling: Sampling) -> None:
    assert draw(0, sampling).shape == (0,)
    assert draw(0, sampling).dtype == np.intp
    everything = draw_labelled(["a", "b"] * 3, 6, sampling, seed=0, draw=0)
    assert sorted(everything.tolist()) == list(range(6))


@pytest.mark.parametrize("sampling", ["balanced", "natural"])
def test_the_choice_depends_on_seed_budget_and_draw(sampling: Sampling) -> None:
    def choose(budget: int, seed: int, n: int) -> list[int]:
        return draw_labelled(LABELS, budget, sampling, seed=seed, draw=n).tolist()

    assert choose(4, 0, 0) == choose(4, 0, 0)
    assert len({tuple(choose(4, seed, n)) for seed in range(3) for n in range(3)}) > 6


@pytest.mark.parametrize("sampling", ["balanced", "natural"])
def test_more_labels_than_texts_are_refused_with_both_numbers(sampling: Sampling) -> None:
    with pytest.raises(InputError, match="budget of 11 labels cannot be drawn from 10 labelled"):
        draw(11, sampling)


def test_a_class_with_too_few_texts_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="needs 5 texts labelled 'neg'; there are 4"):
        draw(10)


def test_an_unknown_sampling_is_refused() -> None:
    with pytest.raises(
        SettingError, match="sampling='even' is not allowed; it must be 'balanced' or 'natural'"
    ):
        draw(2, "even")  # type: ignore[arg-type]
