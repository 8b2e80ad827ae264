"""Ask every source for every target of every project: sources at the same time, each of them serially."""

from __future__ import annotations

import datetime as dt
import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from groundswell.http import Door
from groundswell.models import Answer, Ask, Failure, Project, SourceModule

log = logging.getLogger(__name__)

Known = Callable[[Project, str, str], Ask]  # project, source, target → what is known of it
_DONE: Final = None


class Stopped(Exception):
    """A source's thread ended with a fault of ours; the cause says which."""


def plan(projects: Sequence[Project], sources: Mapping[str, SourceModule], known: Known) -> Mapping[str, list[Ask]]:
    """Source → what it is to be asked for, in the order of the projects; a target named twice is asked for each."""
    return {
        key: [known(project, key, target) for project in projects for target in project.targets.get(key, ())]
        for key in sources
    }


def collect(
    asks: Mapping[str, Sequence[Ask]], sources: Mapping[str, SourceModule], door: Door, today: dt.date
) -> Iterator[Answer | Failure]:
    """Every answer and failure as soon as it is there. A target that a source passes over in silence is a failure.

    Raises Stopped after all sources have ended when one of them ended with a fault that is not a source's answer.
    """
    outcomes: queue.SimpleQueue[Answer | Failure | BaseException | None] = queue.SimpleQueue()
    busy = {key: wanted for key, wanted in asks.items() if wanted}
    for key, wanted in busy.items():
        arguments = (key, sources[key], wanted, door, today, outcomes)
        threading.Thread(target=_ask_source, args=arguments, name=key, daemon=True).start()
    running, fault = len(busy), None
    while running:
        outcome = outcomes.get()
        if outcome is _DONE:
            running -= 1
        elif isinstance(outcome, BaseException):
            fault = outcome
        else:
            yield outcome
    if fault is not None:
        raise Stopped("a source stopped with a fault of this program") from fault


def _ask_source(
    key: str,
    source: SourceModule,
    asks: Sequence[Ask],
    door: Door,
    today: dt.date,
    outcomes: queue.SimpleQueue[Answer | Failure | BaseException | None],
) -> None:
    silent = Counter((ask.project, ask.target) for ask in asks)
    try:
        for outcome in source.fetch(asks, door, today):
            if isinstance(outcome, Failure):
                log.info("%s, %s: %s %s", outcome.project, outcome.target or key, source.LABEL, outcome.reason)
            silent.pop((outcome.project, outcome.target), None)
            outcomes.put(outcome)
        for project, target in silent:
            outcomes.put(Failure(key, project, target, "gave no answer"))
    except Exception as fault:  # noqa: BLE001 - carried to the caller's thread whole, where it ends the run
        outcomes.put(fault)
    finally:
        outcomes.put(_DONE)
