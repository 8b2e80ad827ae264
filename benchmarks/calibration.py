"""How often the 95 % intervals of growth hold the truth, and how often noise gets an arrow: `python -m
benchmarks.calibration` writes docs/calibration.md anew (three minutes of two processors), `--check` says whether it
still is what the code does.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks import design
from benchmarks.shuffled import Verdicts, verdicts
from benchmarks.simulated import END, Scene, cases
from groundswell.growth import growth
from groundswell.models import Direction, Growth, Kind

PAGE: Final = Path(__file__).parents[1] / "docs" / "calibration.md"
RUNS: Final = 400  # series of each scene
LEAST, MOST = 0.93, 0.98  # shares of intervals that hold the truth
SHOWN: Final = 0.05  # share of a cell's series that must have an interval for it to count
ERRORS: Final = 3.0  # standard errors by which chance may put a cell beyond a bound
NOISE: Final = 0.06  # most of the shuffled series may be called a move
GROWTHS: Final = (-0.3, -0.1, 0.0, 0.1, 0.3)
SPREADS: Final = (1, 3, 10, 30)
REAL_BEGINS: Final = "## On real figures\n"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the series of a scene, or of several."""

    series: int
    shown: int  # that had an interval
    held: int  # whose interval holds the true growth
    right: int  # that were said to move, the way they do (any way, where nothing does)
    held_then: int  # the last two with the intervals of the design
    right_then: int

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(*(getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__))

    @property
    def coverage(self) -> float:
        """Share of the intervals that hold the truth."""
        return self.held / self.shown if self.shown else math.nan

    @property
    def counts(self) -> bool:
        """Whether there is enough of it to be judged."""
        return self.shown >= SHOWN * self.series


def outcome(scene: Scene, runs: int = RUNS) -> Outcome:
    """Draw a scene's series and take their growth."""
    series = shown = held = right = held_then = right_then = 0
    for case in cases(scene, runs):
        series += 1
        found = growth(scene.kind, case.series, END, days=28)
        if not isinstance(found, Growth) or found.low is None or found.high is None:
            continue
        shown += 1
        held += found.low <= case.truth <= found.high
        right += _said(found.low, found.high) in _deserved(scene)
        low, high = design.interval(scene.kind, found, case.amounts)
        held_then += low <= case.truth <= high
        right_then += _said(low, high) in _deserved(scene)
    return Outcome(series, shown, held, right, held_then, right_then)


def _said(low: float, high: float) -> Direction:
    if low > 0:
        return Direction.RISING
    return Direction.FALLING if high < 0 else Direction.STEADY


def _deserved(scene: Scene) -> tuple[Direction, ...]:
    move = scene.net if scene.kind is Kind.STOCK else scene.growth
    if move == 0:
        return Direction.RISING, Direction.FALLING
    return (Direction.RISING,) if move > 0 else (Direction.FALLING,)


Ask = Callable[[Scene], Outcome]


# --- What is asked ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a table: scenes that are counted together."""

    scenes: tuple[Scene, ...]

    def outcome(self, ask: Ask) -> Outcome:
        """Of all its scenes together."""
        first, *others = map(ask, self.scenes)
        return sum(others, first)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page: rows and columns with their names, and what is to be said of it."""

    title: str
    text: str
    corner: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    most: float | None = MOST  # None where the intervals may be wide
    moves: bool = False  # whether it is directions that are counted

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All of them, row by row."""
        return tuple(cell for _, row in self.rows for cell in row)


def _grown(scene: Scene, growths: Sequence[float] = GROWTHS) -> Cell:
    return Cell(tuple(replace(scene, growth=rate) for rate in growths))


SIZES: Final = (20, 200, 2_000, 20_000, 200_000)


def _sizes(title: str, text: str, scene: Scene, sizes: Sequence[int] = SIZES) -> Table:
    return Table(
        title,
        text,
        "dispersion φ",
        tuple(f"{size:,} a month" for size in sizes),
        tuple(
            (f"{phi}", tuple(_grown(replace(scene, a_month=float(size), phi=phi)) for size in sizes)) for phi in SPREADS
        ),
    )


