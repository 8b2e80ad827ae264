"""Discord: members of a server, and how many of them are online, from an invite to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Discord"
NAMING = Naming(
    r"[A-Za-z0-9-]{2,64}", "rust-lang", "the code of an invite to a Discord server that does not expire", shared=True
)
_DOCS: Final = "https://discord.com/developers/docs/resources/invite#get-invite"
SIGNALS = (
    Signal(
        "members",
        Kind.STOCK,
        "members",
        lag=0,
        backfill="none: Discord gives today's number only",
        docs=_DOCS,
        caveat="Discord's own estimate; everybody who joined and did not leave counts, bots and the silent too.",
    ),
    Signal(
        "online",
        Kind.STOCK,
        "members",
        lag=0,
        backfill="none: Discord gives the number of the moment only",
        docs=_DOCS,
        caveat="Those online in the minute of the run, so it depends on the hour and the weekday.",
    ),
)
PACE = {"discord.com": 1.0}

INVITE: Final = "https://discord.com/api/v10/invites/{}"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request an invite, none where today's numbers are there."""
    for ask in asks:
        if all(ask.newest.get(signal.key, dt.date.min) >= today for signal in SIGNALS):
            yield Answer("discord", ask.project, ask.target, ())
            continue
        try:
            members, online = parse(door.json(INVITE.format(ask.target), params={"with_counts": "true"}), ask.target)
            if members == 0:  # somebody must have made the invite
                raise Broken("gave 0 for a total that cannot be 0")
        except NotFound:
            yield Failure("discord", ask.project, ask.target, "has no invite of that code, or it has expired (404)")
        except Unanswered as error:
            yield Failure("discord", ask.project, ask.target, str(error))
        else:
            observations = (Observation("members", today, members), Observation("online", today, online))
            yield Answer("discord", ask.project, ask.target, observations)


_Count = Annotated[int, Field(strict=True, ge=0)]


class _Invite(BaseModel):
    code: str
    approximate_member_count: _Count
    approximate_presence_count: _Count


_INVITE: Final = TypeAdapter(_Invite)


def parse(answer: object, code: str) -> tuple[int, int]:
    """Members of the server that the invite leads to, and how many of them are online. Raises Broken."""
    invite = shaped(_INVITE, answer)
    if invite.code.lower() != code.lower():
        raise Broken("answered about another invite")
    return invite.approximate_member_count, invite.approximate_presence_count
