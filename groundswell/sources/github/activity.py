"""Commits and their authors, read commit by commit; bots are left out.

docs/decisions/0004-commits-and-contributors.md says what is counted and how it is read. A week's refresh reads the 28
days that ended yesterday and the 84 before them; at first sight most of the year before that is read too, so that
growth exists on day one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Final

from groundswell.http import Broken, shaped
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources.github import bots, people
from groundswell.sources.github.batches import Unread
from groundswell.sources.github.counters import Seen
from groundswell.sources.github.people import BEFORE, WINDOW, Commit, weekly_ends
from groundswell.sources.github.queries import CommitPage
from groundswell.sources.github.shapes import COMMITS, Author, CommitTarget
from groundswell.sources.github.weekly import Reading, turn

NEWEST: Final = ("commits", "active_contributors")
ALONE: Final = ("contributor_stickiness", "contributor_absence_factor")  # of 28 days by themselves
COMPANIES: Final = (
    "organisations",
    "organisations_with_two_or_more",
    "organisation_known_share",
    "elephant_factor",
)
COMPARED: Final = ("new_contributors", "returning_contributors", "returning_share")  # with the 84 days before
SIGNALS: Final = (*NEWEST, *ALONE, *COMPANIES, *COMPARED)

PAST: Final = 10 * WINDOW  # days before those, read at first sight: a year of windows in all
MOST_PAGES: Final = 10  # of 100 commits, for the newest 28 days
MOST_BEFORE: Final = 12  # for the 84 days before them
MOST_PAST: Final = 25
NOTE: Final = "activity"
NOTE_PAST: Final = "contributors_before"  # "read" when nothing more of the past is wanted
READ: Final = "read"

NO_BRANCH: Final = "names no branch to count commits on"
TOO_MANY: Final = "has more commits in {days} days than are read one by one ({most:,})"
NOT_COUNTED: Final = "gave numbers of commits that contradict each other"


@dataclass(frozen=True, slots=True)
class Span:
    """Days before the newest window, and how they are read."""

    end: dt.date  # last day
    days: int
    most: int  # pages of commits
    pieces: tuple[tuple[int, int], ...]  # up to so many commits: pieces of so many days


@dataclass(slots=True)
class Window(Reading):
    """The commits of one span of days while they are read, page by page."""

    end: dt.date  # last day
    days: int
    commits: list[Commit] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)  # of bots that were met
    total: int = 0
    pages: int = 0
    cursor: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every commit of the window was read."""
        return not self.open and self.failure is None and self.cursor is None

    @property
    def part(self) -> CommitPage:
        """The next page to ask for."""
        return CommitPage(self.seen.name, *window(self.end, self.days), self.cursor)

    def take(self, value: object) -> None:
        """Add a page, and see whether another is wanted."""
        self._add(parse(value))

    def _add(self, target: CommitTarget) -> None:
        history = target.history
        self.pages += 1
        self.total = history.totalCount
        for node in history.nodes:
            if node is not None:
                self._count(node.committedDate.date(), node.author)
        self.cursor = history.pageInfo.endCursor if history.pageInfo.hasNextPage else None
        self.open = self.cursor is not None

    def _count(self, day: dt.date, author: Author | None) -> None:
        if author is None:
            self.commits.append(Commit(day, None, bot=False))
            return
        bot = bots.is_bot(author)
        if bot and author.email:
            self.addresses.add(author.email)
        company = people.organisation(author.user.company) if author.user else None
        self.commits.append(Commit(day, bots.person(author), bot, company))


