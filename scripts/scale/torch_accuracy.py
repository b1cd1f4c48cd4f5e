"""Loss and accuracy of the torch engine on the CPU against the reference; see `torch_engine`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch.nn.functional import softplus

from scripts.corpora import read_set, sampled
from scripts.reports import RESULTS, markdown_table
from scripts.scale.torch_speed import replaced
from sentiment_transfer import AveragingEncoder, SkipGram
from sentiment_transfer.pretraining import skipgram_torch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

    from sentiment_transfer.corpus import Labelled

__all__ = ["compare_engines"]

SETS = ("imdb", "amazon")
HELD_OUT, LABELLED = 1_000, 5_000
EPOCHS = 5
ENGINES = ("numba", "torch")
NOTE = f"""# The torch engine

Written by `python -m scripts.scale.torch_engine`, on the CPU: {{texts:,}} texts without labels,
drawn from all of a set but its test texts; 100 dimensions, one worker. The loss is that of a pair,
while training and, the same for both engines, on {HELD_OUT:,} other texts. Accuracy in % after
{EPOCHS} epochs: averaged vectors and logistic regression, {LABELLED:,} labels, at most {LABELLED:,}
test texts. Means of all seeds; ± is the standard error of the mean difference of the same seed.

"""
SPEED = "## Words a second\n"
"""Heads what is written by hand from the output of ``--speed``, and is kept."""


class Sample(NamedTuple):
    """Texts to pretrain on, texts to measure the loss on, labelled texts to learn and to test."""

    texts: list[str]
    held_out: list[str]
    pool: Labelled
    test: Labelled


def sample_of(name: str, n_texts: int) -> Sample:
    """Draw from a set, always the same texts."""
    whole = read_set(name)
    texts = [*whole.pool.texts, *whole.unlabelled]
    order = np.random.default_rng(0).permutation(len(texts))[: n_texts + HELD_OUT]
    drawn = [texts[i] for i in order]
    pool, test = sampled(whole.pool, LABELLED), sampled(whole.test, LABELLED)
    return Sample(drawn[HELD_OUT:], drawn[:HELD_OUT], pool, test)


def fitted(sample: Sample, engine: str, epochs: int, seed: int) -> SkipGram:
    """Pretrain, with the loss of texts that are held out."""
    chosen: Any = engine
    model = SkipGram(100, epochs=epochs, min_count=5, seed=seed, engine=chosen)
    return model.fit(sample.texts, held_out=sample.held_out, callback=None)


def accuracy(sample: Sample, model: SkipGram) -> float:
    """Return the accuracy of logistic regression on averaged vectors, in %."""
    encoder = AveragingEncoder(model.vectors_).fit(sample.texts)
    learnt = LogisticRegression(C=10, max_iter=1000)
    learnt.fit(encoder.transform(sample.pool.texts), sample.pool.labels)
    return 100 * float(learnt.score(encoder.transform(sample.test.texts), sample.test.labels))


def figures(sample: Sample, engine: str, seed: int) -> list[float]:
    """Return the loss of one epoch, that of held-out texts after it, and the accuracy."""
    (epoch,) = fitted(sample, engine, 1, seed).history_
    return [epoch["loss"], epoch["held_out_loss"],
            accuracy(sample, fitted(sample, engine, EPOCHS, seed))]  # fmt: skip


def compare_set(name: str, n_texts: int, seeds: int) -> Iterator[tuple[str, ...]]:
    """Yield a row of the table for each figure."""
    sample = sample_of(name, n_texts)
    found = np.array([[figures(sample, e, seed) for seed in range(seeds)] for e in ENGINES])
    means, differences = found.mean(axis=1), found[1] - found[0]
    error = differences.std(axis=0, ddof=1) / np.sqrt(seeds)
    names = ("loss, first epoch", "held-out loss after it", f"accuracy, {EPOCHS} epochs")
    for i, what in enumerate(names):
        numba, ours = means[:, i]
        if what.startswith("accuracy"):
            yield name, what, f"{numba:.2f}", f"{ours:.2f}", f"{ours - numba:+.2f} ± {error[i]:.2f}"
        else:
            share, spread = (100 * part / numba for part in (ours - numba, error[i]))
            yield name, what, f"{numba:.4f}", f"{ours:.4f}", f"{share:+.2f} % ± {spread:.2f}"


def first_order(
    v: Tensor, u: Tensor, weight: Tensor, step: Tensor, target: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Take all gradients of a block at one point, in place of `skipgram_torch.ascent`."""
    dots = torch.bmm(v, u.mT)
    errors = (target - dots.sigmoid()) * step
    losses = softplus(dots * (1 - 2 * target)) * weight
    return torch.bmm(errors, u), torch.bmm(errors.mT, v), losses.sum(dtype=torch.float64)


VARIANTS: dict[str, dict[str, object]] = {
    "as it is": {},
    "no correction within blocks": {"ascent": first_order},
    "full batches from the start": {"SMALLEST": skipgram_torch.LARGEST},
    "no scaling of frequent words": {"STEPS_TO_SETTLE": 1e9},
    "scaling three times as weak": {"STEPS_TO_SETTLE": 30.0},
    "scaling three times as strong": {"STEPS_TO_SETTLE": 3.0},
    "batches up to 16,384": {"LARGEST": 16_384},
}


def try_variants(name: str, n_texts: int, seeds: int) -> Iterator[tuple[str, ...]]:
    """Yield a row for the reference, and for each change of the engine."""
    sample = sample_of(name, n_texts)

    def row(what: str, fit: Callable[[int], SkipGram]) -> tuple[str, ...]:
        runs = [[(e["loss"], e["held_out_loss"]) for e in fit(s).history_] for s in range(seeds)]
        return what, *(f"{value:.4f}" for value in np.mean(runs, axis=0).ravel())

    yield row("numba", lambda seed: fitted(sample, "numba", 2, seed))
    for what, changes in VARIANTS.items():
        with contextlib.ExitStack() as stack:
            for attribute, value in changes.items():
                stack.enter_context(replaced(skipgram_torch, attribute, value))
            yield row(what, lambda seed: fitted(sample, "torch", 2, seed))


def compare_engines(n_texts: int, seeds: int) -> None:
    """Write the page."""
    rows: list[tuple[str, ...]] = []
    for name in SETS:
        for row in compare_set(name, n_texts, seeds):
            print(*row, flush=True)
            rows.append(row)
    header = ("set", "", "numba", "torch", f"difference, {seeds} seeds")
    lines = [*markdown_table(header, rows, left=2), "", "## What each measure is worth", ""]
    lines += [f"amazon, two epochs, {min(3, seeds)} seeds: loss in training, and held out.", ""]
    lines += [
        "Scaling and the largest batch matter in corpora of more than 2 million words only.",
        "",
    ]
    variants = []
    for row in try_variants("amazon", n_texts, min(3, seeds)):
        print(*row, flush=True)
        variants.append(row)
    header = ("", "epoch 1", "held out", "epoch 2", "held out")
    lines += markdown_table(header, variants)
    page = RESULTS / "scale-torch.md"
    before = page.read_text("utf-8") if page.is_file() else ""
    lines += ["", *before.partition(SPEED)[1:]] if SPEED in before else [""]
    page.write_text(NOTE.format(texts=n_texts) + "\n".join(lines), "utf-8")
