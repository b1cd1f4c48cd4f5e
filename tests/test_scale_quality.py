"""Quality as shares grow: the rules of merging, and what they are worth on a small corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from scripts.reports import RESULTS
from scripts.scale import quality
from scripts.scale.merging import raised
from scripts.scale.quality import Arm, Corpus, measure, measure_all, read_runs
from scripts.scale.quality_report import CHOSEN, FORMER, compared, write_report
from sentiment_transfer.pretraining.rounds import merge_scale
from sentiment_transfer.pretraining.schedule import rate_factor

if TYPE_CHECKING:
    from pathlib import Path

OCCURRENCES = np.array([0.01, 1.0, 10.0, 1_000.0])


@pytest.mark.parametrize("shares", [2, 4, 8, 16])
def test_rare_words_add_up_and_frequent_ones_are_averaged(shares: int) -> None:
    weights = merge_scale(np.array([1e-4, 1e5]), shares, 0.025)
    np.testing.assert_allclose(weights, [1 / rate_factor(shares), 1 / shares], rtol=1e-3)


@pytest.mark.parametrize("shares", [2, 4, 8, 16])
@pytest.mark.parametrize("alpha", [0.01, 0.05])
def test_merged_shares_go_as_far_as_shards_one_after_the_other(shares: int, alpha: float) -> None:
    step, n = alpha / 0.025 / 60, 40
    gap = (1 - step / 1_000) ** (1_000 * n * shares)  # steps so small that they are a flow
    of_a_share = (1 - step * rate_factor(shares) / 1_000) ** (1_000 * n)
    weight = merge_scale(np.array([n]), shares, alpha)[0]
    assert weight * shares * (1 - of_a_share) == pytest.approx(1 - gap, rel=1e-3)


def test_at_a_rate_raised_by_the_number_of_shares_the_weights_are_the_mean() -> None:
    np.testing.assert_allclose(raised(float, 30)(OCCURRENCES, 8, 0.025), 1 / 8, rtol=1e-6)


def test_with_more_than_16_shares_words_settle_earlier() -> None:
    plain = raised(rate_factor, 60)
    for shares, same in ((16, True), (32, False)):
        weights = merge_scale(OCCURRENCES, shares, 0.025)
        assert np.array_equal(weights, plain(OCCURRENCES, shares, 0.025)) == same
        assert (weights <= plain(OCCURRENCES, shares, 0.025)).all()


def runs_of(*rows: tuple[int, str, int, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "set": "films",
                "half": "test",
                "rounds": 20,
                **dict(zip(("shares", "rule", "seed", "few"), row, strict=True)),
                "all": row[3] + 5,
                "loss": 2.5,
            }
            for row in rows
        ]
    )


def test_differences_are_between_runs_of_the_same_seed() -> None:
    one, other = "by frequency", "mean"
    runs = runs_of((1, one, 0, 80.0), (1, one, 1, 84.0), (8, other, 1, 83.0), (8, other, 0, 78.0))
    row = compared(runs).set_index("shares").loc[8]
    assert (row["seeds"], row["diverged"], row["few_one"]) == (2, 0, 82.0)
    assert row["few"] == row["all"] == (-2.0 - 1.0) / 2
    assert row["few_sd"] == pytest.approx(0.5 * 2**0.5)
    assert row["loss"] == 0


def test_an_arm_that_diverged_with_one_seed_has_no_mean_and_the_page_says_so(
    tmp_path: Path,
) -> None:
    one, other = "by frequency", "sum"
    runs = runs_of((1, one, 0, 80.0), (1, one, 1, 84.0), (8, other, 1, 83.0), (8, other, 0, np.nan))
    row = compared(runs).set_index("shares").loc[8]
    assert row["diverged"] == 1
    assert np.isnan(row["few"])
    write_report(runs, tmp_path)
    page = (tmp_path / "scale-quality.md").read_text(encoding="utf-8")
    assert "| sum | 20 | 8 | 2 | diverged | diverged | diverged |" in page


@pytest.mark.parametrize("name", ["imdb", "amazon"])
@pytest.mark.parametrize(("shares", "target"), [(8, 0.3), (16, 0.6)])
def test_the_figures_of_the_page_hold_the_targets_for_the_chosen_rule_only(
    name: str, shares: int, target: float
) -> None:
    table = pd.read_csv(RESULTS / "scale-quality.csv").query("half == 'test' and rounds == 20")
    rows = table[(table["set"] == name) & (table["shares"] == shares)].set_index("rule")
    assert rows.loc[CHOSEN, "seeds"] >= 5
    assert rows.loc[CHOSEN, ["few", "all"]].min() >= -target
    assert rows.loc[FORMER, ["few", "all"]].min() < -target


@pytest.fixture(scope="module")
def sample(real_corpora: Path) -> Corpus:
    assert real_corpora.is_dir()
    return quality.read_corpus("imdb", "test", 6_000)


@pytest.fixture(scope="module")
def one(sample: Corpus) -> dict[str, Any]:
    """One share on the sample."""
    return measure(sample, Arm(1, FORMER, 20), 0)


@pytest.mark.corpus
def test_eight_shares_lose_little_where_a_mean_loses_much_and_a_sum_diverges(
    sample: Corpus, one: dict[str, Any]
) -> None:
    chosen, mean, sum_ = (measure(sample, Arm(8, rule, 20), 0) for rule in (CHOSEN, "mean", "sum"))
    assert one["all"] - chosen["all"] < (one["all"] - mean["all"]) / 2
    assert chosen["loss"] - one["loss"] < (mean["loss"] - one["loss"]) / 2
    assert not sum_["loss"] < mean["loss"]  # it is NaN


@pytest.mark.corpus
def test_the_chosen_rule_keeps_the_accuracy_of_one_share_with_16(
    sample: Corpus, one: dict[str, Any]
) -> None:
    chosen = measure(sample, Arm(16, CHOSEN, 20), 0)
    assert one["all"] - chosen["all"] < 2
    assert chosen["loss"] - one["loss"] < 0.15


@pytest.mark.corpus
def test_runs_are_kept_and_not_measured_again(
    sample: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arms = [Arm(2, "mean", 5)]
    monkeypatch.setattr(quality, "read_corpus", lambda *_: sample)
    measure_all(["imdb"], "test", arms, range(1), tmp_path)
    monkeypatch.setattr(quality, "read_corpus", None)
    measure_all(["imdb"], "test", arms, range(1), tmp_path)
    runs = read_runs(tmp_path)
    columns = runs[["set", "half", "shares", "rule", "rounds"]]
    assert columns.to_numpy().tolist() == [["imdb", "test", 2, "mean", 5]]
