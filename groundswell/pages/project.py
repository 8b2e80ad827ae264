"""A project's page: where it stands, what the stages say, charts, and every figure with all that is known of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from groundswell import addresses, evidence, wording
from groundswell.catalogue import BY_KEY, CORE, DOWNLOADS, STAGES, is_named, metric_of, metrics_of
from groundswell.charts import Drawer
from groundswell.evidence import Evidence
from groundswell.growth import WINDOW
from groundswell.models import (
    NO_COMPANY,
    Beside,
    Card,
    Growth,
    Kind,
    Measured,
    Metric,
    Missing,
    Movement,
    Ratio,
    Reading,
    Stage,
    StageState,
    Yearly,
)
from groundswell.pages import expected, odd, shown, take_away, witness
from groundswell.pages.odd import Told
from groundswell.pages.panels import Panel, panels
from groundswell.pages.setting import Setting
from groundswell.pages.shown import Figure, Mark, Yardstick
from groundswell.pages.take_away import Taken
from groundswell.readings import READINGS, unjudged
from groundswell.situation import of_card
from groundswell.sparklines import sparkline

HEAD: Final = ("stars", *DOWNLOADS, "active_contributors", "issues_opened", "pull_requests_opened")
COMPOUND_MONTHS: Final = (3, 6, 12)
OTHERS: Final = "Other figures, which count in no stage"
TITLES: Final = {rule.key: rule.title for rule in READINGS}


@dataclass(frozen=True, slots=True)
class HeadFigure:
    """One of the large figures."""

    label: str
    span: str  # the time that the value covers
    value: Figure
    age: str  # when the value is an old one
    growth: Figure
    against: Yardstick | None  # the market


@dataclass(frozen=True, slots=True)
class Way:
    """The movement from a stage to the next."""

    name: str  # "Intent → Action"
    drift: Figure
    says: str
    ratios: tuple[tuple[Figure, str], ...]  # and what it counts


@dataclass(frozen=True, slots=True)
class Step:
    """A stage in the picture of five."""

    number: int
    label: str
    meaning: str
    mark: Mark
    figure: Figure
    reached: bool  # the project has come so far
    coverage: int  # per cent
    measured: str  # what it rests on, in words
    level: str
    line: str  # path of its index through twelve months; empty when there are too few
    index: str  # the same in words


@dataclass(frozen=True, slots=True)
class MetricRow:
    """A metric in the table of all."""

    label: str
    meaning: str
    span: str
    value: Figure
    growth: Figure
    against: Yardstick | None  # the market
    compound: tuple[tuple[int, Figure], ...]
    source: str
    docs: str
    targets: str
    observed: str
    age: str
    since: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Growth of one registry's downloads beside that of revenue, a year, over one span."""

    label: str
    span: str
    use: Figure
    revenue: Figure
    source: str
    docs: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Money:
    """Revenue beside use."""

    state: str  # "The company no longer reports since …"; empty while it does
    pairs: tuple[Pair, ...]
    source: str  # of the revenue
    docs: str
    missing: tuple[tuple[str, str], ...]  # what has no pair, and why
    why: str  # why there is nothing at all


@dataclass(frozen=True, slots=True)
class Happening:
    """An event."""

    number: int
    day: str
    title: str
    link: str


