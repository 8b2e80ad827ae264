"""The days after the first: what every run adds, and what becomes of it when something else happens meanwhile."""

from __future__ import annotations

import re
from typing import Final

import pytest

from sandbox.github import traffic
from sandbox.hosts import Limits
from tests.rehearsal.copies import Copy, Rehearsal
from tests.rehearsal.newcomer import Newcomer
from tests.rehearsal.runs import Run
from tests.rehearsal.seen import FILE, PROJECT, PUBLISH, as_of, by_schedule, commits, day, errors, rows, values

pytestmark = pytest.mark.needs("git", "bash", "node")

# --- Day after day ---------------------------------------------------------------------------------------------------

TRAFFIC: Final = traffic.TOKEN
FIGURES: Final = "date,anvil_revenue\n2026-09,731846\n2026-10,768433\n"


@pytest.fixture(scope="module")
def second(rehearsal: Rehearsal, newcomer: Newcomer) -> tuple[Copy, Run]:
    """A copy with all secrets that there may be, after its second day; only to be looked at and copied."""
    copy = rehearsal.copy("acme/second", of=newcomer.copy.repository)
    copy.repository.secrets |= {"TRAFFIC_TOKEN": TRAFFIC, "FIGURES": FIGURES}
    rehearsal.day(1)
    return copy, by_schedule(copy)


def test_a_second_day_adds_a_day_and_leaves_the_others_as_they_were(
    second: tuple[Copy, Run], newcomer: Newcomer
) -> None:
    copy, run = second
    assert run.conclusion == "success", run.told()
    before, after = rows(newcomer.copy.data), rows(copy.data)
    assert set(after) - set(before) == {day(1)}
    changed = {
        (when, column, value, after[when].get(column))
        for when, cells in before.items()
        for column, value in cells.items()
        if value and after[when].get(column) != value
    }
    assert changed == set()
    assert after[day(1)]["github.stars"]
    assert (commits(copy), as_of(copy)) == (2, day(1))


def test_secrets_reach_the_step_that_reads_the_sources_and_nothing_else(second: tuple[Copy, Run]) -> None:
    copy, run = second
    given = {
        step.name: name
        for job in run.jobs
        for step in job.steps
        for name, value in step.env.items()
        if value in (TRAFFIC, FIGURES)
    }
    assert set(given) == {"Read the sources and build the site"}
    hidden = [TRAFFIC, "731846", "768433"]
    seen = [run.told(), run.summary, *copy.data.values()]
    seen += [file.read_text(errors="replace") for file in copy.site.rglob("*") if file.is_file()]
    assert [word for word in hidden if any(word in text for text in seen)] == []


def test_a_missed_week_is_filled_in(second: tuple[Copy, Run]) -> None:
    copy = second[0].another("acme/missed")
    copy.rehearsal.day(9)
    run = by_schedule(copy)
    assert run.conclusion == "success", run.told()
    found = rows(copy.data)
    missed = [day(number) for number in range(2, 9)]
    assert all(found[when]["pypi.downloads:invented-0001"] for when in missed)
    assert all(found[when]["npm.downloads:invented-0001"] for when in missed[:-1])  # npm is a day behind
    assert [when for when in missed if found[when]["github.stars"]] == [], "what nobody saw is not made up"
    assert (commits(copy), as_of(copy)) == (3, day(9))


# --- Two at once -----------------------------------------------------------------------------------------------------


def test_a_run_waits_for_the_one_that_goes_on_and_what_somebody_pushed_meanwhile_stays(published: Copy) -> None:
    repository, seen = published.repository, []

    def meanwhile() -> None:
        repository.commit("data", {"NOTES.md": "mine\n"}, "A note")
        seen.append(published.dispatch(PUBLISH).conclusion)
        seen.append(published.dispatch(PUBLISH).conclusion)

    first = published.dispatch(PUBLISH, before={"keep": meanwhile})
    assert seen == [None, None], "they wait"
    assert [run.conclusion for run in published.runs] == ["success", "cancelled", "success"], (
        "of two that wait the newest"
    )
    assert "Pushed to the branch data" in first.step("keep").log
    assert published.data["NOTES.md"] == "mine\n"
    authors = repository.git("log", "--format=%an", "--reverse", "data").splitlines()
    assert authors[:3] == ["github-actions[bot]", "Octo Cat", "github-actions[bot]"]
    assert repository.git("rev-list", "--merges", "data") == ""
    assert rows(published.data)[day(1)]["github.stars"]


