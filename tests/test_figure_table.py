"""Tables of own figures: what is read, and that no message repeats what stands in a cell."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from groundswell.figure_table import BrokenTable, decoded, read
from groundswell.models import PER_CENT, Kind, OwnFigure
from tests.owners import figure

TODAY = dt.date(2026, 11, 20)
DAILY = figure(kind=Kind.FLOW)


def values(text: str, wanted: OwnFigure = DAILY) -> dict[str, str]:
    return {day.isoformat(): str(value) for day, value in read(text, wanted, TODAY).values.items()}


def test_a_table_has_a_row_a_day_and_a_column_a_figure() -> None:
    text = "date,leads,revenue\n2026-11-02,7,20.5\n2026-11-01,8,10\n"
    assert values(text) == {"2026-11-01": "10", "2026-11-02": "20.5"}


def test_a_table_of_one_figure_may_call_it_value() -> None:
    assert values("date,value\n2026-11-01,10\n") == {"2026-11-01": "10"}


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spreadsheets_part_cells_and_lines_in_their_own_ways(mark: str, end: str) -> None:
    text = end.join([f"date{mark}revenue", f"2026-11-01{mark}10", "", f"2026-11-02{mark}"])
    assert values("\ufeff" + text) == {"2026-11-01": "10"}


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('"1,234,567"', "1234567"),
        ('"1,234.50"', "1234.50"),
        ("1'234", "1234"),
        ("1 234", "1234"),
        ("1\u202f234", "1234"),
        (" 12 ", "12"),
        ("0", "0"),
    ],
)
def test_numbers_may_part_their_thousands(cell: str, value: str) -> None:
    assert values(f"date,revenue\n2026-11-01,{cell}\n") == {"2026-11-01": value}


def test_a_share_may_have_its_sign() -> None:
    share = figure(kind=Kind.STOCK, unit=PER_CENT)
    assert values("date,revenue\n2026-11-01,104.5 %\n2026-11-02,105%\n", share) == {
        "2026-11-01": "104.5",
        "2026-11-02": "105",
    }


def test_an_empty_cell_was_not_observed() -> None:
    assert values("date,revenue,leads\n2026-11-01,,7\n2026-11-02,3,\n") == {"2026-11-02": "3"}


def test_what_is_wrong_in_the_column_of_another_figure_is_none_of_this_ones() -> None:
    assert values("date,revenue,leads\n2026-11-01,3,many\n") == {"2026-11-01": "3"}


@pytest.mark.parametrize(
    ("cell", "months", "day"),
    [
        ("2026-10", 1, "2026-10-31"),
        ("2026-10-31", 1, "2026-10-31"),
        ("2026-10-01", 1, "2026-10-31"),
        ("2026-Q3", 3, "2026-09-30"),
        ("2026Q3", 3, "2026-09-30"),
        ("2026-09", 3, "2026-09-30"),
        ("2026-10-31", 3, "2026-10-31"),
    ],
)
def test_a_period_is_named_or_dated_on_its_last_day(cell: str, months: int, day: str) -> None:
    wanted = figure(kind=Kind.PERIOD, months=months)
    assert values(f"date,revenue\n{cell},3\n", wanted) == {day: "3"}


def test_days_and_months_may_stand_in_one_table() -> None:
    text = "date,revenue,dau\n2026-10,500,\n2026-10-30,,7\n2026-10-31,,8\n"
    assert values(text, figure()) == {"2026-10-31": "500"}
    assert values(text, figure(kind=Kind.STOCK, column="dau")) == {"2026-10-30": "7", "2026-10-31": "8"}


def test_a_period_that_is_not_over_is_left_out() -> None:
    assert values("date,revenue\n2026-10,3\n2026-11,2\n2026-12,0\n", figure()) == {"2026-10-31": "3"}


SECRET = "48213.77"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"date,revenue\n2026-11-01,€{SECRET}\n", "line 2: expected a number such as 1234.5"),
        (f"date,revenue\n2026-11-01,-{SECRET}\n", "line 2: expected a number"),
        (f"date,revenue\n2026-11-01,={SECRET}+1\n", "line 2: expected a number"),
        (f"date,revenue\n2026-11-01,{SECRET} %\n", "line 2: expected a number"),
        ('date;revenue\n2026-11-01;"48213,77"\n', "line 2: expected a number"),
        ("date;revenue\n2026-11-01;1.234.567\n", "line 2: expected a number"),
        ("date,revenue\n2026-11-01,\u0664\u0668\n", "line 2: expected a number"),
        ("date,revenue\n2026-11-01,nan\n", "line 2: expected a number"),
        ("date,revenue\n2026-11-01,1e9\n", "line 2: expected a number"),
        (f"date,revenue\n2026-11-01,{SECRET[:5] * 4}\n", "line 2: expected a number of at most 15 digits"),
        (f"date,revenue\n2026-11-01,{SECRET},{SECRET}\n", "line 2: expected 2 cells as in the first line, found 3"),
        (f"date,revenue\n2026-11-01,1\n2026-11-01,{SECRET}\n", "line 3: the same date as in line 2"),
        (f"date,revenue\n{SECRET},2026-11-01\n", "line 2: expected a day such as 2026-01-31"),
        (f"date,revenue\n2026-02-30,{SECRET}\n", "line 2: expected a day such as 2026-01-31"),
        (f"date,revenue\n01.11.2026,{SECRET}\n", "line 2: expected a day such as 2026-01-31"),
        (
            f"date,revenue\n2026-11-21,{SECRET}\n",
            "line 2: expected a day that is not in the future",
        ),
        (
            f"2026-11-01,{SECRET}\n2026-11-02,{SECRET}\n",
            "line 1: expected the names of the columns, among them",
        ),
        (f"date,revenue,revenue\n2026-11-01,{SECRET},1\n", "line 1: 'date' and 'revenue' may each stand there once"),
        (f'date,revenue\n2026-11-01,"{SECRET}\n', "the quotes around a cell do not fit"),
        (f"date,revenue\n2026-11-01,{SECRET}\0\n", "it holds characters that no text has"),
        ("date,revenue\n2026-11-01,\n", "the column 'revenue' has no number"),
        ("", "line 1: expected the names of the columns"),
        (f"<!doctype html><title>{SECRET}</title>", "line 1: expected the names of the columns"),
        ("date,revenue\n" + f"2026-11-01,{SECRET}\n" * 60_000, "line 3: the same date"),
    ],
)
def test_what_is_wrong_is_said_by_line_and_never_repeated(text: str, said: str) -> None:
    with pytest.raises(BrokenTable) as caught:
        read(text, DAILY, TODAY)
    assert said in str(caught.value)
    assert "48213" not in str(caught.value).replace(",", "")
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("cell", "months", "said"),
    [
        ("2026-10-15", 1, "line 2: expected a month such as 2026-01, or its last day 2026-01-31"),
        ("2026-Q3", 1, "line 2: expected a month"),
        ("2026-07-01", 3, "line 2: expected a quarter such as 2026-Q1, or its last day 2026-03-31"),
        ("2026-Q5", 3, "line 2: expected a quarter"),
    ],
)
def test_a_period_that_is_none_is_said(cell: str, months: int, said: str) -> None:
    with pytest.raises(BrokenTable, match=said):
        read(f"date,revenue\n{cell},3\n", figure(months=months), TODAY)


def test_quarters_do_not_cross() -> None:
    with pytest.raises(BrokenTable, match="line 3: this quarter crosses the one of line 2"):
        read("date,revenue\n2026-Q1,3\n2026-07-31,3\n", figure(months=3), TODAY)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("date,revenue\n".encode("utf-16"), "UTF-16"),
        (b"date,revenue\n2026-11-01,\xff48213\n", "line 2: this is not UTF-8"),
    ],
)
def test_a_table_is_utf_8(content: bytes, said: str) -> None:
    with pytest.raises(BrokenTable, match=said) as caught:
        decoded(content)
    assert "48213" not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


def test_what_an_owner_knows_is_not_printed() -> None:
    assert "48213" not in repr(read(f"date,revenue\n2026-11-01,{SECRET}\n", DAILY, TODAY))


def test_decimals_are_exact() -> None:
    found = read("date,revenue\n2026-11-01,0.1\n", DAILY, TODAY)
    assert found.values[dt.date(2026, 11, 1)] == Decimal("0.1")
