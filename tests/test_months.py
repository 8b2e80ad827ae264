"""Calendar months."""

from __future__ import annotations

import datetime as dt
from itertools import islice

import pytest

from groundswell import months

D = dt.date


@pytest.mark.parametrize(
    ("day", "end"),
    [(D(2026, 2, 3), D(2026, 2, 28)), (D(2024, 2, 29), D(2024, 2, 29)), (D(2026, 12, 1), D(2026, 12, 31))],
)
def test_a_month_ends_on_its_last_day(day: dt.date, end: dt.date) -> None:
    assert months.month_end(day) == end


def test_a_month_is_over_on_its_last_day_and_not_before() -> None:
    assert months.last_closed(D(2026, 10, 31)) == D(2026, 10, 31)
    assert months.last_closed(D(2026, 10, 30)) == D(2026, 9, 30)


def test_closed_months_go_back_over_the_turn_of_the_year() -> None:
    assert list(islice(months.closed(D(2026, 2, 10)), 3)) == [D(2026, 1, 31), D(2025, 12, 31), D(2025, 11, 30)]


def test_a_day_that_a_month_does_not_have_is_its_last() -> None:
    assert months.earlier(D(2026, 5, 31), 3) == D(2026, 2, 28)
    assert months.earlier(D(2026, 1, 15), 13) == D(2024, 12, 15)
