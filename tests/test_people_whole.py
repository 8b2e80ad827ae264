"""People, over a whole run on the gallery: counted as the model has them, and named nowhere in what a run writes."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from groundswell import history
from groundswell.history import History
from sandbox.model import SECONDS, moment
from sandbox.project import Project
from sandbox.server import Sandbox, start
from sandbox.team import ADDRESS, BOTS, COMPANIES, SYLLABLES, Person
from tests.test_run import TODAY, Tracker

LOGIN: Final = re.compile(rf"({'|'.join(SYLLABLES)}){{3}}-\d+")
TOLD: Final = ("lanternworks/brightlantern", "revolvingdoor/turnspindle", "patchworklab/holeycloth")
GIANT: Final = "greatharbour/hullspine"
ENDS: Final = TODAY - dt.timedelta(days=1)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tracker, Sandbox, str]]:
    """A first run on the gallery, the world that it looked at, and all that it said."""
    with start(today=TODAY) as sandbox:
        tracker = Tracker(tmp_path_factory.mktemp("people"), sandbox)
        ended = tracker.run(TODAY, "--chatty")
        assert ended.returncode == 0, ended.stderr
        yield tracker, sandbox, ended.stdout + ended.stderr


def project_of(sandbox: Sandbox, name: str) -> Project:
    found = sandbox.world.repository(name)
    assert found is not None
    return found


def span(first: int, last: int) -> tuple[int, int]:
    """The first and the last second of the days from so many to so many before yesterday."""
    start_day, end_day = ENDS.toordinal() - first, ENDS.toordinal() - last
    return moment(start_day), moment(end_day) + SECONDS - 1


def commits_of(project: Project, first: int, last: int) -> list[Person]:
    log = project.series.commits
    found = log.made(log.window(project.now, *span(first, last)))
    return [commit.author for commit in found if commit.author not in BOTS]


def key(somebody: Person) -> str:
    return somebody.login or somebody.email


# --- Counted as they are ---------------------------------------------------------------------------------------------


def naive(project: Project) -> Mapping[str, float]:
    """The definitions by the letter, over the model's own people instead of GitHub's answers."""
    newest, before = commits_of(project, 27, 0), commits_of(project, 111, 28)
    now, then = set(map(key, newest)), set(map(key, before))
    weeks = [len(set(map(key, commits_of(project, 6 + 7 * week, 7 * week)))) for week in range(4)]
    most = [amount for _, amount in Counter(map(key, newest)).most_common()]
    pulls, issues = project.series.pulls, project.series.issues
    voices = project.series.voices

    def merged(first: int, last: int) -> set[str]:
        start_at, end_at = span(first, last)
        places = pulls.places(project.now, ["MERGED"])
        inside = places[(pulls.ended[places] >= start_at) & (pulls.ended[places] <= end_at)]
        return named(voices.opened_pull(int(place)) for place in inside)

    start_at, end_at = span(27, 0)
    opened = issues.places(project.now)
    opened = opened[(issues.opened[opened] >= start_at) & (issues.opened[opened] <= end_at)]
    return {
        "active_contributors": len(now),
        "new_contributors": len(now - then),
        "returning_contributors": len(now & then),
        "returning_share": round(100 * len(now & then) / len(then), 2),
        "contributor_stickiness": round(100 * sum(weeks) / 4 / len(now), 2),
        "contributor_absence_factor": next(n for n in range(1, 999) if sum(most[:n]) >= len(newest) / 2),
        "first_pull_requests_merged": len(merged(27, 0) - merged(111, 28)),
        "issue_authors": len(named(voices.opened_issue(int(place)) for place in opened)),
    }


def named(people: Iterator[Person | None]) -> set[str]:
    return {one.login or one.name for one in people if one is not None and one not in BOTS}


@pytest.mark.parametrize("name", TOLD)
def test_a_run_counts_the_people_that_the_model_has(name: str, ran: tuple[Tracker, Sandbox, str]) -> None:
    tracker, sandbox, _ = ran
    book = history.load(tracker.folder / "history", name)
    for signal, expected in naive(project_of(sandbox, name)).items():
        assert last(book, signal) == expected, signal


def last(book: History, signal: str) -> float:
    series = book.series(f"github.{signal}")
    assert series.last_day == ENDS
    return float(series.values[-1])


def test_the_project_of_newcomers_keeps_few_and_the_others_keep_more(ran: tuple[Tracker, Sandbox, str]) -> None:
    cards = ran[0].cards
    share = {name: cards[name]["metrics"]["returning_share"]["value"] for name in TOLD}
    assert share["revolvingdoor/turnspindle"] < 10
    assert min(share["lanternworks/brightlantern"], share["patchworklab/holeycloth"]) > 30


def test_one_organisation_carries_the_project_that_was_made_so(ran: tuple[Tracker, Sandbox, str]) -> None:
    metrics = ran[0].cards["patchworklab/holeycloth"]["metrics"]
    assert metrics["elephant_factor"]["value"] == 1
    assert metrics["organisation_known_share"]["value"] > 50


def test_of_a_giant_nothing_wrong_is_said(ran: tuple[Tracker, Sandbox, str]) -> None:
    """More commits and pull requests than are read: a lower bound, or missing with the reason."""
    metrics = ran[0].cards[GIANT]["metrics"]
    assert metrics["active_contributors"]["at_least"]
    for signal in ("new_contributors", "returning_share", "contributor_absence_factor", "first_pull_requests_merged"):
        assert metrics[signal]["value"] is None
        assert "than are read one by one" in metrics[signal]["missing"], signal


# --- Named nowhere ---------------------------------------------------------------------------------------------------


def test_the_world_is_full_of_people_that_a_careless_run_would_name(ran: tuple[Tracker, Sandbox, str]) -> None:
    _, sandbox, _ = ran
    crowd = {one for name in TOLD for one in commits_of(project_of(sandbox, name), 111, 0)}
    assert len(crowd) > 300
    assert all(LOGIN.search(one.email) for one in crowd)
    assert len({one.company for one in crowd if one.company}) > 8


def test_nothing_that_a_run_writes_or_says_names_anybody(ran: tuple[Tracker, Sandbox, str]) -> None:
    tracker, _, said = ran
    written = [path for path in tracker.folder.rglob("*") if path.is_file()]
    assert len(written) > 50
    for where, text in [("what it says", said), *((str(path), content(path)) for path in written)]:
        assert LOGIN.search(text) is None, where
        assert ADDRESS.search(text) is None, where


def test_nothing_that_a_run_writes_or_says_names_an_employer(ran: tuple[Tracker, Sandbox, str]) -> None:
    tracker, _, said = ran
    names = {re.split(" [@&]", one.strip().lstrip("@"))[0].casefold() for one in COMPANIES}
    texts = [said, *(content(path) for path in tracker.folder.rglob("*") if path.is_file())]
    assert [name for name in sorted(names) for text in texts if name in text.casefold()] == []


def content(path: Path) -> str:
    return path.read_bytes().decode("utf-8", errors="replace")
