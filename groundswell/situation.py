"""What a reading looks at, and the clauses that its sentence is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from groundswell import wording
from groundswell.catalogue import BY_KEY, STAGES
from groundswell.models import (
    NO_COMPANY,
    Direction,
    Growth,
    Measured,
    Metric,
    Missing,
    MoneyAndUse,
    Movement,
    RepositoryFacts,
    Stage,
    StageState,
)
from groundswell.pooling import Pooled, of_growth, pool, weight_of

SEEN_ENOUGH: Final = 0.25  # least coverage of a stage for a sentence about it
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
            return f"{doing.format(ending)} ({self._inside()})"
        verb = "grow" if self.direction is Direction.RISING else "fall"
        return f"{verb}{ending} by {self._size()} a month"

    @property
    def _narrow(self) -> bool:
        """So sure that no change of note is left open."""
        return max(abs(self.low), abs(self.high)) <= WIDE

    def _inside(self) -> str:
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
    """All that a rule may look at."""

    facts: RepositoryFacts | None
    metrics: Mapping[str, Measured]
    stages: Mapping[Stage, StageState]
    use_of_interest: Movement  # from Intent to Action
    known: Mapping[str, Metric] = field(default_factory=lambda: BY_KEY)  # by key; with the figures of the owner's own
    money: MoneyAndUse | Missing = NO_COMPANY

    @property
    def interest(self) -> Direction | None:
        """Where Intent goes; None when too little of it is seen."""
        return self._indicator(Stage.INTENT)

    @property
    def use(self) -> Direction | None:
        """Where Action goes; None when too little of it is seen."""
        return self._indicator(Stage.ACTION)

    @property
    def use_gains(self) -> bool:
        """Action grows faster than Intent, by more than chance."""
        return self.use_of_interest.low is not None and self.use_of_interest.low > 0

    @property
    def use_lags(self) -> bool:
        """Action grows more slowly than Intent, by more than chance."""
        return self.use_of_interest.high is not None and self.use_of_interest.high < 0

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

    def pooled(self, keys: tuple[str, ...]) -> Pooled | None:
        """Some metrics' growths in one, weighted as in their stage."""
        parts = []
        for key in keys:
            growth = self.metrics[key].growth
            part = of_growth(growth) if isinstance(growth, Growth) else None
            if part is not None:
                parts.append((self.known[key].weight, part))
        return pool(parts)

    def _indicator(self, stage: Stage) -> Direction | None:
        state = self.stages[stage]
        enough = state.indicator is Direction.NEW or state.coverage >= SEEN_ENOUGH
        return state.indicator if enough else None


def _weight(metric: Metric, growth: Growth) -> float:
    part = of_growth(growth)
    return 0.0 if part is None else weight_of(metric.weight, part)


def _of_metric(metric: Metric, growth: Growth) -> Subject:
    assert growth.month is not None
    assert growth.low is not None
    assert growth.high is not None
    assert growth.direction is not None
    return Subject(metric.label, metric.noun, True, growth.month, growth.low, growth.high, growth.direction)
