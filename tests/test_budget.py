"""What GitHub is asked for, counted by the sandbox with GitHub's documented cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from groundswell import collect, history, sources
from groundswell.gather import plan
from groundswell.history import History
from groundswell.http import Door, Outside
from groundswell.models import Failure, Project, SourceModule
from groundswell.sources.github import activity, earlier, months, stars, tickets
from sandbox.hosts import Limits
from sandbox.server import Sandbox, start

TODAY = dt.date(2026, 11, 20)
GITHUB: Mapping[str, SourceModule] = {"github": sources.load()["github"]}
PLENTY = Limits(points=1_000_000, requests=1_000_000)


@dataclass
class Spent:
    points: int
    requests: int


def tracked(sandbox: Sandbox) -> list[Project]:
    names = [entry.repository for entry in sandbox.world.entries]
    return [Project(name, name, "", targets={"github": ("",)}) for name in names]


def run(
    sandbox: Sandbox, books: dict[str, History], projects: list[Project], day: dt.date
) -> tuple[Spent, list[Failure]]:
    """One run of the source alone; gives what it cost and what failed or was left."""
    sandbox.move_to(day)
    sandbox.forget()
    door = Door(Outside(token="invented", stand_in=sandbox.address))
    failures = []
    for outcome in collect.collect(plan(projects, GITHUB, books), GITHUB, door, day):
        books[outcome.project] = history.append(books[outcome.project], outcome, day)
        if isinstance(outcome, Failure):
            failures.append(outcome)
    graph = [seen for seen in sandbox.log if seen.path.endswith("/graphql")]
    rest = [seen for seen in sandbox.log if "/repos" in seen.path]
    assert len(graph) + len(rest) == len(sandbox.log), "something else was asked"
    return Spent(sum(seen.points for seen in graph), len(rest)), failures


@pytest.mark.parametrize(("count", "known", "weeks"), [(None, 0, 2), (10, 0, 4), (100, 0, 2), (300, 270, 1)])
def test_first_sight_and_the_weeks_after_stay_within_the_budget(count: int | None, known: int, weeks: int) -> None:
    """At most 6 points and 4 requests a new project at first sight; then 0.4 points and 0.2 requests a project and day.

    Of 300 projects 270 are known already, and had their turns on the days of the week before. None is the gallery, in
    which a dozen projects share few queries and one is a giant.
    """
    with start(today=TODAY, projects=count, limits=PLENTY) as sandbox:
        projects = tracked(sandbox)
        books = {project.id: seen_before(project.id, place) for place, project in enumerate(projects[:known])}
        books |= {project.id: History(project.id) for project in projects[known:]}
        first, failures = run(sandbox, books, projects, TODAY)
        assert not [failure for failure in failures if not failure.signals]
        total, new = len(projects), len(projects) - known
        print(f"\n{total} projects: first sight {first.points / new:.2f} points, {first.requests / new:.2f} requests")
        assert first.points <= 6 * new + 0.4 * known
        assert first.requests <= 4 * new + 0.2 * known
        for week in range(weeks):
            days = [run(sandbox, books, projects, TODAY + dt.timedelta(days=7 * week + day))[0] for day in range(1, 8)]
            points, requests = (
                sum(day.points for day in days) / total / 7,
                sum(day.requests for day in days) / total / 7,
            )
            print(f"{total} projects, a day of week {week + 1}: {points:.3f} points, {requests:.3f} requests each")
            assert points <= 0.4
            assert requests <= 0.2


def seen_before(project: str, place: int) -> History:
    """A project that was read whole, and had its weekly turns some days ago."""
    turn = (TODAY - dt.timedelta(days=1 + place % 7)).isoformat()
    notes = dict.fromkeys((activity.NOTE, tickets.NOTE_ISSUES, tickets.NOTE_MERGED, stars.NOTE), turn)
    done = {activity.NOTE_PAST: activity.READ, earlier.NOTE_BEFORE: activity.READ, months.NOTE: "2026-10"}
    return History(project, state={"github": {**notes, **done}})


def test_what_does_not_fit_into_the_hour_is_left_for_the_next_run_and_said_so() -> None:
    """100 projects with 100 points and 60 requests an hour: each run goes on where the last one stopped."""
    with start(today=TODAY, projects=100, limits=Limits(points=100, requests=60)) as sandbox:
        projects = tracked(sandbox)
        books = {project.id: History(project.id) for project in projects}
        left = []
        for day in range(14):
            spent, failures = run(sandbox, books, projects, TODAY + dt.timedelta(days=day))
            assert spent.points <= 100
            assert spent.requests <= 60
            assert all("left for the next run" in failure.reason for failure in failures if failure.deferred)
            left.append(sum(failure.deferred for failure in failures))
    assert left[0] > 0
    assert left[-1] < left[0]
    stars = [book.series("github.stars") for book in books.values()]
    assert min(map(len, stars)) > 14, "somebody's star history was never read"
