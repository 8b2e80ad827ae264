"""Carries out the steps of a job on its machine, and those of composite actions within them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.rehearsal import workflow as files
from tests.rehearsal.actions import ACTIONS, ActionFailed
from tests.rehearsal.commands import assignments, summary
from tests.rehearsal.expressions import OF_COMPOSITE, Expressions, Scope, Status
from tests.rehearsal.machine import Disturbance, Machine
from tests.rehearsal.runs import CANCELLED, FAILURE, SKIPPED, SUCCESS, JobResult, Played, Run
from tests.rehearsal.workflow import Composite, RehearsalError, Step

FILES: Final = {"GITHUB_OUTPUT": "output", "GITHUB_ENV": "env", "GITHUB_PATH": "path", "GITHUB_STEP_SUMMARY": "summary"}
COMPOSITES: Final = ("action.yml", "action.yaml")
DEEPEST: Final = 10  # composite actions within composite actions


@dataclass
class Frame:
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
class Steps:
    """The steps of one job of a run; what becomes of each is added to the job's result."""

    run: Run
    machine: Machine
    expressions: Expressions
    result: JobResult

    def play(self, steps: Sequence[Step], frame: Frame) -> None:
        for step in steps:
            if self.machine.lost:
                return
            self._step(step, frame)

    def _step(self, step: Step, frame: Frame) -> None:
        met = next((one for one in self.run.disturbances if one.step in (step.id, step.name) and not one.note), None)
        for one in {step.id, step.name} & set(self.run.before):
            self.run.before[one]()
        began = len(self.machine.listener.lines)
        self.machine.github["action"] = step.id
        frame.contexts["job"] = {"status": CANCELLED if self.run.cancelled else frame.status}
        shared = {**self.machine.variables, **frame.env}
        contexts = {**frame.contexts, "steps": frame.steps, "env": shared}
        own = environment(self.expressions, step.env, Scope(contexts).only(frame.seen))
        contexts["env"] = {**shared, **own}
        status = Status(
            success=not self.run.cancelled and frame.status == SUCCESS,
            failure=not self.run.cancelled and frame.status == FAILURE,
            cancelled=self.run.cancelled,
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
                came = self._carried_out(step, scope, frame, {**shared, **own}, outputs, met)
                outcome = FAILURE if came in ("kill", "overrun") else CANCELLED if came else SUCCESS
            except ActionFailed as failed:
                outcome, said = FAILURE, self.machine.listener.masking(str(failed))
                self.machine.hear(f"::error::{said}")
            self.run.cancelled |= bool(met and met.note and met.what == "cancel")
            goes_on = outcome == FAILURE and self.expressions.value(step.goes_on, scope)
            conclusion = SUCCESS if goes_on else outcome
        if not step.id.startswith("__"):
            frame.steps[step.id] = {"outputs": outputs, "outcome": outcome, "conclusion": conclusion}
        if conclusion in (FAILURE, CANCELLED) and frame.status == SUCCESS:
            frame.status = conclusion
        if self.run.cancelled:
            frame.status = CANCELLED
        log = "\n".join(self.machine.listener.lines[began:])
        self.result.steps.append(Played(step.id, name, outcome, conclusion, outputs, log, said, own))

    def _carried_out(
        self,
        step: Step,
        scope: Scope,
        frame: Frame,
        env: dict[str, str],
        outputs: dict[str, str],
        met: Disturbance | None,
    ) -> str | None:
        """Do what a step does. Gives what came between, if anything did. Raises ActionFailed when it fails."""
        if met is not None and met.when():  # as it begins, so that it never depends on how far a process came
            met.note.append(met.what)
            self.machine.lost = met.what == "lose"
            return met.what
        if step.run is not None:
            return self._script(step, scope, frame, env, outputs, met)
        assert step.uses is not None
        given = {key: self.expressions.text(value, scope) for key, value in step.given.items()}
        composite = self._composite(step.uses)
        if composite is not None:
            return self._inner(composite, given, frame, env, outputs)
        name = step.uses.partition("@")[0]
        action = ACTIONS.get(name)
        if action is None or "@" not in step.uses:
            raise RehearsalError(f"the rehearsal does not know the action {step.uses}")
        if unknown := set(given) - set(action.inputs):
            raise RehearsalError(f"the rehearsal does not know {', '.join(sorted(unknown))} of {name}")
        outputs.update(action.carry_out(self.machine, {**action.inputs, **given}))
        return None

    def _script(
        self,
        step: Step,
        scope: Scope,
        frame: Frame,
        env: Mapping[str, str],
        outputs: dict[str, str],
        met: Disturbance | None,
    ) -> str | None:
        assert step.run is not None
        told = {
            variable: self.machine.temp / f"{file}-{len(self.machine.listener.lines)}"
            for variable, file in FILES.items()
        }
        for file in told.values():
            file.write_text("")
        script = self.expressions.text(step.run, scope)
        shell = step.shell or frame.shell
        folder = self.expressions.text(step.folder or frame.folder, scope)
        given = {**env, **_variables(self.machine), **{name: str(file) for name, file in told.items()}}
        status, came = self.machine.run(script, shell, folder, given, met)
        if self.machine.lost:
            return came
        outputs.update(assignments(told["GITHUB_OUTPUT"]))
        self.machine.variables.update(assignments(told["GITHUB_ENV"]))
        self.machine.path[:0] = reversed([line for line in told["GITHUB_PATH"].read_text().splitlines() if line])
        self.result.summary += self.machine.listener.masking(summary(told["GITHUB_STEP_SUMMARY"]))
        if came is None and status:
            raise ActionFailed(f"Process completed with exit code {status}.")
        return came

    # --- Composite actions -------------------------------------------------------------------------------------------

    def _composite(self, uses: str) -> tuple[Composite, Path] | None:
        """The composite action that a step uses and the folder of its files; None for any other kind of action."""
        if uses.startswith("./"):
            folder = self.machine.workspace / uses
        else:
            place, _, ref = uses.partition("@")
            owner, name, *below = place.split("/", 2)
            repository = self.machine.host.repositories.get(f"{owner}/{name}")
            if repository is None:
                return None
            folder = self.machine.folder / "actions" / owner / name / ref
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
        found: tuple[Composite, Path],
        given: Mapping[str, str],
        frame: Frame,
        env: dict[str, str],
        outputs: dict[str, str],
    ) -> str | None:
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
        outer = self.machine.github.get("action_path")
        self.machine.github["action_path"] = str(folder)
        inside = Frame({**known, "inputs": inputs}, env, OF_COMPOSITE, OF_COMPOSITE, depth=frame.depth + 1)
        for step in composite.steps:
            if self.machine.lost:
                break
            self._step(step, inside)
        scope = Scope({**inside.contexts, "steps": inside.steps, "env": self.machine.variables})
        outputs.update(
            {key: self.expressions.text(one, scope.only(OF_COMPOSITE)) for key, one in composite.outputs.items()}
        )
        self.machine.github["action_path"] = outer or ""
        if self.machine.lost or inside.status == CANCELLED:
            return "lose" if self.machine.lost else "cancel"
        if inside.status == FAILURE:
            raise ActionFailed(f"a step of {composite.name} failed")
        return None


def environment(expressions: Expressions, env: Mapping[str, Any], scope: Scope) -> dict[str, str]:
    """An `env:` with its expressions filled in."""
    return {name: expressions.text(value, scope) for name, value in env.items()}


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
