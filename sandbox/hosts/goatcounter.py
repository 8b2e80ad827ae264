"""stats.galley-setter.example: the visitor counter of the site of the gallery's Galleyproof, a GoatCounter.

Shape: github.com/arp242/goatcounter, handlers/vcounter.go. The range is by the hour and holds the first hour of its
last day. No other invented project has a counter; in a world without that project nothing is found.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_html, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.model import moment
from sandbox.project import Project
from sandbox.world import World

HOST: Final = "stats.galley-setter.example"
REPOSITORY: Final = "inkbarn/galley-setter"
TOTAL: Final = "/counter/TOTAL.json"
STARS: Final = 140  # visits for each star given
ISSUES: Final = 85  # visits for each issue opened
THIN_SPACE: Final = "\u202f"  # parts the thousands
HOUR: Final = 3_600
FAULTY: Final[Mapping[str, str]] = {"negative": "-1", "zeros": "0", "wrong-type": "many"}
"""Faults that change figures elsewhere, and what they make of this one, which is a text."""


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:  # noqa: ARG002 - every question is about the site
        return Asked(frozenset({HOST}))

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:
        project = self.world.repository(REPOSITORY)
        if project is None:
            return as_html("404 Not Found", 404)
        if request.path != TOTAL:
            return _count("0", 404)
        try:
            start, end = (_day(request.query.get(name, "")) for name in ("start", "end"))
        except ValueError as error:
            return as_json({"error": str(error)}, 400)
        first = 0 if start is None else moment(start.toordinal())
        last = project.now if end is None else min(moment(end.toordinal(), HOUR - 1), project.now)
        visits = max(_visits(project, last) - _visits(project, first - 1), 0)
        faulty = [FAULTY[fault.kind] for fault in faults if fault.kind in FAULTY]
        return _count(faulty[0] if faulty else f"{visits:,}".replace(",", THIN_SPACE))


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - it has none that are counted
    """Somebody who answers for the site."""
    return _Attendant(world)


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _visits(project: Project, when: int) -> int:
    """All visits up to and with a moment."""
    return STARS * project.series.stars.arrivals.until(when) + ISSUES * project.series.issues.arrivals.until(when)


def _count(text: str, status: int = 200) -> Response:
    return as_json({"count_unique": text, "count": text}, status)
