"""What the owners of projects bring: read like a source, but from their own tables. A level that is not to be shown
ends here: what leaves of it is its index.

There is one of these for a run, made from the entries of `projects.yaml`; all of a project's figures are its target "".
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import os
import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from groundswell import figure_table, own_index
from groundswell.config_yaml import Mistake
from groundswell.figure_table import MOST_BYTES, BrokenTable
from groundswell.figures import own_signals
from groundswell.history import History, column
from groundswell.http import Unanswered
from groundswell.models import (
    OWN,
    Answer,
    Ask,
    Failure,
    GroundswellError,
    Naming,
    Observation,
    Origin,
    OwnFigure,
    Project,
    SourceModule,
)
from groundswell.own_index import NoIndex

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL: Final = "Own figures"
_ON_LINE: Final = re.compile(r"line (\d+): (.+)", re.DOTALL)  # how a table's fault begins, where it has a line
BASES: Final = "bases"  # in the notes: signal → the day on which its index is 100


def among(
    all_sources: Mapping[str, SourceModule],
    projects: Sequence[Project],
    folder: Path,
    books: MutableMapping[str, History],
) -> Mapping[str, SourceModule]:
    """The sources with what the owners of projects bring among them, if any does; `folder` is that of the tracker.

    Out of the books goes what must not be kept: levels of figures that are relative-only now, and were not before.
    """
    bringing = [project for project in projects if project.figures]
    for project in bringing:
        books[project.id] = _without_levels(books[project.id], project)
    return {**all_sources, OWN: OwnFigures(bringing, folder, books)} if bringing else all_sources


class NotThere(GroundswellError):
    """A table is not where an entry says that it is."""


class NotSet(NotThere):
    """The environment has no variable of that name: nobody's fault in a run that is given no secrets."""