def test_without_that_rule_the_later_push_overwrites_nothing_and_says_so(published: Copy) -> None:
    """A run that began yesterday pushes after that of today: both have a line for the same place in the table."""
    text = published.repository.git("show", f"main:{FILE}")
    rule = re.search(r"^concurrency:.*?\n(?=\w)", text, re.MULTILINE | re.DOTALL)
    assert rule is not None
    published.change(FILE, rule[0], "")

    def next_day() -> None:
        published.rehearsal.day(2)
        assert published.dispatch(PUBLISH).conclusion == "success"

    late = published.dispatch(PUBLISH, before={"keep": next_day})
    assert late.conclusion == "failure"
    (said,) = (one for one in errors(late) if "same lines" in one)
    assert "Nothing was overwritten" in said
    found = rows(published.data)
    assert day(2) in found
    assert found[day(2)]["github.stars"]
    assert as_of(published) == day(2), "the site of the later day stays"
    saved = (late.artifacts["history"] / PROJECT).read_text()
    assert rows({PROJECT: saved})[day(1)]["github.stars"], "what it read is there to be had"


# --- Branches that refuse --------------------------------------------------------------------------------------------


def test_a_protected_branch_of_the_history_is_loud_and_loses_nothing(published: Copy) -> None:
    published.repository.protect("data")
    before, site = published.repository.head("data"), published.site
    run = by_schedule(published)
    assert run.conclusion == "failure"
    assert "remote: error: GH006: Protected branch update failed for refs/heads/data." in run.step("keep").log
    (said,) = (one for one in errors(run) if "refused the push" in one)
    assert "Is a rule protecting it" in said
    assert (published.repository.head("data"), published.site) == (before, site)
    saved = (run.artifacts["history"] / PROJECT).read_text()
    assert rows({PROJECT: saved})[day(1)]["github.stars"]
    published.repository.unprotect()
    assert by_schedule(published).conclusion == "success"
    assert rows(published.data) == rows({PROJECT: saved})


# --- Limits and bad days ---------------------------------------------------------------------------------------------


def test_a_limit_that_is_reached_in_the_middle_leaves_the_rest_for_the_next_run(
    tmp_path_factory: pytest.TempPathFactory, newcomer: Newcomer
) -> None:
    with Rehearsal(tmp_path_factory.mktemp("limited"), limits=Limits(points=15, requests=1_000)) as world:
        copy = world.copy("acme/limited")
        copy.switch_pages_on()
        (first,) = copy.commit({"projects.yaml": world.projects()})
        assert first.conclusion == "success", first.told()
        assert "0 of 2 projects are complete" in first.summary
        assert "start the workflow again in an hour" in first.summary
        assert (copy.site / "index.html").exists()
        good = values(newcomer.copy)
        assert values(copy) < good
        world.day(0)  # an hour later: the limits are fresh
        second = copy.dispatch(PUBLISH)
        assert second.conclusion == "success", second.told()
        assert "are complete" not in second.summary
        assert good <= values(copy)


def test_a_day_that_the_gate_refuses_keeps_what_was_read_and_the_last_site(published: Copy) -> None:
    site = published.site
    published.rehearsal.sandbox.order("nulls", share=0.998)
    run = by_schedule(published)
    assert run.conclusion == "failure"
    assert run.job("collect").outputs["status"] == "3"
    assert run.job("publish").result == "skipped"
    assert published.site == site
    assert "The gate refused to publish" in run.summary
    (issue,) = published.written["tickets"]
    assert (issue["author"], issue["state"]) == ("github-actions[bot]", "open")
    assert commits(published) == 2
    published.rehearsal.sandbox.faults.clear()
    published.rehearsal.day(2)
    again = by_schedule(published)
    assert again.conclusion == "success", again.told()
    assert as_of(published) == day(2)
    (issue,) = published.written["tickets"]
    assert issue["state"] == "closed"
