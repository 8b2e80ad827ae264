"""api.wordpress.org: downloads and active installs of a plugin.

Shape: codex.wordpress.org/WordPress.org_API. A slug that contains the short name of a project (after the owner, now or
formerly) stands for that project: its downloads are SHARE times those of its first package, its active installs those
of a month cut down to one digit. What nobody knows is an error under 404 for the one, and an empty list for the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.hosts.homebrew import last_days, project_of, use_of
from sandbox.project import date_of
from sandbox.world import World

HOST: Final = "api.wordpress.org"
PLUGIN: Final = "/plugins/info/1.2/"
DOWNLOADS: Final = "/stats/plugin/1.0/downloads.php"
SHARE: Final = 0.1
MOST_DAYS: Final = 730
USUAL_DAYS: Final = "267"


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        slug = _slug(request)
        return Asked(frozenset({slug.lower()})) if slug else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        slug = _slug(request)
        project = project_of(self.world, slug) if slug else None
        if project is None:
            return as_json([]) if request.path == DOWNLOADS else as_json({"error": "Plugin not found."}, 404)
        arrivals, today = use_of(project, "wordpress", SHARE), self.world.today.toordinal()
        if request.path == DOWNLOADS:
            limit = request.query.get("limit", USUAL_DAYS)
            days = min(int(limit), MOST_DAYS) if limit.isdecimal() else MOST_DAYS
            return as_json(
                {
                    date_of(at).isoformat(): int(arrivals.counts[at - arrivals.first])
                    for at in range(max(arrivals.first, today - days), today)
                }
            )
        downloaded = last_days(arrivals, today, today)
        installs = _one_digit(last_days(arrivals, today, 30))
        return as_json({"name": slug, "slug": slug, "active_installs": installs, "downloaded": downloaded})


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none
    """Somebody who answers for api.wordpress.org."""
    return _Attendant(world)


def _slug(request: Request) -> str:
    if request.path == DOWNLOADS:
        return request.query.get("slug", "")
    return request.query.get("request[slug]", "") if request.path == PLUGIN else ""


def _one_digit(amount: int) -> int:
    unit = 10 ** (len(str(amount)) - 1)
    return amount // unit * unit if amount >= 10 else 0
