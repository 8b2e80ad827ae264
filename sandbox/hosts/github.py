"""api.github.com: GraphQL and REST, with GitHub's own limits, refusals and renames.

Any token is accepted. The lists of those who star or watch are refused to everybody, as GitHub does since July 2026.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sandbox.exchange import Asked, Request, Response
from sandbox.faults import Fault
from sandbox.github import graphql, orders
from sandbox.github.meter import Meter
from sandbox.github.rest import REPOSITORY, Rest
from sandbox.hosts import Limits
from sandbox.world import World

HOST: Final = orders.HOST
FAULTS: Final = orders.FAULTS


class _Attendant:
    def __init__(self, world: World, limits: Limits) -> None:
        graphql.schema()  # made before anybody waits for it
        self._world = world
        self._points = Meter("graphql", limits.points)
        meters = {True: Meter("core", limits.requests), False: Meter("core", limits.anonymous)}
        self._rest = Rest(world, meters, self._points)

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
        authenticated = bool(request.headers.get("authorization", "").strip())
        if request.path == "/graphql":
            login = self._world.desk.visitor(request).login
            return graphql.answer(self._world, self._points, request.body, login, faults)
        return self._rest.answer(request, authenticated, faults)


def attend(world: World, limits: Limits) -> _Attendant:
    """Somebody who answers for api.github.com."""
    return _Attendant(world, limits)