@dataclass(frozen=True, slots=True)
class Said:
    """A reading, with the rule that it is from."""

    key: str
    title: str
    text: str
    witness: str


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows. Text from outside is in it as it came: it is for an autoescaping template alone."""

    name: str
    id: str
    repository: str
    homepage: str
    description: str
    about: tuple[str, ...]
    tags: tuple[str, ...]
    notes: tuple[str, ...]
    reading: str
    rule: Said
    also: tuple[Said, ...]
    unjudged: tuple[tuple[str, str], ...]  # rules that could not be looked at, and what they lack
    head: tuple[HeadFigure, ...]
    furthest: str
    steps: tuple[Step, ...]
    ways: tuple[Way, ...]
    unseen_ways: tuple[str, ...]
    money: Money | None
    panels: tuple[Panel, ...]
    stages: tuple[tuple[str, tuple[MetricRow, ...]], ...]
    missing: tuple[tuple[str, str], ...]
    failures: tuple[tuple[str, str], ...]
    events: tuple[Happening, ...]
    odd: tuple[Told, ...]
    data: str
    table: str  # the same by months, as a table
    taken: Taken


def view(card: Card, setting: Setting, drawer: Drawer) -> View:
    """What a project's page shows."""
    moving = [movement for movement in card.movements if movement.ratios or movement.drift is not None]
    return View(
        name=card.project.name,
        id=card.project.id,
        repository=f"https://github.com/{card.facts.name if card.facts else card.project.id}",
        homepage=addresses.safe_link(card.facts.homepage) if card.facts else "",
        description=(card.facts.description or "") if card.facts else "",
        about=_about(card),
        tags=card.project.tags,
        notes=tuple(shown.reason(note) for note in card.notes),
        reading=shown.in_words(card.reading.text),
        rule=_said(card.reading, card, setting),
        also=tuple(_said(reading, card, setting) for reading in card.also),
        unjudged=tuple((rule.title, expected.reason(why.reason, card.as_of)) for rule, why in unjudged(of_card(card))),
        head=tuple(_head(key, card, setting) for key in HEAD if card.metrics[key].value is not None),
        furthest=STAGES[card.furthest].label if card.furthest else "",
        steps=tuple(_step(number, card, stage, setting) for number, stage in enumerate(Stage, 1)),
        ways=tuple(_way(movement, card, setting) for movement in moving),
        unseen_ways=tuple(_unseen(movement, card.as_of) for movement in card.movements if movement.missing),
        money=_money(card, setting),
        panels=panels(card, setting, drawer),
        stages=_stages(card, setting),
        missing=tuple(
            _missing(metric, card.metrics[metric.key], card.as_of)
            for metric in metrics_of(card.project)
            if _is_lacking(card, metric)
        ),
        failures=tuple(_failures(card, setting)),
        events=_events(card),
        odd=odd.told(card),
        data=addresses.project_data(card.project.id),
        table=addresses.project_data(card.project.id, "csv"),
        taken=take_away.of_project(card, setting),
    )


def _said(reading: Reading, card: Card, setting: Setting) -> Said:
    text, seen = shown.in_words(reading.text), witness.of_reading(reading, card, setting)
    return Said(reading.key, TITLES[reading.key], text, seen)


def _about(card: Card) -> tuple[str, ...]:
    """What a project is besides its numbers, a few words each."""
    known = card.facts
    if known is None:
        return (card.project.category,)
    state = shown.STATES.get(known.state)
    born = f"since {wording.month(known.created)}" if known.created else None
    return tuple(filter(None, (card.project.category, known.language, known.licence, born, state)))


def _head(key: str, card: Card, setting: Setting) -> HeadFigure:
    metric, found = BY_KEY[key], card.metrics[key]
    return HeadFigure(
        label=metric.label,
        span=_span(found, setting),
        value=witness.with_value(shown.value(metric, found), found, setting),
        age=shown.age_if_old(found, setting.as_of),
        growth=expected.dated(witness.with_growth(shown.growth(found.growth), found, setting), card.as_of),
        against=_against(key, found, card, setting),
    )


def _against(key: str, found: Measured, card: Card, setting: Setting) -> Yardstick | None:
    beside = shown.against(card.against.get(key))
    if beside is None:
        return None
    return replace(beside, difference=witness.with_market(beside.difference, card.against[key], found, setting))


def _span(found: Measured, setting: Setting) -> str:
    """The time that a value covers; a level covers none."""
    where = found.provenance
    if where is None or where.kind is Kind.STOCK:
        return ""
    if where.kind is Kind.CLOSING:
        return f"at the end of {wording.month(found.observed)}" if found.observed else ""
    if where.kind is Kind.PERIOD:
        return wording.in_period(found.observed, where.months) if found.observed else ""
    signal = setting.signals.get(where.signal)
    days = signal.days if signal and where.kind is Kind.ROLLING else WINDOW
    return f"in {days} days"


def _is_missing(card: Card, metric: Metric) -> bool:
    return card.metrics[metric.key].missing is not None


def _is_lacking(card: Card, metric: Metric) -> bool:
    """Whether a metric is missing that the project could have: one of a place that it names, or of any registry."""
    return _is_missing(card, metric) and (is_named(metric, card.project) or metric.key in CORE)


def _missing(metric: Metric, found: Measured, as_of: dt.date) -> tuple[str, str]:
    return metric.label, expected.reason(found.missing.reason if found.missing else "not known", as_of)


def _failures(card: Card, setting: Setting) -> list[tuple[str, str]]:
    """Each source that gave no answer, and why."""
    return [
        (setting.label(one.source) + (f", {one.target}" if one.target else ""), shown.in_words(one.reason))
        for one in card.failures
    ]


