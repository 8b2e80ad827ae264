"""Numbers, dates and directions in words."""

from __future__ import annotations

import datetime as dt

import pytest

from groundswell import wording
from tests.cards import TODAY, growth, new

TIGHT = wording.TIGHT


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (7, "7"),
        (999, "999"),
        (999.5, "1k"),
        (1_234, "1.23k"),
        (12_345, "12.3k"),
        (123_456, "123k"),
        (999_499, "999k"),
        (999_950, "1M"),
        (1_250_000, "1.25M"),
        (2_400_000_000, "2.4bn"),
        (4.26, "4.26"),
        (42.61, "42.6"),
        (-1_234, "−1.23k"),
    ],
)
def test_a_count_has_three_digits_and_never_rounds_into_four(value: float, text: str) -> None:
    assert wording.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.5, "0.5"), (250, "250"), (1000, "1k"), (122_500, "122.5k"), (1_250_000, "1.25M")]
)
def test_a_mark_on_a_scale_loses_no_digit(value: float, text: str) -> None:
    assert wording.mark(value) == text


def test_the_exact_number_keeps_every_digit() -> None:
    assert wording.exact(1_234_567) == "1,234,567"
    assert wording.exact(12_345.678) == "12,346"
    assert wording.exact(12.346) == "12.35"
    assert wording.exact(-3) == "−3"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.031, "+3.1 %"), (-0.004, "−0.4 %"), (0.0004, "+0.04 %"), (0.25, "+25 %"), (12.4, "+1,240 %")],
)
def test_a_percentage_has_its_sign_and_as_many_digits_as_its_size_deserves(share: float, text: str) -> None:
    assert wording.percent(share) == text.replace(" ", TIGHT)


def test_what_rounds_to_nothing_has_no_sign() -> None:
    assert wording.percent(0.0) == f"0.00{TIGHT}%"
    assert wording.percent(-0.00001, 1) == f"0.0{TIGHT}%"


def test_growth_is_shown_as_precisely_as_it_is_known() -> None:
    assert wording.growth(0.0312, 0.0272, 0.0352) == "+3.1 % ± 0.4".replace(" ", TIGHT)
    assert wording.growth(0.0012, 0.0007, 0.0017) == "+0.12 % ± 0.05".replace(" ", TIGHT)
    assert wording.growth(0.05, -0.12, 0.22) == "+5 % ± 17".replace(" ", TIGHT)


def test_a_lopsided_interval_is_given_by_its_ends() -> None:
    assert wording.growth(0.40, 0.05, 0.86).replace(TIGHT, " ") == "+40 % (+5 to +86)"


def test_growth_without_an_interval_says_that_it_is_not_known_how_sure_it_is() -> None:
    assert wording.growth(0.02, None, None).replace(TIGHT, " ") == "+2.0 % ± ?"


def test_the_exact_growth_names_interval_direction_and_what_is_compared() -> None:
    text = wording.exact_growth(growth(0.03, 0.01, 5000)).replace(TIGHT, " ")
    assert text.startswith("+3.00 % a month; 95 % interval +2.00 % to +4.00 %; rising; ")
    assert text.endswith("to 5,000, up to 22 November 2026")


def test_a_new_figure_has_no_percentage() -> None:
    text = wording.exact_growth(new(31, 87))
    assert "%" not in text.replace("95 %", "")
    assert "from 31 to 87" in text


def test_dates_are_in_words_whatever_the_machine_speaks() -> None:
    assert wording.date(TODAY) == "22 November 2026"
    assert wording.short_date(dt.date(2026, 3, 1)) == "1 Mar 2026"
    assert wording.month(TODAY) == "November 2026"


def test_an_age_is_in_words() -> None:
    ages = [wording.age(TODAY - dt.timedelta(days=days), TODAY) for days in (0, 1, 2, 1200)]
    assert ages == ["today", "yesterday", "2 days old", "1,200 days old"]


def test_long_lists_say_how_many_more() -> None:
    assert wording.listing(["a"]) == "a"
    assert wording.listing(["a", "b", "c"]) == "a, b and c"
    assert wording.listing(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
    assert wording.listing([]) == ""


def test_a_number_of_things_agrees_with_its_word() -> None:
    assert [wording.several(n, "project") for n in (0, 1, 1200)] == ["no projects", "1 project", "1,200 projects"]


def test_a_sentence_has_a_capital_and_one_full_stop_and_leaves_npm_alone() -> None:
    assert wording.sentence("answered 429") == "Answered 429."
    assert wording.sentence("Done.") == "Done."
    assert wording.sentence("npm answered 429") == "npm answered 429."


@pytest.mark.parametrize(("change", "text"), [(3, "+3.0"), (-0.04, "−0.04"), (12.4, "+12"), (0, "0.00")])
def test_the_change_of_a_share_is_said_in_points(change: float, text: str) -> None:
    assert wording.points(change) == f"{text}{TIGHT}points"


def test_an_amount_is_said_to_be_of_its_month_or_quarter() -> None:
    last = dt.date(2026, 10, 31)
    assert wording.in_period(last, 1) == "in October 2026"
    assert wording.in_period(last, 3) == "in the quarter to October 2026"


@pytest.mark.parametrize(
    ("month", "low", "high", "text"),
    [
        (0.031, 0.0004, 0.0640, "+3.1 % (0.0 to +6.4)"),  # rises; ± 3.2 would seem to hold 0
        (0.031, 0.0010, 0.0610, "+3.1 % ± 3.0"),
        (0.030, -0.0004, 0.0604, "+3.0 % ± 3.0"),
        (-0.031, -0.0640, -0.0004, "−3.1 % (−6.4 to 0.0)"),
        (0.0, -0.02, 0.02, "0.0 % ± 2.0"),
    ],
)
def test_a_plus_minus_never_seems_to_hold_0_where_the_interval_does_not(
    month: float, low: float, high: float, text: str
) -> None:
    assert wording.growth(month, low, high).replace(wording.TIGHT, " ") == text
