"""Facts about money beside use: twelve months against twelve months, over the longest span that both cover."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from groundswell import sources
from groundswell.catalogue import BY_KEY
from groundswell.channels import Scope, channels
from groundswell.history import Failed, History
from groundswell.models import NO_COMPANY, Beside, Missing, MoneyAndUse, Project, Series
from groundswell.money import money_and_use, twelve_months, yearly
from groundswell.months import earlier, month_end
from groundswell.sources import sec
from groundswell.stages import assess

TODAY = dt.date(2026, 11, 22)
SIGNALS = sources.signals(sources.load())
LABELS = sources.labels(sources.load())


def by_calendar(last: dt.date, values: list[float], months: int) -> Series:
    """Amounts of periods of so many months, the last one ending on `last`."""
    ends = [month_end(earlier(last, months * back)).toordinal() for back in range(len(values) - 1, -1, -1)]
    return Series(np.array(ends, dtype=np.int64), np.array(values, dtype=np.float64))


def growing(first: float, a_year: float, count: int, period: int) -> list[float]:
    return [first * (1 + a_year) ** (place * period / 12) for place in range(count)]


QUARTERS = by_calendar(dt.date(2026, 7, 31), growing(1e8, 0.30, 20, 3), 3)
MONTHS = by_calendar(dt.date(2026, 10, 31), growing(9e5, 0.12, 60, 1), 1)


def money(
    columns: Mapping[str, Series], failures: Mapping[str, Failed] | None = None, **targets: tuple[str, ...]
) -> MoneyAndUse | Missing:
    project = Project("o/p", "P", "Other", targets=targets or {"sec": ("77",), "pypi": ("p",)})
    history = History("o/p", columns=columns, failures=failures or {})
    scope = Scope(project, history, SIGNALS, LABELS, TODAY, 14)
    return money_and_use({metric: channels(metric, scope) for metric in BY_KEY.values()}, scope)


def pair(columns: Mapping[str, Series], **targets: tuple[str, ...]) -> Beside:
    found = money(columns, None, **targets)
    assert isinstance(found, MoneyAndUse)
    return found.pairs[0]


def test_the_span_is_the_longest_that_both_cover_in_whole_quarters() -> None:
    found = pair({"sec.revenue:77": QUARTERS, "pypi.downloads_month:p": MONTHS})
    # Revenue has twelve months from 2022-07-31 on, downloads from 2022-10-31 on; both are there at the quarter's end.
    assert (found.start, found.end, found.years) == (dt.date(2022, 10, 31), dt.date(2026, 7, 31), 3.75)
    assert found.use.growth == pytest.approx(0.12, abs=1e-9)
    assert found.revenue.growth == pytest.approx(0.30, abs=1e-9)
    assert found.use.end == pytest.approx(MONTHS.values[-15:-3].sum())
    assert found.revenue.start == pytest.approx(QUARTERS.values[1:5].sum())
    assert (found.use.signal, found.revenue.signal) == ("pypi.downloads_month", "sec.revenue")
    assert (found.use.targets, found.revenue.targets) == (("p",), ("77",))


def test_downloads_by_day_are_added_up_by_months() -> None:
    last = dt.date(2026, 11, 20).toordinal()
    days = np.arange(last - 899, last + 1, dtype=np.int64)
    daily = Series(days, 1000 * 1.5 ** ((days - last) / 365.25))
    found = pair({"sec.revenue:77": QUARTERS, "npm.downloads:p": daily}, sec=("77",), npm=("p",))
    assert (found.start, found.end) == (dt.date(2025, 7, 31), dt.date(2026, 7, 31))
    assert found.use.growth == pytest.approx(0.5, abs=0.002)


def test_a_missing_quarter_makes_no_twelve_months_and_is_never_a_zero() -> None:
    gone = Series(np.delete(QUARTERS.days, 10), np.delete(QUARTERS.values, 10))
    ends = twelve_months({dt.date.fromordinal(day): 1.0 for day in gone.days.tolist()}, 3)
    assert set(ends.values()) == {4.0}
    assert len(ends) == len(QUARTERS) - 3 - 4


@pytest.mark.parametrize(
    ("months", "says"),
    [
        (20, "4 more months of PyPI downloads needed: a year against the year before"),
        (0, "24 more months of PyPI downloads needed: a year against the year before"),
        (26, "PyPI downloads and revenue have no two years in common, whole and apart"),
    ],
)
def test_less_than_two_years_in_common_is_missing_with_its_reason(months: int, says: str) -> None:
    short = Series(MONTHS.days[len(MONTHS) - months :], MONTHS.values[len(MONTHS) - months :])
    found = money({"sec.revenue:77": QUARTERS, "pypi.downloads_month:p": short})
    assert isinstance(found, MoneyAndUse)
    assert found.pairs == ()
    assert found.missing == {"pypi_downloads": Missing(says)}


def test_registries_are_never_added_up_and_the_longest_span_comes_first() -> None:
    later = Series(MONTHS.days[20:], MONTHS.values[20:])
    columns = {"sec.revenue:77": QUARTERS, "pypi.downloads_month:p": later, "packagist.downloads_month:a/b": MONTHS}
    found = money(columns, sec=("77",), pypi=("p",), packagist=("a/b",))
    assert isinstance(found, MoneyAndUse)
    assert [one.metric for one in found.pairs] == ["packagist_downloads", "pypi_downloads"]
    assert found.pairs[0].years > found.pairs[1].years
    assert found.pairs[0].use.growth == pytest.approx(0.12, abs=1e-9)


def test_a_package_that_came_later_is_left_out_and_named() -> None:
    later = Series(MONTHS.days[40:], 50 * MONTHS.values[40:])
    columns = {"sec.revenue:77": QUARTERS, "pypi.downloads_month:p": MONTHS, "pypi.downloads_month:q": later}
    found = pair(columns, sec=("77",), pypi=("p", "q"))
    assert found.use.growth == pytest.approx(0.12, abs=1e-9)
    assert found.use.targets == ("p",)
    assert found.notes == ("without q: it is not known over all of the span",)


def test_without_a_company_or_its_revenue_the_reason_is_given() -> None:
    assert money({"pypi.downloads_month:p": MONTHS}, pypi=("p",)) == NO_COMPANY
    assert money({"pypi.downloads_month:p": MONTHS}) == Missing("no revenue is seen yet")
    failed = {"sec:77": Failed(dt.date(2026, 11, 20), "answered 403")}
    assert money({}, failed) == Missing("SEC EDGAR answered 403 since 2026-11-20")
    few = Series(QUARTERS.days[-3:], QUARTERS.values[-3:])
    found = money({"sec.revenue:77": few, "pypi.downloads_month:p": MONTHS})
    assert isinstance(found, Missing)
    assert "not known for twelve months in a row up to 2026-07-31" in found.reason


def test_a_company_that_no_longer_reports_is_a_state_and_its_past_still_counts() -> None:
    ended = by_calendar(dt.date(2025, 1, 31), growing(1e8, 0.30, 12, 3), 3)
    noted = {"reports": False, "ended": "the company no longer reports since 2025-01-31"}
    project = Project("o/p", "P", "Other", targets={"sec": ("77",), "pypi": ("p",)})
    columns = {"sec.revenue:77": ended, "pypi.downloads_month:p": MONTHS}
    history = History("o/p", columns=columns, state={"sec:77": noted})
    card = assess(project, history, SIGNALS, LABELS, {}, TODAY)
    assert isinstance(card.money, MoneyAndUse)
    assert card.money.silent_since == dt.date(2025, 1, 31)
    assert card.money.pairs[0].end == dt.date(2025, 1, 31)
    assert card.metrics["revenue"].missing == Missing("the company no longer reports since 2025-01-31")
    assert card.failures == ()


# --- Real figures ----------------------------------------------------------------------------------------------------


def panel(shared: Path) -> dict[str, list[tuple[dt.date, float, str]]]:
    """Company → end of a quarter, revenue of the twelve months up to it in thousands, growth over a year as given."""
    found: dict[str, list[tuple[dt.date, float, str]]] = {}
    with (shared / "data" / "revenue" / "revenue_ltm.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            day = dt.date.fromisoformat(row["quarter_end"])
            found.setdefault(row["ticker"], []).append((day, float(row["revenue_ltm_usd_k"]), row["growth_yoy"]))
    return found


def test_twelve_months_and_their_growth_are_those_of_a_public_panel(shared: Path) -> None:
    """Quarters are taken from the panel's differences; only how its first year falls into quarters is assumed."""
    checked = 0
    for company, rows in panel(shared).items():
        quarters: dict[dt.date, float] = {}
        first, level, _ = rows[0]
        for back in range(4):
            quarters[month_end(earlier(first, 3 * back))] = level / 4
        for (_, before, _), (day, now, _) in itertools.pairwise(rows):
            quarters[day] = quarters[month_end(earlier(day, 12))] + now - before
        series = Series(
            np.array([day.toordinal() for day in sorted(quarters)], dtype=np.int64),
            np.array([quarters[day] for day in sorted(quarters)], dtype=np.float64),
        )
        years = twelve_months(quarters, 3)
        for day, amount, a_year in rows:
            assert years[day] == pytest.approx(amount, rel=1e-12), company
            if a_year:
                assert yearly(years[month_end(earlier(day, 12))], years[day], 12) == pytest.approx(
                    float(a_year), abs=6e-6
                )
                checked += 1
        end = rows[-1][0]
        use = by_calendar(end, growing(1e6, 0.2, 12 * 9, 1), 1)
        found = pair({"sec.revenue:77": series, "pypi.downloads_month:p": use})
        span = (end.year - first.year) + (end.month - first.month) / 12
        assert (found.start, found.end) == (first, end)
        assert found.revenue.growth == pytest.approx((rows[-1][1] / level) ** (1 / span) - 1, rel=1e-12), company
    assert checked >= 60


def test_twelve_months_of_recorded_filings_are_the_years_that_the_filings_give(shared: Path) -> None:
    """Snowflake's quarters, the fourth worked out, add up to each fiscal year that it has reported."""
    recorded = json.loads((shared / "samples/sec-edgar/companyfacts-snowflake-revenue-and-rpo.json").read_text())
    quarters = {one.day: one.value for one in sec.parse(recorded) if one.signal == "revenue"}
    facts = recorded["facts"]["us-gaap"][sec.REVENUE[0]]["units"]["USD"]
    spans = [(one, *map(dt.date.fromisoformat, (one.get("start", one["end"]), one["end"]))) for one in facts]
    whole = {end: one["val"] for one, start, end in spans if 360 <= (end - start).days <= 372}
    years = twelve_months(quarters, 3)
    both = sorted(whole.keys() & years.keys())
    assert len(both) >= 3
    assert all(years[day] == whole[day] for day in both)
    start, end = both[0], both[-1]
    assert yearly(years[start], years[end], 12 * (end.year - start.year)) == pytest.approx(
        (whole[end] / whole[start]) ** (1 / (end.year - start.year)) - 1
    )
