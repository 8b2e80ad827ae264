"""The health of the data: what each source was asked and gave, what fails since when, and which figures are too old."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import addresses, corrections, wording
from groundswell.advice import Place, advice
from groundswell.catalogue import in_words, metric_of
from groundswell.channels import overdue
from groundswell.data_files import cell
from groundswell.evidence import Evidence
from groundswell.figures import own_signals
from groundswell.models import Card, Failure, Kind, Measured, Metric, Signal
from groundswell.pages import shown
from groundswell.pages.odd import Everywhere, everywhere
from groundswell.pages.setting import Setting
from groundswell.pages.shown import Figure

MOST_CORRECTIONS: Final = 40
MOST_NAMED: Final = 6  # targets or series named in a cell; with more, all of them stand behind it
GAVE_NOTHING: Final = "gave nothing newer, and no failure is known"
NO_FIGURE: Final = "no figure is made from it"

_SINCE: Final = re.compile(r" since (\d{4}-\d{2}-\d{2})$")  # as stages adds it to a failure
_LAST_SEEN: Final = re.compile(r"last seen (\d{4}-\d{2}-\d{2}),")  # as channels.last_seen says it


@dataclass(frozen=True, slots=True)
class SignalRow:
    """A signal as its source documents it."""

    name: str  # "npm.downloads"
    docs: str
    kind: str
    unit: str
    lag: str
    backfill: str
    caveat: str


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source that some project names, as it is today."""

    key: str
    label: str
    asked: str
    failing: str  # how many of its targets, in words; empty when none
    newest: Figure
    newest_age: str
    oldest: Figure
    oldest_of: str


@dataclass(frozen=True, slots=True)
class Who:
    """Whom something concerns: one of them."""

    name: str
    address: str  # of the project's page
    detail: str  # the targets


@dataclass(frozen=True, slots=True)
class Trouble:
    """What fails for one reason since one day, and for whom."""

    source: str
    reason: str
    todo: str
    since: str
    who: tuple[Who, ...]
    many: str  # their number in words, when they stand behind it


@dataclass(frozen=True, slots=True)
class Late:
    """Series of one metric that are older than they should be for one reason."""

    label: str
    signal: str
    day: str
    age: str
    most: str
    reason: str
    who: tuple[Who, ...]
    many: str


@dataclass(frozen=True, slots=True)
class Ages:
    """How old the series of one metric are that come from one signal."""

    label: str
    signal: str
    series: str  # how many
    newest: str  # day
    youngest: str  # age
    median: str
    oldest: str
    most: str  # the age that is no lateness
    late: str  # how many are older; empty when none


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a source changed of its past."""

    noted: str
    column: str
    says: str
    who: Who


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows. Text from outside is in it as it came: it is for an autoescaping template alone."""

    summary: str
    sources: tuple[SourceRow, ...]
    unasked: str
    troubles: tuple[Trouble, ...]
    late: tuple[Late, ...]
    ages: tuple[Ages, ...]
    odd: Everywhere
    corrected: tuple[Corrected, ...]
    signals: tuple[tuple[str, str, tuple[SignalRow, ...]], ...]  # key, label, rows


def view(cards: Sequence[Card], setting: Setting) -> View:
    """What the page shows: the sources that are named, and all that there are."""
    series = [one for card in cards for one in _series(card, setting)]
    asked = {key: sum(len(card.project.targets.get(key, ())) for card in cards) for key in setting.labels}
    named = sorted((key for key, number in asked.items() if number), key=lambda key: setting.label(key).casefold())
    unnamed = sorted((setting.label(key) for key in asked if not asked[key]), key=str.casefold)
    late = _late(series, setting)
    return View(
        summary=_summary(cards, sum(asked.values()), sum(len(one.who) for one in late)),
        sources=tuple(_source(key, asked[key], cards, series, setting) for key in named),
        unasked=wording.listing(unnamed, most=len(unnamed)),
        troubles=_troubles(cards, setting),
        late=late,
        ages=_ages(series),
        odd=everywhere(cards, setting),
        corrected=_corrected(cards),
        signals=_signals(setting),
    )


def _summary(cards: Sequence[Card], asked: int, late: int) -> str:
    failing = len({_place(failure) for card in cards for failure in card.failures if not failure.deferred})
    targets = wording.several(asked, "target is", "targets are")
    fails = (
        "all of them answer" if not failing else f"{failing:,} {'fails' if failing == 1 else 'fail'} at least in part"
    )
    old = "no figure is older than it should be"
    if late:
        old = (
            f"{wording.several(late, 'figure is', 'figures are')} older than {'it' if late == 1 else 'they'} should be"
        )
    return f"{wording.sentence(targets)[:-1]} asked for; {fails}; {old}."


def _place(failure: Failure) -> tuple[str, str, str]:
    return failure.source, failure.project, failure.target


