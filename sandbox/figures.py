"""What the owners of invented projects know and no public record has, as tables: a row a month, a column a figure."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sandbox.model import DAY_ZERO, generator

if TYPE_CHECKING:
    from sandbox.entry import Entry

VARIABLE: Final = "FIGURES"
SECRET: Final = f"env:{VARIABLE}"
HOST: Final = "figures.brightlantern.example"
ADDRESS: Final = f"https://{HOST}/community.csv"
LANTERN: Final = "figures/brightlantern.csv"
WHEEL: Final = "figures/creakwheel.csv"
MONTHLY: Final = (("every", "month"),)
FIRST: Final = dt.date(2024, 6, 1)  # month with which every table begins
SPREAD: Final = 0.008  # of a month around its course


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of an owner's, and what the tracker file says of it."""

    key: str
    place: str  # where its table is, as the tracker file says it
    level: float  # a month, or at its end, on the gallery's day
    growth: float = 0.0  # a month
    column: str = ""  # in the table, where it is not the key
    amount: bool = False  # of a month, and larger in a longer one
    says: tuple[tuple[str, str], ...] = ()  # further keys of its entry

    @property
    def head(self) -> str:
        """The name of its column."""
        return self.column or self.key


def table(place: str, entries: Iterable[Entry], today: dt.date) -> str:
    """The table at a place, with what the owners of these projects keep there, up to the last month that is over."""
    figures = [(entry.repository, one) for entry in entries for one in entry.figures if one.place == place]
    rows = [",".join(["date", *(one.head for _, one in figures)])]
    rows += [
        ",".join([f"{month:%Y-%m}", *(_value(repository, one, month) for repository, one in figures)])
        for month in _months(today)
    ]
    return "\n".join(rows) + "\n"


def lines(figures: Sequence[Figure]) -> Iterator[str]:
    """The lines of a project's figures in a tracker file."""
    if figures:
        yield "    figures:"
    for one in figures:
        yield f"      - key: {one.key}"
        yield f'        from: "{one.place}"'
        if one.column:
            yield f"        column: {one.column}"
        yield from (f"        {key}: {value}" for key, value in one.says)


def files(entries: Sequence[Entry], today: dt.date) -> Mapping[str, str]:
    """The tables that are files beside the tracker file: path and text."""
    places = {one.place for entry in entries for one in entry.figures}
    here = sorted(place for place in places if place not in (SECRET, ADDRESS))
    return {place: table(place, entries, today) for place in here}


def _months(today: dt.date) -> Sequence[dt.date]:
    """The first days of the months that are over."""
    count = 12 * (today.year - FIRST.year) + today.month - FIRST.month
    return [dt.date(FIRST.year + (FIRST.month - 1 + n) // 12, (FIRST.month - 1 + n) % 12 + 1, 1) for n in range(count)]


def _value(repository: str, figure: Figure, month: dt.date) -> str:
    """What a month brought. Chance belongs to the month, so that a figure, once given, stays what it was."""
    luck = generator(1, repository, figure.key, f"{month:%Y-%m}").normal()
    end = month.replace(day=calendar.monthrange(month.year, month.month)[1]).toordinal()
    value = figure.level * math.exp(math.log1p(figure.growth) * (end - DAY_ZERO) / 30.4375 + SPREAD * luck)
    if figure.amount:
        value *= calendar.monthrange(month.year, month.month)[1] / 30.4375
    return f"{value:.1f}" if figure.level < 150 else f"{value:.0f}"  # shares, and numbers of things
