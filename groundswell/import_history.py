"""Take over what somebody else observed: a tidy file `date,project,metric,value` becomes history."""

from __future__ import annotations

import csv
import datetime as dt
import difflib
import gzip
import math
import re
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import numpy as np

from groundswell import additions, config_shape, history
from groundswell.models import GroundswellError, Naming, Series

HEADER: Final = ("date", "project", "metric", "value")
NAME: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38})/[A-Za-z0-9._-]{1,100}")
LINES_NAMED: Final = 20  # broken rows whose line is said; the rest are only counted
LONGEST_GAP: Final = 14  # days before the file's end after which a project counts as no longer observed


class UnknownSignal(GroundswellError):
    """A metric is to become a signal that no source has."""


class NotTidy(GroundswellError):
    """The file as a whole cannot be read as `date,project,metric,value`."""


@dataclass(slots=True)
class Tidy:
    """What was found in a tidy file. It grows while the file is read."""

    series: dict[tuple[str, str], dict[int, float]] = field(default_factory=dict)  # project, signal → day → value
    rows: int = 0
    others: dict[str, int] = field(default_factory=dict)  # metrics that nothing was said about → rows
    blank: int = 0
    broken: int = 0
    complaints: list[str] = field(default_factory=list)  # "line 7: 'x' is not a day", at most LINES_NAMED

    def complain(self, line: int, text: str) -> None:
        """Count a broken row, and name the first ones."""
        self.broken += 1
        if len(self.complaints) < LINES_NAMED:
            self.complaints.append(f"line {line}: {text}")

    @property
    def projects(self) -> Mapping[str, int]:
        """Project → its newest day."""
        newest: dict[str, int] = {}
        for (project, _), days in self.series.items():
            newest[project] = max(newest.get(project, 0), *days)
        return newest


def renames(pairs: Sequence[str], signals: Collection[str]) -> Mapping[str, str]:
    """Metric of the file → signal, from `metric=signal` pairs; a metric that already is a signal's name stays it.

    Raises UnknownSignal for a pair that is not one, and for a signal that no source has.
    """
    names = {signal: signal for signal in signals}
    for pair in pairs:
        metric, equals, signal = pair.partition("=")
        if not (metric and equals and signal):
            raise UnknownSignal(f"--rename {pair}: write it as metric=signal, for example stars=github.stars")
        if signal not in signals:
            near = difflib.get_close_matches(signal, signals, 1)
            hint = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(sorted(signals))}"
            raise UnknownSignal(f"--rename {pair}: no source has a signal {signal}{hint}")
        names[metric] = signal
    return names


def read(path: Path, signals: Mapping[str, str], today: dt.date, advance: Callable[[int], None]) -> Tidy:
    """Read a file, plain or gzip; `signals` says which signal each metric of the file becomes.

    A broken row (not four fields, no day, a day to come, no `owner/name`, no number, a negative one) is counted and the
    rest are kept; so is everything before the place where the file itself breaks off. `advance` is told the rows read.
    Raises NotTidy when the file cannot be opened or has another header.
    """
    tidy = Tidy()
    spelling = _Spelling(today)
    for line, row in _rows(path, tidy):
        tidy.rows += 1
        if tidy.rows % 100_000 == 0:
            advance(100_000)
        if len(row) != len(HEADER):
            tidy.complain(line, f"{len(row)} fields instead of {len(HEADER)}")
            continue
        date, name, metric, amount = row
        signal = signals.get(metric)
        if signal is None:
            tidy.others[metric] = tidy.others.get(metric, 0) + 1
        elif not amount.strip():
            tidy.blank += 1
        else:
            day, project, value = spelling.day(date), spelling.project(name), _value(amount)
            if isinstance(day, _Mistake):
                tidy.complain(line, day.text)
            elif isinstance(project, _Mistake):
                tidy.complain(line, project.text)
            elif isinstance(value, _Mistake):
                tidy.complain(line, value.text)
            else:
                tidy.series.setdefault((project, signal), {})[day] = value
    return tidy


@dataclass(frozen=True, slots=True)
class _Mistake:
    """What is wrong with a field."""

    text: str


class _Spelling:
    """Reads days and project names, each spelling once: a file repeats them a million times."""

    def __init__(self, today: dt.date) -> None:
        self._today = today
        self._days: dict[str, int | _Mistake] = {}
        self._projects: dict[str, str | _Mistake] = {}
        self._first: dict[str, str] = {}  # name in small letters → the first spelling met; GitHub ignores case

    def day(self, text: str) -> int | _Mistake:
        """The ordinal of a day that has come."""
        if text not in self._days:
            self._days[text] = _day(text, self._today)
        return self._days[text]

    def project(self, text: str) -> str | _Mistake:
        """The project as it was first spelt."""
        if text not in self._projects:
            if NAME.fullmatch(text) is None:
                self._projects[text] = _Mistake(f"{text[:80]!r} is not owner/name")
            else:
                self._projects[text] = self._first.setdefault(text.lower(), text)
        return self._projects[text]


