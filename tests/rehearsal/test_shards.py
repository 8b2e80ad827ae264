"""A run on several machines, by the variable SHARDS: the same history as from one, and what a lost part costs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from groundswell import runs
from groundswell.history import MARKET
from tests.rehearsal.copies import Copy, Rehearsal
from tests.rehearsal.machine import Disturbance
from tests.rehearsal.newcomer import Newcomer
from tests.rehearsal.runs import Run
from tests.rehearsal.seen import PUBLISH, as_of, day, filled, whole

pytestmark = pytest.mark.needs("git", "bash", "node")

COLLECTING: Final = "collect"  # the step that asks for a part
SECRET: Final = "invented-and-secret"


def shards(of: int) -> str:
    """The variable, as docs/scale.md says it."""
    return json.dumps([f"{number}/{of}" for number in range(1, of + 1)])


@dataclass(frozen=True)
class Day:
    """A second day, and what was there before it."""

    copy: Copy
    run: Run
    site: Path | None  # that was published before

    @property
    def reasons(self) -> Mapping[str, Mapping[str, str]]:
        """File of a project → place → why it was left for the next run."""
        notes = {name: json.loads(text) for name, text in self.copy.data.items() if "__" in name and ".json" in name}
        return {
            name.removesuffix(".json"): {
                place: failed["reason"] for place, failed in note["failures"].items() if failed.get("deferred")
            }
            for name, note in notes.items()
        }


def second_day(newcomer: Newcomer, rehearsal: Rehearsal, name: str, of: int, *disturbances: Disturbance) -> Day:
    """A day after the first of a copy with two projects, in so many parts; 0 is without the variable."""
    copy = rehearsal.copy(f"acme/{name}", of=newcomer.copy.repository)
    copy.repository.secrets["TRAFFIC_TOKEN"] = SECRET
    if of:
        copy.repository.variables["SHARDS"] = shards(of)
    rehearsal.day(1)
    site = copy.repository.published
    return Day(copy, copy.dispatch(PUBLISH, *disturbances), site)


# --- All parts come --------------------------------------------------------------------------------------------------


def test_two_machines_keep_the_same_history_as_one_and_publish_it(newcomer: Newcomer, rehearsal: Rehearsal) -> None:
    alone = second_day(newcomer, rehearsal, "alone", 0)
    assert alone.run.job("part").result == "skipped", "without the variable one job does it all"
    both = second_day(newcomer, rehearsal, "both", 2)
    assert both.run.conclusion == alone.run.conclusion == "success", both.run.told()
    kept, expected = (
        {name: text for name, text in one.copy.data.items() if name != runs.FILE} for one in (both, alone)
    )
    assert list(kept) == list(expected)
    assert [name for name in kept if kept[name] != expected[name]] == []
    assert as_of(both.copy) == day(1)
    assert "2 of 2 parts: " in both.run.job("collect").step("run").log
    assert [one.level for one in both.run.annotations] == [one.level for one in alone.run.annotations]

    parts = [job for job in both.run.jobs if job.key == "part"]
    assert [job.permissions for job in parts] == [{"contents": "read"}] * 2
    assert set(both.run.artifacts) == {"part-1-of-2", "part-2-of-2", "github-pages"}
    for job in parts:
        left_out = ("run", "keep", "pages", "tell", "deploy")
        assert {name: job.step(name).outcome for name in left_out} == dict.fromkeys(left_out, "skipped")


# --- Some do not -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def without_one(newcomer: Newcomer, rehearsal: Rehearsal) -> Day:
    """A day of two parts, the first of which is killed as it begins."""
    return second_day(newcomer, rehearsal, "without-one", 2, Disturbance(COLLECTING, "kill"))


def test_a_part_that_is_killed_stops_no_other_and_the_site_is_published(without_one: Day) -> None:
    run = without_one.run
    assert [job.result for job in run.jobs if job.key == "part"] == ["failure", "success"], run.told()
    assert run.job("collect").result == run.job("publish").result == "success"
    assert run.conclusion == "failure", "whoever looks is told"
    assert as_of(without_one.copy) == day(1)


def test_what_a_lost_part_was_to_ask_for_keeps_its_values_and_says_why(without_one: Day, newcomer: Newcomer) -> None:
    old = filled(whole(newcomer.copy))
    assert old <= filled(whole(without_one.copy))
    new = {file for file, when, *_ in filled(whole(without_one.copy)) if when == day(1)}
    lost = {name for name, places in without_one.reasons.items() if "github" in places}
    assert len(lost) == 1
    (name,) = lost
    assert f"{name}.csv" not in new
    assert len(new - {f"{MARKET}.csv"}) == 1, "the other project has a new day"
    said = "the part of this run that was to ask for it (1 of 2) is not there"
    assert said in without_one.reasons[name]["github"]


def test_a_run_that_lacks_a_part_says_so_in_its_summary_and_by_a_mark(without_one: Day) -> None:
    said = "part 1 of 2 is not there: what it was to ask for is left for the next run"
    marks = [one for one in without_one.run.annotations if one.level == "warning" and one.title == "Parts"]
    assert [one.message for one in marks] == [said]
    assert f"- {said}" in without_one.run.job("collect").summary
    assert "What it was to ask for is left for the next run." in without_one.run.job("part").summary


def test_secrets_of_the_owner_meet_the_first_part_alone(without_one: Day) -> None:
    given = [job.step(COLLECTING).env["TRAFFIC_TOKEN"] for job in without_one.run.jobs if job.key == "part"]
    assert given == [SECRET, ""]
    assert without_one.run.job("collect").step("run").env["TRAFFIC_TOKEN"] == ""


def test_when_no_part_comes_nothing_is_published_and_the_last_site_stays(
    newcomer: Newcomer, rehearsal: Rehearsal
) -> None:
    found = second_day(newcomer, rehearsal, "none", 2, Disturbance(COLLECTING, "kill"), Disturbance(COLLECTING, "lose"))
    assert found.run.conclusion == found.run.job("collect").result == "failure"
    assert found.run.job("publish").result == "skipped"
    assert found.copy.repository.published == found.site
    assert as_of(found.copy) == day(0)
    assert "No part of this run came to its end" in found.run.job("collect").log
    assert "- part 2 of 2 is not there" in found.run.job("collect").summary
    assert filled(whole(found.copy)) == filled(whole(newcomer.copy))
    (*_, row) = csv.DictReader(io.StringIO(found.copy.data[runs.FILE]))
    assert (row["date"], row["status"]) == (day(1), "4")
