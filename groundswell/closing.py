"""Closing of months: when a month is over its figures are worked out as of its last day, and kept as an edition."""

from __future__ import annotations

import datetime as dt
import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from groundswell import editions, evidence, stages
from groundswell.catalogue import metric_of
from groundswell.config import Config
from groundswell.editions import Corrected, Edition, Kept, Move, News, Rates, Some, StageMonth, Swing
from groundswell.history import History
from groundswell.models import (
    OWN,
    Anomaly,
    Card,
    Direction,
    Growth,
    Oddity,
    Project,
    RepositoryState,
    Signal,
    Stage,
    StageState,
)
from groundswell.months import last_closed, month_before, month_end
from groundswell.pooling import TWO_SIDED, of_interval, quotient
from groundswell.readings import UNREADABLE
from groundswell.situation import MEASURED
from groundswell.standstill import of_sources
from groundswell.wording import count

CLOSES_AFTER: Final = 5  # days after the end of a month from which it is closed: figures of its last day are there
MOST_MONTHS: Final = 12  # months without a run that are made afterwards, the newest
STILL_SEEN: Final = 0.5  # share of the projects seen in a month that must have been looked at since it ended
MOST_MOVES: Final = 5  # projects told that rise in a stage, and that fall
MOST_NEWS: Final = 10  # of a kind that are told
CORRECTED_WITHIN: Final = 60  # days after a month for which it is worked out again, since sources correct their past
CORRECTED_POINTS: Final = 0.01  # of growth a month by which a corrected figure differs from what was said, at least
CORRECTED_SHARE: Final = 0.5  # and of half the width of the interval that was said

Cards = tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """All that editions are made from."""

    tracked: Config
    books: Mapping[str, History]
    signals: Mapping[str, Signal]
    labels: Mapping[str, str]
    today: dt.date


def keep(directory: Path, known: Known) -> tuple[Kept, ...]:
    """Make the editions that are due, keep them in the history, and note what was corrected since; gives all of them.

    An edition that is there is never made again, be it readable or not.
    """
    kept = [one for one in editions.load(directory) if one.last <= known.today]
    for edition in make([one.last for one in kept], known):
        editions.save(directory, edition)
        kept.append(edition)
    noted = tuple(corrected(one, known) if isinstance(one, Edition) else one for one in kept)
    for before, after in zip(kept, noted, strict=True):
        if isinstance(after, Edition) and after != before:
            editions.save(directory, after)
    return noted


def due(kept: Collection[dt.date], today: dt.date) -> tuple[dt.date, ...]:
    """The last days of the months to be made, oldest first: the newest closed one where there is none yet, else all
    since the newest there is.
    """
    newest = last_closed(today - dt.timedelta(days=CLOSES_AFTER))
    if not kept:
        return (newest,)
    found: list[dt.date] = []
    while newest > max(kept) and len(found) < MOST_MONTHS:
        found.append(newest)
        newest = month_before(newest)
    return tuple(reversed(found))


def make(kept: Collection[dt.date], known: Known) -> Iterator[Edition]:
    """The editions that are due; one for which too few projects were looked at since then waits, and those after it."""
    began = min(_since(known).values(), default=None)
    before: tuple[dt.date, Cards] | None = None
    for last in due(kept, known.today):
        if not _is_over(last, known):
            return
        then = before[1] if before and before[0] == month_before(last) else _cards(month_before(last), known)
        now = _cards(last, known)
        before = last, now
        edition = _edition(last, now, then, began, known)
        if kept or edition.measured:
            yield edition


def _since(known: Known) -> Mapping[str, dt.date]:
    """Since when each project is looked at, of those that were looked at."""
    books = (known.books.get(project.id) for project in known.tracked.projects)
    return {book.project: day for book in books if book is not None and (day := _first_seen(book)) is not None}


def _first_seen(book: History) -> dt.date | None:
    """The day on which a project was looked at first; what its sources tell of days before was filled in."""
    return book.observed_since.get("github.stars") or min(book.observed_since.values(), default=None)


def _is_over(last: dt.date, known: Known) -> bool:
    """Whether enough projects were seen after a month for its last day to be known, of those that were seen near it."""
    books = (known.books.get(project.id) for project in known.tracked.projects)
    newest = filter(None, (_newest(book) for book in books if book is not None))
    near = [day for day in newest if day > month_before(last)]
    return sum(day > last for day in near) >= STILL_SEEN * len(near)


def _newest(book: History) -> dt.date | None:
    return max((one.last_day for one in book.columns.values() if len(one)), default=None)


# --- Figures as of the end of a month --------------------------------------------------------------------------------


def _cards(last: dt.date, known: Known, only: Collection[str] | None = None) -> Cards:
    """The cards as of the last day of a month, from what is known today of the days until then.

    Signals that are complete by the day on which a month closes are taken up to its last day.
    """
    signals = {name: replace(signal, lag=max(0, signal.lag - CLOSES_AFTER)) for name, signal in known.signals.items()}
    projects = known.tracked.projects
    books = {one.id: _until(known.books.get(one.id) or History(one.id), last) for one in projects}
    standing = of_sources([book.columns for book in books.values()], signals)
    return tuple(
        stages.assess(
            project,
            books[project.id],
            signals,
            known.labels,
            known.tracked.thresholds,
            last,
            known.tracked.gate.oldest_days,
            standing,
        )
        for project in projects
        if only is None or project.id in only
    )


