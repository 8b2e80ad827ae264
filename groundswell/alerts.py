"""Alerts: what is told when it happens, by the rules of `projects.yaml`.

A rule is told once, when it becomes true, and again only after it was false. What is on a bound does not go to and fro:
a figure must come clearly back before it counts as back (the constants below say how far). Nothing is told of a figure
that is missing, kept from an earlier day, a lower bound, or odd of late: how it stood stays known until it can be
judged again. What is looked at for the first time is taken as it stands, and so is a figure that is another one than
before, of other packages or from another source.

The kinds of rules are a table. `config_alerts` says how each is written, here stands what it does.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from groundswell import alert_log, wording
from groundswell.alert_log import Alert, Log, Stand, Told
from groundswell.anomalies import KEPT_OUT
from groundswell.catalogue import BY_KEY, DOWNLOADS, STAGES, is_named, metric_of, metrics_of, of_stage
from groundswell.closing import Known
from groundswell.config import Config, Rule
from groundswell.config_alerts import DOWNLOADS as ANY_DOWNLOADS
from groundswell.growth import WINDOW
from groundswell.models import Card, Direction, Growth, Kind, Measured, Project, RepositoryState, Stage
from groundswell.readings import UNREADABLE

WATCHED_FIRST: Final = 7  # days that a new project is only watched: its past is read over several runs
ODD_OF_LATE: Final = 14  # days after something odd in a series for which nothing is told of its figures
TURNED_FOR: Final = 3  # days that a stage or a metric must go another way before it is told
READS_SO_FOR: Final = 7  # days that another reading must last before it is told
GONE_FOR: Final = 1  # days that a repository must be gone, since one answer may be wrong
BACK_FROM_LEVEL: Final = 0.01  # share below a level that was reached, from which a stock has left it
BACK_FROM_AMOUNT: Final = 0.05  # the same for an amount, which goes up and down from week to week
BACK_FROM_STAGE: Final = 0.1  # share below a stage's threshold from which it is lost
ROUND: Final = (1, 2, 5)  # times a power of ten: the round levels
SMALLEST_ROUND: Final = 100  # below it no level is told unless a rule names it
_LEVELS: Final = (Kind.STOCK, Kind.CLOSING)
_AMOUNTS: Final = (Kind.FLOW, Kind.COUNTER)
_WHOLE: Final = ""  # the subject of what is of a project as a whole
_NONE: Final = "none"
_NOTHING_KNOWN: Final = "-"  # the mark of what is not made from a figure

Thresholds = Mapping[Stage, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Look:
    """What a rule looks at: one subject of one project, and how it stood."""

    rule: Rule
    card: Card
    subject: str
    thresholds: Thresholds
    labels: Mapping[str, str]
    before: str | None  # None at first sight


@dataclass(frozen=True, slots=True)
class Seen:
    """How a subject stands today."""

    word: str
    by: str = _NOTHING_KNOWN
    revised: bool = False  # its past was told otherwise today: a move may be that alone


@dataclass(frozen=True, slots=True)
class Telling:
    """What a kind of rule does."""

    subjects: Callable[[Rule, Card], Iterable[str]]
    see: Callable[[Look], Seen | None]  # None when it cannot be judged today
    tells: Callable[[Rule, str, str], bool]  # whether a change from one word to another is told
    says: Callable[[Look, str], tuple[str, str]]  # title and text, for the new word
    lasting: Mapping[str, int] | int = 0  # days that a new word must last, for each or for some


# --- From one run to the next ----------------------------------------------------------------------------------------


def keep(directory: Path, known: Known, cards: Sequence[Card], asked: Sequence[Project]) -> Told:
    """Look by the rules at the projects that were asked for, keep in the history what is told, and give all that was
    told of late.

    A run that asks nobody has nothing new to tell. A file that cannot be read stays as it is, and nothing is told until
    somebody has mended it: the site does not wait for that.
    """
    tracked, names = known.tracked, {project.id for project in asked}
    rules = tracked.alerts.rules
    try:
        log = alert_log.load(directory)
    except alert_log.BrokenAlerts as error:
        return Told((), rules, str(error))
    seen = [card for card in cards if card.project.id in names]
    new = evaluate(log, tracked, seen, known.labels, known.today) if seen else log
    if new != log:
        alert_log.save(directory, new)
    return Told(tuple(one for one in new.told if one.day <= known.today), rules)


def evaluate(log: Log, tracked: Config, cards: Sequence[Card], labels: Mapping[str, str], today: dt.date) -> Log:
    """The log with what the rules tell of the cards. A run for an earlier day than the last one tells nothing."""
    if log.as_of is not None and today < log.as_of:
        return log
    watched = {card.project.id: log.watched.get(card.project.id, today) for card in cards}
    kept = {project.id: log.watched[project.id] for project in tracked.projects if project.id in log.watched}
    known: dict[str, dict[str, dict[str, str]]] = {}
    told: dict[str, Alert] = {}
    for rule in tracked.alerts.rules:
        name = rule_name(rule)
        known[name] = {
            project.id: dict(stands)
            for project in tracked.projects
            if (stands := log.known.get(name, {}).get(project.id)) is not None
        }
        for card in cards:
            if not concerns(rule, card):
                continue
            silent = (today - watched[card.project.id]).days < WATCHED_FIRST
            stands = known[name].setdefault(card.project.id, {})
            for subject in KINDS[rule.kind].subjects(rule, card):
                before = Stand.read(stands[subject]) if subject in stands else None
                look = Look(rule, card, subject, tracked.thresholds, labels, None if before is None else before.word)
                stand, tells = _judged(look, before, today)
                if stand is not None:
                    stands[subject] = str(stand)
                if stand is not None and tells and not silent:
                    alert = _alert(look, stand.word, today)
                    told.setdefault(alert.id, alert)
    earlier = {one.id for one in log.told}
    fresh = sorted((one for one in told.values() if one.id not in earlier), key=lambda one: (one.project, one.id))
    return Log(
        as_of=today,
        watched=dict(sorted({**kept, **watched}.items())),
        known={name: {key: stands for key, stands in of.items() if stands} for name, of in known.items()},
        told=(*log.told, *fresh)[-alert_log.MOST_KEPT :],
    )


def _judged(look: Look, before: Stand | None, today: dt.date) -> tuple[Stand | None, bool]:
    """How a subject stands now, and whether that is told."""
    kind = KINDS[look.rule.kind]
    seen = kind.see(look)
    if seen is None:
        return before, False
    if before is None or before.by != seen.by or (seen.revised and before.word != seen.word):
        return Stand(seen.word, seen.by), False
    if before.word == seen.word:
        return Stand(seen.word, seen.by), False
    days = kind.lasting if isinstance(kind.lasting, int) else kind.lasting.get(seen.word, 0)
    since = before.since if before.upcoming == seen.word and before.since is not None else today
    if (today - since).days < days:
        return Stand(before.word, seen.by, seen.word, since), False
    return Stand(seen.word, seen.by), kind.tells(look.rule, before.word, seen.word)


def _alert(look: Look, word: str, today: dt.date) -> Alert:
    title, text = KINDS[look.rule.kind].says(look, word)
    project = look.card.project
    name = alert_log.name(today, project.id, look.rule.kind, look.subject, title)
    return Alert(name, today, project.id, project.name, look.rule.kind, look.subject, _whole(title), _whole(text))


def _whole(text: str) -> str:
    """On one line, and without halves of signs, which no file can hold."""
    return re.sub(r"[\t\r\n\v\f\x1c-\x1e\x85\u2028\u2029]+", " ", text.encode(errors="replace").decode())


def rule_name(rule: Rule) -> str:
    """What a rule is known by: another bound or another filter is another rule."""
    return f"{rule.kind}-{alert_log.mark(rule)}"


def concerns(rule: Rule, card: Card) -> bool:
    """Whether a rule is of this project."""
    project = card.project
    return (
        _among(project.id, rule.projects)
        and _among(project.category, rule.categories)
        and (not rule.tags or any(_among(tag, rule.tags) for tag in project.tags))
    )


def _among(word: str, filters: Sequence[str]) -> bool:
    return not filters or word.casefold() in {one.casefold() for one in filters}


# --- Figures that may be judged --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rate:
    """A growth a month with its interval, of a metric or a stage."""

    growth: float
    low: float
    high: float
    day: dt.date
    by: str
    revised: bool


def _rate(look: Look) -> _Rate | None:
    if look.subject in set(Stage):
        return _of_stage(Stage(look.subject), look.card)
    return _of_metric(look.subject, look.card)


def _of_stage(stage: Stage, card: Card) -> _Rate | None:
    """None as well when any of its parts may not be judged: what is left would be another figure."""
    state = card.stages[stage]
    parts = [(key, _of_metric(key, card)) for key in state.parts]
    if state.growth is None or state.low is None or state.high is None or not parts:
        return None
    known = [(key, part) for key, part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return _Rate(
        state.growth,
        state.low,
        state.high,
        max(part.day for _, part in known),
        alert_log.mark(*((key, part.by) for key, part in known)),
        any(part.revised for _, part in known),
    )


def _of_metric(key: str, card: Card) -> _Rate | None:
    found = card.metrics.get(key)
    if found is None or not _is_sound(found, card):
        return None
    seen = found.growth
    if not isinstance(seen, Growth) or seen.month is None or seen.low is None or seen.high is None:
        return None
    return _Rate(seen.month, seen.low, seen.high, seen.end_day, _identity(found), _is_revised(found, card))


def _is_sound(found: Measured, card: Card) -> bool:
    """Whether a figure is of today, exact, and of a series without anything odd of late."""
    if found.missing is not None or found.stale is not None or found.at_least or found.provenance is None:
        return False
    newest = found.observed or card.as_of
    return not any(one.kind in KEPT_OUT and (newest - one.last).days < ODD_OF_LATE for one in found.anomalies)


def _identity(found: Measured) -> str:
    """Which figure it is: one of other packages, from another source or of a longer past is another."""
    where = found.provenance
    assert where is not None
    return alert_log.mark(where.signal, found.growth_from, where.targets, where.observed_since)


def _is_revised(found: Measured, card: Card) -> bool:
    where = found.provenance
    assert where is not None
    names = {where.signal, found.growth_from}
    return any(one.noted == card.as_of and one.column.partition(":")[0] in names for one in card.corrections)


# --- In words --------------------------------------------------------------------------------------------------------


def _noun(look: Look) -> str:
    """A stage or a metric inside a sentence."""
    if look.subject in set(Stage):
        return STAGES[Stage(look.subject)].label
    return metric_of(look.subject, look.card.project).noun


def _figures(look: Look) -> str:
    """The growth that was seen, with its day and its source."""
    rate = _rate(look)
    assert rate is not None
    grown = wording.growth(rate.growth, rate.low, rate.high)
    return f"{grown} a month, up to {wording.date(rate.day)}; {_sources(look)}"


def _sources(look: Look) -> str:
    """Whom the figures are from, with whom they must name."""
    stage = look.subject in set(Stage)
    keys = look.card.stages[Stage(look.subject)].parts if stage else (look.subject,)
    where = [one.provenance for key in keys if (one := look.card.metrics[key]).provenance is not None]
    names = ["the owner" if one.is_own else look.labels.get(source(one.signal), source(one.signal)) for one in where]
    credit = [one.credit for one in where if one.credit]
    return f"from {wording.listing(tuple(dict.fromkeys((*names, *credit))), most=20)}"


def source(signal: str) -> str:
    """The source of a signal."""
    return signal.partition(".")[0]


def _subjects(rule: Rule, card: Card) -> Iterator[str]:
    """The stages and metrics that a rule is of, as far as the project has them."""
    for word in rule.of:
        for key in DOWNLOADS if word == ANY_DOWNLOADS else (word,):
            if key in set(Stage):
                stage = Stage(key)
            elif key in card.metrics:
                stage = metric_of(key, card.project).stage
            else:
                continue
            if _among(stage, rule.stages):
                yield key


# --- growth ----------------------------------------------------------------------------------------------------------

_WITHIN, _BELOW, _ABOVE = "within", "below", "above"


def _see_growth(look: Look) -> Seen | None:
    """Beyond a bound with the whole interval; back when the growth itself is."""
    rate, rule = _rate(look), look.rule
    if rate is None:
        return None
    word = _WITHIN
    if rule.below is not None and (rate.high < rule.below or (look.before == _BELOW and rate.growth < rule.below)):
        word = _BELOW
    elif rule.above is not None and (rate.low > rule.above or (look.before == _ABOVE and rate.growth > rule.above)):
        word = _ABOVE
    return Seen(word, rate.by, rate.revised)


def _percent(bound: float) -> str:
    """A bound as somebody wrote it: −10 %, +2.5 %."""
    points = round(100 * bound, 6)
    return wording.percent(bound, 0 if points == round(points) else 2)


def _say_growth(look: Look, word: str) -> tuple[str, str]:
    bound = look.rule.below if word == _BELOW else look.rule.above
    assert bound is not None
    title = f"{look.card.project.name}: growth of {_noun(look)} is {word} {_percent(bound)} a month"
    return title, wording.sentence(f"{_figures(look)}. The whole 95 % interval lies {word} the bound")


# --- indicator -------------------------------------------------------------------------------------------------------


def _see_indicator(look: Look) -> Seen | None:
    """Which way it goes. It goes on doing so until an interval half as wide holds 0 too."""
    rate = _rate(look)
    if rate is None:
        return None
    if rate.low > 0 or (look.before == Direction.RISING and rate.low + rate.growth > 0):
        return Seen(Direction.RISING.value, rate.by, rate.revised)
    if rate.high < 0 or (look.before == Direction.FALLING and rate.high + rate.growth < 0):
        return Seen(Direction.FALLING.value, rate.by, rate.revised)
    return Seen(Direction.STEADY.value, rate.by, rate.revised)


def _say_indicator(look: Look, word: str) -> tuple[str, str]:
    title = f"{look.card.project.name}: {_noun(look)} now {word}, after {look.before}"
    return title, wording.sentence(_figures(look))


# --- furthest --------------------------------------------------------------------------------------------------------


def _see_furthest(look: Look) -> Seen | None:
    """The furthest stage. It is lost when each figure that could pass its threshold is clearly below it."""
    order = [_NONE, *Stage]
    by = alert_log.mark(sorted(look.thresholds.items()), sorted(look.card.project.targets.items()))
    now = next((stage for stage in reversed(Stage) if _passes(stage, look)), None)
    word = _NONE if now is None else now.value
    if look.before is None:
        return Seen(look.card.furthest.value if look.card.furthest else _NONE, by)
    if order.index(word) < order.index(look.before) and not _is_lost(Stage(look.before), look):
        return Seen(look.before, by)
    return Seen(word, by)


def _passes(stage: Stage, look: Look) -> bool:
    return any(value >= least for value, least in _against(stage, look) if value is not None)


def _is_lost(stage: Stage, look: Look) -> bool:
    pairs = list(_against(stage, look))
    return bool(pairs) and all(v is not None and v < (1 - BACK_FROM_STAGE) * least for v, least in pairs)


def _against(stage: Stage, look: Look) -> Iterator[tuple[float | None, float]]:
    """The value, where it may be judged, and the threshold of each metric that the project names a place for."""
    for metric in metrics_of(look.card.project):
        least = look.thresholds.get(stage, {}).get(metric.key)
        found = look.card.metrics.get(metric.key)
        if metric.stage is stage and least is not None and found is not None and is_named(metric, look.card.project):
            yield (found.value if _is_sound(found, look.card) else None), least


def _tells_furthest(rule: Rule, before: str, now: str) -> bool:
    order = [_NONE, *Stage]
    up = order.index(now) > order.index(before)
    return ("reached" if up else "lost") in rule.to and _among(now if up else before, rule.stages)


def _say_furthest(look: Look, word: str) -> tuple[str, str]:
    labels = {_NONE: "no stage", **{stage.value: STAGES[stage].label for stage in Stage}}
    before = look.before or _NONE
    order = [_NONE, *Stage]
    name, day = look.card.project.name, wording.date(look.card.as_of)
    if order.index(word) < order.index(before):
        return f"{name} is no longer at {labels[before]}", f"Furthest stage on {day}: {labels[word]}."
    passed = [
        f"{metric_of(key, look.card.project).noun} {wording.exact(value)}"
        for key, least in look.thresholds.get(Stage(word), {}).items()
        if (found := look.card.metrics.get(key)) is not None
        and (value := found.value) is not None
        and value >= least
        and not (found.provenance is not None and found.provenance.is_own)
    ]
    why = f", by {wording.listing(passed)}" if passed else ""
    return f"{name} has reached {labels[word]}", f"Furthest stage on {day}{why}; before: {labels[before]}."


# --- level -----------------------------------------------------------------------------------------------------------


def _see_level(look: Look) -> Seen | None:
    """The highest level that the value has reached. Owners' own levels are told nowhere but on their pages."""
    found = look.card.metrics.get(look.subject)
    if found is None or found.value is None or found.relative or not _is_sound(found, look.card):
        return None
    where = found.provenance
    if where is None or where.is_own:
        return None
    reached = [level for level in _levels(look.rule, found.value) if level <= found.value]
    now, before = max(reached, default=0.0), 0.0 if look.before is None else float(look.before)
    back = BACK_FROM_LEVEL if where.kind in _LEVELS else BACK_FROM_AMOUNT
    if now < before and found.value >= (1 - back) * before:
        now = before
    return Seen(f"{now:.15g}", _identity(found), _is_revised(found, look.card))


