"""Commits of the year before a repository was first seen, from totals alone, so that their growth has an interval.

A window of 28 days is two pieces of 14, and ends every 14 days, so that a level can be read on any day between. From
each piece the commits by bots are taken away, as far as their addresses are known (bots.EMAILS, and the bots met in the
commits that were read). It is asked once, in parts small enough for GitHub's ten seconds.

The addresses are kept nowhere. So a run that finds this left by one that was cut short reads the newest commits again:
with the bots of the table alone the year before would stand too high, and a fall would be seen that never was.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from groundswell.http import Broken, shaped
from groundswell.models import Answer, Ask, Failure, Observation
from groundswell.sources.github import batches, bots
from groundswell.sources.github.activity import NOTE, READ, Met, window
from groundswell.sources.github.batches import Given, Outcome, Unread
from groundswell.sources.github.counters import Seen
from groundswell.sources.github.notes import WEEK, noted_day
from groundswell.sources.github.queries import CommitTotals
from groundswell.sources.github.shapes import TOTALS
from groundswell.sources.github.transport import Session

log = logging.getLogger(__name__)

NOTE_BEFORE: Final = "commits_before"  # "read", or the day of a try that failed
PIECE: Final = 14  # days
PIECES: Final = 25  # 24 windows of 28 days, back to the one that ended 336 days ago
PIECES_AT_ONCE: Final = 13  # 26 connections
BATCH: Final = 4  # parts: two repositories, 100 connections, one point


@dataclass(frozen=True, slots=True)
class Wanted:
    """The pieces of one repository that are asked for; piece 0 is the newest 14 days, which are known already."""

    seen: Seen
    end: dt.date  # last day of the newest window, which was read commit by commit
    exact_since: dt.date  # windows that end on this day or later are known already
    addresses: tuple[str, ...]
    found: dict[int, int] = field(default_factory=dict)  # piece → commits that are not by bots
    failures: list[Unread] = field(default_factory=list)

    @property
    def pieces(self) -> range:
        """The pieces that lie wholly in the repository's life; none when the commits of a year were read one by one."""
        if self.exact_since <= self.end - dt.timedelta(days=PIECE * (PIECES - 1)):
            return range(0)
        whole = (self.end - self.seen.created).days + 1
        return range(1, min(PIECES + 1, max(whole // PIECE, 1)))

    def part(self, pieces: Sequence[int]) -> CommitTotals:
        """What asks for some pieces."""
        windows = tuple(window(self.end - dt.timedelta(days=PIECE * piece), PIECE) for piece in pieces)
        return CommitTotals(self.seen.name, windows, self.addresses)


def left(seen: Sequence[Seen], today: dt.date) -> list[Seen]:
    """The repositories whose newest commits were read, and whose earlier ones were left; the longest-waiting first."""
    waiting = [one for one in seen if not one.empty and NOTE in one.ask.state and _is_due(one.ask, today)]
    return sorted(waiting, key=lambda one: (noted_day(one.ask.state, NOTE), one.ask.project))


def due(seen: Sequence[Seen], met: Mapping[str, Met], today: dt.date) -> list[Wanted]:
    """The repositories whose newest commits this run has read, and whose earlier ones were not asked for yet, or in a
    try that failed a week ago.
    """
    return [
        _wanted(one, met[one.ask.project], today)
        for one in seen
        if one.ask.project in met and not one.empty and _is_due(one.ask, today)
    ]


def _is_due(ask: Ask, today: dt.date) -> bool:
    return ask.state.get(NOTE_BEFORE) != READ and noted_day(ask.state, NOTE_BEFORE) <= today - WEEK


def _wanted(seen: Seen, met: Met, today: dt.date) -> Wanted:
    state, day = seen.ask.state, dt.timedelta(days=1)
    addresses = tuple(sorted({*bots.EMAILS, *met.addresses}))
    if NOTE not in state or NOTE_BEFORE in state:
        return Wanted(seen, today - day, met.exact_since, addresses)
    end = noted_day(state, NOTE) - day  # the run that was cut short has given the windows from there on
    return Wanted(seen, end, min(seen.ask.oldest.get("commits", end), end), addresses)


def read(session: Session, wanted: Sequence[Wanted], today: dt.date) -> Iterator[Answer | Failure]:
    """The commits of earlier windows, each repository as soon as all its pieces are there."""
    parts = [
        ((one, pieces), one.part(pieces))
        for one in wanted
        for start in range(0, len(one.pieces), PIECES_AT_ONCE)
        if (pieces := one.pieces[start : start + PIECES_AT_ONCE])
    ]
    left = {id(one): -(-len(one.pieces) // PIECES_AT_ONCE) for one in wanted}
    for one in wanted:
        if not left[id(one)]:
            yield outcome_of(one, today)
    for (one, pieces), outcome in batches.ask(session, parts, BATCH):
        _take(one, pieces, outcome)
        left[id(one)] -= 1
        if not left[id(one)]:
            yield outcome_of(one, today)


def _take(wanted: Wanted, pieces: Sequence[int], outcome: Outcome) -> None:
    try:
        if isinstance(outcome, Given):
            wanted.found.update(parse(outcome.value, pieces))
        else:
            wanted.failures.append(outcome if isinstance(outcome, Unread) else Unread("does not show its commits"))
    except Broken as error:
        wanted.failures.append(Unread(str(error)))


def parse(value: object, pieces: Sequence[int]) -> Mapping[int, int]:
    """Commits that are not by bots of each piece. Raises Broken, also when more are by bots than there are."""
    totals = shaped(TOTALS, value).defaultBranchRef.target
    if set(totals) != {f"{kind}{number}" for kind in ("all", "bots") for number in range(len(pieces))}:
        raise Broken("answered in an unknown shape (other windows than were asked for)")
    people = {
        piece: totals[f"all{number}"].totalCount - totals[f"bots{number}"].totalCount
        for number, piece in enumerate(pieces)
    }
    if min(people.values(), default=0) < 0:
        raise Broken("counts more commits by bots than there are commits")
    return people


def outcome_of(wanted: Wanted, today: dt.date) -> Answer | Failure:
    """The windows of 28 days of which both halves are known, and a note of whether to ask again."""
    ask, found = wanted.seen.ask, wanted.found
    untried = next((one for one in wanted.failures if one.deferred or one.not_reached), None)
    if untried is not None:
        why, deferred = untried.reason, untried.deferred
        return Failure("github", ask.project, ask.target, why, signals=("commits",), deferred=deferred)
    for failure in wanted.failures:
        log.info("%s: the commits of the year before could not be read: GitHub %s", ask.project, failure.reason)
    ends = {piece: wanted.end - dt.timedelta(days=PIECE * piece) for piece in found if piece + 1 in found}
    return Answer(
        "github",
        ask.project,
        ask.target,
        tuple(
            Observation("commits", end, found[piece] + found[piece + 1])
            for piece, end in sorted(ends.items())
            if end < wanted.exact_since
        ),
        {NOTE_BEFORE: today.isoformat() if wanted.failures else READ},
    )
