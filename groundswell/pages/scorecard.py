"""The scorecard: what moved, the table of all projects, and what is missing today."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import addresses, wording
from groundswell.catalogue import FEWEST_ALIKE, SIZES, STAGES, Size, metric_of, of_stage
from groundswell.models import Against, Card, Direction, Growth, Stage, StageState
from groundswell.pages import changes, shown, table, witness
from groundswell.pages.setting import Setting
from groundswell.pages.shown import Figure, Mark

MOST_MOVERS: Final = 5
MOST_TARGETS: Final = 6  # named in a line of what is missing; the others stand behind it
MOST_OF_A_SIZE: Final = 3  # named of a division


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
class Division:
    """The projects of a size, and who of them rises most for sure."""

    heading: str
    says: str  # how many there are, rise and fall, and the median of their growth
    first: tuple[Mover, ...]
    others: str
    least: int  # stars, which name it in the address


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
    summary: tuple[changes.Sentence, ...]
    movers: tuple[Movers, ...]
    new: tuple[Mover, ...]
    new_others: str
    divisions: tuple[Division, ...]
    heads: table.Heads
    rows: tuple[table.Row, ...]
    gaps: tuple[tuple[str, tuple[Gap, ...]], ...]  # by source
    left_out: tuple[str, ...]


def view(cards: Sequence[Card], setting: Setting) -> View:
    """What the scorecard shows; the table is in the order of what is sure of the growth of stars."""
    new = _new(cards, setting)
    return View(
        projects=wording.several(len(cards), "project"),
        summary=changes.sentences(cards),
        movers=movers(cards, setting),
        new=new[:MOST_MOVERS],
        new_others=_others(len(new)),
        divisions=_divisions(cards, setting),
        heads=table.heads(),
        rows=table.rows(cards, setting),
        gaps=_gaps(cards, setting),
        left_out=tuple(map(str, setting.mistakes)),
    )


# --- What moved ------------------------------------------------------------------------------------------------------


def _sure_rise(state: StageState) -> float | None:
    return -state.low if state.indicator is Direction.RISING and state.low is not None else None


def _sure_fall(state: StageState) -> float | None:
    return state.high if state.indicator is Direction.FALLING and state.high is not None else None


_WAYS: Final[Mapping[Direction, Callable[[StageState], float | None]]] = {
    Direction.RISING: _sure_rise,
    Direction.FALLING: _sure_fall,
}


def movers(cards: Sequence[Card], setting: Setting) -> tuple[Movers, ...]:
    """Who goes up and down in each stage, of some projects."""
    return tuple(filter(None, (_movers(stage, way, cards, setting) for stage in Stage for way in _WAYS)))


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
        table.stage_title(state, card.project),
        mark=shown.mark(state.indicator),
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


def _others(number: int, most: int = MOST_MOVERS) -> str:
    return f"and {number - most:,} more" if number > most else ""


# --- Divisions by size -----------------------------------------------------------------------------------------------


def _divisions(cards: Sequence[Card], setting: Setting) -> tuple[Division, ...]:
    """The sizes that there are projects of, the largest first, by the growth of stars."""
    return tuple(
        _division(one, [card for card in cards if table.size_of(card) is one], setting)
        for one in SIZES
        if any(table.size_of(card) is one for card in cards)
    )


def _division(one: Size, cards: Sequence[Card], setting: Setting) -> Division:
    grown = [(growth, card) for card in cards if isinstance(growth := card.metrics["stars"].growth, Growth)]
    rates = [growth.month for growth, _ in grown if growth.month is not None]
    rising = sorted((card for growth, card in grown if growth.direction is Direction.RISING), key=table.order)
    fall = sum(growth.direction is Direction.FALLING for growth, _ in grown)
    parts = [wording.several(len(cards), "project"), f"{len(rising):,} rising", f"{fall:,} falling"]
    if len(rates) >= FEWEST_ALIKE:
        parts.append(f"median {wording.percent(statistics.median(rates))} a month")
    return Division(
        heading=table.size_name(one)[0].upper() + table.size_name(one)[1:],
        says=" · ".join(parts),
        first=tuple(_of_stars(card, setting) for card in rising[:MOST_OF_A_SIZE]),
        others=_others(len(rising), MOST_OF_A_SIZE),
        least=one.least,
    )


def _of_stars(card: Card, setting: Setting) -> Mover:
    """A project by the growth of its stars, and how that stands beside the others of its size."""
    stars = card.metrics["stars"]
    figure = witness.with_growth(shown.growth(stars.growth), stars, setting)
    beside = card.against.get("stars")
    detail = f"{wording.count(stars.value or 0)} stars"
    if isinstance(beside, Against) and beside.direction is Direction.RISING:
        detail += f", {wording.percent(beside.difference)} against the others of its size"
    return Mover(card.project.name, addresses.project_page(card.project.id), figure, detail)


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
