"""Publish or not: a run is compared with the last one that was published, and a bad day publishes nothing.

What was published last is kept in `published.json` in the history. Without it there is nothing to fall back to, and
nothing is held back: a page that names its gaps is better than none. So removing that file is how to publish on purpose
what the gate would stop.

One project or one target alone never stops a run. A package that is taken down or a project that goes round the world
in a night is no bad day, and would otherwise keep a list of ten projects from being published for ever.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, TypeAdapter, ValidationError

from groundswell.config import Gate
from groundswell.history import write_whole
from groundswell.models import Card, Failure, GroundswellError, Measured

FILE: Final = "published.json"
FEWEST: Final = 2  # projects or targets that must be concerned before a run is stopped
SMALLEST: Final = 50  # stars below which a jump is an ordinary day
LONGEST: Final = 28  # days between two observations of stars beyond which a jump may be growth
EXAMPLES: Final = 3
_ROUNDING: Final = 1e-9  # so that "more than a fifth of 15" does not depend on how a fifth is stored


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
    fresh: tuple[str, ...]  # keys of the metrics with a value that was not kept from an earlier run, sorted
    stars: Stars | None


@dataclass(frozen=True, slots=True)
class Published:
    """What a run shows, as far as the next one is compared with it."""

    as_of: dt.date
    metrics: tuple[str, ...]  # all that were measured, sorted
    projects: Mapping[str, Shown]  # by Project.id
    format: Literal[1] = 1

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


def summarise(cards: Sequence[Card], as_of: dt.date) -> Published:
    """What a run has to show. Fresh is a metric that has a value which is not marked as an old one that was kept."""
    metrics = sorted({key for card in cards for key in card.metrics})
    return Published(as_of, tuple(metrics), {card.project.id: _shown(card) for card in cards})


def _shown(card: Card) -> Shown:
    sources = sorted(key for key, targets in card.project.targets.items() if targets)
    fresh = sorted(key for key, seen in card.metrics.items() if seen.missing is None and seen.stale is None)
    return Shown(tuple(sources), tuple(fresh), _stars(card.metrics.get("stars")))


def _stars(seen: Measured | None) -> Stars | None:
    if seen is None or seen.value is None or seen.observed is None:
        return None
    return Stars(seen.value, seen.observed)


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
        *_lost(now, before, limits.most_lost_points),
        *_failed(asked, failures, limits.most_failed_share),
        *_jumped(now, before, limits),
    )
    return Verdict(not reasons, reasons)


# --- The three rules -------------------------------------------------------------------------------------------------


def _lost(now: Published, before: Published, most: float) -> Iterator[str]:
    """Metrics whose share of projects with a fresh value falls by more than `most` points.

    Only projects of both runs count, so that a change of the list changes no share; nor does a project count that no
    longer names a source that it named, since it cannot have its values any more. A run for an earlier day than the
    published one does not follow it, and is not compared with it.
    """
    if now.as_of < before.as_of:
        return
    both = [
        (old, new)
        for project, old in before.projects.items()
        if (new := now.projects.get(project)) is not None and set(old.sources) <= set(new.sources)
    ]
    for metric in sorted(set(now.metrics) & set(before.metrics)):
        had, has = (sum(metric in pair[side].fresh for pair in both) for side in (0, 1))
        if had - has >= FEWEST and 100 * (had - has) > most * len(both) + _ROUNDING:
            yield (
                f"{metric}: fresh for {_percent(has / len(both))} of the {len(both)} projects in both runs, "
                f"{_percent(had / len(both))} in the run of {before.as_of}"
            )


def _failed(asked: Mapping[str, int], failures: Sequence[Failure], most: float) -> Iterator[str]:
    """Sources of whose targets more than a share failed. What was left for a later run was not asked."""
    real = [failure for failure in failures if not failure.deferred]
    failed = _targets(real)
    for source, count in sorted(_tried(asked, failures).items()):
        if failed[source] >= FEWEST and failed[source] > most * count + _ROUNDING:
            reasons = Counter(failure.reason for failure in real if failure.source == source and not failure.signals)
            usual = min(reasons, key=lambda reason: (-reasons[reason], reason))
            yield (
                f"{source}: {failed[source]} of {count} targets failed, more than {_percent(most)}; "
                f"most often {source} {usual}"
            )


def _jumped(now: Published, before: Published, limits: Gate) -> Iterator[str]:
    """More than a share of the projects whose stars changed by more than `jump` since the published run.

    A project counts from 50 stars on, and if both figures are at most 28 days apart: as the last run is usually a day
    old no allowance is made for the days between, but after a pause of months such a change is no sign of a fault.
    """
    pairs = list(_star_pairs(now, before))
    jumps = [
        f"{project} from {old:,.0f} to {new:,.0f}"
        for project, old, new in pairs
        if abs(new - old) > limits.jump * old + _ROUNDING
    ]
    if len(jumps) >= FEWEST and len(jumps) > limits.most_jumping_share * len(pairs) + _ROUNDING:
        yield (
            f"stars: {len(jumps)} of {len(pairs)} projects changed by more than {_percent(limits.jump)} since the "
            f"run of {before.as_of}: {', '.join(jumps[:EXAMPLES])}{', …' * (len(jumps) > EXAMPLES)}"
        )


def _star_pairs(now: Published, before: Published) -> Iterator[tuple[str, float, float]]:
    """Projects whose stars can be compared, with those of the published run and those of this one."""
    for project in sorted(before.projects.keys() & now.projects.keys()):
        old, new = before.projects[project].stars, now.projects[project].stars
        if old and new and old.value >= SMALLEST and 0 <= (new.day - old.day).days <= LONGEST:
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
