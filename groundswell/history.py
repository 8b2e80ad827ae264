"""The history: every observation of every project, kept as one wide CSV a project with a small JSON beside it.

`owner__name.csv` has a row a day and a column a signal and target (`pypi.downloads:polars`); a blank is a day that was
not observed. `owner__name.json` holds what is not a number. Files are written whole beside the old ones and renamed
over them, the CSV first, so that a run that is ended at any moment leaves a history that loads: at worst the JSON
forgets that something was asked, and it is asked again.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from groundswell.models import (
    EMPTY_SERIES,
    Answer,
    Ask,
    Correction,
    Days,
    Failure,
    GroundswellError,
    Observation,
    RepositoryFacts,
    Series,
    Values,
)

FORMAT: Final = 2  # of all files together; what led to it stands in migrations
MARKET: Final = "market"  # the history of whole registries stands among those of the projects, under this name
README: Final = f"""# History

Format {FORMAT}. Made and kept by Groundswell; this folder is the memory of the scorecard.

- `owner__name.csv`: a row a day, a column a signal and target. A blank cell was not observed; it is not a zero.
- `owner__name.json`: the repository's id, description, licence and topics, since when each column was really observed,
  what each source was asked last, what gives no answer at present, and what sources corrected of their past.
- `market.csv` and `market.json`: the same for the totals over all packages of a registry (`npm.downloads`), which the
  growth of a project's downloads is set against.
- `published.json`: what the last published page showed, for the check before the next one.
- `runs.csv`: how each day's last run ended, what it asked for and how much of GitHub's limits it left.
- `editions/2026-10.json`: what was said of a closed month. It is not written again, save for what was corrected since.
- `alerts.json`: what was told between the editions, and how everything stood that the rules for it look at.
- `notified.json`: which of that was sent to a webhook, and which months have an issue.
"""


class BrokenHistory(GroundswellError):
    """A file of the history cannot be read. It is left as it is; nothing is written over it."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Something that gives no answer at present."""

    since: dt.date
    reason: str  # completes a sentence that begins with the source's name
    signals: tuple[str, ...] = ()  # signal keys; () is all of the target's
    deferred: bool = False  # nobody was asked: left for a later run


@dataclass(frozen=True, slots=True)
class History:
    """All observations of a project."""

    project: str
    columns: Mapping[str, Series] = field(default_factory=dict)
    observed_since: Mapping[str, dt.date] = field(default_factory=dict)  # column → first day that was really observed
    at_least: Mapping[str, tuple[dt.date, ...]] = field(default_factory=dict)  # column → days with a lower bound
    state: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  # place → what its source noted
    failures: Mapping[str, Failed] = field(default_factory=dict)  # place, or place#signals → what is amiss
    facts: RepositoryFacts | None = None
    corrections: tuple[Correction, ...] = ()  # of its past, by its sources: the largest of the last weeks

    def series(self, name: str) -> Series:
        """The series of a column; empty when there is none."""
        return self.columns.get(name, EMPTY_SERIES)

    def failure(self, source: str, target: str, signal: str) -> Failed | None:
        """What keeps a signal of a target from being seen at present: the target's own failure, or the signal's."""
        key = place(source, target)
        parts = (failed for name, failed in self.failures.items() if name.startswith(f"{key}#"))
        return self.failures.get(key) or next((failed for failed in parts if signal in failed.signals), None)


def column(signal: str, target: str) -> str:
    """The column of a signal's full name and a target: `npm.downloads:left-pad`, or `github.stars` for target ""."""
    return f"{signal}:{target}" if target else signal


def place(source: str, target: str) -> str:
    """What a source's notes and failures of a target are kept under: `npm:left-pad`, or `github` for target ""."""
    return f"{source}:{target}" if target else source


# --- What a run adds -------------------------------------------------------------------------------------------------


