"""Small lines."""

from __future__ import annotations

import re

import numpy as np

from groundswell.models import EMPTY_SERIES, Series
from groundswell.sparklines import HEIGHT, WIDTH, sparkline
from tests.cards import TODAY


def line(values: list[float], step: int = 14, *, ends_ago: int = 0) -> Series:
    last = TODAY.toordinal() - ends_ago
    return Series(np.arange(last - step * (len(values) - 1), last + 1, step, dtype=np.int64), np.array(values))


def corners(path: str) -> list[tuple[int, int]]:
    """The points that a path goes through."""
    points: list[tuple[int, int]] = []
    for command, x, y in re.findall(r"([Ml])(-?\d+) ?(-?\d+)", path):
        start = (0, 0) if command == "M" else points[-1]
        points.append((start[0] + int(x), start[1] + int(y)))
    return points


def test_fewer_than_three_values_make_no_line() -> None:
    assert sparkline(EMPTY_SERIES, TODAY) == ""
    assert sparkline(line([1, 2]), TODAY) == ""


def test_twelve_months_fill_the_width_and_today_is_the_right_edge() -> None:
    points = corners(sparkline(line(list(range(100, 500)), step=1), TODAY))
    assert points[0][0] == 0
    assert points[-1][0] == WIDTH


def test_a_straight_line_has_two_points_and_a_zigzag_all_of_its_own() -> None:
    assert len(corners(sparkline(line(list(range(100, 500)), step=1), TODAY))) == 2
    assert len(corners(sparkline(line([1, 9] * 10), TODAY))) == 20


def test_no_point_that_is_left_out_would_be_seen() -> None:
    values = [100 + 30 * np.sin(n / 4) + n for n in range(27)]
    drawn = corners(sparkline(line(values), TODAY))
    assert len(drawn) < len(values)
    low, high = min(values), max(values)
    for n, value in enumerate(values):
        x = (365 - 14 * (len(values) - 1 - n)) * WIDTH / 365
        y = HEIGHT - 2 - (value - low) / (high - low) * (HEIGHT - 4)
        at = float(np.interp(x, [one for one, _ in drawn], [one for _, one in drawn]))
        assert abs(at - y) <= 1.5, "half a unit left out, and half a one rounded at each end"


def test_a_young_series_begins_where_it_began() -> None:
    points = corners(sparkline(line([1, 2, 3]), TODAY))
    assert points[0][0] > 0.9 * WIDTH


def test_up_is_up_and_stays_inside() -> None:
    points = corners(sparkline(line([10, 20, 15, 40]), TODAY))
    heights = [y for _, y in points]
    assert heights[3] < heights[1] < heights[2] < heights[0]
    assert all(0 < y < HEIGHT for y in heights)


def test_a_level_series_is_a_level_line_in_the_middle() -> None:
    assert {y for _, y in corners(sparkline(line([0.0] * 10), TODAY))} == {HEIGHT // 2}


def test_a_thousandth_does_not_look_like_a_mountain() -> None:
    heights = [y for _, y in corners(sparkline(line([100_000, 100_100, 100_050]), TODAY))]
    assert max(heights) - min(heights) <= 1


def test_a_long_gap_is_not_bridged() -> None:
    early, late = line([1, 2, 3], ends_ago=200), line([4, 5, 6])
    both = Series(np.concatenate([early.days, late.days]), np.concatenate([early.values, late.values]))
    assert sparkline(both, TODAY).count("M") == 2
