"""Carries a workflow out: jobs in the order of their needs, steps in theirs, with what GitHub lets each of them see."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.rehearsal import workflow as files
from tests.rehearsal.actions import ACTIONS, ActionFailed
from tests.rehearsal.commands import Annotation, assignments, summary
from tests.rehearsal.events import Event
from tests.rehearsal.expressions import (
    OF_COMPOSITE,
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
from tests.rehearsal.machine import Disturbance, Machine
from tests.rehearsal.workflow import Composite, Job, RehearsalError, Step, Workflow

SUCCESS, FAILURE, CANCELLED, SKIPPED = "success", "failure", "cancelled", "skipped"
FILES: Final = {"GITHUB_OUTPUT": "output", "GITHUB_ENV": "env", "GITHUB_PATH": "path", "GITHUB_STEP_SUMMARY": "summary"}
COMPOSITES: Final = ("action.yml", "action.yaml")
DEEPEST: Final = 10  # composite actions within composite actions


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


@dataclass
class _Frame:
    """Where steps stand: in a job, or in a composite action within one."""

    contexts: dict[str, Any]
    env: dict[str, str]  # of the steps around
    seen: frozenset[str]  # contexts of a step here
    seen_by_condition: frozenset[str]
    steps: dict[str, Any] = field(default_factory=dict)
    status: str = SUCCESS
    shell: str | None = None
    folder: str | None = None
    depth: int = 0


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
        of_workflow = self._environment(run.workflow.env, Scope(known).only(OF_RUN | {"secrets"}))
        machine.variables.update(of_workflow)
        machine.variables.update(self._environment(job.env, Scope(known).only(OF_JOB | {"secrets"})))
        frame = _Frame(known, {}, OF_STEP, OF_STEP_CONDITION, shell=job.shell, folder=job.folder)
        result = JobResult(job.key, self._named(job, contexts), SUCCESS, permissions=permissions)
        try:
            self._steps(run, machine, job.steps, frame, result)
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

    def _environment(self, env: Mapping[str, Any], scope: Scope) -> dict[str, str]:
        return {name: self.expressions.text(value, scope) for name, value in env.items()}

    # --- Steps -------------------------------------------------------------------------------------------------------

    def _steps(self, run: Run, machine: Machine, steps: Sequence[Step], frame: _Frame, result: JobResult) -> None:
        for step in steps:
            if machine.lost:
                return
            self._step(run, machine, step, frame, result)

    def _step(self, run: Run, machine: Machine, step: Step, frame: _Frame, result: JobResult) -> None:
        met = next((one for one in run.disturbances if one.step in (step.id, step.name) and not one.note), None)
        for one in {step.id, step.name} & set(run.before):
            run.before[one]()
        began = len(machine.listener.lines)
        machine.github["action"] = step.id
        frame.contexts["job"] = {"status": CANCELLED if run.cancelled else frame.status}
        shared = {**machine.variables, **frame.env}
        contexts = {**frame.contexts, "steps": frame.steps, "env": shared}
        own = self._environment(step.env, Scope(contexts).only(frame.seen))
        contexts["env"] = {**shared, **own}
        status = Status(
            success=not run.cancelled and frame.status == SUCCESS,
            failure=not run.cancelled and frame.status == FAILURE,
            cancelled=run.cancelled,
        )
        condition = Scope(contexts, status).only(frame.seen_by_condition)
        name = self.expressions.text(step.name, Scope(contexts).only(frame.seen))
        outputs: dict[str, str] = {}
        said = ""
        if not self.expressions.holds(step.condition, condition):
            outcome = conclusion = SKIPPED
        else:
            scope = Scope(contexts).only(frame.seen)
            try:
                came = self._carried_out(run, machine, step, scope, frame, {**shared, **own}, outputs, result, met)
                outcome = FAILURE if came in ("kill", "overrun") else CANCELLED if came else SUCCESS
            except ActionFailed as failed:
                outcome, said = FAILURE, machine.listener.masking(str(failed))
                machine.hear(f"::error::{said}")
            run.cancelled |= bool(met and met.note and met.what == "cancel")
            goes_on = outcome == FAILURE and self.expressions.value(step.goes_on, scope)
            conclusion = SUCCESS if goes_on else outcome
        if not step.id.startswith("__"):
            frame.steps[step.id] = {"outputs": outputs, "outcome": outcome, "conclusion": conclusion}
        if conclusion in (FAILURE, CANCELLED) and frame.status == SUCCESS:
            frame.status = conclusion
        if run.cancelled:
            frame.status = CANCELLED
        log = "\n".join(machine.listener.lines[began:])
        result.steps.append(Played(step.id, name, outcome, conclusion, outputs, log, said, own))

    def _carried_out(
        self,
        run: Run,
        machine: Machine,
        step: Step,
        scope: Scope,
        frame: _Frame,
        env: dict[str, str],
        outputs: dict[str, str],
        result: JobResult,
        met: Disturbance | None,
    ) -> str | None:
        """Do what a step does. Gives what came between, if anything did. Raises ActionFailed when it fails."""
        if step.run is not None:
            return self._script(machine, step, scope, frame, env, outputs, result, met)
        assert step.uses is not None
        if met is not None and met.when():
            met.note.append(met.what)
            machine.lost = met.what == "lose"
            return met.what
        given = {key: self.expressions.text(value, scope) for key, value in step.given.items()}
        composite = self._composite(machine, step.uses)
        if composite is not None:
            self._inner(run, machine, composite, given, frame, env, outputs, result)
            return None
        name = step.uses.partition("@")[0]
        action = ACTIONS.get(name)
        if action is None or "@" not in step.uses:
            raise RehearsalError(f"the rehearsal does not know the action {step.uses}")
        if unknown := set(given) - set(action.inputs):
            raise RehearsalError(f"the rehearsal does not know {', '.join(sorted(unknown))} of {name}")
        outputs.update(action.carry_out(machine, {**action.inputs, **given}))
        return None

    def _script(
        self,
        machine: Machine,
        step: Step,
        scope: Scope,
        frame: _Frame,
        env: Mapping[str, str],
        outputs: dict[str, str],
        result: JobResult,
        met: Disturbance | None,
    ) -> str | None:
        assert step.run is not None
        told = {variable: machine.temp / f"{file}-{len(machine.listener.lines)}" for variable, file in FILES.items()}
        for file in told.values():
            file.write_text("")
        script = self.expressions.text(step.run, scope)
        shell = step.shell or frame.shell
        folder = self.expressions.text(step.folder or frame.folder, scope)
        given = {**env, **_variables(machine), **{name: str(file) for name, file in told.items()}}
        status, came = machine.run(script, shell, folder, given, met)
        if machine.lost:
            return came
        outputs.update(assignments(told["GITHUB_OUTPUT"]))
        machine.variables.update(assignments(told["GITHUB_ENV"]))
        machine.path[:0] = reversed([line for line in told["GITHUB_PATH"].read_text().splitlines() if line])
        result.summary += machine.listener.masking(summary(told["GITHUB_STEP_SUMMARY"]))
        if came is None and status:
            raise ActionFailed(f"Process completed with exit code {status}.")
        return came

    # --- Composite actions -------------------------------------------------------------------------------------------

    def _composite(self, machine: Machine, uses: str) -> tuple[Composite, Path] | None:
        """The composite action that a step uses and the folder of its files; None for any other kind of action."""
        if uses.startswith("./"):
            folder = machine.workspace / uses
        else:
            place, _, ref = uses.partition("@")
            owner, name, *below = place.split("/", 2)
            repository = self.host.repositories.get(f"{owner}/{name}")
            if repository is None:
                return None
            folder = machine.folder / "actions" / owner / name / ref
            if not folder.exists():
                for file, content in repository.files(ref).items():
                    (folder / file).parent.mkdir(parents=True, exist_ok=True)
                    (folder / file).write_bytes(content)
                    (folder / file).chmod(0o755)
            folder = folder.joinpath(*below)
        for file in COMPOSITES:
            if (folder / file).is_file():
                return files.composite((folder / file).read_text(encoding="utf-8"), f"{uses}, {file}"), folder
        raise ActionFailed(f"Can't find 'action.yml' or 'action.yaml' under '{folder}'.")

    def _inner(
        self,
        run: Run,
        machine: Machine,
        found: tuple[Composite, Path],
        given: Mapping[str, str],
        frame: _Frame,
        env: dict[str, str],
        outputs: dict[str, str],
        result: JobResult,
    ) -> None:
        composite, folder = found
        if frame.depth >= DEEPEST:
            raise RehearsalError("composite actions are too deep within each other")
        if unknown := set(given) - set(composite.inputs):
            raise RehearsalError(f"{composite.name} has no input {', '.join(sorted(unknown))}")
        known = {name: value for name, value in frame.contexts.items() if name in OF_COMPOSITE}
        usual = {
            name: self.expressions.text(one.get("default", ""), Scope(known).only(OF_COMPOSITE - {"inputs"}))
            for name, one in composite.inputs.items()
        }
        inputs = {**usual, **given}
        if missing := [n for n, one in composite.inputs.items() if one.get("required") and not inputs[n]]:
            raise RehearsalError(f"{composite.name} needs {', '.join(missing)}")
        outer = machine.github.get("action_path")
        machine.github["action_path"] = str(folder)
        inside = _Frame({**known, "inputs": inputs}, env, OF_COMPOSITE, OF_COMPOSITE, depth=frame.depth + 1)
        for step in composite.steps:
            if machine.lost:
                break
            self._step(run, machine, step, inside, result)
        scope = Scope({**inside.contexts, "steps": inside.steps, "env": machine.variables})
        outputs.update(
            {key: self.expressions.text(one, scope.only(OF_COMPOSITE)) for key, one in composite.outputs.items()}
        )
        machine.github["action_path"] = outer or ""
        if inside.status == FAILURE:
            raise ActionFailed(f"a step of {composite.name} failed")


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


def _variables(machine: Machine) -> dict[str, str]:
    """GITHUB_… and RUNNER_…, as every step has them."""
    named = {
        f"GITHUB_{name.upper()}": str(value) for name, value in machine.github.items() if name not in ("token", "event")
    }
    return {
        **named,
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "RUNNER_OS": "Linux",
        "RUNNER_ARCH": "X64",
        "RUNNER_TEMP": str(machine.temp),
        "RUNNER_ENVIRONMENT": "github-hosted",
    }


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


__all__ = ["CANCELLED", "FAILURE", "OF_RUN", "SKIPPED", "SUCCESS", "JobResult", "Played", "Run", "Runner", "begin"]
