"""azuresearch-usnc.nuget.org: NuGet's search for packages by their ids, with running totals of downloads.

Shape: github.com/NuGet/docs.microsoft.com-nuget (docs/api/search-query-service-resource.md). `packageid:` may stand
several times; what is not there is simply not among the hits.

A package belongs to the gallery's project whose short name it holds, such as `Galley.Setter`; see crates.registered.
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

HOST: Final = "azuresearch-usnc.nuget.org"
PAGE: Final = 20  # hits, unless `take` says otherwise
MOST: Final = 1_000
TERM: Final = re.compile(r"packageid:(\S+)", re.IGNORECASE)
REGISTRATION: Final = "https://api.nuget.org/v3/registration5-gz-semver2/{}/index.json"


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        names = _names(request)
        return Asked(frozenset(name.lower() for name in names), len(names))

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        if request.path != "/query":
            return as_json({"statusCode": 404, "message": "Resource not found"}, 404)
        take = request.query.get("take", str(PAGE))
        if not take.isdigit() or int(take) > MOST:
            return as_json({"message": "The parameter 'take' is invalid."}, 400)
        totals = {name: registered(self.world, name, HOST, 0.5) for name in _names(request)}
        hits = [_hit(name, found.until(self.world.now)) for name, found in totals.items() if found]
        return as_json({"totalHits": len(hits), "data": hits[: int(take)]})


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - a refusal is ordered as a fault
    """Somebody who answers for NuGet's search."""
    return _Attendant(world)


def _names(request: Request) -> list[str]:
    return list(dict.fromkeys(TERM.findall(request.query.get("q", ""))))


def _hit(name: str, total: int) -> dict[str, object]:
    place, newest = REGISTRATION.format(name.lower()), total // 7
    versions = [{"version": "1.3.0", "downloads": total - newest}, {"version": "1.4.0", "downloads": newest}]
    return {"@id": place, "registration": place, "id": name, "totalDownloads": total, "versions": versions}
