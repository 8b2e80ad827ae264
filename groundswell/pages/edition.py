"""The page of a closed month: what was said when it closed, its picture, and what was corrected since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import addresses, wording
from groundswell.catalogue import STAGES
from groundswell.closing import CLOSES_AFTER
from groundswell.editions import Broken, Corrected, Edition, Kept, Move, News, Rates, Some, StageMonth
from groundswell.feed import Entry
from groundswell.history import stem
from groundswell.models import Direction, Stage
from groundswell.months import month_before, month_end
from groundswell.pages import shown
from groundswell.pages.shown import Mark
from groundswell.posters import Poster, Row, legible

SOON: Final = 15  # days after a month within which its edition is made as a rule; later is told
IN_FEED: Final = 12  # editions whose news stand in the feed
BAR: Final = 400  # units of the picture's width


@dataclass(frozen=True, slots=True)
class Line:
    """A project and what is said of it."""

    name: str
    address: str  # nothing for a project that is not tracked any more
    anchor: str
    growth: str
    title: str
    detail: str
    corrected: str


@dataclass(frozen=True, slots=True)
class List:
    """Projects of which the same kind of thing is said."""

    heading: str
    mark: Mark
    lines: tuple[Line, ...]
    others: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: a direction, how many, and where it lies."""

    mark: Mark
    count: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A stage in the picture."""

    label: str
    pieces: tuple[Piece, ...]
    says: str
    y: int


@dataclass(frozen=True, slots=True)
class Neighbour:
    """The edition before or after."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows."""

    month: str
    headline: str
    summary: tuple[str, ...]
    asof: str
    last_day: str
    how: tuple[str, ...]  # how the figures came to be known
    bars: tuple[Bar, ...]
    picture: str  # in words
    height: int
    stages: tuple[tuple[str, tuple[List, ...], str], ...]  # label, who moved, what is said where nobody did
    news: tuple[List, ...]
    corrected: str
    before: Neighbour | None
    after: Neighbour | None
    sources: str
    credits: tuple[str, ...]
    broken: str = ""


def view(edition: Kept, kept: Sequence[Kept], tracked: Collection[str]) -> View:
    """What the page of an edition shows; links lead to projects that are still tracked."""
    before, after = _neighbours(edition, kept)
    if isinstance(edition, Broken):
        name, last = wording.month(edition.last), edition.last.isoformat()
        return View(
            name, "", (), "", last, (), (), "", 0, (), (), "", before, after, "", (), wording.sentence(edition.why)
        )
    bars = tuple(_bar(one, number) for number, one in enumerate(edition.stages))
    return View(
        month=wording.month(edition.last),
        headline=headline(edition),
        summary=tuple(summary(edition)),
        asof=f"Figures of {wording.date(edition.last)}, closed on {wording.date(edition.made)}",
        last_day=edition.last.isoformat(),
        how=tuple(_how(edition)),
        bars=bars,
        picture=" ".join(f"{bar.label}: {bar.says}." for bar in bars),
        height=len(bars) * 44,
        stages=tuple(_stage(one, edition, tracked) for one in edition.stages),
        news=tuple(_news(edition, tracked)),
        corrected=_corrected_note(edition),
        before=before,
        after=after,
        sources=wording.listing(edition.sources, most=len(edition.sources)),
        credits=edition.credits,
    )


def _neighbours(edition: Kept, kept: Sequence[Kept]) -> tuple[Neighbour | None, Neighbour | None]:
    place = kept.index(edition)
    both = (kept[place - 1] if place else None, kept[place + 1] if place + 1 < len(kept) else None)
    before, after = (
        None if one is None else Neighbour(wording.month(one.last), addresses.edition(one.last)) for one in both
    )
    return before, after


# --- In words --------------------------------------------------------------------------------------------------------


def headline(edition: Edition) -> str:
    """The month in one line, without a full stop: who leads where most was measured."""
    if not edition.measured:
        return "Nothing could be measured yet"
    told = max(edition.stages, key=lambda one: one.measured)
    label = STAGES[told.stage].label
    if told.up:
        lead = told.up[0]
        many = "" if told.rising == 1 else f", the surest of {told.rising:,} that rise"
        return f"{lead.name} rises in {label}, {_growth(lead.rates)} a month{many}"
    if told.down:
        lead = told.down[0]
        many = "" if told.falling == 1 else f", the surest of {told.falling:,} that fall"
        return f"{lead.name} falls in {label}, {_growth(lead.rates)} a month{many}"
    return f"No project moves in {label} by more than chance"


