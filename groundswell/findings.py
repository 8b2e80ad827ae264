"""Findings: what single figures say beside the directions of the stages, each with the sentence that carries it.

A finding is None when it does not hold, and when a figure that it needs is missing, new, or only a lower bound.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Final

from groundswell import wording
from groundswell.catalogue import CONTRIBUTIONS, DOWNLOADS, ENOUGH_PEOPLE
from groundswell.models import Anomaly, Beside, Direction, Growth, Missing, Oddity
from groundswell.pooling import TWO_SIDED, Pooled, quotient
from groundswell.situation import Situation, Subject
from groundswell.windows import WINDOW

AT_ONCE: Final = 0.5  # share of a window's gain in one burst, from which the growth says nothing but that it came
FEW_RETURN: Final = 0.20  # share of earlier contributors who are there again; a leak is what surely lies below
MOSTLY_NEW: Final = 0.50  # share of new ones among those who can be told apart; fewer and the core carries the project
CARRIED_BY: Final = 1  # organisations that make half of what contributors of known organisations do
KNOWN_SHARE: Final = 50.0  # per cent of contributors whose organisation is known; below, others may be in the dark
YEARLY: Final = 0.05  # growth a year; sums of twelve months have no interval, so less than this is not called growth
FEWEST_YEARS: Final = 2.0  # of a span that growth of money and of use are set side by side over


# --- Downloads and contributions -------------------------------------------------------------------------------------


def lagging_contributions(now: Situation) -> tuple[Pooled, Pooled] | None:
    """Growth of downloads and of contributions, when the former grow and the latter lag behind by more than chance."""
    downloads, contributions = now.pooled(DOWNLOADS), now.pooled(CONTRIBUTIONS)
    if downloads is None or contributions is None:
        return None
    if downloads.direction is not Direction.RISING or contributions.direction is Direction.RISING:
        return None
    return (downloads, contributions) if quotient(contributions, downloads).high < 0 else None


def downloads_alone(now: Situation) -> str:
    """The sentence of lagging contributions."""
    found = lagging_contributions(now)
    assert found is not None
    seen = [now.known[key] for key in DOWNLOADS if now.pooled((key,)) is not None]
    label = seen[0].label if len(seen) == 1 else "Downloads"
    downloads, contributions = _several(label, found[0]), _several("contributions", found[1])
    return (
        f"{downloads.opens()} while {contributions.follows()}: more installations, but not more people who take part; "
        "build machines alone look like this."
    )


def _several(name: str, pooled: Pooled) -> Subject:
    return Subject(name, name, True, pooled.growth, pooled.low, pooled.high, pooled.direction)


# --- One burst ------------------------------------------------------------------------------------------------------


def burst_of_interest(now: Situation) -> tuple[Anomaly, float] | None:
    """The burst in which most of the newest window's gain of stars came, and its share of that gain."""
    stars = now.metrics["stars"]
    window = stars.growth
    if not isinstance(window, Growth) or window.direction is not Direction.RISING:
        return None
    first = window.end_day - dt.timedelta(days=WINDOW)
    inside = (one for one in stars.anomalies if one.kind is Oddity.BURST and first < one.first <= window.end_day)
    shares = ((one, one.seen["amount"] / (window.end - window.start)) for one in inside)
    return max((one for one in shares if one[1] >= AT_ONCE), key=lambda one: one[1], default=None)


def came_at_once(now: Situation) -> str:
    """The sentence of one burst; what it says of the stars is the growth, and how much of it came at once."""
    found, stars = burst_of_interest(now), now.of_metric("stars")
    assert found is not None
    assert stars is not None
    burst, share = found
    when = f"on {burst.last}" if burst.first == burst.last else f"in the week up to {burst.last}"
    part = f"{100 * min(share, 1.0):.0f} % of those of the last {WINDOW} days"
    return f"{stars.opens()}, and {part} came {when}: what stays of it can be told when the burst has faded."


# --- People ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leavers:
    """Newcomers of a window, and how few of those before them came back."""

    new: int  # contributors of the 28 days who were not there in the 84 before
    active: int  # all of the 28 days who can be told apart
    returned: int  # of those of the 84 days, how many are there again
    before: int  # contributors of the 84 days before, or fewer than they were
    most: float  # the upper end of the 95 % interval of the share that returns


