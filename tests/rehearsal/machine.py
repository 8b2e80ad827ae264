"""The machine that a job runs on: its folders, its token, the processes that it starts and how they are ended."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from tests.rehearsal.actions import ActionFailed
from tests.rehearsal.commands import Listener
from tests.rehearsal.host import Host, Repository
from tests.rehearsal.workflow import RehearsalError

SHELLS: Final[Mapping[str | None, tuple[str, ...]]] = {  # docs: "Specifying a shell"
    None: ("bash", "-e"),
    "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail"),
    "sh": ("sh", "-e"),
    "python": ("python",),
}
LONGEST: Final = 180.0  # seconds that a step of a rehearsal may really take
POLITE: Final = (0.6, 0.4)  # seconds after SIGINT, and after SIGTERM; GitHub waits 7.5 and 2.5
What = Literal["kill", "cancel", "lose", "overrun"]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Something that comes between a step and its end.

    kill: SIGKILL for what the step has started. cancel: somebody cancels the run. lose: the machine is gone.
    overrun: the time of the step, or of its job, is up.
    """

    step: str  # by its id or name
    what: What
    when: Callable[[], bool] = lambda: True  # asked again and again while the step runs; True at once: as it begins
    note: list[str] = field(default_factory=list)  # filled when it has come


@dataclass
class Machine:
    """A machine for one job."""

    folder: Path
    host: Host
    repository: Repository
    github: dict[str, Any]
    token: str
    base: Mapping[str, str]  # environment of every process
    artifacts: dict[str, Path]
    artifact_folder: Path
    environment: str | None = None
    variables: dict[str, str] = field(default_factory=dict)  # GITHUB_ENV, the job's and the workflow's env
    path: list[str] = field(default_factory=list)  # GITHUB_PATH, the newest first
    strays: list[int] = field(default_factory=list)  # sessions whose processes outlived their step
    lost: bool = False

    def __post_init__(self) -> None:
        for folder in (self.workspace, self.temp):
            folder.mkdir(parents=True)
        self.listener = Listener(self.workspace)

    @property
    def workspace(self) -> Path:
        """Where the repository is checked out."""
        return self.folder / "work"

    @property
    def compiled(self) -> Path:
        """Where Python keeps what it compiled; the same for all machines."""
        return self.folder.parent / "compiled"

    @property
    def temp(self) -> Path:
        """RUNNER_TEMP."""
        return self.folder / "temp"

    @property
    def run_url(self) -> str:
        """Where the run is looked at."""
        return f"{self.github['server_url']}/{self.repository.name}/actions/runs/{self.github['run_id']}"

    def hear(self, line: str) -> None:
        """A line that a step prints."""
        self.listener.hear(line)

    def basic(self, token: str) -> str:
        """A token as git sends it, masked from now on."""
        found = base64.b64encode(f"x-access-token:{token}".encode()).decode()
        self.listener.masked |= {token, found}
        return found

    def must(self, token: str, scope: str, level: str, refusal: str) -> None:
        """Fail the step unless a token (the job's, where none is given) has a right."""
        grant = self.host.tokens.get(token or self.token)
        if grant is None or not grant.allows(scope, level):
            raise ActionFailed(refusal)

    def run(
        self, script: str, shell: str | None, folder: str | None, env: Mapping[str, str], met: Disturbance | None
    ) -> tuple[int, str | None]:
        """Run a script to its end. Gives its exit status, and what came between, if anything did."""
        if shell not in SHELLS:
            raise RehearsalError(f"the shell {shell!r} is not played")
        file = self.temp / f"script-{time.monotonic_ns()}.sh"
        file.write_text(script, encoding="utf-8")
        log = file.with_suffix(".log")
        path = os.pathsep.join([*self.path, self.base["PATH"]])
        where = self.workspace / (folder or "")
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*SHELLS[shell], str(file)],
                cwd=where,
                env={**self.base, **env, "PATH": path},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            came = self._watch(process, met)
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            self.hear(line)
        return process.returncode, came

    def _watch(self, process: subprocess.Popen[bytes], met: Disturbance | None) -> str | None:
        end = time.monotonic() + LONGEST
        while met is None or not met.when():
            try:
                process.wait(0.005 if met else LONGEST)
                self._note_strays(process.pid)
                return None
            except subprocess.TimeoutExpired:
                if time.monotonic() > end:
                    _kill(process.pid)
                    raise RehearsalError(f"a step took more than {LONGEST:g} seconds") from None
        met.note.append(met.what)
        if met.what in ("kill", "lose"):
            _kill(process.pid)
            self.lost = met.what == "lose"
        else:
            for sent, wait in zip((signal.SIGINT, signal.SIGTERM), POLITE, strict=True):
                process.send_signal(sent)  # to the shell alone, as the runner does
                try:
                    process.wait(wait)
                    break
                except subprocess.TimeoutExpired:
                    continue
            else:
                _kill(process.pid)
        process.wait()
        self._note_strays(process.pid)
        return met.what

    def _note_strays(self, session: int) -> None:
        if _of_session(session):
            self.strays.append(session)

    def end(self) -> None:
        """The job is over: what its steps left running is ended, and its token is worth nothing any more."""
        for session in self.strays:
            _kill(session)
        self.host.revoke(self.token)


def _kill(session: int) -> None:
    """End every process of a session, whichever group it has put itself into."""
    while found := _of_session(session):
        for process in found:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        time.sleep(0.002)


def _of_session(session: int) -> list[int]:
    """The processes of a session that still run."""
    found = []
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _parent, _group, its_session, *_ = place.read_text().rpartition(")")[2].split()
            if int(its_session) == session and state not in "ZX":
                found.append(int(place.parent.name))
    return found
