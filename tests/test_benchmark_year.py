"""A year of daily runs, in short: twelve days of ten projects, each with its commit to the branch `data`."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from benchmarks import year
from benchmarks.year import Day, Ledger, Outcome, Table
from groundswell import terminal
from groundswell.models import Kind
from sandbox import generated
from sandbox.gallery import TODAY
from sandbox.server import Sandbox
from sandbox.world import World

pytestmark = pytest.mark.needs("git", "bash")

DAYS = 12
PROJECTS = 10
KINDS = {"github.stars": Kind.STOCK, "npm.downloads": Kind.FLOW}
SINCE = {"github.stars": "2026-11-02"}
BEFORE = "date,github.stars,npm.downloads\n2026-11-01,9,4\n2026-11-02,10,5\n"


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What came of it; no pages are made, which write nothing into the history."""
    world = World(year.named(generated.mix(PROJECTS)), TODAY - dt.timedelta(days=DAYS - 1))
    with Sandbox(world) as sandbox, pytest.MonkeyPatch.context() as patch:
        patch.setattr(terminal.out, "quiet", True)
        folder = tmp_path_factory.mktemp("year")
        *_, last = year.simulate(folder, sandbox, DAYS, TODAY, with_pages=lambda *_: False)
    assert isinstance(last, Outcome)
    return last


def test_every_day_is_kept_as_it_was_observed(found: Outcome) -> None:
    assert found.faults == ()
    assert year.too_much(found) == []


def test_every_day_has_its_commit(found: Outcome) -> None:
    assert found.commits == DAYS
    assert [day.day for day in found.days] == [TODAY - dt.timedelta(days=DAYS - 1 - n) for n in range(DAYS)]


def test_a_day_adds_little_to_the_branch(found: Outcome) -> None:
    """Beyond what the first day takes: rows, and the notes of one weekly turn, of which each project has one."""
    assert (found.packed - found.shallow) / (DAYS - 1) < 300 * PROJECTS


def test_the_first_day_is_dear_and_the_others_are_cheap(found: Outcome) -> None:
    first, *others = found.days
    assert first.points + first.requests > 5 * max(day.points + day.requests for day in others[:6])


def compared(after: str) -> Ledger:
    ledger = Ledger()
    ledger._compare("a__a", Table.of(BEFORE), Table.of(after), SINCE, KINDS)
    return ledger


def test_a_row_more_and_a_column_more_are_no_fault() -> None:
    more = "date,github.forks,github.stars,npm.downloads\n2026-11-01,,9,4\n2026-11-02,,10,5\n2026-11-03,1,11,\n"
    assert (compared(more).faults, compared(more).given_again) == ([], {})


def test_a_cell_that_is_lost_is_a_fault() -> None:
    assert compared(BEFORE.replace("10,5", "10,")).faults == ["a__a: npm.downloads of 2026-11-02 is lost"]
    assert len(compared(BEFORE.replace("2026-11-01,9,4\n", "")).faults) == 2


def test_an_observed_level_that_is_rewritten_is_a_fault_and_a_rebuilt_one_is_not() -> None:
    assert compared(BEFORE.replace("10,5", "11,5")).faults == ["a__a: github.stars of 2026-11-02 was 10 and is 11"]
    assert compared(BEFORE.replace("9,4", "8,4")).faults == []


def test_what_a_source_gives_anew_is_counted() -> None:
    ledger = compared(BEFORE.replace("10,5", "10,6"))
    assert (ledger.faults, ledger.given_again) == ([], {"npm.downloads": 1})


def test_a_day_that_is_not_there_is_missing() -> None:
    ledger = Ledger(seen={("a__a", "2026-11-02"): 10, ("a__a", "2026-11-03"): 11}, tables={"a__a": Table.of(BEFORE)})
    assert list(ledger.missing()) == ["a__a: 2026-11-03 had 11 stars, and the history says nothing"]


def run(number: int, work: float | None) -> Day:
    return Day(number, TODAY, work, 0, 0, 0, 0)


def test_the_last_runs_are_compared_with_those_around_the_tenth() -> None:
    days = [run(n, 10.0 if 8 <= n <= 12 else 16.0 if n > 360 else None) for n in range(1, 366)]
    found = Outcome(tuple(days), 365, 7_000_000, 0, (), {})
    assert found.slower == 1.6
    assert year.too_much(found) == [
        "7.00 MB packed; at most 6 are allowed",
        "the last runs cost 1.60 times the tenth; at most 1.5 are allowed",
    ]
    assert year.too_much(dataclasses.replace(found, commits=364))[0] == "364 commits of 365 days"


def test_pages_are_made_in_every_run_that_is_compared() -> None:
    made = [number for number in range(1, 366) if year.with_pages(number, 365)]
    assert made == [8, 9, 10, 11, 12, 60, 120, 180, 240, 300, 360, 361, 362, 363, 364, 365]
