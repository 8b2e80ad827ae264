"""SEC EDGAR: what its company facts hold, and what is made of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import sec
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
Facts = list[dict[str, object]]
REVENUE, OBLIGATION = sec.REVENUE[0], sec.OBLIGATION[0]


def fact(start: str | None, end: str, value: object, frame: str | None = None, filed: str = "") -> dict[str, object]:
    given = {"start": start, "end": end, "val": value, "accn": "0", "fy": 2026, "fp": "Q1", "form": "10-Q"}
    given |= {"filed": filed or end, "frame": frame}
    return {key: one for key, one in given.items() if one is not None or key == "val"}


def company(revenue: Facts, tag: str = REVENUE, more: Mapping[str, Facts] | None = None) -> dict[str, object]:
    concepts = {name: {"label": "", "description": "", "units": {"USD": facts}} for name, facts in (more or {}).items()}
    concepts[tag] = {"label": "", "description": "", "units": {"USD": revenue}}
    return {"cik": 77, "entityName": "QUAY CRANE INC.", "facts": {"dei": {}, "us-gaap": concepts}}


YEAR = [
    fact("2025-02-01", "2025-04-30", 100, "CY2025Q1"),
    fact("2025-05-01", "2025-07-31", 110, "CY2025Q2"),
    fact("2025-02-01", "2025-07-31", 210),
    fact("2025-08-01", "2025-10-31", 130, filed="2025-12-01"),  # said again a year later: that one has the frame
    fact("2025-08-01", "2025-10-31", 125, "CY2025Q3", filed="2026-12-01"),
    fact("2025-02-01", "2025-10-31", 340, filed="2025-12-01"),
    fact("2025-02-01", "2026-01-31", 480, "CY2025", filed="2026-03-20"),
    fact("2026-02-01", "2026-04-30", 150, "CY2026Q1"),
    fact("2026-05-01", "2026-07-31", 170, "CY2026Q2"),
]
LEVELS = [fact(None, "2026-04-30", 900, "CY2026Q1I"), fact(None, "2026-04-30", 900)]


def values(observations: tuple[Observation, ...], signal: str = "revenue") -> dict[str, float]:
    return {one.day.isoformat(): one.value for one in observations if one.signal == signal}


def run(
    reply: Reply, *asks: Ask, stand_in: bool = True, contact: str | None = None
) -> tuple[list[Answer | Failure], list[str], list[str]]:
    with scripted([reply]) as server:
        door = Door(Outside("groundswell/1", stand_in=server.address if stand_in else None, contact=contact))
        outcomes = list(sec.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests, server.agents


def test_a_quarter_is_what_has_a_frame_and_the_fourth_is_the_year_less_nine_months() -> None:
    assert values(sec.parse(company(YEAR))) == {
        "2025-04-30": 100,
        "2025-07-31": 110,
        "2025-10-31": 125,
        "2026-01-31": 140,
        "2026-04-30": 150,
        "2026-07-31": 170,
    }


def test_a_year_without_its_nine_months_gives_no_fourth_quarter() -> None:
    year = fact("2025-02-01", "2026-01-31", 480, "CY2025")
    assert "2026-01-31" not in values(sec.parse(company([*YEAR[:3], year])))


def test_a_fourth_quarter_is_never_negative() -> None:
    nine = fact("2025-02-01", "2025-10-31", 500)
    assert "2026-01-31" not in values(sec.parse(company([YEAR[0], nine, YEAR[6]])))


def test_the_obligation_is_the_level_on_the_quarters_last_day() -> None:
    found = sec.parse(company(YEAR, more={OBLIGATION: LEVELS}))
    assert values(found, "obligation") == {"2026-04-30": 900}


def test_a_quarter_of_thirteen_weeks_is_dated_on_the_month_it_is_nearest_to() -> None:
    quarters = [fact("2026-01-31", "2026-05-02", 10, "CY2026Q1"), fact("2025-11-01", "2026-01-30", 9, "CY2025Q4")]
    assert values(sec.parse(company(quarters))) == {"2026-01-31": 9, "2026-04-30": 10}


def test_of_several_names_for_revenue_the_one_still_in_use_counts() -> None:
    old = [fact("2019-02-01", "2019-04-30", 5, "CY2019Q1")]
    assert values(sec.parse(company(old, more={"Revenues": YEAR[-1:]}))) == {"2026-07-31": 170}


def test_a_company_that_reports_says_so_in_its_state() -> None:
    outcomes, requests, agents = run(Reply(json.dumps(company(YEAR))), Ask("a/b", "77"))
    assert isinstance(outcomes[0], Answer)
    assert outcomes[0].state == {"asked": "2026-11-22", "reports": True, "last_quarter": "2026-07-31", "ended": None}
    assert requests == ["/data.sec.gov/api/xbrl/companyfacts/CIK0000000077.json"]
    assert agents == ["groundswell/1"]


def test_a_company_that_no_longer_reports_is_an_answer_with_that_state_and_no_failure() -> None:
    outcomes, _, _ = run(Reply(json.dumps(company(YEAR[:3]))), Ask("a/b", "77"))
    assert isinstance(outcomes[0], Answer)
    assert len(outcomes[0].observations) == 2
    assert outcomes[0].state == {
        "asked": "2026-11-22",
        "reports": False,
        "last_quarter": "2025-07-31",
        "ended": "the company no longer reports since 2025-07-31",
    }


@pytest.mark.parametrize(
    ("newest", "state", "wanted"),
    [
        (None, {}, True),
        ("2026-07-31", {"asked": "2026-11-15", "reports": True}, True),
        ("2026-07-31", {"asked": "2026-11-16", "reports": True}, False),  # looked at within the week
        ("2026-09-30", {"asked": "2026-10-01", "reports": True}, False),  # the next quarter is not over
        ("2025-07-31", {"asked": "2026-11-01", "reports": False}, False),
        ("2025-07-31", {"asked": "2026-10-25", "reports": False}, True),
        ("2026-07-31", {}, True),
    ],
)
def test_a_company_is_asked_for_when_its_next_quarter_may_be_there(
    newest: str | None, state: dict[str, object], wanted: bool
) -> None:
    known = {} if newest is None else {"revenue": dt.date.fromisoformat(newest)}
    ask = Ask("a/b", "77", state=state, newest=known)
    assert sec.due(ask, TODAY) is wanted
    outcomes, requests, _ = run(Reply(json.dumps(company(YEAR))), ask)
    assert len(requests) == wanted
    assert isinstance(outcomes[0], Answer)


def test_the_sec_is_told_an_address_to_write_to() -> None:
    reply = Reply(json.dumps(company(YEAR)))
    assert run(reply, Ask("a/b", "77"), contact="data@quay.example")[2] == ["groundswell/1 data@quay.example"]


def test_without_an_address_nobody_is_asked() -> None:
    outcomes, _, _ = run(Reply(), Ask("a/b", "77"), stand_in=False)
    assert outcomes == [Failure("sec", "a/b", "77", sec.NO_CONTACT, deferred=True)]


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "x",
        {},
        {"cik": 77, "facts": None},
        {"cik": 77, "facts": {}},
        company([]),
        company([fact("2026-02-01", "2026-04-30", 150)]),  # no frame: the SEC takes it for no quarter
        company([fact("2026-02-01", "2026-04-30", -150, "CY2026Q1")]),
        company([fact("2026-02-01", "2026-04-30", None, "CY2026Q1")]),
        company([fact("2026-02-01", "2026-04-30", "150", "CY2026Q1")]),
        company([fact("2026-02-01", "2026-02-30", 150, "CY2026Q1")]),
        company(YEAR, more={OBLIGATION: [fact(None, "2026-04-30", -1, "CY2026Q1I")]}),
    ],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        sec.parse(answer)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply("<Error>NoSuchKey</Error>", 404, "application/xml"), "has no figures of a company of that number (404)"),
        (Reply("<html>Undeclared Automated Tool", 403, "text/html"), "answered 403"),
        (Reply("<html>", 200, "text/html"), "answered with text/html instead of JSON"),
        (Reply('{"cik":77,"facts":{', 200), "answered with broken JSON"),
    ],
)
def test_an_answer_without_numbers_is_a_failure(reply: Reply, reason: str) -> None:
    outcomes, _, _ = run(reply, Ask("a/b", "77"))
    assert outcomes == [Failure("sec", "a/b", "77", reason)]


def test_the_recorded_answer_is_read_as_it_is(shared: Path) -> None:
    path = shared / "samples" / "sec-edgar" / "companyfacts-snowflake-revenue-and-rpo.json"
    concepts = json.loads(path.read_text())["facts"]["us-gaap"]
    revenue, levels = (concepts[tag]["units"]["USD"] for tag in (REVENUE, OBLIGATION))
    found = sec.parse(json.loads(path.read_text()))
    wanted = {one["end"]: one["val"] for one in revenue if len(one.get("frame", "")) == len("CY2025Q1")}
    last_quarters = {day: value for day, value in values(found).items() if day not in wanted}
    assert {day: value for day, value in values(found).items() if day in wanted} == wanted
    for day, value in last_quarters.items():
        year = next(one for one in revenue if one["end"] == day)
        quarters = [amount for end, amount in wanted.items() if year["start"] < end < day]
        nine = next(one["val"] for one in revenue if one["start"] == year["start"] and one["end"][5:] == "10-31")
        assert value == year["val"] - nine
        assert len(quarters) < 3 or sum(quarters) == nine
    assert len(last_quarters) == 6
    assert values(found, "obligation") == {one["end"]: one["val"] for one in levels}