def known(history: History, source: str, target: str, signals: Iterable[str]) -> Ask:
    """What a source is told of a target before it asks: its own notes, and which days are there already."""
    series = {key: history.series(column(f"{source}.{key}", target)) for key in signals}
    there = {key: one for key, one in series.items() if len(one)}
    first: dict[str, tuple[dt.date, float]] = {}
    for key, one in there.items():
        since = history.observed_since.get(column(f"{source}.{key}", target))
        if since is not None:
            value = one.values[np.searchsorted(one.days, since.toordinal())]
            first[key] = (since, float(value))
    return Ask(
        project=history.project,
        target=target,
        state=history.state.get(place(source, target), {}),
        newest={key: one.last_day for key, one in there.items()},
        oldest={key: dt.date.fromordinal(int(one.days[0])) for key, one in there.items()},
        first_observed=first,
    )


def append(history: History, outcome: Answer | Failure, today: dt.date) -> History:
    """The history with an answer's observations and notes in it, or with a failure noted.

    An observation replaces what was known of its day; a rebuilt one never replaces a day that was really observed.
    """
    if isinstance(outcome, Failure):
        return _with_failure(history, outcome, today)
    return _with_answer(history, outcome)


def _with_failure(history: History, failure: Failure, today: dt.date) -> History:
    key = place(failure.source, failure.target)
    if failure.signals:
        key = f"{key}#{','.join(sorted(failure.signals))}"
    before = history.failures.get(key)
    since = before.since if before is not None and before.deferred == failure.deferred else today
    failed = Failed(since, failure.reason, tuple(sorted(failure.signals)), failure.deferred)
    facts = history.facts
    if facts is not None and failure.state is not None:
        facts = dataclasses.replace(facts, state=failure.state)
    return dataclasses.replace(history, failures={**history.failures, key: failed}, facts=facts)


def _with_answer(history: History, answer: Answer) -> History:
    columns = dict(history.columns)
    since = dict(history.observed_since)
    at_least = dict(history.at_least)
    by_signal: dict[str, list[Observation]] = {}
    for observation in answer.observations:
        by_signal.setdefault(observation.signal, []).append(observation)
    for signal, observations in by_signal.items():
        name = column(f"{answer.source}.{signal}", answer.target)
        seen = [one.day for one in observations if not one.rebuilt]
        if seen:
            since[name] = min([*seen, *([since[name]] if name in since else [])])
        columns[name] = _merged(columns.get(name, EMPTY_SERIES), observations, since.get(name))
        bounds = set(at_least.pop(name, ())) - set(seen)
        if signal in answer.at_least:
            bounds.add(max(one.day for one in observations))
        if bounds:
            at_least[name] = tuple(sorted(bounds))
    key = place(answer.source, answer.target)
    state = {**history.state.get(key, {}), **answer.state}
    return dataclasses.replace(
        history,
        columns=columns,
        observed_since=since,
        at_least=at_least,
        state={**history.state, key: state} if state else history.state,
        failures=_still_failing(history.failures, key, set(by_signal)),
        facts=answer.facts or history.facts,
    )


def _still_failing(failures: Mapping[str, Failed], key: str, answered: set[str]) -> dict[str, Failed]:
    return {
        name: failed
        for name, failed in failures.items()
        if name != key and not (name.startswith(f"{key}#") and answered & set(failed.signals))
    }


def _merged(series: Series, observations: Sequence[Observation], since: dt.date | None) -> Series:
    values = dict(zip(series.days.tolist(), series.values.tolist(), strict=True))
    for one in observations:
        if not one.rebuilt or since is None or one.day < since:
            values[one.day.toordinal()] = one.value
    return _series(values)


def _series(values: Mapping[int, float]) -> Series:
    days = sorted(values)
    return Series(np.array(days, dtype=np.int64), np.array([values[day] for day in days], dtype=np.float64))


