"""What became of each run: a row a day in `runs.csv` in the history, kept whatever the run ended with.

The row says `stopped` from the moment on that a run has opened the history, until it says how it ended: so a run that
is killed leaves its mark too. A second run of a day takes the place of the first, and counts itself.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from groundswell.config import Config
from groundswell.gather import Gathered
from groundswell.history import README, write_whole
from groundswell.models import Card, GroundswellError, SourceModule
from groundswell.tally import Tally, Used

log = logging.getLogger(__name__)

FILE: Final = "runs.csv"
MOST_DAYS: Final = 800  # rows that are kept, the newest
SAYING: Final = 7  # of them, the newest, that say why the run did not end well
MOST_SAID: Final = 2_000  # characters of that
PUBLISHED: Final = "0"
REFUSED: Final = "3"  # by the gate
STOPPED: Final = "stopped"
REQUESTS: Final = "requests:"  # before a host, in the name of a column
_WHOLE: Final = (
    *("runs", "seconds", "projects", "complete", "asked", "failures", "deferred"),
    *("points", "points_left", "requests_left"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """How a day's last run ended, and what it did. None is not known."""

    day: dt.date
    status: str  # the exit status of generate.py, or STOPPED
    runs: int = 1  # of that day
    seconds: int | None = None
    projects: int | None = None  # that are tracked
    complete: int | None = None  # those of which nothing waits for a later run
    asked: int | None = None  # targets that sources were asked for
    failures: int | None = None  # targets that gave no usable answer
    deferred: int | None = None  # targets that are left for a later run
    points: int | None = None  # of GitHub's GraphQL
    points_left: int | None = None
    requests_left: int | None = None  # of GitHub's REST
    newest: dt.date | None = None  # the newest day that a shown figure is of
    requests: Mapping[str, int] = field(default_factory=dict)  # host → how many
    said: tuple[str, ...] = ()  # why it did not end well; only the newest rows still say it

    @property
    def is_good(self) -> bool:
        """Whether the site was built."""
        return self.status == PUBLISHED


NOT_GATHERED: Final = Gathered({}, ())  # nobody was asked, or not all answers are in


@dataclass(slots=True)
class Record:
    """What is known of the run that is under way; whoever learns something puts it here."""

    folder: Path
    day: dt.date
    before: tuple[Run, ...]  # of earlier days
    last: Run | None  # the run before this one, of this day or an earlier one
    began: float
    status: str = STOPPED
    said: tuple[str, ...] = ()  # by the error that ended it
    tracked: Config | None = None  # None: the history was never opened
    sources: Mapping[str, SourceModule] = field(default_factory=dict)
    gathered: Gathered = NOT_GATHERED
    tally: Tally | None = None  # None: nobody was asked
    cards: tuple[Card, ...] = ()
    lost: tuple[str, ...] = ()  # parts of the run that did not come, a sentence each

    def open(self, tracked: Config, sources: Mapping[str, SourceModule]) -> None:
        """The history is open: from now on the run leaves a row."""
        self.tracked, self.sources = tracked, sources
        self.keep()

    @property
    def projects(self) -> tuple[str, ...]:
        """Those that are tracked."""
        return () if self.tracked is None else tuple(project.id for project in self.tracked.projects)

    @property
    def used(self) -> Used:
        """What was asked for until now."""
        return Used() if self.tally is None else self.tally.used()

    @property
    def in_short(self) -> str:
        """How much there is, and how much is missing."""
        return f"{len(self.cards)} projects, {len(self.gathered.failures)} gaps"

    @property
    def waiting(self) -> frozenset[str]:
        """The projects of which something waits for a later run."""
        return frozenset(one.project for one in self.gathered.failures if one.deferred)

    def run(self) -> Run:
        """The row."""
        used, asked = self.used, self.gathered is not NOT_GATHERED
        targets = {(one.source, one.project, one.target, one.deferred) for one in self.gathered.failures}
        late = sum(deferred for *_, deferred in targets)
        left = {name: one.remaining for name, one in used.left.items()}
        newest = [seen.observed for card in self.cards for seen in card.metrics.values() if seen.observed is not None]
        return Run(
            self.day,
            self.status,
            1 + (self.last.runs if self.last is not None and self.last.day == self.day else 0),
            round(time.monotonic() - self.began),
            None if self.tracked is None else len(self.projects),
            len(set(self.projects) - self.waiting) if asked else None,
            sum(self.gathered.asked.values()) if asked else None,
            len(targets) - late if asked else None,
            late if asked else None,
            used.points if self.tally is not None else None,
            left.get("graphql"),
            left.get("core"),
            max(newest, default=None),
            used.requests,
            self.said,
        )

    def keep(self) -> None:
        """Write the row, where there is a history of today's format: another one is not touched."""
        readme = self.folder / "README.md"
        if self.tracked is None and (not readme.is_file() or readme.read_bytes() != README.encode()):
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / FILE, text((*self.before, self.run())))


