"""rubygems.org: a gem with the running total of its downloads.

Shape: github.com/rubygems/guides (rubygems-org-api.md). An unknown gem is answered in plain text.

A gem belongs to the gallery's project whose short name it holds, such as `galley-setter`; see crates.registered.
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
from sandbox.world import World

HOST: Final = "rubygems.org"
ADDRESS: Final = re.compile(r"/api/v1/gems/([^/]+)\.json")


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        named = ADDRESS.fullmatch(request.path)
        return Asked(frozenset({named[1].lower()})) if named else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        named = ADDRESS.fullmatch(request.path)
        arrivals = registered(self.world, named[1], HOST, 0.3) if named else None
        if named is None or arrivals is None:
            text = b"This rubygem could not be found."
            return Response(404, text, {"Content-Type": "text/plain; charset=utf-8"})
        total = arrivals.until(self.world.now)
        gem = {"name": named[1], "downloads": total, "version": "1.4.0", "version_downloads": total // 9}
        return as_json({**gem, "platform": "ruby", "yanked": False})


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - a refusal is ordered as a fault
    """Somebody who answers for rubygems.org."""
    return _Attendant(world)
