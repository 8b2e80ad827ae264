"""The rehearsal plays the files as they are: with a step or a right changed, what it shows is no longer what it was."""

from __future__ import annotations

import re

import pytest

from tests.rehearsal.copies import Copy
from tests.rehearsal.seen import FILE, PUBLISH, as_of, commits, day, rows

pytestmark = pytest.mark.needs("git", "bash", "node")

ACTION = "action.yml"


def without_step(copy: Copy, name: str) -> None:
    """Take a step out of the composite action."""
    text = copy.repository.git("show", f"main:{ACTION}")
    found = re.search(rf"^    - name: {re.escape(name)}\b.*?(?=^    - name:)", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    copy.change(ACTION, found[0], "")


def test_without_the_step_that_keeps_it_nothing_is_kept(published: Copy) -> None:
    """And without the right to publish to Pages nothing is published."""
    site = published.site
    without_step(published, "Keep what was read, also when nothing is published")
    without_step(published, "Hand on what was told")  # which keeps what it handed on, and the rest with it
    published.change(FILE, "      pages: write", "      pages: read")
    run = published.dispatch(PUBLISH)
    assert run.job("collect").result == "success", run.told()
    assert commits(published) == 1
    assert day(1) not in rows(published.data)
    assert run.job("publish").result == "failure"
    assert "Resource not accessible by integration" in run.job("publish").step("deploy").said
    assert published.site == site


def test_with_weaker_conditions_a_bad_day_loses_what_was_read_and_is_nearly_published(published: Copy) -> None:
    keep = "      id: keep\n      if: "
    always = "${{ always() && inputs.shard == '' && steps.history.outcome == 'success' }}"
    published.change(ACTION, f"{keep}{always}", f"{keep}success()")
    built = "${{ !cancelled() && needs.collect.result == 'success' && needs.collect.outputs.status == '0' }}"
    published.change(FILE, f"if: {built}", "if: always()")
    published.rehearsal.sandbox.order("nulls", share=0.998)
    run = published.dispatch(PUBLISH)
    assert run.job("collect").outputs["status"] == "3", run.told()
    assert commits(published) == 1, "what was read that day is lost"
    assert run.job("publish").result == "failure"
    assert 'No artifacts named "github-pages"' in run.job("publish").step("deploy").said


def test_without_the_right_to_write_the_history_is_refused(published: Copy) -> None:
    published.change(FILE, "      contents: write", "      contents: read")
    run = published.dispatch(PUBLISH)
    assert run.conclusion == "failure"
    assert "denied to github-actions[bot]" in run.step("keep").log
    assert commits(published) == 1
    assert as_of(published) == day(0)