def _forms(scene: Scene) -> tuple[Cell, ...]:
    """The same series as they come when not every day is seen."""
    forms = (
        replace(scene, unseen=0.08),
        replace(scene, unseen=0.3),
        replace(scene, every=7),
        replace(scene, every=8, jitter=True),
        replace(scene, every=14),
    )
    return tuple(_grown(form, (-0.3, 0.0, 0.3)) for form in forms)


FLOW: Final = Scene(Kind.FLOW, 200, 1)
STOCK: Final = Scene(Kind.STOCK, 200, 1)
_NETS: Final = (
    (1.0, "Stocks: gains alone"),
    (0.5, "Stocks: three gains to one loss"),
    (0.0, "Stocks: as many losses as gains"),
    (-1.0, "Stocks: losses alone"),
)
_FEW: Final = (8, 10, 12, 16)


def _few(title: str, scene: Scene, sizes: Sequence[int]) -> Table:
    return Table(
        title,
        "Histories that are just long enough.",
        "a month, φ",
        tuple(f"{weeks} weeks" for weeks in _FEW),
        tuple(
            (
                f"{size:,}, {phi}",
                tuple(
                    _grown(replace(scene, a_month=float(size), phi=phi, weeks=weeks), (-0.3, 0.0, 0.3))
                    for weeks in _FEW
                ),
            )
            for size in sizes
            for phi in SPREADS
        ),
    )


def _power(title: str, text: str, rows: Iterable[tuple[str, Scene]]) -> Table:
    moves = (-0.3, -0.1, -0.05, 0.0, 0.05, 0.1, 0.3)
    return Table(
        title,
        text,
        "",
        tuple(f"{100 * move:+.0f} %" if move else "none" for move in moves),
        tuple((name, tuple(Cell((_moving(scene, move),)) for move in moves)) for name, scene in rows),
        None,
        moves=True,
    )


def _moving(scene: Scene, move: float) -> Scene:
    """A scene that grows by so much: a flow as a whole, a stock by the gains it needs, of which a quarter is lost."""
    if scene.kind is not Kind.STOCK:
        return replace(scene, growth=move)
    net = math.copysign(0.5, move) if move else 0.0
    return replace(scene, net=net, a_month=abs(move or 0.05) * scene.base / 0.5)


TABLES: Final = (
    _sizes(
        "Flows",
        "Twenty-six weeks, every day seen. Below a base of 100 there is no percentage, so the smallest have no cell.",
        FLOW,
        (20, 100, *SIZES[1:]),
    ),
    _sizes("Counters", "The same as running totals.", replace(FLOW, kind=Kind.COUNTER), SIZES[1:]),
    _sizes("Rolling amounts of 28 days", "Twenty-six windows, every day seen.", replace(FLOW, kind=Kind.ROLLING)),
    *(_sizes(title, "Ten months' gains are the level.", replace(STOCK, net=net)) for net, title in _NETS),
    _few("Few weeks of flows", FLOW, (200, 2_000)),
    _few("Few weeks of stocks: gains alone", STOCK, (20, 200, 2_000)),
    _few("Few weeks of stocks: as many losses as gains", replace(STOCK, net=0.0), (200, 2_000)),
    Table(
        "Few windows of rolling amounts",
        "Of 28 days each.",
        "a month, φ",
        tuple(f"{windows} windows" for windows in _FEW),
        tuple(
            (
                f"2,000, {phi}",
                tuple(_grown(Scene(Kind.ROLLING, 2_000, phi, weeks=weeks), (-0.1, 0.0, 0.1)) for weeks in _FEW),
            )
            for phi in SPREADS
        ),
    ),
    Table(
        "Days that are not seen",
        "At 200 a month for stocks and 2,000 for the others.",
        "kind, φ",
        ("8 % missing", "30 % missing", "every 7 days", "every 7 to 9 days", "every 14 days"),
        (
            *((f"stock, gains alone, {phi}", _forms(replace(STOCK, phi=phi, weeks=27))) for phi in SPREADS),
            *((f"stock, hovering, {phi}", _forms(replace(STOCK, net=0.0, phi=phi, weeks=27))) for phi in SPREADS),
            *((f"counter, {phi}", _forms(Scene(Kind.COUNTER, 2_000, phi, weeks=27))) for phi in SPREADS),
            *((f"flow, {phi}", _forms(Scene(Kind.FLOW, 2_000, phi))[:1]) for phi in SPREADS),
        ),
    ),
    Table(
        "A rate that drifts",
        "The log of the rate takes a step of chance each week; the truth is what the rates were in the two windows. "
        "Drift is part of φ, so the intervals may be wide.",
        "kind, φ",
        ("2 % a week", "5 % a week", "10 % a week"),
        tuple(
            (
                f"{name}, {phi}",
                tuple(_grown(replace(scene, phi=phi, drift=drift), (-0.1, 0.0, 0.1)) for drift in (0.02, 0.05, 0.1)),
            )
            for name, scene in (
                ("flow of 2,000", Scene(Kind.FLOW, 2_000, 1)),
                ("flow of 200,000", Scene(Kind.FLOW, 200_000, 1)),
                ("stock, gains of 200", STOCK),
                ("stock, hovering", replace(STOCK, net=0.0)),
                ("rolling, 2,000", Scene(Kind.ROLLING, 2_000, 1)),
            )
            for phi in (1, 10)
        ),
        None,
    ),
    _power(
        "Moves of flows that are found",
        "Share of the series that are called rising or falling as they are; without a move, that get an arrow.",
        (
            (f"{size:,} a month, φ {phi}", Scene(Kind.FLOW, size, phi))
            for size in (200, 2_000, 20_000, 200_000)
            for phi in SPREADS
        ),
    ),
    _power(
        "Moves of stocks that are found",
        "As above, of levels that lose one for every three that they gain.",
        (
            (f"a level of {base:,}, φ {phi}", Scene(Kind.STOCK, 1, phi, base=float(base)))
            for base in (200, 2_000, 20_000)
            for phi in SPREADS
        ),
    ),
)


