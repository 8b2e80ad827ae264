"""Readings: what the stages of a project say together, as one sentence with the numbers it rests on.

READINGS is a table; the first rule that holds is the project's reading, the others that hold stand below it. Each rule
says in words when it holds and where the idea comes from, and the methodology is made from it.

The order is part of the meaning:
1. What forbids to read the numbers: the repository is gone or archived, they are too small, most of them came at once,
   too little is seen.
2. Both of the stages that every project has go down: nothing that follows would be good news.
3. Who carries it: a project that people leave, or that one organisation carries, is at risk however it grows.
4. Leaks, the earliest stage first: what is lost there is missed in all that come after.
5. Where the funnel is thin, and what is well: use that outruns attention, everything that moves.
6. What moves in one of the two stages alone.
7. Money. Most of it is private: what is seen of it in public adds to a reading, and seldom is one.
8. Last, that nothing moves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import findings, wording
from groundswell.catalogue import DOWNLOADS, ENOUGH_PEOPLE, STAGES, of_stage
from groundswell.models import Direction, Growth, Missing, Reading, RepositoryState, Stage, StageState
from groundswell.situation import MEASURED, SEEN_ENOUGH, Situation


@dataclass(frozen=True, slots=True)
class Rule:
    """One reading: when it holds, what it says, and the idea it rests on."""

    key: str
    title: str
    when: str  # the condition in words, for the methodology
    holds: Callable[[Situation], bool]
    sentence: Callable[[Situation], str]
    idea: str
    stages: tuple[Stage, ...] = ()  # that must be seen well enough: without one of them it does not hold
    metrics: tuple[str, ...] = ()  # keys of those that must have a value


UP, STILL, DOWN, NEW = Direction.RISING, Direction.STEADY, Direction.FALLING, Direction.NEW
BOTH: Final = (Stage.INTENT, Stage.ACTION)
_GONE: Final = (RepositoryState.GONE, RepositoryState.PRIVATE, RepositoryState.DISABLED)
PEOPLE: Final = ("new_contributors", "returning_contributors", "returning_share")
ORGANISATIONS: Final = ("elephant_factor", "organisation_known_share", "active_contributors")


# --- Sentences -------------------------------------------------------------------------------------------------------


def _archived(now: Situation) -> str:
    day = None if now.facts is None else now.facts.archived
    since = "" if day is None else f" since {day}"
    left = [now.subject(stage).follows() for stage in BOTH if now.stages[stage].growth is not None]
    rest = f"; what is left: {' and '.join(left)}" if left else ""
    return f"The repository is archived{since}: nobody can open an issue or offer a change there any more{rest}."


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
    for stage in BOTH:
        if now.goes(stage) in MEASURED:
            parts.append(now.subject(stage).follows())
        else:
            parts.append(f"of {STAGES[stage].noun} {_why_unseen(now.stages[stage])}")
    return f"Not enough seen yet to say: {'; '.join(parts)}."


def _why_unseen(state: StageState) -> str:
    if state.missing is not None:
        return f"nothing can be said ({state.missing.reason})"
    return f"only {100 * state.coverage:.0f} % of what counts is seen"


def _pair(now: Situation, first: Stage, link: str, second: Stage, meaning: str) -> str:
    """Two clauses and what they mean together; a finding on use is qualified where nothing but downloads is seen."""
    one, other = now.subject(first).opens(), now.subject(second).follows()
    return f"{one} {link} {other}: {meaning}{_reservation(now, first, second)}."


def _reservation(now: Situation, *about: Stage) -> str:
    alone = Stage.ACTION in about and not set(now.stages[Stage.ACTION].parts) - set(DOWNLOADS)
    return ", as far as downloads alone can tell" if alone else ""


def _no_finding(now: Situation, first: Stage, second: Stage, open_question: str) -> str:
    return f"{now.subject(first).opens()} while {now.subject(second).follows()}: {open_question}."


def _everything(now: Situation) -> str:
    both = "interest and use move together"
    if now.lags(Stage.ACTION, behind=Stage.INTENT):
        both = "both move, interest faster than use"
    further = [stage for stage in Stage if stage not in BOTH and now.goes(stage) is UP]
    if further:
        return _pair(now, Stage.INTENT, "and", Stage.ACTION, f"{both}, and with them {_listed(now, further)}")
    return _pair(now, Stage.INTENT, "and", Stage.ACTION, both)


def _listed(now: Situation, stages: Sequence[Stage]) -> str:
    return wording.listing([f"{STAGES[stage].noun} ({now.subject(stage).inside()})" for stage in stages])


def _coming(now: Situation) -> Stage:
    """The stage that rises: use if it does, else interest."""
    return Stage.ACTION if now.use is UP else Stage.INTENT


def _used(now: Situation) -> Stage:
    """The stage of use that rises: the further one if it does."""
    return Stage.ACTIVATION if now.goes(Stage.ACTIVATION) is UP else Stage.ACTION


def _lagging(now: Situation, stage: Stage, behind: Stage) -> bool:
    """One stage rises, and the other does not, and grows more slowly by more than chance."""
    return now.goes(behind) is UP and now.goes(stage) is not UP and now.lags(stage, behind=behind)


def _steady(now: Situation) -> str:
    interest, use = now.subject(Stage.INTENT), now.subject(Stage.ACTION)
    return (
        "Neither interest nor use moves by more than chance: "
        f"{interest.noun} {interest.figure}, {use.noun} {use.figure} a month{_reservation(now, Stage.ACTION)}."
    )


# --- The table -------------------------------------------------------------------------------------------------------

READINGS: Final[tuple[Rule, ...]] = (
    Rule(
        "gone",
        "No longer public",
        "GitHub shows no public repository of that name any more",
        lambda now: now.state in _GONE,
        lambda _: "GitHub shows no public repository of that name any more: what stands here is what was seen before.",
        "A series that ends is not a fall to nothing.",
    ),
    Rule(
        "archived",
        "Archived",
        "the repository is archived",
        lambda now: now.state is RepositoryState.ARCHIVED,
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
        "one_burst",
        "Most of it came at once",
        f"stars rise, and at least {100 * findings.AT_ONCE:.0f} % of what the last 28 days brought came in one burst",
        lambda now: findings.burst_of_interest(now) is not None,
        findings.came_at_once,
        "A video or a front page brings people who look, and go: the growth of such weeks says nothing of the next.",
        metrics=("stars",),
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
        lambda now: _pair(now, Stage.INTENT, "and", Stage.ACTION, "interest and use go back together"),
        "Weak interest now is weak demand later; here demand already follows.",
        stages=BOTH,
    ),
    Rule(
        "newcomers_leave",
        "Newcomers leave",
        f"at least {ENOUGH_PEOPLE} contributors of the last 28 days are new, they are more than "
        f"{100 * findings.MOSTLY_NEW:.0f} % of all, and of the contributors of the 84 days before surely less than "
        f"{100 * findings.FEW_RETURN:.0f} % came back (the 95 % interval of the share lies below)",
        lambda now: findings.leaving_newcomers(now) is not None,
        findings.newcomers_leave,
        "Newcomers who do not return are a leak: they are won anew every month, and what they learned goes with them.",
        metrics=PEOPLE,
    ),
    Rule(
        "one_organisation",
        "One organisation carries it",
        f"a single organisation writes half of the commits whose authors' organisation is known, it is known of at "
        f"least {findings.KNOWN_SHARE:.0f} % of the authors, and they are at least {ENOUGH_PEOPLE}",
        lambda now: findings.carried_by_one(now) is not None,
        findings.one_organisation,
        "A community of one organisation is that organisation's product: it ends with a decision, not with a decline.",
        metrics=ORGANISATIONS,
    ),
    Rule(
        "interest_without_use",
        "Interest without use",
        "Intent rises, Action is steady or falls, and grows more slowly by more than chance",
        lambda now: _lagging(now, Stage.ACTION, behind=Stage.INTENT),
        lambda now: _pair(now, Stage.INTENT, "while", Stage.ACTION, "interest that does not turn into use"),
        "Interest that does not convert: people look, and go.",
        stages=BOTH,
    ),
    Rule(
        "interest_without_activation",
        "Interest without activation",
        "Intent rises, Activation is steady or falls, and grows more slowly by more than chance",
        lambda now: _lagging(now, Stage.ACTIVATION, behind=Stage.INTENT),
        lambda now: _pair(
            now,
            Stage.INTENT,
            "while",
            Stage.ACTIVATION,
            "interest that does not turn into something built on it; the free product may satisfy people as it is",
        ),
        "Interest that grows without activation means that the free product may satisfy people.",
        stages=(Stage.INTENT, Stage.ACTIVATION),
    ),
    Rule(
        "use_without_activation",
        "Use without activation",
        "Action rises, Activation is steady or falls, and grows more slowly by more than chance",
        lambda now: _lagging(now, Stage.ACTIVATION, behind=Stage.ACTION),
        lambda now: _pair(
            now, Stage.ACTION, "while", Stage.ACTIVATION, "more is tried than becomes part of what people build"
        ),
        "A trial is not yet use that lasts: what others build on a project is what binds them to it.",
        stages=(Stage.ACTION, Stage.ACTIVATION),
    ),
    Rule(
        "downloads_without_contributions",
        "Contributions lag behind downloads",
        "downloads rise, contributions (active contributors, issues, pull requests, commits) do not, and their growth "
        "is lower by more than chance",
        lambda now: findings.lagging_contributions(now) is not None,
        findings.downloads_alone,
        "Issues and pull requests say who really uses a project; downloads alone mislead.",
    ),
    Rule(
        "come_and_go",
        "They come and go",
        "Intent or Action rises, Retention is steady or falls, and grows more slowly by more than chance",
        lambda now: _lagging(now, Stage.RETENTION, behind=_coming(now)),
        lambda now: _pair(now, _coming(now), "while", Stage.RETENTION, "more come, and not more stay"),
        "Growth through a leak has to be earned anew every month; those who return are the ones who last.",
        stages=(*BOTH, Stage.RETENTION),
    ),
    Rule(
        "thin_top",
        "Thin top of the funnel",
        "Intent falls, and Action is steady or rises",
        lambda now: now.interest is DOWN and now.use is not DOWN,
        lambda now: _pair(
            now,
            Stage.INTENT,
            "while",
            Stage.ACTION,
            "use still lives on earlier interest; weak interest now is weak demand later",
        ),
        "Weak interest now is weak demand later: fewer come in at the top, and the stages below feel it last.",
        stages=BOTH,
    ),
    Rule(
        "use_outruns_attention",
        "Use outruns attention",
        "Action rises, Intent is steady or rises, and Action grows faster by more than chance",
        lambda now: now.use is UP and now.interest is not DOWN and now.gains(Stage.ACTION, on=Stage.INTENT),
        lambda now: _pair(now, Stage.ACTION, "while", Stage.INTENT, "use outruns attention, the sign of word of mouth"),
        "Use that outruns attention is word of mouth.",
        stages=BOTH,
    ),
    Rule(
        "everything_moves",
        "Everything moves",
        "Intent rises and Action rises, and Action no faster by more than chance; further stages that rise are named",
        lambda now: now.interest is UP and now.use is UP and not now.gains(Stage.ACTION, on=Stage.INTENT),
        _everything,
        "The flywheel: what counts is relative growth inside each stage and the movement from each stage to the next.",
        stages=BOTH,
    ),
    Rule(
        "interest_rises",
        "Interest rises",
        "Intent rises, Action is steady, and the difference may be chance",
        lambda now: now.interest is UP and now.use is STILL and not now.lags(Stage.ACTION, behind=Stage.INTENT),
        lambda now: _no_finding(now, Stage.INTENT, Stage.ACTION, "whether use follows cannot be told yet"),
        "Use follows interest with a delay; a difference within the interval is not a finding.",
        stages=BOTH,
    ),
    Rule(
        "use_rises",
        "Use rises",
        "Action rises, Intent is steady, and the difference may be chance",
        lambda now: now.use is UP and now.interest is STILL and not now.gains(Stage.ACTION, on=Stage.INTENT),
        lambda now: _no_finding(now, Stage.ACTION, Stage.INTENT, "whether attention keeps up cannot be told yet"),
        "Whether use outruns attention is a matter of the difference; within the interval it is not a finding.",
        stages=BOTH,
    ),
    Rule(
        "use_fades",
        "Use fades, interest holds",
        "Action falls and Intent is steady",
        lambda now: now.use is DOWN and now.interest is STILL,
        lambda now: _pair(now, Stage.ACTION, "while", Stage.INTENT, "fewer people act, though as many look"),
        "Issues, pull requests and downloads say who really uses a project; attention outlives use for a while.",
        stages=BOTH,
    ),
    Rule(
        "use_without_payment",
        "Use without payment",
        "Action or Activation rises, Monetization is steady or falls, and grows more slowly by more than chance",
        lambda now: _lagging(now, Stage.MONETIZATION, behind=_used(now)),
        lambda now: _pair(
            now,
            _used(now),
            "while",
            Stage.MONETIZATION,
            "what people get from it grows, what they give for it does not",
        ),
        "Value that is not asked for is not paid for: sponsors follow use only where they are led to it.",
        stages=(Stage.ACTION, Stage.MONETIZATION),
    ),
    Rule(
        "money_stays_behind",
        "Money stays behind use",
        f"over the same years (at least {findings.FEWEST_YEARS:g}) downloads grew by more than "
        f"{100 * findings.YEARLY:.0f} % a year, and revenue did not",
        findings.money_stays_behind,
        lambda now: findings.side_by_side(now, "money has not followed use so far"),
        "Money follows use, later and never by itself: years in which it does not are a question to the business.",
    ),
    Rule(
        "money_follows_use",
        "Money follows use",
        f"over the same years (at least {findings.FEWEST_YEARS:g}) downloads and revenue both grew by more than "
        f"{100 * findings.YEARLY:.0f} % a year",
        findings.money_follows,
        lambda now: findings.side_by_side(now, "money follows use"),
        "Use comes first and revenue after it: growth of downloads beside growth of revenue over the same years.",
    ),
    Rule(
        "steady",
        "Steady",
        "Intent and Action are steady",
        lambda now: now.interest is STILL and now.use is STILL,
        _steady,
        "A change within its interval is noise, and noise gets no arrow.",
        stages=BOTH,
    ),
)

UNREADABLE: Final = frozenset({"gone", "archived", "too_small", "not_enough_seen"})
# beside these nothing else is said: the first two of the stages are not there to say it of


def lacking(rule: Rule, now: Situation) -> Missing | None:
    """Why a rule cannot be looked at: a stage of which too little is seen, or a metric without a value."""
    for stage in rule.stages:
        if now.goes(stage) not in MEASURED:
            return Missing(f"of {STAGES[stage].noun} {_why_unseen(now.stages[stage])}")
    for key in rule.metrics:
        why = now.lacks(key)
        if why is not None:
            return Missing(f"{now.known[key].noun if key in now.known else key}: {why.reason}")
    return None


def read(now: Situation) -> Reading:
    """The first rule of the table that holds, as its sentence; there always is one."""
    return next(_that_hold(now))


def also(now: Situation) -> tuple[Reading, ...]:
    """The other rules that hold, in the order of the table; none where the numbers cannot be read."""
    first, *others = _that_hold(now)
    return () if first.key in UNREADABLE else tuple(others)


def _that_hold(now: Situation) -> Iterator[Reading]:
    for rule in READINGS:
        if lacking(rule, now) is None and rule.holds(now):
            yield Reading(rule.key, rule.sentence(now))


def unjudged(now: Situation) -> tuple[tuple[Rule, Missing], ...]:
    """The rules that could not be looked at, each with what it lacks; none where the numbers cannot be read at all."""
    if read(now).key in UNREADABLE:
        return ()
    found = ((rule, lacking(rule, now)) for rule in READINGS)
    return tuple((rule, why) for rule, why in found if why is not None)
