"""Runs that do not come to their end: whatever is ended, `data` and the site are whole, and the next run is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event as Signal
from typing import Final

import pytest

from tests.rehearsal.copies import Copy, Rehearsal
from tests.rehearsal.host import Repository
from tests.rehearsal.machine import Disturbance, What
from tests.rehearsal.newcomer import Newcomer
from tests.rehearsal.runs import Run
from tests.rehearsal.seen import PUBLISH, as_of, day, filled, values, whole

pytestmark = pytest.mark.needs("git", "bash", "node")

READING: Final = "run"  # the step that asks the sources
KEEPING: Final = "keep"  # the step that pushes to data
LATE: Final = 12  # requests after which a first run has read something, and not everything


BESIDE: Final = ("Say what happened", "Open or close the issue about what fails for days")


@dataclass(frozen=True)
class Ended:
    """A run that was ended, and what was there before and afterwards."""

    copy: Copy
    run: Run
    before: str | None  # the newest commit of data
    site: Path | None

    @property
    def kept(self) -> bool:
        """Whether something was pushed to data."""
        return self.copy.repository.head("data") != self.before


def ended(copy: Copy, *disturbances: Disturbance) -> Ended:
    before, site = copy.repository.head("data"), copy.repository.published
    return Ended(copy, copy.dispatch(PUBLISH, *disturbances), before, site)


# --- At each step of a second day ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def killed(rehearsal: Rehearsal, newcomer: Newcomer) -> Mapping[str, Ended]:
    """Step → what became of a second day whose step got SIGKILL as it began; every step that a good run carries out.

    Those that nothing waits for are killed in one run.
    """
    rehearsal.day(1)
    carried_out = [step for job in newcomer.run.jobs for step in job.steps if step.outcome == "success"]
    names = [step.name if step.id.startswith("__") else step.id for step in carried_out]
    assert set(BESIDE) <= set(names)
    found: dict[str, Ended] = {}
    for place, together in enumerate([BESIDE, *((name,) for name in names if name not in BESIDE)]):
        copy = rehearsal.copy(f"acme/killed-{place}", of=newcomer.copy.repository)
        became = ended(copy, *(Disturbance(name, "kill") for name in together))
        found |= dict.fromkeys(together, became)
    return found


def test_a_run_whose_step_is_killed_fails_and_publishes_all_or_nothing(killed: Mapping[str, Ended]) -> None:
    assert {READING, KEEPING, "deploy", "tell", "Check out", "Install", "history"} <= set(killed)
    for step, one in killed.items():
        assert one.run.conclusion == "failure", step
        new = step == "tell"  # which comes last, and holds nothing up
        assert (one.copy.repository.published != one.site) is new, step
        assert as_of(one.copy) == day(1 if new else 0), step


def test_a_killed_step_leaves_every_table_whole(killed: Mapping[str, Ended], newcomer: Newcomer) -> None:
    old = filled(whole(newcomer.copy))
    for step, one in killed.items():
        assert old <= filled(whole(one.copy)), step


def test_what_was_kept_before_the_kill_is_that_of_a_good_run(killed: Mapping[str, Ended]) -> None:
    kept = {step: whole(one.copy) for step, one in killed.items() if one.kept}
    assert "deploy" in kept
    assert all(tables == kept["deploy"] for tables in kept.values())


# --- While data is pushed --------------------------------------------------------------------------------------------


def test_a_kill_after_the_push_was_taken_keeps_it_and_the_next_run_publishes(published: Copy) -> None:
    there, over = Signal(), Signal()

    def hold(repository: Repository) -> None:
        if repository is published.repository:
            there.set()
            over.wait(30)

    host = published.rehearsal.host
    host.after_push = hold  # taken, and not answered yet
    try:
        found = ended(published, Disturbance(KEEPING, "kill", when=there.is_set))
    finally:
        over.set()
        host.after_push = lambda _: None
    assert found.run.step(KEEPING).outcome == "failure"
    assert found.kept
    assert published.repository.published == found.site
    again = published.dispatch(PUBLISH)
    assert again.conclusion == "success", again.told()
    assert as_of(published) == day(1)


# --- In the middle of a first run ------------------------------------------------------------------------------------


def in_the_middle(fresh: Copy, what: What) -> Ended:
    """A first run that is ended when it has read something."""
    fresh.switch_pages_on()
    fresh.repository.commit("main", {"projects.yaml": fresh.rehearsal.projects()}, "Edit")
    log = fresh.rehearsal.sandbox
    return ended(fresh, Disturbance(READING, what, when=lambda: len(log.log) >= LATE))


@pytest.mark.parametrize(("what", "conclusion"), [("kill", "failure"), ("cancel", "cancelled")])
def test_what_was_read_until_then_is_kept_and_the_next_run_completes_it(
    what: What, conclusion: str, fresh: Copy, newcomer: Newcomer
) -> None:
    found = in_the_middle(fresh, what)
    assert found.run.conclusion == conclusion
    assert found.run.step(KEEPING).outcome == "success"
    assert found.run.job("publish").result == "skipped"
    assert "What it had read until then is kept" in found.run.summary
    good, kept = values(newcomer.copy), values(fresh)
    assert kept
    assert kept <= good
    fresh.rehearsal.day(0)
    again = fresh.dispatch(PUBLISH)
    assert again.conclusion == "success", again.told()
    assert values(fresh) == good
    assert (fresh.site / "index.html").exists()


def test_a_machine_that_is_lost_keeps_nothing_and_harms_nothing(fresh: Copy) -> None:
    found = in_the_middle(fresh, "lose")
    assert found.run.conclusion == "failure"
    assert [step.id for step in found.run.job("collect").steps][-2:] == [READING, "scorecard"]
    assert fresh.data == {}
    assert fresh.repository.published is None
