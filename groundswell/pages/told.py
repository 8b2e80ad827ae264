"""Alerts as they were told: a page of them, each at a lasting place, and the same for the feed."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import addresses, alerts, wording
from groundswell.alert_log import MOST_KEPT, Alert, Told
from groundswell.config_alerts import USUAL_RULES
from groundswell.feed import MOST_ENTRIES, Entry
from groundswell.models import Card

PAGE: Final = "alerts.html"
IN_FEED: Final = MOST_ENTRIES * 2 // 3  # alerts that stand in the feed


@dataclass(frozen=True, slots=True)
class Line:
    """An alert."""

    anchor: str
    title: str
    text: str
    name: str
    address: str  # of the project's page; nothing for a project that is not tracked any more


@dataclass(frozen=True, slots=True)
class Day:
    """What was told on a day."""

    date: str
    day: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows."""

    days: tuple[Day, ...]  # the newest first
    rules: tuple[str, ...]
    usual: bool  # the rules are the usual ones, since the tracker names none
    most: str
    broken: str = ""


def view(told: Told, cards: Sequence[Card]) -> View:
    """What the page shows; links lead to projects that are still tracked."""
    tracked = {card.project.id for card in cards}
    names = {card.project.id.casefold(): card.project.name for card in cards}
    newest = sorted(told.alerts, key=lambda one: (-one.day.toordinal(), one.name, one.id))
    days = itertools.groupby(newest, lambda one: one.day)
    return View(
        tuple(Day(wording.date(day), day.isoformat(), tuple(_line(one, tracked) for one in of)) for day, of in days),
        tuple(wording.sentence(alerts.in_words(rule, names)) for rule in told.rules),
        told.rules == USUAL_RULES,
        f"{MOST_KEPT:,}",
        wording.sentence(told.broken),
    )


def _line(one: Alert, tracked: Collection[str]) -> Line:
    address = addresses.project_page(one.project) if one.project in tracked else ""
    return Line(anchor(one), one.title, one.text, one.name, address)


def anchor(one: Alert) -> str:
    """Its place on the page."""
    return f"a-{one.id}"


def place(one: Alert) -> str:
    """Its lasting address, from the site's root."""
    return f"{PAGE}#{anchor(one)}"


def entries(told: Sequence[Alert]) -> Iterator[Entry]:
    """The newest alerts for the feed: not so many that there is no room left for the months."""
    return (Entry(place(one), one.title, one.text, one.day, one.day) for one in told[-IN_FEED:])
