"""The figures of the site as files: scorecard.json (all of it), scorecard.csv (a row a project), one JSON a project.

What is not known is null or an empty cell, never 0, and its reason stands beside it. Numbers are not rounded.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from groundswell import addresses, licences, lineage
from groundswell.anomalies import KEPT_OUT
from groundswell.catalogue import CORE, METRICS, is_named, metric_of, own_metrics
from groundswell.config import Mistake, Tracker
from groundswell.data_shape import FORMAT, schema_address
from groundswell.models import (
    Against,
    Anomaly,
    Beside,
    Card,
    Correction,
    Failure,
    Growth,
    Measured,
    Missing,
    MoneyAndUse,
    Movement,
    Provenance,
    Series,
    Stage,
    StageState,
    Yearly,
)
from groundswell.monthly import Month, closed_months

NAMELESS: Final = Tracker()
TABLES: Final = "data/csv-metadata.json"  # its name is that of the standard, which looks for it beside the tables
COMPOUND_MONTHS: Final = (3, 6, 12)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_FORMULA: Final = ("=", "+", "-", "@")  # begin a cell that a spreadsheet would run


def scorecard_json(
    cards: Sequence[Card], as_of: dt.date, mistakes: Sequence[Mistake], tracker: Tracker = NAMELESS
) -> str:
    """All projects, in the order given; by the tracker's address the file names its schema."""
    whole = {
        "$schema": schema_address("scorecard", tracker.address, "../"),
        "format": FORMAT,
        "as_of": as_of.isoformat(),
        "license": licences.address(tracker.license),
        "credits": list(credits_of(cards)),
        "projects": [record(card) for card in cards],
        "left_out": [str(mistake) for mistake in mistakes],
    }
    return as_json(whole)


def project_json(card: Card, tracker: Tracker = NAMELESS) -> str:
    """One project as in scorecard.json, and its metrics and stages by closed months."""
    seen = {key: found for key, found in card.metrics.items() if found.provenance}
    months = {key: closed(found, card.as_of) for key, found in seen.items()}
    whole = {
        "$schema": schema_address("project", tracker.address, "../../"),
        "format": FORMAT,
        "as_of": card.as_of.isoformat(),
        "license": licences.address(tracker.license),
        "credits": list(credits_of([card])),
        **record(card),
        "months": {key: _months(of_it) for key, of_it in months.items()},
        "months_from": {key: lineage.of_months(found, months[key]) for key, found in seen.items()},
        "stage_index": {stage.value: dated(state.index) for stage, state in card.stages.items()},
        "stage_index_from": {stage.value: lineage.of_index(stage, card) for stage in card.stages},
    }
    return as_json(whole)


def tables_json(cards: Sequence[Card], as_of: dt.date, tracker: Tracker) -> str:
    """What the tables cannot say of themselves: day, maker, licence and whom to name, as CSV on the Web has it."""
    of_projects = (addresses.project_data(card.project.id, "csv").removeprefix("data/") for card in cards)
    licence, credit = licences.address(tracker.license), credits_of(cards)
    whole = {
        "@context": "http://www.w3.org/ns/csvw",
        "dc:title": tracker.title,
        "dc:creator": tracker.title,
        "dc:date": as_of.isoformat(),
        **({"dc:license": {"@id": licence}} if licence else {}),
        **({"dc:rights": "; ".join(credit)} if credit else {}),
        "tables": [{"url": name} for name in ("scorecard.csv", "health.csv", *of_projects)],
    }
    return as_json(whole)


def _is_said(key: str, card: Card) -> bool:
    """Whether a metric stands in a project's data: all of the core, and of the places only those that it names."""
    return key in CORE or is_named(metric_of(key, card.project), card.project) or card.metrics[key].value is not None


def credits_of(cards: Sequence[Card]) -> tuple[str, ...]:
    """Whom to name for the figures of some projects, each once, in the order of the figures."""
    figures = [found for card in cards for found in (*card.metrics.values(), *(other for _, other in card.others))]
    named = (found.provenance.credit for found in figures if found.provenance is not None)
    return tuple(dict.fromkeys(filter(None, named)))


