"""Predicting the next word: the loss by hand, and that it is learnt."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from scipy.special import log_softmax

from sentiment_transfer import LSTMEncoder, SentimentClassifier
from sentiment_transfer.encoding import LanguageModel
from sentiment_transfer.encoding.language_model import NextWord, windows
from sentiment_transfer.encoding.sequences import Padded
from sentiment_transfer.errors import InputError
from sentiment_transfer.text import TokenIds

if TYPE_CHECKING:
    from conftest import World

    from sentiment_transfer.pretraining import WordVectors
    from sentiment_transfer.progress import Progress

QUICK = LanguageModel(epochs=2, batch_size=8, window=4, negatives=20)


def next_word(vectors: WordVectors, ids: TokenIds, **settings: int) -> NextWord:
    start = LSTMEncoder(vectors, 5, bidirectional=False).fit([]).start_
    rng = torch.Generator().manual_seed(0)
    counts = np.bincount(ids.ids, minlength=len(vectors))
    return NextWord(start, vectors.matrix, counts, LanguageModel(**settings), rng)


@pytest.mark.parametrize("steps", [1, 2, 3, 9])
def test_windows_hold_every_word_that_has_a_next_one_once_with_its_next(steps: int) -> None:
    texts = [[7, 8, 9, 3], [], [5, 6], [4], [1, 2, 1, 0, 8]]
    found = []
    for window in windows(Padded.of(TokenIds.from_lists(texts)), steps):
        assert len(window.ids) <= steps
        found += list(zip(window.ids[window.known], window.following[window.known], strict=True))
        assert window.known[0].all()  # who stands here goes on here
    expected = [pair for text in texts for pair in pairwise(text)]
    assert sorted(found) == sorted(expected)


def test_the_loss_is_that_of_a_softmax_over_the_true_word_and_the_noise(
    vectors: WordVectors,
) -> None:
    ids = TokenIds.from_lists([[0, 1, 1, 2], [3, 0]])
    model = next_word(vectors, ids)
    projection = 0.1 * np.random.default_rng(0).normal(size=(5, 16))
    model.projection.data = torch.tensor(projection, dtype=torch.float32)
    states = np.random.default_rng(1).normal(size=(3, 5))
    following, noise = [1, 2, 0], [2, 2, 7]
    counts = np.zeros(len(vectors)) + 0.1
    counts[:4] += [2, 2, 1, 1]
    share, drawn = counts / counts.sum(), counts**0.75 / (counts**0.75).sum()

    def score(state: np.ndarray, word: int) -> float:
        own = vectors.matrix[word].astype(np.float64) @ (projection.T @ state)
        return float(own + np.log(share[word]) - np.log(drawn[word]))

    losses = []
    for state, word in zip(states, following, strict=True):
        others = [score(state, other) for other in noise if other != word]
        losses.append(-log_softmax([score(state, word), *others])[0])
    found = model._sampled(
        torch.tensor(states, dtype=torch.float32), torch.tensor(following), torch.tensor(noise)
    )
    assert float(found.detach()) == pytest.approx(np.mean(losses), rel=1e-5)


def test_a_state_goes_on_from_window_to_window(
    vectors: WordVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In two windows the states are those of one, which the equal losses tell."""
    ids = TokenIds.from_lists([[3, 1, 4, 1, 5, 9, 2, 6], [5, 3, 5, 8], [9, 7]])
    losses = []
    for steps in (8, 3):
        model = next_word(vectors, ids, negatives=2_000)
        model.projection.data.normal_(generator=torch.Generator().manual_seed(2))
        noise = torch.arange(10).repeat(20)
        monkeypatch.setattr(torch, "multinomial", lambda *_, noise=noise, **__: noise)
        state, total, words = None, 0.0, 0
        for window in windows(Padded.of(ids), steps):
            loss, state = model.loss(window, state)
            total += float(loss.detach()) * window.known.sum()
            words += window.known.sum()
        assert words == 7 + 3 + 1
        losses.append(total / words)
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_what_always_follows_is_learnt_in_both_directions(vectors: WordVectors) -> None:
    cycle = TokenIds.from_lists([[(i + k) % 7 for k in range(20)] for i in range(7)] * 12)
    seen: list[Progress] = []
    settings = LanguageModel(epochs=8, batch_size=12, window=8, negatives=60, learning_rate=0.02)
    encoder = LSTMEncoder(vectors, 16, language_model=settings, seed=1)
    encoder.fit(cycle, callback=seen.append)
    assert seen[-1].done == seen[-1].total == 2 * 8 * len(cycle.ids)
    assert seen[-1].stage == "language model"
    assert seen[-1].metrics["loss"] < 0.3  # log 7 = 1.9 without knowing the last word
    history = encoder.language_model_history_
    assert [len(losses) for losses in history.values()] == [8, 8]
    assert all(losses[-1] < 0.4 < losses[0] for losses in history.values())
    start = LSTMEncoder(vectors, 16, seed=1).fit([]).start_
    assert all((encoder.start_[name] != start[name]).any() for name in start)
    assert encoder.weights_.keys() == start.keys()


