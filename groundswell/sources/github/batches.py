"""Ask for many parts in batches: a batch that brings nothing is halved, and an error costs only what it names."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from groundswell.http import Broken, LimitReached, Unanswered, Unreachable
from groundswell.sources.github.queries import Part, document
from groundswell.sources.github.transport import GivenUp, GraphQLError, NotReached, Reply, Session

REFUSALS: Final = frozenset({"FORBIDDEN", "INSUFFICIENT_SCOPES"})

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Given:
    """What stands under the part's alias, still to be checked."""

    value: object


@dataclass(frozen=True, slots=True)
class Absent:
    """GitHub shows nothing of that name."""


@dataclass(frozen=True, slots=True)
class Refused:
    """GitHub does not show these fields, for which the whole alias became null; without fields: it shows nothing."""

    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Unread:
    """There is no usable answer."""

    reason: str
    deferred: bool = False  # nobody was asked
    not_reached: bool = False  # nobody took the call: another try tomorrow costs nothing that this one did not


Outcome = Given | Absent | Refused | Unread


def ask(session: Session, wanted: Sequence[tuple[K, Part]], size: int) -> Iterator[tuple[K, Outcome]]:
    """One outcome for each part, `size` parts a query, as soon as it is there. Raises nothing of what GitHub does."""
    for start in range(0, len(wanted), size):
        yield from ask_together(session, wanted[start : start + size])


def ask_together(session: Session, batch: Sequence[tuple[K, Part]]) -> Iterator[tuple[K, Outcome]]:
    """One outcome for each part of one query.

    After a time-out, a 502 or RESOURCE_LIMITS_EXCEEDED the same query is never sent again, for GitHub charges for each:
    its halves are, down to single parts.
    """
    pending = [batch]
    while pending:
        batch = pending.pop()
        query = document([part for _, part in batch])
        try:
            reply = session.graphql(query)
        except LimitReached as refusal:
            yield from _unread(batch, Unread(str(refusal), deferred=True))
        except (Unreachable, Broken) as nothing:
            if len(batch) == 1 or isinstance(nothing, GivenUp):
                away = isinstance(nothing, NotReached) or (isinstance(nothing, GivenUp) and nothing.not_reached)
                yield from _unread(batch, Unread(str(nothing), not_reached=away))
            else:
                pending += _halves(batch)
        except Unanswered as refusal:
            yield from _unread(batch, Unread(str(refusal)))
        else:
            again = yield from _judged(batch, query.aliases, reply)
            if len(again) == 1 == len(batch):
                yield from _unread(again, Unread(_said(reply)))
            elif again:
                pending += _halves(again) if len(again) == len(batch) else [again]


def _judged(
    batch: Sequence[tuple[K, Part]], aliases: Sequence[str], reply: Reply
) -> Generator[tuple[K, Outcome], None, Sequence[tuple[K, Part]]]:
    """The outcomes that an answer holds; gives back what must be asked again, in a smaller batch."""
    general = [error for error in reply.errors if not error.path or error.path[0] not in {*aliases, "rateLimit"}]
    again: list[tuple[K, Part]] = []
    for (key, part), alias in zip(batch, aliases, strict=True):
        own = [error for error in reply.errors if error.path and error.path[0] == alias]
        outcome = _named(own)
        if outcome is None and not own and not general and reply.data is not None:
            value = reply.data.get(alias)
            outcome = Unread("gave nothing for this repository") if value is None else Given(value)
        if outcome is None:
            again.append((key, part))
        else:
            yield key, outcome
    return again


def _named(errors: Sequence[GraphQLError]) -> Outcome | None:
    """What errors that name an alias say for certain; None when another try may bring more."""
    if any(error.type == "NOT_FOUND" and error.path is not None and len(error.path) == 1 for error in errors):
        return Absent()
    refusals = [error.path for error in errors if error.type in REFUSALS and error.path is not None]
    if not refusals:
        return None
    if any(len(path) == 1 for path in refusals):
        return Refused(frozenset())
    return Refused(frozenset(str(path[1]) for path in refusals))


def _said(reply: Reply) -> str:
    kinds = sorted({error.type or "of no named kind" for error in reply.errors})
    return f"answered with an error ({', '.join(kinds)})" if kinds else "gave nothing for this repository"


def _halves(batch: Sequence[tuple[K, Part]]) -> list[Sequence[tuple[K, Part]]]:
    """Two halves, the first one last: it is taken first."""
    middle = (len(batch) + 1) // 2
    return [batch[middle:], batch[:middle]]


def _unread(batch: Sequence[tuple[K, Part]], outcome: Unread) -> Iterator[tuple[K, Outcome]]:
    return ((key, outcome) for key, _ in batch)