def summary(edition: Edition) -> Iterator[str]:
    """A few sentences made from the figures."""
    if not edition.measured:
        yield f"Of {wording.several(edition.projects, 'project')} in the list, none has a growth."
        return
    yield f"Of {wording.several(edition.projects, 'project')}, growth could be measured in {edition.measured:,}."
    for word, sides in (
        ("rise", [(one.stage, one.up) for one in edition.stages]),
        ("fall", [(one.stage, one.down) for one in edition.stages]),
    ):
        first = _by_project([(stage, side[0]) for stage, side in sides if side])
        if first:
            yield f"Surest to {word}, a month: {'; '.join(first)}."
    if not any(one.up or one.down for one in edition.stages):
        yield "None of them moves by more than chance."
    counts = (
        (edition.turned.total, "reading turned", "readings turned"),
        (edition.reached.total, "project reached a further stage", "projects reached a further stage"),
        (0 if edition.first else edition.tracked.total, "project is new in the list", "projects are new in the list"),
    )
    told = [wording.several(number, one, many) for number, one, many in counts if number]
    if told:
        yield wording.sentence(wording.listing(told))


def _by_project(moves: Sequence[tuple[Stage, Move]]) -> list[str]:
    """Moves in several stages, each project named once: "Kelp in Intent (+9.2 % ± 1.2) and Action (+12.3 % ± 4.5)"."""
    told: dict[str, list[str]] = {}
    for stage, move in moves:
        told.setdefault(move.project, []).append(f"{STAGES[stage].label} ({_growth(move.rates)})")
    names = {move.project: move.name for _, move in moves}
    return [f"{names[project]} in {wording.listing(parts, most=len(parts))}" for project, parts in told.items()]


def _growth(rates: Rates) -> str:
    return wording.growth(rates.growth, rates.low, rates.high)


def _how(edition: Edition) -> Iterator[str]:
    """From when the figures are and how they are known, where that is not the usual."""
    if edition.first:
        yield f"This tracker began in {wording.month(edition.last)}."
    if not edition.seen and edition.projects:
        yield (
            f"This tracker had not begun in {wording.month(edition.last)}: all of these figures are worked out "
            "afterwards, from what the sources tell of their past."
        )
    late = (edition.made - edition.last).days
    if late > SOON and edition.seen:
        yield f"It was closed late, {late:,} days after the month had ended: no run came sooner."


def _corrected_note(edition: Edition) -> str:
    if not edition.corrected:
        return ""
    day = wording.date(max(one.noted for one in edition.corrected))
    number = wording.several(len(edition.corrected), "figure")
    return f"Since then corrected: {number} would be said otherwise now, as of {day}. What was said then stays."


# --- Lists -----------------------------------------------------------------------------------------------------------


def _stage(one: StageMonth, edition: Edition, tracked: Collection[str]) -> tuple[str, tuple[List, ...], str]:
    corrected = {note.project: note for note in edition.corrected if note.stage is one.stage}
    sides = ((Direction.RISING, one.up, one.rising), (Direction.FALLING, one.down, one.falling))
    lists = tuple(
        List(
            wording.sentence(wording.several(number, way.value, way.value))[:-1],
            shown.mark(way),
            tuple(_moved(move, corrected.get(move.project), tracked) for move in moves),
            _others(number - len(moves)),
        )
        for way, moves, number in sides
        if moves
    )
    return STAGES[one.stage].label, lists, _counts(one)


def _moved(move: Move, note: Corrected | None, tracked: Collection[str]) -> Line:
    rates = move.rates
    title = wording.exact_interval(rates.growth, rates.low, rates.high)
    now = "no growth that can be told" if note is None or note.rates is None else _growth(note.rates)
    return Line(
        move.name,
        _address(move.project, tracked),
        "",
        _growth(rates),
        "; ".join(filter(None, (title, move.witness))),
        move.detail,
        "" if note is None else f"since then corrected: {now}, as of {wording.short_date(note.noted)}",
    )


def _address(project: str, tracked: Collection[str]) -> str:
    return addresses.project_page(project) if project in tracked else ""


def _others(number: int) -> str:
    return f"and {number:,} more" if number > 0 else ""


def _counts(one: StageMonth) -> str:
    parts = [
        f"{one.rising:,} {'rises' if one.rising == 1 else 'rise'}",
        f"{one.falling:,} {'falls' if one.falling == 1 else 'fall'}",
        f"{one.steady:,} {'holds' if one.steady == 1 else 'hold'} steady",
    ]
    rest = one.new + one.unmeasured
    told = wording.listing(parts) if one.measured else "not measured in any project"
    return f"{told}; of {rest:,} it cannot be told" if rest and one.measured else told