class OwnFigures:
    """The source `figures` of one run (models.SourceModule says what each part is)."""

    LABEL = LABEL
    NAMING = Naming(r"", "", "figures of the owner's own")
    PACE: Mapping[str, float] = {}

    def __init__(
        self,
        projects: Sequence[Project],
        folder: Path,
        books: Mapping[str, History],
    ) -> None:
        self._projects = {project.id: project for project in projects}
        self._folder = folder
        self._books = books
        found = {signal.key: signal for project in projects for signal in own_signals(project).values()}
        self.SIGNALS = tuple(found[key] for key in sorted(found))

    def fetch(self, asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
        """An answer for each project, and a failure for each figure that its table does not give."""
        shelf = _Shelf(self._folder, door)
        for ask in asks:
            book = self._books.get(ask.project) or History(ask.project)
            yield from _of_project(self._projects[ask.project], book, ask, shelf, today)


def _of_project(project: Project, book: History, ask: Ask, shelf: _Shelf, today: dt.date) -> Iterator[Answer | Failure]:
    observations: list[Observation] = []
    bases = _bases(ask.state)
    for figure in project.figures:
        try:
            levels = figure_table.read(shelf.text(figure), figure, today)
            if figure.relative:
                published = book.series(column(f"{OWN}.{figure.signal}", ""))
                indexed = own_index.index(levels, figure, published, bases.get(figure.signal))
                values, bases[figure.signal] = indexed.values, indexed.base
            else:
                values = {day: float(value) for day, value in levels.values.items()}
        except (NotThere, BrokenTable, NoIndex, Unanswered) as error:
            yield Failure(OWN, project.id, "", _reason(figure, error), (figure.signal,), isinstance(error, NotSet))
            continue
        observations += [Observation(figure.signal, day, value) for day, value in values.items()]
    state = {BASES: {signal: day.isoformat() for signal, day in sorted(bases.items())}} if bases else {}
    yield Answer(OWN, project.id, "", tuple(observations), state)


def _bases(state: Mapping[str, object]) -> dict[str, dt.date]:
    noted = state.get(BASES)
    return {} if not isinstance(noted, dict) else {key: dt.date.fromisoformat(str(day)) for key, day in noted.items()}


_WHERE: Final[Mapping[Origin, str]] = {
    Origin.FILE: "their file {place}",
    Origin.ADDRESS: "their address",  # which may be one that is not for everybody
    Origin.ENVIRONMENT: "the variable {place}",
}


def _reason(figure: OwnFigure, error: GroundswellError) -> str:
    """Completes a sentence that begins with "Own figures"."""
    where = _WHERE[figure.origin].format(place=figure.place)
    if isinstance(error, Unanswered):
        return f"have no {figure.key}: {where} {error}"
    return f"have no {figure.key} ({where}): {error}"


def wrong_tables(projects: Sequence[Project], folder: Path, today: dt.date) -> Iterator[Mistake]:
    """What is wrong with the tables that are files beside the tracker: before anything is run."""
    for project in projects:
        for figure in project.figures:
            if figure.origin is Origin.FILE:
                try:
                    figure_table.read(figure_table.decoded(file_content(folder, figure.place)), figure, today)
                except (NotThere, BrokenTable) as error:
                    found = _ON_LINE.fullmatch(str(error))
                    line, text = (int(found[1]), found[2]) if found else (0, str(error))
                    yield Mistake(figure.place, line, f"{project.id}: {figure.key}", text)


# --- Where the tables are --------------------------------------------------------------------------------------------


class _Shelf:
    """The tables of a run, each fetched once."""

    def __init__(self, folder: Path, door: Door) -> None:
        self._folder = folder
        self._door = door
        self._found: dict[tuple[Origin, str], str | GroundswellError] = {}

    def text(self, figure: OwnFigure) -> str:
        """The table that a figure is in. Raises NotThere, BrokenTable or Unanswered, each time the same."""
        key = figure.origin, figure.place
        if key not in self._found:
            try:
                self._found[key] = self._fetch(figure)
            except (NotThere, BrokenTable, Unanswered) as error:
                self._found[key] = error
        found = self._found[key]
        if isinstance(found, GroundswellError):
            raise found
        return found

    def _fetch(self, figure: OwnFigure) -> str:
        if figure.origin is Origin.FILE:
            return figure_table.decoded(file_content(self._folder, figure.place))
        if figure.origin is Origin.ADDRESS:
            content = self._door.table(figure.place)
            if len(content) > MOST_BYTES:
                raise BrokenTable(f"it is larger than {MOST_BYTES // 1_000_000} MB")
            return figure_table.decoded(content)
        given = os.environ.get(figure.place, "")
        if not given.strip():
            raise NotSet(f"it is not set here: set {figure.place} in the environment")
        return given


def file_content(folder: Path, place: str) -> bytes:
    """A file beside `projects.yaml`, or below its folder; no link on the way may lead elsewhere. Raises NotThere."""
    path, whole = folder / place, folder.resolve()
    there = path.resolve()
    if not there.is_relative_to(whole) or any(part.startswith(".") for part in there.relative_to(whole).parts):
        raise NotThere("it leads out of what the repository shows")
    if not path.is_file():
        raise NotThere("there is no such file")
    if path.stat().st_size > MOST_BYTES:
        raise NotThere(f"it is larger than {MOST_BYTES // 1_000_000} MB")
    return path.read_bytes()


# --- What must not be kept -------------------------------------------------------------------------------------------


def _without_levels(book: History, project: Project) -> History:
    """The history of a project without the levels of figures that are relative-only now, and were not before."""
    gone = {column(f"{OWN}.{figure.key}", "") for figure in project.figures if figure.relative}
    if not gone & set(book.columns):
        return book
    return dataclasses.replace(
        book,
        columns={name: series for name, series in book.columns.items() if name not in gone},
        observed_since={name: day for name, day in book.observed_since.items() if name not in gone},
        at_least={name: days for name, days in book.at_least.items() if name not in gone},
    )
