"""`python -m sandbox`: serve the stand-in until Ctrl-C, and print its address."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from sandbox import gallery, tracker
from sandbox.faults import KINDS, FaultError, listed
from sandbox.hosts import USUAL, Limits, load, own_kinds
from sandbox.server import start


def options() -> argparse.ArgumentParser:
    """What the command line takes."""
    kinds = listed({**KINDS, **own_kinds(load())})
    parser = argparse.ArgumentParser(
        "python -m sandbox",
        description="Stand in for every site that the sources read, with invented projects, on 127.0.0.1.",
        epilog=f"faults, each with its settings; also host=, path=, target=, times=:\n{kinds}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--today", type=dt.date.fromisoformat, default=gallery.TODAY, metavar="YYYY-MM-DD")
    parser.add_argument("--projects", type=int, metavar="N", help="that many generated projects, not the gallery")
    parser.add_argument("--turned", action="store_true", help="with the growth of every project turned round")
    parser.add_argument("--tracker", type=Path, metavar="FILE", help="write the tracker file that names them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--points", type=int, default=USUAL.points, help="GraphQL points an hour")
    parser.add_argument("--requests", type=int, default=USUAL.requests, help="GitHub REST requests an hour")
    parser.add_argument("--fault", action="append", default=[], metavar="'KIND NAME=VALUE …'", help="see below")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted. Gives the exit status."""
    chosen = options().parse_args(arguments)
    limits = Limits(points=chosen.points, requests=chosen.requests)
    try:
        sandbox = start(
            today=chosen.today,
            projects=chosen.projects,
            turned=chosen.turned,
            seed=chosen.seed,
            faults=chosen.fault,
            limits=limits,
            port=chosen.port,
        )
    except (FaultError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if chosen.tracker is not None:
        chosen.tracker.write_text(tracker.text(sandbox.world.entries), encoding="utf-8")
    with sandbox:
        print(sandbox.address, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