def _levels(rule: Rule, value: float) -> Sequence[float]:
    if rule.at:
        return rule.at
    powers = range(len(str(SMALLEST_ROUND)) - 1, len(f"{value:.0f}") + 1)
    return tuple(float(digit * 10**power) for power in powers for digit in ROUND)


def _tells_level(rule: Rule, before: str, now: str) -> bool:
    return ("reached" if float(now) > float(before) else "left") in rule.to


def _say_level(look: Look, word: str) -> tuple[str, str]:
    found, before, now = look.card.metrics[look.subject], float(look.before or 0), float(word)
    assert found.value is not None
    assert found.observed is not None
    assert found.provenance is not None
    name, noun = look.card.project.name, _noun(look)
    if now > before:
        title = f"{name}: {noun} reached {wording.exact(now)}"
    else:
        lost = min(level for level in (*_levels(look.rule, before), before) if now < level <= before)
        title = f"{name}: {noun} fell below {wording.exact(lost)}"
    day = wording.date(found.observed)
    amount = found.provenance.kind in _AMOUNTS
    when = f"in the {WINDOW} days up to {day}" if amount else f"on {day}"
    return title, wording.sentence(f"{wording.exact(found.value)} {when}; {_sources(look)}")


# --- reading, measured -----------------------------------------------------------------------------------------------


