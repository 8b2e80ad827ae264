"""Readings: what the stages of a project say together, as one sentence with the numbers it rests on.

READINGS is a table; the first rule that holds is the project's reading. Each rule says in words when it holds and where
the idea comes from, and the methodology is made from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from groundswell.catalogue import BY_KEY, CONTRIBUTIONS, DOWNLOADS, STAGES, of_stage
from groundswell.models import Direction, Growth, Reading, RepositoryState, Stage, StageState
from groundswell.pooling import Pooled, quotient
from groundswell.situation import SEEN_ENOUGH, Situation, Subject


@dataclass(frozen=True, slots=True)
class Rule:
    """One reading: when it holds, what it says, and the idea it rests on."""

    key: str
    title: str
    when: str  # the condition in words, for the methodology
    holds: Callable[[Situation], bool]
    sentence: Callable[[Situation], str]
    idea: str


UP, STILL, DOWN, NEW = Direction.RISING, Direction.STEADY, Direction.FALLING, Direction.NEW
_GONE: Final = (RepositoryState.GONE, RepositoryState.PRIVATE, RepositoryState.DISABLED)


def _state(now: Situation) -> RepositoryState | None:
    return None if now.facts is None else now.facts.state


def _archived(now: Situation) -> str:
    day = None if now.facts is None else now.facts.archived
    since = "" if day is None else f" since {day}"
    left = [now.subject(stage).follows() for stage in (Stage.INTENT, Stage.ACTION) if _moves(now, stage)]
    rest = f"; what is left: {' and '.join(left)}" if left else ""
    return f"The repository is archived{since}: nobody can open an issue or offer a change there any more{rest}."


def _moves(now: Situation, stage: Stage) -> bool:
    return now.stages[stage].growth is not None


def _too_small(now: Situation) -> str:
    sizes = [
        f"{one.value:,.0f} {metric.noun}"
        for metric in (*of_stage(Stage.INTENT), *of_stage(Stage.ACTION))
        if (one := now.metrics[metric.key]).value is not None
        and isinstance(one.growth, Growth)
        and one.growth.window is None
    ]
    return f"Too small or too young for percentages: {', '.join(sizes[:3])}."


def _not_enough(now: Situation) -> str:
    parts = []
    for stage, direction in ((Stage.INTENT, now.interest), (Stage.ACTION, now.use)):
        if direction in (UP, STILL, DOWN):
            parts.append(now.subject(stage).follows())
        else:
            parts.append(f"of {STAGES[stage].noun} {_why_unseen(now.stages[stage])}")
    return f"Not enough seen yet to say: {'; '.join(parts)}."


def _why_unseen(state: StageState) -> str:
    if state.missing is not None:
        return f"nothing can be said ({state.missing.reason})"
    return f"only {100 * state.coverage:.0f} % of what counts is seen"


def _lagging_contributions(now: Situation) -> tuple[Pooled, Pooled] | None:
    """Growth of downloads and of contributions, when the former grow and the latter lag behind by more than chance."""
    downloads, contributions = now.pooled(DOWNLOADS), now.pooled(CONTRIBUTIONS)
    if downloads is None or contributions is None:
        return None
    lagging = (
        downloads.direction is UP and contributions.direction is not UP and quotient(contributions, downloads).high < 0
    )
    return (downloads, contributions) if lagging else None


def _downloads_alone(now: Situation) -> str:
    found = _lagging_contributions(now)
    assert found is not None
    seen = [BY_KEY[key] for key in DOWNLOADS if now.pooled((key,)) is not None]
    label = seen[0].label if len(seen) == 1 else "Downloads"
    downloads, contributions = _several(label, found[0]), _several("contributions", found[1])
    return (
        f"{downloads.opens()} while {contributions.follows()}: more installations, but not more people who take part; "
        "build machines alone look like this."
    )


def _several(name: str, pooled: Pooled) -> Subject:
    return Subject(name, name, True, pooled.growth, pooled.low, pooled.high, pooled.direction)


def _pair(now: Situation, link: str, meaning: str, *, use_first: bool = False, finding: bool = True) -> str:
    """Two clauses and what they mean together; a finding on use is qualified where nothing but downloads is seen."""
    interest, use = now.subject(Stage.INTENT), now.subject(Stage.ACTION)
    first, second = (use, interest) if use_first else (interest, use)
    return f"{first.opens()} {link} {second.follows()}: {meaning}{_reservation(now) if finding else ''}."


def _reservation(now: Situation) -> str:
    return "" if set(now.stages[Stage.ACTION].parts) - set(DOWNLOADS) else ", as far as downloads alone can tell"


def _everything(now: Situation) -> str:
    meaning = "interest and use move together"
    if now.use_lags:
        meaning = "both move, interest faster than use"
    return _pair(now, "and", meaning)


def _steady(now: Situation) -> str:
    interest, use = now.subject(Stage.INTENT), now.subject(Stage.ACTION)
    return (
        "Neither interest nor use moves by more than chance: "
        f"{interest.noun} {interest.figure}, {use.noun} {use.figure} a month{_reservation(now)}."
    )


READINGS: Final[tuple[Rule, ...]] = (
    Rule(
        "gone",
        "No longer public",
        "GitHub shows no public repository of that name any more",
        lambda now: _state(now) in _GONE,
        lambda _: "GitHub shows no public repository of that name any more: what stands here is what was seen before.",
        "A series that ends is not a fall to nothing.",
    ),
    Rule(
        "archived",
        "Archived",
        "the repository is archived",
        lambda now: _state(now) is RepositoryState.ARCHIVED,
        _archived,
        "An archived repository takes no issues and no changes: its stages cannot be read like those of a live one.",
    ),
    Rule(
        "too_small",
        "Too small for percentages",
        "neither Intent nor Action has a growth, and at least one of them because its numbers are too small",
        lambda now: NEW in (now.interest, now.use) and now.interest in (NEW, None) and now.use in (NEW, None),
        _too_small,
        "Ten stars out of twenty say less than ten thousand out of a hundred thousand: below a base there is no "
        "percentage.",
    ),
    Rule(
        "not_enough_seen",
        "Not enough seen",
        f"Intent or Action has no growth, or rests on less than {100 * SEEN_ENOUGH:.0f} % of what counts in it",
        lambda now: now.interest in (NEW, None) or now.use in (NEW, None),
        _not_enough,
        "A scorecard that guesses is worse than none: missing is never zero.",
    ),
    Rule(
        "fading",
        "Fading",
        "Intent falls and Action falls",
        lambda now: now.interest is DOWN and now.use is DOWN,
        lambda now: _pair(now, "and", "interest and use go back together"),
        "Weak interest now is weak demand later; here demand already follows.",
    ),
    Rule(
        "downloads_without_contributions",
        "Downloads without contributions",
        "downloads rise, contributions (active contributors, issues, pull requests, commits) do not, and their growth "
        "is lower by more than chance",
        lambda now: _lagging_contributions(now) is not None,
        _downloads_alone,
        "Issues and pull requests say who really uses a project; downloads alone mislead.",
    ),
    Rule(
        "use_outruns_attention",
        "Use outruns attention",
        "Action rises, and Intent is steady or falls, or grows more slowly by more than chance",
        lambda now: now.use is UP and (now.interest is not UP or now.use_gains),
        lambda now: _pair(now, "while", "use outruns attention, the sign of word of mouth", use_first=True),
        "Use that outruns attention is word of mouth.",
    ),
    Rule(
        "everything_moves",
        "Everything moves",
        "Intent rises and Action rises",
        lambda now: now.interest is UP and now.use is UP,
        _everything,
        "What counts is relative growth inside each stage and the movement from each stage to the next.",
    ),
    Rule(
        "interest_without_use",
        "Interest without use",
        "Intent rises, Action is steady or falls, and the movement from Intent to Action drifts down by more than "
        "chance",
        lambda now: now.interest is UP and now.use_lags,
        lambda now: _pair(now, "while", "interest that does not turn into use"),
        "Interest that grows without activation: the free product may satisfy people, or they look and go.",
    ),
    Rule(
        "interest_rises",
        "Interest rises",
        "Intent rises, Action is steady, and the difference may be chance",
        lambda now: now.interest is UP,
        lambda now: _pair(now, "while", "whether use follows cannot be told yet", finding=False),
        "Use follows interest with a delay; a difference within the interval is not a finding.",
    ),
    Rule(
        "interest_fades",
        "Interest fades, use holds",
        "Intent falls and Action is steady",
        lambda now: now.interest is DOWN,
        lambda now: _pair(now, "while", "fewer people come to look, and use does not follow yet"),
        "Weak interest now is weak demand later.",
    ),
    Rule(
        "use_fades",
        "Use fades, interest holds",
        "Action falls and Intent is steady",
        lambda now: now.use is DOWN,
        lambda now: _pair(now, "while", "fewer people act, though as many look", use_first=True),
        "Issues, pull requests and downloads say who really uses a project; attention outlives use for a while.",
    ),
    Rule(
        "steady",
        "Steady",
        "Intent and Action are steady",
        lambda _: True,
        _steady,
        "A change within its interval is noise, and noise gets no arrow.",
    ),
)


def read(now: Situation) -> Reading:
    """The first rule of the table that holds, as its sentence; the last one always holds."""
    rule = next(rule for rule in READINGS if rule.holds(now))
    return Reading(rule.key, rule.sentence(now))
