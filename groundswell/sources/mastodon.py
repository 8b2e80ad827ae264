"""Mastodon: followers of an account, from the instance that it lives on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door

LABEL = "Mastodon"
NAMING = Naming(
    r"@[A-Za-z0-9_]{1,64}"
    r"@(?=.{4,253}$)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]",
    "@Mastodon@mastodon.social",
    "a Mastodon account with the host of its instance",
    shared=True,
    names_host=True,
)
SIGNALS = (
    Signal(
        "followers",
        Kind.STOCK,
        "followers",
        lag=0,
        backfill="none: the instance gives today's number only",
        docs="https://docs.joinmastodon.org/methods/accounts/#lookup",
        caveat="People on other instances count as far as this instance has heard of them.",
    ),
)
PACE: Mapping[str, float] = {}  # every instance is a host of its own, and gets the usual pace

LOOKUP: Final = "https://{}/api/v1/accounts/lookup"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request an account, none where today's number is there."""
    for ask in asks:
        if ask.newest.get("followers", dt.date.min) >= today:
            yield Answer("mastodon", ask.project, ask.target, ())
            continue
        user, _, instance = ask.target.removeprefix("@").partition("@")
        try:
            address = LOOKUP.format(instance.lower())
            followers = parse(door.json(address, params={"acct": user}, stranger=True), user)
            if followers == 0 and "followers" in ask.newest:
                raise Broken("gave 0 for a total that cannot be 0")
        except NotFound:
            yield Failure("mastodon", ask.project, ask.target, "has no account of that name there (404)")
        except Unanswered as error:
            yield Failure("mastodon", ask.project, ask.target, str(error))
        else:
            yield Answer("mastodon", ask.project, ask.target, (Observation("followers", today, followers),))


class _Account(BaseModel):
    acct: str  # without a host: an account of the instance that was asked
    followers_count: Annotated[int, Field(strict=True, ge=0)]


_ACCOUNT: Final = TypeAdapter(_Account)


def parse(answer: object, user: str) -> int:
    """The followers of that user. Raises Broken, also when the answer is about somebody else."""
    account = shaped(_ACCOUNT, answer)
    if account.acct.lower() != user.lower():
        raise Broken("answered about another account")
    return account.followers_count