@dataclass(slots=True)
class Newest(Window):
    """The window that ended yesterday. Its first page tells how many commits there are before it, which says whether
    those can be read; of itself a lower bound is worth having, when it has more commits than are read.
    """

    spans: tuple[Span, ...] = ()  # the days before it, the newest first
    before: tuple[int, ...] = ()  # how many commits each of them has
    by_bots: int | None = None  # as GitHub counts them by address; only asked when there is more than is read

    @property
    def part(self) -> CommitPage:
        """The next page to ask for; with the last one bots are counted by address, when even that leaves more."""
        more_than_is_read = self.pages == MOST_PAGES - 1 and self.total > 100 * MOST_PAGES
        return CommitPage(
            self.seen.name,
            *window(self.end, self.days),
            self.cursor,
            tuple(sorted({*bots.EMAILS, *self.addresses})) if more_than_is_read else None,
            companies=True,
            before=() if self.pages else tuple(window(span.end, span.days) for span in self.spans),
        )

    def take(self, value: object) -> None:
        """Add a page, and see whether another is wanted."""
        target = parse(value)
        if not self.pages:
            given = (target.before0, target.before1)[: len(self.spans)]
            if None in given:
                raise Broken("answered in an unknown shape (the commits before are missing)")
            self.before = tuple(one.totalCount for one in given if one is not None)
        self._add(target)
        self.by_bots = target.bots.totalCount if target.bots else None
        self.open = self.open and self.pages < MOST_PAGES

    @property
    def fits(self) -> bool:
        """Whether it is known that every commit can be read."""
        return self.pages > 0 and self.failure is None and self.total <= 100 * MOST_PAGES


def window(end: dt.date, days: int = WINDOW) -> tuple[str, str]:
    """First and last second, in UTC, of the days that end with one."""
    return f"{end - dt.timedelta(days=days - 1)}T00:00:00Z", f"{end}T23:59:59Z"


def parse(value: object) -> CommitTarget:
    """A page of commits on the default branch. Raises Broken, also when there is no such branch."""
    if isinstance(value, dict) and value.get("defaultBranchRef", "") is None:
        raise Broken(NO_BRANCH)
    target = shaped(COMMITS, value).defaultBranchRef.target
    if target.history.pageInfo.hasNextPage and target.history.pageInfo.endCursor is None:
        raise Broken("answered in an unknown shape (endCursor is missing)")
    return target


def due(seen: Sequence[Seen], today: dt.date, beside: Sequence[Ask] = ()) -> list[Seen]:
    """Whose commits are to be read today. A repository without a commit has none to read."""
    return turn([one for one in seen if not one.empty], NOTE, today, beside)


@dataclass(frozen=True, slots=True)
class Met:
    """What the commits of a repository told beside their number."""

    addresses: frozenset[str]  # of bots
    exact_since: dt.date  # the first day for which `commits` was given


# --- One repository --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Earlier:
    """The days before the newest window, read in pieces side by side: a page tells where the next one begins, so that
    a long span alone would need query after query.
    """

    span: Span
    too_many: bool = False
    pieces: tuple[Window, ...] | None = None  # None: not begun

    def begin(self, seen: Seen, commits: int) -> None:
        """Plan the pieces, now that it is known how many commits there are."""
        if commits > 100 * self.span.most:
            self.too_many = True
            return
        days = next(days for most, days in self.span.pieces if commits <= most)
        ends = range(0, self.span.days if commits else 0, days)
        self.pieces = tuple(Window(seen, self.span.end - dt.timedelta(days=back), days) for back in ends)

    @property
    def is_begun(self) -> bool:
        """Whether it was planned."""
        return self.too_many or self.pieces is not None

    @property
    def is_whole(self) -> bool:
        """Whether every commit of it was read."""
        return self.pieces is not None and all(one.is_whole for one in self.pieces)

    @property
    def failure(self) -> Unread | None:
        """Why it could not be read; also when there are too many to try."""
        if self.too_many:
            return Unread(TOO_MANY.format(days=self.span.days, most=100 * self.span.most))
        return next((one.failure for one in self.pieces or () if one.failure is not None), None)


