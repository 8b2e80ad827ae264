"""Facts about the gate: each threshold from just below and just above, and what does not count."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import pytest

from groundswell import gate
from groundswell.config import Gate
from groundswell.gate import BrokenPublished, Published, Shown, Stars, judge, summarise
from groundswell.models import (
    EMPTY_SERIES,
    Card,
    Failure,
    Measured,
    Missing,
    Project,
    Reading,
)

YESTERDAY = dt.date(2026, 11, 21)
TODAY = dt.date(2026, 11, 22)
LIMITS = Gate()
NO_FAILURE: tuple[Failure, ...] = ()


def run(
    projects: Mapping[str, Shown], day: dt.date = TODAY, metrics: tuple[str, ...] = ("npm_downloads",)
) -> Published:
    return Published(day, metrics, projects)


def fresh(have: int, total: int, day: dt.date = TODAY, first: int = 0) -> Published:
    """A run of `total` projects, of which the first `have` have a fresh value."""
    metric = ("npm_downloads",)
    return run(
        {f"o/{n}": Shown(("npm",), metric if n - first < have else (), None) for n in range(first, first + total)}, day
    )


def starred(*values: float, day: dt.date = TODAY) -> Published:
    return run({f"o/{n:03}": Shown(("github",), (), Stars(value, day)) for n, value in enumerate(values)}, day)


def failures(count: int, source: str = "npm", *, first: int = 0, **more: object) -> tuple[Failure, ...]:
    return tuple(
        dataclasses.replace(Failure(source, f"o/{n}", f"package-{n}", "answered 429 (too many requests)"), **more)  # type: ignore[arg-type]
        for n in range(first, first + count)
    )


def allowed(now: Published, before: Published | None, limits: Gate = LIMITS) -> bool:
    return judge(now, before, {}, NO_FAILURE, limits).allowed


def passes(asked: Mapping[str, int], failed: tuple[Failure, ...], limits: Gate = LIMITS) -> bool:
    quiet = run({})
    return judge(quiet, quiet, asked, failed, limits).allowed


def seen(value: float | None, *, stale: bool = False, day: dt.date | None = TODAY) -> Measured:
    why = Missing("not needed here")
    missing = None if value is not None else Missing("npm answered 429 since 2026-11-19")
    old = Missing("last seen 2026-11-19") if stale else None
    return Measured("any", value, day, why, {}, why, why, missing, None, EMPTY_SERIES, stale=old)


def card(project: str, metrics: Mapping[str, Measured], *sources: str) -> Card:
    targets = dict.fromkeys(sources, ("x",))
    listed = Project(project, project, "any", targets=targets)
    return Card(listed, TODAY, None, metrics, {}, (), Reading("none", "Nothing."), None, (), ())


# --- What is kept of a run


def test_fresh_is_a_value_that_is_not_missing_and_not_an_old_one() -> None:
    found = summarise(
        [card("o/a", {"stars": seen(90), "forks": seen(5, stale=True), "sponsors": seen(None)}, "npm", "github")], TODAY
    )
    assert found.as_of == TODAY
    assert found.metrics == ("forks", "sponsors", "stars")
    assert found.projects == {"o/a": Shown(("github", "npm"), ("stars",), Stars(90, TODAY))}


def test_stars_keep_the_day_that_they_are_of() -> None:
    found = summarise([card("o/a", {"stars": seen(90, stale=True, day=YESTERDAY)}), card("o/b", {})], TODAY)
    assert found.projects["o/a"].stars == Stars(90, YESTERDAY)
    assert found.projects["o/b"].stars is None


def test_a_summary_survives_its_file(tmp_path: Path) -> None:
    cards = [card("o/b", {"stars": seen(90), "forks": seen(None)}, "npm", "github"), card("o/a", {"stars": seen(None)})]
    found = summarise(cards, TODAY)
    assert gate.load(tmp_path / "history") is None
    gate.save(tmp_path / "history", found)
    assert gate.load(tmp_path / "history") == found


def test_the_file_is_the_same_whatever_the_order_of_the_cards() -> None:
    cards = [card("o/b", {"stars": seen(90), "forks": seen(None)}, "npm", "github"), card("o/a", {"stars": seen(None)})]
    assert summarise(cards, TODAY).as_json() == summarise(cards[::-1], TODAY).as_json()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"format": 1', '"format": 2'),
        ('"as_of": "2026-11-22"', '"as_of": "yesterday"'),
        ('"value": 90', '"value": "90"'),
        ('"value": 90', '"value": NaN'),
        ('"fresh"', '"frsh"'),
        ("}", ""),
    ],
)
def test_a_broken_file_is_named_and_how_to_go_on(tmp_path: Path, old: str, new: str) -> None:
    text = summarise([card("o/a", {"stars": seen(90)})], TODAY).as_json()
    assert old in text
    (tmp_path / "published.json").write_text(text.replace(old, new))
    with pytest.raises(BrokenPublished, match=r"published\.json is broken .* remove it"):
        gate.load(tmp_path)


def test_a_file_that_is_no_text_is_broken_too(tmp_path: Path) -> None:
    (tmp_path / "published.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BrokenPublished):
        gate.load(tmp_path)


# --- The first run


def test_a_first_run_is_published_whatever_it_shows() -> None:
    verdict = judge(fresh(0, 30), None, {"npm": 30}, failures(30), LIMITS)
    assert verdict.allowed
    assert verdict.reasons == ()


def test_the_same_again_is_published() -> None:
    assert allowed(fresh(28, 30), fresh(28, 30, YESTERDAY))


# --- Fresh values


def test_twenty_points_may_be_lost_and_no_more() -> None:
    assert allowed(fresh(70, 100), fresh(90, 100, YESTERDAY))
    assert not allowed(fresh(69, 100), fresh(90, 100, YESTERDAY))


def test_points_are_of_all_projects_and_not_of_those_that_had_the_metric() -> None:
    """Ten of a hundred lose all their downloads: ten points."""
    assert allowed(fresh(0, 100), fresh(10, 100, YESTERDAY))


def test_the_reason_gives_both_shares_and_the_day() -> None:
    verdict = judge(fresh(41, 100), fresh(93, 100, YESTERDAY), {}, NO_FAILURE, LIMITS)
    assert verdict.reasons == (
        "npm_downloads: fresh for 41 % of the 100 projects in both runs, 93 % in the run of 2026-11-21",
    )


def test_the_limit_of_lost_points_can_be_set() -> None:
    assert not allowed(fresh(79, 100), fresh(90, 100, YESTERDAY), Gate(most_lost_points=10))
    assert allowed(fresh(30, 100), fresh(90, 100, YESTERDAY), Gate(most_lost_points=60))


def test_new_projects_without_values_lose_nothing() -> None:
    """Thirty projects join a list of thirty before anything is known of them."""
    assert allowed(fresh(30, 60), fresh(30, 30, YESTERDAY))


def test_projects_that_leave_the_list_lose_nothing() -> None:
    """The twenty with values go, the ten without stay."""
    assert allowed(fresh(0, 10, first=20), fresh(20, 30, YESTERDAY))


def test_new_projects_do_not_hide_a_loss() -> None:
    before = fresh(10, 10, YESTERDAY)
    now = run({**fresh(90, 90, first=10).projects, **fresh(5, 10).projects})
    assert not allowed(now, before)


def test_a_source_that_is_no_longer_named_is_no_loss() -> None:
    shown = {f"o/{n}": Shown(("github",), (), None) for n in range(30)}
    assert allowed(run(shown), fresh(30, 30, YESTERDAY))


def test_a_metric_that_is_no_longer_measured_is_no_loss() -> None:
    assert allowed(dataclasses.replace(fresh(0, 30), metrics=("stars",)), fresh(30, 30, YESTERDAY))


def test_one_project_alone_is_no_bad_day() -> None:
    """One of three is 33 points; two of three stop the run."""
    assert allowed(fresh(2, 3), fresh(3, 3, YESTERDAY))
    assert not allowed(fresh(1, 3), fresh(3, 3, YESTERDAY))


def test_a_run_for_an_earlier_day_is_not_compared() -> None:
    assert allowed(fresh(0, 30, YESTERDAY), fresh(30, 30, TODAY))
    assert not allowed(fresh(0, 30, TODAY), fresh(30, 30, TODAY))


# --- Failed targets


def test_half_of_a_sources_targets_may_fail_and_no_more() -> None:
    assert passes({"npm": 20}, failures(10))
    assert not passes({"npm": 20}, failures(11))


def test_the_reason_says_how_many_failed_and_how() -> None:
    quiet = run({})
    mixed = (*failures(3), *failures(12, first=3, reason="gave no answer"))
    assert judge(quiet, quiet, {"npm": 20}, mixed, LIMITS).reasons == (
        "npm: 15 of 20 targets failed, more than 50 %; most often npm gave no answer",
    )


def test_each_source_counts_for_itself() -> None:
    assert not passes({"npm": 3, "github": 500}, failures(3))
    assert passes({"npm": 20, "pypi": 20}, (*failures(10), *failures(10, "pypi")))


def test_a_part_of_a_target_is_not_the_target() -> None:
    assert passes({"npm": 20}, failures(20, signals=("downloads",)))


def test_a_target_that_fails_twice_counts_once() -> None:
    assert passes({"npm": 20}, failures(10) * 3)


def test_what_was_left_for_a_later_run_did_not_fail() -> None:
    assert passes({"npm": 20}, failures(20, deferred=True))


def test_what_was_left_for_a_later_run_was_not_asked() -> None:
    """Of a thousand targets a hundred were asked: fifty failures are half of them, sixty are more."""
    later = failures(900, deferred=True, first=100)
    assert passes({"npm": 1000}, (*failures(50), *later))
    assert not passes({"npm": 1000}, (*failures(60), *later))


def test_one_target_alone_is_no_bad_day_either() -> None:
    assert passes({"npm": 1}, failures(1))
    assert not passes({"npm": 2}, failures(2))


def test_the_share_that_may_fail_can_be_set() -> None:
    assert passes({"npm": 20}, failures(18), Gate(most_failed_share=0.9))
    assert not passes({"npm": 20}, failures(19), Gate(most_failed_share=0.9))


# --- Stars that jump


def test_one_project_in_twenty_may_jump_and_no_more() -> None:
    before = starred(*[1000.0] * 60, day=YESTERDAY)
    assert allowed(starred(*[11.0] * 3, *[1000.0] * 57), before)
    assert not allowed(starred(*[11.0] * 4, *[1000.0] * 56), before)


@pytest.mark.parametrize(("stars", "jumps"), [(1500, False), (1501, True), (500, False), (499, True)])
def test_a_change_by_more_than_half_is_a_jump(stars: float, jumps: bool) -> None:
    before = starred(*[1000.0] * 10, day=YESTERDAY)
    assert allowed(starred(*[stars] * 10), before) is not jumps


def test_the_reason_names_examples() -> None:
    before = starred(*[27000.0] * 10, day=YESTERDAY)
    verdict = judge(starred(*[300.0] * 4, *[27000.0] * 6), before, {}, NO_FAILURE, LIMITS)
    assert verdict.reasons[0].startswith(
        "stars: 4 of 10 projects changed by more than 50 % since the run of 2026-11-21: "
    )
    assert verdict.reasons[0].count(" from 27,000 to 300") == 3


def test_below_fifty_stars_a_jump_is_an_ordinary_day() -> None:
    assert allowed(starred(*[200.0] * 10), starred(*[49.0] * 10, day=YESTERDAY))
    assert not allowed(starred(*[200.0] * 10), starred(*[50.0] * 10, day=YESTERDAY))


def test_one_project_may_go_round_the_world_in_a_night() -> None:
    before = starred(*[1000.0] * 4, day=YESTERDAY)
    assert allowed(starred(30000, 1000, 1000, 1000), before)
    assert not allowed(starred(30000, 30000, 1000, 1000), before)


@pytest.mark.parametrize(("pause", "compared"), [(0, True), (1, True), (28, True), (29, False), (-1, False)])
def test_stars_are_compared_over_a_pause_of_up_to_four_weeks(pause: int, compared: bool) -> None:
    before = starred(*[1000.0] * 10, day=TODAY - dt.timedelta(days=pause))
    assert allowed(starred(*[2000.0] * 10), before) is not compared


def test_the_jump_and_its_share_can_be_set() -> None:
    before = starred(*[1000.0] * 10, day=YESTERDAY)
    assert not allowed(starred(*[1200.0] * 10), before, Gate(jump=0.1))
    assert allowed(starred(*[9.0] * 5, *[1000.0] * 5), before, Gate(most_jumping_share=0.5))


def test_all_reasons_are_given() -> None:
    shown = {f"o/{n}": Shown((), ("stars",), Stars(1000, YESTERDAY)) for n in range(10)}
    before = run(shown, YESTERDAY, ("stars",))
    now = run({project: Shown((), (), Stars(10, TODAY)) for project in shown}, metrics=("stars",))
    verdict = judge(now, before, {"npm": 5}, failures(5), LIMITS)
    assert not verdict.allowed
    assert [reason.partition(":")[0] for reason in verdict.reasons] == ["stars", "npm", "stars"]
