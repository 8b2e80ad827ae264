"""Runs of generate.py without its start: a process that has everything imported forks a child for each.

A run of its own process pays more than a second for importing; the suite has some hundred of them. What a child gets is
what a process would: its own folder, environment, arguments, standard output and error, and an exit status. What has to
be killed, or watched while it runs, is still started as a process.
"""

from __future__ import annotations

import atexit
import json
import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import IO, Final

ROOT: Final = Path(__file__).parent.parent
SCRIPT: Final = "generate.py"


def run(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """What `python generate.py ARGUMENTS` leaves, in `folder` and with nothing but `environment` around it."""
    with tempfile.TemporaryDirectory() as place:
        out, err = Path(place, "out"), Path(place, "err")
        order = {"arguments": list(arguments), "environment": dict(environment), "folder": str(folder)}
        warm = _warm()
        assert warm.stdin is not None
        assert warm.stdout is not None
        warm.stdin.write(json.dumps(order | {"out": str(out), "err": str(err)}) + "\n")
        warm.stdin.flush()
        status = warm.stdout.readline()
        assert status, "the process that has everything imported is gone"
        texts = [path.read_bytes().decode(errors="replace") for path in (out, err)]
    return subprocess.CompletedProcess([SCRIPT, *arguments], int(status), *texts)


@cache
def _warm() -> subprocess.Popen[str]:
    """One for each process that runs tests."""
    command = [sys.executable, "-m", "tests.warm"]
    warm = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(_end, warm)
    return warm


def _end(warm: subprocess.Popen[str]) -> None:
    warm.kill()
    warm.communicate()


# --- The process that forks ------------------------------------------------------------------------------------------


def _serve(orders: IO[str], answers: IO[str]) -> None:
    runpy.run_path(str(ROOT / SCRIPT), run_name="imported")  # everything that it imports, and nothing else
    for line in orders:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(order)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), file=answers, flush=True)


def _become(order: Mapping[str, object]) -> None:
    """Be a process that was started with this order; never returns."""
    status = 1
    try:
        for number, key in ((0, None), (1, "out"), (2, "err")):
            name, flags = (os.devnull, os.O_RDONLY) if key is None else (str(order[key]), os.O_WRONLY | os.O_CREAT)
            os.dup2(os.open(name, flags), number)
        os.chdir(str(order["folder"]))
        os.environ.clear()
        environment, arguments = order["environment"], order["arguments"]
        assert isinstance(environment, dict)
        assert isinstance(arguments, list)
        os.environ.update(environment)
        sys.argv = [SCRIPT, *arguments]
        status = _ended()
    except BaseException:  # noqa: BLE001 - a process ends with 1 and a traceback, whatever it was
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _ended() -> int:
    try:
        runpy.run_path(str(ROOT / SCRIPT), run_name="__main__")
    except SystemExit as stopped:
        if isinstance(stopped.code, str):
            print(stopped.code, file=sys.stderr)
        return stopped.code if isinstance(stopped.code, int) else int(stopped.code is not None)
    return 0


if __name__ == "__main__":
    _serve(sys.stdin, os.fdopen(os.dup(sys.stdout.fileno()), "w"))
