"""What a reading looks at, and the clauses that its sentence is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from groundswell import wording
from groundswell.catalogue import BY_KEY, STAGES, metrics_of
from groundswell.models import (
    NO_COMPANY,
    Card,
    Direction,
    Growth,
    Measured,
    Metric,
    Missing,
    MoneyAndUse,
    RepositoryFacts,
    RepositoryState,
    Stage,
    StageState,
)
from groundswell.pooling import Pooled, of_growth, of_interval, pool, quotient, weight_of

SEEN_ENOUGH: Final = 0.25  # least coverage of a stage for a sentence about it
MEASURED: Final = frozenset({Direction.RISING, Direction.STEADY, Direction.FALLING})
WIDE: Final = 0.10  # growth a month; an interval that leaves more open does not say that something stands still


@dataclass(frozen=True, slots=True)
class Subject:
    """What a clause is about, with its growth a month."""

    label: str  # begins a sentence
    noun: str  # stands inside one
    plural: bool
    growth: float
    low: float
    high: float
    direction: Direction

    @property
    def figure(self) -> str:
        """Its growth with the interval, without words."""
        return wording.growth(self.growth, self.low, self.high)

    def moves(self) -> str:
        """What it does: "grow by 6.1 % ± 0.8 a month", "stands still (−0.4 % ± 1.9)"."""
        ending = "" if self.plural else "s"
        if self.direction not in (Direction.RISING, Direction.FALLING):
            doing = "stand{} still" if self._narrow else "show{} no change that can be told from noise"
            return f"{doing.format(ending)} ({self.inside()})"
        verb = "grow" if self.direction is Direction.RISING else "fall"
        return f"{verb}{ending} by {self._size()} a month"

    @property
    def _narrow(self) -> bool:
        """So sure that no change of note is left open."""
        return max(abs(self.low), abs(self.high)) <= WIDE

    def inside(self) -> str:
        """The figure as it stands in brackets of its own."""
        return self.figure.replace(" (", ", ").rstrip(")")

    def _size(self) -> str:
        """The figure without its sign, which the verb has; a lopsided interval keeps the signs of its ends."""
        return self.figure.lstrip(f"+{wording.MINUS}")

    def opens(self) -> str:
        """The clause at the beginning of a sentence."""
        return f"{self.label} {self.moves()}"

    def follows(self) -> str:
        """The clause inside a sentence."""
        return f"{self.noun} {self.moves()}"


@dataclass(frozen=True, slots=True)
class Situation:
    """All that a rule may look at. What is not known is None throughout, and no rule holds on it."""

    facts: RepositoryFacts | None
    metrics: Mapping[str, Measured]
    stages: Mapping[Stage, StageState]
    known: Mapping[str, Metric] = field(default_factory=lambda: BY_KEY)  # by key; with the figures of the owner's own
    money: MoneyAndUse | Missing = NO_COMPANY

    @property
    def state(self) -> RepositoryState | None:
        """What the repository is."""
        return None if self.facts is None else self.facts.state

    @property
    def interest(self) -> Direction | None:
        """Where Intent goes; None when too little of it is seen."""
        return self.goes(Stage.INTENT)

    @property
    def use(self) -> Direction | None:
        """Where Action goes; None when too little of it is seen."""
        return self.goes(Stage.ACTION)

    def goes(self, stage: Stage) -> Direction | None:
        """Where a stage goes; None when too little of it is seen."""
        state = self.stages[stage]
        enough = state.indicator is Direction.NEW or state.coverage >= SEEN_ENOUGH
        return state.indicator if enough else None

    def gains(self, stage: Stage, on: Stage) -> bool:
        """A stage grows faster than another one, by more than chance; both must be seen."""
        drift = self._drift(on, stage)
        return drift is not None and drift.low > 0

    def lags(self, stage: Stage, behind: Stage) -> bool:
        """A stage grows more slowly than another one, by more than chance; both must be seen."""
        drift = self._drift(behind, stage)
        return drift is not None and drift.high < 0

    def _drift(self, start: Stage, end: Stage) -> Pooled | None:
        if not {self.goes(start), self.goes(end)} <= MEASURED:
            return None
        this, other = of_state(self.stages[start]), of_state(self.stages[end])
        return None if this is None or other is None else quotient(other, this)

    def value(self, key: str) -> float | None:
        """A metric's value; None when it is missing, or only known to be at least so much."""
        measured = self.metrics.get(key)
        return None if measured is None or measured.at_least else measured.value

    def lacks(self, key: str) -> Missing | None:
        """Why a metric cannot be looked at; None when it can."""
        measured = self.metrics.get(key)
        if measured is None:
            return Missing("it is not collected")
        if measured.value is None:
            return measured.missing or Missing("it is not known")
        return Missing("only a lower bound is known") if measured.at_least else None

    def subject(self, stage: Stage) -> Subject:
        """What to name for a measured stage: its weightiest metric if that goes the same way, else the whole stage."""
        state = self.stages[stage]
        growths = [(key, growth) for key in state.parts if isinstance(growth := self.metrics[key].growth, Growth)]
        key, growth = max(growths, key=lambda one: _weight(self.known[one[0]], one[1]))
        if growth.direction is state.indicator:
            return _of_metric(self.known[key], growth)
        assert state.growth is not None
        assert state.low is not None
        assert state.high is not None
        assert state.indicator is not None
        whole = f"{STAGES[stage].noun} as a whole"
        return Subject(whole.capitalize(), whole, False, state.growth, state.low, state.high, state.indicator)

    def of_metric(self, key: str) -> Subject | None:
        """What to name for a metric by itself; None while its growth has no interval."""
        growth = self.metrics[key].growth
        known = isinstance(growth, Growth) and of_growth(growth) is not None
        return _of_metric(self.known[key], growth) if known and isinstance(growth, Growth) else None

    def pooled(self, keys: tuple[str, ...]) -> Pooled | None:
        """Some metrics' growths in one, weighted as in their stage."""
        parts = []
        for key in keys:
            growth = self.metrics[key].growth
            part = of_growth(growth) if isinstance(growth, Growth) else None
            if part is not None:
                parts.append((self.known[key].weight, part))
        return pool(parts)


def of_card(card: Card) -> Situation:
    """What the rules saw of a project whose card is made."""
    known = {metric.key: metric for metric in metrics_of(card.project)}
    return Situation(card.facts, card.metrics, card.stages, known, card.money)


def of_state(state: StageState) -> Pooled | None:
    """A stage's growth as a log growth with its error; None while it has none."""
    if state.growth is None or state.low is None or state.high is None:
        return None
    return of_interval(state.growth, state.low, state.high)


def _weight(metric: Metric, growth: Growth) -> float:
    part = of_growth(growth)
    return 0.0 if part is None else weight_of(metric.weight, part)


def _of_metric(metric: Metric, growth: Growth) -> Subject:
    assert growth.month is not None
    assert growth.low is not None
    assert growth.high is not None
    assert growth.direction is not None
    return Subject(
        metric.label, metric.noun, _is_plural(metric.noun), growth.month, growth.low, growth.high, growth.direction
    )


def _is_plural(noun: str) -> bool:
    """Stars and issues opened grow, income grows."""
    return any(word.endswith("s") and not word.endswith("ss") for word in noun.split())
