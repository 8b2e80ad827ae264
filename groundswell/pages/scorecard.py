"""The scorecard: what moved, the table of all projects, and what is missing today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import addresses, wording
from groundswell.catalogue import BY_KEY, DOWNLOADS, STAGES, metric_of, of_stage
from groundswell.models import Card, Direction, Growth, Missing, Project, Stage, StageState
from groundswell.pages import shown, witness
from groundswell.pages.setting import Setting
from groundswell.pages.shown import Figure, Mark
from groundswell.sparklines import sparkline

MOST_MOVERS: Final = 5
MOST_TARGETS: Final = 6  # named in a line of what is missing; the others stand behind it
MOST_UNSEEN: Final = 0.75  # share of projects without a figure up to which a stage is summed up
SURE_ORDER: Final = {Direction.RISING: 0, Direction.STEADY: 1, Direction.FALLING: 2}


@dataclass(frozen=True, slots=True)
class StageCell:
    """A stage in a row."""

    mark: Mark
    text: str
    title: str
    tenths: int  # coverage, in tenths
    order: str


@dataclass(frozen=True, slots=True)
class Row:
    """A project in the table."""

    name: str
    address: str
    category: str
    tag: str  # "archived" and the like, or nothing
    stages: tuple[StageCell, ...]
    stars: Figure
    age: str  # of the stars, when they are old ones
    growth: Figure
    downloads: tuple[tuple[str, Figure], ...]  # registry and growth, without interval; each counts on its own
    contributors: Figure
    line: str
    reading: str
    seen: str  # where the reading's numbers are from
    sources: tuple[tuple[str, str], ...]  # of each number in the row: for the keyboard, and to be read out


@dataclass(frozen=True, slots=True)
class Mover:
    """A project that moves."""

    name: str
    address: str
    figure: Figure
    detail: str


@dataclass(frozen=True, slots=True)
class Movers:
    """Who goes up or down in a stage, the surest moves first."""

    mark: Mark
    heading: str
    first: tuple[Mover, ...]
    others: str


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing for one reason, and for whom."""

    reason: str
    who: str
    everyone: tuple[str, ...]  # filled when `who` names only some


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows."""

    projects: str
    summary: tuple[str, ...]
    movers: tuple[Movers, ...]
    new: tuple[Mover, ...]
    new_others: str
    stages: tuple[tuple[str, str], ...]  # label and meaning, for the head of the table
    rows: tuple[Row, ...]
    categories: tuple[str, ...]
    gaps: tuple[tuple[str, tuple[Gap, ...]], ...]  # by source
    left_out: tuple[str, ...]


def view(cards: Sequence[Card], setting: Setting) -> View:
    """What the scorecard shows; the table is in the order of what is sure of the growth of stars."""
    new = _new(cards, setting)
    return View(
        projects=wording.several(len(cards), "project"),
        summary=tuple(filter(None, (_summary(stage, cards) for stage in Stage))),
        movers=tuple(filter(None, (_movers(stage, way, cards, setting) for stage in Stage for way in _WAYS))),
        new=new[:MOST_MOVERS],
        new_others=_others(len(new)),
        stages=tuple((STAGES[stage].label, _stage_head(stage)) for stage in Stage),
        rows=tuple(_row(card, setting) for card in sorted(cards, key=_order)),
        categories=tuple(sorted({card.project.category for card in cards})),
        gaps=_gaps(cards, setting),
        left_out=tuple(map(str, setting.mistakes)),
    )


def _stage_head(stage: Stage) -> str:
    note = STAGES[stage]
    return note.meaning if of_stage(stage) else f"{note.meaning} Not measured: {note.unmeasured}."


# --- What moved ------------------------------------------------------------------------------------------------------


def _summary(stage: Stage, cards: Sequence[Card]) -> str:
    """How many rise, fall and are steady in a stage; nothing for a stage that is measured in few projects."""
    counts = {way: sum(card.stages[stage].indicator is way for card in cards) for way in SURE_ORDER}
    rise, steady, fall = counts[Direction.RISING], counts[Direction.STEADY], counts[Direction.FALLING]
    unseen = len(cards) - rise - steady - fall
    if unseen > MOST_UNSEEN * len(cards):
        return ""
    ways = [
        f"{rise:,} {'rises' if rise == 1 else 'rise'}",
        f"{fall:,} {'falls' if fall == 1 else 'fall'}",
        f"{steady:,} {'holds' if steady == 1 else 'hold'} steady",
    ]
    rest = f"; of {unseen:,} it cannot be told" if unseen else ""
    return f"{STAGES[stage].label}: {wording.listing(ways)}{rest}."


def _sure_rise(state: StageState) -> float | None:
    return -state.low if state.indicator is Direction.RISING and state.low is not None else None


def _sure_fall(state: StageState) -> float | None:
    return state.high if state.indicator is Direction.FALLING and state.high is not None else None


_WAYS: Final[Mapping[Direction, Callable[[StageState], float | None]]] = {
    Direction.RISING: _sure_rise,
    Direction.FALLING: _sure_fall,
}


def _movers(stage: Stage, way: Direction, cards: Sequence[Card], setting: Setting) -> Movers | None:
    sure = _WAYS[way]
    found = [(rank, card.project.id, card) for card in cards if (rank := sure(card.stages[stage])) is not None]
    if not found:
        return None
    ranked = [card for _, _, card in sorted(found, key=lambda one: one[:2])]
    return Movers(
        mark=shown.mark(way),
        heading=f"{STAGES[stage].label}: {wording.several(len(found), way.value, way.value)}",
        first=tuple(_mover(card, stage, setting) for card in ranked[:MOST_MOVERS]),
        others=_others(len(ranked)),
    )


def _mover(card: Card, stage: Stage, setting: Setting) -> Mover:
    state = card.stages[stage]
    assert state.growth is not None
    figure = Figure(
        wording.growth(state.growth, state.low, state.high),
        _stage_title(state, card.project),
        mark=_mark_of(state),
        witness=witness.of_stages([stage], card, setting),
    )
    return Mover(card.project.name, addresses.project_page(card.project.id), figure, _largest_part(card, state))


def _largest_part(card: Card, state: StageState) -> str:
    """From what to what the stage's weightiest figure went."""
    key = max(state.parts, key=lambda part: metric_of(part, card.project).weight, default=None)
    growth = card.metrics[key].growth if key else None
    if key is None or not isinstance(growth, Growth):
        return ""
    noun = metric_of(key, card.project).noun
    if growth.index:
        return f"{noun}, index {growth.start:g} → {growth.end:g}"
    return f"{noun} {wording.count(growth.start)} → {wording.count(growth.end)}"


