"""GitHub: who opens issues, how long they wait, and whose pull request was merged for the first time."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

from groundswell.http import Broken
from groundswell.models import Ask
from groundswell.sources.github import tickets
from groundswell.sources.github.counters import Seen
from tests.github_stand_in import TODAY, Repository, Stub, answers, failures, fetch, settled, values

YESTERDAY = TODAY - dt.timedelta(days=1)
MIDNIGHT = dt.datetime.combine(TODAY, dt.time(), dt.UTC)  # the end of yesterday
DUE = settled("pond/frogspawn", issues_read="2026-11-15", merged_read="2026-11-15")
FRESH = settled("pond/frogspawn", issues_read=None, merged_read=None)
Json = Any


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def user(login: str, kind: str = "User") -> Json:
    return {"__typename": kind, "login": login}


def comment(author: Json, hours: float, opened: dt.datetime) -> Json:
    return {"createdAt": (opened + dt.timedelta(hours=hours)).isoformat(), "author": author}


def issue(days: int, author: Json, *comments: tuple[Json, float], closed: float | None = None) -> Json:
    """An issue of noon so many days ago, with comments and its closing so many hours later."""
    opened = dt.datetime.combine(ago(days), dt.time(12), dt.UTC)
    return {
        "id": f"I_{days}_{random.getrandbits(60)}",
        "createdAt": opened.isoformat(),
        "closedAt": None if closed is None else (opened + dt.timedelta(hours=closed)).isoformat(),
        "author": author,
        "comments": [comment(who, hours, opened) for who, hours in comments],
    }


def pull(days: int, author: Json, touched: int | None = None) -> Json:
    merged = dt.datetime.combine(ago(days), dt.time(12), dt.UTC)
    updated = merged if touched is None else dt.datetime.combine(ago(touched), dt.time(12), dt.UTC)
    return {"mergedAt": merged.isoformat(), "updatedAt": updated.isoformat(), "author": author}


def pond(opened: list[Json] | None = None, merged: list[Json] | None = None, **counters: Any) -> Stub:
    repository = Repository(opened=opened or [], merged=merged or [])
    repository.counters |= {
        "issues": {"totalCount": len(opened or [])},
        "pullRequests": {"totalCount": len(merged or [])},
        **counters,
    }
    return Stub({"pond/frogspawn": repository})


def newest(stub: Stub, signal: str, ask: Ask = DUE) -> float | None:
    return values(fetch(stub, ask), signal).get(YESTERDAY)


def bounds(stub: Stub) -> set[str]:
    return {signal for answer in answers(fetch(stub, DUE)) for signal in answer.at_least}


ADA, BOB, CARA = user("ada"), user("bob"), user("cara")
APP = user("dependabot", "Bot")


# --- Who opens issues ------------------------------------------------------------------------------------------------


def test_authors_of_issues_are_different_people_of_28_days_without_bots_and_ghosts() -> None:
    opened = [issue(1, ADA), issue(2, ADA), issue(28, user("Ada")), issue(28, BOB), issue(29, CARA)]
    opened += [issue(3, APP), issue(3, user("release-bot")), issue(4, None), issue(0, user("eve"))]
    assert newest(pond(opened), "issue_authors") == 2


def test_a_project_whose_issues_are_switched_off_is_not_asked_for_any() -> None:
    stub = pond([issue(1, ADA)], hasIssuesEnabled=False)
    found = fetch(stub, DUE)
    assert not values(found, "issue_authors")
    assert not failures(found)
    assert not any("...IssuePage" in text for text, _ in stub.queries)


def test_a_project_without_any_issue_has_0_authors_and_is_not_asked() -> None:
    stub = pond()
    found = fetch(stub, DUE)
    assert values(found, "issue_authors") == {YESTERDAY: 0}
    assert values(found, "first_pull_requests_merged") == {YESTERDAY: 0}
    assert not values(found, "time_to_close")
    assert len(stub.queries) == 1


def test_at_first_sight_the_authors_of_a_year_are_counted() -> None:
    opened = [issue(days, user(f"u{days % 13}")) for days in range(1, 401)]
    found = values(fetch(pond(opened, createdAt="2020-01-01T00:00:00Z"), FRESH), "issue_authors")
    assert sorted(found) == sorted(YESTERDAY - dt.timedelta(weeks=back) for back in range(53))
    assert set(found.values()) == {13}


def test_no_window_of_issues_begins_before_what_was_read() -> None:
    """1,200 issues in 60 days: the newest 1,000 reach back 50 days, which holds the windows of the last three weeks."""
    opened = [issue(1 + place // 20, user(f"u{place % 7}")) for place in range(1_200)]
    found = values(fetch(pond(opened, createdAt="2020-01-01T00:00:00Z"), FRESH), "issue_authors")
    assert sorted(found) == sorted(YESTERDAY - dt.timedelta(weeks=back) for back in range(4))


def test_of_more_issues_than_are_read_the_authors_are_a_lower_bound_and_the_waits_missing() -> None:
    opened = [issue(1 + place // 60, user(f"u{place}")) for place in range(1_200)]
    found = fetch(pond(opened), DUE)
    assert values(found, "issue_authors") == {YESTERDAY: 1_000}
    assert {signal for answer in answers(found) for signal in answer.at_least} == {"issue_authors"}
    (failure,) = failures(found)
    assert failure.signals == (*tickets.CLOSING, *tickets.RESPONSE)
    assert failure.reason == "has more issues in 28 days than are read one by one (1,000)"


# --- Waits -----------------------------------------------------------------------------------------------------------


def test_the_first_response_is_by_somebody_else_who_is_no_bot() -> None:
    opened = [issue(9, ADA, (APP, 0.1), (ADA, 1), (None, 2), (BOB, 5), (CARA, 6))]
    assert newest(pond(opened), "time_to_first_response") == 5
    assert newest(pond(opened), "unanswered_share") == 0


def test_an_issue_that_nobody_answered_is_not_left_out() -> None:
    """Two answered after 2 and 4 hours, one that waits since 20 days: half of them waited 4 hours."""
    opened = [issue(20, ADA, (BOB, 2)), issue(20, ADA, (BOB, 4)), issue(20, CARA, (CARA, 1))]
    assert newest(pond(opened), "time_to_first_response") == 4
    assert newest(pond(opened), "unanswered_share") == pytest.approx(33.33)


def test_where_most_still_wait_the_median_is_a_lower_bound() -> None:
    opened = [issue(20, ADA, (BOB, 2)), issue(10, ADA), issue(12, CARA)]
    assert newest(pond(opened), "time_to_first_response") == 9.5 * 24
    assert "time_to_first_response" in bounds(pond(opened))


def test_what_happens_today_is_not_seen_yet() -> None:
    opened = [issue(1, ADA, (BOB, 13), closed=14)]
    assert newest(pond(opened), "time_to_first_response") == 12
    assert newest(pond(opened), "unanswered_share") == 100
    assert newest(pond(opened), "time_to_close") == 0.5
    assert bounds(pond(opened)) == {"time_to_first_response", "time_to_close"}


def test_beyond_ten_comments_nothing_is_known() -> None:
    """Somebody who talks to himself eleven times waits at least until the tenth comment."""
    opened = [issue(20, ADA, *((ADA, float(hour)) for hour in range(1, 12)), (BOB, 50))]
    assert newest(pond(opened), "time_to_first_response") == 10
    assert "time_to_first_response" in bounds(pond(opened))


def test_the_time_to_close_counts_those_that_are_open() -> None:
    opened = [issue(20, ADA, closed=24), issue(20, BOB, closed=48), issue(20, CARA), issue(20, APP, closed=1)]
    assert newest(pond(opened), "time_to_close") == 2
    assert "time_to_close" not in bounds(pond(opened))


def test_comments_are_looked_at_of_20_issues_spread_over_the_window() -> None:
    opened = [issue(1 + place % 28, ADA, (BOB, 1 + place % 28)) for place in range(280)]
    stub = pond(opened)
    assert newest(stub, "time_to_first_response") == pytest.approx(14, abs=2)
    (asked,) = [variables for text, variables in stub.queries if "nodes(ids" in text]
    (ids,) = [value for name, value in asked.items() if name.endswith("_ids")]
    assert len(ids) == len(set(ids)) == tickets.SAMPLE


def test_comments_that_fail_take_only_the_responses() -> None:
    stub = pond([issue(9, ADA, (BOB, 5), closed=24)])
    stub.instead = lambda _: (502, {}, "") if "nodes(ids" in stub.queries[-1][0] else None
    found = fetch(stub, DUE)
    (failure,) = failures(found)
    assert failure.signals == tickets.RESPONSE
    assert values(found, "time_to_close") == {YESTERDAY: 1}


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(5, True)], (5, True)),
        ([(5, False)], (5, False)),
        ([(1, True), (2, True), (3, True), (4, True)], (2, True)),
        ([(1, True), (9, False)], (1, True)),
        ([(1, False), (9, True)], (9, True)),  # of the first it is not known whether it would have been sooner
        ([(3, False), (3, True)], (3, True)),  # who still waits at a moment was there at it
        ([(1, True), (2, False), (3, False)], (2, False)),
    ],
)
def test_the_median_counts_those_who_still_wait(spans: list[tuple[float, bool]], expected: tuple[float, bool]) -> None:
    assert tickets.median(spans) == expected


@pytest.mark.parametrize("seed", range(5))
def test_the_median_of_cut_off_waits_comes_near_the_true_one(seed: int) -> None:
    """2,000 waits of 10 hours in the mean, each cut off at a moment of its own: those that are through are shorter."""
    chance = random.Random(seed)
    pairs = [(chance.expovariate(0.1), chance.uniform(0, 30)) for _ in range(2_000)]
    found, exact = tickets.median([(min(wait, cut), wait <= cut) for wait, cut in pairs])
    assert exact
    assert found == pytest.approx(6.93, abs=0.6)
    through = sorted(wait for wait, cut in pairs if wait <= cut)
    assert through[len(through) // 2] < 6.0  # what a median over the answered alone would have said


# --- First pull requests ---------------------------------------------------------------------------------------------


def test_first_is_who_had_none_merged_in_the_84_days_before() -> None:
    merged = [pull(1, ADA), pull(28, BOB), pull(29, BOB), pull(5, CARA), pull(112, user("Cara")), pull(5, user("dan"))]
    merged += [pull(113, user("dan")), pull(2, APP), pull(2, None), pull(0, user("eve"))]
    assert newest(pond(merged=merged), "first_pull_requests_merged") == 2


def test_an_old_pull_request_that_is_looked_at_again_does_not_hide_a_new_one() -> None:
    """150 old ones were touched yesterday and fill the first page: what was merged is counted by its own day."""
    merged = [pull(300 + place, user(f"old{place}"), touched=1) for place in range(150)] + [pull(3, ADA)]
    stub = pond(merged=merged)
    assert newest(stub, "first_pull_requests_merged") == 1


@pytest.mark.parametrize("seed", range(4))
def test_every_earlier_window_agrees_with_a_recount(seed: int) -> None:
    chance = random.Random(seed)
    amount = chance.choice([20, 200, 700])
    days = [(chance.randint(1, 500), f"u{chance.randint(1, 60)}") for _ in range(amount)]
    merged = [pull(day, user(login), touched=chance.choice([None, 1, day])) for day, login in days]
    found = values(fetch(pond(merged=merged, createdAt="2020-01-01T00:00:00Z"), FRESH), "first_pull_requests_merged")
    assert YESTERDAY in found
    for end, value in found.items():
        back = (TODAY - end).days
        now = {login for day, login in days if back <= day < back + 28}
        before = {login for day, login in days if back + 28 <= day < back + 112}
        assert value == len(now - before), end


def test_what_is_seen_at_first_sight_is_not_lost_at_the_next_turn() -> None:
    """As many pages are read every week as on the first day."""
    assert tickets.ISSUE_PAGES >= tickets.FIRST_PAGES
    assert tickets.MERGED_PAGES >= tickets.FIRST_PAGES


def test_of_more_pull_requests_than_are_read_nothing_is_said_about_who_is_new() -> None:
    merged = [pull(1 + place // 11, user(f"u{place}")) for place in range(1_200)]
    found = fetch(pond(merged=merged), DUE)
    assert not values(found, "first_pull_requests_merged")
    (failure,) = failures(found)
    assert failure.signals == tickets.OF_MERGED
    assert failure.reason == "has more merged pull requests in 112 days than are read one by one (1,000)"


# --- In turn, and what goes wrong ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("noted", "asked"), [("2026-11-16", False), ("2026-11-15", True), ("nonsense", True)])
def test_issues_and_pull_requests_are_read_once_a_week(noted: str, asked: bool) -> None:
    stub = pond([issue(1, ADA)], [pull(1, ADA)])
    found = fetch(stub, settled("pond/frogspawn", issues_read=noted, merged_read=noted))
    assert bool(values(found, "issue_authors")) is asked
    assert bool(values(found, "first_pull_requests_merged")) is asked


def test_they_share_their_queries() -> None:
    stub = pond([issue(1, ADA, (BOB, 1))], [pull(1, ADA)])
    fetch(stub, settled("pond/frogspawn", **dict.fromkeys(("activity", "issues_read", "merged_read"), "2026-11-15")))
    assert stub.sizes == [1, 3, 1]  # the counters; commits, issues and pull requests; comments


def test_at_the_limit_both_are_left_for_the_next_run() -> None:
    stub = pond([issue(1, ADA)], [pull(1, ADA)])
    limit = '{"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}'
    stub.instead = lambda _: (200, {}, limit) if len(stub.queries) > 1 else None
    found = failures(fetch(stub, DUE))
    assert {failure.signals for failure in found} == {tickets.OF_ISSUES, tickets.OF_MERGED}
    assert all(failure.deferred for failure in found)


SEEN = Seen(Ask("pond/frogspawn", ""), "pond/frogspawn", ago(900), 5, issues=3, pull_requests=3)
NO_END = {"pageInfo": {"hasNextPage": True, "endCursor": None}, "nodes": []}


@pytest.mark.parametrize("value", [{}, {"issues": {}}, {"issues": NO_END}, {"issues": {**NO_END, "nodes": [{}]}}])
def test_issues_of_another_shape_are_refused(value: object) -> None:
    with pytest.raises(Broken):
        tickets.Issues.of(SEEN, TODAY).listing.take(value)


@pytest.mark.parametrize("value", [{}, {"pullRequests": {}}, {"pullRequests": NO_END}])
def test_pull_requests_of_another_shape_are_refused(value: object) -> None:
    with pytest.raises(Broken):
        tickets.Merged.of(SEEN, TODAY).listing.take(value)


def test_nobody_who_opened_or_answered_anything_is_given_on() -> None:
    opened = [issue(1 + place % 28, user(f"croaker-{place}"), (user("helper-frog"), 3.0)) for place in range(60)]
    merged = [pull(1 + place % 100, user(f"croaker-{place}")) for place in range(60)]
    said = "".join(str(one) for one in fetch(pond(opened, merged), FRESH))
    assert "croaker" not in said
    assert "helper" not in said
    assert "I_" not in said
