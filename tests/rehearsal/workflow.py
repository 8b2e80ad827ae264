"""Workflow files and composite actions as records. A key or a value that the rehearsal does not play is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import yaml

Plain = Any  # what YAML gives: texts, numbers, lists, mappings
Inputs = Mapping[str, Mapping[str, Plain]]
T = TypeVar("T")

SCOPES: Final = frozenset(
    {
        *(
            "actions",
            "attestations",
            "checks",
            "contents",
            "deployments",
            "discussions",
            "id-token",
            "issues",
            "models",
        ),
        *("packages", "pages", "pull-requests", "security-events", "statuses"),
    }
)
WRITTEN_OUT: Final = {
    "read-all": dict.fromkeys(SCOPES - {"id-token"}, "read"),
    "write-all": dict.fromkeys(SCOPES, "write"),
}
IGNORED: Final = {"run-name", "name"}  # of a workflow: what is only shown
TIME: Final = {"timeout-minutes"}  # of a job or step: it is up when a Disturbance says so ("overrun")


class RehearsalError(Exception):
    """What the rehearsal does not know, or what GitHub would not take at all."""


@dataclass(frozen=True, slots=True)
class Concurrency:
    """Who may not run at the same time; both are expressions."""

    group: str
    cancel_in_progress: str | bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step; texts may hold expressions."""

    id: str
    name: str
    condition: str = "success()"
    uses: str | None = None
    run: str | None = None
    shell: str | None = None
    folder: str | None = None  # working-directory
    env: Mapping[str, Plain] = field(default_factory=dict)
    given: Mapping[str, Plain] = field(default_factory=dict)  # with
    goes_on: str | bool = False  # continue-on-error


@dataclass(frozen=True, slots=True)
class Job:
    """A job; texts may hold expressions."""

    key: str
    name: str
    steps: tuple[Step, ...]
    needs: tuple[str, ...] = ()
    condition: str = "success()"
    permissions: Mapping[str, str] | None = None  # None: those of the workflow
    env: Mapping[str, Plain] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    matrix: Plain = None
    fail_fast: str | bool = True
    environment: str | None = None
    shell: str | None = None
    folder: str | None = None
    goes_on: str | bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow file."""

    file: str
    name: str
    on: Mapping[str, Plain]  # event → its filters
    jobs: Mapping[str, Job]
    permissions: Mapping[str, str] | None = None  # None: what the repository gives
    env: Mapping[str, Plain] = field(default_factory=dict)
    concurrency: Concurrency | None = None


@dataclass(frozen=True, slots=True)
class Composite:
    """A composite action."""

    name: str
    inputs: Inputs
    outputs: Mapping[str, str]
    steps: tuple[Step, ...]


# --- YAML ------------------------------------------------------------------------------------------------------------


class _Core(yaml.SafeLoader):
    """YAML 1.2's own words for values, as GitHub reads them: `on` and `yes` are texts."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - the base class's way


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _firsts = [*_first.replace("\0", ""), *([""] if "\0" in _first else [])]
    _Core.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _firsts)


def _read(text: str, where: str) -> dict[str, Plain]:
    content = yaml.load(text, Loader=_Core)
    if not isinstance(content, dict):
        raise RehearsalError(f"{where} is no mapping")
    return content


class _Taken:
    """A mapping whose keys are taken one by one; what is left over at the end is unknown."""

    def __init__(self, content: Plain, where: str) -> None:
        if not isinstance(content, dict):
            raise RehearsalError(f"{where} is no mapping")
        self.left, self.where = dict(content), where

    def __call__(self, key: str, usual: Plain = None) -> Plain:
        value = self.left.pop(key, usual)
        return usual if value is None else value

    def done(self, ignored: frozenset[str] | set[str] = frozenset()) -> None:
        if unknown := set(self.left) - ignored:
            raise RehearsalError(f"{self.where}: the rehearsal does not know {', '.join(sorted(unknown))}")


# --- Reading ---------------------------------------------------------------------------------------------------------


