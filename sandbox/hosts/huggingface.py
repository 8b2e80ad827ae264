"""huggingface.co: downloads and likes of models and data sets.

Shape: huggingface.co/docs/hub/api. A name that contains the short name of a project (after the owner) stands for that
project; one that contains its former name is redirected to `owner/name`. Its downloads are SHARE times those of its
first package, its likes LIKES times its stars. What is not there is answered with 401, like what is private.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.hosts.homebrew import last_days, project_of, use_of
from sandbox.world import World

HOST: Final = "huggingface.co"
ADDRESS: Final = re.compile(r"/api/(models|datasets)/((?:[^/]+/)?[^/]+)")
SHARE: Final = 0.03
LIKES: Final = 0.02


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        named = ADDRESS.fullmatch(request.path)
        return Asked(frozenset({named[2].lower()})) if named else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        named = ADDRESS.fullmatch(request.path)
        project = project_of(self.world, named[2]) if named else None
        if named is None or project is None:
            return as_json({"error": "Invalid username or password."}, 401)
        kind, name = named[1], named[2]
        if project.repository.partition("/")[2].lower() not in name.lower():
            moved = f"{request.address}/api/{kind}/{project.repository}"  # the question is not handed on
            return as_json({"moved": project.repository}, 307, {"Location": moved})
        arrivals, today = use_of(project, f"huggingface {kind}", SHARE), self.world.today.toordinal()
        body: dict[str, object] = {
            "_id": f"{project.number:024x}",
            "id": name,
            "downloads": last_days(arrivals, today, 30),
            "likes": round(project.series.stars.level(project.now) * LIKES),
        }
        if "expand[]" in request.query:
            body["downloadsAllTime"] = last_days(arrivals, today, today)
        return as_json(body)


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - a refusal is ordered as a fault
    """Somebody who answers for huggingface.co."""
    return _Attendant(world)
