"""Connections: a count, and pages of what is counted."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.github.errors import GitHubError

Graph = Mapping[str, Any]
"""An object of the graph: field → value, or a function of the field's arguments that gives it."""

Order = Mapping[str, str]
"""The argument `orderBy`: everything here is ordered by the day it was made."""


def connection(
    total: int, make: Callable[[int], Graph], first: int | None, after: str | None, order: Order | None = None
) -> Graph:
    """A page of `total` things that are made by their place, oldest first."""
    newest_first = order is not None and order["direction"] == "DESC"
    start = 0 if after is None else _place(after)
    stop = min(total, start + (first or 0))
    places = range(total - 1 - start, total - 1 - stop, -1) if newest_first else range(start, stop)
    return page(total, start, stop, lambda: [make(place) for place in places], cursor)


def counted(total: int) -> Graph:
    """A connection of which only the size is known to anybody."""
    return {"totalCount": total}


def page(total: int, start: int, stop: int, nodes: Callable[[], list[Graph]], name: Callable[[int], str]) -> Graph:
    """The part of a connection from one place to another, in the order that was asked for; `name` makes cursors."""
    return {
        "totalCount": total,
        "nodes": nodes,
        "pageInfo": {
            "hasNextPage": stop < total,
            "hasPreviousPage": start > 0,
            "startCursor": name(start + 1) if stop > start else None,
            "endCursor": name(stop) if stop > start else None,
        },
    }


def cursor(place: int) -> str:
    """A cursor after so many."""
    return base64.b64encode(f"cursor:v2:{place}".encode()).decode()


def _place(after: str) -> int:
    try:
        kind, _, place = base64.b64decode(after, validate=True).decode().rpartition(":")
        if kind == "cursor:v2":
            return int(place)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        pass
    raise GitHubError("INVALID_CURSOR_ARGUMENTS", f"`{after}` does not appear to be a valid cursor.")
