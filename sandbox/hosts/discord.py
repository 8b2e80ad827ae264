"""discord.com: invites to the servers of the invented projects, and a webhook.

Shapes: github.com/discord/discord-api-docs, developers/resources/invite.mdx and webhook.mdx. An invite belongs to the
project whose short name its code contains, letters and digits alone (`ecosystems.named`): `hullspine` and
`galley-setter-chat`.
A webhook is `/api/webhooks/NUMBER/secret`; it takes what Discord takes, and says of the rest what Discord says.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.hosts.ecosystems import named
from sandbox.model import PEOPLE, day_of
from sandbox.project import Project, number_of
from sandbox.world import World

HOST: Final = "discord.com"
ADDRESS: Final = re.compile(r"/api/v\d+/invites/([^/]+)")
WEBHOOK: Final = f"https://{HOST}/api/webhooks/1234567890/DiscordSecret0123456789"
WEBHOOKS: Final = re.compile(r"/api(?:/v\d+)?/webhooks/\d+/([\w-]+)")
LONGEST: Final = 2000  # units of UTF-16 in a message
MOST_EMBEDS: Final = 10
MEMBERS: Final = 0.3  # for each star
ONLINE: Final = 0.11  # of the members, on a usual day


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        invite = ADDRESS.fullmatch(request.path)
        return Asked(frozenset({invite[1].lower()})) if invite else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        if (webhook := WEBHOOKS.fullmatch(request.path)) is not None and request.method == "POST":
            return _taken(webhook[1], request.body)
        invite = ADDRESS.fullmatch(request.path)
        if invite is None:
            return as_json({"message": "404: Not Found", "code": 0}, 404)
        project = named(self.world, invite[1])
        if project is None:
            return as_json({"message": "Unknown Invite", "code": 10006}, 404)
        return as_json(_invite(invite[1], project, counts=request.query.get("with_counts") == "true"))


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none that are counted
    """Somebody who answers for discord.com."""
    return _Attendant(world)


def _taken(key: str, body: bytes) -> Response:
    """What Discord says to a message, which has no text of its own when all went well."""
    if key == "revoked":
        return as_json({"message": "Unknown Webhook", "code": 10015}, 404)
    try:
        sent = json.loads(body)
    except ValueError:
        return as_json({"message": "The request body contains invalid JSON.", "code": 50109}, 400)
    content, embeds = sent.get("content") or "", sent.get("embeds") or []
    if not content and not embeds:
        return as_json({"message": "Cannot send an empty message", "code": 50006}, 400)
    if len(content.encode("utf-16-le", "surrogatepass")) // 2 > LONGEST or len(embeds) > MOST_EMBEDS:
        return as_json({"message": "Invalid Form Body", "code": 50035, "errors": {}}, 400)
    return Response(204, b"")


def _invite(code: str, project: Project, *, counts: bool) -> dict[str, object]:
    server = str(number_of(f"{HOST} {project.repository}"))
    invite: dict[str, object] = {
        "type": 0,
        "code": code,
        "expires_at": None,
        "guild": {"id": server, "name": project.entry.name, "description": project.entry.story, "features": []},
        "channel": {"id": server, "name": "welcome", "type": 0},
    }
    if counts:
        members = max(round(MEMBERS * project.series.stars.level(project.now)), 1)
        weekday = (day_of(project.now) - 1) % 7
        invite["approximate_member_count"] = members
        invite["approximate_presence_count"] = round(ONLINE * float(PEOPLE[weekday]) * members)
    return invite
