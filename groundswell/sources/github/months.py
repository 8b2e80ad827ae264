"""Issues and pull requests opened in each closed calendar month, back over 13 of them at first sight.

docs/decisions/0003-issues-and-pull-requests-by-month.md says when they are counted by searches and when from a page of
dates, and what each costs.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Self

from groundswell.http import Broken, shaped
from groundswell.models import Answer, Failure, Observation
from groundswell.sources.github import batches
from groundswell.sources.github.batches import Given, Outcome, Unread
from groundswell.sources.github.counters import Seen
from groundswell.sources.github.queries import CreationPage, Part, SearchCount
from groundswell.sources.github.shapes import DATES, SEARCH, CreationDates
from groundswell.sources.github.transport import Session

NOTE: Final = "months"
MONTHS: Final = 13  # closed ones: a year, and the month to compare its first with
PAGE: Final = 100  # dates that one page holds
PAGES_AT_ONCE: Final = 10
SEARCHES_AT_ONCE: Final = 28  # 13 months of issues and of pull requests, and two searches that say whether search sees
DAYS_TO_RIDE: Final = 8  # of a new month, in which every repository's weekly turn comes once

SEARCHED: Final[Mapping[str, str]] = {"issues_opened": "is:issue", "pull_requests_opened": "is:pr"}
BLIND: Final = "finds nothing of this repository in its search"


class Month(NamedTuple):
    """A calendar month."""

    year: int
    month: int

    @classmethod
    def before(cls, day: dt.date) -> Self:
        """The last month that was over when the day began."""
        last = day.replace(day=1) - dt.timedelta(days=1)
        return cls(last.year, last.month)

    @classmethod
    def read(cls, text: object) -> Self | None:
        """A month as it is noted, `2026-10`; None for anything else."""
        try:
            day = dt.date.fromisoformat(f"{text}-01")
        except ValueError:
            return None
        return cls(day.year, day.month)

    @property
    def first(self) -> dt.date:
        """Its first day."""
        return dt.date(self.year, self.month, 1)

    @property
    def last(self) -> dt.date:
        """Its last day."""
        return (self.first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}"


Key = tuple[str | None, Month | None]  # signal and month of a count


@dataclass(frozen=True, slots=True)
class Plan:
    """The months of one repository that are to be counted."""

    seen: Seen
    newest: Month  # what is noted when all is counted
    months: tuple[Month, ...]
    first_sight: bool

    @property
    def signals(self) -> tuple[str, ...]:
        """What can be counted: a repository that takes no issues has no number of them."""
        return tuple(signal for signal in SEARCHED if signal != "issues_opened" or self.seen.issues is not None)

    @property
    def on_one_page(self) -> bool:
        """Whether a page of dates holds every issue and every pull request there ever was."""
        return max(self.seen.issues or 0, self.seen.pull_requests) <= PAGE

    @property
    def counts(self) -> tuple[Count, ...]:
        """All that has to be asked."""
        if self.on_one_page:
            return (Count(self),)
        searches = [Count(self, signal, month) for signal in self.signals for month in self.months]
        blind = [Count(self, signal) for signal in self.signals if self.first_sight and self._total(signal)]
        return (*searches, *blind)

    def _total(self, signal: str) -> int:
        return (self.seen.issues or 0) if signal == "issues_opened" else self.seen.pull_requests


@dataclass(frozen=True, slots=True)
class Count:
    """One thing to ask: a page of dates (no signal), one month, or (no month) whether search sees the repository."""

    plan: Plan
    signal: str | None = None
    month: Month | None = None

    @property
    def part(self) -> Part:
        """The question."""
        if self.signal is None:
            return CreationPage(self.plan.seen.name)
        opened = "" if self.month is None else f" created:{self.month.first}..{self.month.last}"
        return SearchCount(f"repo:{self.plan.seen.name} {SEARCHED[self.signal]}{opened}")


def plans(seen: Sequence[Seen], today: dt.date) -> list[Plan]:
    """What is to be counted today, the longest-waiting first: 13 months at first sight, then each as it closes."""
    found = (_plan(one, Month.before(today)) for one in seen)
    due = [plan for plan in found if plan is not None]
    return sorted(due, key=lambda plan: (str(plan.seen.ask.state.get(NOTE, "")), plan.seen.ask.project))


def _plan(seen: Seen, newest: Month) -> Plan | None:
    noted = Month.read(seen.ask.state.get(NOTE))
    if noted is not None and noted >= newest:
        return None
    months = [newest]
    while len(months) < MONTHS:
        months.append(Month.before(months[-1].first))
    wanted = [month for month in reversed(months) if month.last >= seen.created and (noted is None or month > noted)]
    return Plan(seen, newest, tuple(wanted), first_sight=noted is None)


def may_ride(plan: Plan, today: dt.date) -> bool:
    """Whether the count can wait for the repository's weekly turn, and go with its first query at no further cost."""
    return not plan.first_sight and len(plan.months) == 1 and today.day <= DAYS_TO_RIDE


