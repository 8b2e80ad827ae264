"""Ask every source for every target of every project: sources at the same time, each of them serially.

A target that several projects share is asked for once, and its answer given to each. A source whose targets name hosts
of their own asks some of them side by side, so that one that does not answer holds up no other.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from groundswell.http import Door
from groundswell.models import Answer, Ask, Failure, Project, SourceModule
from groundswell.refusals import TIME_IS_UP

log = logging.getLogger(__name__)

SIDE_BY_SIDE: Final = 8  # hosts that projects name, asked at the same time
GRACE = 60.0  # seconds after the end of the run's time for what was asked before it; then nobody is waited for

Known = Callable[[Project, str, str], Ask]  # project, source, target → what is known of it
_DONE: Final = None
_Outcomes = queue.SimpleQueue[Answer | Failure | BaseException | None]


class Stopped(Exception):
    """A source's thread ended with a fault of ours; the cause says which."""


def plan(projects: Sequence[Project], sources: Mapping[str, SourceModule], known: Known) -> Mapping[str, list[Ask]]:
    """Source → what it is to be asked for, in the order of the projects; a target named twice is asked for each."""
    return {
        key: [known(project, key, target) for project in projects for target in project.targets.get(key, ())]
        for key in sources
    }


def once(source: SourceModule, asks: Sequence[Ask]) -> Sequence[Ask]:
    """What a source is really asked: of a target that projects share, the ask of the one of which least is known."""
    if not source.NAMING.shared:
        return asks
    least: dict[str, Ask] = {}
    for ask in asks:
        if ask.target not in least or _knowledge(ask) < _knowledge(least[ask.target]):
            least[ask.target] = ask
    return list(least.values())


def _knowledge(ask: Ask) -> tuple[int, dt.date, int]:
    return len(ask.newest), min(ask.newest.values(), default=dt.date.min), len(ask.state)


def collect(
    asks: Mapping[str, Sequence[Ask]], sources: Mapping[str, SourceModule], door: Door, today: dt.date
) -> Iterator[Answer | Failure]:
    """Every answer and failure as soon as it is there. A target that a source passes over in silence is a failure.

    Raises Stopped after all sources have ended when one of them ended with a fault that is not a source's answer. What
    is not there GRACE seconds after the end of the run's time is left for the next run.
    """
    outcomes: _Outcomes = queue.SimpleQueue()
    running = sum(_begin(key, sources[key], wanted, door, today, outcomes) for key, wanted in asks.items() if wanted)
    silent = Counter((key, ask.project, ask.target) for key, wanted in asks.items() for ask in wanted)
    fault: BaseException | None = None
    while running:
        try:
            outcome = outcomes.get(timeout=_patience(door))
        except queue.Empty:
            log.warning("Some sources did not come to an end in time; nobody waits for them any more")
            yield from (Failure(*place, TIME_IS_UP, deferred=True) for place in silent)
            break
        if outcome is _DONE:
            running -= 1
        elif isinstance(outcome, BaseException):
            fault = outcome
        else:
            silent.pop((outcome.source, outcome.project, outcome.target), None)
            yield outcome
    if fault is not None:
        raise Stopped("a source stopped with a fault of this program") from fault


def _patience(door: Door) -> float | None:
    left = door.time.left
    return None if left == float("inf") else max(0.0, left) + GRACE


def _begin(key: str, source: SourceModule, asks: Sequence[Ask], door: Door, today: dt.date, outcomes: _Outcomes) -> int:
    """Let a source be asked, in threads of its own; gives their number."""
    for_each: dict[str, dict[str, None]] = {}  # target → the projects that name it
    for ask in asks:
        for_each.setdefault(ask.target, {})[ask.project] = None
    wanted = once(source, asks)
    jobs: queue.SimpleQueue[Sequence[Ask]] = queue.SimpleQueue()
    parts = [[ask] for ask in wanted] if source.NAMING.names_host else [wanted]
    for part in parts:
        jobs.put(part)

    def give(outcome: Answer | Failure) -> None:
        named = for_each.get(outcome.target, ()) if source.NAMING.shared else (outcome.project,)
        for project in named:
            outcomes.put(dataclasses.replace(outcome, project=project))

    threads = min(SIDE_BY_SIDE, len(parts))
    for _ in range(threads):
        arguments = (key, source, jobs, door, today, give, outcomes)
        threading.Thread(target=_work, args=arguments, name=key, daemon=True).start()
    return threads


def _work(
    key: str,
    source: SourceModule,
    jobs: queue.SimpleQueue[Sequence[Ask]],
    door: Door,
    today: dt.date,
    give: Callable[[Answer | Failure], None],
    outcomes: _Outcomes,
) -> None:
    try:
        while True:
            _ask_source(key, source, jobs.get_nowait(), door, today, give)
    except queue.Empty:
        pass
    except Exception as fault:  # noqa: BLE001 - carried to the caller's thread whole, where it ends the run
        outcomes.put(fault)
    finally:
        outcomes.put(_DONE)


def _ask_source(
    key: str,
    source: SourceModule,
    asks: Sequence[Ask],
    door: Door,
    today: dt.date,
    give: Callable[[Answer | Failure], None],
) -> None:
    silent = Counter((ask.project, ask.target) for ask in asks)
    for outcome in source.fetch(asks, door, today):
        silent.pop((outcome.project, outcome.target), None)
        give(_said(outcome, key, source))
    for project, target in silent:
        give(Failure(key, project, target, "gave no answer"))


def _said(outcome: Answer | Failure, key: str, source: SourceModule) -> Answer | Failure:
    """The outcome; a failure is logged, and is nobody's when only the time was up."""
    if isinstance(outcome, Answer):
        return outcome
    log.info("%s, %s: %s %s", outcome.project, outcome.target or key, source.LABEL, outcome.reason)
    return dataclasses.replace(outcome, deferred=True) if TIME_IS_UP in outcome.reason else outcome
