"""Somebody's copy of this repository: what happens in it, the runs that this starts, what is then on its branches."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import matplotlib as mpl

from sandbox import gallery, generated, tracker
from sandbox.entry import Entry
from sandbox.hosts import USUAL, Limits
from sandbox.model import moment
from sandbox.server import Sandbox
from sandbox.world import World
from tests.rehearsal import workflow as files
from tests.rehearsal.events import Event, starts
from tests.rehearsal.expressions import OF_RUN, Expressions, Scope
from tests.rehearsal.host import GIT_ALONE, SOMEBODY, Grant, Host, Repository
from tests.rehearsal.machine import Disturbance
from tests.rehearsal.runner import Runner
from tests.rehearsal.runs import CANCELLED, Run, begin
from tests.rehearsal.workflow import RehearsalError, Workflow

ROOT: Final = Path(__file__).parents[2]
WORKFLOWS: Final = ".github/workflows/"
NOT_OURS: Final = frozenset({".git", ".venv", "site", "history", "build"})  # at the top: made, never committed
CACHES: Final = frozenset({"node_modules", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"})
PROJECTS: Final = tuple(generated.mix(4, seed=1))
TEMPLATE: Final = "groundswell/groundswell"
OWNER, STRANGER = "octocat", "stranger"
Before = Mapping[str, Callable[[], object]]


def _own_files() -> Iterator[Path]:
    for top in sorted(ROOT.iterdir()):
        if top.name in NOT_OURS | CACHES or top.is_symlink():
            continue
        for place in [top] if top.is_file() else sorted(top.rglob("*")):
            if place.is_file() and not place.is_symlink() and not CACHES & set(place.relative_to(ROOT).parts):
                yield place.relative_to(ROOT)


class Rehearsal:
    """A world without GitHub: a host of repositories, the sandbox for every other site. A context manager.

    `entries` are the projects that there are; the sandbox answers as on its day, which `sandbox.move_to` changes.
    """

    def __init__(self, folder: Path, entries: Sequence[Entry] = PROJECTS, *, limits: Limits = USUAL) -> None:
        self.folder, self.entries = folder, entries
        self.sandbox = Sandbox(World(entries, gallery.TODAY, 1), limits)
        self.host = Host(folder / "repositories")
        self.host.granted = self._introduce
        self.expressions = Expressions()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.expressions.__exit__(kind, error, trace)
        self.host.__exit__(kind, error, trace)
        self.sandbox.stop()

    @cached_property
    def template(self) -> Repository:
        """This repository as it is here: what there is to be copied."""
        made = self.host.create(TEMPLATE)
        with tempfile.TemporaryDirectory() as folder:
            for file in _own_files():
                (Path(folder) / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / file, Path(folder) / file)
            env = os.environ | GIT_ALONE | SOMEBODY | {"GIT_DIR": str(made.bare), "GIT_WORK_TREE": folder}
            for command in (["add", "--all", "--force"], ["commit", "--quiet", "--message", "Begin"]):
                subprocess.run(["git", *command], env=env, cwd=folder, check=True)
            (made.bare / "index").unlink()
        return made

    @property
    def runner(self) -> Runner:
        """Machines whose world is this one, on the sandbox's day."""
        return Runner(self.host, self.expressions, self._base(), self.api, self.folder / "machines")

    @property
    def api(self) -> str:
        """The address of GitHub's API."""
        return f"{self.sandbox.address}/api.github.com"

    def day(self, number: int) -> None:
        """Go to a day, counted from the first; limits are fresh then."""
        self.sandbox.move_to(gallery.TODAY + dt.timedelta(days=number))

    def projects(self, count: int = 2) -> str:
        """A tracker file that names the first projects of those that there are."""
        return tracker.text(self.entries[:count])

    def copy(self, name: str = "acme/tracker", *, of: Repository | None = None) -> Copy:
        """A copy made by *Use this template*, or of another copy with all that is in it."""
        made = self.host.clone(of or self.template, name)
        return Copy(self, made)

    def repository(self, name: str, content: Mapping[str, str]) -> Copy:
        """A repository with these files."""
        made = self.host.create(name)
        made.commit("main", content, "Begin")
        return Copy(self, made)

    def _introduce(self, token: str, grant: Grant) -> None:
        """Tell the sandbox what a job's token may do in the tracker's own repository."""
        order = {"name": grant.repository, "tokens": {token: {"permissions": dict(grant.permissions)}}}
        self.sandbox.world.desk.set_up(order)

    def _base(self) -> Mapping[str, str]:
        """The environment of every process: little of ours, so that nothing of this machine is leaned on."""
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        own = str(Path(sys.executable).parent)
        return {
            "PATH": os.pathsep.join(part for part in os.environ["PATH"].split(os.pathsep) if part != own),
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "STAND_IN": self.sandbox.address,
            "TODAY": self.sandbox.world.today.isoformat(),
            "TRIES_AFTER": "0 0",
            "NO_PROXY": "127.0.0.1",
            "PIP_NO_INDEX": "1",  # what is installed is looked at, and nothing fetched
            "MPLCONFIGDIR": mpl.get_cachedir(),
            **GIT_ALONE,
        }


