"""A worked example: one tracked project's way from its stars to its reading, each number as the run had it.

Every number stands on the page exactly, so that anybody can redo it with a calculator and the project's data file.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import addresses, dispersion, intervals, wording
from groundswell.catalogue import metric_of, possible
from groundswell.growth import MEAN_MONTH
from groundswell.models import Card, Growth, Kind, Measured, Movement, Project, Stage, StageState
from groundswell.pages import witness
from groundswell.pages.setting import Setting
from groundswell.pooling import TWO_SIDED, of_growth, weight_of
from groundswell.readings import READINGS
from groundswell.situation import of_state
from groundswell.windows import WINDOW, level, weekly_gains

LEVEL: Final = "stars"  # the metric that is worked out: a level, which two numbers give
_WEEKS: Final = (-0.5, -1.5, -2.5, -3.5)  # middles of the four weeks up to T
_CLOSE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the example: as it is shown, and all of it."""

    name: str  # names it to whoever redoes the example: "s1"
    text: str
    exact: str  # as many digits as there are


@dataclass(frozen=True, slots=True)
class Step:
    """A line: what is worked out, how, and what comes out."""

    what: str
    how: str  # the formula, with its numbers
    result: Number


@dataclass(frozen=True, slots=True)
class Part:
    """A metric's part in the growth of its stage."""

    label: str
    weight: Number  # in the catalogue
    growth: Number
    low: Number
    high: Number
    log: Number
    error: Number
    counts: Number  # the weight that it has after all


@dataclass(frozen=True, slots=True)
class Worked:
    """The whole example."""

    name: str
    address: str
    data: str
    seen: str  # where its numbers are from
    level: tuple[Step, ...]
    stage: str
    parts: tuple[Part, ...]
    pooled: tuple[Step, ...]
    movement: str
    moved: tuple[Step, ...]
    rule: str  # title of the reading
    when: str
    key: str
    reading: str


def example(cards: Sequence[Card], setting: Setting) -> Worked | None:
    """The example of the project of which most stages are measured; None while none can be worked out whole."""
    fit = [card for card in cards if _is_fit(card)]
    if not fit:
        return None
    return _worked(min(fit, key=lambda card: (-_measured(card), card.project.id)), setting)


def _measured(card: Card) -> int:
    return sum(state.growth is not None for state in card.stages.values())


def _is_fit(card: Card) -> bool:
    """Its stars' growth is that of the series shown, and Intent and Action have growths with intervals."""
    found, moves = card.metrics[LEVEL], card.movements[0]
    growth = found.growth
    if not isinstance(growth, Growth) or growth.low is None or growth.window is None or moves.drift is None:
        return False
    ends = _ends(found, growth)
    plain = all((of_growth(one) is not None and (one.low or 0) > -1) for one in _growths(card, Stage.INTENT))
    again = dispersion.spread(weekly_gains(found.series, growth.end_day.toordinal()))
    return (
        plain
        and ends is not None
        and again is not None
        and math.isclose(ends[1] / ends[0] - 1, growth.window, abs_tol=_CLOSE)
        and math.isclose(again.phi, growth.dispersion or 0.0, rel_tol=_CLOSE)
    )


def _ends(found: Measured, growth: Growth) -> tuple[float, float] | None:
    end = growth.end_day.toordinal()
    start, now = level(found.series, end - WINDOW), level(found.series, end)
    kind = found.provenance.kind if found.provenance else None
    return (start, now) if kind is Kind.STOCK and start is not None and now is not None else None


def _growths(card: Card, stage: Stage) -> Iterable[Growth]:
    found = (card.metrics[key].growth for key in card.stages[stage].parts)
    return (one for one in found if isinstance(one, Growth))


def _worked(card: Card, setting: Setting) -> Worked:
    rule = next(rule for rule in READINGS if rule.key == card.reading.key)
    intent = card.stages[Stage.INTENT]
    return Worked(
        name=card.project.name,
        address=addresses.project_page(card.project.id),
        data=addresses.project_data(card.project.id),
        seen=witness.of_stages((Stage.INTENT, Stage.ACTION), card, setting),
        level=_of_level(card.metrics[LEVEL]),
        stage="Intent",
        parts=tuple(_part(key, card) for key in intent.parts),
        pooled=_of_stage(intent, card.project),
        movement="Intent → Action",
        moved=_of_movement(card.movements[0], intent, card.stages[Stage.ACTION]),
        rule=rule.title,
        when=rule.when,
        key=rule.key,
        reading=card.reading.text,
    )


def _number(name: str, value: float, *, percent: bool = False, whole: bool = False) -> Number:
    text = wording.percent(value, wording.EXACT) if percent else f"{value:,.0f}" if whole else f"{value:,.5g}"
    return Number(name, text.replace("-", wording.MINUS), repr(float(value)))


