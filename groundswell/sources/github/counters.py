"""The numbers of today, for all repositories in batches: what everything else about a repository starts from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell.http import Broken, shaped
from groundswell.models import Answer, Ask, Failure, Observation, RepositoryState
from groundswell.sources.github import batches, queries
from groundswell.sources.github.batches import Absent, Given, Outcome, Refused, Unread
from groundswell.sources.github.notes import noted_day
from groundswell.sources.github.shapes import COUNTERS, RepositoryCounters
from groundswell.sources.github.transport import Session

BATCH: Final = 20  # more ends in a 502 too often
DAYS_OF_REFUSAL: Final = 7  # a field that was refused is asked for again after a week
SIGNAL_OF: Final[Mapping[str, str]] = {"watchers": "watchers", "sponsorable": "sponsors"}  # field of FRAGILE → signal

GONE: Final = "does not show this repository: deleted, private or misspelt"
PRIVATE: Final = "shows this repository to the token, but not to the public: nothing of it is kept"
ANOTHER: Final = "shows another repository under this name now: nothing of it is kept"
HIDDEN: Final = "refuses to show this repository"


@dataclass(frozen=True, slots=True)
class Seen:
    """A repository that was seen today: what the further questions about it need."""

    ask: Ask
    name: str  # as it is now
    created: dt.date
    stars: int
    empty: bool = False
    issues: int | None = None  # ever opened; None: the repository takes none, or nobody could look
    pull_requests: int = 0


def read(session: Session, asks: Sequence[Ask], today: dt.date) -> Generator[Answer | Failure, None, list[Seen]]:
    """Today's counters of every repository, the longest-waiting first; gives back those that were seen.

    A repository for which GitHub refuses a field of queries.FRAGILE is asked for again without it.
    """
    seen: list[Seen] = []
    waiting = [(ask, _refused_lately(ask, today)) for ask in sorted(asks, key=last_seen)]
    while waiting:
        again: list[tuple[Ask, frozenset[str]]] = []
        wanted = [((ask, without), queries.Counters(ask.project, without)) for ask, without in waiting]
        for (ask, without), outcome in batches.ask(session, wanted, BATCH):
            if isinstance(outcome, Refused) and _can_do_without(outcome.fields, without):
                again.append((ask, without | outcome.fields))
                continue
            counters = _counters(ask, outcome, without)
            if isinstance(counters, Failure):
                yield counters
            else:
                yield from _outcomes(ask, counters, without, today)
                seen.append(_seen(ask, counters))
        waiting = again
    return seen


def last_seen(ask: Ask) -> tuple[dt.date, str]:
    """What asks are put in order by: the longest-waiting first, never seen before all."""
    return ask.newest.get("stars", dt.date.min), ask.project


def _can_do_without(fields: frozenset[str], without: frozenset[str]) -> bool:
    return bool(fields) and fields <= queries.FRAGILE.keys() and not fields <= without


def _refused_lately(ask: Ask, today: dt.date) -> frozenset[str]:
    """The fields that GitHub refused within the last week."""
    refused = ask.state.get("refused")
    notes = refused if isinstance(refused, dict) else {}
    recent = today - dt.timedelta(days=DAYS_OF_REFUSAL)
    return frozenset(name for name in queries.FRAGILE if noted_day(notes, name) > recent)


def _counters(ask: Ask, outcome: Outcome, without: frozenset[str]) -> RepositoryCounters | Failure:
    """The checked counters of a repository that may be shown, or why there are none."""
    if not isinstance(outcome, Given):
        return _nothing(ask, outcome)
    try:
        counters = parse(outcome.value, without)
    except Broken as error:
        return _failure(ask, str(error))
    if not counters.is_public:
        return _failure(ask, PRIVATE, RepositoryState.PRIVATE)
    if ask.state.get("id", counters.identity) != counters.identity:
        return _failure(ask, ANOTHER)
    return counters


def _nothing(ask: Ask, outcome: Absent | Refused | Unread) -> Failure:
    if isinstance(outcome, Absent):
        return _failure(ask, GONE, RepositoryState.GONE)
    if isinstance(outcome, Refused):
        return _failure(ask, HIDDEN + (f" ({', '.join(sorted(outcome.fields))})" if outcome.fields else ""))
    return Failure("github", ask.project, ask.target, outcome.reason, deferred=outcome.deferred)


def parse(value: object, without: frozenset[str] = frozenset()) -> RepositoryCounters:
    """The counters as GitHub documents them, with all that was asked. Raises Broken."""
    counters = shaped(COUNTERS, value)
    for field in queries.FRAGILE.keys() - without:
        if getattr(counters, field) is None:
            raise Broken(f"answered in an unknown shape ({field} is missing)")
    return counters


def observations(counters: RepositoryCounters, today: dt.date) -> tuple[Observation, ...]:
    """One observation for each signal that the repository has.

    A repository without issues or discussions has no number of them, and an owner who takes no sponsors none of those:
    that is missing, not 0.
    """
    amounts: dict[str, int] = {
        "stars": counters.stargazerCount,
        "forks": counters.forkCount,
        "pull_requests": counters.pullRequests.totalCount,
        "pull_requests_open": counters.pullRequestsOpen.totalCount,
        "pull_requests_merged": counters.pullRequestsMerged.totalCount,
        "releases": counters.releases.totalCount,
    }
    if counters.watchers is not None:
        amounts["watchers"] = counters.watchers.totalCount
    if counters.hasIssuesEnabled:
        amounts["issues"] = counters.issues.totalCount
        amounts["issues_open"] = counters.issuesOpen.totalCount
    if counters.hasDiscussionsEnabled:
        amounts["discussions"] = counters.discussions.totalCount
    owner = counters.sponsorable
    if owner is not None and owner.hasSponsorsListing and owner.sponsorshipsAsMaintainer is not None:
        amounts["sponsors"] = owner.sponsorshipsAsMaintainer.totalCount
    return tuple(Observation(signal, today, amount) for signal, amount in amounts.items())


def _outcomes(
    ask: Ask, counters: RepositoryCounters, without: frozenset[str], today: dt.date
) -> Iterator[Answer | Failure]:
    state: dict[str, object] = {"id": counters.identity}
    before = ask.state.get("refused")
    if without or before:
        noted = before if isinstance(before, dict) else {}
        lately = _refused_lately(ask, today)
        state["refused"] = {field: noted[field] if field in lately else today.isoformat() for field in sorted(without)}
    yield Answer("github", ask.project, ask.target, observations(counters, today), state, counters.facts)
    for field in sorted(without):
        reason = f"refuses to show the {SIGNAL_OF[field]} of this repository"
        yield Failure("github", ask.project, ask.target, reason, signals=(SIGNAL_OF[field],))


def _seen(ask: Ask, counters: RepositoryCounters) -> Seen:
    return Seen(
        ask,
        counters.nameWithOwner,
        counters.createdAt.date(),
        counters.stargazerCount,
        counters.isEmpty,
        counters.issues.totalCount if counters.hasIssuesEnabled else None,
        counters.pullRequests.totalCount,
    )


def _failure(ask: Ask, reason: str, state: RepositoryState | None = None) -> Failure:
    return Failure("github", ask.project, ask.target, reason, state=state)
