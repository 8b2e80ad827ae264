"""What has been amiss for days, by the record of the runs and by what the history knows of failures.

A bad day is nobody's business; a third one is the owner's. A refusal of the gate is at once: nothing is published.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from groundswell import gate, wording
from groundswell.advice import Place, advice
from groundswell.history import Failed
from groundswell.models import Project, Signal
from groundswell.runs import REFUSED, STOPPED, Run

LASTING: Final = 3  # days, the first among them, on which something fails before it is told
MOST_EXAMPLES: Final = 5  # targets that a line names
MOST_REASONS: Final = 3  # of one source, the most frequent ones
NOBODYS: Final = "Nothing"  # how an advice begins for what stays as it is, and is nobody's to mend
ENDED: Final[Mapping[str, str]] = {
    "1": "a fault of the program",
    "2": "projects.yaml is wrong",
    REFUSED: "the gate refused",
    "4": "no source could be reached",
    STOPPED: "the run did not come to an end",
}

Known = Mapping[str, Mapping[str, Failed]]  # project → place, or place#signals → what is amiss


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that somebody has to know of. Its text is from outside in parts, and not set for anything yet."""

    key: str  # "gate", "runs", "source:npm": the same as long as it lasts
    since: dt.date
    title: str
    reasons: tuple[str, ...]
    todo: tuple[str, ...]


def found(
    runs: Sequence[Run],
    projects: Sequence[Project],
    failures: Known,
    labels: Mapping[str, str],
    signals: Mapping[str, Signal],
    today: dt.date,
) -> tuple[Trouble, ...]:
    """All that is amiss today, what keeps the site from being published first."""
    return (*of_runs(runs, today), *_of_sources(projects, failures, labels, signals, today))


# --- The runs --------------------------------------------------------------------------------------------------------


def of_runs(runs: Sequence[Run], today: dt.date) -> Iterator[Trouble]:
    """The gate's refusal of the last run, or that the runs of the last days ended badly or left no trace."""
    known = sorted((run for run in runs if run.day <= today), key=lambda run: run.day)
    if not known:
        return
    last = known[-1]
    bad = list(takewhile(lambda run: not run.is_good, reversed(known)))
    since = bad[-1].day if bad else last.day + dt.timedelta(days=1)
    if last.status == REFUSED:
        yield Trouble("gate", since, "Nothing is published: the gate refused", last.said, (gate.WAY_OUT,))
    elif _lasts(since, today):
        endings = dict.fromkeys(f"{wording.date(run.day)}: {ENDED.get(run.status, run.status)}" for run in bad)
        silent = [] if last.day == today else [f"after {wording.date(last.day)} no run has got as far as the history"]
        reasons = (*silent, *list(endings)[:MOST_EXAMPLES], *last.said)
        yield Trouble("runs", since, "Nothing is published: the runs end badly", reasons, (_OF_RUNS,))


_OF_RUNS: Final = "See the summary of the last run, in Actions: it says what to do."


def _lasts(since: dt.date, today: dt.date) -> bool:
    return (today - since).days + 1 >= LASTING


# --- The sources -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Failing:
    """A target of a project that has given no answer for days."""

    project: Project
    target: str
    failed: Failed
    todo: str

    @property
    def name(self) -> str:
        return f"{self.target} ({self.project.name})" if self.target else self.project.name


def _of_sources(
    projects: Sequence[Project],
    failures: Known,
    labels: Mapping[str, str],
    signals: Mapping[str, Signal],
    today: dt.date,
) -> Iterator[Trouble]:
    docs = {name.partition(".")[0]: signal.docs for name, signal in reversed(list(signals.items()))}
    failing: dict[str, list[_Failing]] = defaultdict(list)
    for project in projects:
        for source, one in _of_project(project, failures.get(project.id, {}), docs, today):
            failing[source].append(one)
    named = {key: sum(len(project.targets.get(key, ())) for project in projects) for key in failing}
    for source in sorted(failing, key=lambda key: labels.get(key, key).casefold()):
        yield _trouble(source, labels.get(source, source), failing[source], named[source])


def _of_project(
    project: Project, known: Mapping[str, Failed], docs: Mapping[str, str], today: dt.date
) -> Iterator[tuple[str, _Failing]]:
    """What the project still names and gets no answer for; what is only left for later is no failure."""
    for name, failed in sorted(known.items()):
        source, _, target = name.partition("#")[0].partition(":")
        if failed.deferred or target not in project.targets.get(source, ()) or not _lasts(failed.since, today):
            continue
        todo = advice(failed.reason, Place(source, project.id, target, docs.get(source, "")))
        if not todo.startswith(NOBODYS):
            yield source, _Failing(project, target, failed, todo)


def _trouble(source: str, label: str, failing: Sequence[_Failing], named: int) -> Trouble:
    """One source: its reasons, the most frequent first, each with whom it concerns."""
    by_reason: dict[str, list[_Failing]] = defaultdict(list)
    for one in failing:
        by_reason[one.failed.reason].append(one)
    ordered = sorted(by_reason.items(), key=lambda reason: (-len(reason[1]), reason[0]))
    targets = {(one.project.id, one.target) for one in failing}
    whole = len(targets) == named
    how_many = "no target answers" if whole else f"{len(targets):,} of {wording.several(named, 'target')} fail in part"
    reasons = [f"{label} {reason}: {_names(ones)}" for reason, ones in ordered[:MOST_REASONS]]
    if len(ordered) > MOST_REASONS:
        reasons.append(f"and {wording.several(len(ordered) - MOST_REASONS, 'other reason')}")
    return Trouble(
        f"source:{source}",
        min(one.failed.since for one in failing),
        f"{label}: {how_many}",
        tuple(reasons),
        tuple(dict.fromkeys(ones[0].todo for _, ones in ordered[:MOST_REASONS])),
    )


def _names(failing: Sequence[_Failing]) -> str:
    return wording.listing(list(dict.fromkeys(one.name for one in failing)), MOST_EXAMPLES)
