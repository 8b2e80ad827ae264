"""The doctor: ask every source for one target, and say what answers, what does not, and what to do about it.

Nothing is kept. The past is not filled in either: a source is left alone as soon as it gives a signal a second time.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, TypeAdapter
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from groundswell.advice import UNREACHED, Place, advice
from groundswell.collect import collect, plan
from groundswell.http import Door, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Naming, Project, Signal, SourceModule

log = logging.getLogger(__name__)

ALL_ANSWERED, SOME_DID_NOT, NOBODY_DID = 0, 1, 4  # exit statuses; the last is that of a run that reached nobody
LIMITS: Final = "https://api.github.com/rate_limit"  # asking there costs nothing of the limit
OFF_A_TERMINAL: Final = 150  # columns of the table in a file or a workflow's log


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of asking one source."""

    source: str
    label: str
    docs: str
    project: str
    target: str  # "" is the project's repository
    newest: dt.date | None = None  # newest day among what it gave; None when it gave nothing
    failures: tuple[Failure, ...] = ()
    left: str = ""  # what is left of its limit, where it says so

    @property
    def reached(self) -> bool | None:
        """Whether anything came back; None when nobody was asked."""
        if self.newest is not None or not self.failures:
            return True
        if all(failure.deferred for failure in self.failures):
            return None
        return any(not UNREACHED.search(failure.reason) for failure in self.failures if not failure.deferred)

    @property
    def answered(self) -> bool:
        """Whether it gave any figure."""
        return self.newest is not None

    @property
    def well(self) -> bool:
        """Whether it gave figures, and nothing failed beside them."""
        return self.answered and not self.failures

    @property
    def wrong(self) -> tuple[str, ...]:
        """What is wrong: sentences that begin with the source's name, without a full stop."""
        reasons = dict.fromkeys(failure.reason for failure in self.failures)
        return tuple(f"{self.label} {reason}" for reason in reasons) or (() if self.answered else (self._nothing,))

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do, once for each thing to do."""
        reasons = [failure.reason for failure in self.failures] or ([] if self.answered else [self._nothing])
        place = Place(self.source, self.project, self.target, self.docs)
        return tuple(dict.fromkeys(advice(reason, place) for reason in reasons))

    @property
    def _nothing(self) -> str:
        return f"{self.label} gave no figure of this target"


# --- Asking ----------------------------------------------------------------------------------------------------------


def diagnose(
    projects: Sequence[Project],
    all_sources: Mapping[str, SourceModule],
    door: Door,
    today: dt.date,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[Finding, ...]:
    """What each source that is named says of the first target that is, in the order of the sources' keys."""
    wanted = plan(projects, all_sources, lambda project, _, target: Ask(project.id, target))
    asks = {key: targets[:1] for key, targets in wanted.items() if targets}
    found = {key: _unasked(key, all_sources[key], ask) for key, (ask,) in asks.items()}
    left = set(found)
    for outcome in collect(asks, {key: _Once(key, all_sources[key]) for key in asks}, door, today):
        found[outcome.source] = _with(found[outcome.source], outcome)
        advance(outcome.source in left)
        left.discard(outcome.source)
    if "github" in found and found["github"].reached:
        found["github"] = dataclasses.replace(found["github"], left=_left(door))
    return tuple(found.values())


def _unasked(key: str, source: SourceModule, ask: Ask) -> Finding:
    return Finding(key, source.LABEL, source.SIGNALS[0].docs, ask.project, ask.target)


def _with(finding: Finding, outcome: Answer | Failure) -> Finding:
    if isinstance(outcome, Failure):
        return dataclasses.replace(finding, failures=(*finding.failures, outcome))
    days = [one.day for one in outcome.observations] + ([finding.newest] if finding.newest else [])
    return dataclasses.replace(finding, newest=max(days, default=None))


class _Once:
    """A source that is left alone as soon as it gives a signal a second time, and whose faults spare the others."""

    def __init__(self, key: str, source: SourceModule) -> None:
        self.LABEL: str = source.LABEL
        self.NAMING: Naming = source.NAMING
        self.SIGNALS: tuple[Signal, ...] = source.SIGNALS
        self.PACE: Mapping[str, float] = source.PACE
        self._key, self._source = key, source

    def fetch(self, asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
        seen: set[str] = set()
        try:
            for outcome in self._source.fetch(asks, door, today):
                given = {one.signal for one in outcome.observations} if isinstance(outcome, Answer) else set()
                if given & seen:
                    return
                seen |= given
                yield outcome
        except Exception as fault:
            log.exception("%s", self.LABEL)
            for ask in asks:
                reason = f"could not be read for a fault of this program ({type(fault).__name__})"
                yield Failure(self._key, ask.project, ask.target, reason)


class _Limit(BaseModel):
    limit: int
    remaining: int


class _Limits(BaseModel):
    resources: dict[str, _Limit]


_LIMITS: Final = TypeAdapter(_Limits)


def _left(door: Door) -> str:
    """What is left of GitHub's limits for this hour; nothing when it does not say."""
    try:
        token = None if (best := door.purse.best("core")) is None else best.value
        answer = door.json(LIMITS, headers={"Authorization": f"Bearer {token}"} if token else None)
        limits = shaped(_LIMITS, answer).resources
    except Unanswered:
        return ""
    ways = [(name, limits[key]) for key, name in (("graphql", "GraphQL"), ("core", "REST")) if key in limits]
    return "\n".join(f"{name} {one.remaining:,} of {one.limit:,}" for name, one in ways if one.limit)


# --- Showing ---------------------------------------------------------------------------------------------------------


def status(found: Sequence[Finding]) -> int:
    """0 when every source answered and nothing failed, 4 when none answered, 1 for all between."""
    if not any(finding.answered for finding in found):
        return NOBODY_DID
    return ALL_ANSWERED if all(finding.well for finding in found) else SOME_DID_NOT


def show(found: Sequence[Finding], all_sources: Mapping[str, SourceModule], console: Console) -> None:
    """Print the table, what no project names, and a line that sums up."""
    table = Table(box=box.HORIZONTALS, show_lines=True, width=None if console.is_terminal else OFF_A_TERMINAL)
    table.add_column("Source", overflow="fold")
    for head in ("Reachable", "Answered", "Newest day"):
        table.add_column(head, no_wrap=True)
    table.add_column("Limit left")
    table.add_column("What is wrong, and what to do", overflow="fold", ratio=1, min_width=26)
    for finding in found:
        table.add_row(*map(Text, _row(finding)))
    console.print(table, soft_wrap=False, crop=False)
    named = {finding.source for finding in found}
    if unnamed := [source.LABEL for key, source in all_sources.items() if key not in named]:
        console.print(f"No project names a target for: {', '.join(unnamed)}", markup=False)
    well = sum(finding.well for finding in found)
    console.print(f"{well} of {len(found)} sources answered and had nothing wrong", markup=False)


def _row(finding: Finding) -> tuple[str, ...]:
    reached = {True: "yes", False: "no", None: "not asked"}[finding.reached]
    answered = "yes" if finding.well else "in part" if finding.answered else "no"
    newest = finding.newest.isoformat() if finding.newest else "–"
    asked = f"{finding.label}\n{finding.target or finding.project}"
    wrong = [*(f"{reason}." for reason in finding.wrong), *(f"→ {advice}" for advice in finding.advice)]
    return asked, reached, answered, newest, finding.left or "–", "\n".join(wrong)
