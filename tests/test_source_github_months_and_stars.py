"""GitHub: issues and pull requests by month, the star history, and what can be seen without a token."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from groundswell.http import Broken
from groundswell.models import Ask, RepositoryState
from groundswell.sources.github import months, stars, without_token
from groundswell.sources.github.months import Month
from tests.github_stand_in import (
    SETTLED,
    TODAY,
    Repository,
    Stub,
    answers,
    failures,
    fetch,
    named,
    settled,
    values,
    weeks,
)

BOTH = ("issues_opened", "pull_requests_opened")
LAST = [Month(2025, 10), Month(2025, 11), Month(2025, 12), *(Month(2026, number) for number in range(1, 11))]


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def pond(repository: Repository, **counters: Any) -> Stub:
    repository.counters |= counters
    return Stub({"pond/frogspawn": repository})


def daily(days: int, every: int) -> list[dt.date]:
    return [ago(n) for n in range(0, days, every)]


def counted(days: list[dt.date], month: Month) -> int:
    return sum((day.year, day.month) == month for day in days)


def large(**changes: Any) -> Stub:
    """A repository with more issues and pull requests than a page holds."""
    return pond(Repository(issues=daily(900, 2), pulls=daily(900, 3), **changes))


def small() -> Stub:
    """A repository with few of both."""
    repository = Repository(issues=daily(900, 30), pulls=daily(900, 60))
    return pond(repository, issues={"totalCount": 30}, pullRequests={"totalCount": 15})


# --- Months ----------------------------------------------------------------------------------------------------------


def test_a_month_is_over_when_the_next_begins() -> None:
    assert str(Month.before(dt.date(2026, 11, 30))) == "2026-10"
    assert str(Month.before(dt.date(2026, 12, 1))) == "2026-11"
    assert str(Month.before(dt.date(2027, 1, 1))) == "2026-12"
    assert Month(2028, 2).last == dt.date(2028, 2, 29)
    assert Month.read("2026-10") == Month(2026, 10)
    assert [Month.read(text) for text in ("2026-13", "October", None, 5)] == [None] * 4


@pytest.mark.parametrize("stub", [large(), small()], ids=["searches", "a page of dates"])
def test_first_sight_gives_13_closed_months_dated_on_their_last_day(stub: Stub) -> None:
    found = fetch(stub, settled("pond/frogspawn", months=None))
    repository = stub.repositories["pond/frogspawn"]
    for signal, days in zip(BOTH, (repository.issues, repository.pulls), strict=True):
        assert values(found, signal) == {month.last: counted(days, month) for month in LAST}
    assert answers(found)[-1].state == {"months": "2026-10"}
    assert not failures(found)


def test_many_are_counted_by_one_query_of_searches_and_few_by_a_page() -> None:
    by_search, by_page = large(), small()
    fetch(by_search, settled("pond/frogspawn", months=None))
    fetch(by_page, settled("pond/frogspawn", months=None))
    assert by_search.sizes == [1, 28]
    assert by_search.asked(1)[0] == "repo:pond/frogspawn is:issue created:2025-10-01..2025-10-31"
    assert by_search.asked(1)[-2:] == ["repo:pond/frogspawn is:issue", "repo:pond/frogspawn is:pr"]
    assert by_page.sizes == [1, 1]


def test_small_repositories_share_a_query() -> None:
    names = [f"pond/r{number:02}" for number in range(12)]
    stub = Stub(named(*names))
    for repository in stub.repositories.values():
        repository.counters |= {"issues": {"totalCount": 5}, "pullRequests": {"totalCount": 100}}
    fetch(stub, *(settled(name, months=None) for name in names))
    assert stub.sizes == [12, 10, 2]


def test_a_search_that_sees_nothing_of_a_repository_gives_no_zeros() -> None:
    stub = large(search_sees=False)
    found = fetch(stub, settled("pond/frogspawn", months=None))
    assert values(found, "issues_opened") == {}
    (failure,) = failures(found)
    assert failure.signals == BOTH
    assert failure.reason == "finds nothing of this repository in its search"
    assert not any("months" in answer.state for answer in answers(found))


def test_none_opened_at_all_is_a_count_where_the_counter_says_so_too() -> None:
    stub = large()
    stub.repositories["pond/frogspawn"].pulls = []
    stub.repositories["pond/frogspawn"].counters["pullRequests"] = {"totalCount": 0}
    found = fetch(stub, settled("pond/frogspawn", months=None))
    assert values(found, "pull_requests_opened") == {month.last: 0 for month in LAST}
    assert stub.sizes == [1, 27]


def test_young_repositories_share_a_query_of_searches() -> None:
    names = [f"pond/r{number}" for number in range(4)]
    stub = Stub(named(*names))
    for repository in stub.repositories.values():
        repository.issues, repository.pulls = daily(110, 1), daily(110, 1)
        repository.counters["createdAt"] = "2026-08-05T00:00:00Z"
    found = fetch(stub, *(settled(name, months=None) for name in names))
    assert stub.sizes == [4, 24, 8]
    assert values(found, "issues_opened", names[3]) == {dt.date(2026, 8, 31): 27} | {
        dt.date(2026, 9, 30): 30,
        dt.date(2026, 10, 31): 31,
    }


def test_a_renamed_repository_is_searched_under_its_new_name() -> None:
    stub = large()
    stub.repositories["pond/frogspawn"].counters["nameWithOwner"] = "lake/tadpole"
    found = fetch(stub, settled("pond/frogspawn", months=None))
    assert all(text.startswith("repo:lake/tadpole ") for text in stub.asked(1))
    assert len(values(found, "issues_opened")) == 13


def test_months_before_the_repository_was_made_are_missing() -> None:
    stub = pond(Repository(issues=daily(50, 1), pulls=[]), createdAt=f"{ago(50)}T00:00:00Z")
    found = fetch(stub, settled("pond/frogspawn", months=None))
    assert values(found, "issues_opened") == {dt.date(2026, 10, 31): 28}


def test_a_repository_made_this_month_has_no_month_to_count_yet() -> None:
    stub = pond(Repository(issues=daily(5, 1)), createdAt=f"{ago(5)}T00:00:00Z")
    found = fetch(stub, settled("pond/frogspawn", months=None))
    assert values(found, "issues_opened") == {}
    assert answers(found)[-1].state == {"months": "2026-10"}
    assert len(stub.queries) == 1


def test_a_repository_that_takes_no_issues_has_no_number_of_them() -> None:
    stub = large()
    stub.repositories["pond/frogspawn"].counters["hasIssuesEnabled"] = False
    found = fetch(stub, settled("pond/frogspawn", months=None))
    assert values(found, "issues_opened") == {}
    assert len(values(found, "pull_requests_opened")) == 13


def test_a_month_is_counted_once_after_it_has_closed() -> None:
    stub = large()
    fetch(stub, settled("pond/frogspawn", months="2026-10"))
    assert stub.sizes == [1]
    found = fetch(stub, settled("pond/frogspawn", months="2026-09"))
    assert stub.asked(-1) == [
        "repo:pond/frogspawn is:issue created:2026-10-01..2026-10-31",
        "repo:pond/frogspawn is:pr created:2026-10-01..2026-10-31",
    ]
    assert set(values(found, "issues_opened")) == {dt.date(2026, 10, 31)}
    assert answers(found)[-1].state == {"months": "2026-10"}


def test_in_the_first_days_of_a_month_the_count_rides_with_the_weekly_turn() -> None:
    early = dt.date(2026, 12, 3)
    stub = large()
    read = {"months": "2026-10", "issues_read": "2026-12-01", "merged_read": "2026-12-01"}
    turn = settled("pond/frogspawn", activity="2026-11-26", star_history="2026-12-01", **read)
    found = fetch(stub, turn, today=early)
    assert stub.sizes == [1, 3]
    assert values(found, "issues_opened") == {dt.date(2026, 11, 30): 11}
    stub.queries.clear()
    waits = settled("pond/frogspawn", activity="2026-11-27", star_history="2026-12-01", **read)
    found = fetch(stub, waits, today=early)
    assert stub.sizes == [1]
    assert not failures(found)
    stub.queries.clear()
    read |= {"issues_read": "2026-12-08", "merged_read": "2026-12-08"}
    late = settled("pond/frogspawn", activity="2026-12-08", star_history="2026-12-08", **read)
    fetch(stub, late, today=dt.date(2026, 12, 9))
    assert stub.sizes == [1, 2]


def test_months_that_were_missed_are_made_up_for() -> None:
    found = fetch(large(), settled("pond/frogspawn", months="2026-07"))
    assert sorted(values(found, "issues_opened")) == [month.last for month in LAST[-3:]]


def test_one_count_that_fails_costs_its_signal_and_is_asked_again() -> None:
    def wrong(answer: dict[str, Any]) -> None:
        if "issueCount" in (answer["data"].get("p3") or {}):
            answer["data"]["p3"] = {"issueCount": "many"}

    stub = large()
    stub.changed = wrong
    found = fetch(stub, settled("pond/frogspawn", months=None))
    assert values(found, "issues_opened") == {}
    assert len(values(found, "pull_requests_opened")) == 13
    (failure,) = failures(found)
    assert failure.signals == ("issues_opened",)
    assert not any("months" in answer.state for answer in answers(found))


def test_searches_that_are_refused_for_a_limit_are_left_for_the_next_run() -> None:
    stub = large()
    limit = '{"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}'
    stub.instead = lambda names: (200, {}, limit) if len(names) > 20 else None
    (failure,) = failures(fetch(stub, settled("pond/frogspawn", months=None)))
    assert (failure.signals, failure.deferred) == (BOTH, True)


def test_a_query_of_searches_that_is_too_much_is_halved() -> None:
    stub = large()
    stub.instead = lambda names: (502, {}, "") if len(names) > 14 else None
    found = fetch(stub, settled("pond/frogspawn", months=None))
    assert stub.sizes == [1, 28, 14, 14]
    assert len(values(found, "issues_opened")) == 13


def test_a_page_that_does_not_reach_back_is_not_believed() -> None:
    node = {"createdAt": "2026-10-20T00:00:00Z"}
    page = {"pageInfo": {"hasNextPage": True, "endCursor": None}, "nodes": [node] * 100}
    with pytest.raises(Broken):
        months.parse_dates({"issues": page, "pullRequests": page}, "issues_opened", LAST)


@pytest.mark.parametrize("value", [{}, {"issueCount": -1}, {"issueCount": "3"}, None, 3])
def test_a_search_of_another_shape_is_refused(value: object) -> None:
    with pytest.raises(Broken):
        months.parse_search(value)


# --- Star history ----------------------------------------------------------------------------------------------------

GAINS = {ago(0): 2, ago(1): 3, ago(2): 5, ago(3): 0, ago(4): 7}


def starred(gains: dict[dt.date, int], **counters: Any) -> Stub:
    return pond(Repository(gains=gains), **counters)


def test_gains_are_given_of_days_that_are_over_everywhere() -> None:
    found = fetch(starred(GAINS), settled("pond/frogspawn", star_history="2026-11-15"))
    given = values(found, "stars_gained")
    assert max(given) == ago(2)
    assert [given[ago(n)] for n in (2, 3, 4)] == [5, 0, 7]
    assert answers(found)[-1].state == {"star_history": "2026-11-22"}


def test_levels_before_the_first_day_are_rebuilt_backwards_from_it() -> None:
    found = fetch(starred(GAINS, stargazerCount=100), settled("pond/frogspawn", star_history=None))
    levels = values(found, "stars")
    assert [levels[ago(n)] for n in range(6)] == [100, 98, 95, 90, 90, 83]
    rebuilt = {seen.day for answer in answers(found) for seen in answer.observations if seen.rebuilt}
    assert rebuilt == set(levels) - {TODAY}


def test_no_level_is_rebuilt_on_or_after_the_first_observed_day() -> None:
    ask = settled("pond/frogspawn", star_history=None)
    known = Ask(ask.project, "", ask.state, ask.newest, first_observed={"stars": (ago(2), 95.0)})
    levels = values(fetch(starred(GAINS, stargazerCount=100), known), "stars")
    assert set(levels) & {ago(0), ago(1), ago(2)} == {TODAY}
    assert [levels[ago(n)] for n in (3, 4, 5)] == [90, 90, 83]


def test_a_level_below_0_ends_the_rebuilding() -> None:
    levels = values(fetch(starred(GAINS, stargazerCount=9), settled("pond/frogspawn", star_history=None)), "stars")
    assert [levels.get(ago(n)) for n in range(5)] == [9, 7, 4, None, None]


def test_nothing_is_said_of_days_before_the_repository_was_made() -> None:
    stub = starred(GAINS, stargazerCount=17, createdAt=f"{ago(4)}T12:00:00Z")
    found = fetch(stub, settled("pond/frogspawn", star_history=None))
    assert min(values(found, "stars")) == ago(4)
    assert min(values(found, "stars_gained")) == ago(4)
    assert values(found, "stars")[ago(4)] == 7


def test_first_sight_reads_two_pages_and_a_week_later_one() -> None:
    stub = starred({ago(n): 1 for n in range(500)}, stargazerCount=500)
    found = fetch(stub, settled("pond/frogspawn", star_history=None))
    path = "/repos/pond/frogspawn/stargazers/history"
    assert stub.paths == [f"{path}?page=1&per_page=30", f"{path}?page=2&per_page=30"]
    assert len(values(found, "stars_gained")) == 59 * 7 + 1 - stars.LAG  # TODAY is the first day of its week
    stub.paths.clear()
    fetch(stub, settled("pond/frogspawn", star_history="2026-11-15"))
    assert stub.paths == [f"{path}?page=1&per_page=30"]
    stub.paths.clear()
    fetch(stub, settled("pond/frogspawn", star_history="2026-11-16"))
    assert stub.paths == []


def test_a_second_page_that_cannot_be_there_is_not_asked_for() -> None:
    stub = starred(GAINS)
    fetch(stub, settled("pond/frogspawn", star_history=None))
    assert len(stub.paths) == 1


def test_a_renamed_repository_is_asked_for_under_its_new_name() -> None:
    stub = starred(GAINS, nameWithOwner="lake/tadpole")
    fetch(stub, settled("pond/frogspawn", star_history=None))
    assert stub.paths == ["/repos/lake/tadpole/stargazers/history?page=1&per_page=30"]


def test_at_most_a_seventh_is_refreshed_a_day() -> None:
    names = [f"pond/r{number:02}" for number in range(15)]
    stub = Stub(named(*names))
    for repository in stub.repositories.values():
        repository.gains = GAINS
    found = fetch(stub, *(settled(name, star_history="2026-11-15") for name in names))
    assert len(stub.paths) == 3
    assert not failures(found)


def test_a_week_that_comes_twice_counts_once() -> None:
    once = [stars.Week.model_validate(week) for week in weeks(GAINS)]
    older = [week.model_copy(update={"days": [9] * 7}) for week in once]
    assert stars.gains_of([*once, *older], TODAY, ago(900)) == stars.gains_of(once, TODAY, ago(900))


def test_days_to_come_are_no_days_without_stars() -> None:
    assert max(stars.gains_of([stars.Week.model_validate(week) for week in weeks(GAINS)], TODAY, ago(900))) == TODAY


def test_weeks_that_are_left_out_are_noticed() -> None:
    found = [stars.Week.model_validate(week) for week in weeks({ago(n): 1 for n in range(30)})]
    with pytest.raises(Broken):
        stars.gains_of([found[0], found[2]], TODAY, ago(900))


def test_a_week_that_begins_later_for_github_than_in_utc_still_ends_in_the_level_of_today() -> None:
    gains = {ago(1): 3, ago(2): 5}
    levels = {seen.day: seen.value for seen in stars.rebuilt(gains, TODAY, 100, ago(900))}
    assert levels == {ago(1): 100, ago(2): 97, ago(3): 92}


SUNDAY = int(dt.datetime(2026, 11, 15, tzinfo=dt.UTC).timestamp())


@pytest.mark.parametrize(
    "week",
    [
        {"week": SUNDAY, "total": 3, "days": [1, 1, 1, 0, 0, 0]},
        {"week": SUNDAY, "total": 4, "days": [1, 1, 1, 0, 0, 0, 0]},
        {"week": SUNDAY, "total": 0, "days": [-1, 1, 0, 0, 0, 0, 0]},
        {"week": SUNDAY, "total": 1, "days": ["1", 0, 0, 0, 0, 0, 0]},
        {"week": SUNDAY + 86_400, "total": 0, "days": [0] * 7},
        {"week": 10**20, "total": 0, "days": [0] * 7},
        {"week": str(SUNDAY), "total": 0, "days": [0] * 7},
        {"total": 0, "days": [0] * 7},
        [],
    ],
)
def test_a_week_of_another_shape_is_a_failure(week: object) -> None:
    stub = starred(GAINS)
    stub.rest_instead = lambda _: (200, {}, json.dumps([week]))
    found = fetch(stub, settled("pond/frogspawn", star_history=None))
    (failure,) = failures(found)
    assert failure.signals == ("stars_gained",)
    assert values(found, "stars") == {TODAY: 1234}


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (404, '{"message": "Not Found"}', "has no star history of this repository (404)"),
        (422, '{"message": "Validation Failed"}', "answered 422"),
        (202, "", "is still working the answer out (202)"),
        (500, "", "answered 500 (a fault of its own)"),
        (200, "[]", "gave an empty star history"),
        (200, "<html>", "answered with something that is not JSON"),
    ],
)
def test_a_star_history_that_does_not_come_is_a_failure_of_that_signal_alone(
    status: int, body: str, reason: str
) -> None:
    stub = starred(GAINS)
    stub.rest_instead = lambda _: (status, {}, body)
    found = fetch(stub, settled("pond/frogspawn", star_history=None))
    (failure,) = failures(found)
    assert (failure.reason, failure.signals, failure.deferred) == (reason, ("stars_gained",), False)
    assert len(stub.paths) == (2 if status in (202, 500) else 1)


def test_what_does_not_fit_into_the_limit_is_left_the_longest_waiting_first() -> None:
    names = [f"pond/r{number}" for number in range(4)]
    stub = Stub(named(*names))
    days = ["2026-11-01", "2026-10-01", "", "2026-11-05"]
    limit = '{"message": "API rate limit exceeded"}'
    stub.rest_instead = lambda _: (403, {"X-RateLimit-Remaining": "0"}, limit) if len(stub.paths) > 2 else None
    for repository in stub.repositories.values():
        repository.gains = GAINS
    found = fetch(stub, *(settled(name, star_history=day) for name, day in zip(names, days, strict=True)))
    read = [answer.project for answer in answers(found) if "star_history" in answer.state]
    assert read == [names[2], names[1]]
    assert [(failure.project, failure.deferred) for failure in failures(found)] == [(names[0], True), (names[3], True)]
    assert len(stub.paths) == 3


# --- Without a token -------------------------------------------------------------------------------------------------


def test_without_a_token_rest_gives_stars_watchers_and_forks() -> None:
    stub = starred(GAINS)
    found = fetch(stub, Ask("pond/frogspawn", ""), token=None)
    assert stub.queries == []
    assert "Authorization" not in stub.headers
    first = answers(found)[0]
    assert {seen.signal: seen.value for seen in first.observations} == {"stars": 1234, "watchers": 88, "forks": 56}
    assert first.facts is not None
    assert (first.facts.name, first.facts.licence, first.facts.state) == (
        "pond/frogspawn",
        "MIT",
        RepositoryState.ACTIVE,
    )
    assert (first.state, first.facts.id) == ({"id": "770077"}, "770077")
    (failure,) = failures(found)
    assert failure.reason == "gives these only with a token: set GITHUB_TOKEN"
    assert set(failure.signals) >= {"issues", "commits", "sponsors", "pull_requests_opened"}
    assert not set(failure.signals) & {"stars", "watchers", "forks", "stars_gained"}
    assert values(found, "stars_gained")


def test_the_60_requests_go_to_the_longest_waiting_and_the_rest_hears_of_the_token() -> None:
    names = [f"pond/r{number}" for number in range(4)]
    stub = Stub(named(*names))
    limit = '{"message": "API rate limit exceeded for 127.0.0.1."}'
    stub.rest_instead = lambda _: (403, {"X-RateLimit-Remaining": "0"}, limit) if len(stub.paths) > 2 else None
    asks = [Ask(name, "", SETTLED, {"stars": ago(n)}) for n, name in enumerate(names)]
    found = fetch(stub, *asks, token=None)
    assert [answer.project for answer in answers(found)] == [names[3], names[2]]
    left = [failure for failure in failures(found) if failure.deferred]
    assert [failure.project for failure in left] == [names[1], names[0]]
    assert all("GITHUB_TOKEN" in failure.reason for failure in left)


@pytest.mark.parametrize(
    ("change", "state"),
    [({"private": True}, RepositoryState.PRIVATE), ({"id": 5}, None), ({"subscribers_count": None}, None)],
)
def test_without_a_token_nothing_is_kept_of_what_must_not_be(change: dict[str, Any], state: object) -> None:
    stub = starred(GAINS)
    stub.repositories["pond/frogspawn"].rest |= change
    (failure,) = fetch(stub, settled("pond/frogspawn", id="770077"), token=None)
    assert not hasattr(failure, "observations")
    assert failure.state is state


def test_without_a_token_a_missing_repository_is_gone() -> None:
    (failure,) = failures(fetch(Stub(), settled("pond/frogspawn"), token=None))
    assert failure.state is RepositoryState.GONE


def test_the_stars_under_the_old_name_of_watchers_are_never_read() -> None:
    assert not {"watchers_count", "open_issues_count"} & without_token.RestRepository.model_fields.keys()


def test_without_a_token_a_repository_without_descriptions_is_seen() -> None:
    stub = starred(GAINS)
    for name in ("description", "homepage", "language", "license", "topics"):
        del stub.repositories["pond/frogspawn"].rest[name]
    found = fetch(stub, Ask("pond/frogspawn", ""), token=None)
    facts = answers(found)[0].facts
    assert facts is not None
    assert (facts.description, facts.homepage, facts.language, facts.licence, facts.topics) == (None,) * 4 + ((),)
    assert len(stub.paths) == 2


def test_a_connection_that_breaks_once_is_tried_again() -> None:
    stub = starred(GAINS)
    stub.rest_instead = lambda _: (502, {}, "") if len(stub.paths) == 1 else None
    found = fetch(stub, settled("pond/frogspawn", star_history=None))
    assert values(found, "stars_gained")
    assert not failures(found)
