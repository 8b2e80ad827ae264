"""Numbers, dates and directions as people read them: 12.3k, +3.1 % ± 0.4, 22 November 2026. Always the same, whatever
the machine's language; what is rounded here stands exactly beside it in a title and in the data files.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

from groundswell.models import Direction, Growth
from groundswell.months import period_name

MINUS: Final = "\N{MINUS SIGN}"
NOTHING: Final = "\N{EN DASH}"  # the sign for a missing value
TIGHT: Final = "\N{NO-BREAK SPACE}"  # keeps a number and its unit on one line

EXACT: Final = 2  # decimals of a percentage where it is given exactly; the data files have all of them

MONTHS: Final = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DIRECTIONS: Final[Mapping[Direction | None, str]] = {
    Direction.RISING: "rising",
    Direction.FALLING: "falling",
    Direction.STEADY: "steady",
    Direction.NEW: "new",
    None: "not measured",
}
MEANINGS: Final[Mapping[Direction | None, str]] = {
    Direction.RISING: "the whole 95 % interval lies above 0",
    Direction.FALLING: "the whole 95 % interval lies below 0",
    Direction.STEADY: "no change that one can be sure of",
    Direction.NEW: "too small a base for a percentage",
    None: "the reason stands behind it",
}
_SCALES: Final = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))
_SKEWED: Final = 0.1  # share of its half-width by which an interval's middle may lie off the growth for a plain ±


def count(value: float) -> str:
    """Three significant digits: 987, 1.23k, 12.3k, 1.2M; whole numbers below 1,000 as they are."""
    size = abs(value)
    if size < 999.5:
        text = f"{size:.0f}" if float(size).is_integer() or size >= 99.95 else _three_digits(size)
    else:
        scale, sign = next((scale, sign) for scale, sign in _SCALES if size >= 0.9995 * scale)
        text = _three_digits(size / scale) + sign
    return _signed(text, negative=value < 0, plus="")


def mark(value: float) -> str:
    """A round number on a scale, with all its digits: 0, 250, 122.5k, 1.25M."""
    scale, sign = next(((scale, sign) for scale, sign in _SCALES if abs(value) >= scale), (1.0, ""))
    return _signed(f"{abs(value) / scale:.10g}{sign}", negative=value < 0, plus="")


def exact(value: float) -> str:
    """To the unit, with commas: 12,345; below 100 as far as the second decimal."""
    text = f"{abs(value):,.0f}" if abs(value) >= 100 else f"{abs(value):.2f}".rstrip("0").rstrip(".")
    return _signed(text, negative=value < 0, plus="")


def percent(share: float, decimals: int | None = None) -> str:
    """+3.1 %, −12 %, 0.0 %: relative change with its sign. Without `decimals`, as many as its size deserves."""
    points = 100 * share
    return f"{_points(points, _decimals(abs(points)) if decimals is None else decimals)}{TIGHT}%"


def points(change: float) -> str:
    """+1.2 points: the change of a share, which is no growth in per cent."""
    return f"{_points(change, _decimals(abs(change)))}{TIGHT}points"


def growth(month: float, low: float | None, high: float | None) -> str:
    """Growth with its 95 % interval: +3.1 % ± 0.4; +40 % (+10 to +78) when lopsided; +3.1 % ± ? when not known.

    An interval is also given by its ends where a ± would seem to hold 0 and it does not, or the other way round.
    """
    if low is None or high is None:
        return f"{percent(month)}{TIGHT}±{TIGHT}?"
    half = 100 * (high - low) / 2
    decimals = _decimals(half)
    even = abs(100 * (high + low) / 2 - 100 * month) <= _SKEWED * half or half == 0
    if even and _seems_to_hold_0(100 * month, half, decimals) == (low <= 0 <= high):
        return f"{percent(month, decimals)}{TIGHT}±{TIGHT}{half:,.{decimals}f}"
    ends = (_points(100 * low, decimals), _points(100 * high, decimals))
    return f"{percent(month, decimals)} ({ends[0]}{TIGHT}to{TIGHT}{ends[1]})"


def _seems_to_hold_0(points: float, half: float, decimals: int) -> bool:
    return abs(round(points, decimals)) <= round(half, decimals)


def exact_interval(month: float, low: float | None, high: float | None) -> str:
    """Growth with both ends of its interval, for a title."""
    text = f"{percent(month, EXACT)} a month"
    if low is None or high is None:
        return text
    return f"{text}; 95 % interval {percent(low, EXACT)} to {percent(high, EXACT)}"


def exact_growth(seen: Growth) -> str:
    """All that a growth says, for a title: the growth, its interval, what it compares, and the last day."""
    parts = []
    if seen.points is not None:
        parts.append(f"{_points(seen.points, EXACT)} percentage points")
    if seen.month is not None:
        parts.append(exact_interval(seen.month, seen.low, seen.high))
    if seen.direction is not None:
        parts.append(DIRECTIONS[seen.direction])
    if seen.unsure is not None:
        parts.append(f"how sure is not known: {seen.unsure.reason}")
    ends = f"{seen.start:g} to {seen.end:g}" if seen.index else f"{exact(seen.start)} to {exact(seen.end)}"
    parts.append(f"{'index ' if seen.index else ''}from {ends}, up to {date(seen.end_day)}")
    return "; ".join(parts)


def date(day: dt.date) -> str:
    """22 November 2026."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def short_date(day: dt.date) -> str:
    """22 Nov 2026."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def month(day: dt.date) -> str:
    """November 2026."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def in_period(last: dt.date, months: int) -> str:
    """The calendar period that ends on a day: in November 2026, in the quarter to October 2026."""
    return f"in {month(last)}" if months == 1 else f"in the {period_name(months)} to {month(last)}"


def age(day: dt.date, today: dt.date) -> str:
    """How old a value is: today, yesterday, 3 days old."""
    days = (today - day).days
    return {0: "today", 1: "yesterday"}.get(days, f"{days:,} days old")


def several(number: int, one: str, many: str | None = None) -> str:
    """1 project, 12 projects, no projects."""
    word = one if number == 1 else many or f"{one}s"
    return f"{number:,} {word}" if number else f"no {word}"


def listing(items: Sequence[str], most: int = 3) -> str:
    """Items as in a sentence: a, b and c; or a, b, c and 4 more."""
    shown = list(items[:most])
    if len(items) > most:
        shown.append(f"{len(items) - most:,} more")
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else "".join(shown)


def sentence(text: str) -> str:
    """With a capital and a full stop; names that begin in lower case on purpose ("npm …") keep it."""
    if not text:
        return text
    first = text if text.startswith(("npm ", "pypistats ")) else text[0].upper() + text[1:]
    return first if first.endswith((".", "…")) else f"{first}."


def _three_digits(size: float) -> str:
    decimals = 2 if size < 9.995 else 1 if size < 99.95 else 0
    text = f"{size:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimals(points: float) -> int:
    return 2 if points < 0.095 else 1 if points < 9.95 else 0


def _points(points: float, decimals: int) -> str:
    text = f"{abs(points):,.{decimals}f}"
    return text if not text.strip("0.,") else _signed(text, negative=points < 0, plus="+")


def _signed(text: str, *, negative: bool, plus: str) -> str:
    return f"{MINUS}{text}" if negative and text.strip("0.,") else f"{plus}{text}"
