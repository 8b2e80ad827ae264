"""Figures as they are shown: a short text, all of it in a title, a mark for the direction, a dash with its reason."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Final

from groundswell import wording
from groundswell.models import Against, Direction, Growth, Measured, Metric, Missing, Origin, Project, RepositoryState

_ISO_DAY: Final = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_LOOSE: Final = re.compile(r"(?<=\d) (?=[%±])|(?<=±) (?=\d)|(?<=%) (?=±)")
STATES: Final = {
    RepositoryState.ARCHIVED: "archived",
    RepositoryState.EMPTY: "empty",
    RepositoryState.DISABLED: "disabled",
    RepositoryState.GONE: "gone",
    RepositoryState.PRIVATE: "private",
}


OWNERS: Final = "The owner's own figures"
KEPT: Final = "the level is not published"
_ORIGINS: Final = {
    Origin.FILE: "a file in the repository",
    Origin.ADDRESS: "an address of the owner's",
    Origin.ENVIRONMENT: "a secret of the owner's",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A direction as a shape and a word, so that it never rests on colour."""

    key: str  # names the shape and the colour: rising, falling, steady, new, none
    word: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number, or the dash and why there is none."""

    text: str
    title: str  # exact, with unit and day; or the reason
    missing: bool = False
    mark: Mark | None = None
    order: str = ""  # what to sort by, as a number; empty sorts last
    stale: str = ""  # why it is an old one
    witness: str = ""  # source, day, and how it is known: "npm, 18 Nov 2026, observed"


def mark(direction: Direction | None) -> Mark:
    """The mark of a direction; None is "not measured"."""
    return Mark(direction.value if direction else "none", wording.DIRECTIONS[direction], wording.MEANINGS[direction])


def reason(text: str) -> str:
    """A reason or a note as it stands in a list: with a capital, a full stop, and dates in words."""
    return wording.sentence(in_words(text))


def in_words(text: str) -> str:
    """2026-11-22 inside a text becomes 22 November 2026, and numbers keep to their signs; all else stays."""
    return _LOOSE.sub(wording.TIGHT, _ISO_DAY.sub(_day_in_words, text))


def _day_in_words(found: re.Match[str]) -> str:
    try:
        return wording.date(dt.date.fromisoformat(found[0]))
    except ValueError:
        return found[0]


def nothing(why: str) -> Figure:
    """The dash."""
    return Figure(wording.NOTHING, reason(why), missing=True)


def value(metric: Metric, found: Measured) -> Figure:
    """A metric's value."""
    if found.relative and len(found.series):
        return _index(found)
    if found.value is None:
        return nothing(found.missing.reason if found.missing else "not known")
    bound = "≥" + wording.TIGHT if found.at_least else ""
    day = f" on {wording.date(found.observed)}" if found.observed else ""
    title = f"{'at least ' if found.at_least else ''}{wording.exact(found.value)} {metric.unit}{day}"
    stale = in_words(found.stale.reason) if found.stale else ""
    return Figure(
        bound + wording.count(found.value) + (f"{wording.TIGHT}%" if metric.is_share else ""),
        f"{title}; {stale}" if stale else title,
        order=f"{found.value:.6g}",
        stale=stale,
    )


def _index(found: Measured) -> Figure:
    """The index of a figure whose level its owner keeps."""
    points = f"{found.series.values[-1]:g}"
    title = f"index {points} on {wording.date(found.series.last_day)}; {KEPT}"
    return Figure(f"index{wording.TIGHT}{points}", title, stale=in_words(found.stale.reason) if found.stale else "")


def origin(key: str, project: Project) -> str:
    """Where the owner keeps a figure, in words that do not lead there; nothing for a metric of the catalogue."""
    return next((_ORIGINS[figure.origin] for figure in project.figures if figure.metric == key), "")


def age_if_old(found: Measured, today: dt.date) -> str:
    """How old a value is, when it is one that was kept because its source gave no newer one."""
    return wording.age(found.observed, today) if found.stale and found.observed else ""


def growth(found: Growth | Missing) -> Figure:
    """A metric's growth a month with its interval; it is sorted by the end of the interval that lies nearer to 0."""
    if isinstance(found, Missing):
        return nothing(found.reason)
    title = wording.exact_growth(found)
    if found.points is not None:
        return Figure(wording.points(found.points), title)
    if found.month is None:
        text = f"{wording.count(found.start)}{wording.TIGHT}→{wording.TIGHT}{wording.count(found.end)}"
        return Figure(text, title, mark=mark(Direction.NEW))
    text = wording.growth(found.month, found.low, found.high)
    if found.direction is None:
        return Figure(text, title)
    return Figure(text, title, mark=mark(found.direction), order=f"{cautious(found.low, found.high):.5f}")


@dataclass(frozen=True, slots=True)
class Yardstick:
    """A growth set against the market's."""

    market: str  # "all of PyPI", with its growth
    difference: Figure


def against(found: Against | Missing | None) -> Yardstick | None:
    """What is left of a growth without the market's; None where a metric has no market."""
    if found is None:
        return None
    if isinstance(found, Missing):
        return Yardstick("the market", nothing(found.reason))
    own = (
        wording.growth(found.growth, found.low, found.high) if found.low is not None else wording.percent(found.growth)
    )
    market = f"{found.market} ({own})"
    text = wording.growth(found.difference, found.difference_low, found.difference_high)
    exact = wording.exact_interval(found.difference, found.difference_low, found.difference_high)
    title = f"{exact} more than {found.market}, up to {wording.date(found.end_day)}; from {found.signal}"
    seen = mark(found.direction) if found.direction else None
    return Yardstick(market, Figure(text, title, mark=seen))


def plain_growth(found: Growth | Missing) -> Figure:
    """The same without its interval, which stays in the title: for narrow columns."""
    whole = growth(found)
    if isinstance(found, Missing) or found.month is None:
        return whole
    return replace(whole, text=wording.percent(found.month))


def cautious(low: float | None, high: float | None) -> float:
    """What is sure of a move: the lower end of a rise, the upper end of a fall, nothing where the interval holds 0."""
    if low is not None and low > 0:
        return low
    return high if high is not None and high < 0 else 0.0


def rate(found: float | Missing | None) -> Figure:
    """A mean growth a month over several months."""
    if found is None:
        return nothing("not known")
    if isinstance(found, Missing):
        return nothing(found.reason)
    return Figure(wording.percent(found), f"{wording.percent(found, wording.EXACT)} a month on average")
