"""What is tracked: `projects.yaml`, checked word by word. One wrong entry is left out and said; the others count."""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from groundswell import config_alerts, config_shape, config_yaml
from groundswell.config_alerts import Alerts, Rule, RulePart, SettingsPart
from groundswell.config_shape import DEFAULT_CATEGORY, DEFAULT_THRESHOLDS, EntryPart, Gate, Tracker
from groundswell.config_yaml import ConfigError, Fault, Mistake, Page, Place, Unusable, shown
from groundswell.models import Event, GroundswellError, Naming, Project, Stage

__all__ = [
    "DEFAULT_THRESHOLDS",
    "Alerts",
    "Config",
    "ConfigError",
    "Gate",
    "Mistake",
    "NotTracked",
    "Rule",
    "Tracker",
    "load",
    "only",
    "schema",
    "schema_text",
]

_EXPECTED: Final[Mapping[str, str]] = {  # what pydantic misses → what a person was to write
    "string_type": "text",
    "list_type": "a list such as [one, two]",
    "dict_type": "a mapping of 'key: value' lines",
    "model_type": "a mapping of 'key: value' lines",
    "float_type": "a number",
    "int_type": "a whole number",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "less_than_equal": "at most {le:g}",
    "too_long": "at most {max_length} items",
}
_MEANT: Final[Mapping[str, Sequence[str]]] = {  # what people write → the keys that they mean
    "repo": ("github", "repository"),
    "repository": ("github",),
    "url": ("address", "link", "github"),
    "name": ("title",),
    "title": ("name",),
    "date": ("day",),
    "topics": ("tags",),
    "group": ("category",),
    "file": ("from",),
    "path": ("from",),
    "source": ("from",),
    "secret": ("from",),
    "period": ("every",),
}
_FORMER: Final[Mapping[tuple[str, str], str]] = {  # the part and the key that it had in an earlier version → what to
    # write now, as the end of "the key … ": 'is called "x" since version 2.0.0' or 'is not needed since version 2.0.0;
    # remove it'. The part is "tracker", "projects", …, and "" is the file as a whole. A key stays here for good: copies
    # are brought up to date after years. No version has taken one away yet.
}
_NEAR: Final = 0.5  # likeness from which a known word is suggested: "pipy" and "pypi" have just that
_Part = TypeVar("_Part", bound=config_shape.Part)


@dataclass(frozen=True, slots=True)
class Config:
    """What `projects.yaml` says."""

    tracker: Tracker
    projects: tuple[Project, ...]  # in the order of the file
    thresholds: Mapping[Stage, Mapping[str, float]]  # stage → metric → level from which it is reached; any is enough
    gate: Gate
    mistakes: tuple[Mistake, ...]  # in the entries and alerts that were left out, in the order of lines
    alerts: Alerts = field(default_factory=Alerts)


class NotTracked(GroundswellError):
    """Somebody named a project that `projects.yaml` does not have."""


def load(
    path: Path,
    namings: Mapping[str, Naming],
    *,
    today: dt.date | None = None,
    metrics: Mapping[str, Stage] | None = None,
) -> Config:
    """Read `projects.yaml`; entries and rules of alerts with a mistake are left out, and stand in `mistakes`.

    `namings` gives the keys of the sources. With `today`, events after it are mistakes; with `metrics` (key → the stage
    that it counts in), thresholds of others are. Raises ConfigError, with all mistakes, when the file as a whole cannot
    be used: it is not readable, not YAML, empty, too large, wrong outside its entries, or without one right entry.
    """
    try:
        page = config_yaml.read(path)
    except Unusable as unusable:
        raise ConfigError(Mistake(str(path), fault.line, "", fault.text) for fault in unusable.faults) from None
    projects, particular = _projects(page, namings, today)
    own = {figure.metric: figure.stage for project in projects for figure in project.figures}
    every = None if metrics is None else {**metrics, **own}
    settings, general = _settings(page, every)
    alerts, untold = _alerts(page, config_alerts.Vocabulary(every, frozenset(own), *_named_in(page)))
    particular += untold
    general += [fault for fault in page.faults if not _may_be_left_out(fault.place)]
    particular += [fault for fault in page.faults if _may_be_left_out(fault.place)]
    if not projects:
        general += _no_project(page, particular)
    mistakes = tuple(
        _mistake(path, page, fault) for fault in sorted([*general, *particular], key=lambda fault: fault.line)
    )
    if general or settings is None:
        raise ConfigError(mistakes)
    return Config(_tracker(settings), projects, _thresholds(settings), _gate(settings), mistakes, alerts)


