"""What changed this month, in a few sentences made from data: who leads, what turned, how many rise and fall, and how
all that stands against the market. What is not sure is not said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import addresses, growth, wording
from groundswell.catalogue import BY_KEY, DOWNLOADS, STAGES
from groundswell.models import Against, Card, Direction, Growth, Kind, Measured, Missing, Stage
from groundswell.pooling import of_growth, quotient
from groundswell.windows import WINDOW

MOST_UNSEEN: Final = 0.75  # share of projects without a figure up to which a stage is summed up
MOST_NAMED: Final = 3  # of those that turned
SURE_OF_A_TURN: Final = 3.29  # standard errors: 99.9 %, since every project gets this look every day
_TURNS: Final = ("stars", *DOWNLOADS)  # what is looked at for a turn: where there are many, and every day is known
_HEIGHT: Final = {Direction.FALLING: 0, Direction.STEADY: 1, Direction.RISING: 2}


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a sentence. A name is from outside, and leads to its project's page."""

    text: str
    address: str = ""


Sentence = tuple[Piece, ...]


def sentences(cards: Sequence[Card]) -> tuple[Sentence, ...]:
    """The sentences, in the order in which they are read; none when nothing can be said."""
    turned = tuple(one for card in cards for one in _turns(card))
    found = (
        *(_leader(stage, cards) for stage in Stage),
        _turned(turned, up=True),
        _turned(turned, up=False),
        *(_counts(stage, cards) for stage in Stage),
        _against(cards),
    )
    return tuple(filter(None, found))


# --- Who leads -------------------------------------------------------------------------------------------------------


def _leader(stage: Stage, cards: Sequence[Card]) -> Sentence:
    """Who rises most for sure; nothing for a stage that few projects have."""
    rising = [
        (-state.low, card.project.id, card)
        for card in cards
        if (state := card.stages[stage]).indicator is Direction.RISING and state.low is not None
    ]
    if len(rising) < 2 or _unseen(stage, cards) > MOST_UNSEEN * len(cards):
        return ()  # one who rises alone leads nobody
    _, _, first = min(rising, key=lambda one: one[:2])
    state = first.stages[stage]
    assert state.growth is not None
    figure = wording.growth(state.growth, state.low, state.high)
    return _name(first), Piece(f" leads in {STAGES[stage].label}: {figure} a month.")


def _name(card: Card) -> Piece:
    return Piece(card.project.name, addresses.project_page(card.project.id))


# --- What turned -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Turn:
    """A growth that has another direction than four weeks before, and differs from it for sure."""

    card: Card
    noun: str
    before: Growth
    now: Growth
    sure: float  # standard errors that lie between the two

    @property
    def up(self) -> bool:
        return self.sure > 0


def _turns(card: Card) -> Iterator[_Turn]:
    for key in _TURNS:
        found = card.metrics[key]
        now, before = found.growth, growth_before(found)
        if not isinstance(now, Growth) or isinstance(before, Missing):
            continue
        sure = _surely_differ(before, now)
        if sure is not None:
            yield _Turn(card, BY_KEY[key].noun, before, now, sure)


def growth_before(found: Measured) -> Growth | Missing:
    """The growth of four weeks ago, of what has one series that was seen day by day."""
    where = found.provenance
    if where is None or found.relative or not isinstance(found.growth, Growth):
        return Missing("there is no growth now")
    if where.kind not in (Kind.STOCK, Kind.FLOW) or len(where.targets) != 1 or found.growth_from != where.signal:
        return Missing("its growth is not of one series")
    end = found.growth.end_day - dt.timedelta(days=WINDOW)
    return growth.growth(where.kind, found.series.until(end), end)


def _surely_differ(before: Growth, now: Growth) -> float | None:
    """By how many standard errors the growth moved, when its direction moved the same way and it is beyond doubt."""
    first, last = of_growth(before), of_growth(now)
    if before.direction not in _HEIGHT or now.direction not in _HEIGHT or first is None or last is None:
        return None
    assert before.direction is not None
    assert now.direction is not None
    step = _HEIGHT[now.direction] - _HEIGHT[before.direction]
    drift = quotient(last, first)
    if step == 0 or drift.error == 0 or abs(drift.log) < SURE_OF_A_TURN * drift.error or (step > 0) != (drift.log > 0):
        return None
    return drift.log / drift.error


def _turned(found: Sequence[_Turn], *, up: bool) -> Sentence:
    """Who turned up or down, the surest first, each with both growths."""
    turned = sorted(
        (one for one in found if one.up is up), key=lambda one: (-abs(one.sure), one.card.project.id, one.noun)
    )
    if not turned:
        return ()
    pieces = [Piece(f"Turned {'up' if up else 'down'} within four weeks: ")]
    named, more = turned[:MOST_NAMED], len(turned) - MOST_NAMED
    for place, one in enumerate(named):
        last = place + 1 == len(named) and more <= 0
        join = "" if place == 0 else " and " if last else ", "
        pieces += (Piece(f"{join}{one.noun} of "), _name(one.card), Piece(f" ({_rate(one.before)} → {_rate(one.now)})"))
    pieces.append(Piece(f" and {more:,} more." if more > 0 else "."))
    return tuple(pieces)


def _rate(seen: Growth) -> str:
    assert seen.month is not None
    return wording.percent(seen.month)


# --- How many, and against the market --------------------------------------------------------------------------------


def _unseen(stage: Stage, cards: Sequence[Card]) -> int:
    return sum(card.stages[stage].indicator not in _HEIGHT for card in cards)


def _counts(stage: Stage, cards: Sequence[Card]) -> Sentence:
    """How many rise, fall and are steady in a stage; nothing for a stage that is measured in few projects."""
    counts = {way: sum(card.stages[stage].indicator is way for card in cards) for way in _HEIGHT}
    rise, steady, fall = counts[Direction.RISING], counts[Direction.STEADY], counts[Direction.FALLING]
    unseen = _unseen(stage, cards)
    if unseen > MOST_UNSEEN * len(cards):
        return ()
    ways = [
        f"{rise:,} {'rises' if rise == 1 else 'rise'}",
        f"{fall:,} {'falls' if fall == 1 else 'fall'}",
        f"{steady:,} {'holds' if steady == 1 else 'hold'} steady",
    ]
    rest = f"; of {unseen:,} it cannot be told" if unseen else ""
    return (Piece(f"{STAGES[stage].label}: {wording.listing(ways)}{rest}."),)


def _against(cards: Sequence[Card]) -> Sentence:
    """How many grow more, and less, than what is around them does, beyond doubt."""
    ways = [one.direction for card in cards for one in card.against.values() if isinstance(one, Against)]
    told = [way for way in ways if way is not None]
    if not told:
        return ()
    more, less = told.count(Direction.RISING), told.count(Direction.FALLING)
    says = (
        f"Against the market (all of a registry, or the median of the projects of a size): of {len(told):,} growths "
        f"that can be set against it {more:,} {'is' if more == 1 else 'are'} above and {less:,} below it beyond doubt."
    )
    return (Piece(says),)
