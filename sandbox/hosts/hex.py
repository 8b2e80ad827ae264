"""hex.pm: a package with its downloads in all, and lately.

Shape: github.com/hexpm/specifications (apiary.apib). Who does not say who asks is refused.

A package belongs to the gallery's project whose short name it holds, such as `galley_setter`; see crates.registered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.hosts.crates import registered
from sandbox.model import SECONDS, Arrivals
from sandbox.world import World

HOST: Final = "hex.pm"
RECENTLY: Final = 90  # days
ADDRESS: Final = re.compile(r"/api/packages/([^/]+)")


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        named = ADDRESS.fullmatch(request.path)
        return Asked(frozenset({named[1].lower()})) if named else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        if not request.headers.get("user-agent"):
            return as_json({"status": 400, "message": "User-Agent header is required"}, 400)
        named = ADDRESS.fullmatch(request.path)
        arrivals = registered(self.world, named[1], HOST, 0.12) if named else None
        if named is None or arrivals is None:
            return as_json({"status": 404, "message": "Page not found"}, 404)
        package = {"name": named[1], "repository": "hexpm", "latest_version": "1.4.0"}
        return as_json({**package, "downloads": self._downloads(arrivals)})

    def _downloads(self, arrivals: Arrivals) -> dict[str, int]:
        now, total = self.world.now, arrivals.until(self.world.now)
        spans = {"day": 1, "week": 7, "recent": RECENTLY}
        lately = {name: total - arrivals.until(now - days * SECONDS) for name, days in spans.items()}
        return {"all": total, **lately}


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - a refusal is ordered as a fault
    """Somebody who answers for hex.pm."""
    return _Attendant(world)