# --- What comes out --------------------------------------------------------------------------------------------------


def beyond(found: Outcome, most: float | None) -> bool:
    """Whether a coverage lies outside of its bounds by more than chance explains."""
    low = LEAST - ERRORS * math.sqrt(LEAST * (1 - LEAST) / found.shown)
    high = math.inf if most is None else most + ERRORS * math.sqrt(most * (1 - most) / found.shown)
    return not low <= found.coverage <= high


def written(cell: Cell, table: Table, ask: Ask = outcome) -> str:
    """What stands in a cell: per cent now, and in brackets with the intervals of the design."""
    found = cell.outcome(ask)
    if not found.counts:
        return "–"
    if table.moves:
        return f"{100 * found.right / found.shown:.0f} ({100 * found.right_then / found.shown:.0f})"
    mark = "**" if beyond(found, table.most) else ""
    return f"{mark}{100 * found.coverage:.1f}{mark} ({100 * found.held_then / found.shown:.1f})"


def line(table: Table, place: int, ask: Ask = outcome) -> str:
    """A row of a table, as it stands on the page."""
    name, cells = table.rows[place]
    blank = [""] * (len(table.columns) - len(cells))
    return f"| {' | '.join([name, *(written(cell, table, ask) for cell in cells), *blank])} |"


def section(table: Table, ask: Ask) -> str:
    """A table with its title and what is to be said of it."""
    head = f"| {' | '.join([table.corner, *table.columns])} |\n|{'---|' * (len(table.columns) + 1)}"
    rows = "\n".join(line(table, place, ask) for place in range(len(table.rows)))
    return f"### {table.title}\n\n{table.text}{_summary(table, ask)}\n\n{head}\n{rows}\n"


def _summary(table: Table, ask: Ask) -> str:
    judged = [found for cell in table.cells if (found := cell.outcome(ask)).counts]
    if table.moves or not judged:
        return ""
    shares = [100 * found.coverage for found in judged]
    outside = sum(beyond(found, table.most) for found in judged)
    return f" {len(judged)} cells from {min(shares):.1f} to {max(shares):.1f} %; {outside or 'none'} beyond the bounds."