def _events(card: Card) -> tuple[Happening, ...]:
    return tuple(
        Happening(number, wording.date(event.day), event.title, addresses.safe_link(event.link))
        for number, event in enumerate(card.project.events, 1)
    )


# --- Stages ----------------------------------------------------------------------------------------------------------


def _step(number: int, card: Card, stage: Stage, setting: Setting) -> Step:
    order, state = list(Stage), card.stages[stage]
    reach = order.index(card.furthest) if card.furthest else -1
    return Step(
        number=number,
        label=STAGES[state.stage].label,
        meaning=STAGES[state.stage].meaning,
        mark=shown.mark(state.indicator),
        figure=replace(_stage_growth(state), witness=witness.of_stages([stage], card, setting)),
        reached=number - 1 <= reach,
        coverage=round(100 * state.coverage),
        measured=_rests_on(state, card),
        line=sparkline(state.index, card.as_of),
        index=_index(state),
        level="" if state.percentile is None else f"Larger than {state.percentile:.0f} % of the tracked projects",
    )


def _index(state: StageState) -> str:
    """Where a stage came from and to, in closed months."""
    if len(state.index) < 2:
        return ""
    first, last = dt.date.fromordinal(int(state.index.days[0])), state.index.last_day
    start, end = state.index.values[0], state.index.values[-1]
    return f"Index {start:.0f} in {wording.month(first)}, {end:.0f} in {wording.month(last)}."


def _stage_growth(state: StageState) -> Figure:
    if state.growth is None:
        return shown.nothing(state.missing.reason if state.missing else wording.DIRECTIONS[state.indicator])
    text = wording.growth(state.growth, state.low, state.high)
    title = wording.exact_interval(state.growth, state.low, state.high)
    return Figure(text, title, mark=shown.mark(state.indicator))


def _rests_on(state: StageState, card: Card) -> str:
    if not state.parts:
        return expected.reason(state.missing.reason, card.as_of) if state.missing else ""
    return f"From {wording.listing([metric_of(key, card.project).noun for key in state.parts], most=len(state.parts))}."


def _way(movement: Movement, card: Card, setting: Setting) -> Way:
    drift = shown.nothing(movement.missing.reason if movement.missing else "not known")
    says = ""
    if movement.drift is not None:
        text = wording.growth(movement.drift, movement.low, movement.high)
        stages = witness.of_stages((movement.start, movement.end), card, setting)
        drift = Figure(text, wording.exact_interval(movement.drift, movement.low, movement.high), witness=stages)
        says = _drift_in_words(movement)
    return Way(
        name=_name(movement),
        drift=drift,
        says=says,
        ratios=tuple((_ratio(ratio, card, setting), ratio.label) for ratio in movement.ratios),
    )


def _ratio(ratio: Ratio, card: Card, setting: Setting) -> Figure:
    exact = f"{ratio.value:,.6g} {ratio.label}"
    return Figure(wording.count(ratio.value), exact, witness=witness.of_ratio(ratio.key, card, setting))


def _name(movement: Movement) -> str:
    return f"{STAGES[movement.start].label} → {STAGES[movement.end].label}"


def _drift_in_words(movement: Movement) -> str:
    """Which of two stages grows faster, when that is sure."""
    before, after = STAGES[movement.start].label, STAGES[movement.end].label
    if movement.low is not None and movement.low > 0:
        return f"{after} grows faster than {before}."
    if movement.high is not None and movement.high < 0:
        return f"{after} grows more slowly than {before}."
    return f"{after} keeps pace with {before}: no difference that one can be sure of."


def _unseen(movement: Movement, as_of: dt.date) -> str:
    why = shown.in_words(expected.when(movement.missing.reason, as_of)) if movement.missing else "not known"
    return f"{_name(movement)}: {why}"


# --- Money and use ---------------------------------------------------------------------------------------------------


def _money(card: Card, setting: Setting) -> Money | None:
    """None for a project that names no company."""
    found = card.money
    if found == NO_COMPANY:
        return None
    if isinstance(found, Missing):
        return Money("", (), "", "", (), expected.reason(found.reason, card.as_of))
    first = found.pairs[0].revenue if found.pairs else None
    silent = found.silent_since
    return Money(
        state=f"The company no longer reports since {wording.date(silent)}." if silent else "",
        pairs=tuple(_pair(pair, setting) for pair in found.pairs),
        source=setting.label(first.signal.partition(".")[0]) if first else "",
        docs=addresses.safe_link(first.docs) if first else "",
        missing=tuple(
            (BY_KEY[key].label, expected.reason(why.reason, card.as_of)) for key, why in found.missing.items()
        ),
        why="" if found.pairs or found.missing else "No registry is named to set the revenue beside.",
    )


