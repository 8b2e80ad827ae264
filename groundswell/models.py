"""The records that the modules pass to each other: frozen, and nothing in them acts on the outside world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from groundswell.http import Door


class GroundswellError(Exception):
    """A fault that is said in one sentence to the person who can mend it; never shown as a traceback."""

    status: ClassVar[int] = 1  # that the command ends with

    @property
    def lines(self) -> tuple[str, ...]:
        """What is said, line by line."""
        return tuple(str(self).splitlines())


class Kind(StrEnum):
    """How the numbers of a signal follow each other in time, which fixes how growth is taken from them."""

    STOCK = "stock"  # a level on a day
    FLOW = "flow"  # an amount in a day
    COUNTER = "counter"  # a running total; its flow is the difference
    ROLLING = "rolling"  # an amount in the last N days, as given
    PERIOD = "period"  # an amount in a calendar month or quarter, dated on its last day
    CLOSING = "closing"  # a level that is known at the end of each calendar month or quarter alone, dated so

    @property
    def by_calendar(self) -> bool:
        """Whether there is one number for each calendar month or quarter, of any company's year."""
        return self in (Kind.PERIOD, Kind.CLOSING)


PER_CENT = "per cent"  # the unit of a share: of signals and metrics that have it, values run from 0 to 100


class Stage(StrEnum):
    """The five stages that a community moves through, in order."""

    INTENT = "intent"
    ACTION = "action"
    ACTIVATION = "activation"
    MONETIZATION = "monetization"
    RETENTION = "retention"


class Direction(StrEnum):
    """What a growth's 95 % interval allows to be said."""

    RISING = "rising"  # the whole interval lies above 0
    FALLING = "falling"  # the whole interval lies below 0
    STEADY = "steady"  # the interval holds 0: no change that one can be sure of
    NEW = "new"  # the base is too small for a percentage


class RepositoryState(StrEnum):
    """What a repository is, as far as its figures go."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    EMPTY = "empty"
    DISABLED = "disabled"
    GONE = "gone"  # deleted, or made private: from outside they cannot be told apart
    PRIVATE = "private"  # the token can see it, the public cannot: nothing of it is kept or shown


# --- What is tracked -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a project on a day and is marked on its charts."""

    day: dt.date
    title: str
    link: str | None = None


OWN: Final = "figures"  # stands where a source's key would, for what a project's owner brings: "figures.revenue"


class Origin(StrEnum):
    """Where the owner of a project keeps a figure."""

    FILE = "file"  # in the repository, and exactly as public as it
    ADDRESS = "address"
    ENVIRONMENT = "environment"  # a variable that a secret fills


@dataclass(frozen=True, slots=True)
class OwnFigure:
    """A figure of a project that its owner brings, since no public record has it."""

    key: str  # "revenue"
    label: str
    unit: str
    stage: Stage
    kind: Kind  # stock, flow, period or closing
    weight: float
    origin: Origin
    place: str = field(repr=False)  # path beside projects.yaml, https address, or name of the variable
    column: str  # of its table
    relative: bool = True  # only growth, index and direction leave, never a level
    months: int = 1  # length of the periods of a figure by calendar
    rounding: float = 0.5  # points to which the index of a relative one is rounded

    @property
    def signal(self) -> str:
        """The key of its signal. Levels and an index never stand in one column of the history."""
        return f"{self.key}.index" if self.relative else self.key

    @property
    def metric(self) -> str:
        """The key of its metric, which no metric of the catalogue has."""
        return f"own_{self.key}"


@dataclass(frozen=True, slots=True)
class Project:
    """One entry of `projects.yaml`."""

    id: str  # "owner/name" as written there
    name: str
    category: str
    tags: tuple[str, ...] = ()
    targets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # source key → what is named for it
    events: tuple[Event, ...] = ()
    figures: tuple[OwnFigure, ...] = ()


@dataclass(frozen=True, slots=True)
class Naming:
    """What a project may name for a source in `projects.yaml`, so that a wrong name is found before anyone is asked."""

    pattern: str  # a regular expression that the whole name must match
    example: str
    meaning: str  # e.g. "a package on PyPI"
    shared: bool = False  # it may belong to several projects, as an organisation's forum does; it is asked once a run
    names_host: bool = False  # it says which host is asked: one each, so that they are asked side by side