def _day(text: str, today: dt.date) -> int | _Mistake:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return _Mistake(f"{text[:40]!r} is not a day such as 2026-11-22")
    return _Mistake(f"{text} has not come yet") if day > today else day.toordinal()


def _value(text: str) -> float | _Mistake:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    return value if 0 <= value < math.inf else _Mistake(f"{text[:40]!r} is not a number that is 0 or more")


def _rows(path: Path, tidy: Tidy) -> Iterator[tuple[int, list[str]]]:
    try:
        with _open(path) as file:
            reader = csv.reader(file)
            header = next(reader, None)
            if header is None or tuple(cell.strip() for cell in header) != HEADER:
                raise NotTidy(f"{path}: the first line must be {','.join(HEADER)}")
            while True:
                try:
                    row = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    tidy.complain(reader.line_num, str(error))
                    continue
                if row:
                    yield reader.line_num, row
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        if not tidy.rows:
            raise NotTidy(f"{path} cannot be read: {error}") from None
        tidy.complain(tidy.rows + 1, f"the file breaks off here ({error})")
    except OSError as error:
        raise NotTidy(f"{path} cannot be read: {error.strerror or error}") from None


def _open(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="replace", newline="")
    return path.open(encoding="utf-8-sig", errors="replace", newline="")


def into_history(tidy: Tidy, directory: Path, advance: Callable[[int], None]) -> None:
    """Add what was read to the history in a folder. What was observed there stays. `advance` is told the projects."""
    by_project: dict[str, dict[str, Series]] = {}
    for (project, signal), values in tidy.series.items():
        days = np.array(sorted(values), dtype=np.int64)
        series = Series(days, np.array([values[day] for day in days.tolist()], dtype=np.float64))
        by_project.setdefault(project, {})[signal] = series
    for project, columns in sorted(by_project.items()):
        book = history.load(directory, project)
        for name, series in sorted(columns.items()):
            book = history.fill(book, history.column(name, ""), series)
        history.save(directory, book)
        advance(1)


def report(tidy: Tidy) -> Sequence[str]:
    """What was found, in lines for people."""
    kept = sum(len(days) for days in tidy.series.values())
    lines = [f"{tidy.rows:,} rows read, {kept:,} observations of {len(tidy.projects):,} projects kept"]
    if tidy.others:
        ignored = ", ".join(sorted(tidy.others))
        lines.append(f"{sum(tidy.others.values()):,} rows of metrics that became no signal: {ignored}")
    if tidy.blank:
        lines.append(f"{tidy.blank:,} rows without a value: missing, not zero")
    if tidy.broken:
        lines += [f"{tidy.broken:,} broken rows left out:", *(f"  {complaint}" for complaint in tidy.complaints)]
        if tidy.broken > len(tidy.complaints):
            lines.append(f"  and {tidy.broken - len(tidy.complaints):,} more")
    return lines


def add_projects(path: Path, tidy: Tidy, namings: Mapping[str, Naming]) -> int:
    """Add the projects of the file to a `projects.yaml`, making it when there is none; gives how many were added.

    Nothing else of the file changes. Raises ConfigError when it is wrong already, or entries cannot be added to it.
    """
    lines = entries(tidy, [project.id for project in additions.tracked(path, namings)])
    return additions.add(path, lines, namings) if lines else 0


def entries(tidy: Tidy, tracked: Sequence[str]) -> Sequence[str]:
    """The lines for `projects.yaml` of the projects that are not tracked yet.

    A project that the file stopped observing more than LONGEST_GAP days before its end stands there as a comment, and
    so does one whose name no repository can have.
    """
    newest = tidy.projects
    end = max(newest.values(), default=0)
    known = {project.lower() for project in tracked}
    lines = []
    for project in sorted(newest, key=str.lower):
        if project.lower() in known:
            continue
        if end - newest[project] > LONGEST_GAP:
            lines.append(f"# - github: {project}  # not observed after {dt.date.fromordinal(newest[project])}")
        elif re.fullmatch(config_shape.REPOSITORY, project) is None:
            lines.append(f"# - github: {project}  # not a name that a repository can have")
        else:
            lines.append(f"- github: {project}")
    return lines