@dataclass
class Copy:
    """A repository with its runs."""

    rehearsal: Rehearsal
    repository: Repository
    runs: list[Run] = field(default_factory=list)
    switched_off: set[str] = field(default_factory=lambda: {"ci.yml"})  # workflows; CI would play all this again
    _running: dict[str, Run] = field(default_factory=dict)  # concurrency group → run
    _waiting: dict[str, Run] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.set_up()

    def set_up(self, **settings: Any) -> None:
        """Tell the sandbox of the repository, with settings as `sandbox.github.issues` names them."""
        pages = "workflow" if self.repository.pages else None
        self.rehearsal.sandbox.world.desk.set_up({"name": self.repository.name, "pages": pages, **settings})

    def switch_pages_on(self) -> None:
        """Settings → Pages → Source: GitHub Actions."""
        self.repository.pages = True
        self.set_up()

    # --- What happens ------------------------------------------------------------------------------------------------

    def commit(self, changes: Mapping[str, str | None], branch: str = "main") -> list[Run]:
        """Commit files in the browser. Gives the runs that this starts."""
        sha = self.repository.commit(branch, changes, "Edit")
        return self.happen(Event("push", f"refs/heads/{branch}", sha, {"ref": branch}, changed=tuple(changes)))

    def change(self, file: str, old: str, new: str) -> None:
        """Change a file on main, in which `old` stands once. Starts nothing."""
        text = self.repository.git("show", f"main:{file}") + "\n"
        assert text.count(old) == 1, f"{file} has {text.count(old)} times:\n{old}"
        self.repository.commit("main", {file: text.replace(old, new)}, "Change it")

    def dispatch(
        self,
        file: str,
        *disturbances: Disturbance,
        before: Before | None = None,
        inputs: Mapping[str, Any] | None = None,
    ) -> Run:
        """*Run workflow*, on main."""
        event = self._on_main("workflow_dispatch", {"inputs": dict(inputs or {})})
        (run,) = self.happen(event, *disturbances, before=before, only=file)
        return run

    def schedule(self, file: str, *disturbances: Disturbance, before: Before | None = None) -> Run | None:
        """The hour of a workflow's schedule has come. Gives no run where the workflow is switched off."""
        (one, *_) = self._workflows(self._sha("main"))[file].on["schedule"]
        event = self._on_main("schedule", {"schedule": one["cron"]})
        runs = self.happen(event, *disturbances, before=before, only=file)
        return runs[0] if runs else None

    def pull_request(
        self, changes: Mapping[str, str | None], *, foreign: bool = True, action: str = "opened", title: str = "Add one"
    ) -> list[Run]:
        """A pull request against main with these changes, from a fork unless said otherwise."""
        repository = self.repository
        repository.pull_requests += 1
        number, base = repository.pull_requests, self._sha("main")
        branch = f"pull-{number}"
        head = repository.commit(branch, changes, title, parent=base)
        repository.git("update-ref", f"refs/pull/{number}/head", head)
        repository.git("update-ref", f"refs/pull/{number}/merge", head)  # main has not moved: the same tree
        repository.git("update-ref", "-d", f"refs/heads/{branch}")
        whose = "stranger/tracker" if foreign else repository.name
        payload = {
            "action": action,
            "number": number,
            "pull_request": {
                "number": number,
                "title": title,
                "head": {"ref": branch, "sha": head, "repo": {"full_name": whose, "fork": foreign}},
                "base": {"ref": "main", "sha": base, "repo": {"full_name": repository.name}},
            },
        }
        event = Event(
            "pull_request",
            f"refs/pull/{number}/merge",
            head,
            payload,
            STRANGER if foreign else OWNER,
            tuple(changes),
            branch,
            "main",
            foreign,
        )
        return self.happen(event)

    def issue(
        self,
        title: str,
        body: str,
        *,
        action: str = "opened",
        labels: Sequence[str] = (),
        number: int | None = None,
        association: str = "NONE",
        author: str = STRANGER,
    ) -> list[Run]:
        """Somebody opens an issue, or with `number` does something else with one: "edited" is its text from now on."""
        sandbox, name = self.rehearsal.sandbox, self.repository.name
        number = sandbox.world.desk.write(name, author, title, body, moment(sandbox.world.today.toordinal()), number)
        issue = {
            "number": number,
            "title": title,
            "body": body,
            "state": "open",
            "user": {"login": author, "type": "User"},
            "labels": [{"name": label} for label in labels],
            "author_association": association,
        }
        event = self._on_main("issues", {"action": action, "issue": issue}, author)
        return self.happen(event)

    def happen(
        self, event: Event, *disturbances: Disturbance, before: Before | None = None, only: str | None = None
    ) -> list[Run]:
        """Start every workflow that an event starts (of those, `only` one), and play what may run now."""
        started = []
        for file, workflow in sorted(self._workflows(event.sha).items()):
            if file in self.switched_off or only not in (None, file) or not starts(workflow, event):
                continue
            number = len(self.runs) + 1
            folder = self.rehearsal.folder / "runs" / self.repository.name / str(number)
            run = begin(workflow, event, number, folder, disturbances, before)
            self.runs.append(run)
            started.append(run)
            self._start(run)
            if run.conclusion and (missed := [one for one in disturbances if not one.note]):
                raise RehearsalError(f"{missed[0].what} did not come to {missed[0].step}:\n{run.told()}")
        return started

    # --- What is there -----------------------------------------------------------------------------------------------

    @property
    def data(self) -> dict[str, str]:
        """What is on the branch `data`; nothing where there is none."""
        found = self.repository.files("data") if self.repository.head("data") else {}
        return {name: content.decode() for name, content in found.items()}

    @property
    def written(self) -> Mapping[str, Any]:
        """What was written on GitHub beside git: issues and pull requests, as the sandbox tells them."""
        found: Mapping[str, Any] = self.rehearsal.sandbox.world.desk.plain()[self.repository.name]
        return found

    @property
    def site(self) -> Path:
        """The site that is published. Fails when none is."""
        assert self.repository.published is not None, "nothing is published"
        return self.repository.published

    def another(self, name: str) -> Copy:
        """A copy that begins where this one is."""
        return self.rehearsal.copy(name, of=self.repository)

    def cancel(self) -> None:
        """Cancel every run that is going on, before its next step."""
        for run in self._running.values():
            run.cancelled = True

    def _sha(self, branch: str) -> str:
        sha = self.repository.head(branch)
        assert sha is not None, f"there is no branch {branch}"
        return sha

    def _on_main(self, name: str, payload: Mapping[str, Any], actor: str = OWNER) -> Event:
        return Event(name, "refs/heads/main", self._sha("main"), payload, actor)

    def _workflows(self, commit: str) -> dict[str, Workflow]:
        git = self.repository.git
        names = git("ls-tree", "--name-only", commit, WORKFLOWS).splitlines()
        return {
            name.removeprefix(WORKFLOWS): files.workflow(git("show", f"{commit}:{name}"), name)
            for name in names
            if name.endswith((".yml", ".yaml"))
        }

    # --- One at a time -----------------------------------------------------------------------------------------------

    def _start(self, run: Run) -> None:
        """Play a run, or let it wait: of a concurrency group one run goes on and one waits, the newest."""
        limit, expressions = run.workflow.concurrency, self.rehearsal.expressions
        if limit is None:
            self._play(run)
            return
        github: dict[str, Any] = {"ref": run.event.ref, "workflow": run.workflow.name, "event_name": run.event.name}
        github |= {"head_ref": run.event.head_ref, "event": dict(run.event.payload)}
        scope = Scope({"github": github, "inputs": run.inputs, "vars": self.repository.variables}).only(OF_RUN)
        group = expressions.text(limit.group, scope)
        if group in self._running:
            if (before := self._waiting.pop(group, None)) is not None:
                before.conclusion = CANCELLED
            self._waiting[group] = run
            self._running[group].cancelled |= bool(expressions.value(limit.cancel_in_progress, scope))
            return
        self._running[group] = run
        try:
            self._play(run)
        finally:
            del self._running[group]
        if (following := self._waiting.pop(group, None)) is not None:
            self._start(following)

    def _play(self, run: Run) -> None:
        self.rehearsal.runner.play(run, self.repository)