def only(projects: Sequence[Project], name: str | None) -> tuple[Project, ...]:
    """The one project of that name (`owner/name`, in any case), or all of them for None. Raises NotTracked."""
    if name is None:
        return tuple(projects)
    found = tuple(project for project in projects if project.id.casefold() == name.casefold())
    if not found:
        near = _nearest(name, [project.id for project in projects])
        raise NotTracked(f"{shown(name)} is not tracked" + (f"; did you mean '{near}'?" if near else ""))
    return found


def schema(namings: Mapping[str, Naming]) -> dict[str, object]:
    """JSON Schema (draft 2020-12) of `projects.yaml`, for editors."""
    return config_shape.file_schema(namings, SettingsPart)


def schema_text(namings: Mapping[str, Naming]) -> str:
    """What `projects.schema.json` holds."""
    return json.dumps(schema(namings), indent=2, ensure_ascii=False) + "\n"


# --- From shapes to records ------------------------------------------------------------------------------------------


def _settings(page: Page, metrics: Mapping[str, Stage] | None) -> tuple[SettingsPart | None, list[Fault]]:
    if not isinstance(page.value, dict):
        wanted = "expected 'projects:' on a line of its own, and the entries below it"
        return None, [Fault(page.line(()), f"{wanted}, found {page.found(())}")]
    rest = {key: value for key, value in page.value.items() if key not in {"projects", "alerts"}}
    settings, faults = _checked(SettingsPart, rest, page, ())
    if settings is not None and metrics is not None:
        faults += _wrong_metrics(settings, page, metrics)
    return settings, faults


def _projects(
    page: Page, namings: Mapping[str, Naming], today: dt.date | None
) -> tuple[tuple[Project, ...], list[Fault]]:
    """The projects of the entries without a mistake, and the mistakes of the others."""
    part = config_shape.entry_part(namings)
    entries = _entries(page)
    faults = list(_twice(page, entries, namings))
    wrong = {fault.place[1] for fault in [*faults, *page.faults] if _in_entry(fault.place)}
    projects = []
    for index, value in enumerate(entries):
        entry, missed = _checked(part, value, page, ("projects", index), {"today": today})
        faults += missed
        if entry is not None and index not in wrong:
            projects.append(_project(entry, namings))
    return tuple(projects), faults


def _alerts(page: Page, words: config_alerts.Vocabulary) -> tuple[Alerts, list[Fault]]:
    """What is told, and what is wrong with it: a rule with a mistake is left out, and no run fails for it."""
    value = page.value.get("alerts") if isinstance(page.value, dict) else None
    if value is None:
        return Alerts(), []
    given = value.get("rules") if isinstance(value, dict) else None
    rest = {key: one for key, one in value.items() if key != "rules"} if isinstance(value, dict) else value
    part, faults = _checked(config_alerts.AlertsPart, rest, page, ("alerts",))
    usual = Alerts() if part is None else Alerts(webhook=part.webhook, digest=bool(part.digest))
    if given is None:
        return usual, faults
    rules, wrong = _rules(given, page, words)
    return dataclasses.replace(usual, rules=rules), [*faults, *wrong]


def _rules(given: object, page: Page, words: config_alerts.Vocabulary) -> tuple[tuple[Rule, ...], list[Fault]]:
    place: Place = ("alerts", "rules")
    most = config_alerts.MOST_RULES
    if not isinstance(given, list) or len(given) > most:
        found = f"{len(given):,}" if isinstance(given, list) else page.found(place)
        return (), [Fault(page.line(place), f"expected a list of at most {most} rules, found {found}", place)]
    rules, faults = [], []
    for index, one in enumerate(given):
        part, wrong = _checked(RulePart, one, page, (*place, index))
        rule = None if part is None else config_alerts.rule(part)
        wrong += [] if rule is None else _unknown_words(rule, page, (*place, index), words)
        if rule is not None and not wrong and not any(fault.place[:3] == (*place, index) for fault in page.faults):
            rules.append(rule)
        faults += wrong
    return tuple(dict.fromkeys(rules)), faults


def _unknown_words(rule: Rule, page: Page, place: Place, words: config_alerts.Vocabulary) -> list[Fault]:
    return [
        Fault(page.line((*place, one.key, one.index)), _unknown(one.what, one.word, one.known), (*place, one.key))
        for one in config_alerts.unknown(rule, words)
    ]


