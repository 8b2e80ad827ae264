"""Faults that only GitHub can have."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sandbox.exchange import Response, as_json
from sandbox.faults import Fault, Kind
from sandbox.project import number_of

HOST: Final = "api.github.com"
SECONDARY: Final = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."

STATES: Final[Mapping[str, Mapping[str, Any]]] = {
    "private": {"isPrivate": True, "visibility": "PRIVATE"},
    "empty": {"isEmpty": True, "defaultBranchRef": None, "pushedAt": None},
    "disabled": {"isDisabled": True},
    "archived": {"isArchived": True, "archivedAt": "2026-11-01T09:00:00Z"},
}
"""What a repository can be ordered to be, and the fields that then say so."""


def _secondary(fault: Fault) -> Response:
    wait = fault.word("retry_after")
    message = {
        "message": SECONDARY,
        "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api",
    }
    return as_json(message, fault.whole("status"), {"Retry-After": wait} if wait else {})


FAULTS: Final[Mapping[str, Kind]] = {
    "missing": Kind("the repository `target` is not there: deleted, or private", host=HOST),
    "nulls": Kind("null under 200 for that share of the repositories, as in July 2026", {"share": 1.0}, host=HOST),
    "recount": Kind("the repository `target` has that many times its stars", {"factor": 2.0}, host=HOST),
    "refused": Kind("a field of the repository `target` is FORBIDDEN", {"field": "watchers"}, host=HOST),
    "state": Kind(
        "the repository `target` is private, empty, disabled or archived",
        {"state": "empty"},
        host=HOST,
        words={"state": STATES},
    ),
    "resource-limits": Kind(
        "a query of more than that many aliases gets RESOURCE_LIMITS_EXCEEDED for those beyond",
        {"aliases": 10},
        host=HOST,
        path="/graphql",
    ),
    "timeout": Kind(
        "a query of more than that many aliases is ended, and charged",
        {"aliases": 10, "status": 502},
        host=HOST,
        path="/graphql",
    ),
    "points": Kind("the hour has only that many GraphQL points", {"after": 0}, host=HOST),
    "requests": Kind("the hour has only that many REST requests", {"after": 0}, host=HOST),
    "secondary": Kind(
        "a secondary limit, with or without Retry-After", {"status": 403, "retry_after": ""}, _secondary, host=HOST
    ),
}


def cap(faults: Sequence[Fault], kind: str) -> int | None:
    """The lowest limit that was ordered, if one was."""
    return min((fault.whole("after") for fault in faults if fault.kind == kind), default=None)


def of(faults: Sequence[Fault], kind: str, names: Collection[str]) -> list[Fault]:
    """The orders of a kind that meet the repository which has or had these names: those without a target do too."""
    known = {name.lower() for name in names}
    return [one for one in faults if one.kind == kind and (one.target is None or one.target.lower() in known)]


def nulled(faults: Sequence[Fault], names: Collection[str]) -> bool:
    """Whether a repository is among the share that is null: for a larger share the same ones, and more."""
    luck = number_of(min(names)) / 2**30
    return any(luck < fault.number("share") for fault in of(faults, "nulls", names))


def factor(faults: Sequence[Fault], names: Collection[str]) -> float:
    """By how much a repository's stars are multiplied."""
    return math.prod(fault.number("factor") for fault in of(faults, "recount", names))


def altered(faults: Sequence[Fault], names: Collection[str]) -> Mapping[str, Any]:
    """The fields of a repository that orders of its state change."""
    fields: dict[str, Any] = {}
    for fault in of(faults, "state", names):
        fields |= STATES[fault.word("state")]
    return fields