# --- What is seen ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Signal:
    """One raw number that a source gives."""

    key: str  # "downloads"; with the source's name before it, "npm.downloads", it is the name of the signal
    kind: Kind
    unit: str  # what one of it is, in the plural: "stars", "downloads"
    lag: int  # days after which a day is complete: the newest complete day is today − lag
    backfill: str  # how far back the source can fill, in words
    docs: str  # where the source documents it
    caveat: str  # what the number does not say, in one sentence
    days: int = 1  # length of the window of a rolling signal
    months: int = 1  # length of the period of a signal by calendar: 3 is a quarter
    grace: int = 0  # days beyond the lag that a number by calendar may still take to be published, without being late

    @property
    def of_people(self) -> bool:
        """Whether it counts the people of a window: of them most were there in the window before, as in a level."""
        return self.kind is Kind.ROLLING and self.unit == "people"

    credit: str = ""  # whom to name, and the licence, wherever the number is shown: "example.org, CC BY-SA 4.0"

    rounding: float | None = None  # of an index: the steps that its points are rounded to; None is no index

    @property
    def is_share(self) -> bool:
        """Whether it is a share: it is never added up, and changes by percentage points instead of growing."""
        return self.unit == PER_CENT


@dataclass(frozen=True, slots=True)
class Observation:
    """One signal of one target on one day."""

    signal: str  # the key alone: "downloads"
    day: dt.date
    value: float
    rebuilt: bool = False  # worked out afterwards (a level from gains), not seen on its day


@dataclass(frozen=True, slots=True)
class Ask:
    """One target of one project that a source is to be asked for, and what is already known of it."""

    project: str  # Project.id
    target: str  # what the project names for the source; "" is the project's repository
    state: Mapping[str, object] = field(default_factory=dict)  # what the source noted at its last answers (JSON values)
    newest: Mapping[str, dt.date] = field(default_factory=dict)  # signal key → newest day in history
    oldest: Mapping[str, dt.date] = field(default_factory=dict)  # signal key → oldest day in history
    first_observed: Mapping[str, tuple[dt.date, float]] = field(default_factory=dict)
    # signal key → first day that was really seen (not rebuilt) and its value


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What is known of a repository that is not a number. All text is as the source gave it: not trusted."""

    id: str  # survives renames
    name: str  # "owner/name" as it is now
    state: RepositoryState
    description: str | None = None
    homepage: str | None = None
    language: str | None = None
    licence: str | None = None
    topics: tuple[str, ...] = ()
    created: dt.date | None = None
    archived: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source gave for a target. A target may be answered in several parts; each is kept at once."""

    source: str
    project: str
    target: str
    observations: tuple[Observation, ...]
    state: Mapping[str, object] = field(default_factory=dict)  # merged into what was noted before
    facts: RepositoryFacts | None = None
    at_least: tuple[str, ...] = ()  # signal keys whose newest value is a lower bound: there was more than was read


@dataclass(frozen=True, slots=True)
class Failure:
    """A source gave no usable answer for a target, and why."""

    source: str
    project: str
    target: str
    reason: str  # completes "npm …": "answered 429 (too many requests)", "has no package of that name"
    signals: tuple[str, ...] = ()  # the signal keys it concerns; () is all of the target's
    deferred: bool = False  # nobody was asked: left for a later run, and no fault of the source
    state: RepositoryState | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """A source said something else of days gone by than it had said before."""

    project: str
    column: str
    noted: dt.date  # day of the run that saw it
    first: dt.date
    last: dt.date
    days: int  # that changed, from the first to the last
    day: dt.date  # that changed most
    before: float  # on that day
    after: float
    share: float | None  # change of all these days together: -0.1 is a tenth less; None when they were 0


class SourceModule(Protocol):
    """What every module in `groundswell/sources/` gives. Its file name is its key everywhere.

    A registry that also tells the total over all of its packages names the signals it has of it in `MARKET`, and gives
    them when it is asked for the target "".

    A source whose number of requests depends on the answers also gives `requests(asks, outside, today)`: host → how
    many requests `fetch` will make. Of all others that is counted (see forecast).
    """

    LABEL: str  # the name that people know it by: "PyPI"
    NAMING: Naming
    SIGNALS: tuple[Signal, ...]
    PACE: Mapping[str, float]  # host → least seconds between two requests

    def fetch(self, asks: Sequence[Ask], door: Door, today: dt.date) -> Iterator[Answer | Failure]:
        """Ask for all targets, as few requests as the other side allows; give each answer as soon as it is there."""
        ...


# --- What is known ---------------------------------------------------------------------------------------------------

Days = npt.NDArray[np.int64]
Values = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Series:
    """One signal of one target through time: days (proleptic ordinals, ascending, no day twice) and their values."""

    days: Days
    values: Values

    def __len__(self) -> int:
        return len(self.days)

    def until(self, day: dt.date) -> Series:
        """The part up to and with a day."""
        stop = int(np.searchsorted(self.days, day.toordinal(), side="right"))
        return Series(self.days[:stop], self.values[:stop])

    @property
    def last_day(self) -> dt.date:
        """The newest day; the series must not be empty."""
        return dt.date.fromordinal(int(self.days[-1]))


