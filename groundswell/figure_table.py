"""Tables of own figures: text with a column `date` and a column for each figure, read word by word.

What stands in a cell is never repeated, not in a message either: it may be what its owner does not want to show.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from groundswell.models import PER_CENT, GroundswellError, OwnFigure
from groundswell.months import month_end

DATE: Final = "date"
ONLY: Final = "value"  # heads the one column of a table of one figure
MOST_BYTES: Final = 5_000_000
MOST_ROWS: Final = 50_000
LARGEST: Final = Decimal(10) ** 15  # whole numbers beyond it cannot all be told apart
FIRST_DAY: Final = dt.date(1970, 1, 1)
_SPACES: Final = "\u00a0\u202f\u2009 "
_THOUSANDS: Final = re.compile(rf"(\d{{1,3}})((?:,\d{{3}})+|(?:'\d{{3}})+|(?:[{_SPACES}]\d{{3}})+)(\.\d+)?")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_PARTED: Final = re.compile(rf"[,'{_SPACES}]")
_DAY: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")
_QUARTER: Final = re.compile(r"(\d{4})-?Q([1-4])")


class BrokenTable(GroundswellError):
    """A table cannot be read: the line, and what was expected there."""


@dataclass(frozen=True, slots=True)
class Levels:
    """A figure as its owner knows it. It must not leave before it is known whether it may."""

    values: Mapping[dt.date, Decimal] = field(repr=False)  # by the day, or the last day of the period; ascending

    @property
    def days(self) -> tuple[dt.date, ...]:
        """The days that have a value, the oldest first."""
        return tuple(self.values)


def decoded(content: bytes) -> str:
    """The text of a file. Raises BrokenTable."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BrokenTable("it is UTF-16; save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BrokenTable(f"line {line}: this is not UTF-8; save it as UTF-8") from None


def read(text: str, figure: OwnFigure, today: dt.date) -> Levels:
    """A figure's column. An empty cell was not observed; a period that is not over yet is left out. Raises BrokenTable.

    Commas, semicolons or tabs part the cells, whichever the first line has; the numbers have a point for decimals, and
    may part their thousands. A figure whose column is not there is taken from `value`, if that is all there is.
    """
    rows = _rows(text)
    _, head = next(rows, (1, []))
    at, wanted = _places(head, figure.column)
    found: dict[dt.date, Decimal] = {}
    lines: dict[dt.date, int] = {}
    for line, row in rows:
        if len(row) != len(head):
            raise BrokenTable(f"line {line}: expected {len(head)} cells as in the first line, found {len(row)}")
        cell = row[wanted].strip()
        if not cell:
            continue  # it may be a row of other figures, with dates of another kind
        day = _day(row[at].strip(), figure, line)
        if day in lines:
            raise BrokenTable(f"line {line}: the same date as in line {lines[day]}")
        lines[day] = line
        value = _number(cell, figure, line)
        if not _is_to_come(day, figure, today, line):
            found[day] = value
    if not found:
        raise BrokenTable(f"the column '{figure.column}' has no number")
    return Levels({day: found[day] for day in _in_step(sorted(found), figure, lines)})


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, each with the number of its line."""
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise BrokenTable("it holds characters that no text has")
    first = text.partition("\n")[0]
    parted = next((sign for sign in ";\t" if sign in first), ",")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=parted, strict=True)
    try:
        for count, row in enumerate(rows):
            if count > MOST_ROWS:
                raise BrokenTable(f"it has more than {MOST_ROWS:,} rows")
            if any(cell.strip() for cell in row):
                yield rows.line_num, row
    except csv.Error:
        raise BrokenTable(f"line {rows.line_num}: the quotes around a cell do not fit") from None


def _places(head: Sequence[str], column: str) -> tuple[int, int]:
    """Where the dates stand, and where the figure."""
    names = [name.strip() for name in head]
    wanted = column if column in names else ONLY if sorted(names) == [DATE, ONLY] else None
    if DATE not in names or wanted is None:
        raise BrokenTable(f"line 1: expected the names of the columns, among them '{DATE}' and '{column}'")
    if names.count(DATE) > 1 or names.count(wanted) > 1:
        raise BrokenTable(f"line 1: '{DATE}' and '{column}' may each stand there once")
    return names.index(DATE), names.index(wanted)


# --- Days ------------------------------------------------------------------------------------------------------------


def _day(cell: str, figure: OwnFigure, line: int) -> dt.date:
    """The day of a level or an amount, or the last day of a period."""
    found = _last_day(cell, figure.months) if figure.kind.by_calendar else _written(_DAY, cell)
    if found is None or found < FIRST_DAY:
        raise BrokenTable(f"line {line}: expected {_expected(figure)}")
    return found


def _written(pattern: re.Pattern[str], cell: str) -> dt.date | None:
    match = pattern.fullmatch(cell)
    if match is None:
        return None
    try:
        year, month, *day = map(int, match.groups())
        return dt.date(year, month, day[0] if day else 1)
    except ValueError:
        return None


def _last_day(cell: str, months: int) -> dt.date | None:
    quarter = _QUARTER.fullmatch(cell) if months > 1 else None
    if quarter is not None:
        return month_end(dt.date(int(quarter[1]), 3 * int(quarter[2]), 1))
    if (month := _written(_MONTH, cell)) is not None:
        return month_end(month)
    day = _written(_DAY, cell)
    if day is None or (day != month_end(day) and not (months == 1 and day.day == 1)):
        return None
    return month_end(day)


def _expected(figure: OwnFigure) -> str:
    if not figure.kind.by_calendar:
        return "a day such as 2026-01-31"
    if figure.months == 1:
        return "a month such as 2026-01, or its last day 2026-01-31"
    return "a quarter such as 2026-Q1, or its last day 2026-03-31"


def _is_to_come(day: dt.date, figure: OwnFigure, today: dt.date, line: int) -> bool:
    """Whether a period is not over yet. Raises BrokenTable for a day to come."""
    if day < today or (day == today and not figure.kind.by_calendar):
        return False
    if not figure.kind.by_calendar:
        raise BrokenTable(f"line {line}: expected a day that is not in the future (today is {today})")
    return True


def _in_step(days: Sequence[dt.date], figure: OwnFigure, lines: Mapping[dt.date, int]) -> Sequence[dt.date]:
    """The days, when periods of several months follow each other without crossing."""
    if figure.kind.by_calendar:
        for day in days:
            if (12 * (day.year - days[0].year) + day.month - days[0].month) % figure.months:
                raise BrokenTable(f"line {lines[day]}: this quarter crosses the one of line {lines[days[0]]}")
    return days


# --- Numbers ---------------------------------------------------------------------------------------------------------


def _number(cell: str, figure: OwnFigure, line: int) -> Decimal:
    """A number as people write it. Nothing is guessed: a comma can only part thousands."""
    if figure.unit == PER_CENT:
        cell = cell.removesuffix("%").rstrip(_SPACES)
    if _THOUSANDS.fullmatch(cell):
        cell = _PARTED.sub("", cell)
    if not cell.isascii() or not _NUMBER.fullmatch(cell) or len(cell) > 40:
        wanted = "a number such as 1234.5, with a point for decimals and no sign or unit"
        raise BrokenTable(f"line {line}: expected {wanted}, or an empty cell, in the column '{figure.column}'")
    value = Decimal(cell)
    if value > LARGEST:
        raise BrokenTable(f"line {line}: expected a number of at most 15 digits in the column '{figure.column}'")
    return value
