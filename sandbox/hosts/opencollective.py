"""api.opencollective.com: how many have given to a collective, and what it received each month.

Shape: github.com/opencollective/opencollective-api (server/graphql/v2); of GraphQL only the variables are read, and the
one question that is asked is answered. A project with a sponsors page has a collective, whose name contains its short
name (`ecosystems.named`); its sponsors give to it too, some dollars a month each.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sandbox.exchange import Asked, Request, Response, as_json
from sandbox.faults import Fault
from sandbox.hosts import Limits
from sandbox.hosts.ecosystems import named
from sandbox.model import Stock, moment
from sandbox.project import date_of
from sandbox.world import World

HOST: Final = "api.opencollective.com"
CENTS: Final = 1_500  # that one sponsor gives in a month
FIELDS: Final = ("contributorsCount", "totalAmountReceivedTimeSeries", "valueInCents")


@dataclass(frozen=True)
class _Attendant:
    world: World

    def asked(self, request: Request) -> Asked:
        slug = str(_variables(request).get("slug", "")).lower()
        return Asked(frozenset({slug})) if slug else Asked(size=0)

    def answer(self, request: Request, faults: Sequence[Fault]) -> Response:  # noqa: ARG002 - none of its own
        if request.path != "/graphql/v2" or not all(field.encode() in request.body for field in FIELDS):
            return as_json({"errors": [{"message": "the sandbox answers one question alone"}]}, 400)
        variables = _variables(request)
        slug = str(variables.get("slug", ""))
        project = named(self.world, slug)
        sponsors = project.series.sponsors if project else None
        if sponsors is None:
            error = {"message": f"No Account found with slug {slug}", "extensions": {"code": "NotFound"}}
            return as_json({"errors": [error], "data": None})
        try:
            since, until = (dt.date.fromisoformat(str(variables.get(name))[:10]) for name in ("since", "until"))
        except ValueError:
            return as_json({"errors": [{"message": "Variable is no DateTime"}]}, 400)
        series = {"timeUnit": "MONTH", "nodes": list(self._months(sponsors, since, until))}
        stats = {"contributorsCount": sponsors.arrivals.until(self.world.now), "totalAmountReceivedTimeSeries": series}
        return as_json({"data": {"account": {"slug": slug, "currency": "USD", "stats": stats}}})

    def _months(self, sponsors: Stock, since: dt.date, until: dt.date) -> Iterator[dict[str, object]]:
        month = max(since, date_of(sponsors.arrivals.first)).replace(day=1)
        while month <= min(until, self.world.today):
            level = sponsors.level(moment(month.toordinal() + 14))  # who gives, gives in the middle of the month
            if level:
                amount = {"valueInCents": CENTS * level, "currency": "USD"}
                yield {"date": f"{month}T00:00:00.000Z", "amount": amount}
            month = (month + dt.timedelta(days=31)).replace(day=1)


def attend(world: World, limits: Limits) -> _Attendant:  # noqa: ARG001 - its limit is a minute's
    """Somebody who answers for api.opencollective.com."""
    return _Attendant(world)


def _variables(request: Request) -> Mapping[str, object]:
    try:
        variables = json.loads(request.body)["variables"]
    except (ValueError, KeyError, TypeError):
        return {}
    return variables if isinstance(variables, dict) else {}
