"""The table of projects: a row for each, with what stands behind its numbers kept apart.

A row says what is seen at a glance, and in its titles where each number is from, of which day, and how it is known. All
its digits and intervals, and the reading, are in `rows.json`, which a page asks for when somebody points at a row: a
thousand rows with all of it would weigh ten times as much. Without scripts the project's own page says the same.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from groundswell import addresses, wording
from groundswell.catalogue import BY_KEY, DOWNLOADS, SIZES, STAGES, Size, metric_of, of_stage, size
from groundswell.models import Card, Direction, Missing, Project, Stage, StageState
from groundswell.pages import shown, witness
from groundswell.pages.setting import Setting
from groundswell.pages.shown import Figure, Mark
from groundswell.sparklines import sparkline

DETAILS: Final = "rows.json"  # address of what stands behind the rows
GROUP: Final = 40  # rows of a part of the table: on a phone, a part that is out of sight is not laid out
SURE_ORDER: Final = {Direction.RISING: 0, Direction.STEADY: 1, Direction.FALLING: 2}
_BASIS_POINTS: Final = 10_000  # what a growth is sorted by is given in hundredths of a per cent


@dataclass(frozen=True, slots=True)
class StageCell:
    """A stage in a row."""

    mark: Mark
    text: str
    witness: str
    title: str
    coverage: str  # "57 %"
    tenths: int  # the same in tenths, for its bar
    order: str


@dataclass(frozen=True, slots=True)
class Row:
    """A project in the table."""

    slug: str
    name: str
    address: str
    category: str
    tags: tuple[str, ...]
    state: str  # "archived" and the like, or nothing
    furthest: str  # label of the furthest stage, or the dash
    stages: tuple[StageCell, ...]
    stars: Figure
    growth: Figure
    line: str
    downloads: tuple[tuple[str, Figure], ...]  # registry and growth, without interval; each counts on its own
    contributors: Figure
    newest: Figure  # how old the newest of its figures is
    reading: str
    seen: str  # where the reading's numbers are from


@dataclass(frozen=True, slots=True)
class Heads:
    """What the head of the table says that is not the same for every tracker."""

    stages: tuple[tuple[str, str, str], ...]  # key, label and meaning
    sizes: tuple[tuple[int, str], ...]  # least stars and label, the largest first
    group: int = GROUP


def heads() -> Heads:
    """The columns of stages, and the sizes that projects are parted into."""
    return Heads(
        stages=tuple((stage.value, STAGES[stage].label, meaning(stage)) for stage in Stage),
        sizes=tuple((one.least, size_name(one)) for one in SIZES),
    )


def size_name(one: Size) -> str:
    """ "1,000 to 9,999 stars"."""
    return one.label.removeprefix("with ")


def meaning(stage: Stage) -> str:
    """What a stage is, and why nobody has a figure of it when that is so."""
    note = STAGES[stage]
    return note.meaning if of_stage(stage) else f"{note.meaning} Not measured: {note.unmeasured}."


def rows(cards: Iterable[Card], setting: Setting) -> tuple[Row, ...]:
    """A row for each project, in the order of what is sure of the growth of stars."""
    return tuple(_row(card, setting) for card in sorted(cards, key=order))


def order(card: Card) -> tuple[int, float, str]:
    """Rising before steady before falling before not known; inside each, what is surest first."""
    growth = card.metrics["stars"].growth
    if isinstance(growth, Missing) or growth.direction not in SURE_ORDER:
        return len(SURE_ORDER), -(card.metrics["stars"].value or 0.0), card.project.id
    assert growth.direction is not None
    return SURE_ORDER[growth.direction], -shown.cautious(growth.low, growth.high), card.project.id


def size_of(card: Card) -> Size | None:
    """The size that a project is of; None while its stars are not known."""
    stars = card.metrics["stars"].value
    return None if stars is None else size(stars)


# --- What stands behind ----------------------------------------------------------------------------------------------


def details(found: Sequence[Row]) -> str:
    """What stands behind each row, as JSON: for each of its cells the whole title, and at last the reading."""
    behind = {row.slug: [*_titles(row), _after(row.reading, row.seen)] for row in found}
    return json.dumps(behind, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"


def _titles(row: Row) -> Iterable[str]:
    """In the order of the cells that have one: stages, stars, growth, downloads, contributors, newest."""
    yield from (_after(cell.title, cell.witness) for cell in row.stages)
    yield from (_whole(row.stars), _whole(row.growth))
    yield "; ".join(
        f"{registry}: {_whole(figure)}" if registry else _whole(figure) for registry, figure in row.downloads
    )
    yield from (_whole(row.contributors), _whole(row.newest))


def _whole(figure: Figure) -> str:
    return _after(figure.title, figure.witness)


def _after(text: str, seen: str) -> str:
    return f"{text}; {seen}" if text and seen else text or seen


# --- A row -----------------------------------------------------------------------------------------------------------


def _row(card: Card, setting: Setting) -> Row:
    stars = card.metrics["stars"]
    return Row(
        slug=addresses.slug(card.project.id),
        name=card.project.name,
        address=addresses.project_page(card.project.id),
        category=card.project.category,
        tags=card.project.tags,
        state=shown.STATES.get(card.facts.state, "") if card.facts else "",
        furthest=furthest(card),
        stages=tuple(_cell(card.stages[stage], card, setting) for stage in Stage),
        stars=witness.with_value(shown.value(BY_KEY["stars"], stars), stars, setting),
        growth=_sorted(witness.with_growth(shown.growth(stars.growth), stars, setting)),
        line=sparkline(stars.series, setting.as_of),
        downloads=_downloads(card, setting),
        contributors=_plain("active_contributors", card, setting),
        newest=newest(card, setting.as_of),
        reading=shown.in_words(card.reading.text),
        seen=witness.of_reading(card.reading, card, setting),
    )


def furthest(card: Card) -> str:
    """The label of the furthest stage; the dash when none is reached."""
    return STAGES[card.furthest].label if card.furthest else wording.NOTHING


def newest(card: Card, today: dt.date) -> Figure:
    """How old the newest figure of a project is, and which ones are older than they should be."""
    days = [found.observed for found in card.metrics.values() if found.observed is not None]
    if not days:
        return shown.nothing("nothing of it has been seen yet")
    day = max(days)
    late = sorted(key for key, found in card.metrics.items() if found.stale is not None)
    title = f"its newest figure is of {wording.date(day)}"
    stale = ""
    if late:
        nouns = [metric_of(key, card.project).noun for key in late]
        stale = f"kept from earlier: {wording.listing(nouns, most=len(nouns))}"
    return Figure(wording.age(day, today), f"{title}; {stale}" if stale else title, stale=stale)


def _plain(key: str, card: Card, setting: Setting) -> Figure:
    found = card.metrics[key]
    return _sorted(witness.with_growth(shown.plain_growth(found.growth), found, setting))


def _sorted(figure: Figure) -> Figure:
    """With a short number to sort by."""
    return replace(figure, order=short_order(float(figure.order) if figure.order else None))


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
    text = wording.percent(state.growth) if state.growth is not None else ""
    return StageCell(
        mark=shown.mark(state.indicator),
        text=text,
        witness=witness.of_stages([state.stage], card, setting),
        title=stage_title(state, card.project),
        coverage=f"{round(100 * state.coverage)}{wording.TIGHT}%",
        tenths=round(10 * state.coverage),
        order=sure_order(state),
    )


def sure_order(state: StageState) -> str:
    """What a stage is sorted by."""
    return short_order(None if state.growth is None else shown.cautious(state.low, state.high))


def short_order(sure: float | None) -> str:
    """What is sure of a move in hundredths of a per cent, for sorting; nothing for what is steady or not known."""
    points = 0 if sure is None else round(_BASIS_POINTS * sure)
    return str(points) if points else ""


def stage_title(state: StageState, project: Project) -> str:
    """A stage in words: its direction, its growth with the interval, how much of it is measured and by what."""
    label, word = STAGES[state.stage].label, wording.DIRECTIONS[state.indicator]
    if state.growth is None:
        why = f": {shown.in_words(state.missing.reason)}" if state.missing and of_stage(state.stage) else ""
        return f"{label}: {word}{why}"  # why nobody has a figure of a stage stands in the head of the table
    parts = wording.listing([metric_of(key, project).noun for key in state.parts], most=len(state.parts))
    figure = wording.growth(state.growth, state.low, state.high)
    return f"{label}: {word}, {figure} a month; {round(100 * state.coverage)} % of its weight is measured ({parts})"