def _see_reading(look: Look) -> Seen | None:
    """None as well while any figure that counts is an old one: the reading may only be that of an outage."""
    card = look.card
    counting = (found for key, found in card.metrics.items() if key not in BY_KEY or BY_KEY[key].weight)
    if card.reading.key in UNREADABLE or any(found.stale is not None for found in counting):
        return None
    return Seen(card.reading.key)


def _say_reading(look: Look, _word: str) -> tuple[str, str]:
    since = f"It has read so for {READS_SO_FOR} days or more, as of {wording.date(look.card.as_of)}"
    return f"{look.card.project.name} reads otherwise", f"{wording.sentence(look.card.reading.text)} {since}."


def _see_measured(look: Look) -> Seen | None:
    """Once measured stays measured: what goes and comes back is not new, nor what was filled in at once."""
    card, stage = look.card, look.subject in set(Stage)
    keys = [one.key for one in of_stage(Stage(look.subject), card.project)] if stage else [look.subject]
    where = {key: one for key in keys if (one := card.metrics[key].provenance) is not None}
    by = alert_log.mark(*((key, one.signal, one.targets, one.observed_since) for key, one in where.items()))
    if look.before == "yes" or _rate(look) is not None:
        return Seen("yes", by)
    return Seen("no", by)


def _say_measured(look: Look, _word: str) -> tuple[str, str]:
    title = f"{look.card.project.name}: growth of {_noun(look)} is measured for the first time"
    return title, wording.sentence(_figures(look))


