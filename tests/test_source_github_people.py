"""GitHub: who is new among the authors of commits, who returned, for whom they work; and that nobody is named."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from typing import Any

import pytest

from groundswell.models import Answer, Ask
from groundswell.sources.github import activity, people
from groundswell.sources.github.people import Commit
from tests.github_stand_in import TODAY, Repository, Stub, answers, failures, fetch, settled, values

YESTERDAY = TODAY - dt.timedelta(days=1)
BOT = {"name": "frog[bot]", "email": "frog[bot]@users.noreply.github.com", "user": None}
Commits = list[tuple[dt.date, Any]]
DUE = settled("pond/frogspawn", activity="2026-11-15")
FRESH = settled("pond/frogspawn", activity=None, contributors_before=None)


def ago(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def somebody(login: str, company: str | None = None) -> Any:
    return {"name": login, "email": f"{login}@pond.example", "user": {"login": login, "company": company}}


ADA, BOB, CARA, DAN = map(somebody, ("ada", "bob", "cara", "dan"))


def pond(commits: Commits) -> Stub:
    return Stub({"pond/frogspawn": Repository(commits=commits)})


def newest(commits: Commits, ask: Ask = DUE) -> dict[str, float]:
    """The newest value of every signal that is about people."""
    given = fetch(pond(commits), ask)
    return {
        one.signal: one.value
        for answer in answers(given)
        for one in answer.observations
        if one.day == YESTERDAY and one.signal in activity.SIGNALS
    }


# --- New, returning --------------------------------------------------------------------------------------------------


def test_new_is_who_wrote_nothing_in_the_84_days_before() -> None:
    commits = [(ago(5), ADA), (ago(28), BOB), (ago(29), BOB), (ago(3), CARA), (ago(112), CARA), (ago(2), DAN)]
    commits += [(ago(113), DAN)]  # one day too long ago: new again
    found = newest(commits)
    assert found["active_contributors"] == 4
    assert found["new_contributors"] == 2
    assert found["returning_contributors"] == 2


def test_the_share_that_returns_is_of_those_who_were_there_before() -> None:
    """Four in the 84 days before, of whom Ada alone came back; the newcomers of this window do not count in it."""
    before = [(ago(40), ADA), (ago(60), BOB), (ago(80), CARA), (ago(112), DAN)]
    now = [(ago(1), ADA), (ago(2), somebody("eve")), (ago(3), somebody("fay"))]
    found = newest(before + now)
    assert found["returning_share"] == 25.0
    assert found["new_contributors"] == 2


def test_bots_neither_come_nor_return() -> None:
    found = newest([(ago(40), BOT), (ago(2), BOT), (ago(50), ADA), (ago(3), ADA)])
    assert (found["new_contributors"], found["returning_contributors"], found["returning_share"]) == (0, 1, 100.0)


def test_where_nobody_was_before_there_is_no_share_and_everybody_is_new() -> None:
    found = newest([(ago(2), ADA), (ago(3), BOB)])
    assert (found["new_contributors"], found["returning_contributors"]) == (2, 0)
    assert "returning_share" not in found


def test_a_quiet_month_has_nobody_who_returned_which_is_a_count() -> None:
    found = newest([(ago(40), ADA)])
    assert found["returning_contributors"] == 0
    assert found["returning_share"] == 0
    assert "contributor_stickiness" not in found
    assert "contributor_absence_factor" not in found
    assert "organisation_known_share" not in found


# --- Habit and risk --------------------------------------------------------------------------------------------------


def test_stickiness_is_the_mean_week_against_the_whole() -> None:
    """Ada in each of the four weeks, Bob in one: (2 + 1 + 1 + 1) ÷ 4 of 2."""
    found = newest([*((ago(1 + 7 * week), ADA) for week in range(4)), (ago(1), BOB)])
    assert found["contributor_stickiness"] == 62.5


@pytest.mark.parametrize(
    ("amounts", "fewest"), [([10], 1), ([5, 5], 1), ([4, 3, 3], 2), ([1] * 10, 5), ([1] * 9, 5), ([50, 49, 1], 1)]
)
def test_the_absence_factor_is_the_fewest_with_half_of_the_commits(amounts: list[int], fewest: int) -> None:
    commits = [(ago(2), somebody(f"p{place}")) for place, amount in enumerate(amounts) for _ in range(amount)]
    assert newest(commits + [(ago(2), BOT)] * 99)["contributor_absence_factor"] == fewest


# --- Organisations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("@pond-works", "pond-works"),
        (" Pond-Works ", "pond-works"),
        ("@Pond-Works @lily", "pond-works"),
        ("@pond-works, @lily", "pond-works"),
        ("@pond@lily", "pond"),
        ("Pond  Works, ", "pond works"),
        ("\uff30ond", "pond"),  # a wide P
        ("po\u200bnd\u202e", "pond"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("", None),
        (None, None),
        (" @ ", None),
        ("Freelance", None),
        ("N/A", None),
        ("x" * 101, None),
    ],
)
def test_an_organisation_is_one_however_it_is_written(text: str | None, name: str | None) -> None:
    assert people.organisation(text) == name


def test_only_how_many_organisations_there_are_is_given() -> None:
    commits = [
        (ago(2), somebody("ada", "@Pond")),
        (ago(3), somebody("ada", "@Pond")),
        (ago(3), somebody("bob", "pond ")),
        (ago(4), somebody("cara", "Lily & Sons")),
        (ago(5), somebody("dan", None)),
        (ago(6), {**BOT, "user": {"login": "frog[bot]", "company": "Machines"}}),
    ]
    found = newest(commits)
    assert found["organisations"] == 2
    assert found["organisations_with_two_or_more"] == 1
    assert found["organisation_known_share"] == 75.0
    assert found["elephant_factor"] == 1  # three of four commits are from the pond


def test_where_no_profile_names_one_there_are_0_organisations_of_0_per_cent() -> None:
    found = newest([(ago(2), ADA)])
    assert (found["organisations"], found["organisation_known_share"]) == (0, 0)
    assert "elephant_factor" not in found


def test_profiles_are_asked_for_the_newest_28_days_alone() -> None:
    stub = pond([(ago(2), ADA), (ago(50), BOB)])
    fetch(stub, FRESH)
    pages = [text for text, _ in stub.queries if "history(first" in text]
    assert ["company" in text for text in pages] == [True, False]


# --- Against a naive recount -----------------------------------------------------------------------------------------


def recount(commits: Commits, end: dt.date) -> dict[str, float]:
    """The same by the letter of the definitions, day by day, without a thought of speed."""

    def who(first: int, last: int) -> set[str]:
        days = [end - dt.timedelta(days=back) for back in range(first, last + 1)]
        return {author["user"]["login"] for day, author in commits if day in days and author["user"] is not None}

    now, before = who(0, 27), who(28, 111)
    weeks = [len(who(start, start + 6)) for start in (0, 7, 14, 21)]
    found: dict[str, float] = {
        "active_contributors": len(now),
        "new_contributors": sum(login not in before for login in now),
        "returning_contributors": sum(login in before for login in now),
    }
    if before:
        found["returning_share"] = round(100 * sum(login in now for login in before) / len(before), 2)
    if now:
        found["contributor_stickiness"] = round(100 * sum(weeks) / 4 / len(now), 2)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_every_window_of_a_year_agrees_with_a_recount(seed: int) -> None:
    """At first sight 41 windows are counted; each must be what the definitions say."""
    chance = random.Random(seed)
    crowd = [somebody(f"p{place}") for place in range(40)]
    amount = chance.choice([30, 120, 600, 1_500])
    commits: Commits = [(ago(chance.randint(1, 392)), chance.choice([*crowd, BOT])) for _ in range(amount)]
    found = fetch(pond(commits), FRESH)
    ends = [YESTERDAY - dt.timedelta(weeks=back) for back in range(41)]
    for end in ends:
        expected = recount(commits, end)
        for signal, value in expected.items():
            assert values(found, signal).get(end) == value, (signal, end)
    assert sorted(values(found, "new_contributors")) == sorted(ends)
    assert len(values(found, "active_contributors")) == 53


# --- What cannot be read ---------------------------------------------------------------------------------------------


def many(amount: int, first: int, last: int) -> Commits:
    days = itertools.cycle(range(last, first + 1))
    return [(ago(next(days)), somebody(f"p{place % 30}")) for place in range(amount)]


def test_of_more_commits_than_are_read_nothing_is_said_about_who_is_new() -> None:
    found = fetch(pond(many(1_001, 28, 1) + many(50, 112, 29)), DUE)
    (failure,) = failures(found)
    assert failure.reason == "has more commits in 28 days than are read one by one (1,000)"
    assert set(failure.signals) >= {*activity.COMPARED, *activity.ALONE, "elephant_factor"}
    assert not set(failure.signals) & {one.signal for answer in answers(found) for one in answer.observations}


def test_up_to_1200_commits_before_are_read() -> None:
    found = fetch(pond(many(60, 28, 1) + many(1_200, 112, 29)), DUE)
    assert values(found, "new_contributors") == {YESTERDAY: 0}
    assert values(found, "returning_share") == {YESTERDAY: 100.0}
    assert not failures(found)


def test_days_before_that_fail_take_only_what_is_compared_with_them() -> None:
    stub = pond([(ago(2), ADA), (ago(50), BOB)])
    stub.instead = lambda _: (502, {}, "") if len(stub.queries) == 3 else None
    found = fetch(stub, FRESH)
    (failure,) = failures(found)
    assert failure.signals == activity.COMPARED
    assert failure.reason == "answered 502 (a fault of its own)"
    assert values(found, "active_contributors") == {YESTERDAY: 1}
    noted = [answer.state for answer in answers(found) if "activity" in answer.state]
    assert noted == [{"activity": "2026-11-22"}]  # what was before is tried again in a week


def test_a_window_of_which_the_numbers_before_are_missing_is_refused() -> None:
    stub = pond([(ago(2), ADA)])

    def cut(answer: dict[str, Any]) -> None:
        for value in answer["data"].values():
            if isinstance(value, dict) and "defaultBranchRef" in value:
                value["defaultBranchRef"]["target"].pop("before0", None)

    stub.changed = cut
    (failure,) = failures(fetch(stub, DUE))
    assert failure.signals == activity.SIGNALS
    assert "unknown shape" in failure.reason


def test_a_young_repository_has_no_window_from_before_it_was_made() -> None:
    stub = pond([(ago(5), ADA), (ago(40), BOB)])
    stub.repositories["pond/frogspawn"].counters |= {"createdAt": f"{ago(45)}T10:00:00Z"}
    found = fetch(stub, FRESH)
    assert sorted(values(found, "active_contributors")) == [ago(15), ago(8), ago(1)]


# --- Nobody is named -------------------------------------------------------------------------------------------------


def test_no_login_no_address_and_no_employer_is_given_on() -> None:
    crowd = [somebody(f"croaker-{place}", "@Secret Swamp Ltd") for place in range(20)]
    stub = pond([(ago(1 + place % 300), crowd[place % 20]) for place in range(900)])
    said = repr([vars(one) if hasattr(one, "__dict__") else one for one in fetch(stub, FRESH)])
    assert "croaker" not in said
    assert "pond.example" not in said
    assert "swamp" not in said.lower()


def test_an_answer_of_a_giant_is_a_lower_bound_and_says_so() -> None:
    found = fetch(pond(many(1_500, 28, 1)), DUE)
    (answer,) = [one for one in answers(found) if "activity" in one.state]
    assert isinstance(answer, Answer)
    assert answer.at_least == ("active_contributors", "organisations", "organisations_with_two_or_more")


def test_what_is_kept_of_a_commit_while_it_is_counted_is_enough() -> None:
    """A factor of nobody is no number; asking for it is a fault of ours."""
    with pytest.raises(ValueError, match="nobody"):
        people.absence_factor([Commit(YESTERDAY, None, bot=False)])
