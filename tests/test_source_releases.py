"""GitHub releases: what the list of releases answers, and what is made of it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from groundswell import collect, gather
from groundswell.history import History, append
from groundswell.http import Broken, Door, Outside
from groundswell.models import Answer, Ask, Failure, Observation, Project
from groundswell.sources import github, load, releases
from groundswell.sources.github import stars
from groundswell.turns import LONGEST_OF_RELEASES, LONGEST_OF_STARS, turns
from sandbox.hosts import Limits
from sandbox.server import start
from tests.scripted import Reply, scripted

TODAY = dt.date(2026, 11, 22)
ASK = Ask("a/b", "a/b")
NOBODY = Reply('{"message": "Not Found", "status": "404"}', 404)


def release(number: object, *counts: object) -> Mapping[str, object]:
    assets = [{"name": "x.zip", "state": "uploaded", "download_count": count} for count in counts]
    return {"id": number, "tag_name": "v1", "draft": False, "assets": assets}


def page(*found: Mapping[str, object]) -> Reply:
    return Reply(json.dumps(found), kind="application/json; charset=utf-8")


def full(first: int) -> Reply:
    return page(*(release(number, 2) for number in range(first, first + 100)))


def run(replies: list[Reply], *asks: Ask) -> tuple[list[Answer | Failure], list[str]]:
    with scripted(replies) as server:
        door = Door(Outside(stand_in=server.address))
        outcomes = list(releases.fetch(asks, door, TODAY))
        door.close()
    return outcomes, server.requests


def read_before(days: int, name: str = "a/b") -> Ask:
    return Ask(name, name, newest={"downloads": TODAY - dt.timedelta(days=days)})


def outcome(*replies: Reply, ask: Ask = ASK) -> Answer | Failure:
    ((one,), _) = run(list(replies), ask)
    return one


def reason(*replies: Reply, ask: Ask = ASK) -> str:
    one = outcome(*replies, ask=ask)
    assert isinstance(one, Failure)
    return one.reason


def test_all_files_of_all_releases_are_added_up_on_the_day_they_are_read() -> None:
    outcomes, requests = run([page(release(3, 10, 5), release(2), release(1, 100))], ASK)
    assert outcomes == [Answer("releases", "a/b", "a/b", (Observation("downloads", TODAY, 115),))]
    assert requests == ["/api.github.com/repos/a/b/releases?per_page=100&page=1"]


def test_more_than_a_page_of_releases_is_read_to_its_end() -> None:
    outcomes, requests = run([full(1), full(101), page(release(201, 7))], ASK)
    assert outcomes == [Answer("releases", "a/b", "a/b", (Observation("downloads", TODAY, 407),), {"pages": 3})]
    assert [request[-6:] for request in requests] == ["page=1", "page=2", "page=3"]


def test_a_release_that_moves_to_the_next_page_in_between_counts_once() -> None:
    assert outcome(full(1), page(release(100, 2), release(101, 5))) == Answer(
        "releases", "a/b", "a/b", (Observation("downloads", TODAY, 205),), {"pages": 2}
    )


def test_too_many_releases_are_a_failure_and_no_part_of_a_total() -> None:
    outcomes, requests = run([full(1)], ASK)
    assert isinstance(outcomes[0], Failure)
    assert "500 releases or more" in outcomes[0].reason
    assert len(requests) == releases.MOST_PAGES


@pytest.mark.parametrize("found", [(), (release(1), release(2))])
def test_a_repository_that_offers_no_files_is_a_failure(found: tuple[Mapping[str, object], ...]) -> None:
    assert reason(page(*found)) == "has no release with files there"


def test_a_zero_is_a_total_at_first_sight_and_never_afterwards() -> None:
    assert isinstance(outcome(page(release(1, 0))), Answer)
    assert reason(page(release(1, 0)), ask=read_before(7)) == "gave 0 for a total that cannot be 0"


def test_a_replaced_file_lets_the_total_fall_which_is_given_as_it_is() -> None:
    assert outcome(page(release(1, 3)), ask=read_before(7)) == Answer(
        "releases", "a/b", "a/b", (Observation("downloads", TODAY, 3),)
    )


@pytest.mark.parametrize("days", [0, 1, 6])
def test_nothing_is_asked_for_within_a_week(days: int) -> None:
    outcomes, requests = run([NOBODY], read_before(days))
    assert outcomes == [Answer("releases", "a/b", "a/b", ())]
    assert requests == []


def test_what_was_read_on_one_day_spreads_over_the_next_week_and_stays_there() -> None:
    """Thirty repositories cost 30 requests on the first day, then at most 5 a day, and none waits for more than 13."""
    last: dict[str, dt.date] = {}
    sizes = []
    for number in range(60):
        day = TODAY + dt.timedelta(days=number)
        asks = [
            Ask(name, name, newest={"downloads": last[name]} if name in last else {})
            for name in (f"a/{place}" for place in range(30))
        ]
        due = releases.in_turn(asks, day)
        sizes.append(len(due))
        for ask in due:
            assert (day - last.get(ask.target, day)).days <= releases.LATEST
            last[ask.target] = day
    assert sizes[0] == 30
    assert max(sizes[1:]) == 5
    assert sum(sizes[14:]) / 46 / 30 <= 1 / 7 + 0.005


def test_a_tracker_that_runs_once_a_fortnight_leaves_nobody_out() -> None:
    assert len(releases.in_turn([read_before(14, f"a/{place}") for place in range(30)], TODAY)) == 30


def test_a_repository_that_is_not_there_is_a_failure_for_itself_alone() -> None:
    outcomes, _ = run([NOBODY, page(release(1, 5))], Ask("a/b", "a/b"), Ask("c/d", "c/d"))
    assert outcomes == [
        Failure("releases", "a/b", "a/b", "has no repository of that name (404)"),
        Answer("releases", "c/d", "c/d", (Observation("downloads", TODAY, 5),)),
    ]


def test_a_spent_limit_leaves_the_rest_for_the_next_run_and_asks_nobody() -> None:
    spent = Reply("{}", 403, headers=(("X-RateLimit-Remaining", "0"), ("X-RateLimit-Limit", "60")))
    outcomes, requests = run([spent], Ask("a/b", "a/b"), Ask("c/d", "c/d"))
    assert all(isinstance(one, Failure) and one.deferred and "next run" in one.reason for one in outcomes)
    assert len(requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "x",
        {},
        {"message": "x"},
        [None],
        [{}],
        [{"id": 1}],
        [{"id": 1, "assets": None}],
        [{"assets": []}],
        [release("1", 5)],
        [release(1, -1)],
        [release(1, "5")],
        [release(1, None)],
        [release(1, 1.5)],
        [release(1, True)],
        [{"id": 1, "assets": [{}]}],
    ],
)
def test_any_other_shape_is_refused(answer: object) -> None:
    with pytest.raises(Broken):
        releases.parse(answer)


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply("<html></html>", kind="text/html"), "text/html instead of JSON"),
        (Reply('[{"id": 1'), "broken JSON"),
        (Reply("", 429), "429"),
        (Reply("", 502), "502"),
        (Reply("{}", 401), "refuses the token"),
        (Reply("{}", 451), "answered 451"),
        (Reply("", 302, headers=(("Location", "https://elsewhere.example/"),)), "redirect"),
    ],
)
def test_what_is_not_an_answer_has_a_reason(reply: Reply, why: str) -> None:
    assert why in reason(reply)


def test_a_repository_is_named_as_it_is_for_github() -> None:
    assert releases.NAMING.pattern == github.NAMING.pattern


def test_the_stand_in_gives_totals_that_grow_also_to_a_former_name() -> None:
    seen: dict[str, list[float]] = {}
    for day in (TODAY, TODAY + dt.timedelta(days=30)):
        with start(today=day) as sandbox:
            names = {one for entry in sandbox.world.entries for one in (entry.repository, entry.former) if one}
            door = Door(Outside(token="invented", stand_in=sandbox.address))
            asks = [Ask(name, name) for name in sorted(names)]
            for one in releases.fetch([*asks, Ask("no/body", "no/body")], door, day):
                if isinstance(one, Answer):
                    seen.setdefault(one.target, []).append(one.observations[0].value)
                else:
                    assert (one.target, one.reason) == ("no/body", "has no repository of that name (404)")
            door.close()
            former = {entry.former: entry.repository for entry in sandbox.world.entries if entry.former}
    assert set(seen) == names
    assert former
    assert all(seen[old] == seen[new] for old, new in former.items())
    assert all(0 < before <= after for before, after in seen.values())
    assert sum(before < after for before, after in seen.values()) > 10


def test_a_recorded_answer_is_read_exactly(shared: Path) -> None:
    text = (shared / "samples" / "github-releases" / "datasette-app-releases.json").read_text()
    found = releases.parse(json.loads(text))
    assert list(found.values()) == [5866, 1945, 1295, 65, 147]
    assert sum(count or 0 for count in found.values()) == 9318


# --- The budget ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pages", range(0, 201, 5))
def test_stars_and_releases_together_stay_within_the_budget_of_rest(pages: int) -> None:
    """Of a hundred projects, from none to all of them with two pages each."""
    days, turn = turns(100, pages)
    assert 1 / days + pages / 100 / turn <= 0.2 + 1e-9 or days == LONGEST_OF_STARS
    assert (days, turn) == (7, 7) or pages >= 40
    assert 7 <= turn <= LONGEST_OF_RELEASES < releases.LATEST


def test_the_budget_holds_at_the_stand_in_when_every_project_names_its_releases() -> None:
    """Four weeks of runs, after the first weeks have spread what was first read on one day: all REST requests count."""
    sources = {key: module for key, module in load().items() if key in {"github", "releases"}}
    with start(today=TODAY, projects=10, limits=Limits(points=1_000_000, requests=1_000_000)) as sandbox:
        names = [entry.repository for entry in sandbox.world.entries]
        projects = [Project(name, name, "", targets={"github": ("",), "releases": (name,)}) for name in names]
        books = {project.id: History(project.id) for project in projects}
        counted = []
        for number in range(50):
            day = TODAY + dt.timedelta(days=number)
            sandbox.move_to(day)
            sandbox.forget()
            asks = gather.plan(projects, sources, books)
            pages = {key: len(wanted) for key, wanted in asks.items()}
            door = Door(Outside(token="invented", stand_in=sandbox.address, pages=pages))
            for outcome in collect.collect(asks, sources, door, day):
                books[outcome.project] = append(books[outcome.project], outcome, day)
            door.close()
            counted.append(sum("/repos" in seen.path for seen in sandbox.log))
    assert sum(counted[20:]) / 30 / len(projects) <= 0.2
    for project in projects:
        column = books[project.id].series(f"releases.downloads:{project.id}")
        if len(column):  # some publish no files
            assert max(b - a for a, b in pairwise(column.days.tolist())) <= releases.LATEST


def test_a_star_history_that_waits_longer_lacks_no_day() -> None:
    assert stars.WEEKS * 7 > LONGEST_OF_STARS
