"""api.anaconda.org: a package of a channel, with the downloads of each of its files.

Shape: an answer of GET /package/{channel}/{name}, as its clients read it.

A package belongs to the gallery's project whose short name it holds after the channel, such as
`conda-forge/galley-setter`; see crates.registered. Every channel has it.
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

HOST: Final = "api.anaconda.org"
ADDRESS: Final = re.compile(r"/package/([^/]+)/([^/]+)")
SHARES: Final = {"linux-64": 0.7, "osx-arm64": 0.18, "win-64": 0.12}  # of the downloads


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        named = ADDRESS.fullmatch(request.path)
        return Asked(frozenset({f"{named[1]}/{named[2]}".lower(), named[2].lower()})) if named else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        named = ADDRESS.fullmatch(request.path)
        if named is None:
            return as_json({"error": "not found"}, 404)
        channel, name = named.groups()
        arrivals = registered(self.world, name, f"{HOST}/{channel}", 0.25)
        if arrivals is None:
            return as_json({"error": f'"{name}" could not be found'}, 404)
        total = arrivals.until(self.world.now)
        files = [
            {"version": "1.4.0", "basename": f"{place}/{name}-1.4.0-0.conda", "ndownloads": int(total * share)}
            for place, share in SHARES.items()
        ]
        return as_json({"name": name, "owner": {"login": channel}, "latest_version": "1.4.0", "files": files})


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - a refusal is ordered as a fault
    """Somebody who answers for api.anaconda.org."""
    return _Attendant(world)
