"""The plan of a run: what it says is what the sandbox then counts, and the run keeps to each host's pace."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import pytest

from groundswell import collect, forecast, sources
from groundswell.gather import plan
from groundswell.history import History, append
from groundswell.http import Door, Outside
from groundswell.models import Answer, Ask, Failure, Project, SourceModule
from groundswell.months import last_closed
from groundswell.sources.github import activity, earlier, months, stars, tickets
from sandbox.entry import Entry
from sandbox.hosts import Limits
from sandbox.server import Sandbox, start
from tests.clocks import Counted
from tests.test_collect import Made

TODAY = dt.date(2026, 11, 20)
SOURCES = sources.load()
PLENTY = Limits(points=1_000_000, requests=1_000_000)


class Run:
    """A run at full pace, in a time that only passes while somebody waits."""

    def __init__(self, sandbox: Sandbox, asks: Mapping[str, Sequence[Ask]], day: dt.date) -> None:
        outside = Outside(
            "groundswell/1", "invented", sources.paces(SOURCES), sandbox.address, paced=True, contact="a@example.org"
        )
        self.planned = {one.host: one for one in forecast.forecast(asks, SOURCES, outside, day)}
        self.printed = forecast.table(asks, SOURCES, outside, day)
        assert not sandbox.log, "somebody was asked before the plan was there"
        clock = Counted()
        door = Door(outside, clock)
        self.ended: dict[str, float] = defaultdict(float)  # host → when its last request went out
        keep_pace = door.time.keep_pace

        def watched(host: str) -> None:
            keep_pace(host)
            name = host.partition("/")[0]
            self.ended[name] = max(self.ended[name], clock.now())

        door.time.keep_pace = watched  # type: ignore[method-assign]
        self.outcomes = list(collect.collect(asks, SOURCES, door, day))
        door.close()
        self.counted = Counter(seen.host for seen in sandbox.log)
        sandbox.forget()

    def check(self) -> None:
        """The plan names every host that was asked, with just the requests that it had; of GitHub a little more, for
        what happens in a repository is not known before.
        """
        print(f"\n{self.printed}")
        assert {host for host, one in self.planned.items() if one.requests} >= self.counted.keys()
        for host, number in self.counted.items():
            one = self.planned[host]
            print(f"{host}: planned {one.requests}, counted {number}; {one.seconds:.0f} s, {self.ended[host]:.0f} s")
            over = 1.2 * number if host == "api.github.com" else number
            assert number <= one.requests <= over, host
            assert self.ended[host] <= 1.1 * one.seconds, host


def entries(sandbox: Sandbox) -> Iterator[Project]:
    for entry in sandbox.world.entries:
        own = {"pypi": tuple(one.name for one in entry.pypi), "npm": tuple(one.name for one in entry.npm)}
        yield Project(entry.repository, entry.name, "", targets={"github": ("",), **own})


def test_the_plan_holds_for_a_first_fill_and_the_days_after() -> None:
    with start(today=TODAY, projects=40, limits=PLENTY) as sandbox:
        projects = list(entries(sandbox))
        books = {project.id: History(project.id) for project in projects}
        for number in (0, 1, 7):
            day = TODAY + dt.timedelta(days=number)
            sandbox.move_to(day)
            run = Run(sandbox, plan(projects, SOURCES, books), day)
            run.check()
            for outcome in run.outcomes:
                books[outcome.project] = append(books[outcome.project], outcome, day)


# --- Five hundred projects -------------------------------------------------------------------------------------------

MORE = {  # beside GitHub, PyPI and npm: what a project may be called elsewhere
    "crates": "{name}",
    "docker": "{owner}/{name}",
    "ecosystems": "pypi/{name}",
    "nuget": "{name}",
    "rubygems": "{name}",
    "conda": "conda-forge/{name}",
    "homebrew": "{name}",
    "packagist": "{owner}/{name}",
}


def settled(projects: Sequence[Project]) -> Mapping[str, list[Ask]]:
    """What is asked of a tracker that has run every day: only the newest day is lacking, and a seventh has its turn."""
    place = {project.id: number for number, project in enumerate(projects)}
    newest = TODAY - dt.timedelta(days=1)

    def known(project: Project, key: str, target: str) -> Ask:
        signals = SOURCES[key].SIGNALS
        days = {one.key: newest - dt.timedelta(days=one.lag) for one in signals}
        if key != "github":
            return Ask(project.id, target, newest=days, oldest={one: TODAY - dt.timedelta(days=400) for one in days})
        turn = (TODAY - dt.timedelta(days=1 + place[project.id] % 7)).isoformat()
        state: dict[str, object] = dict.fromkeys(
            (activity.NOTE, tickets.NOTE_ISSUES, tickets.NOTE_MERGED, stars.NOTE), turn
        )
        state |= {activity.NOTE_PAST: activity.READ, earlier.NOTE_BEFORE: activity.READ}
        state[months.NOTE] = f"{last_closed(TODAY):%Y-%m}"
        return Ask(project.id, target, state=state, newest=days, oldest=days)

    return collect.plan(projects, SOURCES, known)


def with_more(entry: Entry, project: Project, keys: Sequence[str]) -> Project:
    owner, _, name = entry.repository.partition("/")
    more = {key: (MORE[key].format(owner=owner, name=name),) for key in keys}
    return Project(project.id, project.name, "", targets={**project.targets, **more})


def test_a_daily_run_of_500_projects_with_1500_targets_keeps_to_the_pace_of_each_host() -> None:
    """Its plan is there before anybody is asked; it ends within what the paces allow and a tenth."""
    with start(today=TODAY, projects=500, limits=PLENTY) as sandbox:
        keys = list(MORE)
        projects = [
            with_more(entry, project, list(islice((keys * 3)[number % len(keys) :], 2)) if number % 4 else [])
            for number, (entry, project) in enumerate(zip(sandbox.world.entries, entries(sandbox), strict=True))
        ]
        asks = settled(projects)
        assert sum(map(len, asks.values())) >= 1_500
        run = Run(sandbox, asks, TODAY)
    run.check()
    failed = [one for one in run.outcomes if isinstance(one, Failure) and not one.signals]
    assert len(failed) < 30, failed[:3]


# --- What is planned without being asked -----------------------------------------------------------------------------


def planned(asks: Mapping[str, Sequence[Ask]], source: SourceModule) -> Sequence[forecast.Planned]:
    return forecast.forecast(asks, {"one": source}, Outside(paces=source.PACE), TODAY)


def test_what_is_due_is_counted_by_the_source_itself() -> None:
    def ask(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        for one in asks:
            if one.newest:
                yield Answer("one", one.project, one.target, ())
            else:
                raise AssertionError

    known = Ask("a/b", "x", newest={"n": TODAY})
    assert planned({"one": [known]}, Made(ask)) == []


@pytest.mark.parametrize("key", [key for key in SOURCES if key != "github"])
def test_nobody_is_asked_while_the_plan_is_made(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Door, "_send", lambda *_: pytest.fail("somebody was asked"))
    ask = Ask("a/b", SOURCES[key].NAMING.example)
    outside = Outside(token="t", paces=sources.paces(SOURCES), contact="a@example.org", owner="x")
    found = forecast.forecast({key: [ask]}, {key: SOURCES[key]}, outside, TODAY)
    assert bool(found) is (key != "traffic"), "of the traffic of others nobody is asked"
    assert all(one.requests > 0 for one in found)


def test_a_place_that_projects_share_is_planned_once() -> None:
    asks = {"sec": [Ask("a/b", "77"), Ask("c/d", "77")]}
    (one,) = forecast.forecast(asks, SOURCES, Outside(paces=sources.paces(SOURCES), contact="a@example.org"), TODAY)
    assert (one.host, one.requests) == ("data.sec.gov", 1)


def test_a_fault_of_ours_is_left_for_the_run_to_meet() -> None:
    def broken(asks: Sequence[Ask]) -> Iterator[Answer | Failure]:
        if asks:
            raise ZeroDivisionError
        yield from ()

    assert planned({"one": [Ask("a/b", "x")]}, Made(broken)) == []


def test_the_table_names_the_slow_hosts_and_sums_up_the_rest() -> None:
    hosts = [
        forecast.Planned("pypistats.org", 276, 690.0),
        forecast.Planned("npm.example", 1, 2.5),
        *(forecast.Planned(f"forum-{number}.example", 1, 0.5) for number in range(40)),
    ]
    assert forecast.lines(hosts) == (
        "To be asked: 317 requests, about 12 min, hosts at the same time",
        "  pypistats.org     276 requests     12 min",
        "  41 more            41 requests        2 s",
    )
    assert forecast.lines([]) == ("Nothing is due: nobody will be asked.",)


def test_lengths_of_time_are_said_as_people_do() -> None:
    assert [forecast.in_words(seconds) for seconds in (0.2, 52, 690, 3_900)] == ["1 s", "52 s", "12 min", "1 h 05 min"]