def _named_in(page: Page) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The projects, categories and tags that stand in the file, also in entries with a mistake."""
    entries = [one for one in _entries(page) if isinstance(one, dict)]
    tags = (tag for one in entries if isinstance(several := one.get("tags"), list) for tag in several)
    return (
        frozenset(one["github"] for one in entries if isinstance(one.get("github"), str)),
        frozenset(category for one in entries if isinstance(category := one.get("category", DEFAULT_CATEGORY), str)),
        frozenset(tag for tag in tags if isinstance(tag, str)),
    )


def _project(entry: EntryPart, namings: Mapping[str, Naming]) -> Project:
    return Project(
        id=entry.github,
        name=entry.name or entry.github.partition("/")[2],
        category=entry.category,
        tags=tuple(entry.tags or ()),
        targets=config_shape.targets(entry, namings),
        events=tuple(Event(event.day, event.title, event.link or None) for event in entry.events or ()),
        figures=tuple(config_shape.own_figure(figure) for figure in entry.figures or ()),
    )


def _tracker(settings: SettingsPart) -> Tracker:
    part = settings.tracker or config_shape.TrackerPart()
    address = part.address.rstrip("/") or None
    title = part.title or Tracker().title
    repository, notice = part.repository or None, part.notice or None
    return Tracker(title, part.description, address, repository, notice, part.license, has_own_title=bool(part.title))


def _gate(settings: SettingsPart) -> Gate:
    return Gate(**settings.gate.model_dump()) if settings.gate else Gate()


def _thresholds(settings: SettingsPart) -> Mapping[Stage, Mapping[str, float]]:
    """The defaults, each stage that the file names replaced by what it says."""
    given = _given_thresholds(settings)
    return {stage: given.get(stage, DEFAULT_THRESHOLDS[stage]) for stage in Stage}


def _given_thresholds(settings: SettingsPart) -> Mapping[Stage, Mapping[str, float]]:
    part = settings.stages.thresholds if settings.stages else None
    if part is None:
        return {}
    return {Stage(name): levels for name, levels in part.model_dump().items() if levels is not None}


# --- What is wrong ---------------------------------------------------------------------------------------------------


def _checked(
    part: type[_Part], value: object, page: Page, place: Place, context: Mapping[str, Any] | None = None
) -> tuple[_Part | None, list[Fault]]:
    """The value as a part of the file, or what is wrong with it."""
    try:
        return part.model_validate(value, context=context), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    misspelt = {
        (*way[:-1], _nearest(str(way[-1]), _keys_beside(way, part)))
        for way in (detail["loc"] for detail in details if detail["type"] == "extra_forbidden")
    }
    faults = (
        _fault(detail, page, place, part)
        for detail in details
        if detail["type"] != "missing" or detail["loc"] not in misspelt  # else it is there, under a wrong name
    )
    return None, [fault for fault in faults if not page.is_refused(fault.place)]


def _fault(detail: ErrorDetails, page: Page, start: Place, part: type[config_shape.Part]) -> Fault:
    way: Place = (*start, *detail["loc"])
    line, place = page.line(way), page.nearest(way)
    if detail["type"] == "extra_forbidden":
        if former := _FORMER.get((_part(way), str(way[-1]))):
            return Fault(line, f"the key '{way[-1]}' {former}", way[:-1])
        return Fault(line, _unknown("key", str(way[-1]), _keys_beside(detail["loc"], part)), way[:-1])
    if detail["type"] == "missing":
        how = "; write 'github: owner/name'" if way[-1] == "github" else ""
        return Fault(line, f"the key '{way[-1]}' is missing{how}", way[:-1])
    given = detail.get("ctx", {})
    expected = given.get("expected") or _EXPECTED[detail["type"]].format(**given)
    found = given.get("found") or page.found(place)
    hint = given.get("hint") or _hint(detail["type"], page, place)
    return Fault(line, f"expected {expected}, found {found}" + (f"; {hint}" if hint else ""), place)


def _part(way: Place) -> str:
    """The part of the file that a key stands in."""
    return next((key for key in reversed(way[:-1]) if isinstance(key, str)), "")


def _keys_beside(way: Place, part: type[config_shape.Part]) -> Sequence[str]:
    """The keys that a mapping may have, of which `way` leads to a wrong one; it starts in `part`."""
    around = [key for key in way[:-1] if isinstance(key, str)]
    if around:
        return config_shape.keys(config_alerts.PARTS[around[-1]])
    return [*config_shape.keys(part), *(["projects"] if part is SettingsPart else [])]


def _hint(kind: str, page: Page, place: Place) -> str:
    """What to do about it, where the kind of the mistake and what stands there give it away."""
    if kind in {"string_type", "name"} and page.is_bare(place):
        return "put it in quotes"
    if kind == "float_type" and page.found(place).startswith("the number"):
        return "write it in plain decimals"
    written = page.written(place)
    if kind == "model_type" and re.fullmatch(config_shape.REPOSITORY, written):
        return f"write 'github: {written}'"
    return ""


def _twice(page: Page, entries: Sequence[object], namings: Mapping[str, Naming]) -> Iterator[Fault]:
    """Repositories and packages that an entry before has named already. A place that may be shared may be."""
    first: dict[tuple[str, str], int] = {}
    for index, entry in enumerate(entries):
        for key, name, place in _names(entry, ("projects", index), namings):
            if key in namings and namings[key].shared:
                continue
            before = first.setdefault((key, config_shape.folded(name) if key != "github" else name.casefold()), index)
            if before != index:
                where = f"{_label(entries, before)} on line {page.line(('projects', before, key))}"
                if key == "github":
                    yield Fault(page.line(place), f"the same repository as {where}", place[:2])
                else:
                    yield Fault(page.line(place), f"'{shown(name)}' belongs to {where} already", place)


def _names(entry: object, place: Place, namings: Mapping[str, Naming]) -> Iterator[tuple[str, str, Place]]:
    for key in dict.fromkeys(["github", *namings]):
        named = entry.get(key) if isinstance(entry, dict) else None
        if isinstance(named, str):
            yield key, named, (*place, key)
        elif isinstance(named, list):
            yield from ((key, name, (*place, key, n)) for n, name in enumerate(named) if isinstance(name, str))


def _wrong_metrics(settings: SettingsPart, page: Page, metrics: Mapping[str, Stage]) -> Iterator[Fault]:
    for stage, levels in _given_thresholds(settings).items():
        place = ("stages", "thresholds", stage.value)
        for metric in levels:
            line = page.line((*place, metric))
            if metric not in metrics:
                yield Fault(line, _unknown("metric", metric, metrics), place)
            elif metrics[metric] is not stage:
                yield Fault(line, f"the metric '{metric}' counts in {metrics[metric]}, not in {stage}", place)


def _no_project(page: Page, faults: Sequence[Fault]) -> Iterator[Fault]:
    """Why there is no project at all, where it is not said already."""
    line = page.line(("projects",))
    if faults:
        yield Fault(line, "no entry is without a mistake, so that nothing is left to track")
    elif isinstance(page.value, dict):
        value = page.value.get("projects")
        if value is not None and value != []:
            wanted = "expected a list of entries that begin with '- github: owner/name'"
            yield Fault(line, f"{wanted}, found {page.found(('projects',))}", ("projects",))
        elif not any(_nearest(key, ["projects"]) for key in page.value if key != "projects"):
            yield Fault(line, "no project is named; write 'projects:' and below it '  - github: owner/name'")


def _unknown(what: str, word: str, known: Collection[str]) -> str:
    near = _nearest(word, known)
    how = f"did you mean '{near}'?" if near else f"known are {', '.join(known)}"
    return f"unknown {what} '{shown(word)}'; {how}"


def _nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was most probably meant, or ""."""
    folded = {right.casefold(): right for right in known}
    meant = [right for right in _MEANT.get(word.casefold(), ()) if right in folded]
    if not meant and len(word) < 200:
        meant = difflib.get_close_matches(word.casefold(), folded, 1, _NEAR)
    return folded[meant[0]] if meant else ""


def _entries(page: Page) -> Sequence[object]:
    value = page.value.get("projects") if isinstance(page.value, dict) else None
    return value if isinstance(value, list) else []


def _in_entry(place: Place) -> bool:
    return len(place) > 1 and place[0] == "projects"


def _may_be_left_out(place: Place) -> bool:
    """Whether what is wrong at a place costs that entry or those alerts alone."""
    return _in_entry(place) or place[:1] == ("alerts",)


def _label(entries: Sequence[object], index: int) -> str:
    """What to call an entry: its repository as it is written, or its number."""
    entry = entries[index]
    name = entry.get("github") if isinstance(entry, dict) else None
    return shown(name) if isinstance(name, str) and name.strip() else f"entry {index + 1}"


def _mistake(path: Path, page: Page, fault: Fault) -> Mistake:
    place, label = fault.place, ""
    if _in_entry(place):
        assert isinstance(place[1], int)
        label, place = _label(_entries(page), place[1]), place[2:]
    elif place:
        label, place = shown(str(place[0])), place[1:]
    within = " ".join(f"item {key + 1}" if isinstance(key, int) else shown(key) for key in place)
    return Mistake(str(path), fault.line, label, f"{within}: {fault.text}" if within else fault.text)
