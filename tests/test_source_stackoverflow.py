"""Stack Overflow: what it answers for tags and their questions, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from groundswell.http import Broken, Door, Outside, TooMany
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources import stackoverflow
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
OLDEST = dt.date(2021, 11, 30)
AUGUST, SEPTEMBER, OCTOBER = dt.date(2026, 8, 31), dt.date(2026, 9, 30), dt.date(2026, 10, 31)
NO_QUOTA = Reply('{"error_id":502,"error_message":"too many requests","error_name":"throttle_violation"}', 400)


def tags(*names: str, left: object = 290, **more: object) -> dict[str, object]:
    items = [{"name": name, "count": 5, "has_synonyms": False} for name in names]
    return {"items": items, "has_more": False, "quota_max": 300, "quota_remaining": left, **more}


def run(
    replies: list[dict[str, object] | Reply], *asks: Ask, today: dt.date = TODAY
) -> tuple[list[Answer | Failure], list[str]]:
    given = [one if isinstance(one, Reply) else Reply(json.dumps(one)) for one in replies]
    with scripted(given) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(stackoverflow.fetch(asks, door, today))
        door.close()
    return outcomes, [request.removeprefix("/api.stackexchange.com/2.3") for request in server.requests]


def known(newest: dt.date, oldest: dt.date = OLDEST, target: str = "quay", **state: object) -> Ask:
    return Ask("a/b", target, state=state, newest={"questions": newest}, oldest={"questions": oldest})


def months(outcomes: list[Answer | Failure]) -> dict[dt.date, float]:
    answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
    return {one.day: one.value for answer in answers for one in answer.observations}


def test_the_new_month_costs_two_requests() -> None:
    outcomes, requests = run([tags("quay"), {"total": 42}], known(SEPTEMBER))
    observed = (Observation("questions", OCTOBER, 42),)
    assert outcomes == [Answer("stackoverflow", "a/b", "quay", observed, {"last_count": 42})]
    assert requests[0] == "/tags/quay/info?site=stackoverflow&pagesize=100"
    query = {name: values[-1] for name, values in parse_qs(urlsplit(requests[1]).query).items()}
    first = int(dt.datetime(2026, 10, 1, tzinfo=dt.UTC).timestamp())
    assert query.pop("fromdate") == str(first)
    assert query.pop("todate") == str(first + 31 * 86_400 - 1)
    assert query == {"tagged": "quay", "site": "stackoverflow", "filter": "total"}


def test_a_tag_is_written_into_the_address_with_its_signs() -> None:
    _, requests = run([tags("c#", "c++"), {"total": 1}], known(SEPTEMBER, target="c#"), known(SEPTEMBER, target="c++"))
    assert requests[0].startswith("/tags/c%23;c%2B%2B/info?")
    assert [parse_qs(urlsplit(request).query)["tagged"] for request in requests[1:]] == [["c#"], ["c++"]]


def test_first_sight_begins_with_the_newest_month_and_goes_back_five_years() -> None:
    wanted = stackoverflow.lacking(Ask("a/b", "quay"), OCTOBER)
    assert (wanted[0], wanted[1], wanted[-1], len(wanted)) == (OCTOBER, SEPTEMBER, OLDEST, 60)
    outcomes, _ = run([tags("quay"), {"total": 7}], Ask("a/b", "quay"))
    assert len(months(outcomes)) == 60
    last = outcomes[-1]
    assert isinstance(last, Answer)
    assert last.state == {"filled": True}


def test_a_gap_is_filled_from_its_old_end_so_that_none_is_left_when_the_run_stops() -> None:
    assert list(stackoverflow.lacking(known(AUGUST), OCTOBER)) == [SEPTEMBER, OCTOBER]
    assert list(stackoverflow.lacking(known(OCTOBER, AUGUST), OCTOBER))[:1] == [dt.date(2026, 7, 31)]
    assert not stackoverflow.lacking(known(OCTOBER, AUGUST, filled=True), OCTOBER)


def test_the_requests_of_a_run_are_bounded_by_the_quota_that_is_left_and_shared_out() -> None:
    asks = [Ask("a/b", "quay"), Ask("c/d", "crane")]
    outcomes, requests = run([tags("quay", "crane", left=stackoverflow.SPARE + 4), {"total": 7}], *asks)
    assert len(requests) == 1 + 4
    assert [outcome.target for outcome in outcomes] == ["quay", "crane", "quay", "crane"]
    assert set(months(outcomes)) == {OCTOBER, SEPTEMBER}


def test_a_run_never_takes_the_whole_quota() -> None:
    asks = [Ask("a/b", f"quay{n}") for n in range(4)]
    _, requests = run([tags(*(ask.target for ask in asks), left=10_000), {"total": 7}], *asks)
    assert len(requests) == 1 + stackoverflow.MOST_REQUESTS


def test_what_the_quota_does_not_reach_is_left_for_later_and_no_fault() -> None:
    fresh, old = Ask("a/b", "quay"), known(OCTOBER, AUGUST, "crane")
    outcomes, requests = run([tags("quay", "crane", left=3)], fresh, old)
    assert outcomes == [
        Failure("stackoverflow", "a/b", "quay", stackoverflow.LATER, deferred=True),
        Answer("stackoverflow", "a/b", "crane", ()),
    ]
    assert len(requests) == 1


def test_nothing_is_asked_for_when_no_month_is_lacking() -> None:
    outcomes, requests = run([Reply("", 500)], known(OCTOBER))
    assert outcomes == [Answer("stackoverflow", "a/b", "quay", ())]
    assert requests == []


def test_a_tag_that_is_not_there_has_no_questions_counted() -> None:
    outcomes, requests = run([tags("quay"), {"total": 4}], known(SEPTEMBER, target="qay"), known(SEPTEMBER))
    assert outcomes[0] == Failure("stackoverflow", "a/b", "qay", "has no tag of that name")
    assert isinstance(outcomes[1], Answer)
    assert len(requests) == 2


def test_a_busy_tag_does_not_fall_silent_within_a_month_but_a_quiet_one_may() -> None:
    busy, _ = run([tags("quay"), {"total": 0}], known(SEPTEMBER, last_count=400))
    assert isinstance(busy[0], Failure)
    quiet, _ = run([tags("quay"), {"total": 0}], known(SEPTEMBER, last_count=2))
    assert months(quiet) == {OCTOBER: 0}


def test_a_refusal_ends_that_tag_and_a_second_one_the_run() -> None:
    asks = [Ask("a/b", name) for name in ("quay", "crane", "hoist")]
    outcomes, requests = run([tags("quay", "crane", "hoist"), {"total": 4}, NO_QUOTA], *asks)
    assert [type(outcome) for outcome in outcomes] == [Answer, Failure, Failure]
    assert len(requests) == 4
    outcomes, requests = run([tags("quay", "crane", "hoist"), NO_QUOTA], *asks)
    assert [getattr(outcome, "deferred", None) for outcome in outcomes] == [False, False, True]
    assert len(requests) == 3


def test_a_backoff_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("groundswell.sources.stackoverflow.time.sleep", waits.append)
    assert stackoverflow.parse_total({"total": 4, "backoff": 10}) == 4
    assert stackoverflow.parse_tags(tags("quay", backoff=3)) == (frozenset({"quay"}), 290)
    assert waits == [10, 3]
    with pytest.raises(TooMany):
        stackoverflow.parse_total({"total": 4, "backoff": 3_600})


def test_a_backoff_that_is_too_long_ends_the_run() -> None:
    asks = [Ask("a/b", "quay"), Ask("c/d", "crane")]
    outcomes, requests = run([tags("quay", "crane"), {"total": 4, "backoff": 3_600}], *asks)
    assert [getattr(outcome, "deferred", None) for outcome in outcomes] == [False, True]
    assert len(requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        4,
        {},
        {"total": None},
        {"total": "4"},
        {"total": -1},
        {"total": 4.5},
        {"total": 4, "backoff": "soon"},
        {"error_id": 502, "error_name": "throttle_violation"},
    ],
)
def test_any_other_shape_of_a_total_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        stackoverflow.parse_total(answer)


@pytest.mark.parametrize("answer", [None, {}, {"items": []}, tags(left=None), tags(left=-1), tags() | {"items": None}])
def test_any_other_shape_of_tags_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        stackoverflow.parse_tags(answer)


@pytest.mark.parametrize(
    "reply", [NO_QUOTA, Reply("<html>", 200, "text/html"), Reply('{"items":', 200), Reply("{}", 503)]
)
def test_an_answer_without_numbers_is_a_failure_for_each_tag(reply: Reply) -> None:
    outcomes, requests = run([reply], Ask("a/b", "quay"), Ask("c/d", "crane"), known(OCTOBER, target="hoist"))
    assert [type(outcome) for outcome in outcomes] == [Answer, Failure, Failure]
    assert len(set(requests)) == 1


def test_recorded_answers_are_read_as_they_are(shared: Path) -> None:
    samples = shared / "samples" / "stackexchange"
    answer = json.loads((samples / "questions-filter-total.json").read_text())
    assert stackoverflow.parse_total(answer) == answer["total"]
    page = json.loads((samples / "questions-page-with-backoff.json").read_text())
    assert stackoverflow._Wrapper.model_validate(page).backoff == page["backoff"]
