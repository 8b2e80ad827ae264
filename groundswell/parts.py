"""A run on several machines: who asks for what, what each hands over, and how that becomes one history.

The targets are cut into as many parts as there are machines. Each target has exactly one part that asks for it, so a
merge has nothing to weigh: what a part was to ask for is taken from that part, all else stays as it was. A part that
does not come is no fault of its sources: what it was to ask for is left for the next run, and says so.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

import numpy as np
from pydantic import TypeAdapter, ValidationError

from groundswell import corrections, history
from groundswell.gather import Gathered
from groundswell.history import MARKET, History, place
from groundswell.models import (
    OWN,
    Ask,
    Correction,
    Days,
    Failure,
    GroundswellError,
    Series,
    SourceModule,
    Values,
)
from groundswell.tally import Used

log = logging.getLogger(__name__)

FORMAT: Final = 1
FILE: Final = "part.json"
MOST: Final = 256  # as many jobs as GitHub starts from one matrix
WITH_SECRETS: Final = (
    OWN,
    "traffic",
)  # sources that read with a secret of the owner's: only the first part is given it

Target = tuple[str, str, str]  # source, project, target


class WrongShard(GroundswellError):
    """What was said of the parts makes no sense."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One part of several: 2/8 is the second of eight."""

    number: int
    of: int

    @classmethod
    def read(cls, text: str) -> Self:
        """A shard as it is written, "2/8". Raises WrongShard."""
        found = re.fullmatch(r"([0-9]{1,3})/([0-9]{1,3})", text)
        if found is None or not 1 <= int(found[1]) <= int(found[2]) <= MOST:
            raise WrongShard(f"--shard {text}: a part of several is wanted, such as 2/8, of {MOST} at the most")
        return cls(int(found[1]), int(found[2]))

    @property
    def folder(self) -> str:
        """The name of its folder among those of the others."""
        return f"{self.number}-of-{self.of}"

    def __str__(self) -> str:
        return f"part {self.number} of {self.of}"


# --- Who asks for what -----------------------------------------------------------------------------------------------


def assigned(asks: Mapping[str, Sequence[Ask]], sources: Mapping[str, SourceModule], of: int) -> Mapping[Target, int]:
    """Each target that is asked for → the number of the part that asks for it.

    What is asked for together stays together: the targets of a project, a place that several projects name, and a
    source that asks only so many times a run (MOST_REQUESTS). They stand in a row by their digests, which is cut into
    pieces with equally many targets: when a project comes or goes, only those beside a cut move to another part.
    """
    units = {
        (key, ask.project, ask.target): _unit(key, sources[key], ask) for key, wanted in asks.items() for ask in wanted
    }
    cut = _cut(Counter(unit for unit in units.values() if unit is not None), of)
    return {target: 1 if unit is None else cut[unit] for target, unit in units.items()}


def _unit(key: str, source: SourceModule, ask: Ask) -> str | None:
    """What a target stays together with; None is always asked for by the first part."""
    if ask.project == MARKET or key in WITH_SECRETS:
        return None
    if hasattr(source, "MOST_REQUESTS"):
        return key
    return f"{key}:{ask.target}" if source.NAMING.shared else ask.project


def _cut(weights: Mapping[str, int], of: int) -> Mapping[str, int]:
    found, before, total = {}, 0, sum(weights.values())
    for name in sorted(weights, key=lambda one: hashlib.sha256(one.encode()).digest()):
        found[name] = 1 + of * (2 * before + weights[name]) // (2 * total)
        before += weights[name]
    return found


def split(
    asks: Mapping[str, Sequence[Ask]], sources: Mapping[str, SourceModule], shard: Shard
) -> tuple[Mapping[str, list[Ask]], Mapping[str, list[Ask]]]:
    """What a part asks for, and what the others do."""
    numbers = assigned(asks, sources, shard.of)
    mine: dict[str, list[Ask]] = {key: [] for key in asks}
    beside: dict[str, list[Ask]] = {key: [] for key in asks}
    for key, wanted in asks.items():
        for ask in wanted:
            (mine if numbers[key, ask.project, ask.target] == shard.number else beside)[key].append(ask)
    return mine, beside


# --- What a part hands over ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Part:
    """What one part gathered; the books that it wrote stand beside it."""

    shard: Shard
    day: dt.date
    asked: Mapping[str, int]
    failures: tuple[Failure, ...]
    answered: int
    corrections: tuple[Correction, ...]
    used: Used = field(default_factory=Used)
    format: int = FORMAT


_PART: Final = TypeAdapter(Part)


def save(folder: Path, shard: Shard, day: dt.date, gathered: Gathered, used: Used) -> None:
    """Say what became of a part, last of all: where this is not said, the part did not come to its end."""
    part = Part(shard, day, gathered.asked, gathered.failures, gathered.answered, gathered.corrections, used)
    folder.mkdir(parents=True, exist_ok=True)
    history.write_whole(folder / FILE, _PART.dump_json(part, indent=1).decode() + "\n")


def _load(folder: Path, shard: Shard, day: dt.date) -> Part | str:
    """What a part handed over, or why it counts for nothing."""
    try:
        part = _PART.validate_json((folder / FILE).read_bytes())
    except FileNotFoundError:
        return "did not come to its end" if folder.is_dir() else "is not there"
    except (ValidationError, OSError) as error:
        return f"cannot be read ({type(error).__name__})"
    if part.format != FORMAT:
        return f"has format {part.format}, and this version reads {FORMAT}"
    if (part.shard, part.day) != (shard, day):
        return f"is {part.shard} of {part.day}"
    return part


