"""Corrections: what a source says of days gone by, other than it said before. Followed always, and the large ones told.

A source takes stars back, or counts downloads anew. `history.append` replaces what was known; here stands what that
changed. The newest days of a series are left out, since sources go on counting them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from groundswell.history import History, column
from groundswell.models import OWN, Answer, Correction, Observation, Series

SETTLING: Final = 4  # days before the newest known one that a source may still be counting
LEAST_SHARE: Final = 0.02  # of the corrected days' figures; what is less than the usual noise of a week is not told
FEWEST: Final = 20  # things by which the corrected days must differ together
KEPT_DAYS: Final = 28  # days that a correction is remembered: as long as it can lie inside of a window of growth
MOST_KEPT: Final = 20  # of one project, the largest
MOST_TOLD: Final = 10  # at the end of a run


def find(history: History, answer: Answer, today: dt.date) -> tuple[Correction, ...]:
    """What an answer changes of the observed past of a project, a correction for each column, the largest first."""
    if answer.source == OWN:  # an owner's figure is told nowhere but where its owner wants it
        return ()
    by_signal: dict[str, list[Observation]] = {}
    for one in answer.observations:
        if not one.rebuilt:
            by_signal.setdefault(one.signal, []).append(one)
    found = []
    for signal, observations in by_signal.items():
        name = column(f"{answer.source}.{signal}", answer.target)
        since = history.observed_since.get(name)
        series = history.series(name)
        if since is not None and len(series):
            correction = _correction(series, {one.day.toordinal(): one.value for one in observations}, since)
            if correction is not None:
                found.append(replace(correction, project=history.project, column=name, noted=today))
    return tuple(sorted(found, key=_size))


def _correction(series: Series, values: Mapping[int, float], since: dt.date) -> Correction | None:
    """How new values of days differ from those of a series; None when that is nothing to speak of."""
    settled = (series.days >= since.toordinal()) & (series.days <= series.days[-1] - SETTLING)
    days, old = series.days[settled], series.values[settled]
    new = np.array([values.get(day, value) for day, value in zip(days.tolist(), old.tolist(), strict=True)])
    changed = np.flatnonzero(new != old)
    if not len(changed):
        return None
    differences, before = np.abs(new - old)[changed], float(np.abs(old[changed]).sum())
    difference = float(differences.sum())
    if difference < FEWEST or difference < LEAST_SHARE * before:
        return None
    most = int(changed[np.argmax(differences)])
    first, day, last = (dt.date.fromordinal(int(days[place])) for place in (changed[0], most, changed[-1]))
    share = float((new - old)[changed].sum()) / before if before else None
    return Correction("", "", last, first, last, len(changed), day, float(old[most]), float(new[most]), share)


def noted(history: History, found: Iterable[Correction], today: dt.date) -> History:
    """The history with corrections in it; those that are too old or too small to be kept go."""
    fresh = [one for one in history.corrections if (today - one.noted).days < KEPT_DAYS]
    added = [*fresh, *found]
    if not added and not history.corrections:
        return history
    same_run = {(one.column, one.noted): one for one in added}  # a second run on a day replaces what the first one said
    return replace(history, corrections=tuple(sorted(same_run.values(), key=_size)[:MOST_KEPT]))


def largest(found: Iterable[Correction], most: int = MOST_TOLD) -> tuple[Correction, ...]:
    """The largest of all projects' corrections, the largest first."""
    return tuple(sorted(found, key=_size)[:most])


def report(found: Sequence[Correction]) -> list[str]:
    """Lines for the end of a run: the largest corrections, and how many there were."""
    if not found:
        return []
    lines = [f"{len(found)} {'correction' if len(found) == 1 else 'corrections'} of the past, the largest:"]
    return lines + [f"  {one.project}, {one.column}: {says(one)}" for one in largest(found)]


def says(one: Correction) -> str:
    """A correction in words."""
    when = f"{one.first}" if one.first == one.last else f"{one.days} days from {one.first} to {one.last}"
    share = "" if one.share is None else f", {100 * one.share:+.1f} % together"
    most = "" if one.days == 1 else f"; most on {one.day}"
    changed = f"{_number(one.before)} became {_number(one.after)}"
    return f"{when}{most}: {changed}{share}" if one.days > 1 else f"{when}: {changed}{share.removesuffix(' together')}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def _size(one: Correction) -> tuple[float, str, str]:
    """The largest share first; from nothing to something is largest."""
    return -(abs(one.share) if one.share is not None else float("inf")), one.project, one.column
