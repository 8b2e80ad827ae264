"""Counting people: who is new among the authors of commits, who returned, for whom they work. Arithmetic alone.

docs/decisions/0009-how-people-are-counted.md says what each number means and what it misses. Who somebody is, is known
to these functions as long as they run: what they give are numbers.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

WINDOW: Final = 28  # days
WEEK: Final = 7
BEFORE: Final = 3 * WINDOW  # the days before a window in which somebody may have been seen already
HALF: Final = 0.5
LONGEST_NAME: Final = 100  # letters of an organisation's name; what is longer is no name

NO_ORGANISATION: Final = frozenset(
    {
        "-",
        "contractor",
        "freelance",
        "freelancer",
        "home",
        "independent",
        "me",
        "myself",
        "n/a",
        "na",
        "no",
        "none",
        "null",
        "open source",
        "personal",
        "private",
        "retired",
        "self",
        "self employed",
        "self-employed",
        "student",
        "unemployed",
    }
)
"""What people write who work for nobody that could be counted, as `organisation` would give it."""


@dataclass(frozen=True, slots=True)
class Commit:
    """What is kept of a commit while it is counted."""

    day: dt.date
    author: str | None  # None: a commit without a name to it
    bot: bool
    organisation: str | None = None


Signals = Mapping[str, float]


def window_of(commits: Sequence[Commit], end: dt.date) -> list[Commit]:
    """The commits of the 28 days that end on a day."""
    return between(commits, end - dt.timedelta(days=WINDOW - 1), end)


def between(commits: Iterable[Commit], first: dt.date, last: dt.date) -> list[Commit]:
    """The commits from a day to a day, both included."""
    return [commit for commit in commits if first <= commit.day <= last]


def authors(commits: Iterable[Commit]) -> frozenset[str]:
    """Who wrote commits; bots, and commits without a name to them, give nobody."""
    return frozenset(commit.author for commit in commits if not commit.bot and commit.author is not None)


def in_window(commits: Sequence[Commit], end: dt.date) -> Signals:
    """What the commits of 28 days say by themselves. Without a contributor there is neither a share nor a factor."""
    inside = window_of(commits, end)
    found: dict[str, float] = {
        "commits": sum(not commit.bot for commit in inside),
        "active_contributors": len(authors(inside)),
    }
    if found["active_contributors"]:
        found["contributor_stickiness"] = _stickiness(inside, end)
        found["contributor_absence_factor"] = absence_factor(inside)
    return found


def against_before(commits: Sequence[Commit], end: dt.date) -> Signals:
    """How the people of 28 days compare with those of the 84 days before; the commits must cover both."""
    first = end - dt.timedelta(days=WINDOW - 1)
    now = authors(between(commits, first, end))
    before = authors(between(commits, first - dt.timedelta(days=BEFORE), first - dt.timedelta(days=1)))
    found: dict[str, float] = {
        "new_contributors": len(now - before),
        "returning_contributors": len(now & before),
    }
    if before:
        found["returning_share"] = share(len(now & before), len(before))
    return found


def _stickiness(inside: Sequence[Commit], end: dt.date) -> float:
    """Contributors of a week, in the mean of the four, as a share of those of the whole."""
    weeks = [end - dt.timedelta(days=WEEK * back) for back in range(WINDOW // WEEK)]
    of_week = [len(authors(between(inside, last - dt.timedelta(days=WEEK - 1), last))) for last in weeks]
    return share(sum(of_week) / len(of_week), len(authors(inside)))


def absence_factor(commits: Iterable[Commit]) -> int:
    """The smallest number of people who wrote at least half of the commits that have an author; there must be one."""
    return _fewest_for_half(commit.author for commit in commits if not commit.bot)


def organisations(commits: Sequence[Commit]) -> Signals:
    """Organisations among the authors, as their public profiles name them: only how many there are.

    Somebody whose commits name several (the profile was changed while they were read) counts for the newest one.
    """
    people = authors(commits)
    employer: dict[str, str] = {}
    for commit in sorted(commits, key=lambda one: one.day):
        if commit.author in people and commit.organisation is not None:
            employer[commit.author] = commit.organisation
    sizes = Counter(employer.values())
    found: dict[str, float] = {
        "organisations": len(sizes),
        "organisations_with_two_or_more": sum(size > 1 for size in sizes.values()),
    }
    if people:
        found["organisation_known_share"] = share(len(employer), len(people))
    if sizes:
        found["elephant_factor"] = _fewest_for_half(
            employer.get(commit.author) for commit in commits if not commit.bot and commit.author is not None
        )
    return found


def _fewest_for_half(doers: Iterable[str | None]) -> int:
    amounts = Counter(doer for doer in doers if doer is not None)
    wanted = HALF * amounts.total()
    done = 0
    for fewest, (_, amount) in enumerate(amounts.most_common(), start=1):
        done += amount
        if done >= wanted:
            return fewest
    raise ValueError("nobody did anything")


def share(part: float, whole: float) -> float:
    """Per cent, 0 to 100."""
    return round(100 * part / whole, 2)


def organisation(text: str | None) -> str | None:
    """An organisation's name as it is compared: "@Pond-Works " and "pond-works" are one. None where there is none.

    The field of the profile is free text. Of several @names the first counts; letters are compared without their case
    and form; what cannot be seen is taken out; what says that there is no employer is none.
    """
    plain = unicodedata.normalize("NFKC", text or "").casefold()
    seen = "".join(" " if letter.isspace() else letter for letter in plain if letter.isprintable() or letter.isspace())
    words = seen.split()
    if words and words[0].startswith("@"):
        words = [words[0].lstrip("@").partition("@")[0]]
    name = " ".join(words).strip(" .,;:/|&+@")
    if not name or len(name) > LONGEST_NAME or name in NO_ORGANISATION:
        return None
    return name


def weekly_ends(newest: dt.date, weeks: int) -> Iterator[dt.date]:
    """The last days of the windows that end one week earlier each, the newest left out."""
    return (newest - dt.timedelta(days=WEEK * back) for back in range(1, weeks + 1))
