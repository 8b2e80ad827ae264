"""GitHub: commits and contributors of 28 days, bots left out, and the commits of the year before."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from groundswell.http import Broken
from groundswell.models import Ask
from groundswell.sources.github import activity, bots, earlier
from groundswell.sources.github.counters import Seen
from groundswell.sources.github.shapes import Author
from tests.github_stand_in import ADA, TODAY, Repository, Stub, answers, failures, fetch, named, settled, values

YESTERDAY = TODAY - dt.timedelta(days=1)
BOB = {"name": "Bob", "email": "Bob@Pond.example", "user": None}
DEPENDABOT = {"name": "dependabot[bot]", "email": "49699333+dependabot[bot]@users.noreply.github.com", "user": None}
HOUSE_BOT = {"name": "frog-machine[bot]", "email": "machine@pond.example", "user": None}
Commits = list[tuple[dt.date, Any]]


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def pond(commits: Commits, **counters: Any) -> Stub:
    repository = Repository(commits=commits)
    repository.counters |= counters
    return Stub({"pond/frogspawn": repository})


def spread(amount: int, first: int, last: int, author: Any = ADA) -> Commits:
    """Commits, evenly over the days from `first` to `last` days ago."""
    return [(ago(first - n % (first - last + 1)), author) for n in range(amount)]


# --- Who is who ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "author",
    [
        DEPENDABOT,
        HOUSE_BOT,
        {"name": "Machine", "email": "1+frog[bot]@users.noreply.github.com", "user": None},
        {"name": "Snyk", "email": "Snyk-Bot@snyk.io", "user": None},
        {"name": "K8s", "email": "x@y.example", "user": {"login": "K8s-CI-Robot"}},
        {"name": "app", "email": None, "user": {"login": "frog[bot]"}},
        {"name": "Release Robot", "email": "release-bot@ci.example", "user": None},
        {"name": "Frog", "email": "x@y.example", "user": {"login": "Frog-Bot"}},
    ],
)
def test_bots_are_known_by_login_name_or_address(author: Any) -> None:
    assert bots.is_bot(Author.model_validate(author))


@pytest.mark.parametrize("author", [ADA, BOB, {"name": "Abbot", "email": "abbot@pond.example", "user": None}, {}])
def test_people_are_no_bots(author: Any) -> None:
    assert not bots.is_bot(Author.model_validate(author))


def test_somebody_without_an_account_is_known_by_the_address() -> None:
    assert bots.person(Author.model_validate(ADA)) == "ada"
    assert bots.person(Author.model_validate(BOB)) == "bob@pond.example"
    assert bots.person(Author.model_validate({"name": "?", "email": "", "user": None})) is None


def test_the_tables_are_in_order_and_name_nobody_twice() -> None:
    assert list(bots.EMAILS) == sorted(set(bots.EMAILS), key=str.lower)
    assert {login.lower() for login in bots.LOGINS} == bots.LOGINS


# --- A window --------------------------------------------------------------------------------------------------------


def test_the_window_is_the_28_days_that_end_yesterday() -> None:
    commits = [(ago(0), ADA), (ago(1), ADA), (ago(28), BOB), (ago(29), {**BOB, "email": "carl@pond.example"})]
    found = fetch(pond(commits), settled("pond/frogspawn", activity="2026-11-15"))
    assert values(found, "commits") == {YESTERDAY: 2}
    assert values(found, "active_contributors") == {YESTERDAY: 2}
    assert {answer.at_least for answer in answers(found)} == {()}
    assert answers(found)[-1].state == {"activity": "2026-11-22", "contributors_before": "read"}


def test_bots_count_neither_as_commits_nor_as_contributors() -> None:
    commits = spread(5, 20, 2) + spread(3, 20, 2, DEPENDABOT) + spread(2, 9, 8, HOUSE_BOT) + [(ago(3), BOB)]
    found = fetch(pond(commits), settled("pond/frogspawn", activity="2026-11-15"))
    assert values(found, "commits") == {YESTERDAY: 6}
    assert values(found, "active_contributors") == {YESTERDAY: 2}


def test_a_commit_without_an_author_counts_as_a_commit_and_as_nobody() -> None:
    nameless = {"name": None, "email": None, "user": None}
    found = fetch(
        pond([(ago(2), None), (ago(3), nameless), (ago(4), ADA)]), settled("pond/frogspawn", activity="2026-11-15")
    )
    assert values(found, "commits") == {YESTERDAY: 3}
    assert values(found, "active_contributors") == {YESTERDAY: 1}


def test_a_quiet_repository_has_0_commits_which_is_a_count() -> None:
    found = fetch(pond([(ago(300), ADA)]), settled("pond/frogspawn", activity="2026-11-15"))
    assert values(found, "commits") == {YESTERDAY: 0}
    assert values(found, "active_contributors") == {YESTERDAY: 0}


def test_an_empty_repository_is_not_asked_for_commits() -> None:
    stub = pond([], isEmpty=True)
    found = fetch(stub, settled("pond/frogspawn", activity=None, commits_before=None))
    assert values(found, "commits") == {}
    assert not failures(found)
    assert len(stub.queries) == 1


def test_every_page_is_read_while_there_are_at_most_1000_commits() -> None:
    authors = [{"name": "x", "email": f"{n}@pond.example", "user": None} for n in range(1000)]
    stub = pond([(ago(1 + n % 28), author) for n, author in enumerate(authors)])
    found = fetch(stub, settled("pond/frogspawn", activity="2026-11-15"))
    assert values(found, "commits") == {YESTERDAY: 1000}
    assert values(found, "active_contributors") == {YESTERDAY: 1000}
    assert {answer.at_least for answer in answers(found)} == {()}
    assert len(stub.queries) == 1 + activity.MOST_PAGES
    assert not any("bots:" in text for text, _ in stub.queries)


def test_of_more_commits_ten_pages_are_read_and_the_contributors_are_at_least_so_many() -> None:
    """The newest 1,000 are by Ada and a bot of the house, whose address is then known for the other 500 as well."""
    newest = spread(900, 10, 2) + spread(100, 10, 2, HOUSE_BOT)
    older = spread(300, 28, 20, BOB) + spread(200, 28, 20, HOUSE_BOT) + spread(10, 28, 20, DEPENDABOT)
    stub = pond(newest + older)
    found = fetch(stub, settled("pond/frogspawn", activity="2026-11-15"))
    assert values(found, "commits") == {YESTERDAY: 1200}
    assert values(found, "active_contributors") == {YESTERDAY: 1}
    bounds = ("active_contributors", "organisations", "organisations_with_two_or_more")
    assert [answer.at_least for answer in answers(found)] == [(), bounds]
    assert len(stub.queries) == 1 + activity.MOST_PAGES
    assert [number for number, (text, _) in enumerate(stub.queries) if "bots:" in text] == [activity.MOST_PAGES]


def test_no_address_is_kept() -> None:
    stub = pond(spread(20, 60, 2) + spread(20, 60, 2, BOB) + spread(5, 60, 2, HOUSE_BOT))
    assert "@" not in repr(fetch(stub, Ask("pond/frogspawn", "")))


# --- First sight -----------------------------------------------------------------------------------------------------


def test_at_first_sight_the_four_weeks_before_are_given_too() -> None:
    commits = [(ago(1), ADA), (ago(8), BOB), (ago(8), DEPENDABOT), (ago(29), ADA), (ago(30), BOB), (ago(56), ADA)]
    found = fetch(pond(commits), settled("pond/frogspawn", activity=None))
    ends = [ago(1), ago(8), ago(15), ago(22), ago(29)]
    assert [values(found, "commits")[end] for end in ends] == [2, 3, 2, 2, 3]
    assert [values(found, "active_contributors")[end] for end in ends] == [2, 2, 2, 2, 2]


def test_a_window_before_that_is_too_long_to_read_gives_no_contributors() -> None:
    """A lower bound that is not the newest value could not be marked as one."""
    stub = pond(spread(50, 28, 1) + spread(1201, 56, 29))
    found = fetch(stub, settled("pond/frogspawn", activity=None, contributors_before=None))
    assert values(found, "active_contributors") == {YESTERDAY: 1}
    assert values(found, "commits") == {YESTERDAY: 50}
    assert len(stub.queries) == 2  # that there are too many is told by their number
    (failure,) = failures(found)
    assert failure.signals == activity.COMPARED
    assert failure.reason == "has more commits in 84 days than are read one by one (1,200)"


def test_the_growth_of_a_giant_rests_on_totals() -> None:
    stub = pond(
        spread(1100, 28, 1) + spread(1001, 56, 29) + spread(100, 50, 30, DEPENDABOT), createdAt=f"{ago(90)}T00:00:00Z"
    )
    found = fetch(stub, settled("pond/frogspawn", activity=None, commits_before=None))
    assert values(found, "commits")[YESTERDAY] == 1100
    assert values(found, "commits")[ago(29)] == 1001


# --- In turn ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("noted", "asked"), [("2026-11-16", False), ("2026-11-15", True), ("nonsense", True)])
def test_commits_are_read_once_a_week(noted: str, asked: bool) -> None:
    stub = pond([(ago(2), ADA)])
    fetch(stub, settled("pond/frogspawn", activity=noted))
    assert (len(stub.queries) > 1) is asked


def test_what_was_first_seen_on_one_day_spreads_over_the_week() -> None:
    names = [f"pond/r{number:03}" for number in range(400)]
    asks = [settled(name, activity="2026-11-15") for name in names[:300]]
    asks += [settled(name, activity="2026-11-08") for name in names[300:390]]
    asks += [settled(name, activity=None) for name in names[390:]]
    seen = [Seen(ask, ask.project, ago(900), 5) for ask in asks]
    due = [one.ask.project for one in activity.due(seen, TODAY)]
    assert due[:10] == names[390:]  # never seen
    assert due[10:100] == names[300:390]  # two weeks ago: all of them
    assert due[100:] == names[:60]  # a seventh of all, in full batches of ten


def test_many_repositories_share_their_queries_and_long_ones_do_not_hold_up_short_ones() -> None:
    names = [f"pond/r{number:02}" for number in range(12)]
    stub = Stub(named(*names))
    for name in names:
        stub.repositories[name].commits = [(ago(2), ADA)]
    stub.repositories[names[0]].commits = spread(250, 28, 1)
    found = fetch(stub, *(settled(name, activity="2026-11-15") for name in names))
    assert stub.sizes == [12, 10, 2, 1, 1]
    order = [answer.project for answer in answers(found) if "activity" in answer.state]
    assert order[-1] == names[0]
    assert values(found, "commits", names[0]) == {YESTERDAY: 250}


# --- What goes wrong -------------------------------------------------------------------------------------------------


def test_a_repository_without_a_default_branch_has_no_commits_to_count() -> None:
    def headless(answer: dict[str, Any]) -> None:
        answer["data"] = {
            alias: {"defaultBranchRef": None} if "defaultBranchRef" in (value or {}) else value
            for alias, value in answer["data"].items()
        }

    stub = pond([(ago(2), ADA)])
    stub.changed = headless
    found = fetch(stub, settled("pond/frogspawn", activity="2026-11-15"))
    (failure,) = failures(found)
    assert (failure.signals, failure.reason) == (activity.SIGNALS, "names no branch to count commits on")
    assert values(found, "stars")


def test_commits_that_cannot_be_read_leave_the_counters_alone() -> None:
    stub = pond([(ago(2), ADA)])
    stub.instead = lambda _: (502, {}, "") if len(stub.queries) > 1 else None
    found = fetch(stub, settled("pond/frogspawn", activity="2026-11-15"))
    assert values(found, "stars")
    (failure,) = failures(found)
    assert failure.signals == activity.SIGNALS
    assert not failure.deferred
    assert not any("activity" in answer.state for answer in answers(found))


def test_at_the_limit_commits_are_left_for_the_next_run() -> None:
    stub = pond([(ago(2), ADA)])
    limit = '{"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}'
    stub.instead = lambda _: (200, {}, limit) if len(stub.queries) > 1 else None
    (failure,) = failures(fetch(stub, settled("pond/frogspawn", activity=None)))
    assert (failure.signals, failure.deferred) == (activity.SIGNALS, True)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"defaultBranchRef": {}},
        {"defaultBranchRef": {"target": {}}},
        {"defaultBranchRef": {"target": {"history": {"totalCount": -1}}}},
        {
            "defaultBranchRef": {
                "target": {
                    "history": {
                        "totalCount": 500,
                        "pageInfo": {"hasNextPage": True, "endCursor": None},
                        "nodes": [],
                    }
                }
            }
        },
    ],
)
def test_commits_of_another_shape_are_refused(value: object) -> None:
    with pytest.raises(Broken):
        activity.parse(value)


# --- The year before -------------------------------------------------------------------------------------------------


def test_earlier_commits_come_in_windows_of_28_days_that_end_every_14() -> None:
    commits = spread(400, 400, 1) + spread(40, 380, 60, DEPENDABOT)
    found = fetch(pond(commits), settled("pond/frogspawn", activity=None, commits_before=None))
    given = values(found, "commits")
    ends = [ago(1 + 14 * n) for n in range(7, 25)]
    assert sorted(given) == sorted({*ends, *(ago(1 + 7 * n) for n in range(13))})
    for end in ends:
        inside = [author for day, author in commits if end - dt.timedelta(days=27) <= day <= end]
        assert given[end] == inside.count(ADA)
    assert answers(found)[-1].state == {"commits_before": "read"}


def test_addresses_of_bots_that_were_met_are_counted_in_the_year_before_too() -> None:
    commits = spread(200, 200, 1) + spread(200, 200, 1, HOUSE_BOT)
    found = fetch(pond(commits), settled("pond/frogspawn", activity=None, commits_before=None))
    people = [day for day, author in commits if author is ADA and ago(70) <= day <= ago(43)]
    assert values(found, "commits")[ago(43)] == len(people) == 28


def test_no_window_begins_before_the_repository_was_made() -> None:
    stub = pond(spread(80, 60, 1), createdAt=f"{ago(61)}T10:00:00Z")
    found = fetch(stub, settled("pond/frogspawn", activity=None, commits_before=None))
    assert min(values(found, "commits")) == ago(29)
    assert answers(found)[-1].state == {"commits_before": "read"}


def test_a_young_repository_is_not_asked_for_its_past() -> None:
    stub = pond(spread(8, 20, 1), createdAt=f"{ago(21)}T10:00:00Z")
    found = fetch(stub, settled("pond/frogspawn", activity=None, commits_before=None))
    assert not any("all0:" in text for text, _ in stub.queries)
    assert answers(found)[-1].state == {"commits_before": "read"}


def test_the_year_before_is_asked_once() -> None:
    stub = pond(spread(80, 300, 1))
    fetch(stub, settled("pond/frogspawn", activity="2026-11-15", commits_before="read"))
    assert not any("all0:" in text for text, _ in stub.queries)


def test_a_try_that_failed_is_repeated_after_a_week() -> None:
    stub = pond(spread(80, 300, 1))
    stub.instead = lambda _: (502, {}, "") if "all0:" in stub.queries[-1][0] else None
    found = fetch(stub, settled("pond/frogspawn", activity=None, commits_before=None))
    assert answers(found)[-1].state == {"commits_before": "2026-11-22"}
    assert not failures(found)  # the newest commits are there; only how sure their growth is stays unknown
    for noted, asked in (("2026-11-16", False), ("2026-11-15", True)):
        stub.queries.clear()
        fetch(stub, settled("pond/frogspawn", commits_before=noted))
        assert any("all0:" in text for text, _ in stub.queries) is asked


LIMIT = '{"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]}'


def test_the_year_before_that_was_left_is_asked_in_the_next_run_from_the_window_that_was_read() -> None:
    stub = pond(spread(400, 400, 1))
    stub.instead = lambda _: (200, {}, LIMIT) if "all0:" in stub.queries[-1][0] else None
    (failure,) = failures(fetch(stub, settled("pond/frogspawn", activity=None, commits_before=None)))
    assert (failure.signals, failure.deferred) == (("commits",), True)
    stub.instead = lambda _: None
    noted = settled("pond/frogspawn", activity="2026-11-20", commits_before=None)
    newest, given = TODAY - dt.timedelta(days=1), values(fetch(stub, noted), "commits")
    assert sorted(given)[-2:] == [dt.date(2026, 11, 19) - dt.timedelta(days=14), newest]
    read = Ask(noted.project, "", noted.state, noted.newest, oldest={"commits": dt.date(2026, 10, 22)})
    assert sorted(values(fetch(stub, read), "commits"))[-2:] == [dt.date(2026, 11, 19) - dt.timedelta(days=42), newest]


def test_a_run_that_was_cut_short_leaves_no_commits_by_bots_in_the_year_before() -> None:
    """The house's own bot is known by the commits that are read alone: half of all here."""
    stub = pond(spread(400, 400, 1) + spread(400, 400, 1, HOUSE_BOT))
    new = settled("pond/frogspawn", activity=None, commits_before=None)
    undisturbed = values(fetch(stub, new), "commits")
    stub.instead = lambda _: (200, {}, LIMIT) if "all0:" in stub.queries[-1][0] else None
    cut = fetch(stub, new)
    state = {key: value for answer in answers(cut) for key, value in answer.state.items()}
    before = values(cut, "commits")
    stub.instead = lambda _: None
    resumed = Ask(new.project, "", {**new.state, **state}, new.newest, oldest={"commits": min(before)})
    assert before | values(fetch(stub, resumed), "commits") == undisturbed


@pytest.mark.parametrize(
    "totals",
    [{}, {"all0": {"totalCount": 5}}, {"all0": {"totalCount": 5}, "bots0": {"totalCount": 6}}, {"all0": 5, "bots0": 1}],
)
def test_totals_of_another_shape_are_refused(totals: object) -> None:
    with pytest.raises(Broken):
        earlier.parse({"defaultBranchRef": {"target": totals}}, [1])
