"""Bluesky: followers of accounts, many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlencode

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Bluesky"
NAMING = Naming(
    r"did:plc:[a-z2-7]{24}|"
    r"(?=.{4,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?",
    "bsky.app",
    "a handle on Bluesky, without the @",
    shared=True,
)
SIGNALS = (
    Signal(
        "followers",
        Kind.STOCK,
        "followers",
        lag=0,
        backfill="none: Bluesky gives today's number only",
        docs="https://docs.bsky.app/docs/api/app-bsky-actor-get-profiles",
        caveat="Accounts that were deleted or suspended since may still count.",
    ),
)
PACE = {"public.api.bsky.app": 1.0}

PROFILES: Final = "https://public.api.bsky.app/xrpc/app.bsky.actor.getProfiles"
BULK_NAMES: Final = 25
NOBODY: Final = "has no account of that name"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """All accounts that lack today's number, 25 in a request."""
    due = [ask for ask in asks if ask.newest.get("followers", dt.date.min) < today]
    yield from (Answer("bluesky", ask.project, ask.target, ()) for ask in asks if ask not in due)
    names = sorted({ask.target.lower() for ask in due})
    for start in range(0, len(names), BULK_NAMES):
        group = names[start : start + BULK_NAMES]
        found = _ask(group, door)
        yield from (_outcome(ask, found[name], today) for ask in due if (name := ask.target.lower()) in found)


def _outcome(ask: Ask, found: int | str, today: dt.date) -> Answer | Failure:
    if found == 0 and "followers" in ask.newest:
        found = "gave 0 for a total that cannot be 0"
    if isinstance(found, str):
        return Failure("bluesky", ask.project, ask.target, found)
    return Answer("bluesky", ask.project, ask.target, (Observation("followers", today, found),))


def _ask(names: Sequence[str], door: Door) -> Mapping[str, int | str]:
    """Name → followers, or the reason why there is no number."""
    try:
        profiles = parse(door.json(f"{PROFILES}?{urlencode([('actors', name) for name in names])}"))
    except Unanswered as error:
        if str(error) == "answered 400" and len(names) > 1:  # one name can spoil the question for all
            return {name: found for one in names for name, found in _ask([one], door).items()}
        return dict.fromkeys(names, str(error))
    return {name: _followers(profiles[name]) if name in profiles else NOBODY for name in names}


def _followers(profile: object) -> int | str:
    try:
        return parse_followers(profile)
    except Broken as error:
        return str(error)


class _Named(BaseModel, extra="allow"):
    did: str
    handle: str


class _Profiles(BaseModel):
    profiles: list[_Named]


class _Profile(BaseModel):
    followersCount: Annotated[int, Field(strict=True, ge=0)]  # noqa: N815 - Bluesky's name for it


_PROFILES: Final = TypeAdapter(_Profiles)
_PROFILE: Final = TypeAdapter(_Profile)


def parse(answer: object) -> Mapping[str, Mapping[str, object]]:
    """Handle and identifier → profile, of those of several accounts that there are. Raises Broken."""
    profiles = shaped(_PROFILES, answer).profiles
    return {name.lower(): one.model_dump() for one in profiles for name in (one.did, one.handle)}


def parse_followers(profile: object) -> int:
    """The followers in a profile. Raises Broken."""
    return shaped(_PROFILE, profile).followersCount
