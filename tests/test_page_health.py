"""The page "Health of the data": what is asked, what fails since when, and what is older than it should be."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from groundswell import channels, render, sources
from groundswell.config import Tracker
from groundswell.models import Card, Failure, Kind, Measured, Missing, Provenance
from groundswell.pages import health
from groundswell.pages.setting import Setting
from tests import cards as made
from tests.cards import HOSTILE, TODAY

LOADED = sources.load()
SETTING = Setting(Tracker(title="Test"), TODAY, sources.labels(LOADED), sources.signals(LOADED))
REFUSED = "answered 429 (too many requests) since 2026-11-16"


def card(id_: str = "a/b", *failures: Failure, **metrics: Measured) -> Card:
    entry = made.project(id_, id_.title())
    entry = dataclasses.replace(entry, targets={"github": ("",), "npm": ("x", "y")})
    return made.card(entry, metrics, "Moves.", failures=failures)


def figure(key: str, days_ago: int, *targets: str) -> Measured:
    """A metric whose newest day lies so many days back."""
    name, kind = made.KINDS[key]
    where = Provenance(name, kind, targets or ("",), None, "https://example.org", "")
    day = TODAY - dt.timedelta(days=days_ago)
    return made.measured(key, 500, Missing("short"), observed=day, provenance=where)


def view(*cards: Card) -> health.View:
    return health.view(cards, SETTING)


def row(found: health.View, key: str) -> health.SourceRow:
    return next(row for row in found.sources if row.key == key)


# --- The sources -----------------------------------------------------------------------------------------------------


def test_targets_are_counted_over_all_projects_and_sources_that_nobody_names_are_listed_apart() -> None:
    found = view(card("a/b"), card("c/d"))
    assert [(row.key, row.asked) for row in found.sources] == [("github", "2"), ("npm", "4")]
    assert "PyPI" in found.unasked
    assert "npm" not in found.unasked
    assert found.summary == "6 targets are asked for; all of them answer; no figure is older than it should be."


def test_targets_that_fail_wholly_in_part_or_wait_are_told_apart() -> None:
    failures = (
        Failure("npm", "a/b", "x", REFUSED),
        Failure("npm", "a/b", "x", REFUSED, ("downloads",)),
        Failure("github", "a/b", "", "refuses to show the watchers", ("watchers",)),
        Failure("github", "a/b", "", "refuses to show the forks", ("forks",)),
    )
    later = Failure("github", "c/d", "", "is left for the next run", deferred=True)
    found = view(card("a/b", *failures), card("c/d", later))
    assert row(found, "npm").failing == "1"
    assert row(found, "github").failing == "1 in part and 1 left for later"
    assert "; 2 fail at least in part;" in found.summary


def test_newest_and_oldest_are_of_the_source_that_the_figures_are_from() -> None:
    found = view(card("a/b", stars=figure("stars", 0), npm_downloads=figure("npm_downloads", 2, "x", "y")))
    assert (row(found, "github").newest.text, row(found, "github").newest_age) == ("22 Nov 2026", "today")
    npm = row(found, "npm")
    assert (npm.newest.text, npm.oldest.text, npm.oldest_of) == ("20 Nov 2026", "2 days", "npm downloads of A/B")


def test_the_oldest_series_is_the_latest_one_if_any_is_late() -> None:
    months = figure("issues_opened", 22)
    found = view(card("a/b", issues_opened=months, stars=figure("stars", 0)))
    assert row(found, "github").oldest_of == "Issues opened of A/B"
    found = view(card("a/b", issues_opened=months, stars=figure("stars", 3)))
    assert row(found, "github").oldest_of == "Stars of A/B"


def test_a_source_without_a_figure_says_what_it_lacks_most_often() -> None:
    short = made.absent("npm_downloads", "21 more days of history needed")
    other = made.absent("npm_downloads", "not seen yet")
    npm = row(view(card("a/b", npm_downloads=other), *(card(f"c/{n}", npm_downloads=short) for n in "de")), "npm")
    assert npm.newest.missing
    assert npm.oldest.missing
    assert npm.newest_age == "21 more days of history needed"


def test_a_source_that_no_figure_is_made_from_says_so() -> None:
    unused = dataclasses.replace(SETTING, labels={"unused": "Unused"}, signals={})
    entry = dataclasses.replace(made.project("a/b", "B"), targets={"unused": ("x",)})
    [found] = health.view([made.card(entry, {}, "Moves.")], unused).sources
    assert found.newest_age == "no figure is made from it"


# --- What fails ------------------------------------------------------------------------------------------------------


def test_what_fails_for_one_reason_since_one_day_is_one_line() -> None:
    cards = [card(f"a/b{n}", Failure("npm", f"a/b{n}", "x", REFUSED)) for n in range(7)]
    [line] = view(*cards).troubles
    assert (line.source, line.reason, line.since) == ("npm", "answered 429 (too many requests)", "16 November 2026")
    assert line.many == "7 targets"
    assert line.who[0] == health.Who("A/B0", "projects/a__b0.html", "x")
    [line] = view(*cards[:3]).troubles
    assert line.many == ""


def test_what_fails_since_another_day_is_another_line() -> None:
    other = Failure("npm", "a/b", "y", REFUSED.replace("16", "18"))
    lines = view(card("a/b", Failure("npm", "a/b", "x", REFUSED), other)).troubles
    assert [line.since for line in lines] == ["16 November 2026", "18 November 2026"]


# --- Older than it should be -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "days_ago", "late"),
    [
        ("stars", 0, False),
        ("stars", 1, True),
        ("npm_downloads", 2, False),  # npm takes two days
        ("npm_downloads", 3, True),
        ("active_contributors", 7, False),  # complete after a day, and its turn comes once a week
        ("active_contributors", 8, True),
        ("issues_opened", 22, False),  # October, on 22 November
        ("issues_opened", 53, True),  # September, on 22 November
    ],
)
def test_a_series_is_late_when_its_source_could_have_given_more(key: str, days_ago: int, late: bool) -> None:
    base = card()
    aged = dataclasses.replace(base, metrics={**base.metrics, key: figure(key, days_ago)})
    assert bool(view(aged).late) is late


def test_a_late_series_says_its_age_what_it_may_be_and_why() -> None:
    failures = (Failure("npm", "a/b", "z", "has no such package"), Failure("npm", "a/b", "x", REFUSED))
    [line] = view(card("a/b", *failures, npm_downloads=figure("npm_downloads", 6, "x", "y"))).late
    assert (line.label, line.signal, line.day) == ("npm downloads", "npm.downloads", "16 November 2026")
    assert (line.age, line.most) == ("6 days", "2 days")
    assert line.reason == "npm answered 429 (too many requests) since 16 November 2026."
    assert line.who == (health.Who("A/B", "projects/a__b.html", "x, y"),)


def test_a_failure_of_another_signal_is_not_the_reason() -> None:
    other = Failure("github", "a/b", "", "refuses to show the forks", ("forks",))
    [line] = view(card("a/b", other, stars=figure("stars", 4))).late
    assert line.reason == "GitHub gave nothing newer, and no failure is known."


def test_what_is_too_old_to_be_shown_is_still_listed() -> None:
    last = TODAY - dt.timedelta(days=40)
    gone = made.absent("npm_downloads", channels.last_seen(last, TODAY, f"npm {REFUSED}"))
    [line] = view(card("a/b", Failure("npm", "a/b", "x", REFUSED), npm_downloads=gone)).late
    assert (line.signal, line.day, line.age) == ("npm.downloads", "13 October 2026", "40 days")


def test_what_was_never_seen_is_not_old() -> None:
    assert view(card(npm_downloads=made.absent("npm_downloads", "not seen yet"))).late == ()


def test_late_series_that_differ_in_the_project_alone_are_one_line_and_each_counts() -> None:
    cards = [card(f"a/b{n}", stars=figure("stars", 4)) for n in range(8)]
    found = view(*cards, card("c/d", stars=figure("stars", 9)))
    assert [(line.age, len(line.who), line.many) for line in found.late] == [
        ("9 days", 1, ""),
        ("4 days", 8, "8 projects"),
    ]
    assert "9 figures are older than they should be" in found.summary


# --- What each source gives, and the page ----------------------------------------------------------------------------


def test_every_signal_of_every_source_is_there_with_what_it_says_of_itself() -> None:
    found = {signal.name: signal for _, _, rows in view().signals for signal in rows}
    assert set(found) == set(SETTING.signals)
    for name, signal in SETTING.signals.items():
        assert found[name].docs == signal.docs
        assert (found[name].backfill, found[name].caveat.partition(" Credit: ")) == (
            signal.backfill,
            (signal.caveat, " Credit: " if signal.credit else "", f"{signal.credit}." if signal.credit else ""),
        )
        assert found[name].unit.startswith(signal.unit)
        assert (f"in {signal.days} days" in found[name].unit) is (signal.kind is Kind.ROLLING)


def test_the_page_is_set_with_all_of_it_and_nothing_from_outside_is_markup(tmp_path: Path) -> None:
    hostile = Failure("npm", "a/b", HOSTILE, HOSTILE)
    many = [card(f"c/d{n}", Failure("npm", f"c/d{n}", "x", REFUSED), stars=figure("stars", 4)) for n in range(9)]
    found = [card("a/b", hostile, npm_downloads=figure("npm_downloads", 9, HOSTILE)), *many]
    render.write(tmp_path / "site", found, Tracker(title="T"), TODAY, LOADED)
    page = (tmp_path / "site" / "health.html").read_text()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "9 targets" in page
    assert "9 projects" in page
    assert 'href="projects/c__d8.html"' in page
    assert 'id="source-npm"' in page
    assert 'href="#source-npm"' in page


# --- What to do, and how old each series is --------------------------------------------------------------------------


def test_beside_what_is_wrong_stands_what_to_do() -> None:
    gone = Failure("npm", "a/b", "x", "has no package of that name since 2026-11-16")
    busy = Failure("npm", "a/b", "y", REFUSED)
    giant = Failure("github", "a/b", "", "has more issues in 28 days than are read one by one (500) since 2026-11-16")
    found = {one.reason: one.todo for one in view(card("a/b", gone, busy, giant)).troubles}
    assert found["has no package of that name"] == (
        "See whether x is spelt right in projects.yaml (npm of a/b), and still there."
    )
    assert found["answered 429 (too many requests)"].startswith("Wait an hour")
    assert found["has more issues in 28 days than are read one by one (500)"].startswith("Nothing: ")


def test_ages_are_told_by_series_and_each_by_itself_in_a_file() -> None:
    cards = [card("a/b", stars=figure("stars", 0)), card("c/d", stars=figure("stars", 9))]
    (found,) = [one for one in view(*cards).ages if one.signal == "github.stars"]
    assert (found.series, found.youngest, found.oldest, found.most, found.late) == (
        "2",
        "0 days",
        "9 days",
        "0 days",
        "1",
    )
    lines = health.series_csv(cards, SETTING).splitlines()
    assert "a/b,stars,github.stars,,2026-11-22,0,0," in lines
    assert "c/d,stars,github.stars,,2026-11-13,9,0," in lines


def test_no_cell_of_the_file_begins_a_formula() -> None:
    failing = Failure("npm", "a/b", "x", "=HYPERLINK() since 2026-11-16")
    text = health.series_csv([card("a/b", failing, npm_downloads=figure("npm_downloads", 9, "x", "y"))], SETTING)
    assert ",'=HYPERLINK()" in text