def _news(edition: Edition, tracked: Collection[str]) -> Iterator[List]:
    """What else is new: what turned, who came."""
    labels = {stage.value: STAGES[stage].label for stage in Stage}
    reached = Some(
        edition.reached.total,
        tuple(
            News(one.project, one.name, f"{labels.get(one.text, one.text)}, after {labels.get(one.before, one.before)}")
            for one in edition.reached.first
        ),
    )
    swings = tuple(
        News(
            one.project,
            one.name,
            f"{labels[one.stage.value]}: {_growth(one.before)}, then {_growth(one.after)} a month",
        )
        for one in edition.swings
    )
    ways = tuple(f"{one.stage.value}-" for one in edition.swings)
    tracked_first = Some(edition.tracked.total, () if edition.first else edition.tracked.first)
    for heading, key, some in (
        ("Reads otherwise than a month before", "turned", edition.turned),
        ("Went another way than a month before, by more than chance", "swing", Some(len(swings), swings)),
        ("Reached a further stage", "reached", reached),
        ("Came or went in a burst", "burst", edition.bursts),
        ("Tracked for the first time", "tracked", tracked_first),
        ("Measured for the first time", "newly", edition.newly),
    ):
        if some.first:
            parts = ways if key == "swing" else ("",) * len(some.first)
            lines = tuple(
                _told(one, f"{key}-{part}{stem(one.project)}", tracked)
                for one, part in zip(some.first, parts, strict=True)
            )
            mark = shown.mark(Direction.NEW if key in {"tracked", "newly"} else None)
            yield List(heading, mark, lines, _others(some.total - len(lines)), key)


def _told(one: News, anchor: str, tracked: Collection[str]) -> Line:
    before = f"Before: {shown.in_words(one.before)}" if one.before else ""
    return Line(
        one.name,
        _address(one.project, tracked),
        anchor,
        "",
        "",
        shown.reason(one.text),
        before,
    )


# --- Picture ---------------------------------------------------------------------------------------------------------


def _bar(one: StageMonth, number: int) -> Bar:
    pieces, x = [], 0.0
    whole = max(one.measured + one.new + one.unmeasured, 1)
    for way, count in (
        (Direction.RISING, one.rising),
        (Direction.STEADY, one.steady),
        (Direction.FALLING, one.falling),
        (None, one.new + one.unmeasured),
    ):
        width = BAR * count / whole
        if count:
            pieces.append(Piece(shown.mark(way), f"{count:,}", round(x, 1), round(max(width - 1.5, 1), 1)))
        x += width
    return Bar(STAGES[one.stage].label, tuple(pieces), _counts(one), 44 * number)


def poster(edition: Edition, title: str) -> Poster:
    """The same as a picture for sharing. A name that its letters cannot write is given by the project's id."""
    return Poster(
        f"{wording.month(edition.last)}: who moved",
        legible(title, "Open source, measured by growth"),
        tuple(_row(one) for one in edition.stages),
        f"{wording.several(edition.projects, 'project')}, growth a month with its 95 % interval, as of "
        f"{wording.date(edition.last)}. Blue rises, grey holds steady, orange falls, light: it cannot be told.",
    )


def _row(one: StageMonth) -> Row:
    sides = ((True, one.up[:1]), (False, one.down[:1]))
    moves = tuple((legible(m.name, m.project), _growth(m.rates), rises) for rises, side in sides for m in side)
    return Row(STAGES[one.stage].label, (one.rising, one.steady, one.falling, one.new + one.unmeasured), moves)


# --- Feed ------------------------------------------------------------------------------------------------------------


def entries(edition: Edition) -> Iterator[Entry]:
    """A month in the feed: its edition, and each notable move that it tells, known by its place on the page."""
    address, month = addresses.lasting(addresses.edition(edition.last)), wording.month(edition.last)
    updated = max((edition.made, *(one.noted for one in edition.corrected)))
    says = " ".join((*summary(edition), _corrected_note(edition))).strip()
    yield Entry(address, f"{month}: {headline(edition)}", says, edition.made, updated)
    for one in _news(edition, ()):
        if one.key not in {"tracked", "newly"}:
            for line in one.lines:
                text = " ".join(filter(None, (line.detail, line.corrected)))
                title = f"{line.name}: {one.heading[0].lower()}{one.heading[1:]} ({month})"
                yield Entry(f"{address}#{line.anchor}", title, text, edition.made, edition.made)


# --- The list of all -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Listed:
    """An edition in the list of all."""

    month: str
    address: str
    headline: str


@dataclass(frozen=True, slots=True)
class Overview:
    """All editions, the newest first, and when there will be another."""

    editions: tuple[Listed, ...]
    upcoming: str


def overview(kept: Sequence[Kept], today: dt.date) -> Overview:
    """What the list of all editions shows."""
    upcoming = month_before(today) if not kept or kept[-1].last < month_before(today) else month_end(today)
    day = max(upcoming + dt.timedelta(days=CLOSES_AFTER), today)
    return Overview(
        tuple(
            Listed(
                wording.month(one.last),
                addresses.edition(one.last),
                headline(one) if isinstance(one, Edition) else "cannot be read at present",
            )
            for one in reversed(kept)
        ),
        f"{wording.month(upcoming)} closes with the first run from {wording.date(day)} on.",
    )
