"""The small file of a project's months, which Compare reads."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from typing import Any

import numpy as np
import pytest

from groundswell import data_files, month_files
from groundswell.models import Card, Kind, Provenance, Series
from tests.cards import TODAY, cards, measured
from tests.comparable import gapped, owned


def read(card: Card) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(month_files.months_json(card))
    return found


def by_month(metric: dict[str, Any]) -> dict[str, float | None]:
    year, month = map(int, metric["first"].split("-"))
    places = [12 * year + month - 1 + metric["step"] * n for n in range(len(metric["values"]))]
    return {f"{at // 12}-{at % 12 + 1:02}": value for at, value in zip(places, metric["values"], strict=True)}


def test_the_months_are_those_of_the_projects_own_file() -> None:
    for card in cards():
        whole, small = json.loads(data_files.project_json(card)), read(card)["metrics"]
        for key, months in whole["months"].items():
            known = by_month(small[key]) if months else {}
            assert {month: known[month] for month in months} == pytest.approx(months, rel=1e-5)


def test_a_missing_month_is_null_and_never_0() -> None:
    months = by_month(read(gapped())["metrics"]["stars"])
    assert months["2026-03"] is months["2026-04"] is None
    assert months["2026-02"] and months["2026-05"]


def test_months_before_the_first_observation_are_filled_in_and_no_others() -> None:
    kelp = read(cards()[0])["metrics"]["stars"]
    months = list(by_month(kelp))
    filled = {months[place] for first, last in kelp["filled_in"] for place in range(first, last + 1)}
    assert filled == {month for month in months if month < "2026-06"}


def test_how_each_month_is_known_agrees_with_the_projects_own_file() -> None:
    for card in (*cards(), gapped(), owned()):
        whole, small = json.loads(data_files.project_json(card)), read(card)["metrics"]
        for key, metric in small.items():
            months = list(by_month(metric))
            filled = {months[place] for first, last in metric["filled_in"] for place in range(first, last + 1)}
            said = whole["months_from"][key]["evidence"]
            assert {month for month in said if said[month] == "filled in"} == filled & set(said)
            assert metric["own"] == ("own" in said.values())


def test_years_of_months_are_there_and_not_two_alone() -> None:
    days = np.arange(TODAY.toordinal() - 5 * 365, TODAY.toordinal() + 1, dtype=np.int64)
    long = dataclasses.replace(cards()[0].metrics["stars"], series=Series(days, np.arange(len(days), dtype=np.float64)))
    card = dataclasses.replace(cards()[0], metrics={"stars": long})
    assert len(read(card)["metrics"]["stars"]["values"]) == 60


def test_an_owners_figure_that_shows_growth_alone_is_marked_and_stands_as_its_index() -> None:
    metric = read(owned())["metrics"]["own_revenue"]
    assert (metric["own"], metric["relative"]) == (True, True)
    assert max(value for value in metric["values"] if value) <= 130
    assert "9000" not in json.dumps(metric)


def test_a_figure_that_is_not_seen_is_not_there() -> None:
    fog = next(card for card in cards() if card.project.id == "mist/fog")
    assert read(fog)["metrics"] == {}
    assert read(fog)["created"] is None


def test_a_quarter_takes_three_steps() -> None:
    ends = [dt.date(2026, 3, 31), dt.date(2026, 6, 30), dt.date(2026, 9, 30)]
    line = Series(np.array([day.toordinal() for day in ends], dtype=np.int64), np.array([1.0, 2.0, 3.0]))
    where = Provenance("sec.revenue", Kind.PERIOD, ("",), ends[0], "https://example.org/", "", months=3)
    found = dataclasses.replace(measured("stars", 3, cards()[0].metrics["stars"].growth), provenance=where, series=line)
    metric = read(dataclasses.replace(cards()[0], metrics={"stars": found}))["metrics"]["stars"]
    assert by_month(metric) == {"2026-03": 1, "2026-06": 2, "2026-09": 3}


def test_the_same_card_gives_the_same_bytes() -> None:
    assert month_files.months_json(cards()[0]) == month_files.months_json(cards()[0])
