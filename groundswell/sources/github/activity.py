"""Commits and their authors in windows of 28 days, read commit by commit; bots are left out.

docs/decisions/0004-commits-and-contributors.md says what is counted and why. A week's refresh reads the window that
ended yesterday; at first sight the window before is read too, so that growth exists on day one.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from groundswell.http import Broken, shaped
from groundswell.models import Answer, Failure, Observation
from groundswell.sources.github import batches, bots, months
from groundswell.sources.github.batches import Given, Outcome, Refused, Unread
from groundswell.sources.github.counters import HIDDEN, Seen
from groundswell.sources.github.notes import due_weekly
from groundswell.sources.github.queries import CommitPage, Part
from groundswell.sources.github.shapes import COMMITS, Author, CommitTarget
from groundswell.sources.github.transport import Session

log = logging.getLogger(__name__)

SIGNALS: Final = ("commits", "active_contributors")
WINDOW: Final = 28  # days
MOST_PAGES: Final = 10  # of 100 commits, for one window
BATCH: Final = 10  # pages of commits in one query
GROUP: Final = 50  # repositories read side by side, so that the long ones share queries
NOTE: Final = "activity"

NO_BRANCH: Final = "names no branch to count commits on"


@dataclass(frozen=True, slots=True)
class Commit:
    """What is kept of a commit while it is counted."""

    day: dt.date
    author: str | None  # None: a commit without a name to it
    bot: bool


@dataclass(slots=True)
class Reading:
    """One window of one repository while it is read, page by page."""

    seen: Seen
    end: dt.date  # last day of the window
    latest: bool = True  # the window that ended yesterday; only of that one a lower bound is worth having
    total: int = 0
    pages: int = 0
    commits: list[Commit] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)  # of bots that were met
    by_bots: int | None = None  # as GitHub counts them by address; only asked when there is more than is read
    cursor: str | None = None
    open: bool = True  # there is a page to read
    failure: Unread | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every commit of the window was read."""
        return not self.open and self.failure is None and self.cursor is None

    @property
    def page(self) -> CommitPage:
        """The next page to ask for; with the last one bots are counted by address, when even that leaves more."""
        more_than_is_read = self.pages == MOST_PAGES - 1 and self.total > 100 * MOST_PAGES
        addresses = tuple(sorted({*bots.EMAILS, *self.addresses})) if more_than_is_read else None
        return CommitPage(self.seen.name, *window(self.end), self.cursor, addresses)

    def take(self, target: CommitTarget) -> None:
        """Add a page, and see whether another is wanted."""
        history = target.history
        self.pages += 1
        self.total = history.totalCount
        self.by_bots = target.bots.totalCount if target.bots else None
        for node in history.nodes:
            if node is not None:
                self._count(node.committedDate.date(), node.author)
        self.cursor = history.pageInfo.endCursor if history.pageInfo.hasNextPage else None
        readable = self.latest or self.total <= 100 * MOST_PAGES
        self.open = self.cursor is not None and self.pages < MOST_PAGES and readable

    def _count(self, day: dt.date, author: Author | None) -> None:
        if author is None:
            self.commits.append(Commit(day, None, bot=False))
            return
        bot = bots.is_bot(author)
        if bot and author.email:
            self.addresses.add(author.email)
        self.commits.append(Commit(day, bots.person(author), bot))


def window(end: dt.date, days: int = WINDOW) -> tuple[str, str]:
    """First and last second, in UTC, of the days that end with one."""
    return f"{end - dt.timedelta(days=days - 1)}T00:00:00Z", f"{end}T23:59:59Z"


