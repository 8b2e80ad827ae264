"""What this source notes of a repository between runs, read with care: the notes were made by an earlier version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from groundswell.models import Ask

WEEK: Final = dt.timedelta(days=7)


class Asked(Protocol):
    """Anything that belongs to one ask."""

    @property
    def ask(self) -> Ask:
        """What is asked for, with the notes on it."""
        ...


A = TypeVar("A", bound=Asked)


def noted_day(notes: Mapping[str, object], key: str) -> dt.date:
    """The day that was noted; the first of all days when there is none."""
    text = notes.get(key)
    try:
        return dt.date.fromisoformat(text) if isinstance(text, str) else dt.date.min
    except ValueError:
        return dt.date.min


def due_weekly(
    asked: Sequence[A], key: str, today: dt.date, share: int, turn: dt.timedelta = WEEK, beside: Sequence[Ask] = ()
) -> list[A]:
    """What is to be asked today of all that is asked once a week (or in another turn), the longest-waiting first.

    Never asked: always. Asked a week ago: at most `share` of them a run, so that what was first seen on one day spreads
    over the week. Asked two weeks (turns) ago: always; a tracker that runs once a week leaves nothing behind.

    `beside` is what other machines ask in the same run: it takes its places of the share, and is not given.
    """
    waiting: list[A | _Elsewhere] = [*asked, *map(_Elsewhere, beside)]
    waiting.sort(key=lambda one: (noted_day(one.ask.state, key), one.ask.project))
    overdue = [one for one in waiting if noted_day(one.ask.state, key) <= today - 2 * turn]
    due = [one for one in waiting if today - 2 * turn < noted_day(one.ask.state, key) <= today - turn]
    return [one for one in overdue + due[:share] if not isinstance(one, _Elsewhere)]


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    ask: Ask
