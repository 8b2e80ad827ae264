"""Terraform Registry: how often a module or a provider was downloaded in all; of providers also the recent windows.

A module is named with three parts, a provider with two. The summary of a provider is asked for by the registry's own
number of it, which is looked up once and then kept in the state.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, Field, TypeAdapter

from groundswell.http import Broken, NotFound, Unanswered, shaped
from groundswell.models import Answer, Ask, Failure, Kind, Naming, Observation, Signal

if TYPE_CHECKING:
    from groundswell.http import Door, Outside

LABEL = "Terraform Registry"
NAMING = Naming(
    r"[A-Za-z0-9][A-Za-z0-9_-]*(?:/[A-Za-z0-9][A-Za-z0-9_-]*){1,2}",
    "terraform-aws-modules/vpc/aws",
    'a module on the Terraform Registry, or a provider ("hashicorp/aws")',
)
WINDOWS: Final = {"week": 7, "month": 30, "year": 365}
SIGNALS = (
    Signal(
        "downloads",
        Kind.COUNTER,
        "downloads",
        lag=0,
        backfill="none: only the total of the day is given",
        docs="https://www.hashicorp.com/blog/how-we-count-downloads-in-the-public-terraform-registry",
        caveat="Counts every download by a machine that sets something up, the same one again and again; what comes "
        "from a cache or a mirror is not seen.",
    ),
    *(
        Signal(
            f"downloads_{window}",
            Kind.ROLLING,
            "downloads",
            lag=0,
            backfill="none: only the window that ends today is given",
            docs="https://www.hashicorp.com/blog/how-we-count-downloads-in-the-public-terraform-registry",
            caveat=f"Given for providers alone; the registry calls it this {window} and does not say on which day it "
            "begins.",
            days=days,
        )
        for window, days in WINDOWS.items()
    ),
)
HOST: Final = "registry.terraform.io"
PACE = {HOST: 1.0}

MODULE: Final = "https://registry.terraform.io/v1/modules/{}"
PROVIDER: Final = "https://registry.terraform.io/v2/providers/{}"
SUMMARY: Final = "https://registry.terraform.io/v2/providers/{}/downloads/summary"


def fetch(asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
    """One request a module or a provider, and one more at the first sight of a provider; none when today is there."""
    for ask in asks:
        if ask.newest.get("downloads", dt.date.min) >= today:
            yield Answer("terraform", ask.project, ask.target, ())
        else:
            yield _fetch_one(ask, door, today)


def requests(asks: Sequence[Ask], _outside: Outside, today: dt.date) -> Mapping[str, int]:
    """What `fetch` will ask."""
    due = [ask for ask in asks if ask.newest.get("downloads", dt.date.min) < today]
    return {HOST: len(due) + sum(ask.target.count("/") == 1 and "number" not in ask.state for ask in due)}


def _fetch_one(ask: Ask, door: Door, today: dt.date) -> Answer | Failure:
    state: dict[str, object] = {}
    try:
        if ask.target.count("/") == 2:
            amounts = parse_module(door.json(MODULE.format(ask.target)))
        else:
            state["number"], amounts = _summary(ask, door)
        if "downloads" in ask.newest and amounts["downloads"] == 0:
            raise Broken("gave 0 for a total that cannot be 0")
    except Unanswered as error:
        return Failure("terraform", ask.project, ask.target, str(error))
    observations = tuple(Observation(signal, today, amount) for signal, amount in amounts.items())
    return Answer("terraform", ask.project, ask.target, observations, state)


def _summary(ask: Ask, door: Door) -> tuple[str, Mapping[str, int]]:
    if isinstance(number := ask.state.get("number"), str):
        with suppress(NotFound):  # it has been published anew under another number
            return number, parse_summary(door.json(SUMMARY.format(number)))
    number = parse_number(door.json(PROVIDER.format(ask.target)))
    return number, parse_summary(door.json(SUMMARY.format(number)))


Count = Annotated[int, Field(strict=True, ge=0)]


class _Module(BaseModel):
    downloads: Count


class _Numbered(BaseModel):
    id: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]


class _Provider(BaseModel):
    data: _Numbered


class _Amounts(BaseModel):
    total: Count
    week: Count
    month: Count
    year: Count


class _Attributes(BaseModel):
    attributes: _Amounts


class _Summary(BaseModel):
    data: _Attributes


_MODULE: Final = TypeAdapter(_Module)
_PROVIDER: Final = TypeAdapter(_Provider)
_SUMMARY: Final = TypeAdapter(_Summary)


def parse_module(answer: object) -> Mapping[str, int]:
    """Signal → amount of one module, all its versions together. Raises Broken."""
    return {"downloads": shaped(_MODULE, answer).downloads}


def parse_number(answer: object) -> str:
    """The registry's own number of a provider. Raises Broken."""
    return shaped(_PROVIDER, answer).data.id


def parse_summary(answer: object) -> Mapping[str, int]:
    """Signal → amount of one provider. Raises Broken."""
    found = shaped(_SUMMARY, answer).data.attributes
    windows = {"week": found.week, "month": found.month, "year": found.year}
    return {"downloads": found.total} | {f"downloads_{window}": amount for window, amount in windows.items()}