def _pair(pair: Beside, setting: Setting) -> Pair:
    use = pair.use
    return Pair(
        label=BY_KEY[pair.metric].label,
        span=f"{wording.short_date(pair.start)} to {wording.short_date(pair.end)}",
        use=_a_year(use, BY_KEY[pair.metric].unit, pair, setting),
        revenue=_a_year(pair.revenue, "US dollars", pair, setting),
        source=setting.label(use.signal.partition(".")[0]),
        docs=addresses.safe_link(use.docs),
        notes=tuple(map(shown.reason, (f"{pair.years:.3g} years; the use is {use.signal}", *pair.notes))),
    )


def _a_year(found: Yearly, unit: str, pair: Beside, setting: Setting) -> Figure:
    whole = f"in twelve months from {wording.exact(found.start)} to {wording.exact(found.end)} {unit}"
    title = f"{wording.percent(found.growth, wording.EXACT)} a year; {whole}"
    seen = f"{setting.label(found.signal.partition('.')[0])}, {wording.short_date(pair.end)}, {Evidence.OBSERVED}"
    return Figure(wording.percent(found.growth), title, witness=seen)


# --- Every figure ----------------------------------------------------------------------------------------------------


def _stages(card: Card, setting: Setting) -> tuple[tuple[str, tuple[MetricRow, ...]], ...]:
    """The metrics that have a value, by stage; and below them the figures that belong to none."""
    rows: Mapping[Stage, tuple[MetricRow, ...]] = {
        stage: tuple(
            _row(metric, card.metrics[metric.key], card, setting)
            for metric in metrics_of(card.project)
            if metric.stage is stage and not _is_missing(card, metric)
        )
        for stage in Stage
    }
    by_stage = [(STAGES[stage].label, found) for stage, found in rows.items() if found]
    others = tuple(_row(metric, found, card, setting) for metric, found in card.others if found.value is not None)
    return (*by_stage, (OTHERS, others)) if others else tuple(by_stage)


def _row(metric: Metric, found: Measured, card: Card, setting: Setting) -> MetricRow:
    where = found.provenance
    targets = [target for target in where.targets if target] if where else []
    return MetricRow(
        label=metric.label,
        meaning=metric.meaning,
        span=_span(found, setting),
        value=witness.with_value(shown.value(metric, found), found, setting),
        growth=expected.dated(witness.with_growth(shown.growth(found.growth), found, setting), card.as_of),
        against=_against(metric.key, found, card, setting),
        compound=tuple(
            (months, expected.dated(witness.with_rate(shown.rate(rate), found, months, setting), card.as_of))
            for months in COMPOUND_MONTHS
            for rate in [found.compound.get(months)]
        ),
        source=witness.source(where, setting) or wording.NOTHING,
        docs=addresses.safe_link(where.docs) if where else "",
        targets=shown.origin(metric.key, card.project) or wording.listing(targets, most=4),
        observed=wording.short_date(found.observed) if found.observed else wording.NOTHING,
        age=wording.age(found.observed, card.as_of) if found.observed else "",
        since=_since(found),
        notes=tuple(expected.reason(note, card.as_of) for note in _notes(found)),
    )


def _since(found: Measured) -> str:
    """How the value is known, and since when its series is observed."""
    how = evidence.of_value(found)
    if found.provenance is None or how is None or how is Evidence.OWN:
        return "own: not seen by us" if how is Evidence.OWN else ""
    since = found.provenance.observed_since
    return (
        f"{how}; nothing of it seen on its day" if since is None else f"{how}, seen since {wording.short_date(since)}"
    )


def _notes(found: Measured) -> tuple[str, ...]:
    """What must be known beside the figure: that it is old, unsure or partial, and what it never says."""
    notes = [found.stale.reason] if found.stale else []
    if not isinstance(found.growth, Growth):
        notes.append(f"no growth: {found.growth.reason}")
    elif found.growth.unsure is not None:
        notes.append(f"how sure is not known: {found.growth.unsure.reason}")
    notes += found.notes
    if found.provenance is not None and found.provenance.caveat:
        notes.append(found.provenance.caveat)
    if found.provenance is not None and found.provenance.credit:
        notes.append(f"credit: {found.provenance.credit}")
    return tuple(notes)
