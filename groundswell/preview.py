"""What a change of `projects.yaml` would bring: what is new in it, whether that is there, and its first numbers.

Whoever proposes a change decides what is asked here, so that everything has a bound: the tracker's own run needs the
same limits. What is beyond a bound is said, and is no mistake; nor is a source that is not to be had.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from groundswell import additions, config_yaml, existence, history, own_figures, sources, stages
from groundswell.config import Config, ConfigError, Mistake
from groundswell.differences import Differences, Named, between, line_of, named_for
from groundswell.existence import Remark
from groundswell.gather import Gathered, gather, outside, plan
from groundswell.http import Door
from groundswell.models import OWN, Card, Origin, OwnFigure, Project, RepositoryState, SourceModule

MOST_CARDS: Final = 6  # projects whose first numbers are read; each is some ten requests of GitHub's limit for the hour
MOST_TARGETS: Final = 60  # packages and places that are asked for
MINUTES: Final = 10.0  # for asking
AT_GITHUB: Final = frozenset({"github", "releases", "traffic"})  # sources that take of GitHub's limit
SPARED: Final = (
    "GitHub was not asked: more than half of its limit for this hour is used, and the rest is left to the tracker's "
    "own run. Start this again in an hour."
)

Sources = Mapping[str, SourceModule]


@dataclass(frozen=True, slots=True)
class Change:
    """A changed list, beside the one that it would take the place of."""

    path: Path
    tracked: Config
    before: Path | None  # None: there was none


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found out about a change."""

    differences: Differences
    mistakes: tuple[Mistake, ...]  # any of them refuses the change
    warnings: tuple[Mistake, ...]  # for whoever decides about it
    notes: tuple[str, ...]  # what was left out, and why: sentences
    cards: tuple[Card, ...]
    tables: tuple[Card, ...] = ()  # of projects of which nothing changed but what stands in their own tables
    remarks: tuple[Remark, ...] = ()  # what mistakes and warnings are made of, where they are about what is named

    def lines(self) -> Iterator[str]:
        """Mistakes and warnings, a line each, as they are marked on a pull request."""
        yield from map(str, self.mistakes)
        for one in self.warnings:
            yield str(replace(one, entry=f"warning: {one.entry}" if one.entry else "warning"))


def look(
    change: Change, all_sources: Sources, stand_in: str | None, today: dt.date, scratch: Path, minutes: float = MINUTES
) -> Seen:
    """Ask for what is new, within the bounds. First numbers go into `scratch`, which is nobody's history."""
    tracked, notes = change.tracked, list[str]()
    differences = between(_before(change.before, all_sources, notes), tracked.projects)
    door = Door(outside(tracked.tracker, all_sources, stand_in, minutes=minutes))
    spared = bool(differences.added or differences.touched) and existence.is_spared(door)
    if spared:
        notes.append(SPARED)
    found = {} if spared else existence.standings(differences.added, door)
    if found and (beyond := len(differences.added) - len(found)) > 0:
        notes.append(f"{beyond} of the new repositories were not asked for: a change may ask for {len(found)}.")
    remarks = list(existence.of_repositories(found, tracked.projects, new=differences.added))
    refused = {remark.project for remark in remarks if remark.mistake}
    asked = _within(differences, refused, notes, _with_new_tables(change))
    gathered, books, all_sources = _first_numbers(asked, all_sources, door, change.path.parent, scratch, today, spared)
    remarks += _of_answers(differences, asked, gathered, books, all_sources)
    remarks += existence.whose(_new(differences, refused), found, door)
    door.close()
    if not gathered.reached:
        notes.append("No source could be reached, so that nothing is verified. This is no fault of the change.")
    mistakes, warnings = _by_line(change.path, remarks)
    cards, tables = (_cards(part, tracked, books, all_sources, today) for part in (asked.whole, asked.tables))
    wrong = (*tracked.mistakes, *mistakes, *own_figures.wrong_tables(tracked.projects, change.path.parent, today))
    return Seen(differences, wrong, warnings, tuple(notes), cards, tables, tuple(remarks))


def _before(path: Path | None, all_sources: Sources, notes: list[str]) -> Sequence[Project]:
    if path is None:
        return ()
    try:
        return additions.tracked(path, sources.namings(all_sources))
    except ConfigError:
        notes.append("The list that this would change is wrong itself, so that everything counts as new.")
        return ()


# --- Within bounds ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked for: of the first projects everything, of the others what is new."""

    whole: tuple[Project, ...]
    parts: tuple[Project, ...]
    tables: tuple[Project, ...]  # of which only what their owner brings is read

    @property
    def projects(self) -> tuple[Project, ...]:
        """All of them."""
        return (*self.whole, *self.parts, *self.tables)


def _new(differences: Differences, refused: set[str]) -> list[tuple[Project, Named]]:
    return [(project, named) for project, named in differences.new_targets if project.id not in refused]