def workflow(text: str, file: str) -> Workflow:
    """The workflow of a file. Raises RehearsalError."""
    take = _Taken(_read(text, file), file)
    shell, folder = _defaults(take("defaults", {}), file)
    jobs = {key: _job(key, job, shell, folder, f"{file}, {key}") for key, job in take("jobs").items()}
    found = Workflow(
        file,
        take("name", file),
        _events(take("on")),
        jobs,
        _permissions(take("permissions"), file),
        take("env", {}),
        _concurrency(take("concurrency")),
    )
    take.done(IGNORED)
    return found


def composite(text: str, where: str) -> Composite:
    """The composite action of an `action.yml`. Raises RehearsalError."""
    take = _Taken(_read(text, where), where)
    runs = _Taken(take("runs"), f"{where}, runs")
    if runs("using") != "composite":
        raise RehearsalError(f"{where}: only composite actions are played from their files")
    steps = tuple(_steps(runs("steps"), where))
    runs.done()
    if bare := [step.name for step in steps if step.run is not None and step.shell is None]:
        raise RehearsalError(f"{where}: in a composite action every run names its shell: {bare}")
    outputs = {key: str(one["value"]) for key, one in take("outputs", {}).items()}
    found = Composite(take("name"), take("inputs", {}), outputs, steps)
    take.done({"description", "author", "branding"})
    return found


def _job(key: str, content: Plain, shell: str | None, folder: str | None, where: str) -> Job:
    take = _Taken(content, where)
    strategy = _Taken(take("strategy", {}), f"{where}, strategy")
    own_shell, own_folder = _defaults(take("defaults", {}), where)
    environment = take("environment")
    if not str(take("runs-on", "")).startswith("ubuntu-"):
        raise RehearsalError(f"{where}: only Linux is played")
    found = Job(
        key,
        take("name", key),
        tuple(_steps(take("steps"), where)),
        tuple(_several(take("needs", ()))),
        _condition(take("if", "success()")),
        _permissions(take("permissions"), where),
        take("env", {}),
        take("outputs", {}),
        strategy("matrix"),
        strategy("fail-fast", True),
        environment["name"] if isinstance(environment, dict) else environment,
        own_shell or shell,
        own_folder or folder,
        take("continue-on-error", False),
    )
    strategy.done({"max-parallel"})
    take.done(TIME)
    return found


def _steps(content: Plain, where: str) -> Iterator[Step]:
    for place, one in enumerate(content, start=1):
        take = _Taken(one, f"{where}, step {place}")
        uses, run = take("uses"), take("run")
        if (uses is None) == (run is None):
            raise RehearsalError(f"{take.where}: a step uses an action, or runs a script")
        yield Step(
            take("id", f"__{place}"),
            take("name", uses or f"Run {run}".splitlines()[0]),
            _condition(take("if", "success()")),
            uses,
            run,
            take("shell"),
            take("working-directory"),
            take("env", {}),
            take("with", {}),
            take("continue-on-error", False),
        )
        take.done(TIME)


def _condition(value: Plain) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _several(value: Plain) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _events(on: Plain) -> dict[str, Plain]:
    return {name: on[name] or {} for name in on} if isinstance(on, dict) else {name: {} for name in _several(on)}


def _defaults(content: Plain, where: str) -> tuple[str | None, str | None]:
    take = _Taken(content, f"{where}, defaults")
    run = _Taken(take("run", {}), f"{where}, defaults")
    found = run("shell"), run("working-directory")
    run.done()
    take.done()
    return found


def _concurrency(value: Plain) -> Concurrency | None:
    if value is None:
        return None
    if isinstance(value, str):
        return Concurrency(value)
    take = _Taken(value, "concurrency")
    found = Concurrency(take("group"), take("cancel-in-progress", False))
    take.done()
    return found


def _permissions(value: Plain, where: str) -> Mapping[str, str] | None:
    if value is None:
        return None
    given = WRITTEN_OUT.get(value) if isinstance(value, str) else value
    if not isinstance(given, dict) or not set(given) <= SCOPES or not set(given.values()) <= {"read", "write", "none"}:
        raise RehearsalError(f"{where}: permissions {value!r}")
    return {scope: level for scope, level in given.items() if level != "none"}
