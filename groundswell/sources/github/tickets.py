"""Issues and merged pull requests of the last weeks, with who opened them: read once a week, the newest first.

docs/decisions/0009-how-people-are-counted.md says what is counted. Issues come in the order in which they were opened,
pull requests in the order in which anything last happened to them, which is never before they were merged: so a page
that begins before a day shows that nothing from that day on is left out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from groundswell.http import Broken, shaped
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources.github import bots, people
from groundswell.sources.github.batches import Unread
from groundswell.sources.github.counters import Seen
from groundswell.sources.github.people import BEFORE, WINDOW, weekly_ends
from groundswell.sources.github.queries import IssuePage, MergedPage, Part, Responses
from groundswell.sources.github.shapes import ISSUES, MERGED, RESPONSES, Actor, IssueNode, PageInfo, Responded
from groundswell.sources.github.weekly import Reading, turn

RESPONSE: Final = ("time_to_first_response", "unanswered_share")
CLOSING: Final = ("time_to_close",)
OF_ISSUES: Final = ("issue_authors", *CLOSING, *RESPONSE)
OF_MERGED: Final = ("first_pull_requests_merged",)

NOTE_ISSUES: Final = "issues_read"
NOTE_MERGED: Final = "merged_read"
YEAR: Final = 13 * WINDOW
FIRST_PAGES: Final = 10  # of 100, at first sight, as far back as a year
ISSUE_PAGES: Final = FIRST_PAGES  # for 28 days; with fewer, what was seen at first sight would be lost a week later
MERGED_PAGES: Final = FIRST_PAGES  # for 112 days; the same holds here
LIST: Final = 6  # the effort of a page: it has less to look up than one of commits
SAMPLE: Final = 20  # issues whose comments are looked at
HOUR: Final = 3_600
DAY: Final = 24 * HOUR

TOO_MANY: Final = "has more {what} in {days} days than are read one by one ({most:,})"


@dataclass(slots=True)
class Listing(Reading):
    """A list of a repository, newest first, while it is read page by page."""

    since: dt.date  # read until everything from this day on is there
    most: int  # pages
    pages: int = 0
    cursor: str | None = None
    reach: dt.date = dt.date.max  # everything after this day is there
    effort: int = field(default=LIST, init=False)

    def covers(self, first: dt.date) -> bool:
        """Whether everything from a day on was read."""
        return self.failure is None and self.reach < first

    def close_empty(self) -> None:
        """There is nothing to read, which the counters of today say."""
        self.open, self.reach = False, dt.date.min

    def _note(self, info: PageInfo, days: Sequence[dt.date]) -> None:
        """Note how far a page reaches, and see whether another is wanted."""
        if info.hasNextPage and (info.endCursor is None or not days):
            raise Broken("answered in an unknown shape (there is more, and no way to it)")
        self.pages += 1
        self.cursor = info.endCursor if info.hasNextPage else None
        self.reach = min(days) if info.hasNextPage else dt.date.min
        self.open = info.hasNextPage and self.reach >= self.since and self.pages < self.most


@dataclass(slots=True)
class IssueList(Listing):
    """Issues, by the day they were opened."""

    issues: list[IssueNode] = field(default_factory=list)

    @property
    def part(self) -> Part:
        """The next page."""
        return IssuePage(self.seen.name, self.cursor)

    def take(self, value: object) -> None:
        """Add a page."""
        page = shaped(ISSUES, value).issues
        nodes = [node for node in page.nodes if node is not None]
        self.issues += nodes
        self._note(page.pageInfo, [node.createdAt.date() for node in nodes])

    def opened(self, end: dt.date) -> list[IssueNode]:
        """The issues that people opened in the 28 days that end on a day; those of deleted accounts are among them."""
        first = end - dt.timedelta(days=WINDOW - 1)
        inside = (one for one in self.issues if first <= one.createdAt.date() <= end)
        return [one for one in inside if one.author is None or not bots.is_bot_actor(one.author)]


@dataclass(slots=True)
class MergedList(Listing):
    """Merged pull requests, by the day on which anything last happened to them."""

    merged: list[tuple[dt.date, str]] = field(default_factory=list)  # day, who

    @property
    def part(self) -> Part:
        """The next page."""
        return MergedPage(self.seen.name, self.cursor)

    def take(self, value: object) -> None:
        """Add a page; bots and deleted accounts are nobody."""
        page = shaped(MERGED, value).pullRequests
        nodes = [node for node in page.nodes if node is not None]
        for node in nodes:
            if node.mergedAt is not None and (who := _who(node.author)) is not None:
                self.merged.append((node.mergedAt.date(), who))
        self._note(page.pageInfo, [node.updatedAt.date() for node in nodes])

    def authors(self, first: dt.date, last: dt.date) -> set[str]:
        """Whose pull requests were merged from a day to a day."""
        return {who for day, who in self.merged if first <= day <= last}


@dataclass(slots=True)
class Comments(Reading):
    """The first comments on some issues."""

    issues: tuple[IssueNode, ...] = ()
    responded: list[Responded | None] = field(default_factory=list)
    effort: int = field(default=SAMPLE, init=False)

    @property
    def part(self) -> Part:
        """What asks for them."""
        return Responses(tuple(one.id for one in self.issues))

    def take(self, value: object) -> None:
        """Keep them: one entry for each issue, in their order."""
        found = shaped(RESPONSES, value)
        if len(found) != len(self.issues):
            raise Broken("answered in an unknown shape (other issues than were asked for)")
        self.responded = found
        self.open = False


def _who(actor: Actor | None) -> str | None:
    return None if actor is None or bots.is_bot_actor(actor) else actor.login.lower()


def due(seen: Sequence[Seen], today: dt.date, beside: Sequence[Ask] = ()) -> list[Issues | Merged]:
    """What is to be read today; a repository that takes no issues has none to read."""
    with_issues = [one for one in seen if one.issues is not None]
    return [
        *(Issues.of(one, today) for one in turn(with_issues, NOTE_ISSUES, today, beside)),
        *(Merged.of(one, today) for one in turn(seen, NOTE_MERGED, today, beside)),
    ]


# --- Issues ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Issues:
    """The issues of one repository, and the first comments on some of them."""

    listing: IssueList
    end: dt.date
    comments: Comments | None = None

    @classmethod
    def of(cls, seen: Seen, today: dt.date) -> Issues:
        """What is to be read today."""
        first_sight = NOTE_ISSUES not in seen.ask.state
        end = today - dt.timedelta(days=1)
        since = end - dt.timedelta(days=YEAR if first_sight else WINDOW - 1)
        listing = IssueList(seen, since, FIRST_PAGES if first_sight else ISSUE_PAGES)
        if not seen.issues:
            listing.close_empty()
        return cls(listing, end)

    @property
    def seen(self) -> Seen:
        """The repository."""
        return self.listing.seen

    @property
    def _is_whole(self) -> bool:
        return self.listing.covers(self.end - dt.timedelta(days=WINDOW - 1))

    def wanted(self) -> list[Reading]:
        """A page of issues; then, when those of the newest 28 days are there, comments."""
        if self.listing.open:
            return [self.listing]
        if self.comments is None and self._is_whole:
            self.comments = Comments(self.seen, self._sample())
            self.comments.open = bool(self.comments.issues)
        return [self.comments] if self.comments is not None and self.comments.open else []

    def _sample(self) -> tuple[IssueNode, ...]:
        """Issues spread evenly over the window; where nobody knows who opened one, nobody knows who answers."""
        known = [one for one in self.listing.opened(self.end) if one.author is not None]
        count = min(SAMPLE, len(known))
        return tuple(known[(2 * place + 1) * len(known) // (2 * count)] for place in range(count))

    def outcomes(self, today: dt.date) -> Iterator[Answer | Failure]:
        """Who opened issues, when they are closed, and when somebody responds."""
        ask = self.seen.ask
        if self.listing.failure is not None:
            yield _failure(self.seen, OF_ISSUES, self.listing.failure)
            return
        bounds: list[str] = []
        found = list(self._authors())
        if self._is_whole:
            now = dt.datetime.combine(today, dt.time(), dt.UTC)
            opened = self.listing.opened(self.end)
            found += _median("time_to_close", self.end, [_span(one, one.closedAt, now) for one in opened], DAY, bounds)
            found += self._responses(now, bounds)
        else:
            bounds.append("issue_authors")
        yield Answer(
            "github", ask.project, ask.target, tuple(found), {NOTE_ISSUES: today.isoformat()}, at_least=tuple(bounds)
        )
        if not self._is_whole:
            reason = TOO_MANY.format(what="issues", days=WINDOW, most=100 * self.listing.most)
            yield _failure(self.seen, (*CLOSING, *RESPONSE), Unread(reason))
        elif self.comments is not None and self.comments.failure is not None:
            yield _failure(self.seen, RESPONSE, self.comments.failure)

    def _authors(self) -> Iterator[Observation]:
        ends = weekly_ends(self.end, YEAR // 7) if NOTE_ISSUES not in self.seen.ask.state else ()
        earlier = [end for end in ends if self._shows(end)]
        for end in (self.end, *earlier):
            who = {name for one in self.listing.opened(end) if (name := _who(one.author)) is not None}
            yield Observation("issue_authors", end, len(who))

    def _shows(self, end: dt.date) -> bool:
        first = end - dt.timedelta(days=WINDOW - 1)
        return first >= self.seen.created and self.listing.covers(first)

    def _responses(self, now: dt.datetime, bounds: list[str]) -> Iterator[Observation]:
        sample = self.comments
        if sample is None or not sample.responded:
            return
        pairs = list(zip(sample.issues, sample.responded, strict=True))
        spans = [_span(one, *_first_response(one, answered, now)) for one, answered in pairs if answered is not None]
        yield from _median("time_to_first_response", self.end, spans, HOUR, bounds)
        if spans:
            waiting = sum(not ended for _, ended in spans)
            yield Observation("unanswered_share", self.end, people.share(waiting, len(spans)))


def _first_response(issue: IssueNode, answered: Responded, now: dt.datetime) -> tuple[dt.datetime | None, dt.datetime]:
    """When somebody else than its author, and no bot, first commented on an issue; and until when that is known.

    Somebody whose account was deleted was somebody: who, is not known, so the author may be meant, and it is no
    response. Beyond the comments that were read nothing is known.
    """
    own = _who(issue.author)
    comments = [one for one in answered.comments.nodes if one is not None]
    for one in comments:
        who = _who(one.author)
        if who is not None and who != own:
            return one.createdAt, now
    more = answered.comments.pageInfo.hasNextPage and comments
    return None, (comments[-1].createdAt if more else now)


Span = tuple[float, bool]  # seconds; whether what is waited for has come


def _span(issue: IssueNode, ended: dt.datetime | None, until: dt.datetime) -> Span:
    if ended is not None and ended < until:
        return max((ended - issue.createdAt).total_seconds(), 0.0), True
    return max((until - issue.createdAt).total_seconds(), 0.0), False


def _median(signal: str, end: dt.date, spans: Sequence[Span], unit: int, bounds: list[str]) -> Iterator[Observation]:
    """The median as an observation, if there is one; noted in `bounds` when it is only known to be no less."""
    if spans:
        seconds, exact = median(spans)
        bounds += [] if exact else [signal]
        yield Observation(signal, end, round(seconds / unit, 1))


def median(spans: Sequence[Span]) -> tuple[float, bool]:
    """The median wait of all, those among them that still wait, and whether it is more than a lower bound.

    By Kaplan and Meier: somebody who still waits counts as waiting as long as it is known, and among those of whom it
    is known at each moment. Where fewer than half have come, the median is not known; it is no less than that of the
    waits as they stand now, since none of them gets shorter.
    """
    stays = 1.0
    for seconds in sorted({seconds for seconds, ended in spans if ended}):
        at_risk = sum(one >= seconds for one, _ in spans)
        came = sum(one == seconds and ended for one, ended in spans)
        stays *= 1 - came / at_risk
        if stays <= 0.5 + 1e-9:
            return seconds, True
    waits = sorted(seconds for seconds, _ in spans)
    return waits[(len(waits) - 1) // 2], False


# --- Pull requests ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Merged:
    """The merged pull requests of one repository."""

    listing: MergedList
    end: dt.date

    @classmethod
    def of(cls, seen: Seen, today: dt.date) -> Merged:
        """What is to be read today."""
        first_sight = NOTE_MERGED not in seen.ask.state
        end = today - dt.timedelta(days=1)
        since = end - dt.timedelta(days=YEAR if first_sight else WINDOW + BEFORE - 1)
        listing = MergedList(seen, since, FIRST_PAGES if first_sight else MERGED_PAGES)
        if not seen.pull_requests:
            listing.close_empty()
        return cls(listing, end)

    @property
    def seen(self) -> Seen:
        """The repository."""
        return self.listing.seen

    def wanted(self) -> list[Reading]:
        """The next page."""
        return [self.listing] if self.listing.open else []

    def outcomes(self, today: dt.date) -> Iterator[Answer | Failure]:
        """Whose pull request was merged for the first time."""
        ask = self.seen.ask
        if self.listing.failure is not None:
            yield _failure(self.seen, OF_MERGED, self.listing.failure)
            return
        ends = [self.end, *(weekly_ends(self.end, YEAR // 7) if NOTE_MERGED not in ask.state else ())]
        found = [Observation(*OF_MERGED, end, self._first_ones(end)) for end in ends if self._shows(end)]
        yield Answer("github", ask.project, ask.target, tuple(found), {NOTE_MERGED: today.isoformat()})
        if not self._shows(self.end):
            days, most = WINDOW + BEFORE, 100 * self.listing.most
            reason = TOO_MANY.format(what="merged pull requests", days=days, most=most)
            yield _failure(self.seen, OF_MERGED, Unread(reason))

    def _shows(self, end: dt.date) -> bool:
        first = end - dt.timedelta(days=WINDOW - 1)
        born = first >= self.seen.created or end == self.end
        return born and self.listing.covers(first - dt.timedelta(days=BEFORE))

    def _first_ones(self, end: dt.date) -> int:
        first = end - dt.timedelta(days=WINDOW - 1)
        before = self.listing.authors(first - dt.timedelta(days=BEFORE), first - dt.timedelta(days=1))
        return len(self.listing.authors(first, end) - before)


def _failure(seen: Seen, signals: tuple[str, ...], why: Unread) -> Failure:
    ask = seen.ask
    return Failure("github", ask.project, ask.target, why.reason, signals=signals, deferred=why.deferred)