# --- repository ------------------------------------------------------------------------------------------------------

_STATE, _CALLED = "state", "called"
_HERE, _ARCHIVED, _GONE = "here", "archived", "gone"
_STATES: Final[Mapping[RepositoryState, str]] = {
    RepositoryState.ACTIVE: _HERE,
    RepositoryState.EMPTY: _HERE,
    RepositoryState.ARCHIVED: _ARCHIVED,
    RepositoryState.DISABLED: _GONE,
    RepositoryState.GONE: _GONE,
    RepositoryState.PRIVATE: _GONE,
}


def _see_repository(look: Look) -> Seen | None:
    facts = look.card.facts
    if facts is None:
        return None
    by = alert_log.mark(facts.id)
    return Seen(alert_log.mark(facts.name.casefold()) if look.subject == _CALLED else _STATES[facts.state], by)


def _tells_repository(rule: Rule, _before: str, now: str) -> bool:
    return {_HERE: "back", _ARCHIVED: "archived", _GONE: "gone"}.get(now, "renamed") in rule.to


def _say_repository(look: Look, word: str) -> tuple[str, str]:
    facts, project, day = look.card.facts, look.card.project, wording.date(look.card.as_of)
    assert facts is not None
    if look.subject == _CALLED:
        text = f"GitHub follows the old name, {project.id}, as of {day}."
        return f"{project.name} is called {facts.name} on GitHub now", text
    since = f" since {wording.date(facts.archived)}" if facts.archived else ""
    return {
        _ARCHIVED: (f"{project.name} is archived on GitHub", f"{project.id} can only be read{since}, as of {day}."),
        _GONE: (
            f"{project.name} is not on GitHub any more, or not public",
            f"Nobody finds {project.id} there, as of {day}. What was seen before stays on its page for a while.",
        ),
        _HERE: (f"{project.name} is back on GitHub", f"{project.id} is open to changes again, as of {day}."),
    }[word]


