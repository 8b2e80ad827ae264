"""api.stackexchange.com: tags of Stack Overflow, and how many questions with a tag were asked within a time.

Shape: api.stackexchange.com/docs (tags-by-name, questions with `filter=total`). A project has half as many questions as
issues. A tag belongs to the project whose short name it contains (`ecosystems.named`); other tags do not exist, and
have no questions.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.hosts.ecosystems import named
from sandbox.project import Project
from sandbox.world import World

HOST: Final = "api.stackexchange.com"
QUOTA: Final = 300  # requests a day without a key
INFO: Final = re.compile(r"/2\.3/tags/([^/]+)/info")


@dataclass
class _Attendant:
    world: World
    used: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def asked(self, request: Request) -> Asked:
        names = _tags(request)
        return Asked(frozenset(names), len(names))

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        with self.lock:
            self.used += 1
            left = QUOTA - self.used
        if left < 0:
            return _error(400, 502, "throttle_violation", "too many requests from this IP")
        if request.query.get("site") != "stackoverflow":
            return _error(400, 400, "bad_parameter", "site is required")
        projects = {tag: project for tag in _tags(request) if (project := named(self.world, tag))}
        if INFO.fullmatch(request.path):
            items = [{"name": tag, "count": self._questions(one, 0, self.world.now)} for tag, one in projects.items()]
            return as_json({"items": items, "has_more": False, "quota_max": QUOTA, "quota_remaining": left})
        if request.path != "/2.3/questions" or request.query.get("filter") != "total":
            return _error(404, 404, "no_method", "this method cannot be called")
        try:
            start, stop = int(request.query.get("fromdate", 0)), int(request.query.get("todate", self.world.now))
        except ValueError:
            return _error(400, 400, "bad_parameter", "fromdate, todate")
        return as_json({"total": sum(self._questions(one, start, stop) for one in projects.values())})

    def _questions(self, project: Project, start: int, stop: int) -> int:
        issues = project.series.issues.arrivals
        return issues.until(min(stop, self.world.now)) // 2 - issues.until(start - 1) // 2


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - its quota is a day's, not an hour's
    """Somebody who answers for api.stackexchange.com."""
    return _Attendant(world)


def _tags(request: Request) -> list[str]:
    info = INFO.fullmatch(request.path)
    given = info[1] if info else request.query.get("tagged", "")
    return [tag.lower() for tag in given.split(";") if tag]


def _error(status: int, number: int, name: str, message: str) -> Response:
    return as_json({"error_id": number, "error_message": message, "error_name": name}, status)
