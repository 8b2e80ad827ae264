"""Made-up histories with a course that is known, and the editions that come of them."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from groundswell import closing, config, render, sources, stages
from groundswell.closing import Known, keep
from groundswell.config import Config, Tracker
from groundswell.config_shape import Gate
from groundswell.editions import Broken, Corrected, Kept, News, Some
from groundswell.history import History
from groundswell.models import Project, RepositoryFacts, RepositoryState, Series, Stage
from tests.cards import HOSTILE

OCTOBER, NOVEMBER = dt.date(2026, 10, 31), dt.date(2026, 11, 30)
BEGAN = dt.date(2026, 3, 1)
SOURCES = sources.load()
SIGNALS, LABELS = sources.signals(SOURCES), sources.labels(SOURCES)


def book(
    project: str, until: dt.date, month: float, *, began: dt.date = BEGAN, start: float = 5000, days: int = 430
) -> History:
    """Stars that grow evenly, a value a day up to a day."""
    day = np.arange(until.toordinal() - days, until.toordinal() + 1, dtype=np.int64)
    begin = dt.date(2026, 1, 1).toordinal()
    stars = np.round(start * np.exp(math.log1p(month) * (day - begin) / 30.4375))
    facts = RepositoryFacts(project, project, RepositoryState.ACTIVE)
    return History(project, {"github.stars": Series(day, stars)}, {"github.stars": began}, facts=facts)


def known(today: dt.date, *books: History, tracker: Tracker | None = None, names: Mapping[str, str] = {}) -> Known:
    projects = tuple(Project(one.project, names.get(one.project, one.project), "Tools") for one in books)
    tracked = Config(tracker or Tracker(), projects, config.DEFAULT_THRESHOLDS, Gate(), ())
    return Known(tracked, {one.project: one for one in books}, SIGNALS, LABELS, today)


def two(today: dt.date, **more: object) -> Known:
    return known(today, book("up/riser", today, 0.08), book("down/faller", today, -0.05), **more)  # type: ignore[arg-type]


def turning(today: dt.date) -> History:
    """Stars that rise by a tenth a month until the end of September, and fall by a tenth from then on."""
    day = np.arange(today.toordinal() - 430, today.toordinal() + 1, dtype=np.int64)
    turn = dt.date(2026, 9, 30).toordinal()
    stars = np.round(9000 * np.exp(-0.1 * np.abs(day - turn) / 30.4375))
    return dataclasses.replace(book("turn/coat", today, 0.0), columns={"github.stars": Series(day, stars)})


def site(folder: Path, asked: Known) -> Path:
    cards = stages.cards(asked.tracked, asked.books, SIGNALS, LABELS, asked.today)
    kept = keep(folder, asked)
    out = folder / "site"
    render.write(out, cards, asked.tracked.tracker, asked.today, SOURCES, judged=asked.tracked, editions=kept)
    return out


def sample(text: str = HOSTILE) -> tuple[Kept, ...]:
    """Three months: one whose file is broken, one with something of every kind and hostile names, and a quiet one."""
    today = dt.date(2026, 11, 20)
    names = {"tidewater/kelp": "Kelp", "evil/x-y.z": text}
    books = (book("tidewater/kelp", today, 0.08), book("evil/x-y.z", today, 0.03, start=900), turning(today))
    (full,) = closing.make([], known(today, *books, names=names))
    hostile = News("evil/x-y.z", text, text, text)
    kelp = News("tidewater/kelp", "Kelp", Stage.RETENTION.value, Stage.ACTION.value)
    full = dataclasses.replace(
        full,
        seen=0,
        tracked=Some(14, (hostile,)),
        newly=Some(1, (hostile,)),
        turned=Some(2, (hostile, kelp)),
        reached=Some(1, (kelp,)),
        bursts=Some(1, (hostile,)),
        credits=(text,),
        corrected=(Corrected("turn/coat", Stage.INTENT, today, None),),
    )
    nothing = dataclasses.replace(known(dt.date(2026, 12, 20), *books, names=names), books={})
    (quiet,) = closing.make([OCTOBER], nothing)
    return Broken(dt.date(2026, 9, 30), f"editions/2026-09.json cannot be read ({text})"), full, quiet
