"""Evidence: whether a number was observed on its day, filled in afterwards, or brought by the project's owner."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Final

from groundswell.models import Growth, Kind, Measured, Provenance
from groundswell.windows import WINDOW, observed_days


class Evidence(StrEnum):
    """How a number came to be known."""

    OBSERVED = "observed"  # all of it was given by its source as it was on its day
    FILLED_IN = "filled in"  # some of it was rebuilt, or stands in for days that were not observed
    OWN = "own"  # it is the owner's, and nobody else can check it


MEANINGS: Final = {
    Evidence.OBSERVED: "the source gave it for its day",
    Evidence.FILLED_IN: "some of it was worked out afterwards, or stands in for days that nobody counted",
    Evidence.OWN: "the project's owner brought it; no public record has it",
}
_AMOUNTS: Final = (Kind.FLOW, Kind.COUNTER)
_BACK: Final = {Kind.STOCK: WINDOW, Kind.FLOW: 2 * WINDOW - 1, Kind.COUNTER: 2 * WINDOW - 1, Kind.ROLLING: WINDOW}
_LONGEST_MONTH: Final = 31  # days


def of_value(found: Measured) -> Evidence | None:
    """What a value rests on; None while there is no value. That of a relative-only figure is its index."""
    if found.provenance is None or found.observed is None:
        return None
    if found.provenance.kind in _AMOUNTS:
        return _since(found, found.observed, found.observed - dt.timedelta(days=WINDOW - 1))
    return _since(found, found.observed, found.observed)


def of_growth(found: Measured) -> Evidence | None:
    """What a growth rests on, from the first day of what it compares to the last; None while there is no growth."""
    if found.provenance is None or not isinstance(found.growth, Growth):
        return None
    end = found.growth.end_day
    return _since(found, end, end - dt.timedelta(days=_days_back(found.provenance)))


def of_span(found: Measured, months: int) -> Evidence | None:
    """What a rate over several months rests on."""
    if found.provenance is None or found.observed is None:
        return None
    return of_day(found.provenance, found.observed - dt.timedelta(days=months * _LONGEST_MONTH))


def of_day(where: Provenance, day: dt.date) -> Evidence:
    """What a point of a series rests on."""
    if where.is_own:
        return Evidence.OWN
    return Evidence.OBSERVED if where.observed_since and where.observed_since <= day else Evidence.FILLED_IN


def _days_back(where: Provenance) -> int:
    """Days from the first that a growth looks at to its last."""
    return _BACK.get(where.kind, _LONGEST_MONTH * where.months)


def _since(found: Measured, end: dt.date, first: dt.date) -> Evidence:
    assert found.provenance is not None
    known = of_day(found.provenance, first)
    if known is not Evidence.OBSERVED or found.provenance.kind not in _AMOUNTS:
        return known
    windows = range(end.toordinal(), first.toordinal() - 1, -WINDOW)
    whole = all(observed_days(found.series, last) >= WINDOW for last in windows)
    return known if whole else Evidence.FILLED_IN
