"""A run on several machines: the same history and the same site as from one, and what happens when a part is lost."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
import typer

import generate
from groundswell import config, history, own_figures, parts, sources, terminal
from groundswell.gather import Gathered, plan
from groundswell.history import History
from groundswell.models import OWN, Ask, Series
from groundswell.parts import Shard, WrongShard
from groundswell.tally import Used
from sandbox import gallery, tracker
from sandbox.github import traffic
from sandbox.server import Sandbox
from sandbox.world import World

FIRST = dt.date(2026, 11, 12)
TODAY = FIRST + dt.timedelta(days=8)  # so that the weekly turns are due, of which a run takes a share
SOURCES = sources.load()


@dataclasses.dataclass(frozen=True)
class Tracker:
    """A tracker of the gallery that ran once, and the sandbox that it asks."""

    folder: Path
    sandbox: Sandbox

    def copy(self, name: str) -> Path:
        """A folder with the history as it was after the first run."""
        place = self.folder / name
        shutil.copytree(self.folder / "first", place / "history")
        return place

    def run(
        self, memory: Path, day: dt.date, site: Path | None = None, handed: Path | None = None, of: int = 1
    ) -> None:
        """The main command; without a site no page is made."""
        self.sandbox.move_to(day)
        pages = contextlib.nullcontext() if site else mock.patch("generate.render.write")
        context = typer.Context(typer.main.get_command(generate.app))
        with pages, environment(), context:
            generate.publish(
                context,
                projects=self.projects,
                memory=memory,
                site=site or self.folder / "nowhere",
                today=dt.datetime.combine(day, dt.time()),
                stand_in=self.sandbox.address,
                handed=handed,
                of=of,
            )

    def collect(self, memory: Path, handed: Path, number: int, of: int) -> None:
        """One part, as on a machine of its own."""
        with environment():
            generate.collect_part(
                f"{number}/{of}",
                handed,
                projects=self.projects,
                memory=memory,
                today=dt.datetime.combine(TODAY, dt.time()),
                stand_in=self.sandbox.address,
            )

    def in_parts(self, name: str, of: int, site: Path | None = None, lost: int | None = None) -> Path:
        """A day on several machines; gives the history."""
        place = self.copy(name)
        self.sandbox.move_to(TODAY)
        for number in range(1, of + 1):
            if number != lost:
                self.collect(place / "history", place / "parts", number, of)
        self.run(place / "history", TODAY, site, handed=place / "parts", of=of)
        return place / "history"

    @property
    def projects(self) -> Path:
        return self.folder / "projects.yaml"


def environment() -> contextlib.AbstractContextManager[object]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    given = {"GITHUB_TOKEN": "invented", "TRAFFIC_TOKEN": traffic.TOKEN, "NO_PROXY": "127.0.0.1"}
    return mock.patch.dict(os.environ, {**kept, **given, "GITHUB_REPOSITORY": f"{traffic.OWNER}/tracker"}, clear=True)


def kept(memory: Path) -> Mapping[str, bytes]:
    """The files of a history, without what tells of the run itself: how long it took, and in how many parts."""
    found = sorted(path for path in memory.rglob("*") if path.is_file() and path.name != "runs.csv")
    return {str(path.relative_to(memory)): path.read_bytes() for path in found}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracker]:
    """A tracker after its first run."""
    folder = tmp_path_factory.mktemp("parts")
    with Sandbox(World(gallery.PROJECTS, FIRST)) as sandbox, pytest.MonkeyPatch.context() as patch:
        patch.setattr(terminal.out, "quiet", True)
        (folder / "projects.yaml").write_text(tracker.text(gallery.PROJECTS), encoding="utf-8")
        made = Tracker(folder, sandbox)
        made.run(folder / "first", FIRST)
        yield made


@pytest.fixture(scope="module")
def alone(ran: Tracker) -> tuple[Mapping[str, bytes], Mapping[str, bytes]]:
    """The history and the site of a day on one machine."""
    place = ran.copy("alone")
    ran.run(place / "history", TODAY, place / "site")
    return kept(place / "history"), kept(place / "site")


@pytest.mark.parametrize("of", [1, 2, 8])
def test_several_machines_make_the_same_history_as_one(
    of: int, ran: Tracker, alone: tuple[Mapping[str, bytes], Mapping[str, bytes]]
) -> None:
    found = kept(ran.in_parts(f"in-{of}", of))
    assert list(found) == list(alone[0])
    assert [name for name in found if found[name] != alone[0][name]] == []


@pytest.fixture(scope="module")
def without_one(ran: Tracker) -> tuple[Path, Path, int]:
    """The history and the site of a day on eight machines, one of which brought nothing; and which one."""
    site = ran.folder / "lost" / "site"
    lost = min(number for (source, *_), number in asked_by(ran, 8).items() if source == "github")
    return ran.in_parts("lost", 8, site, lost=lost), site, lost


def asked_by(ran: Tracker, of: int) -> Mapping[tuple[str, str, str], int]:
    tracked = config.load(ran.projects, sources.namings(SOURCES), today=TODAY)
    books = {name: History(name) for name in (*(project.id for project in tracked.projects), history.MARKET)}
    every = own_figures.among(SOURCES, tracked.projects, ran.folder, books)
    return parts.assigned(plan(tracked.projects, every, books), every, of)


def test_what_a_lost_part_was_to_ask_for_stays_as_it_was_and_the_rest_goes_on(
    ran: Tracker, alone: tuple[Mapping[str, bytes], Mapping[str, bytes]], without_one: tuple[Path, Path, int]
) -> None:
    numbers, (memory, _, number) = asked_by(ran, 8), without_one
    projects = {project for source, project, _ in numbers if source == "github"}
    lost = {project for project in projects if numbers["github", project, ""] == number}
    assert 0 < len(lost) < len(projects) / 2
    for project in projects:
        now, before = history.load(memory, project), history.load(ran.folder / "first", project)
        place = ran.folder / "expected"
        place.mkdir(exist_ok=True)
        for ending in ("csv", "json"):
            (place / f"{history.stem(project)}.{ending}").write_bytes(alone[0][f"{history.stem(project)}.{ending}"])
        whole = history.load(place, project)
        for name in whole.columns:
            signal, _, target = name.partition(":")
            expected = before if numbers[signal.partition(".")[0], project, target] == number else whole
            assert same(now.series(name), expected.series(name)), name
        failed = now.failure("github", "", "stars")
        assert (failed is not None and failed.deferred) == (project in lost)


def same(one: Series, other: Series) -> bool:
    return (one.days.tolist(), one.values.tolist()) == (other.days.tolist(), other.values.tolist())


def test_a_site_that_lacks_a_part_is_published_and_says_what_is_old(
    ran: Tracker, without_one: tuple[Path, Path, int]
) -> None:
    numbers = asked_by(ran, 8)
    page = json.loads((without_one[1] / "data" / "scorecard.json").read_text())
    for card in page["projects"]:
        stars = card["metrics"]["stars"]
        expected = FIRST if numbers["github", card["id"], ""] == without_one[2] else TODAY
        assert stars["observed"] == expected.isoformat(), card["id"]


def test_the_gate_refuses_a_site_that_lacks_too_much_and_what_was_read_is_kept(ran: Tracker) -> None:
    with pytest.raises(terminal.Ended) as ended:
        ran.in_parts("half", 2, lost=2)
    assert ended.value.code == generate.REFUSED
    numbers = asked_by(ran, 2)
    for project in (one for (source, one, _), number in numbers.items() if source == "github" and number == 1):
        assert history.load(ran.folder / "half" / "history", project).series("github.stars").last_day == TODAY


def test_the_site_from_two_machines_is_the_same_as_from_one(
    ran: Tracker, alone: tuple[Mapping[str, bytes], Mapping[str, bytes]]
) -> None:
    site = ran.folder / "both" / "site"
    ran.in_parts("both", 2, site)
    found = kept(site)
    assert list(found) == list(alone[1])
    assert [name for name in found if found[name] != alone[1][name]] == []


# --- Who asks for what -----------------------------------------------------------------------------------------------


def asks(count: int) -> Mapping[str, Sequence[Ask]]:
    """That many projects, each with a repository, most with a package, all with a forum that ten of them share."""
    names = [f"owner/project-{number}" for number in range(count)]
    return {
        "github": [Ask(name, "") for name in names],
        "npm": [*(Ask(name, name) for name in names[::2]), Ask(history.MARKET, "")],
        "discourse": [Ask(name, f"forum-{place // 10}.example.org") for place, name in enumerate(names)],
        "stackoverflow": [Ask(name, f"tag-{place}") for place, name in enumerate(names[::5])],
        "traffic": [Ask(name, name) for name in names[:3]],
    }


@pytest.mark.parametrize("of", [1, 2, 8])
def test_every_target_is_asked_for_by_exactly_one_part(of: int) -> None:
    whole = asks(200)
    shares = [parts.split(whole, SOURCES, Shard(number, of)) for number in range(1, of + 1)]
    for key, wanted in whole.items():
        assert Counter(map(id, wanted)) == Counter(id(ask) for mine, _ in shares for ask in mine[key])
    for mine, beside in shares:
        assert all(len(mine[key]) + len(beside[key]) == len(wanted) for key, wanted in whole.items())


def test_the_parts_have_nearly_as_much_to_ask_for() -> None:
    numbers = Counter(parts.assigned(asks(400), SOURCES, 4).values())
    assert max(numbers.values()) < 1.15 * min(numbers.values())


def test_what_belongs_together_is_asked_for_by_one_part() -> None:
    numbers = parts.assigned(asks(200), SOURCES, 8)
    forums: dict[str, set[int]] = {}
    for (key, _, target), number in numbers.items():
        if key == "discourse":
            forums.setdefault(target, set()).add(number)
    assert [len(one) for one in forums.values()] == [1] * 20
    assert len({number for (key, *_), number in numbers.items() if key == "stackoverflow"}) == 1
    for (key, project, _), number in numbers.items():
        if key == "npm" and project != history.MARKET:
            assert number == numbers["github", project, ""]


def test_secrets_and_the_totals_of_registries_are_the_first_part_s() -> None:
    numbers = parts.assigned({**asks(50), OWN: [Ask("owner/project-7", "")]}, {**SOURCES, OWN: SOURCES["npm"]}, 8)
    first = {
        target for target, number in numbers.items() if target[0] in parts.WITH_SECRETS or target[1] == history.MARKET
    }
    assert {numbers[target] for target in first} == {1}
    assert len(first) == 5


def test_a_project_more_moves_few_to_another_part() -> None:
    before, after = (parts.assigned(asks(count), SOURCES, 8) for count in (400, 401))
    github = [target for target in before if target[0] == "github"]
    assert sum(before[target] != after[target] for target in github) < 0.05 * len(github)


@pytest.mark.parametrize("text", ["0/8", "9/8", "1/257", "1", "a/b", "1/0", "-1/2", "1/2/3"])
def test_a_part_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(WrongShard, match="such as 2/8"):
        Shard.read(text)
    assert (Shard.read("2/8"), Shard.read("2/8").folder) == (Shard(2, 8), "2-of-8")


# --- What a part hands over ------------------------------------------------------------------------------------------

PROJECT = "owner/project-0"
PLACE = {"npm": [Ask(PROJECT, "anvil")], "github": [Ask(PROJECT, "")]}
LEFT = "is left for the next run: the part of this run that was to ask for it (1 of 1) "


def book(stars: float, day: dt.date = TODAY) -> History:
    days, values = np.array([day.toordinal()]), np.array([stars])
    return History(PROJECT, {"github.stars": Series(days, values)}, {"github.stars": day})


def merged(folder: Path, before: History) -> tuple[parts.Merged, History]:
    books = {PROJECT: before}
    found = parts.merge(folder, 1, PLACE, SOURCES, books, folder / "history", TODAY)
    assert kept_of(history.load(folder / "history", PROJECT)) == kept_of(books[PROJECT])
    return found, books[PROJECT]


def kept_of(book: History) -> object:
    return {name: (one.days.tolist(), one.values.tolist()) for name, one in book.columns.items()}, book.failures


def hand_over(folder: Path, book: History, **changed: object) -> None:
    history.save(folder / "1-of-1", book)
    parts.save(
        folder / "1-of-1", Shard(1, 1), TODAY, Gathered({"github": 1, "npm": 1}, (), 2), Used({"api.github.com": 3}, 4)
    )
    file = folder / "1-of-1" / parts.FILE
    file.write_text(json.dumps({**json.loads(file.read_text()), **changed}))


def test_a_part_s_days_are_added_to_those_that_are_there_and_none_is_lost(tmp_path: Path) -> None:
    hand_over(tmp_path, book(11))
    found, whole = merged(tmp_path, book(10, FIRST))
    assert whole.series("github.stars").values.tolist() == [10, 11]
    assert whole.observed_since == {"github.stars": TODAY}
    assert (found.gathered.asked, found.gathered.answered, found.lost) == ({"github": 1, "npm": 1}, 2, {})
    assert found.used == (Used({"api.github.com": 3}, 4),)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"format": 2}, "has format 2, and this version reads 1"),
        ({"day": "2026-11-19"}, "is part 1 of 1 of 2026-11-19"),
        ({"shard": {"number": 1, "of": 2}}, "is part 1 of 2 of 2026-11-20"),
        ({"failures": "none"}, "cannot be read (ValidationError)"),
    ],
)
def test_a_part_that_is_not_what_it_ought_to_be_counts_for_nothing(
    changed: Mapping[str, object], why: str, tmp_path: Path
) -> None:
    hand_over(tmp_path, book(11), **changed)
    found, _ = merged(tmp_path, book(10, FIRST))
    assert found.lost == {Shard(1, 1): why}
    assert found.gathered.asked == {"github": 1, "npm": 1}
    assert list(found.missing()) == [f"part 1 of 1 {why}: what it was to ask for is left for the next run"]


def test_a_part_that_is_not_there_leaves_its_targets_for_the_next_run(tmp_path: Path) -> None:
    found, whole = merged(tmp_path, book(10, FIRST))
    assert {(one.source, one.reason, one.deferred) for one in found.gathered.failures} == {
        (source, f"{LEFT}is not there", True) for source in PLACE
    }
    assert {name: failed.deferred for name, failed in whole.failures.items()} == {"github": True, "npm:anvil": True}
    assert whole.series("github.stars").values.tolist() == [10]


def test_what_a_part_had_read_before_it_was_ended_is_kept(tmp_path: Path) -> None:
    history.save(tmp_path / "1-of-1", book(11))
    found, whole = merged(tmp_path, book(10, FIRST))
    assert whole.series("github.stars").values.tolist() == [10, 11]
    assert [(one.source, one.reason) for one in found.gathered.failures] == [("npm", f"{LEFT}did not come to its end")]


def test_a_broken_book_of_a_part_is_left_out(tmp_path: Path) -> None:
    hand_over(tmp_path, book(11))
    (tmp_path / "1-of-1" / f"{history.stem(PROJECT)}.json").write_text("{")
    _, whole = merged(tmp_path, book(10, FIRST))
    assert whole.series("github.stars").values.tolist() == [10]