def _until(book: History, last: dt.date) -> History:
    """What a history has of the days up to one."""
    facts = book.facts
    if facts is not None and facts.archived is not None and facts.archived > last:
        facts = replace(facts, state=RepositoryState.ACTIVE, archived=None)
    return replace(book, columns={name: one.until(last) for name, one in book.columns.items()}, facts=facts)


# --- What is said ----------------------------------------------------------------------------------------------------


def _edition(last: dt.date, now: Cards, then: Cards, began: dt.date | None, known: Known) -> Edition:
    """What is said of a month. Once the tracker had begun, projects count that it had by the end of the month; before,
    all that it has today, which makes a month of filled-in figures.
    """
    since = _since(known)
    seen = {name for name, day in since.items() if day <= last}
    told = [card for card in now if not seen or card.project.id in seen]
    told.sort(key=_best_known)
    before = {card.project.id: card for card in then}
    first = began is not None and month_before(last) < began <= last
    came = [card for card in told if (day := since.get(card.project.id)) and month_before(last) < day <= last]
    stayed = [card for card in told if card not in came]
    return Edition(
        last=last,
        made=known.today,
        projects=len(told),
        measured=sum(map(_is_measured, told)),
        seen=sum(card.project.id in seen for card in told),
        first=first,
        stages=tuple(_stage(stage, told, known) for stage in Stage),
        tracked=_some(came, lambda card: News(card.project.id, card.project.name, _size(card))),
        newly=_some([c for c in stayed if _is_measured(c) and not _is_measured(before[c.project.id])], _measured_now),
        turned=_some([c for c in stayed if _has_turned(c, before[c.project.id])], lambda c: _turn(c, before)),
        reached=_some([c for c in stayed if _has_reached(c, before[c.project.id])], lambda c: _reach(c, before)),
        bursts=_some([c for c in told if _burst(c, last)], lambda c: _told_burst(c, last)),
        swings=tuple(swing for _, swing in sorted(_swings(stayed, before), key=lambda one: one[0]))[:MOST_NEWS],
        sources=tuple(sorted({label for card in told for label in _sources(card.metrics, card, known)})),
        credits=_credits(told),
    )


def _best_known(card: Card) -> tuple[float, str]:
    return -(card.metrics["stars"].value or 0.0), card.project.id


def _is_measured(card: Card) -> bool:
    return any(state.growth is not None for state in card.stages.values())


def _some(found: Sequence[Card], told: Callable[[Card], News]) -> Some:
    return Some(len(found), tuple(map(told, found[:MOST_NEWS])))


def _size(card: Card) -> str:
    stars = card.metrics["stars"].value
    return "" if stars is None else f"{count(stars)} stars"


def _measured_now(card: Card) -> News:
    parts = [metric_of(key, card.project).noun for state in card.stages.values() for key in state.parts]
    return News(card.project.id, card.project.name, ", ".join(parts[:3]))


def _has_turned(card: Card, before: Card) -> bool:
    """Whether a project reads otherwise than a month before; that too little was seen is no reading."""
    return card.reading.key != before.reading.key and not {card.reading.key, before.reading.key} & UNREADABLE


def _turn(card: Card, before: Mapping[str, Card]) -> News:
    return News(card.project.id, card.project.name, card.reading.text, before[card.project.id].reading.text)


def _has_reached(card: Card, before: Card) -> bool:
    order = list(Stage)
    if card.furthest is None or before.furthest is None:
        return False
    return order.index(card.furthest) > order.index(before.furthest)


def _reach(card: Card, before: Mapping[str, Card]) -> News:
    was = before[card.project.id].furthest
    assert card.furthest is not None
    assert was is not None
    return News(card.project.id, card.project.name, card.furthest.value, was.value)


def _burst(card: Card, last: dt.date) -> Anomaly | None:
    """The first burst or fall of a month in what a public source counts."""
    told = (one for one in card.anomalies if one.kind in {Oddity.BURST, Oddity.FALL})
    public = (one for one in told if not one.column.startswith(f"{OWN}."))
    return next((one for one in public if month_end(one.first) == last), None)


def _told_burst(card: Card, last: dt.date) -> News:
    found = _burst(card, last)
    assert found is not None
    return News(card.project.id, card.project.name, found.says)


def _swings(cards: Iterable[Card], before: Mapping[str, Card]) -> Iterator[tuple[tuple[float, str, str], Swing]]:
    """Stages whose growth is another than a month before by more than chance and goes another way; surest first."""
    for card in cards:
        for stage in Stage:
            now, then = card.stages[stage], before[card.project.id].stages[stage]
            after, earlier = _rates(now), _rates(then)
            if after is None or earlier is None or now.indicator is then.indicator:
                continue
            change = quotient(of_interval(*_three(after)), of_interval(*_three(earlier)))
            sure = abs(change.log) - TWO_SIDED * change.error
            if sure > 0 and {now.indicator, then.indicator} <= MEASURED:
                yield (
                    (-round(sure, 9), card.project.id, stage.value),
                    Swing(card.project.id, card.project.name, stage, earlier, after),
                )


