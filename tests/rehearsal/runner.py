"""Carries a workflow out: its jobs in the order of their needs, each on a machine of its own."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.rehearsal.expressions import (
    OF_JOB,
    OF_PLANNED_JOB,
    OF_RUN,
    OF_STEP,
    OF_STEP_CONDITION,
    Expressions,
    Scope,
    Status,
)
from tests.rehearsal.host import Host, Repository
from tests.rehearsal.machine import Machine
from tests.rehearsal.runs import CANCELLED, FAILURE, SKIPPED, SUCCESS, JobResult, Run
from tests.rehearsal.steps import Frame, Steps, environment
from tests.rehearsal.workflow import Job, RehearsalError, Workflow


@dataclass
class Runner:
    """Plays runs of one repository."""

    host: Host
    expressions: Expressions
    base: Mapping[str, str]  # environment of every process, beyond what GitHub sets
    api: str  # address of GitHub's API
    folder: Path  # of the machines

    def play(self, run: Run, repository: Repository) -> None:
        """Carry a run out to its end."""
        done: dict[str, JobResult] = {}
        for job in _in_order(run.workflow):
            done[job.key] = self._job(run, repository, job, done)
        results = {job.result for job in run.jobs}
        run.conclusion = next((one for one in (FAILURE, CANCELLED) if one in results), SUCCESS)

    # --- A job -------------------------------------------------------------------------------------------------------

    def _job(self, run: Run, repository: Repository, job: Job, done: Mapping[str, JobResult]) -> JobResult:
        """A job, with all that its matrix makes of it. Gives one result: what the jobs that need it see."""
        before = [done[key] for key in _ancestors(run.workflow, job)]
        scope = Scope(
            {
                "github": self._github(run, repository, job.key, ""),
                "inputs": dict(run.inputs),
                "vars": dict(repository.variables),
                "needs": {key: {"result": done[key].result, "outputs": done[key].outputs} for key in job.needs},
            },
            Status(
                success=not run.cancelled and all(one.result == SUCCESS for one in before),
                failure=not run.cancelled and any(one.result == FAILURE for one in before),
                cancelled=run.cancelled,
            ),
        )
        if not self.expressions.holds(job.condition, scope.only(OF_PLANNED_JOB)):
            run.jobs.append(JobResult(job.key, job.name, SKIPPED))
            return run.jobs[-1]
        plain = Scope(scope.contexts)
        combinations = _combinations(self.expressions.value(job.matrix, plain)) if job.matrix is not None else [None]
        played: list[JobResult] = []
        for place, matrix in enumerate(combinations):
            stopped = bool(self.expressions.value(job.fail_fast, plain)) and any(
                one.result == FAILURE for one in played
            )
            strategy = {"fail-fast": True, "job-index": place, "job-total": len(combinations), "max-parallel": 1}
            contexts = {**scope.contexts, "matrix": matrix, "strategy": strategy}
            if stopped:
                played.append(JobResult(job.key, self._named(job, contexts), CANCELLED))
            else:
                played.append(self._machine(run, repository, job, contexts))
            run.jobs.append(played[-1])
        outputs = {key: value for one in played for key, value in one.outputs.items() if value}
        results = {one.result for one in played}
        result = next((one for one in (FAILURE, CANCELLED) if one in results), SUCCESS)
        return JobResult(job.key, job.name, result, outputs=outputs)

    def _named(self, job: Job, contexts: Mapping[str, Any]) -> str:
        return self.expressions.text(job.name, Scope(contexts).only(OF_JOB))

    def _machine(self, run: Run, repository: Repository, job: Job, contexts: dict[str, Any]) -> JobResult:
        permissions = _permissions(run, repository, job)
        token = self.host.grant(repository.name, permissions)
        folder = self._empty_folder()
        machine = Machine(
            folder,
            self.host,
            repository,
            self._github(run, repository, job.key, token),
            token,
            self.base,
            run.artifacts,
            run.folder / "artifacts",
            self.expressions.text(job.environment, Scope(contexts).only(OF_JOB)) or None,
        )
        machine.github["workspace"] = str(machine.workspace)
        machine.listener.masked |= {token}
        secrets = {"GITHUB_TOKEN": token, **({} if run.event.foreign else repository.secrets)}
        machine.listener.masked |= {line for value in secrets.values() for line in value.splitlines() if line.strip()}
        event = machine.temp / "event.json"
        event.write_text(json.dumps(run.event.payload), encoding="utf-8")
        machine.github["event_path"] = str(event)
        known = {
            **contexts,
            "github": machine.github,
            "secrets": secrets,
            "job": {"status": SUCCESS},
            "runner": {"os": "Linux", "arch": "X64", "name": "rehearsal", "temp": str(machine.temp)},
        }
        of_workflow = environment(self.expressions, run.workflow.env, Scope(known).only(OF_RUN | {"secrets"}))
        machine.variables.update(of_workflow)
        machine.variables.update(environment(self.expressions, job.env, Scope(known).only(OF_JOB | {"secrets"})))
        frame = Frame(known, {}, OF_STEP, OF_STEP_CONDITION, shell=job.shell, folder=job.folder)
        result = JobResult(job.key, self._named(job, contexts), SUCCESS, permissions=permissions)
        try:
            Steps(run, machine, self.expressions, result).play(job.steps, frame)
            scope = Scope({**known, "steps": frame.steps, "env": machine.variables})
            for name, value in job.outputs.items():
                said = "" if machine.lost else self.expressions.text(value, scope.only(OF_STEP))
                result.outputs[name] = "" if machine.listener.masking(said) != said else said
        finally:
            machine.end()
            (folder / "ended").touch()
        result.result = FAILURE if machine.lost else frame.status
        if result.result == FAILURE and self.expressions.value(job.goes_on, Scope(known).only(OF_JOB)):
            result.result = SUCCESS
        result.annotations = machine.listener.annotations
        return result

    def _empty_folder(self) -> Path:
        """A new machine's. Machines stand at few places, so that Python finds again what it compiled there."""
        for place in itertools.count():
            folder = self.folder / f"machine-{place}"
            if not (folder / "temp").exists() or (folder / "ended").exists():
                shutil.rmtree(folder, ignore_errors=True)
                return folder
        raise AssertionError

    def _github(self, run: Run, repository: Repository, job: str, token: str) -> dict[str, Any]:
        event, name = run.event, repository.name
        return {
            "token": token,
            "event": dict(event.payload),
            "event_name": event.name,
            "ref": event.ref,
            "ref_name": event.ref.removeprefix("refs/heads/").removeprefix("refs/pull/").removeprefix("refs/tags/"),
            "ref_type": "tag" if event.ref.startswith("refs/tags/") else "branch",
            "sha": event.sha,
            "head_ref": event.head_ref,
            "base_ref": event.base_ref,
            "repository": name,
            "repository_owner": name.partition("/")[0],
            "actor": event.actor,
            "triggering_actor": event.actor,
            "workflow": run.workflow.name,
            "workflow_ref": f"{name}/{run.workflow.file}@{event.ref}",
            "workflow_sha": event.sha,
            "run_id": str(7_000_000_000 + run.number),
            "run_number": str(run.number),
            "run_attempt": "1",
            "job": job,
            "server_url": self.host.address,
            "api_url": self.api,
            "graphql_url": f"{self.api}/graphql",
        }


