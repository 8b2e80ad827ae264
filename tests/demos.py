"""The demo, made once for all processes that run tests: it takes half a minute, and many tests look at it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from sandbox import demo


def made(folders: pytest.TempPathFactory) -> Path:
    """The folder with the demo's `site` and `history`. Nobody writes into it.

    Whoever comes first makes it; the others wait. A demo that failed is made again by the next one, which fails too.
    """
    base = folders.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "the-demo"
    folder.mkdir(exist_ok=True)
    done = folder / "done"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            where = ["--site", str(folder / "site"), "--history", str(folder / "history"), "--keep"]
            assert demo.main(where) == 0
            done.touch()
    return folder
