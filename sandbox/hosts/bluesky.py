"""public.api.bsky.app: profiles of accounts on Bluesky.

Shape: the lexicon app.bsky.actor.getProfiles in github.com/bluesky-social/atproto. A handle belongs to the project
whose short name it contains, letters and digits alone (`ecosystems.named`): `galley-setter.example` is Galleyproof's.
Unknown accounts are left out of the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.hosts.ecosystems import named
from sandbox.model import moment
from sandbox.project import Project, iso, number_of
from sandbox.world import World

HOST: Final = "public.api.bsky.app"
PROFILES: Final = "/xrpc/app.bsky.actor.getProfiles"
BULK_NAMES: Final = 25
FOLLOWERS: Final = 0.2  # for each star


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        handles = _handles(request)
        return Asked(frozenset(handles), len(handles))

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        handles = _handles(request)
        if request.path != PROFILES:
            return as_json({"error": "MethodNotImplemented", "message": "Method Not Implemented"}, 501)
        if not handles:
            return _refused('Error: Params must have the property "actors"')
        if len(handles) > BULK_NAMES:
            return _refused(f"Error: actors must not have more than {BULK_NAMES} elements")
        found = [(handle, named(self.world, handle)) for handle in handles]
        return as_json({"profiles": [_profile(handle, project) for handle, project in found if project]})


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none that are counted
    """Somebody who answers for public.api.bsky.app."""
    return _Attendant(world)


def _handles(request: Request) -> Sequence[str]:
    """What `actors` names, which may stand in the query many times."""
    return [handle.lower() for handle in parse_qs(urlsplit(request.raw_path).query).get("actors", [])]


def _refused(message: str) -> Response:
    return as_json({"error": "InvalidRequest", "message": message}, 400)


def _profile(handle: str, project: Project) -> dict[str, object]:
    followers = round(FOLLOWERS * project.series.stars.level(project.now))
    return {
        "did": f"did:plc:{number_of(handle):024o}".replace("0", "a").replace("1", "b"),
        "handle": handle,
        "displayName": project.entry.name,
        "createdAt": iso(moment(project.series.first)),
        "labels": [],
        "followersCount": followers,
        "followsCount": followers // 50,
        "postsCount": project.series.discussions.until(project.now),
    }
