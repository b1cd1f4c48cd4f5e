from __future__ import annotations

import pytest

from sentiment_transfer.base.progress import Progress


def test_rate_and_eta_extrapolate_what_was_done_so_far() -> None:
    progress = Progress("skip-gram", done=300, total=1000, unit="words", seconds=6.0)
    assert progress.rate == 300 / 6.0
    assert progress.eta == pytest.approx((1000 - 300) / 50)


@pytest.mark.parametrize(("done", "seconds"), [(0, 0.0), (0, 2.0), (5, 0.0)])
def test_without_work_or_time_there_is_no_rate_and_the_eta_is_unknown(
    done: int, seconds: float
) -> None:
    progress = Progress("skip-gram", done=done, total=10, unit="words", seconds=seconds)
    assert progress.rate == 0.0
    assert progress.eta is None


def test_finished_work_has_nothing_left() -> None:
    assert Progress("skip-gram", done=10, total=10, unit="words", seconds=1.0).eta == 0.0


def test_metrics_are_empty_unless_given_and_not_shared() -> None:
    first, second = (Progress("skip-gram", 0, 1, "words") for _ in range(2))
    assert first.metrics == {}
    assert first.metrics is not second.metrics
