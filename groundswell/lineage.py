"""Lineage: for every number in a data file its sources, its day, and how it is known, in one shape.

`{"sources": ["npm"], "day": "2026-11-18", "evidence": ["observed"]}`. A number that is made of several has all of their
sources, their newest day, and every way in which one of them is known. The files give it as `from`, in the shape of the
object beside which it stands: `from.growth` is of all numbers in `growth`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from groundswell import evidence
from groundswell.catalogue import RATIOS
from groundswell.evidence import Evidence
from groundswell.models import Against, Anomaly, Beside, Card, Correction, Growth, Measured, Movement, Provenance, Stage
from groundswell.monthly import Month

YEAR: Final = 12  # months
INDEX_MONTHS: Final = 13  # that the index of a stage looks back over
_ORDER: Final = tuple(Evidence)
_OF_RATIO: Final = {rule.key: (*rule.of, rule.base) for rule in RATIOS}

Lineage = Mapping[str, object]


def of_measured(found: Measured, spans: Sequence[int]) -> dict[str, object] | None:
    """Of a metric's value and of each of its rates; None where there is no number."""
    if found.provenance is None:
        return None
    where, day = found.provenance, found.observed
    end = found.growth.end_day if isinstance(found.growth, Growth) else day
    return {
        "value": _one(where, day, evidence.of_value(found)),
        "growth": _one(where, end, evidence.of_growth(found)),
        "compound": {str(months): _one(where, day, evidence.of_span(found, months)) for months in spans},
        "year_on_year": _one(where, day, evidence.of_span(found, YEAR)),
        "acceleration": _one(where, day, evidence.of_span(found, 2)),
        "index": _of_last(found),
    }


def _of_last(found: Measured) -> Lineage | None:
    """Of the newest point of a series: the index of an owner's figure whose level is kept back."""
    if found.provenance is None or not found.relative or not len(found.series):
        return None
    last = found.series.last_day
    return _one(found.provenance, last, evidence.of_day(found.provenance, last))


def of_market(found: Against, own: Measured) -> Lineage:
    """Of a growth beside the market's."""
    sides = [_source(found.signal), *([_source(own.provenance.signal)] if own.provenance else [])]
    return _several(sides, [found.end_day], [evidence.of_growth(own) or Evidence.OBSERVED])


def of_stage(stage: Stage, card: Card) -> Lineage | None:
    """Of a stage's growth; of its coverage and percentile, where it has no growth."""
    keys = card.stages[stage].parts or [
        key for key, found in card.metrics.items() if found.provenance is not None and found.value is not None
    ]
    return _of_metrics(keys, card, grown=bool(card.stages[stage].parts))


def of_index(stage: Stage, card: Card) -> Lineage | None:
    """Of a stage's index: of all that it may be chained from."""
    found = [card.metrics[key] for key in card.stages[stage].parts if card.metrics[key].provenance is not None]
    days = [card.stages[stage].index.last_day] if len(card.stages[stage].index) else []
    hows = [evidence.of_span(one, INDEX_MONTHS) for one in found]
    return _several([_signal(one) for one in found], days, hows) if found and days else None


def of_movement(movement: Movement, card: Card) -> dict[str, object]:
    """Of the drift between two stages, and of each ratio."""
    parts = [key for stage in (movement.start, movement.end) for key in card.stages[stage].parts]
    drift = _of_metrics(parts, card, grown=True)
    return {
        "drift": drift,
        "low": drift,
        "high": drift,
        "ratios": {ratio.key: _of_metrics(_OF_RATIO[ratio.key], card, grown=False) for ratio in movement.ratios},
    }


def of_pair(pair: Beside, card: Card) -> Lineage:
    """Of money beside use."""
    found = card.metrics.get(pair.metric)
    how = evidence.of_day(found.provenance, pair.start) if found and found.provenance else Evidence.OBSERVED
    return _several([_source(pair.use.signal), _source(pair.revenue.signal)], [pair.end], [how])


def of_months(found: Measured, months: Iterable[Month]) -> dict[str, object] | None:
    """Of a metric's closed months: the source once, and how each month is known. The month itself is the day."""
    if found.provenance is None:
        return None
    where = found.provenance
    hows = {
        month.last.isoformat()[:7]: (
            Evidence.FILLED_IN if month.about and not where.is_own else evidence.of_day(where, _first(month, where))
        ).value
        for month in months
        if month.value is not None
    }
    return {"sources": [_source(where.signal)], "evidence": hows}


def of_column(one: Anomaly | Correction, card: Card) -> Lineage:
    """Of what is odd in a column of the history, or was corrected there."""
    signal = one.column.partition(":")[0]
    where = (found.provenance for found in card.metrics.values() if found.provenance is not None)
    known = next((provenance for provenance in where if provenance.signal == signal), None)
    how = evidence.of_day(known, one.first) if known is not None else Evidence.OBSERVED
    return _several([_source(signal)], [one.last], [how])


def _first(month: Month, where: Provenance) -> dt.date:
    """The first day that a month's number is of: a level is of its last."""
    return month.last.replace(day=1) if where.kind.value in ("flow", "counter") else month.last


def _of_metrics(keys: Iterable[str], card: Card, *, grown: bool) -> Lineage | None:
    found = [card.metrics[key] for key in keys if key in card.metrics and card.metrics[key].provenance is not None]
    days = [one.growth.end_day if grown and isinstance(one.growth, Growth) else one.observed for one in found]
    hows = [evidence.of_growth(one) if grown else evidence.of_value(one) for one in found]
    return _several([_signal(one) for one in found], days, hows) if found else None


def _one(where: Provenance, day: dt.date | None, how: Evidence | None) -> Lineage | None:
    return None if day is None or how is None else _several([_source(where.signal)], [day], [how])


def _several(sources: Iterable[str], days: Iterable[dt.date | None], hows: Iterable[Evidence | None]) -> Lineage:
    known = [day for day in days if day is not None]
    return {
        "sources": sorted(set(sources)),
        "day": max(known).isoformat() if known else None,
        "evidence": [how.value for how in sorted(set(filter(None, hows)), key=_ORDER.index)],
    }


def _signal(found: Measured) -> str:
    assert found.provenance is not None
    return _source(found.provenance.signal)


def _source(signal: str) -> str:
    return signal.partition(".")[0]