# --- What GitHub works out -------------------------------------------------------------------------------------------


def _in_order(workflow: Workflow) -> Iterator[Job]:
    left = dict(workflow.jobs)
    while left:
        ready = [job for job in left.values() if not set(job.needs) & set(left)]
        if not ready or any(need not in workflow.jobs for job in ready for need in job.needs):
            raise RehearsalError(f"{workflow.file}: jobs that need each other, or one that is not there")
        for job in ready:
            yield left.pop(job.key)


def _ancestors(workflow: Workflow, job: Job) -> set[str]:
    """All that a job needs, directly or not: success() and failure() speak of them all."""
    return set(job.needs).union(*(_ancestors(workflow, workflow.jobs[key]) for key in job.needs))


def _combinations(matrix: Any) -> list[dict[str, Any]]:
    """What a matrix makes: every combination less those excluded, with what is included."""
    axes = {name: values for name, values in matrix.items() if name not in ("include", "exclude")}
    if not all(isinstance(values, list) for values in axes.values()):
        raise RehearsalError(f"a matrix of {matrix!r}")
    made = [dict(zip(axes, values, strict=True)) for values in itertools.product(*axes.values())] if axes else []
    made = [one for one in made if not any(out.items() <= one.items() for out in matrix.get("exclude", []))]
    first = [dict(one) for one in made]
    for more in matrix.get("include", []):
        fits = [
            place for place, one in enumerate(first) if all(one.get(key, value) == value for key, value in more.items())
        ]
        for place in fits:
            made[place] |= more
        if not fits:
            made.append(dict(more))
    return made


def _permissions(run: Run, repository: Repository, job: Job) -> Mapping[str, str]:
    """What a job's token may do: what the job says, else the workflow, else the repository; of a fork, only to read."""
    said = next(
        (one for one in (job.permissions, run.workflow.permissions) if one is not None), repository.usual_permissions
    )
    return dict.fromkeys(set(said) - {"id-token"}, "read") if run.event.foreign else dict(said)