def _new(cards: Sequence[Card], setting: Setting) -> tuple[Mover, ...]:
    """Projects of which nothing is large enough for a percentage yet, by their weightiest figure, the largest first."""
    found = []
    for card in cards:
        if any(state.growth is not None for state in card.stages.values()):
            continue
        growths = [(metric, card.metrics[metric.key].growth) for stage in Stage for metric in of_stage(stage)]
        small = [(m, g) for m, g in growths if isinstance(g, Growth) and g.month is None and g.end > g.start]
        if small:
            metric, growth = small[0]
            address = addresses.project_page(card.project.id)
            figure = witness.with_growth(shown.growth(growth), card.metrics[metric.key], setting)
            mover = Mover(card.project.name, address, figure, metric.noun)
            found.append((-growth.end, card.project.id, mover))
    return tuple(mover for _, _, mover in sorted(found, key=lambda one: one[:2]))


def _others(number: int) -> str:
    return f"and {number - MOST_MOVERS:,} more" if number > MOST_MOVERS else ""


# --- The table -------------------------------------------------------------------------------------------------------


def _order(card: Card) -> tuple[int, float, str]:
    """Rising before steady before falling before not known; inside each, what is surest first."""
    growth = card.metrics["stars"].growth
    if isinstance(growth, Missing) or growth.direction not in SURE_ORDER:
        return len(SURE_ORDER), -(card.metrics["stars"].value or 0.0), card.project.id
    assert growth.direction is not None
    return SURE_ORDER[growth.direction], -shown.cautious(growth.low, growth.high), card.project.id