# --- Series ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Seen:
    """A metric of a project, as new as its signal is seen."""

    card: Card
    metric: Metric
    signal: str  # full name
    targets: tuple[str, ...]
    day: dt.date
    behind: int  # days by which it is later than it should be; not above 0 when it is not

    @property
    def source(self) -> str:
        return self.signal.partition(".")[0]

    @property
    def age(self) -> int:
        return (self.card.as_of - self.day).days

    @property
    def reason(self) -> str:
        """What fails about it at present."""
        key = self.signal.partition(".")[2]
        for failure in self.card.failures:
            concerned = not failure.signals or key in failure.signals
            if failure.source == self.source and failure.target in self.targets and concerned:
                return failure.reason
        return GAVE_NOTHING


def _series(card: Card, setting: Setting) -> Iterator[_Seen]:
    """What has a day: also what is not shown any more because it is too old."""
    signals = {**setting.signals, **own_signals(card.project)}
    for metric, found in _figures(card):
        seen = _where(metric, found, card)
        if seen is None or (signal := signals.get(seen[0])) is None:
            continue
        name, targets, day = seen
        newest = card.as_of - dt.timedelta(days=signal.lag)
        patience = 0 if signal.kind.by_calendar else metric.refresh_days - 1
        yield _Seen(card, metric, name, targets, day, overdue(signal, day, newest) - patience)


def _figures(card: Card) -> Iterator[tuple[Metric, Measured]]:
    """All that is measured of a project, also what counts in no stage."""
    yield from ((metric_of(key, card.project), found) for key, found in card.metrics.items())
    yield from card.others


def _where(metric: Metric, found: Measured, card: Card) -> tuple[str, tuple[str, ...], dt.date] | None:
    """The signal, its targets, and the newest day; None for what was never seen."""
    if found.provenance is not None and found.observed is not None:
        return found.provenance.signal, found.provenance.targets, found.observed
    days = _LAST_SEEN.findall(found.missing.reason) if found.missing else []
    for signal in metric.signals:
        targets = card.project.targets.get(signal.partition(".")[0], ())
        if days and targets:
            return signal, targets, min(map(dt.date.fromisoformat, days))
    return None


def _late(series: Sequence[_Seen], setting: Setting) -> tuple[Late, ...]:
    """What is older than it should be, the latest first; series that differ in the project alone are one line."""
    groups: dict[tuple[str, str, dt.date, str], list[_Seen]] = defaultdict(list)
    for one in series:
        if one.behind > 0:
            groups[one.metric.key, one.signal, one.day, one.reason].append(one)
    ordered = sorted(groups.items(), key=lambda group: (-group[1][0].behind, group[0]))
    return tuple(_late_line(found, setting.label(found[0].source)) for _, found in ordered)


def _late_line(found: Sequence[_Seen], label: str) -> Late:
    one = found[0]
    return Late(
        label=one.metric.label,
        signal=one.signal,
        day=wording.date(one.day),
        age=_days(one.age),
        most=_days(one.age - one.behind),
        reason=f"{label} {shown.in_words(one.reason)}.",
        who=tuple(_who(seen.card, seen.targets) for seen in found),
        many=wording.several(len(found), "project") if len(found) > MOST_NAMED else "",
    )


def _who(card: Card, targets: Sequence[str]) -> Who:
    named = [target for target in targets if target]
    return Who(card.project.name, addresses.project_page(card.project.id), ", ".join(named))


def _ages(series: Sequence[_Seen]) -> tuple[Ages, ...]:
    """By metric and signal, those with the oldest first; a table of each series alone would be too long to read."""
    groups: dict[tuple[str, str], list[_Seen]] = defaultdict(list)
    for one in series:
        groups[one.metric.label, one.signal].append(one)
    ordered = sorted(groups.items(), key=lambda group: (-max(one.age for one in group[1]), group[0]))
    return tuple(_age_line(found) for _, found in ordered)