def fill(history: History, name: str, seen: Series) -> History:
    """The history with what somebody else observed in a column; days that were really observed here stay."""
    own, since = history.series(name), history.observed_since.get(name)
    stays = own.days >= (since.toordinal() if since is not None else np.iinfo(np.int64).max)
    added = ~np.isin(seen.days, own.days[stays])
    values = dict(zip(own.days.tolist(), own.values.tolist(), strict=True))
    values.update(zip(seen.days[added].tolist(), seen.values[added].tolist(), strict=True))
    first = dt.date.fromordinal(int(seen.days[0]))
    return dataclasses.replace(
        history,
        columns={**history.columns, name: _series(values)},
        observed_since={**history.observed_since, name: first if since is None else min(first, since)},
    )


# --- Files -----------------------------------------------------------------------------------------------------------


def stem(project: str) -> str:
    """The name of a project's files without their endings: `owner__name` in small letters (GitHub ignores case)."""
    return project.lower().replace("/", "__")


def load(directory: Path, project: str) -> History:
    """A project's history; an empty one when there are no files. Raises BrokenHistory when a file cannot be read."""
    notes = _load_notes(directory / f"{stem(project)}.json", project)
    return dataclasses.replace(notes, columns=_load_table(directory / f"{stem(project)}.csv"))


def failing(directory: Path, project: str) -> Mapping[str, Failed]:
    """What gives no answer at present, of a project; its observations are not read. Raises BrokenHistory."""
    return _load_notes(directory / f"{stem(project)}.json", project).failures


def save(directory: Path, history: History) -> None:
    """Write a project's files; each is replaced at once or not at all."""
    directory.mkdir(parents=True, exist_ok=True)
    write_whole(directory / "README.md", README)
    write_whole(directory / f"{stem(history.project)}.csv", _table_text(history.columns))
    write_whole(directory / f"{stem(history.project)}.json", _notes_text(history))


