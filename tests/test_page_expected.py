"""When what is missing will be there."""

from __future__ import annotations

import datetime as dt

import pytest

from groundswell.charts import Easel
from groundswell.config import Tracker
from groundswell.pages import expected, project, shown
from groundswell.pages.setting import Setting
from groundswell.sources import labels, load, signals
from tests.cards import TODAY, cards

AS_OF = dt.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("reason", "day"),
    [
        ("7 more days of history needed", "27 November 2026"),
        ("1 more day of history needed", "21 November 2026"),
        ("5 more weeks of history needed", "25 December 2026"),
        ("6 more months of npm downloads needed: a year against the year before", "May 2027"),
        ("8 weeks of history needed to say how sure, 3 there", "25 December 2026"),
        ("8 windows of 30 days of history needed to say how sure, 6 there", "19 January 2027"),
        ("8 quarters of history needed to say how sure, 7 there", "February 2027"),
    ],
)
def test_a_reason_that_time_mends_says_until_when(reason: str, day: str) -> None:
    assert f"(about {day})" in expected.reason(reason, AS_OF)


@pytest.mark.parametrize(
    "reason",
    [
        "not seen yet",
        "npm answered 429 since 2026-11-19",
        "only 20 of the 28 days up to 2026-11-19 were observed, 24 are needed",
        "8 weeks of history needed to say how sure, 9 there",
        "0 more days of history needed",
        "9999 more months of history needed",
        "5 are needed",
    ],
)
def test_a_reason_of_which_nobody_knows_when_it_ends_names_no_day(reason: str) -> None:
    assert expected.reason(reason, AS_OF) == shown.reason(reason)


def test_only_a_missing_figure_has_such_a_day() -> None:
    known = shown.Figure("3", "3; 7 more days of history needed")
    assert expected.dated(known, AS_OF) == known
    assert expected.dated(shown.nothing("7 more days of history needed"), AS_OF).title == (
        "7 more days of history needed (about 27 November 2026)."
    )


def test_a_projects_page_says_until_when_a_growth_is_missing() -> None:
    setting = Setting(Tracker(), TODAY, labels(load()), signals(load()))
    faller = next(card for card in cards() if card.project.id == "ebb/flotsam")
    rows = {row.label: row for _, rows in project.view(faller, setting, Easel()).stages for row in rows}
    seen = rows["Issues opened"]
    assert seen.growth.title == "9 more days of history needed (about 1 December 2026)."
    assert "No growth: 9 more days of history needed (about 1 December 2026)." in seen.notes
    assert seen.compound[-1][1].title == "40 more days of history needed (about 1 January 2027)."