@dataclass(slots=True)
class Work:
    """The commits of one repository: the newest 28 days, the 84 before them, and at first sight the rest of a year."""

    newest: Newest
    earlier: tuple[Earlier, ...]

    @classmethod
    def of(cls, seen: Seen, today: dt.date) -> Work:
        """What is to be read today."""
        end = today - dt.timedelta(days=1)
        before = Span(end - dt.timedelta(days=WINDOW), BEFORE, MOST_BEFORE, ((100, BEFORE), (1_200, WINDOW)))
        past = Span(before.end - dt.timedelta(days=BEFORE), PAST, MOST_PAST, ((100, PAST), (500, 56), (2_500, WINDOW)))
        spans = (before,) if seen.ask.state.get(NOTE_PAST) == READ else (before, past)
        return cls(Newest(seen, end, WINDOW, spans=spans), tuple(map(Earlier, spans)))

    @property
    def seen(self) -> Seen:
        """The repository."""
        return self.newest.seen

    def wanted(self) -> list[Window]:
        """The windows with a page to ask for."""
        if self.newest.fits and not self.earlier[0].is_begun:
            for one, commits in zip(self.earlier, self.newest.before, strict=True):
                one.begin(self.seen, commits)
                if one.too_many:
                    break
        pieces = [piece for one in self.earlier for piece in one.pieces or ()]
        return [one for one in (self.newest, *pieces) if one.open]

    @property
    def met(self) -> Met | None:
        """What was learnt for the totals of the year before; None when the newest window could not be read."""
        if self.newest.failure is not None or _people_only(self.newest) is None:
            return None
        known = [self.newest.end, *self._ends()]
        return Met(frozenset(address for one in self._windows() for address in one.addresses), min(known))

    def _windows(self) -> list[Window]:
        """The newest window, and the pieces of what was read whole before it."""
        return [self.newest, *(piece for one in self._whole() for piece in one.pieces or ())]

    def _whole(self) -> list[Earlier]:
        """What was read whole before the newest window, without a gap."""
        return list(takewhile(lambda one: one.is_whole, self.earlier))

    def _ends(self) -> list[dt.date]:
        """The last days of earlier windows, at first sight; each was read whole and lies in the repository's life."""
        if NOTE in self.seen.ask.state and NOTE_PAST in self.seen.ask.state:
            return []
        ends = weekly_ends(self.newest.end, (self._whole_days() - WINDOW) // 7)
        born = self.seen.created + dt.timedelta(days=WINDOW - 1)
        return [end for end in ends if end >= born]

    def _whole_days(self) -> int:
        """Days up to yesterday of which every commit was read."""
        return WINDOW + sum(one.span.days for one in self._whole()) if self.newest.is_whole else 0

    def outcomes(self, today: dt.date) -> Iterator[Answer | Failure]:
        """What the newest window says, what it says against the days before, and the same of earlier windows."""
        newest = self.newest
        if newest.failure is not None:
            yield self._failure(SIGNALS, newest.failure)
            return
        count = _people_only(newest)
        if count is None:
            yield self._failure(SIGNALS, Unread(NOT_COUNTED))
            return
        before = self.earlier[0].failure
        done = all(one.failure is None or one.too_many for one in self.earlier)
        yield Answer(
            "github",
            self.seen.ask.project,
            self.seen.ask.target,
            tuple(self._observations(count)),
            {NOTE: today.isoformat(), **({NOTE_PAST: READ} if done else {})},
            at_least=() if newest.is_whole else ("active_contributors", *COMPANIES[:2]),
        )
        if not newest.is_whole:
            too_many = TOO_MANY.format(days=WINDOW, most=100 * MOST_PAGES)
            yield self._failure((*ALONE, *COMPANIES[2:], *COMPARED), Unread(too_many))
        elif before is not None:
            yield self._failure(COMPARED, before)

    def _observations(self, count: int) -> Iterator[Observation]:
        newest = self.newest
        employed = people.organisations(newest.commits)
        if not newest.is_whole:
            yield Observation("commits", newest.end, count)
            yield Observation("active_contributors", newest.end, len(people.authors(newest.commits)))
            yield from (Observation(signal, newest.end, employed[signal]) for signal in COMPANIES[:2])
            return
        commits = [commit for one in self._windows() for commit in one.commits]
        whole = self._whole_days()
        for end in (newest.end, *self._ends()):
            covered = (end - newest.end).days + whole
            found = {**people.in_window(commits, end), **({"commits": count} if end == newest.end else {})}
            if covered >= WINDOW + BEFORE:
                found |= people.against_before(commits, end)
            yield from (Observation(signal, end, value) for signal, value in found.items())
        yield from (Observation(signal, newest.end, value) for signal, value in employed.items())

    def _failure(self, signals: tuple[str, ...], why: Unread) -> Failure:
        ask = self.seen.ask
        return Failure("github", ask.project, ask.target, why.reason, signals=signals, deferred=why.deferred)


def _people_only(reading: Newest) -> int | None:
    """Commits that are not by bots; None when the numbers contradict each other."""
    by_bots = sum(commit.bot for commit in reading.commits)
    if not reading.is_whole:
        if reading.by_bots is None:
            return None
        by_bots = max(by_bots, reading.by_bots)
    return reading.total - by_bots if by_bots <= reading.total else None