def leaving_newcomers(now: Situation) -> Leavers | None:
    """Most contributors are new, and of the earlier ones surely few come back."""
    new, returned, share = map(now.value, ("new_contributors", "returning_contributors", "returning_share"))
    if new is None or returned is None or share is None or new < ENOUGH_PEOPLE:
        return None
    if new <= MOSTLY_NEW * (new + returned):
        return None
    before = 100 * returned / share if share > 0 else _active_before(now)
    if before < ENOUGH_PEOPLE or returned > before:  # figures of two days may contradict each other
        return None
    most = upper_end(returned, before)
    if most >= FEW_RETURN:
        return None
    return Leavers(round(new), round(new + returned), round(returned), round(before), most)


def _active_before(now: Situation) -> float:
    """When nobody returned, the share does not tell of how many: at least of those of the window before."""
    measured = now.metrics.get("active_contributors")
    growth = None if measured is None else measured.growth
    return growth.start if isinstance(growth, Growth) else 0.0


def upper_end(successes: float, trials: float) -> float:
    """The upper end of Wilson's 95 % interval of a share; holds also where nobody or nearly nobody is seen."""
    z2 = TWO_SIDED**2
    share = min(1.0, successes / trials)  # two figures of different days may contradict each other
    middle = share + z2 / (2 * trials)
    half = TWO_SIDED * math.sqrt(share * (1 - share) / trials + z2 / (4 * trials**2))
    return (middle + half) / (1 + z2 / trials)


def newcomers_leave(now: Situation) -> str:
    """The sentence of newcomers who leave."""
    found = leaving_newcomers(now)
    assert found is not None
    return (
        f"{found.new:,} of {found.active:,} contributors of the last 28 days are new, and of the "
        f"{found.before:,} of the 84 days before {_came_back(found)}: newcomers come once, and leave."
    )


def _came_back(found: Leavers) -> str:
    share = 100 * found.returned / found.before
    back = "none came" if not found.returned else f"{found.returned:,} came"
    return f"{back} back ({share:.0f} %, at most {100 * found.most:.0f} % by the 95 % interval)"


def carried_by_one(now: Situation) -> float | None:
    """Share of contributors of known organisations, when a single organisation makes half of what those do."""
    fewest, known, active = map(now.value, ("elephant_factor", "organisation_known_share", "active_contributors"))
    if fewest is None or known is None or active is None:
        return None
    return known if fewest <= CARRIED_BY and known >= KNOWN_SHARE and active >= ENOUGH_PEOPLE else None


def one_organisation(now: Situation) -> str:
    """The sentence of one organisation that carries it."""
    known, active = carried_by_one(now), now.value("active_contributors")
    assert known is not None
    assert active is not None
    return (
        f"One organisation writes at least half of the commits, as far as the profiles of {known:.0f} % of the "
        f"{active:,.0f} active contributors tell: it carries the project, and what it decides the project does."
    )


# --- Money -----------------------------------------------------------------------------------------------------------


def years_of_money(now: Situation) -> Beside | None:
    """Use and revenue over the longest span that both cover, when it is long enough to say something."""
    if isinstance(now.money, Missing) or not now.money.pairs:
        return None
    longest = now.money.pairs[0]
    return longest if longest.years >= FEWEST_YEARS else None


def money_follows(now: Situation) -> bool:
    """Use and revenue both grew over the same years."""
    pair = years_of_money(now)
    return pair is not None and pair.use.growth > YEARLY and pair.revenue.growth > YEARLY


def money_stays_behind(now: Situation) -> bool:
    """Use grew, and revenue did not, over the same years."""
    pair = years_of_money(now)
    return pair is not None and pair.use.growth > YEARLY and pair.revenue.growth <= YEARLY


def side_by_side(now: Situation, meaning: str) -> str:
    """The sentence of money and use."""
    pair = years_of_money(now)
    assert pair is not None
    use, revenue = _went(now.known[pair.metric].noun, pair.use.growth), _went("revenue", pair.revenue.growth)
    return f"Over the same {pair.years:.3g} years up to {pair.end}, {use} and {revenue}: {meaning}."


def _went(noun: str, yearly: float) -> str:
    size = wording.percent(yearly).lstrip(f"+{wording.MINUS}")
    return f"{noun} {'fell' if yearly < 0 else 'grew'} by {size} a year"
