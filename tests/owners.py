"""Figures of owners' own, for tests."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from groundswell.models import Kind, Origin, OwnFigure, Stage

REVENUE = OwnFigure(
    key="revenue",
    label="Revenue",
    unit="euros",
    stage=Stage.MONETIZATION,
    kind=Kind.PERIOD,
    weight=3,
    origin=Origin.FILE,
    place="figures/kelp.csv",
    column="revenue",
)


def figure(**more: object) -> OwnFigure:
    """Revenue a month, relative-only, unless it is said otherwise."""
    return dataclasses.replace(REVENUE, **more)  # type: ignore[arg-type]


def month_ends(last: dt.date, count: int) -> Sequence[dt.date]:
    """The last days of so many months up to one, the oldest first."""
    ends = []
    day = last.replace(day=1)
    for _ in range(count):
        day -= dt.timedelta(days=1)
        ends.append(day)
        day = day.replace(day=1)
    return ends[::-1]