def _row(card: Card, setting: Setting) -> Row:
    stars = card.metrics["stars"]
    return Row(
        name=card.project.name,
        address=addresses.project_page(card.project.id),
        category=card.project.category,
        tag=shown.STATES.get(card.facts.state, "") if card.facts else "",
        stages=tuple(_cell(card.stages[stage], card, setting) for stage in Stage),
        stars=witness.with_value(shown.value(BY_KEY["stars"], stars), stars, setting),
        age=shown.age_if_old(stars, setting.as_of),
        growth=witness.with_growth(shown.growth(stars.growth), stars, setting),
        downloads=_downloads(card, setting),
        contributors=_plain("active_contributors", card, setting),
        line=sparkline(stars.series, setting.as_of),
        reading=shown.in_words(card.reading.text),
        seen=witness.of_reading(card.reading, card, setting),
        sources=_sources(card, setting),
    )


def _plain(key: str, card: Card, setting: Setting) -> Figure:
    found = card.metrics[key]
    return witness.with_growth(shown.plain_growth(found.growth), found, setting)


def _sources(card: Card, setting: Setting) -> tuple[tuple[str, str], ...]:
    """Every number of a row by its name, with source, day and how it is known; what is missing is left out."""
    keys = ("stars", *(key for key in DOWNLOADS if card.metrics[key].value is not None), "active_contributors")
    figures = [(BY_KEY[key].label, witness.of_metrics([key], card, setting, grown=True)) for key in keys]
    stages = [(STAGES[stage].label, witness.of_stages([stage], card, setting)) for stage in Stage]
    return tuple((label, text) for label, text in (*figures, *stages) if text)


def _downloads(card: Card, setting: Setting) -> tuple[tuple[str, Figure], ...]:
    """Growth at each registry that is named for the project; with none named, one dash that says so."""
    named = [key for key in DOWNLOADS if card.metrics[key].value is not None or _is_named(card, key)]
    found = tuple((_registry(key), _plain(key, card, setting)) for key in named)
    return found or (("", shown.nothing("no package is named for this project")),)


def _registry(key: str) -> str:
    return BY_KEY[key].label.removesuffix(" downloads")


def _is_named(card: Card, key: str) -> bool:
    return any(card.project.targets.get(source) for source in BY_KEY[key].sources)


def _cell(state: StageState, card: Card, setting: Setting) -> StageCell:
    text = wording.percent(state.growth) if state.growth is not None else wording.NOTHING
    if state.indicator is Direction.NEW:
        text = wording.DIRECTIONS[Direction.NEW]
    order = "" if state.growth is None else f"{shown.cautious(state.low, state.high):.5f}"
    seen = witness.of_stages([state.stage], card, setting)
    title = "; ".join(filter(None, (_stage_title(state, card.project), seen)))
    return StageCell(_mark_of(state), text, title, round(10 * state.coverage), order)


def _mark_of(state: StageState) -> Mark:
    return shown.mark(state.indicator)


def _stage_title(state: StageState, project: Project) -> str:
    label, word = STAGES[state.stage].label, wording.DIRECTIONS[state.indicator]
    if state.growth is None:
        why = f": {shown.in_words(state.missing.reason)}" if state.missing and of_stage(state.stage) else ""
        return f"{label}: {word}{why}"  # why nobody has a figure of a stage stands in the head of the table
    parts = wording.listing([metric_of(key, project).noun for key in state.parts], most=len(state.parts))
    figure = wording.growth(state.growth, state.low, state.high)
    return f"{label}: {word}, {figure} a month; {round(100 * state.coverage)} % of its weight is measured ({parts})"


# --- What is missing -------------------------------------------------------------------------------------------------


def _gaps(cards: Sequence[Card], setting: Setting) -> tuple[tuple[str, tuple[Gap, ...]], ...]:
    """Failures by source and reason; the most frequent reason first."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for card in cards:
        for failure in card.failures:
            found[failure.source][failure.reason].append(failure.target or card.project.id)
    return tuple(
        (setting.label(source), tuple(_gap(reason, who) for reason, who in _frequent(reasons)))
        for source, reasons in sorted(found.items())
    )


def _frequent(reasons: Mapping[str, list[str]]) -> list[tuple[str, list[str]]]:
    return sorted(reasons.items(), key=lambda one: (-len(one[1]), one[0]))


def _gap(reason: str, who: Sequence[str]) -> Gap:
    names = sorted(who)
    return Gap(
        shown.in_words(reason), wording.listing(names, MOST_TARGETS), tuple(names) if len(names) > MOST_TARGETS else ()
    )
