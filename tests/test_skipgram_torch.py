"""The torch engine: gradients, blocks, batches, and runs beside those of the reference."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
import torch
from torch.nn.functional import logsigmoid

from sentiment_transfer import SkipGram, read_texts
from sentiment_transfer.errors import MissingExtraError, SettingError
from sentiment_transfer.pretraining import blocks_torch
from sentiment_transfer.pretraining.blocks_torch import Blocks
from sentiment_transfer.pretraining.engine import Settings, Start, Step
from sentiment_transfer.pretraining.rounds import loss_on, train_with_numba
from sentiment_transfer.pretraining.schedule import Schedule
from sentiment_transfer.pretraining.shards import Weights
from sentiment_transfer.pretraining.skipgram_torch import (
    Trainer,
    add_rows,
    ascent,
    batch_size,
    step_scale,
    train_with_torch,
)
from sentiment_transfer.text import TokenIds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from .conftest import Run

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


def two_worlds(n_texts: int = 600) -> TokenIds:
    """Texts of words 0-9 only, or of words 10-19 only."""
    random = np.random.default_rng(0)
    return TokenIds.from_lists(
        (random.integers(0, 10, 12) + 10 * random.integers(2)).tolist() for _ in range(n_texts)
    )


def counts_of(corpus: TokenIds) -> NDArray[np.int64]:
    return np.bincount(corpus.ids, minlength=20)


def trained(corpus: TokenIds, settings: Settings) -> tuple[Weights, list[Step]]:
    steps = list(train_with_torch(corpus, counts_of(corpus), settings))
    return Weights(*steps[-1].weights), steps


def same(a: Weights, b: Weights) -> bool:
    return all(x.tobytes() == y.tobytes() for x, y in zip(a, b, strict=True))


def figures(steps: list[Step]) -> list[tuple[float, ...]]:
    """All of the steps but their arrays."""
    return [(s.epoch, s.round, s.last, s.tokens, s.loss, s.pairs, s.alpha) for s in steps]


def random_block(scale: float = 1.0) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Centres, rows, weights and targets of two blocks of 4 centres and 7 rows, in float64."""
    random = torch.Generator().manual_seed(0)
    v, u = (scale * torch.randn(2, n, 5, generator=random, dtype=torch.float64) for n in (4, 7))
    weight = torch.rand(2, 4, 7, generator=random, dtype=torch.float64).round(decimals=1)
    return v, u, weight, torch.tensor([1.0] * 4 + [0.0] * 3, dtype=torch.float64)


def objective(v: Tensor, u: Tensor, weight: Tensor, target: Tensor) -> Tensor:
    """The loss as it is written in eq. 4, word for word."""
    total = torch.zeros((), dtype=torch.float64)
    for block, i, j in itertools.product(*map(range, weight.shape)):
        sign = 1 if target[j] else -1
        total -= weight[block, i, j] * logsigmoid(sign * (v[block, i] @ u[block, j]))
    return total


