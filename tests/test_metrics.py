"""Metrics: what is shown of a project, from which signal, and what is said when it is not there."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from groundswell import growth, sources
from groundswell.catalogue import BY_KEY, EVERY_WEEK, METRICS, is_named, of_stage, possible
from groundswell.channels import Scope, channels, overdue
from groundswell.history import Failed, History
from groundswell.metrics import measure, months, page
from groundswell.models import (
    PER_CENT,
    Direction,
    Growth,
    Kind,
    Measured,
    Metric,
    Missing,
    Project,
    Series,
    Signal,
    Stage,
)
from groundswell.readings import READINGS
from groundswell.totals import filled, total
from tests.growing import (
    LABELS,
    SIGNALS,
    TODAY,
    counter,
    daily,
    flow,
    history,
    level,
    monthly,
    newest,
    project,
    rolling,
    without,
)

BANNED = Failed(dt.date(2026, 11, 19), "answered 429 (too many requests)")
NPM = newest("npm.downloads")
PYPI = newest("pypi.downloads")


def seen(of: Project, what: History, key: str, today: dt.date = TODAY) -> Measured:
    return measure(of, what, SIGNALS, today, labels=LABELS)[key]


def grown(measured: Measured) -> Growth:
    assert isinstance(measured.growth, Growth), measured.growth
    return measured.growth


def reason(value: object) -> str:
    assert isinstance(value, Missing), value
    return value.reason


def month(value: float | Missing) -> float:
    assert isinstance(value, float), value
    return value


# --- The catalogue ---------------------------------------------------------------------------------------------------


def test_the_catalogue_has_the_metrics_of_the_published_data() -> None:
    assert {metric.key for metric in METRICS} >= {
        "stars",
        "watchers",
        "forks",
        "issues_opened",
        "pull_requests_opened",
        "commits",
        "active_contributors",
        "releases",
        "pypi_downloads",
        "npm_downloads",
        "sponsors",
    }


@pytest.mark.parametrize("metric", METRICS, ids=[metric.key for metric in METRICS])
def test_every_signal_of_the_catalogue_is_given_by_a_source(metric: Metric) -> None:
    assert set(metric.signals) <= set(sources.signals(sources.load()))


def test_a_project_without_any_registry_still_has_downloads_once_in_what_is_possible() -> None:
    whole = sum(metric.weight for metric in of_stage(Stage.ACTION) if is_named(metric, project()))
    assert possible(Stage.ACTION, project()) == whole + 3
    assert possible(Stage.ACTION, project(npm=["x"])) == whole + 3
    assert possible(Stage.ACTION, project(npm=["x"], pypi=["x"])) == whole + 6


# --- Missing ---------------------------------------------------------------------------------------------------------


def test_a_project_of_which_nothing_is_seen_has_every_metric_missing_and_none_is_0() -> None:
    measured = measure(project(npm=["x"], pypi=["x"]), History("a/b"), SIGNALS, TODAY, labels=LABELS)
    assert list(measured) == [metric.key for metric in METRICS]
    for metric in METRICS:
        one = measured[metric.key]
        assert one.value is None
        unnamed = f"no {metric.place} is named for this project"
        assert one.missing == Missing("not seen yet" if set(metric.sources) <= set(LABELS) else unnamed)
        rates = (one.growth, one.year_on_year, one.acceleration, *one.compound.values())
        assert all(isinstance(rate, Missing) for rate in rates)
        assert len(one.series) == 0


def test_a_registry_that_is_not_named_is_said_to_be_that() -> None:
    assert (
        reason(seen(project(), History("a/b"), "npm_downloads").missing) == "no npm package is named for this project"
    )
    assert reason(seen(project(github=False), History("a/b"), "stars").missing) == (
        "no repository is named for this project"
    )


def test_what_never_answered_says_why_and_since_when() -> None:
    what = history({}, failures={"npm:x": BANNED})
    assert reason(seen(project(npm=["x"]), what, "npm_downloads").missing) == (
        "npm answered 429 (too many requests) since 2026-11-19"
    )


def test_a_failure_of_one_signal_is_not_the_reason_of_another() -> None:
    refused = Failed(dt.date(2026, 11, 1), "refused it", ("sponsors",))
    what = history({}, failures={"github#sponsors": refused})
    assert reason(seen(project(), what, "sponsors").missing) == "GitHub refused it since 2026-11-01"
    assert reason(seen(project(), what, "stars").missing) == "not seen yet"


def test_a_number_that_an_answering_source_does_not_give_says_what_that_means() -> None:
    what = history({"github.stars": level(TODAY, 5000, 0.02)})
    assert reason(seen(project(), what, "sponsors").missing) == "the owner takes no sponsors on GitHub"
    other = history({"npm.downloads:x": flow(NPM, 100, 0.0)})
    assert reason(seen(project(), other, "sponsors").missing) == "not seen yet"


def test_an_old_value_is_kept_and_marked_for_14_days_and_then_missing() -> None:
    last = TODAY - dt.timedelta(days=14)
    failures = {"github": Failed(last + dt.timedelta(days=1), "did not answer in time")}
    kept = seen(project(), history({"github.stars": level(last, 5000, 0.02)}, failures=failures), "stars")
    assert kept.value == 5000
    assert kept.observed == last
    assert kept.stale == Missing("last seen 2026-11-08, 14 days ago: GitHub did not answer in time since 2026-11-09")

    older = level(last - dt.timedelta(days=1), 5000, 0.02)
    gone = seen(project(), history({"github.stars": older}, failures=failures), "stars")
    assert gone.value is None
    assert reason(gone.missing) == ("last seen 2026-11-07, 15 days ago: GitHub did not answer in time since 2026-11-09")
    assert isinstance(gone.growth, Missing)


def test_a_value_of_yesterday_without_a_failure_is_not_stale() -> None:
    yesterday = level(TODAY - dt.timedelta(days=1), 5000, 0.02)
    assert seen(project(), history({"github.stars": yesterday}), "stars").stale is None


def test_what_is_refreshed_in_turn_is_not_stale_before_its_turn() -> None:
    failures = {"github": Failed(TODAY, "did not answer in time")}
    for age, is_stale in ((EVERY_WEEK - 1, False), (EVERY_WEEK, True)):
        end = TODAY - dt.timedelta(days=age)
        what = history({"github.commits": rolling(end, 400, 0.0)}, failures=failures)
        assert (seen(project(), what, "commits").stale is not None) is is_stale


def test_a_month_is_not_late_before_the_next_one_is_over() -> None:
    october = dt.date(2026, 10, 31)
    months, levels = SIGNALS["github.issues_opened"], SIGNALS["github.stars"]
    assert overdue(months, october, dt.date(2026, 11, 29)) == 0
    assert overdue(months, october, dt.date(2026, 11, 30)) == 1
    assert overdue(months, dt.date(2026, 11, 30), dt.date(2026, 12, 31)) == 1
    assert overdue(levels, october, dt.date(2026, 11, 3)) == 3


@pytest.mark.parametrize("kind", [Kind.PERIOD, Kind.CLOSING])
def test_a_quarter_is_not_late_before_the_next_one_is_over_and_filed(kind: Kind) -> None:
    """July is the end of a quarter of this company; the next ends with October, and may be filed 60 days later."""
    quarters = dataclasses.replace(SIGNALS["github.issues_opened"], kind=kind, months=3)
    july, october = dt.date(2026, 7, 31), dt.date(2026, 10, 31)
    assert overdue(quarters, july, october - dt.timedelta(days=1)) == 0
    assert overdue(quarters, july, october) == 1
    filed = dataclasses.replace(quarters, grace=60)
    assert overdue(filed, july, october + dt.timedelta(days=59)) == 0
    assert overdue(filed, july, october + dt.timedelta(days=60)) == 1


# --- Values ----------------------------------------------------------------------------------------------------------


def test_a_level_is_that_of_the_last_day() -> None:
    series = level(TODAY, 5000, 0.02)
    stars = seen(project(), history({"github.stars": series}), "stars")
    assert (stars.value, stars.observed) == (5000, TODAY)
    assert stars.growth == growth.growth(Kind.STOCK, series, TODAY)
    assert stars.missing is None
    assert stars.provenance is not None
    assert stars.provenance.signal == "github.stars"
    assert stars.provenance.observed_since == dt.date.fromordinal(int(series.days[0]))


def test_an_amount_is_that_of_28_days() -> None:
    downloads = seen(project(npm=["x"]), history({"npm.downloads:x": daily(NPM, range(1, 101))}), "npm_downloads")
    assert downloads.value == sum(range(73, 101))
    assert downloads.observed == NPM


def test_a_running_total_is_shown_as_the_amount_of_28_days() -> None:
    issues = seen(project(), history({"github.issues": daily(TODAY, range(1000, 1700, 7))}), "issues_opened")
    assert issues.value == 28 * 7
    assert issues.series.values.tolist() == [7.0] * 99


def test_a_day_that_is_not_complete_yet_is_left_out() -> None:
    running = daily(TODAY, [*([100.0] * 60), 3.0, 1.0])
    downloads = seen(project(npm=["x"]), history({"npm.downloads:x": running}), "npm_downloads")
    assert downloads.observed == NPM
    assert downloads.value == 2800


def test_too_few_days_give_no_amount_but_say_how_many_are_missing() -> None:
    downloads = seen(project(npm=["x"]), history({"npm.downloads:x": daily(NPM, [50] * 20)}), "npm_downloads")
    assert downloads.value is None
    assert reason(downloads.missing) == "4 more days of history needed"


def test_below_the_base_there_is_no_percentage() -> None:
    stars = seen(project(), history({"github.stars": level(TODAY, 40, 0.5)}), "stars")
    assert stars.value == 40
    assert grown(stars).direction is Direction.NEW
    assert (grown(stars).window, grown(stars).month, grown(stars).low, grown(stars).high) == (None, None, None, None)


def test_a_lower_bound_has_no_growth() -> None:
    end = TODAY - dt.timedelta(days=2)
    columns = {"github.active_contributors": rolling(end, 300, 0.1)}
    bound = seen(project(), history(columns, at_least={"github.active_contributors": (end,)}), "active_contributors")
    assert bound.at_least
    assert bound.value == 300
    assert reason(bound.growth) == "more than could be read: the value is a lower bound"
    earlier = end - dt.timedelta(days=7)
    before = history(columns, at_least={"github.active_contributors": (earlier,)})
    exact = seen(project(), before, "active_contributors")
    assert not exact.at_least
    assert isinstance(exact.growth, Growth)


def test_nothing_grows_from_a_lower_bound() -> None:
    end = TODAY - dt.timedelta(days=2)
    columns = {"github.active_contributors": rolling(end, 300, 0.1)}
    exact = grown(seen(project(), history(columns), "active_contributors"))
    series = columns["github.active_contributors"]
    days = tuple(dt.date.fromordinal(day) for day in series.days.tolist() if end.toordinal() - day in range(14, 43))
    cut = {"github.active_contributors": Series(series.days, np.where(series.days < end.toordinal(), 200.0, 300.0))}
    bound = seen(project(), history(cut, at_least={"github.active_contributors": days}), "active_contributors")
    assert exact.window is not None
    assert isinstance(bound.growth, Missing)


def test_an_imported_figure_that_names_no_package_is_shown() -> None:
    columns = {"pypi.downloads_last_month": rolling(PYPI, 3000, 0.1, days=30)}
    assert seen(project(), history(columns), "pypi_downloads").value == 3000
    assert seen(project(pypi=["x"]), history(columns), "pypi_downloads").value is None


# --- Several signals -------------------------------------------------------------------------------------------------


def opened(days: int) -> History:
    """Issues: amounts of 13 months before the first look, and the running total since then."""
    months_before = monthly(dt.date(2026, 10, 31), [300 + 10 * at for at in range(13)])
    return history({"github.issues_opened": months_before, "github.issues": daily(TODAY, 5000 + 20 * np.arange(days))})


def test_before_the_better_signal_has_enough_days_the_value_is_that_of_the_closed_month() -> None:
    issues = seen(project(), opened(10), "issues_opened")
    assert (issues.value, issues.observed) == (420, dt.date(2026, 10, 31))
    assert issues.provenance is not None
    assert issues.provenance.signal == "github.issues_opened"


def test_value_and_growth_may_come_from_two_signals_but_neither_is_mixed() -> None:
    issues = seen(project(), opened(40), "issues_opened")
    assert issues.value == 28 * 20
    assert issues.provenance is not None
    assert issues.provenance.signal == "github.issues"
    assert (grown(issues).start, grown(issues).end) == (410, 420)
    assert issues.notes == ("the value is from github.issues, its growth from github.issues_opened",)
    assert seen(project(), opened(80), "issues_opened").notes == ()


def test_compound_growth_comes_from_the_first_signal_that_reaches_far_enough_back() -> None:
    columns = {
        "pypi.downloads:x": flow(PYPI, 1000, 0.10, days=180),
        "pypi.downloads_month:x": monthly(dt.date(2026, 10, 31), [70_000 * 1.02**at for at in range(24)]),
    }
    downloads = seen(project(pypi=["x"]), history(columns), "pypi_downloads")
    assert month(downloads.compound[3]) == pytest.approx(0.10, abs=0.01)
    assert month(downloads.compound[12]) == pytest.approx(0.02, abs=0.002)
    assert month(downloads.year_on_year) == pytest.approx(1.02**12 - 1, abs=0.03)


def test_a_better_signal_that_fails_is_named_beside_the_value_of_the_other() -> None:
    columns = {"pypi.downloads_month:x": monthly(dt.date(2026, 10, 31), [70_000.0] * 13)}
    failures = {"pypi:x#downloads": Failed(dt.date(2026, 11, 2), "answered 429 (too many requests)", ("downloads",))}
    downloads = seen(project(pypi=["x"]), history(columns, failures=failures), "pypi_downloads")
    assert downloads.value == 70_000
    assert downloads.notes == ("not from pypi.downloads: PyPI answered 429 (too many requests) since 2026-11-02",)
    assert downloads.stale is None


def test_a_signal_that_has_long_ended_gives_nothing_any_more() -> None:
    ended = rolling(TODAY - dt.timedelta(days=100), 90_000, 0.02)
    downloads = seen(project(pypi=["x"]), history({"pypi.downloads_last_month:x": ended}), "pypi_downloads")
    assert downloads.value is None
    assert reason(downloads.missing) == "last seen 2026-08-14, 100 days ago"


# --- Several packages ------------------------------------------------------------------------------------------------


def test_packages_of_one_registry_are_added_up() -> None:
    columns = {"npm.downloads:x": flow(NPM, 1000, 0.05), "npm.downloads:y": flow(NPM, 500, 0.05)}
    both = seen(project(npm=["x", "y"]), history(columns), "npm_downloads")
    alone = [seen(project(npm=[name]), history(columns), "npm_downloads").value for name in ("x", "y")]
    assert both.value == sum(value for value in alone if value is not None)
    assert grown(both).month == pytest.approx(0.05, abs=0.005)
    assert both.provenance is not None
    assert both.provenance.targets == ("x", "y")


def test_growth_is_taken_over_the_packages_that_have_both_windows() -> None:
    columns = {"npm.downloads:old": flow(NPM, 1000, 0.05), "npm.downloads:young": daily(NPM, [900.0] * 30)}
    both = seen(project(npm=["old", "young"]), history(columns), "npm_downloads")
    old = seen(project(npm=["old"]), history(columns), "npm_downloads")
    assert both.value == pytest.approx((old.value or 0) + 28 * 900)
    assert both.growth == old.growth
    assert len(both.notes) == 1
    assert both.notes[0].startswith("growth without young: ")


def test_a_package_that_does_not_exist_is_named_and_left_out() -> None:
    failures = {"npm:y": Failed(dt.date(2026, 11, 19), "has nothing of that name (404)")}
    what = history({"npm.downloads:x": flow(NPM, 1000, 0.05)}, failures=failures)
    both = seen(project(npm=["x", "y"]), what, "npm_downloads")
    assert both.value == seen(project(npm=["x"]), what, "npm_downloads").value
    assert both.notes == ("without y: npm has nothing of that name (404) since 2026-11-19",)
    assert both.stale is None


def test_the_reasons_of_several_packages_are_all_given() -> None:
    failures = {"npm:x": BANNED, "npm:y": Failed(dt.date(2026, 11, 20), "has nothing of that name (404)")}
    assert reason(seen(project(npm=["x", "y"]), history({}, failures=failures), "npm_downloads").missing) == (
        "x: npm answered 429 (too many requests) since 2026-11-19; "
        "y: npm has nothing of that name (404) since 2026-11-20"
    )


def test_a_missing_day_of_one_package_is_not_a_fall_of_the_total() -> None:
    hole = [NPM - dt.timedelta(days=back) for back in (3, 4)]
    columns = {"npm.downloads:x": flow(NPM, 1000, 0.0), "npm.downloads:y": without(flow(NPM, 1000, 0.0), hole)}
    both = seen(project(npm=["x", "y"]), history(columns), "npm_downloads")
    assert both.value == pytest.approx(56_000)
    assert grown(both).window == pytest.approx(0, abs=1e-12)


def test_a_package_that_lags_sets_the_day_of_the_total() -> None:
    late = NPM - dt.timedelta(days=3)
    columns = {"npm.downloads:x": flow(NPM, 1000, 0.0), "npm.downloads:y": flow(late, 500, 0.0)}
    both = seen(project(npm=["x", "y"]), history(columns, failures={"npm:y": BANNED}), "npm_downloads")
    assert both.observed == late
    assert both.stale == Missing(
        "last seen 2026-11-17, 5 days ago: npm answered 429 (too many requests) since 2026-11-19"
    )


def test_the_last_28_days_of_a_total_are_the_sum_of_its_parts() -> None:
    rng = np.random.default_rng(3)
    parts = [daily(NPM, rng.poisson(50, 200).astype(float)) for _ in range(3)]
    parts[1] = without(parts[1], [NPM - dt.timedelta(days=back) for back in (1, 8, 15, 22)])
    added = total(Kind.FLOW, parts, NPM)
    alone = [growth.amount(part, NPM.toordinal()) for part in parts]
    assert growth.amount(added, NPM.toordinal()) == pytest.approx(math.fsum(one or math.nan for one in alone))


def test_holes_are_filled_with_the_same_weekday_and_never_in_a_window_with_too_few_days() -> None:
    week = daily(NPM, [float(10 * (at % 7) + 1) for at in range(56)])
    hole = NPM - dt.timedelta(days=5)
    assert filled(without(week, [hole]), NPM).values.tolist() == week.values.tolist()
    many = [NPM - dt.timedelta(days=back) for back in range(5)]
    assert len(filled(without(week, many), NPM)) == 51


def test_levels_of_several_targets_are_read_between_observations() -> None:
    every_day, every_week = (
        level(TODAY, 1000, 0.0),
        Series(np.arange(TODAY.toordinal() - 70, TODAY.toordinal() + 1, 7), np.full(11, 10.0)),
    )
    added = total(Kind.STOCK, [every_day, every_week], TODAY)
    assert len(added) == 71
    assert set(added.values.tolist()) == {1010.0}


# --- Months ----------------------------------------------------------------------------------------------------------


def logs(columns: Mapping[str, Series], key: str, of: Project) -> Mapping[int, float]:
    scope = Scope(of, history(columns), SIGNALS, LABELS, TODAY, 14)
    return months(channels(BY_KEY[key], scope))


def test_growth_of_closed_months_is_dated_on_their_last_days() -> None:
    found = logs({"github.stars": level(TODAY, 100_000, 0.03)}, "stars", project())
    assert [dt.date.fromordinal(day) for day in found][-1] == dt.date(2026, 10, 31)
    assert len(found) == 12
    assert all(math.expm1(log) == pytest.approx(0.03, abs=0.004) for log in found.values())


def test_a_month_of_the_longer_signal_stands_in_where_the_better_one_does_not_reach() -> None:
    columns = {
        "pypi.downloads:x": flow(PYPI, 1000, 0.10, days=120),
        "pypi.downloads_month:x": monthly(dt.date(2026, 10, 31), [70_000.0] * 24),
    }
    found = list(logs(columns, "pypi_downloads", project(pypi=["x"])).values())
    assert len(found) == 12
    assert sum(log > 0.08 for log in found) == 3


def test_months_that_start_below_the_base_are_left_out() -> None:
    assert not logs({"github.stars": level(TODAY, 49, 0.0)}, "stars", project())
    assert logs({"github.stars": level(TODAY, 51, 0.0)}, "stars", project())
    ends = dt.date(2026, 10, 31)
    assert not logs({"pypi.downloads_month:x": monthly(ends, [90.0] * 5)}, "pypi_downloads", project(pypi=["x"]))
    assert logs({"pypi.downloads_month:x": monthly(ends, [110.0] * 5)}, "pypi_downloads", project(pypi=["x"]))


def test_a_new_package_does_not_make_the_month_it_begins_in_grow() -> None:
    columns = {"npm.downloads:x": flow(NPM, 1000, 0.0), "npm.downloads:y": daily(NPM, [5000.0] * 75)}
    found = logs(columns, "npm_downloads", project(npm=["x", "y"]))
    assert all(abs(log) < 1e-9 for log in found.values())


# --- The document ----------------------------------------------------------------------------------------------------


def test_the_document_has_every_metric_signal_stage_and_reading() -> None:
    text = page(SIGNALS)
    assert text.splitlines()[0].startswith("<!-- Made by `python generate.py docs`")
    for metric in METRICS:
        assert f"### {metric.label}\n" in text
        assert metric.meaning in text
        assert all(f"`{signal}`" in text for signal in metric.signals if signal in SIGNALS)
    for stage in Stage:
        assert f"## {stage.value.capitalize()}\n" in text
    for rule in READINGS:
        assert f"| {rule.title} | {rule.when} | {rule.idea} |" in text


def test_the_document_follows_the_signals() -> None:
    other = {**SIGNALS, "npm.downloads": dataclasses.replace(SIGNALS["npm.downloads"], caveat="Something else.")}
    assert "Something else." in page(other)
    assert "No source gives it at present." in page({})


def test_the_document_in_the_repository_is_the_one_that_the_tables_make() -> None:
    committed = (Path(__file__).parents[1] / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert committed == page(sources.signals(sources.load())), "run `python generate.py docs`"


def test_a_total_of_running_totals_does_not_jump_when_one_is_reset() -> None:
    """A fall of a running total makes days missing; it is not taken for negative downloads."""
    reset = counter(TODAY, 20, 0.0)
    values = reset.values.copy()
    values[-10:] -= 5000
    issues = seen(project(), history({"github.issues": Series(reset.days, values)}), "issues_opened")
    assert issues.value == pytest.approx(28 * 20)


# --- Shares ----------------------------------------------------------------------------------------------------------


FORUMS = Project("acme/rocket", "Rocket", "tools", targets={"discourse": ("a.example", "b.example")})
SHARE = {
    "discourse.stickiness": Signal("stickiness", Kind.ROLLING, PER_CENT, 0, "none", "https://a.example", "No.", 30)
}


def stickiness(**columns: Series) -> Measured:
    """Of two forums, `a` and `b`."""
    book = History("acme/rocket", {f"discourse.stickiness:{name}.example": series for name, series in columns.items()})
    return measure(FORUMS, book, SHARE, TODAY)["forum_stickiness"]


def test_a_share_changes_by_percentage_points_and_never_gets_an_arrow() -> None:
    found = stickiness(a=daily(TODAY, np.linspace(20, 26, 61)))
    assert found.value == 26
    change = grown(found)
    assert (change.points, change.start, change.end) == (3, 23, 26)
    assert (change.window, change.month, change.low, change.high, change.direction) == (None,) * 5
    assert "share" in reason(change.unsure)
    assert all("share" in reason(one) for one in (*found.compound.values(), found.year_on_year, found.acceleration))


def test_a_share_that_is_younger_than_its_window_says_what_is_lacking() -> None:
    assert "more days of history needed" in reason(stickiness(a=daily(TODAY, [20.0] * 20)).growth)


def test_shares_of_several_places_are_not_added_up() -> None:
    found = stickiness(a=daily(TODAY, [20.0] * 60), b=daily(TODAY, [40.0] * 60))
    assert (found.value, grown(found).points) == (20, 0)
    assert found.provenance is not None
    assert found.provenance.targets == ("a.example",)
    assert found.notes == ("without b.example: shares are not added up",)


@pytest.mark.parametrize("metric", [metric for metric in METRICS if metric.is_share], ids=lambda metric: metric.key)
def test_a_share_does_not_count_in_the_growth_of_its_stage(metric: Metric) -> None:
    assert metric.weight == 0


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_a_metric_is_a_share_if_its_signals_are(metric: Metric) -> None:
    given = sources.signals(sources.load())
    assert {given[name].is_share for name in metric.signals} == {metric.is_share}
