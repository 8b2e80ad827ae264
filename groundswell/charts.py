"""Charts: one series of a project as an SVG fragment for its page, drawn by matplotlib.

What is drawn (Plot) is worked out first and can be said in words and tables as well; how it is drawn (Easel) is one
figure that is filled again for every chart. The SVG carries no colour, size or font: its parts have classes, and the
site's stylesheet paints them, so that charts follow light, dark, paper and phone.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.figure import Figure

from groundswell import wording
from groundswell.models import EMPTY_SERIES, Days, Kind, Series, Values

WIDTH: Final = 440  # of the drawing, in its own units; the page scales it
HEIGHT: Final = 200
MOST_POINTS: Final = 300  # more than that no page is wide enough to show
WEEK: Final = 7
FEWEST_DAYS_OF_WEEK: Final = 5  # a week with fewer observed days is left out; the others are taken as their mean
STOCK_GAP: Final = 14  # days between two levels over which no line is drawn
MONTH_GAP: Final = 31


@dataclass(frozen=True, slots=True)
class Plot:
    """What a chart shows: points in time, where its line is broken, and from which day it was seen on its day."""

    series: Series
    gap: int  # days between neighbours over which the line is broken
    from_zero: bool  # amounts are shown from 0; levels only when they nearly reach down to it
    observed_since: dt.date | None  # what lies before was worked out afterwards; None: all of it
    apart: Series = EMPTY_SERIES  # what was seen and is not believed: points beside the line

    @property
    def scale(self) -> tuple[float, ...]:
        """The values marked on the upright axis: round ones, the outermost enclosing all points."""
        values = np.concatenate([self.series.values, self.apart.values])
        return _round_scale(float(values.min()), float(values.max()), self.from_zero)


@dataclass(frozen=True, slots=True)
class Odd:
    """Days on which something is odd, and the letter that it is told under."""

    first: dt.date
    last: dt.date
    letter: str


def plot(
    series: Series,
    kind: Kind,
    observed_since: dt.date | None,
    *,
    period: int = 1,
    apart: Series = EMPTY_SERIES,
) -> Plot | None:
    """What to show of a series of a kind: amounts by the week, all else as it is; None with nothing to see.

    What is kept `apart` has its place beside a line of the same values only: not beside amounts of weeks.
    """
    if kind in {Kind.FLOW, Kind.COUNTER}:
        shown = Plot(weekly(series), WEEK, True, observed_since)
    elif kind.by_calendar:
        shown = Plot(series, MONTH_GAP * period, kind is Kind.PERIOD, observed_since)
    else:
        shown = Plot(series, STOCK_GAP, kind is Kind.ROLLING, observed_since, apart)
    return shown if len(shown.series) > 1 else None


def weekly(series: Series) -> Series:
    """Amounts of whole weeks that end on the weekday of the newest day, each dated on its last day."""
    if not len(series):
        return series
    newest = int(series.days[-1])
    weeks_ago = (newest - series.days) // WEEK
    seen = np.bincount(weeks_ago)
    totals = np.bincount(weeks_ago, weights=series.values)
    kept = np.flatnonzero(seen >= FEWEST_DAYS_OF_WEEK)[::-1]
    return Series((newest - kept * WEEK).astype(np.int64), totals[kept] / seen[kept] * WEEK)


# --- Where the lines go ----------------------------------------------------------------------------------------------


def _round_scale(low: float, high: float, from_zero: bool) -> tuple[float, ...]:
    """Three to six round values at 1, 2, 2.5 or 5 times a power of ten, around all that is shown."""
    if from_zero or low < high / 2:
        low = min(low, 0.0)
    span = max(high - low, 0.02 * abs(high), 1e-9)
    power = 10.0 ** np.floor(np.log10(span / 4))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if span / (power * factor) <= 4.5)
    if step < 1 and low.is_integer() and high.is_integer():
        step = 1.0  # there are no halves of things
    first, last = np.floor(low / step + 1e-9), np.ceil(high / step - 1e-9)
    return tuple(float(step * n) for n in np.arange(first, max(last, first + 1) + 1))


def _time_scale(first: dt.date, last: dt.date) -> tuple[tuple[dt.date, str], ...]:
    """Up to six days to mark on the time axis, and what to write there: month beginnings, years where there is room."""
    months = [
        dt.date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if first <= dt.date(year, month, 1) <= last
    ]
    if len(months) < 2:
        days = sorted({first, first + (last - first) / 2, last})
        return tuple((day, f"{day.day} {wording.MONTHS[day.month - 1][:3]}") for day in days)
    every = next((n for n in (1, 2, 3, 6, 12, 24, 60) if len(months) / n <= 6), 120)
    if every <= 12:
        marked = [day for day in months if (day.month - 1) % every == 0]
    else:
        marked = [day for day in months if day.month == 1 and day.year % (every // 12) == 0]
    return tuple((day, _month_mark(day, first=day is marked[0])) for day in marked)


def _month_mark(day: dt.date, *, first: bool) -> str:
    if day.month == 1:
        return f"{day.year}"
    name = wording.MONTHS[day.month - 1][:3]
    return f"{name} {day.year}" if first else name


def _runs(series: Series, gap: int) -> Iterator[Series]:
    """The parts of a series between its gaps, thinned together to MOST_POINTS; the ends of each part stay."""
    cuts = np.flatnonzero(np.diff(series.days) > gap) + 1
    share = min(1.0, MOST_POINTS / len(series))
    for days, values in zip(np.split(series.days, cuts), np.split(series.values, cuts), strict=True):
        wanted = max(2, round(share * len(days)))
        shown = np.unique(np.linspace(0, len(days) - 1, wanted).round().astype(np.int64))
        yield Series(days[shown], values[shown])


def _joined(runs: Sequence[Series]) -> tuple[Values, Values]:
    """Runs as one line with breaks in it; a run of one point becomes a line of no length, which is drawn as a dot."""
    x: list[npt.NDArray[np.float64]] = []
    y: list[npt.NDArray[np.float64]] = []
    for run in runs:
        twice = 2 if len(run) == 1 else 1
        x += [np.repeat(run.days.astype(np.float64), twice), np.array([np.nan])]
        y += [np.repeat(run.values, twice), np.array([np.nan])]
    return (np.concatenate(x), np.concatenate(y)) if x else (np.empty(0), np.empty(0))


def _split(run: Series, since: dt.date | None) -> tuple[Series | None, Series | None]:
    """A run before a day and from it on; the first part reaches to the second, so that no hole is seen."""
    at = len(run) if since is None else int(np.searchsorted(run.days, since.toordinal()))
    before = Series(run.days[: at + 1], run.values[: at + 1]) if at else None
    after = Series(run.days[at:], run.values[at:]) if at < len(run) else None
    return before, after


# --- The drawing -----------------------------------------------------------------------------------------------------

_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 8, 12, 26  # free units around the lines, for what is written there
_PARTS: Final = (  # in the order in which they cover each other
    *("grid", "area", "event", "odd", "rebuilt", "observed", "last"),
    *("apart", "flag"),
)
_LETTER: Final = 12  # units that a letter takes
_FLAG: Final = np.array([[-5, 0, 5, -5, np.nan], [0, 9, 0, 0, np.nan]])  # outlines in units around a place
_POINT: Final = np.array([[-4, 0, 4, 0, -4, np.nan], [0, 4.5, 0, -4.5, 0, np.nan]])
_CLASS: Final = "part-"  # begins the id of what keeps its id, as a class
_IDS: Final = re.compile(rf' id="({_CLASS})?([^"]*)"')
_LOOKS: Final = re.compile(r' (?:style|clip-path)="[^"]*"')
_DIGITS: Final = re.compile(r"(?<=\.\d)\d+")
_BREAKS: Final = re.compile(r"\s*\n\s*")
_HOLLOW: Final = re.compile(r"<g[^>]*/>|<g[^>]*></g>")

Words = Sequence[tuple[float, float, str]]  # day, value, and what is written there


@contextmanager
def _style() -> Iterator[None]:
    """Settings under which figures are made and drawn: nothing is smoothed, and nothing depends on chance.

    `rc_context` would copy all settings there are, which takes longer than to draw a line.
    """
    salt, simplify = mpl.rcParams["svg.hashsalt"], mpl.rcParams["path.simplify"]
    mpl.rcParams["svg.hashsalt"], mpl.rcParams["path.simplify"] = "groundswell", False
    try:
        yield
    finally:
        mpl.rcParams["svg.hashsalt"], mpl.rcParams["path.simplify"] = salt, simplify


class Drawer(Protocol):
    """Whoever gives the drawing of a plot."""

    def draw(self, shown: Plot, events: Sequence[dt.date] = (), odd: Sequence[Odd] = ()) -> str:
        """The inside of an `<svg viewBox="0 0 440 200">`."""
        ...


class Easel:
    """One figure, filled again for each chart: building it anew costs several times as much as drawing.

    matplotlib draws the lines. What is written beside them is set at the places that matplotlib gives, but not drawn
    by it: it would measure each word in a font that the page does not have. Not to be shared between threads.
    """

    def __init__(self) -> None:
        with _style():
            self._figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72), dpi=72)
            self._figure.patch.set_visible(False)
            self._axes: Axes = self._figure.add_axes(
                (_LEFT / WIDTH, _BOTTOM / HEIGHT, 1 - (_LEFT + _RIGHT) / WIDTH, 1 - (_TOP + _BOTTOM) / HEIGHT)
            )
            self._axes.set_axis_off()
            self._lines = {part: self._axes.plot([], [], gid=_CLASS + part, clip_on=False)[0] for part in _PARTS}

    def draw(self, shown: Plot, events: Sequence[dt.date] = (), odd: Sequence[Odd] = ()) -> str:
        """The inside of an `<svg viewBox="0 0 440 200">`: a plot, and marks on the days of events and of odd things.

        Events are numbered as they are given; those outside of the plot are left out and keep their number. Odd days
        have a flag with a letter on the floor; what is kept apart are hollow points.
        """
        left, right = int(shown.series.days[0]), int(shown.series.days[-1])
        floor, top = shown.scale[0], shown.scale[-1]
        self._axes.set_xlim(left, right)
        self._axes.set_ylim(floor, top)
        inside = [(day, number) for number, day in enumerate(events, 1) if left <= day.toordinal() <= right]
        times = _time_scale(dt.date.fromordinal(left), dt.date.fromordinal(right))
        self._set_ground(left, right, shown.scale, [day.toordinal() for day, _ in inside])
        self._set_lines(shown, floor)
        letters = self._set_odd(shown, odd, (left, right), (floor, top))
        return (
            self._drawn()
            + self._written("up", [(left, value, wording.mark(value)) for value in shown.scale], (-6, 4))
            + self._written("across", [(day.toordinal(), floor, text) for day, text in times], (0, 18))
            + self._written("mark", [(day.toordinal(), top, str(number)) for day, number in inside], (0, -3))
            + self._written("letter", letters, (0, -11))
        )

    def _set_ground(self, left: int, right: int, scale: tuple[float, ...], events: Sequence[int]) -> None:
        ends = np.array([left, right, np.nan]), np.array([scale[0], scale[-1], np.nan])
        self._lines["grid"].set_data(np.tile(ends[0], len(scale)), np.repeat(scale, 3))
        self._lines["event"].set_data(np.repeat(np.array(events, dtype=np.float64), 3), np.tile(ends[1], len(events)))

    def _set_lines(self, shown: Plot, floor: float) -> None:
        runs = list(_runs(shown.series, shown.gap))
        parts = [_split(run, shown.observed_since) for run in runs]
        self._lines["rebuilt"].set_data(*_joined([before for before, _ in parts if before is not None]))
        self._lines["observed"].set_data(*_joined([after for _, after in parts if after is not None]))
        self._lines["last"].set_data(np.repeat(shown.series.days[-1:], 2), np.repeat(shown.series.values[-1:], 2))
        self._lines["area"].set_data(*_joined([_grounded(run, floor) for run in runs] if shown.from_zero else []))

    def _set_odd(self, shown: Plot, odd: Sequence[Odd], ends: tuple[int, int], heights: tuple[float, float]) -> Words:
        """Flags on the floor, lines along it for as long as something lasts, and points apart; gives the letters."""
        (left, right), (floor, top) = ends, heights
        unit = (right - left) / WIDTH, (top - floor) / HEIGHT  # of the drawing, nearly, both ways
        spans = [(max(one.first.toordinal(), left), min(one.last.toordinal(), right), one.letter) for one in odd]
        inside = sorted(span for span in spans if span[0] <= span[1])
        lines = np.array([x for start, stop, _ in inside for x in (start, stop, np.nan)])
        self._lines["odd"].set_data(lines, np.tile([floor, floor, np.nan], len(inside)))
        starts = np.array([start for start, _, _ in inside], dtype=np.float64)
        self._lines["flag"].set_data(*_shapes(_FLAG, unit, starts, np.full(len(starts), floor)))
        seen = (shown.apart.days >= left) & (shown.apart.days <= right)
        self._lines["apart"].set_data(
            *_shapes(_POINT, unit, shown.apart.days[seen].astype(np.float64), shown.apart.values[seen])
        )
        return [(day, floor, letters) for day, letters in _spaced(inside, _LETTER * unit[0])]

    def _drawn(self) -> str:
        with _style():
            page = io.StringIO()
            for line in self._lines.values():
                line.set_visible(np.size(line.get_xdata(orig=True)) > 0)
            renderer = RendererSVG(WIDTH, HEIGHT, page, metadata={"Date": None})  # type: ignore[no-untyped-call]
            self._figure.draw(renderer)
            renderer.finalize()  # type: ignore[no-untyped-call]
        return _bare(page.getvalue())

    def _written(self, part: str, words: Words, shift: tuple[float, float]) -> str:
        """Words at their places, moved by so many units to the right and down."""
        if not words:
            return ""
        places = self._axes.transData.transform([(x, y) for x, y, _ in words])
        texts = [
            f'<text x="{x + shift[0]:.1f}" y="{HEIGHT - y + shift[1]:.1f}">{text}</text>'
            for (x, y), (_, _, text) in zip(places, words, strict=True)
        ]
        return f'<g class="{part}">{"".join(texts)}</g>'


def _shapes(shape: Values, unit: tuple[float, float], x: Values, y: Values) -> tuple[Values, Values]:
    """A shape around each of some places, as one line with breaks in it."""
    return (x[:, None] + shape[0] * unit[0]).ravel(), (y[:, None] + shape[1] * unit[1]).ravel()


def _spaced(spans: Sequence[tuple[int, int, str]], least: float) -> list[tuple[float, str]]:
    """Where letters stand; those that would cover each other stand together."""
    found: list[tuple[float, str]] = []
    for start, _, letter in spans:
        if found and start - found[-1][0] < least:
            day, letters = found[-1]
            found[-1] = day, letters if letter in letters else letters + letter
        else:
            found.append((float(start), letter))
    return found


def _grounded(run: Series, floor: float) -> Series:
    """A run with its ends brought down to the floor: the outline of the area under it."""
    days: Days = np.concatenate([run.days[:1], run.days, run.days[-1:]])
    return Series(days, np.concatenate([[floor], run.values, [floor]]))


def _bare(svg: str) -> str:
    """The lines, without document, looks and ids; parts that were named keep their name as a class."""
    start, end = svg.index('<g id="figure_1">'), svg.rindex("</svg>")
    bare = _LOOKS.sub("", svg[start:end])
    bare = _IDS.sub(lambda found: f' class="{found[2]}"' if found[1] else "", bare)
    bare = _BREAKS.sub("", _DIGITS.sub("", bare)).replace("M ", "M").replace("L ", "L")
    while bare != (bare := _HOLLOW.sub("", bare)):
        continue
    return bare
