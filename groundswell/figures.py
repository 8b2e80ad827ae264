"""The figures that owners know and the public record does not: the usual ones, with what is usually true of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from groundswell.models import OWN, PER_CENT, Kind, OwnFigure, Project, Signal, Stage


class Way(StrEnum):
    """How the numbers of a figure follow each other, as `projects.yaml` says it."""

    STOCK = "stock"
    FLOW = "flow"
    PERIOD = "period"


class Every(StrEnum):
    """How long the time is that one number stands for."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"


USUAL_TIME: Final[Mapping[Way, Every]] = {Way.STOCK: Every.DAY, Way.FLOW: Every.DAY, Way.PERIOD: Every.MONTH}
MONTHS: Final[Mapping[Every, int]] = {Every.DAY: 1, Every.MONTH: 1, Every.QUARTER: 3}
USUAL_WEIGHT: Final = 2.0
ROUNDINGS: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # points of an index
USUAL_ROUNDING: Final = 0.5
POINTS: Final = "points of an index"


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usually true of a figure; an entry may say otherwise."""

    label: str
    unit: str
    stage: Stage
    way: Way
    weight: float = USUAL_WEIGHT
    every: Every | None = None


USUAL: Final[Mapping[str, Usual]] = {
    "documentation_visits": Usual("Documentation visits", "visits", Stage.INTENT, Way.FLOW),
    "website_visits": Usual("Website visits", "visits", Stage.INTENT, Way.FLOW, 1),
    "registrations": Usual("Registrations", "registrations", Stage.ACTION, Way.FLOW),
    "chat_members": Usual("Chat members", "people", Stage.ACTION, Way.STOCK, 1),
    "activated_accounts": Usual("Activated accounts", "accounts", Stage.ACTIVATION, Way.STOCK, 3),
    "trials": Usual("Trials", "trials", Stage.ACTIVATION, Way.PERIOD),
    "managed_resources": Usual("Managed resources", "resources", Stage.ACTIVATION, Way.STOCK),
    "tokens_used": Usual("Tokens used", "tokens", Stage.ACTIVATION, Way.FLOW),
    "paying_organisations": Usual("Paying organisations", "organisations", Stage.MONETIZATION, Way.STOCK, 3),
    "paying_users": Usual("Paying users", "people", Stage.MONETIZATION, Way.STOCK, 3),
    "leads": Usual("Leads", "leads", Stage.MONETIZATION, Way.PERIOD),
    "self_service_sales": Usual("Self-service sales", "sales", Stage.MONETIZATION, Way.PERIOD),
    "revenue": Usual("Revenue", "units of money", Stage.MONETIZATION, Way.PERIOD, 3),
    "recurring_revenue": Usual(
        "Recurring revenue", "units of money", Stage.MONETIZATION, Way.STOCK, 3, every=Every.MONTH
    ),
    "dau": Usual("Daily active users", "people", Stage.RETENTION, Way.STOCK, 3),
    "wau": Usual("Weekly active users", "people", Stage.RETENTION, Way.STOCK, 3),
    "mau": Usual("Monthly active users", "people", Stage.RETENTION, Way.STOCK, 3, every=Every.MONTH),
    "key_actions": Usual("Key actions", "actions", Stage.RETENTION, Way.FLOW),
    "net_revenue_retention": Usual("Net revenue retention", PER_CENT, Stage.RETENTION, Way.STOCK, 0, every=Every.MONTH),
}


def time_of(usual: Usual) -> Every:
    """The time that one number of a usual figure stands for."""
    return usual.every or USUAL_TIME[usual.way]


def kind_of(way: Way, every: Every) -> Kind:
    """What the two come to: a level at the end of a month is read at no other time, and an amount a day is a flow."""
    if every is Every.DAY:
        return Kind.STOCK if way is Way.STOCK else Kind.FLOW
    return Kind.CLOSING if way is Way.STOCK else Kind.PERIOD


LAG: Final[Mapping[Kind, int]] = {Kind.FLOW: 1}  # an amount of today is not complete
GRACE: Final = 16  # days that an owner may take to close the books of a month or a quarter


def own_signals(project: Project) -> Mapping[str, Signal]:
    """The signals of the figures that a project's owner brings, by their full names."""
    return {f"{OWN}.{figure.signal}": _signal(figure) for figure in project.figures}


def _signal(figure: OwnFigure) -> Signal:
    shown = "The owner shows growth alone and keeps the level." if figure.relative else "It is as the owner gives it."
    return Signal(
        key=figure.signal,
        kind=figure.kind,
        unit=unit_of(figure),
        lag=LAG.get(figure.kind, 0),
        backfill="as far as the owner's table does",
        docs="",
        caveat=f"Nobody but the owner can check it. {shown}",
        months=figure.months,
        grace=GRACE if figure.kind.by_calendar else 0,
        rounding=figure.rounding if figure.relative else None,
    )


def unit_of(figure: OwnFigure) -> str:
    """What one of it is, as it is shown."""
    return POINTS if figure.relative else figure.unit