def _of_level(found: Measured) -> tuple[Step, ...]:
    growth = found.growth
    assert isinstance(growth, Growth)
    assert growth.month is not None
    assert growth.low is not None
    assert growth.high is not None
    assert growth.direction is not None
    ends = _ends(found, growth)
    spread = dispersion.spread(weekly_gains(found.series, growth.end_day.toordinal()))
    assert ends is not None
    assert spread is not None
    start, now = ends
    usual = max(spread.usual(*_WEEKS), 1.0)
    least, most = intervals.of_gain(now - start, spread.usual(*_WEEKS), spread)
    day, before = wording.date(growth.end_day), wording.date(_back(growth))
    power = f"{MEAN_MONTH}/{WINDOW}"
    return (
        Step(f"S(T), stars on {day}", "from the data", _number("s1", now, whole=True)),
        Step(f"S(T − {WINDOW}), stars on {before}", "from the data", _number("s0", start, whole=True)),
        Step(f"g, growth of {WINDOW} days", "S(T) / S(T − 28) − 1", _number("g", now / start - 1, percent=True)),
        Step("growth of a mean month", f"(1 + g)^({power}) − 1", _number("month", growth.month, percent=True)),
        Step("φ, from the weekly gains", "χ² per degree of freedom, at least 1", _number("phi", spread.phi)),
        Step("U, the gain that their trend expects of 28 days", "at least 1", _number("usual", usual)),
        Step("√(φ · U), the error of the gain", "", _number("scatter", math.sqrt(spread.phi * usual))),
        Step(
            "the gain is at least", f"S(T) − S(T − 28), less {TWO_SIDED} or more such errors", _number("least", least)
        ),
        Step("and at most", "the same, more", _number("most", most)),
        Step("lower end", f"(1 + least / S(T − 28))^({power}) − 1", _number("low", growth.low, percent=True)),
        Step("upper end", f"(1 + most / S(T − 28))^({power}) − 1", _number("high", growth.high, percent=True)),
        Step("direction", f"{wording.MEANINGS[growth.direction]}", Number("direction", growth.direction.value, "")),
    )


def _back(growth: Growth) -> dt.date:
    return growth.end_day - dt.timedelta(days=WINDOW)


def _part(key: str, card: Card) -> Part:
    growth, metric = card.metrics[key].growth, metric_of(key, card.project)
    assert isinstance(growth, Growth)
    part = of_growth(growth)
    assert part is not None
    assert growth.month is not None
    assert growth.low is not None
    assert growth.high is not None
    return Part(
        label=metric.label,
        weight=_number(f"weight-{key}", metric.weight),
        growth=_number(f"growth-{key}", growth.month, percent=True),
        low=_number(f"low-{key}", growth.low, percent=True),
        high=_number(f"high-{key}", growth.high, percent=True),
        log=_number(f"log-{key}", part.log),
        error=_number(f"error-{key}", part.error),
        counts=_number(f"counts-{key}", weight_of(metric.weight, part)),
    )


def _of_stage(state: StageState, project: Project) -> tuple[Step, ...]:
    assert state.growth is not None
    assert state.low is not None
    assert state.high is not None
    pooled, whole = of_state(state), possible(state.stage, project)
    assert pooled is not None
    return (
        Step("growth of the stage", "exp(Σ w·log(1+g) / Σ w) − 1", _number("stage", state.growth, percent=True)),
        Step("its standard error", "√(Σ (w·σ)²) / Σ w", _number("stage-error", pooled.error)),
        Step("lower end", f"exp(log − {TWO_SIDED}·error) − 1", _number("stage-low", state.low, percent=True)),
        Step("upper end", f"exp(log + {TWO_SIDED}·error) − 1", _number("stage-high", state.high, percent=True)),
        Step(
            "weight that the project could show",
            "of the figures above, those that it names a place for",
            _number("possible", whole),
        ),
        Step("measured", "Σ weight / that", _number("coverage", state.coverage)),
    )


def _of_movement(movement: Movement, this: StageState, following: StageState) -> tuple[Step, ...]:
    before, after = of_state(this), of_state(following)
    assert before is not None
    assert after is not None
    assert this.growth is not None
    assert following.growth is not None
    assert movement.drift is not None
    assert movement.low is not None
    assert movement.high is not None
    error = f"exp(log(1 + drift) ∓ {TWO_SIDED}·√(σ² + σ²)) − 1"
    return (
        Step("growth of Action", "worked out alike", _number("next", following.growth, percent=True)),
        Step("its standard error", "", _number("next-error", after.error)),
        Step("drift", "(1 + g of Action) / (1 + g of Intent) − 1", _number("drift", movement.drift, percent=True)),
        Step("lower end", error, _number("drift-low", movement.low, percent=True)),
        Step("upper end", "the same", _number("drift-high", movement.high, percent=True)),
    )
