"""From a fresh copy to a published site: what somebody has to do, and what a run says when something is missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.rehearsal.copies import Copy
from tests.rehearsal.newcomer import Newcomer

pytestmark = pytest.mark.needs("git", "bash", "node")


# --- As docs/forking.md says -----------------------------------------------------------------------------------------


def test_a_few_clicks_and_no_secret_lead_to_a_published_site(
    newcomer: Newcomer, record_property: Callable[[str, object], None]
) -> None:
    copy, run = newcomer.copy, newcomer.run
    assert run.conclusion == "success", run.told()
    assert all(f">{entry.name}<" in newcomer.page for entry in newcomer.rehearsal.entries[:2])
    assert len(newcomer.clicks) <= 4
    assert copy.repository.secrets == {}
    assert copy.repository.variables == {}
    assert (newcomer.rest < 1_000, newcomer.points < 1_000) == (True, True)
    record_property(
        "measured",
        f"from a copy to a published site of 2 projects: {len(newcomer.clicks)} manual steps"
        f" ({', '.join(newcomer.clicks)}), {len(copy.repository.secrets)} secrets, {newcomer.asked} requests,"
        f" of these {newcomer.rest} of GitHub's REST limit, {newcomer.points} GraphQL points,"
        f" {newcomer.seconds:.0f} s with the paces of the sources left out",
    )


def test_a_first_run_makes_the_branch_and_leaves_a_protected_main_alone(newcomer: Newcomer) -> None:
    git = newcomer.copy.repository.git
    assert git("rev-list", "--count", "data") == "1"
    assert git("log", "-1", "--format=%an", "data") == "github-actions[bot]"
    assert {"README.md", "published.json"} <= set(newcomer.copy.data)
    assert not set(newcomer.copy.data) & set(newcomer.copy.repository.files("main")) - {"README.md"}
    assert git("log", "-1", "--format=%s", "main") == "Edit"


def test_the_site_finds_its_own_address_and_name(newcomer: Newcomer) -> None:
    assert '<link rel="canonical" href="https://acme.github.io/growth/">' in newcomer.page
    assert newcomer.run.job("publish").step("deploy").outputs["page_url"] == "https://acme.github.io/growth/"


def test_each_job_has_the_rights_it_needs_and_no_other(newcomer: Newcomer) -> None:
    rights = {job.key: dict(job.permissions) for job in newcomer.run.jobs if job.result == "success"}
    assert rights == {
        "collect": {"contents": "write", "issues": "write", "pages": "read"},
        "publish": {"pages": "write", "id-token": "write"},
    }


# --- With something missing ------------------------------------------------------------------------------------------


def test_while_pages_is_off_a_run_says_so_in_one_sentence_and_keeps_what_it_read(fresh: Copy) -> None:
    (run,) = fresh.commit({"projects.yaml": fresh.rehearsal.projects()})
    assert run.conclusion == "failure"
    (said,) = (one.message for one in run.annotations if one.title == "Pages")
    settings = f"{fresh.rehearsal.host.address}/{fresh.repository.name}/settings/pages"
    assert said == (
        f'Pages is not switched on: choose the source "GitHub Actions" at {settings}, then start this workflow again.'
    )
    assert said in run.summary
    assert "Traceback" not in run.log
    assert "published.json" in fresh.data
    assert run.job("publish").result == "skipped"
    fresh.switch_pages_on()
    again = fresh.dispatch("publish.yml")
    assert again.conclusion == "success", again.told()
    assert (fresh.site / "index.html").exists()
    assert [one for one in again.annotations if one.level == "error"] == []


def test_a_fork_whose_schedule_is_still_off_does_nothing_by_itself(fresh: Copy) -> None:
    fresh.switched_off |= {"publish.yml"}
    assert fresh.schedule("publish.yml") is None
    assert fresh.runs == []
    assert fresh.data == {}
