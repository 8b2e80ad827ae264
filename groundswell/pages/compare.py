"""Compare: what may be chosen, and every project's pictures side by side, for those who come without scripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from groundswell import addresses, vega
from groundswell.catalogue import BY_KEY, DOWNLOADS, METRICS, STAGES, own_metrics
from groundswell.models import Card, Metric, Stage
from groundswell.pages import shown, witness
from groundswell.pages.setting import Setting
from groundswell.pages.shown import Figure
from groundswell.sparklines import sparkline

FIRST: Final = 4  # projects that are compared before anybody has chosen
_CHOSEN: Final = "stars"


@dataclass(frozen=True, slots=True)
class Choice:
    """A metric that may be chosen."""

    key: str
    label: str
    unit: str
    projects: int  # that have it


@dataclass(frozen=True, slots=True)
class Picture:
    """A small picture of a project, with its numbers."""

    label: str
    line: str
    value: Figure
    growth: Figure


@dataclass(frozen=True, slots=True)
class Tile:
    """A project among the others."""

    id: str
    name: str
    address: str
    data: str
    category: str
    pictures: tuple[Picture, ...]
    witness: str
    missing: str  # why there is no picture


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows."""

    scripts: str
    specification: str
    metrics: tuple[tuple[str, tuple[Choice, ...]], ...]  # by stage
    sources: tuple[tuple[str, str], ...]  # key and name of every source
    first: str  # the ids compared at first
    tiles: tuple[Tile, ...]


def view(cards: Sequence[Card], setting: Setting) -> View:
    """What Compare shows; projects stand by the size of their figure of stars, the largest first."""
    ordered = sorted(cards, key=lambda card: (-(card.metrics[_CHOSEN].value or 0.0), card.project.id))
    return View(
        scripts=vega.scripts().name,
        specification=vega.specifications().name,
        metrics=_choices(cards),
        sources=tuple(setting.labels.items()),
        first=",".join(card.project.id for card in ordered[:FIRST]),
        tiles=tuple(_tile(card, setting) for card in ordered),
    )


def _choices(cards: Sequence[Card]) -> tuple[tuple[str, tuple[Choice, ...]], ...]:
    """Every metric of which a project has a series, by stage in the order of the catalogue; then the owners' own."""
    having = Counter(key for card in cards for key, found in card.metrics.items() if len(found.series))
    own = {metric.key: metric for card in cards for metric in own_metrics(card.project)}
    groups = [(STAGES[stage].label, [metric for metric in METRICS if metric.stage is stage]) for stage in Stage]
    groups.append((shown.OWNERS, [own[key] for key in sorted(own)]))
    offered = [(label, tuple(_choice(one, having) for one in found if having[one.key])) for label, found in groups]
    return tuple((label, choices) for label, choices in offered if choices)


def _choice(metric: Metric, having: Counter[str]) -> Choice:
    return Choice(metric.key, metric.label, metric.unit, having[metric.key])


def _tile(card: Card, setting: Setting) -> Tile:
    keys = [key for key in (_CHOSEN, _most_downloads(card), "active_contributors") if key and _has_line(key, card)]
    why = card.metrics[_CHOSEN].missing
    return Tile(
        id=card.project.id,
        name=card.project.name,
        address=addresses.project_page(card.project.id),
        data=addresses.project_months(card.project.id),
        category=card.project.category,
        pictures=tuple(_picture(key, card, setting) for key in keys),
        witness=witness.of_metrics(keys, card, setting, grown=False),
        missing="" if keys else shown.reason(why.reason if why else "no figure has a line of its own yet"),
    )


def _most_downloads(card: Card) -> str:
    """The registry with the most of them; they are never added up."""
    seen = [key for key in DOWNLOADS if card.metrics[key].value is not None]
    return max(seen, key=lambda key: card.metrics[key].value or 0.0, default="")


def _has_line(key: str, card: Card) -> bool:
    return card.metrics[key].value is not None and bool(len(card.metrics[key].series))


def _picture(key: str, card: Card, setting: Setting) -> Picture:
    found = card.metrics[key]
    return Picture(
        label=BY_KEY[key].label,
        line=sparkline(found.series, setting.as_of),
        value=witness.with_value(shown.value(BY_KEY[key], found), found, setting),
        growth=witness.with_growth(shown.growth(found.growth), found, setting),
    )