# --- The table -------------------------------------------------------------------------------------------------------

KINDS: Final[Mapping[str, Telling]] = {
    "growth": Telling(_subjects, _see_growth, lambda _rule, _before, now: now != _WITHIN, _say_growth),
    "indicator": Telling(
        _subjects, _see_indicator, lambda rule, _before, now: now in rule.to, _say_indicator, TURNED_FOR
    ),
    "furthest": Telling(lambda _rule, _card: (_WHOLE,), _see_furthest, _tells_furthest, _say_furthest),
    "level": Telling(_subjects, _see_level, _tells_level, _say_level),
    "reading": Telling(lambda _r, _c: (_WHOLE,), _see_reading, lambda _r, _b, _n: True, _say_reading, READS_SO_FOR),
    "measured": Telling(_subjects, _see_measured, lambda _rule, _before, now: now == "yes", _say_measured),
    "repository": Telling(
        lambda _rule, _card: (_STATE, _CALLED),
        _see_repository,
        _tells_repository,
        _say_repository,
        {_GONE: GONE_FOR},
    ),
}


def in_words(rule: Rule, projects: Mapping[str, str]) -> str:
    """A rule as a sentence without a full stop, for the page that shows what was told; `projects` gives their names."""
    return f"{_WORDS[rule.kind](rule)}{_filters(rule, projects)}"


