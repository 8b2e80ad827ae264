"""The invented owners' tables: committed as they are made, the same from day to day, and turned with their projects."""

from __future__ import annotations

import datetime as dt

from sandbox import figures, gallery, tracker
from sandbox.turned import turned


def test_the_committed_tables_are_those_that_the_gallery_makes() -> None:
    made = figures.files(gallery.PROJECTS, gallery.TODAY)
    assert len(made) == 2
    for place, table in made.items():
        assert (tracker.FILE.parent / place).read_text(encoding="utf-8") == table


def test_a_number_stays_what_it_was() -> None:
    for place in (figures.LANTERN, figures.ADDRESS, figures.SECRET):
        earlier = figures.table(place, gallery.PROJECTS, gallery.TODAY)
        later = figures.table(place, gallery.PROJECTS, gallery.TODAY + dt.timedelta(days=70))
        assert later.startswith(earlier)
        assert later.count("\n") == earlier.count("\n") + 2


def test_turned_round_what_rose_falls_to_the_same_level() -> None:
    def ends(table: str) -> tuple[int, int]:
        rows = table.splitlines()
        return int(rows[1].split(",")[1]), int(rows[-1].split(",")[1])

    up, down = (
        ends(figures.table(figures.LANTERN, entries, gallery.TODAY))
        for entries in (gallery.PROJECTS, turned(gallery.PROJECTS))
    )
    assert up[0] < up[1]
    assert down[0] > down[1]
    assert abs(up[1] / down[1] - 1) < 0.2
