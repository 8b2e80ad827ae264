"""Drawings of an earlier run: a chart whose data did not change is not drawn again.

Each is kept under a digest of all that it is made of: the points, the marks, and the code that draws them. There is one
file for each project, with the drawings of its page as it was last made and no others; files of projects that are
tracked no longer go. A file that breaks off or was changed counts as none: its charts are drawn again.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import inspect
import json
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np

from groundswell import addresses, charts, wording
from groundswell.charts import Easel, Odd, Plot

_ENDING: Final = ".drawings"
_MADE_BY: Final = (charts, wording)  # what decides how a chart looks, with matplotlib and numpy


def beside(site: Path) -> Path:
    """The folder for the drawings of a site."""
    return site.with_name(f"{site.name}{_ENDING}")


@dataclass(slots=True)
class Sheet:
    """The drawings of one project: those that were kept, and those that were asked for since."""

    easel: Easel
    path: Path | None = None  # None keeps nothing
    _kept: dict[str, str] = field(default_factory=dict)
    _used: dict[str, str] = field(default_factory=dict)

    def draw(self, shown: Plot, events: Sequence[dt.date] = (), odd: Sequence[Odd] = ()) -> str:
        """As `Easel.draw`."""
        key = digest(shown, events, odd)
        drawing = self._kept.get(key) or self.easel.draw(shown, events, odd)
        self._used[key] = drawing
        return drawing

    def keep(self) -> None:
        """Write what was asked for; what cannot be written is drawn again another time."""
        if self.path is None or self._used == self._kept:
            return
        fresh = self.path.with_name(f".{self.path.name}.{os.getpid()}.new")
        with contextlib.suppress(OSError):
            fresh.write_bytes(_sealed(json.dumps(self._used, ensure_ascii=False).encode()))
            fresh.replace(self.path)


def sheet(folder: Path | None, project: str, easel: Easel) -> Sheet:
    """The sheet of a project, with what is kept of it in a folder."""
    if folder is None:
        return Sheet(easel)
    path = folder / f"{addresses.slug(project)}.json"
    return Sheet(easel, path, _opened(path))


def make_room(folder: Path, projects: Collection[str]) -> None:
    """Make the folder, and take out of it what is of no project that is tracked, or was left half."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        names = {f"{addresses.slug(project)}.json" for project in projects}
        for path in folder.iterdir():
            if path.name not in names and path.suffix in {".json", ".new"}:
                path.unlink()


def digest(shown: Plot, events: Sequence[dt.date], odd: Sequence[Odd]) -> str:
    """Of all that a drawing is made of."""
    made = hashlib.sha256(_code())
    made.update(repr((shown.gap, shown.from_zero, shown.observed_since, tuple(events), tuple(odd))).encode())
    for series in (shown.series, shown.apart):
        made.update(len(series).to_bytes(8))
        made.update(series.days.tobytes())
        made.update(series.values.tobytes())
    return made.hexdigest()


@cache
def _code() -> bytes:
    made = hashlib.sha256(f"{mpl.__version__} {np.__version__}".encode())
    for module in _MADE_BY:
        made.update(inspect.getsource(module).encode())
    return made.digest()


def _sealed(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def _opened(path: Path) -> dict[str, str]:
    """What a file holds; nothing, when it is not as it was written."""
    try:
        whole = path.read_bytes()
    except OSError:
        return {}
    content = whole.partition(b"\n")[2]
    return dict(json.loads(content)) if content and whole == _sealed(content) else {}
