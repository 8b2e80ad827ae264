"""api.npmjs.org: downloads from npm, by day (`range`) or in all (`point`).

Shape: github.com/npm/registry, docs/download-counts.md. One package: at most 18 months, an earlier start is moved;
several: at most 128 without a scope and 365 days. Days that are not counted yet, or were never, are given as 0.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.entry import Package
from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.model import DAY_ZERO
from sandbox.project import Project
from sandbox.world import World

HOST: Final = "api.npmjs.org"
LAG: Final = 2  # days until a day is counted
FIRST_DAY: Final = dt.date(2015, 1, 10)
BULK_NAMES: Final = 128
BULK_DAYS: Final = 365
MONTHS: Final = 18
ADDRESS: Final = re.compile(r"/downloads/(range|point)/([^/]+)(?:/(.+))?")
PERIODS: Final[Mapping[str, int]] = {"last-day": 1, "last-week": 7, "last-month": 30, "last-year": 365}

Counted = Mapping[dt.date, int]


class _Refused(Exception):
    """A question that npm does not answer: the status, and what it says."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        question = ADDRESS.fullmatch(request.path)
        names = question[3].split(",") if question and question[3] else []
        return Asked(frozenset(name.lower() for name in names), len(names))

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        question = ADDRESS.fullmatch(request.path)
        if question is None:
            return as_json({"error": "not found"}, 404)
        try:
            start, end = self._period(question[2])
            if question[3] is None:
                return as_json(self._one(question[1], None, start, end))
            names = question[3].split(",")
            if len(names) == 1:
                return as_json(self._one(question[1], names[0], start, end))
            return as_json(self._bulk(question[1], names, start, end))
        except _Refused as refusal:
            return as_json({"error": str(refusal)}, refusal.status)

    def _period(self, text: str) -> tuple[dt.date, dt.date]:
        newest = self.world.today - dt.timedelta(days=LAG)
        if text in PERIODS:
            return newest - dt.timedelta(days=PERIODS[text] - 1), newest
        try:
            first, _, last = text.partition(":")
            start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
        except ValueError:
            raise _Refused(400, "invalid date") from None
        start, end = max(start, FIRST_DAY), min(end, self.world.today)
        if start > end:
            raise _Refused(400, "end date > start date")
        return start, end

    def _one(self, shape: str, name: str | None, start: dt.date, end: dt.date) -> dict[str, object]:
        start = max(start, _months_before(end, MONTHS))
        if name is None:
            return _shaped(shape, None, self._registry(start, end))
        found = self.world.npm(name)
        if found is None:
            raise _Refused(404, f"package {name} not found")
        return _shaped(shape, name, self._counted(*found, start, end))

    def _bulk(self, shape: str, names: Sequence[str], start: dt.date, end: dt.date) -> dict[str, object]:
        if any(name.startswith("@") for name in names):
            raise _Refused(400, "scoped packages are not currently supported in bulk lookups")
        if len(names) > BULK_NAMES:
            raise _Refused(400, f"exceeded max packages of {BULK_NAMES}")
        if (end - start).days + 1 > BULK_DAYS:
            raise _Refused(400, f"exceeded max days of {BULK_DAYS}")
        found = {name: self.world.npm(name) for name in names}
        return {name: one and _shaped(shape, name, self._counted(*one, start, end)) for name, one in found.items()}

    def _counted(self, project: Project, package: Package, start: dt.date, end: dt.date) -> Counted:
        arrivals = project.series.downloads(package, "npm")
        uncounted = {DAY_ZERO + day for day in package.uncounted}
        newest = self.world.today.toordinal() - LAG
        counted = {}
        for day in _days(start, end):
            at = day.toordinal()
            known = arrivals.first <= at <= newest and at not in uncounted
            counted[day] = int(arrivals.counts[at - arrivals.first]) if known else 0
        return counted

    def _registry(self, start: dt.date, end: dt.date) -> Counted:
        newest = self.world.today - dt.timedelta(days=LAG)
        whole = self.world.whole("npm")
        return {day: whole.on(day.toordinal()) if day <= newest else 0 for day in _days(start, end)}


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - a ban is ordered as a fault
    """Somebody who answers for api.npmjs.org."""
    return _Attendant(world)


def _shaped(shape: str, name: str | None, counted: Counted) -> dict[str, object]:
    days = [{"downloads": count, "day": day.isoformat()} for day, count in counted.items()]
    whole: dict[str, object] = {"downloads": days if shape == "range" else sum(counted.values())}
    whole |= {"start": min(counted).isoformat(), "end": max(counted).isoformat()}
    return whole if name is None else {**whole, "package": name}


def _days(start: dt.date, end: dt.date) -> Iterable[dt.date]:
    return (start + dt.timedelta(days=place) for place in range((end - start).days + 1))


def _months_before(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
