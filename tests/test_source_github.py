"""GitHub: the numbers of the day, what is said instead of them, and what is done about faults and limits."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest

from groundswell.http import Broken, Door, Outside
from groundswell.models import Ask, Failure, RepositoryState
from groundswell.sources import github
from groundswell.sources.github import counters, queries, transport
from tests.github_stand_in import (
    TODAY,
    Repository,
    Response,
    Stub,
    answers,
    failures,
    fetch,
    fixture,
    named,
    settled,
    values,
)

Change = Callable[[dict[str, Any]], object]
NAMES = [f"pond/r{number:02}" for number in range(40)]
LATE = "is left for the next run: GitHub's limit for this hour is used up"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def one(change: Change = lambda _: None) -> Stub:
    """A stub with one repository, changed."""
    repository = Repository()
    change(repository.counters)
    return Stub({"pond/frogspawn": repository})


# --- The numbers of the day ------------------------------------------------------------------------------------------


def test_one_answer_gives_every_counter_of_today() -> None:
    (answer,) = fetch(one(), settled("pond/frogspawn"))
    assert not isinstance(answer, Failure)
    assert {seen.signal: seen.value for seen in answer.observations} == {
        "stars": 1234,
        "watchers": 88,
        "forks": 56,
        "issues": 410,
        "issues_open": 31,
        "pull_requests": 620,
        "pull_requests_open": 12,
        "pull_requests_merged": 555,
        "releases": 44,
        "discussions": 17,
        "sponsors": 9,
    }
    assert {(seen.day, seen.rebuilt) for seen in answer.observations} == {(TODAY, False)}
    assert answer.state == {"id": "770077"}


def test_what_is_not_a_number_comes_with_it() -> None:
    facts = counters.parse(fixture("repository.json")).facts
    assert (facts.id, facts.name, facts.state) == ("770077", "pond/frogspawn", RepositoryState.ACTIVE)
    assert (facts.description, facts.homepage) == ("Counts frogs, <b>gently</b>.", "https://frogspawn.example")
    assert (facts.language, facts.licence, facts.topics) == ("Rust", "MIT", ("frogs", "counting"))
    assert (facts.created, facts.archived) == (day("2021-04-01"), None)


def test_every_signal_that_is_given_is_declared() -> None:
    declared = {signal.key for signal in github.SIGNALS}
    assert {
        seen.signal for seen in counters.observations(counters.parse(fixture("repository.json")), TODAY)
    } <= declared


def test_switched_off_issues_and_discussions_are_missing_and_not_zero() -> None:
    off = {"hasIssuesEnabled": False, "hasDiscussionsEnabled": False, "issues": {"totalCount": 0}}
    found = fetch(one(lambda counted: counted.update(off)), settled("pond/frogspawn"))
    signals = {seen.signal for answer in answers(found) for seen in answer.observations}
    assert not signals & {"issues", "issues_open", "discussions"}
    assert "pull_requests" in signals


@pytest.mark.parametrize("owner", [{"hasSponsorsListing": False, "sponsorshipsAsMaintainer": {"totalCount": 0}}, {}])
def test_an_owner_who_takes_no_sponsors_has_no_number_of_them(owner: dict[str, Any]) -> None:
    found = fetch(one(lambda counted: counted.update(sponsorable=owner)), settled("pond/frogspawn"))
    assert not failures(found)
    assert values(found, "sponsors") == {}


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({"isArchived": True, "archivedAt": "2026-01-02T03:04:05Z"}, RepositoryState.ARCHIVED),
        ({"isEmpty": True}, RepositoryState.EMPTY),
        ({"isDisabled": True}, RepositoryState.DISABLED),
    ],
)
def test_the_state_of_a_repository_is_a_fact_beside_its_numbers(change: dict[str, Any], state: RepositoryState) -> None:
    (answer,) = answers(fetch(one(lambda counted: counted.update(change)), settled("pond/frogspawn")))
    assert answer.facts is not None
    assert answer.facts.state is state
    assert answer.facts.archived == (day("2026-01-02") if state is RepositoryState.ARCHIVED else None)
    assert answer.observations


def test_a_renamed_repository_answers_under_its_old_name_and_tells_the_new_one() -> None:
    stub = one(lambda counted: counted.update(nameWithOwner="lake/tadpole"))
    (answer,) = answers(fetch(stub, settled("pond/frogspawn", id="770077")))
    assert answer.project == "pond/frogspawn"
    assert answer.facts is not None
    assert answer.facts.name == "lake/tadpole"


# --- What is said instead --------------------------------------------------------------------------------------------


def test_a_missing_repository_costs_only_itself() -> None:
    stub = Stub(named("pond/a", "pond/c"))
    found = fetch(stub, *map(settled, ("pond/a", "pond/b", "pond/c")))
    assert {answer.project for answer in answers(found)} == {"pond/a", "pond/c"}
    (failure,) = failures(found)
    assert (failure.project, failure.state) == ("pond/b", RepositoryState.GONE)
    assert failure.reason == "does not show this repository: deleted, private or misspelt"
    assert len(stub.queries) == 1


@pytest.mark.parametrize("change", [{"isPrivate": True}, {"visibility": "PRIVATE"}, {"visibility": "INTERNAL"}])
def test_nothing_is_kept_of_a_repository_that_only_the_token_can_see(change: dict[str, Any]) -> None:
    (failure,) = fetch(one(lambda counted: counted.update(change)), Ask("pond/frogspawn", ""))
    assert isinstance(failure, Failure)
    assert failure.state is RepositoryState.PRIVATE


def test_nothing_is_kept_of_another_repository_under_the_same_name() -> None:
    (failure,) = fetch(one(), settled("pond/frogspawn", id="660066"))
    assert isinstance(failure, Failure)
    assert failure.reason == "shows another repository under this name now: nothing of it is kept"


@pytest.mark.parametrize(
    "change",
    [
        {"stargazerCount": -1},
        {"stargazerCount": "1234"},
        {"stargazerCount": 12.5},
        {"stargazerCount": True},
        {"stargazerCount": None},
        {"issues": {}},
        {"issues": None},
        {"createdAt": "yesterday"},
        {"nameWithOwner": "pond/../../user"},
        {"nameWithOwner": "pond/.."},
        {"visibility": None},
        {"watchers": None},
        {"sponsorable": None},
    ],
)
def test_a_number_of_another_shape_is_a_failure_and_never_a_number(change: dict[str, Any]) -> None:
    (failure,) = fetch(one(lambda counted: counted.update(change)), settled("pond/frogspawn"))
    assert isinstance(failure, Failure)
    assert failure.reason.startswith("answered in an unknown shape (")


def test_a_field_that_was_asked_for_must_be_there() -> None:
    answer = fixture("repository.json")
    del answer["watchers"]
    with pytest.raises(Broken):
        counters.parse(answer)
    assert counters.parse(answer, frozenset({"watchers"})).watchers is None


# --- Fields that GitHub refuses --------------------------------------------------------------------------------------


def test_a_refused_field_is_asked_without_and_costs_only_its_own_signal() -> None:
    stub = Stub(named("pond/a", "pond/b", "pond/c"))
    stub.repositories["pond/b"].refused = {"watchers"}
    found = fetch(stub, *map(settled, ("pond/a", "pond/b", "pond/c")))
    assert [stub.asked(number) for number in range(2)] == [["pond/a", "pond/b", "pond/c"], ["pond/b"]]
    assert set(values(found, "stars", "pond/b")) == {TODAY}
    assert values(found, "sponsors", "pond/b")
    assert not values(found, "watchers", "pond/b")
    (failure,) = failures(found)
    assert (failure.project, failure.signals) == ("pond/b", ("watchers",))
    assert failure.reason == "refuses to show the watchers of this repository"
    assert not failure.deferred


def test_both_fields_may_be_refused() -> None:
    stub = one()
    stub.repositories["pond/frogspawn"].refused = {"watchers", "sponsorable"}
    found = fetch(stub, settled("pond/frogspawn"))
    assert [failure.signals for failure in failures(found)] == [("sponsors",), ("watchers",)]
    assert values(found, "stars")


def test_a_refusal_is_remembered_for_a_week_and_said_every_day() -> None:
    stub = one()
    stub.repositories["pond/frogspawn"].refused = {"watchers"}
    (answer,) = answers(fetch(stub, settled("pond/frogspawn")))
    assert answer.state["refused"] == {"watchers": "2026-11-22"}
    for days, asked_again in ((1, False), (6, False), (7, True)):
        stub.queries.clear()
        later = TODAY + dt.timedelta(days=days)
        read = dict.fromkeys(("activity", "issues_read", "merged_read"), later.isoformat())
        still = settled("pond/frogspawn", refused={"watchers": "2026-11-22"}, **read)
        found = fetch(stub, still, today=later)
        assert len(stub.queries) == (2 if asked_again else 1)
        assert [failure.signals for failure in failures(found)] == [("watchers",)]
        noted = answers(found)[0].state["refused"]
        assert noted == {"watchers": later.isoformat() if asked_again else "2026-11-22"}


def test_a_field_that_is_shown_again_is_no_longer_noted_as_refused() -> None:
    found = fetch(one(), settled("pond/frogspawn", refused={"watchers": "2026-11-01"}))
    assert answers(found)[0].state["refused"] == {}
    assert values(found, "watchers")
    assert not failures(found)


def test_a_refused_repository_is_a_failure_and_not_asked_again() -> None:
    def refuse(answer: dict[str, Any]) -> None:
        answer["data"]["p0"] = None
        answer["errors"] = [{"type": "FORBIDDEN", "path": ["p0"], "message": "no"}]

    stub = one()
    stub.changed = refuse
    (failure,) = failures(fetch(stub, settled("pond/frogspawn")))
    assert failure.reason == "refuses to show this repository"
    assert len(stub.queries) == 1


def test_a_refused_field_that_cannot_be_left_out_is_a_failure() -> None:
    def refuse(answer: dict[str, Any]) -> None:
        answer["data"]["p0"] = None
        answer["errors"] = [{"type": "FORBIDDEN", "path": ["p0", "issues"], "message": "no"}]

    stub = one()
    stub.changed = refuse
    (failure,) = failures(fetch(stub, settled("pond/frogspawn")))
    assert failure.reason == "refuses to show this repository (issues)"
    assert len(stub.queries) == 1


# --- Batches ---------------------------------------------------------------------------------------------------------


def test_twenty_repositories_are_one_query_and_the_longest_waiting_come_first() -> None:
    stub = Stub(named(*NAMES))
    asks = [Ask(name, "", settled(name).state, {"stars": TODAY - dt.timedelta(days=n)}) for n, name in enumerate(NAMES)]
    asks[3] = Ask(NAMES[3], "", asks[3].state)
    found = fetch(stub, *asks)
    assert stub.sizes == [20, 20]
    assert stub.asked(0)[:3] == [NAMES[3], NAMES[39], NAMES[38]]
    assert len(answers(found)) == 40


@pytest.mark.parametrize("status", [502, 504, 500])
def test_a_batch_that_brings_nothing_is_halved_and_never_repeated(status: int) -> None:
    stub = Stub(named(*NAMES))
    stub.instead = lambda names: (status, {}, "<html>Bad Gateway</html>") if len(names) > 6 else None
    found = fetch(stub, *map(settled, NAMES[:20]))
    assert stub.sizes == [20, 10, 5, 5, 10, 5, 5]
    assert len(answers(found)) == 20
    sent = [json.dumps(variables) for _, variables in stub.queries]
    assert len(set(sent)) == len(sent)


def test_a_repository_that_always_ends_in_a_timeout_costs_only_itself() -> None:
    stub = Stub(named(*NAMES))

    def slow(_: list[str]) -> Response | None:
        return (504, {}, "") if "pond/r07" in stub.asked(-1) else None

    stub.instead = slow
    found = fetch(stub, *map(settled, NAMES[:20]))
    assert len(answers(found)) == 19
    (failure,) = failures(found)
    assert (failure.project, failure.reason) == ("pond/r07", "answered 504 (a fault of its own)")


def test_resource_limits_cost_only_the_repositories_they_name() -> None:
    def limited(answer: dict[str, Any]) -> None:
        beyond = [alias for alias in answer["data"] if alias.startswith("p") and int(alias[1:]) >= 4]
        answer["data"] |= dict.fromkeys(beyond)
        answer["errors"] = [{"type": "RESOURCE_LIMITS_EXCEEDED", "path": [alias]} for alias in beyond]

    stub = Stub(named(*NAMES))
    stub.changed = limited
    found = fetch(stub, *map(settled, NAMES[:10]))
    assert stub.sizes == [10, 6, 2]
    assert len(answers(found)) == 10


def test_an_error_that_names_nobody_makes_nothing_usable() -> None:
    """Half an answer may hold a null that means nothing: none of it is believed."""

    def limited(answer: dict[str, Any]) -> None:
        if len(answer["data"]) > 3:
            answer["errors"] = [{"type": "RESOURCE_LIMITS_EXCEEDED", "message": "too much"}]

    stub = Stub(named(*NAMES))
    stub.changed = limited
    found = fetch(stub, *map(settled, NAMES[:4]))
    assert stub.sizes == [4, 2, 2]
    assert len(answers(found)) == 4


def test_data_that_are_null_for_one_alias_are_asked_again_for_the_others() -> None:
    def nulled(answer: dict[str, Any]) -> None:
        if len(answer["data"]) > 3:
            answer["data"] = None
            answer["errors"] = [{"type": "NOT_FOUND", "path": ["p1"]}]

    stub = Stub(named(*NAMES))
    stub.changed = nulled
    found = fetch(stub, *map(settled, NAMES[:3]))
    assert stub.sizes == [3, 2]
    assert [failure.project for failure in failures(found)] == [NAMES[1]]


@pytest.mark.parametrize(
    "body",
    [
        '{"data": "<html>"}',
        '{"errors": "many"}',
        '{"message": "hello"}',
        "[]",
        "null",
        "1",
        '{"data": {"p0"',
        "<html>",
        "",
        '{"data": {"p0": 7}}',
        '{"data": {"p0": null}}',
        '{"data": {}}',
    ],
)
def test_an_answer_of_any_other_shape_is_a_failure(body: str) -> None:
    stub = one()
    stub.instead = lambda _: (200, {}, body)
    (failure,) = fetch(stub, settled("pond/frogspawn"))
    assert isinstance(failure, Failure)
    assert failure.reason
    assert not failure.deferred


def test_strange_headers_are_a_failure_and_no_exception() -> None:
    stub = one()
    stub.instead = lambda _: (200, {"X-RateLimit-Remaining": "lots", "X-RateLimit-Limit": "x"}, "{}")
    assert failures(fetch(stub, settled("pond/frogspawn")))
    stub.instead = lambda _: (301, {"Location": "ftp://elsewhere.invalid/graphql"}, "")
    assert failures(fetch(stub, settled("pond/frogspawn")))


def test_github_is_given_up_after_eight_requests_without_an_answer() -> None:
    stub = Stub(named(*NAMES))
    stub.instead = lambda _: (502, {}, "")
    found = fetch(stub, *map(settled, NAMES))
    assert len(stub.queries) == transport.MOST_IN_A_ROW
    assert len(failures(found)) == 40
    assert not any(failure.deferred for failure in failures(found))


# --- Limits ----------------------------------------------------------------------------------------------------------


def spent(status: int, message: str, **headers: str) -> Response:
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, json.dumps({"message": message})


@pytest.mark.parametrize(
    "refusal",
    [
        (200, {}, '{"errors": [{"type": "RATE_LIMITED", "message": "API rate limit already exceeded"}]}'),
        (200, {}, '{"data": null, "errors": [{"message": "You have exceeded a secondary rate limit."}]}'),
        (200, {}, '{"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}'),
        spent(403, "API rate limit exceeded for installation.", X_RateLimit_Remaining="0", X_RateLimit_Limit="1000"),
        spent(403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."),
        spent(403, "Slow down.", Retry_After="3600"),
        spent(429, "Too many requests"),
    ],
)
def test_at_the_limit_nobody_is_asked_any_more_and_all_is_left_for_the_next_run(refusal: Response) -> None:
    stub = Stub(named(*NAMES))
    stub.instead = lambda _: refusal if len(stub.queries) > 1 else None
    found = fetch(stub, *map(settled, NAMES))
    assert len(stub.queries) == 2
    assert len(answers(found)) == 20
    assert {(failure.reason, failure.deferred, failure.signals) for failure in failures(found)} == {(LATE, True, ())}
    assert len(failures(found)) == 20


def test_a_short_wait_is_kept_and_then_the_same_is_asked() -> None:
    stub = one()
    stub.instead = lambda _: spent(403, "Slow down.", Retry_After="30") if len(stub.queries) < 3 else None
    assert answers(fetch(stub, settled("pond/frogspawn")))
    assert len(stub.queries) == 3


def test_waiting_has_an_end() -> None:
    stub = one()
    stub.instead = lambda _: spent(429, "Slow down.", Retry_After="1")
    (failure,) = failures(fetch(stub, settled("pond/frogspawn")))
    assert failure.deferred
    assert len(stub.queries) == transport.MOST_WAITS + 1


def test_a_reserve_of_the_hour_is_left_to_others() -> None:
    stub = Stub(named(*NAMES))
    with_headers(stub, remaining=50, limit=1000)
    found = fetch(stub, *map(settled, NAMES))
    assert len(stub.queries) == 1
    assert [failure.deferred for failure in failures(found)] == [True] * 20


def test_above_the_reserve_all_are_asked() -> None:
    stub = Stub(named(*NAMES))
    with_headers(stub, remaining=51, limit=1000)
    assert len(answers(fetch(stub, *map(settled, NAMES)))) == 40


def with_headers(stub: Stub, *, remaining: int, limit: int) -> None:
    """Let every GraphQL answer carry what is left of the limit."""
    plain = stub.graphql

    def limited(body: str) -> Response:
        status, headers, text = plain(body)
        return status, {**headers, "X-RateLimit-Remaining": str(remaining), "X-RateLimit-Limit": str(limit)}, text

    stub.graphql = limited  # type: ignore[method-assign]


def test_a_refused_token_ends_the_run_with_advice() -> None:
    stub = Stub(named(*NAMES))
    stub.instead = lambda _: spent(401, "Bad credentials")
    found = fetch(stub, *map(settled, NAMES))
    assert len(stub.queries) == 1
    assert len(found) == 40
    assert {failure.reason for failure in failures(found)} == {
        "refuses the token (401): give GITHUB_TOKEN one that is valid, or take it away"
    }


def test_a_refusal_for_no_limit_is_not_taken_for_one() -> None:
    stub = one()
    stub.instead = lambda _: spent(403, "Resource protected by organization SAML enforcement.")
    (failure,) = failures(fetch(stub, settled("pond/frogspawn")))
    assert (failure.reason, failure.deferred) == ("answered 403", False)


# --- The connection --------------------------------------------------------------------------------------------------


def test_the_token_and_the_agent_are_sent() -> None:
    stub = one()
    fetch(stub, settled("pond/frogspawn"))
    assert stub.headers["Authorization"] == "token t0ken"
    assert stub.headers["User-Agent"] == "frogspotter"


def test_a_query_that_searches_waits_two_seconds_before_it() -> None:
    search = queries.SearchCount("repo:octo/one is:issue")
    assert queries.document([queries.Counters("octo/one")]).pause == 0
    assert queries.document([queries.Counters("octo/one"), search]).pause == 2


def test_no_connection_is_a_failure_for_each() -> None:
    door = Door(Outside(token="t0ken", stand_in="http://127.0.0.1:9"))
    found = list(github.fetch([settled("pond/a"), settled("pond/b")], door, TODAY))
    assert [failure.reason for failure in failures(found)] == ["could not be reached (ConnectionError)"] * 2


def test_the_cost_of_each_query_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "groundswell"):
        fetch(one(), settled("pond/frogspawn"))
    assert "1 aliases cost 1; 900 of 1000 points are left" in caplog.text


# --- Queries ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", queries.all_documents())
def test_owners_names_and_search_texts_travel_as_variables(name: str) -> None:
    text = queries.all_documents()[name]
    assert "octo" not in text
    assert "example.org" not in text


def test_nobody_asks_for_the_list_of_stargazers() -> None:
    assert not [name for name, text in queries.all_documents().items() if "stargazers" in text]


def test_the_most_expensive_daily_query_costs_two_points() -> None:
    """Ten connections a repository, twenty repositories: 200 requests by GitHub's formula."""
    text = queries.document([queries.Counters(name) for name in NAMES[:20]]).text
    selected = "".join(queries._FRAGMENTS[name] for name in ("Counters", "Watchers", "Sponsors"))
    connections = selected.count("totalCount") + selected.count("nodes")
    assert connections * text.count("...Counters") == 200