def _or(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _of(rule: Rule) -> str:
    if set(rule.of) >= set(Stage):
        return "a stage"
    names = [_name(word) for word in rule.of]
    return wording.listing(names, most=len(names))


def _name(word: str) -> str:
    if word in set(Stage):
        return STAGES[Stage(word)].label
    if word == ANY_DOWNLOADS:
        return "the downloads of a registry"
    return BY_KEY[word].noun if word in BY_KEY else word.removeprefix("own_").replace("_", " ")


def _bounds(rule: Rule) -> str:
    sides = ((_BELOW, rule.below), (_ABOVE, rule.above))
    return " or ".join(f"{side} {_percent(bound)}" for side, bound in sides if bound is not None)


def _at(rule: Rule) -> str:
    return wording.listing([wording.exact(one) for one in rule.at], most=len(rule.at)) or "a round number"


def _filters(rule: Rule, projects: Mapping[str, str]) -> str:
    named = [projects.get(one.casefold(), one) for one in rule.projects]
    parts = [
        f"of {wording.listing(named, most=len(named))}" if named else "",
        f"in {wording.listing(rule.categories, most=len(rule.categories))}" if rule.categories else "",
        f"tagged {wording.listing(rule.tags, most=len(rule.tags))}" if rule.tags else "",
        f"within {wording.listing([_name(one) for one in rule.stages])}" if rule.stages else "",
    ]
    found = [part for part in parts if part]
    return f", {' and '.join(found)} alone" if found else ""


_WORDS: Final[Mapping[str, Callable[[Rule], str]]] = {
    "growth": lambda rule: f"the growth of {_of(rule)} a month lies, with its whole 95 % interval, {_bounds(rule)}",
    "indicator": lambda rule: f"{_of(rule)} is {_or(rule.to)}, for {TURNED_FOR} days and after it was not",
    "furthest": lambda rule: f"a project’s furthest stage is {_or(rule.to)}",
    "level": lambda rule: f"{_at(rule)} is {_or(rule.to)} by {_of(rule)}",
    "reading": lambda _: f"a project reads otherwise for {READS_SO_FOR} days",
    "measured": lambda rule: f"the growth of {_of(rule)} is measured for the first time",
    "repository": lambda rule: f"a repository is {_or(rule.to)}",
}
