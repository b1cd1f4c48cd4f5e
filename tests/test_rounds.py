from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer.pretraining import rounds, schedule
from sentiment_transfer.pretraining.engine import Settings, Start, Step
from sentiment_transfer.pretraining.rounds import merge_replicas, merge_scale, train_with_numba
from sentiment_transfer.pretraining.schedule import Schedule, Shard, rate_factor, rounds_of
from sentiment_transfer.pretraining.shards import LossSum, Weights, aligned_zeros, train_shard
from sentiment_transfer.text import TokenIds

if TYPE_CHECKING:
    from numpy.typing import NDArray

SETTINGS = Settings(
    vector_size=12,
    window=3,
    negative=5,
    sample=0.0,
    alpha=0.05,
    min_alpha=1e-3,
    epochs=3,
    workers=1,
    seed=0,
)
TWO_THREADS = replace(SETTINGS, workers=2)


@pytest.fixture(autouse=True)
def five_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let several workers have as few rounds as one."""
    monkeypatch.setattr(schedule, "USUAL_ROUNDS", 5)


def test_several_workers_and_large_corpora_have_twenty_rounds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    assert [rounds_of(n, 1) for n in (0, 10, 2_500_000, 4_100_000, 10**7, 10**8)] == [
        *(5, 5, 5),  # 500,000 tokens each, but five at least
        *(9, 20, 20),
    ]
    assert [rounds_of(n, 2) for n in (0, 10, 10**9)] == [20, 20, 20]
    assert rounds_of(10**10, 2) == 157  # 32 million tokens of each worker
    assert rounds_of(10**10, 100) == 20
    assert Schedule(np.array([0, 6_000_000, 7_250_001]), SETTINGS).rounds == 15


def two_worlds(n_texts: int = 600) -> TokenIds:
    """Texts of words 0-9 only, or of words 10-19 only."""
    random = np.random.default_rng(0)
    return TokenIds.from_lists(
        (random.integers(0, 10, 12) + 10 * random.integers(2)).tolist() for _ in range(n_texts)
    )


def counts_of(corpus: TokenIds) -> NDArray[np.int64]:
    return np.bincount(corpus.ids, minlength=20)


def trained(corpus: TokenIds, settings: Settings) -> tuple[Weights, list[Step]]:
    steps = list(train_with_numba(corpus, counts_of(corpus), settings))
    return Weights(*steps[-1].weights), steps


def figures(steps: list[Step]) -> list[tuple[float, ...]]:
    """All of the steps but their arrays."""
    return [(s.epoch, s.round, s.last, s.tokens, s.loss, s.pairs, s.alpha) for s in steps]


def same(a: Weights, b: Weights) -> bool:
    return all(x.tobytes() == y.tobytes() for x, y in zip(a, b, strict=True))


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_the_same_seed_and_threads_give_the_same_bytes(workers: int) -> None:
    settings = replace(SETTINGS, workers=workers)
    first, reports = trained(two_worlds(), settings)
    second, again = trained(two_worlds(), settings)
    assert same(first, second)
    assert figures(reports) == figures(again)


def test_another_seed_gives_other_vectors_from_the_same_start() -> None:
    corpus = two_worlds(60)
    start = Start(Weights.initial(20, 12, seed=0).input[:, :12])
    first, second = (
        list(train_with_numba(corpus, counts_of(corpus), replace(SETTINGS, seed=seed), start))[-1]
        for seed in range(2)
    )
    assert not np.array_equal(first.matrix, second.matrix)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("last", [(0, 0), (0, 4), (1, 2), (2, 4)])
def test_going_on_from_a_copy_gives_the_bytes_of_the_unbroken_run(
    workers: int, last: tuple[int, int]
) -> None:
    corpus, settings = two_worlds(100), replace(SETTINGS, workers=workers)
    unbroken, reports = trained(corpus, settings)
    before = []
    for done in train_with_numba(corpus, counts_of(corpus), settings):
        before.append(done)
        if (done.epoch, done.round) == last:
            break
    saved = [part[:, :12].copy() for part in before[-1].weights]

    start = Start(saved[0], saved[1], (last[0], last[1] + 1))
    after = list(train_with_numba(corpus, counts_of(corpus), settings, start))

    assert same(Weights(*after[-1].weights), unbroken)
    if last == (2, 4):  # nothing is left to do, and one step carries the weights
        assert figures(after) == [pytest.approx((2, 4, True, 0, 0, 0, SETTINGS.min_alpha))]
    else:
        assert figures(before + after) == figures(reports)


@pytest.mark.parametrize(
    "settings",
    [
        SETTINGS,
        TWO_THREADS,
        replace(SETTINGS, workers=8),
    ],
    ids=["one thread", "two", "eight"],
)
def test_the_loss_falls_and_words_of_one_world_become_neighbours(
    settings: Settings,
) -> None:
    weights, reports = trained(two_worlds(), replace(settings, epochs=20))
    losses = [done.loss / done.pairs for done in reports]
    # The best u.v is log(P(o | c) / (5 P(o))). It is log(2 / 5) within a world, where p = 2 / 7:
    best = -np.log(2 / 7) - 5 / 2 * np.log(5 / 7)  # half of the negatives are of the other world
    ignorant = -np.log(1 / 6) - 5 * np.log(5 / 6)
    assert losses[0] > losses[-1]
    assert losses[-1] < (best + ignorant) / 2
    assert losses[-1] > best - 0.05
    vectors = weights.input / np.linalg.norm(weights.input, axis=1, keepdims=True)
    nearest = np.argsort(-(vectors @ vectors.T), axis=1)[:, 1:6]
    assert (nearest // 10 == np.arange(20)[:, None] // 10).mean() > 0.98


@pytest.fixture
def shards_read(monkeypatch: pytest.MonkeyPatch) -> list[LossSum]:
    """What each call of `train_shard` returned, in the order in which they ended."""
    returned: list[LossSum] = []

    def listening(*arguments: Any, **keywords: Any) -> LossSum:  # noqa: ANN401
        returned.append(train_shard(*arguments, **keywords))
        return returned[-1]

    monkeypatch.setattr(rounds, "train_shard", listening)
    return returned


def test_every_token_is_read_once_an_epoch_and_reported(shards_read: list[LossSum]) -> None:
    corpus = two_worlds(101)
    for settings in (SETTINGS, TWO_THREADS):
        shards_read.clear()
        _, reports = trained(corpus, settings)
        assert [done.epoch for done in reports] == [0] * 5 + [1] * 5 + [2] * 5
        for epoch in range(3):
            of_epoch = [done for done in reports if done.epoch == epoch]
            assert [done.round for done in of_epoch] == list(range(5))
            assert sum(done.tokens for done in of_epoch) == len(corpus.ids) == 1212
        assert sum(shard.words for shard in shards_read) == 3 * 1212  # sample=0 keeps all


def test_the_learning_rate_falls_linearly_to_min_alpha_without_a_jump_between_rounds() -> None:
    corpus = two_worlds(50)
    schedule = Schedule(corpus.offsets, TWO_THREADS)
    places = list(itertools.product(range(3), range(5)))
    first, second = zip(*(schedule.shards(*place) for place in places), strict=True)
    rates = [shard.rates for shard in first]
    assert rates == [shard.rates for shard in second]
    of_one = np.linspace(0.05, 0.001, 16)  # two shards learn at the root of 2 times this rate
    np.testing.assert_allclose([start for start, _ in rates], 2**0.5 * of_one[:-1])
    np.testing.assert_allclose([end for _, end in rates], 2**0.5 * of_one[1:])
    reported = [done.alpha for done in trained(corpus, TWO_THREADS)[1]]
    np.testing.assert_allclose(reported, of_one[1:])


def dealt(schedule: Schedule, epoch: int) -> list[list[Shard]]:
    return [schedule.shards(epoch, round_) for round_ in range(schedule.rounds)]


LENGTHS = {
    "equal": [12] * 1600,
    "few": [12] * 22,
    "fewer than shards": [12] * 3,
    "titles and bodies": [10, 400] * 320,
    "empty and one": [0, 0, 7, 0],
    "heavy tail": np.random.default_rng(0).lognormal(5, 1, 960).astype(int).tolist(),
    "of several rounds each": [9_000] * 500,
}


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
def test_shards_cover_the_texts_once_and_are_alike(lengths: list[int], workers: int) -> None:
    schedule = Schedule(np.cumsum([0, *lengths]), replace(SETTINGS, workers=workers))
    rounds = dealt(schedule, 1)
    texts = np.concatenate([shard.texts for shards in rounds for shard in shards])
    assert sorted(texts.tolist()) == list(range(len(lengths)))
    tokens = np.array([[sum(lengths[t] for t in s.texts) for s in shards] for shards in rounds])
    assert schedule.tokens.tolist() == tokens.sum(axis=1).tolist()
    assert np.ptp(tokens, axis=1).max() <= max(lengths)
    assert np.ptp(tokens.sum(axis=1)) <= 4 * max(lengths)


def test_every_shard_draws_different_numbers() -> None:
    schedule = Schedule(two_worlds(97).offsets, TWO_THREADS)
    states = {int(s.state) for epoch in (0, 1) for row in dealt(schedule, epoch) for s in row}
    assert len(states) == 20


def test_every_round_reads_from_all_parts_of_the_corpus() -> None:
    schedule = Schedule(two_worlds(6400).offsets, TWO_THREADS)
    for shards in dealt(schedule, 0):
        texts = np.concatenate([shard.texts for shard in shards])
        assert np.bincount(texts // 100, minlength=64).tolist() == pytest.approx([20] * 64, abs=1)


def test_texts_are_read_in_another_random_order_every_epoch() -> None:
    schedule = Schedule(two_worlds(6400).offsets, SETTINGS)
    first, second = (schedule.shards(epoch, 0)[0].texts for epoch in range(2))
    assert sorted(first.tolist()) == sorted(second.tolist())
    together = np.corrcoef([first, second, np.sort(first)])
    assert np.abs(together[np.triu_indices(3, 1)]).max() < 0.1


@pytest.mark.parametrize("workers", [1, 2])
def test_what_the_last_files_hold_weighs_no_more_than_what_the_first_hold(workers: int) -> None:
    """Word 1 fills the first half, word 2 the second, each beside word 0 as often as the other."""
    random = np.random.default_rng(0)
    lists = [
        random.permutation([0, 0, 0, *[word] * 3, *random.integers(3, 20, 6)]).tolist()
        for word in [1] * 3000 + [2] * 3000
    ]
    weights, _ = trained(TokenIds.from_lists(lists), replace(SETTINGS, epochs=2, workers=workers))
    early, late = weights.output[1:3] @ weights.input[0]  # -6.8 and -0.7 in the order given
    assert early == pytest.approx(late, rel=0.5)


def test_changes_of_rare_words_add_up_and_those_of_frequent_words_are_averaged() -> None:
    # four shards learn at twice the rate, so the sum of rare changes is halved
    assert merge_scale(np.array([0.0, 1e6]), 4, 0.025) == pytest.approx([0.5, 0.25])
    # n = 30 at twice the rate closes 1 - 1/e of the gap; four such shards at one rate 1 - 1/e^2
    between = (1 - np.exp(-2)) / (4 * (1 - np.exp(-1)))
    assert merge_scale(np.array([30.0]), 4, 0.025) == pytest.approx(between)
    assert merge_scale(np.array([0.0, 5.0, 1e6]), 1, 0.025) == pytest.approx([1.0, 1.0, 1.0])


def test_the_rate_inside_a_shard_is_raised_at_most_fourfold() -> None:
    assert [rate_factor(n) for n in (1, 4, 16, 64)] == [1, 2, 4, 4]


def test_many_replicas_and_high_rates_are_merged_with_more_care() -> None:
    usual = merge_scale(np.array([15.0]), 4, 0.025)
    assert merge_scale(np.array([15.0]), 4, 0.05) < usual
    usual = merge_scale(np.array([15.0]), 16, 0.025)
    assert 32 * merge_scale(np.array([15.0]), 32, 0.025) < 2 * 16 * usual


def test_merging_adds_the_scaled_changes_of_all_replicas() -> None:
    weights = Weights.from_vectors([[1.0, 2.0], [10.0, 20.0], [0.0, 0.0]])
    replicas = Weights(*(aligned_zeros((2, 3, 16)) for _ in range(2)))
    replicas.input[:, :, :2] = [[[2, 2], [12, 20], [1, 1]], [[1, 5], [12, 24], [0, 0]]]
    with ThreadPoolExecutor(2) as pool:
        merge_replicas(weights, replicas, np.array([1, 0.5, 1], np.float32), pool, 2)
    expected = [
        [1 + (1 + 0), 2 + (0 + 3)],
        [10 + 0.5 * (2 + 2), 20 + 0.5 * (0 + 4)],
        [0 + (1 + 0), 0 + (1 + 0)],
    ]
    assert weights.input[:, :2].tolist() == expected
    assert not weights.input[:, 2:].any()
    for replica in replicas.input:
        np.testing.assert_array_equal(replica, weights.input)


def test_replicas_that_learned_the_same_frequent_word_do_not_overshoot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # 8 replicas, 20 words of 3,000 occurrences: the plain sum of changes diverges
    corpus = two_worlds(5_000)
    one, _ = trained(corpus, SETTINGS)
    eight, _ = trained(corpus, replace(SETTINGS, workers=8))
    norms = [float(np.linalg.norm(weights.input, axis=1).mean()) for weights in (one, eight)]
    assert norms[1] == pytest.approx(norms[0], rel=0.25)
    monkeypatch.setattr(rounds, "merge_scale", lambda n, *_: np.ones(len(n), np.float32))
    _, reports = trained(corpus, replace(SETTINGS, workers=8))
    assert reports[-1].loss / reports[-1].pairs > 10


def test_wide_windows_with_many_negatives_at_a_high_rate_stay_finite() -> None:
    hard = replace(SETTINGS, window=15, negative=20, alpha=0.1)
    weights, reports = trained(two_worlds(), hard)
    assert np.isfinite(weights.input).all()
    assert reports[-1].loss / reports[-1].pairs < 21 * np.log(2)


@pytest.mark.parametrize("lists", [[], [[]], [[], [3], []]], ids=["none", "empty", "one token"])
@pytest.mark.parametrize("settings", [SETTINGS, TWO_THREADS], ids=["one thread", "two"])
def test_a_corpus_without_pairs_leaves_the_weights_alone(
    lists: list[list[int]], settings: Settings
) -> None:
    weights, reports = trained(TokenIds.from_lists(lists), settings)
    assert same(weights, Weights.initial(20, 12, seed=0))
    assert sum(done.pairs for done in reports) == 0


def test_a_corpus_of_one_long_text_is_shared_among_the_workers(
    shards_read: list[LossSum],
) -> None:
    ids = np.random.default_rng(0).integers(0, 20, 200_000).astype(np.int32)
    corpus = TokenIds(ids, np.array([0, len(ids)]))
    settings = replace(TWO_THREADS, epochs=1)
    _, reports = trained(corpus, settings)
    assert sum(shard.words for shard in shards_read) == 200_000
    assert [done.tokens for done in reports] == [40_000] * 5


def test_an_exception_of_the_caller_ends_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    pools: list[ThreadPoolExecutor] = []

    class Watched(ThreadPoolExecutor):
        def __init__(self, workers: int) -> None:
            super().__init__(workers)
            pools.append(self)

    monkeypatch.setattr(rounds, "ThreadPoolExecutor", Watched)
    corpus = two_worlds(50)
    running = train_with_numba(corpus, counts_of(corpus), TWO_THREADS)
    next(running)
    with pytest.raises(KeyboardInterrupt):
        running.throw(KeyboardInterrupt)
    with pytest.raises(RuntimeError, match="shutdown"):
        pools[0].submit(print)


def test_the_engine_reports_steps_with_its_own_matrix() -> None:
    corpus = two_worlds(50)
    weights, steps = trained(corpus, SETTINGS)
    assert len(steps) == 15
    assert np.shares_memory(steps[0].matrix, weights.input)
    assert steps[0].matrix.shape == (20, 12)
    assert steps[-1].alpha == pytest.approx(SETTINGS.min_alpha)
    assert sum(step.tokens for step in steps) == 3 * len(corpus.ids)
