"""The measurement of the cut: its samples, its figures, and the claim of its page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scripts.accuracy.prevalence import Base, Pool, measure_sample, samples_of
from scripts.accuracy.prevalence_report import ARMS, QUANTILE, SHARES
from scripts.reports import RESULTS
from sentiment_transfer.polarity.learning import polarity_from_seeds
from sentiment_transfer.polarity.seeds import seed_ids

if TYPE_CHECKING:
    from conftest import World


@pytest.mark.parametrize("share", SHARES)
def test_samples_have_the_share_and_no_text_twice(share: float) -> None:
    pool = Pool([str(i) for i in range(400)], np.arange(400) < 200)
    found = [*samples_of(pool, share)]
    assert {n for n, _, _ in found} == ({100, 300} if share == 0.5 else {100})
    for n, _, rows in found:
        assert len(set(rows.tolist())) == len(rows) == n
        assert pool.positive[rows].mean() == pytest.approx(share)
    assert found[0][2].tolist() != found[1][2].tolist()


def base_of(world: World, *, background: bool) -> Base:
    ids, words = world.vectors.encode(world.texts), world.vectors.tokenizer.language_data
    seeds = seed_ids(world.vectors.vocabulary, words.positive_seeds, words.negative_seeds)
    learnt = polarity_from_seeds(world.vectors.matrix, ids, *seeds)
    return Base(ids, world.vectors.matrix, seeds, 0.35, learnt if background else None)


def test_a_sample_gives_the_accuracy_of_every_cut_and_the_counts(world: World) -> None:
    positive, rows = np.tile([True, False], 100), np.arange(60)
    found = measure_sample(base_of(world, background=True), positive, rows)
    assert set(ARMS) < set(found)
    assert all(found[arm] > 85 for arm in ARMS)
    assert found["known"] == 60
    assert found["n+"] + found["n-"] <= 60
    own = measure_sample(base_of(world, background=False), positive, rows)
    assert set(ARMS) - set(own) == {"not adapted", "half way"}


def figures(line: str) -> list[float]:
    return [float(cell) for cell in re.findall(r"-?[\d.]+", line.partition("|")[2])]


def test_the_page_holds_what_the_rule_claims() -> None:
    page = (RESULTS / "prevalence.md").read_text(encoding="utf-8")
    for kind in page.split("\n## ")[1:4]:
        rows = {
            name.strip(): [float(cell) for cell in cells.split("|")[:-1]]
            for name, _, cells in (
                line.strip("|").partition("|") for line in kind.splitlines() if "|" in line
            )
            if re.match(r"\s*[\d.]+ ", cells)
        }
        assert QUANTILE in rows
        mean, *by_share = rows["the rule"]
        assert mean > rows["2-means"][0] + 5
        if "not adapted" in rows:
            before, *before_by_share = rows["not adapted"]
            assert mean > before + 1
            assert min(np.subtract(by_share, before_by_share)) > -0.5
