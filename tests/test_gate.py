"""Facts about the gate: each threshold from just below and just above, and what does not count."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from groundswell import gate, sources
from groundswell.catalogue import METRICS
from groundswell.config import Gate
from groundswell.gate import BrokenPublished, Published, Shown, Stars, judge, summarise
from groundswell.history import Failed, History
from groundswell.models import (
    EMPTY_SERIES,
    Card,
    Failure,
    Measured,
    Missing,
    Project,
    Reading,
    Series,
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


def summarised(cards: Sequence[Card]) -> Published:
    return summarise(cards, {}, {}, TODAY)


# --- What is kept of a run


def test_fresh_is_a_value_that_is_not_missing_and_not_an_old_one() -> None:
    found = summarised(
        [card("o/a", {"stars": seen(90), "forks": seen(5, stale=True), "sponsors": seen(None)}, "npm", "github")]
    )
    assert found.as_of == TODAY
    assert found.names == ("forks", "sponsors", "stars")
    assert found.projects == {"o/a": Shown(("github", "npm"), ("stars",), Stars(90, TODAY))}


def test_stars_keep_the_day_that_they_are_of() -> None:
    found = summarised([card("o/a", {"stars": seen(90, stale=True, day=YESTERDAY)}), card("o/b", {})])
    assert found.projects["o/a"].stars == Stars(90, YESTERDAY)
    assert found.projects["o/b"].stars is None


def test_a_summary_survives_its_file(tmp_path: Path) -> None:
    cards = [card("o/b", {"stars": seen(90), "forks": seen(None)}, "npm", "github"), card("o/a", {"stars": seen(None)})]
    found = summarised(cards)
    assert gate.load(tmp_path / "history") is None
    gate.save(tmp_path / "history", found)
    assert gate.load(tmp_path / "history") == found


def test_the_file_is_the_same_whatever_the_order_of_the_cards() -> None:
    cards = [card("o/b", {"stars": seen(90), "forks": seen(None)}, "npm", "github"), card("o/a", {"stars": seen(None)})]
    assert summarised(cards).as_json() == summarised(cards[::-1]).as_json()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"format": 2', '"format": 3'),
        ('"as_of": "2026-11-22"', '"as_of": "yesterday"'),
        ('"value": 90', '"value": "90"'),
        ('"value": 90', '"value": NaN'),
        ('"fresh"', '"frsh"'),
        ("}", ""),
    ],
)
def test_a_broken_file_is_named_and_how_to_go_on(tmp_path: Path, old: str, new: str) -> None:
    text = summarised([card("o/a", {"stars": seen(90)})]).as_json()
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
        "npm_downloads: 52 of 100 projects, 52 %, lost the fresh value that they had in the 90 days up to 2026-11-21",
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
    assert allowed(dataclasses.replace(fresh(0, 30), names=("stars",)), fresh(30, 30, YESTERDAY))


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
    assert [reason.partition(":")[0] for reason in verdict.reasons] == ["npm", "stars", "stars"]


# --- What adds up over days


def steps(*runs: Published, limits: Gate = LIMITS) -> list[bool]:
    """Which of several runs are published, each compared with what was published before it."""
    before, verdicts = None, []
    for now in runs:
        fine = judge(now, before, {}, NO_FAILURE, limits).allowed
        verdicts.append(fine)
        if fine:
            before = gate.carry(now, before, limits)
    return verdicts


def day(n: int) -> dt.date:
    return TODAY + dt.timedelta(days=n)


def test_a_decay_by_small_steps_stops_where_one_large_step_would() -> None:
    """Four points a day: after five days twenty are lost, on the sixth it is more, and it stays so."""
    decay = [fresh(100 - 4 * n, 100, day(n)) for n in range(9)]
    assert steps(*decay) == [True] * 6 + [False] * 3


def test_a_loss_never_grows_old_while_nothing_is_published() -> None:
    assert steps(fresh(100, 100, day(0)), fresh(10, 100, day(1)), fresh(10, 100, day(400))) == [True, False, False]


def test_what_comes_back_is_no_loss_any_more() -> None:
    """Fifteen are lost and come back, then fifteen others are: never more than fifteen at once."""
    first, back = fresh(85, 100, day(1)), fresh(100, 100, day(2))
    others = run({f"o/{n}": Shown(("npm",), ("npm_downloads",) if n >= 15 else (), None) for n in range(100)}, day(3))
    assert steps(fresh(100, 100, day(0)), first, back, others) == [True] * 4


def test_those_who_gain_a_value_do_not_hide_those_who_lose_it() -> None:
    now = run({f"o/{n}": Shown(("npm",), ("npm_downloads",) if n >= 25 else (), None) for n in range(100)})
    assert not allowed(now, fresh(50, 100, YESTERDAY)), "25 of 50 are lost, although 75 have one now"


def test_a_loss_is_forgotten_after_the_days_that_are_set() -> None:
    """As slow a decay as fifteen points in ninety days is that of the projects themselves."""
    slow = [fresh(100, 100, day(0)), fresh(85, 100, day(1)), fresh(85, 100, day(91)), fresh(70, 100, day(92))]
    assert steps(*slow) == [True] * 4
    assert steps(*slow, limits=Gate(baseline_days=120)) == [True, True, True, False]


def test_jumps_that_each_pass_add_up_too() -> None:
    """Of a hundred projects' stars three jump each day: five in a hundred may, six may not."""

    def moved(n: int) -> Published:
        return starred(*[10.0] * (3 * n), *[1000.0] * (100 - 3 * n), day=day(n))

    assert steps(*(moved(n) for n in range(4))) == [True, True, False, False]


