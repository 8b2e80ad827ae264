"""figures.brightlantern.example: where the owner of the gallery's Brightlantern keeps a table for its scorecard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from sandbox import figures
from sandbox.exchange import Asked, Request, Response
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.world import World

HOST: Final = figures.HOST
PATH: Final = urlsplit(figures.ADDRESS).path


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:  # noqa: ARG002 - there is one table
        return Asked(frozenset({HOST}))

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - it is text, not JSON
        if request.path != PATH:
            return Response(404, b"404 Not Found\n", {"Content-Type": "text/plain; charset=utf-8"})
        content = figures.table(figures.ADDRESS, self.world.entries, self.world.today).encode()
        return Response(200, content, {"Content-Type": "text/csv; charset=utf-8"})


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none
    """Somebody who answers for the table."""
    return _Attendant(world)