EMPTY_SERIES = Series(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float64))


# --- What is measured ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Metric:
    """Something that is computed from history and shown."""

    key: str
    label: str  # heads a column or a sentence: "Stars"
    noun: str  # the same inside a sentence: "stars"
    unit: str  # what one of the value is, in the plural
    stage: Stage
    weight: float  # in its stage; 0 is shown but does not count
    group: str  # metrics of one group stand in for each other: a project need not have all of them
    signals: tuple[str, ...]  # full names, the best first; one number is never made from two of them
    meaning: str
    formula: str
    chaoss: str | None = None  # name of the CHAOSS metric that it is, where there is one
    place: str = ""  # what a project names to have it: "npm package"; "" is its repository
    refresh_days: int = 1  # how often its source looks again; a value younger than that is not late
    none_given: str = ""  # what it means that its source answers for the project and gives no number of this
    no_growth: str = ""  # why it has no rate of growth, where what it is does not grow: a wait

    @property
    def is_share(self) -> bool:
        """Whether it is a share: its weight must be 0, since it has no growth that a stage could count."""
        return self.unit == PER_CENT

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of the sources that it can come from."""
        return tuple(dict.fromkeys(signal.partition(".")[0] for signal in self.signals))


# --- What is computed ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no number, and this is why: a sentence without a full stop, for the page."""

    reason: str


@dataclass(frozen=True, slots=True)
class Growth:
    """Relative growth over one window of 28 days (or what the kind of the signal compares)."""

    window: float | None  # plain growth of the window: 0.05 is five per cent more; None when the base is too small
    month: float | None  # the same scaled to a mean month of 30.4375 days
    low: float | None  # 95 % interval of `month`; None while too little is known to say how sure
    high: float | None
    direction: Direction | None  # None while there is no interval
    start: float  # the amount or level compared with
    end: float  # the amount or level now
    end_day: dt.date  # T, the last day of the window
    dispersion: float | None = None  # φ of the weekly amounts
    unsure: Missing | None = None  # why there is no interval
    index: bool = False  # `start` and `end` are points of an index
    points: float | None = None  # of a share alone: its change in percentage points; it has no `window` and no `month`


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a value is from: which signal, of which targets, since when it was really observed."""

    signal: str  # "npm.downloads"
    kind: Kind
    targets: tuple[str, ...]
    observed_since: dt.date | None  # None when every day was filled in afterwards
    docs: str
    caveat: str
    months: int = 1  # length of the period of a signal by calendar
    credit: str = ""  # as the signal wants it

    @property
    def is_own(self) -> bool:
        """Whether the owner brings it, so that nobody else can check it."""
        return self.signal.startswith(f"{OWN}.")


class Oddity(StrEnum):
    """What can be odd in a series. Each word is also how it is said to people."""

    BURST = "burst"  # a day or a week brought far more of a year than is usual: a fact, and part of growth
    FALL = "fall"  # a level lost far more at once than is usual, and stayed there: a fact, and part of growth
    RESET = "reset"  # a running total began anew: the days until then are not observed
    ZERO = "fall to zero"  # 0, or nearly, where far more was before and after: kept out of growth
    FLIP = "flip"  # answers that are of something else, in turn with the right ones: kept out of growth
    EXCURSION = "excursion"  # the same, once
    STEP = "step"  # a level moved at once and for good: growth begins anew
    FROZEN = "frozen source"  # many series of a source stood still at once: those days are kept out of growth
    GAP = "not observed"  # no anomaly, but named: days without any observation


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Something odd that was found in a series, or in all series of a signal at once."""

    kind: Oddity
    column: str  # of the history: "npm.downloads:left-pad"; the signal's name where it is about all of its series
    first: dt.date
    last: dt.date
    seen: Mapping[str, float]  # the numbers that it was found by
    says: str  # one sentence without a full stop, for people; days in it as 2026-11-22


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric of a project at a date: a value with all that is known of it, or a reason."""

    metric: str  # Metric.key
    value: float | None
    observed: dt.date | None  # the day that the value is of
    growth: Growth | Missing
    compound: Mapping[int, float | Missing]  # months (3, 6, 12) → mean growth a month
    year_on_year: float | Missing
    acceleration: float | Missing  # this window's log growth less the one before
    missing: Missing | None  # why there is no value
    provenance: Provenance | None
    series: Series  # what the chart shows: levels of a stock, amounts of a flow
    at_least: bool = False  # the value is a lower bound
    stale: Missing | None = None  # the value is an old one that was kept: since when and why
    notes: tuple[str, ...] = ()
    relative: bool = False  # the owner shows growth alone: there is no value, and the series is an index
    growth_from: str | None = None  # full name of the signal that the growth is from; None without a growth
    apart: Series = EMPTY_SERIES  # what was seen and is kept out because it would lie; of one target alone
    anomalies: tuple[Anomaly, ...] = ()  # what is odd in the series that it is from, oldest first


@dataclass(frozen=True, slots=True)
class StageState:
    """One stage of one project."""

    stage: Stage
    growth: float | None  # a month
    low: float | None
    high: float | None
    coverage: float  # 0..1: catalogue weight present / possible
    indicator: Direction | None  # None is "not measured"
    percentile: float | None  # 0..100: its level among the tracked projects
    index: Series  # 100 = twelve months ago, one value a closed month
    parts: tuple[str, ...]  # keys of the metrics that count
    missing: Missing | None = None


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many of the next stage's units come to one (or a thousand) of this stage's."""

    key: str  # "downloads_per_star"
    label: str  # "downloads a month per star"
    value: float


