"""What is odd in the data, as pages tell it: each thing under its letter on the charts, its days, a sentence."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import addresses, wording
from groundswell.anomalies import KEPT_OUT
from groundswell.catalogue import metrics_of
from groundswell.charts import Odd
from groundswell.models import Anomaly, Card, Oddity
from groundswell.pages import shown
from groundswell.pages.setting import Setting

LETTERS: Final = string.ascii_uppercase
RECENT: Final = 91  # days: what is older stands on the project's page alone
RECENT_OF_SOURCE: Final = 364  # days: a source that stood still is told for as long as it lies in a year's growth
_LONGEST: Final = 200  # rows of a table for all projects; the rest is counted


@dataclass(frozen=True, slots=True)
class Told:
    """One odd thing."""

    letter: str  # on the charts
    day: str
    series: str
    kind: str
    says: str
    kept_out: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One odd thing among those of all projects."""

    day: str
    what: str
    signal: str
    kind: str
    says: str
    who: tuple[tuple[str, str], ...]  # name and address of each project
    many: str  # their number in words, when they stand behind it


@dataclass(frozen=True, slots=True)
class Everywhere:
    """What is odd in the data of all projects."""

    rows: tuple[Row, ...]
    more: str  # what is not among them


_Same = tuple[str, Oddity, int, int, str]


def _same(anomaly: Anomaly) -> _Same:
    """What is one and the same for a reader: a source that stood still is told once, not for each of its packages."""
    signal = anomaly.column.partition(":")[0] if "series" in anomaly.seen else anomaly.column
    return signal, anomaly.kind, anomaly.first.toordinal(), anomaly.last.toordinal(), anomaly.says


def _lettered(card: Card) -> Mapping[_Same, str]:
    """The newest odd things of a project, oldest first, each with its letter; gaps have none."""
    things = list(dict.fromkeys(_same(one) for one in card.anomalies if one.kind is not Oddity.GAP))
    return dict(zip(things[-len(LETTERS) :], LETTERS, strict=False))


def told(card: Card) -> tuple[Told, ...]:
    """What is odd in the data of a project, oldest first; gaps after it, those of the same days in one."""
    letters = _lettered(card)
    firsts = {_same(one): one for one in reversed(card.anomalies)}
    odd = [_told(card, firsts[same], letter) for same, letter in letters.items()]
    gaps = {(one.first, one.last): one for one in reversed(card.anomalies) if one.kind is Oddity.GAP}
    return (*odd, *(_told(card, gap, "") for _, gap in sorted(gaps.items())))


def _told(card: Card, anomaly: Anomaly, letter: str) -> Told:
    name = _name(card, anomaly)
    if anomaly.kind is Oddity.GAP:
        alike = [one for one in card.anomalies if one.kind is Oddity.GAP and one.first == anomaly.first]
        name = name if len(alike) == 1 else f"{name} and {len(alike) - 1} more"
    return Told(
        letter=letter,
        day=_days(anomaly),
        series=name,
        kind=anomaly.kind.value,
        says=wording.sentence(shown.in_words(anomaly.says)),
        kept_out=anomaly.kind in KEPT_OUT,
    )


def _days(anomaly: Anomaly) -> str:
    if anomaly.first == anomaly.last:
        return wording.short_date(anomaly.first)
    return f"{wording.short_date(anomaly.first)} to {wording.short_date(anomaly.last)}"


def _name(card: Card, anomaly: Anomaly) -> str:
    """The label of the metric that a column is for, with the target where the project has several."""
    signal, _, target = anomaly.column.partition(":")
    label = next((metric.label for metric in metrics_of(card.project) if signal in metric.signals), signal)
    several = len(card.project.targets.get(signal.partition(".")[0], ())) > 1
    return f"{label} of {target}" if target and several and "series" not in anomaly.seen else label


def marks(card: Card, anomalies: Sequence[Anomaly]) -> tuple[Odd, ...]:
    """The marks on a chart of a series with these anomalies."""
    letters = _lettered(card)
    found = {_same(one): one for one in anomalies}
    return tuple(Odd(one.first, one.last, letters[same]) for same, one in found.items() if same in letters)


def everywhere(cards: Sequence[Card], setting: Setting) -> Everywhere:
    """What is odd in the last three months, newest first; what many series have in common is one row."""
    groups: dict[_Same, list[tuple[Card, Anomaly]]] = {}
    older = 0
    for card in cards:
        for one in card.anomalies:
            if one.kind is Oddity.GAP:
                continue
            if (setting.as_of - one.last).days > (RECENT_OF_SOURCE if "series" in one.seen else RECENT):
                older += 1
                continue
            same = _same(one)
            key = same if "series" in one.seen else (f"{card.project.id} {same[0]}", *same[1:])
            groups.setdefault(key, []).append((card, one))
    ordered = sorted(groups.items(), key=lambda group: (-group[1][0][1].last.toordinal(), group[0]))
    rows = tuple(_row(found, setting) for _, found in ordered[:_LONGEST])
    left = [
        f"{wording.several(len(ordered) - _LONGEST, 'more')} of these months" if len(ordered) > _LONGEST else "",
        f"{wording.several(older, 'older one')}" if older else "",
    ]
    return Everywhere(rows, wording.listing([text for text in left if text]))


def _row(found: Sequence[tuple[Card, Anomaly]], setting: Setting) -> Row:
    card, anomaly = found[0]
    signal = anomaly.column.partition(":")[0]
    projects = {one.project.id: one.project.name for one, _ in found}
    of_source = "series" in anomaly.seen
    return Row(
        day=_days(anomaly),
        what=setting.label(signal.partition(".")[0]) if of_source else _name(card, anomaly),
        signal=signal,
        kind=anomaly.kind.value,
        says=wording.sentence(shown.in_words(anomaly.says)),
        who=tuple((name, addresses.project_page(project)) for project, name in projects.items()),
        many=wording.several(len(projects), "project") if len(projects) > 3 else "",
    )
