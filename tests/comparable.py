"""Cards whose months can be compared and are not alike: one with a gap, one with an owner's index, one of zeros."""

from __future__ import annotations

import dataclasses

import numpy as np

from groundswell.models import Card, Kind, Measured, Missing, Origin, OwnFigure, Provenance, Series, Stage
from tests.cards import TODAY, card, facts, growth, measured, project


def gapped() -> Card:
    """A project whose stars nobody counted from March to the 10th of May 2026."""
    found = measured("stars", 4210, growth(0.03, 0.01, 4210), seed=40)
    first = TODAY.replace(month=1, day=1).toordinal()
    days = found.series.days
    kept = (days < first + 59) | (days > first + 130)
    line = Series(days[kept], found.series.values[kept])
    entry = project("sand/bar", "Sandbar", "Tools")
    return card(entry, {"stars": dataclasses.replace(found, series=line)}, "Steady.", facts=facts("sand/bar"))


def idle() -> Card:
    """A project with months of no download at all."""
    found = measured("npm_downloads", 900, growth(0.0, 0.1, 900), seed=41)
    line = Series(found.series.days, np.where(found.series.days % 61 < 5, found.series.values, 0.0))
    quiet = np.where(found.series.days > TODAY.toordinal() - 120, 0.0, line.values)
    entry = project("slack/water", "Slack water", "Tools")
    met = {"npm_downloads": dataclasses.replace(found, series=Series(line.days, quiet))}
    return card(entry, met, "Steady.", facts=facts("slack/water"))


def owned() -> Card:
    """A project whose owner shows how its revenue grows, and not how large it is."""
    figure = OwnFigure(
        "revenue", "Revenue", "dollars", Stage.MONETIZATION, Kind.CLOSING, 1, Origin.FILE, "money.csv", "revenue"
    )
    entry = project("harbour/pilot", "Pilot", "Tools", figures=(figure,))
    made = card(entry, {"stars": measured("stars", 9000, growth(0.01, 0.004, 9000), seed=42)}, "Steady.")
    return dataclasses.replace(made, metrics={**made.metrics, figure.metric: _index(figure)})


def _index(figure: OwnFigure) -> Measured:
    ends = [TODAY.replace(month=month, day=1).toordinal() - 1 for month in range(2, 12)]
    points = Series(np.array(ends, dtype=np.int64), np.array([100 + 3.0 * n for n in range(10)]))
    why = Missing("a year of history is needed")
    return Measured(
        figure.metric, None, points.last_day, growth(0.03, 0.01, 127), {}, why, why, None,
        Provenance(f"figures.{figure.signal}", figure.kind, ("",), None, "", ""), points, relative=True,
    )  # fmt: skip
