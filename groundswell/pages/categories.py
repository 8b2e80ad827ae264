"""The categories: a page for each, with its projects, medians and movers, and one that lists them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from groundswell import addresses, wording
from groundswell.models import Card, Direction, Growth
from groundswell.pages import scorecard, summaries, table
from groundswell.pages.scorecard import Movers
from groundswell.pages.setting import Setting
from groundswell.pages.summaries import Summary

OVERVIEW = "categories.html"


@dataclass(frozen=True, slots=True)
class Line:
    """A category in the list."""

    name: str
    address: str
    projects: str
    rising: str
    falling: str
    median: str
    title: str
    first: tuple[str, str]  # name and address of the project whose stars rise most for sure; empty when none does


@dataclass(frozen=True, slots=True)
class Overview:
    """All that the list shows."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class View:
    """All that the page of a category shows."""

    address: str
    name: str
    projects: str
    summaries: tuple[Summary, ...]
    movers: tuple[Movers, ...]
    heads: table.Heads
    rows: tuple[table.Row, ...]


def overview(cards: Sequence[Card]) -> Overview:
    """The categories by name."""
    found = _by_category(cards)
    where = addresses.category_pages(found)
    return Overview(tuple(_line(name, where[name], found[name]) for name in sorted(found, key=str.casefold)))


def views(cards: Sequence[Card], rows: Sequence[table.Row], setting: Setting) -> tuple[View, ...]:
    """A page for each category; its rows are those of the scorecard, in the same order."""
    found = _by_category(cards)
    where = addresses.category_pages(found)
    own = defaultdict(list)
    for row in rows:
        own[row.category].append(row)
    return tuple(
        View(
            address=where[name],
            name=name,
            projects=wording.several(len(found[name]), "project"),
            summaries=summaries.of_stages(found[name]),
            movers=scorecard.movers(found[name], setting),
            heads=table.heads(),
            rows=tuple(own[name]),
        )
        for name in sorted(found)
    )


def _by_category(cards: Sequence[Card]) -> Mapping[str, Sequence[Card]]:
    found: dict[str, list[Card]] = defaultdict(list)
    for card in cards:
        found[card.project.category].append(card)
    return found


def _line(name: str, address: str, cards: Sequence[Card]) -> Line:
    growths = [growth for card in cards if isinstance(growth := card.metrics["stars"].growth, Growth)]
    median, title = summaries.median_of([growth.month for growth in growths if growth.month is not None])
    first = min(cards, key=table.order)
    growth = first.metrics["stars"].growth
    rises = isinstance(growth, Growth) and growth.direction is Direction.RISING
    return Line(
        name=name,
        address=address,
        projects=f"{len(cards):,}",
        rising=f"{sum(growth.direction is Direction.RISING for growth in growths):,}",
        falling=f"{sum(growth.direction is Direction.FALLING for growth in growths):,}",
        median=median,
        title=title,
        first=(first.project.name, addresses.project_page(first.project.id)) if rises else ("", ""),
    )
