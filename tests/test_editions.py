"""Editions: made once when a month is over, frozen, corrected beside what was said, and never invented."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from groundswell import closing, editions, wording
from groundswell.closing import Known, due, keep
from groundswell.config import Tracker
from groundswell.editions import Broken, Edition, Kept, Rates
from groundswell.history import History
from groundswell.models import (
    Correction,
    Direction,
    Kind,
    Origin,
    OwnFigure,
    Series,
    Stage,
)
from tests.cards import HOSTILE
from tests.closed import BEGAN, NOVEMBER, OCTOBER, book, known, site, turning, two


def only(kept: tuple[Kept, ...]) -> Edition:
    (one,) = kept
    assert isinstance(one, Edition)
    return one


def file(folder: Path, month: str = "2026-10") -> Path:
    return folder / "editions" / f"{month}.json"


# --- When a month closes ---------------------------------------------------------------------------------------------


def test_a_month_closes_on_the_fifth_day_after_it() -> None:
    assert due([], dt.date(2026, 11, 4)) == (dt.date(2026, 9, 30),)
    assert due([], dt.date(2026, 11, 5)) == (OCTOBER,)
    assert due([OCTOBER], dt.date(2026, 12, 4)) == ()
    assert due([OCTOBER], dt.date(2026, 12, 5)) == (NOVEMBER,)


def test_months_without_a_run_are_made_afterwards_over_a_change_of_year() -> None:
    assert due([OCTOBER], dt.date(2027, 1, 20)) == (NOVEMBER, dt.date(2026, 12, 31))


def test_no_more_than_a_year_is_made_afterwards() -> None:
    found = due([OCTOBER], dt.date(2030, 1, 20))
    assert len(found) == closing.MOST_MONTHS
    assert found[-1] == dt.date(2029, 12, 31)


def test_a_run_for_an_earlier_day_makes_nothing() -> None:
    assert due([NOVEMBER], dt.date(2026, 11, 20)) == ()


def test_a_first_run_makes_the_newest_closed_month_and_no_other(tmp_path: Path) -> None:
    assert [one.last for one in keep(tmp_path, two(dt.date(2026, 11, 20)))] == [OCTOBER]


def test_a_month_before_the_tracker_began_is_marked_as_filled_in(tmp_path: Path) -> None:
    today = dt.date(2026, 11, 20)
    books = [book("up/riser", today, 0.08, began=today), book("down/faller", today, -0.05, began=today)]
    one = only(keep(tmp_path, known(today, *books)))
    assert (one.seen, one.projects, one.measured) == (0, 2, 2)
    assert "had not begun in October 2026" in page(tmp_path, known(today, *books), "2026-10")


def test_once_the_tracker_has_begun_a_month_speaks_of_the_projects_it_had_then(tmp_path: Path) -> None:
    today = dt.date(2026, 11, 20)
    late = book("late/comer", today, 0.2, began=dt.date(2026, 11, 3))
    one = only(keep(tmp_path, known(today, book("up/riser", today, 0.08), late)))
    assert (one.projects, {project for project, _ in one.moves}) == (1, {"up/riser"})


def test_a_tracker_that_measures_nothing_yet_begins_with_no_edition(tmp_path: Path) -> None:
    today = dt.date(2026, 11, 20)
    assert keep(tmp_path, known(today, History("a/b"))) == ()
    assert keep(tmp_path, known(today)) == ()


def test_a_month_of_which_nothing_can_be_measured_is_told_once_there_are_editions(tmp_path: Path) -> None:
    keep(tmp_path, two(dt.date(2026, 11, 20)))
    december = dt.date(2026, 12, 20)
    gone = [dataclasses.replace(one, columns={}) for one in two(december).books.values()]
    kept = keep(tmp_path, known(december, *gone))
    assert isinstance(kept[-1], Edition)
    assert (kept[-1].last, kept[-1].measured) == (NOVEMBER, 0)
    assert "Nothing could be measured yet" in page(tmp_path, known(december, *gone), "2026-11")


def test_a_month_waits_until_its_projects_were_looked_at_after_it(tmp_path: Path) -> None:
    today = dt.date(2026, 11, 20)
    stale = [book("up/riser", dt.date(2026, 10, 20), 0.08), book("down/faller", dt.date(2026, 10, 20), -0.05)]
    assert keep(tmp_path, known(today, *stale)) == ()
    fresh = book("up/riser", today, 0.08)
    assert keep(tmp_path, known(today, fresh, stale[1])) != ()


def test_missed_months_say_that_they_were_made_late(tmp_path: Path) -> None:
    keep(tmp_path, two(dt.date(2026, 11, 5)))
    today = dt.date(2027, 1, 20)
    kept = keep(tmp_path, two(today))
    assert [one.last for one in kept] == [OCTOBER, NOVEMBER, dt.date(2026, 12, 31)]
    assert "closed late, 51 days after" in page(tmp_path, two(today), "2026-11")
    assert "closed late" not in page(tmp_path, two(today), "2026-10")


# --- What is said ----------------------------------------------------------------------------------------------------


def test_a_month_is_told_as_of_its_last_day_whatever_came_after(tmp_path: Path) -> None:
    one = only(keep(tmp_path, two(dt.date(2026, 11, 20))))
    intent = one.stages[0]
    assert (intent.stage, intent.rising, intent.falling) == (Stage.INTENT, 1, 1)
    assert intent.up[0].rates.growth == pytest.approx(0.08, abs=0.002)
    assert intent.down[0].rates.growth == pytest.approx(-0.05, abs=0.002)
    stars = dict(zip(*(column.tolist() for column in _stars("up/riser", dt.date(2026, 11, 20))), strict=True))
    assert intent.up[0].detail.endswith(f"→ {wording.count(stars[OCTOBER.toordinal()])}")


def _stars(project: str, today: dt.date) -> tuple[np.ndarray, np.ndarray]:
    series = two(today).books[project].columns["github.stars"]
    return series.days, series.values


def test_movers_are_ranked_by_what_is_sure(tmp_path: Path) -> None:
    today = dt.date(2026, 11, 20)
    small = book("small/one", today, 0.3, start=6)  # from 60 to 80 stars: far more, and far less sure
    one = only(keep(tmp_path, known(today, small, book("large/one", today, 0.2, start=90_000))))
    lows = [move.rates.low for move in one.stages[0].up]
    assert lows == sorted(lows, reverse=True)
    assert one.stages[0].up[0].project == "large/one"


def test_a_project_that_came_in_the_month_is_new_and_one_that_was_there_is_not(tmp_path: Path) -> None:
    today = dt.date(2026, 11, 20)
    came = book("new/comer", today, 0.1, began=dt.date(2026, 10, 12))
    one = only(keep(tmp_path, known(today, book("up/riser", today, 0.08), came)))
    assert [news.project for news in one.tracked.first] == ["new/comer"]
    assert not one.first


def test_in_the_month_in_which_the_tracker_began_nobody_is_called_new(tmp_path: Path) -> None:
    today = dt.date(2026, 11, 20)
    books = [book(f"some/{n}", today, 0.05, began=dt.date(2026, 10, 12)) for n in range(3)]
    one = only(keep(tmp_path, known(today, *books)))
    assert one.first
    text = page(tmp_path, known(today, *books), "2026-10")
    assert "This tracker began in October 2026." in text
    assert "Tracked for the first time" not in text


def test_a_stage_that_surely_goes_another_way_is_told(tmp_path: Path) -> None:
    today = dt.date(2026, 11, 20)
    one = only(keep(tmp_path, known(today, turning(today), book("up/riser", today, 0.08))))
    (swing,) = one.swings
    assert (swing.project, swing.stage) == ("turn/coat", Stage.INTENT)
    assert editions.direction(swing.before) is Direction.RISING
    assert editions.direction(swing.after) is Direction.FALLING


def test_of_an_owners_figure_no_level_is_kept_be_it_relative_or_not() -> None:
    today = dt.date(2026, 11, 20)
    for relative in (True, False):
        figure = OwnFigure(
            "seats", "Seats", "seats", Stage.MONETIZATION, Kind.STOCK, 1.0, Origin.FILE, "f.csv", "seats", relative
        )
        stars = book("up/riser", today, 0.08)
        day = stars.columns["github.stars"].days
        level = np.round(77_777 * 1.003 ** (day - day[0]))
        own = Series(day, level if not relative else np.round(200 * level / level[-1]) / 2)
        name = f"figures.{figure.signal}"
        full = dataclasses.replace(
            stars, columns={**stars.columns, name: own}, observed_since={**stars.observed_since, name: BEGAN}
        )
        asked = known(today, full)
        project = dataclasses.replace(
            asked.tracked.projects[0], figures=(figure,), targets={"github": ("",), "figures": ("",)}
        )
        asked = dataclasses.replace(asked, tracked=dataclasses.replace(asked.tracked, projects=(project,)))
        (one,) = closing.make([], asked)
        moves = one.stages[list(Stage).index(Stage.MONETIZATION)].up
        assert [move.detail for move in moves] == ["seats"], relative


# --- Frozen ----------------------------------------------------------------------------------------------------------


def test_an_edition_is_made_once_and_another_run_changes_no_byte(tmp_path: Path) -> None:
    keep(tmp_path, two(dt.date(2026, 11, 20)))
    before = file(tmp_path).read_bytes()
    keep(tmp_path, two(dt.date(2026, 11, 20)))
    keep(tmp_path, two(dt.date(2026, 11, 25)))
    keep(tmp_path, known(dt.date(2026, 11, 26), book("up/riser", dt.date(2026, 11, 26), -0.2)))
    assert file(tmp_path).read_bytes() == before


def test_the_same_history_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        keep(tmp_path / name, two(dt.date(2026, 11, 20)))
    assert file(tmp_path / "a").read_bytes() == file(tmp_path / "b").read_bytes()


def with_correction(today: dt.date, month: float) -> Known:
    """A riser that its source says another course of now, and that the correction is noted of."""
    noted = Correction("up/riser", "github.stars", today, dt.date(2026, 9, 1), OCTOBER, 60, OCTOBER, 9.0, 8.0, -0.1)
    changed = dataclasses.replace(book("up/riser", today, month), corrections=(noted,))
    return known(today, changed, book("down/faller", today, -0.05))


def test_a_later_correction_is_noted_and_what_was_said_stays(tmp_path: Path) -> None:
    said = only(keep(tmp_path, two(dt.date(2026, 11, 5))))
    today = dt.date(2026, 11, 20)
    now = only(keep(tmp_path, with_correction(today, 0.02)))
    assert dataclasses.replace(now, corrected=()) == said
    (note,) = now.corrected
    assert (note.project, note.stage, note.noted) == ("up/riser", Stage.INTENT, today)
    assert note.rates is not None
    assert note.rates.growth == pytest.approx(0.02, abs=0.002)
    text = page(tmp_path, with_correction(today, 0.02), "2026-10")
    assert "+8.0" in text
    assert "since then corrected: +2.0" in text
    assert "Since then corrected: 1 figure would be said otherwise now, as of 20 November 2026" in text


def test_a_small_correction_is_not_noted(tmp_path: Path) -> None:
    keep(tmp_path, two(dt.date(2026, 11, 5)))
    assert only(keep(tmp_path, with_correction(dt.date(2026, 11, 20), 0.077))).corrected == ()


def test_a_note_stays_the_same_while_what_it_says_does_and_goes_when_the_source_takes_it_back(tmp_path: Path) -> None:
    keep(tmp_path, two(dt.date(2026, 11, 5)))
    keep(tmp_path, with_correction(dt.date(2026, 11, 20), 0.02))
    (note,) = only(keep(tmp_path, with_correction(dt.date(2026, 11, 24), 0.02))).corrected
    assert note.noted == dt.date(2026, 11, 20)
    assert only(keep(tmp_path, with_correction(dt.date(2026, 11, 26), 0.08))).corrected == ()


def test_after_two_months_a_note_stays_and_no_other_comes(tmp_path: Path) -> None:
    keep(tmp_path, two(dt.date(2026, 11, 5)))
    keep(tmp_path, with_correction(dt.date(2026, 11, 20), 0.02))
    first = keep(tmp_path, with_correction(dt.date(2027, 1, 20), 0.3))[0]
    assert isinstance(first, Edition)
    assert [note.noted for note in first.corrected] == [dt.date(2026, 11, 20)]


# --- What goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": 2}', "\udcff", '{"format": 1, "last": "2026-10-31"}'], ids=repr
)
def test_a_broken_file_is_told_on_its_page_left_as_it_is_and_stops_nobody(tmp_path: Path, text: str) -> None:
    keep(tmp_path, two(dt.date(2026, 11, 20)))
    content = text.encode("utf-8", "surrogateescape")
    file(tmp_path).write_bytes(content)
    today = dt.date(2026, 12, 20)
    broken, november = keep(tmp_path, two(today))
    assert isinstance(broken, Broken)
    assert isinstance(november, Edition)
    assert "editions/2026-10.json cannot be read" in broken.why
    assert file(tmp_path).read_bytes() == content
    assert "cannot be read at present" in page(tmp_path, two(today), "2026-10")
    assert "November 2026" in page(tmp_path, two(today), "2026-11")


def test_a_file_under_the_name_of_another_month_is_broken(tmp_path: Path) -> None:
    keep(tmp_path, two(dt.date(2026, 11, 20)))
    file(tmp_path, "2026-09").write_bytes(file(tmp_path).read_bytes())
    assert [type(one) for one in editions.load(tmp_path)] == [Broken, Edition]


def test_a_figure_that_is_no_number_makes_a_file_broken(tmp_path: Path) -> None:
    one = only(keep(tmp_path, two(dt.date(2026, 11, 20))))
    for wrong, right in (("NaN", '"growth": '), ('"../../etc/passwd"', '"project": ')):
        line = next(line for line in one.as_json().splitlines() if right in line)
        text = one.as_json().replace(line, f"{line.partition(right)[0]}{right}{wrong},", 1)
        with pytest.raises(editions.BrokenEdition):
            editions.from_json(text, OCTOBER)


def test_other_files_in_the_folder_are_no_editions(tmp_path: Path) -> None:
    keep(tmp_path, two(dt.date(2026, 11, 20)))
    for name in ("notes.json", "2026-13.json", "0000-01.json", ".2026-11.json.new", "2026-10.json.bak"):
        (tmp_path / "editions" / name).write_text("x")
    assert [one.last for one in editions.load(tmp_path)] == [OCTOBER]


def test_a_run_that_ended_between_the_edition_and_the_site_shows_it_the_next_time(tmp_path: Path) -> None:
    (made,) = closing.make([], two(dt.date(2026, 11, 20)))
    editions.save(tmp_path, made)
    before = file(tmp_path).read_bytes()
    assert "October 2026" in page(tmp_path, two(dt.date(2026, 11, 21)), "2026-10")
    assert file(tmp_path).read_bytes() == before


# --- The pages -------------------------------------------------------------------------------------------------------


def page(folder: Path, asked: Known, month: str) -> str:
    text = (site(folder, asked) / month / "index.html").read_text()
    return " ".join(text.replace("\N{NO-BREAK SPACE}", " ").split())


def test_each_edition_has_its_page_and_picture_and_leads_to_its_neighbours(tmp_path: Path) -> None:
    keep(tmp_path, two(dt.date(2026, 11, 5)))
    address = Tracker(address="https://example.org/swell")
    out = site(tmp_path, two(dt.date(2027, 1, 20), tracker=address))
    november = (out / "2026-11" / "index.html").read_text()
    assert 'href="../2026-10/index.html" rel="prev"' in november
    assert 'href="../2026-12/index.html" rel="next"' in november
    assert '<link rel="canonical" href="https://example.org/swell/2026-11/">' in november
    assert 'content="https://example.org/swell/2026-11/picture.png"' in november
    assert (out / "2026-11" / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert "<loc>https://example.org/swell/2026-11/</loc>" in (out / "sitemap.xml").read_text()
    assert 'href="2026-12/index.html"' in (out / "index.html").read_text()
    assert (out / "editions.html").read_text().count("/index.html") >= 3


def test_pictures_and_pages_are_the_same_bytes_for_the_same_editions(tmp_path: Path) -> None:
    asked = two(dt.date(2026, 11, 20), tracker=Tracker(address="https://example.org/swell"))
    first, second = site(tmp_path / "a", asked), site(tmp_path / "b", asked)
    for name in ("2026-10/index.html", "2026-10/picture.png", "feed.xml", "editions.html"):
        assert (first / name).read_bytes() == (second / name).read_bytes(), name


def test_a_project_that_is_no_longer_tracked_is_named_without_a_link(tmp_path: Path) -> None:
    keep(tmp_path, two(dt.date(2026, 11, 20)))
    today = dt.date(2026, 11, 21)
    text = page(tmp_path, known(today, book("up/riser", today, 0.08)), "2026-10")
    assert "down/faller" in text
    assert "down__faller.html" not in text
    assert "up__riser.html" in text


@pytest.mark.parametrize("name", [HOSTILE, "漢字の名前", "=cmd()|x", "$\\frac{1}{2}$", "x" * 100], ids=ascii)
def test_no_name_breaks_a_page_a_picture_or_the_feed(tmp_path: Path, name: str) -> None:
    asked = two(
        dt.date(2026, 11, 20),
        tracker=Tracker(title=name, address="https://example.org/swell"),
        names={"up/riser": name, "down/faller": name},
    )
    out = site(tmp_path, asked)
    text = (out / "2026-10" / "index.html").read_text()
    assert "<script>alert" not in text
    assert "<img" not in text


def test_a_thousand_projects_make_a_small_file(tmp_path: Path) -> None:
    today = dt.date(2026, 11, 20)
    books = [book(f"owner/p{n}", today, 0.01 + 0.0001 * n, days=100) for n in range(1000)]
    one = only(keep(tmp_path, known(today, *books)))
    assert one.projects == 1000
    assert len(one.stages[0].up) == closing.MOST_MOVES
    assert file(tmp_path).stat().st_size < 20_000


def test_the_growth_of_one_project_alone_makes_an_edition(tmp_path: Path) -> None:
    today = dt.date(2026, 11, 20)
    text = page(tmp_path, known(today, book("up/riser", today, 0.08)), "2026-10")
    assert "up/riser rises in Intent" in text
    assert "Of 1 project, growth could be measured in 1." in text


def test_what_differs_is_told_from_what_does_not() -> None:
    said = Rates(0.08, 0.06, 0.10)
    assert not closing._differs(said, Rates(0.085, 0.065, 0.105))
    assert closing._differs(said, Rates(0.10, 0.08, 0.12))
    assert closing._differs(said, Rates(0.08, -0.01, 0.17)), "no longer sure"
    assert closing._differs(said, None)
