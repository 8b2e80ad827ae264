"""What a run asked for: requests of each host, GitHub's points, and what is left of its limits.

A request counts when it is begun; what the wire tries again by itself is not counted a second time.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a limit of GitHub's for the hour."""

    remaining: int
    limit: int


@dataclass(frozen=True, slots=True)
class Used:
    """What was used at a moment."""

    requests: Mapping[str, int] = field(default_factory=dict)  # host → how many
    points: int = 0  # of GitHub's GraphQL, as it said itself
    left: Mapping[str, Left] = field(default_factory=dict)  # "core" (REST) and "graphql", of all tokens together

    def host(self, name: str) -> int:
        """The requests of a host."""
        return self.requests.get(name, 0)


class Tally:
    """Counts while many threads ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter()
        self._points = 0
        self._left: dict[str, dict[str, Left]] = {}  # resource → token's name → what is left

    @classmethod
    def together(cls, several: Iterable[Used]) -> Self:
        """What several machines used; of a limit that they share, the least that one of them saw is left."""
        tally = cls()
        for used in several:
            tally._requests.update(used.requests)
            tally._points += used.points
            for name, left in used.left.items():
                seen = tally._left.get(name, {}).get("", left)
                tally._left[name] = {"": min(left, seen, key=lambda one: one.remaining)}
        return tally

    def asked(self, host: str) -> None:
        """A request goes out."""
        with self._lock:
            self._requests[host] += 1

    def charged(self, points: object) -> None:
        """GitHub said what a query cost; anything else than a number counts for nothing."""
        if isinstance(points, int) and points > 0:
            with self._lock:
                self._points += points

    def told(self, resource: str, headers: Mapping[str, str], token: str = "") -> None:
        """What an answer of GitHub says of the limit of a token, by the token's name."""
        remaining, limit = headers.get("x-ratelimit-remaining", ""), headers.get("x-ratelimit-limit", "")
        if remaining.isdecimal() and limit.isdecimal():
            with self._lock:
                self._left.setdefault(resource, {})[token] = Left(int(remaining), int(limit))

    def used(self) -> Used:
        """Everything until now."""
        with self._lock:
            left = {resource: _together(tokens) for resource, tokens in sorted(self._left.items())}
            return Used(dict(sorted(self._requests.items())), self._points, left)


def _together(tokens: Mapping[str, Left]) -> Left:
    return Left(sum(one.remaining for one in tokens.values()), sum(one.limit for one in tokens.values()))