@dataclass(frozen=True, slots=True)
class Movement:
    """The way from one stage to the next: ratios in units people know, and how they drift."""

    start: Stage
    end: Stage
    ratios: tuple[Ratio, ...]
    drift: float | None  # (1+g_next)/(1+g_this) − 1, a month
    low: float | None
    high: float | None
    missing: Missing | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What the stages together say, as one sentence with the numbers it rests on."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Against:
    """A metric's growth beside that of the market around it, over the same window. All growth is relative, a month."""

    metric: str  # Metric.key
    market: str  # what it is set against, inside a sentence: "all of PyPI", "9 projects of 1,000 to 9,999 stars"
    growth: float  # of the market
    low: float | None  # its 95 % interval; None where it has none
    high: float | None
    difference: float  # (1+g)/(1+g_market) − 1
    difference_low: float | None  # its 95 % interval; None while too little is known to say how sure
    difference_high: float | None
    direction: Direction | None  # of the difference: steady is "moves with the market"
    end_day: dt.date  # T, the last day of both windows
    signal: str  # that the market's growth is from: "pypi.downloads"
    docs: str


@dataclass(frozen=True, slots=True)
class Yearly:
    """Compound growth a year from the twelve months that end on a day to those that end on a later one."""

    growth: float  # a year: 0.25 is a quarter more each year
    start: float  # amount of the first twelve months
    end: float  # amount of the last twelve
    signal: str  # "sec.revenue"
    targets: tuple[str, ...]
    docs: str


@dataclass(frozen=True, slots=True)
class Beside:
    """The use that one metric tells of and the company's revenue, over the longest span that both cover."""

    metric: str  # Metric.key of the use: "pypi_downloads"
    start: dt.date  # last day of the first twelve months
    end: dt.date  # last day of the last twelve
    use: Yearly
    revenue: Yearly
    notes: tuple[str, ...] = ()

    @property
    def years(self) -> float:
        """Length of the span."""
        return (12 * (self.end.year - self.start.year) + self.end.month - self.start.month) / 12


@dataclass(frozen=True, slots=True)
class MoneyAndUse:
    """Growth of downloads beside growth of revenue: a pair for each registry, since they are never added up."""

    pairs: tuple[Beside, ...]  # the longest span first
    missing: Mapping[str, Missing]  # metric key → why it has no pair
    silent_since: dt.date | None = None  # the company no longer reports: last day of its last quarter
    notes: tuple[str, ...] = ()


NO_COMPANY: Final = Missing("no company that reports to the SEC is named for this project")


@dataclass(frozen=True, slots=True)
class Card:
    """All that is known of one project at one date, ready to show."""

    project: Project
    as_of: dt.date
    facts: RepositoryFacts | None
    metrics: Mapping[str, Measured]
    stages: Mapping[Stage, StageState]
    movements: tuple[Movement, ...]
    reading: Reading
    furthest: Stage | None
    failures: tuple[Failure, ...]  # what could not be read, in this run or since
    notes: tuple[str, ...]  # e.g. "is now called new/name on GitHub"
    also: tuple[Reading, ...] = ()  # the other rules that hold, in the order of their table
    money: MoneyAndUse | Missing = NO_COMPANY  # revenue beside use
    against: Mapping[str, Against | Missing] = field(
        default_factory=dict
    )  # metric key → its growth beside the market's
    others: tuple[tuple[Metric, Measured], ...] = ()  # figures that no metric of the catalogue is made from
    anomalies: tuple[Anomaly, ...] = ()  # what is odd in its series, oldest first; gaps are among them
    corrections: tuple[Correction, ...] = ()  # of the last weeks, the largest first
