"""Dates and times are recognised in usual forms, and divided into periods of one length."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from sentiment_transfer.overview.grouping import as_value, grouping_of, usable_columns
from sentiment_transfer.overview.times import periods_of, times_of

YEAR = [date(2023, 1, 1) + timedelta(days=(37 * i) % 365) for i in range(600)]

FORMS = [
    *("%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y%m%d"),
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m/%d/%Y %H:%M", "%d/%m/%y"),
    *("%d %b %Y", "%B %d, %Y", "%m %d, %Y", "%Y年%m月%d日", "%a %b %d %H:%M:%S +0000 %Y"),
]


@pytest.mark.parametrize("form", FORMS)
def test_usual_forms_are_read(form: str) -> None:
    times = times_of([day.strftime(form) for day in YEAR])
    assert times is not None
    assert [time.date() for time in times] == YEAR


@pytest.mark.parametrize("factor", [1, 1_000])
def test_seconds_and_milliseconds_since_1970_are_read(factor: int) -> None:
    seconds = [(day - date(1970, 1, 1)).days * 86_400 for day in YEAR]
    times = times_of([str(s * factor) for s in seconds])
    assert times is not None
    assert [time.date() for time in times] == YEAR


def test_days_come_first_unless_a_value_shows_that_months_do() -> None:
    first = times_of(["03/04/2024", "05/06/2024"])
    other = times_of(["03/04/2024", "05/26/2024"])
    assert first is not None
    assert other is not None
    assert (first[0].month, other[0].month) == (4, 3)


@pytest.mark.parametrize(
    "values",
    [
        ["3", "5", "1", "4"],
        ["12.50", "7.99"],
        ["A100", "B200"],
        ["1000000001234567", "9999999999999999"],
        ["a long text with 2024-01-01 in it and much else besides", "another"],
        ["v1.2.3", "v2.0.1"],
        ["", ""],
        [],
    ],
)
def test_other_values_are_no_times(values: list[str]) -> None:
    assert times_of(values) is None


def test_one_value_in_ten_may_be_unreadable() -> None:
    days = ["2024-01-01", "2024-02-01"] * 9
    read = times_of([*days, "soon", ""])
    assert read is not None
    assert read.isna().tolist() == [False] * 18 + [True, True]
    assert times_of([*days, *["soon"] * 3]) is None


@pytest.mark.parametrize(
    ("days", "unit", "n"),
    [
        ([i // 40 for i in range(400)], "day", 10),
        ([i for i in range(60) for _ in range(10)], "week", 9),
        ([i for i in range(365) for _ in range(4)], "month", 12),
        ([10 * i for i in range(180) for _ in range(4)], "quarter", 20),
        ([120 * i for i in range(60)], "year", 20),
        ([0, 1, 1, 400], "year", 2),
    ],
)
def test_the_shortest_periods_with_enough_texts_are_taken(
    days: list[int], unit: str, n: int
) -> None:
    times = times_of([str(date(2001, 1, 1) + timedelta(days=day)) for day in days])
    assert times is not None
    periods = periods_of(times)
    assert periods is not None
    assert (periods.unit, len(periods.names)) == (unit, n)
    assert len(periods.places) == len(days)


def test_periods_without_a_text_stay_and_early_years_are_one() -> None:
    grouping = grouping_of("when", [f"{year}-05-01" for year in range(1990, 2022)] + [None])
    assert grouping.names[0] == "up to 1998"
    assert [len(rows) for rows in grouping.rows[:2]] == [9, 1]
    assert (len(grouping.names), grouping.names[-1]) == (25, "no value")
    gap = grouping_of("when", ["2024-01-10", "2024-04-10"] * 40)
    assert gap.names == ["Jan 2024", "Feb 2024", "Mar 2024", "Apr 2024"]
    assert [len(rows) for rows in gap.rows] == [40, 0, 0, 40]


def test_frequent_categories_are_groups_and_the_rest_is_one() -> None:
    values = [f"shop {i}" for i in range(15) for _ in range(20 - i)] + ["", None, float("nan")]
    grouping = grouping_of("shop", values)
    assert grouping.names[:2] == ["shop 0", "shop 1"]
    assert grouping.names[12:] == ["others (3 values)", "no value"]
    assert [len(rows) for rows in grouping.rows[-2:]] == [8 + 7 + 6, 3]
    assert sorted(row for rows in grouping.rows for row in rows.tolist()) == [*range(len(values))]


def test_numbers_stay_in_their_order() -> None:
    assert grouping_of("stars", [5, 5, 5, 1, 10, 10] * 3).names == ["1", "5", "10"]


def test_columns_that_group_are_found_times_first() -> None:
    columns = {
        "id": [*range(40)],
        "shop": ["a", "b"] * 20,
        "same": ["x"] * 40,
        "when": [datetime(2024, 1 + i % 6, 1) for i in range(40)],
        "empty": [None] * 40,
    }
    assert [(use.name, use.kind, use.n_values) for use in usable_columns(columns)] == [
        ("when", "time", 6),
        ("shop", "category", 2),
    ]


def test_values_are_read_as_text() -> None:
    values = [None, float("nan"), 3.0, 2.5, True, " a  b\n", "x" * 200]
    assert [*map(as_value, values)] == ["", "", "3", "2.5", "True", "a b", f"{'x' * 99}…"]