def test_small_steps_follow_the_gradient_of_the_written_objective() -> None:
    v, u, weight, target = random_block()
    v.requires_grad_()
    u.requires_grad_()
    loss = objective(v, u, weight, target)
    loss.backward()  # type: ignore[no-untyped-call]
    assert v.grad is not None
    assert u.grad is not None
    rate = 1e-7
    toward_v, toward_u, found = ascent(v.detach(), u.detach(), weight, weight * rate, target)
    torch.testing.assert_close(toward_v / rate, -v.grad, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(toward_u / rate, -u.grad, rtol=1e-5, atol=1e-6)
    assert float(found) == pytest.approx(float(loss.detach()), rel=1e-5)


def one_after_the_other(
    v: Tensor, u: Tensor, step: Tensor, target: Tensor
) -> tuple[Tensor, Tensor]:
    """The steps of centres that each see the rows which the centres before them moved."""
    moved, toward_v = u.clone(), torch.zeros_like(v)
    for block in range(len(v)):
        for i, centre in enumerate(v[block]):
            errors = (target - torch.sigmoid(moved[block] @ centre)) * step[block, i]
            toward_v[block, i] = errors @ moved[block]
            moved[block] += errors[:, None] * centre
    return toward_v, moved - u


def test_centres_of_a_block_see_the_steps_of_those_before_them_to_second_order() -> None:
    v, u, weight, target = random_block()
    errors = []
    for rate in (0.04, 0.02):
        exact = one_after_the_other(v, u, rate * weight, target)
        found = ascent(v, u, weight, rate * weight, target)[:2]
        errors.append([float((a - b).abs().max()) for a, b in zip(exact, found, strict=True)])
    for large, small in zip(*errors, strict=True):
        assert 6 < large / small < 10  # third order: half the rate has an eighth of the error


def test_the_loss_of_a_term_is_cut_where_that_of_the_reference_is() -> None:
    v, u = torch.full((1, 1, 4), 5.0), torch.full((1, 1, 4), -5.0)  # -log sigmoid(-100) = 100
    one = torch.ones(1, 1, 1)
    assert float(ascent(v, u, one, 0 * one, torch.ones(1))[2]) == pytest.approx(15.8)


def test_steps_of_a_row_that_occurs_twice_are_added() -> None:
    matrix = torch.zeros(3, 2)
    add_rows(matrix, torch.tensor([[2, 0], [2, 2]]), torch.tensor([[[1.0, 2]] * 2, [[10, 20]] * 2]))
    assert matrix.tolist() == [[1, 2], [0, 0], [21, 42]]


def pairs_of(corpus: TokenIds, settings: Settings) -> tuple[set[tuple[int, int]], Tensor]:
    """Centre and context of all terms of positive weight, and the weights of negatives."""
    blocks = Blocks(np.bincount(corpus.ids), settings, "cpu")
    (shard,) = Schedule(corpus.offsets, replace(settings, epochs=1)).shards(0, 0)
    every = shard._replace(texts=np.arange(len(corpus)))
    ((read, rates),) = blocks.read(corpus, every)
    assert rates == shard.rates
    weight, pairs = blocks.weigh(read)
    around = weight[:, :, : -blocks.negatives]
    found = {
        (int(read.centres[block, i]), int(read.rows[block, j]))
        for block, i, j in around.nonzero().tolist()
    }
    assert around.sum(-1, keepdim=True).equal(pairs)
    assert float(pairs.sum()) == len(found)
    return found, weight[:, :, -blocks.negatives :].sum(-1)


@pytest.mark.parametrize("window", [1, 40])
def test_every_pair_within_a_text_is_trained_on_and_none_across_texts(window: int) -> None:
    lengths = [1, 70, 0, 2, 31, 33, 1]  # a block has 32 centres
    corpus = TokenIds(np.arange(sum(lengths), dtype=np.int32), np.cumsum([0, *lengths]))
    found, noise = pairs_of(corpus, replace(SETTINGS, window=window))
    text = np.repeat(np.arange(len(lengths)), lengths)
    possible = {
        (a, b)
        for a, b in itertools.product(corpus.ids.tolist(), repeat=2)
        if a != b and text[a] == text[b] and abs(a - b) <= window
    }
    assert found <= possible
    if window == 1:
        assert found == possible
    else:  # the reach is uniform in 1..40
        assert len(found) > 0.5 * len(possible)
    m = np.bincount([a for a, _ in found], minlength=len(text))
    np.testing.assert_allclose(noise.ravel()[: len(m)], 5 * m, rtol=1e-5)


def test_large_rounds_are_read_in_portions_at_falling_rates(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(blocks_torch, "PORTION", 50)
    corpus = two_worlds(100)  # a text has 12 words
    blocks = Blocks(counts_of(corpus), SETTINGS, "cpu")
    (shard,) = Schedule(corpus.offsets, SETTINGS).shards(0, 0)
    portions = list(blocks.read(corpus, shard))
    lengths = [int((read.reach > 0).sum()) for read, _ in portions]
    assert lengths == [48, 48, 48, 48, 48]
    words = [read.centres[read.reach > 0] for read, _ in portions]
    read_at_once = torch.cat(words).tolist()
    assert read_at_once == [i for text in shard.texts for i in corpus[text].tolist()]
    rates = [rates for _, rates in portions]
    assert [end for _, end in rates[:-1]] == [start for start, _ in rates[1:]]
    np.testing.assert_allclose([start for start, _ in rates], np.linspace(*shard.rates, 6)[:-1])
    assert rates[-1][1] == pytest.approx(shard.rates[1])


def test_subsampling_leaves_the_expected_share_of_a_frequent_word() -> None:
    ids = np.zeros(40_000, np.int32)
    ids[::2] = np.arange(20_000) % 100 + 1
    corpus = TokenIds(ids, np.array([0, 40_000]))
    blocks = Blocks(np.bincount(ids), replace(SETTINGS, sample=1e-3), "cpu")
    (shard,) = Schedule(np.array([0, 40_000]), SETTINGS).shards(0, 0)
    ((read, _),) = blocks.read(corpus, shard._replace(texts=np.array([0])))
    left = read.centres.numel() - int((read.reach == 0).sum())
    zeros = int(((read.centres == 0) & (read.reach > 0)).sum())
    assert zeros == pytest.approx(20_000 * ((1e-3 / 0.5) ** 0.5 + 1e-3 / 0.5), rel=0.1)
    assert left == pytest.approx(blocks.kept.sum(), rel=0.02)


def test_batches_grow_by_doubling_from_the_first_to_the_largest() -> None:
    sizes = [batch_size(seen, 32) for seen in (0, 512 * 127, 512 * 128, 512 * 5000, 1e12)]
    assert sizes == [64, 64, 128, 4096, 4096]
    assert [batch_size(0, 100), batch_size(1e9, 100), batch_size(0, 2000)] == [100, 3200, 2000]


def test_steps_of_rare_words_add_up_and_those_of_frequent_words_are_scaled() -> None:
    rare, some, many = step_scale(np.array([0.0, 0.01, 0.04]), 1000, 0.025)[:, 0]
    assert rare == pytest.approx(1)
    assert some == pytest.approx(1 - np.exp(-1))  # 10 steps close 1 - 1/e of the gap
    assert many == pytest.approx((1 - np.exp(-4)) / 4)
    assert step_scale(np.array([0.01]), 1000, 0.05)[0, 0] < some
    half = step_scale(np.array([0.5]), 1000, 0.025)[0, 0]  # settled after one step, not ten
    assert half == pytest.approx(1 / 500)


@pytest.mark.parametrize("n_words", [1, 2, 5])
def test_the_vectors_of_few_words_do_not_overshoot(n_words: int) -> None:
    ids = np.random.default_rng(0).integers(0, n_words, 5_000).astype(np.int32)
    corpus, settings = TokenIds(ids, np.arange(0, 5_001, 50)), replace(SETTINGS, epochs=20)
    counts = np.bincount(ids, minlength=n_words)
    *_, last = train_with_torch(corpus, counts, settings)
    # words occur by chance, so that the best of every u.v is log(1 / 5), and p = 1 / 6
    best = -np.log(1 / 6) - 5 * np.log(5 / 6)
    assert loss_on(corpus, counts, settings)(last) == pytest.approx(best, rel=0.01)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    first, reports = trained(two_worlds(), SETTINGS)
    second, again = trained(two_worlds(), SETTINGS)
    assert same(first, second)
    assert figures(reports) == figures(again)
    other, _ = trained(two_worlds(), replace(SETTINGS, seed=1))
    assert not same(first, other)


def test_the_number_of_torchs_threads_changes_nothing() -> None:
    before = torch.get_num_threads()
    ends = []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            ends.append(trained(two_worlds(), replace(SETTINGS, vector_size=100))[0])
    finally:
        torch.set_num_threads(before)
    assert same(*ends)


@pytest.mark.parametrize("last", [(0, 0), (0, 4), (1, 2), (2, 4)])
def test_going_on_from_a_copy_gives_the_bytes_of_the_unbroken_run(last: tuple[int, int]) -> None:
    corpus = two_worlds(100)
    unbroken, reports = trained(corpus, SETTINGS)
    before = []
    for done in train_with_torch(corpus, counts_of(corpus), SETTINGS):
        before.append(done)
        if (done.epoch, done.round) == last:
            break
    saved = [part[:, :12].copy() for part in before[-1].weights]

    start = Start(saved[0], saved[1], (last[0], last[1] + 1))
    after = list(train_with_torch(corpus, counts_of(corpus), SETTINGS, start))

    assert same(Weights(*after[-1].weights), unbroken)
    if last == (2, 4):  # nothing is left to do, and one step carries the weights
        assert figures(after) == [pytest.approx((2, 4, True, 0, 0, 0, SETTINGS.min_alpha))]
    else:
        assert figures(before + after) == figures(reports)


def test_the_steps_are_those_of_the_reference_but_for_loss_and_pairs() -> None:
    corpus = two_worlds(101)
    ours = figures(trained(corpus, SETTINGS)[1])
    reference = figures(list(train_with_numba(corpus, counts_of(corpus), SETTINGS)))
    assert [(*a[:4], a[6]) for a in ours] == [(*b[:4], b[6]) for b in reference]
    pairs = [sum(step[5] for step in steps) for steps in (ours, reference)]
    assert pairs[0] == pytest.approx(pairs[1], rel=0.02)  # only the reach is drawn


@pytest.mark.parametrize(
    "settings", [SETTINGS, replace(SETTINGS, window=15, negative=20, alpha=0.1)]
)
def test_losses_end_near_those_of_the_reference(settings: Settings) -> None:
    corpus, settings = two_worlds(), replace(settings, epochs=20)
    counts = counts_of(corpus)
    held_out = loss_on(two_worlds(200), counts, settings)
    ours, reference = (
        list(train(corpus, counts, settings))[-1] for train in (train_with_torch, train_with_numba)
    )
    losses = [held_out(step) for step in (ours, reference)]
    assert losses[0] == pytest.approx(losses[1], rel=0.02)
    assert losses[0] < 0.95 * (1 + settings.negative) * np.log(2)


@pytest.mark.parametrize("lists", [[], [[]], [[], [3], []]], ids=["none", "empty", "one token"])
def test_a_corpus_without_pairs_leaves_the_weights_alone(lists: list[list[int]]) -> None:
    weights, reports = trained(TokenIds.from_lists(lists), SETTINGS)
    assert same(weights, Weights.initial(20, 12, seed=0))
    assert sum(done.pairs for done in reports) == 0


def test_padding_of_the_rows_stays_zero() -> None:
    weights, _ = trained(two_worlds(50), SETTINGS)
    assert weights.input.shape == (20, 16)
    assert not weights.input[:, 12:].any()
    assert not weights.output[:, 12:].any()


def test_weights_are_trained_in_place_on_the_cpu() -> None:
    corpus = two_worlds(50)
    weights = Weights.initial(20, 12, seed=0)
    trainer = Trainer(weights, counts_of(corpus), SETTINGS, "cpu")
    (shard,) = Schedule(corpus.offsets, SETTINGS).shards(0, 0)
    trainer.train(corpus, shard, seen=0)
    assert weights.output.any()
    assert not same(weights, Weights.initial(20, 12, seed=0))


@pytest.fixture(scope="module")
def movies(corpora: Path) -> list[str]:
    return list(read_texts(corpora / "movies72" / "unlabelled.txt"))


def fitted(
    movies: list[str],
    engine: Literal["numba", "torch"],
    **more: Any,  # noqa: ANN401  (of fit)
) -> SkipGram:
    return SkipGram(16, epochs=30, engine=engine).fit(movies, callback=None, **more)


def test_skipgram_with_torch_learns_what_it_learns_with_numba(movies: list[str]) -> None:
    ours, reference = (fitted(movies, engine, held_out=movies) for engine in ("torch", "numba"))
    assert ours.vectors_.words == reference.vectors_.words
    losses = [model.history_[-1]["held_out_loss"] for model in (ours, reference)]
    assert losses[0] == pytest.approx(losses[1], rel=0.05)
    assert ours.vectors_.metadata["engine"] == "torch"


def test_an_interrupted_fit_resumes_with_the_same_bytes(
    movies: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unbroken = fitted(movies, "torch").vectors_.matrix
    monkeypatch.setattr("sentiment_transfer.pretraining.checkpoints.PAUSE", 0.0)
    monkeypatch.setattr("sentiment_transfer.pretraining.checkpoints.SHARE", 1e9)
    calls = iter(range(1000))

    def interrupt(_: object) -> None:
        if next(calls) == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SkipGram(16, epochs=30, engine="torch").fit(movies, callback=interrupt, checkpoint=tmp_path)
    with pytest.raises(SettingError, match="engine: torch there, numba here"):
        fitted(movies, "numba", checkpoint=tmp_path)
    assert fitted(movies, "torch", checkpoint=tmp_path).vectors_.matrix.tobytes() == (
        unbroken.tobytes()
    )


def unread() -> Iterator[str]:
    raise AssertionError
    yield ""


def test_more_than_one_worker_is_refused_before_the_texts_are_read() -> None:
    with pytest.raises(SettingError, match="workers=2 is not allowed with engine='torch'"):
        SkipGram(16, engine="torch", workers=2).fit(unread())


def test_without_torch_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentiment_transfer.base.extras.find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"engine='torch' needs torch.*\[torch\]"):
        SkipGram(16, engine="torch").fit(unread())


def test_pretrain_offers_the_engine(run: Run, corpora: Path, tmp_path: Path) -> None:
    start = ["pretrain", corpora / "movies72" / "unlabelled.txt", "-o", tmp_path / "m.safetensors"]
    assert run(*start, "--epochs", 2, "--engine", "torch", "-q")[0] == 0
    code, _, err = run(*start, "--engine", "gpu")
    assert code == 2
    assert "'gpu' is not one of 'numba', 'torch'" in err


def test_the_speed_script_needs_no_corpus_and_measures_every_phase(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from scripts.scale.torch_engine import main

    main(["--speed", "--tokens", "3000", "--seconds", "0.01"])
    said = capsys.readouterr().out
    assert "the same bytes in two runs: True" in said
    assert said.count("million words/s") == 2 * (5 if torch.cuda.is_available() else 1)
    assert "gradients: " in said