def test_jumps_weeks_apart_do_not_add_up() -> None:
    def moved(n: int, jumped: int) -> Published:
        return starred(*[10.0] * jumped, *[1000.0] * (100 - jumped), day=day(n))

    weeks = [moved(0, 0), moved(1, 4), moved(20, 4), moved(30, 8)]
    assert steps(*weeks) == [True] * 4
    assert steps(*weeks, limits=Gate(jump_days=60)) == [True, True, True, False]


def test_two_that_are_found_in_one_month_stop_nobody_and_three_do() -> None:
    def found(n: int) -> Published:
        return starred(*[30000.0] * n, *[1000.0] * (10 - n), day=day(7 * n))

    assert steps(*(found(n) for n in range(4))) == [True, True, True, False]


def test_the_fewest_that_matter_can_be_set() -> None:
    assert allowed(fresh(25, 30), fresh(30, 30, YESTERDAY), Gate(most_lost_points=10, fewest=6))
    assert not allowed(fresh(25, 30), fresh(30, 30, YESTERDAY), Gate(most_lost_points=10, fewest=5))
    assert passes({"npm": 4}, failures(4), Gate(fewest=5))
    assert allowed(starred(*[9.0] * 10), starred(*[60.0] * 10, day=YESTERDAY), Gate(smallest_stars=61))


# --- Signals


SIGNALS = sources.signals(sources.load())


def shown(columns: Mapping[str, dt.date], failing: Mapping[str, dt.date], **targets: tuple[str, ...]) -> set[str]:
    """The fresh signals of a project with one value in each column."""
    series = {
        name: Series(np.array([last.toordinal()], dtype=np.int64), np.array([9.0])) for name, last in columns.items()
    }
    failures = {name: Failed(since, "answered 503") for name, since in failing.items()}
    listed = dataclasses.replace(card("o/a", {}), project=Project("o/a", "a", "any", targets=targets))
    book = History("o/a", columns=series, failures=failures)
    return set(summarise([listed], {"o/a": book}, SIGNALS, TODAY).projects["o/a"].fresh)


def test_a_signal_is_fresh_until_it_is_late_because_something_fails() -> None:
    npm = {"npm.downloads:x": TODAY - dt.timedelta(days=2)}
    assert shown(npm, {}, npm=("x",)) == {"npm.downloads"}
    assert shown(npm, {"npm:x": TODAY}, npm=("x",)) == {"npm.downloads"}, "it has the newest day that there is"
    late = {"npm.downloads:x": TODAY - dt.timedelta(days=3)}
    assert shown(late, {"npm:x": TODAY}, npm=("x",)) == set()
    assert shown(late, {}, npm=("x",)) == {"npm.downloads"}, "nobody was asked: a run for one project alone"


def test_a_signal_that_no_metric_is_made_from_counts_as_well() -> None:
    yesterday = {"github.discussions": YESTERDAY, "github.stars": YESTERDAY}
    assert not any("github.discussions" in metric.signals for metric in METRICS)
    assert shown(yesterday, {}, github=("",)) == {"github.discussions", "github.stars"}
    assert shown(yesterday, {"github": TODAY}, github=("",)) == set()


def test_one_failing_package_of_several_makes_the_signal_late() -> None:
    two = {"npm.downloads:x": TODAY - dt.timedelta(days=2), "npm.downloads:y": TODAY - dt.timedelta(days=4)}
    assert shown(two, {"npm:y": TODAY}, npm=("x", "y")) == set()


def test_what_is_read_in_turn_is_not_late_before_its_turn() -> None:
    lag = SIGNALS["github.commits"].lag
    for days, late in ((6, False), (7, True)):
        weekly = {"github.commits": TODAY - dt.timedelta(days=lag + days)}
        assert (shown(weekly, {"github": TODAY}, github=("",)) == set()) is late


def test_a_running_total_that_nobody_looked_at_for_weeks_is_no_loss() -> None:
    """Its amounts of those weeks are missing for want of our looking; that of a source that fails is still a loss."""
    assert shown({"github.releases": TODAY}, {}, github=("",)) == {"github.releases", "releases"}
    assert shown({"github.releases": YESTERDAY}, {}, github=("",)) == {"github.releases"}
    assert shown({"github.releases": YESTERDAY}, {"github": TODAY}, github=("",)) == set()
    assert shown({"github.stars": TODAY}, {}, github=("",)) == {"github.stars"}, "a level needs no weeks"


def test_a_metric_that_goes_on_from_a_lesser_signal_does_not_hide_the_loss_of_the_better_one() -> None:
    """As in the case of July 2026: star counts went on from another, older source."""
    names = ("github.stars", "stars")
    before = run({f"o/{n}": Shown(("github",), names, None) for n in range(30)}, YESTERDAY, names)
    now = run({f"o/{n}": Shown(("github",), ("stars",), None) for n in range(30)}, metrics=names)
    assert judge(now, before, {}, NO_FAILURE, LIMITS).reasons[0].startswith("github.stars: 30 of 30 projects")