def _rates(state: StageState) -> Rates | None:
    if state.growth is None or state.low is None or state.high is None:
        return None
    return Rates(state.growth, state.low, state.high)


def _three(rates: Rates) -> tuple[float, float, float]:
    return rates.growth, rates.low, rates.high


def _stage(stage: Stage, cards: Sequence[Card], known: Known) -> StageMonth:
    ways = Counter(card.stages[stage].indicator for card in cards)
    sure = [(rates, card) for card in cards if (rates := _rates(card.stages[stage])) is not None]
    up = sorted((one for one in sure if one[0].low > 0), key=lambda one: (-one[0].low, one[1].project.id))
    down = sorted((one for one in sure if one[0].high < 0), key=lambda one: (one[0].high, one[1].project.id))
    return StageMonth(
        stage=stage,
        rising=ways[Direction.RISING],
        steady=ways[Direction.STEADY],
        falling=ways[Direction.FALLING],
        new=ways[Direction.NEW],
        unmeasured=ways[None],
        up=tuple(_move(rates, card, stage, known) for rates, card in up[:MOST_MOVES]),
        down=tuple(_move(rates, card, stage, known) for rates, card in down[:MOST_MOVES]),
    )


def _move(rates: Rates, card: Card, stage: Stage, known: Known) -> Move:
    parts = card.stages[stage].parts
    hows = {how for key in parts if (how := evidence.of_growth(card.metrics[key])) is not None}
    known_by = " and ".join(how.value for how in evidence.Evidence if how in hows)
    witness = "; ".join(filter(None, (", ".join(_sources(parts, card, known)), known_by)))
    return Move(card.project.id, card.project.name, rates, _detail(card.project, card, parts), witness)


def _detail(project: Project, card: Card, parts: Sequence[str]) -> str:
    """From what to what the weightiest figure of a stage went: no level of the owner's, since a file that stays would
    go on showing it when the owner has changed his mind.
    """
    key = max(parts, key=lambda part: metric_of(part, project).weight, default=None)
    found = card.metrics[key] if key else None
    if key is None or found is None or not isinstance(found.growth, Growth):
        return ""
    if found.relative or found.provenance is None or found.provenance.is_own:
        return metric_of(key, project).noun
    return f"{metric_of(key, project).noun} {count(found.growth.start)} → {count(found.growth.end)}"


def _sources(keys: Iterable[str], card: Card, known: Known) -> list[str]:
    found = (card.metrics[key].provenance for key in keys)
    names = ("the owner" if one.is_own else _label(one.signal, known) for one in found if one is not None)
    return list(dict.fromkeys(names))


def _label(signal: str, known: Known) -> str:
    source = signal.partition(".")[0]
    return known.labels.get(source, source)


def _credits(cards: Iterable[Card]) -> tuple[str, ...]:
    found = {one.provenance.credit for card in cards for one in card.metrics.values() if one.provenance is not None}
    return tuple(sorted(filter(None, found)))


# --- What was corrected since ----------------------------------------------------------------------------------------


def corrected(edition: Edition, known: Known) -> Edition:
    """The edition with what its moves would be today, where that is something else than was said. What was said
    stays. Moves of projects that are not tracked any more cannot be worked out again.
    """
    told = edition.moves
    concerned = {project for project, _ in told if _was_corrected(known.books.get(project), edition)}
    if not concerned or (known.today - edition.last).days > CORRECTED_WITHIN:
        return edition
    cards = {card.project.id: card for card in _cards(edition.last, known, concerned)}
    noted = {(one.project, one.stage): one for one in edition.corrected}
    for (project, stage), move in told.items():
        if project in cards:
            rates = _rates(cards[project].stages[stage])
            before = noted.get((project, stage))
            if before is not None and _differs(move.rates, rates):
                if _differs(before.rates, rates):
                    noted[project, stage] = Corrected(project, stage, known.today, rates)
            elif before is not None:
                del noted[project, stage]
            elif _differs(move.rates, rates):
                noted[project, stage] = Corrected(project, stage, known.today, rates)
    return replace(edition, corrected=tuple(noted[key] for key in sorted(noted)))


def _was_corrected(book: History | None, edition: Edition) -> bool:
    """Whether a source has said something else, since an edition was made, of days that it speaks of."""
    return book is not None and any(one.noted > edition.made and one.first <= edition.last for one in book.corrections)


def _differs(said: Rates | None, now: Rates | None) -> bool:
    """Whether a figure is another: by more than rounding and a part of its interval, or in which way it goes."""
    if said is None or now is None:
        return said is not now
    if editions.direction(said) is not editions.direction(now):
        return True
    least = max(CORRECTED_POINTS, CORRECTED_SHARE * (said.high - said.low) / 2)
    return math.fabs(now.growth - said.growth) > least