def due(seen: Sequence[Seen], today: dt.date) -> list[Seen]:
    """Whose commits are to be read today. A repository without a commit has none to read."""
    share = max(GROUP, BATCH * -(-len(seen) // (7 * BATCH)))  # a seventh in full batches, and small trackers at once
    return due_weekly([one for one in seen if not one.empty], NOTE, today, share)


@dataclass(frozen=True, slots=True)
class Met:
    """What the commits of a repository told beside their number."""

    addresses: frozenset[str]  # of bots
    exact_since: dt.date  # the first day for which `commits` was given


def read(
    session: Session, seen: Sequence[Seen], today: dt.date, riding: Mapping[str, months.Plan]
) -> Generator[Answer | Failure, None, dict[str, Met]]:
    """Commits and contributors of repositories; gives back, by project, what else was learnt.

    `riding` holds, by project, the counts of a month that the first queries carry along without costing a point more.
    """
    met: dict[str, Met] = {}
    for start in range(0, len(seen), GROUP):
        group = seen[start : start + GROUP]
        carried = [riding[one.ask.project] for one in group if one.ask.project in riding]
        met |= yield from _read_group(session, group, today, carried)
    return met


def _read_group(
    session: Session, group: Sequence[Seen], today: dt.date, carried: Sequence[months.Plan]
) -> Generator[Answer | Failure, None, dict[str, Met]]:
    yesterday = today - dt.timedelta(days=1)
    waiting = {one.ask.project: [Reading(one, yesterday), *_before(one, yesterday)] for one in group}
    progress = months.Progress(carried)
    met: dict[str, Met] = {}
    while waiting:
        readings = [one for of_project in waiting.values() for one in of_project if one.open]
        for start in range(0, len(readings), BATCH):
            pages = readings[start : start + BATCH]
            wanted: list[tuple[Reading | months.Count, Part]] = [(reading, reading.page) for reading in pages]
            wanted += progress.carried_by({reading.seen.ask.project for reading in pages})
            for key, given in batches.ask_together(session, wanted):
                if isinstance(key, Reading):
                    _take(key, given)
                else:
                    yield from progress.take(key, given)
            for project in [name for name, parts in waiting.items() if not any(one.open for one in parts)]:
                parts = waiting.pop(project)
                outcome = outcome_of(parts, today)
                if isinstance(outcome, Answer):
                    addresses = frozenset(address for one in parts for address in one.addresses)
                    met[project] = Met(addresses, min(one.day for one in outcome.observations))
                yield outcome
    return met


def _before(seen: Seen, yesterday: dt.date) -> list[Reading]:
    if NOTE in seen.ask.state:
        return []
    return [Reading(seen, yesterday - dt.timedelta(days=WINDOW), latest=False)]


def _take(reading: Reading, outcome: Outcome) -> None:
    try:
        if isinstance(outcome, Given):
            reading.take(parse(outcome.value))
            return
        failure = outcome if isinstance(outcome, Unread) else Unread(_why(outcome))
    except Broken as error:
        failure = Unread(str(error))
    reading.open, reading.failure = False, failure


def _why(outcome: Outcome) -> str:
    return HIDDEN if isinstance(outcome, Refused) else "does not show this repository any more"


def parse(value: object) -> CommitTarget:
    """A page of commits on the default branch. Raises Broken, also when there is no such branch."""
    if isinstance(value, dict) and value.get("defaultBranchRef", "") is None:
        raise Broken(NO_BRANCH)
    target = shaped(COMMITS, value).defaultBranchRef.target
    if target.history.pageInfo.hasNextPage and target.history.pageInfo.endCursor is None:
        raise Broken("answered in an unknown shape (endCursor is missing)")
    return target


# --- What was read ---------------------------------------------------------------------------------------------------


def outcome_of(readings: Sequence[Reading], today: dt.date) -> Answer | Failure:
    """Commits and contributors of the newest window, and, where the one before was read whole, of the weeks between.

    readings: the newest window, and at first sight the one before.
    """
    newest = readings[0]
    ask = newest.seen.ask
    if newest.failure is not None:
        why = newest.failure
        return Failure("github", ask.project, ask.target, why.reason, signals=SIGNALS, deferred=why.deferred)
    commits = _commits(newest)
    if commits is None:
        reason = "gave numbers of commits that contradict each other"
        return Failure("github", ask.project, ask.target, reason, signals=SIGNALS)
    observations = [
        Observation("commits", newest.end, commits),
        Observation("active_contributors", newest.end, _contributors(newest.commits)),
    ]
    if len(readings) > 1 and all(one.is_whole for one in readings):
        observations += _weeks_before(newest.end, [commit for one in readings for commit in one.commits])
    return Answer(
        "github",
        ask.project,
        ask.target,
        tuple(observations),
        {NOTE: today.isoformat()},
        at_least=() if newest.is_whole else ("active_contributors",),
    )


def _weeks_before(end: dt.date, commits: Sequence[Commit]) -> Iterator[Observation]:
    """The windows that ended one to four weeks earlier, from the commits of 56 days."""
    for weeks in range(1, 5):
        last = end - dt.timedelta(weeks=weeks)
        first = last - dt.timedelta(days=WINDOW - 1)
        inside = [commit for commit in commits if first <= commit.day <= last]
        yield Observation("commits", last, sum(not commit.bot for commit in inside))
        yield Observation("active_contributors", last, _contributors(inside))


def _commits(reading: Reading) -> int | None:
    """Commits that are not by bots; None when the numbers contradict each other."""
    by_bots = sum(commit.bot for commit in reading.commits)
    if not reading.is_whole:
        if reading.by_bots is None:
            return None
        by_bots = max(by_bots, reading.by_bots)
    return reading.total - by_bots if by_bots <= reading.total else None


def _contributors(commits: Sequence[Commit]) -> int:
    return len({commit.author for commit in commits if not commit.bot and commit.author is not None})
