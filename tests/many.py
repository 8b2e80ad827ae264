"""Any number of made-up cards that differ in all that a row of the scorecard shows, for what a page of them weighs."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np

from groundswell.models import Card, Measured, Missing
from tests.cards import TODAY, card, facts, growth, measured, new, project

CATEGORIES: Final = 20  # as many as a long list has
TAGS: Final = 40
_PARTS: Final = (
    "ar", "bel", "cor", "dra", "el", "fin", "gra", "hol", "in", "jor", "ka", "lum", "mor", "nex", "ori", "pol",
    "quan", "ros", "sil", "tor", "um", "vec", "wen", "xan", "yar", "zeb", "io", "py", "flow", "ml", "kit", "lab",
)  # fmt: skip
_SHARES: Final = {"pypi_downloads": 0.6, "npm_downloads": 0.25, "sponsors": 0.3}


def many(count: int, seed: int = 1) -> tuple[Card, ...]:
    """That many cards; the first ones are the same for every count. No two names are alike."""
    chance = np.random.default_rng(seed)
    return tuple(_card(place, chance) for place in range(count))


def _card(place: int, chance: np.random.Generator) -> Card:
    name, owner = _word(chance, 2, 4), _word(chance, 2, 4)
    stars = float(np.clip(chance.lognormal(8, 1.5), 30, 220_000))
    met = {"stars": _metric("stars", stars, chance), "forks": _metric("forks", stars / 8, chance)}
    met["active_contributors"] = _metric("active_contributors", stars**0.5, chance)
    met["issues_opened"] = _metric("issues_opened", stars**0.55, chance)
    met["pull_requests_opened"] = _metric("pull_requests_opened", stars**0.55, chance)
    for key, share in _SHARES.items():
        if chance.random() < share:
            met[key] = _metric(key, stars * float(chance.lognormal(1, 1.5)), chance)
    entry = project(
        f"{owner}/{name}-{place}",
        name.capitalize(),
        _name_of(int(chance.integers(CATEGORIES)), "Tools for"),
        tags=tuple(_name_of(int(tag), "for") for tag in sorted(chance.integers(TAGS, size=2))),
    )
    rise = 100 * float(chance.normal(0.02, 0.03))
    text = f"Stars grow by {rise:.1f} % ± {abs(rise) / 3:.1f} a month while downloads stand still."
    return card(entry, met, text, facts=facts(entry.id), percentile=float(chance.integers(1, 100)))


def _metric(key: str, value: float, chance: np.random.Generator) -> Measured:
    value, month = round(value), float(chance.normal(0.015, 0.03))
    half = abs(float(chance.normal(0.01, 0.02)))
    day = TODAY - dt.timedelta(days=2 if key.endswith("downloads") else 0)
    seen = growth(month, half, value, day) if value > 60 else new(value * 0.9 // 1, value, day)
    line = measured(key, value, seen, seed=int(chance.integers(2**31)))
    if value < 10:
        return measured(key, value, Missing("9 more days of history needed"), series=line.series)
    return line


def _word(chance: np.random.Generator, least: int, most: int) -> str:
    return "".join(_PARTS[at] for at in chance.integers(len(_PARTS), size=int(chance.integers(least, most))))


def _name_of(number: int, before: str) -> str:
    return f"{before} {_PARTS[number % len(_PARTS)]}{_PARTS[(number * 7 + 3) % len(_PARTS)]}"
