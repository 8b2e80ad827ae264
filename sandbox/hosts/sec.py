"""data.sec.gov: what companies have reported, from their first filing to the newest.

Shape: recorded `companyfacts`, with the concepts that are read here alone. The companies are the gallery's projects:
the number (CIK) of one is 1 000 000 + its place in the gallery, from 1 on. Revenue follows its downloads; a quarter
is filed 35 days after its end, a year 60 days. A project that was archived had been bought a year before, and files
nothing since.
Unlike the real host it asks for no e-mail address.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.model import day_of, moment
from sandbox.project import Project
from sandbox.world import World

HOST: Final = "data.sec.gov"
FIRST: Final = 1_000_000  # the gallery's first company has the number after it
ADDRESS: Final = re.compile(r"/api/xbrl/companyfacts/CIK(\d{10})\.json")
BASE: Final = 4_000_000  # dollars a quarter, of a company whose product nobody installs
DOLLARS_A_DOWNLOAD: Final = 3
LEVEL: Final = 2.6  # what is signed for, in quarters of revenue
REVENUE: Final = "RevenueFromContractWithCustomerExcludingAssessedTax"
OBLIGATION: Final = "RevenueRemainingPerformanceObligation"
ONE_DAY: Final = dt.timedelta(days=1)

Facts = list[dict[str, object]]


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        address = ADDRESS.fullmatch(request.path)
        return Asked(frozenset({address[1], str(int(address[1]))})) if address else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        address = ADDRESS.fullmatch(request.path)
        place = int(address[1]) - FIRST - 1 if address else -1
        entry = self.world.entries[place] if 0 <= place < len(self.world.entries) else None
        project = self.world.repository(entry.repository) if entry else None
        if project is None:
            body = b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>NoSuchKey</Code></Error>'
            return Response(404, body, {"Content-Type": "application/xml"})
        concepts = {REVENUE: _concept(_revenue(project)), OBLIGATION: _concept(_obligation(project))}
        name = f"{project.entry.name.upper()} INC."
        return as_json({"cik": FIRST + place + 1, "entityName": name, "facts": {"us-gaap": concepts}})


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - ten requests a second are not reached
    """Somebody who answers for data.sec.gov."""
    return _Attendant(world)


def _concept(facts: Facts) -> Mapping[str, object]:
    return {"label": "", "description": "", "units": {"USD": facts}}


def _revenue(project: Project) -> Facts:
    facts: Facts = []
    year: dict[int, int] = {}  # quarter → revenue, of the year that is not over
    for start, end, number in _quarters(project):
        year = {**({} if number == 1 else year), number: _amount(project, start, end)}
        begin, frame = start.replace(month=1), f"CY{end.year}"
        filed = end + dt.timedelta(days=60 if number == 4 else 35)
        if number < 4:
            facts.append(_fact(start, end, year[number], filed, f"{frame}Q{number}"))
        if number == 3 and len(year) == 3:
            facts.append(_fact(begin, end, sum(year.values()), filed, None))
        if number == 4 and len(year) == 4:
            facts.append(_fact(begin, end, sum(year.values()), filed, frame))
    return facts


def _obligation(project: Project) -> Facts:
    return [
        _fact(
            None,
            end,
            round(LEVEL * _amount(project, start, end)),
            end + dt.timedelta(days=60),
            f"CY{end.year}Q{number}I",
        )
        for start, end, number in _quarters(project)
    ]


def _quarters(project: Project) -> Iterator[tuple[dt.date, dt.date, int]]:
    """First and last day and number of each quarter that has been reported."""
    first = dt.date.fromordinal(project.series.first)
    last = dt.date.fromordinal(day_of(project.now) if project.archived is None else day_of(project.archived) - 365)
    start = dt.date(first.year, 3 * ((first.month - 1) // 3) + 1, 1)
    while True:
        after = (start + dt.timedelta(days=95)).replace(day=1)
        number = (start.month + 2) // 3
        if after - ONE_DAY + dt.timedelta(days=60 if number == 4 else 35) > last:
            return
        yield start, after - ONE_DAY, number
        start = after


def _amount(project: Project, start: dt.date, end: dt.date) -> int:
    downloads = [project.series.downloads(one, "pypi") for one in project.entry.pypi]
    downloads += [project.series.downloads(one, "npm") for one in project.entry.npm]
    span = moment(start.toordinal()) - 1, moment((end + ONE_DAY).toordinal()) - 1
    return BASE + DOLLARS_A_DOWNLOAD * sum(one.until(span[1]) - one.until(span[0]) for one in downloads)


def _fact(start: dt.date | None, end: dt.date, value: int, filed: dt.date, frame: str | None) -> dict[str, object]:
    whole = {"start": start and start.isoformat(), "end": end.isoformat(), "val": value, "filed": filed.isoformat()}
    return {key: one for key, one in {**whole, "frame": frame}.items() if one is not None}
