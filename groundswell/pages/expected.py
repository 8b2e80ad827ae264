"""When what is missing will be there: "9 more days of history needed" says until when, if nothing fails meanwhile."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from groundswell import wording
from groundswell.pages import shown
from groundswell.pages.shown import Figure

FARTHEST: Final = 5 * 366  # days: nobody waits for what is further away
_DAYS: Final[Mapping[str, float]] = {"day": 1, "week": 7, "month": 30.4375, "quarter": 3 * 30.4375}
_EXACT: Final = frozenset({"day", "week"})  # units by which a day can be named; by the others a month
_MORE: Final = re.compile(
    r"\b(?P<count>\d{1,4}) more (?P<unit>day|week|month|quarter)s?(?: of [^:;,()]{1,60})? needed\b"
)
_SURE: Final = re.compile(
    r"\b(?P<need>\d{1,3}) (?:(?P<unit>week|month|quarter)s|windows of (?P<days>\d{1,3}) days) of history needed"
    r" to say how sure, (?P<have>\d{1,3}) there\b"
)


def when(text: str, as_of: dt.date) -> str:
    """A reason with the day behind it on which it will have passed, where that can be told."""
    text = _MORE.sub(lambda found: found[0] + _about(int(found["count"]), found["unit"], as_of), text)
    return _SURE.sub(lambda found: found[0] + _until_sure(found, as_of), text)


def reason(text: str, as_of: dt.date) -> str:
    """As `shown.reason`, with the day."""
    return shown.reason(when(text, as_of))


def dated(figure: Figure, as_of: dt.date) -> Figure:
    """A figure with the day in its reason, when it is missing."""
    return replace(figure, title=when(figure.title, as_of)) if figure.missing else figure


def _until_sure(found: re.Match[str], as_of: dt.date) -> str:
    lack = max(0, int(found["need"]) - int(found["have"]))
    return _about(lack * int(found["days"] or 1), found["unit"] or "day", as_of)


def _about(count: int, unit: str, as_of: dt.date) -> str:
    days = round(count * _DAYS[unit])
    if not 0 < days <= FARTHEST:
        return ""
    day = as_of + dt.timedelta(days=days)
    return f" (about {wording.date(day) if unit in _EXACT else wording.month(day)})"
