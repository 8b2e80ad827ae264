"""Open Collective: what its GraphQL interface answers, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from groundswell.http import Broken, Door, NotFound, Outside
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import opencollective
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
AUGUST, SEPTEMBER, OCTOBER = dt.date(2026, 8, 31), dt.date(2026, 9, 30), dt.date(2026, 10, 31)
NOBODY = {"data": None, "errors": [{"message": "No Account found with slug quay", "extensions": {"code": "NotFound"}}]}


def collective(
    *months: tuple[str, object], backers: object = 48, unit: object = "MONTH", currency: object = "EUR"
) -> dict[str, object]:
    nodes = [{"date": f"{day}T00:00:00.000Z", "amount": {"valueInCents": v, "currency": "EUR"}} for day, v in months]
    series = {"timeUnit": unit, "nodes": nodes}
    stats = {"contributorsCount": backers, "totalAmountReceivedTimeSeries": series}
    return {"data": {"account": {"slug": "quay", "currency": currency, "stats": stats}}}


def parse(answer: object, *, first_sight: bool = True) -> tuple[int, dict[dt.date, float]]:
    backers, income = opencollective.parse(answer, dt.date(2026, 8, 1), OCTOBER, first_sight=first_sight)
    assert {one.signal for one in income} <= {"income"}
    return backers, {one.day: one.value for one in income}


def run(reply: Reply | dict[str, object], *asks: Ask) -> tuple[list[Answer | Failure], list[dict[str, str]]]:
    with scripted([reply if isinstance(reply, Reply) else Reply(json.dumps(reply))]) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(opencollective.fetch(asks, door, TODAY))
        door.close()
    assert set(server.requests) <= {"/api.opencollective.com/graphql/v2"}
    return outcomes, [json.loads(body)["variables"] for body in server.bodies]


GOOD = collective(("2026-09-01", 12_050), ("2026-10-01", 9_900), ("2026-11-01", 700))


def test_one_request_brings_the_backers_of_today_and_the_income_of_ten_years() -> None:
    outcomes, variables = run(GOOD, Ask("a/b", "quay"))
    observations = (
        Observation("backers", TODAY, 48),
        Observation("income", SEPTEMBER, 120.5),
        Observation("income", OCTOBER, 99),
    )
    assert outcomes == [Answer("opencollective", "a/b", "quay", observations, state={"backers": 48})]
    assert variables == [{"slug": "quay", "since": "2016-11-01T00:00:00Z", "until": "2026-10-31T23:59:59Z"}]


def test_afterwards_only_the_last_months_are_asked_for() -> None:
    newest = {"backers": dt.date(2026, 11, 21), "income": SEPTEMBER}
    outcomes, variables = run(GOOD, Ask("a/b", "quay", newest=newest))
    assert variables[0]["since"] == "2026-07-01T00:00:00Z"
    assert isinstance(outcomes[0], Answer)
    assert [one.day for one in outcomes[0].observations] == [TODAY, dt.date(2026, 7, 31), AUGUST, SEPTEMBER, OCTOBER]


def test_nothing_is_asked_for_when_today_is_there() -> None:
    outcomes, variables = run(Reply("", 500), Ask("a/b", "quay", newest={"backers": TODAY}))
    assert outcomes == [Answer("opencollective", "a/b", "quay", ())]
    assert variables == []


def test_a_month_without_a_row_had_no_income_once_there_was_some() -> None:
    answer = collective(("2026-09-01", 100))
    assert parse(answer)[1] == {SEPTEMBER: 1, OCTOBER: 0}
    assert parse(answer, first_sight=False)[1] == {AUGUST: 0, SEPTEMBER: 1, OCTOBER: 0}
    assert parse(collective())[1] == {}


def test_a_month_with_more_refunds_than_gifts_is_left_out() -> None:
    assert parse(collective(("2026-09-01", -100), ("2026-10-01", 300)))[1] == {OCTOBER: 3}


def test_a_collective_that_nobody_has_given_to_has_no_backers_but_a_fall_to_none_is_no_number() -> None:
    nothing = collective(backers=0)
    outcomes, _ = run(nothing, Ask("a/b", "quay", state={"backers": 2}))
    assert isinstance(outcomes[0], Answer)
    outcomes, _ = run(nothing, Ask("a/b", "quay", state={"backers": 48}))
    assert outcomes == [Failure("opencollective", "a/b", "quay", "gave 0 backers where there were 48 before")]


@pytest.mark.parametrize("answer", [NOBODY, {"data": {"account": None}}])
def test_a_name_that_is_not_there_is_said_to_be_not_there(answer: object) -> None:
    with pytest.raises(NotFound):
        parse(answer)


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "x",
        {},
        {"data": None},
        {"data": {}},
        {"data": {"account": {}}},
        {"errors": [{"message": "Syntax Error"}]},
        GOOD | {"errors": [{"message": "timeout"}]},
        collective(backers=None),
        collective(backers="48"),
        collective(backers=-1),
        collective(("2026-10-01", "300")),
        collective(("2026-10-01", None)),
        collective(("2026-13-01", 300)),
        collective(unit="YEAR"),
        collective(("2026-10-01", 300), currency="USD"),
    ],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        parse(answer)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(json.dumps(NOBODY)), "has no collective of that name"),
        (Reply('{"error":{"message":"Rate limit exceeded"}}', 429), "answered 429 (too many requests)"),
        (Reply("<html>", 200, "text/html"), "answered with text/html instead of JSON"),
        (Reply('{"data":{', 200), "answered with broken JSON"),
    ],
)
def test_an_answer_without_numbers_is_a_failure(reply: Reply, reason: str) -> None:
    outcomes, _ = run(reply, Ask("a/b", "quay"))
    assert outcomes == [Failure("opencollective", "a/b", "quay", reason)]


def test_one_collectives_failure_is_not_anothers() -> None:
    with scripted([Reply(json.dumps(NOBODY)), Reply(json.dumps(GOOD))]) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(opencollective.fetch([Ask("a/b", "none"), Ask("c/d", "quay")], door, TODAY))
        door.close()
    assert [type(outcome) for outcome in outcomes] == [Failure, Answer]
