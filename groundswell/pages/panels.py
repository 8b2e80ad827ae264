"""Chart panels: a chart with its title, a sentence that says what it shows, since when it is seen, and its numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import evidence, wording
from groundswell.catalogue import metrics_of, of_stage
from groundswell.charts import Drawer, Odd, Plot, plot
from groundswell.evidence import Evidence
from groundswell.models import Card, Kind, Measured, Metric, Provenance, Signal
from groundswell.monthly import Month, closed_months
from groundswell.months import period_name
from groundswell.pages import odd, witness
from groundswell.pages.setting import Setting

_A_MONTH: Final[Mapping[Kind, str]] = {
    Kind.STOCK: "Level at the end of the month",
    Kind.FLOW: "Amount in the month",
    Kind.COUNTER: "Amount in the month",
    Kind.ROLLING: "Newest figure in the month",
    Kind.PERIOD: "Amount in the {period}",
    Kind.CLOSING: "Level at the end of the {period}",
}


_INDEX: Final = "It is 100 where it stood when it was first read; the level is not published."


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the numbers behind a chart."""

    month: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart and all around it."""

    key: str
    title: str
    latest: str
    latest_title: str
    drawing: str  # inside of the SVG; nothing in it is from outside
    says: str  # what it shows, in a sentence; also its description for screen readers
    since: str  # from when it was seen, and what is lighter
    odd: str  # which odd days are marked, and what is kept apart; empty when nothing is
    lines: tuple[Line, ...]
    heading: str  # of the column of numbers
    about: bool  # whether some numbers are marked "about"


def panels(card: Card, setting: Setting, drawer: Drawer) -> tuple[Panel, ...]:
    """A panel for each weighty metric of which there is a line to draw, in the order of the catalogue."""
    found = (_panel(metric, card, setting, drawer) for metric in metrics_of(card.project) if _is_weighty(metric))
    return tuple(panel for panel in found if panel is not None)


def _is_weighty(metric: Metric) -> bool:
    """It weighs at least half as much as the heaviest of its stage: the others are told in the table alone."""
    return metric.weight > 0 and 2 * metric.weight >= max((other.weight for other in of_stage(metric.stage)), default=0)


def _panel(metric: Metric, card: Card, setting: Setting, drawer: Drawer) -> Panel | None:
    measured = card.metrics[metric.key]
    where = measured.provenance
    drawn = _drawn(measured, where) if where else None
    if where is None or drawn is None:
        return None
    marked = odd.marks(card, measured.anomalies)
    months = closed_months(measured.series, where.kind, card.as_of, period=where.months)
    newest, name = float(drawn.series.values[-1]), witness.source(where, setting)
    return Panel(
        key=metric.key,
        title=metric.label if measured.relative else _title(metric, where, setting.signals),
        latest=f"index{wording.TIGHT}{newest:g}" if measured.relative else wording.count(newest),
        latest_title=f"{wording.exact(newest)}, {_when(where, drawn.series.last_day)}; "
        + _known(name, where, drawn.series.last_day),
        drawing=drawer.draw(drawn, [event.day for event in card.project.events], marked),
        says=_says(where, drawn) + (f" {_INDEX}" if measured.relative else ""),
        since=_since(measured, where, drawn),
        odd=_odd(drawn, marked),
        lines=tuple(_line(month, name, where, whole=not measured.relative) for month in months),
        heading="Index" if measured.relative else _A_MONTH[where.kind].format(period=period_name(where.months)),
        about=any(month.about for month in months),
    )


def _drawn(measured: Measured, where: Provenance) -> Plot | None:
    return plot(measured.series, where.kind, where.observed_since, period=where.months, apart=measured.apart)


def _odd(drawn: Plot, marked: Sequence[Odd]) -> str:
    """What the flags and the hollow points are, also for those who do not see them."""
    first = drawn.series.days[0]
    letters = [one.letter for one in marked if one.last.toordinal() >= first]
    text = f"Flags mark what is odd: {wording.listing(letters, most=len(letters))}." if letters else ""
    points = int((drawn.apart.days >= first).sum())
    if points:
        text += f" {wording.several(points, 'hollow point is', 'hollow points are')} kept out of growth."
    return text.strip()


def _title(metric: Metric, where: Provenance, signals: Mapping[str, Signal]) -> str:
    signal = signals.get(where.signal)
    over = {
        Kind.STOCK: "",
        Kind.FLOW: " a week",
        Kind.COUNTER: " a week",
        Kind.ROLLING: f" in {signal.days} days" if signal else "",
        Kind.PERIOD: f" a {period_name(where.months)}",
        Kind.CLOSING: "",
    }
    return metric.label + over[where.kind]


def _when(where: Provenance, day: dt.date) -> str:
    """The time that a point stands for."""
    if where.kind is Kind.PERIOD:
        return wording.in_period(day, where.months)
    if where.kind in {Kind.FLOW, Kind.COUNTER}:
        return f"in the week to {wording.date(day)}"
    return f"on {wording.date(day)}"


def _says(where: Provenance, drawn: Plot) -> str:
    days, values = drawn.series.days, drawn.series.values
    start, end = float(values[0]), float(values[-1])
    first = _when(where, dt.date.fromordinal(int(days[0])))
    last = _when(where, dt.date.fromordinal(int(days[-1])))
    floor = drawn.scale[0]
    foot = f" The scale begins at {wording.mark(floor)}, not at 0." if floor > 0 else ""
    if end == start:
        return f"{wording.count(start)} {first}, and again {last}.{foot}"
    went = "Up" if end > start else "Down"
    return f"{went} from {wording.count(start)} {first} to {wording.count(end)} {last}.{foot}"


def _since(measured: Measured, where: Provenance, drawn: Plot) -> str:
    if where.is_own:
        return "As the owner gives it; nobody else can check it."
    since, first = where.observed_since, int(drawn.series.days[0])
    if since is None:
        return "Nothing of it was seen on its day: all was filled in afterwards, and is drawn fainter."
    if since.toordinal() <= first or not len(measured.series):
        return f"Seen since {wording.date(since)}."
    return f"Seen since {wording.date(since)}; what lies before was worked out afterwards, and is drawn fainter."


def _known(name: str, where: Provenance, day: dt.date) -> str:
    return f"{name}, {wording.short_date(day)}, {evidence.of_day(where, day)}"


def _line(month: Month, name: str, where: Provenance, *, whole: bool = True) -> Line:
    """`whole`: what is counted comes in whole ones, and an index in points."""
    if month.value is None:
        return Line(wording.month(month.last), wording.NOTHING, "Too few days of the month were observed.")
    about = f"≈{wording.TIGHT}" if month.about else ""
    text = wording.exact(round(month.value)) if whole else f"{month.value:g}"
    exact = wording.exact(month.value) if whole else text
    first = month.last if where.kind in (Kind.STOCK, Kind.CLOSING, Kind.PERIOD) else month.last.replace(day=1)
    how = Evidence.FILLED_IN if month.about else evidence.of_day(where, first)
    return Line(wording.month(month.last), about + text, f"{exact}; {name}, {wording.short_date(month.last)}, {how}")
