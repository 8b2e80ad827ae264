"""Calendar months: where they end, and which are over."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator

ONE_DAY = dt.timedelta(days=1)
_NAMES = {1: "month", 3: "quarter", 12: "year"}


def month_end(day: dt.date) -> dt.date:
    """The last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def month_before(day: dt.date) -> dt.date:
    """The last day of the month before a day's."""
    return day.replace(day=1) - ONE_DAY


def last_closed(day: dt.date) -> dt.date:
    """The last day of the newest month that is over when a day is over."""
    return day if day == month_end(day) else month_before(day)


def period_name(months: int) -> str:
    """What a period of so many calendar months is called."""
    return _NAMES.get(months, f"{months} months")


def period_before(last: dt.date, months: int) -> dt.date:
    """The last day of the period before the one that ends on a month's last day, both of so many months."""
    return month_end(earlier(last, months))


def period_days(last: dt.date, months: int) -> int:
    """How many days a period of so many months has that ends on a month's last day."""
    return (last - period_before(last, months)).days


def closed(day: dt.date) -> Iterator[dt.date]:
    """The last days of the months that are over when a day is over, newest first, without an end."""
    end = last_closed(day)
    while True:
        yield end
        end = month_before(end)


def earlier(day: dt.date, months: int) -> dt.date:
    """The same day that many calendar months earlier, or the month's last where it has no such day."""
    year, month = divmod(12 * day.year + day.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))
