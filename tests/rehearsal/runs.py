"""Runs, their jobs and their steps: what became of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.rehearsal.commands import Annotation
from tests.rehearsal.events import Event
from tests.rehearsal.machine import Disturbance
from tests.rehearsal.workflow import RehearsalError, Workflow

SUCCESS, FAILURE, CANCELLED, SKIPPED = "success", "failure", "cancelled", "skipped"


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a step."""

    id: str
    name: str
    outcome: str  # before continue-on-error
    conclusion: str  # after it
    outputs: Mapping[str, str]
    log: str
    said: str = ""  # why an action failed
    env: Mapping[str, str] = field(default_factory=dict)  # what it was given beyond what the machine gives every step


@dataclass
class JobResult:
    """What became of a job."""

    key: str
    name: str
    result: str
    steps: list[Played] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    annotations: list[Annotation] = field(default_factory=list)
    permissions: Mapping[str, str] = field(default_factory=dict)

    def step(self, name: str) -> Played:
        """A step by its id or name."""
        return next(step for step in self.steps if name in (step.id, step.name))

    @property
    def log(self) -> str:
        """What all steps printed."""
        return "\n".join(step.log for step in self.steps)


@dataclass
class Run:
    """A run of a workflow: pending until its conclusion is there."""

    workflow: Workflow
    event: Event
    number: int
    folder: Path
    disturbances: Sequence[Disturbance] = ()
    before: Mapping[str, Callable[[], object]] = field(default_factory=dict)  # step → what happens before it begins
    inputs: Mapping[str, Any] = field(default_factory=dict)
    jobs: list[JobResult] = field(default_factory=list)
    conclusion: str | None = None
    cancelled: bool = False
    artifacts: dict[str, Path] = field(default_factory=dict)

    def job(self, key: str) -> JobResult:
        """A job by its key; of a matrix, the first."""
        return next(job for job in self.jobs if job.key == key)

    def step(self, name: str) -> Played:
        """A step by its id or name, of any job."""
        return next(step for job in self.jobs for step in job.steps if name in (step.id, step.name))

    @property
    def log(self) -> str:
        """What all jobs printed."""
        return "\n".join(job.log for job in self.jobs)

    @property
    def summary(self) -> str:
        """The summaries of all jobs."""
        return "\n".join(job.summary for job in self.jobs)

    @property
    def annotations(self) -> list[Annotation]:
        """The marks of all jobs."""
        return [one for job in self.jobs for one in job.annotations]

    @property
    def outcomes(self) -> dict[str, str]:
        """Step → what became of it, in order."""
        return {step.name: step.outcome for job in self.jobs for step in job.steps}

    def told(self) -> str:
        """The run in words, for the message of a test that fails."""
        steps = [
            f"  {job.key}: {step.name}: {step.outcome} {step.said}\n{step.log}"
            for job in self.jobs
            for step in job.steps
        ]
        return "\n".join([f"{self.workflow.name} #{self.number}: {self.conclusion}", *steps])


def begin(
    workflow: Workflow,
    event: Event,
    number: int,
    folder: Path,
    disturbances: Sequence[Disturbance] = (),
    before: Mapping[str, Callable[[], object]] | None = None,
) -> Run:
    """A run that waits to be played, with the inputs that it was given, or what they are unless given."""
    asked: Mapping[str, Any] = workflow.on[event.name].get("inputs", {}) if event.name == "workflow_dispatch" else {}
    usual = {name: one.get("default", "") for name, one in asked.items()}
    given = event.payload.get("inputs") or {}
    if unknown := set(given) - set(asked):
        raise RehearsalError(f"{workflow.file} has no input {', '.join(sorted(unknown))}")
    for one in disturbances:
        one.note.clear()
    return Run(workflow, event, number, folder, tuple(disturbances), before or {}, {**usual, **given})
