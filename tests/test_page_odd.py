"""Facts about how pages and files tell what is odd: once, with its days, and where it is marked."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

from groundswell import data_files
from groundswell.charts import Easel
from groundswell.config import Tracker
from groundswell.models import Anomaly, Card, Oddity, Series
from groundswell.pages import health, odd, project
from groundswell.pages.setting import Setting
from groundswell.stages import assess
from tests import growing
from tests.growing import LABELS, SIGNALS, TODAY, history

SETTING = Setting(Tracker(), TODAY, LABELS, SIGNALS)


def card(series: Series, name: str = "a/b") -> Card:
    book = history({"github.stars": series}, name=name)
    return assess(growing.project(name=name), book, SIGNALS, LABELS, {}, TODAY)


def flipping(name: str = "a/b") -> Card:
    """A level that was something else on three days, the last one a week ago."""
    series = growing.level(TODAY, 5_000, 0.02)
    values = series.values.copy()
    values[[-30, -20, -8]] = 300
    return card(Series(series.days, values), name)


def frozen(name: str, day: dt.date, target: str = "one") -> Card:
    says = f"the source stood still on {day}, for 100 % of its 9 series that usually move; kept out of growth"
    found = Anomaly(Oddity.FROZEN, f"npm.downloads:{target}", day, day, {"series": 9, "share": 1.0}, says)
    return dataclasses.replace(card(growing.level(TODAY, 900, 0.01), name), anomalies=(found,))


def test_an_odd_thing_stands_on_the_page_of_its_project_with_days_and_sentence() -> None:
    (told,) = project.view(flipping(), SETTING, Easel()).odd
    assert (told.letter, told.series, told.kind, told.kept_out) == ("A", "Stars", "flip", True)
    assert told.day == "24 Oct 2026 to 15 Nov 2026"
    assert told.says.startswith("300 things instead of ")
    assert "between 24 October 2026 and 15 November 2026" in told.says


def test_its_letter_is_on_the_chart_and_is_said_beside_it() -> None:
    panel = next(one for one in project.view(flipping(), SETTING, Easel()).panels if one.key == "stars")
    assert '<g class="letter">' in panel.drawing
    assert ">A</text>" in panel.drawing
    assert panel.odd == "Flags mark what is odd: A. 3 hollow points are kept out of growth."


def test_where_nothing_is_odd_nothing_is_said() -> None:
    view = project.view(card(growing.level(TODAY, 5_000, 0.02)), SETTING, Easel())
    assert view.odd == ()
    assert {panel.odd for panel in view.panels} == {""}


def test_only_the_newest_things_have_letters_and_no_more_than_there_are() -> None:
    days = [TODAY - dt.timedelta(days=100 - n) for n in range(40)]
    many = tuple(Anomaly(Oddity.FALL, "github.stars", day, day, {}, f"less on {day}") for day in days)
    told = odd.told(dataclasses.replace(card(growing.level(TODAY, 900, 0.01)), anomalies=many))
    assert [one.letter for one in told] == list(odd.LETTERS)
    assert told[-1].says == "Less on 22 September 2026."


def test_gaps_of_the_same_days_are_one_line_without_a_letter() -> None:
    first, last = TODAY - dt.timedelta(days=90), TODAY - dt.timedelta(days=40)
    gaps = tuple(
        Anomaly(Oddity.GAP, column, first, last, {"days": 51}, f"not observed from {first} to {last}, 51 days")
        for column in ("github.stars", "github.forks")
    )
    (told,) = odd.told(dataclasses.replace(card(growing.level(TODAY, 900, 0.01)), anomalies=gaps))
    assert (told.letter, told.series) == ("", "Stars and 1 more")


def test_a_source_that_stood_still_is_one_row_for_all_its_projects() -> None:
    day = TODAY - dt.timedelta(days=300)
    (row,) = health.view([frozen("a/b", day), frozen("c/d", day), flipping_old()], SETTING).odd.rows
    assert (row.what, row.signal, row.kind) == ("npm", "npm.downloads", "frozen source")
    assert [name for name, _ in row.who] == ["a/b", "c/d"]


def flipping_old() -> Card:
    day = TODAY - dt.timedelta(days=odd.RECENT + 1)
    old = Anomaly(Oddity.FALL, "github.stars", day, day, {}, f"less on {day}")
    return dataclasses.replace(card(growing.level(TODAY, 900, 0.01), "e/f"), anomalies=(old,))


def test_health_tells_the_last_three_months_and_counts_the_rest() -> None:
    seen = health.view([flipping(), flipping("c/d"), flipping_old()], SETTING).odd
    assert sorted(name for row in seen.rows for name, _ in row.who) == ["a/b", "c/d"]
    assert seen.more == "1 older one"


def test_the_data_files_hold_each_with_its_numbers() -> None:
    (found,) = json.loads(data_files.project_json(flipping()))["anomalies"]
    assert {key: found[key] for key in ("kind", "column", "first", "last", "kept_out_of_growth")} == {
        "kind": "flip",
        "column": "github.stars",
        "first": "2026-10-24",
        "last": "2026-11-15",
        "kept_out_of_growth": True,
    }
    assert found["seen"]["observations"] == 3
    months = json.loads(data_files.project_json(flipping()))["months"]["stars"]
    assert min(value for value in months.values() if value is not None) > 3_000
