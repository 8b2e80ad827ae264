"""`python -m sandbox.demo`: the whole main job on the invented projects, over real HTTP but without a network."""

from __future__ import annotations

import argparse
import datetime as dt
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sandbox import earlier, figures, gallery
from sandbox.faults import FaultError
from sandbox.github import traffic
from sandbox.server import start
from sandbox.world import World

ROOT: Final = Path(__file__).parent.parent
PROJECTS: Final = ROOT / "sandbox" / "projects.yaml"
HISTORY: Final = ROOT / "build" / "demo" / "history"
SITE: Final = ROOT / "site"
WRONG_USE: Final = 2  # exit status
RUNS_BEFORE: Final = (28, 14)  # days: what is told as a total, or for two weeks alone, has an amount of 28 days then


def options() -> argparse.ArgumentParser:
    """What the command line takes."""
    parser = argparse.ArgumentParser("python -m sandbox.demo", description=__doc__)
    parser.add_argument("--site", type=Path, default=SITE, metavar="DIR")
    parser.add_argument("--history", type=Path, default=HISTORY, metavar="DIR")
    parser.add_argument("--keep", action="store_true", help="go on with the history that is there")
    parser.add_argument(
        "--past", type=int, default=420, metavar="DAYS", help="of levels imported first, and two runs before; 0: none"
    )
    parser.add_argument("--today", type=dt.date.fromisoformat, default=gallery.TODAY, metavar="YYYY-MM-DD")
    parser.add_argument("--turned", action="store_true", help="with the growth of every project turned round")
    parser.add_argument("--port", type=int, default=0, help="of the sandbox; 0 takes a free one")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="'KIND NAME=VALUE …'",
        help="`python -m sandbox --help` lists them",
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the main job against the sandbox. Gives its exit status."""
    chosen = options().parse_args(arguments)
    if not chosen.keep and not _cleared(chosen.history):
        print(f"{chosen.history} is not empty; --keep goes on with what is there.", file=sys.stderr)
        return WRONG_USE
    try:
        sandbox = start(today=chosen.today, turned=chosen.turned, faults=chosen.fault, port=chosen.port)
    except (FaultError, OSError) as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    with sandbox:
        status = _imported(sandbox.world, chosen.past, chosen.history) if chosen.past else 0
        for days in (*RUNS_BEFORE, 0) if chosen.past else (0,):
            sandbox.move_to(chosen.today - dt.timedelta(days=days))
            status = status or _generated(sandbox.address, sandbox.world, chosen.history, chosen.site)
    print(_where(status, chosen.site))
    return status


def _cleared(history: Path) -> bool:
    """Whether the history begins from nothing. Only the demo's own is ever removed."""
    if history == HISTORY and history.exists():
        shutil.rmtree(history)
    return not history.exists() or not any(history.iterdir())


def _imported(world: World, days: int, history: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "earlier.csv"
        file.write_text("\n".join(earlier.tidy(world, days)) + "\n", encoding="utf-8")
        renames = [f"--rename={signal}={signal}" for signal in earlier.LEVELS]
        where = ["--history", str(history), "--today", world.today.isoformat()]
        return _run(["import-history", str(file), *renames, *where], world)


def _generated(address: str, world: World, history: Path, site: Path) -> int:
    """With a copy of the tracker file, and beside it the owners' tables as they are on the world's day."""
    with tempfile.TemporaryDirectory() as folder:
        projects = Path(folder) / PROJECTS.name
        shutil.copyfile(PROJECTS, projects)
        for place, table in figures.files(world.entries, world.today).items():
            path = Path(folder) / place
            path.parent.mkdir(exist_ok=True)
            path.write_text(table, encoding="utf-8")
        where = ["--projects", str(projects), "--history", str(history), "--site", str(site)]
        return _run([*where, "--stand-in", address, "--today", world.today.isoformat()], world)


def _run(arguments: Sequence[str], world: World) -> int:
    command = [sys.executable, str(ROOT / "generate.py"), *arguments]
    around = {name: value for name, value in os.environ.items() if name not in ("ADDRESS", "GITHUB_SERVER_URL")}
    environment = around | {
        "GITHUB_TOKEN": "sandbox",
        figures.VARIABLE: figures.table(figures.SECRET, world.entries, world.today),
        "TRAFFIC_TOKEN": traffic.TOKEN,
        "GITHUB_REPOSITORY": f"{traffic.OWNER}/tracker",
        "CONTACT": "demo@sandbox.example",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    try:
        return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603 - our own command
    except KeyboardInterrupt:
        return 130


def _where(status: int, site: Path) -> str:
    if status != 0:
        return f"The demo ended with exit status {status}.\nWhat it means is in the lines above."
    page = site / "index.html"
    shown = page.relative_to(Path.cwd()) if page.is_relative_to(Path.cwd()) else page
    serve = "make serve" if site == SITE else f"python -m http.server --bind 127.0.0.1 --directory {site}"
    return f"The scorecard of the invented projects is {shown}.\nTo look at it in a browser: {serve}"


if __name__ == "__main__":
    sys.exit(main())
