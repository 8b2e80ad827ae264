"""The stages: projects by stages, how fast each grows, how large it is among the others, and the way to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import addresses, wording
from groundswell.models import Card, Direction, Movement, Stage, StageState
from groundswell.pages import shown, summaries, table, witness
from groundswell.pages.setting import Setting
from groundswell.pages.shown import Mark
from groundswell.pages.summaries import Summary

PACES: Final = {Direction.RISING: "faster", Direction.FALLING: "slower", Direction.STEADY: "keeps pace"}
HEATS: Final = ((0.05, 3), (0.02, 2), (0.0, 1))  # what is sure of a move, a month, and the depth of its colour
_STAGES: Final = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Cell:
    """A stage of a project."""

    mark: Mark
    text: str  # growth a month; empty when there is none
    title: str
    heat: int  # 0 to 3: how much of the move is sure
    level: str  # "larger than 91 %", or nothing
    coverage: str
    tenths: int
    order: str  # what it is sorted by


@dataclass(frozen=True, slots=True)
class Way:
    """From a stage of a project to the next."""

    mark: Mark
    word: str
    text: str
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """A project: its stages, each with the way to it from the one before."""

    name: str
    address: str
    category: str
    tags: tuple[str, ...]
    stars: str  # for its size; empty while they are not known
    furthest: str
    cells: tuple[tuple[Way | None, Cell], ...]


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows."""

    summaries: tuple[Summary, ...]
    heads: table.Heads
    rows: tuple[Row, ...]


def view(cards: Sequence[Card], setting: Setting) -> View:
    """Those that have come furthest first; among those that are as far, what is surest of the growth of stars."""
    ordered = sorted(cards, key=lambda card: (-_reached(card), table.order(card)))
    return View(
        summaries=summaries.of_stages(cards),
        heads=table.heads(),
        rows=tuple(_row(card, setting) for card in ordered),
    )


def _reached(card: Card) -> int:
    return -1 if card.furthest is None else _STAGES.index(card.furthest)


def _row(card: Card, setting: Setting) -> Row:
    stars = card.metrics["stars"].value
    ways = {movement.end: movement for movement in card.movements}
    return Row(
        name=card.project.name,
        address=addresses.project_page(card.project.id),
        category=card.project.category,
        tags=card.project.tags,
        stars="" if stars is None else f"{stars:g}",
        furthest=table.furthest(card),
        cells=tuple(
            (_way(ways.get(stage), card, setting), _cell(card.stages[stage], card, setting)) for stage in Stage
        ),
    )


def _cell(state: StageState, card: Card, setting: Setting) -> Cell:
    seen = witness.of_stages([state.stage], card, setting)
    title = table.stage_title(state, card.project)
    return Cell(
        mark=shown.mark(state.indicator),
        text="" if state.growth is None else wording.percent(state.growth),
        title=f"{title}; {seen}" if seen else title,
        heat=_heat(state),
        level="" if state.percentile is None else f"larger than {state.percentile:.0f}{wording.TIGHT}%",
        coverage=f"{round(100 * state.coverage)}{wording.TIGHT}%",
        tenths=round(10 * state.coverage),
        order=table.sure_order(state),
    )


def _heat(state: StageState) -> int:
    sure = abs(shown.cautious(state.low, state.high))
    return next((depth for least, depth in HEATS if sure > least), 0)


def _way(movement: Movement | None, card: Card, setting: Setting) -> Way | None:
    """How a stage grows against the one before; nothing where one of the two is not measured."""
    if movement is None or movement.drift is None or movement.low is None or movement.high is None:
        return None
    way = _direction(movement.low, movement.high)
    seen = witness.of_stages((movement.start, movement.end), card, setting)
    figure = wording.growth(movement.drift, movement.low, movement.high)
    title = f"from {movement.start.value} to {movement.end.value}: {PACES[way]}, {figure} a month; {seen}"
    return Way(shown.mark(way), PACES[way], wording.percent(movement.drift), title)


def _direction(low: float, high: float) -> Direction:
    return Direction.RISING if low > 0 else Direction.FALLING if high < 0 else Direction.STEADY