def adopt(directory: Path, projects: Iterable[str]) -> Mapping[str, str]:
    """Give a renamed project its history back: a tracked name without files takes those of a name that is no longer
    tracked and that GitHub had said is called so now. Gives new name → old name for each that was taken over.
    """
    tracked = {stem(project): project for project in projects}
    lacking = {name for name in tracked if not (directory / f"{name}.json").exists()}
    if not lacking or not directory.is_dir():
        return {}
    taken: dict[str, str] = {}
    for notes in sorted(directory.glob("*__*.json")):
        facts = None if notes.stem in tracked else _load_notes(notes, notes.stem).facts
        new = stem(facts.name) if facts is not None else ""
        if new in lacking:
            for ending in ("csv", "json"):  # the JSON last: while it is here, the rest can be found again
                old = notes.with_suffix(f".{ending}")
                if old.exists():
                    old.replace(directory / f"{new}.{ending}")
            taken[tracked[new]] = notes.stem.replace("__", "/", 1)
            lacking.discard(new)
    return taken


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that at every moment either the old or the new one is there; nothing if it is the same."""
    content = text.encode()
    if path.exists() and path.read_bytes() == content:
        return
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _load_table(path: Path) -> dict[str, Series]:
    if not path.exists():
        return {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = list(filter(None, csv.reader(file, strict=True))) or [[]]
        days, columns = _parsed(head, rows)
    except (ValueError, csv.Error) as error:
        raise BrokenHistory(f"{path} cannot be read as a history: {error}") from None
    if len(days) > 1 and not bool((np.diff(days) > 0).all()):
        raise BrokenHistory(f"{path} cannot be read as a history: its days do not ascend")
    found: dict[str, Series] = {}
    for name, values in columns.items():
        there = ~np.isnan(values)
        found[name] = Series(days[there], values[there])
    return found


def _parsed(head: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[Days, dict[str, Values]]:
    """The days, and a column of numbers for each name, NaN where a cell is blank. Raises ValueError."""
    if head[:1] != ["date"] or len(set(head)) != len(head):
        raise ValueError("it does not begin with the names of its columns, the first of them date")
    ragged = next((row for row in rows if len(row) != len(head)), None)
    if ragged is not None:
        raise ValueError(f"a row has {len(ragged)} cells, and {len(head)} columns have names: {ragged[0]}")
    dates, *cells = zip(*rows, strict=True) if rows else [()] * len(head)
    days = np.array([dt.date.fromisoformat(date).toordinal() for date in dates], dtype=np.int64)
    return days, {
        name: np.array([float(cell) if cell else math.nan for cell in column], dtype=np.float64)
        for name, column in zip(head[1:], cells, strict=True)
    }


def _table_text(columns: Mapping[str, Series]) -> str:
    """Written by hand, since a run writes each table several times; how long pandas takes stands in docs/speed.md."""
    there = {name: series for name, series in sorted(columns.items()) if len(series)}
    days = np.unique(np.concatenate([series.days for series in there.values()])) if there else np.empty(0, np.int64)
    rows = [[dt.date.fromordinal(day).isoformat() for day in days.tolist()]]
    for series in there.values():
        cells = [""] * len(days)
        for place, cell in zip(np.searchsorted(days, series.days).tolist(), _cells(series.values), strict=True):
            cells[place] = cell
        rows.append(cells)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(["date", *there])
    text.writelines(f"{','.join(row)}\n" for row in zip(*rows, strict=True))
    return text.getvalue()


def _cells(values: Values) -> list[str]:
    """Numbers as they are written: all of a column as integers, or all with a point."""
    whole = bool((values == np.floor(values)).all())
    return [str(int(value)) for value in values.tolist()] if whole else list(map(repr, values.tolist()))


class _FailedNotes(BaseModel):
    model_config = ConfigDict(extra="forbid")

    since: dt.date
    reason: str
    signals: tuple[str, ...] = ()
    deferred: bool = False


class _CorrectionNotes(BaseModel):
    model_config = ConfigDict(extra="forbid")

    column: str
    noted: dt.date
    first: dt.date
    last: dt.date
    days: int
    day: dt.date
    before: float
    after: float
    share: float | None


class _Notes(BaseModel):
    """The shape of `owner__name.json`."""

    model_config = ConfigDict(extra="forbid")

    format: int
    project: str
    repository: dict[str, object] | None = None
    observed_since: dict[str, dt.date] = {}
    at_least: dict[str, tuple[dt.date, ...]] = {}
    state: dict[str, dict[str, object]] = {}
    failures: dict[str, _FailedNotes] = {}
    corrections: tuple[_CorrectionNotes, ...] = ()


_FACTS: Final = TypeAdapter(RepositoryFacts)


def _load_notes(path: Path, project: str) -> History:
    if not path.exists():
        return History(project)
    try:
        notes = _Notes.model_validate_json(path.read_bytes())
        facts = None if notes.repository is None else _FACTS.validate_python(notes.repository)
    except ValidationError as error:
        first = error.errors()[0]
        raise BrokenHistory(f"{path} cannot be read: {first['loc']}: {first['msg']}") from None
    if notes.format > FORMAT:
        raise BrokenHistory(f"{path} has format {notes.format}; this version reads up to {FORMAT}: update the tracker")
    return History(
        project,
        observed_since=notes.observed_since,
        at_least=notes.at_least,
        state=notes.state,
        failures={name: Failed(**failed.model_dump()) for name, failed in notes.failures.items()},
        facts=facts,
        corrections=tuple(Correction(project=project, **one.model_dump()) for one in notes.corrections),
    )


def _notes_text(history: History) -> str:
    notes = {
        "format": FORMAT,
        "project": history.project,
        "repository": None if history.facts is None else _FACTS.dump_python(history.facts, mode="json"),
        "observed_since": {name: day.isoformat() for name, day in history.observed_since.items()},
        "at_least": {name: [day.isoformat() for day in days] for name, days in history.at_least.items()},
        "state": history.state,
        "failures": {
            name: dataclasses.asdict(failed) | {"since": failed.since.isoformat()}
            for name, failed in history.failures.items()
        },
    }
    if history.corrections:
        notes["corrections"] = [_correction_notes(one) for one in history.corrections]
    return json.dumps(notes, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _correction_notes(one: Correction) -> dict[str, object]:
    notes = {name: value for name, value in dataclasses.asdict(one).items() if name != "project"}
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in notes.items()}
