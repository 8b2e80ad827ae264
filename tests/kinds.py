"""Every kind of page that a site has, in one table, and a made-up site that has them all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from groundswell import render, sources
from groundswell.alert_log import Alert, Told
from groundswell.config import Mistake, Tracker
from groundswell.models import Card
from tests.cards import HOSTILE, TODAY, cards
from tests.closed import sample
from tests.comparable import gapped, idle, owned

TRACKER: Final = Tracker(
    title="Test tracker",
    description="Made-up projects.",
    notice="All of it is made up.",
    address="https://tracker.example",
)
ALL: Final = (*cards(), gapped(), idle(), owned())
BY_ID: Final = {card.project.id.lower(): card for card in ALL}

ALERTS: Final = (
    Alert("2026-11-20-0123456789", TODAY, "evil/x-y.z", HOSTILE, "level", "stars", f"{HOSTILE}: stars", HOSTILE),
    Alert(
        "2026-11-22-0123456789", TODAY, "tidewater/kelp", "Kelp", "indicator", "intent", "Kelp: Intent rises", "+3 %"
    ),
    Alert("2026-11-22-0123456780", TODAY, "no/more", "No more", "furthest", "", "No more is at Action", "Stars 9"),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """Pages that are made by one template."""

    name: str
    template: str
    address: str  # a pattern that the addresses of its pages fit, and of no others
    examples: tuple[str, ...]  # pages of the made-up site, the first one that which is looked at


def _one(name: str, template: str, address: str) -> Kind:
    """A kind of which there is one page."""
    return Kind(name, template, re.escape(address), (address,))


KINDS: Final = (
    _one("scorecard", "scorecard.html", "index.html"),
    Kind(
        "project", "project.html", r"projects/[^/]+\.html",
        ("projects/tidewater__kelp.html", "projects/evil__x-y.z.html", "projects/mist__fog.html"),
    ),
    _one("stages", "stages.html", "stages.html"),
    _one("categories", "categories.html", "categories.html"),
    Kind("category", "category.html", r"categories/[^/]+\.html", ("categories/databases.html",)),
    _one("compare", "compare.html", "compare.html"),
    _one("editions", "editions.html", "editions.html"),
    _one("alerts", "alerts.html", "alerts.html"),
    Kind(
        "edition", "edition.html", r"\d{4}-\d{2}/index\.html",
        ("2026-10/index.html", "2026-09/index.html", "2026-11/index.html"),
    ),
    _one("methodology", "methodology.html", "methodology.html"),
    _one("health", "health.html", "health.html"),
    _one("data", "data.html", "data.html"),
    _one("about", "about.html", "about.html"),
    _one("not-found", "not_found.html", "404.html"),
)  # fmt: skip
EXAMPLES: Final = tuple(address for kind in KINDS for address in kind.examples)


@dataclass(frozen=True, slots=True)
class Way:
    """A way in which a page is looked at."""

    name: str
    width: int = 1280
    scheme: Literal["light", "dark"] = "light"
    media: Literal["screen", "print"] = "screen"
    scripts: bool = True


WAYS: Final = (
    Way("light"),
    Way("dark", scheme="dark"),
    Way("phone", width=360),
    Way("print", width=1040, media="print"),  # a landscape page of A4
    Way("no-script", width=360, scheme="dark", scripts=False),
)


def made_up_site(folder: Path, chosen: tuple[Card, ...] = ALL) -> Path:
    """Write a site with a page of every kind, and give the folder."""
    mistakes = (Mistake("projects.yaml", 12, "a/b", f"unknown key {HOSTILE}"),)
    alerts = Told(ALERTS, broken=HOSTILE)
    render.write(folder, chosen, TRACKER, TODAY, sources.load(), mistakes=mistakes, editions=sample(), alerts=alerts)
    return folder
