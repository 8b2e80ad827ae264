"""One small file a project, for Compare: every metric by closed months, as far back as there are any.

A month that is missing is null. `first` is the month of the first value, `step` the months from one value to the next,
`filled_in` the places (from, to) among the values that were not observed on their days.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from groundswell import licences
from groundswell.catalogue import metric_of
from groundswell.config import Tracker
from groundswell.data_files import NAMELESS, as_json, credits_of
from groundswell.data_shape import FORMAT, schema_address
from groundswell.models import Card, Kind, Measured, Provenance
from groundswell.monthly import Months, all_months

_AMOUNTS: Final = (Kind.FLOW, Kind.COUNTER)
_DIGITS: Final = 6  # significant ones of what is no whole number


def months_json(card: Card, tracker: Tracker = NAMELESS) -> str:
    """All metrics of a project of which there is a month; by the tracker's address the file names its schema."""
    found = {key: _metric(measured, card) for key, measured in card.metrics.items() if measured.provenance}
    created = card.facts.created if card.facts else None
    whole = {
        "$schema": schema_address("months", tracker.address, "../../"),
        "format": FORMAT,
        "as_of": card.as_of.isoformat(),
        "license": licences.address(tracker.license),
        "credits": list(credits_of([card])),
        "id": card.project.id,
        "name": card.project.name,
        "created": created.isoformat() if created else None,
        "metrics": {key: one for key, one in found.items() if one},
    }
    return as_json(whole)


def _metric(found: Measured, card: Card) -> dict[str, object] | None:
    where = found.provenance
    assert where is not None
    months = all_months(found.series, where.kind, card.as_of, period=where.months)
    if not months.lasts:
        return None
    metric = metric_of(found.metric, card.project)
    return {
        "label": metric.label,
        "unit": metric.unit,
        "kind": where.kind.value,
        "first": months.lasts[0].isoformat()[:7],
        "step": where.months,
        "values": [_number(value) for value in months.values.tolist()],
        "filled_in": _spans(_filled_in(months, where)),
        "source": where.signal.partition(".")[0],
        "observed_since": where.observed_since.isoformat() if where.observed_since else None,
        "own": where.is_own,
        "relative": found.relative,
        "at_least": found.at_least,
        "credit": where.credit or None,
    }


def _number(value: float) -> float | int | None:
    """Whole where it is, else with as many digits as a comparison can use."""
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else float(f"{value:.{_DIGITS}g}")


def _filled_in(months: Months, where: Provenance) -> Sequence[bool]:
    """Whether each month is filled in. What the owner brings is the owner's, and neither."""
    if where.is_own:
        return [False] * len(months.lasts)
    since = where.observed_since.toordinal() if where.observed_since else dt.date.max.toordinal()
    firsts = [(day.replace(day=1) if where.kind in _AMOUNTS else day).toordinal() for day in months.lasts]
    return [bool(known) for known in months.about | (np.array(firsts) < since)]


def _spans(filled_in: Sequence[bool]) -> list[list[int]]:
    """The places of those that are, as first and last of each stretch."""
    grouped = itertools.groupby(enumerate(filled_in), lambda one: one[1])
    stretches = [[place for place, _ in group] for is_filled, group in grouped if is_filled]
    return [[stretch[0], stretch[-1]] for stretch in stretches]