@contextmanager
def recorded(folder: Path, day: dt.date, then: Callable[[Record], None] = lambda _: None) -> Iterator[Record]:
    """Keep a record of the run inside; `then` is given it when the run has ended, whatever it ended with."""
    known = load(folder)
    before = tuple(run for run in known if run.day != day)
    last = max((run for run in known if run.day <= day), key=lambda run: run.day, default=None)
    record = Record(folder, day, before, last, time.monotonic())
    try:
        yield record
        record.status = PUBLISHED
    except GroundswellError as error:
        record.status, record.said = str(error.status), error.lines
        raise
    except SystemExit as end:  # the command said why: first how it ends, then the reasons
        record.status, record.said = str(end.code or PUBLISHED), tuple(getattr(end, "lines", ())[1:])
        raise
    except Exception as fault:
        record.status, record.said = str(GroundswellError.status), (f"{type(fault).__name__}: {fault}",)
        raise
    finally:
        record.keep()
        then(record)


# --- The file --------------------------------------------------------------------------------------------------------


def load(folder: Path) -> tuple[Run, ...]:
    """The rows, oldest first. A file that cannot be read is begun anew: it says nothing that a figure rests on."""
    path = folder / FILE
    if not path.exists():
        return ()
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            found = [_run(row) for row in csv.DictReader(lines)]
    except (OSError, UnicodeDecodeError, csv.Error, ValueError, KeyError, TypeError) as error:
        log.warning("%s cannot be read (%s) and is begun anew", path, error)
        return ()
    return tuple(sorted(found, key=lambda run: run.day))


def text(runs: Sequence[Run]) -> str:
    """The file: the newest days, a column for every host that was asked on one of them."""
    kept = sorted(runs, key=lambda run: run.day)[-MOST_DAYS:]
    hosts = sorted({host for run in kept for host in run.requests})
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(["date", "status", *_WHOLE, "newest", *(f"{REQUESTS}{host}" for host in hosts), "said"])
    for run in (*(replace(run, said=()) for run in kept[:-SAYING]), *kept[-SAYING:]):
        whole = [getattr(run, name) for name in _WHOLE]
        asked = (run.requests.get(host) for host in hosts)
        rows.writerow([run.day, run.status, *whole, run.newest, *asked, "\n".join(run.said)[:MOST_SAID]])
    return written.getvalue()


_RUN: Final = TypeAdapter(Run)


def _run(row: Mapping[str, str]) -> Run:
    """A row; a column that a later version has added is none of ours."""
    known = {name: row[name] for name in (*_WHOLE, "status", "newest") if row.get(name)}
    requests = {
        name.removeprefix(REQUESTS): number
        for name, number in row.items()
        if name is not None and name.startswith(REQUESTS) and number
    }
    said = tuple((row.get("said") or "").splitlines())
    return _RUN.validate_python({**known, "day": row["date"], "requests": requests, "said": said})
