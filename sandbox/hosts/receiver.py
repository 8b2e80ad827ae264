"""alerts.brightlantern.example: somebody's own receiver of alerts in plain JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.world import World

HOST: Final = "alerts.brightlantern.example"
ADDRESS: Final = f"https://{HOST}/take/ReceiverSecret0123456789"


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:  # noqa: ARG002 - it is about no project
        return Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        if request.method != "POST" or not request.headers.get("content-type", "").startswith("application/json"):
            return as_json({"message": f"{request.path} takes JSON"}, 415)
        try:
            sent = json.loads(request.body)
        except ValueError:
            return as_json({"message": "this is not JSON"}, 400)
        return Response(204, b"") if isinstance(sent.get("alerts"), list) else as_json({"message": "no alerts"}, 400)


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - none that are counted
    """Somebody who takes them."""
    return _Attendant(world)
