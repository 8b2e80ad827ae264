"""What is read once a week, page by page, of many repositories side by side: so that the long ones share queries.

A query costs at least a point, however little it asks. So pages of commits, of issues and of pull requests go into the
same queries, and whatever else has its turn in this run rides with them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from groundswell.http import Broken
from groundswell.models import Answer, Ask, Failure
from groundswell.sources.github import batches, months
from groundswell.sources.github.batches import Given, Outcome, Refused, Unread
from groundswell.sources.github.counters import HIDDEN, Seen
from groundswell.sources.github.notes import due_weekly
from groundswell.sources.github.queries import Part
from groundswell.sources.github.transport import Session

PAGE: Final = 10  # the effort of a page of 100
EFFORT: Final = 100  # of one query: ten pages, which take seconds, and GitHub ends a query after ten of them
GROUP: Final = 50  # repositories read side by side
BATCH: Final = EFFORT // PAGE


@dataclass(slots=True)
class Reading:
    """Something of one repository that is read in steps."""

    seen: Seen
    failure: Unread | None = field(default=None, init=False)
    open: bool = field(default=True, init=False)  # there is a step to ask for
    effort: int = field(default=PAGE, init=False)  # of that step

    @property
    def part(self) -> Part:
        """What asks for the next step."""
        raise NotImplementedError

    def take(self, value: object) -> None:
        """Add what came, and see whether another step is wanted. Raises Broken."""
        raise NotImplementedError

    def receive(self, outcome: Outcome) -> None:
        """Take a step's outcome, whatever it is: a reading that failed is closed."""
        try:
            if isinstance(outcome, Given):
                self.take(outcome.value)
                return
            failure = outcome if isinstance(outcome, Unread) else Unread(_why(outcome))
        except Broken as error:
            failure = Unread(str(error))
        self.open, self.failure = False, failure


def _why(outcome: Outcome) -> str:
    return HIDDEN if isinstance(outcome, Refused) else "does not show this repository any more"


class Subject(Protocol):
    """What is to be known of one repository, from one or several readings."""

    @property
    def seen(self) -> Seen:
        """The repository."""
        ...

    def wanted(self) -> Sequence[Reading]:
        """The readings with a step to ask for now; none when all is there."""
        ...

    def outcomes(self, today: dt.date) -> Iterator[Answer | Failure]:
        """What it comes to."""
        ...


def turn(seen: Sequence[Seen], note: str, today: dt.date, beside: Sequence[Ask] = ()) -> list[Seen]:
    """Whose turn it is today: a seventh in full batches, and small trackers at once."""
    total = len(seen) + len(beside)
    return due_weekly(seen, note, today, max(GROUP, BATCH * -(-total // (7 * BATCH))), beside=beside)


def read(
    session: Session, subjects: Sequence[Subject], today: dt.date, riding: Mapping[str, months.Plan]
) -> Iterator[Answer | Failure]:
    """Each subject's outcomes as soon as all its readings are done; what belongs to a repository is read together.

    `riding` holds, by project, the counts of a month that the first queries carry along without costing a point more.
    """
    projects = list(dict.fromkeys(one.seen.ask.project for one in subjects))
    for start in range(0, len(projects), GROUP):
        names = set(projects[start : start + GROUP])
        group = [one for one in subjects if one.seen.ask.project in names]
        carried = [riding[name] for name in projects[start : start + GROUP] if name in riding]
        yield from _read_group(session, group, today, carried)


def _read_group(
    session: Session, group: Sequence[Subject], today: dt.date, carried: Sequence[months.Plan]
) -> Iterator[Answer | Failure]:
    waiting, progress = list(group), months.Progress(carried)
    while waiting:
        readings = [reading for subject in waiting for reading in subject.wanted()]
        for batch in _batches(readings):
            wanted: list[tuple[Reading | months.Count, Part]] = [(reading, reading.part) for reading in batch]
            wanted += progress.carried_by({reading.seen.ask.project for reading in batch})
            for key, outcome in batches.ask_together(session, wanted):
                if isinstance(key, Reading):
                    key.receive(outcome)
                else:
                    yield from progress.take(key, outcome)
            waiting = yield from _done(waiting, today)
        if not readings:
            waiting = yield from _done(waiting, today)


def _done(waiting: Sequence[Subject], today: dt.date) -> Generator[Answer | Failure, None, list[Subject]]:
    """The outcomes of the subjects that want nothing more; gives back the others."""
    left = []
    for subject in waiting:
        if subject.wanted():
            left.append(subject)
        else:
            yield from subject.outcomes(today)
    return left


def _batches(readings: Sequence[Reading]) -> Iterator[list[Reading]]:
    batch: list[Reading] = []
    for reading in readings:
        if batch and sum(one.effort for one in batch) + reading.effort > EFFORT:
            yield batch
            batch = []
        batch.append(reading)
    if batch:
        yield batch
