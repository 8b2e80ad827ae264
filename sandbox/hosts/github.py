"""api.github.com: GraphQL and REST, with GitHub's own limits, refusals and renames.

Any token is accepted, but one that begins with "revoked", and each has limits of its own: a personal one ("ghp_…") and
an App's have those that GitHub gives them, every other one those of a workflow's own. The lists of those who star or
watch are refused to everybody, as GitHub does since July 2026.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.github import graphql, orders
from sandbox.github.apps import PREFIX, Apps
from sandbox.github.meter import Meter
from sandbox.github.rest import DOCS, REPOSITORY, Rest
from sandbox.hosts import Limits
from sandbox.world import World

HOST: Final = orders.HOST
REVOKED: Final = "revoked"  # begins a token that GitHub does not know any more
WITH_MORE: Final = ("ghp_", "github_pat_", PREFIX)  # begin tokens with more than a workflow's own
FAULTS: Final = orders.FAULTS


class _Attendant:
    def __init__(self, world: World, limits: Limits) -> None:
        graphql.schema()  # made before anybody waits for it
        self._world = world
        self._limits = limits
        self._anonymous = Meter("core", limits.anonymous)
        self._rests: dict[str, Rest] = {}  # token → with its limits
        self._lock = threading.Lock()
        self.apps = Apps(limits.app_seconds)

    def asked(self, request: Request) -> Asked:
        if request.path == "/graphql":
            return graphql.asked(self._world, request.body)
        named = REPOSITORY.fullmatch(request.path)
        if named is None:
            return Asked(size=0)
        project = self._world.by_number(int(named[2])) if named[2] else self._world.repository(named[1])
        names = (named[1], *(project.names if project else ()))
        return Asked(frozenset(name.lower() for name in names if name))

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:
        token = request.headers.get("authorization", "").strip().rpartition(" ")[2]
        app = self.apps.answer(request)
        if app is not None:
            return app
        if token.startswith(REVOKED) or self.apps.refuses(token):
            return as_json({"message": "Bad credentials", "documentation_url": DOCS, "status": "401"}, 401)
        rest = self._rest(token)
        if request.path == "/graphql":
            login = self._world.desk.visitor(request).login
            return graphql.answer(self._world, rest.graphql, request.body, login, faults)
        return rest.answer(request, bool(token), faults)

    def _rest(self, token: str) -> Rest:
        with self._lock:
            if token not in self._rests:
                own = token.startswith(WITH_MORE)
                points, requests = (
                    max(self._limits.personal, usual) if own else usual
                    for usual in (self._limits.points, self._limits.requests)
                )
                meters = {True: Meter("core", requests), False: self._anonymous}
                self._rests[token] = Rest(self._world, meters, Meter("graphql", points))
            return self._rests[token]


def attend(world: World, limits: Limits) -> _Attendant:
    """Somebody who answers for api.github.com."""
    return _Attendant(world, limits)
