"""Charts: what is drawn, and how."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure

from groundswell import charts
from groundswell.charts import HEIGHT, MOST_POINTS, WIDTH, Easel, Odd, Plot, plot, weekly
from groundswell.models import EMPTY_SERIES, Kind, Series
from tests.cards import TODAY

NEWEST = TODAY.toordinal()


@pytest.fixture(scope="module")
def easel() -> Easel:
    return Easel()


def every(step: int, values: list[float]) -> Series:
    return Series(np.arange(NEWEST - step * (len(values) - 1), NEWEST + 1, step, dtype=np.int64), np.array(values))


def levels(count: int = 400, start: float = 1000) -> Series:
    return every(1, [start + 3 * n for n in range(count)])


def drawn(easel: Easel, shown: Plot | None, events: tuple[dt.date, ...] = ()) -> ElementTree.Element:
    assert shown is not None
    return ElementTree.fromstring(f"<svg>{easel.draw(shown, events)}</svg>")


def part(svg: ElementTree.Element, name: str) -> list[str]:
    """The paths of a part, or its texts."""
    groups = [group for group in svg.iter("g") if group.get("class") == name]
    return [child.get("d") or child.text or "" for group in groups for child in group]


def xs(path: str) -> list[float]:
    return [float(x) for x in re.findall(r"[ML]([\d.]+) ", path)]


# --- What is drawn ---------------------------------------------------------------------------------------------------


def test_daily_amounts_are_drawn_by_whole_weeks_that_end_with_the_series() -> None:
    weeks = weekly(every(1, [1.0] * 21))
    assert weeks.days.tolist() == [NEWEST - 14, NEWEST - 7, NEWEST]
    assert weeks.values.tolist() == [7, 7, 7]


def test_a_week_with_missing_days_is_filled_with_its_mean_and_never_smaller_for_it() -> None:
    whole = every(1, [2.0] * 14)
    holed = Series(np.delete(whole.days, [8, 9]), np.delete(whole.values, [8, 9]))
    assert weekly(holed).values.tolist() == [14, 14]


def test_a_week_with_three_missing_days_is_left_out() -> None:
    whole = every(1, [2.0] * 21)
    holed = Series(np.delete(whole.days, [8, 9, 10]), np.delete(whole.values, [8, 9, 10]))
    assert weekly(holed).days.tolist() == [NEWEST - 14, NEWEST]


@pytest.mark.parametrize("series", [EMPTY_SERIES, every(1, [5.0])])
def test_without_two_points_there_is_no_chart(series: Series) -> None:
    assert plot(series, Kind.STOCK, None) is None
    assert plot(series, Kind.FLOW, None) is None


def test_quarters_are_one_line_and_a_missing_one_breaks_it() -> None:
    """A level at the end of each need not be drawn from 0, an amount must."""
    ends = [dt.date(2025, 10, 31), dt.date(2026, 1, 31), dt.date(2026, 4, 30), dt.date(2026, 10, 31)]
    quarters = Series(np.array([day.toordinal() for day in ends]), np.array([1200.0, 1210, 1220, 1230]))
    level, amount = (plot(quarters, kind, None, period=3) for kind in (Kind.CLOSING, Kind.PERIOD))
    assert level is not None
    assert amount is not None
    assert (level.from_zero, amount.from_zero) == (False, True)
    gaps = np.diff(quarters.days) > level.gap
    assert gaps.tolist() == [False, False, True]


@pytest.mark.parametrize("kind", [Kind.FLOW, Kind.COUNTER, Kind.ROLLING, Kind.PERIOD])
def test_amounts_are_shown_from_zero(kind: Kind) -> None:
    shown = plot(every(1, [1000.0] * 28), kind, None)
    assert shown is not None
    assert shown.scale[0] == 0


def test_a_level_far_above_zero_is_shown_on_its_own_scale() -> None:
    shown = plot(levels(200, 50_000), Kind.STOCK, None)
    assert shown is not None
    assert shown.scale[0] > 40_000


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (0, 7), (3, 99), (41_000, 52_345), (0.0, 0.0), (5, 5), (123_456_789, 123_456_790)]
)
def test_the_scale_has_a_few_round_values_around_all_points(low: float, high: float) -> None:
    scale = Plot(every(1, [low, high]), 14, False, None).scale
    assert scale[0] <= low <= high <= scale[-1]
    assert 2 <= len(scale) <= 7
    assert len(set(scale)) == len(scale)


def test_the_scale_of_whole_numbers_has_no_halves() -> None:
    assert Plot(every(1, [0.0, 2.0]), 14, True, None).scale == (0.0, 1.0, 2.0)


# --- How it is drawn -------------------------------------------------------------------------------------------------


def test_what_was_worked_out_afterwards_is_a_line_of_its_own_that_meets_the_observed_one(easel: Easel) -> None:
    svg = drawn(easel, plot(levels(101), Kind.STOCK, TODAY - dt.timedelta(days=50)))
    [rebuilt], [observed] = part(svg, "rebuilt"), part(svg, "observed")
    assert xs(rebuilt)[-1] == xs(observed)[0] == pytest.approx((46 + WIDTH - 8) / 2)


def test_all_is_drawn_as_observed_or_as_rebuilt_when_all_is(easel: Easel) -> None:
    seen = drawn(easel, plot(levels(), Kind.STOCK, dt.date(2000, 1, 1)))
    filled = drawn(easel, plot(levels(), Kind.STOCK, None))
    assert (len(part(seen, "observed")), len(part(seen, "rebuilt"))) == (1, 0)
    assert (len(part(filled, "observed")), len(part(filled, "rebuilt"))) == (0, 1)


def test_a_gap_is_not_bridged(easel: Easel) -> None:
    whole = levels(100)
    holed = Series(np.delete(whole.days, range(40, 60)), np.delete(whole.values, range(40, 60)))
    [path] = part(drawn(easel, plot(holed, Kind.STOCK, dt.date(2000, 1, 1))), "observed")
    assert path.count("M") == 2


def test_a_point_alone_between_gaps_is_seen(easel: Easel) -> None:
    days = np.array([NEWEST - 80, NEWEST - 79, NEWEST - 40, NEWEST - 1, NEWEST])
    [path] = part(drawn(easel, plot(Series(days, np.arange(5.0)), Kind.STOCK, dt.date(2000, 1, 1))), "observed")
    assert [len(xs(piece)) for piece in re.findall("M[^M]+", path)] == [2, 2, 2]


def test_long_series_are_thinned_and_keep_both_ends(easel: Easel) -> None:
    [path] = part(drawn(easel, plot(levels(3000), Kind.STOCK, dt.date(2000, 1, 1))), "observed")
    assert len(xs(path)) <= MOST_POINTS
    assert (xs(path)[0], xs(path)[-1]) == (46, WIDTH - 8)


def test_everything_lies_inside_the_drawing(easel: Easel) -> None:
    svg = drawn(easel, plot(levels(), Kind.STOCK, None), (TODAY - dt.timedelta(days=30),))
    for text in svg.iter("text"):
        assert 0 <= float(text.get("x", "-1")) <= WIDTH
        assert 0 <= float(text.get("y", "-1")) <= HEIGHT


def test_values_and_times_are_written_as_text(easel: Easel) -> None:
    svg = drawn(easel, plot(levels(700, 105_000), Kind.STOCK, None))
    assert part(svg, "up") == ["105k", "105.5k", "106k", "106.5k", "107k", "107.5k"]
    assert part(svg, "across") == ["2025", "Jul", "2026", "Jul"]


@pytest.mark.parametrize(("days", "most"), [(5, 3), (40, 3), (80, 4), (400, 6), (1000, 7), (4000, 7)])
def test_a_few_times_are_written_whatever_the_span(easel: Easel, days: int, most: int) -> None:
    assert 2 <= len(part(drawn(easel, plot(levels(days), Kind.STOCK, None)), "across")) <= most


def test_a_mark_on_the_scale_keeps_all_its_digits(easel: Easel) -> None:
    svg = drawn(easel, plot(every(1, [2_300_000.0, 3_100_000.0]), Kind.STOCK, None))
    assert part(svg, "up") == ["2.2M", "2.4M", "2.6M", "2.8M", "3M", "3.2M"]
    svg = drawn(easel, plot(every(1, [1_010_000.0, 1_100_000.0]), Kind.STOCK, None))
    assert part(svg, "up") == ["1M", "1.02M", "1.04M", "1.06M", "1.08M", "1.1M"]


def test_marks_stand_at_their_lines(easel: Easel) -> None:
    svg = drawn(easel, plot(levels(400, 0), Kind.STOCK, None))
    lines = [float(y) for y in re.findall(r"M46 ([\d.]+)", part(svg, "grid")[0])]
    texts = [float(text.get("y", "")) for text in svg.iter("text")][: len(lines)]
    assert texts == pytest.approx([line + 4 for line in lines], abs=0.2)


def test_events_are_marked_with_their_numbers_and_those_outside_keep_theirs(easel: Easel) -> None:
    days = (dt.date(1999, 1, 1), TODAY - dt.timedelta(days=9), TODAY)
    svg = drawn(easel, plot(levels(), Kind.STOCK, None), days)
    assert part(svg, "mark") == ["2", "3"]
    assert part(svg, "event")[0].count("M") == 2


def test_nothing_is_left_over_from_the_chart_before(easel: Easel) -> None:
    fresh = Easel().draw(plot(levels(90), Kind.STOCK, None) or pytest.fail("nothing to draw"))
    drawn(easel, plot(levels(4000), Kind.FLOW, TODAY), (TODAY, TODAY - dt.timedelta(days=9)))
    assert easel.draw(plot(levels(90), Kind.STOCK, None) or pytest.fail("nothing to draw")) == fresh


def test_looks_are_left_to_the_stylesheet_and_ids_to_the_page(easel: Easel) -> None:
    svg = easel.draw(plot(levels(), Kind.FLOW, TODAY) or pytest.fail("nothing to draw"), (TODAY,))
    assert not re.search(r"style=|id=|#[0-9a-f]{3}|font|clip-path|url\(|xmlns|<!--|<metadata|\d{4}-\d\d-\d\d", svg)


def test_one_figure_serves_for_all_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Figure] = []

    class Counted(Figure):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            made.append(self)

    monkeypatch.setattr(charts, "Figure", Counted)
    easel = Easel()
    for count in (90, 4000):
        drawn(easel, plot(levels(count), Kind.STOCK, None))
    assert len(made) == 1


# --- What is odd -----------------------------------------------------------------------------------------------------


def odd(easel: Easel, shown: Plot | None, *marks: Odd) -> ElementTree.Element:
    assert shown is not None
    return ElementTree.fromstring(f"<svg>{easel.draw(shown, (), marks)}</svg>")


def back(days: int) -> dt.date:
    return TODAY - dt.timedelta(days=days)


def test_odd_days_have_a_flag_with_a_letter_and_a_line_for_as_long_as_they_last(easel: Easel) -> None:
    svg = odd(easel, plot(levels(101), Kind.STOCK, None), Odd(back(50), back(25), "A"), Odd(back(10), back(10), "B"))
    [lines], [flags] = part(svg, "odd"), part(svg, "flag")
    half, three_quarters = (46 + WIDTH - 8) / 2, 46 + 0.75 * (WIDTH - 8 - 46)
    assert xs(lines)[:2] == pytest.approx([half, three_quarters], abs=0.1)
    assert flags.count("M") == 2
    assert part(svg, "letter") == ["A", "B"]


def test_letters_that_would_cover_each_other_stand_together(easel: Easel) -> None:
    shown = plot(levels(401), Kind.STOCK, None)
    svg = odd(easel, shown, Odd(back(52), back(52), "A"), Odd(back(50), back(50), "B"), Odd(back(9), back(9), "C"))
    assert part(svg, "letter") == ["AB", "C"]


def test_odd_days_before_the_chart_are_left_out(easel: Easel) -> None:
    svg = odd(easel, plot(levels(50), Kind.STOCK, None), Odd(back(90), back(80), "A"))
    assert (part(svg, "letter"), part(svg, "flag"), part(svg, "odd")) == ([], [], [])


def test_what_is_kept_apart_is_a_point_of_its_own_inside_of_the_scale(easel: Easel) -> None:
    apart = Series(np.array([NEWEST - 20, NEWEST - 10]), np.array([12.0, 40_000.0]))
    shown = plot(levels(101), Kind.STOCK, None, apart=apart)
    assert shown is not None
    assert shown.scale[0] <= 12
    assert shown.scale[-1] >= 40_000
    [points] = part(odd(easel, shown), "apart")
    assert points.count("M") == 2
    assert part(odd(easel, plot(levels(101), Kind.STOCK, None)), "apart") == []


def test_beside_amounts_of_weeks_no_value_of_a_day_has_a_place() -> None:
    apart = Series(np.array([NEWEST - 20]), np.array([40_000.0]))
    shown = plot(every(1, [10.0] * 60), Kind.FLOW, None, apart=apart)
    assert shown is not None
    assert len(shown.apart) == 0