_INTRODUCTION: Final = f"""\
<!-- Made by `python -m benchmarks.calibration`; changes here are lost. -->
# Calibration

How often the 95 % intervals of growth hold the truth. Counts are drawn around a rate that is known, with a weekly
season, as Poisson counts (φ = 1) and with up to thirty times their variance, and the growth that the tracker says of
them is compared with that of the rate.

A cell is the per cent of the intervals that hold the true growth, and in brackets the same for the intervals that the
design gave first ([what was changed](decisions/0006-growth.md)). It counts {RUNS:,} series for each true growth of
{", ".join(f"{100 * one:+.0f}" for one in GROWTHS)} % a month, or for three of these where days or weeks are few. The
gains of a stock grow so; its level grows by what they bring. A cell is to lie between {100 * LEAST:.0f} and
{100 * MOST:.0f} %, give or take {ERRORS:.0f} standard errors of its own chance; what lies beyond is in bold type.
Where fewer than {100 * SHOWN:.0f} % of the series have an interval there is no cell.

## On simulated counts

"""


def simulated(ask: Ask) -> str:
    """The page as far as it can be made anywhere."""
    return _INTRODUCTION + "\n".join(section(table, ask) for table in TABLES) + "\n" + _finest(ask)


def _finest(ask: Ask) -> str:
    """What the cells of one growth each, counted alone, come to."""
    alone = [
        (table, scene, found)
        for table in TABLES
        if not table.moves
        for cell in table.cells
        for scene in cell.scenes
        if (found := ask(scene)).counts
    ]
    outside = [(scene, found) for table, scene, found in alone if beyond(found, table.most)]
    rows = "".join(f"| {_told(scene)} | {100 * found.coverage:.1f} |\n" for scene, found in outside)
    return (
        "### Every growth by itself\n\n"
        f"Of {len(alone):,} cells of one growth each, {len(outside)} lie beyond the bounds.\n\n"
        f"| series | holds the truth |\n|---|---|\n{rows}"
    )


def _told(scene: Scene) -> str:
    words = [f"{scene.kind} of {scene.a_month:,.0f} a month, φ {scene.phi}, {100 * scene.growth:+.0f} %"]
    if scene.kind is Kind.STOCK:
        words.append(f"net share {scene.net:g}")
    words.append(f"{scene.weeks} {'windows' if scene.kind is Kind.ROLLING else 'weeks'}")
    if scene.unseen:
        words.append(f"{100 * scene.unseen:.0f} % missing")
    if scene.every > 1:
        words.append(f"every {scene.every} days{', not quite' if scene.jitter else ''}")
    if scene.drift:
        words.append(f"drift of {100 * scene.drift:.0f} % a week")
    return ", ".join(words)


def real(found: Sequence[Verdicts], today: dt.date) -> str:
    """The part of the page that only real figures give."""
    rows = "".join(
        f"| {one.figures.file} | {one.figures.metric} | {one.figures.kind} | {one.series:,} | {one.said:,} "
        f"| {_share(one.share)} |\n"
        for one in found
    )
    return f"""\
{REAL_BEGINS}
Series of real projects with their last 26 weeks (windows, for rolling amounts) in an order of chance, and the gains of
stocks less their mean. There is no growth in them, so at most {100 * NOISE:.0f} % may be called rising or falling. The
figures are not part of this repository; seen on {today}.

| data set | metric | kind | series | verdicts | called a move |
|---|---|---|---|---|---|
{rows}"""


def _share(share: float) -> str:
    mark = "**" if share > NOISE else ""
    return f"{mark}{100 * share:.1f} %{mark}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibration", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail if the page is not what comes out")
    parser.add_argument(
        "--shared", type=Path, help="folder of real figures: writes their part of the page, and no other"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes to use")
    given = parser.parse_args(arguments)
    before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    made, mark, seen = before.partition(REAL_BEGINS)
    if given.shared:
        page = made + real(list(verdicts(given.shared)), dt.date.today())  # noqa: DTZ011 - the day on which it is run
    else:
        page = simulated(_asked(given.workers)) + "\n" + mark + seen
    print(page)
    if given.check:
        return int(page != before)
    PAGE.write_text(page, encoding="utf-8")
    return 0


def _asked(workers: int) -> Ask:
    """All scenes of all tables, drawn by several processes."""
    scenes = list(dict.fromkeys(scene for table in TABLES for cell in table.cells for scene in cell.scenes))
    with ProcessPoolExecutor(workers) as pool:
        return dict(zip(scenes, pool.map(outcome, scenes, chunksize=8), strict=True)).__getitem__


if __name__ == "__main__":
    sys.exit(main())
