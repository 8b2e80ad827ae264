"""Publish or not: a run is compared with what was published before it, and a bad day publishes nothing.

What was published is kept in `published.json` in the history: the last run, and for each value the last day on which it
was published fresh. So a run is held against the best of the last weeks, and a decay whose every step is small enough
adds up all the same. Without that file there is nothing to fall back to, and nothing is held back: a page that names
its gaps is better than none. So removing it is how to publish on purpose what the gate would stop.

One project or one target alone never stops a run. A package that is taken down or a project that goes round the world
in a night is no bad day, and would otherwise keep a list of ten projects from being published for ever.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError

from groundswell.catalogue import METRICS
from groundswell.channels import overdue
from groundswell.config import Gate
from groundswell.history import History, column, write_whole
from groundswell.models import Card, Failure, GroundswellError, Kind, Measured, Project, Signal
from groundswell.wording import listing

FILE: Final = "published.json"
EXAMPLES: Final = 3
NAMED: Final = 12  # signals and metrics that a reason names
WAY_OUT: Final = (
    "A bad day of a source passes by itself on the next run. If the figures are right as they are, remove "
    "published.json from the branch of the history and start the run again: it then compares with nothing."
)  # for the owner, after a refusal
_ROUNDING: Final = 1e-9  # so that "more than a fifth of 15" does not depend on how a fifth is stored
_REFRESH: Final[Mapping[str, int]] = {  # signal → days after which its source looks again, where that is not the next
    name: metric.refresh_days for metric in METRICS for name in metric.signals if metric.refresh_days > 1
}


class BrokenPublished(GroundswellError):
    """What was published last cannot be read, so that nothing can be compared with it."""


@dataclass(frozen=True, slots=True)
class Stars:
    """The stars of a project as last seen."""

    value: Annotated[float, Field(allow_inf_nan=False)]
    day: dt.date


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run had of one project."""

    sources: tuple[str, ...]  # the sources that it names a target for, sorted
    fresh: tuple[str, ...]  # the signals and metrics with a value that was not kept from an earlier run, sorted
    stars: Stars | None
    lost: Mapping[str, dt.date] = field(default_factory=dict)  # what is not fresh but was → when it was that last
    jumped: dt.date | None = None  # the last day on which its stars were published although they had jumped