def test_the_same_seed_gives_the_same_bytes_and_leaves_torch_s_generator_alone(
    world: World,
) -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    a, b, c = (
        LSTMEncoder(world.vectors, 4, language_model=QUICK, seed=seed).fit(world.unlabelled)
        for seed in (0, 0, 1)
    )
    assert torch.equal(torch.rand(2), expected)
    for name, array in a.start_.items():
        assert array.tobytes() == b.start_[name].tobytes() != c.start_[name].tobytes()


def test_the_word_vectors_stay(world: World) -> None:
    encoder = LSTMEncoder(world.vectors, 4, language_model=QUICK).fit(world.unlabelled)
    assert encoder.matrix_ is world.vectors.matrix


def test_texts_of_one_word_teach_nothing_and_are_refused(world: World) -> None:
    encoder = LSTMEncoder(world.vectors, 4, language_model=QUICK)
    with pytest.raises(InputError, match="no unlabelled text holds two known words"):
        encoder.fit(["good", "", "zzz film"])


def test_a_classifier_pretrains_it_on_its_unlabelled_texts(world: World) -> None:
    seen: list[Progress] = []
    model = SentimentClassifier(
        vectors=world.vectors, encoder=LSTMEncoder(units=4, language_model=QUICK)
    )
    model.pretrain(world.unlabelled, callback=seen.append)
    alone = LSTMEncoder(world.vectors, 4, language_model=QUICK).fit(world.unlabelled)
    for name, array in model.encoder_.start_.items():
        assert array.tobytes() == alone.start_[name].tobytes()
    assert {progress.stage for progress in seen} == {"language model"}


def test_adapting_goes_on_from_the_language_known_before(world: World) -> None:
    encoder = LSTMEncoder(units=4, language_model=QUICK)
    model = SentimentClassifier(vectors=world.vectors, encoder=encoder).pretrain(world.unlabelled)
    before = model.encoder_.start_["forward.input"]
    adapted = model.adapt(world.texts[:9]).encoder_.start_["forward.input"]
    afresh = LSTMEncoder(world.vectors, 4, language_model=QUICK).fit(world.texts[:9]).start_
    assert 0 < np.abs(adapted - before).max() < 0.3 * np.abs(afresh["forward.input"] - before).max()


def test_long_texts_are_read_up_to_the_cap(world: World) -> None:
    seen: list[Progress] = []
    encoder = LSTMEncoder(world.vectors, 4, language_model=QUICK, max_tokens=5)
    encoder.fit(["good film bad plot " * 9, "good", "dull plot"], callback=seen.append)
    assert seen[-1].done == seen[-1].total == 2 * 2 * (5 + 2)  # epochs, directions, words
