"""Drawings that are kept: what did not change is not drawn again, and what is kept can never do harm."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from groundswell import drawings
from groundswell.charts import Easel, Odd, Plot
from groundswell.models import Card, Series
from tests.cards import cards
from tests.test_render import files, write

DAY = dt.date(2026, 11, 22)
DAYS = np.arange(DAY.toordinal() - 99, DAY.toordinal() + 1, dtype=np.int64)
PLOT = Plot(Series(DAYS, np.arange(100.0)), 14, False, None)
MARK = Odd(DAY - dt.timedelta(days=9), DAY, "A")


class Counting(Easel):
    """Counts what it draws."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn = 0

    def draw(self, shown: Plot, events: Sequence[dt.date] = (), odd: Sequence[Odd] = ()) -> str:
        self.drawn += 1
        return super().draw(shown, events, odd)


@pytest.fixture
def easel() -> Counting:
    return Counting()


def draw(folder: Path, easel: Easel, *plots: Plot) -> list[str]:
    drawings.make_room(folder, ["a/b"])
    sheet = drawings.sheet(folder, "a/b", easel)
    found = [sheet.draw(one) for one in plots]
    sheet.keep()
    return found


def test_what_did_not_change_is_drawn_once(tmp_path: Path, easel: Counting) -> None:
    assert draw(tmp_path, easel, PLOT) == draw(tmp_path, easel, PLOT) == [Easel().draw(PLOT)]
    assert easel.drawn == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(PLOT, gap=15),
        replace(PLOT, from_zero=True),
        replace(PLOT, observed_since=DAY),
        replace(PLOT, apart=Series(DAYS[-1:], np.array([3.0]))),
        replace(PLOT, series=Series(DAYS, np.append(np.arange(99.0), 100.0))),
        replace(PLOT, series=Series(DAYS - 1, np.arange(100.0))),
        replace(PLOT, series=Series(DAYS[1:], np.arange(1.0, 100.0))),
    ],
)
def test_another_plot_is_another_drawing(other: Plot) -> None:
    assert drawings.digest(other, (), ()) != drawings.digest(PLOT, (), ())


def test_marks_are_part_of_a_drawing() -> None:
    found = {drawings.digest(PLOT, *marks) for marks in (((), ()), ((DAY,), ()), ((), (MARK,)))}
    assert len(found) == 3


def test_drawings_that_the_page_no_longer_has_are_not_kept(tmp_path: Path, easel: Counting) -> None:
    plots = [replace(PLOT, gap=gap) for gap in range(14, 20)]
    draw(tmp_path, easel, *plots)
    large = (tmp_path / "a__b.json").stat().st_size
    draw(tmp_path, easel, plots[0])
    assert (tmp_path / "a__b.json").stat().st_size < large / 4


@pytest.mark.parametrize("keep", [0, 1, 70, -1])
def test_a_file_that_breaks_off_is_drawn_again(tmp_path: Path, easel: Counting, keep: int) -> None:
    before = draw(tmp_path, easel, PLOT)
    path = tmp_path / "a__b.json"
    path.write_bytes(path.read_bytes()[:keep])
    assert draw(tmp_path, easel, PLOT) == before
    assert easel.drawn == 2


def test_a_changed_drawing_never_reaches_a_page(tmp_path: Path, easel: Counting) -> None:
    before = draw(tmp_path, easel, PLOT)
    path = tmp_path / "a__b.json"
    path.write_text(path.read_text().replace("<g", "<script>alert(1)</script><g", 1))
    assert draw(tmp_path, easel, PLOT) == before


def test_what_is_of_no_tracked_project_goes_and_what_is_somebody_elses_stays(tmp_path: Path, easel: Counting) -> None:
    draw(tmp_path, easel, PLOT)
    (tmp_path / ".a__b.json.1.new").write_text("half")
    (tmp_path / "letter.txt").write_text("mine")
    drawings.make_room(tmp_path, ["c/d"])
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_folder_that_cannot_be_written_costs_drawing_and_nothing_else(tmp_path: Path, easel: Counting) -> None:
    (tmp_path / "kept").write_text("a file where the folder should be")
    assert draw(tmp_path / "kept", easel, PLOT) == draw(tmp_path / "kept", easel, PLOT)
    assert easel.drawn == 2


def test_a_site_from_kept_drawings_has_the_same_bytes(tmp_path: Path) -> None:
    kept = drawings.beside(tmp_path / "site")
    for name in ("bare", "first", "again"):
        write(tmp_path / name, *cards(), kept=None if name == "bare" else kept)
    assert files(tmp_path / "bare") == files(tmp_path / "first") == files(tmp_path / "again")
    assert {path.suffix for path in kept.iterdir()} == {".json"}


def test_a_site_made_on_top_of_yesterday_s_has_the_same_bytes_as_one_from_nothing(tmp_path: Path) -> None:
    kept = drawings.beside(tmp_path / "site")
    write(tmp_path / "site", *(_the_day_before(one) for one in cards()), kept=kept)
    before = files(tmp_path / "site")
    write(tmp_path / "site", *cards(), kept=kept)
    write(tmp_path / "bare", *cards())
    assert files(tmp_path / "site") == files(tmp_path / "bare") != before


def _the_day_before(one: Card) -> Card:
    """A card as its charts were when its newest day was not there yet."""
    metrics = {
        key: replace(found, series=found.series.until(found.observed - dt.timedelta(days=1)))
        for key, found in one.metrics.items()
        if found.observed is not None
    }
    return replace(one, metrics={**one.metrics, **metrics})


def test_a_run_that_is_killed_while_it_draws_leaves_drawings_that_can_be_used(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    child = multiprocessing.get_context("spawn").Process(target=_dies, args=(kept,))
    child.start()
    child.join()
    assert child.exitcode == 9
    assert draw(kept, Easel(), PLOT) == [Easel().draw(PLOT)]


def _dies(kept: Path) -> None:
    """Ends without a word between writing a file and giving it its name."""
    drawings.make_room(kept, ["a/b"])
    sheet = drawings.sheet(kept, "a/b", Easel())
    sheet.draw(PLOT)
    Path.replace = lambda _self, _target: os._exit(9)  # type: ignore[method-assign, assignment]
    sheet.keep()
