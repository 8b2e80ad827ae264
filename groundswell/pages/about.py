"""About this tracker: what it is, who runs it, what it counts, and how to have one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from groundswell import wording
from groundswell.catalogue import STAGES
from groundswell.models import OWN, Card, Stage
from groundswell.pages.setting import Setting

MOST_CATEGORIES = 8  # named in a sentence
_EXAMPLE = "- github: owner/name\n  category: Tools\n  npm: package"


@dataclass(frozen=True, slots=True)
class View:
    """All that the page shows."""

    projects: str
    categories: tuple[str, ...]  # the first of them
    more_categories: str  # "3 more", or nothing
    repository: str  # that the tracker is made in; empty when its settings do not say
    owner: str
    sources: str  # that gave the figures which are shown
    stages: tuple[tuple[str, str], ...]
    entry: str


def view(cards: Sequence[Card], setting: Setting) -> View:
    """What the page shows."""
    repository = setting.tracker.repository or ""
    categories = sorted({card.project.category for card in cards})
    return View(
        projects=wording.several(len(cards), "open-source project"),
        categories=tuple(categories[:MOST_CATEGORIES]),
        more_categories=f"{len(categories) - MOST_CATEGORIES:,} more" if len(categories) > MOST_CATEGORIES else "",
        repository=repository,
        owner=repository.partition("/")[0],
        sources=_sources(cards, setting),
        stages=tuple((STAGES[stage].label, STAGES[stage].meaning) for stage in Stage),
        entry=_EXAMPLE,
    )


def _sources(cards: Sequence[Card], setting: Setting) -> str:
    """Those of which a figure is shown, in the order of their names."""
    found = [found for card in cards for found in (*card.metrics.values(), *(other for _, other in card.others))]
    keys = {one.provenance.signal.partition(".")[0] for one in found if one.provenance is not None} - {OWN}
    names = sorted(map(setting.label, keys), key=str.casefold)
    return wording.listing(names, len(names)) or "none of its sources yet"
