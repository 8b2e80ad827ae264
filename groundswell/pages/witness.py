"""Where a number on a page is from, of which day it is, and how it is known: "npm, 18 Nov 2026, observed"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from groundswell import evidence, wording
from groundswell.catalogue import RATIOS
from groundswell.evidence import Evidence
from groundswell.models import Against, Card, Growth, Measured, Missing, Provenance, Reading, Stage
from groundswell.pages import shown
from groundswell.pages.setting import Setting
from groundswell.pages.shown import Figure
from groundswell.readings import BOTH, READINGS
from groundswell.situation import of_card

_ORDER = list(Evidence)
_OF_RATIO = {rule.key: (*rule.of, rule.base) for rule in RATIOS}
_OF_READING = {rule.key: rule for rule in READINGS}


def with_value(figure: Figure, found: Measured, setting: Setting) -> Figure:
    """A value with its witness."""
    return _with(figure, one(found, evidence.of_value(found), found.observed, setting))


def with_growth(figure: Figure, found: Measured, setting: Setting) -> Figure:
    """A growth with its witness; what it compares lies before the day."""
    day = found.growth.end_day if isinstance(found.growth, Growth) else None
    return _with(figure, one(found, evidence.of_growth(found), day, setting))


def with_rate(figure: Figure, found: Measured, months: int, setting: Setting) -> Figure:
    """A rate over several months with its witness."""
    return _with(figure, one(found, evidence.of_span(found, months), found.observed, setting))


def with_market(figure: Figure, found: Against | Missing | None, own: Measured, setting: Setting) -> Figure:
    """A difference to the market with the witness of both sides."""
    if isinstance(found, Against):
        market = setting.label(found.signal.partition(".")[0])
        return _with(
            figure, _text([source(own.provenance, setting), market], [found.end_day], [evidence.of_growth(own)])
        )
    return figure


def _with(figure: Figure, text: str) -> Figure:
    return figure if figure.missing or not text else replace(figure, witness=text)


def one(found: Measured, how: Evidence | None, day: dt.date | None, setting: Setting) -> str:
    """The witness of one metric; nothing where there is no number."""
    return "" if found.provenance is None else _text([source(found.provenance, setting)], [day], [how])


def of_metrics(keys: Iterable[str], card: Card, setting: Setting, *, grown: bool) -> str:
    """The witness of what is made of several metrics: all sources, the first and the last day, every way of knowing."""
    found = [card.metrics[key] for key in keys if key in card.metrics and card.metrics[key].provenance is not None]
    days = [_day(one, grown=grown) for one in found]
    hows = [evidence.of_growth(one) if grown else evidence.of_value(one) for one in found]
    sources = [source(one.provenance, setting) for one in found]
    return _text(sources, days, hows)


def _day(found: Measured, *, grown: bool) -> dt.date | None:
    return found.growth.end_day if grown and isinstance(found.growth, Growth) else found.observed


def of_stages(stages: Iterable[Stage], card: Card, setting: Setting) -> str:
    """The witness of the growth of stages, or of what sets them side by side."""
    return of_metrics([key for stage in stages for key in card.stages[stage].parts], card, setting, grown=True)


def of_ratio(key: str, card: Card, setting: Setting) -> str:
    """The witness of a ratio."""
    return of_metrics(_OF_RATIO.get(key, ()), card, setting, grown=False)


def of_reading(reading: Reading, card: Card, setting: Setting) -> str:
    """The witness of a reading: of the stages whose growth it tells, of the metrics, of money."""
    key, rule = reading.key, _OF_READING[reading.key]
    stages = [stage for stage in Stage if _is_told(stage, reading, card)] or rule.stages or BOTH
    parts = [part for stage in stages for part in card.stages[stage].parts]
    if rule.metrics:
        return of_metrics(rule.metrics, card, setting, grown=False)
    if key.startswith("money") and not isinstance(card.money, Missing) and card.money.pairs:
        pair = card.money.pairs[0]
        sources = [setting.label(side.signal.partition(".")[0]) for side in (pair.use, pair.revenue)]
        where = card.metrics[pair.metric].provenance
        return _text(sources, [pair.end], [evidence.of_day(where, pair.start) if where else Evidence.OBSERVED])
    return of_metrics(parts, card, setting, grown=True)


def _is_told(stage: Stage, reading: Reading, card: Card) -> bool:
    if card.stages[stage].growth is None:
        return False
    told = of_card(card).subject(stage)
    return told.figure.lstrip(f"+{wording.MINUS}") in reading.text or told.inside() in reading.text


def source(where: Provenance | None, setting: Setting) -> str:
    """The name of a source, or that it is the owner."""
    if where is None:
        return ""
    return shown.OWNERS if where.is_own else setting.label(where.signal.partition(".")[0])


def _text(sources: Iterable[str], days: Iterable[dt.date | None], hows: Iterable[Evidence | None]) -> str:
    names, known = list(dict.fromkeys(filter(None, sources))), sorted(set(filter(None, hows)), key=_ORDER.index)
    when = sorted(set(filter(None, days)))
    if not names or not when or not known:
        return ""
    span = " to ".join(map(wording.short_date, (when[0], when[-1]) if len(when) > 1 else when))
    names = [*names[:1], *(name.replace("The ", "the ", 1) for name in names[1:])]
    return f"{wording.listing(names, most=len(names))}, {span}, {' and '.join(known)}"