# --- One history of all ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Merged:
    """What all parts together came to."""

    gathered: Gathered
    used: tuple[Used, ...]
    lost: Mapping[Shard, str]  # part → why it counts for nothing

    @property
    def in_short(self) -> str:
        """How many came, and what they were to ask for."""
        came = len(self.used)
        return f"{came} of {came + len(self.lost)} parts: {sum(self.gathered.asked.values())} targets"

    def missing(self) -> Iterator[str]:
        """What is said of each part that counts for nothing."""
        for shard, why in self.lost.items():
            yield f"{shard} {why}: what it was to ask for is left for the next run"


def merge(
    folder: Path,
    of: int,
    asks: Mapping[str, Sequence[Ask]],
    sources: Mapping[str, SourceModule],
    books: MutableMapping[str, History],
    memory: Path,
    today: dt.date,
) -> Merged:
    """Put what the parts below a folder hand over into the books and the history, and say what became of the asking.

    What a part had read before it was ended is taken too; the rest of it is left for the next run.
    """
    owned: dict[int, list[Target]] = {number: [] for number in range(1, of + 1)}
    for target, number in assigned(asks, sources, of).items():
        owned[number].append(target)
    asked: Counter[str] = Counter()
    failures: list[Failure] = []
    came: list[Part] = []
    lost: dict[Shard, str] = {}
    for number, targets in owned.items():
        shard = Shard(number, of)
        part, left = _load(folder / shard.folder, shard, today), _take(folder / shard.folder, targets, books, today)
        if isinstance(part, Part):
            came.append(part)
            asked.update(part.asked)
            failures += part.failures
            continue
        lost[shard] = part
        asked.update(source for source, project, _ in targets if project != MARKET)
        failures += _put_off(
            left, f"the part of this run that was to ask for it ({number} of {of}) {part}", books, today
        )
    for name in sorted({project for targets in owned.values() for _, project, _ in targets}):
        history.save(memory, books[name])
    answered, found = sum(part.answered for part in came), tuple(one for part in came for one in part.corrections)
    return Merged(Gathered(asked, tuple(failures), answered, found), tuple(part.used for part in came), lost)


def _take(folder: Path, targets: Sequence[Target], books: MutableMapping[str, History], today: dt.date) -> list[Target]:
    """Take into the books what a part read of its targets; gives those of which it has nothing new."""
    left: list[Target] = []
    by_project: dict[str, list[Target]] = {}
    for target in targets:
        by_project.setdefault(target[1], []).append(target)
    for project, wanted in by_project.items():
        before, there = books[project], _book(folder, project)
        if there is None:
            left += wanted
            continue
        left += (one for one in wanted if _said(there, *one) == _said(before, *one))
        places = frozenset(place(source, target) for source, _, target in wanted)
        fresh = [one for one in there.corrections if one.noted == today and _place_of(one.column) in places]
        books[project] = corrections.noted(_joined(before, there, places), fresh, today)
    return left


def _book(folder: Path, project: str) -> History | None:
    """What a part has of a project; nothing where it was not read, or cannot be."""
    if not (folder / f"{history.stem(project)}.json").is_file():
        return None
    try:
        return history.load(folder, project)
    except history.BrokenHistory as error:
        log.warning("%s", error)
        return None


def _put_off(
    targets: Sequence[Target], why: str, books: MutableMapping[str, History], today: dt.date
) -> Iterator[Failure]:
    """The failures of targets that nobody was asked for, noted in the books; a registry's total counts nowhere else."""
    for source, project, target in targets:
        failure = Failure(source, project, target, f"is left for the next run: {why}", deferred=True)
        books[project] = history.append(books[project], failure, today)
        if project != MARKET:
            yield failure


def _joined(before: History, there: History, places: frozenset[str]) -> History:
    """A project's book with all that a part has of its places. No day that was there before is lost by it."""

    def ours(names: Iterable[str]) -> list[str]:
        return [name for name in names if _place_of(name) in places]

    def of_places(names: Iterable[str]) -> set[str]:
        return {name for name in names if any(name == one or name.startswith(f"{one}#") for one in places)}

    gone = of_places(before.failures)
    return dataclasses.replace(
        before,
        columns={
            **before.columns,
            **{name: _both(before.series(name), there.series(name)) for name in ours(there.columns)},
        },
        observed_since={
            **before.observed_since,
            **{name: there.observed_since[name] for name in ours(there.observed_since)},
        },
        at_least={name: days for name, days in before.at_least.items() if _place_of(name) not in places}
        | {name: there.at_least[name] for name in ours(there.at_least)},
        state={**before.state, **{name: noted for name, noted in there.state.items() if name in places}},
        failures={name: failed for name, failed in before.failures.items() if name not in gone}
        | {name: there.failures[name] for name in of_places(there.failures)},
        facts=there.facts if there.facts is not None and there.facts != before.facts else before.facts,
    )


def _both(before: Series, there: Series) -> Series:
    """All days of two series; where both have one, as the second has it."""
    kept = ~np.isin(before.days, there.days)
    days: Days = np.concatenate([before.days[kept], there.days])
    values: Values = np.concatenate([before.values[kept], there.values])
    order = np.argsort(days)
    return Series(days[order], values[order])


def _place_of(name: str) -> str:
    """The place that a column belongs to: "npm:left-pad" of "npm.downloads:left-pad"."""
    signal, _, target = name.partition(":")
    return place(signal.partition(".")[0], target)


def _said(book: History, source: str, _project: str, target: str) -> object:
    """All that a book has of a place, to be compared."""
    here = place(source, target)
    columns = {
        name: (one.days.tolist(), one.values.tolist()) for name, one in book.columns.items() if _place_of(name) == here
    }
    failed = {name: one for name, one in book.failures.items() if name == here or name.startswith(f"{here}#")}
    return columns, book.state.get(here), failed