def read(session: Session, due: Sequence[Plan]) -> Iterator[Answer | Failure]:
    """Count months: several repositories a query by their dates, or by searches as many as fit."""
    progress = Progress(due)
    for plan in due:
        if not plan.months:
            yield _answer(plan, {})
    pages = [(count, count.part) for plan in due if plan.months and plan.on_one_page for count in plan.counts]
    for count, outcome in batches.ask(session, pages, PAGES_AT_ONCE):
        yield from progress.take(count, outcome)
    for batch in searches(due):
        for count, outcome in batches.ask_together(session, batch):
            yield from progress.take(count, outcome)


def searches(due: Sequence[Plan]) -> Iterator[list[tuple[Count, Part]]]:
    """Searches in queries of at most SEARCHES_AT_ONCE, those of a repository together."""
    batch: list[tuple[Count, Part]] = []
    for plan in due:
        counts = [(count, count.part) for count in plan.counts] if plan.months and not plan.on_one_page else []
        if len(batch) + len(counts) > SEARCHES_AT_ONCE and batch:
            yield batch
            batch = []
        batch += counts
    if batch:
        yield batch


@dataclass(slots=True)
class Progress:
    """Which counts have come in; a repository's answer is given as soon as its last one is there."""

    due: Sequence[Plan]
    outcomes: dict[str, dict[Key, Outcome]] = field(default_factory=dict)  # by project
    carried: set[str] = field(default_factory=set)

    def carried_by(self, projects: set[str]) -> list[tuple[Count, Part]]:
        """The counts of these projects, once."""
        plans_now = [plan for plan in self.due if plan.seen.ask.project in projects - self.carried]
        self.carried |= projects
        return [(count, count.part) for plan in plans_now for count in plan.counts]

    def take(self, count: Count, outcome: Outcome) -> Iterator[Answer | Failure]:
        """Keep one outcome, and give the repository's answers when it was the last."""
        of_project = self.outcomes.setdefault(count.plan.seen.ask.project, {})
        of_project[count.signal, count.month] = outcome
        if len(of_project) == len(count.plan.counts):
            yield from outcomes_of(count.plan, of_project)


def outcomes_of(plan: Plan, outcomes: Mapping[Key, Outcome]) -> Iterator[Answer | Failure]:
    """What a repository's counts come to: months of each signal that was counted whole, and why others were not."""
    ask = plan.seen.ask
    counted: dict[str, Mapping[Month, int]] = {}
    failures: dict[str, Unread] = {}
    for signal in plan.signals:
        try:
            counted[signal] = _months_of(plan, signal, outcomes)
        except _NotCounted as error:
            failures[signal] = error.why
    if counted:
        yield _answer(plan, counted, whole=not failures)
    for why in dict.fromkeys(failures.values()):
        signals = tuple(signal for signal, own in failures.items() if own == why)
        yield Failure("github", ask.project, ask.target, why.reason, signals=signals, deferred=why.deferred)


class _NotCounted(Exception):
    def __init__(self, why: Unread) -> None:
        super().__init__(why.reason)
        self.why = why


def _months_of(plan: Plan, signal: str, outcomes: Mapping[Key, Outcome]) -> Mapping[Month, int]:
    try:
        if plan.on_one_page:
            return parse_dates(_given(outcomes[None, None]), signal, plan.months)
        own = {month: outcome for (name, month), outcome in outcomes.items() if name == signal}
        found = {month: parse_search(_given(outcome)) for month, outcome in own.items()}
    except Broken as error:
        raise _NotCounted(Unread(str(error))) from None
    if found.pop(None, 1) == 0:  # the repository has some: search does not see it, and its zeros mean nothing
        raise _NotCounted(Unread(BLIND))
    return {month: found[month] for month in plan.months}


def _given(outcome: Outcome) -> object:
    if isinstance(outcome, Given):
        return outcome.value
    raise _NotCounted(outcome if isinstance(outcome, Unread) else Unread("does not show these to the token"))


def parse_search(value: object) -> int:
    """How many a search found. Raises Broken."""
    return shaped(SEARCH, value).issueCount


def parse_dates(value: object, signal: str, months: Sequence[Month]) -> Mapping[Month, int]:
    """Amounts of months from a page of dates. Raises Broken, also when the page does not reach back to the first."""
    page = shaped(DATES, value)
    dates: CreationDates = page.issues if signal == "issues_opened" else page.pullRequests
    if dates.pageInfo.hasNextPage and min(dates.days, default=months[0].last) >= months[0].first:
        raise Broken("has more than one page of dates, which was not expected")
    amounts = Counter(Month(day.year, day.month) for day in dates.days)
    return {month: amounts[month] for month in months}


def _answer(plan: Plan, counted: Mapping[str, Mapping[Month, int]], *, whole: bool = True) -> Answer:
    ask = plan.seen.ask
    observations = tuple(
        Observation(signal, month.last, amount)
        for signal, amounts in counted.items()
        for month, amount in amounts.items()
    )
    return Answer("github", ask.project, ask.target, observations, {NOTE: str(plan.newest)} if whole else {})