def _with_new_tables(change: Change) -> list[Project]:
    """Projects with a table in a file that is another one now, or was none."""
    if change.before is None:
        return []
    before = change.before.parent

    def content(folder: Path, figure: OwnFigure) -> bytes | None:
        try:
            return own_figures.file_content(folder, figure.place)
        except own_figures.NotThere:
            return None

    def is_new(figure: OwnFigure) -> bool:
        now = content(change.path.parent, figure) if figure.origin is Origin.FILE else None
        return now is not None and now != content(before, figure)

    return [project for project in change.tracked.projects if any(map(is_new, project.figures))]


def _within(differences: Differences, refused: set[str], notes: list[str], brought: Sequence[Project]) -> _Asked:
    worth = [project for project in (*differences.added, *differences.touched) if project.id not in refused]
    wanted: dict[str, list[Named]] = {}
    for project, named in _new(differences, refused):
        wanted.setdefault(project.id, []).append(named)
    left, cut = MOST_TARGETS, 0
    whole: list[Project] = []
    parts: list[Project] = []
    for project in worth:
        new = wanted.get(project.id, [])
        is_whole = len(whole) < MOST_CARDS
        others = [one for one in named_for(project) if is_whole and one not in new]  # which the card speaks of too
        kept = [*new, *others][:left]
        cut += max(0, len(new) - left)
        left -= len(kept)
        if is_whole:
            whole.append(_named(project, [*_of_its_own(project), *kept]))
        elif kept:
            parts.append(replace(_named(project, kept), figures=()))
    if len(worth) > MOST_CARDS:
        notes.append(
            f"First numbers are shown of {MOST_CARDS} projects; {len(worth) - MOST_CARDS} more have none here."
        )
    if cut:
        notes.append(f"{cut} packages and places were not asked for: a change may ask for {MOST_TARGETS}.")
    known = {project.id for project in worth}
    tables = (_named(project, [(OWN, "")]) for project in brought if project.id not in known)
    return _Asked(tuple(whole), tuple(parts), tuple(tables))


def _of_its_own(project: Project) -> list[Named]:
    """Its repository, and the figures that its owner brings."""
    return [(key, "") for key, names in project.targets.items() if "" in names]


def _named(project: Project, named: Sequence[Named]) -> Project:
    """A project that names this alone."""
    targets: dict[str, tuple[str, ...]] = {}
    for key, name in named:
        targets[key] = (*targets.get(key, ()), name)
    return replace(project, targets=targets)


# --- First numbers ---------------------------------------------------------------------------------------------------


def _first_numbers(
    asked: _Asked, all_sources: Sources, door: Door, folder: Path, scratch: Path, today: dt.date, spared: bool
) -> tuple[Gathered, dict[str, history.History], Sources]:
    books = {project.id: history.History(project.id) for project in asked.projects}
    all_sources = own_figures.among(all_sources, asked.projects, folder, books)
    asks = {
        key: wanted
        for key, wanted in plan(asked.projects, all_sources, books).items()
        if not spared or key not in AT_GITHUB
    }
    return gather(asks, books, all_sources, door, scratch, today, lambda _: None), books, all_sources


def _of_answers(
    differences: Differences,
    asked: _Asked,
    gathered: Gathered,
    books: Mapping[str, history.History],
    all_sources: Sources,
) -> Iterator[Remark]:
    """What the first numbers say of what is new. What a project named before is not the change's doing."""
    new = {(project.id, named) for project, named in differences.new_targets}
    labels = sources.labels(all_sources)
    for failure in gathered.failures:
        if (failure.project, (failure.source, failure.target)) in new:
            remark = existence.of_failure(failure, labels[failure.source])
            if remark is not None:
                yield remark
    added = {project.id for project in differences.added}
    for project in asked.whole:
        facts = books[project.id].facts
        if project.id in added and facts is not None and facts.state is RepositoryState.EMPTY:
            yield existence.empty(project.id)


def _cards(
    projects: Sequence[Project],
    tracked: Config,
    books: Mapping[str, history.History],
    all_sources: Sources,
    today: dt.date,
) -> tuple[Card, ...]:
    """Each by itself: a level among the tracked projects is not known here."""
    signals, labels = sources.signals(all_sources), sources.labels(all_sources)
    days = tracked.gate.oldest_days
    return tuple(
        stages.assess(project, books[project.id], signals, labels, tracked.thresholds, today, days)
        for project in projects
    )


# --- Where it stands -------------------------------------------------------------------------------------------------


def _by_line(path: Path, remarks: Sequence[Remark]) -> tuple[tuple[Mistake, ...], tuple[Mistake, ...]]:
    """Mistakes and warnings, in the order of their lines."""
    page = config_yaml.read(path)
    told: dict[bool, list[Mistake]] = {True: [], False: []}
    for remark in remarks:
        line = line_of(page, remark.project, remark.named)
        about = f"{remark.named[0]} {config_yaml.shown(remark.named[1])}: " if remark.named else ""
        told[remark.mistake].append(Mistake(str(path), line, remark.project, about + remark.text))
    mistakes, warnings = (tuple(sorted(told[kind], key=lambda one: (one.line, one.text))) for kind in (True, False))
    return mistakes, warnings
