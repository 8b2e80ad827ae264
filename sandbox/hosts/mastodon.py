"""toots.example: a Mastodon instance on which every invented project has its accounts.

Shape: recorded answers of `/api/v1/accounts/lookup`. An account belongs to the project whose short name it contains,
letters and digits alone (`ecosystems.named`): `galleysetter_news` is Galleyproof's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.hosts.ecosystems import named
from sandbox.model import moment
from sandbox.project import Project, iso, number_of
from sandbox.world import World

HOST: Final = "toots.example"
LOOKUP: Final = "/api/v1/accounts/lookup"
FOLLOWERS: Final = 0.12  # for each star


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        user = _user(request)
        return Asked(frozenset({user, f"@{user}@{HOST}"})) if user else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        user = _user(request)
        project = named(self.world, user) if user and request.path == LOOKUP else None
        if project is None:
            return as_json({"error": "Record not found"}, 404)
        return as_json(_account(user, project))


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none that are counted
    """Somebody who answers for the instance."""
    return _Attendant(world)


def _user(request: Request) -> str:
    """The user in `acct`, which may name this instance too."""
    return request.query.get("acct", "").lower().removeprefix("@").removesuffix(f"@{HOST}")


def _account(user: str, project: Project) -> dict[str, object]:
    followers = round(FOLLOWERS * project.series.stars.level(project.now))
    return {
        "id": str(number_of(f"{HOST} {user}")),
        "username": user,
        "acct": user,
        "display_name": project.entry.name,
        "locked": False,
        "bot": False,
        "created_at": iso(moment(project.series.first)),
        "note": f"<p>{project.entry.name}</p>",
        "url": f"https://{HOST}/@{user}",
        "followers_count": followers,
        "following_count": followers // 40,
        "statuses_count": project.series.discussions.until(project.now),
        "fields": [],
    }