def _age_line(found: Sequence[_Seen]) -> Ages:
    ages = sorted(one.age for one in found)
    late = sum(one.behind > 0 for one in found)
    return Ages(
        label=found[0].metric.label,
        signal=found[0].signal,
        series=f"{len(found):,}",
        newest=wording.short_date(max(one.day for one in found)),
        youngest=_days(ages[0]),
        median=_days(ages[(len(ages) - 1) // 2]),
        oldest=_days(ages[-1]),
        most=_days(max(one.age - one.behind for one in found)),
        late=f"{late:,}" if late else "",
    )


def series_csv(cards: Sequence[Card], setting: Setting) -> str:
    """A row a series: its newest day, its age, the age that is no lateness, and what fails about it."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("project", "metric", "signal", "targets", "newest_day", "age_days", "age_at_most", "failing"))
    for card in cards:
        for one in _series(card, setting):
            failing = one.reason if one.reason != GAVE_NOTHING else None
            where = (card.project.id, one.metric.key, one.signal, " ".join(filter(None, one.targets)))
            values = (*where, one.day.isoformat(), one.age, one.age - one.behind, failing)
            rows.writerow([cell(value) for value in values])
    return text.getvalue()


# --- Sources ---------------------------------------------------------------------------------------------------------


def _source(key: str, asked: int, cards: Sequence[Card], series: Sequence[_Seen], setting: Setting) -> SourceRow:
    failures = [failure for card in cards for failure in card.failures if failure.source == key]
    own = [one for one in series if one.source == key]
    newest = max((one.day for one in own), default=None)
    oldest = max(own, key=lambda one: (max(one.behind, 0), one.age), default=None)
    why = _why_no_figure(key, cards)
    none = shown.nothing(why)
    return SourceRow(
        key=key,
        label=setting.label(key),
        asked=f"{asked:,}",
        failing=_failing(failures),
        newest=_of_day(wording.short_date(newest), newest, setting.label(key)) if newest else none,
        newest_age=wording.age(newest, setting.as_of) if newest else why,
        oldest=_of_day(_days(oldest.age), oldest.day, setting.label(key)) if oldest else none,
        oldest_of=f"{oldest.metric.label} of {oldest.card.project.name}" if oldest else "",
    )


def _of_day(text: str, day: dt.date, source: str) -> Figure:
    return Figure(text, wording.date(day), witness=f"{source}, {wording.short_date(day)}, {Evidence.OBSERVED}")


def _why_no_figure(key: str, cards: Sequence[Card]) -> str:
    """What a source's figures lack most often, where none of them is shown: mostly days, in the first weeks."""
    lacks = Counter(
        shown.in_words(found.missing.reason)
        for card in cards
        if card.project.targets.get(key)
        for metric, found in _figures(card)
        if found.missing is not None and key in metric.sources
    )
    return lacks.most_common(1)[0][0] if lacks else NO_FIGURE


def _failing(failures: Sequence[Failure]) -> str:
    """Targets that fail: wholly, in some signals, or because their turn did not come."""
    whole = {_place(one) for one in failures if not one.deferred and not one.signals}
    parts = {_place(one) for one in failures if not one.deferred} - whole
    later = {_place(one) for one in failures} - whole - parts
    counts = ((len(whole), ""), (len(parts), " in part"), (len(later), " left for later"))
    return wording.listing([f"{number:,}{how}" for number, how in counts if number])


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number:,} days"


def _troubles(cards: Sequence[Card], setting: Setting) -> tuple[Trouble, ...]:
    """Failures by source, reason and day; what concerns most comes first."""
    groups: dict[tuple[str, str], list[tuple[Failure, Who]]] = defaultdict(list)
    for card in cards:
        for failure in card.failures:
            groups[failure.source, failure.reason].append((failure, _who(card, (failure.target,))))
    ordered = sorted(
        groups.items(), key=lambda group: (setting.label(group[0][0]).casefold(), -len(group[1]), group[0][1])
    )
    return tuple(_trouble(found[0][0], [who for _, who in found], setting) for _, found in ordered)


def _trouble(failure: Failure, who: Sequence[Who], setting: Setting) -> Trouble:
    """What fails for several, told by the first of them."""
    since, reason = _SINCE.search(failure.reason), _SINCE.sub("", failure.reason)
    docs = next((one.docs for name, one in setting.signals.items() if name.startswith(f"{failure.source}.")), "")
    return Trouble(
        source=setting.label(failure.source),
        reason=shown.in_words(reason),
        todo=advice(reason, Place(failure.source, failure.project, failure.target, docs)),
        since=shown.in_words(since[1]) if since else wording.NOTHING,
        who=tuple(who),
        many=wording.several(len(who), "target") if len(who) > MOST_NAMED else "",
    )


def _corrected(cards: Sequence[Card]) -> tuple[Corrected, ...]:
    """The largest corrections of the last weeks, the largest first."""
    by_id = {card.project.id: card for card in cards for _ in card.corrections}
    found = corrections.largest((one for card in cards for one in card.corrections), MOST_CORRECTIONS)
    return tuple(
        Corrected(
            noted=wording.short_date(one.noted),
            column=one.column,
            says=wording.sentence(shown.in_words(corrections.says(one))),
            who=_who(by_id[one.project], ()),
        )
        for one in found
    )


def _signals(setting: Setting) -> tuple[tuple[str, str, tuple[SignalRow, ...]], ...]:
    rows: Mapping[str, list[SignalRow]] = {key: [] for key in setting.labels}
    for name, signal in setting.signals.items():
        rows[name.partition(".")[0]].append(_signal(name, signal))
    ordered = sorted(rows, key=lambda key: setting.label(key).casefold())
    return tuple((key, setting.label(key), tuple(rows[key])) for key in ordered)


def _signal(name: str, signal: Signal) -> SignalRow:
    return SignalRow(
        name=name,
        docs=addresses.safe_link(signal.docs),
        kind=in_words(signal),
        unit=f"{signal.unit} in {signal.days} days" if signal.kind is Kind.ROLLING else signal.unit,
        lag=_days(signal.lag) if signal.lag else "at once",
        backfill=signal.backfill,
        caveat=f"{signal.caveat} Credit: {signal.credit}." if signal.credit else signal.caveat,
    )