def as_json(whole: object) -> str:
    """JSON of one shape for the same figures: NaN and infinity are refused (ValueError)."""
    return json.dumps(whole, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def record(card: Card) -> dict[str, object]:
    """A project as it stands in scorecard.json."""
    return {
        "id": card.project.id,
        "name": card.project.name,
        "category": card.project.category,
        "tags": list(card.project.tags),
        "state": card.facts.state.value if card.facts else None,
        "repository": card.facts.name if card.facts else card.project.id,
        "metrics": {
            key: {**_metric(measured), "against": _against(card.against.get(key), measured)}
            for key, measured in card.metrics.items()
            if _is_said(key, card)
        },
        "other_figures": {metric.key: _metric(found) for metric, found in card.others},
        "stages": {stage.value: _stage(state, card) for stage, state in card.stages.items()},
        "furthest_stage": card.furthest.value if card.furthest else None,
        "movement": {f"{one.start.value}_to_{one.end.value}": _movement(one, card) for one in card.movements},
        "money": _money(card.money, card),
        "reading": {"key": card.reading.key, "text": card.reading.text},
        "also": [{"key": reading.key, "text": reading.text} for reading in card.also],
        "notes": list(card.notes),
        "anomalies": [_anomaly(one, card) for one in card.anomalies],
        "corrections": [_correction(one, card) for one in card.corrections],
        "failures": [_failure(failure) for failure in card.failures],
    }


def _anomaly(one: Anomaly, card: Card) -> dict[str, object]:
    return {
        "from": lineage.of_column(one, card),
        "kind": one.kind.value,
        "column": one.column,
        "first": one.first.isoformat(),
        "last": one.last.isoformat(),
        "seen": dict(one.seen),
        "says": one.says,
        "kept_out_of_growth": one.kind in KEPT_OUT,
    }


def _correction(one: Correction, card: Card) -> dict[str, object]:
    return {
        "from": lineage.of_column(one, card),
        "column": one.column,
        "noted": one.noted.isoformat(),
        "first": one.first.isoformat(),
        "last": one.last.isoformat(),
        "days": one.days,
        "day": one.day.isoformat(),
        "before": as_number(one.before),
        "after": as_number(one.after),
        "share": one.share,
    }


def _metric(found: Measured) -> dict[str, object]:
    growth = found.growth if isinstance(found.growth, Growth) else None
    return {
        "value": as_number(found.value),
        "observed": _day(found.observed),
        "growth": _growth(growth) if growth else None,
        "compound": {str(months): _known(found.compound.get(months)) for months in COMPOUND_MONTHS},
        "year_on_year": _known(found.year_on_year),
        "acceleration": _known(found.acceleration),
        "missing": _why(found),
        "at_least": found.at_least,
        "stale": _reason(found.stale),
        "provenance": _provenance(found.provenance) if found.provenance else None,
        "from": lineage.of_measured(found, COMPOUND_MONTHS),
        "notes": list(found.notes),
        "relative": found.relative,
        "index": float(found.series.values[-1]) if found.relative and len(found.series) else None,
    }


def _why(found: Measured) -> str | None:
    """Why there is no value; with a value, why there is no growth."""
    return _reason(found.missing) or _reason(found.growth)


def _growth(growth: Growth) -> dict[str, object]:
    return {
        "window": growth.window,
        "month": growth.month,
        "points": growth.points,
        "low": growth.low,
        "high": growth.high,
        "direction": growth.direction.value if growth.direction else None,
        "start": None if growth.index else as_number(growth.start),
        "end": None if growth.index else as_number(growth.end),
        "end_day": growth.end_day.isoformat(),
        "dispersion": growth.dispersion,
        "unsure": _reason(growth.unsure),
    }


def _against(found: Against | Missing | None, own: Measured) -> dict[str, object] | None:
    """A growth beside the market's; None where a metric has no market."""
    if found is None:
        return None
    if isinstance(found, Missing):
        return {"missing": found.reason}
    return {
        "from": lineage.of_market(found, own),
        "market": found.market,
        "growth": found.growth,
        "low": found.low,
        "high": found.high,
        "difference": found.difference,
        "difference_low": found.difference_low,
        "difference_high": found.difference_high,
        "direction": found.direction.value if found.direction else None,
        "end_day": found.end_day.isoformat(),
        "signal": found.signal,
        "docs": found.docs,
    }


def _money(found: MoneyAndUse | Missing, card: Card) -> dict[str, object]:
    """Growth of revenue beside that of downloads, a year."""
    if isinstance(found, Missing):
        return {"pairs": [], "missing": found.reason}
    return {
        "pairs": [_pair(pair, card) for pair in found.pairs],
        "without": {key: reason.reason for key, reason in found.missing.items()},
        "silent_since": _day(found.silent_since),
        "notes": list(found.notes),
        "missing": None,
    }


def _pair(pair: Beside, card: Card) -> dict[str, object]:
    return {
        "from": lineage.of_pair(pair, card),
        "metric": pair.metric,
        "start": pair.start.isoformat(),
        "end": pair.end.isoformat(),
        "years": pair.years,
        "use": _yearly(pair.use),
        "revenue": _yearly(pair.revenue),
        "notes": list(pair.notes),
    }


def _yearly(found: Yearly) -> dict[str, object]:
    return {
        "growth": found.growth,
        "start": as_number(found.start),
        "end": as_number(found.end),
        "signal": found.signal,
        "targets": list(found.targets),
        "docs": found.docs,
    }


def _provenance(provenance: Provenance) -> dict[str, object]:
    return {
        "signal": provenance.signal,
        "kind": provenance.kind.value,
        "targets": list(provenance.targets),
        "observed_since": _day(provenance.observed_since),
        "docs": provenance.docs,
        "credit": provenance.credit or None,
    }


def _stage(state: StageState, card: Card) -> dict[str, object]:
    return {
        "from": lineage.of_stage(state.stage, card),
        "growth": state.growth,
        "low": state.low,
        "high": state.high,
        "coverage": state.coverage,
        "indicator": state.indicator.value if state.indicator else None,
        "percentile": state.percentile,
        "metrics": list(state.parts),
        "missing": _reason(state.missing),
    }


def _movement(movement: Movement, card: Card) -> dict[str, object]:
    return {
        "from": lineage.of_movement(movement, card),
        "ratios": {ratio.key: ratio.value for ratio in movement.ratios},
        "drift": movement.drift,
        "low": movement.low,
        "high": movement.high,
        "missing": _reason(movement.missing),
    }


def _failure(failure: Failure) -> dict[str, object]:
    return {
        "source": failure.source,
        "target": failure.target or None,
        "reason": failure.reason,
        "deferred": failure.deferred,
    }


def closed(found: Measured, today: dt.date) -> Sequence[Month]:
    """The closed months of a metric that has been seen, newest first."""
    assert found.provenance is not None
    return closed_months(found.series, found.provenance.kind, today, period=found.provenance.months)


def _months(months: Sequence[Month]) -> dict[str, float | int | None]:
    return {month.last.isoformat()[:7]: as_number(month.value) for month in reversed(months)}


def dated(series: Series) -> dict[str, float]:
    """A value a month, by month: 2026-10."""
    days = (dt.date.fromordinal(day).isoformat()[:7] for day in series.days.tolist())
    return dict(zip(days, series.values.tolist(), strict=True))


def as_number(value: float | None) -> float | int | None:
    """Whole numbers without ".0": nobody has half a star."""
    return int(value) if value is not None and float(value).is_integer() and abs(value) < 2**53 else value


def _known(value: float | Missing | None) -> float | None:
    return None if isinstance(value, Missing) else value


def _reason(found: object) -> str | None:
    return found.reason if isinstance(found, Missing) else None


def _day(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


# --- One row a project -----------------------------------------------------------------------------------------------


def scorecard_csv(cards: Sequence[Card]) -> str:
    """A row a project, a column a figure; what is missing is an empty cell. Text that would be a formula is defused."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    own = sorted({metric.key for card in cards for metric in own_metrics(card.project)})
    rows.writerow(_columns(own))
    for card in cards:
        rows.writerow([cell(value) for value in _row(card, own)])
    return text.getvalue()


_OF_METRIC: Final = ("", "_observed", "_growth_window", "_growth_month", "_growth_low", "_growth_high", "_direction",
                     "_compound_3", "_compound_6", "_compound_12", "_missing", "_stale", "_source", "_evidence",
                     "_growth_day", "_growth_evidence")  # fmt: skip
_LAST: Final = ("furthest_stage", "reading_key", "reading", "credits")
_OF_STAGE: Final = (
    "_growth",
    "_low",
    "_high",
    "_coverage",
    "_indicator",
    "_percentile",
    "_sources",
    "_day",
    "_evidence",
)


def _columns(own: Sequence[str]) -> list[str]:
    of_metrics = [f"{metric.key}{part}" for metric in METRICS for part in _OF_METRIC]
    of_own = [f"{key}{part}" for key in own for part in _OF_METRIC]
    of_stages = [f"{stage.value}{part}" for stage in Stage for part in _OF_STAGE]
    return ["id", "name", "category", "state", *of_metrics, *of_stages, *_LAST, *of_own]


def _row(card: Card, own: Sequence[str]) -> Iterator[object]:
    yield from (card.project.id, card.project.name, card.project.category)
    yield card.facts.state.value if card.facts else None
    for metric in METRICS:
        yield from _cells(card.metrics[metric.key])
    for stage in Stage:
        state = _stage(card.stages[stage], card)
        yield from (state[key] for key in ("growth", "low", "high", "coverage", "indicator", "percentile"))
        yield from _lineage_cells(state["from"], "sources", "day", "evidence")
    yield from (card.furthest.value if card.furthest else None, card.reading.key, card.reading.text)
    yield "; ".join(credits_of([card]))
    for key in own:
        brought = card.metrics.get(key)
        yield from _cells(brought) if brought else [None] * len(_OF_METRIC)


def _cells(found: Measured) -> Iterable[object]:
    """A metric's cells. Most metrics of most projects have nothing but the reason why they are missing."""
    rates = (found.growth, *found.compound.values(), found.year_on_year, found.acceleration)
    if found.missing and not found.provenance and all(isinstance(rate, Missing) for rate in rates):
        return [_why(found) if part == "_missing" else None for part in _OF_METRIC]
    return _metric_cells(_metric(found))


def _metric_cells(found: Mapping[str, object]) -> Iterator[object]:
    growth, compound = found["growth"] or {}, found["compound"]
    assert isinstance(growth, Mapping)
    assert isinstance(compound, Mapping)
    yield from (found["value"], found["observed"])
    yield from (growth.get(key) for key in ("window", "month", "low", "high", "direction"))
    yield from (compound[str(months)] for months in COMPOUND_MONTHS)
    yield from (found["missing"], found["stale"])
    known = found["from"] or {}
    assert isinstance(known, Mapping)
    yield from _lineage_cells(known.get("value"), "sources", "evidence")
    yield from _lineage_cells(known.get("growth"), "day", "evidence")


def _lineage_cells(known: object, *keys: str) -> Iterator[object]:
    """Some of a number's lineage, a list as text."""
    for key in keys:
        part = known.get(key) if isinstance(known, Mapping) else None
        yield "; ".join(part) if isinstance(part, list) else part


def cell(value: object) -> object:
    """A cell as it is written: text on one line, and never the beginning of a formula."""
    return _line(value) if isinstance(value, str) else value  # what is None is written as an empty cell


@lru_cache(maxsize=4096)  # most cells say what many others say
def _line(text: str) -> str:
    line = _CONTROL.sub(" ", text)
    return f"'{line}" if line.lstrip().startswith(_FORMULA) else line