@dataclass(frozen=True, slots=True)
class Published:
    """What a run shows, as far as the next one is compared with it."""

    as_of: dt.date
    names: tuple[str, ...]  # all signals and metrics that there were, sorted: a metric's key has no dot
    projects: Mapping[str, Shown]  # by Project.id
    format: Literal[2] = 2

    def as_json(self) -> str:
        """The text of `published.json`: the same for the same run."""
        return json.dumps(asdict(self), default=dt.date.isoformat, sort_keys=True, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Published:
        """The opposite of `as_json`; raises BrokenPublished for anything else."""
        try:
            return TypeAdapter(cls).validate_json(text, strict=True)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the whole"
            raise BrokenPublished(f"{where}: {first['msg']}") from None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a run may be published, and each reason why not as a sentence without a full stop."""

    allowed: bool
    reasons: tuple[str, ...]


def load(directory: Path) -> Published | None:
    """What was published last; None before the first time. Raises BrokenPublished."""
    path = directory / FILE
    if not path.exists():
        return None
    try:
        return Published.from_json(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, BrokenPublished) as error:
        raise BrokenPublished(f"{path} is broken ({error}); remove it to publish without a comparison") from None


def save(directory: Path, published: Published) -> None:
    """Keep what is published now for the comparison with the next run."""
    directory.mkdir(parents=True, exist_ok=True)
    write_whole(directory / FILE, published.as_json())


def summarise(
    cards: Sequence[Card], books: Mapping[str, History], signals: Mapping[str, Signal], as_of: dt.date
) -> Published:
    """What a run has to show.

    Fresh is a metric with a value that is not marked as an old one that was kept, and a signal that has been seen and
    is not late because something fails. Metrics alone would not do: one may be taken from its next-best signal when the
    best fails, and some signals have none.

    A metric that is missing counts as fresh all the same when a running total that it is made from was seen today:
    after a pause of weeks in which nobody looked, its amounts lack those weeks, and no source has lost anything.
    """
    names = {*signals, *(key for card in cards for key in card.metrics)}
    projects = {card.project.id: _shown(card, books.get(card.project.id), signals, as_of) for card in cards}
    return Published(as_of, tuple(sorted(names)), projects)


def _shown(card: Card, book: History | None, signals: Mapping[str, Signal], as_of: dt.date) -> Shown:
    sources = sorted(key for key, targets in card.project.targets.items() if targets)
    fresh = {key for key, seen in card.metrics.items() if seen.missing is None and seen.stale is None}
    if book is not None:
        fresh |= {name for name, signal in signals.items() if _is_fresh(name, signal, card.project, book, as_of)}
        running = [name for name in fresh if name in signals and signals[name].kind is Kind.COUNTER]
        seen_today = {name for name in running if _is_current(name, signals[name], card.project, book, as_of)}
        fresh |= {metric.key for metric in METRICS if seen_today.intersection(metric.signals)}
    return Shown(tuple(sources), tuple(sorted(fresh)), _stars(card.metrics.get("stars")))


def _is_current(name: str, signal: Signal, project: Project, book: History, today: dt.date) -> bool:
    """Whether the newest day that can be complete was seen of a signal, of every target."""
    newest = today - dt.timedelta(days=signal.lag)
    targets = project.targets.get(name.partition(".")[0], ())
    series = [book.series(column(name, target)) for target in targets]
    return bool(series) and all(len(one) and one.last_day >= newest for one in series)


def _is_fresh(name: str, signal: Signal, project: Project, book: History, today: dt.date) -> bool:
    """Whether a signal has been seen of a project, and no target's value is late because something fails."""
    source = name.partition(".")[0]
    newest = today - dt.timedelta(days=signal.lag)
    patience = 0 if signal.kind.by_calendar else _REFRESH.get(name, 1) - 1
    seen = {
        target: series.last_day
        for target in project.targets.get(source, ())
        if len(series := book.series(column(name, target)).until(newest))
    }
    return bool(seen) and not any(
        book.failure(source, target, signal.key) is not None and overdue(signal, day, newest) > patience
        for target, day in seen.items()
    )


def _stars(seen: Measured | None) -> Stars | None:
    """What was seen last, also where it is not believed: who saw nonsense must not pass for having seen none."""
    if seen is None or seen.value is None or seen.observed is None:
        return None
    if len(seen.apart) and seen.apart.last_day > seen.observed:
        return Stars(float(seen.apart.values[-1]), seen.apart.last_day)
    return Stars(seen.value, seen.observed)


def carry(now: Published, before: Published | None, limits: Gate) -> Published:
    """What to keep of a run that is published: with the last day of each value that it does not show fresh, as far as
    the memory reaches, and with the jumps that it lets pass.
    """
    if before is None:
        return now
    jumps = {project for project, old, new in _star_pairs(now, before, limits) if _is_jump(old, new, limits)}
    projects = {
        project: _carried(shown, before.projects.get(project), project in jumps, (before.as_of, now.as_of), limits)
        for project, shown in now.projects.items()
    }
    return replace(now, projects=projects)


def _carried(now: Shown, before: Shown | None, jumped: bool, days: tuple[dt.date, dt.date], limits: Gate) -> Shown:
    """`days` are those of the run before and of this one."""
    if before is None:
        return now
    then, today = days
    had = {**before.lost, **dict.fromkeys(before.fresh, then)}
    lost = {
        name: day
        for name, day in sorted(had.items())
        if name not in now.fresh and (today - day).days <= limits.baseline_days
    }
    return replace(now, lost=lost, stars=now.stars or before.stars, jumped=today if jumped else before.jumped)


def judge(
    now: Published, before: Published | None, asked: Mapping[str, int], failures: Sequence[Failure], limits: Gate
) -> Verdict:
    """Whether a run may be published, by what it shows and what failed in it.

    `asked` is the number of targets of each source that the run set out to ask, those that it then deferred included;
    empty for a run that asks nobody.
    """
    if before is None:
        return Verdict(True, ())
    reasons = (
        *_failed(asked, failures, limits),
        *_lost(now, before, limits),
        *_jumped(now, before, limits),
    )
    return Verdict(not reasons, reasons)


# --- The three rules -------------------------------------------------------------------------------------------------


def _lost(now: Published, before: Published, limits: Gate) -> Iterator[str]:
    """Signals and metrics of which more than `most_lost_points` of the projects have lost the fresh value.

    Lost is what was published fresh within the last `baseline_days` and is not fresh now. Only projects of both runs
    count, so that a change of the list changes no share; nor does a project count that no longer names a source that it
    named, since it cannot have its values any more. A run for an earlier day than the published one does not follow it,
    and is not compared with it.
    """
    if now.as_of < before.as_of:
        return
    both = [
        (_had(old, before.as_of, limits), frozenset(new.fresh))
        for project, old in before.projects.items()
        if (new := now.projects.get(project)) is not None and set(old.sources) <= set(new.sources)
    ]
    alike: dict[int, list[str]] = {}  # projects that lost it → what they lost, so that one cause is said once
    for name in sorted(set(now.names) & set(before.names)):
        lost = sum(name in old and name not in new for old, new in both)
        if lost >= limits.fewest and 100 * lost > limits.most_lost_points * len(both) + _ROUNDING:
            alike.setdefault(lost, []).append(name)
    for lost, names in sorted(alike.items(), reverse=True):
        yield (
            f"{listing(names, most=NAMED)}: {lost} of {len(both)} projects, {_percent(lost / len(both))}, lost the "
            f"fresh value that they had in the {limits.baseline_days} days up to {before.as_of}"
        )


def _had(shown: Shown, as_of: dt.date, limits: Gate) -> frozenset[str]:
    """What was published fresh in a run, or in the days before it."""
    lost = (name for name, last in shown.lost.items() if (as_of - last).days <= limits.baseline_days)
    return frozenset({*shown.fresh, *lost})


def _failed(asked: Mapping[str, int], failures: Sequence[Failure], limits: Gate) -> Iterator[str]:
    """Sources of whose targets more than a share failed. What was left for a later run was not asked."""
    real = [failure for failure in failures if not failure.deferred]
    failed, most = _targets(real), limits.most_failed_share
    for source, count in sorted(_tried(asked, failures).items()):
        if failed[source] >= limits.fewest and failed[source] > most * count + _ROUNDING:
            reasons = Counter(failure.reason for failure in real if failure.source == source and not failure.signals)
            usual = min(reasons, key=lambda reason: (-reasons[reason], reason))
            yield (
                f"{source}: {failed[source]} of {count} targets failed, more than {_percent(most)}; "
                f"most often {source} {usual}"
            )


def _jumped(now: Published, before: Published, limits: Gate) -> Iterator[str]:
    """More than a share of the projects whose stars changed by more than `jump`, in this run or, with it, in the last.

    A project counts from `smallest_stars` on, and if both figures are at most `jump_days` apart: as the last run is
    usually a day old no allowance is made for the days between, but after a pause of months such a change is no sign of
    a fault. Jumps that were let pass in the last `jump_days` are added to those of today, if there is one today; it
    then takes one more than `fewest`, so that two projects that are found in one month stop nobody.
    """
    pairs = list(_star_pairs(now, before, limits))
    jumps = {project: (old, new) for project, old, new in pairs if _is_jump(old, new, limits)}
    earlier = {
        project
        for project in (before.projects.keys() & now.projects.keys()) - jumps.keys()
        if (day := before.projects[project].jumped) is not None and (now.as_of - day).days <= limits.jump_days
    }
    most = limits.most_jumping_share * len({project for project, _, _ in pairs} | earlier) + _ROUNDING
    together = len(jumps) + len(earlier)
    if (len(jumps) >= limits.fewest and len(jumps) > most) or (jumps and together > limits.fewest and together > most):
        examples = [f"{project} from {old:,.0f} to {new:,.0f}" for project, (old, new) in jumps.items()][:EXAMPLES]
        before_that = f", {len(earlier)} more in the {limits.jump_days} days before" if earlier else ""
        yield (
            f"stars: {len(jumps)} of {len(pairs)} projects changed by more than {_percent(limits.jump)} since the "
            f"run of {before.as_of}{before_that}: {', '.join(examples)}{', …' * (len(jumps) > EXAMPLES)}"
        )


def _is_jump(old: float, new: float, limits: Gate) -> bool:
    return abs(new - old) > limits.jump * old + _ROUNDING


def _star_pairs(now: Published, before: Published, limits: Gate) -> Iterator[tuple[str, float, float]]:
    """Projects whose stars can be compared, with those of the published run and those of this one."""
    for project in sorted(before.projects.keys() & now.projects.keys()):
        old, new = before.projects[project].stars, now.projects[project].stars
        if old and new and old.value >= limits.smallest_stars and 0 <= (new.day - old.day).days <= limits.jump_days:
            yield project, old.value, new.value


# --- What the rules count --------------------------------------------------------------------------------------------


def _targets(failures: Iterable[Failure]) -> Counter[str]:
    """Source → targets that the failures concern as a whole; one of which a part was given is not among them."""
    places = {(failure.source, failure.project, failure.target) for failure in failures if not failure.signals}
    return Counter(source for source, _, _ in places)


def _tried(asked: Mapping[str, int], failures: Iterable[Failure]) -> dict[str, int]:
    """Source → targets that were really asked for."""
    deferred = _targets(failure for failure in failures if failure.deferred)
    return {source: count - deferred[source] for source, count in asked.items()}


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
